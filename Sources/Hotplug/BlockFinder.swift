// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import PageClasses

/// The two searches for the same frames: the first one counts them by block,
/// the second one notes them in the bitmaps of the blocks that were chosen.
///
/// One visitor for both, since all of a search is compiled for each.
public struct BlockFinder: FrameVisitor, ~Copyable {
  private var tally: BlockTally
  /// The blocks that were chosen; none before `choose`.
  public private(set) var bitmaps: BlockBitmaps
  private var counts = true

  /// Gets ready for the first search, in blocks that lie in `allowed`.
  public init(_ request: BlockRequest, allowed: [FrameRange]) {
    tally = BlockTally(request, allowed: allowed)
    bitmaps = BlockBitmaps(BlockChoice(blocks: [], frames: 0), request)
  }

  /// Chooses the blocks that give most, and gets ready for the second search.
  public mutating func choose() throws(BlockRefusal) {
    bitmaps = BlockBitmaps(try tally.choose(), tally.request)
    counts = false
  }

  /// Takes a run; false once there is enough.
  public mutating func visit(_ run: ReusableRun) -> Bool {
    counts ? tally.visit(run) : bitmaps.visit(run)
  }

  /// Forgets the runs of this search.
  public mutating func startOver() {
    if counts { tally.startOver() } else { bitmaps.startOver() }
  }
}
