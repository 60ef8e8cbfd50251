# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

"""What a frame was used for, and why it may not be used again."""

from dataclasses import dataclass
from typing import Dict, List, Optional

import drgn
from drgn.helpers.linux.mm import page_flags, pfn_to_page

from .folio import Folio, Kernel
from .in_flight import BlockRequests, VirtioRings, Waiters
from .lists import FreeLists, HugePool, balloon_pages, zone_names
from .page_tables import PageTables
from .private_data import is_idle


@dataclass
class Verdict:
    """The class of a frame, all reasons against it, and what was seen."""

    page_class: str
    reasons: List[str]
    folio: Folio
    # Of private data, whether nothing of it is under I/O.
    is_idle: Optional[bool] = None

    @property
    def is_reusable(self) -> bool:
        return not self.reasons


class Judge:
    """Judges frames by what the whole kernel says of them.

    dump_level is makedumpfile's -d: what it dumps has the reason dump-level.
    """

    LEFT_OUT = {
        "free": 16,
        "cache": 2 | 4,
        "large-cache": 2 | 4,
        "dirty-cache": 2 | 4,
        "private-cache": 4,
        "anonymous": 8,
        "large-anonymous": 8,
        "hugetlb": 8,
    }

    def __init__(self, program: drgn.Program, dump_level: int):
        self._program = program
        self._level = dump_level
        self.kernel = Kernel(program)
        self.free = FreeLists(program)
        self.pool = HugePool(program)
        self.balloons = balloon_pages(program)
        self.tables = PageTables(program)
        self.requests = BlockRequests(program)
        self.rings = VirtioRings(program)
        self.waiters = Waiters(program)
        self._zones = zone_names(program)
        used = "locked writeback lru private hwpoison reserved"
        self._flags_of_use = sum(
            self.kernel.flags[name] for name in used.split()
        )
        # Folios and free blocks are judged once.
        self._known: Dict[int, Verdict] = {}
        self._blocks: Dict[int, Dict[int, List[str]]] = {}

    def judge(self, frame: int) -> Verdict:
        page = pfn_to_page(self._program, frame)
        folio = Folio(self.kernel, page)
        known = self._known.get(folio.frame)
        if known is None or not folio.is_large:
            known = self._judge_folio(frame, folio)
            if folio.is_large:
                self._known[folio.frame] = known
        reasons = list(known.reasons)
        if not self._is_left_out(known.page_class):
            reasons.append("dump-level")
        if self._zone(frame) == "DMA":
            reasons.append("dma-zone")
        if frame in self.requests.frames or frame in self.rings.frames:
            reasons.append("device")
        return Verdict(known.page_class, reasons, folio, known.is_idle)

    def _is_left_out(self, page_class: str) -> bool:
        return bool(self.LEFT_OUT.get(page_class, 0) & self._level)

    def _zone(self, frame: int) -> str:
        for span, name in self._zones:
            if frame in span:
                return name
        return ""

    def _judge_folio(self, frame: int, folio: Folio) -> Verdict:
        reasons: List[str] = []
        page_class = self._class(frame, folio, reasons)
        verdict = Verdict(page_class, reasons, folio)
        if page_class == "free":
            reasons += self._judge_free(frame)
        elif page_class.endswith(("cache", "anonymous")):
            self._judge_used(folio, reasons)
            if page_class == "private-cache":
                verdict.is_idle = is_idle(folio)
        return verdict

    def _class(self, frame: int, folio: Folio, reasons: List[str]) -> str:
        if folio.has("hwpoison"):
            reasons.append("hwpoison")
            return "hwpoison"
        if frame in self.free.order:
            return "free"
        if folio.type == "offline":
            reasons.append("offline")
            is_there = frame in self.balloons
            return "offline" if is_there else "offline, in no balloon"
        if folio.type == "unaccepted":
            reasons.append("unaccepted")
            return "unaccepted"
        if folio.is_hugetlb:
            if folio.frame not in self.pool.free or folio.references:
                reasons.append("hugetlb-in-use")
            if folio.tail_faults():
                reasons.append("half-built")
            return "hugetlb"
        if folio.is_slab:
            return "slab" if folio.has_slab_cache else "slab of no cache"
        if folio.has("reserved"):
            reasons.append("reserved")
            return "reserved"
        if folio.type or frame in self.free.on_processor:
            return "kernel"
        if folio.is_anonymous:
            return "large-anonymous" if folio.order else "anonymous"
        if folio.cache_entries() or folio.swap_entries() or folio.has("lru"):
            if folio.has("private"):
                return "private-cache"
            if folio.has("dirty"):
                return "dirty-cache"
            return "large-cache" if folio.order else "cache"
        return "kernel"

    def _judge_free(self, frame: int) -> List[str]:
        """One page that does not look free is one too many in its block."""
        order = self.free.order[frame]
        start = frame >> order << order
        faults = self._blocks.get(start)
        if faults is None:
            faults = {}
            for member in range(start, start + (1 << order)):
                found = self._free_faults(member, member == start, order)
                if found:
                    faults[member] = found
            self._blocks[start] = faults
        return faults.get(frame, ["shared-block"] if faults else [])

    def _free_faults(
        self, frame: int, is_first: bool, order: int
    ) -> List[str]:
        """What is not free about a page of a free block."""
        reasons = []
        page = pfn_to_page(self._program, frame)[0].read_()
        kind = self.kernel.type_of(page.page_type.value_())
        if kind != ("buddy" if is_first else None):
            reasons.append("page-type")
        if is_first and page.private != order:
            reasons.append("order")
        if page._refcount.counter or self.tables.small[frame]:
            reasons.append("referenced")
        if page.mapping:
            reasons.append("mapped")
        if page_flags(page).value_() & self._flags_of_use:
            reasons.append("flag-of-use")
        return reasons

    def _judge_used(self, folio: Folio, reasons: List[str]) -> None:
        for flag in ("locked", "writeback", "waiters", "private"):
            if folio.has(flag):
                reasons.append(flag)
        if folio.has("unevictable") or folio.has("mlocked"):
            reasons.append("unevictable")
        if not folio.has("lru"):
            reasons.append("isolated")
        if folio.tail_faults():
            reasons.append("half-built")
        in_cache, in_swap = folio.cache_entries(), folio.swap_entries()
        # Of a file, or read ahead from swap and not yet mapped.
        if not folio.is_anonymous and folio.count not in (in_cache, in_swap):
            reasons.append("mapping")
        # folio_expected_ref_count(), include/linux/mm.h (v6.16, 86ebd50224c0
        # "mm: add folio_expected_ref_count() for reference count
        # calculation"), with entries that were found, not assumed.
        maps = folio.mapcount()
        expected = maps + in_cache + in_swap
        expected += not folio.is_anonymous and folio.has("private")
        if folio.references != expected or expected == 0:
            reasons.append("references")
        if folio.pins(folio.references - expected):
            reasons.append("pinned")
        if maps != self.tables.of_folio(folio.frame, folio.order):
            reasons.append("not as often mapped as counted")
        if folio.frame in self.waiters.frames:
            reasons.append("waited for")
