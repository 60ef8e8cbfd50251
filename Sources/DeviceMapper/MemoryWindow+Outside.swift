// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

extension MemoryWindow {
  /// All frames but those of `windows`, and those of `taken` that are not
  /// windows: what the kernel lists as a window's memory is nobody else's.
  public static func outside(
    _ windows: [FrameRange],
    _ taken: [FrameRange]
  ) -> [FrameRange] {
    var outside = [FrameRange(start: FrameNumber(0), count: .max)]
    for window in windows where !window.isEmpty {
      var rest: [FrameRange] = []
      for range in outside {
        append(from: range.start, to: min(range.end, window.start), &rest)
        append(from: max(range.start, window.end), to: range.end, &rest)
      }
      outside = rest
    }
    for range in taken where !windows.contains(range) { outside.append(range) }
    return outside
  }

  private static func append(
    from start: FrameNumber,
    to end: FrameNumber,
    _ ranges: inout [FrameRange]
  ) {
    guard start < end else { return }
    ranges.append(FrameRange(start: start, count: end.value - start.value))
  }
}
