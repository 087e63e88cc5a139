"""The rows of the record for those who seal and audit it, and the table of checkpoints.

Not here: what a checkpoint says (`domain/seal.py`) and what is wrong with rows (`domain/audit.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    exists,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from plan_assistant.adapters.store.failures import damaged, locked
from plan_assistant.adapters.store.schema import (
    account,
    approval_key,
    approval_start,
    case_key,
    decision,
    event,
    request,
    seal,
    seal_key,
    store_key,
    submission,
)
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.seal import (
    MOST_FACTS,
    Checkpoint,
    Sealed,
    covered_name,
    key_id_of,
    leaves_text,
    sealed_of,
)
from plan_assistant.domain.stored import (
    RecordRow,
    StoredEvent,
    StoredRow,
    named_events,
    names_in_place,
)

_LONGEST_HOLD: Final = 2000
"""Milliseconds that others are kept waiting for somebody who has stopped while recording."""
_WAITED_TOO_LONG: Final = "55P03"
Make = Callable[[Checkpoint | None, Sequence[RecordRow], Sequence[StoredRow]], Sealed]
"""Makes the checkpoint after this one over these rows, people and approval keys."""

# What a checkpoint covers never changes its form: a column that a later revision adds is not among
# these.
_COVERED: Final[Mapping[Table, tuple[str, ...]]] = {
    event: (
        "sequence",
        "event_id",
        "case_id",
        "version",
        "at",
        "actor",
        "role",
        "type",
        "body",
        "sha256",
    ),
    request: ("key", "payload_sha256", "case_id", "version", "event_ids"),
    submission: (
        "case_id",
        "round",
        "previous_round",
        "event_id",
        "number",
        "fingerprint",
        "maker",
    ),
    decision: (
        "case_id",
        "round",
        "event_id",
        "outcome",
        "maker",
        "fingerprint",
        "decider",
        "decider_role",
    ),
    account: ("name", "display_name", "role", "team"),
    approval_key: (
        "account",
        "number",
        "public_key",
        "at",
        "set_by",
        "endorsed_by",
        "endorsed_with",
        "endorsement",
    ),
    seal_key: ("key_id", "public_key"),
}


class SqlSeals:
    """Checkpoints in the store, and the rows they are over; implements `ports.Archive`."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store

    @contextmanager
    def rows(self) -> Iterator[SqlRows]:
        """Yield all rows as they stand at this moment."""
        self.store.require_whole_view()
        with self.store.reading() as connection:
            yield SqlRows(connection)

    def newest(self) -> Sealed | None:
        """Return the newest checkpoint."""
        with self.store.reading() as connection:
            return self._newest(connection)

    def outline(self) -> Sealed | None:
        """Return the newest checkpoint without its leaves and people, which not all may see."""
        with self.store.reading() as connection:
            return self._newest(
                connection, people=literal("{}").label("people"), leaves=literal("").label("leaves")
            )

    def extend(self, public_key: str, make: Make, *, takes_over: bool) -> Sealed | None:
        """Let `make`, which signs with that key, cover the oldest facts that are not covered.

        Returns the checkpoint, or None when all are covered. Other writers wait meanwhile, so
        nothing slips between two checkpoints. A key that signed none before is refused
        (TransitionRefused, another_seal_key) unless it `takes_over`.
        """
        self.store.require_whole_view()
        with self.store.writing() as connection:
            _hold_writers(connection, self.store.place)
            newest = self._newest(connection)
            last = newest.checkpoint.last if newest else 0
            rows = tuple(_facts(connection, after=last, most=MOST_FACTS))
            if not rows:
                return None
            self._refuse_false(rows)
            _register(connection, public_key, takes_over=takes_over)
            covered, standing = _covered_names(connection), SqlRows(connection)
            people = [
                row
                for row in (*standing.approval_keys(), *standing.people())
                if covered_name(row) not in covered
            ]
            made = make(newest.checkpoint if newest else None, rows, people)
            connection.execute(insert(seal).values(**_row_of(made, newest)))
            return made

    def _refuse_false(self, rows: Sequence[RecordRow]) -> None:
        """Sign nothing that is not what was recorded."""
        for row in rows:
            if row.event.expected_hash != row.event.sha256:
                raise damaged(
                    self.store.place,
                    f"fact {row.event.version} of case {row.event.case_id} is not what was"
                    " recorded; nothing was sealed",
                )

    def _newest(self, connection: Connection, **instead: ColumnElement[str]) -> Sealed | None:
        columns = [instead.get(column.name, column) for column in seal.c]
        query = select(*columns).order_by(seal.c.number.desc()).limit(1)
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        try:
            return sealed_of(dict(row._mapping))
        except (ValueError, TypeError) as error:
            raise damaged(
                self.store.place, f"checkpoint {row.number} cannot be read: {error}"
            ) from error


