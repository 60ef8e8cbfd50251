// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// How one device is cut in two.
///
///     0      one block, so that the device itself looks like nothing
///     4096   partition 1: swap
///     ...    partition 2: scratch, up to the device's end
///
/// Swap comes first: when less was found than was wanted, scratch is what gets
/// smaller, for without swap there may be nobody left to spool.
public struct PartitionPlan: Equatable, Sendable {
  /// Where swap begins, in bytes.
  public let swapStart: UInt64
  /// How long it is.
  public let swapLength: UInt64
  /// Where scratch begins.
  public let scratchStart: UInt64
  /// How long it is.
  public let scratchLength: UInt64

  /// Less scratch than this is not worth a file system.
  public static let leastScratch: UInt64 = 16 << 20

  /// The plan for a device of so many bytes of which swap gets `swapBytes`;
  /// nil when that leaves too little for scratch, or gives swap less than it
  /// takes.
  public init?(deviceBytes: UInt64, swapBytes: UInt64) {
    let block = UInt64(Frame.size)
    let blocks = deviceBytes / block
    let swapBlocks = swapBytes / block
    // What the kernel takes for a swap area at least.
    guard swapBlocks >= 10, swapBlocks < blocks else { return nil }
    // The first block is nobody's.
    let scratchBlocks = blocks - swapBlocks - 1
    guard scratchBlocks >= PartitionPlan.leastScratch / block else {
      return nil
    }
    swapStart = block
    swapLength = swapBlocks * block
    scratchStart = swapStart + swapLength
    scratchLength = scratchBlocks * block
  }
}
