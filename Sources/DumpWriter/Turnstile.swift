// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation

/// Deals out pieces to threads, and places in the file to pieces, in order;
/// and counts what was done.
final class Turnstile: @unchecked Sendable {
  /// What was done so far.
  struct Sums: Sendable {
    var frames: UInt64 = 0
    var zeroes: UInt64 = 0
    var unreadable: UInt64 = 0
    /// Bytes of the output.
    var bytes: UInt64 = 0
  }

  private let condition = NSCondition()
  private let pieces: Int
  private var dealt = 0
  private var turn = 0
  private var offset: UInt64
  private var failure: DumpError?
  private var sums = Sums()

  /// The first piece's bytes go to `offset`.
  init(pieces: Int, offset: UInt64) {
    self.pieces = pieces
    self.offset = offset
  }

  /// A piece that nobody has yet; nil where there is none, or after a failure.
  func next() -> Int? {
    condition.withLock {
      guard failure == nil, dealt < pieces else { return nil }
      dealt += 1
      return dealt - 1
    }
  }

  /// Waits until all pieces before this one have their places, and runs `body`
  /// with this one's, alone; false after a failure.
  func take(_ piece: Int, _ count: Int, _ body: (UInt64) -> Void) -> Bool {
    condition.withLock {
      while turn != piece, failure == nil { condition.wait() }
      guard failure == nil else { return false }
      let place = offset
      offset += UInt64(count)
      body(place)
      turn += 1
      condition.broadcast()
      return true
    }
  }

  /// Ends everybody's work.
  func fail(_ error: DumpError) {
    condition.withLock {
      if failure == nil { failure = error }
      condition.broadcast()
    }
  }

  /// Counts what was done with one piece.
  func add(_ more: Sums) {
    condition.withLock {
      sums.frames += more.frames
      sums.zeroes += more.zeroes
      sums.unreadable += more.unreadable
      sums.bytes += more.bytes
    }
  }

  /// What was done, and where the file ends; throws the first failure.
  func result() throws(DumpError) -> (Sums, end: UInt64) {
    let (sums, end, failure) = condition.withLock {
      (self.sums, offset, self.failure)
    }
    if let failure { throw failure }
    return (sums, end)
  }

  /// How many frames are done.
  var progress: UInt64 { condition.withLock { sums.frames } }
}
