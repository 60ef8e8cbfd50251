// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// How a kernel writes down where a symbol is (kernel/kallsyms.c).
public enum SymbolOffsets: Sendable, CaseIterable {
  /// relative_base + offset
  case forward
  /// relative_base - 1 - offset, which is negative
  case backward
  /// the offset's own address + offset, since v7.1
  case own
}

extension SyntheticVMCore {
  /// Puts kallsyms and `types`, a section of BTF, into the kernel's image.
  ///
  /// The symbols are _stext, one with a name of `longName` letters, and the
  /// two that BTF lies between. Where VMCOREINFO does not name the tables,
  /// they are there, and nobody finds them.
  public mutating func writeSymbols(
    types: [UInt8],
    offsets: SymbolOffsets,
    longName: Int = 12
  ) {
    typealias Image = MachineBuilder.Image
    let text = machine.textVirtual
    let start = text + Image.types
    let symbols: [(String, UInt64)] = [
      ("T_stext", text), ("d" + String(repeating: "o", count: longName), text),
      ("R__start_BTF", start), ("R__stop_BTF", start + UInt64(types.count)),
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
      let own =
        text + Image.kallsyms + 4 * Image.kallsymsRoom
        + UInt64(4 * index)
      let offset =
        switch offsets {
        case .forward: distance
        case .backward: UInt32.max - distance
        case .own: UInt32(truncatingIfNeeded: address &- own)
        }
      table += littleEndian(offset)
    }
    // In the order in which VMCOREINFO has them.
    let tables: [[UInt8]] = [
      names, littleEndian(UInt32(symbols.count)),
      letters.flatMap { [$0, 0] },
      letters.indices.flatMap { [UInt8(2 * $0), 0] }, table,
      littleEndian(text),
    ]
    let image = machine.textPhysical
    for (index, bytes) in tables.enumerated() {
      let place = image + Image.kallsyms + UInt64(index) * Image.kallsymsRoom
      memory.store(bytes, at: place)
    }
    memory.store(types, at: image + Image.types)
  }
}
