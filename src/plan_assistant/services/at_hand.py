"""The cases that the person at a desk may see.

Teams are kept apart by the database, where it can; which cases an agency sees is asked here too, so
that it holds on every store.
"""

from __future__ import annotations

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.record import CaseRecord, fold, fold_all
from plan_assistant.domain.transitions import is_at_hand, require_at_hand
from plan_assistant.services.desk import Desk


def record_of(desk: Desk, case_id: CaseId) -> CaseRecord:
    """Return the state of a case.

    Raises CaseNotFound where there is none, TransitionRefused where it is not for this person.
    """
    record = fold(desk.store.events(case_id))
    require_at_hand(record, desk.account)
    return record


def records_at_hand(desk: Desk) -> tuple[CaseRecord, ...]:
    """Return the state of every case for this person, in the order they were opened."""
    return tuple(
        record for record in fold_all(desk.store.every_event()) if is_at_hand(record, desk.account)
    )
