// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import Rescue

/// The frames of a dump in pieces of one size, of which each is read,
/// compressed and written by itself.
struct Chunks: Sendable {
  /// The frames of all pieces but the last.
  static let size: UInt64 = 64

  let frames: FrameBitmap
  /// How many frames there are in all.
  let count: UInt64
  /// The first frame of each piece.
  private let starts: [FrameNumber]

  init(_ frames: FrameBitmap) {
    var starts: [FrameNumber] = []
    var count: UInt64 = 0
    var place = FrameNumber(0)
    while let run = frames.run(from: place) {
      var next = (Self.size - count % Self.size) % Self.size
      while next < run.count {
        starts.append(FrameNumber(run.start.value + next))
        next += Self.size
      }
      count += run.count
      place = run.end
    }
    self.frames = frames
    self.count = count
    self.starts = starts
  }

  /// How many pieces there are.
  var pieces: Int { starts.count }

  /// How many frames are before those of the piece.
  func rank(ofPiece index: Int) -> UInt64 { UInt64(index) * Self.size }

  /// The runs of frames of the piece.
  func runs(ofPiece index: Int) -> [FrameRange] {
    var runs: [FrameRange] = []
    var place = starts[index]
    var left = min(Self.size, count - rank(ofPiece: index))
    while left > 0, let run = frames.run(from: place) {
      let part = FrameRange(start: run.start, count: min(run.count, left))
      runs.append(part)
      left -= part.count
      place = part.end
    }
    return runs
  }
}
