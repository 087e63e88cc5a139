"""The cases at hand, one line each."""

from __future__ import annotations

from plan_assistant.domain.record import QueueRow, fold_all, queue_row
from plan_assistant.services.desk import Desk


def queue_rows(desk: Desk) -> tuple[QueueRow, ...]:
    """Return every case of the store, in the order they were opened."""
    return tuple(queue_row(record) for record in fold_all(desk.store.every_event()))
