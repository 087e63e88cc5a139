"""Writers killed with -9 at random moments: what was acknowledged is there, whole, and once.

FAULT_ROUNDS (at least 50) and FAULT_SEED change the number of rounds and the moments.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2

from plan_assistant.adapters.store import open_store
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import Store
from plan_assistant.services.open_case import open_case
from tests.desks import agreement, case_named, desk_at
from tests.faults.recorder import plan_for
from tests.recording import record_plan
from tests.stores import fresh_file

ROUNDS = max(50, int(os.environ.get("FAULT_ROUNDS", "50")))
SEED = int(os.environ.get("FAULT_SEED", "20261120"))
_ROOT = Path(__file__).parents[2]


@dataclass
class Round:
    """What the writers of one round said before they died."""

    recorded: dict[str, str] = field(default_factory=dict)
    """Case to the id of the fact that was acknowledged."""
    unanswered: list[str] = field(default_factory=list)
    """Cases whose plan was sent and not acknowledged."""


class Recorder:
    """The other side of `recorder.py`."""

    def __init__(self, folder: Path, sent: dict[str, Any]) -> None:
        file = folder / "agreement.json"
        file.write_text(json.dumps(sent))
        paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.recorder", str(file)],
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == ["ready"]

    def _line(self) -> list[str]:
        assert self._program.stdout is not None
        return self._program.stdout.readline().split()

    def killed_after(self, path: Path, name: str, *, plans: int, seconds: float) -> Round:
        """Let two writers record, kill both so long after that many plans; say what they said."""
        assert self._program.stdin is not None
        command = {"path": str(path), "writers": [f"{name}a", f"{name}b"]}
        self._program.stdin.write(json.dumps(command) + "\n")
        self._program.stdin.flush()
        said, children = Round(), list[int]()
        tried: list[str] = []
        has_struck = False
        while (words := self._line())[0] != "gone":
            match words:
                case ["started", *pids]:
                    children = [int(pid) for pid in pids]
                case ["trying", case]:
                    tried.append(case)
                case ["recorded", case, event_id]:
                    said.recorded[case] = event_id
                case other:
                    pytest.fail(f"a writer said {other}")
            if children and not has_struck and len(said.recorded) >= plans:
                has_struck = True
                time.sleep(seconds)
                for child in children:
                    os.kill(child, signal.SIGKILL)
        assert has_struck
        said.unanswered = [case for case in tried if case not in said.recorded]
        return said

    def close(self) -> None:
        """End the program."""
        self._program.communicate(timeout=30)


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    """The recording program, with everything loaded."""
    program = Recorder(tmp_path, agreement())
    yield program
    program.close()


def lost(said: Round, store: Store) -> list[str]:
    """Return the acknowledged plans that are not in the store as they were acknowledged."""
    missing = []
    for case, event_id in said.recorded.items():
        found = store.events(CaseId(case)) if case in store.case_ids() else ()
        plans = [event for event in found if event.type is EventType.PLAN_RECORDED]
        if [event.event_id for event in plans] != [event_id]:
            missing.append(case)
    return missing


def half_written(path: Path) -> dict[str, int]:
    """Return how many rows stand without the rows that were written in the same transaction."""
    asked = {
        "events without request": "select count(*) from event where event_id not in"
        " (select value from request, json_each(event_ids))",
        "requests without event": "select count(*) from request, json_each(event_ids)"
        " where value not in (select event_id from event)",
        "plans without submission": "select count(*) from event where type = 'plan_recorded'"
        " and event_id not in (select event_id from submission)",
        "submissions without plan": "select count(*) from submission"
        " where event_id not in (select event_id from event)",
    }
    connection = dbapi2.connect(str(path))
    found = {name: connection.execute(query).fetchone()[0] for name, query in asked.items()}
    (health,) = connection.execute("pragma integrity_check").fetchone()
    connection.close()
    return found | {f"integrity: {health}": 0}


def whole() -> dict[str, int]:
    """Return what `half_written` finds in a sound store."""
    names = (
        "events without request",
        "requests without event",
        "plans without submission",
        "submissions without plan",
        "integrity: ok",
    )
    return dict.fromkeys(names, 0)


def test_no_acknowledged_plan_is_lost_when_writers_are_killed(
    recorder: Recorder, tmp_path: Path
) -> None:
    path, sent = fresh_file(tmp_path), agreement()
    chance = random.Random(SEED)
    acknowledged = durable_unanswered = recorded_by_retry = 0

    for number in range(ROUNDS):
        said = recorder.killed_after(
            path, f"R{number}", plans=chance.randint(0, 12), seconds=chance.uniform(0, 0.02)
        )
        store = open_store(str(path))
        assert lost(said, store) == [], f"round {number}, seed {SEED}"
        acknowledged += len(said.recorded)
        for case in said.unanswered:
            before = len(store.events(CaseId(case)))
            receipt = record_plan(
                desk_at(store),
                plan_for(case, sent),
                expected_version=1,
                key=RequestKey(f"plan {case}"),
                price=price,
            )
            after = [event.event_id for event in store.events(CaseId(case))]
            assert (len(after), receipt.is_repeat) == (2, before == 2), f"seed {SEED}, {case}"
            assert receipt.event_ids == (after[1],)
            durable_unanswered += receipt.is_repeat
            recorded_by_retry += not receipt.is_repeat
        store.close()
        assert half_written(path) == whole(), f"round {number}, seed {SEED}"

    print(
        f"{ROUNDS} rounds x 2 writers: {acknowledged} acknowledged, 0 lost,"
        f" {durable_unanswered} durable but not acknowledged, {recorded_by_retry} by the retry"
    )
    assert acknowledged >= ROUNDS
    assert durable_unanswered + recorded_by_retry > 0


def test_the_check_notices_a_lost_plan(tmp_path: Path) -> None:
    """Otherwise the test above could not fail."""
    path = fresh_file(tmp_path)
    store = open_store(str(path))
    open_case(desk_at(store), case_named("R0-1"), RequestKey("open"))
    never_opened, never_recorded = Round({"R0-0": "E-1"}), Round({"R0-1": "E-2"})

    assert lost(never_opened, store) == ["R0-0"]
    assert lost(never_recorded, store) == ["R0-1"]
    store.close()


def test_the_check_notices_a_half_written_plan(tmp_path: Path) -> None:
    path = fresh_file(tmp_path)
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute(
        "insert into submission (case_id, round, event_id, number, fingerprint, maker)"
        " values ('A-1', 1, 'E-1', 'AG-1', 'x', 'wu.hao')"
    )
    connection.execute("insert into request values ('k', 'x', 'A-1', 1, '[\"E-1\"]')")
    connection.close()

    found = half_written(path)

    assert found["submissions without plan"] == 1
    assert found["requests without event"] == 1
