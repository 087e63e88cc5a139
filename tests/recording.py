"""Acts of a call recorded at once, as a test prepares a case: no journal stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.events import Json, Receipt, RequestKey
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.services.desk import Desk
from plan_assistant.services.record import (
    budget_corrected,
    call_ended,
    disclosure_said,
    offer_refused,
    offer_spoken,
    perform,
    plan_accepted,
)


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

    Raises also what `perform` raises.
    """
    act = plan_accepted(
        desk, agreement, expected_version=expected_version, key=key, price=price, case=case
    )
    return perform(desk, act)


def change_budget(desk: Desk, case: Case, *, expected_version: int, key: RequestKey) -> Receipt:
    """Record a corrected budget; nothing else of a case may change, and no plan may be waiting."""
    return perform(desk, budget_corrected(desk, case, expected_version=expected_version, key=key))


def note_offer_spoken(
    desk: Desk,
    case_id: CaseId,
    *,
    debt_id: str,
    plan: Mapping[str, Json],
    shown: Mapping[str, Json] | None,
    key: RequestKey,
) -> Receipt:
    """Note that a plan was offered, now."""
    return perform(
        desk, offer_spoken(desk, case_id, debt_id=debt_id, plan=plan, shown=shown, key=key)
    )


def note_offer_refused(
    desk: Desk,
    case_id: CaseId,
    *,
    debt_id: str,
    plan: Mapping[str, Json],
    objection: str,
    key: RequestKey,
) -> Receipt:
    """Note that the borrower refused a plan, now."""
    return perform(
        desk, offer_refused(desk, case_id, debt_id=debt_id, plan=plan, objection=objection, key=key)
    )


def disclosure_read(desk: Desk, case_id: CaseId, disclosure: str, key: RequestKey) -> Receipt:
    """Note that a disclosure was read to the borrower, now."""
    return perform(desk, disclosure_said(desk, case_id, disclosure, key))


def close_call(desk: Desk, case_id: CaseId, outcome: str, key: RequestKey) -> Receipt:
    """Note how a call ended."""
    return perform(desk, call_ended(desk, case_id, outcome, key))
