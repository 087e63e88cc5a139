"""A PostgreSQL server killed with -9, all of it, under 8 writers: what was acknowledged is there.

FAULT_ROUNDS sets the number of rounds, a tenth of it; FAULT_SEED the moments.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreFailure, StoreOutOfReach
from plan_assistant.domain.events import (
    Account,
    EventType,
    NewEvent,
    Receipt,
    RequestKey,
)
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import Store
from tests.desks import agreement
from tests.faults.recorder import plan_for
from tests.faults.test_kill import Round, lost
from tests.people import AUDITOR, COLLECTOR, NOW, opened
from tests.postgres import Database, Databases, Server, add_people

ROUNDS = max(3, int(os.environ.get("FAULT_ROUNDS", "30")) // 10)
SEED = int(os.environ.get("FAULT_SEED", "20261120"))
WRITERS = [Account(f"writer-{number}", f"writer-{number}", Role.COLLECTOR) for number in range(8)]


def _record(store: Store, person: Account, case: str, sent: dict[str, Any]) -> Receipt:
    """Open a case and record a plan in it, in one request."""
    body = {**plan_for(case, sent), "maker": person.name}
    return store.append(
        CaseId(case),
        [opened(), NewEvent(EventType.PLAN_RECORDED, body)],
        actor=person,
        at=NOW,
        expected_version=0,
        key=RequestKey(f"plan {case}"),
    )


class Writer(threading.Thread):
    """Somebody who records plans until the store fails."""

    def __init__(self, store: Store, person: Account, name: str, sent: dict[str, Any]) -> None:
        super().__init__()
        self._store, self._sent, self._case = store, sent, name
        self.person = person
        self.said = Round()
        self.failure: StoreFailure | None = None

    def run(self) -> None:
        number = 0
        while self.failure is None:
            case = f"{self._case}-{number}"
            try:
                receipt = _record(self._store, self.person, case, self._sent)
            except StoreFailure as failure:
                self.failure = failure
                self.said.unanswered.append(case)
            else:
                self.said.recorded[case] = receipt.event_ids[1]
            number += 1


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server that waits for the disk."""
    made = Server(is_durable=True)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A store in which eight collectors work."""
    with Databases(server.url, is_ours=True).fresh() as fresh:
        add_people(fresh, WRITERS)
        yield fresh


def _half_written(database: Database) -> list[tuple[str]]:
    """Return the cases of which only a part is there."""
    with database.raw() as connection:
        return connection.execute(
            "select h.case_id from plan_assistant.case_head h"
            " left join plan_assistant.event e on e.case_id = h.case_id and e.version = 2"
            " left join plan_assistant.submission s on s.event_id = e.event_id"
            " left join plan_assistant.request r on r.case_id = h.case_id and r.version = 2"
            " where e.event_id is null or s.event_id is null or r.key is null or h.version <> 2"
        ).fetchall()


def test_no_acknowledged_plan_is_lost_when_the_server_is_killed(
    server: Server, database: Database
) -> None:
    chance, sent = random.Random(SEED), agreement()
    stores = {person.name: database.open(person) for person in WRITERS}
    auditor = database.open(AUDITOR)
    acknowledged = durable_unanswered = recorded_by_retry = 0
    restarts = []

    for number in range(ROUNDS):
        writers = [
            Writer(stores[person.name], person, f"R{number}-{person.name}", sent)
            for person in WRITERS
        ]
        for writer in writers:
            writer.start()
        least = chance.randint(1, 60)
        while sum(len(writer.said.recorded) for writer in writers) < least:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))
        server.kill()
        for writer in writers:
            writer.join()
        began = time.monotonic()
        server.start()
        restarts.append(time.monotonic() - began)

        for writer in writers:
            assert isinstance(writer.failure, StoreOutOfReach), repr(writer.failure)
            assert lost(writer.said, auditor) == [], f"round {number}, seed {SEED}"
            acknowledged += len(writer.said.recorded)
            for case in writer.said.unanswered:
                was_there = case in auditor.case_ids()
                receipt = _record(stores[writer.person.name], writer.person, case, sent)
                found = [event.event_id for event in auditor.events(CaseId(case))]
                assert receipt.is_repeat == was_there
                assert list(receipt.event_ids) == found
                durable_unanswered += was_there
                recorded_by_retry += not was_there
        assert _half_written(database) == [], f"round {number}, seed {SEED}"

    for store in (*stores.values(), auditor):
        store.close()
    print(
        f"server killed {ROUNDS} times under {len(WRITERS)} writers: {acknowledged} acknowledged,"
        f" 0 lost, {durable_unanswered} durable but not acknowledged, {recorded_by_retry} by the"
        f" retry; restarts took at most {max(restarts):.1f} s"
    )
    assert acknowledged >= ROUNDS
    assert durable_unanswered + recorded_by_retry == ROUNDS * len(WRITERS)


def test_the_check_notices_a_lost_and_a_half_written_plan(database: Database) -> None:
    """Otherwise the test above could not fail."""
    store, auditor = database.open(COLLECTOR), database.open(AUDITOR)
    receipt = _record(store, COLLECTOR, "R-1", agreement())
    sound = Round({"R-1": receipt.event_ids[1]})
    assert (lost(sound, auditor), _half_written(database)) == ([], [])

    never_recorded, another = Round({"R-0": "E-1"}), Round({"R-1": "E-2"})
    with database.raw() as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("delete from plan_assistant.submission where case_id = 'R-1'")

    assert lost(never_recorded, auditor) == ["R-0"]
    assert lost(another, auditor) == ["R-1"]
    assert _half_written(database) == [("R-1",)]
    store.close()
    auditor.close()
