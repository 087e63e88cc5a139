"""The budget in a call: figures that are not known yet, what to ask, what changes later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from plan_assistant.domain.case import Case
from plan_assistant.domain.household import Bounds
from plan_assistant.domain.money import CNY
from tests.ui.cases import uncertain
from tests.ui.driver import Driver, drive, memory_store, open_case_of, run, sample_cases

NAME = "S01-job-loss"


def play_with(
    case: Case,
    play: Callable[[Driver], Awaitable[None]],
    *,
    language: str = "en",
    size: tuple[int, int] = (80, 24),
) -> None:
    async def opened(driver: Driver) -> None:
        await open_case_of(driver, NAME)
        await play(driver)

    run(drive(opened, store=memory_store(case), language=language, size=size))


@pytest.mark.parametrize(
    ("language", "word"), [("en", "ask: 网约车收入"), ("zh", "问：网约车收入")]
)
def test_call_screen_names_the_figure_to_ask_for(language: str, word: str) -> None:
    async def play(driver: Driver) -> None:
        assert word in driver.frame

    play_with(uncertain(), play, language=language)


def test_amount_typed_for_the_asked_figure_settles_the_plan() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("ctrl+w")
        await driver.on("BudgetScreen")
        assert "~2,600.00" in driver.row("网约车收入")
        assert "Ask first for 网约车收入" in driver.frame
        await driver.press("down", "down")
        assert "between 600.00 and 4,000.00" in driver.frame
        await driver.write("2600")
        await driver.press("enter")
        assert "~2,600.00" not in driver.frame
        assert "Ask first for 网约车收入" not in driver.frame

    play_with(uncertain(), play, size=(120, 40))


def test_budget_says_from_when_another_debt_is_paid_off() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("ctrl+w")
        await driver.on("BudgetScreen")
        assert "From 1 May 2027" in driver.frame

    play_with(uncertain(), play, size=(120, 40))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Nothing is known of income"), ("zh", "收入和支出都还不清楚")]
)
def test_budget_without_any_figure_is_a_sentence(
    size: tuple[int, int], language: str, sentence: str
) -> None:
    case = sample_cases()[NAME]
    empty = replace(case, budget=replace(case.budget, incomes=(), outgoings=()))

    async def play(driver: Driver) -> None:
        await driver.press("ctrl+w")
        await driver.on("BudgetScreen")
        assert sentence in driver.frame
        await driver.press("down", "1", "enter")
        assert sentence in driver.frame

    play_with(empty, play, language=language, size=size)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "figures missing: ask"), ("zh", "数据不全，请询问")]
)
def test_call_screen_says_that_figures_are_missing_without_cutting_it(
    language: str, said: str
) -> None:
    sample = sample_cases()[NAME]
    empty = replace(sample, budget=replace(sample.budget, incomes=(), outgoings=()))

    async def play(driver: Driver) -> None:
        assert said in driver.frame

    play_with(empty, play, language=language)


def test_budget_of_ranges_alone_says_so() -> None:
    case = sample_cases()[NAME]
    wide = Bounds(CNY.zero, CNY.parse("9000.00"))
    open_case = replace(
        case,
        budget=replace(
            case.budget,
            incomes=tuple(replace(item, bounds=wide) for item in case.budget.incomes),
            outgoings=tuple(replace(item, bounds=wide) for item in case.budget.outgoings),
        ),
    )

    async def play(driver: Driver) -> None:
        await driver.press("ctrl+w")
        await driver.on("BudgetScreen")
        assert "Every figure is still a range" in driver.frame

    play_with(open_case, play, size=(120, 40))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_floating_rate_shows_its_stress_on_the_smallest_screen(language: str) -> None:
    case = sample_cases()[NAME]
    floating = replace(case, debts=tuple(replace(debt, is_floating=True) for debt in case.debts))

    async def play(driver: Driver) -> None:
        assert "+1%" in driver.frame
        assert "-30%x" in driver.frame
        assert "4,180.00" in driver.frame

    play_with(floating, play, language=language)
