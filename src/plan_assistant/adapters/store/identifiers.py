"""Identifiers of facts: UUIDs of version 7, which sort by time and fill an index at its end."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

from plan_assistant.domain.events import EventId


def new_event_id(at: datetime) -> EventId:
    """Return a fresh UUIDv7 (RFC 9562) of that moment."""
    milliseconds = (int(at.timestamp()) * 1000 + at.microsecond // 1000) & (2**48 - 1)
    bits = (
        milliseconds << 80
        | 0x7 << 76
        | secrets.randbits(12) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )
    return EventId(str(uuid.UUID(int=bits)))
