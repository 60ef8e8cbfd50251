// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Glibc
internal import Memory

/// Frames to which anything may happen before, between and after the two
/// halves of every copy that the store makes.
final class SoakFrames: FrameAccess {
  let arena: SoakArena
  /// Called with the slot at each such moment, until `isDead`.
  var atMoment: ((UInt32) -> Void)?
  /// Frames that never keep what is written to them.
  var stuck: Set<UInt32> = []
  /// The frames as they were when the process was killed, newest last.
  private var undo: [(slot: UInt32, bytes: [UInt8], mark: UInt8)] = []
  /// Whether what happens now does not happen: the process is dead.
  var isDead = false

  init(_ arena: SoakArena) { self.arena = arena }

  var slotCount: UInt32 { arena.shape.slotCount }

  func read(_ slot: UInt32, into bytes: inout MutableRawSpan) {
    precondition(slot < slotCount && bytes.byteCount == Frame.size)
    let frame = arena.frame(slot)
    happen(slot)
    bytes.withUnsafeMutableBytes { bytes in
      let half = Frame.size / 2
      bytes.start.copyMemory(from: frame, byteCount: half)
      happen(slot)
      (bytes.start + half)
        .copyMemory(from: frame + half, byteCount: half)
    }
    happen(slot)
  }

  /// Has nothing to do: here writing is storing in order.
  func fence() {}

  func write(_ slot: UInt32, from bytes: RawSpan) {
    precondition(slot < slotCount && bytes.byteCount == Frame.size)
    let frame = arena.frame(slot)
    happen(slot)
    remember(slot)
    bytes.withUnsafeBytes { bytes in
      let half = Frame.size / 2
      // Half a frame is nobody's content.
      arena.marks[Int(slot)] = 1
      frame.copyMemory(from: bytes.start, byteCount: half)
      happen(slot)
      remember(slot)
      // What hit the first half meanwhile stays there.
      let isHit = memcmp(frame, bytes.start, half) != 0
      (frame + half)
        .copyMemory(from: bytes.start + half, byteCount: half)
      arena.marks[Int(slot)] = isHit ? 1 : 0
    }
    if stuck.contains(slot), !isDead {
      frame.storeBytes(of: 0xee, toByteOffset: 77, as: UInt8.self)
      arena.marks[Int(slot)] = 1
    }
    happen(slot)
  }

  private func happen(_ slot: UInt32) {
    if !isDead { atMoment?(slot) }
  }

  private func remember(_ slot: UInt32) {
    guard isDead else { return }
    let frame = UnsafeRawBufferPointer(
      start: arena.frame(slot),
      count: Frame.size
    )
    undo.append((slot, Array(frame), arena.marks[Int(slot)]))
  }

  /// Undoes what was written since the death.
  func rollBack() {
    for (slot, bytes, mark) in undo.reversed() {
      bytes.withUnsafeBytes {
        arena.frame(slot)
          .copyMemory(from: $0.start, byteCount: Frame.size)
      }
      arena.marks[Int(slot)] = mark
    }
    undo.removeAll(keepingCapacity: true)
    isDead = false
  }
}
