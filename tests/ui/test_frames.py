"""Golden frames: what the screens look like. `UPDATE_FRAMES=1` writes them anew for review."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from plan_assistant import bootstrap
from tests.builders import yuan
from tests.ui.cases import uncertain
from tests.ui.driver import Driver, drive, every_line_is, memory_store, open_case_of, run

FRAMES = Path(__file__).parent / "frames"
SIZES = [(80, 24), (120, 40)]
LANGUAGES = ["zh", "en"]

Play = Callable[[Driver], Awaitable[None]]


async def _queue(driver: Driver) -> None:
    await driver.sees("48,250.00")


async def _call(driver: Driver) -> None:
    await open_case_of(driver, "S01-job-loss")


async def _no_plan(driver: Driver) -> None:
    await open_case_of(driver, "S10-deficit")


async def _schedule(driver: Driver) -> None:
    await open_case_of(driver, "S01-job-loss")
    await driver.press("f4")
    await driver.on("ScheduleScreen")


async def _they_say(driver: Driver) -> None:
    await open_case_of(driver, "S01-job-loss")
    await driver.press("f6")
    await driver.on("TheySayScreen")


async def _case_file(driver: Driver) -> None:
    await open_case_of(driver, "S09-several-debts")
    await driver.press("ctrl+f")
    await driver.on("CaseFileScreen")


async def _hostile(driver: Driver) -> None:
    await open_case_of(driver, "S16-hostile-text")


async def _very_large(driver: Driver) -> None:
    await open_case_of(driver, "S14-very-large")


async def _unknown(driver: Driver) -> None:
    await open_case_of(driver, "S01-job-loss")


async def _budget(driver: Driver) -> None:
    await open_case_of(driver, "S01-job-loss")
    await driver.press("ctrl+w")
    await driver.on("BudgetScreen")


def assert_reviewed(driver: Driver, name: str, size: tuple[int, int], language: str) -> None:
    """Hold the screen against its golden frame; nothing stands over the edge of it."""
    golden = FRAMES / f"{name}-{size[0]}x{size[1]}-{language}.txt"
    frame = driver.frame
    if os.environ.get("UPDATE_FRAMES"):
        golden.write_text(frame + "\n", encoding="utf-8")
    assert frame + "\n" == golden.read_text(encoding="utf-8")
    assert every_line_is(frame, size[0])
    assert len(frame.split("\n")) == size[1]


PLAYS: dict[str, Play] = {
    "queue": _queue,
    "call": _call,
    "no-plan": _no_plan,
    "schedule": _schedule,
    "they-say": _they_say,
    "case-file": _case_file,
    "hostile": _hostile,
    "very-large": _very_large,
    "unknown": _unknown,
    "budget": _budget,
}
STORES = {
    "unknown": lambda: memory_store(uncertain()),
    "budget": lambda: memory_store(uncertain()),
}
"""Where the samples are not what is shown."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", PLAYS)
def test_screen_looks_as_reviewed(name: str, size: tuple[int, int], language: str) -> None:
    async def play(driver: Driver) -> None:
        await PLAYS[name](driver)
        await driver.pilot.pause()
        assert_reviewed(driver, name, size, language)

    run(drive(play, size=size, language=language, store=STORES.get(name, memory_store)()))


def test_words_carry_the_meaning_without_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def play(driver: Driver) -> None:
        await _call(driver)
        golden = FRAMES / "call-80x24-en.txt"
        assert driver.frame + "\n" == golden.read_text(encoding="utf-8")
        assert "v fits" in driver.row("Verdict")
        assert "v yours" in driver.row("Authority")
        driver.app.pop_screen()
        await open_case_of(driver, "S02-refuses-contact")
        assert "^ LEAD" in driver.row("Authority")

    run(drive(play))


@pytest.mark.parametrize("size", [(79, 23), (60, 18), (50, 15), (30, 8), (20, 5), (300, 60)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_any_size_of_window_works(size: tuple[int, int], language: str) -> None:
    async def play(driver: Driver) -> None:
        await _call(driver)
        assert every_line_is(driver.frame, size[0])

    run(drive(play, size=size, language=language))


def test_a_small_window_asks_to_be_enlarged_and_shows_the_plan() -> None:
    async def play(driver: Driver) -> None:
        await _call(driver)
        assert "80 x 24" in driver.frame
        assert "v fits" in driver.row("Verdict")

    run(drive(play, size=(50, 15)))


@pytest.mark.parametrize("size", [(50, 15), (79, 23), (100, 12)])
def test_dials_turn_in_a_small_window(size: tuple[int, int]) -> None:
    async def play(driver: Driver) -> None:
        await _call(driver)
        await driver.press("1", "5", "0", "0")
        assert driver.call.call.wishes.monthly == yuan("1500.00")

    run(drive(play, size=size))


def test_header_says_demo_and_its_day() -> None:
    async def play(driver: Driver) -> None:
        await driver.sees("DEMO 20 Nov 26")
        assert bootstrap.DEMO_COLLECTOR.display_name in driver.rows[0]

    run(drive(play))
