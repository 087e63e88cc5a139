"""Four eyes on the screen: the password at the gate, live requests, counter-terms, bulk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from textual.widgets import Input

from plan_assistant import bootstrap
from plan_assistant.adapters.approval_keys import verify_approvals
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreFailure
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.formats.agreement_file import agreement_fingerprint
from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.record import Status, fold
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import Store
from plan_assistant.services import decide, negotiate
from plan_assistant.services.decide import note_borrower_waits, return_plan
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from plan_assistant.services.staff import authenticate, signing_of
from plan_assistant.wording.words import words
from tests.recording import record_plan
from tests.staffing import CHEAP
from tests.ui.driver import (
    Driver,
    FrozenClock,
    drive,
    every_line_is,
    memory_store,
    open_case_of,
    run,
    sample_cases,
)

CASE = CaseId("S01-job-loss")
LEAD, MAKER = bootstrap.DEMO_LEAD, bootstrap.DEMO_COLLECTOR
PASSWORD = bootstrap.DEMO_PASSWORD
Change = Callable[[dict[str, Any]], None]


def _nothing(_agreement: dict[str, Any]) -> None:
    """Leave an agreement as it was made."""


def _breaking(rule: str) -> Change:
    def change(agreement: dict[str, Any]) -> None:
        agreement["findings"].append(
            {**agreement["findings"][0], "rule": rule, "effect": "approval"}
        )

    return change


def _send(store: Store, case_id: CaseId, change: Change = _nothing) -> str:
    """Let a plan of the collector wait; return its fingerprint."""
    desk = bootstrap.desk(store, MAKER, clock=FrozenClock())
    state = negotiate.begin(desk, case_id)
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    agreement = negotiate.agreement_of(
        desk, state, lines_read=("...",), recording="R1", reason_code=None
    )
    change(agreement)
    record_plan(desk, agreement, expected_version=state.case_version, key=new_key(), price=price)
    return agreement_fingerprint(agreement)


def _store(*changes: Change) -> Store:
    """Return a store in which a plan waits in a case of its own for each of the changes."""
    case = sample_cases()[CASE]
    store = memory_store(case)
    desk = bootstrap.desk(store, MAKER, clock=FrozenClock())
    for number, change in enumerate(changes, start=1):
        name = CASE if number == 1 else CaseId(f"{CASE}-{number}")
        if name != CASE:
            debts = tuple(replace(debt, account_tail=f"{number:04}") for debt in case.debts)
            other = replace(case, case_id=name, debts=debts)
            open_case(desk, other, RequestKey(f"open {name}"))
        _send(store, name, change)
    return store


async def _approvals(driver: Driver) -> None:
    await driver.press("f2")
    await driver.on("ApprovalsScreen")
    await driver.sees("waiting")


# --- the password at the gate
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_password_at_the_gate_records_nothing(language: str) -> None:
    store = _store(_nothing)
    before = store.every_event()

    async def play(driver: Driver) -> None:
        await driver.press("f2")
        await driver.on("ApprovalsScreen")
        await driver.until(lambda: CASE[:6] in driver.frame)
        await driver.press("f2")
        await driver.on("DecisionScreen")
        await driver.write("not it")
        await driver.press("enter")
        wrong = words(language)("Name or password is wrong. Nothing was done. Try again.")
        await driver.until(lambda: wrong[:6] in driver.frame)
        assert store.every_event() == before
        assert driver.app.screen.query_one("#password", Input).value == ""
        await driver.write(PASSWORD)
        await driver.press("enter")
        await driver.until(lambda: fold(store.events(CASE)).approval is not None)

    run(drive(play, store=store, account=LEAD, language=language))

    assert verify_approvals(store.every_event(), store.credentials.key_registry()) is None


def test_approving_without_the_password_asks_for_it() -> None:
    store = _store(_nothing)

    async def play(driver: Driver) -> None:
        await _approvals(driver)
        await driver.sees(CASE)
        await driver.press("f2")
        await driver.on("DecisionScreen")
        await driver.press("enter")
        await driver.sees("it signs the approval")

    run(drive(play, store=store, account=LEAD))

    assert fold(store.events(CASE)).status is Status.PENDING


def test_signing_in_does_not_stand_in_for_the_password_at_the_gate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = _store(_nothing, _nothing)
    checked: list[str] = []
    opened = CHEAP.open

    def watched(self: object, password: str, verifier: str) -> Any:
        checked.append(password)
        return opened(password, verifier)

    async def play(driver: Driver) -> None:
        await _approvals(driver)
        await driver.sees(CASE)
        for left in (1, 0):
            checked.clear()
            await driver.press("f2")
            await driver.on("DecisionScreen")
            await driver.write(PASSWORD)
            await driver.press("enter")
            await driver.on("ApprovalsScreen")
            await driver.sees(f"{left} waiting")
            assert checked == [PASSWORD]

    monkeypatch.setattr(type(CHEAP), "open", watched)
    run(drive(play, store=store, account=LEAD))


def test_a_retry_after_a_failure_signs_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer got lost after it was recorded: the second try gets the first receipt."""
    store = _store(_nothing)
    moments: list[datetime] = []
    real = decide.approve

    def lost_once(*args: Any, **kwargs: Any) -> Any:
        moments.append(kwargs["signing"].at)
        receipt = real(*args, **kwargs)
        if len(moments) == 1:
            raise StoreFailure("lost", place="x", reason="y")
        assert receipt.is_repeat
        return receipt

    clock = _Turned()

    async def play(driver: Driver) -> None:
        await _approvals(driver)
        await driver.sees(CASE)
        await driver.press("f2")
        await driver.on("DecisionScreen")
        for _ in range(2):
            await driver.write(PASSWORD)
            await driver.press("enter")
            await driver.press()
            await driver.until(lambda: not getattr(driver.app.screen, "_is_busy", False))
            clock.wait(seconds=30)
        await driver.on("ApprovalsScreen")

    monkeypatch.setattr(decide, "approve", lost_once)
    run(drive(play, store=store, account=LEAD, clock=clock))

    assert len(moments) == 2
    assert len(set(moments)) == 1
    assert [event.type for event in store.events(CASE)].count(EventType.APPROVED) == 1


