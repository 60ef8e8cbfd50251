# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

"""The lists that pages are on: whoever holds a page there, has it.

Lists are followed in both directions (validate_list_for_each_entry): one
whose links do not agree ends the run.
"""

from typing import Dict, List, Set, Tuple

import drgn
from drgn.helpers.linux.bitops import for_each_set_bit
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.device import bus_for_each_dev
from drgn.helpers.linux.hugetlb import for_each_hstate
from drgn.helpers.linux.list import validate_list_for_each_entry
from drgn.helpers.linux.mm import page_to_pfn
from drgn.helpers.linux.mmzone import for_each_online_pgdat
from drgn.helpers.linux.percpu import per_cpu_ptr

from . import constant


def _zones(program: drgn.Program):
    for node in for_each_online_pgdat(program):
        for zone in node.node_zones:
            if zone.present_pages:
                yield zone


def _pages(program: drgn.Program, head: drgn.Object, *links: str):
    """The frames of the pages on a list; the first link that exists."""
    page = program.type("struct page")
    link = next(name for name in links if page.has_member(name))
    for entry in validate_list_for_each_entry(page, head.address_of_(), link):
        yield page_to_pfn(entry).value_(), entry


class FreeLists:
    """The buddy allocator's blocks and the processors' lists of free pages."""

    def __init__(self, program: drgn.Program):
        # The order of the block that each frame is in.
        self.order: Dict[int, int] = {}
        self.on_processor: Set[int] = set()
        self.faults: List[str] = []
        for zone in _zones(program):
            self._add_zone(program, zone)

    def _add_zone(self, program: drgn.Program, zone: drgn.Object) -> None:
        for order, area in enumerate(zone.free_area):
            blocks = 0
            for head in area.free_list:
                for frame, _ in _pages(program, head, "buddy_list", "lru"):
                    blocks += 1
                    for member in range(frame, frame + (1 << order)):
                        if member in self.order:
                            self.faults.append(f"frame {member} twice free")
                        self.order[member] = order
            if blocks != area.nr_free:
                self.faults.append(
                    f"{blocks} blocks of order {order}, not {area.nr_free}"
                )
        types = constant(program, "MIGRATE_PCPTYPES", 3)
        low = types * (constant(program, "PAGE_ALLOC_COSTLY_ORDER", 3) + 1)
        for processor in for_each_possible_cpu(program):
            lists = per_cpu_ptr(zone.per_cpu_pageset, processor).lists
            # order_to_pindex, mm/page_alloc.c: the last lists are of THPs.
            for index, head in enumerate(lists):
                order = index // types if index < low else 9
                for frame, _ in _pages(program, head, "pcp_list", "lru"):
                    self.on_processor.update(
                        range(frame, frame + (1 << order))
                    )


def zone_names(program: drgn.Program) -> List[Tuple[range, str]]:
    """The frames that each zone spans, and its name."""
    return [
        (
            range(
                zone.zone_start_pfn.value_(),
                (zone.zone_start_pfn + zone.spanned_pages).value_(),
            ),
            zone.name.string_().decode(),
        )
        for zone in _zones(program)
    ]


class HugePool:
    """The heads of hugetlbfs's free and used pages."""

    def __init__(self, program: drgn.Program):
        self.free: Set[int] = set()
        self.used: Set[int] = set()
        for state in for_each_hstate(program):
            nodes = program["node_states"][program["N_MEMORY"]].bits
            for node in for_each_set_bit(nodes, len(nodes) * 64):
                head = state.hugepage_freelists[node]
                self.free.update(f for f, _ in _pages(program, head, "lru"))
            head = state.hugepage_activelist
            self.used.update(f for f, _ in _pages(program, head, "lru"))


def balloon_pages(program: drgn.Program) -> Set[int]:
    """The frames that virtio balloons hold for the hypervisor."""
    frames: Set[int] = set()
    for device in virtio_devices(program):
        if device.dev.driver and device.dev.driver.name.string_() == (
            b"virtio_balloon"
        ):
            balloon = drgn.cast("struct virtio_balloon *", device.priv)
            pages = balloon.vb_dev_info.pages
            frames.update(f for f, _ in _pages(program, pages, "lru"))
    return frames


def virtio_devices(program: drgn.Program):
    """The devices of the virtio bus."""
    try:
        bus = program["virtio_bus"].address_of_()
    except LookupError:
        return
    for device in bus_for_each_dev(bus):
        yield drgn.container_of(device, "struct virtio_device", "dev")
