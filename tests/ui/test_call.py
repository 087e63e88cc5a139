"""The call screen: keys turn dials, plans follow at once, acts are recorded."""

from __future__ import annotations

import pytest

from plan_assistant.domain.events import EventType
from plan_assistant.domain.negotiation import TrailKind
from plan_assistant.ports import Store
from plan_assistant.ui.dials import Dial
from plan_assistant.ui.widgets.dials import DialPanel
from plan_assistant.ui.widgets.plans import PlanColumns
from plan_assistant.wording import formats
from tests.ui.driver import Driver, drive, memory_store, open_case_of, run, sample_cases

CASE = "S01-job-loss"


def _case() -> Store:
    return memory_store(sample_cases()[CASE], sample_cases()["S09-several-debts"])


async def _open(driver: Driver) -> None:
    await open_case_of(driver, CASE)


async def _down(driver: Driver, times: int) -> None:
    await driver.press(*["down"] * times)


def test_three_plans_are_in_view_without_a_key() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        for plan in driver.call.call.offers.plans[:3]:
            assert formats.money(plan.total, "en") in driver.row("Total")

    run(drive(play, store=_case()))


@pytest.mark.parametrize("digits", ["1800", "１８００"], ids=["ordinary", "full-width"])
def test_typing_an_amount_prices_every_plan(digits: str) -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        before = driver.call.call.offers
        await driver.press(*digits)
        call = driver.call.call
        assert call.offers is not before
        assert call.wishes.monthly == call.debt.currency.parse("1800.00")
        assert all(plan.payment.minor <= 180_000 for plan in call.offers.plans[:1])
        assert call.plan is not None
        assert formats.money(call.plan.total, "en") in driver.row("Total")

    run(drive(play, store=_case()))


def test_one_undo_takes_a_whole_turn_back() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        before = driver.call.call.wishes
        await driver.write("1800")
        await driver.press("enter", "f8")
        assert driver.call.call.wishes == before
        await driver.press("f8")
        await driver.sees("There is nothing to undo.")

    run(drive(play, store=_case()))


def test_escape_restores_the_dial() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.write("1800")
        await driver.press("escape")
        assert driver.call.call.wishes.monthly is None
        assert "1800" not in driver.row("Monthly")

    run(drive(play, store=_case()))


def test_arrows_nudge_and_home_and_end_go_to_the_ends() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await _down(driver, 1)
        await driver.press("home")
        assert driver.call.call.wishes.periods == driver.call.call.policy.space.min_periods
        await driver.press("right")
        assert driver.call.call.wishes.periods == 3
        await driver.press("shift+right")
        assert driver.call.call.wishes.periods == 13
        await driver.press("end")
        assert driver.call.call.wishes.periods == 48
        await driver.press("delete")
        assert driver.call.call.wishes.periods is None

    run(drive(play, store=_case()))


def test_an_unfinished_value_marks_the_plans_stale_and_says_what_it_takes() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        total = driver.row("|Total")
        await _down(driver, 1)
        await driver.press("1")
        assert "Type a number from 2 to" in driver.frame
        assert "STALE: not for these dials" in driver.frame
        assert "|STALE" in driver.row("|STALE")
        assert driver.row("|Total") == total
        await driver.press("8")
        assert driver.call.call.wishes.periods == 18
        assert "Type a number" not in driver.frame
        assert "STALE" not in driver.frame

    run(drive(play, store=_case()))


def test_a_value_that_is_none_is_corrected_visibly() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await _down(driver, 2)
        await driver.write("45")
        await driver.press("enter")
        await driver.sees("45 is no value of the dial Due day")

    run(drive(play, store=_case()))


def test_more_than_is_owed_as_down_payment_is_answered_with_a_sentence() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("up")
        await driver.write("99999")
        await driver.sees("Please change the down payment")
        await driver.press("escape")
        assert driver.call.call.wishes.down_payment is None

    run(drive(play, store=_case()))


def test_marking_an_offer_records_it_and_shows_its_time() -> None:
    store = _case()

    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("f3", "right", "enter")
        await driver.until(lambda: bool(driver.call.call.trail))
        assert driver.call.call.selected == 1
        assert "09:30" in driver.row("Offered")

    run(drive(play, store=store))

    assert [event.type for event in store.every_event()][-1] is EventType.OFFER_SPOKEN


def test_undo_never_removes_the_trail() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("f2")
        await driver.write("1800")
        await driver.press("f3", "enter")
        await driver.until(lambda: bool(driver.call.call.trail))
        await driver.press("f8")
        assert driver.call.call.wishes.monthly is None
        assert [entry.kind for entry in driver.call.call.trail] == [TrailKind.OFFERED]

    run(drive(play, store=_case()))


