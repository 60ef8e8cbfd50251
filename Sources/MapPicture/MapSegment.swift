// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import PageClasses

/// What there is to say of a frame: its class, why it is kept, and for which
/// copy it would be lent.
public struct FrameSort: Hashable, Sendable {
  /// What it was used for.
  public var pageClass: PageClass
  /// Why it is not lent; nil where it may be.
  public var veto: Veto?
  /// The copy that it would be lent for, from 1 on; 0 for none.
  public var shelf: UInt8

  /// Puts the three together.
  public init(_ judgement: Judgement, shelf: UInt8 = 0) {
    pageClass = judgement.pageClass
    veto = judgement.veto
    self.shelf = shelf
  }

  /// How it looks.
  public var paint: Paint {
    shelf > 0
      ? Paint(shelf: Int(shelf))
      : Paint(PageKind(pageClass), mayBeLent: veto == nil)
  }
}

/// Frames that follow one another and are of one sort; or of several, each in
/// too few frames to be told apart on a machine of that size.
public struct MapSegment: Equatable, Sendable {
  /// The frames.
  public internal(set) var frames: FrameRange
  /// The sort that most of them are of.
  public internal(set) var sort: FrameSort
  /// How many are certainly of it.
  public internal(set) var certain: UInt64
  /// How many may be lent, or would be.
  public internal(set) var reusable: UInt64

  /// Frames of one sort.
  public init(_ frames: FrameRange, _ sort: FrameSort) {
    self.frames = frames
    self.sort = sort
    certain = frames.count
    reusable = sort.veto == nil ? frames.count : 0
  }

  /// Whether all frames are of one sort.
  public var isExact: Bool { certain == frames.count }

  /// Takes in the frames that come next, which are of the same sort.
  mutating func extend(by next: MapSegment) {
    frames.count += next.frames.count
    certain += next.certain
    reusable += next.reusable
  }
}
