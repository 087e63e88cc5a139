"""What an approval stands on: its figures, the rules of the day, and the lead's own signature.

Not here: who may decide what (`domain/transitions.py`, `decide.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from plan_assistant.domain.approval import Fault, KeyRegistry, WrongApproval, fault_of
from plan_assistant.domain.approval import verify_approvals as first_wrong
from plan_assistant.domain.errors import PolicyTightened, TransitionRefused
from plan_assistant.domain.events import Event
from plan_assistant.domain.formats.agreement_file import read_stamp, recompute
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.policy.replay import RecordedTerms, closed_under, findings_under
from plan_assistant.domain.policy.succession import require_successor
from plan_assistant.domain.record import CaseRecord
from plan_assistant.domain.recorded_plan import Decision, RecordedPlan
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.transitions import rules_with
from plan_assistant.ports import ApprovalKeys
from plan_assistant.services.desk import Desk


def require_figures(desk: Desk, plan: RecordedPlan) -> None:
    """Refuse a plan of which a figure does not follow from its terms.

    None such is recorded here, but whoever has SQL of their own may write rows that no other check
    looks at. Raises InputRefused where its terms cannot be read or priced.
    """
    differences = recompute(plan.agreement, desk.calendars.named, price)
    if differences:
        raise TransitionRefused("figures_do_not_follow", place=differences[0].path)


def require_still_allowed(
    desk: Desk, record: CaseRecord, plan: RecordedPlan, on: date
) -> PolicyPack:
    """Check a plan again under the pack in force on that day, and return that pack.

    Raises TransitionRefused when that pack may not stand in for the recorded one, and
    PolicyTightened when a rule now forbids the plan, or asks to be allowed and was not among those
    that the request showed: nobody allows what they were not asked. So it is when a lever is no
    longer open to the plan, or a disclosure was not read to the borrower.
    """
    pack = desk.policies.for_case(record.case, on, plan.debt_id)
    require_successor(pack, read_stamp(plan.agreement))
    debt = record.case.debt(plan.debt_id)
    asked = set(rules_with(plan.agreement, Effect.APPROVAL))
    terms = RecordedTerms(record.case, debt, plan.agreement, on, plan.role)
    found = findings_under(pack, terms, desk.calendars.named)
    new = tuple(finding for finding in found if _is_new(finding, asked))
    # Which levers are open depends on the day, and the plan was found on that of its call.
    closed = closed_under(pack, replace(terms, on=plan.at.date()), desk.calendars.named)
    read = record.disclosures_read
    unread = tuple(each for each in pack.disclosures if each not in read)
    if new or closed or unread:
        raise PolicyTightened(pack.pack, pack.version, new, closed=closed, unread=unread)
    return pack


def _is_new(finding: Finding, asked: set[str]) -> bool:
    if finding.effect is Effect.BLOCK:
        return True
    return finding.effect is Effect.APPROVAL and finding.rule not in asked


def fault_in(
    events: Sequence[Event],
    plan: RecordedPlan,
    decision: Decision,
    registry: KeyRegistry,
    keys: ApprovalKeys,
) -> Fault | None:
    """Return what is wrong with the approval of a plan; `events` are those of its case."""
    approval, sent = events[decision.version - 1], events[plan.version - 1]
    is_decided = any(one.type.is_decision for one in events[plan.version : decision.version - 1])
    return fault_of(approval, None if is_decided else sent, registry, keys.is_signed)


def require_signed(
    desk: Desk, events: Sequence[Event], plan: RecordedPlan, decision: Decision
) -> None:
    """Refuse to work with an approval that its lead did not sign."""
    registry = desk.store.credentials.key_registry()
    fault = fault_in(events, plan, decision, registry, desk.keys)
    if fault is not None:
        raise TransitionRefused(
            "approval_does_not_hold",
            number=plan.number,
            by=decision.display_name,
            fault=fault.value,
        )


def wrong_approval(desk: Desk, events: Sequence[Event]) -> WrongApproval | None:
    """Return the first approval among these events that does not hold; None when all do.

    `events` are those of one case or of the whole store.
    """
    return first_wrong(events, desk.store.credentials.key_registry(), desk.keys.is_signed)
