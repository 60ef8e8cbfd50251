// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Linux
public import Memory

/// What /proc/iomem says is taken, so that it is never lent.
public enum MachineMemory {
  static let textLimit = 256 << 10
  /// More ranges than any machine has.
  public static let usualLimit = 1024

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
    limit: Int = usualLimit
  ) throws(Failure) -> [FrameRange] {
    let text = try read(path)
    return try taken(in: text.span, limit: limit)
  }

  /// The first frame behind all RAM that this kernel booted with.
  public static func endOfRAM(
    from path: Path = "/proc/iomem"
  ) throws(Failure) -> FrameNumber {
    let text = try read(path)
    return try endOfRAM(in: text.span)
  }

  private static func read(_ path: Path) throws(Failure) -> [UInt8] {
    let text = try attempt(Failure.unreadable) { () throws(Errno) in
      try Files.read(path, limit: textLimit)
    }
    // What was cut off may have been the range that matters.
    guard text.count < textLimit else { throw .tooMany }
    return text
  }

  static func taken(
    in text: Span<UInt8>,
    limit: Int
  ) throws(Failure) -> [FrameRange] {
    var ranges: [FrameRange] = []
    for entry in try entries(in: text, limit: limit) {
      ranges.append(entry.range)
    }
    return ranges
  }

  static func endOfRAM(in text: Span<UInt8>) throws(Failure) -> FrameNumber {
    var end = FrameNumber(0)
    for entry in try entries(in: text, limit: usualLimit)
    where entry.isRAM { end = max(end, entry.range.end) }
    return end
  }

  private struct Entry {
    let range: FrameRange
    let isRAM: Bool
  }

  /// Every outermost range.
  private static func entries(
    in text: Span<UInt8>,
    limit: Int
  ) throws(Failure) -> [Entry] {
    var entries: [Entry] = []
    var highest: UInt64 = 0
    var start = 0
    var line = 1
    while start < text.count {
      var end = start
      while end < text.count, text[end] != 0x0a { end += 1 }
      // A line that begins with a space lies inside the one above it.
      if end > start, text[start] != 0x20 {
        let words = text.extracting(start..<end)
        guard let (first, last) = range(in: words), first <= last else {
          throw .malformed(line: line)
        }
        guard entries.count < limit else { throw .tooMany }
        highest = max(highest, last)
        let frame = first >> Frame.shift
        let range = FrameRange(
          start: FrameNumber(frame),
          count: (last >> Frame.shift) - frame + 1
        )
        entries.append(Entry(range: range, isRAM: isRAM(words)))
      }
      start = end + 1
      line += 1
    }
    guard highest > 0 else { throw .hidden }
    return entries
  }

  /// Whether the line ends with `: System RAM`.
  private static func isRAM(_ line: Span<UInt8>) -> Bool {
    let name: StaticString = ": System RAM"
    let start = line.count - name.utf8CodeUnitCount
    guard start >= 0 else { return false }
    for index in 0..<name.utf8CodeUnitCount {
      // SAFETY: the index is within the string's code units.
      let byte = unsafe name.utf8Start[index]
      guard line[start + index] == byte else { return false }
    }
    return true
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
