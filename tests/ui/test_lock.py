"""The lock: after minutes without a key nothing personal stays, and nothing of a call is lost."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from types import ModuleType

import pytest

from plan_assistant import bootstrap
from tests.ui.driver import (
    Driver,
    drive,
    every_line_is,
    memory_store,
    open_case_of,
    run,
    sample_cases,
)

CASE = "S01-job-loss"
_CALL = "plan_assistant.ui.screens.call_overlays"
NAME = sample_cases()[CASE].borrower.name.masked


class _Clock:
    """A clock that a test turns; not a demo's, so that nothing tells the password."""

    is_demo = False

    def __init__(self) -> None:
        self.at = bootstrap.DEMO_START

    def now(self) -> datetime:
        return self.at

    def wait(self, **passed: float) -> None:
        self.at += timedelta(**passed)


def _locked(
    play: Callable[[Driver, _Clock], Awaitable[None]],
    *,
    minutes: int = 10,
    language: str = "en",
    size: tuple[int, int] = (80, 24),
) -> None:
    """Play with a clock that the test turns."""
    clock = _Clock()
    store = memory_store(sample_cases()[CASE], sample_cases()["S04-card-60-days"])

    async def with_clock(driver: Driver) -> None:
        await driver.sees("张")
        await play(driver, clock)

    run(
        drive(
            with_clock, store=store, clock=clock, lock_minutes=minutes, language=language, size=size
        )
    )


async def _idle(driver: Driver, clock: _Clock, minutes: float = 10) -> None:
    clock.wait(minutes=minutes)
    driver.app.look_at_clock()
    await driver.on("LockScreen")
    await driver.press()


async def _unlock(driver: Driver, password: str = bootstrap.DEMO_PASSWORD) -> None:
    await driver.write(password)
    await driver.press("enter")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_locked_screen_holds_nothing_personal(size: tuple[int, int], language: str) -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        await open_case_of(driver, CASE)
        assert NAME in driver.frame
        driver.app.tell(f"case {CASE}")
        await driver.until(lambda: driver.toasts == [f"case {CASE}"])

        await _idle(driver, clock)
        driver.app.tell(f"case {CASE} is done")
        await driver.press()

        assert driver.toasts == [], "what stood in the corner is gone, what comes later waits"
        frame = driver.frame
        for personal in (NAME, CASE, "48,250.00", "2,400.00", NAME[0]):
            assert personal not in frame
        assert "(wu.hao)" in frame
        assert every_line_is(frame, size[0])

    _locked(play, language=language, size=size)


@pytest.mark.parametrize(("minutes", "is_locked"), [(9.9, False), (10, True)])
def test_the_lock_comes_after_the_minutes_and_not_before(minutes: float, is_locked: bool) -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        clock.wait(minutes=minutes)
        driver.app.look_at_clock()
        await driver.press()
        await driver.pilot.pause()

        assert driver.app.is_locked is is_locked

    _locked(play)


def test_every_key_puts_the_lock_off() -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        for _ in range(5):
            clock.wait(minutes=9)
            await driver.press("down")
            driver.app.look_at_clock()
        assert not driver.app.is_locked

    _locked(play)


def test_the_minutes_are_a_setting() -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        clock.wait(minutes=2)
        driver.app.look_at_clock()
        await driver.on("LockScreen")

    _locked(play, minutes=2)


def test_a_clock_that_was_put_back_opens_nothing() -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        clock.wait(hours=-3)
        driver.app.look_at_clock()
        await driver.on("LockScreen")

    _locked(play)


def test_a_key_that_comes_too_late_only_locks() -> None:
    """Before the clock is looked at, the first key of whoever comes by must not reach the case."""

    async def play(driver: Driver, clock: _Clock) -> None:
        await open_case_of(driver, CASE)
        clock.wait(minutes=11)
        await driver.press("f9")
        await driver.on("LockScreen")
        names = [type(screen).__name__ for screen in driver.app.screen_stack]
        assert names[-2:] == ["CallScreen", "LockScreen"]

    _locked(play)


def test_the_same_person_is_exactly_where_they_were() -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        await open_case_of(driver, CASE)
        await driver.write("1800")
        await driver.press("f4")
        await driver.on("ScheduleScreen")
        await driver.sees("TOTAL")
        before, state = driver.frame, driver.call.call
        stack = list(driver.app.screen_stack)

        await _idle(driver, clock)
        clock.at = bootstrap.DEMO_START  # or the clock of the call would have run on
        await _unlock(driver)
        await driver.on("ScheduleScreen")
        await driver.sees("CALL 00:00")  # a tick may have come while the clock was ahead

        assert driver.frame == before
        assert driver.call.call is state
        assert driver.app.screen_stack == stack
        await driver.press("escape")
        await driver.on("CallScreen")
        assert state.wishes.monthly is not None
        assert state.wishes.monthly.plain == "1800.00"

    _locked(play)


