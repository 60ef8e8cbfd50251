// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BootImage
internal import Memory

// A line of a file that goes over a console, 120 characters at most:
//
//      ~OM  base64, without padding, of what is below  ~
//
//      0  1  kind in the upper four bits: 1 log, 2 dump; type in the lower ones
//      1  2  the transfer's number, drawn at random
//      3  4  the line's number, from 0 on
//      7  5  a place in the file
//     12  N  by type, 70 bytes at most
//   12+N  5  the lower bytes of the XXH64 of all that stands before
//
//      1 begin   a name. Line 0; its place is 0
//      2 run     4 bytes that follow in lines from this place on, each of which
//                but the last has 70; then, of the run before, 4 the number of
//                its first line, 5 its place, 4 its bytes (all zero: none)
//      3 piece   bytes of the file
//      4 end     1 whether it is all; 13 the last run, as above. Its place is
//                behind the file's last byte. Written three times
//
// What no line says is zero. Numbers are little-endian. A run is announced, and
// said again by who comes next, so that the place of a line that is lost is known.

/// A line of a file that goes over a console.
public struct ConsoleLine: Equatable, Sendable {
  /// The most bytes of a file in a line.
  public static let room = 70
  /// The most lines of a transfer.
  public static let mostLines: UInt32 = 1 << 26
  static let headSize = 12
  static let sumSize = 5
  /// The most characters between the marks.
  static let mostCharacters = 116

  /// What a line says.
  public enum Content: Equatable, Sendable {
    /// Something with this name follows.
    case begin(name: [UInt8])
    /// Lines with so many bytes follow, without a gap; and what the run was that
    /// came before.
    case run(byteCount: UInt32, before: ConsoleRun)
    /// These bytes.
    case piece([UInt8])
    /// That was all of it, or not; and the last run.
    case end(isWhole: Bool, before: ConsoleRun)
  }

  /// What the file is.
  public var kind: StreamKind
  /// Which transfer it belongs to.
  public var transfer: UInt16
  /// Its number in the transfer.
  public var number: UInt32
  /// Where it belongs in the file, below 2^40.
  public var offset: UInt64
  /// What it says.
  public var content: Content

  /// The characters between the marks, decoded; nil where they are no line, or a
  /// damaged one.
  init?(_ text: [UInt8]) {
    guard let bytes = Base64.decode(text),
      bytes.count >= Self.headSize + Self.sumSize
    else { return nil }
    let end = bytes.count - Self.sumSize
    let span = bytes.span
    guard Self.sum(span.extracting(0..<end)) == Self.read(bytes, end, 5),
      let kind = StreamKind(rawValue: bytes[0] >> 4)
    else { return nil }
    self.kind = kind
    transfer = UInt16(Self.read(bytes, 1, 2))
    number = UInt32(Self.read(bytes, 3, 4))
    guard number < Self.mostLines else { return nil }
    offset = Self.read(bytes, 7, 5)
    let count = end - Self.headSize
    switch bytes[0] & 15 {
    case 1:
      content = .begin(name: Array(bytes[Self.headSize..<end]))
    case 2:
      guard count == 17 else { return nil }
      content = .run(
        byteCount: UInt32(Self.read(bytes, 12, 4)),
        before: ConsoleRun(bytes, at: 16)
      )
    case 3:
      guard (1...Self.room).contains(count) else { return nil }
      content = .piece(Array(bytes[Self.headSize..<end]))
    case 4:
      guard count == 14, bytes[12] <= 1 else { return nil }
      content = .end(
        isWhole: bytes[12] == 1,
        before: ConsoleRun(bytes, at: 13)
      )
    default: return nil
    }
  }

  /// The line with its marks, and a line's end.
  static func text(of line: [UInt8]) -> [UInt8] {
    var line = line
    append(sum(line.span), 5, to: &line)
    var text: [UInt8] = [0x7e, 0x4f, 0x4d]
    text.reserveCapacity(mostCharacters + 5)
    Base64.encode(line.span, to: &text)
    text.append(0x7e)
    text.append(0x0a)
    return text
  }

  @inline(never)
  static func append(
    _ number: UInt64,
    _ count: Int,
    to bytes: inout [UInt8]
  ) {
    for index in 0..<count {
      bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index)))
    }
  }

  static func read(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
    var number: UInt64 = 0
    for index in 0..<count {
      number |= UInt64(bytes[start + index]) << (8 * index)
    }
    return number
  }

  private static func sum(_ bytes: Span<UInt8>) -> UInt64 {
    Checksum.of(bytes) & 0xff_ffff_ffff
  }
}

/// Lines that follow one another in the file too.
public struct ConsoleRun: Equatable, Sendable {
  /// The number of its first line.
  public var first: UInt32
  /// Where it belongs in the file.
  public var offset: UInt64
  /// Its bytes.
  public var byteCount: UInt32

  /// Says where these lines are.
  public init(first: UInt32, offset: UInt64, byteCount: UInt32) {
    self.first = first
    self.offset = offset
    self.byteCount = byteCount
  }

  init(_ bytes: [UInt8], at start: Int) {
    first = UInt32(ConsoleLine.read(bytes, start, 4))
    offset = ConsoleLine.read(bytes, start + 4, 5)
    byteCount = UInt32(ConsoleLine.read(bytes, start + 9, 4))
  }

  func append(to bytes: inout [UInt8]) {
    ConsoleLine.append(UInt64(first), 4, to: &bytes)
    ConsoleLine.append(offset, 5, to: &bytes)
    ConsoleLine.append(UInt64(byteCount), 4, to: &bytes)
  }

  /// How many lines it has.
  public var lineCount: UInt32 {
    let room = UInt32(ConsoleLine.room)
    return byteCount / room + (byteCount % room == 0 ? 0 : 1)
  }
}
