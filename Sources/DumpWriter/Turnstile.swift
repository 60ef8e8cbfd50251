// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// Deals out pieces to threads, and places in the file to pieces, and counts
/// what was done.
///
/// Places are dealt out as pieces come: a thread that waited for its turn
/// would wait for whichever thread the kernel lets wait.
final class Turnstile: @unchecked Sendable {
  /// What was done so far.
  struct Sums: Sendable {
    var frames: UInt64 = 0
    var zeroes: UInt64 = 0
    var unreadable: UInt64 = 0
  }

  private let lock = NSLock()
  private let pieces: Int
  private var dealt = 0
  private var offset: UInt64
  private let end: UInt64
  private var refused: [Int] = []
  private var failure: DumpError?
  private var sums = Sums()

  /// The first bytes go to `offset`, and none to `end` or behind it.
  init(pieces: Int, offset: UInt64, end: UInt64 = .max) {
    self.pieces = pieces
    self.offset = offset
    self.end = end
  }

  /// A piece that nobody has yet; nil where there is none, or no room, or
  /// after a failure.
  func next() -> Int? {
    lock.withLock {
      guard failure == nil, refused.isEmpty, dealt < pieces else {
        return nil
      }
      dealt += 1
      return dealt - 1
    }
  }

  /// The place of the next `count` bytes, those of the piece; nil where there
  /// is no room for them, and then nobody gets another piece.
  func place(of count: Int, piece: Int) -> UInt64? {
    lock.withLock {
      guard UInt64(count) <= end - offset else {
        refused.append(piece)
        return nil
      }
      defer { offset += UInt64(count) }
      return offset
    }
  }

  /// The first piece for which there was no room.
  var firstPieceLeft: Int? { lock.withLock { refused.min() } }

  /// Whether the piece was written, once all threads have ended.
  func isDone(piece: Int) -> Bool {
    lock.withLock { piece < dealt && !refused.contains(piece) }
  }

  /// Ends everybody's work.
  func fail(_ error: DumpError) {
    lock.withLock { failure = failure ?? error }
  }

  /// Counts what was done with one piece.
  func add(_ more: Sums) {
    lock.withLock {
      sums.frames += more.frames
      sums.zeroes += more.zeroes
      sums.unreadable += more.unreadable
    }
  }

  /// What was done, and where the file ends; throws the first failure.
  func result() throws(DumpError) -> (Sums, end: UInt64) {
    let (sums, end, failure) = lock.withLock {
      (self.sums, offset, self.failure)
    }
    if let failure { throw failure }
    return (sums, end)
  }

  /// How many frames are done.
  var progress: UInt64 { lock.withLock { sums.frames } }
}
