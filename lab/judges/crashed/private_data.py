# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

"""What a filesystem keeps with a page: whether a part of it is under I/O.

PG_locked and PG_writeback are of the whole folio; buffer heads and iomap's
state say it of its blocks.
"""

import drgn

from .folio import Folio


def is_idle(folio: Folio) -> "bool | None":
    """Whether nothing of the folio is under I/O; None if unknown."""
    program = folio.kernel.program
    try:
        mapping = drgn.Object(
            program, "struct address_space *", folio.mapping
        )
        operations = program.symbol(mapping.a_ops.value_()).name
        if operations.startswith("xfs_"):
            return _is_iomap_idle(program, folio.private)
        if operations.startswith(("ext4_", "def_blk_")):
            return _are_buffers_idle(program, folio.private)
    except (LookupError, drgn.FaultError):
        pass
    return None


def _is_iomap_idle(program: drgn.Program, address: int) -> bool:
    # v6.6: 3ea5c76cadee renamed it (fs/iomap/buffered-io.c).
    try:
        state = drgn.Object(
            program, "struct iomap_folio_state *", address
        )
    except LookupError:
        state = drgn.Object(program, "struct iomap_page *", address)
    # Bytes of reads were an atomic_t until v6.6 (f45b494e2a24).
    read = state.read_bytes_pending
    if read.type_.unaliased().kind == drgn.TypeKind.STRUCT:
        read = read.counter
    return not read and not state.write_bytes_pending.counter


def _are_buffers_idle(program: drgn.Program, address: int) -> bool:
    busy = sum(
        1 << program[name].value_()
        for name in ("BH_Lock", "BH_Async_Read", "BH_Async_Write")
    )
    first = drgn.Object(program, "struct buffer_head *", address)
    buffer = first
    # A page has at most 8 blocks of 512 bytes, a folio 512 pages.
    for _ in range(8 * 512):
        if buffer.b_state & busy:
            return False
        buffer = buffer.b_this_page.read_()
        if buffer == first:
            return True
    return False
