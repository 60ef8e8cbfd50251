// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing

/// A set of frames, as the runs that it is made of.
struct Frames: Equatable, CustomStringConvertible {
  private(set) var runs: [Range<UInt64>] = []

  /// The frames of `ranges`; one that comes twice is an issue.
  init(_ ranges: [FrameRange]) {
    let ranges = ranges.filter { !$0.isEmpty }
      .sorted { $0.start < $1.start }
    for range in ranges {
      let run = range.start.value..<range.end.value
      guard let last = runs.last, run.lowerBound <= last.upperBound else {
        runs.append(run)
        continue
      }
      #expect(
        run.lowerBound == last.upperBound,
        "frame \(run.lowerBound) comes twice"
      )
      let end = max(last.upperBound, run.upperBound)
      runs[runs.count - 1] = last.lowerBound..<end
    }
  }

  var isEmpty: Bool { runs.isEmpty }

  /// The frames without those of `range`.
  func subtracting(_ range: Range<UInt64>) -> Frames {
    var rest = self
    rest.runs = runs.flatMap { run in
      guard run.overlaps(range) else { return [run] }
      let cut = run.clamped(to: range)
      return [
        run.lowerBound..<cut.lowerBound, cut.upperBound..<run.upperBound,
      ].filter { !$0.isEmpty }
    }
    return rest
  }

  func isDisjoint(with range: Range<UInt64>) -> Bool {
    subtracting(range) == self
  }

  func isSubset(of other: Frames) -> Bool {
    runs.allSatisfy { run in
      other.runs.contains {
        $0.lowerBound <= run.lowerBound && run.upperBound <= $0.upperBound
      }
    }
  }

  var description: String {
    runs.map { "\($0.lowerBound)..<\($0.upperBound)" }.joined(separator: " ")
  }
}
