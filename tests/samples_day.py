"""The clock of this machine, set back to the day after the samples' cut-off date.

A week later their figures are too old for a plan without approval (DES-04-stale): what a command
says of a sample would depend on the day of the test. The cut-off date itself has hours that lie
before `NOW`, at which the tests let things happen.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from plan_assistant import bootstrap
from plan_assistant.adapters.clock import SystemClock
from plan_assistant.bootstrap import desks

_DAYS_BACK = "PLAN_ASSISTANT_TEST_DAYS_BACK"
"""Set by the first process of a run: all set their clock back by as much, past midnight too."""


class SamplesClock:
    """The time of this machine, whole days earlier."""

    is_demo = False

    def __init__(self) -> None:
        past = SystemClock().now().date() - bootstrap.DEMO_START.date()
        days = os.environ.setdefault(_DAYS_BACK, str(past.days - 1))
        self._back = timedelta(days=int(days))

    def now(self) -> datetime:
        """Return the current time of day, on the day after the cut-off date."""
        return SystemClock().now() - self._back


def work_on_the_samples_day() -> None:
    """Let whatever asks this process for the time of the machine hear that of the samples."""
    # The class, not `system_clock`: that function has a second name in the room that gives it away.
    desks.SystemClock = SamplesClock  # type: ignore[attr-defined, assignment]
