"""Runs commands the way a shell does: exit code, stdout and stderr."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs `plan-assistant` in an empty folder, in English."""

    def run(*arguments: object, lang: str = "en") -> Ran:
        command = [sys.executable, "-m", "plan_assistant", "--lang", lang, *map(str, arguments)]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

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
