// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// Where a compound page keeps what is said once of all of it: in the struct
// pages behind the first one, over fields that tails do not need. Offsets
// are from the first struct page on, as struct folio has them since v6.1;
// page n begins at 64 n.
//
//          v4.18   v5.10   v6.1    v6.4    v6.6    v6.12   v6.18
//     64                                   order, in the flags
//     80   dtor    dtor    dtor    dtor            all     all
//     81   order   order   order   order
//     84   entire  entire  entire  entire          entire  mapped
//     88           count   pins    mapped  entire  mapped  entire
//     92                   count   pins    mapped  pins    pins
//     96                           count   pins    count   mm ids
//    100                                   count
//    120                                                   count
//    144           pins            list    list    list    list
//    152   list    list    list
//
// v5.14 is like v5.10, v6.9 like v6.6, v7.1 like v6.18. Those of v5.10,
// v6.1, v6.12, v6.18 and v7.1 are in the BTF of Debian's kernels.
struct CompoundLayout: Sendable {
  /// PMD mappings, less one: compound_mapcount, _entire_mapcount.
  let entireMaps: Int
  /// All mappings, less one: _large_mapcount.
  var allMaps: Int?
  /// Pages that are mapped by PTEs, and a bit if PMDs map it:
  /// _nr_pages_mapped.
  var mappedPages: Int?
  /// Pins: hpage_pinned_refcount, compound_pincount, _pincount.
  var pins: Int?
  /// Pages: compound_nr, _folio_nr_pages, _nr_pages.
  var count: Int?
  /// List of folios to be split: deferred_list.
  let list: Int
  /// Destructor and order, a byte each; nil where the order is the low byte
  /// of the second page's flags.
  var destructor: Int?
  /// Which processes map it: _mm_id_mapcount, _mm_ids.
  var owners: Int?
}

extension KernelEra {
  var compound: CompoundLayout {
    switch self {
    case .v4_18:
      CompoundLayout(entireMaps: 84, list: 152, destructor: 80)
    case .v5_10, .v5_14:
      CompoundLayout(
        entireMaps: 84,
        pins: 144,
        count: 88,
        list: 152,
        destructor: 80
      )
    case .v6_1:
      CompoundLayout(
        entireMaps: 84,
        pins: 88,
        count: 92,
        list: 152,
        destructor: 80
      )
    case .v6_4:
      CompoundLayout(
        entireMaps: 84,
        mappedPages: 88,
        pins: 92,
        count: 96,
        list: 144,
        destructor: 80
      )
    case .v6_6, .v6_9:
      CompoundLayout(
        entireMaps: 88,
        mappedPages: 92,
        pins: 96,
        count: 100,
        list: 144
      )
    case .v6_12:
      CompoundLayout(
        entireMaps: 84,
        allMaps: 80,
        mappedPages: 88,
        pins: 92,
        count: 96,
        list: 144
      )
    case .v6_18, .v7_1:
      CompoundLayout(
        entireMaps: 88,
        allMaps: 80,
        mappedPages: 84,
        pins: 92,
        count: 120,
        list: 144,
        owners: 96
      )
    }
  }
}

extension KernelEra {
  /// A layout file, as `oldmem layout` writes it for a kernel of this time:
  /// the flags and counters that VMCOREINFO does not name.
  public var flagLayoutText: [UInt8] {
    var lines = ["OSRELEASE=\(release)"]
    if self >= .v5_10 { lines.append("BUILD-ID=\(Self.buildID)") }
    for flag in PageFlag.allCases {
      guard let bit = flags.number(flag) else { continue }
      let name = flag == .swapCache ? "PG_swapcache" : flag.name
      lines.append("NUMBER(\(name))=\(bit)")
    }
    if let bit = doubleMap { lines.append("NUMBER(PG_double_map)=\(bit)") }
    for (name, offset) in [
      ("_pincount", compound.pins), ("_entire_mapcount", compound.entireMaps),
      ("_large_mapcount", compound.allMaps),
    ] {
      if let offset { lines.append("OFFSET(folio.\(name))=\(offset)") }
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// What BUILD-ID says.
  static let buildID = "0123456789abcdef0123456789abcdef01234567"

  /// The bit of the second page that tells of an anonymous folio that PTEs
  /// and PMDs map: until v6.2, a flag's number for another purpose.
  var doubleMap: UInt64? {
    switch self {
    case .v4_18: flags.number(.hasPrivate2)
    case .v5_10, .v5_14, .v6_1: flags.number(.workingset)
    default: nil
    }
  }
}
