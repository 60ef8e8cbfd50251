// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory
public import VMCore

/// What a dump's head says of the kernel that crashed.
public struct KernelFacts: Sendable {
  /// struct new_utsname: six names of 65 bytes each.
  static let namesSize = 390

  /// NUMBER(phys_base), in two's complement.
  public let physicalBase: UInt64
  /// struct new_utsname of the first namespace, or, where it cannot be read,
  /// the release alone.
  public let names: [UInt8]
  /// CRASHTIME, in seconds since 1970; 0 where it is not known.
  public let time: UInt64
  /// The notes.
  public let notes: CoreNotes

  /// Reads all of it.
  public init<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ info: borrowing VMCoreInfo,
    _ layout: KernelLayout
  ) throws(CoreError) {
    physicalBase = layout[.physicalBase] ?? 0
    names = Self.names(core, info, layout)
    time = Self.number(info.string("CRASHTIME") ?? [])
    notes = try core.coreNotes()
  }

  private static func names<Source: ByteSource & ~Copyable>(
    _ core: borrowing CoreFile<Source>,
    _ info: borrowing VMCoreInfo,
    _ layout: KernelLayout
  ) -> [UInt8] {
    // Behind a reference count, until v5.11 said where.
    let offset = info.value(.offset, "uts_namespace.name") ?? 4
    if let symbol = info.value(.symbol, "init_uts_ns"),
      var space = try? AddressSpace(layout)
    {
      var buffer = ByteBuffer(count: namesSize)
      var raw = buffer.mutableBytes
      let place = VirtualAddress(symbol &+ offset)
      if (try? space.read(place, in: core, into: &raw)) != nil {
        let reader = ByteReader(buffer.bytes)
        return (0..<namesSize).map { reader.u8($0) }
      }
    }
    var names = [UInt8](repeating: 0, count: namesSize)
    names.put(Array("Linux".utf8), at: 0)
    names.put(Array((info.string("OSRELEASE") ?? []).prefix(64)), at: 130)
    return names
  }

  private static func number(_ digits: [UInt8]) -> UInt64 {
    var number: UInt64 = 0
    for digit in digits.prefix(18) {
      guard case 0x30...0x39 = digit else { return 0 }
      number = number * 10 + UInt64(digit - 0x30)
    }
    return number
  }
}
