// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import SyntheticVMCore
import Testing
import VMCore

@Suite struct FreeListWalkTests {
  @Test(arguments: KernelEra.allCases)
  func everyBlockOfEveryListIsFoundOnce(era: KernelEra) throws {
    var machine = SyntheticMachine()
    machine.era = era
    // Holes of one page leave blocks of every order.
    machine.contents = [.init(0x5001, 1, .kernel), .init(0x6fff, 1, .kernel)]
    let vmcore = machine.build()
    let walk = try Walk(vmcore)
    #expect(walk.faults.isEmpty)
    #expect(walk.claims == vmcore.claims)
    #expect(Set(vmcore.freeBlocks.map(\.order)) == Set(0...10))
  }

  @Test func theLargestBlocksComeFirst() throws {
    var machine = SyntheticMachine()
    machine.contents = [.init(0x5001, 1, .kernel)]
    let orders = try Walk(machine.build()).blocks.map(\.order)
    #expect(orders == orders.sorted(by: >))
  }

  @Test func smallBlocksAreLeftOutWhereNobodyWantsThem() throws {
    var machine = SyntheticMachine()
    machine.contents = [.init(0x5001, 1, .kernel)]
    let vmcore = machine.build()
    let walk = try Walk(vmcore, minimumOrder: 4)
    #expect(walk.claims == vmcore.claims.filter { $0.order >= 4 })
  }

  @Test func everyNodeAndZoneIsWalked() throws {
    var machine = SyntheticMachine()
    machine.memory = [
      .init(0x1000..<0x9_f000),
      .init(0x10_0000..<0x2000_0000),
      .init(0x2000_0000..<0x4000_0000, node: 2),
      .init(0x1_0000_0000..<0x1_1000_0000, node: 1),
    ]
    let vmcore = machine.build()
    let walk = try Walk(vmcore)
    #expect(walk.faults.isEmpty)
    #expect(walk.claims == vmcore.claims)
    #expect(Set(walk.blocks.compactMap(\.list?.node)) == [0, 1, 2])
    #expect(Set(walk.blocks.compactMap(\.list?.zone)) == [0, 1, 2])
  }

  @Test func theOnlyNodeOfAKernelWithoutNUMAIsWalked() throws {
    var machine = SyntheticMachine()
    let node = try #require(machine.build().nodeAddress(0))
    machine.droppedKeys = ["SYMBOL(node_data)", "LENGTH(node_data)"]
    machine.replacedKeys = [
      "SYMBOL(contig_page_data)": String(node.value, radix: 16)
    ]
    let vmcore = machine.build()
    #expect(try Walk(vmcore).claims == vmcore.claims)
  }

  /// What breaks a list, each by its own way.
  enum Break: CaseIterable {
    case cycle, wildPointer, nullPointer, anotherList, insideABlock
    case userAddress, missingBackPointer, headBackPointer, unalignedLink
  }