# --- live
class _Turned:
    """A clock that a test turns."""

    is_demo = True

    def __init__(self) -> None:
        self.at = bootstrap.DEMO_START

    def now(self) -> datetime:
        return self.at

    def wait(self, **passed: float) -> None:
        self.at += timedelta(**passed)


def _call_in(store: Store, case_id: CaseId, *, waits: bool = True) -> None:
    desk = bootstrap.desk(store, MAKER, clock=FrozenClock())
    pending = fold(store.events(case_id)).pending
    assert pending is not None
    note_borrower_waits(desk, case_id, fingerprint=pending.fingerprint, waits=waits, key=new_key())


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(("language", "live"), [("zh", "在线"), ("en", "LIVE")])
def test_a_live_request_comes_first_and_shows_its_age(
    size: tuple[int, int], language: str, live: str
) -> None:
    store = _store(_nothing, _nothing)
    _call_in(store, CaseId(f"{CASE}-2"))
    clock = _Turned()
    clock.wait(seconds=42)

    async def play(driver: Driver) -> None:
        await driver.press("f2")
        await driver.on("ApprovalsScreen")
        await driver.sees(f"{live} 00:42")
        rows = [row for row in driver.rows if "张*" in row and row.startswith("|")]
        assert live in rows[0]
        assert "[ ]" in rows[1]
        clock.wait(seconds=20)
        driver.app.screen._tick()  # type: ignore[attr-defined]  # once a second
        await driver.sees(f"{live} 01:02")
        assert every_line_is(driver.frame, size[0])

    run(drive(play, store=store, account=LEAD, size=size, language=language, clock=clock))


def test_a_call_that_comes_in_rings_once_and_leaves_the_request_that_is_read() -> None:
    store = _store(_nothing, _nothing)
    rang: list[int] = []

    async def play(driver: Driver) -> None:
        monkey = driver.app
        monkey.bell = lambda: rang.append(1)  # type: ignore[method-assign]
        await _approvals(driver)
        await driver.sees(f"{CASE} ")
        screen: Any = driver.app.screen
        _call_in(store, CaseId(f"{CASE}-2"))
        for _ in range(2):
            await screen._load()
            await driver.press()

        await driver.sees("LIVE 00:00", "1 LIVE")
        marked = screen._marked()
        assert marked.case_id == CASE, "what the lead reads stays under the keys"
        assert rang == [1]

    run(drive(play, store=store, account=LEAD))


