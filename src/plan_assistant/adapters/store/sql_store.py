"""The store port over SQLAlchemy Core: appends facts in one transaction and reads them back.

Not here: what the facts mean (`domain/record.py`) and who may record them when (`services`). The
guard tables written beside an event (`guards.py`) refuse what a service that forgot to ask would
let through.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError

from plan_assistant.adapters.store.credentials import SqlCredentials
from plan_assistant.adapters.store.engine import WRITES, scrub
from plan_assistant.adapters.store.failures import damaged, translated
from plan_assistant.adapters.store.fields import (
    CaseKey,
    PersonalFields,
    case_keys,
    destroy_key,
    facts_in_clear,
    is_key_of_case,
    master_key_id_of,
)
from plan_assistant.adapters.store.guards import guard_event, refusal
from plan_assistant.adapters.store.identifiers import new_event_id
from plan_assistant.adapters.store.schema import account, event, person_index, request
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseNotFound, KeyReused, StaleCase, TransitionRefused
from plan_assistant.domain.event_form import moment, payload_hash, recorded, seal_of
from plan_assistant.domain.events import (
    Account,
    Event,
    EventId,
    EventType,
    Json,
    NewEvent,
    Receipt,
    RequestKey,
)
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from plan_assistant.domain.personal_fields import CONTENT
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import KeyStatus, Lookup, MasterKey

_EVENT_COLUMNS = tuple(event.c)


class SqlStore:
    """The record in a database. Safe to use from several threads and several processes at once."""

    def __init__(
        self,
        engine: Engine,
        fields: PersonalFields | None,
        *,
        place: str,
        lock_timeout: float,
        journal: str,
    ) -> None:
        self.place = place
        self.login: str | None = None
        """The account that the database knows the person by; SQLite takes our word."""
        self.journal = journal
        """The journal mode in use, for diagnostics."""
        self._given = fields
        self._lock_timeout = lock_timeout
        self._reading = engine
        self._writing = engine.execution_options(**{WRITES: True})
        self.credentials = SqlCredentials(
            self._reading, self._writing, place=place, lock_timeout=lock_timeout
        )
        """The passwords and keys of the people who work here."""

    @property
    def _fields(self) -> PersonalFields:
        """What seals and opens personal fields; an audit of rows has none and needs none."""
        if self._given is None:
            raise RuntimeError("this store was opened for its rows: nothing personal can be read")
        return self._given

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
        return self._append(_Asked(case_id, events, actor, at, expected_version, key))

    def erase(
        self,
        case_id: CaseId,
        event: NewEvent,
        *,
        actor: Account,
        at: datetime,
        expected_version: int,
        key: RequestKey,
    ) -> Receipt:
        """Destroy the key of a case and record that, in one transaction."""
        asked = _Asked(case_id, (event,), actor, at, expected_version, key)
        return self._append(asked, is_erasing=True)

    def _append(self, asked: _Asked, *, is_erasing: bool = False) -> Receipt:
        with translated(self.place, self._lock_timeout):
            while True:
                with self._reading.connect() as connection:
                    case_key = self._fields.key_for(connection, asked.case_id)
                # Everything that takes time is done before the lock is taken.
                facts = self._prepared(asked, case_key)
                try:
                    with self._writing.begin() as connection:
                        receipt = self._recorded(connection, asked, facts, case_key)
                        if receipt is not None and is_erasing and not receipt.is_repeat:
                            self._destroy(connection, asked.case_id)
                except IntegrityError as error:
                    raise refusal(error) from error
                # Another program gave the case its key, or the store another master key, in
                # between: sealed once more.
                if receipt is not None:
                    return receipt

    def _recorded(
        self, connection: Connection, asked: _Asked, facts: Sequence[_Prepared], case_key: CaseKey
    ) -> Receipt | None:
        """Write everything of a request; None, and nothing written, where its key is outdated."""
        payload = payload_hash(
            asked.case_id, [(each.fact.type, each.content) for each in facts], asked.actor
        )
        event_ids = tuple(each.fact.event_id for each in facts)
        receipt = Receipt(asked.case_id, facts[-1].fact.version, event_ids, False)
        # The key of the request first: a repeat is known before the case is seen to have moved on.
        hashed = self._fields.request_hash(payload)
        if not _claim(connection, asked.key, hashed, receipt):
            # Requests of an older version stand there with their plain hash.
            return _first_receipt(connection, asked.key, {hashed, payload})
        _refuse_stranger(connection, asked.actor)
        _refuse_stale(connection, asked.case_id, asked.expected_version)
        if not is_key_of_case(connection, case_key):
            connection.rollback()
            return None
        for each in facts:
            guard_event(connection, each.fact, each.content)
            connection.execute(insert(event).values(**each.row))
            if each.fact.type is EventType.CASE_OPENED:
                for row in self._fields.index_rows(asked.case_id, each.fact.body):
                    connection.execute(insert(person_index).values(**row))
        return receipt

    def _destroy(self, connection: Connection, case_id: CaseId) -> None:
        if any(True for _ in facts_in_clear(_stored_bodies(connection, case_id))):
            raise TransitionRefused("kept_in_clear", case_id=case_id)
        destroy_key(connection, case_id)

    def _prepared(self, asked: _Asked, case_key: CaseKey) -> tuple[_Prepared, ...]:
        prepared = []
        for version, new in enumerate(asked.events, start=asked.expected_version + 1):
            event_id = new_event_id(asked.at)
            sealed = self._fields.sealed(new, event_id, case_key)
            written = canonical(sealed)
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
            prepared.append(_written(new, sealed, written, fact))
        return tuple(prepared)

    def events(self, case_id: CaseId) -> tuple[Event, ...]:
        """Return all facts of a case in order, each checked against its hash."""
        query = select(*_EVENT_COLUMNS).where(event.c.case_id == case_id).order_by(event.c.version)
        with translated(self.place, self._lock_timeout), self._reading.begin() as connection:
            keys = case_keys(connection, case_id)
            found = tuple(self._event_of(row, keys) for row in connection.execute(query))
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
        # One transaction: the keys are those of the moment at which the facts are read.
        with translated(self.place, self._lock_timeout), self._reading.begin() as connection:
            keys = case_keys(connection)
            return tuple(self._event_of(row, keys) for row in connection.execute(query))

    def find(self, by: Lookup, text: str) -> tuple[CaseId, ...]:
        """Return the cases of that name or number, in the order they were opened."""
        with translated(self.place, self._lock_timeout), self._reading.connect() as connection:
            found = self._fields.found(connection, by, text)
            query = (
                select(event.c.case_id)
                .where(event.c.version == 1, event.c.case_id.in_(found))
                .order_by(event.c.sequence)
            )
            return tuple(CaseId(case_id) for case_id in connection.execute(query).scalars())

    def scrub(self) -> bool:
        """Overwrite free pages and empty the log; say whether nothing is left in either."""
        with translated(self.place, self._lock_timeout):
            return scrub(self._reading)

    def key_status(self) -> KeyStatus:
        """Return which keys the store stands on, and which cases are still in plain text."""
        with translated(self.place, self._lock_timeout), self._reading.begin() as connection:
            keys = case_keys(connection).values()
            in_clear = tuple(facts_in_clear(_stored_bodies(connection)))
            return KeyStatus(
                master_key_id=master_key_id_of(connection),
                cases_with_key=sum(key.wrapped is not None for key in keys),
                cases_erased=sum(key.wrapped is None for key in keys),
                facts_in_clear=len(in_clear),
                cases_in_clear=tuple(dict.fromkeys(in_clear)),
            )

    def rotate(self, to: MasterKey) -> None:
        """Put every key of the store under another master key, in one transaction."""
        with translated(self.place, self._lock_timeout), self._writing.begin() as connection:
            self._fields.rotate(connection, to)

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

    def _event_of(self, row: Row[tuple[object, ...]], keys: Mapping[str, CaseKey]) -> Event:
        try:
            kind, event_id, stored = (
                EventType(row.type),
                EventId(row.event_id),
                json.loads(row.body),
            )
            return Event(
                sequence=row.sequence,
                event_id=event_id,
                case_id=CaseId(row.case_id),
                version=row.version,
                at=datetime.fromisoformat(row.at),
                actor=row.actor,
                role=Role(row.role),
                type=kind,
                body=self._fields.opened(kind, event_id, stored, keys),
                sha256=row.sha256,
                sealed_body=stored,
            )
        except ValueError as error:
            raise damaged(
                self.place, f"fact {row.version} of case {row.case_id} cannot be read: {error}"
            ) from error


_accounts = account
"""Under another name where an account is an argument."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as it came."""

    case_id: CaseId
    events: Sequence[NewEvent]
    actor: Account
    at: datetime
    expected_version: int
    key: RequestKey


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A fact as it will be written."""

    fact: Event
    row: Mapping[str, object]
    content: str
    """The fingerprint of the body in plain text: that is what is decided and printed."""


def _written(new: NewEvent, sealed: Mapping[str, Json], written: bytes, fact: Event) -> _Prepared:
    row = {
        "event_id": fact.event_id,
        "case_id": fact.case_id,
        "version": fact.version,
        "at": moment(fact.at),
        "actor": fact.actor,
        "role": fact.role.value,
        "type": fact.type.value,
        "body": written.decode(),
        "sha256": fact.sha256,
    }
    # Of a plan it was computed to be sealed with it; an agreement is long.
    content = str(sealed[CONTENT]) if new.type is EventType.PLAN_RECORDED else fingerprint(new.body)
    return _Prepared(fact, row, content)


def _stored_bodies(
    connection: Connection, case_id: CaseId | None = None
) -> Iterator[tuple[CaseId, EventType, dict[str, Json]]]:
    query = select(event.c.case_id, event.c.type, event.c.body)
    if case_id is not None:
        query = query.where(event.c.case_id == case_id)
    for row in connection.execute(query):
        yield CaseId(row.case_id), EventType(row.type), json.loads(row.body)


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


def _first_receipt(connection: Connection, key: RequestKey, payloads: Collection[str]) -> Receipt:
    first = connection.execute(select(request).where(request.c.key == key)).one()
    if first.payload_sha256 not in payloads:
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
