"""The store port over SQLAlchemy Core: appends facts in one transaction and reads them back.

Not here: what the facts mean (`domain/record.py`) and who may record them when (`services`). The
guard tables written beside an event (`guards.py`) refuse what a service that forgot to ask would
let through.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Row, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import Select

from plan_assistant.adapters.store.engine import WRITES
from plan_assistant.adapters.store.failures import damaged, translated
from plan_assistant.adapters.store.guards import guard_event, refusal
from plan_assistant.adapters.store.identifiers import new_event_id
from plan_assistant.adapters.store.schema import account, event, request
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseNotFound, KeyReused, StaleCase, TransitionRefused
from plan_assistant.domain.event_form import moment, payload_hash, recorded, seal_of
from plan_assistant.domain.events import (
    Account,
    Event,
    EventId,
    EventType,
    NewEvent,
    Receipt,
    RequestKey,
)
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.policy.findings import Role

_EVENT_COLUMNS = tuple(event.c)


class SqlStore:
    """The record in a database. Safe to use from several threads and several processes at once."""

    def __init__(self, engine: Engine, *, place: str, lock_timeout: float, journal: str) -> None:
        self.place = place
        self.login: str | None = None
        """The account that the database knows the person by; SQLite takes our word."""
        self.journal = journal
        """The journal mode in use, for diagnostics."""
        self._lock_timeout = lock_timeout
        self._reading = engine
        self._writing = engine.execution_options(**{WRITES: True})

    def append(
        self,
        case_id: CaseId,
        events: Sequence[NewEvent],
        *,
        actor: Account,
        at: datetime,
        expected_version: int,
        key: RequestKey,
    ) -> Receipt:
        """Record facts about one case in one transaction, durably before returning."""
        # Everything that takes time is done before the lock is taken.
        asked = asked_for(
            case_id, events, actor=actor, at=at, expected_version=expected_version, key=key
        )
        with self._translated():
            return self._record(asked)

    def _record(self, asked: Asked) -> Receipt:
        try:
            with self._writing.begin() as connection:
                # The key first: a repeat is known before the case is seen to have moved on.
                if not _claim(connection, asked):
                    return first_receipt(connection, asked)
                _refuse_stranger(connection, asked.actor)
                _refuse_stale(connection, asked.case_id, asked.expected_version)
                for each in asked.facts:
                    guard_event(connection, each.fact, each.content)
                    connection.execute(insert(event), each.row)
        except IntegrityError as error:
            raise refusal(error) from error
        return asked.receipt

    def events(self, case_id: CaseId) -> tuple[Event, ...]:
        """Return all facts of a case in order, each checked against its hash."""
        query = select(*_EVENT_COLUMNS).where(event.c.case_id == case_id).order_by(event.c.version)
        with self._translated(), self._reading.connect() as connection:
            found = tuple(self._event_of(row) for row in connection.execute(query))
        if not found:
            raise CaseNotFound(case_id)
        for fact in found:
            if seal_of(fact) != fact.sha256:
                raise damaged(
                    self.place,
                    f"fact {fact.version} of case {case_id} is not what was recorded",
                )
        return found

    def case_ids(self) -> tuple[CaseId, ...]:
        """Return every case, in the order they were opened."""
        query = select(event.c.case_id).where(event.c.version == 1).order_by(event.c.sequence)
        with self._translated(), self._reading.connect() as connection:
            return tuple(CaseId(found) for found in connection.execute(query).scalars())

    def every_event(self) -> tuple[Event, ...]:
        """Return all facts in order of their sequence; their hashes are not checked here."""
        query = self._in_order(select(*_EVENT_COLUMNS))
        with self._translated(), self._reading.connect() as connection:
            return tuple(self._event_of(row) for row in connection.execute(query))

    def accounts(self) -> tuple[Account, ...]:
        """Return the people who work here, by login name."""
        query = select(account).order_by(account.c.name)
        with self._translated(), self._reading.connect() as connection:
            return tuple(_account_of(row) for row in connection.execute(query))

    def add_account(self, account: Account) -> None:
        """Add a person; the same person twice is one person, a changed one is refused."""
        with self._translated(), self._writing.begin() as connection:
            enter(connection, account)

    def close(self) -> None:
        """Release the file; the log is folded into it when nobody else has it open."""
        self._reading.dispose()

    def _translated(self) -> AbstractContextManager[None]:
        return translated(self.place, self._lock_timeout)

    def _in_order(self, query: Select[Any]) -> Select[Any]:
        return query.order_by(event.c.sequence)

    def _event_of(self, row: Row[tuple[object, ...]]) -> Event:
        try:
            return Event(
                sequence=row.sequence,
                event_id=EventId(row.event_id),
                case_id=CaseId(row.case_id),
                version=row.version,
                at=datetime.fromisoformat(row.at),
                actor=row.actor,
                role=Role(row.role),
                type=EventType(row.type),
                body=json.loads(row.body),
                sha256=row.sha256,
            )
        except ValueError as error:
            raise damaged(
                self.place, f"fact {row.version} of case {row.case_id} cannot be read: {error}"
            ) from error


@dataclass(frozen=True, slots=True)
class Prepared:
    """A fact as it will be written."""

    fact: Event
    row: Mapping[str, object]
    content: str
    """The fingerprint of the body."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with everything that takes time already done; it may be tried again as it is."""

    case_id: CaseId
    facts: tuple[Prepared, ...]
    actor: Account
    expected_version: int
    key: RequestKey
    payload: str
    """What makes two requests the same."""
    receipt: Receipt


