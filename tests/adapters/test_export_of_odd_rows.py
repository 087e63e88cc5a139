"""An export goes on where somebody wrote a row that no JSON can say, and its verifiers name it.

Edits are raw SQL by the owner of the file, as in the tamper matrix.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.test_audit_tamper import edit, path, rows_of
from tests.people import AUDITOR
from tests.sealing import audited

from plan_assistant.adapters.files import LocalFiles
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.domain.stored import StoredEvent
from plan_assistant.handout import verifiers
from plan_assistant.services.audit import RecordExport, export_record
from plan_assistant.services.record_lines import OddRow

__all__ = ["path"]  # a fixture

VERIFIERS = tuple(verifiers())
OF_FACTS = tuple(name for name in VERIFIERS if name != "verify_keys.py")
BEYOND = 1 << 62


def exported(path: Path, folder: Path) -> RecordExport:
    store = open_store(str(path))
    made = export_record(
        SqlSeals(store), folder, by=AUDITOR, files=LocalFiles(), verifiers=verifiers()
    )
    store.close()
    return made


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    with (folder / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def verify(folder: Path, program: str = "verify_record.py") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(folder / program)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


BODIES = {
    "a number beyond those of JSON": '{"plan":9007199254740993}',
    "a number in more digits than anybody reads": '{"plan":' + "9" * 5000 + "}",
    "a fraction": '{"plan":1.5}',
    "half a sign": '{"plan":"\\ud800"}',
    "brackets without end": '{"plan":' + "[" * 9999 + "]" * 9999 + "}",
    "no JSON": "{",
    "no object": "[]",
    "another order": '{"z":1,"a":2}',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_no_json_can_say_is_exported_and_named(
    path: Path, tmp_path: Path, name: str
) -> None:
    row = rows_of(path, "event")[1]
    made = replace(StoredEvent(**row), body=BODIES[name])
    edit(
        path,
        "update event set body = :body, sha256 = :sha256 where sequence = 2",
        body=made.body,
        sha256=made.expected_hash,
    )
    assert not audited(path).holds

    done = exported(path, tmp_path / "out")

    place = "sequence 2, case A-1, version 2"
    assert done.odd == (OddRow("events.jsonl", 2),)
    events = lines(tmp_path / "out", "events.jsonl")
    assert len(events) == 10
    assert (events[1]["row"], events[1]["unreadable"]["body"]) == (place, BODIES[name])
    assert events[1]["unreadable"]["request"]["version"] == "2"
    for program in OF_FACTS:
        code, said = verify(tmp_path / "out", program)
        assert code == (1 if program == "verify_record.py" else 2)
        assert f"events.jsonl, {place}: " in said


CELLS = [
    ("event", "version", "events.jsonl"),
    ("event", "sequence", "events.jsonl"),
    ("submission", "round", "events.jsonl"),
    ("submission", "previous_round", "events.jsonl"),
    ("decision", "round", "events.jsonl"),
    *(("seal", name, "checkpoints.jsonl") for name in ("number", "first_sequence", "count")),
    ("seal", "last_sequence", "checkpoints.jsonl"),
]


@pytest.mark.parametrize(("table", "column", "file"), CELLS)
def test_a_number_beyond_those_of_json_is_exported_and_named(
    path: Path, tmp_path: Path, table: str, column: str, file: str
) -> None:
    found = rows_of(path, table)[-1]
    where = " and ".join(f"{name} = :old_{name}" for name in found if found[name] is not None)
    old = {f"old_{name}": value for name, value in found.items() if value is not None}
    edit(path, f"update {table} set {column} = {BEYOND} where {where}", **old)

    done = exported(path, tmp_path / "out")

    assert [each.file for each in done.odd] == [file]
    odd = [line for line in lines(tmp_path / "out", file) if "unreadable" in line]
    assert str(BEYOND) in json.dumps(odd)
    assert str(BEYOND) in odd[0]["why"]
    code, said = verify(tmp_path / "out")
    assert code == 1
    assert f"{file}, {odd[0]['row']}: {BEYOND}" in said


@pytest.mark.parametrize(
    "said", ["[]", "{", '{"wu.hao":' + "[" * 9999 + "]" * 9999 + "}"], ids=["list", "none", "deep"]
)
def test_a_checkpoint_that_nobody_can_read_is_exported_and_named(
    path: Path, tmp_path: Path, said: str
) -> None:
    edit(path, "update seal set people = :said where number = 2", said=said)

    done = exported(path, tmp_path / "out")

    assert done.odd == (OddRow("checkpoints.jsonl", 2),)
    points = lines(tmp_path / "out", "checkpoints.jsonl")
    assert [point.get("number") for point in points] == [1, None, 3]
    assert points[1]["unreadable"]["people"] == said
    assert points[1]["unreadable"]["leaves"] == rows_of(path, "seal")[1]["leaves"]
    code, told = verify(tmp_path / "out")
    assert code == 1
    assert told.startswith("checkpoints.jsonl, checkpoint 2: ")


@pytest.mark.parametrize("column", ["signature", "key_id"])
def test_a_checkpoint_whose_signature_is_no_number_is_named(
    path: Path, tmp_path: Path, column: str
) -> None:
    edit(path, f"update seal set {column} = 'nobody' where number = 2")

    done = exported(path, tmp_path / "out")

    assert done.odd == ()
    code, said = verify(tmp_path / "out")
    assert code == 1
    assert said.startswith("checkpoints.jsonl, checkpoint 2: ")


def test_a_sound_record_has_no_odd_row(path: Path, tmp_path: Path) -> None:
    done = exported(path, tmp_path / "out")

    assert done.odd == ()
    assert len(done.paths) == 6 + len(VERIFIERS)
