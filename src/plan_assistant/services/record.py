"""Records what happens in a call: offers spoken and refused, disclosures, the plan that was agreed.

Not here: how a plan is found and drawn up (`negotiate.py`) and who decides on it (`decide.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.events import EventType, Json, NewEvent, Receipt, RequestKey
from plan_assistant.domain.formats.agreement_file import recompute
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.record import CaseRecord
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.domain.transitions import (
    require_act,
    require_budget_only,
    require_recordable,
)
from plan_assistant.services.appending import append_to
from plan_assistant.services.desk import Desk


def record_plan(
    desk: Desk,
    agreement: Mapping[str, Json],
    *,
    expected_version: int,
    key: RequestKey,
    price: Callable[[Terms], Schedule],
    case: Case | None = None,
) -> Receipt:
    """Record the plan the borrower accepted; from here it waits for the team lead.

    `agreement` has the form plan-assistant/agreement@2 and is recorded as it is, after `price` has
    computed it again. `case` is the case as corrected in the call: where its budget differs from
    the recorded one, the correction is recorded in the same transaction. Raises InputRefused when a
    figure does not follow from the terms, ScheduleDefect when the schedule breaks an invariant,
    TransitionRefused when the plan may not be recorded, StaleCase when the case has moved on.
    """

    def checked(terms: Terms) -> Schedule:
        schedule = price(terms)
        schedule.check()
        return schedule

    differences = recompute(agreement, desk.calendars.named, checked)
    if differences:
        raise InputRefused("agreement", [difference.problem for difference in differences])

    def act(record: CaseRecord) -> list[NewEvent]:
        require_recordable(record, agreement, desk.account)
        return [*_correction(desk, record, case), NewEvent(EventType.PLAN_RECORDED, agreement)]

    return append_to(desk, CaseId(str(agreement["case_id"])), act, seen=expected_version, key=key)


def _correction(desk: Desk, record: CaseRecord, case: Case | None) -> list[NewEvent]:
    if case is None or case == record.case:
        return []
    require_budget_only(record, case, desk.account)
    return [NewEvent(EventType.BUDGET_CHANGED, write_case(case))]


def change_budget(desk: Desk, case: Case, *, expected_version: int, key: RequestKey) -> Receipt:
    """Record a corrected budget; nothing else of a case may change, and no plan may be waiting."""

    def act(record: CaseRecord) -> list[NewEvent]:
        require_budget_only(record, case, desk.account)
        return [NewEvent(EventType.BUDGET_CHANGED, write_case(case))]

    return append_to(desk, case.case_id, act, seen=expected_version, key=key)


def note_offer_spoken(
    desk: Desk,
    case_id: CaseId,
    *,
    debt_id: str,
    plan: Mapping[str, Json],
    shown: Mapping[str, Json] | None,
    key: RequestKey,
) -> Receipt:
    """Note that a plan was offered, now; `plan` holds the figures that were spoken.

    `shown` is what the search answered that it came from, so that it can be asked later what was
    known in the call; None where that is in the record already.
    """
    body: dict[str, Json] = {"debt_id": debt_id, "plan": dict(plan), "answer": None}
    facts = [NewEvent(EventType.OFFER_SPOKEN, body)]
    if shown is not None:
        facts.insert(0, NewEvent(EventType.OFFERS_SHOWN, shown))
    return _note(desk, case_id, facts, key)


def note_offer_refused(
    desk: Desk,
    case_id: CaseId,
    *,
    debt_id: str,
    plan: Mapping[str, Json],
    objection: str,
    key: RequestKey,
) -> Receipt:
    """Note that the borrower refused a plan; `objection` is a code of the policy pack."""
    body: dict[str, Json] = {"debt_id": debt_id, "plan": dict(plan), "answer": objection}
    return _note(desk, case_id, [NewEvent(EventType.OFFER_REFUSED, body)], key)


def disclosure_read(desk: Desk, case_id: CaseId, disclosure: str, key: RequestKey) -> Receipt:
    """Note that a disclosure was read to the borrower, now."""
    fact = NewEvent(EventType.DISCLOSURE_READ, {"disclosure": disclosure})
    return _note(desk, case_id, [fact], key)


def close_call(desk: Desk, case_id: CaseId, outcome: str, key: RequestKey) -> Receipt:
    """Note how a call ended; a plan that waits or was decided stays as it is."""
    return _note(desk, case_id, [NewEvent(EventType.CALL_CLOSED, {"outcome": outcome})], key)


def _note(desk: Desk, case_id: CaseId, facts: Sequence[NewEvent], key: RequestKey) -> Receipt:
    def act(record: CaseRecord) -> Sequence[NewEvent]:
        for fact in facts:
            require_act(record, desk.account, fact.type)
        return facts

    return append_to(desk, case_id, act, seen=None, key=key)
