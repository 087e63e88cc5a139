"""Finds cases by name or number of the borrower, of which the store holds keyed hashes only."""

from __future__ import annotations

from plan_assistant.domain.record import QueueRow, fold, queue_row
from plan_assistant.domain.transitions import is_at_hand
from plan_assistant.ports import Lookup, PersonalStore
from plan_assistant.services.desk import Desk


def find_cases(desk: Desk, store: PersonalStore, by: Lookup, text: str) -> tuple[QueueRow, ...]:
    """Return the line of the queue of every case of that borrower, names masked.

    An agency collector finds only what is assigned to them.
    """
    found = (fold(store.events(case_id)) for case_id in store.find(by, text))
    return tuple(queue_row(record) for record in found if is_at_hand(record, desk.account))
