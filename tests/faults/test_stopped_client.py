"""A client stopped with SIGSTOP inside a transaction stops nobody beyond the timeout."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plan_assistant.adapters.store import open_store
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreLocked
from plan_assistant.domain.events import Receipt, RequestKey
from plan_assistant.ports import Store
from tests.people import COLLEAGUE, COLLECTOR, NOW, opened, spoken
from tests.postgres import Database
from tests.stores import fresh_file

_ROOT = Path(__file__).parents[2]
TIMEOUT = 1.0
"""Seconds that every client here waits for others."""
SLACK = 3.0
"""Seconds that a busy machine may add."""

# Clients as the product makes them, who stop in the middle of what they are doing.
_IN_POSTGRES = """
import sys
from sqlalchemy import text
from plan_assistant.adapters.store.postgres_engine import postgres_engine
from plan_assistant.adapters.store.postgres_place import postgres_url
from plan_assistant.domain.stored import StoredEvent
fact = StoredEvent(0, "E-stopped", "A-1", 2, "2026-11-20T00:00:00.000000+08:00",
    "wu.hao", "collector",
    "offer_spoken", "{}", "")
engine = postgres_engine(postgres_url(sys.argv[1]), lock_timeout=float(sys.argv[2]))
connection = engine.execution_options(isolation_level="SERIALIZABLE").connect()
connection.execute(text(
    "insert into event (event_id, case_id, version, at, actor, role, type, body, sha256) values"
    f" ('{fact.event_id}', '{fact.case_id}', {fact.version}, '{fact.at}', '{fact.actor}',"
    f" '{fact.role}', '{fact.type}', '{fact.body}', '{fact.expected_hash}')"))
print("inside", flush=True)
sys.stdin.readline()
"""
_IN_SQLITE = """
import sys
from pathlib import Path
from sqlalchemy import text
from plan_assistant.adapters.store.engine import WRITES, sqlite_engine
engine = sqlite_engine(Path(sys.argv[1]), lock_timeout=float(sys.argv[2]), journal="wal")
connection = engine.execution_options(**{WRITES: True}).connect()
connection.execute(text("insert into request values ('k-stopped', 'x', 'A-1', 2, '[]')"))
print("inside", flush=True)
sys.stdin.readline()
"""


@contextmanager
def _stopped(script: str, place: str) -> Iterator[subprocess.Popen[str]]:
    """Run a client until it is inside a transaction, and stop it there."""
    client = subprocess.Popen(
        [sys.executable, "-c", script, place, str(TIMEOUT)],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert client.stdout is not None
        assert client.stdout.readline() == "inside\n"
        os.kill(client.pid, signal.SIGSTOP)
        yield client
    finally:
        client.kill()
        client.communicate()


def _speak(store: Store, case: str, version: int, key: str) -> Receipt:
    return store.append(
        CaseId(case),
        [spoken()],
        actor=COLLEAGUE,
        at=NOW,
        expected_version=version,
        key=RequestKey(key),
    )


def _timed(store: Store, case: str, version: int, key: str) -> tuple[float, Receipt | StoreLocked]:
    began = time.monotonic()
    answer: Receipt | StoreLocked
    try:
        answer = _speak(store, case, version, key)
    except StoreLocked as failure:
        answer = failure
    return time.monotonic() - began, answer


@pytest.fixture
def two_cases(database: Database) -> Database:
    """A store on PostgreSQL with two open cases."""
    store = database.open(COLLECTOR)
    for case in ("A-1", "B-1"):
        store.append(
            CaseId(case),
            [opened()],
            actor=COLLECTOR,
            at=NOW,
            expected_version=0,
            key=RequestKey(f"open {case}"),
        )
    store.close()
    return database


def test_a_stopped_client_of_postgresql_stops_nobody_beyond_the_timeout(
    two_cases: Database,
) -> None:
    colleague = two_cases.open(COLLEAGUE, lock_timeout=TIMEOUT)
    with _stopped(_IN_POSTGRES, two_cases.url(COLLECTOR.name)):
        elsewhere, answer = _timed(colleague, "B-1", 1, "elsewhere")
        assert isinstance(answer, Receipt)
        assert elsewhere < TIMEOUT

        waited, answer = _timed(colleague, "A-1", 1, "here")
        assert waited < TIMEOUT + SLACK
        if isinstance(answer, StoreLocked):
            # Both timeouts are equal: whichever came first, the next try finds nobody in the way.
            time.sleep(TIMEOUT)
            _, answer = _timed(colleague, "A-1", 1, "here")
        assert isinstance(answer, Receipt)

    facts = [event.event_id for event in colleague.events(CaseId("A-1"))]
    colleague.close()
    assert facts[1:] == list(answer.event_ids)


def test_without_the_timeout_the_stopped_client_would_be_in_the_way(two_cases: Database) -> None:
    """Otherwise the test above would show nothing."""
    patient = _IN_POSTGRES.replace(
        'print("inside"',
        'connection.execute(text("set idle_in_transaction_session_timeout = 0"))\nprint("inside"',
    )
    colleague = two_cases.open(COLLEAGUE, lock_timeout=TIMEOUT)
    with _stopped(patient, two_cases.url(COLLECTOR.name)):
        for key in ("first", "second"):
            waited, answer = _timed(colleague, "A-1", 1, key)
            assert isinstance(answer, StoreLocked)
            assert TIMEOUT <= waited < TIMEOUT + SLACK
    colleague.close()


def test_a_stopped_client_of_a_file_stops_nobody_beyond_the_timeout(tmp_path: Path) -> None:
    path = fresh_file(tmp_path)
    store = open_store(str(path), lock_timeout=TIMEOUT)
    store.append(
        CaseId("A-1"),
        [opened()],
        actor=COLLECTOR,
        at=NOW,
        expected_version=0,
        key=RequestKey("open"),
    )
    with _stopped(_IN_SQLITE, str(path)) as client:
        began = time.monotonic()
        assert len(store.events(CaseId("A-1"))) == 1
        assert time.monotonic() - began < TIMEOUT
        waited, answer = _timed(store, "A-1", 1, "later")
        assert isinstance(answer, StoreLocked)
        assert TIMEOUT * 0.9 <= waited < TIMEOUT + SLACK
        client.kill()
        client.wait()

        receipt = _speak(store, "A-1", 1, "later")

    assert [event.event_id for event in store.events(CaseId("A-1"))][1:] == [*receipt.event_ids]
    store.close()
