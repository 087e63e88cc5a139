"""Finds cases by name or number of the borrower, of which the store holds keyed hashes only."""

from __future__ import annotations

from plan_assistant.domain.record import QueueRow, fold, queue_row
from plan_assistant.ports import Lookup, PersonalStore


def find_cases(store: PersonalStore, by: Lookup, text: str) -> tuple[QueueRow, ...]:
    """Return the line of the queue of every case of that borrower, names masked."""
    return tuple(queue_row(fold(store.events(case_id))) for case_id in store.find(by, text))
