"""Plans with every lever on the screens: rows where a plan has them, and no figure cropped."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.search_result import Offers
from plan_assistant.domain.policy.findings import Effect, Finding, Role
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import Store
from plan_assistant.services import negotiate
from plan_assistant.services.decide import pending
from plan_assistant.services.keys import new_key
from plan_assistant.services.requests import read_request
from plan_assistant.ui.agreed_amount import agreed_amount
from plan_assistant.ui.screens import they_say
from plan_assistant.ui.screens.they_say import Counter
from plan_assistant.wording import formats
from plan_assistant.wording.course import plan_changes, plan_course
from plan_assistant.wording.trail import record_sentences
from plan_assistant.wording.words import words
from tests.lever_plans import combinations, lever_plan
from tests.recording import record_plan
from tests.ui.driver import (
    Driver,
    FrozenClock,
    drive,
    memory_store,
    open_case_of,
    run,
    shown_amounts,
)
from tests.ui.test_frames import LANGUAGES, SIZES, assert_reviewed

MANY = (
    ("step-up", "waiver"),
    ("biweekly", "lower rate", "capitalised"),
    ("first", "hundreds"),
    ("last", "waiver"),
    ("deferral", "lower rate"),
)
MONTHLY = (("waiver", "one payment"), ("step-up", "waiver", "lower rate"), ("no interest",))
ASKS_LEAD = Finding("DES-03-waiver", "waiver_authority", Effect.APPROVAL, may_allow=Role.TEAM_LEAD)

Play = Callable[[Driver], Awaitable[None]]


def plans_of(levers: tuple[tuple[str, ...], ...]) -> tuple[Plan, ...]:
    return tuple(lever_plan(each)[1] for each in levers)


async def open_with(driver: Driver, levers: tuple[tuple[str, ...], ...]) -> None:
    """Open the invented borrower with these plans as the offers."""
    await open_case_of(driver, "T-1")
    offers = Offers(plans_of(levers), (), None)
    driver.call._show(replace(driver.call.call, offers=offers, selected=0))
    await driver.pilot.pause()


def case_store() -> Store:
    return memory_store(lever_plan(())[0])


async def _many(driver: Driver) -> None:
    await open_with(driver, MANY)


async def _monthly(driver: Driver) -> None:
    await open_with(driver, MONTHLY)
    await driver.press("f3", "right")


async def _rows(driver: Driver) -> None:
    await open_with(driver, MANY)
    await driver.press("f3", "3", "f4")
    await driver.on("ScheduleScreen")
    await driver.press("end")


async def _read_back(driver: Driver) -> None:
    await open_with(driver, (("step-up", "waiver", "capitalised", "lower rate"),))
    for disclosure in driver.call.call.disclosures_left:
        driver.call.call = negotiate.tick_disclosure(driver.call.desk, driver.call.call, disclosure)
    driver.call.do_agree()
    await driver.on("ReadBackScreen")
    await driver.press(*["enter"] * 6)


async def _answers(driver: Driver) -> None:
    await open_with(driver, MANY)
    await driver.press("f6")
    await driver.on("TheySayScreen")
    await driver.press("down")


async def _stale(driver: Driver) -> None:
    await open_with(driver, MANY)
    await driver.press("up", *"99999")


PLAYS: dict[str, Play] = {
    "levers": _many,
    "levers-monthly": _monthly,
    "levers-rows": _rows,
    "levers-read-back": _read_back,
    "levers-answers": _answers,
    "levers-stale": _stale,
}


@pytest.fixture(autouse=True)
def answers_lead_to_levers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the borrower's answers lead to plans with levers, whatever the search knows of them."""
    plans = plans_of((*MANY, *MONTHLY))

    def counters(call: object, _say: object) -> tuple[Counter, ...]:
        objections = call.policy.objections  # type: ignore[attr-defined]
        return tuple(
            Counter(objection, select=0, plan=plans[number] if number < len(plans) else None)
            for number, objection in enumerate(objections)
        )

    monkeypatch.setattr(they_say, "counters", counters)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", PLAYS)
def test_levers_look_as_reviewed(name: str, size: tuple[int, int], language: str) -> None:
    async def play(driver: Driver) -> None:
        await PLAYS[name](driver)
        await driver.pilot.pause()
        assert_reviewed(driver, name, size, language)
        assert "##" not in re.sub(r"\[#+", "", driver.frame)  # a gauge is no cropped figure

    run(drive(play, size=size, language=language, store=case_store()))


