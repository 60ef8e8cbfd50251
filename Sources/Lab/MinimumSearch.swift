// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The search for the smallest reservation with which a dump is written.
///
/// Quick crashes halve the distance between one that fails and one that does
/// not; then the smallest one that did not fail has to stand whole crashes,
/// and the one below it has to fail once as a whole.
public struct MinimumSearch: Sendable, Equatable {
  /// What is to be tried next.
  public enum Step: Sendable, Equatable {
    /// One quick crash.
    case quick(MemorySize)
    /// One whole crash.
    case whole(MemorySize)
    /// It is found.
    case found(MemorySize)
    /// Not even the largest size stands.
    case none
  }

  /// Sizes are multiples of it.
  public let grain: MemorySize
  /// How many whole crashes must be stood.
  public let times: Int
  /// Whether a quick crash counts for a whole one.
  public let quickIsWhole: Bool
  private let most: Int
  /// In grains: the largest size that is known to fail, and whether that was
  /// seen with a whole crash.
  private var low: Int
  private var lowIsWhole = false
  /// The smallest size that is not known to fail.
  private var high: Int
  private var highWasTried = false
  private var stood = 0

  /// A search between a size that is taken to fail and one that is taken to
  /// stand; both are tried.
  public init(
    above low: MemorySize,
    upTo high: MemorySize,
    grain: MemorySize = MemorySize(mebibytes: 4),
    times: Int,
    quickIsWhole: Bool = false
  ) {
    self.grain = grain
    self.times = times
    self.quickIsWhole = quickIsWhole
    self.low = low.mebibytes / grain.mebibytes
    self.high = high.mebibytes / grain.mebibytes
    most = self.high
  }

  /// What is to be tried next.
  public var next: Step {
    if high > most { return .none }
    if !highWasTried { return .quick(size(high)) }
    if high - low > 1 { return .quick(size((low + high) / 2)) }
    if stood < times { return .whole(size(high)) }
    return lowIsWhole || low == 0 ? .found(size(high)) : .whole(size(low))
  }

  /// Takes into account how the crash came out that `next` wanted.
  public mutating func note(dumped: Bool) {
    switch next {
    case .quick(let size):
      let tried = size.mebibytes / grain.mebibytes
      if dumped {
        high = tried
        highWasTried = true
        stood = quickIsWhole ? 1 : 0
      } else if tried == high {
        fail(at: tried)
      } else {
        low = tried
        lowIsWhole = quickIsWhole
      }
    case .whole(let size):
      let tried = size.mebibytes / grain.mebibytes
      switch (dumped, tried == high) {
      case (true, true): stood += 1
      case (false, true):
        fail(at: tried)
        lowIsWhole = true
      case (true, false):
        // What was taken to fail does not: it is the one to stand now.
        high = tried
        low = tried - 1
        stood = 1
      case (false, false): lowIsWhole = true
      }
    case .found, .none: break
    }
  }

  /// Nothing up to `grains` stands; a larger size is to be tried whole.
  private mutating func fail(at grains: Int) {
    low = grains
    high = grains + 1
    stood = 0
    lowIsWhole = false
  }

  private func size(_ grains: Int) -> MemorySize {
    MemorySize(mebibytes: grains * grain.mebibytes)
  }
}
