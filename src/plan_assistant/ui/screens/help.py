"""Help: every key of the screen and what the figures mean, generated from the registry."""

from __future__ import annotations

from collections.abc import Sequence

from plan_assistant.ui import actions
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.reading import ReadingScreen, Section
from plan_assistant.wording.words import Words, message

_PARTS: dict[Zone, tuple[Zone, ...]] = {
    Zone.SIGN_IN: (Zone.SIGN_IN, Zone.LIST),
    Zone.QUEUE: (Zone.QUEUE, Zone.LIST),
    Zone.CALL: (
        Zone.CALL,
        Zone.DIALS,
        Zone.PLANS,
        Zone.SPARE,
        Zone.SCRIPT,
        Zone.SCHEDULE,
        Zone.THEY_SAY,
        Zone.READ_BACK,
        Zone.OUTCOME,
        Zone.EXPORT,
        Zone.NOTE,
        Zone.BUDGET,
        Zone.CASE_FILE,
        Zone.REVEAL,
    ),
    Zone.APPROVALS: (Zone.APPROVALS, Zone.DECISION, Zone.LIST),
}
"""Which zones a screen consists of."""

ZONE_NAMES = {
    Zone.EVERYWHERE: message("Everywhere"),
    Zone.SIGN_IN: message("Sign in"),
    Zone.QUEUE: message("Queue"),
    Zone.CALL: message("Call"),
    Zone.DIALS: message("Dials"),
    Zone.PLANS: message("Plans"),
    Zone.SPARE: message("Spare money"),
    Zone.SCRIPT: message("What must be said"),
    Zone.SCHEDULE: message("Payments"),
    Zone.THEY_SAY: message("They say"),
    Zone.READ_BACK: message("Read-back"),
    Zone.OUTCOME: message("Outcome"),
    Zone.EXPORT: message("Export"),
    Zone.NOTE: message("Note"),
    Zone.BUDGET: message("Budget"),
    Zone.LIST: message("Lists"),
    Zone.READING: message("Texts"),
    Zone.CASE_FILE: message("Case file"),
    Zone.REVEAL: message("Reveal"),
    Zone.PALETTE: message("All actions"),
    Zone.APPROVALS: message("Approvals"),
    Zone.DECISION: message("Decision"),
}

_FIGURES = (
    message("Rate a year: the yearly cost of what is still owed, all interest and fees included."),
    message("Of spare: the largest monthly payment as a share of what the household has spare."),
    message("Left over: what is spare after the largest monthly payment."),
    message(
        "v fits: within what is affordable. ! tight: possible, with no room. "
        "x over: more than is spare."
    ),
    message("v yours: you may grant it. ^ LEAD: the team lead has to allow it."),
    message("Track of a dial: - you may, ! the team lead may, o where the dial stands."),
    message("Kept back: a small buffer for the unexpected."),
    message(
        "Income -10%v: the plan still holds if income falls by 10 percent; x means it does not."
    ),
)


def help_sections(zone: Zone, say: Words) -> Sequence[Section]:
    """Return the keys of a screen by zone, and what its figures mean."""
    sections: list[Section] = []
    for part in (*_PARTS.get(zone, (zone,)), Zone.EVERYWHERE):
        sections.append(
            (
                say(ZONE_NAMES[part]),
                [
                    f"{_keys(action, say)}: {say(action.hint)}"
                    for action in actions.actions_in(part)
                ],
            )
        )
    if zone is Zone.CALL:
        sections.insert(1, (say("What the figures mean"), [say(sentence) for sentence in _FIGURES]))
    return sections


def _keys(action: actions.Action, say: Words) -> str:
    return " / ".join(actions.key_name(key, say) for key in action.keys)


class HelpScreen(ReadingScreen):
    """The keys of one screen."""

    def __init__(self, zone: Zone) -> None:
        super().__init__(lambda say: say("Help"), lambda say: help_sections(zone, say))
