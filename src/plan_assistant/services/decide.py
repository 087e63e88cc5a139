"""The team lead's side: what waits; approving, returning or declining it; the maker's way back.

What is decided is a content (its fingerprint) on a state of the case (its version), never "whatever
is there now". Not here: what a case allows (`domain/transitions.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import EventType, Json, NewEvent, Receipt, RequestKey
from plan_assistant.domain.policy.findings import Effect
from plan_assistant.domain.record import CaseRecord, RecordedPlan, TrailLine
from plan_assistant.domain.text import mask_name
from plan_assistant.domain.transitions import require_cancellable, require_decidable, rules_with
from plan_assistant.services.appending import append_to
from plan_assistant.services.at_hand import records_at_hand
from plan_assistant.services.desk import Desk


@dataclass(frozen=True, slots=True)
class PendingPlan:
    """A plan that waits for a decision, as the approvals list shows it."""

    case_id: CaseId
    version: int
    """Hand it back with the decision: it says what was looked at."""
    number: str
    fingerprint: str
    """Hand it back with the decision."""
    maker: str
    since: datetime
    masked_name: str
    agreement: Mapping[str, Json]
    trail: tuple[TrailLine, ...]
    needs_approval: tuple[str, ...]
    """The rules that somebody with more authority has to allow."""
    is_own: bool
    """Whether the person at the desk made it: they may take it back and may not decide it."""


def pending(desk: Desk) -> tuple[PendingPlan, ...]:
    """Return what waits for a decision, oldest first."""
    waiting = [
        _pending_plan(desk, record, plan)
        for record in records_at_hand(desk)
        if (plan := record.pending) is not None
    ]
    return tuple(sorted(waiting, key=lambda plan: (plan.since, plan.case_id)))


def _pending_plan(desk: Desk, record: CaseRecord, plan: RecordedPlan) -> PendingPlan:
    return PendingPlan(
        case_id=record.case_id,
        version=record.version,
        number=plan.number,
        fingerprint=plan.fingerprint,
        maker=plan.maker,
        since=plan.at,
        masked_name=mask_name(record.case.borrower.name),
        agreement=plan.agreement,
        trail=record.trail,
        needs_approval=rules_with(plan.agreement, Effect.APPROVAL),
        is_own=plan.maker == desk.account.name,
    )


def approve(
    desk: Desk,
    case_id: CaseId,
    *,
    fingerprint: str,
    version: int,
    key: RequestKey,
    sentence: str = "",
) -> Receipt:
    """Approve exactly the plan with that fingerprint; two broken rules need a sentence."""

    def act(record: CaseRecord) -> list[NewEvent]:
        plan = require_decidable(record, EventType.APPROVED, fingerprint, desk.account)
        _require_future(plan, desk.clock.now().date())
        broken = rules_with(plan.agreement, Effect.APPROVAL)
        if len(broken) > 1 and not sentence.strip():
            raise TransitionRefused("sentence_missing", rules=", ".join(broken))
        return [_decision(desk, EventType.APPROVED, fingerprint, None, sentence)]

    return append_to(desk, case_id, act, seen=version, key=key)


def _require_future(plan: RecordedPlan, today: date) -> None:
    """Refuse to approve a plan whose first payment day has come while it waited."""
    whole = plan.agreement["plan"]
    summary = whole["summary"] if isinstance(whole, dict) else None
    first_due = summary["first_due"] if isinstance(summary, dict) else None
    if date.fromisoformat(str(first_due)) <= today:
        raise TransitionRefused("first_due_passed", first_due=str(first_due))


def return_plan(
    desk: Desk,
    case_id: CaseId,
    *,
    fingerprint: str,
    version: int,
    reason: str,
    key: RequestKey,
    sentence: str = "",
) -> Receipt:
    """Send the plan back for other terms; `reason` is a code of the policy pack."""
    refusal = _Refusal(EventType.RETURNED, fingerprint, reason, sentence)
    return _refuse(desk, case_id, refusal, version, key)


def decline(
    desk: Desk,
    case_id: CaseId,
    *,
    fingerprint: str,
    version: int,
    reason: str,
    key: RequestKey,
    sentence: str = "",
) -> Receipt:
    """Decline the plan; `reason` is a code of the policy pack."""
    refusal = _Refusal(EventType.DECLINED, fingerprint, reason, sentence)
    return _refuse(desk, case_id, refusal, version, key)


def return_reasons(desk: Desk, record: CaseRecord) -> tuple[str, ...]:
    """Return the codes to choose from for the plan that was recorded last."""
    debt = record.recorded.debt_id if record.recorded else None
    return desk.policies.for_case(record.case, desk.clock.now().date(), debt).return_reasons


@dataclass(frozen=True, slots=True)
class _Refusal:
    outcome: EventType
    fingerprint: str
    reason: str
    sentence: str


def _refuse(
    desk: Desk, case_id: CaseId, refusal: _Refusal, version: int, key: RequestKey
) -> Receipt:
    def act(record: CaseRecord) -> list[NewEvent]:
        outcome, fingerprint, reason = refusal.outcome, refusal.fingerprint, refusal.reason
        require_decidable(record, outcome, fingerprint, desk.account)
        known = return_reasons(desk, record)
        if reason not in known:
            raise TransitionRefused("reason_unknown", reason=reason, known=", ".join(known))
        return [_decision(desk, outcome, fingerprint, reason, refusal.sentence)]

    return append_to(desk, case_id, act, seen=version, key=key)


def cancel(
    desk: Desk,
    case_id: CaseId,
    *,
    fingerprint: str,
    version: int,
    key: RequestKey,
    sentence: str = "",
) -> Receipt:
    """Take a waiting plan back, as its maker. It stays in the record."""

    def act(record: CaseRecord) -> list[NewEvent]:
        require_cancellable(record, fingerprint, desk.account)
        return [_decision(desk, EventType.CANCELLED, fingerprint, None, sentence)]

    return append_to(desk, case_id, act, seen=version, key=key)


def _decision(
    desk: Desk, outcome: EventType, fingerprint: str, reason: str | None, sentence: str
) -> NewEvent:
    body: dict[str, Json] = {
        "fingerprint": fingerprint,
        "display_name": desk.account.display_name,
        "reason": reason,
        "sentence": sentence.strip(),
    }
    return NewEvent(outcome, body)
