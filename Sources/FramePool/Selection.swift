// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import PageClasses

/// What was offered and is not lent, and why.
public struct LeftAlone: Equatable, Sendable {
  /// Frames that were offered although they are excluded.
  public let excludedFrames: UInt64
  /// Frames of runs that are too short, or at the end of longer ones.
  public let shortFrames: UInt64
  /// Runs that had to give way to longer ones: there may be only so many.
  public let droppedRuns: UInt64
  /// The frames of those runs.
  public let droppedFrames: UInt64
}

/// The frames that will be lent, as shelves of equal length.
///
/// The frames are numbered as slots in the order of their addresses, so shelf
/// k has slots k x `framesPerShelf` to (k + 1) x `framesPerShelf` - 1, and
/// the shelves lie one above the other in physical memory.
public struct Selection: Sendable {
  /// How many shelves there are.
  public let copies: Int
  /// How many frames each shelf has.
  public let framesPerShelf: UInt32
  /// How many blocks can be promised; the other frames are the reserve.
  public let blocks: UInt32
  /// Whether there was less memory than wanted.
  public let isShort: Bool
  /// All frames, sorted by address; no run lies in two shelves.
  public let runs: [FrameRange]
  /// The class of each run's frames.
  public let classes: [PageClass]
  /// Whether each copy lies on NUMA nodes of its own.
  public let isAcrossNodes: Bool
  /// The slot of each run's first frame.
  public let firstSlots: [UInt32]
  /// How many frames lie between two copies of the same index at least, their
  /// nearest frames' numbers subtracted; nil when there are no two.
  public let distance: UInt64?
  /// What was left alone.
  public let leftAlone: LeftAlone

  init(
    request: FrameRequest,
    framesPerShelf: UInt32,
    chosen: ArraySlice<PooledRun>,
    isAcrossNodes: Bool,
    leftAlone: LeftAlone
  ) {
    copies = request.copies
    self.framesPerShelf = framesPerShelf
    blocks = request.blocks(of: framesPerShelf)
    isShort = blocks < request.blocks
    let runs = chosen.map { $0.frames }
    self.runs = runs
    classes = chosen.map { $0.pageClass }
    self.isAcrossNodes = isAcrossNodes
    self.leftAlone = leftAlone
    var slots: [UInt32] = []
    slots.reserveCapacity(runs.count)
    var slot: UInt32 = 0
    for run in runs {
      slots.append(slot)
      slot += UInt32(run.count)
    }
    firstSlots = slots
    distance = Self.distance(runs, slots, framesPerShelf)
  }

  /// How many slots there are in all shelves.
  public var slotCount: UInt32 { UInt32(copies) * framesPerShelf }

  /// The frame behind a slot, or nil when there is no such slot.
  public func frame(of slot: UInt32) -> FrameNumber? {
    guard slot < slotCount else { return nil }
    // The last run that does not start behind the slot.
    var low = 0
    var high = runs.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if firstSlots[middle] <= slot { low = middle } else { high = middle }
    }
    return FrameNumber(runs[low].start.value + UInt64(slot - firstSlots[low]))
  }

  /// What a frame that was chosen was used for; nil for any other.
  public func pageClass(of frame: FrameNumber) -> PageClass? {
    for index in runs.indices where runs[index].contains(frame) {
      return classes[index]
    }
    return nil
  }

  /// How many frames of the class were chosen.
  public func frames(of pageClass: PageClass) -> UInt64 {
    var sum: UInt64 = 0
    for index in runs.indices where classes[index] == pageClass {
      sum += runs[index].count
    }
    return sum
  }

  /// The least distance between slot i and slot i + `shelf`.
  ///
  /// The shelves lie in order, so it is reached between neighbours; and it
  /// changes only where one of the two runs does.
  private static func distance(
    _ runs: [FrameRange],
    _ slots: [UInt32],
    _ shelf: UInt32
  ) -> UInt64? {
    var least: UInt64?
    var lower = 0
    var upper = 0
    while upper < runs.count, slots[upper] < shelf { upper += 1 }
    while upper < runs.count {
      // Where both runs go on, as offsets of the upper copy's slot.
      let offset = max(slots[lower] + shelf, slots[upper])
      let above = runs[upper].start.value + UInt64(offset - slots[upper])
      let below =
        runs[lower].start.value + UInt64(offset - shelf - slots[lower])
      least = min(least ?? .max, above - below)
      let lowerEnd = UInt64(slots[lower]) + runs[lower].count + UInt64(shelf)
      let upperEnd = UInt64(slots[upper]) + runs[upper].count
      if lowerEnd <= upperEnd { lower += 1 }
      if upperEnd <= lowerEnd { upper += 1 }
    }
    return least
  }
}
