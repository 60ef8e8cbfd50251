// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux

/// Where settings come from: files of lines, and the kernel's command line.
extension Settings {
  /// Takes the lines of a configuration file; `report` hears of each problem.
  public mutating func apply(
    file text: Span<UInt8>,
    report: (Problem) -> Void
  ) {
    var start = 0
    var number = 1
    while start < text.count {
      var end = start
      while end < text.count, text[end] != 0x0a { end += 1 }
      apply(line: text.extracting(start..<end), number, report)
      start = end + 1
      number += 1
    }
  }

  /// Takes the `oldmem.key=value` words of the kernel's command line.
  public mutating func apply(
    commandLine text: Span<UInt8>,
    report: (Problem) -> Void
  ) {
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count, text[end] > 0x20 { end += 1 }
      let word = text.extracting(start..<end)
      let path = Path(word)
      if path.equals("oldmem=off") {
        isOff = true
        savesLogOnly = false
      } else if path.hasPrefix("oldmem.") {
        apply(line: word.extracting(droppingFirst: 7), nil, report)
      }
      start = end + 1
    }
  }

  private mutating func apply(
    line: Span<UInt8>,
    _ number: Int?,
    _ report: (Problem) -> Void
  ) {
    let line = trimmed(line)
    // '#' begins a comment line.
    guard !line.isEmpty, line[0] != 0x23 else { return }
    var equals = 0
    while equals < line.count, line[equals] != 0x3d { equals += 1 }
    guard equals < line.count else {
      // Words without a value on the command line belong to others.
      if let number { report(.line(number)) }
      return
    }
    let key = trimmed(line.extracting(0..<equals))
    let value = trimmed(line.extracting(droppingFirst: equals + 1))
    do throws(Problem) {
      try set(Path(key), to: value)
    } catch { report(error) }
  }
}

/// Without the blanks at both ends.
@_lifetime(copy text)
func trimmed(_ text: Span<UInt8>) -> Span<UInt8> {
  var start = 0
  var end = text.count
  while start < end, text[start] <= 0x20 { start += 1 }
  while end > start, text[end - 1] <= 0x20 { end -= 1 }
  return text.extracting(start..<end)
}
