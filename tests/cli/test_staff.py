"""Who works on a store, and how a command knows who is at work."""

from __future__ import annotations

import json
import os
import pty
import select
import sys
import time
from pathlib import Path

import pytest

from plan_assistant import bootstrap
from plan_assistant.adapters import passwords
from plan_assistant.cli.session import Session
from tests.cli.conftest import Run, environment, staffed_store
from tests.people import ADMINISTRATOR, COLLECTOR, LEAD
from tests.staffing import PASSWORD

NEW = "another five small words"


@pytest.fixture
def store(tmp_path: Path) -> tuple[str, Path]:
    """The option for a store in which a collector, a lead and an administrator work."""
    path = tmp_path / "store.sqlite"
    staffed_store(path, COLLECTOR, LEAD, ADMINISTRATOR)
    return "--store", path


# --- signing in
def test_the_password_comes_from_the_environment_or_from_stdin(
    run: Run, store: tuple[str, Path]
) -> None:
    at = (*store, "--as", "wu.hao")

    assert run(*at, "queue").code == 0
    typed = run(*at, "--password-stdin", "queue", password=None, typed=f"{PASSWORD}\n")
    assert typed.code == 0, typed.err


def test_without_a_password_and_a_terminal_a_sentence_says_where_to_put_it(
    run: Run, store: tuple[str, Path]
) -> None:
    ran = run(*store, "--as", "wu.hao", "queue", password=None)

    assert ran.code == 2
    assert "PLAN_ASSISTANT_PASSWORD" in ran.err
    assert "--password-stdin" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("before", [(), ("--password-stdin",)], ids=["variable", "stdin"])
def test_a_script_is_told_where_the_first_administrator_gets_a_password_from(
    run: Run, tmp_path: Path, before: tuple[str, ...]
) -> None:
    at = ("--store", tmp_path / "new.sqlite", *before)
    add = ("staff", "add", "tang.yi", "administrator")

    refused = run(*at, *add)
    done = run("--store", tmp_path / "new.sqlite", *add, "--password-stdin", typed=f"{NEW}\n")

    assert refused.code == 2
    assert "staff add NAME ROLE --password-stdin" in refused.err
    assert "PLAN_ASSISTANT_PASSWORD" not in refused.err
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("name", "password"), [("wu.hao", "not the password"), ("nobody.here", PASSWORD)]
)
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    run: Run, store: tuple[str, Path], name: str, password: str
) -> None:
    ran = run(*store, "--as", name, "queue", password=password)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Name or password is wrong. Nothing was done. Try again.\n"