def test_a_wrong_password_leaves_it_locked_and_is_counted() -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        await open_case_of(driver, CASE)
        await _idle(driver, clock)
        for _ in range(3):
            await _unlock(driver, "wrong")
            await driver.sees("Name or password is wrong")
        await _unlock(driver)
        await driver.sees("is shut for 2 s more")
        assert driver.app.is_locked
        clock.wait(seconds=2)
        await _unlock(driver)
        await driver.on("CallScreen")

    _locked(play)


def test_somebody_else_signs_in_and_the_call_is_kept_for_its_owner() -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        await open_case_of(driver, CASE)
        await driver.write("1800")
        await driver.press("f3", "right")
        before = driver.call.call
        await _idle(driver, clock)

        await driver.press("f9")
        await driver.on("SignInScreen")
        await driver.sees("(li.na)")
        assert NAME not in driver.frame
        await _sign_in(driver, "li.na")
        assert driver.app.desk is not None
        assert driver.app.desk.account == bootstrap.DEMO_LEAD
        assert [type(one).__name__ for one in driver.app.screen_stack[1:]] == ["QueueScreen"]

        await driver.press("f9")
        await driver.on("SignInScreen")
        await _sign_in(driver, "wu.hao", "CallScreen")
        after = driver.call.call
        assert (after.wishes, after.selected) == (before.wishes, before.selected)
        assert after.case == before.case
        assert driver.call.desk.account == bootstrap.DEMO_COLLECTOR
        assert driver.app.kept_calls == {}

    _locked(play)


async def _sign_in(driver: Driver, name: str, screen: str = "QueueScreen") -> None:
    await driver.choose_person(name)
    await _unlock(driver)
    await driver.on(screen)
    await driver.press()


def test_a_kept_call_records_what_was_agreed_before_the_lock() -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        await open_case_of(driver, CASE)
        for left in reversed(range(len(driver.call.call.policy.disclosures))):
            await driver.press("f5", "enter")
            await driver.until(lambda left=left: len(driver.call.call.disclosures_left) == left)  # type: ignore[misc]  # the loop's own value
        said = driver.call.call.disclosed
        await _idle(driver, clock)
        await driver.press("f9")
        await _sign_in(driver, "wu.hao", "CallScreen")

        assert driver.call.call.disclosed == said
        await driver.press("f9")
        await driver.on("ReadBackScreen")

    _locked(play)


def test_nobody_ends_an_open_call_from_its_lock() -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        await open_case_of(driver, CASE)
        await _idle(driver, clock)

        await driver.press("ctrl+q")
        await driver.press()
        assert driver.app.is_running
        assert driver.app.is_locked

        await driver.press("f9")
        await driver.on("SignInScreen")

    _locked(play)


def test_the_lock_can_be_put_on_by_hand() -> None:
    async def play(driver: Driver, _clock: _Clock) -> None:
        await driver.press("shift+f12")
        await driver.on("LockScreen")
        await driver.press("shift+f12")
        assert sum(type(one).__name__ == "LockScreen" for one in driver.app.screen_stack) == 1

    _locked(play)


def test_signing_out_while_the_call_screen_is_still_being_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thread imports it while the queue is read; a module that is half there has no classes."""

    async def play(driver: Driver, _clock: _Clock) -> None:
        monkeypatch.setitem(sys.modules, _CALL, ModuleType(_CALL))
        await driver.press("f9")
        await driver.on("SignInScreen")

    _locked(play)


def test_before_anybody_signed_in_there_is_nothing_to_lock() -> None:
    clock = _Clock()

    async def play(driver: Driver) -> None:
        await driver.sees("(wu.hao)")
        clock.wait(hours=5)
        driver.app.look_at_clock()
        await driver.press("down")
        await driver.on("SignInScreen")

    run(drive(play, account=None, clock=clock))


def test_sentences_held_back_are_told_after_the_lock() -> None:
    async def play(driver: Driver, clock: _Clock) -> None:
        await _idle(driver, clock)
        driver.app.tell("the export is done")
        await driver.press()
        assert driver.toasts == []
        await _unlock(driver)
        await driver.until(lambda: driver.toasts == ["the export is done"])

    _locked(play)
