"""The cases at hand, one line each."""

from __future__ import annotations

from plan_assistant.domain.record import QueueRow, queue_row
from plan_assistant.services.at_hand import AtHand, each_at_hand
from plan_assistant.services.desk import Desk


def queue_of(desk: Desk) -> AtHand[QueueRow]:
    """Return every case that is for this person, and those that cannot be read."""
    return each_at_hand(desk, queue_row)


def queue_rows(desk: Desk) -> tuple[QueueRow, ...]:
    """Return every case that is for this person, in the order they were opened."""
    return queue_of(desk).lines
