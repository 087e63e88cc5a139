"""What happens in a call, as acts for the record: offers, disclosures, budget, plan, outcome.

Each act can be recorded at once, or be kept while the store is away (`keeping.py`). Not here: how a
plan is found and drawn up (`negotiate.py`) and who decides on it (`decide.py`).
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
    debt_of,
    require_act,
    require_budget_only,
    require_recordable,
)
from plan_assistant.domain.waiting import Act
from plan_assistant.services.appending import append_to
from plan_assistant.services.desk import Desk
from plan_assistant.services.elsewhere import require_nowhere_else


def perform(desk: Desk, act: Act) -> Receipt:
    """Record an act as its person, with its key and its moment.

    Raises TransitionRefused when it may not be recorded, StaleCase when the case has moved on.
    """
    person = desk.taken_by(act.account)

    def facts(record: CaseRecord) -> Sequence[NewEvent]:
        match act.kind:
            case EventType.PLAN_RECORDED:
                agreement = act.facts[-1].body
                require_recordable(record, agreement, act.account)
                if not _is_recorded(person, act):
                    require_nowhere_else(person, record, debt_of(agreement))
                return [*_correction(record, act), *act.facts]
            case EventType.BUDGET_CHANGED:
                assert act.case is not None  # the act is made from it
                require_budget_only(record, act.case, act.account)
            case _:
                for fact in act.facts:
                    require_act(record, act.account, fact.type)
        return act.facts

    return append_to(person, act.case_id, facts, seen=act.seen, key=act.key, at=act.at)


def _is_recorded(desk: Desk, act: Act) -> bool:
    """Say whether the plan of an act is in its case already, and only the reply was lost.

    What has happened in other cases since then is no reason to refuse it: it gets its receipt.
    """
    number = act.facts[-1].body["number"]
    return any(
        event.type is EventType.PLAN_RECORDED and event.body["number"] == number
        for event in desk.store.events(act.case_id)
    )


def _correction(record: CaseRecord, act: Act) -> list[NewEvent]:
    if act.case is None or act.case == record.case:
        return []
    require_budget_only(record, act.case, act.account)
    return [NewEvent(EventType.BUDGET_CHANGED, write_case(act.case))]


def plan_accepted(
    desk: Desk,
    agreement: Mapping[str, Json],
    *,
    expected_version: int,
    key: RequestKey,
    price: Callable[[Terms], Schedule],
    case: Case | None = None,
    after: RequestKey | None = None,
) -> Act:
    """Return the act that sends the plan the borrower accepted to the team lead.

    `agreement` has the form plan-assistant/agreement@3 and is recorded as it is, after `price` has
    computed it again. `case` is the case as corrected in the call: where its budget differs from
    the recorded one, the correction is recorded in the same transaction. `after` names an act that
    was kept before. Raises InputRefused when a figure does not follow from the terms,
    ScheduleDefect when the schedule breaks an invariant.
    """

    def checked(terms: Terms) -> Schedule:
        schedule = price(terms)
        schedule.check()
        return schedule

    differences = recompute(agreement, desk.calendars.named, checked)
    if differences:
        raise InputRefused("agreement", [difference.problem for difference in differences])
    return Act(
        key=key,
        case_id=CaseId(str(agreement["case_id"])),
        account=desk.account,
        at=desk.clock.now(),
        facts=(NewEvent(EventType.PLAN_RECORDED, agreement),),
        seen=expected_version,
        case=case,
        after=after,
    )


def budget_corrected(
    desk: Desk,
    case: Case,
    *,
    expected_version: int,
    key: RequestKey,
    after: RequestKey | None = None,
) -> Act:
    """Return the act that corrects the budget of a case; `after` as in `plan_accepted`."""
    return Act(
        key=key,
        case_id=case.case_id,
        account=desk.account,
        at=desk.clock.now(),
        facts=(NewEvent(EventType.BUDGET_CHANGED, write_case(case)),),
        seen=expected_version,
        case=case,
        after=after,
    )


def offer_spoken(
    desk: Desk,
    case_id: CaseId,
    *,
    debt_id: str,
    plan: Mapping[str, Json],
    shown: Mapping[str, Json] | None,
    key: RequestKey,
) -> Act:
    """Return the act of offering a plan, now; `plan` holds the figures that were spoken.

    `shown` is what the search answered that it came from, so that it can be asked later what was
    known in the call; None where that is in the record already.
    """
    body: dict[str, Json] = {"debt_id": debt_id, "plan": dict(plan), "answer": None}
    facts = [NewEvent(EventType.OFFER_SPOKEN, body)]
    if shown is not None:
        facts.insert(0, NewEvent(EventType.OFFERS_SHOWN, shown))
    return _line(desk, case_id, facts, key)


def offer_refused(
    desk: Desk,
    case_id: CaseId,
    *,
    debt_id: str,
    plan: Mapping[str, Json],
    objection: str,
    key: RequestKey,
) -> Act:
    """Return the act of the borrower who refuses a plan; `objection` is a code of the pack."""
    body: dict[str, Json] = {"debt_id": debt_id, "plan": dict(plan), "answer": objection}
    return _line(desk, case_id, [NewEvent(EventType.OFFER_REFUSED, body)], key)


def disclosure_said(desk: Desk, case_id: CaseId, disclosure: str, key: RequestKey) -> Act:
    """Return the act of reading a disclosure to the borrower, now."""
    fact = NewEvent(EventType.DISCLOSURE_READ, {"disclosure": disclosure})
    return _line(desk, case_id, [fact], key)


def call_ended(desk: Desk, case_id: CaseId, outcome: str, key: RequestKey) -> Act:
    """Return the act of ending a call; a plan that waits or was decided stays as it is."""
    return _line(desk, case_id, [NewEvent(EventType.CALL_CLOSED, {"outcome": outcome})], key)


def _line(desk: Desk, case_id: CaseId, facts: Sequence[NewEvent], key: RequestKey) -> Act:
    return Act(key, case_id, desk.account, desk.clock.now(), tuple(facts))
