# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

"""Who maps what: the page tables of all processes, entry by entry (x86-64).

struct page only counts its mappings. Here they are looked for, so that a
count that is wrong shows.
"""

import struct
from collections import Counter
from typing import Set

import drgn
from drgn.helpers.linux.mm import page_to_pfn, virt_to_phys
from drgn.helpers.linux.pid import for_each_task

# arch/x86/include/asm/pgtable_types.h
PRESENT = 1 << 0
LARGE = 1 << 7
# A page without access, while _PAGE_PRESENT is off (_PAGE_PROTNONE).
NO_ACCESS = 1 << 8
# An entry that is not counted in the page (_PAGE_SPECIAL).
SPECIAL = 1 << 9
FRAME = 0x000F_FFFF_FFFF_F000


class PageTables:
    """How often each frame is mapped by user space."""

    def __init__(self, program: drgn.Program):
        self._program = program
        # By a page table entry of its own.
        self.small: Counter = Counter()
        # As (the start of) what a large entry maps.
        self.large: Counter = Counter()
        self._seen: Set[int] = set()
        self._zero = self._huge_zero()
        self.processes = 0
        levels = 5 if program["__pgtable_l5_enabled"].value_() else 4
        roots = {
            task.mm.pgd.value_()
            for task in for_each_task(program)
            if task.mm
        }
        for root in roots:
            self.processes += 1
            table = virt_to_phys(program, root).value_()
            # The upper half is the kernel's.
            self._walk(table, levels, 256)

    def _huge_zero(self) -> int:
        for name in ("huge_zero_folio", "huge_zero_page"):
            try:
                page = self._program[name].read_()
            except LookupError:
                continue
            if page:
                page = drgn.cast("struct page *", page)
                return page_to_pfn(page).value_()
        return -1

    def _walk(self, table: int, level: int, entries: int) -> None:
        # Tables for hugetlbfs may be shared; one is one mapping then.
        if table in self._seen:
            return
        self._seen.add(table)
        data = self._program.read(table, 8 * entries, physical=True)
        for entry in struct.unpack(f"<{entries}Q", data):
            if level == 1:
                if entry & (PRESENT | NO_ACCESS) and not entry & SPECIAL:
                    self.small[(entry & FRAME) >> 12] += 1
            elif level <= 3 and entry & LARGE:
                if entry & (PRESENT | NO_ACCESS) and not entry & SPECIAL:
                    # Bit 12 is PAT in a large entry.
                    frame = (entry & FRAME & ~(1 << 12)) >> 12
                    if frame != self._zero:
                        self.large[frame] += 1
            elif entry & PRESENT:
                self._walk(entry & FRAME, level - 1, 512)

    def of_folio(self, head: int, order: int) -> int:
        """How often the folio or a page of it is mapped."""
        frames = range(head, head + (1 << order))
        return sum(self.small[f] + self.large[f] for f in frames)
