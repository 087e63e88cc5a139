"""An open call, kept while its owner is signed out: everything that the screen held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.ui.screens.read_back import Draft, NotSent, Recorded


@dataclass(frozen=True)
class KeptCall:
    """The state of a call screen; it lives in the memory of the program, not on the disk."""

    call: Negotiation
    before_turn: Negotiation
    last_good: Negotiation | None
    draft: Draft
    note: str
    recorded: Recorded | None
    not_sent: NotSent | None
    opened: datetime | None
    live_since: datetime | None