  @Test(arguments: Break.allCases)
  func aBrokenListIsLeftAtTheFaultAndTheOthersAreWalked(
    way: Break
  ) throws {
    var machine = SyntheticMachine()
    machine.contents = [.init(0x5001, 1, .kernel), .init(0x7001, 1, .kernel)]
    var vmcore = machine.build()
    let largest = vmcore.freeBlocks.filter { $0.order == 10 && $0.zone == 1 }
    let list = largest.filter { $0.type == largest[0].type }
    let first = try #require(list.first?.frames.start)
    let second = try #require(list.dropFirst().first?.frames.start)
    let other = try #require(
      largest.first { $0.type != largest[0].type }?.frames.start
    )
    let next = vmcore.link(of: first)
    let previous = VirtualAddress(vmcore.link(of: second).value + 8)
    switch way {
    case .cycle: vmcore.store64(next.value, at: next)
    case .wildPointer: vmcore.store64(0xdead_0000_0000_0100, at: next)
    case .nullPointer: vmcore.store64(0, at: next)
    case .anotherList:
      vmcore.store64(vmcore.link(of: other).value, at: next)
    case .insideABlock:
      vmcore.store64(vmcore.link(of: second).value + 64, at: next)
    case .userAddress: vmcore.store64(0x7fff_0000_1000, at: next)
    case .missingBackPointer: vmcore.store64(0, at: previous)
    case .headBackPointer:
      let head = vmcore.freeList(of: list[0])
      vmcore.store64(0, at: VirtualAddress(head.value + 8))
    case .unalignedLink:
      vmcore.store64(vmcore.link(of: second).value + 1, at: next)
    }
    let walk = try Walk(vmcore)
    #expect(walk.faults.count == 1)
    #expect(Set(walk.claims).count == walk.claims.count)
    // Nothing is found that is not there, and all that is on other lists.
    #expect(Set(walk.claims).isSubset(of: vmcore.claims))
    let elsewhere = vmcore.freeBlocks.filter {
      $0.order != 10 || $0.type != list[0].type || $0.zone != list[0].zone
    }
    #expect(Set(walk.claims).isSuperset(of: elsewhere.map(Claim.init)))
  }

  @Test func aNodeThatIsListedTwiceIsRefused() throws {
    var machine = SyntheticMachine()
    machine.memory = [
      .init(0x10_0000..<0x800_0000),
      .init(0x800_0000..<0x1000_0000, node: 1),
    ]
    var vmcore = machine.build()
    let info = try CoreFile(vmcore).vmcoreInfo()
    let table = try #require(KernelLayout(info)[.nodeData])
    let node = try #require(vmcore.nodeAddress(0))
    vmcore.store64(node.value, at: VirtualAddress(table + 8))
    let error = #expect(throws: MapError.self) { _ = try Walk(vmcore) }
    #expect(error == .core(.implausible(.nodeData, node.value)))
  }

  @Test(arguments: [
    ("SIZE(zone)", "64"), ("SIZE(free_area)", "16"),
    ("LENGTH(free_area.free_list)", "6"), ("LENGTH(zone.free_area)", "21"),
  ])
  func listsThatWouldLieInOneAnotherAreRefused(
    key: String,
    value: String
  ) throws {
    var machine = SyntheticMachine()
    machine.replacedKeys = [key: value]
    let vmcore = machine.build()
    #expect(throws: MapError.self) { _ = try Walk(vmcore) }
  }

  @Test(arguments: KernelLayout.Key.allCases.filter { $0.need == .freeLists })
  func aKeyThatOnlyTheListsNeedIsNamed(key: KernelLayout.Key) throws {
    var machine = SyntheticMachine()
    machine.droppedKeys = [key.line]
    let vmcore = machine.build()
    let error = #expect(throws: MapError.self) { _ = try Walk(vmcore) }
    #expect(error == .core(.missing(key)))
    // The linear scan does without.
    #expect(try Scan(vmcore).frames > 0)
  }

  /// A page of a pglist_data is not in the file: the lists on it are at
  /// fault, and all others are walked.
  @Test func listsThatTheFileDoesNotHaveAreAtFault() throws {
    var machine = SyntheticMachine()
    machine.contents = [.init(0x5001, 1, .kernel)]
    let sound = machine.build()
    let block = try #require(sound.freeBlocks.last { $0.order == 10 })
    let list = try #require(sound.physical(sound.freeList(of: block))).value
    let hole = list & ~4095
    machine.loads = [
      0x10_0000..<hole, hole + 4096..<0x800_0000,
    ]
    let walk = try Walk(machine.build())
    var lost = Set<Int>()
    for fault in walk.faults {
      guard case .head(let list, .core(.notCovered)) = fault else {
        Issue.record("\(fault)")
        continue
      }
      lost.insert(Int(list.order))
    }
    #expect(lost.contains(10))
    // Two free areas may lie on the page in part; none is walked in part.
    let rest = sound.freeBlocks.filter { block in
      let place = sound.physical(sound.freeList(of: block))?.value ?? 0
      return place & ~4095 != hole
    }
    #expect(Set(walk.claims).isSubset(of: Set(sound.claims)))
    #expect(walk.claims.count <= rest.count)
    #expect(!walk.claims.contains(Claim(block)))
  }
}
