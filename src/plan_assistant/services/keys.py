"""Idempotency keys: made here, before the first try, and kept for every retry of the same act."""

from __future__ import annotations

import uuid

from plan_assistant.domain.events import RequestKey


def new_key() -> RequestKey:
    """Return a fresh key."""
    return RequestKey(str(uuid.uuid4()))


def key_of(content: str) -> RequestKey:
    """Return the key of an act that is the same whenever its content is, such as an import."""
    return RequestKey(str(uuid.uuid5(uuid.NAMESPACE_OID, content)))
