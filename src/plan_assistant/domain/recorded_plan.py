"""A plan that was sent for approval, and what was decided about it, as the record tells them.

Not here: the state of the case (`record.py`) and what follows an approval (`approved_plan.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Event, EventType, Json
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.personal_fields import content_of
from plan_assistant.domain.policy.findings import Role

DECISION_FIELDS: Final = ("display_name", "fingerprint", "reason", "sentence")
"""What the body of every deciding fact holds."""

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far the clocks of two machines may be apart that record facts of one case."""


def is_dated_before(decided: datetime, recorded: datetime) -> bool:
    """Say whether a decision stands before its plan by more than clocks may be apart."""
    return recorded - decided > CLOCK_SKEW


@dataclass(frozen=True)
class RecordedPlan:
    """A plan that was sent for approval."""

    agreement: Mapping[str, Json] = field(repr=False)
    """In the form plan-assistant/agreement@3; an older one where it was recorded earlier."""
    maker: str
    at: datetime
    version: int
    """The version of the case that recorded it."""
    role: Role
    """Of the maker: it says what they could grant alone."""
    stored_fingerprint: str | None = None
    """The fingerprint as the store keeps it beside sealed fields; it outlives them."""

    @cached_property
    def fingerprint(self) -> str:
        """What is approved: the hash over the whole content, also where parts of it were erased."""
        return self.stored_fingerprint or fingerprint(self.agreement)

    @property
    def debt_id(self) -> DebtId:
        """The debt the plan is for."""
        debt = self.agreement["debt"]
        assert isinstance(debt, dict)  # the agreement was checked when it was recorded
        return DebtId(str(debt["debt_id"]))

    @property
    def last_due(self) -> date:
        """The day of its last payment."""
        plan = self.agreement["plan"]
        summary = plan["summary"] if isinstance(plan, dict) else None
        assert isinstance(summary, dict)  # the agreement was checked when it was recorded
        return date.fromisoformat(str(summary["last_due"]))

    @property
    def number(self) -> str:
        """The agreement number."""
        return str(self.agreement["number"])


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a recorded plan."""

    outcome: EventType
    by: str
    """Login name."""
    display_name: str
    role: Role
    at: datetime
    fingerprint: str
    reason: str | None
    """A code of the policy pack."""
    sentence: str = field(repr=False)
    version: int
    """The version of the case that recorded the decision."""
    terms: Mapping[str, Json] | None = None
    """The dials that a lead would grant instead, in the form of `formats/dials_file.py`."""

    @property
    def approval(self) -> dict[str, Json]:
        """Who approved and when, as documents print it; for an approval only."""
        return {
            "by": self.display_name,
            "at": moment(self.at),
            "fingerprint": self.fingerprint,
        }


def recorded_plan(event: Event) -> RecordedPlan:
    """Return the plan that was recorded."""
    stored = content_of(event.type, event.stored_body)
    return RecordedPlan(event.body, event.actor, event.at, event.version, event.role, stored)


def decision_of(event: Event) -> Decision:
    """Return what a deciding fact says."""
    reason, terms = event.body["reason"], event.body.get("terms")
    return Decision(
        outcome=event.type,
        by=event.actor,
        display_name=str(event.body["display_name"]),
        role=event.role,
        at=event.at,
        fingerprint=str(event.body["fingerprint"]),
        reason=None if reason is None else str(reason),
        sentence=str(event.body["sentence"]),
        version=event.version,
        terms=terms if isinstance(terms, Mapping) else None,
    )
