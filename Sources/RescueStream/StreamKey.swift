// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
internal import Memory

/// What sender and receiver both have and nobody else: 32 random bytes.
public struct StreamKey: Sendable {
  /// How many bytes it has.
  public static let size = 32

  let bytes: InlineArray<32, UInt8>

  /// Reads a key's file: 64 hexadecimal digits, with or without a line's end
  /// behind them, or 32 bytes as they are; nil for anything else.
  public init?(file text: Span<UInt8>) {
    if text.count == Self.size {
      bytes = InlineArray<32, UInt8> { text[$0] }
      return
    }
    var end = text.count
    while end > 0, text[end - 1] <= 0x20 { end -= 1 }
    let digits = text.extracting(0..<end)
    guard let bytes: InlineArray<32, UInt8> = Hex.bytes(digits) else {
      return nil
    }
    self.bytes = bytes
  }
}

/// What both sides make of their key for one connection, by HKDF with SHA-256
/// (RFC 5869): the salt is what each has drawn, the receiver's first.
struct SessionKeys {
  private let secret: InlineArray<32, UInt8>

  init(
    _ key: StreamKey,
    receiver: InlineArray<32, UInt8>,
    sender: InlineArray<32, UInt8>
  ) {
    var salt = [UInt8]()
    for index in 0..<32 { salt.append(receiver[index]) }
    for index in 0..<32 { salt.append(sender[index]) }
    secret = Self.authenticate([UInt8](key.bytes), by: salt)
  }

  /// That the sender has the key.
  var senderProof: InlineArray<32, UInt8> { expand("oldmem sender") }
  /// That the receiver has it.
  var receiverProof: InlineArray<32, UInt8> { expand("oldmem receiver") }
  /// What the records are sealed with.
  var records: InlineArray<32, UInt8> { expand("oldmem records") }
  /// What the receipt is sealed with.
  var receipt: InlineArray<32, UInt8> { expand("oldmem receipt") }

  private func expand(_ label: StaticString) -> InlineArray<32, UInt8> {
    var text = [UInt8]()
    label.withUTF8Buffer { unsafe text.append(contentsOf: $0) }
    // The first block of the expansion, which has as many bytes as are wanted.
    text.append(1)
    return Self.authenticate(text, by: [UInt8](secret))
  }

  /// HMAC with SHA-256 (RFC 2104); a key has 64 bytes at most.
  static func authenticate(
    _ text: [UInt8],
    by key: [UInt8]
  ) -> InlineArray<32, UInt8> {
    precondition(key.count <= 64)
    var inner = [UInt8](repeating: 0x36, count: 64)
    var outer = [UInt8](repeating: 0x5c, count: 64)
    for index in 0..<key.count {
      inner[index] ^= key[index]
      outer[index] ^= key[index]
    }
    inner.append(contentsOf: text)
    outer.append(contentsOf: [UInt8](Digest(of: inner.span).bytes))
    return Digest(of: outer.span).bytes
  }
}

extension [UInt8] {
  init(_ bytes: InlineArray<32, UInt8>) {
    self = []
    for index in 0..<32 { append(bytes[index]) }
  }
}
