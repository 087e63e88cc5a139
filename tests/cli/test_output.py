"""Where the output of a command goes does not take it: a sentence, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import environment, staffed_store
from tests.people import COLLECTOR
from tests.staffing import PASSWORD


@pytest.mark.parametrize(
    "command",
    [("--help",), ("schema", "case"), ("--as", "wu.hao", "queue", "--json"), ("doctor",)],
    ids=" ".join,
)
def test_a_full_device_behind_the_output_is_a_sentence(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    staffed_store(tmp_path / "store.sqlite", COLLECTOR)

    program = [sys.executable, "-m", "plan_assistant", "--lang", "en", "--store", "store.sqlite"]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*program, *command],
            cwd=tmp_path,
            env=environment(PASSWORD),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert ran.returncode == 4
    assert ran.stderr == (
        "The output could not be written (No space left on device). What the command recorded"
        " stays recorded. Send the output to another place, then ask for it again.\n"
    )
