"""Names of the files beside a store: its logs, what a restore set aside, what a crash left.

Not here: how a store is set aside (`safekeeping.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from glob import escape
from itertools import count
from pathlib import Path
from typing import Final

_ASIDE: Final = "before-restore"
_INDEX: Final = "-shm"
_LOGS: Final = ("-wal", _INDEX, "-journal")


def logs(path: Path) -> tuple[Path, ...]:
    """Return the files that SQLite keeps beside a database in use."""
    return tuple(path.with_name(path.name + end) for end in _LOGS)


def unfolded(path: Path) -> list[Path]:
    """Return the logs that SQLite would still fold into whatever database has that name."""
    return [
        log
        for log in logs(path)
        if not log.name.endswith(_INDEX) and log.exists() and log.stat().st_size
    ]


def aside_names(path: Path, at: datetime) -> Iterator[Path]:
    """Yield names for a store that is replaced at that moment, the best one first."""
    name = f"{path.name}.{_ASIDE}-{at:%Y%m%dT%H%M%S}"
    yield path.with_name(name)
    for number in count(2):
        yield path.with_name(f"{name}-{number}")


def asides(path: Path) -> list[Path]:
    """Return what restores have set aside at that place, the oldest first."""
    found = path.parent.glob(f"{escape(path.name)}.{_ASIDE}-*")
    return sorted(file for file in found if not file.name.endswith(_LOGS))


def half_made(path: Path) -> list[Path]:
    """Return the files that are being made for that place, or that a crash left half made."""
    return sorted(path.parent.glob(f".{escape(path.name)}.[0-9a-f]*.new"))
