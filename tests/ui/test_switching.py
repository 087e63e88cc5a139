"""One screen goes while its work is still under way, or a second key comes before it has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Input

from plan_assistant import bootstrap
from plan_assistant.domain.events import Event as Fact
from plan_assistant.services import negotiate
from plan_assistant.ui.app import PlanAssistantApp
from plan_assistant.ui.screens.queue import QueueScreen
from tests.memory_store import MemoryStore
from tests.ui.driver import (
    PATIENCE_SECONDS,
    Driver,
    _key,
    drive,
    fill,
    open_case_of,
    run,
    sample_cases,
)

_CASE = "S04-card-60-days"


class _OneThread(ThreadPoolExecutor):
    """Background work in one thread, which a test may hold up before anything runs in it."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self.waiting = 0

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.waiting += 1
        return super().submit(work, *args, **kwargs)

    def finish(self) -> None:
        """Return when everything that was asked for before has been done."""
        super().submit(lambda: None).result(PATIENCE_SECONDS)


class _GatedStore(MemoryStore):
    """A store whose reading waits at a gate when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.reached = Event(), Event()
        self.gate.set()

    def shut(self) -> None:
        self.gate.clear()
        self.reached.clear()

    def every_event(self) -> tuple[Fact, ...]:
        self.reached.set()
        assert self.gate.wait(PATIENCE_SECONDS)
        return tuple(super().every_event())


def _gated_store() -> _GatedStore:
    store = _GatedStore()
    fill(store, sample_cases()[_CASE])
    return store


def _names(driver: Driver) -> list[str]:
    return [type(screen).__name__ for screen in driver.app.screen_stack[1:]]


def test_signing_out_while_the_queue_is_about_to_be_read_leads_to_the_sign_in() -> None:
    async def play(driver: Driver) -> None:
        await driver.sees("1 case")
        threads, gate = _OneThread(), Event()
        asyncio.get_running_loop().set_default_executor(threads)
        threads.submit(gate.wait, PATIENCE_SECONDS)
        await driver.press("f5")
        await driver.until(lambda: threads.waiting == 2)
        switch = driver.app.switch_screen

        def switch_then_read(screen: Screen[Any] | str) -> Any:
            switched = switch(screen)
            gate.set()
            threads.finish()
            return switched

        driver.app.switch_screen = switch_then_read  # type: ignore[method-assign]
        await driver.press("f9")

        await driver.on("SignInScreen")
        await driver.sees("Who is working?", "team lead")

    run(drive(play, store=_gated_store()))


def test_the_queue_that_was_read_after_its_list_had_gone_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = _gated_store()
    ends: list[int] = []

    async def read_now(screen: QueueScreen) -> None:
        ends.append(len(screen.children))
        workers = [worker for worker in screen.app.workers if worker.node is screen]
        store.gate.set()
        await asyncio.wait([worker._task for worker in workers if worker._task is not None])

    async def play(driver: Driver) -> None:
        await driver.sees("1 case")
        store.shut()
        await driver.press("f5")
        await driver.until(store.reached.is_set)
        await driver.press("f9")

        await driver.on("SignInScreen")
        await driver.sees("Who is working?", "team lead")
        assert ends == [0], "the screen had let go of its list before the reading ended"

    monkeypatch.setattr(QueueScreen, "on_unmount", read_now, raising=False)
    run(drive(play, store=store))


def test_a_case_that_was_being_priced_does_not_open_after_signing_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate, reached, begin = Event(), Event(), negotiate.begin

    def slow_begin(*args: Any) -> Any:
        reached.set()
        assert gate.wait(PATIENCE_SECONDS)
        return begin(*args)

    async def play(driver: Driver) -> None:
        await driver.sees("1 case")
        screen = driver.app.screen
        assert isinstance(screen, QueueScreen)
        screen.run_chosen("open_case")
        await driver.until(reached.is_set)
        driver.app.post_message(_key("f9"))
        await driver.on("SignInScreen")
        gate.set()
        await driver.sees("Who is working?", "team lead")
        await driver.until(lambda: screen not in driver.app._registry)

        assert _names(driver) == ["SignInScreen"]

    monkeypatch.setattr(negotiate, "begin", slow_begin)
    run(drive(play, store=_gated_store()))


def test_the_keys_still_work_while_a_case_is_priced(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, reached, begin = Event(), Event(), negotiate.begin

    def slow_begin(*args: Any) -> Any:
        reached.set()
        assert gate.wait(PATIENCE_SECONDS)
        return begin(*args)

    async def play(driver: Driver) -> None:
        await driver.sees("1 case")
        driver.app.post_message(_key("enter"))
        await driver.until(reached.is_set)
        driver.app.post_message(_key("enter"))
        driver.app.post_message(_key("ctrl+u"))
        await driver.until(lambda: driver.app.language == "zh")
        gate.set()
        await driver.on("CallScreen")
        await driver.press()

        assert _names(driver) == ["QueueScreen", "CallScreen"]

    monkeypatch.setattr(negotiate, "begin", slow_begin)
    run(drive(play, store=_gated_store()))


def test_of_two_digits_typed_at_once_the_first_is_asked_for_the_password() -> None:
    async def play(driver: Driver) -> None:
        await driver.sees("team lead", "collector")
        first = driver.app._store.accounts()[0]  # type: ignore[union-attr]
        driver.app.post_message(_key("1"))
        driver.app.post_message(_key("2"))
        await driver.on("PasswordScreen")
        await driver.sees(f"({first.name})")
        field = driver.app.screen.query_one("#password", Input)
        await driver.until(lambda: field.has_focus)
        field.value = bootstrap.DEMO_PASSWORD
        await driver.press("enter")
        await driver.on("QueueScreen")
        await driver.sees("1 case")

        assert _names(driver) == ["QueueScreen"]
        assert driver.app.desk is not None
        assert driver.app.desk.account == first

    run(drive(play, store=_gated_store(), account=None))


def test_help_over_the_sign_in_goes_when_the_queue_comes() -> None:
    gate = Event()

    def slow_store() -> MemoryStore:
        assert gate.wait(PATIENCE_SECONDS)
        return _gated_store()

    async def play() -> None:
        app = PlanAssistantApp(
            slow_store, account_name=bootstrap.DEMO_COLLECTOR.name, password=bootstrap.DEMO_PASSWORD
        )
        async with app.run_test(size=(80, 24)) as pilot:
            driver = Driver(app, pilot)
            await driver.on("SignInScreen")
            await driver.press("f1")
            await driver.on("HelpScreen")
            gate.set()
            await driver.on("QueueScreen")
            await driver.sees("1 case")

            assert _names(driver) == ["QueueScreen"]

    run(play())


def test_one_escape_too_many_stays_in_the_queue() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, _CASE)
        for _ in range(4):
            driver.app.post_message(_key("escape"))
        await driver.on("QueueScreen")
        for _ in range(4):
            await driver.press()
            await driver.pilot._wait_for_screen()

        assert _names(driver) == ["QueueScreen"]

    run(drive(play, store=_gated_store()))


def test_two_enters_in_the_palette_close_only_the_palette() -> None:
    async def play(driver: Driver) -> None:
        await driver.sees("1 case")
        driver.app.do_palette()
        await driver.on("PaletteScreen")
        await driver.write("zzz")
        driver.app.post_message(_key("enter"))
        driver.app.post_message(_key("enter"))
        await driver.on("QueueScreen")
        await driver.pilot.pause()

        assert _names(driver) == ["QueueScreen"]

    run(drive(play, store=_gated_store()))


def test_two_enters_on_an_outcome_close_the_call_once() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, _CASE)
        await driver.press("f7")
        await driver.on("OutcomeScreen")
        driver.app.post_message(_key("enter"))
        driver.app.post_message(_key("enter"))
        await driver.on("QueueScreen")
        await driver.pilot.pause()

        assert _names(driver) == ["QueueScreen"]

    run(drive(play, store=_gated_store()))


def test_another_language_waits_for_a_screen_that_is_not_drawn_yet() -> None:
    async def play(driver: Driver) -> None:
        await driver.sees("1 case")
        driver.app.switch_screen(QueueScreen())
        driver.app.do_language()

        await driver.sees("队列")

    run(drive(play, store=_gated_store()))


def test_a_key_after_the_program_failed_fails_at_once() -> None:
    async def play(driver: Driver) -> None:
        driver.app.call_later(lambda: 1 // 0)
        await driver.press("f5")
        await driver.press("f5")

    with pytest.raises(ZeroDivisionError):
        run(drive(play, store=_gated_store()))
