"""Sign-in and queue: who works, which cases there are, nothing that tells a passer-by who owes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plan_assistant import bootstrap
from plan_assistant.domain.errors import StoreLocked
from plan_assistant.domain.text import REPLACEMENT
from plan_assistant.ports import Store
from plan_assistant.ui.app import PlanAssistantApp
from tests.ui.driver import Driver, FrozenClock, drive, memory_store, run, sample_cases


def test_the_person_is_chosen_by_digit() -> None:
    async def play(driver: Driver) -> None:
        await driver.sees("team lead", "collector")
        number = next(
            row.split()[0].strip("|>") for row in driver.rows if bootstrap.DEMO_LEAD.name in row
        )
        await driver.press(number[-1])
        await driver.on("PasswordScreen")
        await driver.write(bootstrap.DEMO_PASSWORD)
        await driver.press("enter")
        await driver.on("QueueScreen")
        desk = driver.app.desk
        assert desk is not None
        assert desk.account == bootstrap.DEMO_LEAD

    run(drive(play, account=None))


def test_names_are_masked() -> None:
    names = [case.borrower.name.revealed for case in sample_cases().values()]

    async def play(driver: Driver) -> None:
        await driver.sees("48,250.00")
        assert not [name for name in names if len(name) > 1 and name in driver.frame]

    run(drive(play))


def test_typing_narrows_the_list_and_escape_shows_all() -> None:
    async def play(driver: Driver) -> None:
        await driver.sees("18 cases")
        await driver.write("S13")
        await driver.sees("1 case", "JPY 1,894,600")
        await driver.write("x")
        await driver.sees('No case matches "S13x"')
        await driver.press("backspace")
        await driver.sees("1 case")
        await driver.press("escape")
        await driver.sees("18 cases")

    run(drive(play))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "there is no policy pack for BR credit_card"), ("zh", "没有适用于BR credit_card的")],
)
def test_a_case_without_a_pack_says_so_and_leaves_the_queue(language: str, sentence: str) -> None:
    foreign = replace(sample_cases()["S01-job-loss"], jurisdiction="BR")

    async def play(driver: Driver) -> None:
        await driver.sees("48,250.00")
        await driver.press("enter")
        await driver.until(lambda: any(sentence in told for told in driver.toasts))
        assert not any(REPLACEMENT in told for told in driver.toasts)
        await driver.on("QueueScreen")

    run(drive(play, language=language, store=memory_store(foreign)))


def test_another_person_can_sign_in() -> None:
    async def play(driver: Driver) -> None:
        await driver.press("f9")
        await driver.on("SignInScreen")
        await driver.sees("Who is working?", "team lead")

    run(drive(play, store=memory_store(sample_cases()["S04-card-60-days"])))


def test_a_store_that_cannot_be_opened_is_said_in_a_sentence() -> None:
    def locked() -> Store:
        raise StoreLocked("another process holds the store", place="demo")

    async def play() -> None:
        app = PlanAssistantApp(locked, language="en", clock=FrozenClock())
        async with app.run_test(size=(80, 24)) as pilot:
            driver = Driver(app, pilot)
            await driver.until(lambda: "Opening" not in driver.frame)
            assert "demo is held by other programs." in driver.frame
            assert "Traceback" not in driver.frame

    run(play())


def test_an_empty_queue_says_what_to_do() -> None:
    async def play(driver: Driver) -> None:
        await driver.sees("The queue is empty", "import")

    empty = memory_store(sample_cases()["S04-card-60-days"])
    empty._events.clear()  # type: ignore[attr-defined]
    run(drive(play, store=empty))
