// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

extension MemoryMap {
  /// The spans of the NUMA nodes that have memory, in order of address; none
  /// where the kernel does not say, or where nodes lie one inside another.
  public mutating func nodes<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ kernel: KernelLayout
  ) -> [FrameRange] {
    var spans: [FrameRange] = []
    guard let start = kernel[.nodeStart], let spanned = kernel[.nodeSpanned],
      let layout = try? FreeListLayout(kernel, pages),
      let nodes = try? FreeListWalk.findNodes(layout, kernel, &space, core)
    else { return [] }
    for node in nodes {
      let first = VirtualAddress(node.address &+ start)
      let count = VirtualAddress(node.address &+ spanned)
      guard let first = try? space.u64(first, in: core),
        let count = try? space.u64(count, in: core), first < 1 << 52
      else { return [] }
      guard count > 0 else { continue }
      let span = FrameRange(start: FrameNumber(first), count: count)
      // A handful of nodes: put each in its place.
      var place = spans.count
      while place > 0, spans[place - 1].start > span.start { place -= 1 }
      spans.insert(span, at: place)
    }
    for index in spans.indices.dropFirst()
    where spans[index].start < spans[index - 1].end { return [] }
    return spans
  }
}
