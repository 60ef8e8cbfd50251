// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing
import VMCore

@Suite struct KernelLayoutTests {
  @Test(arguments: KernelEra.allCases)
  func everyKeyThatTheKernelWroteIsRead(era: KernelEra) throws {
    var machine = SyntheticMachine()
    machine.era = era
    let layout = try layout(of: machine)
    try layout.validate()
    #expect(layout[.buddyType] == (era == .v6_1 ? 0 &- 129 : 0 &- 0x1000_0000))
    #expect(layout[.headMask] == (era == .v6_1 ? 1 << 16 : 1 << 6))
    #expect(layout[.fiveLevels] == 0)
    #expect(layout[.freeAreaListLength] == (era == .v6_1 ? 6 : 5))
    let other = era == .v6_1 ? [.slabType, .hugetlbType] : [Key.slab]
    #expect(
      layout.missingKeys()
        == Key.allCases.filter {
          (other + [.unacceptedType, .onlyNode]).contains($0)
        }
    )
  }

  typealias Key = KernelLayout.Key

  @Test(arguments: Key.allCases)
  func aMissingKeyIsNamedOrNotNeeded(key: Key) throws {
    var machine = SyntheticMachine()
    machine.droppedKeys = [line(key)]
    if key == .swapperPageDirectory {
      machine.droppedKeys.append("SYMBOL(init_top_pgt)")
    }
    let layout = try layout(of: machine)
    #expect(layout[key] == nil)
    #expect(layout.missingKeys().contains(key))
    if key.need == .always {
      #expect(throws: CoreError.missing(key)) { try layout.validate() }
    } else {
      try layout.validate()
    }
  }

  @Test(arguments: ["SYMBOL(init_top_pgt)", "SYMBOL(swapper_pg_dir)"])
  func eitherNameOfTheTopTableWillDo(dropped: String) throws {
    var machine = SyntheticMachine()
    machine.droppedKeys = [dropped]
    #expect(try layout(of: machine)[.swapperPageDirectory] != nil)
  }

  @Test func theNameOfTheCompoundHeadSinceV71IsKnown() throws {
    var machine = SyntheticMachine()
    machine.droppedKeys = ["OFFSET(page.compound_head)"]
    machine.replacedKeys = ["OFFSET(page.compound_info)": "8"]
    #expect(try layout(of: machine)[.pageCompoundHead] == 8)
  }

  @Test(
    arguments: [
      ("", nil), ("-", nil), ("x", nil), ("12x", nil), (" 5", nil),
      ("18446744073709551616", nil), ("-9223372036854775809", nil),
      ("0x10000000000000000", nil), ("18446744073709551615", .max),
      ("-1", .max), ("0x10", 16), ("007", 7),
    ] as [(String, UInt64?)]
  )
  func aNumberIsReadOrRefusedButNeverGuessed(
    text: String,
    value: UInt64?
  ) throws {
    var machine = SyntheticMachine()
    machine.replacedKeys = ["NUMBER(PG_lru)": text]
    #expect(try layout(of: machine)[.lru] == value)
  }

  @Test func physicalBaseMayBeNegative() throws {
    var machine = SyntheticMachine()
    machine.kaslr = .example
    let base = try layout(of: machine).require(.physicalBase)
    #expect(Int64(bitPattern: base) == -0x12a0_0000)
  }

  private func layout(of machine: SyntheticMachine) throws -> KernelLayout {
    KernelLayout(try CoreFile(machine.build()).vmcoreInfo())
  }

  private func line(_ key: Key) -> String {
    let kind =
      switch key.spelling.kind {
      case .symbol: "SYMBOL"
      case .size: "SIZE"
      case .offset: "OFFSET"
      case .length: "LENGTH"
      case .number: "NUMBER"
      }
    return "\(kind)(\(key.spelling.name))"
  }
}
