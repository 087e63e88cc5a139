"""The store port over SQLAlchemy Core: appends facts in one transaction and reads them back.

Not here: what the facts mean (`domain/record.py`) and who may record them when (`services`). The
guard tables written beside an event (`guards.py`) refuse what a service that forgot to ask would
let through.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine, Row, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError

from plan_assistant.adapters.store.credentials import SqlCredentials
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
        self.journal = journal
        """The journal mode in use, for diagnostics."""
        self._lock_timeout = lock_timeout
        self._reading = engine
        self._writing = engine.execution_options(**{WRITES: True})
        self.credentials = SqlCredentials(
            self._reading, self._writing, place=place, lock_timeout=lock_timeout
        )
        """The passwords and keys of the people who work here."""

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
        if not events:
            raise ValueError("a request records at least one fact")
        # Everything that takes time is done before the lock is taken.
        facts = tuple(
            _prepared(new, case_id, expected_version + position, at, actor)
            for position, new in enumerate(events, start=1)
        )
        receipt = Receipt(
            case_id, facts[-1].fact.version, tuple(each.fact.event_id for each in facts), False
        )
        payload = payload_hash(case_id, [(each.fact.type, each.content) for each in facts], actor)
        with translated(self.place, self._lock_timeout):
            try:
                with self._writing.begin() as connection:
                    # The key first: a repeat is known before the case is seen to have moved on.
                    if not _claim(connection, key, payload, receipt):
                        return _first_receipt(connection, key, payload)
                    _refuse_stranger(connection, actor)
                    _refuse_stale(connection, case_id, expected_version)
                    for each in facts:
                        guard_event(connection, each.fact, each.content)
                        connection.execute(insert(event).values(**each.row))
            except IntegrityError as error:
                raise refusal(error) from error
        return receipt

    def events(self, case_id: CaseId) -> tuple[Event, ...]:
        """Return all facts of a case in order, each checked against its hash."""
        query = select(*_EVENT_COLUMNS).where(event.c.case_id == case_id).order_by(event.c.version)
        with translated(self.place, self._lock_timeout), self._reading.connect() as connection:
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
        with translated(self.place, self._lock_timeout), self._reading.connect() as connection:
            return tuple(CaseId(found) for found in connection.execute(query).scalars())

    def every_event(self) -> tuple[Event, ...]:
        """Return all facts in order of their sequence; their hashes are not checked here."""
        query = select(*_EVENT_COLUMNS).order_by(event.c.sequence)
        with translated(self.place, self._lock_timeout), self._reading.connect() as connection:
            return tuple(self._event_of(row) for row in connection.execute(query))

    def accounts(self) -> tuple[Account, ...]:
        """Return the people who work here, by login name."""
        query = select(account.c.name, account.c.display_name, account.c.role).order_by(
            account.c.name
        )
        with translated(self.place, self._lock_timeout), self._reading.connect() as connection:
            return tuple(
                Account(name, display, Role(role))
                for name, display, role in connection.execute(query)
            )

    def add_account(self, account: Account) -> None:
        """Add a person; the same person twice is one person, a changed one is refused."""
        with translated(self.place, self._lock_timeout), self._writing.begin() as connection:
            values = {
                "name": account.name,
                "display_name": account.display_name,
                "role": account.role.value,
            }
            connection.execute(insert(_accounts).values(**values).on_conflict_do_nothing())
            known = _person(connection, account.name)
            if known != account:
                raise TransitionRefused(
                    "account_differs", name=account.name, role=known.role.value if known else ""
                )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees the store as it is at one moment."""
        with translated(self.place, self._lock_timeout), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection that alone may write, for one transaction."""
        with translated(self.place, self._lock_timeout), self._writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Release the file; the log is folded into it when nobody else has it open."""
        self._reading.dispose()

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


_accounts = account
"""Under another name where an account is an argument."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A fact as it will be written."""

    fact: Event
    row: Mapping[str, object]
    content: str
    """The fingerprint of the body."""


def _prepared(
    new: NewEvent, case_id: CaseId, version: int, at: datetime, actor: Account
) -> _Prepared:
    body = canonical(new.body)
    fact = recorded(
        new,
        sequence=0,
        event_id=new_event_id(at),
        case_id=case_id,
        version=version,
        at=at,
        actor=actor,
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
    return _Prepared(fact, row, sha256(body).hexdigest())


def _claim(connection: Connection, key: RequestKey, payload: str, receipt: Receipt) -> bool:
    """Insert the request; say whether nobody had used its key."""
    statement = insert(request).values(
        key=key,
        payload_sha256=payload,
        case_id=receipt.case_id,
        version=receipt.version,
        event_ids=json.dumps(receipt.event_ids),
    )
    return connection.execute(statement.on_conflict_do_nothing()).rowcount == 1


def _first_receipt(connection: Connection, key: RequestKey, payload: str) -> Receipt:
    first = connection.execute(select(request).where(request.c.key == key)).one()
    if first.payload_sha256 != payload:
        raise KeyReused(key)
    return Receipt(CaseId(first.case_id), first.version, tuple(json.loads(first.event_ids)), True)


def _person(connection: Connection, name: str) -> Account | None:
    row = connection.execute(select(account).where(account.c.name == name)).one_or_none()
    return None if row is None else Account(row.name, row.display_name, Role(row.role))


def _refuse_stranger(connection: Connection, actor: Account) -> None:
    known = _person(connection, actor.name)
    if known is None:
        raise TransitionRefused("account_unknown", name=actor.name)
    if known.role is not actor.role:
        raise TransitionRefused("account_differs", name=actor.name, role=known.role.value)


def _refuse_stale(connection: Connection, case_id: CaseId, expected_version: int) -> None:
    found = connection.execute(
        select(func.max(event.c.version)).where(event.c.case_id == case_id)
    ).scalar_one_or_none()
    if (found or 0) == expected_version:
        return
    if found is None:
        raise CaseNotFound(case_id)
    last = connection.execute(
        select(event.c.type, event.c.actor, event.c.at).where(
            event.c.case_id == case_id, event.c.version == found
        )
    ).one()
    raise StaleCase(
        case_id, expected=expected_version, found=found, what=last.type, by=last.actor, at=last.at
    )
