"""A request on its way into the store: what was asked, and the rows that come of it.

Everything that takes time is done here, before any lock is taken: identifiers, sealed fields,
canonical JSON and hashes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, select

from plan_assistant.adapters.store.fields import CaseKey, PersonalFields, facts_in_clear
from plan_assistant.adapters.store.identifiers import new_event_id
from plan_assistant.adapters.store.schema import event, request
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import KeyReused, TransitionRefused
from plan_assistant.domain.event_form import envelope, payload_hash, recorded
from plan_assistant.domain.events import (
    Account,
    Event,
    EventType,
    Json,
    NewEvent,
    Receipt,
    RequestKey,
)
from plan_assistant.domain.formats.canonical import assembled, canonical, pieces
from plan_assistant.domain.stored import read_json

_TYPES: Final = frozenset(kind.value for kind in EventType)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    case_id: CaseId
    events: Sequence[NewEvent]
    actor: Account
    at: datetime
    expected_version: int
    key: RequestKey
    is_erasing: bool = False
    """Whether the key of the case is destroyed with it."""


@dataclass(frozen=True, slots=True)
class PreparedFact:
    """A fact as it will be written."""

    fact: Event
    row: Mapping[str, object]
    content: str
    """The fingerprint of the body in plain text: that is what is decided and printed."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request as it will be written; it may be tried again as it is."""

    asked: Asked
    case_key: CaseKey
    facts: tuple[PreparedFact, ...]
    index_rows: tuple[Mapping[str, str], ...]
    """By what the case will be found; only its opening brings any."""
    payload: str
    """What makes two requests the same, as older versions stored it."""
    payload_hash: str
    """The keyed hash of it, which is what is stored."""
    receipt: Receipt

    @property
    def claim(self) -> dict[str, object]:
        """The row of the request."""
        return {
            "key": self.asked.key,
            "payload_sha256": self.payload_hash,
            "case_id": self.receipt.case_id,
            "version": self.receipt.version,
            "event_ids": json.dumps(self.receipt.event_ids),
        }


def prepared(asked: Asked, fields: PersonalFields, case_key: CaseKey) -> Prepared:
    """Return what will be written, personal fields sealed with the key of the case."""
    facts = tuple(
        _fact(asked, new, version, fields, case_key)
        for version, new in enumerate(asked.events, start=asked.expected_version + 1)
    )
    contents = [(each.fact.type, each.content) for each in facts]
    payload = payload_hash(asked.case_id, contents, asked.actor)
    event_ids = tuple(each.fact.event_id for each in facts)
    return Prepared(
        asked,
        case_key,
        facts,
        tuple(
            row
            for each in facts
            if each.fact.type is EventType.CASE_OPENED
            for row in fields.index_rows(asked.case_id, each.fact.body)
        ),
        payload,
        fields.request_hash(payload),
        Receipt(asked.case_id, facts[-1].fact.version, event_ids, False),
    )


def _fact(
    asked: Asked, new: NewEvent, version: int, fields: PersonalFields, case_key: CaseKey
) -> PreparedFact:
    event_id = new_event_id(asked.at)
    # What is not personal is the greater part of a plan, and is written once.
    parts = pieces(new.body)
    content = sha256(assembled(parts)).hexdigest()
    sealed = fields.sealed(new, event_id, case_key, content)
    written = assembled(
        {
            name: parts[name] if name in parts and part is new.body[name] else canonical(part)
            for name, part in sealed.items()
        }
    )
    fact = recorded(
        new,
        sequence=0,
        event_id=event_id,
        case_id=asked.case_id,
        version=version,
        at=asked.at,
        actor=asked.actor,
        sealed_body=sealed,
        written=written,
    )
    row = {**envelope(fact), "body": written.decode(), "sha256": fact.sha256}
    return PreparedFact(fact, row, content)


def first_receipt(connection: Connection, again: Prepared) -> Receipt:
    """Return what the first request with that key was answered; refuse another content."""
    key = again.asked.key
    first = connection.execute(select(request).where(request.c.key == key)).one_or_none()
    # A key that belongs to somebody else may be out of sight; requests of an older version stand
    # there with their plain hash.
    if first is None or first.payload_sha256 not in {again.payload_hash, again.payload}:
        raise KeyReused(key)
    return Receipt(CaseId(first.case_id), first.version, tuple(json.loads(first.event_ids)), True)


def stored_bodies(
    connection: Connection, case_id: CaseId | None = None
) -> Iterator[tuple[CaseId, EventType, dict[str, Json]]]:
    """Yield every fact as it is stored, of all cases or of one.

    What is no fact of a known type, or cannot be read, holds no field that is known to be personal;
    an audit names it.
    """
    query = select(event.c.case_id, event.c.type, event.c.body)
    if case_id is not None:
        query = query.where(event.c.case_id == case_id)
    for row in connection.execute(query):
        try:
            body = read_json(row.body)
        except ValueError:
            continue
        if row.type in _TYPES and isinstance(body, dict):
            yield CaseId(row.case_id), EventType(row.type), body


def refuse_in_clear(connection: Connection, case_id: CaseId) -> None:
    """Refuse to erase a case of which facts stand in plain text: no key erases them."""
    if any(True for _ in facts_in_clear(stored_bodies(connection, case_id))):
        raise TransitionRefused("kept_in_clear", case_id=case_id)
