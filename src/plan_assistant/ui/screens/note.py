"""A note that goes with the plan: an ordinary text field, so that input methods work in it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import TextArea

from plan_assistant.ui import actions
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import Overlay

_LONGEST = 2000


class NoteScreen(Overlay[str]):
    """The note of the call; leaving keeps it."""

    ZONE = Zone.NOTE
    BINDINGS = actions.bindings(Zone.NOTE)

    def __init__(self, note: str) -> None:
        super().__init__()
        self._note = note

    def content(self) -> ComposeResult:
        """Compose the field."""
        with Vertical(id="note", classes="box"):
            area = TextArea(self._note, id="note-text", compact=True)
            area.cursor_blink = False
            yield area

    def boxes(self) -> dict[str, str]:
        """Return the title of the box."""
        return {"#note": self.say("Note for the plan")}

    def on_mount(self) -> None:
        """Start at the end of the note."""
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()

    def do_keep_note(self) -> None:
        """Keep what was written."""
        self.dismiss(self.query_one(TextArea).text[:_LONGEST])
