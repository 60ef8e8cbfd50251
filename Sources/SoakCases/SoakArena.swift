// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import CSoak
internal import Memory
internal import Synchronization

/// All memory of one store under test, shared with the children that serve
/// it: the region, the frames, and the model that both are judged by.
final class SoakArena {
  let shape: StoreShape
  let region: UnsafeMutableRawBufferPointer
  let frames: UnsafeMutableRawPointer
  /// What every block must hold, one after the other.
  let model: UnsafeMutableRawPointer
  /// One byte a slot: not zero once something else wrote to its frame.
  let marks: UnsafeMutablePointer<UInt8>
  /// How often something else wrote to a frame.
  var changes: UInt64 = 0
  /// What the child is doing.
  let progress: UnsafeMutablePointer<Progress>
  private let start: UnsafeMutableRawPointer
  private let byteCount: Int

  init(_ shape: StoreShape) {
    self.shape = shape
    let slots = Int(shape.slotCount)
    let table = Self.wholePages(shape.tableByteCount)
    let marks = Self.wholePages(slots + 1)
    byteCount =
      table + (slots + Int(shape.blocks)) * Frame.size + marks + Frame.size
    guard let start = soak_map(byteCount) else { fatalError("no memory") }
    self.start = start
    region = UnsafeMutableRawBufferPointer(
      start: start,
      count: shape.tableByteCount
    )
    frames = start + table
    model = frames + slots * Frame.size
    let end = model + Int(shape.blocks) * Frame.size
    self.marks = end.bindMemory(to: UInt8.self, capacity: slots)
    progress = (end + marks).bindMemory(to: Progress.self, capacity: 1)
    progress.initialize(to: Progress())
    // What the crashed kernel left there.
    _ = UnsafeMutableRawBufferPointer(
      start: frames,
      count: slots * Frame.size
    ).initializeMemory(as: UInt8.self, repeating: 0xa5)
  }

  deinit { soak_unmap(start, byteCount) }

  /// Says how far the child is, after all that it did before.
  func say(_ state: Progress.State) {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    progress.pointee.state = state.rawValue
    atomicMemoryFence(ordering: .sequentiallyConsistent)
  }

  func frame(_ slot: UInt32) -> UnsafeMutableRawPointer {
    frames + Int(slot) * Frame.size
  }

  /// The region, up to a whole page, and the frames.
  var sharedBytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      start: start,
      count: place(of: shape.slotCount - 1).upperBound
    )
  }

  /// Those of them that outlive an operation: not the two pages in which
  /// copies are looked at.
  var lastingBytes: [Range<Int>] {
    let end = shape.tableByteCount - 2 * Frame.size
    return [0..<end, place(of: 0).lowerBound..<sharedBytes.count]
  }

  /// Where the slot's frame is among them.
  func place(of slot: UInt32) -> Range<Int> {
    let first = (frames - start) + Int(slot) * Frame.size
    return first..<(first + Frame.size)
  }

  func copyModel(from other: SoakArena) {
    let count = Int(shape.blocks) * Frame.size
    model.copyMemory(from: other.model, byteCount: count)
  }

  func content(_ block: UInt32) -> UnsafeMutableRawPointer {
    model + Int(block) * Frame.size
  }

  private static func wholePages(_ bytes: Int) -> Int {
    (bytes + Frame.size - 1) / Frame.size * Frame.size
  }
}

/// How far a child is with its operation, for whoever finds it dead.
struct Progress {
  enum State: UInt32 {
    /// The model says what every block holds.
    case idle
    /// The store has been asked, and has not answered.
    case asked
    /// The store has answered, and the model does not know yet.
    case answered
  }

  var state = State.idle.rawValue
  var operation = SoakOperation(kind: .read, start: 0, count: 0, stamp: 0)
  /// How many of its blocks were done, where it failed at one.
  var count: UInt32 = 0
  /// Operations that were answered.
  var done: UInt64 = 0
  /// The promise that the child saw broken: a line of the source.
  var brokenAt: UInt32 = 0
}

extension UnsafeRawBufferPointer {
  /// Where the bytes begin, of which there are some.
  var start: UnsafeRawPointer {
    guard let baseAddress else { fatalError("no bytes") }
    return baseAddress
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Where the bytes begin, of which there are some.
  var start: UnsafeMutableRawPointer {
    guard let baseAddress else { fatalError("no bytes") }
    return baseAddress
  }
}
