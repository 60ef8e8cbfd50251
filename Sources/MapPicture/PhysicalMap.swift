// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import PageClasses

/// A machine's physical memory as it was scanned: what every picture of it is
/// drawn from.
public struct PhysicalMap: Sendable {
  /// What the picture is of, in words.
  public struct Scene: Sendable {
    /// The core file.
    public var file: String
    /// The crashed kernel's release.
    public var release: String
    /// By what rules frames are lent, a key and a value each.
    public var rules: [(key: String, value: String)]
    /// What was asked to be lent, and what would be.
    public var plan: String

    /// Puts them together.
    public init(
      file: String,
      release: String,
      rules: [(key: String, value: String)],
      plan: String
    ) {
      self.file = file
      self.release = release
      self.rules = rules
      self.plan = plan
    }
  }

  /// A line of the legend.
  public struct Entry: Equatable, Sendable {
    /// A kind; nil for what would be lent.
    public let kind: PageKind?
    /// The copy; nil for a kind.
    public let shelf: Int?
    /// Its frames.
    public let frames: UInt64
    /// How many of them may be lent, those that would be included.
    public let reusable: UInt64
  }

  /// What the picture is of.
  public let scene: Scene
  /// All frames, in order of address.
  public let segments: [MapSegment]
  /// Segments of as many frames or more are exact, and so are all if it is 1.
  public let grain: UInt64
  /// The NUMA nodes' spans, in order of address; none where not known.
  public let nodes: [FrameRange]
  /// The legend: copies, then kinds, of which there are frames.
  public let legend: [Entry]
  /// All frames.
  public let frames: UInt64
  /// Frames that may be lent.
  public let reusable: UInt64
  /// Where frames lie in pictures.
  public let fold: AddressFold

  /// A map of what was collected, and of what the scan counted.
  public init(
    _ scene: Scene,
    _ collector: consuming MapCollector,
    _ tally: Tally,
    nodes: [FrameRange]
  ) {
    var list = collector.list
    list.finish()
    self.scene = scene
    segments = list.segments
    grain = list.grain
    self.nodes = nodes
    frames = tally.total
    reusable = tally[nil]
    legend = Self.legend(segments, tally)
    fold = AddressFold(Self.spans(segments))
  }

  /// Memory without holes.
  static func spans(_ segments: [MapSegment]) -> [FrameRange] {
    var spans: [FrameRange] = []
    for segment in segments {
      if let last = spans.last, last.end == segment.frames.start {
        spans[spans.count - 1].count += segment.frames.count
      } else {
        spans.append(segment.frames)
      }
    }
    return spans
  }

  private static func legend(
    _ segments: [MapSegment],
    _ tally: Tally
  ) -> [Entry] {
    var lent = [UInt64](repeating: 0, count: Paint.shelves)
    for segment in segments where segment.sort.shelf > 0 {
      let index = Int(segment.sort.shelf) - 1
      if index < lent.count { lent[index] += segment.frames.count }
    }
    var entries = lent.indices.map { index in
      Entry(
        kind: nil,
        shelf: index + 1,
        frames: lent[index],
        reusable: lent[index]
      )
    }
    entries += PageKind.allCases.map { kind in
      let classes = PageClass.allCases.filter { PageKind($0) == kind }
      return Entry(
        kind: kind,
        shelf: nil,
        frames: classes.reduce(0) { $0 + tally[$1] },
        reusable: classes.reduce(0) { $0 + tally[$1, nil] }
      )
    }
    return entries.filter { $0.frames > 0 }
  }

  /// The node of a frame, by its place among the nodes; nil where there is one
  /// node, or none that has it.
  public func node(of frame: FrameNumber) -> Int? {
    nodes.count > 1 ? nodes.firstIndex { $0.contains(frame) } : nil
  }
}

extension PhysicalMap.Entry {
  /// What it is called.
  public var name: String {
    kind?.name ?? "would be lent, copy \(shelf ?? 0)"
  }
}

/// The address of a frame as C spells it, with `digits` digits at least.
package func addressText(_ frame: UInt64, digits: Int = 0) -> String {
  let text = String(frame << Frame.shift, radix: 16)
  return "0x" + String(repeating: "0", count: max(0, digits - text.count))
    + text
}
