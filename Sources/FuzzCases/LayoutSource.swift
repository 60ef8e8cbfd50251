// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory
internal import SyntheticVMCore
internal import VMCore

/// Where a case has the page flags from: a layout file, sound or not, the
/// crashed kernel's own types, or nowhere.
enum LayoutSource: Sendable {
  case none
  case soundFile
  case damagedFile
  case symbols
  case damagedTypes

  static func any(_ random: inout SeededGenerator) -> LayoutSource {
    switch random.below(8) {
    case 0: .none
    case 1, 2: .damagedFile
    case 3: .symbols
    case 4: .damagedTypes
    default: .soundFile
    }
  }

  /// The layout by this source; nil where it has none.
  func layout(
    _ machine: FuzzMachine,
    _ core: borrowing CoreFile<MeteredSource<SyntheticVMCore>>,
    _ info: borrowing VMCoreInfo,
    _ kernel: KernelLayout,
    _ random: inout SeededGenerator
  ) throws(LayoutError) -> FlagLayout? {
    let layout: FlagLayout
    switch self {
    case .none: return nil
    case .soundFile: return machine.layout
    case .damagedFile:
      layout = try FlagLayout(
        text: Self.damaged(text: machine.layoutText, &random)
      )
    case .symbols:
      var types = try BTF(of: core, info, kernel)
      layout = try FlagLayout(
        &types,
        of: KernelIdentity(info),
        in: core.source
      )
    case .damagedTypes:
      let types = machine.era.typeInformation.bytes
      let file = random.below(2) == 0 ? types : Self.elf(types)
      let source = MeteredSource(
        base: ByteArray(bytes: Self.damaged(file, &random)),
        meter: core.source.meter
      )
      var btf = try BTF(file: source)
      layout = try FlagLayout(&btf, of: nil, in: source)
    }
    // Who skips this check reads more of the damage.
    if random.below(2) == 0 { try layout.validate(against: kernel) }
    return layout
  }

  /// An ELF file with a section .BTF, as vmlinux is one.
  private static func elf(_ types: [UInt8]) -> [UInt8] {
    let names = Array("\0.BTF\0.shstrtab\0".utf8)
    func number(_ value: Int, _ size: Int) -> [UInt8] {
      (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    func section(_ name: Int, _ offset: Int, _ count: Int) -> [UInt8] {
      number(name, 4) + number(1, 4) + number(0, 16) + number(offset, 8)
        + number(count, 8) + number(0, 24)
    }
    let table = 64 + types.count + names.count
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]
    file += number(0, 9) + number(1, 2) + number(62, 2) + number(1, 4)
    file += number(0, 16) + number(table, 8) + number(0, 4) + number(64, 2)
    file += number(0, 4) + number(64, 2) + number(3, 2) + number(2, 2)
    file += types + names + number(0, 64) + section(1, 64, types.count)
    return file + section(6, 64 + types.count, names.count)
  }

  private static func damaged(
    _ bytes: [UInt8],
    _ random: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.below(4) where !bytes.isEmpty {
      let place = random.below(bytes.count)
      switch random.below(8) {
      case 0: bytes.removeLast(random.below(bytes.count))
      case 1: bytes[place] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)]
      default: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      }
    }
    return bytes
  }

  /// Damage that leaves most lines well formed: another number, a line that
  /// is missing, one that comes twice with another value, a cut.
  private static func damaged(
    text: [UInt8],
    _ random: inout SeededGenerator
  ) -> [UInt8] {
    var lines = text.split(separator: 0x0a).map { Array($0) }
    for _ in 0...random.below(4) where !lines.isEmpty {
      let index = random.below(lines.count)
      let number = Array("\(random.below(80))".utf8)
      let name = lines[index].prefix { $0 != 0x3d } + [0x3d]
      switch random.below(6) {
      case 0: lines.remove(at: index)
      case 1: lines.insert(name + number, at: random.below(lines.count))
      case 2:
        let offset = Array("\(random.below(5000))".utf8)
        lines[index] = name + offset
      case 3: return damaged(Array(lines.joined(separator: [0x0a])), &random)
      default: lines[index] = name + number
      }
    }
    return Array(lines.joined(separator: [0x0a])) + [0x0a]
  }
}
