# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

"""What a crashed kernel's own lists, trees and tables say of its pages.

Read by drgn, with the types of Debian's debug symbols. Nothing in here knows
of oldmem: it must come to its own conclusions.
"""

import pathlib
import subprocess

import drgn


def open_vmcore(path: str, symbols: str) -> drgn.Program:
    """The vmcore, with the debug symbols of its kernel and modules.

    Those are fetched to the folder `symbols`, where they are not there yet.
    """
    program = drgn.Program()
    program.set_core_dump(path)
    release = program["UTS_RELEASE"].string_().decode()
    fetch = pathlib.Path(__file__).parent.parent / "debug-symbols"
    subprocess.run([fetch, release, symbols], check=True)
    folder = f"{symbols}/{release}/usr/lib/debug"
    program.debug_info_options.directories = (folder,)
    program.load_default_debug_info()
    return program


def constant(program: drgn.Program, name: str, default: int) -> int:
    """The enumerator, or, where the kernel has it as a macro, its value."""
    try:
        return int(program.constant(name).value_())
    except LookupError:
        return default
