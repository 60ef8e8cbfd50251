// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import MemoryMap
public import VMCore

/// What is known of one frame.
public struct FrameAccount: Sendable {
  /// Its struct page; nil where there is none that could be read.
  public let page: PageDescriptor?
  /// Where in the crashed kernel's address space that is.
  public let address: VirtualAddress?
  /// What the frame is, and why it is not lent; nil where no PT_LOAD has it.
  public let judgement: Judgement?
}

extension FrameSearch {
  /// Judges `frame` as a scan of all frames does, by the same pass over what
  /// surrounds it.
  public static func explain<Source: ByteSource & ~Copyable>(
    _ frame: FrameNumber,
    _ core: borrowing CoreFile<Source>,
    _ kernel: KernelLayout,
    _ policy: SearchPolicy
  ) throws(MapError) -> FrameAccount {
    var map = try MemoryMap(core, kernel)
    var inspector = try FrameInspector(kernel, policy)
    // No block and no folio is larger, and all are aligned to their size.
    let largest: UInt64 = 1 << UInt64(CompoundLayout.maximumOrder)
    var pass = MapPass(.everything(minimumOrder: 0))
    pass.begin(at: FrameNumber(frame.value & ~(largest - 1)))
    pass.end = FrameRange(start: frame, count: 1).end
    var watch = Watch(frame: frame)
    try pass.run(&map, core, &inspector, &watch)
    let alone = FrameRange(start: frame, count: 1)
    let isThere = (try? map.load(alone, from: core)) != nil
    return FrameAccount(
      page: isThere ? try? map.page(frame) : nil,
      address: isThere ? try? map.address(ofPage: frame, in: core) : nil,
      judgement: watch.judgement
    )
  }

  /// Remembers what is said of one frame.
  private struct Watch: FrameVisitor {
    let frame: FrameNumber
    var judgement: Judgement?

    mutating func visit(_ run: ReusableRun) -> Bool {
      if run.frames.contains(frame) {
        judgement = Judgement(run.pageClass, nil)
      }
      return true
    }

    mutating func keep(_ frames: FrameRange, _ judgement: Judgement) {
      if frames.contains(frame) { self.judgement = judgement }
    }

    mutating func startOver() {}
  }
}
