// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing
import VMCore

@Suite struct KernelLayoutTests {
  typealias Key = KernelLayout.Key

  /// What kernels of each time say, as `makedumpfile -g` or a dump shows it.
  static let facts: [(era: KernelEra, buddy: Int64, head: Int, lru: Int)] = [
    (.v4_18, -129, 15, 5), (.v5_10, -129, 16, 4), (.v5_14, -129, 16, 4),
    (.v6_1, -129, 16, 4), (.v6_4, -129, 16, 4), (.v6_6, -129, 6, 5),
    (.v6_9, -129, 6, 5), (.v6_12, -268_435_456, 6, 5),
    (.v6_18, -268_435_456, 6, 5), (.v7_1, -268_435_456, 6, 5),
  ]

  /// Keys that kernels without something do not write.
  static func missing(_ era: KernelEra) -> [Key] {
    var keys: [Key] = [.onlyNode]
    if era < .v5_10 { keys += [.offlineType, .memoryEncryptionMask] }
    if era < .v6_9 { keys.append(.hugetlbType) }
    keys.append(era < .v6_12 ? .slabType : .slab)
    if era < .v6_18 { keys.append(.unacceptedType) }
    if era < .v7_1 { keys.append(.pageCompoundInfo) }
    if era >= .v6_4 {
      keys += [.pageCompoundOrder, .pageCompoundDestructor]
    }
    if era != .v6_4 { keys += [.folioOrder, .folioDestructor] }
    if era >= .v6_6 { keys.append(.hugetlbDestructor) }
    if era != .v6_6 { keys.append(.hugetlbFlag) }
    return keys
  }

  @Test(arguments: facts)
  func everyKeyThatTheKernelWroteIsRead(
    era: KernelEra,
    buddy: Int64,
    head: Int,
    lru: Int
  ) throws {
    var machine = SyntheticMachine()
    machine.era = era
    let layout = try layout(of: machine)
    try layout.validate()
    #expect(layout[.buddyType] == UInt64(bitPattern: buddy))
    #expect(layout[.headMask] == 1 << head)
    #expect(layout[.lru] == UInt64(lru))
    #expect(layout[.fiveLevels] == 0)
    let missing = Self.missing(era)
    #expect(
      layout.missingKeys() == Key.allCases.filter { missing.contains($0) }
    )
  }

  @Test func everyTimeHasItsFacts() {
    #expect(Self.facts.map(\.era) == KernelEra.allCases)
  }

  /// The width of physical addresses follows from the page tables, the size
  /// of a section is what it always was.
  @Test(arguments: KernelEra.allCases, [false, true])
  func theSizesOfSectionsAreKnown(era: KernelEra, fiveLevels: Bool) throws {
    var machine = SyntheticMachine()
    machine.era = era
    machine.fiveLevels = fiveLevels
    let stated = try layout(of: machine)
    machine.droppedKeys = [
      "NUMBER(SECTION_SIZE_BITS)", "NUMBER(MAX_PHYSMEM_BITS)",
    ]
    let derived = try layout(of: machine)
    for layout in [stated, derived] {
      #expect(layout[.sectionSizeBits] == 27)
      #expect(layout[.maximumPhysicalBits] == (fiveLevels ? 52 : 46))
    }
  }

  /// Keys that follow from others where they are missing.
  static let derived: [Key] = [.sectionSizeBits, .maximumPhysicalBits]

  @Test(arguments: Key.allCases.filter { !derived.contains($0) })
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
    machine.era = .v7_1
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
