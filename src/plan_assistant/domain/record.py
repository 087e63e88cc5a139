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

from plan_assistant.domain.case import Case, CaseId, DebtId, Product
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Event, EventType, Json
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.formats.case_file import read_case
from plan_assistant.domain.money import Money
from plan_assistant.domain.personal_fields import content_of
from plan_assistant.domain.policy.findings import Role


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
    CLOSED = "closed"
    """The last call ended without a plan; the next act of a call opens the case again."""


_STATUS_AFTER: Final[Mapping[EventType, Status]] = {
    EventType.CASE_OPENED: Status.OPEN,
    EventType.PLAN_RECORDED: Status.PENDING,
    EventType.APPROVED: Status.APPROVED,
    EventType.RETURNED: Status.RETURNED,
    EventType.DECLINED: Status.DECLINED,
    EventType.CANCELLED: Status.CANCELLED,
}

_ACTS_OF_A_CALL: Final = frozenset(
    {
        EventType.BUDGET_CHANGED,
        EventType.OFFERS_SHOWN,
        EventType.OFFER_SPOKEN,
        EventType.OFFER_REFUSED,
        EventType.DISCLOSURE_READ,
    }
)

_BUCKETS: Final = ("M0", "M1", "M2", "M3", "M4", "M5", "M6")


def stage(days_past_due: int) -> str:
    """Return the aging bucket 账龄: M0 not overdue, M1 up to 30 days ... M6 up to 180, M6+ beyond.

    >>> stage(0), stage(1), stage(30), stage(31), stage(180), stage(181)
    ('M0', 'M1', 'M1', 'M2', 'M6', 'M6+')
    """
    bucket = (days_past_due + 29) // 30
    return _BUCKETS[bucket] if bucket < len(_BUCKETS) else "M6+"


@dataclass(frozen=True)
class RecordedPlan:
    """A plan that was sent for approval."""

    agreement: Mapping[str, Json] = field(repr=False)
    """In the form plan-assistant/agreement@2; @1 where it was recorded earlier."""
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


@dataclass(frozen=True, slots=True)
class InForce:
    """An agreement that was approved and stays in force."""

    plan: RecordedPlan
    decision: Decision


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
    in_force: tuple[InForce, ...]
    """The agreements in force, at most one for each debt, in the order they were approved."""
    last_outcome: str | None
    """The outcome of the last call that was closed without a plan."""
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
    def approved(self) -> RecordedPlan | None:
        """The plan that was recorded last, if it was approved."""
        return self.recorded if self.status is Status.APPROVED else None

    def in_force_for(self, debt_id: DebtId) -> InForce | None:
        """Return the agreement in force about a debt."""
        return next((item for item in self.in_force if item.plan.debt_id == debt_id), None)

    @property
    def approval(self) -> dict[str, Json] | None:
        """Who approved the recorded plan and when, as documents print it; None unless approved."""
        if self.status is not Status.APPROVED or self.decision is None:
            return None
        return self.decision.approval

    @property
    def terms_from_lead(self) -> Mapping[str, Json] | None:
        """The dials that the lead would grant for the plan that was returned, as recorded."""
        return self.decision.terms if self.decision and self.status is Status.RETURNED else None

    @property
    def ended(self) -> date:
        """The day of the last fact, or the last due date of an agreement in force if it is later.

        That somebody looked at the case does not keep it.
        """
        acts = [line.at.date() for line in self.trail if line.type is not EventType.REVEALED]
        return max([*acts, *(item.plan.last_due for item in self.in_force)])

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
    """Return the state of a case after these events: all of one case, in order, from the first."""
    if not events or events[0].type is not EventType.CASE_OPENED:
        raise ValueError("the record of a case begins with its opening")
    case_file, status = events[0].body, Status.OPEN
    recorded: RecordedPlan | None = None
    decision: Decision | None = None
    in_force: list[InForce] = []
    last_outcome: str | None = None
    live_since: datetime | None = None
    erased_at: datetime | None = None
    assigned_to: str | None = None
    for event in events:
        live_since = _live_since(event, live_since)
        if event.type in _STATUS_AFTER:
            status = _STATUS_AFTER[event.type]
        elif event.type in _ACTS_OF_A_CALL and status is Status.CLOSED:
            status = Status.OPEN
        if event.type is EventType.BUDGET_CHANGED:
            case_file = event.body
        elif event.type is EventType.PLAN_RECORDED:
            recorded, decision = _recorded(event), None
        elif event.type.is_decision:
            decision = _decision(event)
            if event.type is EventType.APPROVED and recorded is not None:
                in_force.append(InForce(recorded, decision))
        elif event.type is EventType.CASE_ASSIGNED:
            agent = event.body["agent"]
            assigned_to = None if agent is None else str(agent)
        elif event.type is EventType.CALL_CLOSED:
            last_outcome = str(event.body["outcome"])
            # A plan that waits or was decided outlives the call it was spoken in.
            status = Status.CLOSED if status is Status.OPEN else status
        elif event.type is EventType.PURGED:
            erased_at = event.at
    last = events[-1]
    return CaseRecord(
        case_id=last.case_id,
        version=last.version,
        case_file=case_file,
        status=status,
        recorded=recorded,
        decision=decision,
        in_force=tuple(in_force),
        last_outcome=last_outcome,
        live_since=live_since if status is Status.PENDING else None,
        assigned_to=assigned_to,
        changed_at=last.at,
        trail=tuple(
            TrailLine(item.version, item.at, item.actor, item.type, _facts(item)) for item in events
        ),
        erased_at=erased_at,
    )


def _live_since(event: Event, before: datetime | None) -> datetime | None:
    """Return since when a borrower waits on the phone after one more fact."""
    if event.type is EventType.BORROWER_WAITS:
        return (before or event.at) if event.body["waits"] else None
    is_over = event.type.is_decision or event.type in {
        EventType.PLAN_RECORDED,
        EventType.CALL_CLOSED,
    }
    return None if is_over else before


def _recorded(event: Event) -> RecordedPlan:
    stored = content_of(event.type, event.stored_body)
    return RecordedPlan(event.body, event.actor, event.at, event.version, event.role, stored)


def _decision(event: Event) -> Decision:
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


def _facts(event: Event) -> Mapping[str, Json]:
    if event.type in {EventType.CASE_OPENED, EventType.BUDGET_CHANGED}:
        return {}
    if event.type is EventType.PLAN_RECORDED:
        return {"number": event.body["number"]}
    return event.body


def fold_all(events: Sequence[Event]) -> tuple[CaseRecord, ...]:
    """Return the state of every case, in the order they were opened."""
    of_case: dict[CaseId, list[Event]] = {}
    for event in events:
        of_case.setdefault(event.case_id, []).append(event)
    return tuple(fold(case_events) for case_events in of_case.values())


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
    )
