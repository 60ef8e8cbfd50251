// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import FramePool
import Memory
import PageClasses
import Testing

/// Copies lie on NUMA nodes of their own where that can be, and it is said
/// whether they do.
@Suite struct NodeTests {
  private func select(
    _ request: FrameRequest,
    nodes: [FrameRange],
    _ runs: [FrameRange]
  ) -> Selection {
    var pool = FramePool(request, excluding: [], nodes: nodes)
    for run in runs { pool.offer(run) }
    return pool.select()
  }

  /// The nodes that the frames of each copy lie on.
  private func nodes(
    of selection: Selection,
    _ nodes: [FrameRange]
  ) -> [Set<Int>] {
    var sets = [Set<Int>](repeating: [], count: selection.copies)
    for slot in 0..<selection.slotCount {
      guard let frame = selection.frame(of: slot) else { continue }
      let copy = Int(slot / selection.framesPerShelf)
      sets[copy].insert(nodes.firstIndex { $0.contains(frame) } ?? -1)
    }
    return sets
  }

  @Test func eachCopyHasANode() throws {
    let request = try FrameRequest(blocks: 512, copies: 2)
    let spans = [range(0, 10_000), range(20_000, 10_000)]
    // The first node has much more than the second.
    let selection = select(
      request,
      nodes: spans,
      [range(100, 8000), range(20_100, 600)]
    )
    #expect(selection.isAcrossNodes)
    #expect(nodes(of: selection, spans) == [[0], [1]])
    #expect(!selection.isShort)
  }

  /// Node 1 begins where node 0 ends, and free memory goes on across.
  @Test func aRunAcrossTwoNodesServesBoth() throws {
    let request = try FrameRequest(blocks: 1024, copies: 2)
    let spans = [range(0, 10_000), range(10_000, 10_000)]
    let selection = select(request, nodes: spans, [range(7000, 6000)])
    #expect(selection.isAcrossNodes)
    #expect(nodes(of: selection, spans) == [[0], [1]])
    #expect(!selection.isShort)
  }

  @Test func oneNodeWithMemoryIsNotTwo() throws {
    let request = try FrameRequest(blocks: 512, copies: 2)
    let spans = [range(0, 10_000), range(20_000, 10_000)]
    let selection = select(
      request,
      nodes: spans,
      [range(100, 8000), range(20_100, 400)]
    )
    #expect(!selection.isAcrossNodes)
    #expect(!selection.isShort)
  }

  @Test func noNodesOrOneCopyIsNotAcrossNodes() throws {
    let runs = [range(100, 2000), range(20_100, 2000)]
    let spans = [range(0, 10_000), range(20_000, 10_000)]
    let one = try FrameRequest(blocks: 512, copies: 1)
    #expect(!select(one, nodes: spans, runs).isAcrossNodes)
    let two = try FrameRequest(blocks: 512, copies: 2)
    #expect(!select(two, nodes: [], runs).isAcrossNodes)
    #expect(!select(two, nodes: [range(0, 50_000)], runs).isAcrossNodes)
  }

  @Test func threeCopiesOfFourNodesAreEachOnTheirOwn() throws {
    let request = try FrameRequest(blocks: 1000, copies: 3)
    let spans = (0..<4).map { range(10_000 * UInt64($0), 10_000) }
    // The second node has not enough, and is joined to another.
    let runs = [0, 10_000, 20_000, 30_000].map {
      range($0 + 100, $0 == 10_000 ? 200 : 2000)
    }
    let selection = select(request, nodes: spans, runs)
    #expect(selection.isAcrossNodes)
    let sets = nodes(of: selection, spans)
    for (copy, set) in sets.enumerated() {
      for other in sets[..<copy] { #expect(set.isDisjoint(with: other)) }
    }
  }

  @Test(arguments: 0..<600 as Range<UInt64>)
  func copiesThatAreSaidToBeOnNodesOfTheirOwnAre(seed: UInt64) throws {
    let offers = try Offers(seed: seed)
    let selection = offers.select()
    guard selection.isAcrossNodes else { return }
    #expect(selection.copies > 1 && selection.framesPerShelf > 0)
    let sets = nodes(of: selection, offers.nodes)
    for (copy, set) in sets.enumerated() {
      for other in sets[..<copy] {
        #expect(set.subtracting([-1]).isDisjoint(with: other))
      }
    }
  }

  /// Where as many nodes as there are copies have enough of the best, they
  /// are used.
  @Test(arguments: 0..<100 as Range<UInt64>)
  func nodesWithEnoughAreUsed(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let copies = Int.random(in: 2...4, using: &random)
    let request = try FrameRequest(
      blocks: .random(in: 100...1000, using: &random),
      copies: copies,
      minimumRun: 1
    )
    var spans: [FrameRange] = []
    var runs: [FrameRange] = []
    for node in 0..<UInt64(copies) {
      let span = range(node * 50_000, 50_000)
      spans.append(span)
      var start = span.start.value
      var held: UInt64 = 0
      while held < request.framesPerShelf {
        let count = UInt64.random(in: 1...600, using: &random)
        runs.append(range(start, count))
        held += count
        start += count + UInt64.random(in: 0...20, using: &random)
      }
    }
    let selection = select(
      request,
      nodes: spans,
      runs.shuffled(using: &random)
    )
    #expect(selection.isAcrossNodes)
    #expect(!selection.isShort)
    #expect(nodes(of: selection, spans).allSatisfy { $0.count == 1 })
  }
}