@pytest.mark.parametrize(
    ("key", "check"),
    [
        ("1", lambda call: call.wishes.monthly is not None),
        ("2", lambda call: call.wishes.down_payment is not None and not call.wishes.down_payment),
        ("3", lambda call: call.wishes.first_due is not None),
        ("6", lambda call: call.wishes.periods is not None),
        ("7", lambda call: call.wishes.periods == 2),
    ],
    ids=["too much", "nothing today", "not before", "sooner", "one payment"],
)
def test_an_answer_is_recorded_and_leads_to_other_terms(key: str, check: object) -> None:
    store = _case()

    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("f6")
        await driver.on("TheySayScreen")
        await driver.press(key)
        await driver.on("CallScreen")
        await driver.until(lambda: check(driver.call.call))  # type: ignore[operator]
        assert driver.call.call.trail[0].kind is TrailKind.REFUSED

    run(drive(play, store=store))

    assert [event.type for event in store.every_event()][-1] is EventType.OFFER_REFUSED


@pytest.mark.parametrize(("key", "said"), [("8", "stop the offer"), ("9", "Stop asking for money")])
def test_dispute_and_hardship_stop_the_offer_and_say_so(key: str, said: str) -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        before = driver.call.call.wishes
        await driver.press("f6")
        await driver.on("TheySayScreen")
        await driver.press(key)
        await driver.sees(said)
        assert driver.call.call.wishes == before

    run(drive(play, store=_case()))


def test_another_payday_leads_to_the_dial_of_the_due_day() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("f6")
        await driver.on("TheySayScreen")
        await driver.press("4")
        await driver.sees("Type the day on which they are paid")
        assert driver.app.screen.query_one(DialPanel)._dial is Dial.DUE_DAY
        await driver.write("20")
        assert driver.call.call.wishes.due_day == 20

    run(drive(play, store=_case()))


def test_a_corrected_budget_moves_what_is_spare_and_every_plan() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        spare = driver.call.call.affordability.surplus
        await driver.press("ctrl+w")
        await driver.on("BudgetScreen")
        await driver.write("15000")
        await driver.press("enter")
        await driver.sees("Spare is now")
        await driver.press("escape")
        await driver.on("CallScreen")
        await driver.until(lambda: driver.call.call.affordability.surplus > spare)
        assert formats.money(driver.call.call.affordability.surplus, "en") in driver.frame

    run(drive(play, store=_case()))


def test_the_language_changes_every_word_and_no_figure() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        plan = driver.call.call.plan
        assert plan is not None
        await driver.press("ctrl+u")
        frame = driver.frame
        for english in ("Dials", "Plans", "Monthly", "Income", "Told", "Say", "Verdict", "Agree"):
            assert english not in frame
        assert formats.money(plan.total, "zh") in frame
        await driver.press("ctrl+u")
        assert "Dials" in driver.frame

    run(drive(play, store=_case()))


def test_page_down_shows_the_other_plans() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        assert "PgDn: plans 4-5" in driver.frame
        await driver.press("pagedown")
        assert driver.call.call.selected >= 3
        assert "PgUp: plans before" in driver.frame
        await driver.press("pageup")
        assert driver.call.call.selected < 3

    run(drive(play, store=_case()))


def test_a_long_script_is_read_on_with_space() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        assert "Space: more" in driver.frame
        first = driver.rows[-4]
        await driver.press("space")
        assert driver.rows[-4] != first
        await driver.press("space")
        assert driver.rows[-4] == first

    run(drive(play, store=_case()))


def test_a_disclosure_left_for_later_stays_owed() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("f5")
        await driver.sees("Am I speaking with")
        await driver.press("escape")
        assert len(driver.call.call.disclosures_left) == 5
        assert "Am I speaking with" not in driver.frame

    run(drive(play, store=_case()))


def test_the_next_debt_is_negotiated_with_what_was_said() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S09-several-debts")
        first = driver.call.call.debt_id
        await driver.press("f5", "enter")
        await driver.until(lambda: len(driver.call.call.disclosures_left) == 4)
        await driver.press("escape", "right_square_bracket")
        assert driver.call.call.debt_id != first
        assert len(driver.call.call.disclosures_left) == 4
        assert "debt 2 of 2" in driver.frame or "debt 1 of 2" in driver.frame

    run(drive(play, store=_case()))


def test_without_a_plan_the_screen_says_why_and_what_to_do() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S10-deficit")
        await driver.sees("No plan can be offered", "good")
        await driver.press("f9")
        await driver.sees("There is no plan yet")
        await driver.press("f3", "down")
        driver.app.screen.query_one(PlanColumns)
        assert "No plan can be offered" not in driver.frame

    run(drive(play, store=memory_store(sample_cases()["S10-deficit"])))


def test_escape_twice_goes_back_to_the_queue() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("escape")
        await driver.sees("Press Esc once more")
        await driver.press("escape")
        await driver.on("QueueScreen")

    run(drive(play, store=_case()))
