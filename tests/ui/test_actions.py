"""The registry of actions: one source for keys, help, key bar and palette."""

from __future__ import annotations

from collections import Counter

import pytest

from plan_assistant.domain.policy.findings import Role
from plan_assistant.ui import actions
from plan_assistant.ui.acting import Acting
from plan_assistant.ui.actions import ACTIONS, Action, Zone
from plan_assistant.ui.app import PlanAssistantApp
from plan_assistant.ui.screens.approvals import ApprovalsScreen
from plan_assistant.ui.screens.budget import BudgetScreen
from plan_assistant.ui.screens.call import CallScreen
from plan_assistant.ui.screens.case_file import CaseFileScreen
from plan_assistant.ui.screens.decision import DecisionScreen
from plan_assistant.ui.screens.export import ExportScreen
from plan_assistant.ui.screens.help import help_sections
from plan_assistant.ui.screens.locked import LockScreen
from plan_assistant.ui.screens.note import NoteScreen
from plan_assistant.ui.screens.outcome import OutcomeScreen
from plan_assistant.ui.screens.palette import PaletteScreen
from plan_assistant.ui.screens.password import PasswordScreen
from plan_assistant.ui.screens.queue import QueueScreen
from plan_assistant.ui.screens.read_back import ReadBackScreen
from plan_assistant.ui.screens.reading import ReadingScreen
from plan_assistant.ui.screens.reveal import RevealScreen
from plan_assistant.ui.screens.schedule import ScheduleScreen
from plan_assistant.ui.screens.sign_in import SignInScreen
from plan_assistant.ui.screens.they_say import TheySayScreen
from plan_assistant.ui.widgets.choices import ChoiceList
from plan_assistant.ui.widgets.dials import DialPanel
from plan_assistant.ui.widgets.plans import PlanColumns
from plan_assistant.ui.widgets.script import ScriptPane
from plan_assistant.ui.widgets.spare import SparePanel
from plan_assistant.wording.words import LANGUAGES, Words, words
from tests.ui.driver import Driver, drive, open_case_of, run

HOMES: dict[Zone, type[Acting]] = {
    home.ZONE: home
    for home in (
        PlanAssistantApp,
        SignInScreen,
        PasswordScreen,
        LockScreen,
        QueueScreen,
        CallScreen,
        DialPanel,
        PlanColumns,
        SparePanel,
        ScriptPane,
        ScheduleScreen,
        TheySayScreen,
        ReadBackScreen,
        OutcomeScreen,
        ExportScreen,
        NoteScreen,
        BudgetScreen,
        ChoiceList,
        ReadingScreen,
        CaseFileScreen,
        RevealScreen,
        PaletteScreen,
        ApprovalsScreen,
        DecisionScreen,
    )
}


def by_id(action: Action) -> str:
    return action.id


def test_every_zone_has_one_home() -> None:
    assert set(HOMES) == set(Zone)


@pytest.mark.parametrize("action", ACTIONS, ids=by_id)
def test_action_has_a_method_in_its_zone(action: Action) -> None:
    assert callable(getattr(HOMES[action.zone], f"do_{action.id}", None))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_has_its_words_in_both_languages(language: str) -> None:
    say = Words(language)

    for action in ACTIONS:
        assert say.label(*action.label)
        assert say(action.hint)
        assert all(actions.key_name(key, say) for key in action.keys)

    assert not say.untranslated


def test_ids_are_unique() -> None:
    assert not [
        name for name, times in Counter(action.id for action in ACTIONS).items() if times > 1
    ]


@pytest.mark.parametrize("zone", Zone)
def test_no_key_is_shared_in_a_zone(zone: Zone) -> None:
    here = [key for action in actions.actions_in(zone) for key in action.keys]
    everywhere = [key for action in actions.actions_in(Zone.EVERYWHERE) for key in action.keys]
    closing = {"f1", "ctrl+g", "ctrl+p"}  # help and palette close with the key that opened them
    shared = Counter(here + (everywhere if zone is not Zone.EVERYWHERE else []))

    assert not [key for key, times in shared.items() if times > 1 and key not in closing]


def test_keys_that_terminals_or_habits_own_are_avoided() -> None:
    taken = {"f10", "f11", *(f"ctrl+{letter}" for letter in "sabjohim")}

    used = {key for action in ACTIONS for key in action.keys}

    assert not used & taken
    assert not [key for key in used if len(key) == 1 and key.isalpha()]


@pytest.mark.parametrize("zone", Zone)
@pytest.mark.parametrize("role", list(Role))
def test_key_bar_holds_at_most_eight_at_80_columns(zone: Zone, role: Role) -> None:
    assert len(actions.bar(zone, role=role, is_wide=False)) <= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_key_bar_of_the_call_fits_80_columns(language: str) -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S01-job-loss")
        for action in actions.bar(Zone.CALL, role=Role.COLLECTOR, is_wide=False):
            assert words(language).label(*action.label) in driver.rows[-1]
        assert "^P" in driver.rows[-1]

    run(drive(play, language=language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_tells_every_key_of_the_screen(language: str) -> None:
    say = words(language)
    told = " ".join(text for _, texts in help_sections(Zone.CALL, say) for text in texts)

    for zone in (Zone.CALL, Zone.DIALS, Zone.PLANS, Zone.READ_BACK, Zone.EVERYWHERE):
        for action in actions.actions_in(zone):
            assert say(action.hint) in told


def test_palette_finds_and_does_an_action() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S01-job-loss")
        await driver.press("ctrl+p")
        await driver.on("PaletteScreen")
        await driver.write("every payment")
        await driver.press("enter")
        await driver.on("ScheduleScreen")
        await driver.sees("TOTAL")

    run(drive(play))


def test_a_key_that_cannot_be_used_now_stands_in_brackets_and_says_why() -> None:
    async def play(driver: Driver) -> None:
        await open_case_of(driver, "S01-job-loss")
        assert "F9 (Agree)" in driver.rows[-1]
        await driver.press("f9")
        await driver.sees("Before agreeing, still to be said: identity")

    run(drive(play))
