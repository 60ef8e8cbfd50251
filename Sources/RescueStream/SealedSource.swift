// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// The other end of a `SealedSink`: what is sent, once it is known who sends.
public struct SealedSource<Channel: ByteChannel & ~Copyable>: ~Copyable {
  private var channel: Channel
  private var seal: Seal
  private var receipt: Seal
  private var isBegun = false
  private var isEnded = false
  private let limit: UInt64
  /// The end of the piece that ends last.
  private var reach: UInt64 = 0

  /// What a record says.
  public enum Event: Equatable, Sendable {
    /// Something of this kind follows.
    case begin(StreamKind, name: [UInt8])
    /// Bytes of the file, and where they are in it.
    case piece(offset: UInt64, [UInt8])
    /// The file has so many bytes, and this is all of it or not.
    case end(byteCount: UInt64, isWhole: Bool)
  }

  private init(
    _ channel: consuming Channel,
    _ keys: SessionKeys,
    _ limit: UInt64
  ) {
    self.channel = channel
    self.limit = limit
    seal = Seal(keys.records)
    receipt = Seal(keys.receipt)
  }

  /// Lets somebody show that he has the key, and shows him that we have it.
  ///
  /// - Parameters:
  ///   - random: drawn for this connection, and never before.
  ///   - limit: the most bytes that a file may have.
  public static func accept(
    from channel: consuming Channel,
    key: StreamKey,
    random: InlineArray<32, UInt8>,
    limit: UInt64
  ) throws(StreamError) -> SealedSource {
    try channel.give(Greeting.bytes(Greeting.hello, random))
    // By its first bytes plain text is known, however short it is.
    let magic = try channel.take(8)
    guard Greeting.begins(magic, with: Greeting.answer) else { throw .notOurs }
    let answer = try channel.take(64)
    let keys = SessionKeys(
      key,
      receiver: random,
      sender: Greeting.part(answer, at: 0)
    )
    guard Greeting.agree(Greeting.part(answer, at: 32), keys.senderProof) else {
      throw .otherKey
    }
    try channel.give([UInt8](keys.receiverProof))
    return SealedSource(channel, keys, limit)
  }

  /// The next record; nothing may be asked for behind the end.
  public mutating func next() throws(StreamError) -> Event {
    precondition(!isEnded)
    var record = try channel.take(Seal.headSize)
    guard let size = Seal.size(record.span) else { throw .damaged }
    record.append(contentsOf: try channel.take(size - Seal.headSize))
    guard seal.open(&record) else { throw .damaged }
    let event = try parse(
      record.span.extracting(Seal.headSize..<(size - Seal.tagSize))
    )
    switch event {
    case .begin:
      guard !isBegun else { throw .malformed }
      isBegun = true
    case .piece(let offset, let bytes):
      guard isBegun else { throw .malformed }
      let (end, overflow) = offset.addingReportingOverflow(UInt64(bytes.count))
      guard !overflow, end <= limit else { throw .tooLarge }
      reach = max(reach, end)
    case .end(let count, _):
      guard isBegun, count >= reach else { throw .malformed }
      guard count <= limit else { throw .tooLarge }
      isEnded = true
    }
    return event
  }

  /// Says to the sender that the file of so many bytes is kept.
  public mutating func confirm(byteCount: UInt64) throws(StreamError) {
    var record = [UInt8](
      repeating: 0,
      count: Seal.headSize + 9 + Seal.tagSize
    )
    var span = record.mutableSpan
    span[Seal.headSize] = 4
    span.store(byteCount, at: Seal.headSize + 1)
    receipt.close(&record)
    try channel.give(record)
  }

  private func parse(_ content: Span<UInt8>) throws(StreamError) -> Event {
    switch content[0] {
    case 1:
      guard (2...66).contains(content.count),
        let kind = StreamKind(rawValue: content[1])
      else { throw .malformed }
      return .begin(kind, name: copy(content, from: 2))
    case 2:
      guard content.count > 9 else { throw .malformed }
      return .piece(offset: number(content, at: 1), copy(content, from: 9))
    case 3:
      guard content.count == 10, content[1] <= 1 else { throw .malformed }
      return .end(byteCount: number(content, at: 2), isWhole: content[1] == 1)
    default: throw .malformed
    }
  }

  private func copy(_ bytes: Span<UInt8>, from start: Int) -> [UInt8] {
    var copy = [UInt8]()
    copy.reserveCapacity(bytes.count - start)
    unsafe bytes.extracting(droppingFirst: start).withUnsafeBufferPointer {
      // SAFETY: the bytes are copied before the call ends.
      unsafe copy.append(contentsOf: $0)
    }
    return copy
  }
}
