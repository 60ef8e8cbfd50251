// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import PageClasses
import SyntheticVMCore
import Testing

import struct SyntheticVMCore.Folio

/// Compound pages that were being put together, or taken apart, when the
/// machine crashed: a page that does not agree keeps all others.
@Suite struct HalfBuiltTests {
  static let folios: [Folio] = [
    Folio(.anonymous, order: 9, wholeMaps: 1),
    Folio(.anonymous, order: 4, pageMaps: 1), Folio(.file, order: 9),
    Folio(.shmem, order: 5, pageMaps: 2), Folio(.hugetlbFree, order: 9),
  ]

  /// A folio of one sort, and what is wrong with it.
  struct Fault {
    var folio: Folio
    var harm: (inout SyntheticVMCore, FrameNumber) -> Void = { _, _ in }
  }

  /// What a scan says of the frames of each folio: all stand side by side in
  /// one machine.
  private func judge(
    _ faults: [Fault],
    _ era: KernelEra
  ) throws -> [[Judgement]] {
    var machine = SyntheticMachine()
    machine.era = era
    machine.memory = [.init(0x10_0000..<0x380_0000)]
    machine.contents = [.init(0x1f00, 0x1900, .kernel)]
    var vmcore = machine.build()
    let starts = faults.indices.map { 0x2000 + 0x200 * UInt64($0) }
    for (fault, start) in zip(faults, starts) {
      let frame = FrameNumber(start)
      vmcore.setFolio(frame, fault.folio)
      fault.harm(&vmcore, frame)
    }
    let judged = try vmcore.judge(era.policy)
    return try zip(faults, starts).map { fault, start in
      try (start..<start + UInt64(fault.folio.count)).map {
        try #require(judged[$0])
      }
    }
  }

  /// Sets bits of the word that many bytes into a struct page.
  private static func set(
    _ bits: UInt64,
    _ offset: UInt64,
    of frame: UInt64,
    in vmcore: inout SyntheticVMCore
  ) {
    let page = vmcore.pageAddress(of: FrameNumber(frame))
    let place = VirtualAddress(page.value + offset)
    vmcore.store64((vmcore.load64(place) ?? 0) | bits, at: place)
  }

  @Test(arguments: KernelEra.allCases, folios.indices)
  func soundFoliosAreLent(era: KernelEra, index: Int) throws {
    let found = try judge([Fault(folio: Self.folios[index])], era)
    let isUnclear = Self.folios[index].kind == .hugetlbFree && era == .v6_6
    #expect(found[0].allSatisfy { ($0.veto == nil) != isUnclear })
  }

  @Test(arguments: KernelEra.allCases, folios.indices)
  func noPageOfAFolioWithoutAllItsTailsIsLent(
    era: KernelEra,
    index: Int
  ) throws {
    let whole = Self.folios[index]
    let places = [1, 2, 3, whole.count / 2, whole.count - 1]
    let faults = places.map { place in
      Fault(folio: whole.with { $0.tails = .missing(from: place) })
    }
    for (place, found) in try zip(places, judge(faults, era)) {
      #expect(found[0].veto == .halfBuilt, "from \(place)")
      #expect(found.allSatisfy { $0.veto != nil }, "from \(place)")
    }
  }

  @Test(arguments: KernelEra.allCases, folios.indices)
  func tailsOfAnotherHeadAreNoOnesTails(era: KernelEra, index: Int) throws {
    // Where free memory is, where the kernel is, and one of themselves.
    let heads: [UInt64] = [0x3a00, 0x1f00, 0x2401]
    let faults = heads.map { head in
      Fault(
        folio: Self.folios[index].with {
          $0.tails = .strayed(to: FrameNumber(head))
        }
      )
    }
    for (head, found) in try zip(heads, judge(faults, era)) {
      // Its neighbour is another's tail, as where struct pages are folded up.
      let veto = found[0].veto
      #expect(veto == .fakeHead || veto == .halfBuilt, "of \(head)")
      #expect(found.dropFirst().allSatisfy { $0.veto == .tail }, "\(head)")
    }
  }

