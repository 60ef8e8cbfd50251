// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The memory that a server shares with whoever watches it:
//
//     0     8  how many records were written
//     8     8  whether the action for failing was taken: 0 no, 1 yes
//     64       two records, by turns
//
// Both ends are one program, forked, so records lie there as Swift has them.
// Record number n is in place n % 2; the one before it stays whole meanwhile,
// whatever becomes of the writer.

internal import Synchronization

/// The latest record, in memory that processes share.
///
/// One process writes at a time; any number of others may read.
@safe public struct HealthPage: ~Copyable {
  private let base: UnsafeMutableRawPointer

  /// How many bytes it takes, from an address divisible by 64.
  public static var byteCount: Int {
    64 + 2 * MemoryLayout<HealthRecord>.stride
  }

  /// Uses memory that is zeroed at first, outlives the page, and is used for
  /// nothing else.
  @unsafe
  public init(at base: UnsafeMutableRawPointer) { unsafe self.base = base }

  /// Puts a record in the place of the last one.
  public func write(_ record: HealthRecord) {
    let number = written.value &+ 1
    // SAFETY: `byteCount` has room for both places; nobody reads this one
    // now, for it is not the latest.
    unsafe place(number).initialize(to: record)
    written.store(number)
  }

  /// The latest record; nil before the first one.
  public func read() -> HealthRecord? {
    // A record is written at most a few times in the time of a copy.
    for _ in 0..<1000 {
      let number = written.value
      guard number > 0 else { return nil }
      // SAFETY: this place was initialized before its number was there.
      let record = unsafe place(number).pointee
      atomicMemoryFence(ordering: .acquiring)
      if written.value == number { return record }
    }
    return nil
  }

  /// Whether the caller is to take the action for failing: true once only,
  /// whoever asks, and however often.
  public func claimAction() -> Bool {
    action.exchange(1) == 0
  }

  /// Whether the action for failing was taken.
  public var isActionTaken: Bool { action.value != 0 }

  private func place(_ number: UInt64) -> UnsafeMutablePointer<HealthRecord> {
    let offset = 64 &+ Int(number & 1) &* MemoryLayout<HealthRecord>.stride
    // SAFETY: inside `byteCount`, aligned, and used as records alone.
    return unsafe (base + offset).assumingMemoryBound(to: HealthRecord.self)
  }

  // SAFETY of both: words of the page's memory that are atomics only.
  private var written: AtomicWord { unsafe AtomicWord(base) }

  private var action: AtomicWord { unsafe AtomicWord(base + 8) }
}

/// An atomic number in memory that processes share.
@safe private struct AtomicWord {
  private let pointer: UnsafeMutablePointer<Atomic<UInt64>>

  init(_ place: UnsafeMutableRawPointer) {
    unsafe pointer = place.assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// The number; what was written before it was stored can be seen.
  var value: UInt64 {
    // SAFETY: the page's memory is zeroed and aligned, outlives the page, and
    // this word is never used but as this atomic.
    unsafe pointer.pointee.load(ordering: .acquiring)
  }

  /// Stores a number, after all that was written before.
  func store(_ value: UInt64) {
    // SAFETY: as in `value`.
    unsafe pointer.pointee.store(value, ordering: .releasing)
  }

  /// Stores a number, and says which one it takes the place of.
  func exchange(_ value: UInt64) -> UInt64 {
    // SAFETY: as in `value`.
    unsafe pointer.pointee.exchange(value, ordering: .acquiringAndReleasing)
  }
}
