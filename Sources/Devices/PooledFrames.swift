// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// Frames side by side in this process's address space: slot n at n x 4096.
///
/// Old memory's runs are mapped one after the other into one stretch of
/// reserved addresses, so that a slot needs no table to be found.
public struct PooledFrames: ~Copyable {
  var mapping: Mapping
  /// How many slots there are.
  public let slotCount: UInt32
  // What old memory is mapped from; ordinary memory is nobody's but ours.
  private let memory: Descriptor?
  private let pieces: [FileFrames]

  /// A pool of ordinary memory, shared with whoever is forked.
  public static func anonymous(
    slotCount: UInt32
  ) throws(Errno) -> PooledFrames {
    PooledFrames(
      mapping: try .anonymous(
        byteCount: Int(slotCount) * Frame.size,
        shared: true
      ),
      slotCount: slotCount,
      memory: nil,
      pieces: []
    )
  }

  /// Maps the runs of `memory`, a device whose offsets are physical
  /// addresses, in the order given.
  public static func mapping(
    _ runs: Span<FrameRange>,
    of memory: borrowing Descriptor
  ) throws(Errno) -> PooledFrames {
    var pieces: [FileFrames] = []
    pieces.reserveCapacity(runs.count)
    for index in runs.indices {
      guard let piece = FileFrames(runs[index]) else { throw .invalid }
      pieces.append(piece)
    }
    return try mapping(pieces, of: memory)
  }

  /// Maps pieces of `memory`, whose pages are frames, in the order given.
  ///
  /// A process that is forked has the addresses, but no frames there until it
  /// calls `mapAgain`: their page tables would be copied otherwise, 2 MiB for
  /// each GiB, while the parent waits.
  public static func mapping(
    _ pieces: [FileFrames],
    of memory: borrowing Descriptor
  ) throws(Errno) -> PooledFrames {
    var count: UInt64 = 0
    for piece in pieces {
      guard piece.count <= UInt64(UInt32.max) - count else { throw .invalid }
      count += piece.count
    }
    guard count > 0 else { throw .invalid }
    var frames = PooledFrames(
      mapping: try Mapping.reserved(byteCount: Int(count) * Frame.size),
      slotCount: UInt32(count),
      memory: try memory.duplicate(),
      pieces: pieces
    )
    try frames.mapAgain()
    return frames
  }

  init(
    mapping: consuming Mapping,
    slotCount: UInt32,
    memory: consuming Descriptor?,
    pieces: [FileFrames]
  ) {
    self.mapping = mapping
    self.slotCount = slotCount
    self.memory = memory
    self.pieces = pieces
  }

  /// Sets the frames' addresses aside in a process that has just been forked.
  public mutating func reserveAgain() throws(Errno) {
    guard !pieces.isEmpty else { return }
    try mapping.reserveAgain()
    try mapping.hideFromChildren()
  }

  /// Gives the frames back, in a process that will only fork those who use
  /// them; they have the addresses set aside, and call `mapAgain`.
  public mutating func setAside() throws(Errno) {
    if !pieces.isEmpty { try mapping.vacate() }
  }

  /// Maps the frames into this process, which has their addresses set aside.
  public mutating func mapAgain() throws(Errno) {
    var offset = 0
    for piece in pieces {
      let byteCount = Int(piece.count) * Frame.size
      switch memory {
      case .some(let file):
        try mapping.replace(
          at: offset,
          byteCount: byteCount,
          with: file,
          fileOffset: piece.offset
        )
      case nil: throw .invalid
      }
      offset += byteCount
    }
    if !pieces.isEmpty { try mapping.hideFromChildren() }
  }

  /// The frames as a store takes them, for as long as the pool lives.
  @unsafe public var window: FrameWindow {
    unsafe FrameWindow(base: mapping.base, slotCount: slotCount)
  }
}

extension PooledFrames: FrameAccess {
  /// Copies the 4096 bytes of `slot` into `bytes`.
  @inline(__always)
  public func read(_ slot: UInt32, into bytes: inout MutableRawSpan) {
    // SAFETY: the pool lives while it is borrowed.
    unsafe window.read(slot, into: &bytes)
  }

  /// Copies the 4096 bytes of `bytes` into `slot`.
  @inline(__always)
  public func write(_ slot: UInt32, from bytes: RawSpan) {
    // SAFETY: as for `read`.
    unsafe window.write(slot, from: bytes)
  }
  /// Has what was written arrive before whatever is stored from now on.
  @inline(__always)
  public func fence() {
    // SAFETY: as for `read`.
    unsafe window.fence()
  }
}
