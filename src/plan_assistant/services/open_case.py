"""Puts a case into the store, so that it appears in the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from plan_assistant.domain.case import Case
from plan_assistant.domain.errors import (
    InputRefused,
    KeyReused,
    Problem,
    StaleCase,
    TransitionRefused,
)
from plan_assistant.domain.events import EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.transitions import require_role
from plan_assistant.services.desk import Desk
from plan_assistant.services.keys import key_of


def require_past(case: Case, today: date) -> None:
    """Refuse figures of a day that has not come."""
    if case.as_of > today:
        sentence = f"{case.as_of} has not come yet: export the case again"
        raise InputRefused(f"case {case.case_id}", [Problem("as_of", sentence)])


def import_cases(desk: Desk, cases: Sequence[Case]) -> list[Receipt]:
    """Record cases that may be imported again: all of them, or none where one is refused.

    The receipts say which of them were there already.
    """
    require_role(desk.account, EventType.CASE_OPENED)
    for case in cases:
        require_past(case, desk.clock.now().date())
    known = frozenset(desk.store.case_ids())
    # Those that are there come first: of the others nobody refuses one any more.
    return [
        import_case(desk, case)
        for case in sorted(cases, key=lambda case: case.case_id not in known)
    ]


def import_case(desk: Desk, case: Case) -> Receipt:
    """Record a case that may be imported again: the same, by the same person, is recorded once.

    The key stands in the record in clear and for ever: a hash over what a file says of a borrower
    would confirm a guess at their name, also after the case was erased.
    """
    try:
        return open_case(desk, case, key_of(f"import:{case.case_id}"))
    except KeyReused as error:
        raise TransitionRefused("case_exists", case_id=case.case_id) from error


def open_case(desk: Desk, case: Case, key: RequestKey) -> Receipt:
    """Record a case; raises TransitionRefused when the store already has one of that id."""
    require_role(desk.account, EventType.CASE_OPENED)
    require_past(case, desk.clock.now().date())
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
