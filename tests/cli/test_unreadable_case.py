"""A case that cannot be read keeps nobody from the others: it is left out, and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from plan_assistant import bootstrap
from plan_assistant.domain.stored import StoredEvent
from tests.cli.conftest import Run, staffed_store
from tests.people import ADMINISTRATOR, AUDITOR, COLLECTOR, LEAD
from tests.staffing import give_password

CASE, OTHER = "S01-job-loss", "S09-several-debts"


@pytest.fixture
def store(run: Run, sample: Callable[[str], Path], tmp_path: Path) -> Path:
    """A store with two cases, the first of which holds a fact that is none."""
    path = tmp_path / "store.sqlite"
    staffed_store(path, COLLECTOR, LEAD, ADMINISTRATOR)
    ran = run("--store", path, "--as", "wu.hao", "import", sample(CASE), sample(OTHER))
    assert ran.code == 0, ran.err
    return path


def _put_in(
    store: Path, kind: str, by: str, role: str, body: str, at: str = "2026-07-01T10:00:00+08:00"
) -> None:
    """Write a fact into the first case as the owner of the file can, with no request."""
    connection = dbapi2.connect(str(store), isolation_level=None)
    for (name,) in connection.execute(
        "select name from sqlite_schema where type = 'trigger' and tbl_name = 'event'"
    ).fetchall():
        connection.execute(f"drop trigger {name}")
    connection.execute("pragma ignore_check_constraints = on")
    connection.execute(
        "insert into event (event_id, case_id, version, at, actor, role, type, body, sha256)"
        " values ('E', ?, 2, ?, ?, ?, ?, ?, ?)",
        (CASE, at, by, role, kind, body, "0" * 64),
    )
    connection.close()


DEEP = '{"outcome":' + "[" * 3000 + "]" * 3000 + "}"
_CLOSED = ("call_closed", "wu.hao", "collector", '{"outcome":"other"}')
PUT_IN = {
    "an approval that says nothing": ("approved", "li.na", "team_lead", "{}"),
    "an unknown type": ("zzz", "li.na", "legal_reviewer", "{}"),
    "a list": ("approved", "li.na", "team_lead", "[]"),
    "brackets without an end": ("call_closed", "wu.hao", "collector", DEEP),
    "deeper than anything of ours": (
        "call_closed",
        "wu.hao",
        "collector",
        '{"outcome":' + "[" * 100 + "]" * 100 + "}",
    ),
    "a moment without an offset": (*_CLOSED, "2026-07-01T10:00:00.000000"),
    "a moment before the first year": (*_CLOSED, "0001-01-01T00:00:00.000000+14:00"),
    "a moment that is none": (*_CLOSED, "2026-02-30T10:00:00.000000+08:00"),
}


@pytest.mark.parametrize("name", PUT_IN)
def test_lists_leave_one_unreadable_case_out_and_name_it(run: Run, store: Path, name: str) -> None:
    _put_in(store, *PUT_IN[name])

    queue = run("--store", store, "--as", "wu.hao", "queue", "--json")
    pending = run("--store", store, "--as", "li.na", "pending")
    other = run("--store", store, "--as", "wu.hao", "show", OTHER)

    assert (queue.code, pending.code, other.code) == (0, 0, 0)
    assert [row["case_id"] for row in json.loads(queue.out)] == [OTHER]
    assert queue.err.startswith(f"Case {CASE} cannot be read: fact 2 ")
    assert pending.err == queue.err


@pytest.mark.parametrize("name", PUT_IN)
def test_purge_lists_the_other_cases_and_names_the_unreadable_one(
    run: Run, store: Path, name: str
) -> None:
    _put_in(store, *PUT_IN[name])

    listed = run("--store", store, "--as", ADMINISTRATOR.name, "purge", "--years", "1", "--json")

    assert listed.code == 1, listed.err  # it was not judged
    assert json.loads(listed.out)["cases"] == []
    assert listed.err.startswith(f"Case {CASE} cannot be read: fact 2 ")


@pytest.mark.parametrize("name", PUT_IN)
def test_showing_an_unreadable_case_names_its_fact(run: Run, store: Path, name: str) -> None:
    _put_in(store, *PUT_IN[name])

    ran = run("--store", store, "--as", "wu.hao", "show", CASE)

    assert ran.code == 4
    assert "2" in ran.err
    assert CASE in ran.err
    assert "defect" not in ran.err


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (
            "an approval that says nothing",
            "says nothing about: display_name, fingerprint, reason, sentence.",
        ),
        ("an unknown type", "there is no fact of the type zzz: it was put in."),
        ("a list", "what it says cannot be read."),
        ("brackets without an end", "what it says cannot be read."),
        ("deeper than anything of ours", "what it says cannot be read."),
    ],
)
def test_the_audit_names_a_fact_that_cannot_be_read(
    run: Run, store: Path, name: str, what: str
) -> None:
    _put_in(store, *PUT_IN[name])

    ran = run("--store", store, "audit", "verify")

    assert ran.code == 1
    assert f"case {CASE}, version 2: {what}" in ran.out


# --- a fact whose text is another one than the record writes for what it says
IN_ANOTHER_FORM = {
    "a blank": ("2026-07-01T10:00:00.000000+08:00", '{"outcome": "done"}'),
    "no microseconds": ("2026-07-01T10:00:00+08:00", '{"outcome":"done"}'),
    "no place of the time": ("2026-07-01T10:00:00.000000", '{"outcome":"done"}'),
}


def _put_in_hashed(store: Path, at: str, body: str) -> None:
    """Write a fact with its request into the first case, and with the hash of its text."""
    made = StoredEvent(9, "E", CASE, 2, at, "wu.hao", "collector", "call_closed", body, "")
    connection = dbapi2.connect(str(store), isolation_level=None)
    # Whoever writes into the file by hand can take away what guards it.
    connection.execute("drop trigger if exists event_moment")
    connection.execute(
        "insert into request values ('put in', ?, ?, 2, '[\"E\"]')", ("0" * 64, CASE)
    )
    connection.execute(
        "insert into event (event_id, case_id, version, at, actor, role, type, body, sha256)"
        " values ('E', ?, 2, ?, 'wu.hao', 'collector', 'call_closed', ?, ?)",
        (CASE, at, body, made.expected_hash),
    )
    connection.close()


@pytest.mark.parametrize("name", IN_ANOTHER_FORM)
def test_a_fact_in_another_form_is_named_by_the_audit_and_makes_one_case_unreadable(
    run: Run, store: Path, name: str
) -> None:
    _put_in_hashed(store, *IN_ANOTHER_FORM[name])

    audited = run("--store", store, "audit", "verify")
    shown = run("--store", store, "--as", "wu.hao", "show", CASE)
    other = run("--store", store, "--as", "wu.hao", "show", OTHER)

    field = "body" if name == "a blank" else "at"
    assert audited.code == 1
    assert f"case {CASE}, version 2: {field} is not written as the record writes it" in audited.out
    assert (shown.code, other.code) == (4, 0)
    assert shown.err.startswith(f"Case {CASE} cannot be read: fact 2 ")
    assert "backup" not in shown.err


def test_what_looks_through_all_cases_goes_on_without_an_unreadable_one(
    run: Run, store: Path, sample: Callable[[str], Path]
) -> None:
    ours = ("--store", store, "--as", "wu.hao")
    chosen = run(*ours, "choose", OTHER, "--recording", "R", "--said-all")
    assert chosen.code == 0, chosen.err
    _put_in_hashed(store, *IN_ANOTHER_FORM["a blank"])
    case = json.loads(sample(CASE).read_text("utf-8"))

    replayed = run(*ours, "policy", "replay", "--against", "cn-card", "--json")
    found = run(*ours, "find", "name", typed=case["borrower"]["name"])

    told = f"Case {CASE} cannot be read: fact 2 "
    answer = json.loads(replayed.out)
    assert (replayed.code, answer["left_out"]) == (0, [CASE])
    assert answer["decisions"] + answer["not_for_this_pack"] == 1
    assert told in replayed.err
    assert (found.code, found.out) == (1, "")
    assert found.err.startswith(told)


@pytest.mark.parametrize("name", PUT_IN)
def test_an_auditor_exports_a_record_with_a_fact_that_cannot_be_read(
    run: Run, store: Path, tmp_path: Path, name: str
) -> None:
    _put_in(store, *PUT_IN[name])
    account = bootstrap.open_store(str(store))
    account.add_account(AUDITOR)
    give_password(account, AUDITOR)
    account.close()

    ran = run("--store", store, "--as", AUDITOR.name, "audit", "export", tmp_path / "out")

    assert ran.code == 0, ran.err


@pytest.mark.parametrize("name", PUT_IN)
def test_the_doctor_goes_on_past_a_fact_that_cannot_be_read(
    run: Run, store: Path, name: str
) -> None:
    _put_in(store, *PUT_IN[name])

    ran = run("--store", store, "doctor")

    assert "not foreseen" not in ran.err
