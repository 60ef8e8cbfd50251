// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Memory

/// Page tables for x86-64, four or five levels, written entry by entry.
struct PageTables {
  /// The physical address of the top table, swapper_pg_dir.
  let root: UInt64
  /// Shift of the top table's index: 39 or 48.
  let topShift: UInt64
  let smeMask: UInt64
  /// What was mapped, so that tests can find bytes by virtual address.
  private(set) var mappings: [Mapping] = []

  struct Mapping: Sendable {
    let virtual: UInt64
    let physical: UInt64
    let count: UInt64
  }

  init(root: UInt64, fiveLevels: Bool, smeMask: UInt64) {
    self.root = root
    topShift = fiveLevels ? 48 : 39
    self.smeMask = smeMask
  }

  /// Maps `count` bytes with leaves of at most `leaf` bytes.
  mutating func map(
    _ virtual: UInt64,
    to physical: UInt64,
    count: UInt64,
    leaf: SyntheticMachine.Leaf,
    in memory: inout SparseMemory,
    allocate: (UInt64) -> UInt64
  ) {
    mappings.append(
      Mapping(virtual: virtual, physical: physical, count: count)
    )
    let sizes = SyntheticMachine.Leaf.allCases.map(\.rawValue)
      .filter { $0 <= leaf.rawValue }
    var done: UInt64 = 0
    while done < count {
      let from = virtual &+ done
      let to = physical + done
      let size = sizes.last {
        (from | to) % $0 == 0 && count - done >= $0
      }
      guard let size else { preconditionFailure("not in whole frames") }
      setLeaf(from, to: to, size: size, in: &memory, allocate: allocate)
      done += size
    }
  }

  private func setLeaf(
    _ virtual: UInt64,
    to physical: UInt64,
    size: UInt64,
    in memory: inout SparseMemory,
    allocate: (UInt64) -> UInt64
  ) {
    var table = root
    var shift = topShift
    while size < 1 << shift {
      let place = table + (virtual >> shift & 511) * 8
      var entry = memory.load64(at: place)
      if entry == 0 {
        // Present, writable, accessed, dirty.
        entry = allocate(4096) | smeMask | 0x63
        memory.store64(entry, at: place)
      }
      table = entry & ~smeMask & 0x000f_ffff_ffff_f000
      shift -= 9
    }
    // Not executable, global; large unless it is the last level.
    let attributes: UInt64 = 0x8000_0000_0000_0163 | (size > 4096 ? 0x80 : 0)
    memory.store64(
      physical | smeMask | attributes,
      at: table + (virtual >> shift & 511) * 8
    )
  }
}
