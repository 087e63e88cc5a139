"""Master keys as text: how one is written, read, and made.

Not here: the places that hold such texts (`sources.py`).
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Sequence
from typing import Final

from plan_assistant.domain.errors import MasterKeyUnusable
from plan_assistant.ports import MasterKey

SECRET_BYTES: Final = 32


def new_master_key() -> MasterKey:
    """Return a key made by chance."""
    return MasterKey(secrets.token_bytes(SECRET_BYTES))


def written(key: MasterKey) -> str:
    """Return a key as one word of text."""
    return base64.b64encode(key.secret).decode()


def written_all(keys: Sequence[MasterKey]) -> str:
    """Return keys as the text of a file."""
    return "".join(f"{written(key)}\n" for key in keys)


def read_all(text: str, place: str) -> tuple[MasterKey, ...]:
    """Return the keys in a text, in order: one a word, lines that begin with # left out.

    Raises MasterKeyUnusable for anything that is no key; the text is never repeated.
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    keys = []
    for word in " ".join(lines).split():
        try:
            secret = base64.b64decode(word, validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != SECRET_BYTES:
            raise unusable(place, f"it holds something that is not {SECRET_BYTES} bytes in base64")
        keys.append(MasterKey(secret))
    return tuple(keys)


def unusable(place: str, reason: str) -> MasterKeyUnusable:
    """Return the failure of a place of keys."""
    return MasterKeyUnusable(
        f"the master key in {place} cannot be used: {reason}. Nothing was opened. Mend it, or name"
        " another key with PLAN_ASSISTANT_MASTER_KEY; `plan-assistant keys new` makes one.",
        place=place,
        reason=reason,
    )
