// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing

@testable import VMCore

@Suite struct SymbolTableTests {
  /// A machine whose image has symbols and BTF.
  private func vmcore(
    _ offsets: SymbolOffsets,
    btf: [UInt8] = TypeSection.kernel().bytes
  ) -> SyntheticVMCore {
    var machine = SyntheticMachine()
    if offsets == .own {
      machine.droppedKeys = ["SYMBOL(kallsyms_relative_base)"]
    }
    var vmcore = machine.build()
    vmcore.writeSymbols(types: btf, offsets: offsets, longName: 300)
    return vmcore
  }

  @Test(arguments: SymbolOffsets.allCases)
  func theCrashedKernelsOwnTypesAreFound(offsets: SymbolOffsets) throws {
    let vmcore = vmcore(offsets)
    let core = try CoreFile(vmcore)
    let info = try core.vmcoreInfo()
    var btf = try BTF(of: core, info, KernelLayout(info))
    let layout = try FlagLayout(&btf, of: nil, in: core.source)
    #expect(layout[.pins] == 92)
    try layout.validate(against: KernelLayout(info))
  }

  /// The types that a built kernel has say what its layout file says.
  @Test(arguments: KernelEra.allCases)
  func aBuiltKernelsTypesAreThoseOfItsLayoutFile(era: KernelEra) throws {
    var machine = SyntheticMachine()
    machine.era = era
    machine.kallsyms = true
    var vmcore = machine.build()
    vmcore.writeSymbols(
      types: era.typeInformation.bytes,
      offsets: era >= .v7_1 ? .own : .forward
    )
    let core = try CoreFile(vmcore)
    let info = try core.vmcoreInfo()
    var btf = try BTF(of: core, info, KernelLayout(info))
    let file = try FlagLayout(text: era.flagLayoutText)
    let found = try FlagLayout(&btf, of: file.kernel, in: core.source)
    #expect(found == file)
  }

  @Test func aSymbolThatThereIsNotIsNotFound() throws {
    let vmcore = vmcore(.forward)
    let core = try CoreFile(vmcore)
    let info = try core.vmcoreInfo()
    var table = try SymbolTable(core, info, KernelLayout(info))
    let found = try table.addresses(of: ["_stext", "_stex", "oo"], in: core)
    #expect(found[0]?.value == info.value(.symbol, "_stext"))
    #expect(found[1] == nil && found[2] == nil)
  }

  @Test func aKernelWithoutSymbolsSaysSo() throws {
    var machine = SyntheticMachine()
    machine.droppedKeys = ["SYMBOL(kallsyms_num_syms)"]
    let vmcore = machine.build()
    let core = try CoreFile(vmcore)
    let info = try core.vmcoreInfo()
    #expect(throws: LayoutError.noSymbol("kallsyms_num_syms")) {
      _ = try SymbolTable(core, info, KernelLayout(info))
    }
  }

  @Test func damagedSymbolsNeverTrapOrLoop() throws {
    let whole = vmcore(.forward)
    let info = try CoreFile(whole).vmcoreInfo()
    var random = SeededGenerator(seed: 11)
    let text = try #require(info.value(.symbol, "_stext"))
    for _ in 0..<500 {
      var vmcore = whole
      for _ in 0...random.below(3) {
        // Names, their number, tokens, their places, offsets, their base.
        let place =
          random.below(2) == 0
          ? UInt64(random.below(6)) << 12 + UInt64(random.below(0x40))
          : UInt64(random.below(0x180))
        let address = VirtualAddress(text + 0x20_9000 + place)
        let physical = try #require(vmcore.physical(address))
        let offset = try #require(vmcore.fileOffset(of: physical))
        vmcore.overwrite(
          at: offset,
          with: [UInt8(truncatingIfNeeded: random.next())]
        )
      }
      let core = try CoreFile(vmcore)
      do {
        var btf = try BTF(of: core, info, KernelLayout(info))
        _ = try FlagLayout(&btf, of: nil, in: core.source)
      } catch {}
    }
  }
}
