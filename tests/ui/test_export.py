"""Writing agreements from the screens: each writes the plan that it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.record import fold
from plan_assistant.ports import Store
from plan_assistant.services import decide, negotiate
from plan_assistant.services.keys import new_key
from plan_assistant.services.staff import authenticate, signing_of
from plan_assistant.ui.screens.read_back import Recorded
from plan_assistant.wording.words import LANGUAGES
from tests import builders
from tests.desks import CASE, drawn_up, send
from tests.ui.driver import Driver, FrozenClock, drive, fill, run


def _approved_and_waiting(path: Path) -> tuple[Store, str]:
    """Return a store where one debt has an agreement in force and another's plan waits; its number.

    On a disk: what is exported is sealed.
    """
    debts = (DebtId("D1"), DebtId("D2"))
    owed = builders.components("9000.00", "300.00", fee="0.00")
    store = fill(
        bootstrap.open_store(str(path)),
        builders.case(*(builders.debt(debt_id=debt_id, owed=owed) for debt_id in debts)),
    )
    collector, lead = (
        bootstrap.desk(store, person, clock=FrozenClock())
        for person in (bootstrap.DEMO_COLLECTOR, bootstrap.DEMO_LEAD)
    )
    for debt_id in debts:
        state = negotiate.begin(collector, CASE, debt_id)
        agreement = drawn_up(collector, state)
        fingerprint = send(collector, agreement, version=state.case_version, key=debt_id)
        if debt_id == debts[0]:
            decide.approve(
                lead,
                CASE,
                fingerprint=fingerprint,
                version=fold(store.events(CASE)).version,
                key=new_key(),
                signing=signing_of(
                    lead.door, authenticate(lead.door, lead.account.name, bootstrap.DEMO_PASSWORD)
                ),
            )
    return store, agreement["number"]


def test_the_draft_of_the_marked_request_is_written_beside_an_agreement_in_force(
    tmp_path: Path,
) -> None:
    store, waits = _approved_and_waiting(tmp_path / "store.sqlite")

    async def play(driver: Driver) -> None:
        await driver.press("f2")
        await driver.on("ApprovalsScreen")
        await driver.sees("Owes")
        await driver.press("f12")
        await driver.on("ExportScreen")
        await driver.press("5")
        await driver.sees("Written as a DRAFT", f"{waits}.json")

    run(drive(play, store=store, account=bootstrap.DEMO_LEAD, folder=tmp_path / "out"))
    store.close()
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{waits}.json"]


def test_the_draft_of_the_call_is_written_beside_an_agreement_in_force(tmp_path: Path) -> None:
    store, waits = _approved_and_waiting(tmp_path / "store.sqlite")
    record = fold(store.events(CASE))
    assert record.pending is not None
    sent = Recorded(waits, record.version, record.pending.fingerprint)

    async def play(driver: Driver) -> None:
        await driver.sees("waiting for appro")
        await driver.press("enter")
        await driver.on("CallScreen")
        driver.call._agreed(sent)
        await driver.press("f12")
        await driver.on("ExportScreen")
        await driver.press("5")
        await driver.sees("Written as a DRAFT", f"{waits}.json")

    run(drive(play, store=store, folder=tmp_path / "out"))
    store.close()
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{waits}.json"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_queue_writes_what_binds_and_names_what_waits_beside_it(
    tmp_path: Path, language: str
) -> None:
    store, waits = _approved_and_waiting(tmp_path / "store.sqlite")
    approved = fold(store.events(CASE)).in_force[0].plan.number

    async def play(driver: Driver) -> None:
        await driver.sees("18,600.00")
        await driver.press("f12")
        await driver.on("ExportScreen")
        await driver.press("5")
        await driver.sees(f"{approved}.json", waits)

    run(drive(play, store=store, folder=tmp_path / "out", language=language))
    store.close()
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{approved}.json"]
