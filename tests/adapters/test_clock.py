"""The clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.people import NOW

from plan_assistant.adapters.clock import DemoClock, SystemClock


def test_the_system_clock_tells_this_machines_time_with_its_zone() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    after = datetime.now(UTC)

    assert before <= now <= after
    assert now.utcoffset() == now.astimezone().utcoffset()


def test_a_demo_clock_runs_on_from_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([5_000_000_000, 5_000_000_000, 6_250_000_000])
    monkeypatch.setattr(time, "monotonic_ns", lambda: next(ticks))

    demo = DemoClock(NOW)

    assert demo.now() == NOW
    assert demo.now() == NOW + timedelta(seconds=1.25)


def test_a_demo_clock_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        DemoClock(NOW.replace(tzinfo=None))


def test_a_demo_clock_says_that_it_is_one() -> None:
    assert DemoClock(NOW).is_demo
    assert not SystemClock().is_demo
