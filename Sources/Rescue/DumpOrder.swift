// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
import PageClasses

/// How soon a frame is dumped: what says most of a crash comes first.
public enum DumpStage: UInt8, CaseIterable, Sendable {
  /// What is read to print the kernel's log, page tables included.
  case log
  /// The stack of the processor that panicked, what the registers and the
  /// stack point at, and its per-CPU variables.
  case panic
  /// The same of all processors.
  case processors
  /// The kernel's data, without which no list of anything begins, and its
  /// page tables.
  case data
  /// The stacks of all tasks.
  case stacks
  /// Slab, where tasks and nearly everything else have their structures.
  case slab
  /// The kernel's in any other way, and what nobody knows the class of.
  case kernel
  /// Page cache.
  case cache
  /// Memory of processes.
  case processes
  /// Free memory.
  case free

  /// The stage's name in reports.
  public var name: StaticString {
    switch self {
    case .log: "the log"
    case .panic: "the panicking processor's stack"
    case .processors: "the processors' stacks"
    case .data: "the kernel's data and page tables"
    case .stacks: "the tasks' stacks"
    case .slab: "slab"
    case .kernel: "the rest of the kernel"
    case .cache: "page cache"
    case .processes: "memory of processes"
    case .free: "free memory"
    }
  }

  /// When frames of the class are dumped, of which nothing else is known.
  init(_ pageClass: PageClass) {
    switch pageClass {
    case .free: self = .free
    case .cache, .largeCache, .dirtyCache, .privateCache: self = .cache
    case .anonymous, .largeAnonymous, .hugetlb: self = .processes
    case .slab: self = .slab
    case .offline, .hardwarePoison, .unaccepted, .reserved, .kernel:
      self = .kernel
    }
  }
}

/// Which frames are dumped when.
///
/// A frame may be in several stages, and is dumped in the first of them.
public struct DumpOrder: Sendable {
  /// A bitmap for each stage that has frames.
  private var stages: [FrameBitmap?]
  let count: UInt64

  /// No frame is in any stage; all are dumped as the kernel's.
  public init(count: UInt64) {
    self.count = count
    stages = Array(repeating: nil, count: DumpStage.allCases.count)
  }

  /// Puts frames into a stage.
  public mutating func insert(_ frames: FrameRange, _ stage: DumpStage) {
    let index = Int(stage.rawValue)
    // Those of whom nothing is said are the kernel's.
    guard stage != .kernel else { return }
    if stages[index] == nil { stages[index] = FrameBitmap(count: count) }
    stages[index]?.insert(frames)
  }

  /// Puts all frames of a list into a stage.
  mutating func insert(_ runs: [FrameRange], _ stage: DumpStage) {
    for run in runs { insert(run, stage) }
  }

  /// Puts all frames of a bitmap into a stage.
  mutating func insert(_ frames: FrameBitmap, _ stage: DumpStage) {
    var place = FrameNumber(0)
    while let run = frames.run(from: place) {
      insert(run, stage)
      place = run.end
    }
  }

  /// Whether the stage was given the frame.
  public func contains(_ frame: FrameNumber, _ stage: DumpStage) -> Bool {
    stages[Int(stage.rawValue)]?.contains(frame) ?? false
  }

  /// The stage in which the frame is dumped, if it is.
  func stage(of frame: FrameNumber) -> DumpStage {
    for stage in DumpStage.allCases where contains(frame, stage) {
      return stage
    }
    return .kernel
  }

  /// Whether there may be frames that are dumped in that stage.
  func mayHave(_ stage: DumpStage) -> Bool {
    stage == .kernel || stages[Int(stage.rawValue)] != nil
  }

  /// The first frames of `run`, from `place` on, that follow one another and
  /// are dumped in that stage.
  func next(
    _ stage: DumpStage,
    in run: FrameRange,
    from place: FrameNumber
  ) -> FrameRange? {
    var start = place
    while start < run.end, self.stage(of: start) != stage {
      start = FrameNumber(start.value + 1)
    }
    guard start < run.end else { return nil }
    var end = FrameNumber(start.value + 1)
    while end < run.end, self.stage(of: end) == stage {
      end = FrameNumber(end.value + 1)
    }
    return FrameRange(start: start, count: end.value - start.value)
  }

  /// The frames of `dumped` in the order in which they are dumped: stages
  /// that have none are left out, and no frame is in two of them.
  public func stages(
    of dumped: FrameBitmap
  ) -> [(stage: DumpStage, frames: FrameBitmap)] {
    var rest = dumped
    var found: [(stage: DumpStage, frames: FrameBitmap)] = []
    for stage in DumpStage.allCases {
      var frames = rest
      if stage == .kernel {
        for later in DumpStage.allCases where later > .kernel {
          if let other = stages[Int(later.rawValue)] { frames.subtract(other) }
        }
      } else {
        guard let own = stages[Int(stage.rawValue)] else { continue }
        frames.formIntersection(own)
      }
      guard frames.run(from: FrameNumber(0)) != nil else { continue }
      rest.subtract(frames)
      found.append((stage, frames))
    }
    return found
  }
}

extension DumpStage: Comparable {
  /// Whether `a` is dumped before `b`.
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
