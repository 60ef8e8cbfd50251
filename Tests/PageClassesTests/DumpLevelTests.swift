// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import PageClasses
import SyntheticVMCore
import Testing

import struct SyntheticVMCore.Folio

/// What is lent is what the level leaves out, class by class.
@Suite struct DumpLevelTests {
  /// makedumpfile(8), -d: 1 zero pages, 2 cache without private data, 4 cache
  /// with and without, 8 user data, 16 free pages.
  static func leavesOut(_ level: Int, _ pageClass: PageClass) -> Bool {
    switch pageClass {
    case .free: level & 16 != 0
    case .cache, .largeCache, .dirtyCache: level & 2 != 0 || level & 4 != 0
    case .privateCache: level & 4 != 0
    case .anonymous, .largeAnonymous, .hugetlb: level & 8 != 0
    case .slab, .offline, .hardwarePoison, .unaccepted, .reserved, .kernel:
      false
    }
  }

  /// What can be lent of each class, and what cannot, at level 31.
  static let samples = [
    Sample("cache", .cache, .cache),
    Sample("written", .writebackCache, .cache, .writeback),
    Sample("large cache", Folio(.file, order: 4), .largeCache),
    Sample("dirty", .dirtyCache, .dirtyCache),
    Sample("large tmpfs", Folio(.shmem, order: 9, wholeMaps: 1), .dirtyCache),
    Sample(
      "dirty and locked",
      Folio(.file).with(.dirty, .locked),
      .dirtyCache,
      .locked
    ),
    Sample("buffers", .bufferedCache, .privateCache, .hasPrivate),
    Sample("anonymous", .anonymous, .anonymous),
    Sample("pinned", .pinned, .anonymous, .pinned),
    Sample(
      "huge",
      Folio(.anonymous, order: 9, wholeMaps: 1),
      .largeAnonymous
    ),
    Sample("hugetlb", Folio(.hugetlbFree, order: 9), .hugetlb),
    Sample(
      "hugetlb in use",
      Folio(.hugetlb, order: 9, wholeMaps: 1),
      .hugetlb,
      .hugetlbInUse
    ),
    Sample(
      "half of a folio",
      Folio(.anonymous, order: 3, pageMaps: 1).with {
        $0.tails = .missing(from: 2)
      },
      .largeAnonymous,
      .halfBuilt
    ),
    Sample("slab", .slab, .slab, .dumpLevel),
    Sample("kernel", .kernel, .kernel, .dumpLevel),
    Sample("offline", .offline, .offline, .offline),
    Sample("poison", .hwpoison, .hardwarePoison, .hardwarePoison),
    Sample("unaccepted", .unaccepted, .unaccepted, .unaccepted),
    Sample("reserved", .reserved, .reserved, .reserved),
  ]

  @Test(arguments: 0...31)
  func aLevelLendsWhatItLeavesOut(level: Int) throws {
    let era = KernelEra.v6_18
    var policy = try era.policy
    policy.dumpLevel = try #require(DumpLevel(level))
    let samples = Self.samples.map { sample in
      guard !Self.leavesOut(level, sample.pageClass) else { return sample }
      switch sample.pageClass {
      // These are lent at no level, and say why.
      case .offline, .hardwarePoison, .unaccepted, .reserved: return sample
      case .dirtyCache: return sample.with(.dirtyCache, .dirty)
      case let pageClass: return sample.with(pageClass, .dumpLevel)
      }
    }
    let (vmcore, starts) = Sample.lay(samples, era)
    let judged = try vmcore.judge(policy)
    for (sample, start) in zip(samples, starts) {
      let wanted = Judgement(sample.pageClass, sample.veto)
      #expect(judged[start] == wanted, "\(sample.name)")
    }
    let free = vmcore.describedFree.runs.flatMap { Array($0) }
    #expect(judged.lent(.free) == (level & 16 != 0 ? Set(free) : []))
    // The search agrees with the scan.
    var found = Set<UInt64>()
    for run in try vmcore.search(policy).found.runs {
      for frame in run.frames.start.value..<run.frames.end.value {
        #expect(found.insert(frame).inserted, "frame \(frame) twice")
      }
    }
    #expect(found == judged.lent())
  }

  @Test func levelsOfNoClassLendNothing() throws {
    let (vmcore, _) = Sample.lay(Self.samples, .v6_18)
    for level in [DumpLevel(0), DumpLevel(1), .dumpEverything] {
      var policy = try KernelEra.v6_18.policy
      policy.dumpLevel = try #require(level)
      #expect(try vmcore.judge(policy).lent().isEmpty)
    }
  }

  /// Every class has its place in the table above.
  @Test(arguments: 0...31)
  func theTableIsTheManuals(level: Int) throws {
    let level = try #require(DumpLevel(level))
    for pageClass in PageClass.allCases {
      #expect(
        level.leavesOut(pageClass)
          == Self.leavesOut(Int(level.value), pageClass)
      )
    }
  }
}