class SqlRows:
    """All rows as one connection sees them; implements `ports.RecordRows`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def facts(self) -> Iterator[RecordRow]:
        """Return the rows of `event` with those beside them, by sequence."""
        return _facts(self._connection, after=None, most=None)

    def strays(self) -> Iterator[tuple[str, StoredRow]]:
        """Return the rows that belong to no event."""
        # A request names its facts in their order; the last one has its version.
        last_of = (
            (event.c.case_id == request.c.case_id)
            & (event.c.version == request.c.version)
            & request.c.event_ids.endswith(event.c.event_id + '"]')
        )
        for table, belongs in (
            (request, last_of),
            (submission, event.c.event_id == submission.c.event_id),
            (decision, event.c.event_id == decision.c.event_id),
        ):
            stray = (
                select(*_covered(table))
                .where(~exists().where(belongs))
                .order_by(*table.primary_key)
            )
            for row in self._connection.execute(stray).mappings():
                yield table.name, dict(row)

    def people(self) -> tuple[StoredRow, ...]:
        """Return the rows of `account` by name; one without a team looks as before teams."""
        rows = _all(self._connection, select(*_covered(account)).order_by(account.c.name))
        return tuple(
            {name: value for name, value in row.items() if name != "team" or value} for row in rows
        )

    def seals(self) -> Iterator[StoredRow]:
        """Return the rows of `seal` by number."""
        query = select(seal).order_by(seal.c.number)
        for row in self._connection.execute(query).mappings():
            yield dict(row)

    def public_keys(self) -> tuple[StoredRow, ...]:
        """Return the rows of `seal_key` by id."""
        return _all(self._connection, select(*_covered(seal_key)).order_by(seal_key.c.key_id))

    def approval_keys(self) -> tuple[StoredRow, ...]:
        """Return the rows of `approval_key` by account and number."""
        order = (approval_key.c.account, approval_key.c.number)
        return _all(self._connection, select(*_covered(approval_key)).order_by(*order))

    def case_keys(self) -> Iterator[StoredRow]:
        """Return key id, case and master key id of the rows of `case_key`, by case; no key."""
        columns = (case_key.c.key_id, case_key.c.case_id, case_key.c.master_key_id)
        query = select(*columns).order_by(case_key.c.case_id)
        for row in self._connection.execute(query).mappings():
            yield dict(row)

    def master_keys(self) -> frozenset[str]:
        """Return the ids of the master keys that the rows of `store_key` name."""
        return frozenset(self._connection.execute(select(store_key.c.master_key_id)).scalars())

    def approval_start(self) -> StoredRow | None:
        """Return the row of `approval_start`; None where it is gone."""
        return next(iter(_all(self._connection, select(approval_start))), None)


def _covered(table: Table) -> list[Column[Any]]:
    return [table.c[name] for name in _COVERED[table]]


def _all(connection: Connection, query: Select[Any]) -> tuple[StoredRow, ...]:
    return tuple(dict(row) for row in connection.execute(query).mappings())


def _facts(connection: Connection, *, after: int | None, most: int | None) -> Iterator[RecordRow]:
    """Return events with the rows of their transaction, by sequence."""
    near = request.alias()
    reaching = (
        select(func.min(near.c.version))
        .where(near.c.case_id == event.c.case_id, near.c.version >= event.c.version)
        .correlate(event)
        .scalar_subquery()
    )
    chosen = select(event.c.sequence)
    if after is not None:
        chosen = chosen.where(event.c.sequence > after)
    if most is not None:
        chosen = chosen.order_by(event.c.sequence).limit(most)
    of_request = (request.c.case_id == event.c.case_id) & (request.c.version == reaching)
    query = (
        select(*_labelled(event, request, submission, decision))
        .select_from(event)
        .outerjoin(request, of_request)
        .outerjoin(submission, submission.c.event_id == event.c.event_id)
        .outerjoin(decision, decision.c.event_id == event.c.event_id)
        .order_by(event.c.sequence)
    )
    if after is not None:
        query = query.where(event.c.sequence > after)
    if most is not None:
        upto = select(func.max(chosen.subquery().c.sequence)).scalar_subquery()
        query = query.where(event.c.sequence <= upto)
    overlapping = _overlapping(connection, None if most is None else chosen)
    found = connection.execute(query.execution_options(yield_per=500)).mappings()
    for _, same in groupby(found, key=lambda row: row["event.sequence"]):
        yield _fact(next(same), overlapping)


def _overlapping(
    connection: Connection, chosen: Select[Any] | None
) -> Mapping[str, Sequence[StoredRow]]:
    """Return all requests of the cases in which one was put in beside another, by their case.

    Where the requests of a case follow each other, the next one behind a fact is the one that names
    it. `chosen` are the sequences to look at; all where there is none.
    """
    query = select(*_covered(request)).order_by(request.c.case_id, request.c.version, request.c.key)
    if chosen is not None:
        cases = select(event.c.case_id).where(event.c.sequence.in_(chosen))
        query = query.where(request.c.case_id.in_(cases))
    rows = connection.execute(query.execution_options(yield_per=500)).mappings()
    found: dict[str, Sequence[StoredRow]] = {}
    for case_id, group in groupby(rows, key=lambda row: str(row["case_id"])):
        requests, version, follow = [dict(row) for row in group], 0, True
        for each in requests:
            version += len(named_events(each))
            follow = follow and each["version"] == version
        if not follow:
            found[case_id] = requests
    return found


def _labelled(*tables: Table) -> list[ColumnElement[Any]]:
    return [
        column.label(f"{table.name}.{column.name}")
        for table in tables
        for column in _covered(table)
    ]


def _fact(joined: RowMapping, overlapping: Mapping[str, Sequence[StoredRow]]) -> RecordRow:
    values = _part(joined, event)
    assert values is not None
    found = StoredEvent(**values)
    next_one = _part(joined, request)
    requests = overlapping.get(found.case_id, () if next_one is None else (next_one,))
    naming = [row for row in requests if found.event_id in named_events(row)]
    # Of several the one with the most facts, so that the others are told from it at their last one.
    in_place = sorted(
        (row for row in naming if names_in_place(row, found)),
        key=lambda row: (-int(row["version"] or 0), str(row["key"])),
    )
    true, *rivals = in_place or naming[:1] or [None]
    return RecordRow(
        found,
        true,
        _part(joined, submission),
        _part(joined, decision),
        tuple(row for row in rivals if row is not None),
    )


def _part(row: RowMapping, table: Table) -> dict[str, Any] | None:
    """Return the part of a joined row that is one table's; None where it has none."""
    part = {column.name: row[f"{table.name}.{column.name}"] for column in _covered(table)}
    if all(part[column.name] is None for column in table.primary_key):
        return None
    return part


