# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

"""One folio: its struct pages, and where the kernel has it."""

from typing import Dict, List, Optional, Set

import drgn
from drgn.helpers.linux.mm import (
    PageHead,
    PageSlab,
    compound_head,
    compound_order,
    decode_page_flags,
    page_flags,
    page_to_pfn,
)
from drgn.helpers.linux.slab import for_each_slab_cache
from drgn.helpers.linux.xarray import xa_load

from . import constant

# Page types of before enum pagetype (v6.11): bits that are 0 in the word
# (include/linux/page-flags.h).
_TYPES_BEFORE = {"buddy": 0x80, "offline": 0x100, "table": 0x200}
_TYPES_SINCE = (
    "buddy offline table guard hugetlb slab zsmalloc unaccepted".split()
)


class Kernel:
    """What is the same for all folios of one kernel."""

    def __init__(self, program: drgn.Program):
        self.program = program
        self.page = program.type("struct page")
        self.folio = program.type("struct folio *")
        # Masks; 0 where the kernel has no such flag.
        self.flags: Dict[str, int] = {}
        for name in (
            "locked writeback waiters unevictable mlocked private dirty lru "
            "swapcache swapbacked hwpoison reserved double_map"
        ).split():
            bit = constant(program, "PG_" + name, -1)
            self.flags[name] = 1 << bit if bit >= 0 else 0
        self.has_types = constant(program, "PGTY_buddy", -1) >= 0
        # v6.10: 05c5323b2a34 ("mm: track mapcount of large folios in single
        # value").
        folio = program.type("struct folio")
        self.has_large_mapcount = folio.has_member("_large_mapcount")
        self.has_folio_tails = folio.has_member("_entire_mapcount")
        self.has_pincount = folio.has_member("_pincount")
        self.slab_caches: Set[int] = {
            cache.value_() for cache in for_each_slab_cache(program)
        }

    def type_of(self, word: int) -> Optional[str]:
        """The page type that page.page_type says, if any."""
        if self.has_types:
            for name in _TYPES_SINCE:
                number = constant(self.program, "PGTY_" + name, -1)
                if number == word >> 24:
                    return name
            return "other" if 0x80 <= word >> 24 < 0xFF else None
        if word & 0xF000_0000 != 0xF000_0000 or word == 0xFFFF_FFFF:
            return None
        for name, bit in _TYPES_BEFORE.items():
            if not word & bit:
                return name
        return "other"