def test_the_collector_says_that_the_borrower_waits_and_hears_the_answer() -> None:
    store = memory_store(sample_cases()[CASE])
    clock = _Turned()

    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.press("shift+f9")
        await driver.sees("First record the plan")
        await _record(driver)
        await driver.press("shift+f9")
        await driver.sees("the lead sees first")
        assert fold(store.events(CASE)).live_since is not None
        clock.wait(seconds=75)
        driver.call.refill()
        await driver.sees("LIVE 01:15")
        clock.wait(minutes=3)
        driver.call._look()
        await driver.sees("offer to call back")
        _approve(store)
        driver.call._look()
        await driver.sees("李娜 has approved. Tell the borrower.")
        assert "LIVE" not in driver.rows[0]

    run(drive(play, store=store, clock=clock))


def test_the_borrower_no_longer_waits() -> None:
    store = memory_store(sample_cases()[CASE])

    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await _record(driver)
        await driver.press("shift+f9")
        await driver.until(lambda: fold(store.events(CASE)).live_since is not None)
        await driver.sees("LIVE 00:00")
        await driver.press("shift+f9")
        await driver.until(lambda: fold(store.events(CASE)).live_since is None)
        await driver.sees("waits as any other")

    run(drive(play, store=store))


async def _record(driver: Driver) -> None:
    """Say everything, read everything, record the selected plan and close the receipt."""
    while driver.call.call.disclosures_left:
        left = len(driver.call.call.disclosures_left)
        await driver.press("f5", "enter")
        await driver.until(lambda left=left: len(driver.call.call.disclosures_left) < left)  # type: ignore[misc]
    plan = driver.call.call.plan
    assert plan is not None
    await driver.press("f9")
    await driver.on("ReadBackScreen")
    read_back: Any = driver.app.screen
    await driver.press(*["enter"] * len(read_back._sentences))
    await driver.write("R9")
    await driver.press("enter")
    await driver.write(plan.payment.plain)
    await driver.press("enter")
    await driver.sees("Recorded as")
    await driver.press("enter")
    await driver.on("CallScreen")


def _approve(store: Store) -> None:
    desk = bootstrap.desk(store, LEAD, clock=FrozenClock())
    record = fold(store.events(CASE))
    assert record.pending is not None
    proof = authenticate(desk.door, LEAD.name, PASSWORD)
    decide.approve(
        desk,
        CASE,
        fingerprint=record.pending.fingerprint,
        version=record.version,
        key=new_key(),
        signing=signing_of(desk.door, proof),
    )


# --- counter-terms
def test_a_lead_names_terms_when_returning() -> None:
    store = _store(_nothing)

    async def play(driver: Driver) -> None:
        await _approvals(driver)
        await driver.sees(CASE)
        await driver.press("f3")
        await driver.on("DecisionScreen")
        await driver.sees("You would grant")
        await driver.press("2")
        await driver.write("A little more, please.")
        await driver.press("shift+tab", "shift+tab", "shift+tab")
        # Full-width digits of an input method.
        await driver.write("２４００")
        await driver.press("enter", "enter")
        await driver.write("20")
        await driver.press("enter", "enter")
        await driver.sees("Returned AG-")

    run(drive(play, store=store, account=LEAD))

    decision = fold(store.events(CASE)).decision
    assert decision is not None
    assert decision.terms is not None
    assert {name: value for name, value in decision.terms.items() if value is not None} == {
        "monthly": "2400.00",
        "due_day": 20,
    }


@pytest.mark.parametrize(
    ("monthly", "payments", "said"),
    [
        ("abc", "", "amount"),
        ("2400", "12", "not both"),
        ("", "0", "whole number from 1"),
        ("1", "", "No plan that you may grant"),
    ],
)
def test_terms_that_are_none_return_nothing(monthly: str, payments: str, said: str) -> None:
    store = _store(_nothing)

    async def play(driver: Driver) -> None:
        await _approvals(driver)
        await driver.sees(CASE)
        await driver.press("f3")
        await driver.on("DecisionScreen")
        await driver.press("2")
        driver.app.screen.query_one("#monthly", Input).value = monthly
        driver.app.screen.query_one("#payments", Input).value = payments
        await driver.press("enter")
        await driver.until(lambda: said in driver.frame)

    run(drive(play, store=store, account=LEAD))

    assert fold(store.events(CASE)).status is Status.PENDING


