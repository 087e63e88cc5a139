"""A labeled one-line field in which an input method works, also one that shows only stars."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input

from plan_assistant.ui import columns
from plan_assistant.ui.widgets.text import Pane, line


class _Name(Pane):
    """The name of a field."""

    def __init__(self, name: Callable[[], str]) -> None:
        super().__init__(classes="field-name")
        self._words = name

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the name in one line."""
        return [line(columns.left(f" {self._words()}", width))]


class _Secret(Input):
    """An input that shows a star for each character.

    The framework's own mark is a round bullet, which terminals set up for Chinese may draw two
    cells wide.
    """

    @property
    def _value(self) -> Text:
        return Text("*" * len(self.value), no_wrap=True, overflow="ignore", end="")


class Field(Horizontal):
    """A name and an input beside it."""

    def __init__(
        self,
        id: str,  # noqa: A002  # the framework's name
        name: Callable[[], str],
        *,
        value: str = "",
        longest: int = 80,
        is_secret: bool = False,
    ) -> None:
        super().__init__(id=f"{id}-field", classes="field")
        self._words = name
        self.input = (_Secret if is_secret else Input)(
            value=value,
            id=id,
            compact=True,
            max_length=longest,
            select_on_focus=False,
            password=is_secret,
        )
        self.input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """Compose name and input."""
        yield _Name(self._words)
        yield self.input

    @property
    def value(self) -> str:
        """What was typed."""
        return self.input.value
