"""Hands a case to an agency collector, or takes it back."""

from __future__ import annotations

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account, EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.record import CaseRecord
from plan_assistant.domain.transitions import require_assignable
from plan_assistant.services.appending import append_to
from plan_assistant.services.desk import Desk


def assign(
    desk: Desk, case_id: CaseId, agent: str | None, *, version: int, key: RequestKey
) -> Receipt:
    """Let that agency collector, and no other, work on a case; None takes it back.

    The lead and the team keep seeing it. Raises TransitionRefused for anybody who is not an agency
    collector, and while a plan waits.
    """
    person = None if agent is None else _named(desk, agent)

    def act(record: CaseRecord) -> list[NewEvent]:
        require_assignable(record, person, desk.account)
        return [NewEvent(EventType.CASE_ASSIGNED, {"agent": agent})]

    return append_to(desk, case_id, act, seen=version, key=key)


def _named(desk: Desk, name: str) -> Account:
    people = desk.store.accounts()
    for person in people:
        if person.name == name:
            return person
    raise TransitionRefused(
        "no_such_account", name=name, known=", ".join(person.name for person in people)
    )
