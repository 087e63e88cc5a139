"""What a search frees is there for the next one without asking the system for it page by page."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_FAULTS = """
import resource
import numpy as np
from plan_assistant.adapters.memory import keep_freed_memory

if {keeps}:
    keep_freed_memory()

def fill():
    for array in [np.empty(100_000) for _ in range(40)]:
        array[...] = 1

fill()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    fill()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(*, keeps: bool) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _FAULTS.format(keeps=keeps)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of the GNU C library alone")
def test_arrays_that_were_freed_are_filled_again_without_page_faults() -> None:
    assert _faults(keeps=True) < 100 < _faults(keeps=False)
