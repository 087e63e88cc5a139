"""The demo: its invented people, and the clock that stands at its date."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.bootstrap.desks import door
from plan_assistant.domain.events import Account
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import Clock, Store
from plan_assistant.services.staff import give_demo_password

DEMO_START = datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=8)))
"""When the demo's clock starts: half past nine in China on the samples' cut-off date."""

DEMO_COLLECTOR = Account("wu.hao", "吴昊", Role.COLLECTOR)
DEMO_LEAD = Account("li.na", "李娜", Role.TEAM_LEAD)
DEMO_PASSWORD = "demo"
"""Of both invented people; the screens of a demo tell it."""


def demo_clock() -> Clock:
    """Return a clock that starts on the morning of the samples' cut-off date."""
    return DemoClock(DEMO_START)


def staff_demo(store: Store, clock: Clock) -> None:
    """Let the invented people of the demo work on a store, with a password that anybody may know.

    It is shorter than a password may be.
    """
    at_door = door(store, clock)
    for person in (DEMO_COLLECTOR, DEMO_LEAD):
        store.add_account(person)
        give_demo_password(at_door, person, DEMO_PASSWORD)
