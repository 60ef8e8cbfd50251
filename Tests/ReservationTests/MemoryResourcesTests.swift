// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Reservation
import Testing

@Suite struct MemoryResourcesTests {
  @Test func theKernelGoesFromCodeToBss() {
    let resources = MemoryResources(
      """
      00100000-7ffdcfff : System RAM
        01000000-01ffffff : Kernel code
        02000000-02bfffff : Kernel rodata
        02c00000-02ffffff : Kernel data
        03200000-035fffff : Kernel bss
        77000000-7cbfffff : Crash kernel
      100000000-17fffffff : System RAM
        110000000-113ffffff : Crash kernel
      """
    )
    #expect(resources.kernelSize == 0x260_0000)
    #expect(resources.reserved == 0x5c0_0000 + 0x400_0000)
    #expect(!resources.isHidden)
  }

  @Test func whatIsHiddenIsNotTakenForASize() {
    let resources = MemoryResources(
      "00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code"
    )
    #expect(resources.isHidden)
    #expect(resources.kernelSize == nil)
  }

  @Test func linesThatAreNoRangesArePassedOver() {
    let resources = MemoryResources(
      "9-1 : Kernel code\nzz-1 : Kernel code\n0-ffffffffffffffff : Kernel bss\n"
        + "1-2 :\n"
    )
    #expect(resources.kernelSize == nil)
    #expect(resources.reserved == 0)
  }
}
