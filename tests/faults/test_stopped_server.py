"""A PostgreSQL server that stands still, connections open: the act ends in time, and is kept once.

So does one behind a network that loses everything: neither side says that it is gone.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreOutOfReach
from plan_assistant.domain.events import NewEvent, Receipt, RequestKey
from plan_assistant.ports import Store
from tests.people import COLLECTOR, NOW, opened, spoken
from tests.postgres import Database, Databases, Server

PATIENCE = 1.0
"""Seconds that a client here lets a server search for its words."""
LONG = 60.0
"""Seconds after which a client that still waits would wait for ever."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that no other test shares."""
    made = Server()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A store on it."""
    with Databases(server.url, is_ours=True).fresh() as fresh:
        yield fresh


@contextmanager
def _still(server: Server, database: Database) -> Iterator[None]:
    """Let the server and all who speak for it stand still."""
    with database.raw() as connection:
        found = connection.execute(
            "select pid from pg_stat_activity"
            " where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        processes = [server.process, *(pid for (pid,) in found)]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def _record(store: Store, fact: NewEvent, version: int) -> Receipt:
    """Record a fact under a key that stays the same when it is tried again."""
    return store.append(
        CaseId("A-1"),
        [fact],
        actor=COLLECTOR,
        at=NOW,
        expected_version=version,
        key=RequestKey(f"A-1 {version}"),
    )


def test_an_act_ends_though_the_server_says_nothing_and_is_recorded_once(
    server: Server, database: Database
) -> None:
    store = database.open(COLLECTOR, lock_timeout=PATIENCE)
    _record(store, opened(), 0)
    failures: list[StoreOutOfReach] = []

    def act() -> None:
        try:
            _record(store, spoken(), 1)
        except StoreOutOfReach as failure:
            failures.append(failure)

    with _still(server, database):
        acting = threading.Thread(target=act, daemon=True)
        acting.start()
        acting.join(LONG)
        assert not acting.is_alive()
    assert len(failures) == 1

    receipt = _record(store, spoken(), 1)

    assert [event.event_id for event in store.events(CaseId("A-1"))][1:] == [*receipt.event_ids]
    store.close()
