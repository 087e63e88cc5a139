"""The store port over SQLAlchemy Core: appends facts in one transaction and reads them back.

Not here: what the facts mean (`domain/record.py`) and who may record them when (`services`). The
guard tables written beside an event (`guards.py`) refuse what a service that forgot to ask would
let through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, func, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from plan_assistant.adapters.store.asking import (
    Asked,
    Prepared,
    first_receipt,
    prepared,
    refuse_in_clear,
    stored_bodies,
)
from plan_assistant.adapters.store.credentials import SqlCredentials
from plan_assistant.adapters.store.engine import WRITES, scrub
from plan_assistant.adapters.store.failures import translated
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
from plan_assistant.adapters.store.people import enter, everybody, known_person
from plan_assistant.adapters.store.schema import account as people
from plan_assistant.adapters.store.schema import event, person_index, request
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import (
    CaseNotFound,
    CaseUnreadable,
    MasterKeyMissing,
    StaleCase,
    StoreDamaged,
)
from plan_assistant.domain.event_form import moment, moment_of, seal_of
from plan_assistant.domain.events import (
    Account,
    Event,
    EventId,
    EventType,
    NewEvent,
    Receipt,
    RequestKey,
)
from plan_assistant.domain.personal_fields import carries_its_content
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.stored import read_json
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
        self.credentials = SqlCredentials(self._reading, self._writing, self._translated)
        """The passwords and keys of the people who work here."""

    @property
    def _fields(self) -> PersonalFields:
        """What seals and opens personal fields; an audit of rows has none and needs none."""
        if self._given is None:
            raise RuntimeError("this store was opened for its rows: nothing personal can be read")
        return self._given

    @property
    def master_key_id(self) -> str:
        """The master key that the store stood on when it was last asked."""
        return self._fields.master_key_id

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
        return self._append(Asked(case_id, events, actor, at, expected_version, key))

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
        return self._append(
            Asked(case_id, (event,), actor, at, expected_version, key, is_erasing=True)
        )

    def _append(self, asked: Asked) -> Receipt:
        with self._translated():
            while True:
                # Everything that takes time is done before the lock is taken.
                receipt = self._record(prepared(asked, self._fields, self._key_for(asked.case_id)))
                # Another program gave the case its key, or the store another master key, in
                # between: sealed once more.
                if receipt is not None:
                    return receipt

    def _key_for(self, case_id: CaseId) -> CaseKey:
        """Return the key of a case; a fresh one, not stored yet, where it has none."""
        with self._reading.connect() as connection:
            return self._fields.key_for(connection, case_id)

    def _record(self, new: Prepared) -> Receipt | None:
        """Write everything of a request; None, and nothing written, where its key is outdated."""
        try:
            with self._writing.begin() as connection:
                receipt = self._recorded(connection, new)
                if receipt is not None and new.asked.is_erasing and not receipt.is_repeat:
                    refuse_in_clear(connection, new.asked.case_id)
                    destroy_key(connection, new.asked.case_id)
                return receipt
        except IntegrityError as error:
            raise refusal(error) from error

    def _recorded(self, connection: Connection, new: Prepared) -> Receipt | None:
        # The key of the request first: a repeat is known before the case is seen to have moved on.
        if connection.execute(_CLAIM, new.claim).rowcount != 1:
            return first_receipt(connection, new)
        known_person(connection, new.asked.actor)
        stale = staleness(connection, new.asked.case_id, new.asked.expected_version)
        if stale is not None:
            raise stale
        if not is_key_of_case(connection, new.case_key):
            connection.rollback()
            return None
        for each in new.facts:
            guard_event(connection, each.fact, each.content)
            connection.execute(insert(event), each.row)
        for row in new.index_rows:
            connection.execute(insert(person_index), row)
        return new.receipt

    def events(self, case_id: CaseId) -> tuple[Event, ...]:
        """Return all facts of a case in order, each checked against its hash."""
        query = select(*_EVENT_COLUMNS).where(event.c.case_id == case_id).order_by(event.c.version)
        with self._translated(), self._reading.begin() as connection:
            keys = case_keys(connection, case_id)
            found = tuple(self._event_of(row, keys) for row in connection.execute(query))
        if not found:
            raise CaseNotFound(case_id)
        is_erased = any(key.wrapped is None for key in keys.values())
        for fact in found:
            if seal_of(fact) != fact.sha256 or not (is_erased or carries_its_content(fact)):
                raise CaseUnreadable(case_id, fact.version, "is not what was recorded")
        return found

    def case_ids(self) -> tuple[CaseId, ...]:
        """Return every case, in the order they were opened."""
        query = select(event.c.case_id).where(event.c.version == 1).order_by(event.c.sequence)
        with self._translated(), self._reading.connect() as connection:
            return tuple(CaseId(found) for found in connection.execute(query).scalars())

    def every_event(self) -> tuple[Event, ...]:
        """Return all facts in order of their sequence; their hashes are not checked here."""
        query = select(*_EVENT_COLUMNS).order_by(event.c.sequence)
        # One transaction: the keys are those of the moment at which the facts are read.
        with self._translated(), self._reading.begin() as connection:
            keys = case_keys(connection)
            return tuple(self._event_of(row, keys) for row in connection.execute(query))

    def readable_events(self) -> tuple[tuple[Event, ...], tuple[CaseUnreadable, ...]]:
        """Return the same of all cases that can be read, and why each other one is left out."""
        query = select(*_EVENT_COLUMNS).order_by(event.c.sequence)
        found: list[Event] = []
        left_out: dict[str, CaseUnreadable] = {}
        with self._translated(), self._reading.begin() as connection:
            keys = case_keys(connection)
            for row in connection.execute(query):
                if row.case_id not in left_out:
                    try:
                        found.append(self._event_of(row, keys))
                    except CaseUnreadable as unreadable:
                        left_out[row.case_id] = unreadable
                    except (StoreDamaged, MasterKeyMissing) as error:
                        # Its key was altered; that of the store is there, or nothing were open.
                        why = error.detail.get("reason", str(error))
                        left_out[row.case_id] = CaseUnreadable(row.case_id, row.version, why)
        return tuple(fact for fact in found if fact.case_id not in left_out), (*left_out.values(),)

    def find(self, by: Lookup, text: str) -> tuple[CaseId, ...]:
        """Return the cases of that name or number, in the order they were opened."""
        with self._translated(), self._reading.connect() as connection:
            found = self._fields.found(connection, by, text)
            query = (
                select(event.c.case_id)
                .where(event.c.version == 1, event.c.case_id.in_(found))
                .order_by(event.c.sequence)
            )
            return tuple(CaseId(case_id) for case_id in connection.execute(query).scalars())

    def scrub(self) -> bool:
        """Overwrite free pages and empty the log; say whether nothing is left in either."""
        with self._translated():
            return scrub(self._reading)

    def key_status(self) -> KeyStatus:
        """Return which keys the store stands on, and which cases are still in plain text."""
        with self._translated(), self._reading.begin() as connection:
            keys = case_keys(connection).values()
            in_clear = tuple(facts_in_clear(stored_bodies(connection)))
            return KeyStatus(
                master_key_id=master_key_id_of(connection),
                cases_with_key=sum(key.wrapped is not None for key in keys),
                cases_erased=sum(key.wrapped is None for key in keys),
                facts_in_clear=len(in_clear),
                cases_in_clear=tuple(dict.fromkeys(in_clear)),
            )

    def rotate(self, to: MasterKey) -> tuple[CaseId, ...]:
        """Put every key of the store under another master key; name those that do not open."""
        with self._translated(), self._writing.begin() as connection:
            return self._fields.rotate(connection, to)

    def accounts(self) -> tuple[Account, ...]:
        """Return the people who work here, by login name."""
        with self._translated(), self._reading.connect() as connection:
            return everybody(connection)

    def add_account(self, account: Account) -> None:
        """Add a person; the same person twice is one person, a changed one is refused."""
        with self._translated(), self._writing.begin() as connection:
            enter(connection, account, _ENTER)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees the store as it is at one moment."""
        with self._translated(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection that alone may write, for one transaction."""
        with self._translated(), self._writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Release the file; the log is folded into it when nobody else has it open."""
        self._reading.dispose()

    def knows_password(self, password: str) -> bool:
        """Return False: nobody signs in to a file."""
        return False

    @property
    def may_seal(self) -> bool:
        """Whether whoever opened the store may add checkpoints; in a file everybody may."""
        return True

    def require_whole_view(self) -> None:
        """Refuse whoever does not see all rows; of a file everybody sees everything."""

    def _translated(self) -> AbstractContextManager[None]:
        return translated(self.place, self._lock_timeout)

    def _event_of(self, row: Row[tuple[object, ...]], keys: Mapping[str, CaseKey]) -> Event:
        try:
            kind, event_id, stored = (
                EventType(row.type),
                EventId(row.event_id),
                read_json(row.body),
            )
            if not isinstance(stored, dict):
                raise ValueError("its body is not a JSON object")
            at = moment_of(row.at)
            if moment(at) != row.at:
                raise ValueError("its moment is in another form")
            return Event(
                sequence=row.sequence,
                event_id=event_id,
                case_id=CaseId(row.case_id),
                version=row.version,
                at=at,
                actor=row.actor,
                role=Role(row.role),
                type=kind,
                body=self._fields.opened(kind, event_id, stored, keys),
                sha256=row.sha256,
                sealed_body=stored,
            )
        except ValueError as error:
            raise CaseUnreadable(row.case_id, row.version, str(error)) from error


_CLAIM = sqlite.insert(request).on_conflict_do_nothing()
_ENTER = sqlite.insert(people).on_conflict_do_nothing()


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
