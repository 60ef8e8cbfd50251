// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import Rescue

/// The frames of a dump in pieces, of which each is read, compressed and
/// written by itself, in the order in which they are of use.
struct Chunks: Sendable {
  /// The most frames of a piece.
  static let size: UInt64 = 64

  /// Frames that follow one another, and how many there are before them in
  /// the dump.
  struct Part {
    let frames: FrameRange
    let rank: UInt64
  }

  private struct Piece {
    let start: FrameNumber
    let count: UInt8
    let stage: UInt8

    init(_ start: FrameNumber, _ count: UInt64, stage: Int) {
      self.start = start
      self.count = UInt8(count)
      self.stage = UInt8(stage)
    }
  }

  /// All frames.
  let ranks: FrameRanks
  /// Whether frames were left out because there are too many.
  let isCut: Bool
  private let stages: [(stage: DumpStage, frames: FrameBitmap)]
  private let pieces: [Piece]

  /// Takes the first `limit` frames that are dumped.
  init(_ plan: DumpPlan, limit: UInt64 = .max) {
    let stages = plan.order.stages(of: plan.dumped)
    var taken = FrameBitmap(count: plan.dumped.count)
    var left = limit
    var pieces: [Piece] = []
    for (index, (_, frames)) in stages.enumerated() {
      var start: FrameNumber?
      var filled: UInt64 = 0
      var place = FrameNumber(0)
      while left > 0, let run = frames.run(from: place) {
        let part = FrameRange(
          start: run.start,
          count: min(run.count, Self.size - filled, left)
        )
        start = start ?? part.start
        taken.insert(part)
        left -= part.count
        filled += part.count
        place = part.end
        guard filled == Self.size, let first = start else { continue }
        pieces.append(Piece(first, filled, stage: index))
        (start, filled) = (nil, 0)
      }
      if let first = start {
        pieces.append(Piece(first, filled, stage: index))
      }
    }
    ranks = FrameRanks(taken)
    self.stages = stages
    self.pieces = pieces
    isCut = ranks.count < plan.dumped.population
  }

  /// How many pieces there are.
  var pieceCount: Int { pieces.count }

  /// The stage that the piece is of.
  func stage(ofPiece index: Int) -> DumpStage {
    stages[Int(pieces[index].stage)].stage
  }

  /// The frames of the piece, in order of address.
  ///
  /// All frames of a run of a stage follow one another in the dump too.
  func parts(ofPiece index: Int) -> [Part] {
    let piece = pieces[index]
    let frames = stages[Int(piece.stage)].frames
    var parts: [Part] = []
    var place = piece.start
    var left = UInt64(piece.count)
    while left > 0, let run = frames.run(from: place) {
      let part = FrameRange(start: run.start, count: min(run.count, left))
      parts.append(Part(frames: part, rank: ranks.rank(of: part.start)))
      left -= part.count
      place = part.end
    }
    return parts
  }
}
