// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import RescueStream

/// What came of a file that went over a console.
public struct ConsoleReport: Equatable, Sendable {
  /// What it is.
  public var kind: StreamKind
  /// What its sender calls it; empty where that is lost, or nothing.
  public var name: [UInt8]
  /// The file's bytes, as far as they are known.
  public var byteCount: UInt64
  /// What is missing in the file, in order, with nothing between neighbours.
  public var missing = [Range<UInt64>]()
  /// Lines that are missing and whose place is not known.
  public var unplaced = 0
  /// Whether the end was seen, so that nothing is missing behind all that came.
  public var hasEnd: Bool
  /// Whether the sender says that this is not all.
  public var isPartial: Bool

  /// Whether all that was sent is there.
  public var isComplete: Bool { missing.isEmpty && unplaced == 0 && hasEnd }
}

/// Which lines of a transfer were seen, and where those belong that were not.
struct LineTally {
  private var seen = [UInt64]()
  private var runs = [UInt32: ConsoleRun]()
  private var last: UInt32 = 0

  /// Takes a line; false where it was seen before.
  mutating func take(_ line: ConsoleLine) -> Bool {
    let place = Int(line.number / 64)
    let bit: UInt64 = 1 << UInt64(line.number % 64)
    while seen.count <= place { seen.append(0) }
    guard seen[place] & bit == 0 else { return false }
    seen[place] |= bit
    last = max(last, line.number)
    switch line.content {
    case .run(let byteCount, let before):
      add(before)
      add(
        ConsoleRun(
          first: line.number + 1,
          offset: line.offset,
          byteCount: byteCount
        )
      )
    case .end(_, let before): add(before)
    case .begin, .piece: break
    }
    return true
  }

  private mutating func add(_ run: ConsoleRun) {
    guard run.byteCount > 0 else { return }
    let (end, overflow) = run.first.addingReportingOverflow(run.lineCount)
    guard !overflow, end <= ConsoleLine.mostLines else { return }
    runs[run.first] = run
  }

  /// Says in `report` what is missing.
  func finish(_ report: inout ConsoleReport) {
    let runs = runs.values.sorted { $0.first < $1.first }
    var known = Set(runs.map { $0.first &- 1 })
    // The first line has no more than a name.
    known.insert(0)
    var index = 0
    var number: UInt32 = 0
    let end = max(last, runs.last.map { $0.first + $0.lineCount - 1 } ?? 0)
    while number <= end {
      defer { number += 1 }
      guard !has(number) else { continue }
      while index + 1 < runs.count, runs[index + 1].first <= number {
        index += 1
      }
      if index < runs.count, runs[index].first <= number,
        number - runs[index].first < runs[index].lineCount
      {
        let run = runs[index]
        let start = UInt64(number - run.first) * UInt64(ConsoleLine.room)
        let count = min(UInt64(ConsoleLine.room), UInt64(run.byteCount) - start)
        add(run.offset + start..<run.offset + start + count, to: &report)
      } else if !known.contains(number) {
        report.unplaced += 1
      }
    }
    report.missing = Self.merged(report.missing)
  }

  private func has(_ number: UInt32) -> Bool {
    let place = Int(number / 64)
    return place < seen.count && seen[place] >> UInt64(number % 64) & 1 == 1
  }

  private func add(_ range: Range<UInt64>, to report: inout ConsoleReport) {
    if let last = report.missing.last, last.upperBound == range.lowerBound {
      report.missing[report.missing.count - 1] =
        last.lowerBound..<range.upperBound
    } else {
      report.missing.append(range)
    }
  }

  private static func merged(_ ranges: [Range<UInt64>]) -> [Range<UInt64>] {
    var merged = [Range<UInt64>]()
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        let end = max(last.upperBound, range.upperBound)
        merged[merged.count - 1] = last.lowerBound..<end
      } else {
        merged.append(range)
      }
    }
    return merged
  }
}
