// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

/// The list of frames that were lent, as oldmemd leaves it: `first_frame count
/// class` a line, in decimal; what follows a # at its beginning is for people.
///
/// Each line must be sound: a frame that was lent and is taken for the crashed
/// kernel's is worse than no dump.
public struct LentList: Sendable {
  /// The runs, in the order of the list.
  public private(set) var runs: [FrameRange] = []

  /// A line, counted from 1, that is none.
  public struct Problem: Error, Equatable, Sendable {
    /// The line.
    public let line: Int
  }

  /// Reads a list.
  public init(_ text: Span<UInt8>) throws(Problem) {
    var line = 1
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count, text[end] != 0x0a { end += 1 }
      if end > start, text[start] != 0x23 {
        guard let run = Self.run(text.extracting(start..<end)) else {
          throw Problem(line: line)
        }
        runs.append(run)
      }
      start = end + 1
      line += 1
    }
  }

  private static func run(_ line: Span<UInt8>) -> FrameRange? {
    var place = 0
    guard let start = number(line, &place), let count = number(line, &place)
    else { return nil }
    return FrameRange(start: FrameNumber(start), count: count)
  }

  /// The next word, if it is a number below 2^52.
  private static func number(
    _ line: Span<UInt8>,
    _ place: inout Int
  ) -> UInt64? {
    var number: UInt64 = 0
    let start = place
    while place < line.count, line[place] != 0x20 {
      guard case 0x30...0x39 = line[place], number < 1 << 52 else {
        return nil
      }
      number = number * 10 + UInt64(line[place] - 0x30)
      place += 1
    }
    guard place > start, number < 1 << 52 else { return nil }
    while place < line.count, line[place] == 0x20 { place += 1 }
    return number
  }
}