def _every_plan() -> tuple[tuple[tuple[str, ...], ...], ...]:
    found = combinations()
    return tuple(found[start : start + 3] for start in range(0, len(found), 3))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_every_plan_is_whole_on_a_narrow_screen(language: str) -> None:
    """Three plans at a time: what their rows say is in the frame, to the last digit."""

    async def play(driver: Driver) -> None:
        await open_case_of(driver, "T-1")
        call = driver.call.call
        for levers in _every_plan():
            plans = plans_of(levers)
            driver.call._show(replace(call, offers=Offers(plans, (), None), selected=0))
            await driver.pilot._wait_for_screen()
            shown = shown_amounts(driver.frame)
            for plan in plans:
                assert formats.money(plan.total, language) in shown
                for amount in (plan.waived.total, plan.capitalised):
                    assert not amount or formats.money(amount, language) in shown
                if plan.terms.payment_steps:
                    assert formats.money(agreed_amount(plan)[0], language) in shown

    run(drive(play, language=language, store=case_store()))


def test_a_row_that_no_plan_needs_does_not_stand() -> None:
    async def play(driver: Driver) -> None:
        await open_with(driver, ((), ("no interest",)))
        for name in ("First one", "Last one", "Waived", "Int. added", "Plan rate", "Each time"):
            assert f"|{name}" not in driver.frame

    run(drive(play, store=case_store()))


@pytest.mark.parametrize(
    ("levers", "name"),
    [
        (("step-up",), "Later monthly amount, to record"),
        (("weekly",), "Amount of a payment, to record"),
        (("biweekly", "step-up"), "Amount of a later payment, to record"),
        (("first",), "Monthly amount, to record"),
    ],
    ids=" + ".join,
)
def test_the_amount_that_is_typed_is_named_for_what_it_is(
    levers: tuple[str, ...], name: str
) -> None:
    _, plan = lever_plan(levers)
    amount, names = agreed_amount(plan)
    counts = [count for count, paid in plan.schedule.runs if paid == amount]

    assert names.to_record == name
    assert counts[-1] > plan.schedule.number_of_payments // 2


# --- the record, the queue and the lead ----------------------------------------------------------


def waiting(levers: tuple[str, ...]) -> Store:
    """Return a store in which a plan with these levers was spoken and waits for the lead."""
    case, plan = lever_plan(levers)
    store = memory_store(case)
    desk = bootstrap.desk(store, bootstrap.DEMO_COLLECTOR, clock=FrozenClock())
    state = negotiate.begin(desk, case.case_id)
    offered = replace(plan, findings=(ASKS_LEAD,))
    state = replace(state, offers=Offers((offered,), (), None), selected=0)
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    state = negotiate.mark_offered(desk, state)
    agreement = negotiate.agreement_of(
        desk, state, lines_read=("...",), recording="R1", reason_code="illness", note="a letter"
    )
    record_plan(desk, agreement, expected_version=state.case_version, key=new_key(), price=price)
    return store


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("levers", combinations(), ids=" + ".join)
def test_trail_and_request_hold_every_payment_and_every_change(
    levers: tuple[str, ...], language: str
) -> None:
    case, plan = lever_plan(levers)
    desk = bootstrap.desk(waiting(levers), bootstrap.DEMO_LEAD, clock=FrozenClock())
    (request,) = pending(desk)
    trail = "\n".join(record_sentences(request.trail, words(language)))
    figures = read_request(request.agreement).figures

    assert plan_course(plan, language) in trail
    for change in plan_changes(plan, case.lead_debt.annual_rate, language):
        assert change in trail
    assert figures.runs == plan.schedule.runs
    assert (figures.waived, figures.capitalised) == (plan.waived.total, plan.capitalised)
    assert (figures.plan_rate, figures.contract_rate) == (
        plan.terms.annual_rate,
        case.lead_debt.annual_rate,
    )
    assert figures.frequency == plan.terms.frequency


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_the_lead_sees_what_is_changed(size: tuple[int, int], language: str) -> None:
    async def play(driver: Driver) -> None:
        await driver.press("f2")
        await driver.on("ApprovalsScreen")
        await driver.sees("905.00")
        await driver.pilot.pause()
        assert_reviewed(driver, "levers-approval", size, language)

    levers = ("step-up", "waiver", "capitalised", "lower rate")
    run(
        drive(
            play,
            size=size,
            language=language,
            store=waiting(levers),
            account=bootstrap.DEMO_LEAD,
        )
    )
