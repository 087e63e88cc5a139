"""Memory that a search has freed stays with the process, for the search of the next key press.

Each search fills some thirty megabytes of arrays and lets go of them. By its defaults the GNU C
library hands such blocks back to the system, and getting them again, page by page, cost a fifth of
a search (`bench/search_speed.py`). Elsewhere nothing is changed.
"""

from __future__ import annotations

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""The options of `mallopt` as `malloc.h` numbers them."""
_KEPT = 256 << 20
"""Free bytes beyond which memory goes back to the system after all."""
_LARGEST = 32 << 20
"""Blocks up to here come from the heap: the most that the library takes."""


def keep_freed_memory() -> None:
    """Let the process keep what it frees, where its C library is the GNU one."""
    if platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    library.mallopt(_MMAP_THRESHOLD, _LARGEST)
    library.mallopt(_TRIM_THRESHOLD, _KEPT)
