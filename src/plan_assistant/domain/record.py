"""The state of a case, as a fold over its events: nothing here is stored, all can be recomputed.

Not here: who may do what next (`transitions.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

from plan_assistant.domain.approved_plan import ApprovedPlan, PlanState, followed
from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.debt import DebtId, Product
from plan_assistant.domain.errors import CaseUnreadable
from plan_assistant.domain.events import Event, EventType, Json
from plan_assistant.domain.formats.case_file import read_case
from plan_assistant.domain.money import Money
from plan_assistant.domain.recorded_plan import Decision, RecordedPlan, decision_of, recorded_plan


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    PENDING = "pending"
    """A plan waits for the team lead."""
    APPROVED = "approved"
    RETURNED = "returned"
    """The lead wants other terms; the collector goes on."""
    DECLINED = "declined"
    CANCELLED = "cancelled"
    """The collector took the plan back."""
    KEPT = "kept"
    """Everything that was agreed is paid."""
    BROKEN = "broken"
    """A plan was declared broken; it takes a person to open the case again."""
    CLOSED = "closed"
    """The last call ended without a plan; the next act of a call opens the case again."""


_STATUS_AFTER: Final[Mapping[EventType, Status]] = {
    EventType.CASE_OPENED: Status.OPEN,
    EventType.PLAN_RECORDED: Status.PENDING,
    EventType.APPROVED: Status.APPROVED,
    EventType.RETURNED: Status.RETURNED,
    EventType.DECLINED: Status.DECLINED,
    EventType.CANCELLED: Status.CANCELLED,
    EventType.REOPENED: Status.OPEN,
}
_FOLLOW_UP: Final = frozenset(
    {
        EventType.SIGNED,
        EventType.PAYMENT_POSTED,
        EventType.KEPT,
        EventType.BROKEN,
        EventType.REOPENED,
    }
)

_AFTER_APPROVAL: Final = frozenset({Status.APPROVED, Status.KEPT, Status.BROKEN})
"""A plan of another debt that waits or was sent back is told before what became of this one."""

_ACTS_OF_A_CALL: Final = frozenset(
    {
        EventType.BUDGET_CHANGED,
        EventType.OFFERS_SHOWN,
        EventType.OFFER_SPOKEN,
        EventType.OFFER_REFUSED,
        EventType.DISCLOSURE_READ,
    }
)

MALFORMED: Final = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
)
"""How it shows that a fact does not hold what every fact of its type does."""

_BUCKETS: Final = ("M0", "M1", "M2", "M3", "M4", "M5", "M6")


def stage(days_past_due: int) -> str:
    """Return the aging bucket 账龄: M0 not overdue, M1 up to 30 days ... M6 up to 180, M6+ beyond.

    >>> stage(0), stage(1), stage(30), stage(31), stage(180), stage(181)
    ('M0', 'M1', 'M1', 'M2', 'M6', 'M6+')
    """
    bucket = (days_past_due + 29) // 30
    return _BUCKETS[bucket] if bucket < len(_BUCKETS) else "M6+"


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One line of what happened; `facts` never holds a whole case or agreement."""

    version: int
    at: datetime
    actor: str
    type: EventType
    facts: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True)
