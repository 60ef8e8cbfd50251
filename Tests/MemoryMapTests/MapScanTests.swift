// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import MemoryMap
import SyntheticVMCore
import Testing
import VMCore

@Suite struct MapScanTests {
  @Test func everyFrameOfThePTLoadsIsCometoOnce() throws {
    var machine = SyntheticMachine()
    machine.crashKernel = 0x400_0000..<0x500_0000
    let scan = try Scan(machine.build())
    #expect(scan.holes == 0)
    #expect(scan.frames == 0x9e + 0x7f00 - 0x1000)
  }

  @Test(arguments: SyntheticMachine.SectionShape.allCases)
  func bothShapesOfSectionsLeadToTheSamePages(
    shape: SyntheticMachine.SectionShape
  ) throws {
    var machine = SyntheticMachine()
    machine.sections = shape
    machine.contents = [.init(0x4321, 1, .anonymous)]
    let page = try page(0x4321, of: machine.build())
    #expect(page.mapping & 1 == 1)
    #expect(page.referenceCount == 1)
    #expect(page.mapCount == 0)
  }

  @Test(arguments: KernelEra.allCases)
  func aFreeBlockIsDecoded(era: KernelEra) throws {
    var machine = SyntheticMachine()
    machine.era = era
    let vmcore = machine.build()
    let block = try #require(vmcore.freeBlocks.last)
    let page = try page(block.frames.start.value, of: vmcore)
    #expect(page.privateData == UInt64(block.order))
    #expect(page.mapCount == (era < .v6_12 ? 0xffff_ff7f : 0xf000_0000))
    #expect(page.referenceCount == 0)
  }

  @Test(arguments: [0b110, 0b101, 0b011] as [UInt64])
  func aSectionThatIsNotInUseIsAHole(flags: UInt64) throws {
    var machine = SyntheticMachine()
    machine.memory = [.init(0x10_0000..<0x1000_0000)]
    var vmcore = machine.build()
    let layout = try KernelLayout(CoreFile(vmcore).vmcoreInfo())
    let roots = VirtualAddress(try layout.require(.memSection))
    let root = try #require(vmcore.load64(roots))
    let second = VirtualAddress(root + 16)
    let word = try #require(vmcore.load64(second))
    vmcore.store64(word & ~0b111 | flags, at: second)
    let scan = try Scan(vmcore)
    #expect(scan.holes == 0x8000)
    #expect(scan.frames == 0x8000 - 0x100)
  }

  @Test(arguments: SyntheticMachine.Leaf.allCases)
  func aPieceOfTheMemoryMapThatIsNotMappedIsAHole(
    leaf: SyntheticMachine.Leaf
  ) throws {
    var machine = SyntheticMachine()
    machine.vmemmapLeaf = leaf
    machine.memory = [.init(0x10_0000..<0x8000_0000)]
    var vmcore = machine.build()
    let core = try CoreFile(vmcore)
    let layout = try KernelLayout(core.vmcoreInfo())
    var space = try AddressSpace(layout)
    // The entry is found by walking by hand from the root down.
    let address = vmcore.pageAddress(of: FrameNumber(0x1_0000))
    _ = try space.translate(address, in: core)
    var table = space.root.value
    var place: UInt64 = 0
    for shift in [39, 30, 21, 12] as [UInt64] {
      place = table + (address.value >> shift & 511) * 8
      if 1 << shift == leaf.rawValue { break }
      table = vmcore.load64(physical: place) & 0xf_ffff_ffff_f000
    }
    vmcore.store64(0, physical: place)
    let scan = try? Scan(vmcore)
    switch leaf {
    case .small: #expect(scan?.holes == 64)
    case .medium: #expect(scan?.holes == 0x8000)
    case .large: #expect(scan == nil)
    }
  }

  @Test(arguments: KernelLayout.Key.allCases.filter { $0.need == .always })
  func aKeyThatEverythingNeedsIsNamed(key: KernelLayout.Key) throws {
    var machine = SyntheticMachine()
    machine.droppedKeys = [key.line]
    if key == .swapperPageDirectory {
      machine.droppedKeys.append("SYMBOL(init_top_pgt)")
    }
    let error = #expect(throws: MapError.self) {
      _ = try Scan(machine.build())
    }
    #expect(error == .core(.missing(key)))
  }

  private func page(
    _ frame: UInt64,
    of vmcore: SyntheticVMCore
  ) throws -> PageDescriptor {
    let core = try CoreFile(vmcore)
    var map = try MemoryMap(core, KernelLayout(core.vmcoreInfo()))
    let frame = FrameNumber(frame)
    try map.load(FrameRange(start: frame, count: 1), from: core)
    return try map.page(frame)
  }
}
