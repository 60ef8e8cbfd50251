# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

"""Which frames devices were told of and have not given back.

Two independent accounts: the block layer's requests, and the descriptors in
the rings of virtio devices; where an IOMMU translates, a ring's addresses are
no frames, and only the first account is good. And who waits for a page, to
which its flag PG_waiters is only a hint.
"""

import struct
from typing import Dict, Set

import drgn
from drgn.helpers.linux.block import (
    disk_name,
    for_each_disk,
    request_queue_busy_iter,
)
from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.mm import page_to_pfn

from .lists import virtio_devices

# include/uapi/linux/virtio_ring.h
NEXT = 1
INDIRECT = 4


def _frames(address: int, length: int) -> range:
    return range(address >> 12, (address + max(length, 1) - 1 >> 12) + 1)


class BlockRequests:
    """The frames of the bios in busy requests."""

    def __init__(self, program: drgn.Program):
        self.frames: Dict[int, str] = {}
        self.requests = 0
        for disk in for_each_disk(program):
            name = disk_name(disk).decode()
            for request in request_queue_busy_iter(disk.queue):
                self.requests += 1
                bio = request.bio
                while bio:
                    self._add(bio, name)
                    bio = bio.bi_next.read_()

    def _add(self, bio: drgn.Object, name: str) -> None:
        left = bio.bi_iter.bi_size.value_()
        index = bio.bi_iter.bi_idx.value_()
        done = bio.bi_iter.bi_bvec_done.value_()
        while left > 0:
            vector = bio.bi_io_vec[index]
            length = vector.bv_len.value_() - done
            start = page_to_pfn(vector.bv_page).value_() << 12
            start += vector.bv_offset.value_() + done
            for frame in _frames(start, min(length, left)):
                self.frames[frame] = f"a request of {name}"
            left -= length
            index += 1
            done = 0


class VirtioRings:
    """The frames that split virtqueues have handed to their devices."""

    def __init__(self, program: drgn.Program):
        self._program = program
        self.frames: Dict[int, str] = {}
        self.descriptors = 0
        self.unread: Set[str] = set()
        for device in virtio_devices(program):
            queues = device.vqs
            for queue in list_for_each_entry(
                "struct virtqueue", queues.address_of_(), "list"
            ):
                ring = drgn.container_of(
                    queue, "struct vring_virtqueue", "vq"
                )
                name = device.dev.kobj.name.string_().decode()
                name += "." + queue.name.string_().decode()
                if ring.packed_ring:
                    self.unread.add(name)
                else:
                    self._add(ring.split, name)

    def _add(self, split: drgn.Object, name: str) -> None:
        number = split.vring.num.value_()
        data = self._program.read(split.vring.desc.value_(), 16 * number)
        for head in range(number):
            if split.desc_state[head].data:
                self._follow(data, head, name)

    def _follow(self, table: bytes, index: int, name: str) -> None:
        for _ in range(len(table) // 16):
            address, length, flags, following = struct.unpack_from(
                "<QIHH", table, 16 * index
            )
            for frame in _frames(address, length):
                self.frames[frame] = f"the ring {name}"
            if flags & INDIRECT:
                inner = self._program.read(address, length, physical=True)
                self._follow(inner, 0, name)
            else:
                self.descriptors += 1
            if not flags & NEXT:
                return
            index = following


class Waiters:
    """The frames of the folios that somebody sleeps on (mm/filemap.c)."""

    def __init__(self, program: drgn.Program):
        self.frames: Set[int] = set()
        try:
            table = program["folio_wait_table"]
        except LookupError:
            # v5.17 and before.
            table = program["page_wait_table"]
        for queue in table:
            for entry in list_for_each_entry(
                "struct wait_queue_entry", queue.head.address_of_(), "entry"
            ):
                waiter = drgn.container_of(
                    entry, "struct wait_page_queue", "wait"
                )
                page = drgn.cast("struct page *", waiter.member_(
                    "folio" if waiter.type_.type.has_member("folio")
                    else "page"
                ))
                self.frames.add(page_to_pfn(page).value_())
