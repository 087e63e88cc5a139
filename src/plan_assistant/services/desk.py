"""Everything a person at work needs from the outside, in one hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from plan_assistant.domain.events import Account
from plan_assistant.ports import Calendars, Clock, Policies, Store


@dataclass(frozen=True, slots=True)
class Desk:
    """A person at work: who they are, and the ports they work through."""

    account: Account
    store: Store
    clock: Clock
    policies: Policies
    calendars: Calendars

    def taken_by(self, account: Account) -> Desk:
        """Return the same desk with another person at it."""
        return replace(self, account=account)
