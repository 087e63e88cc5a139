"""A borrower who waits on the phone, as a script or a screen reader says it: `waits`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, staffed_store
from tests.people import COLLECTOR, LEAD

CASE = "S01-job-loss"

Waits = Callable[..., Any]


@pytest.fixture
def place(run: Run, sample: Callable[[str], Path], tmp_path: Path) -> Path:
    """A store in which a plan waits for the lead."""
    place = tmp_path / "store.sqlite"
    staffed_store(place, COLLECTOR, LEAD)
    for command in (("import", sample(CASE)), ("choose", CASE, "--said-all", "--recording", "R")):
        assert run("--store", place, "--as", COLLECTOR.name, *command).code == 0
    return place


@pytest.fixture
def waits(run: Run, place: Path) -> Waits:
    """Return a function that says whether the borrower of that plan waits."""
    (waiting,) = json.loads(run("--store", place, "--as", LEAD.name, "pending", "--json").out)

    def waits(*more: str, lang: str = "en") -> Any:
        command = ("waits", CASE, "--code", waiting["code"], *more)
        return run("--store", place, "--as", COLLECTOR.name, *command, lang=lang)

    return waits


def _version(run: Run, place: Path) -> int:
    shown = run("--store", place, "--as", COLLECTOR.name, "show", CASE, "--json")
    return int(json.loads(shown.out)["version"])


@pytest.mark.parametrize(
    ("ended", "english", "chinese"),
    [
        (False, "is LIVE already. Nothing was recorded again.", "已在在线等候"),
        (True, "is not LIVE. Nothing was recorded.", "并未在线等候"),
    ],
    ids=["waits", "waits no longer"],
)
def test_what_was_said_before_is_not_recorded_again(
    run: Run, place: Path, waits: Waits, ended: bool, english: str, chinese: str
) -> None:
    option = ("--no-longer",) if ended else ()
    waits()
    if ended:
        waits(*option)
    before = _version(run, place)

    again, in_chinese = waits(*option), waits(*option, lang="zh")

    assert (again.code, again.err) == (0, "")
    assert english in again.out
    assert chinese in in_chinese.out
    assert _version(run, place) == before


def test_who_waits_again_is_recorded_again(run: Run, place: Path, waits: Waits) -> None:
    before = _version(run, place)

    said = [waits(), waits("--no-longer"), waits()]

    assert [ran.out.partition(":")[0] for ran in said] == ["LIVE", "No longer LIVE", "LIVE"]
    assert _version(run, place) == before + 3
