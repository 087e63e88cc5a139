"""Where tests write their files: into memory, where the machine has room for them there.

A short test of a store waits for a slow disk longer than it works. Tests of a disk that is full or
loses power bring one of their own. With FAULT_ROUNDS, which asks for the long forms of the faults,
files lie on the disk; with a TMPDIR of somebody's own they lie there.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")
_ROOM = 4 * 1024**3
"""Bytes, many times what a run was seen to take: 160 MB, servers and databases included."""


def write_into_memory() -> None:
    """Let this process and those it starts make their temporary files in memory."""
    if {"TMPDIR", "FAULT_ROUNDS"}.isdisjoint(os.environ) and _has_room():
        os.environ["TMPDIR"] = tempfile.tempdir = str(_IN_MEMORY)


def _has_room() -> bool:
    try:
        found = os.statvfs(_IN_MEMORY)
    except OSError:
        return False
    # The tests start a server from there where the folder of the environment is closed to it.
    may_run = not found.f_flag & os.ST_NOEXEC
    return may_run and os.access(_IN_MEMORY, os.W_OK) and found.f_bavail * found.f_frsize > _ROOM
