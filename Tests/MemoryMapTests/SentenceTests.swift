// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import Testing
import VMCore

@testable import MemoryMap

/// An error says what is wrong and where, in one line.
@Suite struct SentenceTests {
  static let list = FreeList(node: 3, zone: 1, order: 10, migrateType: 2)
  static let address = VirtualAddress(0xffff_8880_0012_3000)

  @Test(arguments: [
    (MapError.core(.missing(.pageFlags)), "page.flags"),
    (.noSections(address), "0xffff888000123000"),
    (.noSection(FrameNumber(0x1234)), "0x1234"),
    (.badSection(FrameNumber(0x4321)), "0x4321"),
  ])
  func anErrorNamesItsPlace(error: MapError, place: String) {
    #expect(error.sentence.contains(place))
    #expect(!error.sentence.contains("\n"))
  }

  @Test func aFaultNamesItsListAndItsPlace() {
    let error = MapError.noSection(FrameNumber(0x77))
    let faults: [(FreeListFault, String)] = [
      (.noNodes(error), "0x77"), (.head(Self.list, error), "0x77"),
      (.pointer(Self.list, Self.address), "0xffff888000123000"),
      (.page(Self.list, Self.address, error), "0x77"),
      (.backPointer(Self.list, Self.address), "0xffff888000123000"),
      (.endless(Self.list), "more entries"),
    ]
    for (fault, place) in faults {
      #expect(fault.sentence.contains(place))
      #expect(!fault.sentence.contains("\n"))
      if case .noNodes = fault { continue }
      let list = "node 3, zone 1, order 10, migrate type 2"
      #expect(fault.sentence.contains(list))
    }
    // No two of them are the same.
    #expect(Set(faults.map { $0.0.sentence }).count == faults.count)
  }
}
