"""The rows of the record as they stand in the store: text and whole numbers, nothing interpreted.

Whoever seals or audits the record works on these: what is encrypted stays so, and what cannot be
read as a fact can still be named. Not here: facts (`events.py`) and the checkpoints (`seal.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.canonical import fingerprint

_SEALED: Final = '"sealed":"'
SIGNING_MARKS: Final = (_SEALED, '"signature":{"public_key":"')
"""What stands in the body of a fact only since approvals are signed: personal fields are sealed
since the revision after that one. In a text both would have their quotation marks escaped."""

DEEPEST: Final = 64
"""So many levels of brackets are read: twice what a case file may have, and far below what readers
of JSON break at."""

StoredRow = Mapping[str, str | int | None]
"""A row by the names of its columns."""


def read_json(text: str) -> Json:
    """Return what a stored text says; raises ValueError for what is no JSON, or is too deep."""
    too_deep = f"its brackets are nested more than {DEEPEST} levels deep"
    try:
        read: Json = json.loads(text)
    except RecursionError as error:
        raise ValueError(too_deep) from error
    # With so few brackets nothing can be deeper, whatever of them stands inside a text.
    if text.count("[") + text.count("{") > DEEPEST and _depth(read) > DEEPEST:
        raise ValueError(too_deep)
    return read


def _depth(value: Json) -> int:
    levels = 0
    inside: list[Json] = [value]
    while inside:
        holders = [item for item in inside if isinstance(item, dict | list)]
        levels += bool(holders)
        inside = [
            part for item in holders for part in (item.values() if isinstance(item, dict) else item)
        ]
    return levels


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row of the table `event`."""

    sequence: int
    event_id: str
    case_id: str
    version: int
    at: str
    actor: str
    role: str
    type: str
    body: str
    """Canonical JSON."""
    sha256: str

    @property
    def expected_hash(self) -> str:
        """The SHA-256 this row should carry: over the canonical JSON of its stored envelope.

        The stored body is taken as it is, byte for byte, so that a body which only reads the same
        is another one.
        """
        before = _members({"actor": self.actor, "at": self.at})
        after = _members(
            {
                "case_id": self.case_id,
                "event_id": self.event_id,
                "role": self.role,
                "type": self.type,
                "version": self.version,
            }
        )
        return _sha256(f'{{{before},"body":{self.body},{after}}}')

    @property
    def content_hash(self) -> str:
        """What guard rows call the fingerprint of a content: the SHA-256 of the body.

        A body whose personal fields are sealed names that of its plain content.
        """
        named = self.read_body().get("fingerprint") if self.type == "plan_recorded" else None
        return named if isinstance(named, str) else _sha256(self.body)

    @property
    def is_of_signing_times(self) -> bool:
        """Whether the body shows that approvals were signed when it was recorded."""
        return any(mark in self.body for mark in SIGNING_MARKS)

    @property
    def has_sealed_fields(self) -> bool:
        """Whether a field of the body is sealed with the key of its case."""
        return _SEALED in self.body

    def read_body(self) -> Mapping[str, Json]:
        """Return the body, or nothing where it is not a JSON object (its hash then says so)."""
        try:
            body = read_json(self.body)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A row of `event` with the rows that its transaction wrote beside it."""

    event: StoredEvent
    request: StoredRow | None
    """The request that names this event."""
    submission: StoredRow | None
    decision: StoredRow | None
    rivals: tuple[StoredRow, ...] = ()
    """Other requests that name this event in its place: one of them all is true."""

    def settled(self, request_hash: str) -> RecordRow:
        """Return the same with the request of that hash as the true one, where it is there."""
        if self.request is None or not self.rivals:
            return self
        every = (self.request, *self.rivals)
        true = next((each for each in every if row_hash(each) == request_hash), self.request)
        rivals = tuple(each for each in every if each is not true)
        return replace(self, request=true, rivals=rivals)

    @property
    def request_hash(self) -> str:
        """The SHA-256 over the request; empty where none names the event."""
        return "" if self.request is None else row_hash(self.request)

    @property
    def guard_hash(self) -> str:
        """The SHA-256 over the guard row by the name of its table; empty where there is none."""
        guards: dict[str, Json] = {
            name: dict(row)
            for name, row in (("submission", self.submission), ("decision", self.decision))
            if row is not None
        }
        return _hash_of(guards) if guards else ""


class RecordRows(Protocol):
    """All rows of the record as they stood at one moment, uninterpreted."""

    def facts(self) -> Iterator[RecordRow]:
        """Return the rows of `event` with those beside them, by sequence."""
        ...

    def strays(self) -> Iterator[tuple[str, StoredRow]]:
        """Return the rows of `request`, `submission` and `decision` that belong to no event.

        A second request for an event is no stray, but a rival of the other one.
        """
        ...

    def people(self) -> tuple[StoredRow, ...]:
        """Return the rows of `account` by name."""
        ...

    def seals(self) -> Iterator[StoredRow]:
        """Return the rows of `seal` by number."""
        ...

    def public_keys(self) -> tuple[StoredRow, ...]:
        """Return the rows of `seal_key` by id."""
        ...

    def approval_keys(self) -> tuple[StoredRow, ...]:
        """Return the rows of `approval_key` by account and number."""
        ...

    def case_keys(self) -> Iterator[StoredRow]:
        """Return key id, case and master key id of the rows of `case_key`, by case; no key."""
        ...

    def master_keys(self) -> frozenset[str]:
        """Return the ids of the master keys that the rows of `store_key` name."""
        ...

    def approval_start(self) -> StoredRow | None:
        """Return the row of `approval_start`; None where it is gone."""
        ...


def named_events(request: StoredRow) -> tuple[str, ...]:
    """Return the events that a row of `request` names; none where its list cannot be read."""
    try:
        named = read_json(str(request["event_ids"]))
    except ValueError:
        return ()
    return tuple(str(name) for name in named) if isinstance(named, list) else ()


def names_in_place(request: StoredRow, event: StoredEvent) -> bool:
    """Say whether a request names an event where it stands: the last one has its version."""
    named = named_events(request)
    if event.event_id not in named:
        return False
    return request["version"] == event.version + len(named) - 1 - named.index(event.event_id)


def row_hash(row: StoredRow) -> str:
    """Return the SHA-256 over one row, as a checkpoint covers that of a person or of a key."""
    return _hash_of(dict(row))


def _hash_of(rows: dict[str, Json]) -> str:
    try:
        return fingerprint(rows)
    except ValueError:
        # A number that no JSON has: not a row of ours, and so not what a checkpoint covers.
        return _sha256(repr(rows))


def _members(values: Mapping[str, str | int]) -> str:
    # Columns are ASCII names in their order; the values are escaped as RFC 8785 asks.
    text = json.dumps(dict(values), ensure_ascii=False, separators=(",", ":"))
    return text[1:-1]


def _sha256(text: str) -> str:
    # "surrogatepass": text that no canonical JSON holds gets a hash that no row carries.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
