// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// The slots of a selection whose frames changed while nobody of ours wrote
/// to them.
public struct Quarantine: Equatable, Sendable {
  /// The slots, in order; not all of them once `holds` is false.
  public private(set) var slots: [UInt32] = []
  /// How many frames changed.
  public private(set) var frames: UInt64 = 0
  /// Whether every shelf still has a good frame for each block that was
  /// promised.
  public private(set) var holds = true

  private var shelf: UInt32 = 0
  private var shelfFrames: UInt32 = 0

  /// Nothing has changed yet.
  public init() {}

  /// Takes a slot, larger than those before it, out of a shelf that can spare
  /// `reserve`.
  mutating func add(_ slot: UInt32, shelf: UInt32, reserve: UInt32) {
    frames += 1
    if shelf != self.shelf {
      self.shelf = shelf
      shelfFrames = 0
    }
    shelfFrames += 1
    // What will not be used needs no list, however much it is.
    if shelfFrames > reserve { holds = false }
    if holds { slots.append(slot) }
  }
}

/// Watching frames before they are used.
extension Selection {
  /// How many frames a shelf can lose and still hold all blocks.
  public var reserve: UInt32 { framesPerShelf - blocks }

  /// Writes its canary to every frame; `progress` is called now and then.
  public func plant<Frames: FrameAccess & ~Copyable>(
    _ canary: Canary,
    in frames: borrowing Frames,
    progress: () -> Void
  ) {
    var bytes = [UInt8](repeating: 0, count: Frame.size)
    for index in runs.indices {
      for offset in 0..<UInt32(runs[index].count) {
        let slot = firstSlots[index] + offset
        if slot % Self.stretch == 0 { progress() }
        let frame = FrameNumber(runs[index].start.value + UInt64(offset))
        var span = bytes.mutableSpan
        // SAFETY: bytes have no padding, and every pattern is a valid one.
        var raw = unsafe span.mutableBytes
        canary.fill(&raw, of: frame)
        frames.write(slot, from: raw.bytes)
      }
    }
  }

  /// Compares every frame with its canary.
  ///
  /// `report` hears of each stretch of frames next to one another that
  /// changed; all of it lies in one run of the selection.
  public func quarantine<Frames: FrameAccess & ~Copyable>(
    against canary: Canary,
    in frames: borrowing Frames,
    progress: () -> Void,
    report: (FrameRange) -> Void
  ) -> Quarantine {
    var quarantine = Quarantine()
    var bytes = [UInt8](repeating: 0, count: Frame.size)
    for index in runs.indices {
      var changed = FrameRange(start: runs[index].start, count: 0)
      for offset in 0..<UInt32(runs[index].count) {
        let slot = firstSlots[index] + offset
        if slot % Self.stretch == 0 { progress() }
        let frame = FrameNumber(runs[index].start.value + UInt64(offset))
        var span = bytes.mutableSpan
        // SAFETY: as in `plant`.
        var raw = unsafe span.mutableBytes
        // First the copy: the frame may change while it is compared.
        frames.read(slot, into: &raw)
        guard !canary.isIntact(raw.bytes, of: frame) else { continue }
        quarantine.add(slot, shelf: slot / framesPerShelf, reserve: reserve)
        if changed.end != frame {
          if !changed.isEmpty { report(changed) }
          changed = FrameRange(start: frame, count: 0)
        }
        changed.count += 1
      }
      if !changed.isEmpty { report(changed) }
    }
    return quarantine
  }

  /// Frames between two signs of progress: 16 MiB.
  private static var stretch: UInt32 { 4096 }
}
