// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// A reply says that all is well before its data, so the data must be known to
// be good by then. A chunk of a structured reply is read into its place in the
// buffer first, and its header is put when every block has been verified. A
// simple reply has one header for all of its data: what fits into the buffer
// is treated like a chunk, and what does not is verified as a whole first, and
// read once more as it is sent. A block that is damaged between the two ends
// the connection, as the protocol wants it.

internal import BlockStore
internal import Memory

/// Answers that carry data.
extension Session {
  /// Data that is not sent in smaller pieces than this, unless there is less.
  private static let leastPiece = 32768
  /// Nor in larger ones: the client can begin with the first of them.
  private static let longestPiece = 131_072

  /// Structured replies: a chunk with as much as there is room for.
  mutating func sendChunks<Device: BlockDevice & ~Copyable>(
    _ work: inout Work,
    _ replies: inout Replies,
    _ turn: inout Turn,
    on device: inout Device
  ) -> Need? {
    while work.rest > 0 {
      guard turn.work > 0 else { return .turn }
      let size = piece(of: work, replies, after: HeaderSize.dataChunk)
      guard size > 0 else { return .room }
      do throws(StoreError) {
        var place = replies.reserve(size, after: HeaderSize.dataChunk)
        try read(&place, at: work.offset, on: &device)
      } catch {
        putFailure(error, of: work, &replies)
        phase = .request
        return nil
      }
      replies.put(
        .offsetData,
        isLast: size == Int(work.rest),
        cookie: work.cookie,
        dataCount: 8 &+ size
      )
      replies.put(work.offset)
      replies.commit(size)
      work.pass(size)
      turn.work &-= blocks(size)
    }
    phase = .request
    return nil
  }

  private func putFailure(
    _ error: StoreError,
    of work: Work,
    _ replies: inout Replies
  ) {
    // Where the first part of a block is not meant, its first byte is not.
    var place = work.offset
    if case .damaged(let block) = error {
      place = max(place, UInt64(block.value) &* UInt64(Frame.size))
    }
    put(refusal(for: error), cookie: work.cookie, at: place, &replies)
  }

  /// A simple reply, up to its header: the whole of it, where it fits.
  mutating func verify<Device: BlockDevice & ~Copyable>(
    _ work: inout Work,
    _ length: UInt32,
    _ replies: inout Replies,
    _ turn: inout Turn,
    on device: inout Device
  ) -> Need? {
    let header = HeaderSize.simpleReply
    if Int(length) <= replies.capacity &- header {
      guard Int(length) <= replies.room &- header else { return .room }
      do throws(StoreError) {
        var place = replies.reserve(Int(length), after: header)
        try read(&place, at: work.offset, on: &device)
      } catch {
        work.failure = refusal(for: error)
      }
      turn.work &-= blocks(Int(length))
      replies.putSimple(
        work.failure?.error.rawValue ?? 0,
        cookie: work.cookie
      )
      if work.failure == nil { replies.commit(Int(length)) }
      phase = .request
      return nil
    }
    var page = InlineArray<4096, UInt8>(repeating: 0)
    while work.rest > 0 {
      guard turn.work > 0 else { return .turn }
      turn.work &-= 1
      do throws(StoreError) {
        var span = page.mutableSpan
        // SAFETY: bytes have no padding, and any pattern is a valid one.
        var content = unsafe span.mutableBytes
        try device.read(BlockRange(containing: work.offset), into: &content)
      } catch {
        guard replies.room >= Limit.reply else { return .room }
        put(refusal(for: error), cookie: work.cookie, &replies)
        phase = .request
        return nil
      }
      work.pass(work.step(atMost: Frame.size))
    }
    guard replies.room >= Limit.reply else { return .room }
    replies.putSimple(0, cookie: work.cookie)
    work.offset &-= UInt64(length)
    work.rest = length
    work.kind = .readRest
    return nil
  }

  /// A simple reply whose header has promised what it carries.
  mutating func sendRest<Device: BlockDevice & ~Copyable>(
    _ work: inout Work,
    _ replies: inout Replies,
    _ turn: inout Turn,
    on device: inout Device
  ) -> Need? {
    while work.rest > 0 {
      guard turn.work > 0 else { return .turn }
      let size = piece(of: work, replies, after: 0)
      guard size > 0 else { return .room }
      do throws(StoreError) {
        var place = replies.reserve(size, after: 0)
        try read(&place, at: work.offset, on: &device)
      } catch {
        phase = .ended(.damagedMeanwhile)
        return nil
      }
      replies.commit(size)
      work.pass(size)
      turn.work &-= blocks(size)
    }
    phase = .request
    return nil
  }

  /// How many bytes are sent next; 0 when that is to wait for more room.
  private func piece(
    of work: Work,
    _ replies: borrowing Replies,
    after header: Int
  ) -> Int {
    let free = replies.room &- header
    guard free > 0 else { return 0 }
    let room = min(free, Self.longestPiece)
    guard Int(work.rest) > room else { return Int(work.rest) }
    guard room >= Self.leastPiece || replies.count == 0 else { return 0 }
    // Up to a block's end, so that no block is read twice.
    let end = work.offset &+ UInt64(room)
    let cut = end / UInt64(Frame.size) &* UInt64(Frame.size)
    return cut > work.offset ? Int(cut &- work.offset) : room
  }

  /// Reads any bytes: whole blocks straight to where they are sent from.
  private func read<Device: BlockDevice & ~Copyable>(
    _ bytes: inout MutableRawSpan,
    at offset: UInt64,
    on device: inout Device
  ) throws(StoreError) {
    var done = 0
    let count = bytes.byteCount
    while done < count {
      let start = offset &+ UInt64(done)
      let place = Int(start % UInt64(Frame.size))
      let left = count &- done
      if place == 0, left >= Frame.size {
        let size = left / Frame.size &* Frame.size
        var part = bytes._mutatingExtracting(done..<done &+ size)
        var blocks = BlockRange(containing: start)
        blocks.count = UInt32(truncatingIfNeeded: size / Frame.size)
        try device.read(blocks, into: &part)
        done &+= size
        continue
      }
      let size = min(Frame.size &- place, left)
      var page = InlineArray<4096, UInt8>(repeating: 0)
      var span = page.mutableSpan
      // SAFETY: bytes have no padding, and any pattern is a valid one.
      var content = unsafe span.mutableBytes
      try device.read(BlockRange(containing: start), into: &content)
      for index in 0..<size {
        // SAFETY: place + size is at most a block.
        let byte = unsafe content.unsafeLoad(
          fromUncheckedByteOffset: place &+ index,
          as: UInt8.self
        )
        bytes.storeBytes(of: byte, toByteOffset: done &+ index, as: UInt8.self)
      }
      done &+= size
    }
  }
}
