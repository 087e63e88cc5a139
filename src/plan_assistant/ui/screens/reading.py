"""Overlays that are only read: headed sentences, scrolled.

Not here: what stands in the case file (`case_file.py`) and in help (`help.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.content import Content

from plan_assistant.ui import actions, columns
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording.words import Words

Section = tuple[str, Sequence[str]]
"""A heading and the sentences under it."""


class _Text(Pane):
    """Headed sentences, scrolled."""

    def __init__(
        self, sections: Callable[[Words], Sequence[Section]], title: Callable[[Words], str]
    ) -> None:
        super().__init__(id="reading", classes="box")
        self._sections, self._title = sections, title
        self._top = 0

    def titles(self) -> tuple[str, str]:
        """Return the title."""
        return self._title(self.say), ""

    def _all(self, width: int) -> list[Content]:
        drawn = []
        for heading, sentences in self._sections(self.say):
            drawn.append(line((f" {heading}", "bold")))
            rows = [
                row for text in sentences for row in columns.wrap(text, max(width - 4, 10), "  ")
            ]
            drawn += [line(f"   {row}") for row in rows]
        return drawn

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return what is in view."""
        drawn = self._all(width)
        self._top = max(0, min(self._top, len(drawn) - height))
        return drawn[self._top : self._top + height]

    def move(self, by: int) -> None:
        """Scroll by lines."""
        self._top = max(0, self._top + by)
        self.show_again()

    def page(self, by: int) -> None:
        """Scroll by pages."""
        self.move(by * max(self.content_size.height - 1, 1))


class ReadingScreen(Overlay[None]):
    """Something to read over the screen that asked for it."""

    ZONE = Zone.READING
    BINDINGS = actions.bindings(Zone.READING)

    def __init__(
        self, title: Callable[[Words], str], sections: Callable[[Words], Sequence[Section]]
    ) -> None:
        super().__init__()
        self._text = _Text(sections, title)

    def content(self) -> ComposeResult:
        """Compose the text."""
        yield self._text

    def do_read_up(self) -> None:
        """One line up."""
        self._text.move(-1)

    def do_read_down(self) -> None:
        """One line down."""
        self._text.move(1)

    def do_read_page_up(self) -> None:
        """One page up."""
        self._text.page(-1)

    def do_read_page_down(self) -> None:
        """One page down."""
        self._text.page(1)

    def do_read_close(self) -> None:
        """Back."""
        self.dismiss(None)