  @Test(arguments: KernelEra.allCases, folios.indices)
  func anyPageThatIsNoTailKeepsTheFolio(era: KernelEra, index: Int) throws {
    let folio = Self.folios[index]
    let states: [PageState] = [
      .free, .unlisted, .anonymous, .cache, .kernel, .referenced(1),
      .compoundTail(FrameNumber(0x3a00)), .buddy(order: 0),
    ]
    let faults = states.enumerated().map { number, state in
      // Each at another place, the last page among them.
      let place = UInt64(max(2, folio.count - 1 - number * 5))
      return Fault(folio: folio) { vmcore, start in
        vmcore.setPage(FrameNumber(start.value + place), state)
      }
    }
    for (state, found) in try zip(states, judge(faults, era)) {
      #expect(found.allSatisfy { $0.veto == .halfBuilt }, "\(state)")
    }
  }

  @Test(arguments: KernelEra.allCases, folios.indices)
  func aTailThatSomebodyHoldsKeepsTheFolio(
    era: KernelEra,
    index: Int
  ) throws {
    let folio = Self.folios[index]
    let faults = [1, 2, folio.count - 1].map { place in
      Fault(folio: folio) {
        Self.set(1 << 32, 48, of: $1.value + UInt64(place), in: &$0)
      }
    }
    for found in try judge(faults, era) {
      #expect(found.allSatisfy { $0.veto == .halfBuilt })
    }
  }

  @Test(arguments: KernelEra.allCases, folios.indices)
  func aTailThatIsPoisonedKeepsTheFolio(era: KernelEra, index: Int) throws {
    let folio = Self.folios[index]
    let bit = try era.flagLayout[.hardwarePoison]
    let faults = [1, 3, folio.count - 1].map { place in
      Fault(folio: folio) {
        Self.set(bit, 0, of: $1.value + UInt64(place), in: &$0)
      }
    }
    for found in try judge(faults, era) {
      #expect(found.allSatisfy { $0.veto == .hardwarePoison })
    }
  }

  /// makedumpfile takes such a head for a page by itself, and dumps the
  /// tails.
  @Test(arguments: KernelEra.allCases)
  func aFolioThatIsNotAlignedIsNone(era: KernelEra) throws {
    let folio = Folio(.anonymous, order: 3, pageMaps: 1)
    for distance in [0, 1, 4] as [UInt64] {
      var machine = SyntheticMachine()
      machine.era = era
      machine.memory = [.init(0x10_0000..<0x380_0000)]
      machine.contents = [.init(0x1f00, 0x1900, .kernel)]
      var vmcore = machine.build()
      vmcore.setFolio(FrameNumber(0x2000), folio)
      let words = (0..<64 as Range<UInt64>).map { word in
        let page = vmcore.pageAddress(of: FrameNumber(0x2000)).value
        return vmcore.load64(VirtualAddress(page + 8 * word)) ?? 0
      }
      let head = 0x2100 + distance
      let address = vmcore.pageAddress(of: FrameNumber(head)).value
      for (word, value) in words.enumerated() {
        // The second word of a tail says where its head is.
        let isLink = word > 8 && word % 8 == 1 && era < .v7_1
        vmcore.store64(
          isLink ? address | 1 : value,
          at: VirtualAddress(address + 8 * UInt64(word))
        )
      }
      let judged = try vmcore.judge(era.policy)
      for frame in head..<head + 8 {
        let veto = judged[frame]?.veto
        #expect((veto == nil) == (distance == 0), "\(distance)")
      }
    }
  }

  /// A head alone is one of a folio that nobody has finished.
  @Test(arguments: KernelEra.allCases)
  func aHeadWithoutTailsIsHalfBuilt(era: KernelEra) throws {
    var samples = [
      Sample("head", .compoundHead, .kernel, .halfBuilt),
      Sample("tail", .compoundTail(FrameNumber(0x5000)), .kernel, .tail),
    ]
    if era.has(.hugetlb) {
      samples.append(Sample("hugetlb", .hugetlb, .hugetlb, .halfBuilt))
    }
    try Sample.expect(samples, era, era.policy)
  }
}
