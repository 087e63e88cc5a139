"""Approves several requests at once: only those that break the same single rule, one event each.

Every request is decided as if it stood alone: its own signature, its own key, its own refusal. Not
here: one approval (`decide.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import PlanAssistantError, TransitionRefused
from plan_assistant.domain.events import Receipt, RequestKey
from plan_assistant.services.decide import PendingPlan, approve
from plan_assistant.services.desk import Desk
from plan_assistant.services.staff import Signing

MOST: Final = 20
"""Requests that are approved at once; nobody reads more of them with care."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request of a bulk."""

    plan: PendingPlan
    receipt: Receipt | None
    """None where it was refused."""
    refusal: PlanAssistantError | None


def require_bulk(plans: Sequence[PendingPlan]) -> str:
    """Return the one rule that all these requests break; refuse every other selection.

    None of them may have a borrower on the phone, be one's own, or stand there twice.
    """
    if not plans:
        raise TransitionRefused("bulk_is_empty")
    if len(plans) > MOST:
        raise TransitionRefused("bulk_is_too_large", count=str(len(plans)), most=str(MOST))
    if len({plan.case_id for plan in plans}) < len(plans):
        raise TransitionRefused("bulk_repeats")
    own = [plan.number for plan in plans if plan.is_own]
    if own:
        raise TransitionRefused("bulk_holds_own", numbers=", ".join(own))
    live = [plan.number for plan in plans if plan.is_live]
    if live:
        raise TransitionRefused("bulk_holds_live", numbers=", ".join(live))
    several = [plan.number for plan in plans if len(plan.needs_approval) != 1]
    if several:
        raise TransitionRefused("bulk_not_one_rule", numbers=", ".join(several))
    rules = sorted({plan.needs_approval[0] for plan in plans})
    if len(rules) > 1:
        raise TransitionRefused("bulk_rules_differ", rules=", ".join(rules))
    return rules[0]


def approve_all(
    desk: Desk,
    plans: Sequence[PendingPlan],
    *,
    keys: Mapping[CaseId, RequestKey],
    signing: Signing,
    sentence: str = "",
) -> tuple[Outcome, ...]:
    """Approve each request by itself; one that is refused does not stop the others.

    `keys` are made before the first try, one for each case, and kept for every retry.
    """
    require_bulk(plans)
    return tuple(_approved(desk, plan, keys[plan.case_id], signing, sentence) for plan in plans)


def _approved(
    desk: Desk, plan: PendingPlan, key: RequestKey, signing: Signing, sentence: str
) -> Outcome:
    try:
        receipt = approve(
            desk,
            plan.case_id,
            fingerprint=plan.fingerprint,
            version=plan.version,
            key=key,
            signing=signing,
            sentence=sentence,
        )
    except PlanAssistantError as refused:
        return Outcome(plan, None, refused)
    return Outcome(plan, receipt, None)
