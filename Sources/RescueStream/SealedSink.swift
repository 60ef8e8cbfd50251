// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
public import Rescue

/// Sends pieces of a file to `oldmem receive`, which has the same key; the
/// format is drawn in SealedStream.swift.
///
/// Nothing is sent to who has not shown that he has the key.
public struct SealedSink<Channel: ByteChannel & ~Copyable>: PlacedSink,
  ByteSink, ~Copyable
{
  private var channel: Channel
  private var seal: Seal
  private var receipt: Seal
  /// A record's head, content and tag, made here.
  private var record = [UInt8]()
  /// Where the bytes that wait in the record belong.
  private var start: UInt64 = 0
  private var end: UInt64 = 0
  private var isSound = true

  /// The file's bytes so far: up to behind the last one.
  public private(set) var count: UInt64 = 0

  private static var pieceHead: Int { Seal.headSize + 9 }

  private init(
    _ channel: consuming Channel,
    _ keys: SessionKeys
  ) {
    self.channel = channel
    seal = Seal(keys.records)
    receipt = Seal(keys.receipt)
    record.reserveCapacity(Seal.headSize + Seal.most + Seal.tagSize)
  }

  /// Begins to send something of this kind over a new connection.
  ///
  /// - Parameters:
  ///   - random: drawn for this connection.
  ///   - name: of what is sent, 64 bytes at most.
  public static func begin(
    over channel: consuming Channel,
    key: StreamKey,
    kind: StreamKind,
    random: InlineArray<32, UInt8>,
    name: [UInt8] = []
  ) throws(StreamError) -> SealedSink {
    let hello = try channel.take(40)
    guard Greeting.begins(hello, with: Greeting.hello) else { throw .notOurs }
    let keys = SessionKeys(
      key,
      receiver: Greeting.part(hello, at: 8),
      sender: random
    )
    let answer = Greeting.bytes(Greeting.answer, random)
    try channel.give(answer + [UInt8](keys.senderProof))
    let proof: [UInt8]
    // Who has another key says nothing more.
    do throws(StreamError) { proof = try channel.take(32) } catch {
      throw .otherKey
    }
    guard Greeting.agree(Greeting.part(proof, at: 0), keys.receiverProof) else {
      throw .otherKey
    }
    var sink = SealedSink(channel, keys)
    sink.open(1)
    sink.record.append(kind.rawValue)
    for byte in name.prefix(64) { sink.record.append(byte) }
    guard sink.send() else { throw .silent }
    return sink
  }

  /// Takes the bytes that follow all others.
  public mutating func write(_ bytes: RawSpan) -> Bool {
    write(bytes, at: count)
  }

  /// Takes the bytes that are at `offset`.
  public mutating func write(_ bytes: RawSpan, at offset: UInt64) -> Bool {
    let last = offset.addingReportingOverflow(UInt64(bytes.byteCount))
    guard isSound, !last.overflow else { return false }
    if offset != end || record.isEmpty {
      guard flush() else { return false }
      (start, end) = (offset, offset)
    }
    var rest = bytes
    while !rest.isEmpty {
      if record.isEmpty {
        start = end
        open(2)
        append(start)
      }
      let room = Seal.headSize + Seal.most - record.count
      let step = min(room, rest.byteCount)
      unsafe rest.extracting(first: step).withUnsafeBytes { buffer in
        // SAFETY: the bytes are copied before the call ends.
        unsafe record.append(contentsOf: buffer)
      }
      end += UInt64(step)
      if step == room, !flush() { return false }
      rest = rest.extracting(droppingFirst: step)
    }
    count = max(count, end)
    return true
  }

  /// A stream keeps its order: sends what is waiting.
  public mutating func barrier() -> Bool { flush() }

  /// Ends the file, and waits until the receiver says that it has it.
  ///
  /// - Parameter byteCount: the file's bytes, if there are more than were
  ///   written.
  public mutating func end(
    isWhole: Bool,
    byteCount: UInt64 = 0
  ) throws(StreamError) {
    guard flush() else { throw .silent }
    count = max(count, byteCount)
    open(3)
    record.append(isWhole ? 1 : 0)
    append(count)
    guard send() else { throw .silent }
    var answer = try channel.take(Seal.headSize + 9 + Seal.tagSize)
    guard receipt.open(&answer) else { throw .damaged }
    let content = answer.span.extracting(Seal.headSize..<Seal.headSize + 9)
    guard content[0] == 4, number(content, at: 1) == count else {
      throw .notStored
    }
  }

  @inline(never)
  private mutating func open(_ type: UInt8) {
    record.removeAll(keepingCapacity: true)
    for _ in 0..<Seal.headSize { record.append(0) }
    record.append(type)
  }

  @inline(never)
  private mutating func append(_ number: UInt64) {
    for index in 0..<8 {
      record.append(UInt8(truncatingIfNeeded: number >> (8 * index)))
    }
  }

  private mutating func flush() -> Bool {
    record.isEmpty ? isSound : send()
  }

  @inline(never)
  private mutating func send() -> Bool {
    for _ in 0..<Seal.tagSize { record.append(0) }
    seal.close(&record)
    // Its memory is lent to `made` and taken back.
    var made = [UInt8]()
    swap(&made, &record)
    if isSound {
      let span = made.span
      // SAFETY: bytes have no padding that could leak.
      isSound = channel.write(unsafe span.bytes)
    }
    swap(&made, &record)
    record.removeAll(keepingCapacity: true)
    return isSound
  }
}

/// The 64-bit number at `offset`.
func number(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
  var number: UInt64 = 0
  for index in 0..<8 { number |= UInt64(bytes[offset + index]) << (8 * index) }
  return number
}
