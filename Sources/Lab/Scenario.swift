// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// One thing that the lab can show, as data: machines that crash, and what
/// must be seen afterwards.
public struct Scenario: Sendable {
  /// What `oldmem-lab run` calls it.
  public let name: String
  /// One line for `oldmem-lab list`.
  public let summary: String
  /// The crashes, in order; a control run stands beside what it controls.
  public let trials: [Trial]

  /// The kernel that it is about, as `oldmem-lab run --kernel` wants it; nil
  /// where any will do.
  public let kernel: String?

  /// What must hold for repeats taken together.
  public let medians: [Median]

  /// Whether it asks a question, and nothing must come of it.
  public let isExperiment: Bool

  /// A scenario of several crashes.
  public init(
    name: String,
    summary: String,
    trials: [Trial],
    kernel: String? = nil,
    medians: [Median] = [],
    isExperiment: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.trials = trials
    self.kernel = kernel
    self.medians = medians
    self.isExperiment = isExperiment
  }
}

/// One machine, crashed once (or `repeats` times, for what must never fail),
/// or, where nothing crashes, started once.
public struct Trial: Sendable {
  /// Unique in its scenario: `stock`, `oldmem`, `server-dead`.
  public var name: String
  /// The machine's memory.
  public var memory = MemorySize(mebibytes: 2048)
  /// Nodes of equal memory, with a processor each as far as there are any.
  public var nodes = 1
  /// The processors of the kernel that crashes; its successor has one.
  public var processors = 1
  /// QEMU's CPU model with its flags; nil for the lab's usual one.
  public var cpu: String?
  /// What the kernel that crashes finds on its command line besides.
  public var firstAppend = ""
  /// Whether there is a memory balloon, which the guest may have inflated.
  public var hasBalloon = false
  /// A memory device (virtio-mem) that has plugged in so much of twice that;
  /// nil for none.
  public var pluggedMemory: MemorySize?
  /// The reservation.
  public var crashkernel = MemorySize(mebibytes: 256)
  /// Anonymous memory in use at the panic, in mebibytes.
  public var anonymous = 192
  /// Whether every kind of page that lab/guest/workload.sh knows is in use.
  public var hasWorkload = false
  /// What of the machine tells its vmcore's file from others of the same
  /// kernel and size; empty for the usual machine.
  public var variant = ""
  /// Whether anonymous memory grows until hardly any page is free.
  public var fillsMemory = false
  /// A line of VMCOREINFO, by its key, that is made unreadable from outside.
  public var damagedKey: String?
  /// Whether the machine crashes; where it does not, `capture` is what it
  /// boots with.
  public var crashes = true
  /// What a device still moves at the panic, and goes on moving.
  public var inFlight: InFlight?
  /// Whether the machine has an IOMMU that both kernels use.
  public var hasIOMMU = false
  /// What runs after the crash.
  public var captureKernel = CaptureKernel.same
  /// What the capture kernel starts with.
  public var capture: CaptureImage
  /// Programs of this machine's, by path, that `capture.lab` has in /tools
  /// with the libraries that they need.
  public var tools: [String] = []
  /// Programs of this machine's, likewise, that `capture.lab` has where this
  /// machine has them.
  public var installs: [String] = []
  /// Kernel modules of this checkout that `capture.lab` has as /own/NAME.ko.
  public var ownModules: [String] = []
  /// Scripts that `capture.lab` has besides, by path.
  public var files: [String: String] = [:]
  /// How oldmem takes part; nil is the distribution alone.
  public var oldmem: OldmemUse?
  /// Appended to the capture kernel's command line.
  public var append = ""
  /// The disks, in the order in which the kernel finds them.
  public var disks: [Disk] = []
  /// Whether there is a network card, with a TFTP server behind it.
  public var network = false
  /// Whether the host saves all memory as it is when the capture kernel begins,
  /// and the dump is compared with that.
  public var savesMemory = false
  /// When the machine loses power; nil for one that keeps it.
  public var powerCut: PowerCut?
  /// Seconds of the host's time until the machine counts as hung.
  public var limit = 240
  /// How often it must come out the same.
  public var repeats = 1
  /// Whether people see a table of what the hook's `memory` told at the
  /// steps `module` and `unpack`.
  public var tabulatesMemory = false
  /// What must be seen, all of it.
  public var expectations: [Expectation] = []

  /// Whether a dump goes to the console, which the host puts together again.
  public var dumpsToConsole: Bool {
    oldmem?.settings.contains { $0.contains("dump:console") } ?? false
  }

  /// The key with which the guest seals what it sends, where `sendsSealed`.
  public static let sealingKey = String(repeating: "0123456789abcdef", count: 4)
  /// Whether `oldmem receive` listens on the host, at `DebianGuest.server`, for
  /// who has the key; the guest finds it in /key.
  public var sendsSealed = false

  /// A trial with the usual machine.
  public init(name: String, capture: CaptureImage) {
    self.name = name
    self.capture = capture
  }

