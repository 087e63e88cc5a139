"""All actions by name: for the one that nobody remembers the key of."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from plan_assistant.ui import actions, columns
from plan_assistant.ui.actions import Action, Zone
from plan_assistant.ui.screens.base import BaseScreen, Overlay
from plan_assistant.ui.widgets.choices import ChoiceList, Item


class PaletteScreen(Overlay[str | None]):
    """Type a part of the name, Enter does the marked action."""

    ZONE = Zone.PALETTE
    BINDINGS = actions.bindings(Zone.PALETTE)

    def __init__(self, screen: BaseScreen) -> None:
        super().__init__()
        self._for = screen
        self._found: Sequence[Action] = ()

    def content(self) -> ComposeResult:
        """Compose the input and the list."""
        with Vertical(id="palette", classes="box"):
            field = Input(id="find", compact=True)
            field.cursor_blink = False
            yield field
            yield ChoiceList(id="found", nothing=lambda: self.say("No action has that name."))

    def boxes(self) -> dict[str, str]:
        """Return the title of the box."""
        return {"#palette": self.say("All actions")}

    def on_mount(self) -> None:
        """Show every action."""
        self.query_one(Input).focus()
        self._find("")

    def _find(self, text: str) -> None:
        offered = [*actions.actions_in(self._for.ZONE), *actions.actions_in(Zone.EVERYWHERE)]
        self._found = [
            action
            for action in offered
            if action.in_palette
            and action.id != "palette"
            and (self.role is None or self.role in action.roles)
            and text.casefold()
            in f"{self.say.label(*action.label)} {self.say(action.hint)}".casefold()
        ]
        self.query_one(ChoiceList).show([self._line(action) for action in self._found], 0)

    def _line(self, action: Action) -> Item:
        def draw(width: int) -> str:
            key = actions.key_name(action.keys[0], self.say)
            return columns.left(f"{columns.left(key, 7)}{self.say(action.hint)}", width)

        return draw

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._find(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do the marked action."""
        event.stop()
        self.do_palette_run()

    def do_palette_up(self) -> None:
        """Mark the action above."""
        self.query_one(ChoiceList).do_list_up()

    def do_palette_down(self) -> None:
        """Mark the action below."""
        self.query_one(ChoiceList).do_list_down()

    def do_palette_run(self) -> None:
        """Do the marked action."""
        chosen = self._found[self.query_one(ChoiceList).index].id if self._found else None
        self.dismiss(chosen)

    def do_palette_close(self) -> None:
        """Back."""
        self.dismiss(None)
