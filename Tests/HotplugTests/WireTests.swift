// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import CHotplugABI
import Testing

@testable import Hotplug

/// What is written and read by hand is what the module's header says.
@Suite struct WireTests {
  @Test func commandsAreThoseOfTheHeader() {
    #expect(OldmemDevice.Command.info == ABI_OLDMEM_INFO.rawValue)
    #expect(OldmemDevice.Command.ranges == ABI_OLDMEM_RANGES.rawValue)
    #expect(OldmemDevice.Command.addBlock == ABI_OLDMEM_ADD_BLOCK.rawValue)
    #expect(OldmemDevice.version == UInt32(OLDMEM_VERSION))
  }

  @Test func fieldsLieWhereTheHeaderHasThem() {
    #expect(MemoryLayout<oldmem_info>.size == 64)
    #expect(MemoryLayout<oldmem_info>.offset(of: \.block_size) == 8)
    #expect(MemoryLayout<oldmem_info>.offset(of: \.memmap_size) == 16)
    #expect(MemoryLayout<oldmem_ranges>.size == 32)
    #expect(MemoryLayout<oldmem_ranges>.offset(of: \.ranges) == 0)
    #expect(MemoryLayout<oldmem_ranges>.offset(of: \.room) == 8)
    #expect(MemoryLayout<oldmem_ranges>.offset(of: \.count) == 12)
    #expect(MemoryLayout<oldmem_range>.size == 16)
    #expect(MemoryLayout<oldmem_range>.offset(of: \.size) == 8)
    #expect(MemoryLayout<oldmem_block>.size == 64)
    #expect(MemoryLayout<oldmem_block>.offset(of: \.start) == 0)
    #expect(MemoryLayout<oldmem_block>.offset(of: \.bitmap) == 8)
    #expect(MemoryLayout<oldmem_block>.offset(of: \.bitmap_size) == 16)
    #expect(MemoryLayout<oldmem_block>.offset(of: \.online_frames) == 24)
    #expect(MemoryLayout<oldmem_block>.offset(of: \.zone) == 32)
  }
}
