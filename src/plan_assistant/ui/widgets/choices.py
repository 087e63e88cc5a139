"""A list with one marked line; digits choose where its lines carry numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message

from plan_assistant.ui import actions, columns, symbols
from plan_assistant.ui.acting import Acting
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.widgets.text import Pane, line

Item = Callable[[int], str]
"""Draws one line for a width; the same line is drawn again when language or size change."""


class ChoiceList(Acting, Pane, can_focus=True):
    """Lines of text, one of them marked; what choosing means is the screen's business."""

    ZONE = Zone.LIST
    BINDINGS = actions.bindings(Zone.LIST)

    @dataclass
    class Digit(Message):
        """A digit chose a line."""

        index: int

    @dataclass
    class Marked(Message):
        """Another line is marked now."""

        index: int

    def __init__(
        self,
        *,
        id: str,  # noqa: A002  # the framework's name
        title: Callable[[], str] = lambda: "",
        note: Callable[[], str] = lambda: "",
        head: Item | None = None,
        nothing: Callable[[], str] = lambda: "",
        has_digits: bool = False,
    ) -> None:
        super().__init__(id=id)
        self._title, self._note, self._head, self._nothing = title, note, head, nothing
        self._has_digits = has_digits
        self._items: Sequence[Item] = ()
        self._top = 0
        self.index = 0
        """The marked line."""

    def show(self, items: Sequence[Item], index: int | None = None) -> None:
        """Show these lines; the mark stays where it was unless told otherwise."""
        self._items = items
        if index is not None:
            self.index = index
        self.index = max(0, min(self.index, len(items) - 1))
        self.show_again()

    def __len__(self) -> int:
        return len(self._items)

    def __bool__(self) -> bool:
        return True  # a widget is there even when its list is empty

    def titles(self) -> tuple[str, str]:
        """Return the heading and the note of the list."""
        return self._title(), self._note()

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the lines in view, the marked one among them."""
        if not self._items:
            return [line(f" {row}") for row in columns.wrap(self._nothing(), max(width - 2, 10))]
        head = [] if self._head is None else [line((f" {self._head(width - 1)}", "bold"))]
        room = max(height - len(head), 1)
        self._top = max(
            min(self._top, self.index, len(self._items) - room), self.index - room + 1, 0
        )
        return [*head, *(self._line(number, width) for number in range(self._top, self._end(room)))]

    def _end(self, room: int) -> int:
        return min(self._top + room, len(self._items))

    def _line(self, number: int, width: int) -> Content:
        is_marked = number == self.index
        mark = symbols.CURSOR if is_marked else " "
        return line(
            (f"{mark}{self._items[number](width - 1)}", "bold $focus-line" if is_marked else "")
        )

    def on_key(self, event: events.Key) -> None:
        """Take a digit, also a full-width one, as the choice of a line."""
        if not self._has_digits or event.character is None:
            return
        digit = unicodedata.normalize("NFKC", event.character)
        if len(digit) == 1 and digit in "123456789" and int(digit) <= len(self._items):
            event.stop()
            self._mark(int(digit) - 1)
            self.post_message(self.Digit(int(digit) - 1))

    def _mark(self, index: int) -> None:
        self.index = max(0, min(index, len(self._items) - 1))
        self.show_again()
        self.post_message(self.Marked(self.index))

    def do_list_up(self) -> None:
        """Mark the line above."""
        self._mark(self.index - 1)

    def do_list_down(self) -> None:
        """Mark the line below."""
        self._mark(self.index + 1)

    def do_list_page_up(self) -> None:
        """Go a page up."""
        self._mark(self.index - max(self.content_size.height - 2, 1))

    def do_list_page_down(self) -> None:
        """Go a page down."""
        self._mark(self.index + max(self.content_size.height - 2, 1))

    def do_list_first(self) -> None:
        """Mark the first line."""
        self._mark(0)

    def do_list_last(self) -> None:
        """Mark the last line."""
        self._mark(len(self._items) - 1)
