// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// What /proc/iomem says is taken, so that it is never lent.
public enum MachineMemory {
  static let textLimit = 256 << 10

  /// Why /proc/iomem cannot be relied on.
  public enum Failure: Error, Equatable, Sendable {
    /// It cannot be read.
    case unreadable(Errno)
    /// A line is not `START-END : NAME`; counted from 1.
    case malformed(line: Int)
    /// All addresses read as zero: this process may not see them.
    case hidden
    /// More ranges, or more text, than there is room for.
    case tooMany
  }

  /// Every range that this kernel knows a use for: its own RAM, firmware
  /// tables, device windows.
  ///
  /// In a capture kernel the crashed kernel's RAM has no entry at all, so
  /// whatever has one is not ours to lend.
  public static func taken(
    from path: Path = "/proc/iomem",
    limit: Int = 1024
  ) throws(Failure) -> [FrameRange] {
    let text = try attempt(Failure.unreadable) { () throws(Errno) in
      try Files.read(path, limit: textLimit)
    }
    // What was cut off may have been the range that matters.
    guard text.count < textLimit else { throw .tooMany }
    return try taken(in: text.span, limit: limit)
  }

  static func taken(
    in text: Span<UInt8>,
    limit: Int
  ) throws(Failure) -> [FrameRange] {
    var ranges: [FrameRange] = []
    var highest: UInt64 = 0
    var start = 0
    var line = 1
    while start < text.count {
      var end = start
      while end < text.count, text[end] != 0x0a { end += 1 }
      // A line that begins with a space lies inside the one above it.
      if end > start, text[start] != 0x20 {
        guard
          let (first, last) = range(in: text.extracting(start..<end)),
          first <= last
        else { throw .malformed(line: line) }
        guard ranges.count < limit else { throw .tooMany }
        highest = max(highest, last)
        let frame = first >> Frame.shift
        ranges.append(
          FrameRange(
            start: FrameNumber(frame),
            count: (last >> Frame.shift) - frame + 1
          )
        )
      }
      start = end + 1
      line += 1
    }
    guard highest > 0 else { throw .hidden }
    return ranges
  }

  /// The two addresses of `START-END : NAME`.
  private static func range(
    in line: Span<UInt8>
  ) -> (first: UInt64, last: UInt64)? {
    var dash = 0
    while dash < line.count, line[dash] != 0x2d { dash += 1 }
    var blank = dash
    while blank < line.count, line[blank] != 0x20 { blank += 1 }
    guard dash < blank,
      let first = Hex.parse(line.extracting(0..<dash)),
      let last = Hex.parse(line.extracting(dash + 1..<blank))
    else { return nil }
    return (first, last)
  }
}