class Folio:
    """The folio that a page is of, or the page alone."""

    def __init__(self, kernel: Kernel, page: drgn.Object):
        self.kernel = kernel
        self.head = compound_head(page).read_()
        self.frame = page_to_pfn(self.head).value_()
        self.order = compound_order(self.head).value_()
        self.is_large = PageHead(self.head)
        self.count = 1 << self.order
        self._page = self.head[0].read_()
        self.word = page_flags(self._page).value_()
        self.references = self._page._refcount.counter.value_()
        self.mapping = self._page.mapping.value_()
        self.private = self._page.private.value_()
        self.type = kernel.type_of(self._page.page_type.value_())
        self._folio = drgn.cast(kernel.folio, self.head)

    def _pages(self) -> List[drgn.Object]:
        return [self.head + i for i in range(self.count)]

    def has(self, flag: str) -> bool:
        """Whether the head has the flag."""
        return bool(self.word & self.kernel.flags[flag])

    @property
    def is_anonymous(self) -> bool:
        """PAGE_MAPPING_ANON, KSM's pages too."""
        return bool(self.mapping & 1)

    @property
    def is_hugetlb(self) -> bool:
        """By type, or by destructor (up to v6.5)."""
        if self.type == "hugetlb":
            return True
        if not self.is_large or not self.kernel.page.has_member(
            "compound_dtor"
        ):
            return False
        destructor = self.kernel.program["HUGETLB_PAGE_DTOR"].value_()
        return (self.head + 1).compound_dtor.value_() == destructor

    @property
    def is_slab(self) -> bool:
        """PageSlab, by type or by flag."""
        return PageSlab(self.head)

    @property
    def has_slab_cache(self) -> bool:
        """Whether the slab's cache is one of the kernel's."""
        slab = drgn.cast("struct slab *", self.head)
        return slab.slab_cache.value_() in self.kernel.slab_caches

    def pins(self, unexplained: int) -> int:
        """How often it is pinned for DMA.

        A single page has GUP_PIN_COUNTING_BIAS references for each pin, of
        those that nothing else explains.
        """
        if not self.is_large:
            return unexplained // 1024
        if self.kernel.has_pincount:
            return self._folio._pincount.counter.value_()
        return (self.head + 1).compound_pincount.counter.value_()

    def mapcount(self) -> int:
        """folio_mapcount(), as the kernel of that time had it."""
        if not self.is_large:
            count = self._page._mapcount.counter.value_() + 1
            return 0 if self.type else count
        if self.kernel.has_large_mapcount:
            return self._folio._large_mapcount.counter.value_() + 1
        if self.kernel.has_folio_tails:
            whole = self._folio._entire_mapcount.counter.value_() + 1
        else:
            whole = (self.head + 1).compound_mapcount.counter.value_() + 1
        if self.is_hugetlb:
            return whole
        pages = sum(
            page._mapcount.counter.value_() + 1
            for page in self._pages()
        )
        if self.kernel.has_folio_tails:
            return whole + pages
        # mm/util.c, v6.1: in a file's pages the whole is counted too.
        if not self.is_anonymous:
            return whole + pages - whole * self.count
        double = self.kernel.flags["double_map"]
        if page_flags(self.head + 1).value_() & double:
            pages -= self.count
        return whole + pages

    def tail_faults(self) -> List[str]:
        """What is wrong with the tails."""
        faults = []
        for page in self._pages()[1:]:
            if compound_head(page) != self.head:
                faults.append("a tail of another head")
            elif not self.is_hugetlb and page._refcount.counter != 0:
                faults.append("a tail with references")
            elif page_flags(page).value_() & self.kernel.flags["hwpoison"]:
                faults.append("a poisoned tail")
        return faults

    def cache_entries(self) -> int:
        """How many entries of its address_space's i_pages have it."""
        if not self.mapping or self.mapping & 3 or self.type:
            return 0
        try:
            mapping = drgn.Object(
                self.kernel.program, "struct address_space *", self.mapping
            )
            inode = mapping.host
            # Other users of the word have no inode that points back.
            if not inode or inode.i_mapping != mapping:
                return 0
            index = self._page.index.value_()
            return self._entries(mapping, index)
        except drgn.FaultError:
            return 0

    def swap_entries(self) -> int:
        """How many entries of the swap cache have it."""
        if not self.has("swapcache") or not self.has("swapbacked"):
            return 0
        # swp_type() and swp_offset(), include/linux/swapops.h.
        kind, offset = self.private >> 58, self.private & (1 << 58) - 1
        spaces = self.kernel.program["swapper_spaces"]
        if kind >= len(spaces) or not spaces[kind]:
            return 0
        space = spaces[kind] + (offset >> 14)
        try:
            # v6.11 has the index in the space, before it is that of the slot.
            return self._entries(space, offset & 0x3FFF) or self._entries(
                space, offset
            )
        except drgn.FaultError:
            return 0

    def _entries(self, mapping: drgn.Object, index: int) -> int:
        tree = mapping.i_pages.address_of_()
        return sum(
            xa_load(tree, index + i).value_() == self.head.value_()
            for i in range(self.count)
        )

    def describe(self) -> str:
        """The struct page, in one line."""
        return (
            f"page {self.head.value_():#x} frame {self.frame} "
            f"order {self.order} flags {self.word:#x} "
            f"({decode_page_flags(self.head)}) "
            f"refcount {self.references} mapcount {self.mapcount()} "
            f"page_type {self._page.page_type.value_():#x} "
            f"mapping {self.mapping:#x} private {self.private:#x}"
        )
