"""What the call screen says of a debt that has a plan already, before anything is read back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.schedule.engine import price
from plan_assistant.services import negotiate
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from tests.recording import record_plan
from tests.ui.driver import (
    Driver,
    FrozenClock,
    drive,
    memory_store,
    open_case_of,
    run,
    sample_cases,
)

_CASE = CaseId("S01-job-loss")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "waits or is in force"),
        ("zh", "在案件S01-job-loss中待审批"),
    ],
)
def test_a_debt_with_a_plan_in_another_case_is_not_read_back(language: str, told: str) -> None:
    case = sample_cases()[_CASE]
    store = memory_store(replace(case, case_id=CaseId("AGAIN")))
    desk = bootstrap.desk(store, bootstrap.DEMO_COLLECTOR, clock=FrozenClock())
    open_case(desk, case, RequestKey("open first"))
    first = negotiate.begin(desk, _CASE)
    for disclosure in first.disclosures_left:
        first = negotiate.tick_disclosure(desk, first, disclosure)
    sent = negotiate.agreement_of(
        desk, first, lines_read=("...",), recording="R1", reason_code=None
    )
    record_plan(desk, sent, expected_version=first.case_version, key=new_key(), price=price)

    async def play(driver: Driver) -> None:
        await open_case_of(driver, "AGAIN")
        await driver.press("f9")
        await driver.sees(told)

    run(drive(play, store=store, language=language))
    kinds = [event.type for event in store.events(CaseId("AGAIN"))]
    assert EventType.PLAN_RECORDED not in kinds
