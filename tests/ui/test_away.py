"""The store goes away in the middle of a call: the call goes on, and the header says NOT SAVED."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreLocked
from plan_assistant.domain.events import EventType
from plan_assistant.domain.record import Status, fold
from plan_assistant.services.keys import new_key
from plan_assistant.ui import retrying
from plan_assistant.ui.screens import call_top
from plan_assistant.ui.screens.read_back import ReadBackScreen
from tests import builders
from tests.away import Switched, journal_in
from tests.recording import change_budget
from tests.ui.driver import (
    Driver,
    drive,
    every_line_is,
    memory_store,
    open_case_of,
    run,
    sample_cases,
)

CASE = CaseId("S01-job-loss")
NOT_SAVED = {"en": "NOT SAVED - retrying", "zh": "未保存 - 重试中"}


@pytest.fixture
def store() -> Switched:
    return Switched(memory_store(sample_cases()[CASE]))


def play_with(
    store: Switched, folder: Path, play: Callable[[Driver], Awaitable[None]], **more: Any
) -> None:
    run(drive(play, store=store, journal=journal_in(folder), **more))


def kinds(store: Switched) -> list[EventType]:
    return [fact.type for fact in store.inner.events(CASE)][1:]


async def at_gate(driver: Driver) -> None:
    """Say everything that must be said, and open the read-back."""
    await open_case_of(driver, CASE)
    await driver.press("f5")
    for left in (4, 3, 2, 1, 0):
        await driver.press("enter")
        await driver.until(lambda left=left: len(driver.call.call.disclosures_left) == left)  # type: ignore[misc]
    await driver.press("f9")
    await driver.on("ReadBackScreen")


async def fill_gate(driver: Driver) -> None:
    """Tick all, type the reference and the amount, and record."""
    plan = driver.call.call.plan
    assert plan is not None
    while "to be read" in driver.frame:
        await driver.press("enter")
    await driver.write("REC-1")
    await driver.press("enter")
    await driver.write(plan.payment.plain)
    await driver.press("enter")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_header_says_not_saved_and_the_call_goes_on(
    store: Switched, tmp_path: Path, language: str
) -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        store.go_away()
        await driver.press("f3", "enter")
        await driver.until(lambda: len(driver.call.call.trail) == 1)
        await driver.until(lambda: NOT_SAVED[language] in driver.rows[0])
        assert every_line_is(driver.frame, 80)
        assert "48,250.00" in driver.rows[0], "who owes what stays in view"

        await driver.press("f2", *"1800")
        assert driver.call.call.wishes.monthly is not None, "the dials still turn"
        await driver.press("f3", "enter")
        await driver.until(lambda: len(driver.call.call.trail) == 2)
        assert kinds(store) == []

        store.come_back()
        await driver.app.deliver_now(driver.call.desk)
        await driver.until(lambda: NOT_SAVED[language] not in driver.rows[0])
        saved = {"en": "Saved 09:30", "zh": "已保存 09:30"}[language]
        await driver.until(lambda: saved in driver.rows[0])

    play_with(store, tmp_path, play, language=language)

    assert [kind.value for kind in kinds(store)] == [
        "offers_shown",
        "offer_spoken",
        "offers_shown",
        "offer_spoken",
    ]


def test_a_store_that_does_not_answer_is_told_before_it_gives_up(
    store: Switched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_top, "_SLOW_SECONDS", 0.0)
    is_free = threading.Event()
    store.waits_for = is_free

    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.press("f3", "enter")
        await driver.until(lambda: NOT_SAVED["en"] in driver.rows[0])
        is_free.set()
        await driver.until(lambda: "Saved 09:30" in driver.rows[0])

    play_with(store, tmp_path, play)

    assert kinds(store) == [EventType.OFFERS_SHOWN, EventType.OFFER_SPOKEN]


def test_leaving_does_not_wait_for_a_try_that_is_on_its_way(
    store: Switched, tmp_path: Path
) -> None:
    is_free = threading.Event()

    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        store.go_away()
        await driver.press("f3", "enter")
        await driver.until(lambda: driver.app.waits)
        store.waits_for = is_free
        store.come_back()
        driver.app.run_worker(driver.app.deliver_now(driver.call.desk))
        await driver.until(lambda: store.is_waited_for)

    play_with(store, tmp_path, play)

    assert kinds(store) == [], "the program has ended while the try was on its way"
    is_free.set()


def test_the_queue_says_not_saved_too(store: Switched, tmp_path: Path) -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        store.go_away()
        await driver.press("f3", "enter")
        await driver.until(lambda: driver.app.waits)
        await driver.press("escape", "escape")
        await driver.on("QueueScreen")
        await driver.until(lambda: NOT_SAVED["en"] in driver.rows[0])

    play_with(store, tmp_path, play)


def test_tries_come_by_themselves_and_less_and_less_often(
    store: Switched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "_TICK", 3600.0)

    async def play(driver: Driver) -> None:
        app = driver.app
        tries: list[int] = []

        async def count(_desk: object) -> None:
            tries.append(ticks)
            app._wait_longer()

        await open_case_of(driver, CASE)
        store.go_away()
        await driver.press("f3", "enter")
        await driver.until(lambda: app.waits)
        app.deliver_now = count  # type: ignore[assignment,method-assign]  # counted instead of tried
        for ticks in range(1, 200):  # noqa: B007  # read by the counter
            app.tick()
            await driver.pilot.pause()
        pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
        assert pauses[:5] == [2, 4, 8, 16, 32]
        assert set(pauses[5:]) == {60}

    play_with(store, tmp_path, play)


def test_a_plan_accepted_while_the_store_is_away_was_not_sent_and_is_delivered_once(
    store: Switched, tmp_path: Path
) -> None:
    async def play(driver: Driver) -> None:
        await at_gate(driver)
        store.go_away(StoreLocked("s", place="store", seconds="30"))
        await fill_gate(driver)
        await driver.sees(
            "NOT sent to the team lead: another program", "It is kept here. Enter closes."
        )
        await driver.press("enter")
        await driver.on("CallScreen")
        await driver.sees(NOT_SAVED["en"], "do not promise an answer yet")
        assert "RECORDED" not in driver.frame
        await driver.press("f9")
        await driver.sees("was not sent yet")
        assert not isinstance(driver.app.screen, ReadBackScreen)
        await driver.press("shift+f9")
        await driver.sees("no lead can be waited for")

        store.come_back()
        await driver.app.deliver_now(driver.call.desk)
        await driver.until(lambda: "RECORDED, waits for lead" in driver.rows[0])
        await driver.app.deliver_now(driver.call.desk)

    play_with(store, tmp_path, play)

    assert kinds(store).count(EventType.PLAN_RECORDED) == 1
    assert fold(store.events(CASE)).status is Status.PENDING


def test_a_refused_plan_is_told_with_who_changed_the_case_and_stays_in_sight(
    store: Switched, tmp_path: Path
) -> None:
    async def play(driver: Driver) -> None:
        await at_gate(driver)
        store.go_away()
        await fill_gate(driver)
        await driver.sees("NOT sent to the team lead")
        await driver.press("enter")
        await driver.on("CallScreen")
        store.come_back()
        others = bootstrap.desk(store, bootstrap.DEMO_LEAD, clock=driver.call.desk.clock)
        budget = fold(store.events(CASE)).case
        richer = replace(budget, budget=replace(budget.budget, cash=builders.yuan("1.00")))
        version = len(store.events(CASE))
        change_budget(others, richer, expected_version=version, key=new_key())

        await driver.app.deliver_now(driver.call.desk)
        await driver.until(lambda: any("has moved on" in said for said in driver.toasts))
        (told,) = [said for said in driver.toasts if "has moved on" in said]
        assert "li.na" in told
        assert "plan-assistant waiting" in told
        await driver.press("escape", "escape")
        await driver.on("QueueScreen")
        await driver.until(lambda: "NOT RECORDED: 1" in driver.rows[0])
        await driver.press("ctrl+t")
        await driver.sees("Not in the record", "Refused", "case S01-job-loss", "li.na")

    play_with(store, tmp_path, play)

    assert EventType.PLAN_RECORDED not in kinds(store)


def test_what_an_earlier_run_left_is_delivered_after_the_sign_in(
    store: Switched, tmp_path: Path
) -> None:
    async def offer(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        store.go_away()
        await driver.press("f3", "enter")
        await driver.until(lambda: driver.app.waits)

    async def sign_in(driver: Driver) -> None:
        await driver.until(lambda: any("The store is back" in said for said in driver.toasts))

    play_with(store, tmp_path, offer)
    assert kinds(store) == []
    store.come_back()
    play_with(store, tmp_path, sign_in)

    assert kinds(store) == [EventType.OFFERS_SHOWN, EventType.OFFER_SPOKEN]


def test_another_person_does_not_deliver_what_waits(store: Switched, tmp_path: Path) -> None:
    async def offer(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        store.go_away()
        await driver.press("f3", "enter")
        await driver.until(lambda: driver.app.waits)

    async def sign_in(driver: Driver) -> None:
        await driver.until(lambda: driver.app.unsaved is not None)
        assert driver.app.unsaved is not None
        assert (driver.app.unsaved.waiting, driver.app.unsaved.of_others) == (0, 1)

    play_with(store, tmp_path, offer)
    store.come_back()
    play_with(store, tmp_path, sign_in, account=bootstrap.DEMO_LEAD)

    assert kinds(store) == []


def test_a_store_that_cannot_be_opened_tells_of_what_waits(store: Switched, tmp_path: Path) -> None:
    async def offer(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        store.go_away()
        await driver.press("f3", "enter")
        await driver.until(lambda: driver.app.waits)

    def gone() -> Any:
        raise StoreLocked("s", place="store", seconds="30")

    async def start(driver: Driver) -> None:
        await driver.sees("held by another program", "1 act ", "waits on this machine")

    play_with(store, tmp_path, offer)
    run(drive(start, store=gone, account=None, journal=journal_in(tmp_path)))
