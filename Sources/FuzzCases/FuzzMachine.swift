// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import MemoryMap
internal import PageClasses
internal import SyntheticVMCore
internal import VMCore

internal import struct SyntheticVMCore.Folio

/// A sound vmcore that is damaged later: 64 MiB, all sorts of pages in the
/// last 16, symbols and types.
///
///     0x1000  the kernel; with KASLR at 0x2600
///     0x3000  folios, by size
///     0x3900  small pages, eight of each sort
///     0x3c00  free
struct FuzzMachine: Sendable {
  let era: KernelEra
  let vmcore: SyntheticVMCore
  /// The text of the flag layout, and what it says.
  let layoutText: [UInt8]
  let layout: FlagLayout
  /// The first frames of folios of four pages at least.
  let folios: [UInt64]
  /// The frames that are in use, or otherwise not to be lent, and look it,
  /// with the first frame of their folio.
  let kept: [UInt64: UInt64]

  init?(_ era: KernelEra) {
    var machine = SyntheticMachine()
    machine.era = era
    machine.kallsyms = true
    machine.memory = [
      .init(0x1000..<0x9_f000), .init(0x10_0000..<0x400_0000),
    ]
    Self.shape(&machine)
    var folios: [UInt64] = []
    for (start, count, state) in Self.contents(era) {
      machine.contents.append(.init(start, count, state))
      guard case .folio(let folio) = state, folio.order > 1 else { continue }
      for head in stride(from: start, to: start + count, by: folio.count) {
        folios.append(head)
      }
    }
    self.era = era
    self.folios = folios
    layoutText = era.flagLayoutText
    guard let layout = try? FlagLayout(text: layoutText) else { return nil }
    self.layout = layout
    var vmcore = machine.build()
    vmcore.writeSymbols(
      types: era.typeInformation.bytes,
      offsets: era >= .v7_1 ? .own : era >= .v6_12 ? .forward : .backward
    )
    vmcore.writeLog(Self.log)
    self.vmcore = vmcore
    guard let kept = Self.kept(in: vmcore, Self.contents(era), layout) else {
      return nil
    }
    self.kept = kept
  }

  /// A log that has wrapped around, with messages of all sorts.
  private static var log: SyntheticLog {
    var log = SyntheticLog()
    for index in 0..<100 {
      let text = "message \(index)\n" + String(repeating: "x", count: index)
      var message = SyntheticLog.Message(text, at: UInt64(index) << 30)
      message.level = UInt8(index % 8)
      if index % 13 == 0 { message.state = .reserved }
      if index % 17 == 0 { message.block = .failed }
      log.messages.append(message)
    }
    return log
  }

  /// What is kept of the sound machine, at level 31.
  private static func kept(
    in vmcore: SyntheticVMCore,
    _ contents: [(UInt64, UInt64, PageState)],
    _ layout: FlagLayout
  ) -> [UInt64: UInt64]? {
    var policy = SearchPolicy(dumpLevel: DumpLevel(31) ?? .dumpEverything)
    policy.collector = Collector(version: .init(1, 8, 0))
    policy.flags = layout
    var judged = Witness()
    guard let core = try? CoreFile(vmcore), let info = try? core.vmcoreInfo(),
      (try? FrameSearch.scan(core, KernelLayout(info), policy, &judged)) != nil
    else { return nil }
    var kept: [UInt64: UInt64] = [:]
    for (start, count, state) in contents {
      var size: UInt64 = 1
      if case .folio(let folio) = state { size = UInt64(folio.count) }
      for frame in start..<start + count {
        let judgement = judged.judgement(of: FrameNumber(frame))
        guard judgement?.veto != nil, !looksFree(frame, vmcore) else {
          continue
        }
        kept[frame] = frame & ~(size - 1)
      }
    }
    return kept
  }

  /// Whether a struct page looks like one inside a free block: pages of a
  /// CPU's own lists do, and nothing but their block tells them apart.
  private static func looksFree(
    _ frame: UInt64,
    _ vmcore: SyntheticVMCore
  ) -> Bool {
    let page = vmcore.pageAddress(of: FrameNumber(frame)).value
    func word(_ offset: UInt64) -> UInt64 {
      vmcore.load64(VirtualAddress(page + offset)) ?? 0
    }
    return word(0) & 0xff_ffff == 0 && word(8) & 1 == 0 && word(24) == 0
      && word(48) == 0xffff_ffff
  }