def _hold_writers(connection: Connection, place: str) -> None:
    """Wait for facts that are being recorded, and let new ones wait.

    SQLite has one writer at a time anyway. On PostgreSQL a fact with a lower sequence may become
    visible after one with a higher, which must not happen across the end of a checkpoint: everybody
    who is recording is waited for, and whoever comes later gets a sequence behind its end.
    """
    if connection.dialect.name == "postgresql":
        # Whoever records queues behind who waits here: rather no checkpoint than a long queue.
        connection.exec_driver_sql(f"set local lock_timeout = {_LONGEST_HOLD}")
        try:
            connection.exec_driver_sql("select hold_writers()")
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _WAITED_TOO_LONG:
                raise
            raise locked(place, _LONGEST_HOLD / 1000) from error


def _register(connection: Connection, public_key: str, *, takes_over: bool) -> None:
    key_id = key_id_of(bytes.fromhex(public_key))
    known = [str(row["key_id"]) for row in SqlRows(connection).public_keys()]
    if key_id in known:
        return
    if known and not takes_over:
        raise TransitionRefused("another_seal_key", given=key_id, known=", ".join(known))
    connection.execute(insert(seal_key).values(key_id=key_id, public_key=public_key))


def _covered_names(connection: Connection) -> set[str]:
    covered: set[str] = set()
    # Written as the partial index has it, so that it is used.
    with_people = select(seal.c.people).where(text("people <> '{}'"))
    for people in connection.execute(with_people).scalars():
        covered |= json.loads(people).keys()
    return covered


def _row_of(made: Sealed, previous: Sealed | None) -> dict[str, object]:
    point = made.checkpoint
    return {
        "number": point.number,
        "previous_number": previous.checkpoint.number if previous else None,
        "previous_last": previous.checkpoint.last if previous else 0,
        "previous": point.previous,
        "first_sequence": point.first,
        "last_sequence": point.last,
        "count": point.count,
        "root": point.root,
        "people": canonical(point.people).decode(),
        "at": point.at,
        "key_id": point.key_id,
        "signature": made.signature,
        "sha256": made.sha256,
        "leaves": leaves_text(made.leaves),
    }
