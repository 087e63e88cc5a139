"""SERIALIZABLE transactions on different cases do not meet, however near the cases are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import RawCursor
from sqlalchemy import Connection, text
from tests.office import Office
from tests.people import (
    AGENT,
    COLLEAGUE,
    COLLECTOR,
    LEAD,
    NOW,
    OTHER_LEAD,
    decided,
    opened,
    plan,
    spoken,
)
from tests.postgres import Database

from plan_assistant.adapters.store.asking import Asked, Prepared, prepared
from plan_assistant.adapters.store.postgres_engine import postgres_engine
from plan_assistant.adapters.store.postgres_failures import failure_of
from plan_assistant.adapters.store.postgres_place import postgres_url
from plan_assistant.adapters.store.postgres_pool import PostgresPool
from plan_assistant.adapters.store.postgres_statement import parameters_of, statement_for
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreLocked
from plan_assistant.domain.events import Account, EventType, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint

_CASES = ("A-1", "A-2")
_PLANS = {case: plan(f"AG-{case}") for case in _CASES}


def _open(_case: str) -> NewEvent:
    return opened()


def _speak(_case: str) -> NewEvent:
    return spoken()


def _send(case: str) -> NewEvent:
    return _PLANS[case]


def _approve(case: str, by: Account) -> NewEvent:
    return decided(EventType.APPROVED, fingerprint(_PLANS[case].body), by)


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """A store in which everybody works."""
    made = Office(database)
    yield made
    made.close()


def _put(office: Office, case: str, version: int, by: Account, *facts: NewEvent) -> None:
    office.append(
        CaseId(case),
        facts,
        actor=by,
        at=NOW,
        expected_version=version,
        key=RequestKey(f"before {case} {version}"),
    )


def _inside(database: Database, by: Account) -> Connection:
    """Return a connection as the product makes it, that stays inside its transaction."""
    engine = postgres_engine(postgres_url(database.url(by.name)), lock_timeout=5)
    return engine.execution_options(isolation_level="SERIALIZABLE").connect()


def _prepared(office: Office, case: str, version: int, by: Account, fact: NewEvent) -> Prepared:
    store = office.of(by)
    asked = Asked(CaseId(case), [fact], by, NOW, version, RequestKey(f"meets {case}"))
    return prepared(asked, store._fields, store._key_for(asked.case_id))


def _record(connection: Connection, new: Prepared) -> None:
    is_fresh = new.case_key.is_fresh
    statement = statement_for(1, is_fresh, len(new.index_rows))
    driver = connection.connection.driver_connection
    assert driver is not None
    RawCursor(driver).execute(statement, parameters_of(new, is_fresh=is_fresh))


def _by_maker(fact: NewEvent, by: Account) -> NewEvent:
    if fact.type is EventType.PLAN_RECORDED:
        return NewEvent(fact.type, {**fact.body, "maker": by.name})
    return fact


@pytest.mark.parametrize(
    ("before", "act", "people"),
    [
        (0, lambda case, _by: _open(case), (COLLECTOR, COLLEAGUE)),
        (1, lambda case, _by: _speak(case), (COLLECTOR, COLLEAGUE)),
        (1, lambda case, _by: _send(case), (COLLECTOR, COLLEAGUE)),
        (2, _approve, (LEAD, OTHER_LEAD)),
    ],
    ids=["opening", "speaking", "sending a plan", "approving"],
)
def test_two_who_do_the_same_to_neighbours_both_succeed(
    database: Database,
    office: Office,
    before: int,
    act: Callable[[str, Account], NewEvent],
    people: tuple[Account, Account],
) -> None:
    for case in _CASES:
        if before > 0:
            _put(office, case, 0, COLLECTOR, opened())
        if before > 1:
            _put(office, case, 1, COLLECTOR, _PLANS[case])
    # Knowing that the tables are tiny, the planner would rather read all of them.
    with database.raw(autocommit=True) as superuser:
        superuser.execute("analyze")
    works = [
        _prepared(office, case, before, by, _by_maker(act(case, by), by))
        for case, by in zip(_CASES, people, strict=True)
    ]
    connections = [_inside(database, by) for by in people]

    # Both look at the record before either is done: what they read, the other changes.
    for connection in connections:
        connection.execute(text("select 1"))
    for connection, work in zip(connections, works, strict=True):
        _record(connection, work)
    for connection in connections:
        connection.commit()
        connection.close()
        connection.engine.dispose()

    assert [len(office.events(CaseId(case))) for case in _CASES] == [before + 1] * 2


def test_the_check_notices_transactions_that_meet(database: Database, office: Office) -> None:
    """Otherwise the test above would show nothing: reading a version first is enough to meet."""
    for case in _CASES:
        _put(office, case, 0, COLLECTOR, opened())
    people = (COLLECTOR, COLLEAGUE)
    works = [
        _prepared(office, case, 1, by, spoken()) for case, by in zip(_CASES, people, strict=True)
    ]
    connections = [_inside(database, by) for by in people]

    for connection, case in zip(connections, _CASES, strict=True):
        connection.execute(text("select max(version) from event where case_id = :c"), {"c": case})
    for connection, work in zip(connections, works, strict=True):
        _record(connection, work)
    connections[0].commit()
    with pytest.raises(Exception, match="could not serialize access"):
        connections[1].commit()
    for connection in connections:
        connection.close()
        connection.engine.dispose()


@pytest.mark.parametrize(
    ("version", "by", "fact"),
    [
        (0, COLLECTOR, opened()),
        (2, COLLECTOR, _send("A-1")),
        (2, AGENT, spoken()),
        (3, LEAD, _approve("A-1", LEAD)),
    ],
    ids=["opening", "sending a plan", "speaking for an agency", "approving"],
)
def test_nobody_reads_a_table_from_end_to_end_to_record(
    database: Database, office: Office, version: int, by: Account, fact: NewEvent
) -> None:
    """That would lock all of it for a transaction: whoever adds a person met everybody."""
    before = [
        (COLLECTOR, opened()),
        (LEAD, NewEvent(EventType.CASE_ASSIGNED, {"agent": AGENT.name})),
        (COLLECTOR, _send("A-1")),
    ]
    for number, (person, known) in enumerate(before[:version]):
        _put(office, "A-1", number, person, known)
    work = _prepared(office, "A-1", version, by, fact)
    connection = _inside(database, by)

    _record(connection, work)

    read = connection.execute(
        text(
            "select relname from pg_class where relnamespace = 'plan_assistant'::regnamespace"
            " and relkind = 'r' and pg_stat_get_xact_numscans(oid) > 0"
        )
    )
    assert read.scalars().all() == []
    connection.close()
    connection.engine.dispose()


def test_who_met_others_at_every_try_is_told_no_time_that_nobody_waited() -> None:
    failure = failure_of(psycopg.errors.SerializationFailure("could not serialize"), "db", 30)

    assert isinstance(failure, StoreLocked)
    assert "seconds" not in failure.detail
    assert "seconds" not in str(failure)


def test_a_request_is_serializable_and_a_reader_meets_nobody(office: Office) -> None:
    store = office.of(COLLECTOR)
    isolation = "show transaction_isolation"

    pool = store._requests.pool
    assert isinstance(pool, PostgresPool)
    entry = pool.take()
    assert entry.driver_connection is not None
    recording = entry.driver_connection.execute(isolation).fetchone()
    pool.give_back(entry)
    with store._reading.connect() as connection:
        reading = connection.execute(text(isolation)).scalar_one()

    assert (recording, reading) == (("serializable",), "repeatable read")
