// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// The place of each frame of a bitmap among all of them: where in a dump its
/// description is.
public struct FrameRanks: Sendable {
  /// The frames.
  public let frames: FrameBitmap
  /// How many there are.
  public let count: UInt64
  /// How many there are before each 512 frames; a bitmap has no more than 2^32.
  private let sums: [UInt32]
  private static let step = 512

  /// Counts the frames.
  public init(_ frames: FrameBitmap) {
    var sums: [UInt32] = []
    let perBlock = Int(FrameBitmap.blockFrames) / Self.step
    sums.reserveCapacity(frames.blockCount * perBlock)
    var count: UInt64 = 0
    for block in frames.blocks {
      for index in 0..<perBlock {
        sums.append(UInt32(clamping: count))
        let start = index * Self.step
        count += UInt64(block.population(of: start..<start + Self.step))
      }
    }
    self.frames = frames
    self.sums = sums
    self.count = count
  }

  /// How many frames there are before `frame`.
  public func rank(of frame: FrameNumber) -> UInt64 {
    guard frame.value < frames.count else { return count }
    let place = Int(frame.value % FrameBitmap.blockFrames)
    let block = frames.blocks[Int(frame.value / FrameBitmap.blockFrames)]
    let start = place / Self.step * Self.step
    return UInt64(sums[Int(frame.value) / Self.step])
      + UInt64(block.population(of: start..<place))
  }
}
