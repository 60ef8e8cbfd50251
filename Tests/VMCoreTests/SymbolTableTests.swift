// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory
import SyntheticVMCore
import Testing

@testable import VMCore

@Suite struct SymbolTableTests {
  /// How the kernel writes a symbol's address down.
  enum Offsets: CaseIterable {
    /// relative_base + offset
    case forward
    /// relative_base - 1 - offset, which is negative
    case backward
    /// the offset's own address + offset, since v7.1
    case own
  }

  /// A machine whose image has symbols and BTF.
  private func vmcore(
    _ offsets: Offsets,
    btf: [UInt8] = TypeSection.kernel().bytes,
    longName: Int = 300
  ) throws -> SyntheticVMCore {
    var machine = SyntheticMachine()
    if offsets == .own {
      machine.droppedKeys = ["SYMBOL(kallsyms_relative_base)"]
    }
    var vmcore = machine.build()
    let info = try CoreFile(vmcore).vmcoreInfo()
    func symbol(_ name: StaticString) throws -> UInt64 {
      try #require(info.value(.symbol, name))
    }
    let text = try symbol("_stext")
    let start = text + 0x30_0000
    let symbols: [(String, UInt64)] = [
      ("T_stext", text), ("d" + String(repeating: "o", count: longName), text),
      ("R__start_BTF", start), ("R__stop_BTF", start + UInt64(btf.count)),
    ]
    let letters = Array(Set(symbols.flatMap { Array($0.0.utf8) })).sorted()
    var names: [UInt8] = []
    var table: [UInt8] = []
    for (index, (name, address)) in symbols.enumerated() {
      let count = name.utf8.count
      names +=
        count < 128
        ? [UInt8(count)]
        : [UInt8(count & 0x7f | 0x80), UInt8(count >> 7)]
      names += name.utf8.map { UInt8(letters.firstIndex(of: $0) ?? 0) }
      let distance = UInt32(address - text)
      let own = try symbol("kallsyms_offsets") + UInt64(4 * index)
      let word =
        switch offsets {
        case .forward: distance
        case .backward: 0xffff_ffff - distance
        case .own: UInt32(truncatingIfNeeded: address &- own)
        }
      table += TypeSection.bytes(word)
    }
    let places = letters.indices.flatMap { place -> [UInt8] in
      [UInt8(2 * place), 0]
    }
    // The image is written front to back, so that what is longer than the
    // room that the machine has for it is cut by what follows.
    for (name, bytes) in [
      (
        "kallsyms_token_table",
        letters.flatMap { letter -> [UInt8] in [letter, 0] }
      ),
      ("kallsyms_token_index", places),
      ("kallsyms_offsets", table),
      ("kallsyms_num_syms", TypeSection.bytes(UInt32(symbols.count))),
    ] as [(StaticString, [UInt8])] {
      write(bytes, at: try symbol(name), in: &vmcore)
    }
    if offsets != .own {
      vmcore.store64(
        text,
        at: VirtualAddress(try symbol("kallsyms_relative_base"))
      )
    }
    write(names, at: text + 0x3c_0000, in: &vmcore)
    write(btf, at: start, in: &vmcore)
    return vmcore
  }

  private func write(
    _ bytes: [UInt8],
    at address: UInt64,
    in vmcore: inout SyntheticVMCore
  ) {
    guard let physical = vmcore.physical(VirtualAddress(address)),
      let offset = vmcore.fileOffset(of: physical)
    else { return }
    vmcore.overwrite(at: offset, with: bytes)
  }

  /// VMCOREINFO with the names where there is room for them.
  private func info(_ vmcore: SyntheticVMCore) throws -> VMCoreInfo {
    let info = try CoreFile(vmcore).vmcoreInfo()
    let names = try #require(info.value(.symbol, "kallsyms_names"))
    let text = try #require(info.value(.symbol, "_stext"))
    let lines = String(decoding: vmcore.vmcoreinfo, as: UTF8.self).replacing(
      "(kallsyms_names)=" + String(names, radix: 16),
      with: "(kallsyms_names)=" + String(text + 0x3c_0000, radix: 16)
    )
    return VMCoreInfo(Array(lines.utf8))
  }

  @Test(arguments: Offsets.allCases)
  func theCrashedKernelsOwnTypesAreFound(offsets: Offsets) throws {
    let vmcore = try vmcore(offsets)
    let info = try info(vmcore)
    let core = try CoreFile(vmcore)
    var btf = try BTF(of: core, info, KernelLayout(info))
    let layout = try FlagLayout(&btf, of: nil, in: core.source)
    #expect(layout[.pins] == 92)
    try layout.validate(against: KernelLayout(info))
  }

  @Test func aSymbolThatThereIsNotIsNotFound() throws {
    let vmcore = try vmcore(.forward)
    let info = try info(vmcore)
    let core = try CoreFile(vmcore)
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
    let whole = try vmcore(.forward)
    let info = try info(whole)
    var random = SeededGenerator(seed: 11)
    let text = try #require(info.value(.symbol, "_stext"))
    for _ in 0..<500 {
      var vmcore = whole
      for _ in 0...random.below(3) {
        let place =
          random.below(2) == 0
          ? 0x20_9100 + UInt64(random.below(0x600))
          : 0x3c_0000 + UInt64(random.below(0x180))
        write(
          [UInt8(truncatingIfNeeded: random.next())],
          at: text + place,
          in: &vmcore
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
