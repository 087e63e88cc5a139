"""Puts a case into the store, so that it appears in the queue."""

from __future__ import annotations

from plan_assistant.domain.case import Case
from plan_assistant.domain.errors import StaleCase, TransitionRefused
from plan_assistant.domain.events import EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.transitions import require_role
from plan_assistant.services.desk import Desk


def open_case(desk: Desk, case: Case, key: RequestKey) -> Receipt:
    """Record a case; raises TransitionRefused when the store already has one of that id."""
    require_role(desk.account, EventType.CASE_OPENED)
    try:
        return desk.store.append(
            case.case_id,
            [NewEvent(EventType.CASE_OPENED, write_case(case))],
            actor=desk.account,
            at=desk.clock.now(),
            expected_version=0,
            key=key,
        )
    except StaleCase as error:
        raise TransitionRefused("case_exists", case_id=case.case_id) from error
