"""The team lead's queue: what is off policy is the page, and deciding takes two keys."""

from __future__ import annotations

import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.events import Account, EventType
from plan_assistant.domain.record import Status, fold
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import Store
from plan_assistant.services import negotiate
from plan_assistant.services.keys import new_key
from plan_assistant.services.requests import read_request
from plan_assistant.wording import formats
from plan_assistant.wording.words import words
from tests.recording import record_plan
from tests.ui.cases import uncertain
from tests.ui.driver import Driver, FrozenClock, drive, memory_store, run, sample_cases

CASE = CaseId("S02-refuses-contact")


def _waiting(maker: Account = bootstrap.DEMO_COLLECTOR, case: Case | None = None) -> Store:
    """Return a store in which a plan waits for the lead, one beyond a collector's authority."""
    case = case or sample_cases()[CASE]
    store = memory_store(case)
    desk = bootstrap.desk(store, maker, clock=FrozenClock())
    state = negotiate.begin(desk, case.case_id)
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    agreement = negotiate.agreement_of(
        desk, state, lines_read=("...",), recording="R1", reason_code="illness", note="has a letter"
    )
    record_plan(desk, agreement, expected_version=state.case_version, key=new_key(), price=price)
    return store


async def _open(driver: Driver) -> None:
    await driver.press("f2")
    await driver.on("ApprovalsScreen")
    await driver.sees("Owes")


def test_the_difference_to_policy_comes_first() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        assert "48 months" in driver.row("^ term")
        await driver.sees("has a letter", "Reason: illness")

    run(drive(play, store=_waiting(), account=bootstrap.DEMO_LEAD))


def test_lead_sees_that_a_plan_rests_on_a_figure_that_is_not_known() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.sees("Likely: kept up with the likely figures")

    run(drive(play, store=_waiting(case=uncertain()), account=bootstrap.DEMO_LEAD))


def test_approving_takes_the_key_and_enter_on_its_consequence() -> None:
    store = _waiting()

    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("f2")
        await driver.sees("write a sentence why")
        await driver.press("escape")
        await driver.on("ApprovalsScreen")
        assert fold(store.events(CASE)).approval is None
        await driver.press("f2")
        await driver.write("Letter seen.")
        await driver.sees("Your password APPROVES", 'the invented people is "demo"')
        await driver.press("enter")
        await driver.write(bootstrap.DEMO_PASSWORD)
        await driver.sees("****")
        assert "demo " not in driver.row("Your password")
        await driver.press("enter")
        await driver.sees("Approved AG-", "Nothing waits for a")

    run(drive(play, store=store, account=bootstrap.DEMO_LEAD))

    assert fold(store.events(CASE)).approval is not None


@pytest.mark.parametrize(
    ("key", "outcome"), [("f3", EventType.RETURNED), ("f6", EventType.DECLINED)]
)
def test_returning_and_declining_need_a_reason(key: str, outcome: EventType) -> None:
    store = _waiting()

    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press(key)
        await driver.sees("Choose a reason by its digit.")
        await driver.press("3", "enter")
        await driver.sees("Nothing waits for a")

    run(drive(play, store=store, account=bootstrap.DEMO_LEAD))

    decision = fold(store.events(CASE)).decision
    assert decision is not None
    assert (decision.outcome, decision.reason) == (outcome, "documents_missing")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("key", ["f3", "f6"])
def test_another_reason_asks_for_a_sentence(key: str, language: str) -> None:
    store = _waiting()
    asked = words(language)("Another reason: write a sentence that says which.")
    done = words(language)("Nothing waits for a decision.")

    async def play(driver: Driver) -> None:
        await driver.press("f2")
        await driver.on("ApprovalsScreen")
        await driver.until(lambda: CASE[:6] in driver.frame)
        await driver.press(key)
        await driver.on("DecisionScreen")
        await driver.press("5")
        await driver.until(lambda: asked[-6:] in driver.frame)
        await driver.press("enter")
        await driver.until(lambda: asked[-6:] in driver.frame)
        assert fold(store.events(CASE)).status is Status.PENDING
        await driver.write("checked")
        await driver.press("enter")
        await driver.until(lambda: done[:6] in driver.frame)

    run(drive(play, store=store, account=bootstrap.DEMO_LEAD, language=language))

    decision = fold(store.events(CASE)).decision
    assert decision is not None
    assert (decision.reason, decision.sentence) == ("other", "checked")


def test_a_lead_cannot_approve_their_own_plan_and_is_told_why() -> None:
    store = _waiting(maker=bootstrap.DEMO_LEAD)

    async def play(driver: Driver) -> None:
        await _open(driver)
        assert "F2 (Approve)" in driver.rows[-1]
        await driver.press("f2")
        await driver.sees("This is your own plan")
        await driver.press("f8", "enter")
        await driver.sees("Took AG-")

    run(drive(play, store=store, account=bootstrap.DEMO_LEAD))

    assert fold(store.events(CASE)).decision is not None


def test_a_collector_sees_the_queue_but_not_the_keys_of_a_lead() -> None:
    async def play(driver: Driver) -> None:
        await _open(driver)
        assert "F2" not in driver.rows[-1]
        await driver.press("f2")
        await driver.sees("Your role cannot do this")

    run(drive(play, store=_waiting()))


def test_the_rows_of_a_request_are_those_that_were_agreed() -> None:
    store = _waiting()
    recorded = fold(store.events(CASE)).recorded
    assert recorded is not None
    total = formats.money(read_request(recorded.agreement).total, "en")

    async def play(driver: Driver) -> None:
        await _open(driver)
        await driver.press("f4")
        await driver.sees("TOTAL", total)
        await driver.press("escape", "f5")
        await driver.sees("Read to the borrower")

    run(drive(play, store=store, account=bootstrap.DEMO_LEAD, size=(120, 40)))
