"""Passwords of the invented people, hashed with almost no work: a test waits for nothing."""

from __future__ import annotations

from dataclasses import replace

from plan_assistant.adapters.approval_keys import Ed25519Keys
from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.passwords import Argon2Passwords, Costs
from plan_assistant.domain.approval import ApprovalKey
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Account
from plan_assistant.domain.passwords import PasswordKey
from plan_assistant.ports import Clock, Store
from plan_assistant.services.staff import (
    Door,
    Proof,
    Signing,
    authenticate,
    give_demo_password,
    signing_of,
)
from tests.people import NOW

PASSWORD = "five small words here"
"""Of everybody who works in a test."""

CHEAP = Argon2Passwords(Costs(memory=8, rounds=1, lanes=1))
KEYS = Ed25519Keys()


def door_of(store: Store, clock: Clock | None = None) -> Door:
    """Return the door of a store, with a hash that costs next to nothing."""
    return Door(store, clock or DemoClock(NOW), CHEAP, KEYS)


def give_password(store: Store, person: Account, password: str = PASSWORD) -> None:
    """Give a person who works here their first password."""
    give_demo_password(door_of(store), person, password)


def another_first_key(person: Account) -> dict[str, str | int]:
    """Return a row of the registry that contradicts nothing: a new first key that signs itself."""
    signer, _ = KEYS.make(person.name, PasswordKey(bytes(32)))
    bare = ApprovalKey(
        person.name, 1, signer.public_key, NOW, person.name, person.name, signer.public_key, ""
    )
    signed = replace(bare, endorsement=signer.sign(bare.content))
    return {**{name: getattr(signed, name) for name in ApprovalKey.__slots__}, "at": moment(NOW)}


def proof_of(store: Store, person: Account, password: str = PASSWORD) -> Proof:
    """Return the proof that a person is at work."""
    return authenticate(door_of(store), person.name, password)


def signing_by(store: Store, person: Account) -> Signing:
    """Return the key of a person, always of the same moment and salt, as a screen keeps it.

    The person gets a password if need be. On PostgreSQL only those who approve get one; others sign
    with a key that no store knows.
    """
    if store.credentials.password_of(person.name) is None:
        try:
            give_password(store, person)
        except TransitionRefused as refusal:
            if refusal.code != "password_for_approvals":
                raise
            signer = KEYS.make(person.name, CHEAP.make(PASSWORD)[1])[0]
            return Signing(person.name, signer, NOW, nonce=person.name)
    signing = signing_of(door_of(store), proof_of(store, person), NOW)
    return replace(signing, nonce=person.name)
