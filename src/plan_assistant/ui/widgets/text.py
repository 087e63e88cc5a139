"""The only place that turns text into what a terminal draws: cleaned, and never markup.

A raw string in a stock widget reads `[/` as markup and lets escape sequences through to the
terminal, so a test forbids the stock widgets outside this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from plan_assistant.ui.columns import safe
from plan_assistant.wording.words import Words, words

Part = str | tuple[str, str]
"""Text, or text with a style."""


def line(*parts: Part) -> Content:
    """Return one line of cleaned text; each part may carry a style."""
    return Content.assemble(
        *(safe(part) if isinstance(part, str) else (safe(part[0]), part[1]) for part in parts)
    )


class Speaking:
    """Something that shows words in the language of the program."""

    app: App[Any]

    @property
    def language(self) -> str:
        """The language of the screen."""
        return str(self.app.language)  # type: ignore[attr-defined]  # the product's own application

    @property
    def say(self) -> Words:
        """The sentences of that language."""
        return words(self.language)


class Pane(Speaking, Static):
    """A box of lines that a subclass computes from what it was given, as wide as the box is now."""

    DEFAULT_CSS = """
    Pane {
        height: 1fr;
        text-wrap: nowrap;
        text-overflow: clip;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # the framework's name
        super().__init__("", markup=False, id=id, classes=classes)
        self._drawn: Content | None = None
        self._drawn_for = Size(0, 0)
        self._titles = ("", "")

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the lines to show in a box of that size; a subclass answers."""
        raise NotImplementedError

    def titles(self) -> tuple[str, str]:
        """Return what stands in the upper and in the lower border."""
        return "", ""

    def render(self) -> Content:
        """Return the lines, one below the other."""
        if self._drawn is None or self._drawn_for != self.content_size:
            self._draw()
        assert self._drawn is not None
        return self._drawn

    def _draw(self) -> Content:
        width, height = self._drawn_for = self.content_size
        lines = self.lines(width, height)[:height] if width and height else []
        self._drawn = Content("\n").join(lines)
        return self._drawn

    def show_again(self) -> None:
        """Draw again after what it shows has changed; what looks as before is left alone."""
        titles, before = self.titles() if self.content_size else ("", ""), self._drawn
        is_new = titles != self._titles or self._drawn_for != self.content_size
        if titles != self._titles:
            self._titles = titles
            upper, lower = titles
            self.border_title = Content(safe(upper)) if upper else None
            self.border_subtitle = Content(safe(lower)) if lower else None
        if before is None or not self._draw().is_same(before) or is_new:
            self.refresh()

    @staticmethod
    def name_box(box: Widget, title: str) -> None:
        """Write the title of a box that holds other widgets."""
        box.border_title = Content(safe(title))

    def on_mount(self) -> None:
        """Write the titles for the first time."""
        self.show_again()

    def on_resize(self) -> None:
        """Lay the lines out for the new size."""
        self.show_again()


def toast(app: App[Any], sentence: str) -> None:
    """Show a notice in the corner, for things that happen elsewhere."""
    app.notify(safe(sentence), markup=False)
