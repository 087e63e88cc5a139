"""Carries out the acts of a call: in the store, or while that is away in the journal.

What is in the journal is delivered in order, so an act never overtakes one that waits. Not here:
delivering (`deliver.py`), and acts that need the store to answer: they raise its failure.
"""

from __future__ import annotations

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import MasterKeyUnusable, NotKept, PlanNotSent, StoreFailure
from plan_assistant.domain.events import EventType, Receipt, RequestKey
from plan_assistant.domain.waiting import Act, Away, why_away
from plan_assistant.ports import Journal
from plan_assistant.services.desk import Desk
from plan_assistant.services.record import call_ended, perform

BEHIND_OTHERS = "behind_others"
"""Why an act is kept without asking the store: earlier ones of its person wait."""


def carry_out(desk: Desk, act: Act) -> Receipt | None:
    """Record an act, or keep it while the store is away; None where it was kept.

    A plan that is kept was sent to nobody: that raises PlanNotSent. Refusals are never kept. Raises
    NotKept where neither the store nor the journal takes it.
    """
    journal = desk.journal
    if journal is None:
        return perform(desk, act)
    if _waiting_for(journal, act.account.name):
        _keep(journal, act, BEHIND_OTHERS, None)
        return None
    try:
        return perform(desk, act)
    except StoreFailure as failure:
        away = why_away(failure)
        if away is None:
            raise
        _keep(journal, act, away, failure)
        return None


def _waiting_for(journal: Journal, name: str) -> tuple[Act, ...]:
    try:
        return journal.content().waiting_for(name)
    except (NotKept, MasterKeyUnusable):
        # A journal that cannot be read is told by whoever shows it; it keeps nothing from a store
        # that answers.
        return ()


def _keep(journal: Journal, act: Act, why: Away | str, failure: StoreFailure | None) -> None:
    try:
        journal.keep(act)
    except NotKept as error:
        if failure is not None:
            raise error from failure
        raise
    if act.kind is EventType.PLAN_RECORDED:
        raise PlanNotSent(str(act.facts[-1].body["number"]), str(why)) from failure


def end_call(desk: Desk, case_id: CaseId, outcome: str, key: RequestKey) -> Receipt | None:
    """Note how a call ended; None where that was kept."""
    return carry_out(desk, call_ended(desk, case_id, outcome, key))


def waiting_of(desk: Desk) -> tuple[Act, ...]:
    """Return what the person at the desk did that waits for the store, in order."""
    return () if desk.journal is None else _waiting_for(desk.journal, desk.account.name)
