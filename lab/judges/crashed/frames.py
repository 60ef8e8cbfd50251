# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

"""The frames that a kdump-compressed file, or an ELF core, has."""

import mmap
import struct
import sys
import zlib
from typing import Dict, Iterator, List, NamedTuple, Tuple


class Kdump:
    """The frames of a kdump-compressed file (Sources/KdumpFile draws it)."""

    def __init__(self, path: str):
        with open(path, "rb") as file:
            self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self.bytes[:8] != b"KDUMP   ":
            sys.exit(f"{path} is no kdump-compressed file")
        block, sub, bitmaps = struct.unpack_from("<iii", self.bytes, 428)
        info, size = struct.unpack_from("<QQ", self.bytes, block + 32)
        self.vmcoreinfo = self.bytes[info:info + size]
        start = (1 + sub) * block
        half = bitmaps * block // 2
        self.present = self.bytes[start:start + half]
        dumped = self.bytes[start + half:start + 2 * half]
        self.frames: Dict[int, int] = {}
        place = start + 2 * half
        for index, byte in enumerate(dumped):
            for bit in range(8) if byte else ():
                if byte >> bit & 1:
                    self.frames[index * 8 + bit] = place
                    place += 24

    def exists(self, frame: int) -> bool:
        """Whether /proc/vmcore had the frame."""
        return self.present[frame // 8] >> frame % 8 & 1 == 1

    def page(self, frame: int) -> bytes:
        """What the file has of a frame that was dumped."""
        place, size, flags = struct.unpack_from(
            "<QII", self.bytes, self.frames[frame])
        data = self.bytes[place:place + size]
        if flags & 1:
            return zlib.decompress(data)
        if flags:
            sys.exit(f"frame {frame} is compressed, but not by zlib")
        return data


class Load(NamedTuple):
    """A PT_LOAD."""

    offset: int
    address: int
    size: int


class Core:
    """The memory that an ELF core has, by frame."""

    def __init__(self, path: str):
        self.path = path
        with open(path, "rb") as file:
            self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.loads: List[Load] = []
        for place in self.headers():
            kind, _, offset, _, address, length = struct.unpack_from(
                "<IIQQQQ", self.bytes, place)
            if kind == 1:
                self.loads.append(Load(offset, address, length))

    def headers(self) -> range:
        """Where the program headers are."""
        (start,) = struct.unpack_from("<Q", self.bytes, 32)
        size, count = struct.unpack_from("<HH", self.bytes, 54)
        return range(start, start + size * count, size)

    def frames(self) -> Iterator[Tuple[int, int]]:
        """All whole frames, and where they are in the file."""
        for load in self.loads:
            skipped = -load.address % 4096
            for place in range(skipped, load.size - 4095, 4096):
                yield (load.address + place) // 4096, load.offset + place

    def page(self, frame: int) -> bytes:
        """What the frame holds; nothing where the file has not all of it."""
        address = frame * 4096
        for load in self.loads:
            if load.address <= address <= load.address + load.size - 4096:
                place = load.offset + address - load.address
                return self.bytes[place:place + 4096]
        return b""

    def become_vmcore(self, vmcoreinfo: bytes, page_offset: int) -> None:
        """Gives it what makedumpfile needs, the note behind all that is there.

        makedumpfile takes it for granted that the program headers stand behind
        the file's own, where QEMU has a section that nobody misses.
        """
        note = struct.pack("<III", 11, len(vmcoreinfo), 0)
        note += b"VMCOREINFO\0\0" + vmcoreinfo + b"\0" * (-len(vmcoreinfo) % 4)
        end = len(self.bytes)
        headers = struct.pack("<IIQQQQQQ", 4, 0, end, 0, 0, len(note),
                              len(note), 4)
        for load in self.loads:
            headers += struct.pack(
                "<IIQQQQQQ", 1, 7, load.offset, page_offset + load.address,
                load.address, load.size, load.size, 0)
        if 64 + len(headers) > min(load.offset for load in self.loads):
            sys.exit(f"{self.path} has no room for its headers")
        with open(self.path, "r+b") as file:
            file.seek(32)
            file.write(struct.pack("<QQ", 64, 0))
            file.seek(56)
            file.write(struct.pack("<HHHH", 1 + len(self.loads), 64, 0, 0))
            file.write(headers)
            file.seek(end)
            file.write(note)
