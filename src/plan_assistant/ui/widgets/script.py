"""What the collector says now: a plan, the next disclosure, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.message import Message

from plan_assistant.ui import actions, columns
from plan_assistant.ui.acting import Acting
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.widgets.text import Pane, line


class ScriptPane(Acting, Pane, can_focus=True):
    """Sentences to read aloud; a long text is read part by part, nothing of it is cut."""

    ZONE = Zone.SCRIPT
    BINDINGS = actions.bindings(Zone.SCRIPT)

    class Said(Message):
        """The collector has said the sentence."""

    class Left(Message):
        """The collector leaves the sentence for later."""

    def __init__(self) -> None:
        super().__init__(id="script")
        self.can_focus = False
        self._title = ""
        self._text = ""
        self._notice: str | None = None
        self._top = 0

    def show(self, title: str, text: str) -> None:
        """Show what to say; a notice that stood in its place stays until it is cleared."""
        if text != self._text:
            self._top = 0
        self._title, self._text = title, text
        self.show_again()

    def notice(self, sentence: str | None) -> None:
        """Show a sentence to the collector in place of the script; None takes it away."""
        if sentence != self._notice:
            self._top = 0
            self._notice = sentence
            self.show_again()

    def _all_lines(self, width: int) -> list[str]:
        text = self._text if self._notice is None else f"! {self._notice}"
        return columns.wrap(text, max(width - 2, 10))

    def titles(self) -> tuple[str, str]:
        """Return what the sentence is, and the key to the rest of it."""
        size = self.content_size
        rest = len(self._all_lines(size.width)) - self._top - size.height if size.height else 0
        title = self._title if self._notice is None else self.say("Notice")
        return title, self.say("Space: more") if rest > 0 or self._top else ""

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the part of the text that is in view."""
        style = "bold $verdict-tight" if self._notice is not None else ""
        shown = self._all_lines(width)[self._top : self._top + height]
        return [line((f" {row}", style)) for row in shown]

    def read_on(self) -> None:
        """Show the next part; after the last one the first."""
        size = self.content_size
        count = len(self._all_lines(size.width))
        self._top = self._top + size.height if self._top + size.height < count else 0
        self.show_again()

    def do_tick_disclosure(self) -> None:
        """Tell the screen that it was said."""
        self.post_message(self.Said())

    def do_leave_disclosure(self) -> None:
        """Tell the screen to go on without."""
        self.post_message(self.Left())
