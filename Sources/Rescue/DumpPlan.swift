// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import MemoryMap
public import PageClasses
public import VMCore

/// Which frames a dump at some level has.
///
/// Frames are left out by their class, as makedumpfile leaves them out; those
/// of which the struct pages contradict themselves are dumped. Zero pages
/// (level 1) are left to who reads the frames.
public struct DumpPlan: Sendable {
  /// The frames that the crashed machine had.
  public private(set) var present: FrameBitmap
  /// Those that are dumped.
  public private(set) var dumped: FrameBitmap
  /// Which of them come first.
  public var order: DumpOrder
  /// The level.
  public let level: DumpLevel
  private var counts: [UInt64]

  /// The most frames that there can be: 16 TiB, for each bitmap 512 MiB.
  static let mostFrames: UInt64 = 1 << 32

  /// Everything that the file has; nil where that ends above 16 TiB.
  ///
  /// What has a part of a frame has the frame, and zeroes instead of the rest.
  public init?<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ level: DumpLevel
  ) {
    let end = core.loads.segments.last?.end.value ?? 0
    let count = end >> Frame.shift + (end % UInt64(Frame.size) == 0 ? 0 : 1)
    guard count <= Self.mostFrames else { return nil }
    present = FrameBitmap(count: count)
    for segment in core.loads.segments {
      let first = segment.physical.value >> Frame.shift
      let last = (segment.end.value - 1) >> Frame.shift
      present.insert(
        FrameRange(start: FrameNumber(first), count: last - first + 1)
      )
    }
    dumped = present
    order = DumpOrder(count: count)
    self.level = level
    counts = Array(repeating: 0, count: PageClass.allCases.count)
  }

  /// Judges all frames, and leaves out those that the level leaves out.
  public mutating func classify<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ kernel: KernelLayout
  ) throws(MapError) {
    _ = try FrameSearch.scan(core, kernel, policy, &self)
  }

  /// By what frames are judged: makedumpfile would know all of its kernel.
  public var policy: SearchPolicy {
    // The flag layout is not asked for: it has vetoes, and here are classes.
    SearchPolicy(
      dumpLevel: DumpLevel(31) ?? level,
      collector: Collector(version: .init(255, 0, 0))
    )
  }

  /// How many frames are left out because they are of the class.
  public subscript(pageClass: PageClass) -> UInt64 {
    counts[Int(pageClass.rawValue)]
  }

  /// Leaves out frames that were lent, whatever they are; how many of them the
  /// dump would have had.
  public mutating func leaveOut(lent frames: FrameRange) -> UInt64 {
    let count = dumped.population(of: frames)
    dumped.remove(frames)
    return count
  }

  /// The first `limit` frames in the order in which they are dumped, and the
  /// stage of the last of them; nil where these are all.
  func first(_ limit: UInt64) -> (frames: FrameBitmap, cut: DumpStage?) {
    guard dumped.population > limit else { return (dumped, nil) }
    var frames = FrameBitmap(count: dumped.count)
    var left = limit
    for stage in DumpStage.allCases where order.mayHave(stage) {
      var place = FrameNumber(0)
      while let run = dumped.run(from: place) {
        place = run.start
        while let part = order.next(stage, in: run, from: place) {
          guard part.count < left else {
            frames.insert(FrameRange(start: part.start, count: left))
            return (frames, stage)
          }
          frames.insert(part)
          left -= part.count
          place = part.end
        }
        place = run.end
      }
    }
    return (frames, nil)
  }
}

extension DumpPlan: FrameVisitor {
  /// Leaves the frames out, or says when they are dumped.
  public mutating func visit(_ run: ReusableRun) -> Bool {
    take(run.frames, run.pageClass)
    return true
  }

  /// The same, whatever keeps them back from being lent; but where the struct
  /// pages contradict themselves frames are dumped.
  public mutating func keep(_ frames: FrameRange, _ judgement: Judgement) {
    if let veto = judgement.veto, veto.contradicts { return }
    take(frames, judgement.pageClass)
  }

  private mutating func take(_ frames: FrameRange, _ pageClass: PageClass) {
    guard level.omits(pageClass) else {
      return order.insert(frames, DumpStage(pageClass))
    }
    dumped.remove(frames)
    counts[Int(pageClass.rawValue)] += frames.count
  }

  /// There is nothing to forget: the frames come in one scan.
  public mutating func startOver() {}
}

extension DumpLevel {
  /// Whether pages of the class are not in a dump of ours: those that the
  /// level leaves out, and those that nobody may touch.
  fileprivate func omits(_ pageClass: PageClass) -> Bool {
    switch pageClass {
    case .offline, .hardwarePoison, .unaccepted: true
    default: leavesOut(pageClass)
    }
  }
}

extension Veto {
  /// Whether it says that the page is not what its class says: then it is
  /// dumped, for somebody may want to see it.
  fileprivate var contradicts: Bool {
    switch self {
    case .pageType, .compound, .flagOfUse, .mapped, .referenced, .order,
      .alignment, .noDescriptor, .sectionNotOnline, .halfBuilt, .fakeHead,
      .tail:
      true
    default: false
    }
  }
}
