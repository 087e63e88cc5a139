"""The read-back gate: nothing is recorded by accident, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreLocked
from plan_assistant.domain.events import Account, EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.record import fold
from plan_assistant.ports import Store
from tests.memory_store import MemoryStore
from tests.ui.driver import Driver, drive, fill, memory_store, open_case_of, run, sample_cases

CASE = CaseId("S01-job-loss")


class SometimesLocked(MemoryStore):
    """A store that another process holds while a plan is recorded for the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[RequestKey] = []

    def append(
        self,
        case_id: CaseId,
        events: Sequence[NewEvent],
        *,
        actor: Account,
        at: datetime,
        expected_version: int,
        key: RequestKey,
    ) -> Receipt:
        """Fail the first time that a plan comes."""
        if events[0].type is EventType.PLAN_RECORDED:
            self.keys.append(key)
            if len(self.keys) == 1:
                raise StoreLocked("the store is in use", place="here")
        return super().append(
            case_id, events, actor=actor, at=at, expected_version=expected_version, key=key
        )


def _one() -> Store:
    return memory_store(sample_cases()[CASE])


async def _to_the_gate(driver: Driver, case: CaseId = CASE) -> str:
    await open_case_of(driver, case)
    await driver.press("f5")
    for left in (4, 3, 2, 1, 0):
        await driver.press("enter")
        await driver.until(lambda left=left: len(driver.call.call.disclosures_left) == left)  # type: ignore[misc]
    await driver.press("f9")
    await driver.on("ReadBackScreen")
    chosen = driver.call.call.plan
    assert chosen is not None
    return chosen.payment.plain


async def _tick_all(driver: Driver) -> None:
    while "to be read" in driver.frame:
        await driver.press("enter")


def test_agreeing_is_impossible_before_everything_was_said() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.press("f9")
        await driver.sees("still to be said: identity, recorded, purpose, rights,")

    run(drive(play, store=_one()))


def test_another_amount_records_nothing() -> None:
    store = _one()

    async def play(driver: Driver) -> None:
        await _to_the_gate(driver)
        await _tick_all(driver)
        await driver.write("R1")
        await driver.press("enter")
        await driver.write("1.00")
        await driver.press("enter")
        await driver.sees("1.00 is not the monthly amount of this plan")

    run(drive(play, store=store))

    assert fold(store.events(CASE)).recorded is None


def test_a_card_plan_needs_the_reference_of_its_recording() -> None:
    async def play(driver: Driver) -> None:
        await _to_the_gate(driver)
        await _tick_all(driver)
        await driver.press("enter")
        await driver.sees("Type the reference of the call recording")

    run(drive(play, store=_one()))


def test_the_last_tick_can_be_taken_back() -> None:
    async def play(driver: Driver) -> None:
        await _to_the_gate(driver)
        await driver.press("enter", "enter")
        ticked = driver.frame.count("[x]")
        await driver.press("backspace")
        assert driver.frame.count("[x]") == ticked - 1

    run(drive(play, store=_one()))


def test_escape_keeps_what_was_ticked_and_typed() -> None:
    async def play(driver: Driver) -> None:
        await _to_the_gate(driver)
        await _tick_all(driver)
        await driver.write("REC-9")
        await driver.press("escape")
        await driver.on("CallScreen")
        await driver.press("f9")
        await driver.on("ReadBackScreen")
        await driver.sees("REC-9", "Type the monthly amount")

    run(drive(play, store=_one()))


@pytest.mark.parametrize("full_width", [False, True], ids=["ordinary", "full-width"])
def test_the_amount_may_be_typed_in_either_width(full_width: bool) -> None:
    store = _one()

    async def play(driver: Driver) -> None:
        amount = await _to_the_gate(driver)
        await _tick_all(driver)
        await driver.write("R1")
        await driver.press("enter")
        wide = amount.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
        await driver.write(wide if full_width else amount)
        await driver.press("enter")
        await driver.sees("Recorded as")

    run(drive(play, store=store))

    assert fold(store.events(CASE)).pending is not None


def test_a_plan_beyond_my_authority_asks_for_a_reason() -> None:
    beyond = CaseId("S02-refuses-contact")
    store = memory_store(sample_cases()[beyond])

    async def play(driver: Driver) -> None:
        amount = await _to_the_gate(driver, beyond)
        plan = driver.call.call.plan
        assert plan is not None
        assert plan.needs is not None
        await _tick_all(driver)
        await driver.sees("Choose by its digit why", "to SEND TO LEAD")
        await driver.press("2")
        await driver.write("R1")
        await driver.press("enter")
        await driver.write(amount)
        await driver.press("enter")
        await driver.sees("Recorded as")

    run(drive(play, store=store))

    recorded = fold(store.events(beyond)).recorded
    assert recorded is not None
    assert recorded.agreement["acceptance"]["reason_code"] == "illness"  # type: ignore[index, call-overload]


def test_a_failure_says_so_and_the_retry_sends_the_same_request() -> None:
    store = SometimesLocked()
    fill(store, sample_cases()[CASE])

    async def play(driver: Driver) -> None:
        amount = await _to_the_gate(driver)
        await _tick_all(driver)
        await driver.write("R1")
        await driver.press("enter")
        await driver.write(amount)
        await driver.press("enter")
        await driver.sees("Not recorded.")
        await driver.press("enter")
        await driver.sees("Recorded as")

    run(drive(play, store=store))

    assert len(store.keys) == 2
    assert store.keys[0] == store.keys[1]


def test_a_recorded_plan_is_not_recorded_twice() -> None:
    async def play(driver: Driver) -> None:
        amount = await _to_the_gate(driver)
        await _tick_all(driver)
        await driver.write("R1")
        await driver.press("enter")
        await driver.write(amount)
        await driver.press("enter")
        await driver.sees("Recorded as")
        await driver.press("enter")
        await driver.sees("RECORDED, waits for lead")
        await driver.press("f9")
        await driver.sees("This plan is recorded")

    run(drive(play, store=_one()))


def test_the_note_of_the_call_goes_with_the_plan() -> None:
    store = _one()

    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.press("ctrl+n")
        await driver.on("NoteScreen")
        await driver.write("has a letter")
        await driver.press("escape")
        await driver.on("CallScreen")
        amount = await _to_the_gate_again(driver)
        await _tick_all(driver)
        await driver.write("R1")
        await driver.press("enter")
        await driver.write(amount)
        await driver.press("enter")
        await driver.sees("Recorded as")

    run(drive(play, store=store))

    recorded = fold(store.events(CASE)).recorded
    assert recorded is not None
    assert recorded.agreement["acceptance"]["note"] == "has a letter"  # type: ignore[index, call-overload]


async def _to_the_gate_again(driver: Driver) -> str:
    await driver.press("f5")
    for left in (4, 3, 2, 1, 0):
        await driver.press("enter")
        await driver.until(lambda left=left: len(driver.call.call.disclosures_left) == left)  # type: ignore[misc]
    await driver.press("f9")
    await driver.on("ReadBackScreen")
    plan = driver.call.call.plan
    assert plan is not None
    return plan.payment.plain
