"""Where tests write their files: into memory, where the machine has room for them there.

Waiting for a disk is most of what a short test of a store does. What happens when the disk is slow,
full or gone is the subject of tests that bring a disk of their own; and with FAULT_ROUNDS, which
asks for the long forms of these, or with a TMPDIR of somebody's own all files lie there.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")
_ROOM = 4 * 1024**3
"""Bytes: a run takes less than half of it, servers and their databases included."""


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
