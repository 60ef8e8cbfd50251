// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What a kernel says of itself and how it writes a struct page down.
///
/// The values are those of VMCOREINFO in real dumps: Debian's
/// 6.12.117-cloud-amd64, and a 6.2 distribution kernel for the time of 6.1.
public enum KernelEra: Sendable, CaseIterable {
  /// Page types are single bits of a negative _mapcount; slab is a flag;
  /// compound pages carry a destructor.
  case v6_1
  /// Page types are numbers in the top byte of _mapcount; slab and hugetlb
  /// are such types.
  case v6_12

  /// What OSRELEASE says.
  var release: String {
    switch self {
    case .v6_1: "6.1.0-synthetic-amd64"
    case .v6_12: "6.12.0-synthetic-amd64"
    }
  }

  var layout: StructLayout {
    switch self {
    case .v6_1:
      StructLayout(
        memSection: 32,
        pglistData: 175168,
        nrZones: 172512,
        zone: 1728,
        vmStat: 1536,
        spannedPages: 144,
        freeLists: 6
      )
    case .v6_12:
      StructLayout(
        memSection: 16,
        pglistData: 174464,
        nrZones: 171552,
        zone: 1536,
        vmStat: 1344,
        spannedPages: 160,
        freeLists: 5
      )
    }
  }

  var flags: PageFlags {
    switch self {
    case .v6_1:
      PageFlags(
        uptodate: 2,
        lru: 4,
        slab: 9,
        swapcache: 10,
        reserved: 12,
        privateData: 13,
        head: 16,
        swapbacked: 19,
        hwpoison: 23
      )
    case .v6_12:
      PageFlags(
        uptodate: 3,
        lru: 5,
        slab: nil,
        swapcache: 10,
        reserved: 13,
        privateData: 14,
        head: 6,
        swapbacked: 17,
        hwpoison: 20
      )
    }
  }

  /// Values of page._mapcount that say what kind of page it is; nil where
  /// the era has no such type (include/linux/page-flags.h).
  var types: PageTypes {
    switch self {
    case .v6_1:
      PageTypes(buddy: -129, offline: -257, table: -513)
    case .v6_12:
      PageTypes(
        buddy: -0x1000_0000,
        offline: -0x0f00_0000,
        table: -0x0e00_0000,
        hugetlb: -0x0c00_0000,
        slab: -0x0b00_0000,
        unaccepted: -0x0900_0000
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
  let vmStat: Int
  let spannedPages: Int
  let freeLists: Int
  let page = 64
  let freeArea = 256
  let orders = 11
  let maxNodes = 1024

  var nodeStart: Int { nrZones + 8 }
  var nodeSpanned: Int { nrZones + 24 }
  var nodeID: Int { nrZones + 32 }
  /// An array of list heads, then nr_free.
  var freeAreaSize: Int { freeLists * 16 + 8 }
}

/// Bit numbers in page.flags.
struct PageFlags: Sendable {
  let uptodate: UInt64
  let lru: UInt64
  let slab: UInt64?
  let swapcache: UInt64
  let reserved: UInt64
  let privateData: UInt64
  let head: UInt64
  let swapbacked: UInt64
  let hwpoison: UInt64
}

/// Values of page._mapcount, as the signed numbers that VMCOREINFO prints.
struct PageTypes: Sendable {
  let buddy: Int32
  let offline: Int32
  let table: Int32
  var hugetlb: Int32?
  var slab: Int32?
  var unaccepted: Int32?
}
