// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import MemoryMap
public import VMCore

/// Frames that may be lent: all of one free block, one folio, or neighbours
/// of one class, or what the vetoes on their place in memory left of them.
public struct ReusableRun: Equatable, Sendable {
  /// The frames.
  public let frames: FrameRange
  /// Their class.
  public let pageClass: PageClass
  /// The order of the block or folio that they are of.
  public let order: UInt8
  /// The list that the block is on; nil where the linear scan found it.
  public let list: FreeList?
}

/// Whoever takes the frames that a search finds, one run at a time.
public protocol FrameVisitor: ~Copyable {
  /// Takes a run, or as much of it as is wanted; false ends the search.
  mutating func visit(_ run: ReusableRun) -> Bool

  /// Hears of frames that are not lent, and why.
  mutating func keep(_ frames: FrameRange, _ judgement: Judgement)

  /// Whether classes of lower preference need not be looked for.
  mutating func hasEnough() -> Bool

  /// Forgets all runs so far: the free lists were at fault, and the linear
  /// scan will deliver every run once.
  mutating func startOver()
}

extension FrameVisitor where Self: ~Copyable {
  /// Pays no heed.
  @inlinable
  public mutating func keep(_ frames: FrameRange, _ judgement: Judgement) {}

  /// Takes everything that there is.
  public mutating func hasEnough() -> Bool { false }
}

/// What to search for.
public struct SearchPolicy: Sendable {
  /// The dump level in force: classes that it dumps are vetoed.
  public var dumpLevel: DumpLevel
  /// The makedumpfile that will write the dump.
  public var collector: Collector
  /// Where the kernel has the flags that VMCOREINFO lacks; without it only
  /// free pages are lent.
  public var flags: FlagLayout?
  /// The classes that are looked for.
  public var classes: PageClassSet
  /// Frames to keep, in any order: the capture kernel's own.
  public var excluded: [FrameRange]
  /// The smallest free blocks that are looked at, as an order.
  public var minimumOrder: UInt8
  /// For tests: lends pages in spite of I/O that may be under way, to show
  /// what those vetoes are good for.
  public var ignoresInFlight = false

  /// Makes a policy; it admits every class, of what the level allows.
  public init(
    dumpLevel: DumpLevel,
    collector: Collector = .unknown,
    flags: FlagLayout? = nil,
    classes: PageClassSet = .all,
    excluded: [FrameRange] = [],
    minimumOrder: UInt8 = 0
  ) {
    self.dumpLevel = dumpLevel
    self.collector = collector
    self.flags = flags
    self.classes = classes
    self.excluded = excluded
    self.minimumOrder = minimumOrder
  }
}

/// What a search came to.
public struct SearchReport: Sendable {
  /// Whether the free frames come from the linear scan.
  public internal(set) var isLinear = false
  /// What was wrong with the free lists first, if anything.
  public internal(set) var fault: FreeListFault?
  /// How many faults the free lists had.
  public internal(set) var faults = 0
  /// Whether the visitor had enough.
  public internal(set) var endedEarly = false
  /// How many runs the visitor was given.
  public internal(set) var runs: UInt64 = 0
  /// How many frames the visitor was given.
  public internal(set) var frames: UInt64 = 0
  /// The frames that were seen, by class and veto: on the free lists, or in
  /// the last scan.
  public internal(set) var tally = Tally()
}
