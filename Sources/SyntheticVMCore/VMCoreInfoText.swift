// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The text of VMCOREINFO, line by line in the kernel's order
/// (kernel/crash_core.c, since v6.9 kernel/vmcore_info.c;
/// arch/x86/kernel/machine_kexec_64.c, since v5.19 vmcore_info_64.c).
extension MachineBuilder {
  typealias Line = (key: String, value: String)

  var vmcoreinfo: [UInt8] {
    var lines = commonLines + printkLines + pageLines + kallsymsLines
    lines += archLines
    for (key, value) in machine.replacedKeys.sorted(by: { $0.key < $1.key }) {
      if let index = lines.firstIndex(where: { $0.key == key }) {
        lines[index].value = value
      } else {
        lines.append((key, value))
      }
    }
    lines.append(("CRASHTIME", "1700000000"))
    lines.removeAll { machine.droppedKeys.contains($0.key) }
    let text = lines.map { "\($0.key)=\($0.value)\n" }.joined()
    return Array(text.utf8.prefix(machine.vmcoreinfoLimit ?? .max))
  }

  func symbol(_ offset: UInt64) -> String {
    String(machine.textVirtual &+ offset, radix: 16)
  }

  private var era: KernelEra { machine.era }

  private var commonLines: [Line] {
    headLines + sectionLines + [
      ("SIZE(page)", "\(layout.page)"),
      ("SIZE(pglist_data)", "\(layout.pglistData)"),
      ("SIZE(zone)", "\(layout.zone)"),
      ("SIZE(free_area)", "\(layout.freeAreaSize)"),
      ("SIZE(list_head)", "16"),
      ("SIZE(nodemask_t)", "\(layout.maxNodes / 8)"),
      ("OFFSET(page.flags)", "0"),
      ("OFFSET(page._refcount)", "52"),
      ("OFFSET(page.mapping)", "24"),
      ("OFFSET(page.lru)", "8"),
      ("OFFSET(page._mapcount)", "48"),
      ("OFFSET(page.private)", "40"),
    ] + compoundLines + [
      ("OFFSET(pglist_data.node_zones)", "0"),
      ("OFFSET(pglist_data.nr_zones)", "\(layout.nrZones)"),
      ("OFFSET(pglist_data.node_start_pfn)", "\(layout.nodeStart)"),
      ("OFFSET(pglist_data.node_spanned_pages)", "\(layout.nodeSpanned)"),
      ("OFFSET(pglist_data.node_id)", "\(layout.nodeID)"),
      ("OFFSET(zone.free_area)", "\(layout.freeArea)"),
      ("OFFSET(zone.vm_stat)", "\(layout.vmStat)"),
      ("OFFSET(zone.spanned_pages)", "\(layout.spannedPages)"),
      ("OFFSET(free_area.free_list)", "0"),
      ("OFFSET(list_head.next)", "0"),
      ("OFFSET(list_head.prev)", "8"),
    ] + vmallocLines + [("LENGTH(zone.free_area)", "\(layout.orders)")]
  }

  private var headLines: [Line] {
    var lines: [Line] = [("OSRELEASE", era.release)]
    // Commit 0935288c6e00 ("kdump: append kernel build-id string to
    // VMCOREINFO") in v5.9.
    if era >= .v5_10 {
      lines.append(("BUILD-ID", KernelEra.buildID))
    }
    lines += [
      ("PAGESIZE", "4096"),
      ("SYMBOL(init_uts_ns)", symbol(Image.utsName)),
    ]
    // Commit ca4a9241cc5e ("kdump: append uts_namespace.name offset to
    // VMCOREINFO") in v5.11.
    if era >= .v5_14 { lines.append(("OFFSET(uts_namespace.name)", "0")) }
    lines += [
      ("SYMBOL(node_online_map)", symbol(Image.nodeOnlineMap)),
      ("SYMBOL(swapper_pg_dir)", symbol(Image.pageDirectory)),
      ("SYMBOL(_stext)", symbol(0)),
    ]
    // Commits 55c49fee57af ("mm/vmalloc: remove vmap_area_list") and "crash_
    // core: export vmemmap when CONFIG_SPARSEMEM_VMEMMAP is enabled" in v6.9.
    if era >= .v6_9 {
      lines += [
        ("NUMBER(VMALLOC_START)", "0xffffc90000000000"),
        ("SYMBOL(vmemmap)", String(machine.vmemmap, radix: 16)),
      ]
    } else {
      lines.append(("SYMBOL(vmap_area_list)", symbol(Image.printk)))
    }
    return lines
  }

  private var vmallocLines: [Line] {
    guard era < .v6_9 else { return [] }
    return [
      ("OFFSET(vmap_area.va_start)", "0"),
      ("OFFSET(vmap_area.list)", era == .v4_18 ? "48" : "40"),
    ]
  }

