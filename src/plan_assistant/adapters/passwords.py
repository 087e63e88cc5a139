"""Passwords hashed with Argon2id; one run of the hash gives the check and a key.

Checking a password and opening what is encrypted under it would cost two runs of a fifth of a
second. One run gives a root, and two labels make two values of it that say nothing about each
other: what is stored for the check does not open the key. Not here: what may be a password
(`domain/passwords.py`).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

from plan_assistant.domain.passwords import PasswordKey, prepared

_SCHEME: Final = "plan-assistant-argon2id@1"
_FORM: Final = re.compile(
    r"plan-assistant-argon2id@1\$m=([0-9]{1,8}),t=([0-9]{1,4}),p=([0-9]{1,3})"
    r"\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2})"
)
_BYTES: Final = 32
_MOST_MEMORY: Final = 4 * 1024 * 1024
"""KiB; a row that asks for more was not written by this program."""
_FOR_THE_CHECK: Final = b"plan-assistant/password-verifier@1"
_FOR_THE_KEY: Final = b"plan-assistant/password-key@1"


@dataclass(frozen=True, slots=True)
class Costs:
    """What one hash takes: KiB of memory, rounds, lanes."""

    memory: int
    rounds: int
    lanes: int


class Argon2Passwords:
    """The hash with the costs its library recommends (RFC 9106), or others for tests."""

    def __init__(self, costs: Costs | None = None) -> None:
        self._costs = costs

    @property
    def costs(self) -> Costs:
        """What a new password costs; an older one keeps what it was made with."""
        if self._costs is None:
            from argon2.profiles import get_default_parameters  # noqa: PLC0415  # only to sign in

            given = get_default_parameters()
            self._costs = Costs(given.memory_cost, given.time_cost, given.parallelism)
        return self._costs

    def make(self, password: str) -> tuple[str, PasswordKey]:
        """Return what to store for a new password, and the key that it gives."""
        salt, costs = secrets.token_bytes(16), self.costs
        verifier, key = _parts(_root(password, salt, costs))
        form = f"m={costs.memory},t={costs.rounds},p={costs.lanes}"
        return f"{_SCHEME}${form}${_text(salt)}${_text(verifier)}", key

    def open(self, password: str, verifier: str) -> PasswordKey | None:
        """Return the key of the right password; None for a wrong one or a row nobody can read."""
        stored = _FORM.fullmatch(verifier)
        if stored is None:
            return None
        costs = Costs(*(int(text) for text in stored.group(1, 2, 3)))
        if not (8 * costs.lanes <= costs.memory <= _MOST_MEMORY and costs.rounds and costs.lanes):
            return None
        try:
            salt, expected = (base64.b64decode(text) for text in stored.group(4, 5))
        except binascii.Error:
            return None
        if len(salt) < 8:
            return None
        found, key = _parts(_root(password, salt, costs))
        return key if hmac.compare_digest(found, expected) else None

    def waste(self, password: str) -> None:
        """Take as long as a check."""
        _root(password, bytes(16), self.costs)


def _root(password: str, salt: bytes, costs: Costs) -> bytes:
    from argon2.low_level import Type, hash_secret_raw  # noqa: PLC0415  # only to sign in

    return hash_secret_raw(
        prepared(password).encode("utf-8", "surrogatepass"),
        salt,
        time_cost=costs.rounds,
        memory_cost=costs.memory,
        parallelism=costs.lanes,
        hash_len=_BYTES,
        type=Type.ID,
    )


def _parts(root: bytes) -> tuple[bytes, PasswordKey]:
    return (
        hmac.digest(root, _FOR_THE_CHECK, "sha256"),
        PasswordKey(hmac.digest(root, _FOR_THE_KEY, "sha256")),
    )


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