class CaseRecord:
    """A case and all that happened to it, up to one version."""

    case_id: CaseId
    version: int
    case_file: Mapping[str, Json] = field(repr=False)
    """The case as last recorded, in the form plan-assistant/case@1."""
    status: Status
    recorded: RecordedPlan | None
    """The plan that was recorded last, whatever became of it."""
    decision: Decision | None
    """What became of it; None while it waits."""
    agreements: tuple[ApprovedPlan, ...]
    """Every plan that was approved, in that order; at most one of each debt is in force."""
    last_outcome: str | None
    """How the last call that was closed ended."""
    live_since: datetime | None
    """Since when the borrower waits on the phone for the answer; None when nobody does."""
    assigned_to: str | None
    """Login name of the agency collector who works on it."""
    changed_at: datetime
    trail: tuple[TrailLine, ...]
    erased_at: datetime | None = None
    """When the key of the case was destroyed; what is personal then holds the mark of it."""

    @cached_property
    def case(self) -> Case:
        """What is known of the borrower."""
        return read_case(self.case_file, f"case {self.case_id}")

    @property
    def pending(self) -> RecordedPlan | None:
        """The plan that waits for a decision."""
        return self.recorded if self.status is Status.PENDING else None

    @property
    def recorded_state(self) -> PlanState | None:
        """Where the plan that was recorded last stands; None where there is none."""
        if self.recorded is None:
            return None
        if self.decision is None:
            return PlanState.WAITING
        if self.decision.outcome is not EventType.APPROVED:
            return PlanState(self.decision.outcome.value)
        return self.agreements[-1].state

    @property
    def approved(self) -> RecordedPlan | None:
        """The plan that was recorded last, if it was approved, whatever followed."""
        return None if self.approval is None else self.recorded

    @property
    def in_force(self) -> tuple[ApprovedPlan, ...]:
        """The agreements in force, at most one for each debt, in the order they were approved."""
        return tuple(item for item in self.agreements if item.is_in_force)

    def in_force_for(self, debt_id: DebtId) -> ApprovedPlan | None:
        """Return the agreement in force about a debt."""
        return next((item for item in self.in_force if item.debt_id == debt_id), None)

    def ended_for(self, debt_id: DebtId) -> ApprovedPlan | None:
        """Return the agreement about a debt that ended and was not reopened."""
        ended = (item for item in self.agreements if not item.is_in_force and not item.is_reopened)
        return next((item for item in ended if item.debt_id == debt_id), None)

    @property
    def approval(self) -> dict[str, Json] | None:
        """Who approved the recorded plan and when, as documents print it; None unless approved."""
        if self.decision is None or self.decision.outcome is not EventType.APPROVED:
            return None
        return self.decision.approval

    @property
    def terms_from_lead(self) -> Mapping[str, Json] | None:
        """The dials that the lead would grant for the plan that was returned, as recorded."""
        return self.decision.terms if self.decision and self.status is Status.RETURNED else None

    @property
    def ended(self) -> date:
        """The day of the last fact; a case with an agreement in force has not ended at all.

        That somebody looked at the case does not keep it.
        """
        return max(line.at.date() for line in self.trail if line.type is not EventType.REVEALED)

    @property
    def return_reason(self) -> str | None:
        """Why the lead returned the plan, as a code of the policy pack."""
        return self.decision.reason if self.decision and self.status is Status.RETURNED else None

    @property
    def disclosures_read(self) -> frozenset[str]:
        """Ids of everything that was ever read to the borrower."""
        return frozenset(
            str(line.facts["disclosure"])
            for line in self.trail
            if line.type is EventType.DISCLOSURE_READ
        )


def fold(events: Sequence[Event]) -> CaseRecord:
    """Return the state of a case after these events: all of one case, in order, from the first.

    Raises CaseUnreadable for a fact without what its type has to say.
    """
    if not events or events[0].type is not EventType.CASE_OPENED:
        raise ValueError("the record of a case begins with its opening")
    case_file, status = events[0].body, Status.OPEN
    recorded: RecordedPlan | None = None
    decision: Decision | None = None
    agreements: list[ApprovedPlan] = []
    last_outcome: str | None = None
    live_since: datetime | None = None
    erased_at: datetime | None = None
    assigned_to: str | None = None
    trail: list[TrailLine] = []
    for event in events:
        try:
            live_since = _live_since(event, live_since)
            assigned_to = _assigned_to(event, assigned_to)
            if event.type in _STATUS_AFTER:
                status = _STATUS_AFTER[event.type]
            elif event.type in _ACTS_OF_A_CALL and status is Status.CLOSED:
                status = Status.OPEN
            if event.type is EventType.BUDGET_CHANGED:
                case_file = event.body
            elif event.type is EventType.PLAN_RECORDED:
                recorded, decision = recorded_plan(event), None
            elif event.type.is_decision:
                decision = decision_of(event)
                if event.type is EventType.APPROVED and recorded is not None:
                    agreements.append(ApprovedPlan(recorded, decision))
            elif event.type in _FOLLOW_UP:
                agreements = followed(agreements, event)
                status = _status_of(agreements) if status in _AFTER_APPROVAL else status
            elif event.type is EventType.CALL_CLOSED:
                last_outcome = str(event.body["outcome"])
                # A plan that waits or was decided outlives the call it was spoken in.
                status = Status.CLOSED if status is Status.OPEN else status
            elif event.type is EventType.PURGED:
                erased_at = event.at
            facts = _facts(event)
        except MALFORMED as error:
            # Its text may hold what the fact says about a person.
            raise CaseUnreadable(event.case_id, event.version, type(error).__name__) from error
        trail.append(TrailLine(event.version, event.at, event.actor, event.type, facts))
    last = events[-1]
    return CaseRecord(
        case_id=last.case_id,
        version=last.version,
        case_file=case_file,
        status=status,
        recorded=recorded,
        decision=decision,
        agreements=tuple(agreements),
        last_outcome=last_outcome,
        live_since=live_since if status is Status.PENDING else None,
        assigned_to=assigned_to,
        changed_at=last.at,
        trail=tuple(trail),
        erased_at=erased_at,
    )


