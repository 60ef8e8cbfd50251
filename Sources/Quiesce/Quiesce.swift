// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// Takes from PCI devices the right to write to memory, before that memory is
/// lent.
///
/// Nobody has told the crashed kernel's devices to stop. One that has a driver
/// in this kernel was reset by it; one that has none goes on with whatever it
/// was told to do, and may still write to frames that we use.
public enum Quiesce {
  /// Where sysfs lists the functions.
  public static let functions: Path = "/sys/bus/pci/devices"

  /// What became of one function.
  public enum Outcome: Equatable, Sendable {
    /// It is none of those that are cut off.
    case leftAlone(Reason)
    /// It could write to memory and cannot any more.
    case cutOff
    /// The kernel took what was written to `enable`, and nothing changed.
    case unchanged
    /// The kernel refused, and nothing changed.
    case refused(Errno)
    /// Its attributes cannot be read.
    case unreadable(Errno)
  }

  /// Why a function is left alone.
  public enum Reason: Equatable, Sendable {
    /// It may not write to memory anyway.
    case noBusMaster
    /// Its driver is there, and answers for it.
    case driver
    /// Others write to memory through it: a bridge or an IOMMU.
    case passage
    /// Somebody may be looking at it.
    case display
    /// This kernel uses it without a driver: so many users.
    case users(UInt64)
    /// It answers with ones only, as what is gone or asleep does.
    case silent
  }

  /// How many functions came to what.
  public struct Summary: Equatable, Sendable {
    /// Functions that cannot write to memory any more.
    public var cutOff = 0
    /// Functions that still may, or about which nothing is known.
    public var failed = 0
    /// Functions that were to be left alone.
    public var leftAlone = 0
  }

  /// Cuts off all functions without a driver, and tells `visit` each one's
  /// address, class and outcome; nil when there is no such folder.
  public static func cutOffDriverless(
    in folder: Path = functions,
    visit: (Path, Path, Outcome) -> Void
  ) -> Summary? {
    guard Files.exists(folder) else { return nil }
    var summary = Summary()
    Files.forEachEntry(of: folder) { address in
      var classText: Path = "unknown"
      var outcome: Outcome
      do throws(Errno) {
        let function = try PCIFunction(address, in: folder)
        classText = function.classText
        outcome = try cutOff(function)
      } catch { outcome = .unreadable(error) }
      switch outcome {
      case .cutOff: summary.cutOff += 1
      case .leftAlone: summary.leftAlone += 1
      case .unchanged, .refused, .unreadable: summary.failed += 1
      }
      visit(address, classText, outcome)
    }
    return summary
  }

  /// Why the function is left alone; nil when it is to be cut off.
  static func reason(toLeave function: PCIFunction) -> Reason? {
    guard function.command != 0xffff else { return .silent }
    guard function.command & PCIFunction.busMaster != 0 else {
      return .noBusMaster
    }
    guard !function.hasDriver else { return .driver }
    guard function.headerType == 0 else { return .passage }
    switch function.classCode >> 8 {
    // Bridges, and IOMMUs, which walk their tables in memory.
    case 0x0600...0x06ff, 0x0806: return .passage
    // Displays, and VGA from before there was a class for it.
    case 0x0300...0x03ff, 0x0001: return .display
    default: break
    }
    guard function.enableCount == 0 else {
      return .users(function.enableCount)
    }
    return nil
  }

  /// Becomes the function's only user and ceases to be one.
  ///
  /// A 0 by itself is refused with EIO while there is no user. What counts is
  /// not what the kernel answered but what configuration space shows then.
  private static func cutOff(
    _ function: PCIFunction
  ) throws(Errno) -> Outcome {
    if let reason = reason(toLeave: function) { return .leftAlone(reason) }
    var refusal: Errno?
    do throws(Errno) {
      try function.setEnabled(true)
      try function.setEnabled(false)
    } catch { refusal = error }
    guard try function.isBusMaster() else { return .cutOff }
    guard let refusal else { return .unchanged }
    // A driver has come since we looked.
    return refusal == .busy ? .leftAlone(.driver) : .refused(refusal)
  }
}
