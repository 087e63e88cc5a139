"""Finds cases by name or number of the borrower, of which the store holds keyed hashes only."""

from __future__ import annotations

from plan_assistant.domain.record import QueueRow, queue_row
from plan_assistant.ports import Lookup
from plan_assistant.services.at_hand import AtHand, at_hand
from plan_assistant.services.desk import Desk


def find_cases(desk: Desk, by: Lookup, text: str) -> AtHand[QueueRow]:
    """Return the line of the queue of every case of that borrower, names masked.

    An agency collector finds only what is assigned to them.
    """
    return at_hand(desk, desk.store.find(by, text), queue_row)