def _status_of(agreements: Sequence[ApprovedPlan]) -> Status:
    """Return where a case stands after what happened to its agreements."""
    states = {item.state for item in agreements if item.is_in_force or not item.is_reopened}
    if PlanState.BROKEN in states:
        return Status.BROKEN
    return Status.KEPT if states == {PlanState.KEPT} else Status.APPROVED


def _live_since(event: Event, before: datetime | None) -> datetime | None:
    """Return since when a borrower waits on the phone after one more fact."""
    if event.type is EventType.BORROWER_WAITS:
        return (before or event.at) if event.body["waits"] else None
    is_over = event.type.is_decision or event.type in {
        EventType.PLAN_RECORDED,
        EventType.CALL_CLOSED,
    }
    return None if is_over else before


def _assigned_to(event: Event, before: str | None) -> str | None:
    """Return who works on the case for an agency after one more fact."""
    if event.type is not EventType.CASE_ASSIGNED:
        return before
    agent = event.body["agent"]
    return None if agent is None else str(agent)


def _facts(event: Event) -> Mapping[str, Json]:
    if event.type in {EventType.CASE_OPENED, EventType.BUDGET_CHANGED}:
        return {}
    if event.type is EventType.PLAN_RECORDED:
        return {"number": event.body["number"]}
    return event.body


def fold_readable(
    events: Sequence[Event],
) -> tuple[tuple[CaseRecord, ...], tuple[CaseUnreadable, ...]]:
    """Return the state of every case that can be read, and why each other one is left out."""
    records: list[CaseRecord] = []
    left_out: list[CaseUnreadable] = []
    for case_events in _by_case(events):
        first = case_events[0]
        if first.type is not EventType.CASE_OPENED:
            left_out.append(CaseUnreadable(first.case_id, first.version, "nothing opened the case"))
            continue
        try:
            records.append(fold(case_events))
        except CaseUnreadable as unreadable:
            left_out.append(unreadable)
    return tuple(records), tuple(left_out)


def _by_case(events: Sequence[Event]) -> list[list[Event]]:
    """Return the facts of each case, in the order in which the cases were opened."""
    of_case: dict[CaseId, list[Event]] = {}
    for event in events:
        of_case.setdefault(event.case_id, []).append(event)
    return list(of_case.values())


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A case as the queue shows it: nothing that identifies the borrower to a passer-by."""

    case_id: CaseId
    masked_name: str
    """The mark `erased` where nothing is left of the name."""
    product: Product
    """Of the negotiated debt with the largest amount owed."""
    owed: Money
    days_past_due: int
    stage: str
    status: Status
    last_outcome: str | None
    version: int
    changed_at: datetime
    plans: tuple[ApprovedPlan, ...] = field(default=(), repr=False)
    """The plans that were approved and not followed by a new negotiation."""


def queue_row(record: CaseRecord) -> QueueRow:
    """Return the line of the queue for a case."""
    case = record.case
    return QueueRow(
        case_id=record.case_id,
        masked_name=case.borrower.name.masked,
        product=case.lead_debt.product,
        owed=case.owed,
        days_past_due=case.days_past_due,
        stage=stage(case.days_past_due),
        status=record.status,
        last_outcome=record.last_outcome,
        version=record.version,
        changed_at=record.changed_at,
        plans=tuple(item for item in record.agreements if not item.is_reopened),
    )