@pytest.mark.parametrize(
    ("language", "grants", "column"),
    [
        ("en", "The lead would grant: 2,400.00 a month", "terms from the lead"),
        ("zh", "主管可同意：每月 2,400.00", "主管提出的条件"),
    ],
)
def test_the_collector_sees_the_lead_s_terms_as_an_offer_to_be_accepted(
    language: str, grants: str, column: str
) -> None:
    store = memory_store(sample_cases()[CASE])
    fingerprint = _send(store, CASE)
    lead = bootstrap.desk(store, LEAD, clock=FrozenClock())
    return_plan(
        lead,
        CASE,
        fingerprint=fingerprint,
        version=fold(store.events(CASE)).version,
        reason="payment_too_low",
        key=new_key(),
        terms=Wishes(monthly=CNY.parse("2400.00"), due_day=20),
    )
    recorded = len(store.events(CASE))

    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.until(lambda: grants[:12] in driver.frame)
        assert column not in driver.frame
        assert driver.call.call.wishes == Wishes(), "nothing is applied by itself"
        await driver.press("shift+f2")
        await driver.sees(column)
        assert every_line_is(driver.frame, 80)
        assert driver.call.call.is_from_lead
        assert len(store.events(CASE)) == recorded, "nothing is recorded by looking"
        await driver.press("f8")
        assert not driver.call.call.is_from_lead

    run(drive(play, store=store, language=language))


def test_without_terms_the_key_says_so() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S04-card-60-days")
        await driver.press("shift+f2")
        await driver.sees("has named no terms")

    run(drive(play))


# --- several at once
def test_marked_requests_of_one_rule_are_approved_with_their_number_and_the_password() -> None:
    store = _store(_breaking("R-1"), _breaking("R-1"), _breaking("R-2"))

    async def play(driver: Driver) -> None:
        await _approvals(driver)
        await driver.sees(CASE)
        await driver.press("f9")
        await driver.sees("Nothing is marked")
        await driver.press("space", "down", "space")
        await driver.sees("2 marked, all of rule R-1", "[x]")
        await driver.press("f9")
        await driver.on("BulkScreen")
        await driver.sees("All break R-1", "CNY")
        await driver.write("3")
        await driver.press("enter")
        await driver.write(PASSWORD)
        await driver.press("enter")
        await driver.sees("Count the lines above")
        driver.app.screen.query_one("#count", Input).value = ""
        await driver.write("2")
        await driver.press("enter")
        driver.app.screen.query_one("#password", Input).value = "wrong"
        await driver.press("enter")
        await driver.sees("Nothing was recorded")
        assert not [e for e in store.every_event() if e.type is EventType.APPROVED]
        await driver.write(PASSWORD)
        await driver.press("enter")
        await driver.sees("Approved 2 of 2.", "1 waiting")

    run(drive(play, store=store, account=LEAD))

    approvals = [event for event in store.every_event() if event.type is EventType.APPROVED]
    assert len({event.case_id for event in approvals}) == 2
    assert verify_approvals(store.every_event(), store.credentials.key_registry()) is None


def test_requests_of_two_rules_are_not_approved_at_once() -> None:
    store = _store(_breaking("R-1"), _breaking("R-2"))

    async def play(driver: Driver) -> None:
        await _approvals(driver)
        await driver.sees(CASE)
        await driver.press("space", "down", "space")
        await driver.sees("different rules")
        await driver.press("f9")
        await driver.press()
        await driver.on("ApprovalsScreen")

    run(drive(play, store=store, account=LEAD))


def test_a_live_request_cannot_be_marked_and_one_that_becomes_live_loses_its_mark() -> None:
    store = _store(_breaking("R-1"), _breaking("R-1"))

    async def play(driver: Driver) -> None:
        await _approvals(driver)
        await driver.sees(CASE)
        await driver.press("space")
        await driver.sees("[x]")
        screen: Any = driver.app.screen
        _call_in(store, CASE)
        await screen._load()
        await driver.sees("LIVE 00:00")
        assert "[x]" not in driver.frame
        await driver.press("space")
        await driver.sees("A borrower waits on the phone")

    run(drive(play, store=store, account=LEAD))
