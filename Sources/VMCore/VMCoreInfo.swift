// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

// VMCOREINFO is text, one line for each fact (kernel/vmcore_info.c):
//
//    OSRELEASE=6.12.117+deb12-cloud-amd64     text
//    SYMBOL(swapper_pg_dir)=ffffffff9bc22000  hexadecimal without 0x
//    SIZE(page)=64                            decimal
//    OFFSET(page.flags)=0                     decimal
//    LENGTH(zone.free_area)=11                decimal
//    NUMBER(PG_head_mask)=64                  signed decimal, or 0x...
//    KERNELOFFSET=19000000                    hexadecimal without 0x

/// What the crashed kernel wrote of itself: symbols, sizes, offsets.
public struct VMCoreInfo: Sendable {
  /// The most text that is taken; the kernel had one page, later two.
  public static let maximumSize: UInt64 = 65_536

  /// The kinds of line that are written NAME(key)=value.
  public enum Kind: Sendable {
    /// An address.
    case symbol
    /// A structure's size in bytes.
    case size
    /// A field's offset in bytes.
    case offset
    /// An array's number of elements.
    case length
    /// Any number.
    case number

    /// What stands before the bracket.
    public var prefix: StaticString {
      switch self {
      case .symbol: "SYMBOL"
      case .size: "SIZE"
      case .offset: "OFFSET"
      case .length: "LENGTH"
      case .number: "NUMBER"
      }
    }
  }

  /// The note's text, without trailing NULs.
  public let text: [UInt8]

  /// Takes `text` as it stands in the note.
  public init(_ text: consuming [UInt8]) {
    while text.last == 0 { text.removeLast() }
    self.text = text
  }

  init<Source: ByteSource & ~Copyable>(
    _ note: Note,
    in source: borrowing Source
  ) throws(CoreError) {
    guard note.descriptionSize <= Self.maximumSize else {
      throw .wrong(
        .vmcoreInfoSize,
        offset: note.offset,
        value: note.descriptionSize
      )
    }
    var bytes = ByteBuffer(count: Int(note.descriptionSize))
    try source.read(.notes, at: note.description, into: &bytes)
    var text = bytes.array()
    // The kernel appends lines until its buffer is full and then goes on as
    // if nothing had happened: a last line without its end is half of one,
    // and the value that it has is not the value.
    while let last = text.last, last != 0x0a { text.removeLast() }
    self.init(text)
  }

  /// The value of the line KIND(key)=value, or nil where there is no such
  /// line or no such number; negative numbers in two's complement.
  public func value(_ kind: Kind, _ key: StaticString) -> UInt64? {
    guard let range = find({ matches($0, kind.prefix, key) }) else {
      return nil
    }
    let digits = text.span.extracting(range)
    return kind == .symbol ? Hex.parse(digits) : Self.number(digits)
  }

  /// The text after `key` and the equals sign, such as that of OSRELEASE.
  public func string(_ key: StaticString) -> [UInt8]? {
    guard let range = find({ key.matches(text.span.extracting($0)) }) else {
      return nil
    }
    return Array(text[range])
  }

  /// The hexadecimal number after `key` and the equals sign, such as that of
  /// KERNELOFFSET.
  public func hexadecimal(_ key: StaticString) -> UInt64? {
    guard let digits = string(key) else { return nil }
    return Hex.parse(digits.span)
  }

  /// The range of the value in the first line whose part before the equals
  /// sign is `wanted`.
  private func find(_ wanted: (Range<Int>) -> Bool) -> Range<Int>? {
    var start = 0
    while start < text.count {
      var end = start
      var equals: Int?
      while end < text.count, text[end] != 0x0a {
        if text[end] == 0x3d, equals == nil { equals = end }
        end += 1
      }
      if let equals, wanted(start..<equals) { return (equals + 1)..<end }
      start = end + 1
    }
    return nil
  }

  /// Whether the text in `range` is `prefix` and `key` in brackets.
  private func matches(
    _ range: Range<Int>,
    _ prefix: StaticString,
    _ key: StaticString
  ) -> Bool {
    let open = range.lowerBound + prefix.utf8CodeUnitCount
    let close = range.upperBound - 1
    guard
      open + 1 + key.utf8CodeUnitCount == close,
      text[open] == 0x28,
      text[close] == 0x29
    else { return false }
    let span = text.span
    return prefix.matches(span.extracting(range.lowerBound..<open))
      && key.matches(span.extracting((open + 1)..<close))
  }

  /// The number that `digits` spell: signed decimal, or hexadecimal after 0x.
  static func number(_ digits: Span<UInt8>) -> UInt64? {
    if digits.count > 2, digits[0] == 0x30, digits[1] | 0x20 == 0x78 {
      return Hex.parse(digits)
    }
    let negative = digits.count > 0 && digits[0] == 0x2d
    let first = negative ? 1 : 0
    guard first < digits.count else { return nil }
    var number: UInt64 = 0
    for index in first..<digits.count {
      guard (0x30...0x39).contains(digits[index]) else { return nil }
      let (tens, high) = number.multipliedReportingOverflow(by: 10)
      let (sum, low) =
        tens.addingReportingOverflow(UInt64(digits[index] - 0x30))
      guard !high, !low else { return nil }
      number = sum
    }
    guard negative else { return number }
    return number <= 1 << 63 ? 0 &- number : nil
  }
}
