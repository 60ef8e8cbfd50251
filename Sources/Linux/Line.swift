// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// One line of text of at most 400 bytes, built without allocation.
///
/// What does not fit is cut off: a message must never be the reason why a
/// capture fails.
public struct Line: ExpressibleByStringInterpolation, Sendable {
  static let room = 400

  var bytes: InlineArray<400, UInt8> = .init(repeating: 0)
  /// How many bytes the line has.
  public private(set) var count = 0

  /// The empty line.
  public init() {}

  /// The line that is spelled in the source.
  @inline(never)
  public init(stringLiteral text: StaticString) { append(text) }

  /// The line that is spelled in the source, with its numbers and names.
  public init(stringInterpolation parts: Interpolation) {
    self = parts.line
  }

  /// Adds one byte.
  public mutating func append(byte: UInt8) {
    guard count < Line.room else { return }
    bytes[count] = byte
    count += 1
  }

  /// Adds literal text.
  @inline(never)
  public mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { buffer in
      for index in buffer.indices { append(byte: unsafe buffer[index]) }
    }
  }

  /// Adds another line's text.
  @inline(never)
  public mutating func append(line: Line) {
    for index in 0..<line.count { append(byte: line.bytes[index]) }
  }

  /// Adds bytes that may be anything; what is not printable becomes `?`.
  public mutating func append(untrusted text: some Collection<UInt8>) {
    for byte in text {
      append(byte: (0x20..<0x7f).contains(byte) ? byte : 0x3f)
    }
  }

  /// Adds a number in decimal.
  @inline(never)
  public mutating func append(decimal number: UInt64) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var rest = number
    var used = 0
    repeat {
      digits[used] = 0x30 + UInt8(rest % 10)
      rest /= 10
      used += 1
    } while rest > 0
    while used > 0 {
      used -= 1
      append(byte: digits[used])
    }
  }

  /// Adds a number in hexadecimal, with 0x before it.
  @inline(never)
  public mutating func append(hex number: UInt64) {
    append("0x")
    var shift = number == 0 ? 0 : (63 - number.leadingZeroBitCount) / 4 * 4
    while shift >= 0 {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift) & 15)
      append(byte: digit < 10 ? 0x30 + digit : 0x57 + digit)
      shift -= 4
    }
  }

  /// The text so far.
  public var text: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span.extracting(first: count) }
  }

  /// The text so far, as what a system call takes.
  public var raw: RawSpan {
    @_lifetime(borrow self)
    get {
      // SAFETY: bytes have no padding that could leak.
      unsafe text.bytes
    }
  }

  /// What `"\(...)"` may hold in a line.
  public struct Interpolation: StringInterpolationProtocol {
    var line = Line()

    /// Starts an empty line; its room is fixed.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Adds the text between two values.
    @inline(never)
    public mutating func appendLiteral(_ literal: StaticString) {
      line.append(literal)
    }

    /// Adds a number in decimal.
    public mutating func appendInterpolation<N: BinaryInteger>(_ number: N) {
      if number < 0 { line.append(byte: 0x2d) }
      line.append(decimal: UInt64(truncatingIfNeeded: number.magnitude))
    }

    /// Adds a number in hexadecimal.
    @inline(never)
    public mutating func appendInterpolation(hex number: UInt64) {
      line.append(hex: number)
    }

    /// Adds literal text.
    @inline(never)
    public mutating func appendInterpolation(_ text: StaticString) {
      line.append(text)
    }

    /// Adds another line's text.
    @inline(never)
    public mutating func appendInterpolation(_ text: Line) {
      line.append(line: text)
    }

    /// Adds a file's name.
    @inline(never)
    public mutating func appendInterpolation(_ path: Path) {
      line.append(untrusted: path.name)
    }

    /// Adds what an errno means, and its number.
    @inline(never)
    public mutating func appendInterpolation(_ errno: Errno) {
      line.append(errno.meaning)
      line.append(" (errno ")
      line.append(decimal: UInt64(errno.code.magnitude))
      line.append(")")
    }
  }
}

extension Path {
  /// The name that a line spells.
  public init(_ line: Line) { self.init(line.text) }
}
