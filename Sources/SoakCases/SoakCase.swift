// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import BlockStore
internal import Memory

/// One store under random operations and random faults, by seed.
public struct SoakCase: Sendable {
  /// What a case came to.
  public struct Result: Equatable, Sendable {
    /// The promise that was broken, if one was.
    public internal(set) var broken: String?
    /// Operations that were judged.
    public internal(set) var operations: UInt64 = 0
    /// Frames that something else than the store wrote to.
    public internal(set) var frameFaults: UInt64 = 0
    /// Damaged places of the tables.
    public internal(set) var tableFaults: UInt64 = 0
    /// Deaths of the server, and of those the ones amid an operation.
    public internal(set) var deaths: UInt64 = 0
    /// Deaths between two halves of a frame, or two frames.
    public internal(set) var deathsAmid: UInt64 = 0
    /// Reads that were answered with an error, all copies being damaged.
    public internal(set) var refusedReads: UInt64 = 0
    /// Copies that the last store of the case counted as repaired.
    public internal(set) var repaired: UInt64 = 0
    /// And as moved.
    public internal(set) var relocated: UInt64 = 0
    /// And entries as mended.
    public internal(set) var metadataRepaired: UInt64 = 0

    /// Nothing yet.
    public init() {}

    /// Adds what another case came to.
    public mutating func add(_ other: Result) {
      operations += other.operations
      frameFaults += other.frameFaults
      tableFaults += other.tableFaults
      deaths += other.deaths
      deathsAmid += other.deathsAmid
      refusedReads += other.refusedReads
      repaired += other.repaired
      relocated += other.relocated
      metadataRepaired += other.metadataRepaired
    }
  }

  /// How many operations a case has at most.
  public static let operations: UInt64 = 2000

  let seed: UInt64
  private var random: SoakRandom
  private let shape: StoreShape
  /// One moment in so many brings a fault; 0 for none.
  private let frameFaultEvery: Int
  private let tableFaultEvery: Int
  private let deathEvery: Int

  /// What a seed means.
  public init(seed: UInt64) {
    self.seed = seed
    random = SoakRandom(seed: seed)
    let blocks = 1 + random.below(80)
    let slots = max(1, blocks * (60 + random.below(80)) / 100)
    guard
      let shape = try? StoreShape(
        blocks: UInt32(blocks),
        copies: 1 + random.below(4),
        slotsPerShelf: UInt32(slots)
      )
    else { fatalError("no shape") }
    self.shape = shape
    frameFaultEvery = [0, 10_000, 1000, 200, 30][random.below(5)]
    tableFaultEvery = [0, 0, 500, 100, 20][random.below(5)]
    deathEvery = [0, 500, 50, 10][random.below(4)]
  }

  /// What is chosen, for a report.
  public var description: String {
    """
    \(shape.blocks) blocks, \(shape.copies) copies, \(shape.slotsPerShelf) \
    slots a shelf; faults 1 in \(frameFaultEvery), of tables 1 in \
    \(tableFaultEvery), deaths 1 in \(deathEvery)
    """
  }

  /// Runs the case.
  public func run(
    operations: UInt64 = Self.operations
  ) -> Result {
    var run = SoakRun(
      SoakMachine(shape, seed: SplitMix64.mixed(seed)),
      random: random,
      frameFaultEvery: frameFaultEvery,
      tableFaultEvery: tableFaultEvery,
      deathEvery: deathEvery
    )
    do throws(BrokenPromise) {
      try run.run(operations)
    } catch {
      run.result.broken = error.text
    }
    return run.result
  }
}
