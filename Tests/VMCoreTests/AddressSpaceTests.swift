// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing
import VMCore

@Suite struct AddressSpaceTests {
  @Test func withoutKASLR() throws {
    try walk(SyntheticMachine())
  }

  @Test func withKASLRAndANegativePhysicalBase() throws {
    var machine = SyntheticMachine()
    machine.kaslr = .example
    try walk(machine)
  }

  @Test func withFiveLevels() throws {
    var machine = SyntheticMachine()
    machine.fiveLevels = true
    try walk(machine)
  }

  @Test(arguments: SyntheticMachine.Leaf.allCases)
  func withEverySizeOfLeaf(leaf: SyntheticMachine.Leaf) throws {
    var machine = SyntheticMachine()
    machine.vmemmapLeaf = leaf
    machine.memory = [.init(0x10_0000..<0x6000_0000)]
    try walk(machine)
    machine.fiveLevels = true
    try walk(machine)
  }

  @Test(arguments: [47, 51] as [UInt64])
  func withTheBitOfMemoryEncryption(bit: UInt64) throws {
    var machine = SyntheticMachine()
    machine.smeMask = 1 << bit
    try walk(machine)
  }

  @Test func anAddressThatNothingMapsIsNamed() throws {
    let vmcore = SyntheticMachine().build()
    let core = try CoreFile(vmcore)
    var space = try AddressSpace(KernelLayout(core.vmcoreInfo()))
    let beyond = vmcore.pageAddress(of: FrameNumber(1 << 20))
    #expect(throws: CoreError.notMapped(beyond, level: 2)) {
      _ = try space.translate(beyond, in: core)
    }
    for address in [0, 0x7fff_ffff_f000, 0x8000_0000_0000] as [UInt64] {
      #expect(throws: CoreError.self) {
        _ = try space.translate(VirtualAddress(address), in: core)
      }
    }
    // The last byte of the address space, and one more.
    #expect(throws: CoreError.self) {
      _ = try space.u64(VirtualAddress(.max), in: core)
    }
  }

  @Test func aTableThatPointsToItselfEndsTheWalk() throws {
    var vmcore = SyntheticMachine().build()
    let root: UInt64 = 0x120_6000
    let address = vmcore.pageAddress(of: FrameNumber(0))
    // 0xffffea0000000000 has index 468 in the top table, 0 below.
    let entry: [UInt8] = [0x63, 0x60, 0x20, 0x01, 0, 0, 0, 0]
    for index in [0, 468] as [UInt64] {
      guard
        let place = vmcore.fileOffset(of: PhysicalAddress(root + index * 8))
      else { return }
      vmcore.overwrite(at: place, with: entry)
    }
    let core = try CoreFile(vmcore)
    var space = try AddressSpace(KernelLayout(core.vmcoreInfo()))
    // It comes out somewhere; what matters is that it comes out.
    _ = try? space.translate(address, in: core)
  }

  @Test func aTableOutsideOfMemoryIsNamed() throws {
    var vmcore = SyntheticMachine().build()
    let place = vmcore.fileOffset(of: PhysicalAddress(0x120_6000 + 468 * 8))
    vmcore.overwrite(
      at: try #require(place),
      with: [0x63, 0, 0, 0, 0, 0xff, 0, 0]
    )
    let core = try CoreFile(vmcore)
    var space = try AddressSpace(KernelLayout(core.vmcoreInfo()))
    let address = vmcore.pageAddress(of: FrameNumber(0))
    #expect(
      throws: CoreError.notCovered(address, PhysicalAddress(0xff00_0000_0000))
    ) {
      _ = try space.translate(address, in: core)
    }
  }

  /// Reads struct pages through the tables and compares them with the
  /// memory where the builder put them.
  private func walk(_ machine: SyntheticMachine) throws {
    let vmcore = machine.build()
    let core = try CoreFile(vmcore)
    var space = try AddressSpace(KernelLayout(core.vmcoreInfo()))
    #expect(space.levels == (machine.fiveLevels ? 5 : 4))
    for frame in [0x100, 0x7fff, 0x4001, 0x2000] as [UInt64] {
      let address = vmcore.pageAddress(of: FrameNumber(frame))
      let wanted = try #require(vmcore.physical(address))
      let found = try space.translate(address, in: core)
      #expect(found.physical == wanted)
      #expect(try space.u64(address, in: core) == vmcore.load64(address))
    }
    let block = try #require(vmcore.freeBlocks.last)
    let list = vmcore.freeList(of: block)
    #expect(try space.u64(list, in: core) == vmcore.load64(list))
    // One read across two leaves of the memory map.
    let border = vmcore.pageAddress(of: FrameNumber(0x7fc0))
    var bytes = [UInt8](repeating: 0, count: 4096)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    try space.read(border, in: core, into: &raw)
    let place = try #require(vmcore.physical(border))
    #expect(try bytes == core.bytes(place.value, 4096))
  }
}
