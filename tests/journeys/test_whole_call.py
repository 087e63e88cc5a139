"""A whole call with the keys a person presses: queue, plans, read-back, record, approval, PDF."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import EventType
from plan_assistant.domain.record import fold
from plan_assistant.ports import Store
from plan_assistant.ui.screens.call import CallScreen
from plan_assistant.wording import formats
from tests.ui.driver import Driver, drive, every_line_is, fill, run, sample_cases

CASE = CaseId("S01-job-loss")
MOST_KEYS = 45
"""From the queue to the receipt: five disclosures and ten sentences to read back are among them."""


def _store(folder: Path) -> Store:
    cases = sample_cases()
    chosen = (cases["S01-job-loss"], cases["S02-refuses-contact"], cases["S04-card-60-days"])
    return fill(bootstrap.open_store(str(folder / "record.sqlite")), *chosen)


async def _disclose(driver: Driver) -> None:
    await driver.press("f5")
    for left in (4, 3, 2, 1, 0):
        await driver.press("enter")
        await driver.until(lambda left=left: len(driver.call.call.disclosures_left) == left)  # type: ignore[misc]


async def _read_back(driver: Driver, amount: str) -> None:
    await driver.press("f9")
    await driver.on("ReadBackScreen")
    while "[ ]" in driver.frame or "[>]" in driver.frame:
        await driver.press("enter")
    await driver.write("REC-7")
    await driver.press("enter")
    await driver.write(amount)
    await driver.press("enter")


async def _figures(driver: Driver, width: int) -> None:
    assert every_line_is(driver.frame, width)
    assert not re.search(r"(?<![\[#])####", driver.frame)  # the gauge is [####....]


def _text_of(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


@dataclass
class _Journey:
    """One call as two people live it, and what was said aloud on the way."""

    store: Store
    width: int
    language: str
    payment: str = ""
    total: str = ""
    number: str = ""

    async def collector(self, driver: Driver) -> None:
        """Open the case, dial what is heard, read the plan back and record it."""
        await driver.sees("48,250.00")
        await _figures(driver, self.width)
        driver.pressed = 0
        await driver.press("enter")
        await driver.on("CallScreen")
        await _figures(driver, self.width)
        await _disclose(driver)
        await driver.write("1800")
        await driver.press("enter", "down", "enter")
        await driver.press("f3", "enter")
        await driver.until(lambda: len(driver.call.call.trail) == 6)
        await self._look_at_rows(driver)
        await _read_back(driver, self.payment)
        await driver.until(lambda: fold(self.store.events(CASE)).pending is not None)
        self.number = _number(self.store)
        await driver.sees(self.number)
        assert driver.pressed <= MOST_KEYS
        await _figures(driver, self.width)
        await self._close(driver)

    async def _look_at_rows(self, driver: Driver) -> None:
        plan = driver.call.call.plan
        assert plan is not None
        self.payment = plan.payment.plain
        self.total = formats.money(plan.total, self.language)
        assert self.total in driver.frame
        await driver.press("f4")
        await driver.on("ScheduleScreen")
        await driver.sees(self.total)
        await _figures(driver, self.width)
        await driver.press("f4")
        await driver.on("CallScreen")

    async def _close(self, driver: Driver) -> None:
        await driver.press("enter", "f7")
        await driver.on("OutcomeScreen")
        await driver.press("1")
        await driver.until(
            lambda: (
                isinstance(driver.app.screen, CallScreen)
                and driver.call.call.case.case_id == "S02-refuses-contact"
            )
        )

    async def lead(self, driver: Driver) -> None:
        """Approve what was recorded, then write the agreement from the queue."""
        await driver.press("f2")
        await driver.on("ApprovalsScreen")
        await driver.sees(self.total)
        await _figures(driver, self.width)
        await driver.press("f2")
        await driver.on("DecisionScreen")
        await driver.write(bootstrap.DEMO_PASSWORD)
        await driver.press("enter")
        await driver.on("ApprovalsScreen")
        await driver.until(lambda: fold(self.store.events(CASE)).approval is not None)
        await driver.press("escape")
        await driver.on("QueueScreen")
        await driver.press("f12")
        await driver.on("ExportScreen")
        await driver.press("1")
        await driver.sees(f"{self.number}.json")


@SIZES
@LANGUAGES
def test_from_the_queue_to_the_exported_agreement(
    tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    store, out = _store(tmp_path), tmp_path / "out"
    journey = _Journey(store, size[0], language)
    how = {"size": size, "language": language, "store": store, "folder": out}

    run(drive(journey.collector, **how))  # type: ignore[arg-type]  # named above
    run(drive(journey.lead, account=bootstrap.DEMO_LEAD, **how))  # type: ignore[arg-type]

    record = fold(store.events(CASE))
    assert record.approved is not None
    agreement = record.approved.agreement
    assert agreement["plan"]["summary"]["payment"] == journey.payment  # type: ignore[index, call-overload]
    assert agreement["acceptance"]["recording"] == "REC-7"  # type: ignore[index, call-overload]
    kinds = [event.type for event in store.events(CASE)]
    assert kinds.count(EventType.DISCLOSURE_READ) == 5
    assert {EventType.OFFER_SPOKEN, EventType.EXPORTED} <= set(kinds)
    for name in ("zh.pdf", "en.pdf", "both.pdf"):
        text = _text_of(out / f"{journey.number}.{name}")
        assert journey.total in text
        assert formats.money(record.case.owed, language) in text
    evidence = json.loads((out / f"{journey.number}.json").read_text(encoding="utf-8"))
    assert evidence["agreement"]["number"] == journey.number
    store.close()


def _number(store: Store) -> str:
    recorded = fold(store.events(CASE)).recorded
    assert recorded is not None
    return recorded.number


def test_the_lead_returns_a_plan_and_the_queue_says_so(tmp_path: Path) -> None:
    store = _store(tmp_path)

    async def collector(driver: Driver) -> None:
        await driver.sees("48,250.00")
        await driver.press("enter")
        await driver.on("CallScreen")
        await _disclose(driver)
        plan = driver.call.call.plan
        assert plan is not None
        await _read_back(driver, plan.payment.plain)
        await driver.sees("Recorded as")

    async def lead(driver: Driver) -> None:
        await driver.press("f2")
        await driver.on("ApprovalsScreen")
        await driver.sees("Owes")
        await driver.press("f3")
        await driver.on("DecisionScreen")
        await driver.press("2")
        await driver.write("Ask for 50 more")
        await driver.press("enter")
        await driver.sees(f"Returned {_number(store)}")
        await driver.press("escape")
        await driver.sees("returned")

    run(drive(collector, store=store))
    run(drive(lead, store=store, account=bootstrap.DEMO_LEAD))

    decision = fold(store.events(CASE)).decision
    assert decision is not None
    assert (decision.outcome, decision.reason) == (EventType.RETURNED, "payment_too_low")
    assert decision.sentence == "Ask for 50 more"
    store.close()
