"""The current time: the system's, or a demo's that starts at a moment of its own."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final


class SystemClock:
    """The time of this machine, in its own time zone."""

    is_demo: Final = False

    def now(self) -> datetime:
        """Return the current moment, timezone-aware."""
        return datetime.now(UTC).astimezone()


class DemoClock:
    """Starts at a given moment and runs on from there, whatever is done to the system's clock."""

    is_demo: Final = True
    """A screen that shows an invented date says so."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock knows its time zone")
        self._start = start
        self._began = time.monotonic_ns()

    def now(self) -> datetime:
        """Return the start plus the time since the clock was made."""
        return self._start + timedelta(microseconds=(time.monotonic_ns() - self._began) // 1000)
