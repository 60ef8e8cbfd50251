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
  private let runs: [FrameRange]

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
      runs: []
    )
  }

  /// Maps the runs of `memory`, a device whose offsets are physical
  /// addresses, in the order given.
  ///
  /// A process that is forked has the addresses, but no frames there until it
  /// calls `mapAgain`: their page tables would be copied otherwise, 2 MiB for
  /// each GiB, while the parent waits.
  public static func mapping(
    _ runs: Span<FrameRange>,
    of memory: borrowing Descriptor
  ) throws(Errno) -> PooledFrames {
    var list: [FrameRange] = []
    list.reserveCapacity(runs.count)
    var count: UInt64 = 0
    for index in runs.indices {
      count += runs[index].count
      list.append(runs[index])
    }
    guard count > 0, count <= UInt64(UInt32.max) else { throw .invalid }
    var frames = PooledFrames(
      mapping: try Mapping.reserved(byteCount: Int(count) * Frame.size),
      slotCount: UInt32(count),
      memory: try memory.duplicate(),
      runs: list
    )
    try frames.mapAgain()
    return frames
  }

  init(
    mapping: consuming Mapping,
    slotCount: UInt32,
    memory: consuming Descriptor?,
    runs: [FrameRange]
  ) {
    self.mapping = mapping
    self.slotCount = slotCount
    self.memory = memory
    self.runs = runs
  }

  /// Sets the frames' addresses aside in a process that has just been forked.
  public mutating func reserveAgain() throws(Errno) {
    guard !runs.isEmpty else { return }
    try mapping.reserveAgain()
    try mapping.hideFromChildren()
  }

  /// Gives the frames back, in a process that will only fork those who use
  /// them; they have the addresses set aside, and call `mapAgain`.
  public mutating func setAside() throws(Errno) {
    if !runs.isEmpty { try mapping.vacate() }
  }

  /// Maps the frames into this process, which has their addresses set aside.
  public mutating func mapAgain() throws(Errno) {
    var offset = 0
    for run in runs {
      guard let address = run.start.address else { throw .invalid }
      let byteCount = Int(run.count) * Frame.size
      switch memory {
      case .some(let file):
        try mapping.replace(
          at: offset,
          byteCount: byteCount,
          with: file,
          fileOffset: address.value
        )
      case nil: throw .invalid
      }
      offset += byteCount
    }
    if !runs.isEmpty { try mapping.hideFromChildren() }
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
