// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

public import Memory

// An entry of an x86-64 page table, 512 to a table (Intel SDM volume 3A,
// section 5.5; arch/x86/include/asm/pgtable_types.h):
//
//   bit 0        present
//   bit 7        leaf, in tables of level 2 (2 MiB) and level 3 (1 GiB)
//   bits 12-51   the physical address; its low bits are flags in large leaves
//   bits 52-63   software bits, protection keys, no-execute
//
// The bit of memory encryption (sme_mask) is one of the address bits.

/// The crashed kernel's own page tables.
///
/// Walking them from swapper_pg_dir makes where KASLR put the direct map and
/// the memory map irrelevant. The last table of each level is kept, so that
/// the struct pages of 128 MiB, behind one 2 MiB leaf, cost one walk, and the
/// next leaf costs no read.
public struct AddressSpace: ~Copyable {
  /// Where the kernel's text is mapped (__START_KERNEL_map).
  public static let startKernelMap: UInt64 = 0xffff_ffff_8000_0000

  /// The bit of an entry that has something.
  public static let present: UInt64 = 1
  /// The bit of an entry, above the lowest tables, that has memory and no
  /// further table.
  public static let large: UInt64 = 1 << 7
  static let addressBits: UInt64 = 0x000f_ffff_ffff_f000

  /// How many levels of tables there are: 4 or 5.
  public let levels: Int
  /// Where the top table is in physical memory.
  public let root: PhysicalAddress
  /// The bits of an entry that have an address.
  public let mask: UInt64
  /// The last table of each level, the lowest level first.
  private var tables: ByteBuffer
  private var tableAddresses: [UInt64]
  private var leaf: Leaf?

  private struct Leaf {
    let start: UInt64
    let size: UInt64
    let physical: UInt64

    func place(of address: UInt64) -> Place? {
      guard address >= start, address - start < size else { return nil }
      return Place(
        physical: PhysicalAddress(physical + (address - start)),
        byteCount: size - (address - start)
      )
    }
  }

  /// Where a virtual address is in physical memory.
  public struct Place: Equatable, Sendable {
    /// The address's physical one.
    public let physical: PhysicalAddress
    /// How many bytes follow it under the same leaf.
    public let byteCount: UInt64
  }

  /// Prepares to walk the tables that `layout` names; reads nothing yet.
  public init(_ layout: KernelLayout) throws(CoreError) {
    let base = try layout.require(.physicalBase)
    let directory = try layout.require(.swapperPageDirectory)
    let physical = directory &- Self.startKernelMap &+ base
    guard
      directory >= Self.startKernelMap,
      physical & ~Self.addressBits == 0
    else {
      throw .implausible(.swapperPageDirectory, directory)
    }
    let isDeep = try layout.require(.fiveLevels, in: 0...1) == 1
    root = PhysicalAddress(physical)
    levels = isDeep ? 5 : 4
    mask = Self.addressBits & ~(layout[.memoryEncryptionMask] ?? 0)
    tables = ByteBuffer(count: levels * Frame.size)
    tableAddresses = [UInt64](repeating: UInt64.max, count: levels)
  }

  /// The place of `address` in physical memory, by walking the tables.
  public mutating func translate<M: PhysicalMemory & ~Copyable>(
    _ address: VirtualAddress,
    in memory: borrowing M
  ) throws(CoreError) -> Place {
    if let place = leaf?.place(of: address.value) { return place }
    let bits = UInt64(12 + 9 * levels)
    // Canonical kernel addresses have all bits above the translated ones set.
    guard address.value >> (bits - 1) == UInt64.max >> (bits - 1) else {
      throw .notMapped(address, level: levels + 1)
    }
    var table = root.value
    var level = levels
    while true {
      let entry = try entry(of: address, table, level, in: memory)
      guard entry & Self.present != 0 else {
        throw .notMapped(address, level: level)
      }
      let span: UInt64 = 1 << UInt64(12 + 9 * (level - 1))
      let isLeaf = level == 1 || (entry & Self.large != 0)
      if isLeaf {
        guard level <= 3 else { throw .notMapped(address, level: level) }
        let leaf = Leaf(
          start: address.value & ~(span - 1),
          size: span,
          physical: entry & mask & ~(span - 1)
        )
        self.leaf = leaf
        if let place = leaf.place(of: address.value) { return place }
        throw .notMapped(address, level: level)
      }
      table = entry & mask
      level -= 1
    }
  }

  /// Fills `bytes` from `address` on, leaf by leaf.
  public mutating func read<M: PhysicalMemory & ~Copyable>(
    _ address: VirtualAddress,
    in memory: borrowing M,
    into bytes: inout MutableRawSpan
  ) throws(CoreError) {
    var done = 0
    while done < bytes.byteCount {
      let here = VirtualAddress(address.value &+ UInt64(done))
      let place = try translate(here, in: memory)
      let left = UInt64(bytes.byteCount - done)
      let count = Int(min(place.byteCount, left))
      var part = bytes._mutatingExtracting(done..<(done + count))
      do throws(CoreError) {
        try Self.read(place.physical, of: here, in: memory, into: &part)
      } catch {
        guard case .notCovered(_, let missing) = error else { throw error }
        // Not where the read began, but where it had to end.
        let distance = missing.value &- place.physical.value
        throw .notCovered(VirtualAddress(here.value &+ distance), missing)
      }
      done += count
    }
  }

  /// The 64-bit number at `address`.
  public mutating func u64<M: PhysicalMemory & ~Copyable>(
    _ address: VirtualAddress,
    in memory: borrowing M
  ) throws(CoreError) -> UInt64 {
    var bytes = ByteBuffer(count: 8)
    var raw = bytes.mutableBytes
    try read(address, in: memory, into: &raw)
    do throws(OutOfBounds) {
      return try ByteReader(bytes.bytes).u64(at: 0)
    } catch {
      throw .notMapped(address, level: 1)
    }
  }

  private mutating func entry<M: PhysicalMemory & ~Copyable>(
    of address: VirtualAddress,
    _ table: UInt64,
    _ level: Int,
    in memory: borrowing M
  ) throws(CoreError) -> UInt64 {
    let base = (level - 1) * Frame.size
    if tableAddresses[level - 1] != table {
      tableAddresses[level - 1] = UInt64.max
      var raw = tables.mutableBytes
      var part = raw._mutatingExtracting(base..<(base + Frame.size))
      let physical = PhysicalAddress(table)
      try Self.read(physical, of: address, in: memory, into: &part)
      tableAddresses[level - 1] = table
    }
    let index = address.value >> UInt64(12 + 9 * (level - 1)) & 511
    do throws(OutOfBounds) {
      return try ByteReader(tables.bytes).u64(at: base + Int(index) * 8)
    } catch {
      throw .notMapped(address, level: level)
    }
  }

  /// Reads physical memory on behalf of a virtual address.
  private static func read<M: PhysicalMemory & ~Copyable>(
    _ physical: PhysicalAddress,
    of address: VirtualAddress,
    in memory: borrowing M,
    into bytes: inout MutableRawSpan
  ) throws(CoreError) {
    do throws(MemoryError) {
      try memory.read(physical, into: &bytes)
    } catch {
      switch error {
      case .notCovered(let physical): throw .notCovered(address, physical)
      case .source(_, let error): throw .memory(address, error)
      }
    }
  }
}
