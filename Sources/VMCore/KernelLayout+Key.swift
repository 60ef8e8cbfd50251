// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

extension KernelLayout {
  /// A fact that VMCOREINFO may state, by the name that it has there.
  ///
  /// kernel/vmcore_info.c writes them, arch/x86/kernel/vmcore_info_64.c the
  /// last ones, which are the first to be lost where the text did not fit.
  public enum Key: UInt8, CaseIterable, Sendable {
    case swapperPageDirectory
    case physicalBase
    case fiveLevels
    case memoryEncryptionMask

    case memSection
    case memSectionLength
    case memSectionSize
    case sectionMemMap
    case sectionSizeBits
    case maximumPhysicalBits

    case pageSize
    case pageFlags
    case pageReferenceCount
    case pageMapping
    case pageLRU
    case pageMapCount
    case pagePrivate
    case pageCompoundHead
    case pageCompoundInfo
    case pageCompoundOrder
    case folioOrder
    case pageCompoundDestructor
    case folioDestructor

    case lru
    case hasPrivate
    case swapCache
    case swapBacked
    case headMask
    case slab
    case hardwarePoison
    case buddyType
    case offlineType
    case slabType
    case hugetlbType
    case unacceptedType
    case hugetlbFlag
    case hugetlbDestructor

    case nodeData
    case nodeDataLength
    case onlyNode
    case nodeZones
    case nodeZoneCount
    case nodeStart
    case nodeSpanned
    case zoneSize
    case zoneFreeArea
    case zoneFreeAreaLength
    case freeAreaSize
    case freeAreaList
    case freeAreaListLength
    case listHeadSize
    case listHeadNext
    case listHeadPrevious
  }
}

extension KernelLayout.Key {
  /// What oldmem cannot do without the key.
  public enum Need: Equatable, Sendable {
    /// Nothing: kernels without the feature do not write it, or it follows
    /// from another.
    case optional
    /// Anything at all.
    case always
    /// Walking the free lists; the linear scan does without.
    case freeLists
  }

  /// What the key is needed for.
  public var need: Need {
    switch self {
    case .sectionSizeBits, .maximumPhysicalBits, .memoryEncryptionMask, .slab,
      .hardwarePoison, .offlineType, .slabType, .hugetlbType, .unacceptedType,
      .hugetlbFlag, .hugetlbDestructor, .pageCompoundInfo, .pageCompoundOrder,
      .folioOrder, .pageCompoundDestructor, .folioDestructor, .nodeData,
      .nodeDataLength, .onlyNode, .nodeStart, .nodeSpanned:
      .optional
    case .pageLRU, .nodeZones, .nodeZoneCount, .zoneSize, .zoneFreeArea,
      .freeAreaSize, .freeAreaList, .freeAreaListLength, .listHeadSize,
      .listHeadNext, .listHeadPrevious:
      .freeLists
    default:
      .always
    }
  }

  /// How VMCOREINFO spells the key.
  public var spelling: (kind: VMCoreInfo.Kind, name: StaticString) {
    switch self {
    case .swapperPageDirectory: (.symbol, "swapper_pg_dir")
    case .physicalBase: (.number, "phys_base")
    case .fiveLevels: (.number, "pgtable_l5_enabled")
    case .memoryEncryptionMask: (.number, "sme_mask")
    case .memSection: (.symbol, "mem_section")
    case .memSectionLength: (.length, "mem_section")
    case .memSectionSize: (.size, "mem_section")
    case .sectionMemMap: (.offset, "mem_section.section_mem_map")
    case .sectionSizeBits: (.number, "SECTION_SIZE_BITS")
    case .maximumPhysicalBits: (.number, "MAX_PHYSMEM_BITS")
    case .pageSize: (.size, "page")
    case .pageFlags: (.offset, "page.flags")
    case .pageReferenceCount: (.offset, "page._refcount")
    case .pageMapping: (.offset, "page.mapping")
    case .pageLRU: (.offset, "page.lru")
    case .pageMapCount: (.offset, "page._mapcount")
    case .pagePrivate: (.offset, "page.private")
    case .pageCompoundHead: (.offset, "page.compound_head")
    case .pageCompoundInfo: (.offset, "page.compound_info")
    case .pageCompoundOrder: (.offset, "page.compound_order")
    case .folioOrder: (.offset, "folio._folio_order")
    case .pageCompoundDestructor: (.offset, "page.compound_dtor")
    case .folioDestructor: (.offset, "folio._folio_dtor")
    case .lru: (.number, "PG_lru")
    case .hasPrivate: (.number, "PG_private")
    case .swapCache: (.number, "PG_swapcache")
    case .swapBacked: (.number, "PG_swapbacked")
    case .headMask: (.number, "PG_head_mask")
    case .slab: (.number, "PG_slab")
    case .hardwarePoison: (.number, "PG_hwpoison")
    case .buddyType: (.number, "PAGE_BUDDY_MAPCOUNT_VALUE")
    case .offlineType: (.number, "PAGE_OFFLINE_MAPCOUNT_VALUE")
    case .slabType: (.number, "PAGE_SLAB_MAPCOUNT_VALUE")
    case .hugetlbType: (.number, "PAGE_HUGETLB_MAPCOUNT_VALUE")
    case .unacceptedType: (.number, "PAGE_UNACCEPTED_MAPCOUNT_VALUE")
    case .hugetlbFlag: (.number, "PG_hugetlb")
    case .hugetlbDestructor: (.number, "HUGETLB_PAGE_DTOR")
    case .nodeData: (.symbol, "node_data")
    case .nodeDataLength: (.length, "node_data")
    case .onlyNode: (.symbol, "contig_page_data")
    case .nodeZones: (.offset, "pglist_data.node_zones")
    case .nodeZoneCount: (.offset, "pglist_data.nr_zones")
    case .nodeStart: (.offset, "pglist_data.node_start_pfn")
    case .nodeSpanned: (.offset, "pglist_data.node_spanned_pages")
    case .zoneSize: (.size, "zone")
    case .zoneFreeArea: (.offset, "zone.free_area")
    case .zoneFreeAreaLength: (.length, "zone.free_area")
    case .freeAreaSize: (.size, "free_area")
    case .freeAreaList: (.offset, "free_area.free_list")
    case .freeAreaListLength: (.length, "free_area.free_list")
    case .listHeadSize: (.size, "list_head")
    case .listHeadNext: (.offset, "list_head.next")
    case .listHeadPrevious: (.offset, "list_head.prev")
    }
  }

  /// Another name that some kernels have for the same fact.
  var otherName: StaticString? {
    switch self {
    // Both symbols are the same table; the macro's name came first.
    case .swapperPageDirectory: "init_top_pgt"
    // Renamed in v7.1: the word may hold a mask, but bit 0 still marks a
    // tail.
    case .pageCompoundHead: "page.compound_info"
    default: nil
    }
  }
}
