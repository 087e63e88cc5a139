"""Dials that describe no plan: a sentence says so, and the last good offers stay, called stale."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.search_result import Offers, Refusal
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.ui.widgets.plans import PlanColumns
from tests import builders
from tests.ui.driver import Driver, drive, memory_store, open_case_of, run

SIZES = [(80, 24), (120, 40)]


async def _open(driver: Driver) -> None:
    await open_case_of(driver, "T-1")


def _nothing(driver: Driver) -> None:
    """Show what a search answers for a wish outside all limits."""
    call = driver.call.call
    refused = Refusal(Family.EQUAL_INSTALLMENT, (Finding("T-9", "longest_term", Effect.BLOCK),))
    driver.call._show(replace(call, offers=Offers((), (refused,), None), selected=0))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    ("language", "word", "sentence"),
    [("en", "STALE", "Please change the down payment"), ("zh", "已失效", "请修改首付款")],
)
def test_an_impossible_dial_keeps_the_last_offers_and_calls_them_stale(
    size: tuple[int, int], language: str, word: str, sentence: str
) -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("up", *"4884")
        totals = [plan.total for plan in driver.call.call.offers.plans]
        await driver.press(*"999")
        await driver.sees(word, sentence)
        assert [plan.total for plan in driver.call.call.offers.plans] == totals
        await driver.press("escape")
        assert word not in driver.frame
        assert sentence not in driver.frame

    run(drive(play, size=size, language=language, store=memory_store(builders.case())))


def test_an_impossible_dial_that_is_left_goes_back_and_says_so() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("up", *"99999", "enter")
        await driver.sees("99999 is no value of the dial Paid today; it stays at")
        assert "STALE" not in driver.frame

    run(drive(play, store=memory_store(builders.case())))


def test_a_dial_nudged_beyond_what_is_searched_goes_back_too() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("down", "down", *"28", "right")
        await driver.sees("STALE", "must be from 1 to 28")
        await driver.press("enter")
        await driver.sees("The dial Due day stays at 28.")
        assert "STALE" not in driver.frame

    run(drive(play, store=memory_store(builders.case())))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_a_wish_that_no_plan_meets_keeps_the_last_offers_with_the_reasons(
    size: tuple[int, int],
) -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        total = driver.row("|Total")
        _nothing(driver)
        await driver.sees("STALE", "No plan can be offered with these dials.")
        await driver.sees("equal installments")
        assert driver.row("|Total").split("|Total")[1][:40] == total.split("|Total")[1][:40]
        await driver.press("right")
        assert "STALE" not in driver.frame

    run(drive(play, size=size, store=memory_store(builders.case())))


@pytest.mark.parametrize(
    ("language", "word", "row", "sentence"),
    [
        ("en", "STALE", "|Total", "repay CNY 0.50 of the debt"),
        ("zh", "已失效", "|合计", "每期只偿还欠款CNY 0.50"),
    ],
)
def test_a_down_payment_outside_all_limits_keeps_the_last_offers_and_names_the_rule(
    language: str, word: str, row: str, sentence: str
) -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S01-job-loss")
        await driver.press("up", *"4824")
        total = driver.row(row)
        await driver.press("9")
        await driver.sees(word, sentence)
        assert driver.row(row).split(row)[1] == total.split(row)[1]

    run(drive(play, language=language))


def test_stale_plans_are_neither_offered_nor_answered_nor_agreed() -> None:
    store = memory_store(builders.case())
    before = len(list(store.every_event()))

    async def play(driver: Driver) -> None:
        await _open(driver)
        _nothing(driver)
        for key in ("f6", "f9"):
            await driver.press(key)
            await driver.on("CallScreen")
        await driver.press("f3", "right", "enter")
        await driver.sees("These plans are STALE")
        assert not driver.call.call.trail

    run(drive(play, store=store))

    assert len(list(store.every_event())) == before


def test_an_unreadable_dial_keeps_offers_from_being_marked() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("down", "1")
        await driver.sees("STALE")
        driver.call.on_plan_columns_offered(PlanColumns.Offered())
        await driver.sees("These plans are STALE")
        assert not driver.call.call.trail

    run(drive(play, store=memory_store(builders.case())))


def test_a_small_window_says_stale_and_why() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        _nothing(driver)
        await driver.sees("80 x 24", "STALE", "No plan can be offered")

    run(drive(play, size=(50, 15), store=memory_store(builders.case())))


def test_a_household_that_never_had_an_offer_reads_why_in_a_small_window() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S10-deficit")
        await driver.sees("80 x 24", "No plan can be offered")

    run(drive(play, size=(50, 15)))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    ("language", "word", "sentence"),
    [("en", "NEAREST", "none meets the dials"), ("zh", "最接近", "均不符合调节")],
)
def test_plans_that_only_come_near_an_amount_are_called_so(
    size: tuple[int, int], language: str, word: str, sentence: str
) -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S02-refuses-contact")
        assert word not in driver.frame
        await driver.press(*"300")
        await driver.sees(word, sentence)
        await driver.press("0")
        assert word not in driver.frame

    run(drive(play, size=size, language=language))


@pytest.mark.parametrize(
    ("language", "keys", "word", "which"),
    [
        ("en", ["1", "0", "0"], "NEAREST", "debt 1 of 2, 1187"),
        ("en", ["down", "1"], "STALE", "debt 1 of 2, 1187"),
        ("zh", ["1", "0", "0"], "最接近", "第1笔债务，共2笔，1187"),
        ("zh", ["down", "1"], "已失效", "第1笔债务，共2笔，1187"),
    ],
)
def test_which_of_several_debts_it_is_is_never_cut(
    language: str, keys: list[str], word: str, which: str
) -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S09-several-debts")
        await driver.press(*keys)
        await driver.sees(word, which)

    run(drive(play, language=language))


def test_a_small_window_says_that_a_plan_only_comes_near() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S02-refuses-contact")
        driver.call._price(Wishes(monthly=builders.yuan("300.00")))
        await driver.sees("80 x 24", "NEAREST: none meets the dials")

    run(drive(play, size=(50, 30)))


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "NEAREST: none can be carried"), ("zh", "均不可负担")]
)
def test_plans_that_no_household_could_carry_are_called_so(language: str, sentence: str) -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S02-refuses-contact")
        await driver.press("down", "3")
        await driver.sees(sentence)

    run(drive(play, language=language))


@pytest.mark.parametrize(("language", "more"), [("en", "PgDn: more"), ("zh", "PgDn：更多")])
def test_reasons_that_do_not_fit_name_the_key_to_the_rest(language: str, more: str) -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S11-time-barred")
        call = driver.call.call
        refused = [
            Refusal(family, (Finding(f"T-{index}", "longest_term", Effect.BLOCK),))
            for index, family in enumerate(Family)
        ]
        driver.call._last_good = None
        driver.call._show(replace(call, offers=Offers((), tuple(refused), None), selected=0))
        await driver.sees(more, "T-0")
        while "T-7" not in driver.frame:
            assert more in driver.frame
            await driver.press("pagedown")
        assert more not in driver.frame

    run(drive(play, language=language))


def test_a_corrected_budget_leaves_no_stale_offers() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        call = driver.call.call
        driver.call._budget_corrected(replace(call, offers=Offers((), (), None), selected=0))
        await driver.pilot.pause()
        assert "STALE" not in driver.frame
        assert "No plan can be offered" in driver.frame

    run(drive(play, store=memory_store(builders.case())))