  /// Whether nobody damaged what `vmcore` says of `frame`, which is kept, and
  /// of the folio that it is in.
  func isSound(_ frame: UInt64, in vmcore: SyntheticVMCore) -> Bool {
    guard let head = kept[frame] else { return false }
    let count: UInt64 = head == frame && !folios.contains(head) ? 1 : 4
    return isSame(frame, 1, in: vmcore) && isSame(head, count, in: vmcore)
  }

  /// Whether the struct pages of `count` frames are those of before.
  func isSame(
    _ frame: UInt64,
    _ count: UInt64,
    in damaged: SyntheticVMCore
  ) -> Bool {
    let page = vmcore.pageAddress(of: FrameNumber(frame)).value
    for place in stride(from: 0, to: count * 64, by: 8) as StrideTo<UInt64> {
      let word = VirtualAddress(page + place)
      guard damaged.load64(word) == vmcore.load64(word) else { return false }
    }
    return true
  }

  /// What machines differ in beside their time: each has some of it.
  private static func shape(_ machine: inout SyntheticMachine) {
    switch machine.era {
    case .v4_18, .v5_14, .v6_18: machine.kaslr = .example
    case .v5_10, .v7_1:
      machine.fiveLevels = true
      machine.smeMask = 1 << 47
    case .v6_1: machine.sections = .pointerToRootArray
    case .v6_4, .v6_6: machine.vmemmapLeaf = .small
    case .v6_9:
      machine.memory.append(.init(0x1_0000_0000..<0x1_0080_0000, node: 1))
      machine.crashKernel = 0x200_0000..<0x280_0000
    case .v6_12: break
    }
  }

  private static func contents(
    _ era: KernelEra
  ) -> [(UInt64, UInt64, PageState)] {
    let huge = Folio(.anonymous, order: 9, wholeMaps: 1)
    let both = Folio(.anonymous, order: 9, wholeMaps: 1, pageMaps: 1)
    var pool = Folio(.hugetlbFree, order: 9)
    pool.isOptimized = era >= .v6_1
    let tmpfs = Folio(.shmem, order: 9, pageMaps: 2)
    let file = Folio(.file, order: 5)
    let part = Folio(.anonymous, order: 4, pageMaps: 1, mappedPages: 3..<9)
    var pinned = Folio(.anonymous, order: 4, pageMaps: 1)
    pinned.pins = 3
    var half = Folio(.anonymous, order: 4, pageMaps: 1)
    half.tails = .missing(from: 9)
    var strayed = Folio(.file, order: 3)
    strayed.tails = .strayed(to: FrameNumber(0x3a00))
    var swapped = Folio(.anonymous, order: 4)
    swapped.isInSwapCache = true
    var all: [(UInt64, UInt64, PageState)] = [
      (0x3000, 512, .folio(huge)), (0x3200, 512, .folio(both)),
      (0x3400, 512, .folio(pool)),
      (0x3600, 512, .folio(Folio(.hugetlb, order: 9, wholeMaps: 1))),
      (0x3800, 64, .folio(file)), (0x3840, 32, .folio(part)),
      (0x3860, 16, .folio(Folio(.file, order: 1))),
      (0x3870, 16, .folio(pinned)), (0x3880, 16, .folio(half)),
      (0x3890, 16, .folio(Folio(.slab, order: 3))),
      (0x38a0, 16, .folio(strayed)), (0x38b0, 16, .folio(swapped)),
      (0x38c0, 64, .folio(Folio(.kernel, order: 4))),
      (0x3a00, 512, .folio(tmpfs)),
    ]
    var small: [PageState] = [
      .cache(maps: 2), .dirtyCache, .writebackCache, .lockedCache,
      .awaitedCache, .bufferedCache, .shmem, .anonymous(maps: 1), .strayed,
      .swapCached, .swapCachedOnly, .ksm, .lazyFree, .mlocked, .pinned,
      .pinnedCache, .isolated, .hwpoison, .offline, .balloon, .zsmalloc,
      .slab, .pageTable, .reserved, .kernel, .unlisted, .compoundHead,
    ]
    if era.has(.unaccepted) { small.append(.unaccepted) }
    for (index, state) in small.enumerated() {
      all.append((0x3900 + 8 * UInt64(index), 8, state))
    }
    return all
  }
}