  /// The name of the file that all of this machine's /proc/vmcore is kept in:
  /// kernel, variant and memory.
  public func vmcoreName(release: String) -> String {
    let words = [release, variant, memory.description]
    return words.filter { !$0.isEmpty }.joined(separator: "-") + ".vmcore"
  }
}

/// A moment at which the machine loses power.
public struct PowerCut: Sendable {
  /// After this is said on the console.
  public let line: String
  /// At a random moment of so many seconds.
  public let within: Double

  /// A cut some time after `line`.
  public init(after line: String, within seconds: Double) {
    self.line = line
    within = seconds
  }
}

/// Which kernel captures.
public enum CaptureKernel: Sendable, Equatable {
  /// The one that crashes.
  case same
  /// One that scripts/kernel builds, by its name there.
  case built(String)
}

/// An initramfs for the capture kernel, before oldmem packs it.
public enum CaptureImage: Sendable, Equatable {
  /// busybox, a script of lab/guest as /init, programs of lab/guest, and
  /// kernel modules by name.
  case lab(script: String, programs: [String], modules: [String])
  /// What Debian's kdump-tools builds with MODULES=most.
  case kdump
  /// What dracut builds, with systemd.
  case dracut
  /// oldmemd alone, with drivers by name: it saves the log.
  case logOnly(modules: [String])
  /// What a real Debian has, with a kdump stack of its own.
  case debian(DebianGuest)
}

/// How oldmem takes part in a trial.
public struct OldmemUse: Sendable {
  /// Lines of /oldmem/oldmem.conf, `key = value`.
  public var settings: [String] = []
  /// The modules that are packed; none for those that are by default.
  public var modules: [String] = []
  /// Whether the modules of the route `dm` are packed.
  public var packsStitching = false
  /// Whether oldmem.ko of this checkout is packed.
  public var hasModule = false
  /// A program of lab/guest that oldmemd runs at each step, as `hook`.
  public var hook: String?
  /// What the hook is to do, as lab/guest/stephook.c reads it.
  public var hookSettings = ""
  /// What is done to the packed image before the machine starts.
  public var damage: Damage?
  /// How the kernel that crashes holds stage two; nil where the image has it.
  public var holding: Holding?

  /// oldmem as it is packed by default.
  public init() {}

  /// `oldmemd hold` in the kernel that crashes.
  public struct Holding: Sendable {
    /// Whether the kernel lets pages be pinned.
    public var isPinned = true
    /// Whether all its pages are made to move, once the image is loaded.
    public var moves = false
    /// Who makes pages that look like held ones.
    public var forger = Forger.nobody

    /// A holder that is left alone.
    public init() {}
  }

  /// Who makes pages that look like held ones.
  public enum Forger: String, Sendable {
    /// Nobody does.
    case nobody = ""
    /// A process without rights: it does not know the key.
    case user
    /// Root, who changes a held page itself.
    case root
  }

  /// Faults of the image itself.
  public enum Damage: Sendable {
    /// The files of /oldmem/modules are empty.
    case noModules
    /// The manifest of stage two is empty.
    case noManifest
    /// The last part of stage two ends in the middle.
    case truncatedStageTwo
  }
}

/// A disk of the machine, found in the guest by its name.
public enum Disk: Sendable, Equatable {
  /// `data`: ext4 with files, for the page cache; changes are dropped.
  case data
  /// `folios`: an empty xfs, whose page cache has large folios; changes are
  /// dropped.
  case folios
  /// `vmcore`: raw, as large as memory; the host keeps what is written.
  case vmcore
  /// `crash`: a small root system that dumps and reports.
  case root
  /// `system`: a root system with systemd that reboots under swap.
  case systemd
  /// A raw disk of its own.
  case raw(name: String, size: MemorySize)
  /// `rescue`: prepared by `oldmem rescue-format`, with `rescueID`.
  case rescue
  /// A raw disk whose requests stay in flight: each direction moves so many
  /// bytes a second, and no cache of the host's answers in its place.
  case throttled(name: String, size: MemorySize, bytesPerSecond: Int)

  /// What the disk `rescue` is prepared with.
  public static let rescueID = "00112233445566778899aabbccddeeff"

  /// Larger than the machine's memory; the first kernel reads all of it, and
  /// has it in its page cache then.
  public static let pageCache = Disk.raw(
    name: "cache",
    size: MemorySize(mebibytes: 2048)
  )

  /// The name by which the guest finds it.
  public var name: String {
    switch self {
    case .data: "data"
    case .folios: "folios"
    case .vmcore: "vmcore"
    case .root: "crash"
    case .systemd: "system"
    case .rescue: "rescue"
    case .raw(let name, _), .throttled(let name, _, _): name
    }
  }

  /// What it moves in a second, in each direction; nil where nothing holds it
  /// back.
  public var bytesPerSecond: Int? {
    guard case .throttled(_, _, let bytes) = self else { return nil }
    return bytes
  }
}
