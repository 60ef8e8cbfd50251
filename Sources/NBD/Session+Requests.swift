// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// Requests, from their header on.
extension Session {
  /// Begins what a client asks for, or refuses it.
  mutating func begin<Device: BlockDevice & ~Copyable>(
    _ request: Request,
    _ replies: inout Replies,
    _ turn: inout Turn,
    on device: inout Device
  ) {
    let room = replies.capacity &- HeaderSize.dataChunk
    switch validate(
      request,
      agreement,
      exportSize: exportSize,
      room: room
    ) {
    case .refused(let refusal):
      turn.work &-= 1
      refuse(request, refusal, &replies)
    case .accepted(.disconnect): phase = .ended(.bidden)
    case .accepted where isEnding: refuse(request, .shutdown, &replies)
    case .accepted(let command):
      perform(command, request, &replies, &turn, on: &device)
    }
  }

  private mutating func perform<Device: BlockDevice & ~Copyable>(
    _ command: Request.Command,
    _ request: Request,
    _ replies: inout Replies,
    _ turn: inout Turn,
    on device: inout Device
  ) {
    switch command {
    case .read:
      work(
        on: request,
        agreement.isStructured
          ? .readChunks : .verify(length: request.length)
      )
    case .write: work(on: request, .write)
    case .trim: work(on: request, .trim)
    case .writeZeroes: work(on: request, .zero)
    // What is in memory is as near as it can be.
    case .cache:
      turn.work &-= 1
      replies.putSimple(0, cookie: request.cookie)
    case .flush:
      turn.work &-= 1
      do throws(StoreError) {
        try device.flush()
        replies.putSimple(0, cookie: request.cookie)
      } catch { refuse(request, refusal(for: error), &replies) }
    case .blockStatus: status(request, &replies, &turn, on: device)
    case .disconnect: break
    }
  }

  private mutating func work(on request: Request, _ kind: Work.Kind) {
    phase = .work(
      Work(
        kind: kind,
        cookie: request.cookie,
        offset: request.offset,
        rest: request.length
      )
    )
  }

  /// Answers with an error, once the request's own data is out of the way.
  private mutating func refuse(
    _ request: Request,
    _ refusal: Refusal,
    _ replies: inout Replies
  ) {
    if refusal.isMisuse { refused = (request, refusal) }
    guard request.hasPayload, request.length > 0 else {
      return put(refusal, cookie: request.cookie, &replies)
    }
    phase = .work(
      Work(
        kind: .drop,
        cookie: request.cookie,
        offset: request.offset,
        rest: request.length,
        failure: refusal
      )
    )
  }

  func put(
    _ refusal: Refusal,
    cookie: UInt64,
    at offset: UInt64? = nil,
    _ replies: inout Replies
  ) {
    replies.put(
      refusal,
      cookie: cookie,
      at: offset,
      isStructured: agreement.isStructured
    )
  }

  /// BLOCK_STATUS: which blocks hold nothing, as far as one reply and one
  /// turn go.
  private func status<Device: BlockDevice & ~Copyable>(
    _ request: Request,
    _ replies: inout Replies,
    _ turn: inout Turn,
    on device: borrowing Device
  ) {
    let most =
      request.has(Request.Flag.oneExtent)
      ? 1 : min(Limit.extents, (replies.room &- HeaderSize.chunk &- 4) / 8)
    let size = UInt64(Frame.size)
    let end = request.offset &+ UInt64(request.length)
    var blocks = BlockRange(
      start: BlockNumber(UInt32(truncatingIfNeeded: request.offset / size)),
      count: 0
    )
    let last = (end &- 1) / size
    blocks.count = min(
      UInt32(truncatingIfNeeded: last) &- blocks.start.value &+ 1,
      Limit.statusBlocks
    )
    turn.work &-= 1 &+ Int(blocks.count) / Turn.queried
    // The extents come before their header, which has their number.
    let header = HeaderSize.chunk &+ 4
    var count = 0
    var place = request.offset
    var list = replies.reserve(most &* 8, after: header)
    while count < most, blocks.count > 0 {
      let extent = device.extent(of: blocks)
      let step = max(1, min(extent.count, blocks.count))
      blocks.start.value &+= step
      blocks.count &-= step
      let until = min(UInt64(blocks.start.value) &* size, end)
      list.storeBytes(
        of: UInt32(truncatingIfNeeded: until &- place).bigEndian,
        toByteOffset: count &* 8,
        as: UInt32.self
      )
      list.storeBytes(
        of: (extent.isHole ? holeOfZeroes : 0).bigEndian,
        toByteOffset: count &* 8 &+ 4,
        as: UInt32.self
      )
      place = until
      count &+= 1
    }
    replies.put(
      .blockStatus,
      isLast: true,
      cookie: request.cookie,
      dataCount: 4 &+ count &* 8
    )
    replies.put(Export.contextNumber)
    replies.commit(count &* 8)
  }
}

/// What a client is told of a store's error.
func refusal(for error: StoreError) -> Refusal {
  switch error {
  case .full: .full
  case .outOfRange, .bufferMismatch: .beyondEnd
  case .damaged, .shape, .regionTooSmall, .regionMisaligned, .framesTooFew,
    .notThisStore:
    .damaged
  }
}
