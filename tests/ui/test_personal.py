"""Personal data on screens: masked, revealed with a reason on record, erased; a crash is mute."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual import events

from plan_assistant import bootstrap
from plan_assistant.adapters.clock import DemoClock
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import Account, Event, EventType
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import Store
from plan_assistant.services.keys import new_key
from plan_assistant.services.purge import purge_case
from plan_assistant.ui.app import PlanAssistantApp
from plan_assistant.ui.screens.call import CallScreen
from plan_assistant.ui.screens.queue import QueueScreen
from tests.canaries import (
    ADDRESS,
    CANARIES,
    ID_NUMBER,
    NAME,
    NOTE,
    PHONE,
    SENTENCE,
    canary_case,
    found_in,
    leaks,
)
from tests.recording import close_call
from tests.staffing import give_password
from tests.ui.driver import Driver, FrozenClock, drive, fill, memory_store, open_case_of, run

CASE = CaseId("K-1")
_ABOUT = {name: CANARIES[name] for name in ("name", "ID number", "phone", "address", "note")}


def store() -> Store:
    return memory_store(canary_case())


def facts(driver: Driver, kind: EventType) -> list[Event]:
    assert driver.app.desk is not None
    return [event for event in driver.app.desk.store.events(CASE) if event.type is kind]


async def told(driver: Driver, text: str) -> None:
    """Wait until a notice in the corner says that."""
    await driver.until(lambda: any(text in notice.message for notice in driver.app._notifications))


def nothing_told(driver: Driver) -> None:
    assert found_in(driver.frame.encode(), _ABOUT) == [], driver.frame


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (50, 16)], ids=str)
def test_every_screen_of_a_call_is_masked(size: tuple[int, int]) -> None:
    async def play(driver: Driver) -> None:
        nothing_told(driver)
        await open_case_of(driver, CASE)
        nothing_told(driver)
        for key, name in {
            "ctrl+f": "CaseFileScreen",
            "f6": "TheySayScreen",
            "ctrl+w": "BudgetScreen",
            "f7": "OutcomeScreen",
        }.items():
            await driver.press(key)
            await driver.on(name)
            nothing_told(driver)
            await driver.press("escape")
            await driver.on("CallScreen")

    run(drive(play, store=store(), size=size))


def test_a_digit_reveals_and_the_record_has_the_reason_first() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.press("ctrl+f", "f2")
        await driver.on("RevealScreen")
        await driver.sees("What do you need the personal data for?", "1 to make sure")
        await driver.press("2")
        await driver.sees(NAME, ID_NUMBER, PHONE, ADDRESS)
        (fact,) = facts(driver, EventType.REVEALED)
        assert (fact.actor, fact.body["reason"]) == ("wu.hao", "document")
        await driver.press(*["pagedown"] * 12)
        await driver.sees(NOTE)
        await driver.press("f2")
        await told(driver, "Everything is shown already.")
        await driver.press("escape")
        await driver.on("CallScreen")
        assert NAME in driver.rows[0]

    run(drive(play, store=store()))


def test_another_reason_waits_for_its_sentence() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.press("ctrl+f", "f2", "5")
        await driver.sees("Write in a sentence what you need it for.")
        assert facts(driver, EventType.REVEALED) == []
        await driver.write("checked")
        await driver.press("enter")
        await driver.sees(NAME)
        (fact,) = facts(driver, EventType.REVEALED)
        assert (fact.body["reason"], fact.body["sentence"]) == ("other", "checked")

    run(drive(play, store=store()))


def test_going_back_reveals_nothing() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.press("ctrl+f", "f2", "escape")
        await driver.on("CaseFileScreen")
        nothing_told(driver)
        assert facts(driver, EventType.REVEALED) == []

    run(drive(play, store=store()))


def test_asking_who_is_on_the_line_reveals_the_name_once_and_only_there() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.press("f5")
        await driver.sees(f"Am I speaking with {NAME}?")
        assert NAME not in driver.rows[0]
        await driver.press("escape", "f5")
        await driver.sees(f"Am I speaking with {NAME}?")
        await driver.press("enter")
        await driver.sees("Say now: recorded")
        (fact,) = facts(driver, EventType.REVEALED)
        assert (fact.body["reason"], fact.body["fields"]) == ("identity", ["name"])
        await driver.press("escape", "ctrl+f")
        await driver.on("CaseFileScreen")
        nothing_told(driver)

    run(drive(play, store=store()))


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR], ids=lambda role: role.value)
def test_who_may_not_reveal_sees_masks_only(role: Role) -> None:
    person = Account("x", "某人", role)
    kept = store()
    kept.add_account(person)
    give_password(kept, person, bootstrap.DEMO_PASSWORD)

    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.press("ctrl+f")
        await driver.on("CaseFileScreen")
        assert "Reveal" not in driver.rows[-1]
        await driver.press("f2")
        await told(driver, "Your role cannot do this")
        nothing_told(driver)
        assert facts(driver, EventType.REVEALED) == []

    run(drive(play, store=kept, account=person))


@pytest.mark.parametrize(
    ("language", "word", "refused"),
    [
        ("en", "erased", "The personal data of this case was erased on"),
        ("zh", "已删除", "该案件的个人信息已于"),
    ],
    ids=["en", "zh"],
)
def test_an_erased_case_stands_in_the_queue_and_does_not_open(
    tmp_path: Path, language: str, word: str, refused: str
) -> None:
    kept = bootstrap.open_store(str(tmp_path / "s.sqlite"))
    fill(kept, canary_case())
    (collector,) = (one for one in kept.accounts() if one.role is Role.COLLECTOR)
    close_call(bootstrap.desk(kept, collector, clock=FrozenClock()), CASE, "promised", new_key())
    administrator = Account("tang.yi", "唐毅", Role.ADMINISTRATOR)
    kept.add_account(administrator)
    desk = bootstrap.desk(kept, administrator, clock=FrozenClock())
    later = DemoClock(FrozenClock().now() + timedelta(days=4000))
    purge_case(replace(desk, clock=later), kept, CASE, key=new_key())

    async def play(driver: Driver) -> None:
        await driver.sees(word, "48,250.00")
        nothing_told(driver)
        await driver.press("enter")
        await told(driver, refused)
        assert type(driver.app.screen) is QueueScreen

    run(drive(play, store=kept, language=language))
    kept.close()


def test_a_call_leaves_no_byte_of_it_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(tmp_path)
    kept = bootstrap.open_store(str(tmp_path / "s.sqlite"))
    fill(kept, canary_case())

    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        await driver.press("ctrl+f", "f2", "2")
        await driver.sees(NAME)
        await driver.press("escape", "ctrl+n")
        await driver.write(SENTENCE)
        await driver.press("escape")
        while driver.call.call.disclosures_left:
            await driver.press("f5", "enter")
            await driver.pilot.pause()
        await driver.press("f6", "1")
        await driver.pilot.pause()
        await driver.press("f7", "1")
        await driver.on("QueueScreen")
        while_open.update(leaks(tmp_path))

    while_open: dict[str, list[str]] = {}
    run(drive(play, store=kept))
    kept.close()

    out, err = capfd.readouterr()
    assert while_open == leaks(tmp_path) == {}
    assert found_in((out + err).encode()) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_crash_shows_no_variable_and_no_text_of_the_error(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], language: str
) -> None:
    def broken(self: CallScreen) -> None:
        name = self.call.case.borrower.name.revealed
        raise ValueError(f"{name} {PHONE}")

    monkeypatch.setattr(CallScreen, "do_undo", broken)
    crashed: list[PlanAssistantApp] = []

    async def play(driver: Driver) -> None:
        await open_case_of(driver, CASE)
        crashed.append(driver.app)
        driver.app.post_message(events.Key("f8", None))
        await driver.app._exception_event.wait()

    with pytest.raises(ValueError, match=PHONE):
        run(drive(play, store=store(), language=language))

    out, err = capfd.readouterr()
    shown = out + err
    assert found_in(shown.encode()) == []
    assert "ValueError" in shown
    assert ("The program failed" if language == "en" else "程序发生了未预见的错误") in shown
    assert crashed[0].return_code == 1
