// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The text of VMCOREINFO, line by line in the kernel's order
/// (kernel/vmcore_info.c, arch/x86/kernel/vmcore_info_64.c).
extension MachineBuilder {
  var vmcoreinfo: [UInt8] {
    var lines = commonLines + archLines
    for (key, value) in machine.replacedKeys.sorted(by: { $0.key < $1.key }) {
      if let index = lines.firstIndex(where: { $0.0 == key }) {
        lines[index].1 = value
      } else {
        lines.append((key, value))
      }
    }
    lines.append(("CRASHTIME", "1700000000"))
    lines.removeAll { machine.droppedKeys.contains($0.0) }
    let text = lines.map { "\($0)=\($1)\n" }.joined()
    return Array(text.utf8.prefix(machine.vmcoreinfoLimit ?? .max))
  }

  private func symbol(_ offset: UInt64) -> String {
    String(machine.textVirtual &+ offset, radix: 16)
  }

  private var commonLines: [(String, String)] {
    var lines: [(String, String)] = [
      ("OSRELEASE", machine.era.release),
      ("BUILD-ID", "0123456789abcdef0123456789abcdef01234567"),
      ("PAGESIZE", "4096"),
      ("SYMBOL(init_uts_ns)", symbol(Image.utsName)),
      ("OFFSET(uts_namespace.name)", "0"),
      ("SYMBOL(node_online_map)", symbol(Image.nodeOnlineMap)),
      ("SYMBOL(swapper_pg_dir)", symbol(Image.pageDirectory)),
      ("SYMBOL(_stext)", symbol(0)),
    ]
    if machine.era == .v6_12 {
      lines += [
        ("NUMBER(VMALLOC_START)", "0xffffc90000000000"),
        ("SYMBOL(vmemmap)", String(machine.vmemmap, radix: 16)),
      ]
    } else {
      lines.append(("SYMBOL(vmap_area_list)", symbol(Image.printk)))
    }
    let sections =
      switch machine.sections {
      case .rootArray: String(direct(sectionRoots), radix: 16)
      case .pointerToRootArray: symbol(Image.memSection)
      }
    lines += [
      ("SYMBOL(mem_section)", sections),
      ("LENGTH(mem_section)", "\(rootCount)"),
      ("SIZE(mem_section)", "\(layout.memSection)"),
      ("OFFSET(mem_section.section_mem_map)", "0"),
      ("NUMBER(SECTION_SIZE_BITS)", "27"),
      ("NUMBER(MAX_PHYSMEM_BITS)", machine.fiveLevels ? "52" : "46"),
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
    ]
    if machine.era == .v6_1 {
      lines += [
        ("OFFSET(page.compound_dtor)", "16"),
        ("OFFSET(page.compound_order)", "17"),
      ]
    }
    lines += [
      ("OFFSET(page.compound_head)", "8"),
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
      ("LENGTH(zone.free_area)", "\(layout.orders)"),
      ("SYMBOL(prb)", symbol(Image.printk)),
      ("SYMBOL(clear_seq)", symbol(Image.printk + 0x100)),
      ("LENGTH(free_area.free_list)", "\(layout.freeLists)"),
    ]
    return lines + pageLines
  }

  private var pageLines: [(String, String)] {
    let flags = machine.era.flags
    let types = machine.era.types
    var lines: [(String, String)] = [
      ("NUMBER(NR_FREE_PAGES)", "0"),
      ("NUMBER(PG_lru)", "\(flags.lru)"),
      ("NUMBER(PG_private)", "\(flags.privateData)"),
      ("NUMBER(PG_swapcache)", "\(flags.swapcache)"),
      ("NUMBER(PG_swapbacked)", "\(flags.swapbacked)"),
    ]
    if let slab = flags.slab { lines.append(("NUMBER(PG_slab)", "\(slab)")) }
    if let slab = types.slab {
      lines.append(("NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", "\(slab)"))
    }
    lines += [
      ("NUMBER(PG_hwpoison)", "\(flags.hwpoison)"),
      ("NUMBER(PG_head_mask)", "\(UInt64(1) << flags.head)"),
      ("NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", "\(types.buddy)"),
    ]
    if let hugetlb = types.hugetlb {
      lines.append(("NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)", "\(hugetlb)"))
    } else {
      lines.append(("NUMBER(HUGETLB_PAGE_DTOR)", "2"))
    }
    lines.append(("NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", "\(types.offline)"))
    for (index, name) in [
      "names", "num_syms", "token_table", "token_index", "offsets",
      "relative_base",
    ].enumerated() {
      let place = Image.kallsyms + UInt64(index) * 0x100
      lines.append(("SYMBOL(kallsyms_\(name))", symbol(place)))
    }
    return lines
  }

  private var archLines: [(String, String)] {
    [
      ("NUMBER(phys_base)", "\(machine.physBase)"),
      ("SYMBOL(init_top_pgt)", symbol(Image.pageDirectory)),
      ("NUMBER(pgtable_l5_enabled)", machine.fiveLevels ? "1" : "0"),
      ("SYMBOL(node_data)", symbol(Image.nodeData)),
      ("LENGTH(node_data)", "\(layout.maxNodes)"),
      ("KERNELOFFSET", String(machine.kaslr?.textOffset ?? 0, radix: 16)),
      ("NUMBER(KERNEL_IMAGE_SIZE)", "1073741824"),
      ("NUMBER(sme_mask)", "\(Int64(bitPattern: machine.smeMask))"),
    ]
  }
}
