// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// A time of the kernel's history, by what x86-64 kernels of that time write
/// into VMCOREINFO and how they lay struct pages out.
///
/// Each is mainline of that version with the options of a distribution
/// (NUMA, memory hotplug, hugetlb, memory failure, SLUB), but for `v5_10`,
/// which also has what 5.10.y took over. Distributions mix times: RHEL 9
/// says 5.14 and has younger keys, so readers go by keys, never by version.
public enum KernelEra: Int, Sendable, CaseIterable, Comparable {
  /// No SECTION_SIZE_BITS and MAX_PHYSMEM_BITS, the old printk buffer, flags
  /// in an order of their own.
  case v4_18
  /// Pins are counted in the third page of a compound page.
  case v5_10
  /// Page types without PG_kmemcg.
  case v5_14
  /// kallsyms; pins are counted in the second page.
  case v6_1
  /// Order and destructor of a compound page are of struct folio.
  case v6_4
  /// Flags in a new order; the order of a folio is in its second page's
  /// flags, where a flag also marks hugetlb.
  case v6_6
  /// hugetlb is a page type.
  case v6_9
  /// Page types are numbers in the top byte of _mapcount, slab is one;
  /// folios count all their mappings.
  case v6_12
  /// Unaccepted memory is a type that VMCOREINFO names; counters moved.
  case v6_18
  /// Tails of compound pages hold a mask instead of their head's address.
  case v7_1

  /// The earlier of two times is the smaller one.
  public static func < (one: Self, other: Self) -> Bool {
    one.rawValue < other.rawValue
  }

  /// What OSRELEASE says.
  var release: String {
    let version =
      switch self {
      case .v4_18: "4.18.0"
      case .v5_10: "5.10.0"
      case .v5_14: "5.14.0"
      case .v6_1: "6.1.0"
      case .v6_4: "6.4.0"
      case .v6_6: "6.6.0"
      case .v6_9: "6.9.0"
      case .v6_12: "6.12.0"
      case .v6_18: "6.18.0"
      case .v7_1: "7.1.0"
      }
    return version + "-synthetic-amd64"
  }
}

// What a reader of free lists steers by. Debian's cloud kernels 5.10.262,
// 6.12.117, 6.18.15 and 7.1.13 have these sizes in their BTF, a 6.2
// distribution kernel has those of v6_1. Of the other times no kernel was at
// hand: theirs lie between.
extension KernelEra {
  var layout: StructLayout {
    switch self {
    case .v4_18:
      StructLayout(
        memSection: 16,
        pglistData: 171_648,
        nrZones: 170_912,
        zone: 1408,
        freeArea: 192,
        vmStat: 1280,
        spannedPages: 112,
        freeLists: 5
      )
    case .v5_10:
      StructLayout(
        memSection: 16,
        pglistData: 171_968,
        nrZones: 171_232,
        zone: 1472,
        freeArea: 192,
        vmStat: 1280,
        spannedPages: 120,
        freeLists: 5
      )
    case .v5_14:
      StructLayout(
        memSection: 32,
        pglistData: 172_608,
        nrZones: 171_872,
        zone: 1600,
        freeArea: 192,
        vmStat: 1408,
        spannedPages: 120,
        freeLists: 6
      )
    case .v6_1, .v6_4, .v6_6:
      StructLayout(
        memSection: 32,
        pglistData: 175_168,
        nrZones: 172_512,
        zone: 1728,
        freeArea: 256,
        vmStat: 1536,
        spannedPages: 144,
        freeLists: 6
      )
    case .v6_9:
      StructLayout(
        memSection: 32,
        pglistData: 175_104,
        nrZones: 172_192,
        zone: 1664,
        freeArea: 256,
        vmStat: 1472,
        spannedPages: 160,
        freeLists: 6
      )
    case .v6_12:
      StructLayout(
        memSection: 16,
        pglistData: 174_464,
        nrZones: 171_552,
        zone: 1536,
        freeArea: 256,
        vmStat: 1344,
        spannedPages: 160,
        freeLists: 5
      )
    case .v6_18:
      StructLayout(
        memSection: 16,
        pglistData: 174_848,
        nrZones: 171_872,
        zone: 1600,
        freeArea: 256,
        vmStat: 1408,
        spannedPages: 160,
        freeLists: 5
      )
    case .v7_1:
      StructLayout(
        memSection: 16,
        pglistData: 175_616,
        nrZones: 172_512,
        zone: 1728,
        freeArea: 256,
        vmStat: 1408,
        spannedPages: 160,
        freeLists: 5
      )
    }
  }
}

/// Sizes and offsets, in bytes, of the structs on the way to a free page.
struct StructLayout: Sendable {
  let memSection: Int
  let pglistData: Int
  let nrZones: Int
  let zone: Int
  let freeArea: Int
  let vmStat: Int
  let spannedPages: Int
  let freeLists: Int
  let page = 64
  let orders = 11
  let maxNodes = 1024

  var nodeStart: Int { nrZones + 8 }
  var nodeSpanned: Int { nrZones + 24 }
  var nodeID: Int { nrZones + 32 }
  /// An array of list heads, then nr_free.
  var freeAreaSize: Int { freeLists * 16 + 8 }
}
