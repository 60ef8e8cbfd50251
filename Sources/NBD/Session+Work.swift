// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// Requests that take more than one step.
extension Session {
  /// Goes on with the work as far as input, room and turn reach; nil when it
  /// is done.
  mutating func carryOn<Device: BlockDevice & ~Copyable>(
    _ work: inout Work,
    _ input: inout MutableRawSpan,
    _ used: inout Int,
    _ replies: inout Replies,
    _ turn: inout Turn,
    on device: inout Device
  ) -> Need? {
    switch work.kind {
    case .readChunks: return sendChunks(&work, &replies, &turn, on: &device)
    case .verify(let length):
      return verify(&work, length, &replies, &turn, on: &device)
    case .readRest: return sendRest(&work, &replies, &turn, on: &device)
    case .write:
      return take(&work, &input, &used, &replies, &turn, on: &device)
    case .drop: return drop(&work, input, &used, &replies)
    case .trim, .zero: return clear(&work, &replies, &turn, on: &device)
    }
  }

  /// Answers a request that has no data to be sent, and is done with it.
  private mutating func finish(
    _ work: Work,
    _ replies: inout Replies
  ) -> Need? {
    guard replies.room >= Limit.reply else { return .room }
    if let failure = work.failure {
      put(failure, cookie: work.cookie, &replies)
    } else {
      replies.putSimple(0, cookie: work.cookie)
    }
    phase = .request
    return nil
  }

  /// A write: each block is stored as soon as all of it is there.
  private mutating func take<Device: BlockDevice & ~Copyable>(
    _ work: inout Work,
    _ input: inout MutableRawSpan,
    _ used: inout Int,
    _ replies: inout Replies,
    _ turn: inout Turn,
    on device: inout Device
  ) -> Need? {
    while work.rest > 0 {
      guard turn.work > 0 else { return .turn }
      let left = min(input.byteCount &- used, turn.work &* Frame.size)
      let size = work.step(atMost: left)
      guard size > 0, size <= left else { return .input }
      do throws(StoreError) {
        var part = input._mutatingExtracting(used..<used &+ size)
        try store(&part, at: work.offset, on: &device)
      } catch {
        work.failure = refusal(for: error)
        work.kind = .drop
        return nil
      }
      used &+= size
      work.pass(size)
      turn.work &-= blocks(size)
    }
    return finish(work, &replies)
  }

  private mutating func drop(
    _ work: inout Work,
    _ input: borrowing MutableRawSpan,
    _ used: inout Int,
    _ replies: inout Replies
  ) -> Need? {
    let size = min(Int(work.rest), input.byteCount &- used)
    used &+= size
    work.pass(size)
    guard work.rest == 0 else { return .input }
    return finish(work, &replies)
  }

  /// TRIM and WRITE_ZEROES: of a block of which only a part is meant, TRIM
  /// leaves everything as it is.
  private mutating func clear<Device: BlockDevice & ~Copyable>(
    _ work: inout Work,
    _ replies: inout Replies,
    _ turn: inout Turn,
    on device: inout Device
  ) -> Need? {
    while work.rest > 0 {
      guard turn.work > 0 else { return .turn }
      let most = turn.work &* Turn.cleared &* Frame.size
      let size = work.step(atMost: most)
      do throws(StoreError) {
        if let blocks = BlockRange(
          byteOffset: work.offset,
          byteCount: UInt64(size)
        ) {
          turn.work &-= 1 &+ Int(blocks.count) / Turn.cleared
          if work.kind == .trim {
            try device.discard(blocks)
          } else {
            try device.writeZeroes(blocks)
          }
        } else if work.kind == .zero {
          turn.work &-= 1
          try change(size, at: work.offset, on: &device) { _ in 0 }
        }
      } catch {
        work.failure = refusal(for: error)
        return finish(work, &replies)
      }
      work.pass(size)
    }
    return finish(work, &replies)
  }

  /// Stores whole blocks, or a part of one.
  private func store<Device: BlockDevice & ~Copyable>(
    _ bytes: inout MutableRawSpan,
    at offset: UInt64,
    on device: inout Device
  ) throws(StoreError) {
    guard
      let blocks = BlockRange(
        byteOffset: offset,
        byteCount: UInt64(bytes.byteCount)
      )
    else {
      return try change(bytes.byteCount, at: offset, on: &device) { index in
        // SAFETY: below the count.
        unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
      }
    }
    try device.write(blocks, from: bytes.bytes)
  }

  /// Changes a part of a block to what `byte` says.
  @inline(__always)
  private func change<Device: BlockDevice & ~Copyable>(
    _ count: Int,
    at offset: UInt64,
    on device: inout Device,
    to byte: (Int) -> UInt8
  ) throws(StoreError) {
    let place = Int(offset % UInt64(Frame.size))
    let blocks = BlockRange(containing: offset)
    var page = InlineArray<4096, UInt8>(repeating: 0)
    var span = page.mutableSpan
    // SAFETY: bytes have no padding, and any pattern is a valid one.
    var content = unsafe span.mutableBytes
    try device.read(blocks, into: &content)
    for index in 0..<count {
      content.storeBytes(
        of: byte(index),
        toByteOffset: place &+ index,
        as: UInt8.self
      )
    }
    try device.write(blocks, from: content.bytes)
  }
}

/// How many blocks' time so many bytes take.
func blocks(_ byteCount: Int) -> Int {
  max(1, byteCount / Frame.size)
}

extension Session.Work {
  /// The next piece, of this many bytes at most: whole blocks, or, at either
  /// end, all that is meant of one block, however short the limit.
  ///
  /// Zero when not even one block is within the limit.
  func step(atMost limit: Int) -> Int {
    let size = Frame.size
    let place = Int(offset % UInt64(size))
    if place > 0 || Int(rest) < size {
      return min(size &- place, Int(rest))
    }
    return min(limit, Int(rest)) / size &* size
  }

  /// Goes on behind so many bytes.
  mutating func pass(_ size: Int) {
    offset &+= UInt64(size)
    rest &-= UInt32(truncatingIfNeeded: size)
  }
}

extension BlockRange {
  /// The block that a byte lies in.
  init(containing offset: UInt64) {
    let number = offset / UInt64(Frame.size)
    self.init(
      start: BlockNumber(UInt32(truncatingIfNeeded: number)),
      count: 1
    )
  }
}
