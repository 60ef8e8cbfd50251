// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// How much old memory is wanted as RAM, and what that is added in.
public struct BlockRequest: Equatable, Sendable {
  /// How many frames are wanted.
  public let frames: UInt64
  /// The frames of a memory block: 32,768 (128 MiB), up to 524,288 (2 GiB)
  /// for a capture kernel above 64 GiB.
  public let blockFrames: UInt64
  /// The frames of this kernel's memory that a block's struct pages take:
  /// a 64th of it.
  public let memmapFrames: UInt64
  /// The most blocks that are added: each has a bitmap while it is.
  public let mostBlocks: Int

  /// Wants so many frames out of blocks like these; nil for blocks that no
  /// kernel has.
  ///
  /// - Parameter budget: how many frames their struct pages may take together,
  ///   for blocks that give the kernel itself nothing; nil where each block
  ///   pays for itself.
  public init?(
    frames: UInt64,
    blockFrames: UInt64,
    memmapFrames: UInt64,
    budget: UInt64? = nil
  ) {
    guard blockFrames.nonzeroBitCount == 1, blockFrames >= 64,
      blockFrames <= 1 << 24, memmapFrames < blockFrames
    else { return nil }
    self.frames = frames
    self.blockFrames = blockFrames
    self.memmapFrames = memmapFrames
    // A MiB of bitmaps, and one block at least.
    var most = max(1, min(256, (8 << 20) / blockFrames))
    if let budget, memmapFrames > 0 { most = min(most, budget / memmapFrames) }
    mostBlocks = Int(most)
  }
}

/// The blocks that will be added.
public struct BlockChoice: Equatable, Sendable {
  /// The first frame of each, the block that gives most first.
  public let blocks: [FrameNumber]
  /// The frames that they give together.
  public let frames: UInt64
}

/// Why no block is added.
public enum BlockRefusal: Error, Equatable, Sendable {
  /// No block of so many frames lies in old memory from its first frame to
  /// its last.
  case noBlock(frames: UInt64)
  /// Not even one block's struct pages, so many frames, may be paid for.
  case tooDear(cost: UInt64)
  /// The best block gives no more than its struct pages cost.
  case notWorthIt(best: UInt64, cost: UInt64)
}
