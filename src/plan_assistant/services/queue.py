"""The cases at hand, one line each."""

from __future__ import annotations

from plan_assistant.domain.record import QueueRow, queue_row
from plan_assistant.services.at_hand import records_at_hand
from plan_assistant.services.desk import Desk


def queue_rows(desk: Desk) -> tuple[QueueRow, ...]:
    """Return every case that is for this person, in the order they were opened."""
    return tuple(queue_row(record) for record in records_at_hand(desk))
