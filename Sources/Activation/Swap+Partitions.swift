// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux

/// Swap on a part of the device, where another part is to be scratch space;
/// whatever goes wrong with the parts, swap gets the whole.
extension Swap {
  static let swapNumber: Int32 = 1
  static let scratchNumber: Int32 = 2

  /// The partition of `device` that scratch space gets, there or not.
  static func scratchPart(of device: Path) -> Path { Path("\(device)p2") }

  private static func swapPart(of device: Path) -> Path {
    Path("\(device)p1")
  }

  /// What of `device` is swapped to: its first partition where it has been
  /// cut, or all of it.
  public static func area(of device: Path) -> Path {
    let part = swapPart(of: device)
    return Files.exists(part) ? part : device
  }

  /// Starts swapping to `device`, or to as much of it as `settings` give to
  /// swap.
  ///
  /// - Parameter seed: what the area's UUID is made of.
  public static func begin(
    on device: Path,
    _ settings: Settings,
    seed: UInt64
  ) throws(Errno) {
    if settings.scratch != nil {
      do throws(CutError) {
        try cut(device, swapBytes: settings.size)
        return try attempt(CutError.refused) { () throws(Errno) in
          try activate(swapPart(of: device), seed: seed)
        }
      } catch {
        mend(device)
        Console.say("scratch: all of \(device) is swap: \(error.sentence)")
      }
    }
    try activate(device, seed: seed)
  }

  /// Stops swapping to `device` and its parts, as far as that is possible.
  public static func end(on device: Path) {
    try? Kernel.swapOff(device)
    try? Kernel.swapOff(swapPart(of: device))
  }

  /// Makes two partitions.
  ///
  /// Nothing is written for them, and ublk leaves its devices open to them:
  /// GENHD_FL_NO_PART is all that BLKPG asks after (block/partitions/core.c).
  /// A scan for a table would take them away, but not while one of them is
  /// open, and swap keeps its own open.
  private static func cut(
    _ device: Path,
    swapBytes: UInt64
  ) throws(CutError) {
    let file = try attempt(CutError.refused) { () throws(Errno) in
      try Descriptor(device, .readWrite)
    }
    let size = try attempt(CutError.refused) { () throws(Errno) in
      try file.deviceByteCount()
    }
    guard let plan = PartitionPlan(deviceBytes: size, swapBytes: swapBytes)
    else { throw .tooSmall(size) }
    try attempt(CutError.refused) { () throws(Errno) in
      try file.addPartition(
        swapNumber,
        start: plan.swapStart,
        length: plan.swapLength
      )
      try file.addPartition(
        scratchNumber,
        start: plan.scratchStart,
        length: plan.scratchLength
      )
    }
  }

  /// Makes the device whole again, as far as nobody uses its parts.
  private static func mend(_ device: Path) {
    guard let file = try? Descriptor(device, .readWrite) else { return }
    try? file.deletePartition(scratchNumber)
    try? file.deletePartition(swapNumber)
  }

  /// Why a device stays whole.
  private enum CutError: Error {
    /// It has so many bytes, and swap needs them.
    case tooSmall(UInt64)
    /// The kernel does not do it, or does not swap to what it makes.
    case refused(Errno)

    var sentence: Line {
      switch self {
      case .tooSmall(let bytes): "it has only \(bytes >> 20) MiB"
      case .refused(let errno): "it cannot be cut: \(errno)"
      }
    }
  }
}
