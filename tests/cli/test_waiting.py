"""Acts that wait on this machine, for scripts and screen readers: listed, delivered, decided on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.record import fold
from plan_assistant.services import record
from plan_assistant.services.open_case import open_case
from tests import builders
from tests.canaries import canary_case, found_in
from tests.cli.conftest import Run, run_while_locked, staffed_store
from tests.people import COLLECTOR, LEAD
from tests.recording import change_budget

CASE = CaseId("K-1")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a case, and a state folder that nobody else uses."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    place = tmp_path / "store.sqlite"
    staffed_store(place, COLLECTOR, LEAD)
    store = bootstrap.open_store(str(place))
    open_case(bootstrap.desk(store, COLLECTOR), canary_case(), RequestKey("open"))
    store.close()
    return place


def keep(place: Path, *keys: str, material: bool = False) -> None:
    """Keep acts of the collector as a call without a store does."""
    ring = bootstrap.key_ring(str(place))
    store = bootstrap.open_store(str(place), ring)
    journal = bootstrap.journal(str(place), ring, store)
    desk = bootstrap.desk(store, COLLECTOR, journal=journal)
    for key in keys:
        journal.keep(record.call_ended(desk, CASE, "call_back", RequestKey(key)))
    if material:
        richer = corrected(fold(store.events(CASE)).case, "12.00")
        journal.keep(
            record.budget_corrected(desk, richer, expected_version=1, key=RequestKey("budget-1"))
        )
    store.close()


def corrected(case: Case, cash: str) -> Case:
    return replace(case, budget=replace(case.budget, cash=builders.yuan(cash)))


def kinds(place: Path) -> list[EventType]:
    store = bootstrap.open_store(str(place))
    found = [fact.type for fact in store.events(CASE)][1:]
    store.close()
    return found


def test_nothing_waits_at_first(run: Run, home: Path) -> None:
    ran = run("--store", home, "waiting")

    assert (ran.code, ran.out) == (0, "Nothing waits on this machine: all is in the record.\n")


def test_what_waits_is_listed_without_the_store_and_without_names(run: Run, home: Path) -> None:
    keep(home, "aaaaaaaa-1", "bbbbbbbb-2")
    home.rename(home.with_name("elsewhere"))

    ran = run("--store", home, "waiting")
    as_json = run("--store", home, "waiting", "--json")

    assert (ran.code, as_json.code) == (1, 1)
    assert [line[:15] for line in ran.out.splitlines()] == ["aaaaaaaa  waits", "bbbbbbbb  waits"]
    acts = json.loads(as_json.out)["acts"]
    assert [(act["key"], act["act"], act["by"], act["state"]) for act in acts] == [
        ("aaaaaaaa-1", "call_closed", "wu.hao", "waiting"),
        ("bbbbbbbb-2", "call_closed", "wu.hao", "waiting"),
    ]
    assert not found_in((ran.out + as_json.out).encode())


def test_deliver_records_in_order_and_once(run: Run, home: Path) -> None:
    keep(home, "a-1", "b-2")

    ran = run("--store", home, "--as", "wu.hao", "deliver", "--json")
    again = run("--store", home, "--as", "wu.hao", "deliver")

    told = json.loads(ran.out)
    assert (ran.code, [one["key"] for one in told["delivered"]]) == (0, ["a-1", "b-2"])
    assert (again.code, again.out[:13]) == (0, "Nothing waits")
    assert kinds(home) == [EventType.CALL_CLOSED] * 2


def test_any_command_of_the_person_delivers_first(run: Run, home: Path) -> None:
    keep(home, "a-1")

    ran = run("--store", home, "--as", "wu.hao", "queue")

    assert ran.code == 0
    assert "The store is back: 1 act" in ran.err
    assert kinds(home) == [EventType.CALL_CLOSED]


def test_somebody_else_delivers_nothing(run: Run, home: Path) -> None:
    keep(home, "a-1")

    ran = run("--store", home, "--as", "li.na", "deliver")

    assert ran.code == 0
    assert "1 act waits on this machine" in ran.out
    assert kinds(home) == []


def test_a_refused_act_is_shown_with_its_reason_and_given_up_by_name(run: Run, home: Path) -> None:
    keep(home, "a-1", material=True)
    store = bootstrap.open_store(str(home))
    theirs = corrected(fold(store.events(CASE)).case, "1.00")
    change_budget(bootstrap.desk(store, LEAD), theirs, expected_version=1, key=RequestKey("theirs"))
    store.close()

    ran = run("--store", home, "--as", "wu.hao", "deliver")
    listed = run("--store", home, "waiting")
    zh = run("--store", home, "waiting", lang="zh")
    again = run("--store", home, "--as", "wu.hao", "deliver", "--again", "budget")
    unknown = run("--store", home, "--as", "wu.hao", "deliver", "--discard", "x")
    given_up = run("--store", home, "--as", "wu.hao", "deliver", "--discard", "budget")

    assert (ran.code, again.code, unknown.code, given_up.code) == (1, 1, 1, 0)
    assert "budget-1  Not recorded, case K-1" in ran.out
    assert "has moved on since version 1" in listed.out
    assert "li.na" in listed.out
    assert "--discard ACT gives it up" in listed.out
    assert "被拒" in zh.out
    assert "Given up:" in given_up.err
    assert run("--store", home, "waiting").code == 0
    assert kinds(home) == [EventType.BUDGET_CHANGED, EventType.CALL_CLOSED]


def test_both_decisions_at_once_are_wrong_use(run: Run, home: Path) -> None:
    ran = run("--store", home, "--as", "wu.hao", "deliver", "--again", "a", "--discard", "b")

    assert ran.code == 2


def test_a_store_that_stays_away_ends_with_code_4_and_loses_nothing(run: Run, home: Path) -> None:
    keep(home, "a-1")
    home.rename(home.with_name("elsewhere"))
    home.mkdir()

    ran = run("--store", home, "--as", "wu.hao", "deliver")

    assert ran.code == 4
    assert run("--store", home, "waiting").code == 1


def test_the_doctor_counts_what_waits_and_names_nothing(run: Run, home: Path) -> None:
    keep(home, "a-1", "b-2")

    told = {check["code"]: check for check in json.loads(run("doctor", "--json").out)["checks"]}
    mine = json.loads(run("--store", home, "doctor", "--json").out)["checks"]

    assert "acts_wait" not in told, "another store"
    assert {"code": "acts_wait", "state": "note", "detail": {"count": "2"}} in mine


def test_the_key_that_acts_wait_under_is_not_forgotten(run: Run, home: Path) -> None:
    keep(home, "a-1")
    ring = bootstrap.key_ring(str(home))
    key = ring.newest()
    assert key is not None

    ran = run("--store", home, "keys", "forget", key.key_id)

    assert ran.code == 1


def test_choose_says_that_the_plan_was_not_sent_and_ends_with_code_4(
    home: Path, sample: Callable[[str], Path], run: Run
) -> None:
    assert run("--store", home, "--as", "wu.hao", "import", sample("S01-job-loss")).code == 0
    done = run_while_locked(home, "choose", "S01-job-loss", "--said-all", "--recording", "REC-1")

    assert done.returncode == 4
    assert "NOT sent to the team lead: earlier acts still wait for the store" in done.stderr
    assert len(json.loads(run("--store", home, "waiting", "--json").out)["acts"]) == 7
    assert run("--store", home, "--as", "wu.hao", "deliver").code == 0
    assert "waiting" in run("--store", home, "--as", "wu.hao", "show", "S01-job-loss").out
