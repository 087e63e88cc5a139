"""Every payment of a plan over the call: rows scroll, total and notes stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from textual.app import ComposeResult
from textual.content import Content

from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.ui import actions, columns
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.schedule import schedule_lines
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import formats


class _Rows(Pane):
    """The rows in view, between a head and a total that stay."""

    def __init__(self, schedule: Schedule, name: Callable[[], str], rate: Fraction) -> None:
        super().__init__(id="rows", classes="box")
        self._schedule, self._plan_name, self._rate = schedule, name, rate
        self._top = 0

    def titles(self) -> tuple[str, str]:
        """Return which plan it is, its rate, and how far the rows go."""
        rate = formats.percent(self._rate, self.language)
        count = len(self._schedule.rows)
        shown = self._room()
        if count <= shown:
            note = ""
        else:
            note = self.say(
                "rows {first}-{last} of {count}",
                first=self._top + 1,
                last=self._top + shown,
                count=count,
            )
        return self.say("{plan}: {rate} a year", plan=self._plan_name(), rate=rate), note

    def _room(self) -> int:
        size = self.content_size
        notes = self._note_lines(size.width) if size.width else []
        return max(size.height - 2 - len(notes), 1)

    def _note_lines(self, width: int) -> list[str]:
        notes = schedule_lines(self._schedule, width, self.say).notes
        return [row for note in notes for row in columns.wrap(note, max(width - 2, 10), "  ")]

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return head, rows in view, total and notes."""
        drawn = schedule_lines(self._schedule, width, self.say)
        room = self._room()
        return [
            line((drawn.head, "bold")),
            *(line(row) for row in drawn.rows[self._top : self._top + room]),
            line((drawn.total, "bold")),
            *(line(f" {row}") for row in self._note_lines(width)),
        ]

    def move(self, by: int) -> None:
        """Scroll by rows; it stops at both ends."""
        last = max(len(self._schedule.rows) - self._room(), 0)
        self._top = min(max(self._top + by, 0), last)
        self.show_again()

    def page(self, by: int) -> None:
        """Scroll by pages."""
        self.move(by * self._room())


class ScheduleScreen(Overlay[None]):
    """The exact schedule, over the screen that asked for it."""

    ZONE = Zone.SCHEDULE
    BINDINGS = actions.bindings(Zone.SCHEDULE)

    def __init__(self, schedule: Schedule, name: Callable[[], str], rate: Fraction) -> None:
        super().__init__()
        self._rows = _Rows(schedule, name, rate)

    def content(self) -> ComposeResult:
        """Compose the rows."""
        yield self._rows

    def do_schedule_up(self) -> None:
        """One row up."""
        self._rows.move(-1)

    def do_schedule_down(self) -> None:
        """One row down."""
        self._rows.move(1)

    def do_schedule_page_up(self) -> None:
        """One page up."""
        self._rows.page(-1)

    def do_schedule_page_down(self) -> None:
        """One page down."""
        self._rows.page(1)

    def do_schedule_first(self) -> None:
        """Go to the first row."""
        self._rows.move(-100_000)

    def do_schedule_last(self) -> None:
        """Go to the last row."""
        self._rows.move(100_000)

    def do_schedule_close(self) -> None:
        """Back to the call."""
        self.dismiss(None)
