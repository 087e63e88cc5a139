"""A row about a person, or about a key, that cannot be read keeps nobody from their work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from tests.cli.conftest import Run, staffed_store
from tests.people import COLLECTOR, LEAD

CASE = "S01-job-loss"
_KEY = (
    "insert into approval_key (account, number, public_key, at, set_by, endorsed_by, endorsed_with,"
    " endorsement) values ('li.na', 7, '{key}', '{at}', 'li.na', 'li.na', '{key}', '{signature}')"
)
_NOW = "2026-07-01T10:00:00.000000+08:00"
PUT_IN = {
    "a person of an unknown role": (
        "insert into account (name, display_name, role, team) values ('weird', '', 'boss', '')",
        "account weird: there is no role boss: nobody works under it.",
    ),
    "a key of no moment": (
        _KEY.format(key="a" * 64, at="x", signature="b" * 128),
        "approval key li.na 7: cannot be read: it signs nothing.",
    ),
    "a key of no digits": (
        _KEY.format(key="z" * 64, at=_NOW, signature="b" * 128),
        "approval key li.na 7: cannot be read: it signs nothing.",
    ),
    "a password of no moment": (
        "insert into password (account, number, at, set_by, verifier, key_number, sealed_key)"
        " select account, 2147483647, 'x', set_by, 'v', key_number, 'k' from password"
        " where account = 'wu.hao'",
        "",
    ),
    "a try of no moment": (
        "insert into sign_in (account, number, at, outcome) values ('li.na', 99, 'x', 'failed')",
        "",
    ),
}


@pytest.fixture
def store(run: Run, sample: Callable[[str], Path], tmp_path: Path) -> Path:
    """A store with one case."""
    path = tmp_path / "store.sqlite"
    staffed_store(path, COLLECTOR, LEAD)
    ran = run("--store", path, "--as", "li.na", "import", sample(CASE))
    assert ran.code == 0, ran.err
    return path


def _put_in(store: Path, statement: str) -> None:
    """Write a row as the owner of the file can."""
    connection = dbapi2.connect(str(store), isolation_level=None)
    for (name,) in connection.execute(
        "select name from sqlite_schema where type = 'trigger'"
    ).fetchall():
        connection.execute(f"drop trigger {name}")
    connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("name", PUT_IN)
def test_everybody_else_goes_on(run: Run, store: Path, name: str) -> None:
    _put_in(store, PUT_IN[name][0])

    queue = run("--store", store, "--as", "li.na", "queue", "--json")
    shown = run("--store", store, "--as", "li.na", "show", CASE)
    staff = run("--store", store, "staff", "list", "--json")

    assert (queue.code, shown.code, staff.code) == (0, 0, 0), (queue.err, shown.err, staff.err)
    assert [person["name"] for person in json.loads(staff.out)] == ["li.na", "wu.hao"]


@pytest.mark.parametrize("name", PUT_IN)
def test_the_audit_goes_on_and_names_the_row(run: Run, store: Path, name: str) -> None:
    statement, said = PUT_IN[name]
    _put_in(store, statement)

    ran = run("--store", store, "audit", "verify")

    assert ran.code == (1 if said else 0), ran.err
    assert said in ran.out


def test_a_password_that_cannot_be_read_opens_nothing(run: Run, store: Path) -> None:
    _put_in(store, PUT_IN["a password of no moment"][0])

    ran = run("--store", store, "--as", "wu.hao", "queue")

    assert ran.code == 1
    assert "not foreseen" not in ran.err


def test_nobody_works_under_a_role_that_there_is_not(run: Run, store: Path) -> None:
    _put_in(store, PUT_IN["a person of an unknown role"][0])

    ran = run("--store", store, "--as", "weird", "queue")

    assert (ran.code, ran.out) == (1, "")
    assert "not foreseen" not in ran.err
