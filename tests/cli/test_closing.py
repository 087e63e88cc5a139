"""Calls closed by command, as a script or a screen reader does: `close`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plan_assistant.domain.call_outcome import CallOutcome, outcomes
from tests.cli.conftest import Run, run_while_locked, staffed_store
from tests.people import ADMINISTRATOR, AGENT, AUDITOR, COLLECTOR, LEAD

CASE = "S01-job-loss"

Close = Callable[..., Any]

WITHOUT_PLAN = [
    ("promised", "promised to pay", "承诺还款"),
    ("call_back", "call back later", "稍后回电"),
    ("no_answer", "no answer", "无人接听"),
    ("refused", "refused every plan", "未接受任何方案"),
    ("disputes", "disputes the debt", "对欠款有异议"),
    ("hardship", "hardship: a review is needed", "有困难：须重新核对"),
    ("wrong_person", "another person answered", "非本人接听"),
]
"""Each outcome as `show` says it in English and in Chinese."""


@pytest.fixture
def place(
    run: Run, sample: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A store with a case, and a state folder that nobody else uses."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    place = tmp_path / "store.sqlite"
    staffed_store(place, COLLECTOR, LEAD, AGENT, AUDITOR, ADMINISTRATOR)
    assert run("--store", place, "--as", COLLECTOR.name, "import", sample(CASE)).code == 0
    return place


@pytest.fixture
def close(run: Run, place: Path) -> Close:
    """Return a function that closes a call about the case with an outcome."""

    def close(outcome: str, *more: str, by: str = COLLECTOR.name, lang: str = "en") -> Any:
        command = ("close", CASE, "--outcome", outcome, *more)
        return run("--store", place, "--as", by, *command, lang=lang)

    return close


@pytest.fixture
def shown(run: Run, place: Path) -> Callable[[], dict[str, Any]]:
    def shown() -> dict[str, Any]:
        ran = run("--store", place, "--as", COLLECTOR.name, "show", CASE, "--json")
        found: dict[str, Any] = json.loads(ran.out)
        return found

    return shown


def choose(run: Run, place: Path) -> None:
    chosen = ("choose", CASE, "--said-all", "--recording", "REC-1")
    assert run("--store", place, "--as", COLLECTOR.name, *chosen).code == 0


@pytest.mark.parametrize(
    ("outcome", "english", "chinese"),
    WITHOUT_PLAN,
)
def test_a_call_is_closed_and_the_case_with_it(
    run: Run, place: Path, close: Close, shown: Any, outcome: str, english: str, chinese: str
) -> None:
    closed = close(outcome)
    text = {
        lang: run("--store", place, "--as", COLLECTOR.name, "show", CASE, lang=lang).out
        for lang in ("en", "zh")
    }

    assert (closed.code, closed.err) == (0, "")
    assert closed.out == (
        f"Call about case {CASE} closed: {english}.\nThe case stands at: closed, no plan.\n"
    )
    assert (shown()["status"], shown()["last_outcome"]) == ("closed", outcome)
    assert f"call closed: {english}" in text["en"]
    assert f"通话结束：{chinese}" in text["zh"]


def test_no_outcome_without_a_plan_is_left_out_here() -> None:
    assert tuple(code for code, _english, _chinese in WITHOUT_PLAN) == outcomes(is_planned=False)


def test_a_closed_case_is_opened_by_the_next_call(
    run: Run, place: Path, close: Close, shown: Any
) -> None:
    close("no_answer")

    choose(run, place)

    assert shown()["status"] == "pending"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_unknown_outcome_is_answered_with_those_there_are(
    close: Close, shown: Any, lang: str
) -> None:
    ran = close("paid", lang=lang)

    assert (ran.code, ran.out) == (2, "")
    assert "paid" in ran.err
    assert ", ".join(outcomes(is_planned=False)) in ran.err
    assert ("Choose one of" in ran.err) is (lang == "en")
    assert shown()["version"] == 1


def test_without_a_plan_none_was_agreed(close: Close, shown: Any) -> None:
    ran = close("agreed")

    assert (ran.code, ran.out) == (1, "")
    assert "You recorded no plan in this call" in ran.err
    assert ", ".join(outcomes(is_planned=False)) in ran.err
    assert shown()["version"] == 1


@pytest.mark.parametrize("outcome", [CallOutcome.AGREED, CallOutcome.CALL_BACK])
def test_a_plan_that_waits_goes_on_waiting(
    run: Run, place: Path, close: Close, shown: Any, outcome: str
) -> None:
    choose(run, place)

    ran, unknown = close(outcome), close("paid")

    assert ran.code == 0
    assert "The case stands at: waiting for approval." in ran.out
    assert (shown()["status"], shown()["plan_state"]) == ("pending", "waiting")
    assert shown()["last_outcome"] == outcome
    assert unknown.code == 2
    assert (", ".join(CallOutcome) in unknown.err) is (outcome == CallOutcome.AGREED)
    pending = run("--store", place, "--as", LEAD.name, "pending", "--json")
    assert len(json.loads(pending.out)) == 1


def test_the_borrower_no_longer_waits_when_the_call_is_closed(
    run: Run, place: Path, close: Close
) -> None:
    def live() -> Any:
        ran = run("--store", place, "--as", LEAD.name, "pending", "--json")
        return json.loads(ran.out)[0]["live_since"]

    chosen = ("choose", CASE, "--said-all", "--recording", "REC-1", "--waits")
    run("--store", place, "--as", COLLECTOR.name, *chosen)
    before = live()

    close("agreed")

    assert (before is None, live()) == (False, None)


def test_the_same_request_twice_is_one_fact(close: Close, shown: Any) -> None:
    first, second = close("no_answer"), close("no_answer")

    assert (first.code, second.code) == (0, 0)
    assert "was recorded before: no answer. Nothing was added" in second.out
    assert shown()["version"] == 2


def test_calls_are_told_apart_by_their_ids(close: Close, shown: Any) -> None:
    told = [
        json.loads(close("no_answer", "--call", call, "--json").out) for call in ("A", "B", "A")
    ]
    otherwise = close("promised", "--call", "A")

    assert [(one["version"], one["is_repeat"]) for one in told] == [
        (2, False),
        (3, False),
        (2, True),
    ]
    assert (otherwise.code, otherwise.out) == (1, "")
    assert f"Call A about case {CASE} was closed with another outcome before" in otherwise.err
    assert shown()["version"] == 3


def test_what_was_recorded_comes_as_one_json_document(close: Close) -> None:
    ran = close("hardship", "--json")

    assert json.loads(ran.out) == {
        "case_id": CASE,
        "outcome": "hardship",
        "is_recorded": True,
        "is_repeat": False,
        "version": 2,
        "status": "closed",
    }


@pytest.mark.parametrize(
    ("by", "why"),
    [
        (AGENT.name, f"Case {CASE} is not assigned to you"),
        (AUDITOR.name, "auditor"),
        (ADMINISTRATOR.name, "administrator"),
    ],
)
def test_who_does_not_call_about_a_case_closes_no_call(
    close: Close, shown: Any, by: str, why: str
) -> None:
    ran = close("promised", by=by)

    assert (ran.code, ran.out) == (1, "")
    assert why in ran.err
    assert shown()["version"] == 1


def test_an_agency_collector_closes_calls_about_a_case_of_theirs(
    run: Run, place: Path, close: Close
) -> None:
    run("--store", place, "--as", LEAD.name, "assign", CASE, AGENT.name)

    assert close("promised", by=AGENT.name).code == 0


def test_a_case_that_is_not_there_is_wrong_use(run: Run, place: Path) -> None:
    ran = run("--store", place, "--as", COLLECTOR.name, "close", "K-9", "--outcome", "promised")

    assert ran.code == 2
    assert "K-9" in ran.err


def test_what_a_locked_store_does_not_take_is_kept_and_said_so(
    run: Run, place: Path, shown: Any
) -> None:
    done = run_while_locked(place, "close", CASE, "--outcome", "call_back", "--json")

    assert done.returncode == 4
    assert "NOT recorded yet" in done.stderr
    assert json.loads(done.stdout)["is_recorded"] is False
    assert len(json.loads(run("--store", place, "waiting", "--json").out)["acts"]) == 1
    assert run("--store", place, "--as", COLLECTOR.name, "deliver").code == 0
    assert shown()["last_outcome"] == "call_back"
