"""Terms that a lead names when returning a plan: what they lead to, before and after.

They are dials, not a plan: the borrower has to accept what they lead to, and that is recorded anew.
Not here: the return itself (`decide.py`).
"""

from __future__ import annotations

from plan_assistant.domain.events import EventType
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.record import CaseRecord
from plan_assistant.domain.transitions import require_role
from plan_assistant.services.desk import Desk
from plan_assistant.services.negotiate import consider


def plan_for(desk: Desk, record: CaseRecord, terms: Wishes) -> Plan | None:
    """Return the plan that the lead's terms lead to for the debt that was asked about.

    None where no plan meets them. Raises InvalidTerms for dials that describe no plan.
    """
    require_role(desk.account, EventType.RETURNED)
    assert record.recorded is not None  # a plan waits, or waited
    debt_id = record.recorded.debt_id
    today = desk.clock.now().date()
    policy = desk.policies.for_case(record.case, today, debt_id)
    state = consider(
        record.case,
        policy=policy,
        holidays=desk.calendars.named(policy.calendar),
        today=today,
        role=desk.account.role,
        debt_id=debt_id,
        wishes=terms,
    )
    return state.plan if state.offers.is_met else None
