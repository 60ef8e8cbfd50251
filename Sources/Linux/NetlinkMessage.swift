// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// A message to a family of generic netlink (Documentation/userspace-api/
// netlink/intro.rst), in the machine's byte order:
//
//     0   4  length of all     4  2  family     6  2  flags
//     8   4  number            12 4  0
//     16  1  command           17 1  version    18 2  0
//     20     attributes: 2 length with this head, 2 type, value, padded to 4
//
// An attribute that holds others is one like all, with the others as value.

internal import Memory

/// A request to a family of generic netlink.
public struct NetlinkMessage: Sendable {
  static let capacity = 512
  private static let attributes = 20
  /// NLM_F_REQUEST and NLM_F_ACK.
  private static let flags: UInt16 = 0x1 | 0x4
  /// NLA_F_NESTED.
  private static let nested: UInt16 = 0x8000

  private(set) var bytes = InlineArray<512, UInt8>(repeating: 0)
  private(set) var count = Self.attributes

  /// A request without attributes.
  public init(to family: UInt16, command: UInt8, version: UInt8 = 1) {
    var span = bytes.mutableSpan
    span.store(family, at: 4)
    span.store(Self.flags, at: 6)
    span.store(command, at: 16)
    span.store(version, at: 17)
  }

  /// Appends an attribute of 32 bits.
  public mutating func append(_ type: UInt16, _ value: UInt32) {
    append(type, number: value)
  }

  /// Appends an attribute of 64 bits.
  public mutating func append(_ type: UInt16, _ value: UInt64) {
    append(type, number: value)
  }

  /// Appends a text and the NUL behind it.
  public mutating func append(_ type: UInt16, _ text: Path) {
    let start = begin(type, byteCount: text.count + 1)
    for index in 0..<text.count { bytes[start + index] = text.text[index] }
  }

  /// Appends an attribute that holds those which `body` appends.
  public mutating func append(
    _ type: UInt16,
    holding body: (inout NetlinkMessage) -> Void
  ) {
    let head = count
    _ = begin(type | Self.nested, byteCount: 0)
    body(&self)
    var span = bytes.mutableSpan
    span.store(UInt16(count - head), at: head)
  }

  private mutating func append<T: FixedWidthInteger>(
    _ type: UInt16,
    number: T
  ) {
    let start = begin(type, byteCount: T.bitWidth / 8)
    var span = bytes.mutableSpan
    span.store(number, at: start)
  }

  /// Makes room for an attribute, and says where its value begins.
  private mutating func begin(_ type: UInt16, byteCount: Int) -> Int {
    let head = count
    count += (4 + byteCount + 3) & ~3
    precondition(count <= Self.capacity)
    var span = bytes.mutableSpan
    span.store(UInt16(4 + byteCount), at: head)
    span.store(type, at: head + 2)
    return head + 4
  }

  /// Says how long the message is, and which one.
  mutating func stamp(number: UInt32) {
    var span = bytes.mutableSpan
    span.store(UInt32(count), at: 0)
    span.store(number, at: 8)
  }
}