def asked_for(
    case_id: CaseId,
    events: Sequence[NewEvent],
    *,
    actor: Account,
    at: datetime,
    expected_version: int,
    key: RequestKey,
) -> Asked:
    """Prepare a request: identifiers, canonical JSON and hashes."""
    if not events:
        raise ValueError("a request records at least one fact")
    facts = tuple(
        _prepared(new, case_id, expected_version + position, at, actor)
        for position, new in enumerate(events, start=1)
    )
    receipt = Receipt(
        case_id, facts[-1].fact.version, tuple(each.fact.event_id for each in facts), False
    )
    payload = payload_hash(case_id, [(each.fact.type, each.content) for each in facts], actor)
    return Asked(case_id, facts, actor, expected_version, key, payload, receipt)


def _prepared(
    new: NewEvent, case_id: CaseId, version: int, at: datetime, actor: Account
) -> Prepared:
    body = canonical(new.body)
    fact = recorded(
        new,
        sequence=0,
        event_id=new_event_id(at),
        case_id=case_id,
        version=version,
        at=at,
        actor=actor,
        body=body,
    )
    row = {
        "event_id": fact.event_id,
        "case_id": fact.case_id,
        "version": fact.version,
        "at": moment(fact.at),
        "actor": fact.actor,
        "role": fact.role.value,
        "type": fact.type.value,
        "body": body.decode(),
        "sha256": fact.sha256,
    }
    return Prepared(fact, row, sha256(body).hexdigest())


def _claim(connection: Connection, asked: Asked) -> bool:
    """Insert the request; say whether nobody had used its key."""
    return connection.execute(_CLAIM, claimed(asked)).rowcount == 1


def claimed(asked: Asked) -> dict[str, object]:
    """Return the row of a request."""
    return {
        "key": asked.key,
        "payload_sha256": asked.payload,
        "case_id": asked.receipt.case_id,
        "version": asked.receipt.version,
        "event_ids": json.dumps(asked.receipt.event_ids),
    }


_CLAIM = sqlite.insert(request).on_conflict_do_nothing()
# The two dialects write ON CONFLICT alike, each with a class of its own.
_ENTER: Mapping[str, Executable] = {
    "sqlite": sqlite.insert(account).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(account).on_conflict_do_nothing(),
}


def first_receipt(connection: Connection, asked: Asked) -> Receipt:
    """Return what the first request with that key was answered; refuse another content."""
    first = connection.execute(select(request).where(request.c.key == asked.key)).one_or_none()
    # A key that belongs to somebody else may be out of sight.
    if first is None or first.payload_sha256 != asked.payload:
        raise KeyReused(asked.key)
    return Receipt(CaseId(first.case_id), first.version, tuple(json.loads(first.event_ids)), True)


def enter(connection: Connection, person: Account) -> None:
    """Write a person down; refuse one who is known with another name, role or team."""
    row = {
        "name": person.name,
        "display_name": person.display_name,
        "role": person.role.value,
        "team": person.team,
    }
    connection.execute(_ENTER[connection.dialect.name], row)
    known = person_named(connection, person.name)
    if known != person:
        raise TransitionRefused(
            "account_differs", name=person.name, role=known.role.value if known else ""
        )


def person_named(connection: Connection, name: str) -> Account | None:
    """Return the person of that login name."""
    row = connection.execute(select(account).where(account.c.name == name)).one_or_none()
    return None if row is None else _account_of(row)


def _account_of(row: Row[Any]) -> Account:
    return Account(row.name, row.display_name, Role(row.role), row.team)


def _refuse_stranger(connection: Connection, actor: Account) -> None:
    known = person_named(connection, actor.name)
    if known is None:
        raise TransitionRefused("account_unknown", name=actor.name)
    if known.role is not actor.role:
        raise TransitionRefused("account_differs", name=actor.name, role=known.role.value)


def _refuse_stale(connection: Connection, case_id: CaseId, expected_version: int) -> None:
    stale = staleness(connection, case_id, expected_version)
    if stale is not None:
        raise stale


def staleness(
    connection: Connection, case_id: CaseId, expected_version: int
) -> CaseNotFound | StaleCase | None:
    """Return what is wrong with an expected version, or None."""
    found = connection.execute(
        select(func.max(event.c.version)).where(event.c.case_id == case_id)
    ).scalar_one_or_none()
    if (found or 0) == expected_version:
        return None
    if found is None:
        return CaseNotFound(case_id)
    last = connection.execute(
        select(event.c.type, event.c.actor, event.c.at).where(
            event.c.case_id == case_id, event.c.version == found
        )
    ).one()
    return StaleCase(
        case_id, expected=expected_version, found=found, what=last.type, by=last.actor, at=last.at
    )
