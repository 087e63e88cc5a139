"""Several programs on one file: they take turns, and two that start together make one store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pysqlite3 import dbapi2
from tests.people import COLLECTOR, NOW, opened
from tests.stores import fresh_file

from plan_assistant.adapters.store import open_store
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import RequestKey

_FACTS = 60

_WRITER = """
import sys
from datetime import UTC, datetime
from plan_assistant.adapters.store import open_store
from plan_assistant.domain.errors import StaleCase
from plan_assistant.domain.events import Account, EventType, NewEvent
from plan_assistant.domain.policy.findings import Role

path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = open_store(path)
person = Account("wu.hao", "吴昊", Role.COLLECTOR)
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    while True:
        version = len(store.events("A-1"))
        fact = NewEvent(EventType.OFFER_SPOKEN, {"by": name, "number": number})
        try:
            store.append("A-1", [fact], actor=person, at=datetime.now(UTC),
                         expected_version=version, key=f"{name} {number}")
            break
        except StaleCase:
            continue
store.close()
"""

_OPENER = """
import sys
from plan_assistant.adapters.store import open_store
from plan_assistant.domain.events import Account
from plan_assistant.domain.policy.findings import Role
print("ready", flush=True)
sys.stdin.readline()
store = open_store(sys.argv[1])
store.add_account(Account(sys.argv[2], sys.argv[2], Role.COLLECTOR))
store.close()
"""


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run_together(programs: list[subprocess.Popen[str]]) -> None:
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    for program in programs:
        _, said = program.communicate(timeout=60)
        assert program.returncode == 0, said


def test_two_programs_on_one_case_lose_nothing(tmp_path: Path) -> None:
    path = fresh_file(tmp_path)
    store = open_store(str(path))
    store.append(
        CaseId("A-1"), [opened()], actor=COLLECTOR, at=NOW, expected_version=0, key=RequestKey("k")
    )

    _run_together([_start(_WRITER, str(path), name, str(_FACTS)) for name in ("one", "two")])

    events = store.events(CaseId("A-1"))
    store.close()
    assert [event.version for event in events] == list(range(1, 2 * _FACTS + 2))
    for name in ("one", "two"):
        numbers = [event.body["number"] for event in events[1:] if event.body["by"] == name]
        assert numbers == list(range(_FACTS))


def test_two_programs_that_start_together_make_one_store(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    names = [f"person-{number}" for number in range(3)]

    _run_together([_start(_OPENER, str(path), name) for name in names])

    store = open_store(str(path))
    found = [person.name for person in store.accounts()]
    store.close()
    assert found == names
    assert [file.name for file in tmp_path.iterdir()] == ["new.sqlite"]
    with dbapi2.connect(str(path)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()
