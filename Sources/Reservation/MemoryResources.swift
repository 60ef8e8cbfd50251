// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// /proc/iomem has a line `START-END : NAME` for each range, in hexadecimal, two
// blanks before those that lie in another. Others than root read zeros.

/// What lies where in this machine's memory, by /proc/iomem.
public struct MemoryResources: Sendable {
  /// One line.
  struct Entry: Sendable {
    let range: Range<UInt64>
    let name: Substring
    /// Whether it lies in no other.
    let isOutermost: Bool
  }

  let entries: [Entry]

  /// Reads the text of /proc/iomem; lines that are none of its are passed
  /// over.
  public init(_ iomem: String) {
    entries = iomem.split(separator: "\n").compactMap(Self.entry)
  }

  /// Whether addresses are hidden, as they are from others than root.
  public var isHidden: Bool { entries.allSatisfy { $0.range.upperBound == 1 } }

  /// The running kernel, from its code to the end of its bss, in bytes; nil
  /// where it is not told.
  public var kernelSize: UInt64? {
    let parts = entries.filter { $0.name.hasPrefix("Kernel ") }
    guard let first = parts.map(\.range.lowerBound).min(),
      let last = parts.map(\.range.upperBound).max(), last > first + 1
    else { return nil }
    return last - first
  }

  /// What `crashkernel=` reserves now, in bytes; 0 where nothing is.
  public var reserved: UInt64 {
    entries.filter { $0.name == "Crash kernel" }
      .reduce(0) { $0 + UInt64($1.range.count) }
  }

  /// RAM without what lies in it.
  var freeRAM: [Range<UInt64>] {
    var pieces: [Range<UInt64>] = []
    var isRAM = false
    for entry in entries {
      if entry.isOutermost {
        isRAM = entry.name == "System RAM"
        if isRAM { pieces.append(entry.range) }
      } else if isRAM, let last = pieces.popLast() {
        // What is listed in it comes in order.
        let cut = entry.range.clamped(to: last)
        pieces.append(last.lowerBound..<cut.lowerBound)
        pieces.append(cut.upperBound..<last.upperBound)
      }
    }
    return pieces
  }

  private static func entry(_ line: Substring) -> Entry? {
    let words = line.split(separator: " ", maxSplits: 2)
    guard words.count == 3, words[1] == ":" else { return nil }
    let numbers = words[0].split(separator: "-")
    guard numbers.count == 2,
      let first = UInt64(numbers[0], radix: 16),
      let last = UInt64(numbers[1], radix: 16), first <= last,
      last < UInt64(Int.max)
    else { return nil }
    return Entry(
      range: first..<last + 1,
      name: words[2],
      isOutermost: !line.hasPrefix(" ")
    )
  }
}
