// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import MemoryMap

/// Frames that may be lent: a free block, or what the vetoes on its place in
/// memory left of it.
public struct ReusableRun: Equatable, Sendable {
  /// The frames, all of one free block.
  public let frames: FrameRange
  /// Their class.
  public let pageClass: PageClass
  /// The order of the block that they are of.
  public let order: UInt8
  /// The list that the block is on; nil where the linear scan found it.
  public let list: FreeList?
}

/// Whoever takes the frames that a search finds, one run at a time.
public protocol FrameVisitor: ~Copyable {
  /// Takes a run, or as much of it as is wanted; false ends the search.
  mutating func visit(_ run: ReusableRun) -> Bool

  /// Forgets all runs so far: the free lists were at fault, and the linear
  /// scan will deliver every run once.
  mutating func startOver()
}

/// What to search for.
public struct SearchPolicy: Sendable {
  /// The dump level in force: classes that it dumps are vetoed.
  public var dumpLevel: DumpLevel
  /// Frames to keep, in any order: the capture kernel's own.
  public var excluded: [FrameRange]
  /// The smallest blocks that are looked at, as an order.
  public var minimumOrder: UInt8

  /// Makes a policy; without arguments it admits every free block.
  public init(
    dumpLevel: DumpLevel,
    excluded: [FrameRange] = [],
    minimumOrder: UInt8 = 0
  ) {
    self.dumpLevel = dumpLevel
    self.excluded = excluded
    self.minimumOrder = minimumOrder
  }
}

/// What a search came to.
public struct SearchReport: Sendable {
  /// Whether the frames come from the linear scan.
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
  /// Frames that claim to be free.
  public internal(set) var free: UInt64 = 0
  /// All other frames that were seen; none in the free lists.
  public internal(set) var other: UInt64 = 0
  /// The frames of both that were not given, by reason.
  public internal(set) var vetoes = VetoCounts()

  /// How many frames of the class were seen.
  public subscript(pageClass: PageClass) -> UInt64 {
    switch pageClass {
    case .free: free
    case .other: other
    }
  }
}
