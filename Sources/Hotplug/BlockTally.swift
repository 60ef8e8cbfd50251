// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import PageClasses

/// Counts the free frames of each memory block while they are found, and
/// chooses the blocks that give most.
///
/// It touches no memory but four bytes for each block of the machine.
public struct BlockTally: ~Copyable {
  /// What blocks are like, and how much is wanted of them.
  public let request: BlockRequest
  /// Free frames by the number of the block; `foreign` where it may not be
  /// added.
  private var counts: [UInt32]
  /// The frames of blocks that are nearly all free.
  private var fullFrames: UInt64 = 0
  private var seenFrames: UInt64 = 0

  private static var foreign: UInt32 { .max }
  /// What no counting goes beyond: 8 TiB in blocks of 128 MiB.
  private static var mostBlocks: UInt64 { 1 << 16 }
  /// A search that has seen so many times what is wanted finds blocks that
  /// are hardly better, and takes longer for it.
  private static var patience: UInt64 { 16 }

  /// Counts for blocks that lie in `allowed`, in any order, all of them.
  public init(_ request: BlockRequest, allowed: [FrameRange]) {
    self.request = request
    counts = []
    for range in allowed where !range.isEmpty {
      // Up to the first block that begins behind what the range has.
      let size = request.blockFrames
      var number = range.start.value / size
      if !range.start.value.isMultiple(of: size) { number += 1 }
      let end = min(range.end.value / size, Self.mostBlocks)
      guard number < end else { continue }
      while counts.count < Int(end) { counts.append(Self.foreign) }
      while number < end {
        counts[Int(number)] = 0
        number += 1
      }
    }
  }

  /// Counts a run; false once there are blocks enough that are nearly free.
  public mutating func visit(_ run: ReusableRun) -> Bool {
    let size = request.blockFrames
    var frame = run.frames.start.value
    let end = run.frames.end.value
    while frame < end {
      let number = frame / size
      guard number < UInt64(counts.count) else { break }
      let next = min(end, (number + 1) * size)
      add(next - frame, to: Int(number))
      frame = next
    }
    return fullFrames < request.frames
      && seenFrames / Self.patience < request.frames
  }

  /// Forgets all runs so far.
  public mutating func startOver() {
    for number in counts.indices where counts[number] != Self.foreign {
      counts[number] = 0
    }
    fullFrames = 0
    seenFrames = 0
  }

  private mutating func add(_ frames: UInt64, to number: Int) {
    let before = counts[number]
    guard before != Self.foreign else { return }
    seenFrames &+= frames
    // A broken list may name a frame twice.
    let after = min(UInt64(before) + frames, request.blockFrames)
    counts[number] = UInt32(after)
    let nearly = request.blockFrames - request.blockFrames / 16
    if after >= nearly, UInt64(before) < nearly { fullFrames += nearly }
  }

  /// The blocks that give most, the best first, until they give what is
  /// wanted.
  ///
  /// All blocks cost the same, so those give most for their cost as well.
  public mutating func choose() throws(BlockRefusal) -> BlockChoice {
    guard request.mostBlocks > 0 else {
      throw .tooDear(cost: request.memmapFrames)
    }
    var blocks: [FrameNumber] = []
    var frames: UInt64 = 0
    var best: UInt64?
    while frames < request.frames, blocks.count < request.mostBlocks {
      var chosen: Int?
      for number in counts.indices where counts[number] != Self.foreign {
        if chosen.map({ counts[number] > counts[$0] }) ?? true {
          chosen = number
        }
      }
      guard let chosen else { break }
      let count = UInt64(counts[chosen])
      best = best ?? count
      guard count > request.memmapFrames else { break }
      blocks.append(FrameNumber(UInt64(chosen) * request.blockFrames))
      frames += count
      counts[chosen] = Self.foreign
    }
    guard let best else {
      throw .noBlock(frames: request.blockFrames)
    }
    guard !blocks.isEmpty else {
      throw .notWorthIt(best: best, cost: request.memmapFrames)
    }
    return BlockChoice(blocks: blocks, frames: frames)
  }
}
