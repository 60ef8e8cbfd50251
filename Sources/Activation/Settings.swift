// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Health
public import Linux
public import Rescue
public import RescueStream

/// What the administrator can decide, and what holds where he does not.
///
/// Read from /oldmem/oldmem.conf, lines of `key = value`, and then from
/// `oldmem.key=value` on the kernel's command line, which is stronger.
public struct Settings: Sendable {
  /// The device's size in bytes (`size`).
  public var size: UInt64 = 256 << 20
  /// How many copies of each block are kept, 1 to 4 (`copies`).
  public var copies = 2
  /// makedumpfile's level, 0 to 31 (`dump-level`).
  ///
  /// Without one nothing may be lent, for every page might be dumped.
  public var dumpLevel = 0
  /// The version of the makedumpfile that will write the dump, such as 1.7.2,
  /// which decides what it recognises (`makedumpfile`); nil is not known.
  public var makedumpfile: Path?
  /// Whether page cache is lent when free memory is not enough, and anonymous
  /// memory when that is not enough either (`lend`).
  public var lendsCache = true
  /// Whether anonymous memory is lent.
  public var lendsAnonymous = true
  /// For tests only: lends pages in spite of I/O that may be under way
  /// (`test-without-vetoes`).
  public var ignoresInFlight = false
  /// The driver of the device; nil takes ublk where the kernel has it, and NBD
  /// where it has not (`device`).
  public var driver: Driver?
  /// The only way by which old memory may be reached; nil tries all of them,
  /// the best first (`route`).
  public var route: Route?
  /// Whether the kernel checks the blocks where it does all by itself
  /// (`dm-integrity`).
  public var checksBlocks = true
  /// Requests under way at a time, 1 to 128 (`queue-depth`).
  public var queueDepth: UInt16 = 16
  /// Bytes of an I/O buffer (`buffer-size`).
  public var bufferSize: UInt32 = 32 << 10
  /// Runs of fewer frames are left alone (`minimum-run`).
  public var minimumRun: UInt64 = 16
  /// How many runs may be mapped at most (`maximum-runs`).
  public var maximumRuns = 4096
  /// Seconds after which a panic of the capture kernel restarts the machine,
  /// where its command line has no `panic=`; 0 leaves it hanging (`panic`).
  public var panicTimeout: UInt32 = 30
  /// Where the lent frames are listed, a line `first count` for each run, for
  /// whoever must tell them from the dumped ones (`frames`).
  public var frames: Path?
  /// Whether devices without a driver are cut off from memory before it is
  /// lent (`quiesce = driverless`).
  public var cutsOffDriverless = false
  /// Seconds for which frames are watched before they are used, 0 to 120
  /// (`settle`).
  public var settleTime: UInt32 = 0
  var setsSettleTime = false
  /// Seconds in which every frame is looked at once, 0 to 86400, 0 for never
  /// (`scrub`).
  public var scrubTime: UInt32 = 60
  /// What old memory is used for (`use`).
  public var uses = Uses()
  /// What tools that spool get besides swap; nil is nothing (`scratch`,
  /// `scratch-size`).
  public var scratch: ScratchSpace? { uses.scratch ? scratchSpace : nil }
  var scratchSpace = ScratchSpace()
  /// What becomes RAM; nil is nothing (`hotplug-size`, `hotplug-zone`).
  public var hotplug: HotplugSpace? { uses.hotplug ? hotplugSpace : nil }
  var hotplugSpace = HotplugSpace()
  /// Where the states of health begin (`degraded-at`, `failing-at`,
  /// `health-window`, `health-quiet`).
  public var health = HealthLimits()
  /// A program of the capture system's, run once when the store is failing
  /// (`on-failing`).
  public var onFailing: Path?
  /// Where the crashed kernel's log, or behind `dump:` a dump, is saved when
  /// nothing else can be, in this order (`rescue`).
  public var rescue = [Path]()
  /// What a disk must have been prepared with for anything to be saved on it
  /// (`rescue-id`).
  public var rescueID: RescueID?
  /// Seconds that each of those places may take, 1 to 86,400 (`rescue-time`).
  public var rescueTime: UInt32 = 60
  /// The most bytes that a dump may have there (`rescue-size`).
  public var rescueSize = UInt64.max
  /// Seconds without any progress of a dump after which `rescue` is done; 0 is
  /// never (`watchdog`).
  public var watchdog: UInt32 = 600
  /// What is sent over a network is sealed with (`rescue-key`).
  public var rescueKey = RescueKey.none
  /// Whether memory is lent at all (`oldmem=off` or `mode = off`).
  public var isOff = false
  /// Whether the log is saved and nothing else is done (`mode = log`); nothing
  /// is lent then.
  public var savesLogOnly = false

  /// A way by which old memory is reached.
  public enum Route: Sendable {
    /// A process of ours maps /dev/mem, /dev/oldmem or /proc/vmcore.
    case mem, oldmem, vmcore
    /// The kernel's own drivers do it all.
    case dm
  }

  /// A key for what is sent over a network, which is in a file.
  public enum RescueKey: Sendable {
    /// None is wanted.
    case none
    /// One is wanted, and not here: nothing is sent.
    case missing(Path)
    /// The key.
    case key(StreamKey)
  }

  /// A driver for devices whose requests a process answers.
  public enum Driver: Sendable { case ublk, nbd }

  /// The settings that hold when nobody says anything.
  public init() {}

  /// Why a setting was not taken; the one that held before stays.
  public enum Problem: Error, Sendable {
    /// No setting has this name.
    case unknown(key: Path)
    /// The value is not one that the setting can have.
    case value(key: Path, value: Path)
    /// A line of the file has no `=`; counted from 1.
    case line(Int)

    /// The problem as a sentence.
    public var sentence: Line {
      switch self {
      case .unknown(let key):
        "settings: no key \"\(key)\": left aside, see oldmem.conf(5)"
      case .value(let key, let value):
        "settings: \(key) cannot be \"\(value)\": left aside, see oldmem.conf(5)"
      case .line(let number):
        "settings: line \(number) has no \"=\": left aside"
      }
    }
  }
}
