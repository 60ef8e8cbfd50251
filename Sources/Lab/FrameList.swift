// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// Runs of frames as text, a line each: `first_frame count`, with a class
/// behind it in what `oldmem scan --frames` writes, and a veto behind that in
/// what `--kept` writes.
public struct FrameList: Sendable {
  /// Frames that lie together.
  public struct Run: Sendable, Equatable {
    /// The first frame's number.
    public let first: UInt64
    /// How many there are.
    public let count: UInt64
    /// The class, if the list has classes.
    public let kind: String?
    /// The veto, if the list has vetoes.
    public let veto: String?

    /// A run of a list.
    public init(
      first: UInt64,
      count: UInt64,
      kind: String? = nil,
      veto: String? = nil
    ) {
      self.first = first
      self.count = count
      self.kind = kind
      self.veto = veto
    }
  }

  /// The runs, by first frame.
  public let runs: [Run]

  /// Reads a list, up to a NUL, since it may come from a disk.
  ///
  /// Lines that are no runs are left out.
  public init(_ text: some StringProtocol) {
    var runs: [Run] = []
    for line in text.prefix(while: { $0 != "\0" }).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2, let first = UInt64(words[0]),
        let count = UInt64(words[1]), count > 0,
        !first.addingReportingOverflow(count).overflow
      else { continue }
      runs.append(
        Run(
          first: first,
          count: count,
          kind: words.count > 2 ? String(words[2]) : nil,
          veto: words.count > 3 ? String(words[3]) : nil
        )
      )
    }
    self.runs = runs.sorted { $0.first < $1.first }
  }

  /// The run that `frame` is in.
  public func run(of frame: UInt64) -> Run? {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].first <= frame { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let run = runs[low - 1]
    return frame - run.first < run.count ? run : nil
  }
}
