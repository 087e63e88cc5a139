"""The connections that a program keeps to PostgreSQL: whose they are, and for how long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy.pool import ConnectionPoolEntry
from tests.people import COLLECTOR, NOW, opened, spoken
from tests.postgres import Database

from plan_assistant.adapters.store.postgres_pool import PostgresPool
from plan_assistant.adapters.store.postgres_store import PostgresStore
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreOutOfReach
from plan_assistant.domain.events import NewEvent, Receipt, RequestKey


def _record(store: PostgresStore, fact: NewEvent, version: int, case: str = "A-1") -> Receipt:
    return store.append(
        CaseId(case),
        [fact],
        actor=COLLECTOR,
        at=NOW,
        expected_version=version,
        key=RequestKey(f"{case} {version}"),
    )


def _pool(store: PostgresStore) -> PostgresPool:
    pool = store._requests.pool
    assert isinstance(pool, PostgresPool)
    return pool


def _driver(entry: ConnectionPoolEntry) -> Any:
    assert entry.driver_connection is not None
    return entry.driver_connection


def _sessions(database: Database) -> int:
    with database.raw() as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity"
            " where usename = %s and datname = current_database()",
            [COLLECTOR.name],
        ).fetchone()
    assert row is not None
    return int(row[0])


def _end_sessions(database: Database) -> None:
    with database.raw(autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where usename = %s and datname = current_database()",
            [COLLECTOR.name],
        )


def test_a_program_that_reads_and_records_takes_one_place_on_the_server(database: Database) -> None:
    store = database.open(COLLECTOR)

    for version, fact in enumerate([opened(), spoken(), spoken()]):
        _record(store, fact, version)
        store.events(CaseId("A-1"))

    assert _sessions(database) == 1
    store.close()


def test_two_threads_never_share_a_connection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = database.open(COLLECTOR)
    in_use: set[int] = set()
    most: list[int] = []
    shared: list[int] = []
    take, give_back = PostgresPool.take, PostgresPool.give_back
    lock = threading.Lock()

    def taken(pool: PostgresPool) -> ConnectionPoolEntry:
        entry = take(pool)
        process = _driver(entry).info.backend_pid
        with lock:
            shared.extend(in_use & {process})
            in_use.add(process)
            most.append(len(in_use))
        return entry

    def given_back(pool: PostgresPool, entry: ConnectionPoolEntry) -> None:
        with lock:
            in_use.remove(_driver(entry).info.backend_pid)
        give_back(pool, entry)

    monkeypatch.setattr(PostgresPool, "take", taken)
    monkeypatch.setattr(PostgresPool, "give_back", given_back)

    def work(thread: int) -> None:
        for number in range(15):
            case = f"A-{thread}-{number}"
            _record(store, opened(), 0, case)
            _record(store, spoken(), 1, case)
            assert len(store.events(CaseId(case))) == 2

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))

    assert not shared
    assert max(most) > 1
    assert len(store.case_ids()) == 8 * 15
    store.close()


def test_an_idle_connection_that_the_server_ended_is_replaced_before_it_is_used(
    database: Database,
) -> None:
    store = database.open(COLLECTOR)
    _record(store, opened(), 0)
    pool = _pool(store)
    entries = [pool.take() for _ in range(3)]
    for entry in entries:
        pool.give_back(entry)
    _end_sessions(database)

    receipt = _record(store, spoken(), 1)

    assert (receipt.version, receipt.is_repeat) == (2, False)
    assert store.tries_repeated == 0
    assert _sessions(database) == 1
    store.close()


def test_closing_the_store_closes_all_connections_also_those_in_use(database: Database) -> None:
    store = database.open(COLLECTOR)
    pool = _pool(store)
    idle, busy = pool.take(), pool.take()
    drivers = [_driver(entry) for entry in (idle, busy)]
    pool.give_back(idle)

    store.close()

    assert [driver.closed for driver in drivers] == [True, False]
    pool.give_back(busy)
    assert drivers[1].closed


@pytest.mark.parametrize(
    ("lock", "act"),
    [
        ("exclusive", lambda store: _record(store, spoken(), 1)),
        ("access exclusive", lambda store: store.events(CaseId("A-1"))),
    ],
    ids=["record", "read"],
)
def test_a_silent_server_empties_what_was_idle(
    database: Database, lock: str, act: Callable[[PostgresStore], object]
) -> None:
    store = database.open(COLLECTOR)
    _record(store, opened(), 0)
    pool = _pool(store)
    entries = [pool.take(), pool.take()]
    drivers = [_driver(entry) for entry in entries]
    drivers[0].patience = 0.3
    for entry in entries:
        pool.give_back(entry)

    with database.raw() as holder:
        holder.execute(f"lock table plan_assistant.event in {lock} mode")
        with pytest.raises(StoreOutOfReach):
            act(store)

    assert [driver.closed for driver in drivers] == [True, True]
    assert _record(store, spoken(), 1).version == 2
    store.close()


def test_a_connection_inside_a_transaction_is_not_kept(database: Database) -> None:
    store = database.open(COLLECTOR)
    pool = _pool(store)
    entry = pool.take()
    driver = _driver(entry)
    driver.execute("begin")

    pool.give_back(entry)

    assert driver.closed
    store.close()


def test_a_few_connections_stay_open_and_the_rest_are_closed(database: Database) -> None:
    store = database.open(COLLECTOR)
    pool = _pool(store)
    entries = [pool.take() for _ in range(8)]
    drivers = [_driver(entry) for entry in entries]

    for entry in entries:
        pool.give_back(entry)

    assert [driver.closed for driver in drivers] == [False] * 5 + [True] * 3
    store.close()
