// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import PageClasses

// A block's bitmap, as struct oldmem_block has it: bit n % 8 of byte n / 8 is
// frame n of the block.

/// Which frames of the chosen blocks may be overwritten, while they are found a
/// second time.
public struct BlockBitmaps: ~Copyable {
  /// The first frames of the blocks.
  public let blocks: [FrameNumber]
  private let blockFrames: UInt64
  /// What the first search has counted in them.
  private let wanted: UInt64
  /// The blocks' bitmaps, one after the other.
  private var bits: [UInt8]
  /// How many bits are set.
  public private(set) var frames: UInt64 = 0

  /// All bits are clear.
  public init(_ choice: BlockChoice, _ request: BlockRequest) {
    blocks = choice.blocks
    blockFrames = request.blockFrames
    wanted = choice.frames
    bits = Array(
      repeating: 0,
      count: choice.blocks.count * Int(request.blockFrames / 8)
    )
  }

  /// Notes a run; false once all have been found that were counted.
  public mutating func visit(_ run: ReusableRun) -> Bool {
    for index in blocks.indices {
      let start = max(run.frames.start, blocks[index]).value
      let end = min(run.frames.end.value, blocks[index].value + blockFrames)
      guard start < end else { continue }
      for frame in start..<end { set(frame - blocks[index].value, of: index) }
    }
    return frames < wanted
  }

  /// Forgets all runs so far.
  public mutating func startOver() {
    for index in bits.indices { bits[index] = 0 }
    frames = 0
  }

  private mutating func set(_ frame: UInt64, of block: Int) {
    let place = block * Int(blockFrames / 8) + Int(frame / 8)
    let bit: UInt8 = 1 << UInt8(frame % 8)
    if bits[place] & bit == 0 { frames += 1 }
    bits[place] |= bit
  }

  private func isSet(_ frame: UInt64, of block: Int) -> Bool {
    let place = block * Int(blockFrames / 8) + Int(frame / 8)
    return bits[place] >> UInt8(frame % 8) & 1 == 1
  }

  /// The frames of a block, all of them.
  public func range(of block: Int) -> FrameRange {
    FrameRange(start: blocks[block], count: blockFrames)
  }

  /// The bitmap of a block.
  public func bitmap(of block: Int) -> ArraySlice<UInt8> {
    let size = Int(blockFrames / 8)
    return bits[block * size..<(block + 1) * size]
  }

  /// Calls `body` with each run of a block's frames whose bits are set, in
  /// order, until it throws.
  public func forEachRun<E: Error>(
    of block: Int,
    _ body: (FrameRange) throws(E) -> Void
  ) throws(E) {
    var frame: UInt64 = 0
    while frame < blockFrames {
      guard isSet(frame, of: block) else {
        frame += 1
        continue
      }
      let first = frame
      while frame < blockFrames, isSet(frame, of: block) { frame += 1 }
      let start = FrameNumber(blocks[block].value + first)
      try body(FrameRange(start: start, count: frame - first))
    }
  }
}
