"""A command that lacks something is told by the option that gives it; a screen has none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import RequestKey
from plan_assistant.services.open_case import open_case
from plan_assistant.wording.problems import failure_sentence
from plan_assistant.wording.words import LANGUAGES
from tests.cli.conftest import Run, staffed_store
from tests.desks import CASE, agreement, case_named, desk_at, send
from tests.people import COLLECTOR, LEAD

NEEDS_A_LEAD = ("choose", "S04-card-60-days", "--plan", "5", "--said-all")


@pytest.fixture
def place(run: Run, sample: Callable[[str], Path], tmp_path: Path) -> Path:
    """A store with a case of which one offer needs a team lead."""
    place = tmp_path / "store.sqlite"
    staffed_store(place, COLLECTOR, LEAD)
    added = run("--store", place, "--as", COLLECTOR.name, "import", sample("S04-card-60-days"))
    assert added.code == 0
    return place


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("command", "option"),
    [
        (NEEDS_A_LEAD, "--recording"),
        ((*NEEDS_A_LEAD, "--recording", "REC-1"), "--reason"),
        (("reveal", "S04-card-60-days", "--reason", "other"), "--sentence"),
    ],
    ids=["a recording", "a reason", "a sentence"],
)
def test_what_is_missing_is_asked_for_by_its_option(
    run: Run, place: Path, lang: str, command: tuple[str, ...], option: str
) -> None:
    told = run("--store", place, "--as", COLLECTOR.name, *command, lang=lang)

    assert (told.code, told.out) == (1, "")
    assert option in told.err


def test_the_reasons_to_choose_from_are_named(run: Run, place: Path) -> None:
    told = run("--store", place, "--as", COLLECTOR.name, *NEEDS_A_LEAD, "--recording", "REC-1")

    assert "reduced_income, illness" in told.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_for_an_approval_is_asked_for_by_its_option(
    run: Run, place: Path, lang: str
) -> None:
    _let_a_plan_outside_two_rules_wait(place)
    (waiting,) = json.loads(run("--store", place, "--as", LEAD.name, "pending", "--json").out)

    told = run(
        "--store", place, "--as", LEAD.name, "approve", CASE, "--code", waiting["code"], lang=lang
    )

    assert (told.code, told.out) == (1, "")
    assert "R-1, R-2" in told.err
    assert "--sentence" in told.err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("act", ["return", "decline"])
def test_a_sentence_for_another_reason_is_asked_for_by_its_option(
    run: Run, place: Path, lang: str, act: str
) -> None:
    _let_a_plan_outside_two_rules_wait(place)
    lead = ("--store", place, "--as", LEAD.name)
    (waiting,) = json.loads(run(*lead, "pending", "--json").out)
    decided = (*lead, act, CASE, "--code", waiting["code"], "--reason", "other")

    told = run(*decided, lang=lang)

    assert (told.code, told.out) == (1, "")
    assert "--sentence" in told.err
    assert run(*decided, "--sentence", "The employer rang.", lang=lang).code == 0


def _let_a_plan_outside_two_rules_wait(place: Path) -> None:
    store = bootstrap.open_store(str(place))
    asked = agreement()
    asked["findings"] += [
        {**asked["findings"][0], "rule": rule, "effect": "approval"} for rule in ("R-1", "R-2")
    ]
    open_case(desk_at(store), case_named(CASE), RequestKey("open"))
    send(desk_at(store), asked, version=1)
    store.close()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "refused",
    [
        TransitionRefused("recording_missing"),
        TransitionRefused("reason_missing", known="illness"),
        TransitionRefused("sentence_missing", rules="R-1, R-2"),
        TransitionRefused("reveal_sentence_missing"),
        TransitionRefused("reopen_sentence_missing"),
        TransitionRefused("decision_sentence_missing"),
    ],
    ids=lambda refused: refused.code,
)
def test_a_screen_is_told_of_no_option(refused: TransitionRefused, lang: str) -> None:
    assert "--" not in failure_sentence(refused, lang)
