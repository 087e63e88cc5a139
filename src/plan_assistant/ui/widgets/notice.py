"""A few lines that say what happens next, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from plan_assistant.ui import columns
from plan_assistant.ui.widgets.text import Pane, line


class Notice(Pane):
    """Sentences under fields; as high as its style says."""

    DEFAULT_CSS = "Notice { height: 3; }"

    def __init__(self, id: str) -> None:  # noqa: A002  # the framework's name
        super().__init__(id=id)
        self._sentences: Sequence[str] = ()

    def show(self, *sentences: str) -> None:
        """Show sentences in place of those before."""
        self._sentences = [sentence for sentence in sentences if sentence]
        self.show_again()

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return them, wrapped."""
        rows = [row for text in self._sentences for row in columns.wrap(text, max(width - 2, 10))]
        return [line((f" {row}", "bold")) for row in rows]
