// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Reservation
import Testing

@Suite struct PmemWindowTests {
  private let machine = """
    00000000-00000fff : Reserved
    00001000-0009fbff : System RAM
    00100000-7ffdcfff : System RAM
      01000000-01ffffff : Kernel code
      02c00000-035fffff : Kernel bss
      77000000-7cbfffff : Crash kernel
    7ffdd000-7fffffff : Reserved
    b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]
      b0000000-bfffffff : Reserved
    100000000-17fffffff : System RAM
    """

  @Test func itLiesInTheMiddleOfTheLargestStretchOfRAM() throws {
    // 2 GiB above 4 GiB are larger than what is left of those below.
    let window = try #require(PmemWindow(in: MemoryResources(machine)))
    #expect(window.argument == "memmap=640M!0x128000000")
    let low = machine.split(separator: "\n").dropLast()
    let lower = try #require(
      PmemWindow(in: MemoryResources(low.joined(separator: "\n")))
    )
    #expect(lower.argument == "memmap=640M!0x28000000")
    #expect(lower.start > 0x0360_0000)
    #expect(lower.start + lower.size <= 0x7700_0000)
  }

  @Test func whereThereIsNoRoomThereIsNone() {
    #expect(PmemWindow(in: MemoryResources(machine), size: 3 << 30) == nil)
    #expect(PmemWindow(in: MemoryResources(machine), size: 0) == nil)
    #expect(PmemWindow(in: MemoryResources("")) == nil)
    // What others than root see.
    let hidden = MemoryResources("00000000-00000000 : System RAM")
    #expect(hidden.isHidden)
    #expect(PmemWindow(in: hidden) == nil)
    let broken = MemoryResources("x-y : System RAM\n5-1 : System RAM")
    #expect(PmemWindow(in: broken) == nil)
  }
}
