"""Everything a person at work needs from the outside, in one hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from plan_assistant.domain.events import Account
from plan_assistant.ports import ApprovalKeys, Calendars, Clock, Journal, Passwords, Policies, Store
from plan_assistant.services.staff import Door


@dataclass(frozen=True, slots=True)
class Desk:
    """A person at work: who they are, and the ports they work through."""

    account: Account
    store: Store
    clock: Clock
    policies: Policies
    calendars: Calendars
    passwords: Passwords
    keys: ApprovalKeys
    journal: Journal | None = None
    """Where acts of a call are kept while the store is away; None where it may not be."""

    @property
    def door(self) -> Door:
        """What checking this person's password again needs."""
        return Door(self.store, self.clock, self.passwords, self.keys)

    def taken_by(self, account: Account) -> Desk:
        """Return the same desk with another person at it."""
        return replace(self, account=account)
