"""`make bench`: every benchmark of this folder, one after the other, each in its own process.

Milliseconds of two machines, or of one machine on two days, mean little side by side: a yardstick
of plain Python and plain NumPy work stands first, by which they can be set against each other.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def _yardstick() -> str:
    """Return how long a loop of plain Python and a sum of NumPy take here; the best of five."""

    def loop() -> int:
        return sum(number * number % 7 for number in range(1_000_000))

    values = np.random.default_rng(1).random(1_000_000)

    def vector() -> float:
        return float(np.exp(values).sum())

    python, numpy = (min(_milliseconds(work) for _ in range(5)) for work in (loop, vector))
    return f"yardstick: 1,000,000 steps of Python {python:.0f} ms, as many of NumPy {numpy:.1f} ms"


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000.0


def main() -> int:
    """Run each benchmark; return the number of those that failed."""
    print(_yardstick())
    failed = 0
    for script in sorted(HERE.glob("*_speed.py")):
        print(f"\n== {script.stem}", flush=True)
        failed += subprocess.run([sys.executable, str(script)], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
