// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// How things were at one moment: a line of /dev/.oldmem-record.
public struct CaptureSample: Codable, Sendable, Equatable {
  /// The store's part, which is missing before there is one.
  public struct Store: Sendable, Equatable {
    /// healthy, degraded or failing.
    public let state: String
    /// Frames that hold a copy, out of use, and damaged so far.
    public let used: UInt64, quarantined: UInt64, damaged: UInt64
    /// I/O errors.
    public let lost: UInt64, refused: UInt64
    /// Blocks so far.
    public let reads: UInt64, writes: UInt64
  }

  /// Seconds since the capture kernel started.
  public let seconds: Double
  /// Memory that nobody used, in KiB.
  public let free: UInt64
  /// What was in swap, in KiB.
  public let swapped: UInt64
  /// The store; nil before there is one.
  public let store: Store?

  /// Takes the numbers of a line.
  public init(from decoder: any Decoder) throws {
    var numbers = try decoder.unkeyedContainer()
    seconds = try numbers.decode(Double.self)
    free = try numbers.decode(UInt64.self)
    swapped = try numbers.decode(UInt64.self)
    var rest: [UInt64] = []
    while !numbers.isAtEnd { rest.append(try numbers.decode(UInt64.self)) }
    let states = ["healthy", "degraded", "failing"]
    store =
      rest.count < 8
      ? nil
      : Store(
        state: states[Int(min(rest[0], 2))],
        used: rest[1],
        quarantined: rest[2],
        damaged: rest[3],
        lost: rest[4],
        refused: rest[5],
        reads: rest[6],
        writes: rest[7]
      )
  }

  /// The same numbers.
  public func encode(to encoder: any Encoder) throws {
    var numbers = encoder.unkeyedContainer()
    try numbers.encode(seconds)
    try numbers.encode(free)
    try numbers.encode(swapped)
    guard let store else { return }
    let states = ["healthy": 0, "degraded": 1, "failing": 2]
    try numbers.encode(states[store.state] ?? 2)
    for number in [
      store.used, store.quarantined, store.damaged, store.lost, store.refused,
      store.reads, store.writes,
    ] {
      try numbers.encode(number)
    }
  }
}

extension CaptureSample {
  /// A line that need not be a sample.
  struct Line: Decodable {
    let sample: CaptureSample?

    init(from decoder: any Decoder) throws {
      sample = try? CaptureSample(from: decoder)
    }
  }

  /// Three years: no capture takes as long.
  private static let longest = 1e8

  /// The samples whose time is one of a capture, and none before that of the
  /// sample before it.
  static func inOrder(_ lines: [Line]) -> [CaptureSample] {
    var samples: [CaptureSample] = []
    for case let sample? in lines.map(\.sample)
    where sample.seconds >= samples.last?.seconds ?? 0
      && sample.seconds <= longest
    {
      samples.append(sample)
    }
    return samples
  }
}
