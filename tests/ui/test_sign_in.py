"""Signing in: the person, then the password, of which nothing is ever on the screen."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from plan_assistant import bootstrap
from plan_assistant.services.staff import change_password
from plan_assistant.ui.app import PlanAssistantApp
from plan_assistant.wording.words import words
from tests.memory_store import MemoryStore
from tests.staffing import PASSWORD, door_of, proof_of
from tests.ui.driver import (
    Driver,
    FrozenClock,
    drive,
    every_line_is,
    fill,
    memory_store,
    run,
    sample_cases,
)

CASE = sample_cases()["S04-card-60-days"]


def _store_without_passwords() -> MemoryStore:
    store = MemoryStore()
    for person in (bootstrap.DEMO_COLLECTOR, bootstrap.DEMO_LEAD):
        store.add_account(person)
    return store


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_password_is_shown_as_stars_and_fits(size: tuple[int, int], language: str) -> None:
    async def play(driver: Driver) -> None:
        await driver.choose_person("li.na")
        assert bootstrap.DEMO_PASSWORD in driver.frame, "a demo tells its password"
        await driver.write("correct horse")
        await driver.until(lambda: "*" * 13 in driver.frame)

        assert "horse" not in driver.frame
        assert every_line_is(driver.frame, size[0])

    run(drive(play, account=None, size=size, language=language))


def test_what_an_input_method_commits_is_taken_and_masked() -> None:
    store = memory_store(CASE)
    person = bootstrap.DEMO_LEAD
    stored = store.credentials.password_of(person.name)
    assert stored is not None

    async def play(driver: Driver) -> None:
        await driver.choose_person("li.na")
        # The input method is on: letters arrive full-width.
        await driver.write("ｄｅｍｏ")
        assert "****" in driver.row("Password")
        await driver.press("enter")
        await driver.on("QueueScreen")

    run(drive(play, account=None, store=store))


def test_a_wrong_password_says_so_and_asks_again() -> None:
    async def play(driver: Driver) -> None:
        await driver.choose_person("li.na")
        await driver.write("wrong")
        await driver.press("enter")
        await driver.sees("Name or password is wrong. Nothing was done.")
        assert driver.app.desk is None
        assert driver.app.screen.query_one("#password", Input).value == ""
        await driver.write(bootstrap.DEMO_PASSWORD)
        await driver.press("enter")
        await driver.on("QueueScreen")
        assert driver.app.desk is not None
        assert driver.app.desk.account == bootstrap.DEMO_LEAD

    run(drive(play, account=None))


def test_after_wrong_passwords_the_screen_says_how_long_to_wait() -> None:
    async def play(driver: Driver) -> None:
        await driver.choose_person("li.na")
        for _ in range(3):
            await driver.write("wrong")
            await driver.press("enter")
            await driver.sees("Name or password is wrong")
            await driver.until(lambda: driver.app.screen.query_one("#password", Input).has_focus)
        await driver.write(bootstrap.DEMO_PASSWORD)
        await driver.press("enter")
        await driver.sees("is shut for 2 s more")
        assert driver.app.desk is None

    run(drive(play, account=None))


def test_escape_leads_back_to_the_people() -> None:
    async def play(driver: Driver) -> None:
        await driver.choose_person("li.na")
        await driver.write("half a pass")
        await driver.press("escape")
        await driver.on("SignInScreen")
        await driver.choose_person("wu.hao")
        assert driver.app.screen.query_one("#password", Input).value == ""
        await driver.write(bootstrap.DEMO_PASSWORD)
        await driver.press("enter")
        await driver.on("QueueScreen")
        assert driver.app.desk is not None
        assert driver.app.desk.account == bootstrap.DEMO_COLLECTOR

    run(drive(play, account=None))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_account_without_a_password_chooses_one_before_anything_else(language: str) -> None:
    store = _store_without_passwords()
    say = words(language)

    async def play(driver: Driver) -> None:
        await driver.sees(say("no password yet"))
        await driver.choose_person("li.na")
        await driver.sees("10")
        await driver.write(PASSWORD)
        await driver.press("enter")
        await driver.write(PASSWORD)
        await driver.press("enter")
        await driver.on("QueueScreen")

    run(drive(play, account=None, store=store, language=language))

    stored = store.credentials.password_of("li.na")
    assert stored is not None
    assert stored.set_by == "li.na"
    assert store.credentials.password_of("wu.hao") is None


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [("short", "short", "at least 10 characters"), (PASSWORD, PASSWORD[:-1], "passwords differ")],
)
def test_an_unfit_first_password_lets_nobody_in(first: str, second: str, said: str) -> None:
    store = _store_without_passwords()

    async def play(driver: Driver) -> None:
        await driver.choose_person("li.na")
        await driver.write(first)
        await driver.press("enter")
        await driver.write(second)
        await driver.press("enter")
        await driver.sees(said)
        assert driver.app.desk is None

    run(drive(play, account=None, store=store))

    assert store.credentials.with_password() == frozenset()


def test_a_wrong_password_from_outside_leaves_the_choice() -> None:
    store = fill(MemoryStore(), CASE)
    proof = proof_of(store, bootstrap.DEMO_COLLECTOR, bootstrap.DEMO_PASSWORD)
    change_password(door_of(store), proof, PASSWORD)
    app = PlanAssistantApp(
        store, account_name="wu.hao", password=bootstrap.DEMO_PASSWORD, clock=FrozenClock()
    )

    async def play() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            driver = Driver(app, pilot)
            await driver.on("PasswordScreen")
            await driver.sees("(wu.hao)", "Name or password is wrong")
            assert app.desk is None
            await driver.write(PASSWORD)
            await driver.press("enter")
            await driver.on("QueueScreen")

    run(play())


def test_who_signed_in_to_the_database_is_asked_for_nothing() -> None:
    store = _store_without_passwords()
    store.login = bootstrap.DEMO_LEAD.name

    async def play(driver: Driver) -> None:
        await driver.on("QueueScreen")
        assert driver.app.desk is not None
        assert driver.app.desk.account == bootstrap.DEMO_LEAD

    run(drive(play, account=None, store=store))
