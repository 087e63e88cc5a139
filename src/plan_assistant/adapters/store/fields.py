"""Personal fields in the database: sealed on the way in, opened on the way out, found by a hash.

Here lie the tables of keys. Not here: the cryptography (`adapters/keys/vault.py`) and which fields
are personal (`domain/personal_fields.py`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from plan_assistant.adapters.keys.vault import (
    FieldCipher,
    NotOpened,
    Wrapping,
    blind,
    keyed,
    new_secret,
)
from plan_assistant.adapters.store.failures import damaged
from plan_assistant.adapters.store.schema import case_key, person_index, store_key
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import MasterKeyMissing, TransitionRefused
from plan_assistant.domain.events import EventId, EventType, Json, NewEvent
from plan_assistant.domain.lookup import id_key, name_key, phone_key
from plan_assistant.domain.personal import ERASED
from plan_assistant.domain.personal_fields import opened_form, sealed_form, with_personal
from plan_assistant.ports import KeyRing, Lookup, MasterKey

_INDEX: Final = "index"
_REQUEST: Final = "request"
_KEYS_KEPT: Final = 4096
"""Unwrapped keys that are remembered; unwrapping one costs some microseconds."""
_NORMALISED: Final = {Lookup.NAME: name_key, Lookup.ID_NUMBER: id_key, Lookup.PHONE: phone_key}


@dataclass(frozen=True, slots=True)
class CaseKey:
    """The key of a case as it is stored."""

    key_id: str
    case_id: CaseId
    master_key_id: str | None
    wrapped: str | None
    """None where it was destroyed."""
    is_fresh: bool = field(default=False, compare=False)
    """Whether it was just made, and is not stored yet."""


class PersonalFields:
    """Seals and opens the personal fields of one store."""

    def __init__(self, ring: KeyRing, place: str, stored: Mapping[str, tuple[str, str]]) -> None:
        """`stored` has master key id and wrapped key by purpose. Raises MasterKeyMissing."""
        self._ring = ring
        self._place = place
        # As methods the caches would keep every store that was ever opened.
        self._wrapping = lru_cache(maxsize=8)(self._make_wrapping)
        self._cipher = lru_cache(maxsize=_KEYS_KEPT)(self._make_cipher)
        secret = {
            purpose: self._unwrapped(master, wrapped, _store_place(purpose))
            for purpose, (master, wrapped) in stored.items()
        }
        self._index_key, self._request_key = secret[_INDEX], secret[_REQUEST]
        self.master_key_id = stored[_INDEX][0]

    # --- keys ---------------------------------------------------------------------------------

    def _make_wrapping(self, master_key_id: str) -> Wrapping:
        master = self._ring.find(master_key_id)
        if master is None:
            raise MasterKeyMissing(master_key_id, self._place)
        return Wrapping(master)

    def _unwrapped(self, master_key_id: str, wrapped: str, where: str) -> bytes:
        try:
            return self._wrapping(master_key_id).unwrap(wrapped, where)
        except NotOpened as error:
            raise damaged(self._place, f"the key at {where} was altered or moved") from error

    def _make_cipher(self, key: CaseKey) -> FieldCipher:
        assert key.master_key_id is not None and key.wrapped is not None
        where = _case_place(key.key_id, key.case_id)
        return FieldCipher(key.key_id, self._unwrapped(key.master_key_id, key.wrapped, where))

    def key_for(self, connection: Connection, case_id: CaseId) -> CaseKey:
        """Return the key of a case; a fresh one, not stored yet, where it has none."""
        stored = case_keys(connection, case_id)
        if stored:
            return next(iter(stored.values()))
        self.master_key_id = master_key_id_of(connection)
        key_id = secrets.token_hex(8)
        wrapping = self._wrapping(self.master_key_id)
        wrapped = wrapping.wrap(new_secret(), _case_place(key_id, case_id))
        return CaseKey(key_id, case_id, wrapping.key_id, wrapped, is_fresh=True)

    def rotate(self, connection: Connection, to: MasterKey) -> tuple[CaseId, ...]:
        """Put every key under another master key; it must be in the ring already.

        Returns the cases whose key does not open. It stays as it is: it opens nothing under any
        master key, and must not keep the others where they are.
        """
        wrapping = Wrapping(to)
        left: list[CaseId] = []
        for purpose, (master, wrapped) in stored_keys(connection).items():
            where = _store_place(purpose)
            again = wrapping.wrap(self._unwrapped(master, wrapped, where), where)
            connection.execute(
                update(store_key)
                .where(store_key.c.purpose == purpose)
                .values(master_key_id=wrapping.key_id, wrapped=again)
            )
        for key in case_keys(connection).values():
            if key.master_key_id is None or key.wrapped is None:
                continue
            where = _case_place(key.key_id, key.case_id)
            try:
                secret = self._wrapping(key.master_key_id).unwrap(key.wrapped, where)
            except NotOpened:
                left.append(key.case_id)
                continue
            connection.execute(
                update(case_key)
                .where(case_key.c.key_id == key.key_id)
                .values(master_key_id=wrapping.key_id, wrapped=wrapping.wrap(secret, where))
            )
        return tuple(left)

    def require_whole(self, connection: Connection) -> None:
        """Open the key of every case; raises StoreDamaged or MasterKeyMissing for the first."""
        for key in case_keys(connection).values():
            if key.wrapped is not None:
                self._cipher(key)

    # --- fields -------------------------------------------------------------------------------

    def sealed(
        self, new: NewEvent, event_id: EventId, key: CaseKey, content: str
    ) -> dict[str, Json]:
        """Return the body of a fact as it is stored; refuse to seal for a case that was erased.

        `content` is the fingerprint of the body.
        """
        cipher: FieldCipher | None = None

        def seal(path: str, value: Json) -> Json:
            nonlocal cipher
            if key.wrapped is None:
                raise TransitionRefused("case_erased")
            cipher = cipher or self._cipher(key)
            return cipher.seal(event_id, path, value)

        return sealed_form(new.type, new.body, seal, content)

    def opened(
        self,
        kind: EventType,
        event_id: EventId,
        stored: Mapping[str, Json],
        keys: Mapping[str, CaseKey],
    ) -> dict[str, Json]:
        """Return a stored body in plain text, erased fields marked.

        A field that was recorded in plain text stays as it is. Raises ValueError that names the
        field where one does not open.
        """

        def open_(path: str, value: Json) -> Json:
            if not isinstance(value, dict):
                return value
            key = keys.get(str(value.get("key")))
            if key is None:
                raise ValueError(f"{path} is sealed with a key that is not in the store")
            if key.wrapped is None:
                return ERASED
            try:
                return self._cipher(key).open(event_id, path, str(value.get("sealed")))
            except NotOpened as error:
                raise ValueError(
                    f"{path} of event {event_id} was altered, or moved there from another place"
                ) from error

        return opened_form(kind, stored, open_)

    def request_hash(self, payload: str) -> str:
        """Return what is stored of the content of a request."""
        return keyed(self._request_key, payload)

    # --- look-up ------------------------------------------------------------------------------

    def index_rows(self, case_id: CaseId, body: Mapping[str, Json]) -> list[dict[str, str]]:
        """Return by what a case with that case file is found."""
        borrower = body.get("borrower")
        if not isinstance(borrower, Mapping):
            return []
        rows = []
        for by, normalised in _NORMALISED.items():
            text = borrower.get(by.value)
            if isinstance(text, str) and (plain := normalised(text)):
                mac = blind(self._index_key, by, plain)
                rows.append({"case_id": case_id, "field": by.value, "mac": mac})
        return rows

    def found(self, connection: Connection, by: Lookup, text: str) -> set[CaseId]:
        """Return the cases of that name or number."""
        plain = _NORMALISED[by](text)
        if not plain:
            return set()
        query = select(person_index.c.case_id).where(
            person_index.c.field == by.value,
            person_index.c.mac == blind(self._index_key, by, plain),
        )
        return {CaseId(found) for found in connection.execute(query).scalars()}


def _store_place(purpose: str) -> str:
    return f"store_key.wrapped:{purpose}"


def _case_place(key_id: str, case_id: CaseId) -> str:
    return f"case_key.wrapped:{key_id}:{case_id}"


def stored_keys(connection: Connection) -> dict[str, tuple[str, str]]:
    """Return master key id and wrapped key of every purpose; nothing in a store without keys."""
    rows = connection.execute(select(store_key))
    return {row.purpose: (row.master_key_id, row.wrapped) for row in rows}


def master_key_id_of(connection: Connection) -> str:
    """Return the id of the master key that the store stands on."""
    return stored_keys(connection)[_INDEX][0]


def make_store_keys(connection: Connection, master: MasterKey) -> None:
    """Give a store without keys its own, under a master key."""
    wrapping = Wrapping(master)
    for purpose in (_INDEX, _REQUEST):
        wrapped = wrapping.wrap(new_secret(), _store_place(purpose))
        connection.execute(
            insert(store_key).values(
                purpose=purpose, master_key_id=wrapping.key_id, wrapped=wrapped
            )
        )


def case_keys(connection: Connection, case_id: CaseId | None = None) -> dict[str, CaseKey]:
    """Return the keys of all cases, or of one, by their ids."""
    query = select(case_key)
    if case_id is not None:
        query = query.where(case_key.c.case_id == case_id)
    return {
        row.key_id: CaseKey(row.key_id, CaseId(row.case_id), row.master_key_id, row.wrapped)
        for row in connection.execute(query)
    }


def is_key_of_case(connection: Connection, key: CaseKey) -> bool:
    """Store the key of a case where it has none; say whether `key` is the one that is stored.

    A key under a master key that the store has left behind is not stored: it might be forgotten
    by tomorrow. Raises TransitionRefused where the key of the case was destroyed.
    """
    stored = next(iter(case_keys(connection, key.case_id).values()), None)
    if stored is None:
        if key.master_key_id != master_key_id_of(connection):
            return False
        connection.execute(
            insert(case_key).values(
                key_id=key.key_id,
                case_id=key.case_id,
                master_key_id=key.master_key_id,
                wrapped=key.wrapped,
            )
        )
        return True
    if stored.wrapped is None:
        raise TransitionRefused("case_erased")
    return stored.key_id == key.key_id


def destroy_key(connection: Connection, case_id: CaseId) -> None:
    """Destroy the key of a case, and by what it is found."""
    connection.execute(
        update(case_key)
        .where(case_key.c.case_id == case_id)
        .values(master_key_id=None, wrapped=None)
    )
    connection.execute(delete(person_index).where(person_index.c.case_id == case_id))


def facts_in_clear(
    facts: Iterable[tuple[CaseId, EventType, Mapping[str, Json]]],
) -> Iterator[CaseId]:
    """Yield the case of every stored fact with a personal field in plain text."""
    for case_id, kind, stored in facts:
        in_clear: list[str] = []

        def note(path: str, value: Json, into: list[str] = in_clear) -> Json:
            if not isinstance(value, dict):
                into.append(path)
            return value

        with_personal(kind, stored, note)
        if in_clear:
            yield case_id
