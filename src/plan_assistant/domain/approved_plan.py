"""An approved plan and what followed: signature, payments, and how it ended.

Folded from the facts that name its fingerprint. Not here: who may record them
(`follow_up_acts.py`) and the arithmetic of a payment (`follow_up.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.events import Event, EventType, Json
from plan_assistant.domain.follow_up import (
    AgreedPlan,
    EarlyEnd,
    Paid,
    Party,
    Standing,
    read_agreed,
    written_split,
)
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.recorded_plan import Decision, RecordedPlan
from plan_assistant.domain.schedule.allocation import Component


class PlanState(StrEnum):
    """Where a recorded plan stands."""

    WAITING = "waiting"
    RETURNED = "returned"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    APPROVED = "approved"
    SIGNED = "signed"
    KEPT = "kept"
    BROKEN = "broken"
    NEVER_SIGNED = "never_signed"
    """It ended before it took effect."""


_ENDS: Final[Mapping[EventType, PlanState]] = {
    EventType.KEPT: PlanState.KEPT,
    EventType.BROKEN: PlanState.BROKEN,
    EventType.REOPENED: PlanState.NEVER_SIGNED,
}
"""A fact that opens the case again ends the plan that it names by its fingerprint."""


@dataclass(frozen=True, slots=True)
class Signature:
    """That the paper was signed."""

    day: date
    parties: tuple[Party, ...]
    file_sha256: str | None
    """Of the signed file; the file itself is kept elsewhere."""
    by: str
    """Login name of who recorded it."""


@dataclass(frozen=True, slots=True)
class PostedPayment:
    """A payment that was received under the agreement."""

    paid: Paid
    reference: str = field(repr=False)
    """Of the bank; the mark `erased` where nothing is left of it."""
    by: str
    at: datetime
    version: int
    """The version of the case that recorded it."""
    split: Mapping[str, Json]
    """Where it went, as it was recorded."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the agreement ended."""

    outcome: PlanState
    by: str
    at: datetime
    facts: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True)
class ApprovedPlan:
    """An approved plan with everything that happened under it."""

    plan: RecordedPlan
    decision: Decision
    signature: Signature | None = None
    payments: tuple[PostedPayment, ...] = ()
    """In the order in which they were recorded."""
    ended: Ended | None = None
    is_reopened: bool = False
    """Whether the case was opened for a new negotiation after the plan had ended."""

    @property
    def state(self) -> PlanState:
        """Where it stands."""
        if self.ended is not None:
            return self.ended.outcome
        return PlanState.APPROVED if self.signature is None else PlanState.SIGNED

    @property
    def is_in_force(self) -> bool:
        """Say whether it still binds both sides."""
        return self.ended is None

    @property
    def debt_id(self) -> DebtId:
        """The debt it is about."""
        return self.plan.debt_id

    @cached_property
    def agreed(self) -> AgreedPlan:
        """The rows that were agreed."""
        return read_agreed(self.plan.agreement)

    @property
    def received(self) -> tuple[Paid, ...]:
        """All money received under it, in the order of the record."""
        return tuple(item.paid for item in self.payments)

    @cached_property
    def early_end(self) -> EarlyEnd | None:
        """How everything was repaid early; None where it was not."""
        early = None if self.ended is None else self.ended.facts.get("early")
        if self.ended is None or not isinstance(early, Mapping):
            return None
        amount = self.agreed.currency.parse
        return EarlyEnd(
            day=date.fromisoformat(str(self.ended.facts["day"])),
            saved=amount(str(early["saved"])),
            overpaid=amount(str(early["overpaid"])),
        )

    @property
    def left(self) -> Money:
        """What the whole plan still asks for."""
        paid = sum(item.amount.minor for item in self.received)
        return self.agreed.total - self.agreed.currency.money(paid)

    def standing(self, day: date) -> Standing:
        """Return what is paid and owed at the end of a day."""
        standing = self.agreed.standing(self.received, day)
        if self.early_end is None or day < self.early_end.day:
            return standing
        nothing = self.agreed.currency.zero
        return replace(standing, owed=nothing, overdue=nothing, next_unpaid=None, days_past_due=0)

    def components(self, day: date) -> dict[Component, Money]:
        """Return what is left of the whole plan at the end of a day, component by component."""
        left = self.agreed.components(self.received, day)
        if self.early_end is None or day < self.early_end.day:
            return left
        return dict.fromkeys(left, self.agreed.currency.zero)

    @cached_property
    def misposted(self) -> tuple[PostedPayment, ...]:
        """Payments whose recorded split is not the one that follows from what was known then."""
        received = self.received
        return tuple(
            item
            for number, item in enumerate(self.payments)
            if dict(item.split)
            != written_split(self.agreed.split(received[:number], received[number]))
        )


def followed(plans: Sequence[ApprovedPlan], event: Event) -> list[ApprovedPlan]:
    """Return the approved plans of a case after one more fact.

    A fact that names no plan in force changes none of them: the audit names it.
    """
    named = event.body.get("fingerprint")
    after = [
        _after(item, event) if item.is_in_force and item.plan.fingerprint == named else item
        for item in plans
    ]
    if event.type is EventType.REOPENED:
        return [replace(item, is_reopened=not item.is_in_force) for item in after]
    return after


def _after(item: ApprovedPlan, event: Event) -> ApprovedPlan:
    if event.type in _ENDS:
        return replace(item, ended=Ended(_ENDS[event.type], event.actor, event.at, event.body))
    if event.type is EventType.PAYMENT_POSTED:
        return replace(item, payments=(*item.payments, _payment(event)))
    if event.type is EventType.SIGNED and item.signature is None:
        return replace(item, signature=_signature(event))
    return item


def _signature(event: Event) -> Signature:
    parties, file_sha256 = event.body["parties"], event.body["file_sha256"]
    assert isinstance(parties, list)  # as it was recorded
    return Signature(
        day=date.fromisoformat(str(event.body["day"])),
        parties=tuple(Party(str(party)) for party in parties),
        file_sha256=None if file_sha256 is None else str(file_sha256),
        by=event.actor,
    )


def _payment(event: Event) -> PostedPayment:
    body, split = event.body, event.body["split"]
    assert isinstance(split, Mapping)  # as it was recorded
    amount = Currency.of(str(body["currency"])).parse(str(body["amount"]))
    return PostedPayment(
        paid=Paid(date.fromisoformat(str(body["day"])), amount),
        reference=str(body["reference"]),
        by=event.actor,
        at=event.at,
        version=event.version,
        split=split,
    )