  private var sectionLines: [Line] {
    let sections =
      switch machine.sections {
      case .rootArray: String(direct(sectionRoots), radix: 16)
      case .pointerToRootArray: symbol(Image.memSection)
      }
    var lines: [Line] = [
      ("SYMBOL(mem_section)", sections),
      ("LENGTH(mem_section)", "\(rootCount)"),
      ("SIZE(mem_section)", "\(layout.memSection)"),
      ("OFFSET(mem_section.section_mem_map)", "0"),
    ]
    // Commits 4f5aecdff25f ("crash_core, vmcoreinfo: append
    // 'SECTION_SIZE_BITS' to vmcoreinfo") in v5.14 and 5.10.y, 1d50e5d0c505
    // ("crash_core, vmcoreinfo: Append 'MAX_PHYSMEM_BITS' to vmcoreinfo")
    // in v5.9.
    if era >= .v5_10 {
      lines += [
        ("NUMBER(SECTION_SIZE_BITS)", "27"),
        ("NUMBER(MAX_PHYSMEM_BITS)", machine.fiveLevels ? "52" : "46"),
      ]
    }
    return lines
  }

  private var compoundLines: [Line] {
    switch era {
    case .v4_18, .v5_10, .v5_14, .v6_1:
      [
        ("OFFSET(page.compound_dtor)", "16"),
        ("OFFSET(page.compound_order)", "17"),
        ("OFFSET(page.compound_head)", "8"),
      ]
    // Commit 1c5509be58f6 ("mm: remove 'First tail page' members from struct
    // page") in v6.3.
    case .v6_4:
      [
        ("OFFSET(folio._folio_dtor)", "80"),
        ("OFFSET(folio._folio_order)", "81"),
        ("OFFSET(page.compound_head)", "8"),
      ]
    // Commits de53c05f2ae3 ("mm: add large_rmappable page flag") and
    // ebc1baf5c9b4 ("mm: free up a word in the first tail page") in v6.6.
    case .v6_6, .v6_9, .v6_12, .v6_18:
      [("OFFSET(page.compound_head)", "8")]
    // Commit d50569612c29 ("mm: rename the 'compound_head' field in the
    // 'struct page' to 'compound_info'") in v7.1.
    case .v7_1:
      [("OFFSET(page.compound_info)", "8")]
    }
  }

  private var pageLines: [Line] {
    let flags = era.flags
    let types = era.types
    func number(_ flag: PageFlag, _ name: String? = nil) -> [Line] {
      flags.number(flag).map { [("NUMBER(\(name ?? flag.name))", "\($0)")] }
        ?? []
    }
    func type(_ name: String, _ type: PageType) -> [Line] {
      types[type].map { [("NUMBER(PAGE_\(name)_MAPCOUNT_VALUE)", "\($0)")] }
        ?? []
    }
    var lines: [Line] = [
      ("LENGTH(free_area.free_list)", "\(layout.freeLists)"),
      ("NUMBER(NR_FREE_PAGES)", "0"),
    ]
    lines += number(.lru) + number(.hasPrivate)
    lines += number(.swapCache, "PG_swapcache") + number(.swapBacked)
    lines += number(.slab) + type("SLAB", .slab) + number(.hardwarePoison)
    lines.append(("NUMBER(PG_head_mask)", "\(flags[.head])"))
    lines += type("BUDDY", .buddy)
    switch era {
    case .v4_18, .v5_10, .v5_14, .v6_1, .v6_4:
      lines.append(("NUMBER(HUGETLB_PAGE_DTOR)", "2"))
    // Commit 9c5ccf2db04b ("mm: remove HUGETLB_PAGE_DTOR") in v6.6: a flag
    // of the second page, under the number of PG_active.
    case .v6_6:
      lines += number(.active, "PG_hugetlb")
    case .v6_9, .v6_12, .v6_18, .v7_1:
      lines += type("HUGETLB", .hugetlb)
    }
    // Commit e04b742f7423 ("kexec: export PG_offline to VMCOREINFO") in v5.1.
    if era >= .v5_10 { lines += type("OFFLINE", .offline) }
    // In v6.16; the type itself is of v6.12.
    if era >= .v6_18 { lines += type("UNACCEPTED", .unaccepted) }
    return lines
  }

  private var kallsymsLines: [Line] {
    // Commit 5fd8fea935a1 ("vmcoreinfo: include kallsyms symbols") in v6.0.
    guard machine.kallsyms ?? (era >= .v6_1) else { return [] }
    var names = [
      "names", "num_syms", "token_table", "token_index", "offsets",
    ]
    // Gone in Debian's 7.1.13, still there in its 6.18.15.
    if era < .v7_1 { names.append("relative_base") }
    return names.enumerated().map { index, name in
      let place = Image.kallsyms + UInt64(index) * Image.kallsymsRoom
      return ("SYMBOL(kallsyms_\(name))", symbol(place))
    }
  }

  private var archLines: [Line] {
    var lines: [Line] = [
      ("NUMBER(phys_base)", "\(machine.physBase)"),
      ("SYMBOL(init_top_pgt)", symbol(Image.pageDirectory)),
      ("NUMBER(pgtable_l5_enabled)", machine.fiveLevels ? "1" : "0"),
      ("SYMBOL(node_data)", symbol(Image.nodeData)),
      ("LENGTH(node_data)", "\(layout.maxNodes)"),
      ("KERNELOFFSET", String(machine.kaslr?.textOffset ?? 0, radix: 16)),
      ("NUMBER(KERNEL_IMAGE_SIZE)", "1073741824"),
    ]
    // Commit 65f750e5457a ("x86/kdump: Export the SME mask to vmcoreinfo")
    // in v5.1.
    if era >= .v5_10 {
      let mask = Int64(bitPattern: machine.smeMask)
      lines.append(("NUMBER(sme_mask)", "\(mask)"))
    }
    return lines
  }
}