def test_an_account_without_a_password_is_told_how_to_set_one(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "older.sqlite"
    older = bootstrap.open_store(str(path))
    older.add_account(COLLECTOR)
    older.close()
    at = ("--store", path)

    refused = run(*at, "queue")
    listed = json.loads(run(*at, "staff", "list", "--json").out)
    done = run(*at, "staff", "password", "wu.hao", "--password-stdin", typed=f"{NEW}\n")

    assert (refused.code, "staff password wu.hao" in refused.err) == (1, True)
    assert [one["has_password"] for one in listed] == [False]
    assert "no password yet" in run(*at, "staff", "list").out or done.code == 0
    assert run(*at, "queue", password=NEW).code == 0


def test_failures_are_remembered_by_the_next_process(run: Run, store: tuple[str, Path]) -> None:
    at = (*store, "--as", "wu.hao", "queue")
    assert run(*at, password="wrong again and again").code == 1
    opened = bootstrap.open_store(str(store[1]))
    for _ in range(8):
        opened.credentials.end_attempt("wu.hao", bootstrap.system_clock().now(), came_in=False)
    opened.close()

    shut = run(*at)

    assert shut.code == 1
    assert "is shut for" in shut.err
    assert run(*store, "--as", "li.na", "queue").code == 0, "others are not shut out with them"


def test_one_process_pays_for_one_hash_however_often_it_asks(
    store: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str] = []
    real = passwords._root

    def counted(password: str, *rest: object) -> bytes:
        hashes.append(password)
        return real(password, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(passwords, "_root", counted)
    session = Session(str(store[1]), "li.na", "en", password=PASSWORD)
    try:
        for _ in range(5):
            session.desk()
        assert session.proof.account == LEAD
    finally:
        session.close()

    assert len(hashes) == 1


# --- passwords
def test_a_changed_password_is_the_one_that_counts(run: Run, store: tuple[str, Path]) -> None:
    changed = run(*store, "staff", "password", "li.na", "--password-stdin", typed=f"{NEW}\n")

    assert changed.code == 0, changed.err
    assert run(*store, "--as", "li.na", "pending").code == 1
    assert run(*store, "--as", "li.na", "pending", password=NEW).code == 0


def test_both_passwords_may_come_from_stdin_a_line_each(run: Run, store: tuple[str, Path]) -> None:
    changed = run(
        *store,
        "--password-stdin",
        "staff",
        "password",
        "li.na",
        "--password-stdin",
        password=None,
        typed=f"{PASSWORD}\n{NEW}\n",
    )

    assert changed.code == 0, changed.err
    assert run(*store, "--as", "li.na", "pending", password=NEW).code == 0


@pytest.mark.parametrize(("typed", "said"), [("short\n", "at least 10"), ("", "Stdin ended")])
def test_an_unfit_password_changes_nothing(
    run: Run, store: tuple[str, Path], typed: str, said: str
) -> None:
    ran = run(*store, "staff", "password", "li.na", "--password-stdin", typed=typed)

    assert ran.code in {1, 2}
    assert said in ran.err
    assert run(*store, "--as", "li.na", "pending").code == 0


def test_only_an_administrator_gives_somebody_else_a_password(
    run: Run, store: tuple[str, Path]
) -> None:
    ask = ("staff", "password", "wu.hao", "--password-stdin")

    refused = run(*store, "--as", "li.na", *ask, typed=f"{NEW}\n")
    given = run(*store, "--as", "tang.yi", *ask, typed=f"{NEW}\n")

    assert (refused.code, "administrator" in refused.err) == (1, True)
    assert given.code == 0, given.err
    assert run(*store, "--as", "wu.hao", "queue", password=NEW).code == 0


def test_where_an_administrator_works_nobody_else_adds_people(
    run: Run, store: tuple[str, Path]
) -> None:
    ask = ("staff", "add", "mallory", "team_lead", "--password-stdin")

    alone = run(*store, *ask, typed=f"{NEW}\n")
    as_lead = run(*store, "--as", "li.na", *ask, typed=f"{NEW}\n")
    as_administrator = run(*store, "--as", "tang.yi", *ask, typed=f"{NEW}\n")

    assert (alone.code, "tang.yi" in alone.err) == (1, True)
    assert as_lead.code == 1
    assert as_administrator.code == 0, as_administrator.err


def test_adding_a_person_again_leaves_their_password(run: Run, store: tuple[str, Path]) -> None:
    again = run(
        *store,
        "--as",
        "tang.yi",
        "staff",
        "add",
        "wu.hao",
        "collector",
        "--display-name",
        COLLECTOR.display_name,
        "--password-stdin",
        typed=f"{NEW}\n",
    )

    assert (again.code, "has a password already" in again.err) == (1, True)
    assert run(*store, "--as", "wu.hao", "queue").code == 0


# --- on a terminal
def _on_a_terminal(arguments: list[str], answers: list[str], cwd: Path) -> tuple[int, str]:
    """Run a command on a terminal of its own and answer its questions; return what it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execve(
            sys.executable,
            [sys.executable, "-m", "plan_assistant", "--lang", "en", *arguments],
            environment(None),
        )
    shown, waiting, end = "", list(answers), time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:
            break
        if waiting and shown.rstrip(" ").endswith(":"):
            # The question is there; getpass has switched the echo off before it wrote it.
            os.write(terminal, f"{waiting.pop(0)}\n".encode())
            shown += "|"
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown


def test_a_terminal_is_asked_twice_and_shows_nothing(tmp_path: Path) -> None:
    store = ["--store", "s.sqlite"]

    code, shown = _on_a_terminal(
        [*store, "staff", "add", "wu.hao", "collector"], [NEW, NEW], tmp_path
    )
    asked, queue = _on_a_terminal([*store, "--as", "wu.hao", "queue"], [NEW], tmp_path)

    assert code == 0, shown
    assert "New password of wu.hao" in shown
    assert "The same once more" in shown
    assert asked == 0, queue
    assert "Password of wu.hao" in queue
    assert NEW not in shown + queue


def test_two_passwords_that_differ_add_nobody(tmp_path: Path) -> None:
    store = ["--store", "s.sqlite"]

    code, shown = _on_a_terminal(
        [*store, "staff", "add", "wu.hao", "collector"], [NEW, f"{NEW}!"], tmp_path
    )

    assert (code, "The two passwords differ" in shown) == (1, True)
