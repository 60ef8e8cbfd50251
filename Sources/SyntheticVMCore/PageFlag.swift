// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A bit of page.flags, by its name in enum pageflags
/// (include/linux/page-flags.h).
public enum PageFlag: String, Sendable, CaseIterable {
  case locked
  case error
  case referenced
  case uptodate
  case dirty
  case lru
  case active
  case workingset
  case waiters
  case slab
  case ownerPrivate = "owner_priv_1"
  case owner2 = "owner_2"
  case arch = "arch_1"
  case reserved
  case hasPrivate = "private"
  case hasPrivate2 = "private_2"
  case writeback
  case head
  case mappedToDisk = "mappedtodisk"
  case reclaim
  case swapBacked = "swapbacked"
  case unevictable
  case dropBehind = "dropbehind"
  case mlocked
  case uncached
  case hardwarePoison = "hwpoison"

  /// A page of the swap cache; the owner's bit.
  public static let swapCache = ownerPrivate

  /// How the kernel spells it.
  public var name: String { "PG_\(rawValue)" }
}

/// Bit numbers in page.flags: the flags in the order of the enum.
struct PageFlags: Sendable {
  private let bits: [PageFlag: UInt64]

  init(_ flags: [PageFlag]) {
    var bits: [PageFlag: UInt64] = [:]
    for (bit, flag) in flags.enumerated() { bits[flag] = UInt64(bit) }
    self.bits = bits
  }

  /// The flag's bit number, nil where the time has no such flag.
  func number(_ flag: PageFlag) -> UInt64? { bits[flag] }

  /// The flags as a mask; those that the time has not are left out.
  func mask(_ flags: [PageFlag]) -> UInt64 {
    flags.reduce(0) { mask, flag in
      mask | (bits[flag].map { 1 << $0 } ?? 0)
    }
  }

  subscript(flag: PageFlag) -> UInt64 { mask([flag]) }
}

extension KernelEra {
  /// The flags of this time; each table is made once.
  var flags: PageFlags { Self.flagTables[rawValue] }

  private static let flagTables = allCases.map(\.flagTable)

  private var flagTable: PageFlags {
    switch self {
    case .v4_18:
      PageFlags([
        .locked, .error, .referenced, .uptodate, .dirty, .lru, .active,
        .waiters, .slab, .ownerPrivate, .arch, .reserved, .hasPrivate,
        .hasPrivate2, .writeback, .head, .mappedToDisk, .reclaim,
        .swapBacked, .unevictable, .mlocked, .uncached, .hardwarePoison,
      ])
    // Since commit 1899ad18c607 ("mm: workingset: tell cache transitions
    // from workingset thrashing") in v4.20.
    case .v5_10, .v5_14, .v6_1, .v6_4:
      PageFlags([
        .locked, .referenced, .uptodate, .dirty, .lru, .active, .workingset,
        .waiters, .error, .slab, .ownerPrivate, .arch, .reserved,
        .hasPrivate, .hasPrivate2, .writeback, .head, .mappedToDisk,
        .reclaim, .swapBacked, .unevictable, .mlocked, .uncached,
        .hardwarePoison,
      ])
    // Since commit c704ae979784 ("mm: rearrange page flags") in v6.6.
    case .v6_6, .v6_9:
      PageFlags([
        .locked, .writeback, .referenced, .uptodate, .dirty, .lru, .head,
        .waiters, .active, .workingset, .error, .slab, .ownerPrivate, .arch,
        .reserved, .hasPrivate, .hasPrivate2, .mappedToDisk, .reclaim,
        .swapBacked, .unevictable, .mlocked, .uncached, .hardwarePoison,
      ])
    // Since commit 46df8e73a4a3 ("mm: free up PG_slab") in v6.10, and others
    // that removed PG_error and PG_uncached.
    case .v6_12:
      PageFlags([
        .locked, .writeback, .referenced, .uptodate, .dirty, .lru, .head,
        .waiters, .active, .workingset, .ownerPrivate, .owner2, .arch,
        .reserved, .hasPrivate, .hasPrivate2, .reclaim, .swapBacked,
        .unevictable, .mlocked, .hardwarePoison,
      ])
    // PG_dropbehind came in v6.14.
    case .v6_18, .v7_1:
      PageFlags([
        .locked, .writeback, .referenced, .uptodate, .dirty, .lru, .head,
        .waiters, .active, .workingset, .ownerPrivate, .owner2, .arch,
        .reserved, .hasPrivate, .hasPrivate2, .reclaim, .swapBacked,
        .unevictable, .dropBehind, .mlocked, .hardwarePoison,
      ])
    }
  }
}
