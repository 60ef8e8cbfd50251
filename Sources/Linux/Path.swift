// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A file's name as the kernel takes it: bytes up to a NUL.
public struct Path: ExpressibleByStringLiteral, Sendable {
  /// The name's bytes and the NUL behind them.
  @usableFromInline
  var bytes: [UInt8]

  /// The name that is spelled in the source.
  public init(stringLiteral name: StaticString) {
    bytes = []
    name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    bytes.append(0)
  }

  /// The name that `name` spells, up to its first NUL.
  public init(_ name: Span<UInt8>) {
    bytes = []
    bytes.reserveCapacity(name.count + 1)
    for index in name.indices {
      if name[index] == 0 { break }
      bytes.append(name[index])
    }
    bytes.append(0)
  }

  /// Copies a C string.
  @unsafe
  init(copying cString: UnsafePointer<CChar>) {
    bytes = []
    var index = 0
    // SAFETY: the caller vouches for a NUL at the string's end.
    while unsafe cString[index] != 0 {
      unsafe bytes.append(UInt8(bitPattern: cString[index]))
      index += 1
    }
    bytes.append(0)
  }

  /// The name's bytes, without the NUL.
  public var name: ArraySlice<UInt8> { bytes.dropLast() }

  /// The name's length in bytes, without the NUL.
  public var count: Int { bytes.count - 1 }

  /// The name's bytes, without the NUL, to be parsed.
  public var text: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span.extracting(droppingLast: 1) }
  }

  /// The name without its first `count` bytes.
  public func droppingFirst(_ count: Int) -> Path {
    Path(text.extracting(droppingFirst: min(count, self.count)))
  }

  /// This folder's entry `name`.
  public func appending(_ name: Path) -> Path {
    var joined = self
    joined.bytes.removeLast()
    if joined.bytes.last != 0x2f { joined.bytes.append(0x2f) }
    joined.bytes.append(contentsOf: name.bytes)
    return joined
  }

  /// Adds to the end of the name.
  public mutating func append(_ literal: StaticString) {
    bytes.removeLast()
    literal.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    bytes.append(0)
  }

  /// Whether the name is exactly `literal`.
  public func equals(_ literal: StaticString) -> Bool {
    literal.utf8CodeUnitCount == count && hasPrefix(literal)
  }

  /// Whether the name begins with `literal`.
  public func hasPrefix(_ literal: StaticString) -> Bool {
    literal.withUTF8Buffer { buffer in
      guard buffer.count <= count else { return false }
      for index in buffer.indices
      where unsafe buffer[index] != bytes[index] {
        return false
      }
      return true
    }
  }

  /// Whether the name ends with `literal`.
  public func hasSuffix(_ literal: StaticString) -> Bool {
    let length = literal.utf8CodeUnitCount
    return length <= count && droppingFirst(count - length).equals(literal)
  }

  /// Hands `body` the name as C takes it.
  @inline(__always)
  func withCString<R>(_ body: (UnsafePointer<CChar>) -> R) -> R {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      // SAFETY: bytes with a NUL at their end are a C string, and `bytes` is
      // never empty, so it has a first element to point at.
      unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
        unsafe body(characters.baseAddress.unsafelyUnwrapped)
      }
    }
  }
}
