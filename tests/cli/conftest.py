"""Runs commands the way a shell does: exit code, stdout and stderr."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.events import Account
from tests.staffing import PASSWORD, give_password
from tests.warm import run_command


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]
_PASSWORD = "PLAN_ASSISTANT_PASSWORD"
_ROOT = Path(__file__).parents[2]


def environment(password: str | None) -> dict[str, str]:
    """Return the environment of a command with that password in it, or without one."""
    kept = {name: value for name, value in os.environ.items() if name != _PASSWORD}
    return kept if password is None else {**kept, _PASSWORD: password}


def staffed_store(path: Path, *people: Account) -> None:
    """Make a store in which these people work, all with the password of the tests."""
    store = bootstrap.open_store(str(path))
    for person in people:
        store.add_account(person)
        give_password(store, person)
    store.close()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs `plan-assistant` in an empty folder, in English.

    Everybody has the password of the tests in their environment, unless `password` is another one
    or None; `typed` is what stdin holds.
    """

    def run(
        *arguments: object,
        lang: str = "en",
        password: str | None = PASSWORD,
        typed: str | None = None,
    ) -> Ran:
        done = run_command(
            "--lang",
            lang,
            *arguments,
            folder=tmp_path,
            environment=environment(password),
            typed=(typed or "").encode(),
        )
        return Ran(done.code, done.out.decode(), done.err.decode())

    return run


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a sample case file and returns its path."""
    from plan_assistant.samples import sample_text  # noqa: PLC0415

    def write(name: str) -> Path:
        path = tmp_path / f"{name}.json"
        path.write_text(sample_text(name), encoding="utf-8")
        return path

    return write


_LOCKED = """
import sys
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.cli import main
from plan_assistant.domain.errors import StoreLocked
from tests.samples_day import work_on_the_samples_day
def locked(*a, **k):
    raise StoreLocked("s", place="here", seconds="30")
SqlStore.append = locked
work_on_the_samples_day()
main()
"""


def run_while_locked(store: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a collector, in English, on a store that takes nothing."""
    command = ["--lang", "en", "--store", str(store), "--as", "wu.hao", *arguments]
    return subprocess.run(
        [sys.executable, "-c", _LOCKED, *command],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        env=environment(PASSWORD),
        check=False,
    )
