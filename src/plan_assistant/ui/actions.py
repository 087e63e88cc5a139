"""The one registry of actions; everything that shows a key reads it.

Bindings, key bar, help and palette are generated from `ACTIONS`, so they cannot disagree. Not
here: what an action does (the `do_...` method of the screen or widget of its zone).
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding, BindingType

from plan_assistant.domain.policy.findings import Role
from plan_assistant.ui.action_list_call import CALL_ACTIONS
from plan_assistant.ui.action_list_desk import DESK_ACTIONS
from plan_assistant.ui.action_list_overlays import OVERLAY_ACTIONS
from plan_assistant.ui.action_model import Action, Zone
from plan_assistant.wording.words import Words, message

__all__ = ["ACTIONS", "Action", "Zone", "action", "actions_in", "bar", "bindings", "key_name"]

ACTIONS: tuple[Action, ...] = (*DESK_ACTIONS, *CALL_ACTIONS, *OVERLAY_ACTIONS)

_BY_ID = {action.id: action for action in ACTIONS}
_NAMES = {
    "enter": message("Enter"),
    "escape": message("Esc"),
    "backspace": message("Backspace"),
    "delete": message("Delete"),
    "up": message("Up"),
    "down": message("Down"),
    "left": message("Left"),
    "right": message("Right"),
    "home": message("Home"),
    "end": message("End"),
    "space": message("Space"),
    "pageup": message("PgUp"),
    "pagedown": message("PgDn"),
    "right_square_bracket": message("]"),
    "right_black_lenticular_bracket": message("】"),
    "shift+left": message("Shift+Left"),
    "shift+right": message("Shift+Right"),
}


def action(action_id: str) -> Action:
    """Return the action of that id."""
    return _BY_ID[action_id]


def actions_in(zone: Zone) -> tuple[Action, ...]:
    """Return the actions of a zone in the order of the registry."""
    return tuple(action for action in ACTIONS if action.zone is zone)


def bindings(zone: Zone) -> list[BindingType]:
    """Return the key bindings of a zone.

    Function keys take priority: stock text fields bind F6 and F7 themselves. Everything else is an
    ordinary binding, so that inside a text field the editing meaning wins.
    """
    return [
        Binding(key, f"act('{action.id}')", action.id, show=False, priority=_is_function_key(key))
        for action in actions_in(zone)
        for key in action.keys
    ]


def key_name(key: str, say: Words) -> str:
    """Return a key as the key bar and help call it: `F2`, `^N`, `Enter`."""
    if key in _NAMES:
        return say(_NAMES[key])
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+').upper()}"
    return key.upper()


def bar(zone: Zone, *, role: Role | None, is_wide: bool) -> Sequence[Action]:
    """Return the actions of a zone's key bar: at most eight on a narrow screen."""
    shown = [
        action
        for action in actions_in(zone)
        if action.bar
        and (is_wide or not action.is_wide_only)
        and (role is None or role in action.roles)
    ]
    return sorted(shown, key=lambda action: action.bar)


def _is_function_key(key: str) -> bool:
    return key[0] == "f" and key[1:].isdigit()
