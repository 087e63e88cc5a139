"""The top line of a call: who, how much and how late, whether all is saved, and the clocks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from plan_assistant.ui import columns
from plan_assistant.ui.screens.on_hold import OnHold
from plan_assistant.ui.widgets.bars import KeyBar
from plan_assistant.wording import formats

_SLOW_SECONDS: Final = 2.0


class CallTop(OnHold):
    """What stands above everything else of a call."""

    _asked_at: float | None = None
    """Since when the store has been asked to record something; None when it has answered."""

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Remember since when an answer of the store is waited for."""
        self._asked_at = time.monotonic()
        try:
            yield
        finally:
            self._asked_at = None

    @property
    def _is_slow(self) -> bool:
        """Say whether the store has not answered for longer than it ever takes when all is well.

        A store that another program holds says so only after half a minute.
        """
        return self._asked_at is not None and time.monotonic() - self._asked_at > _SLOW_SECONDS

    def top_line(self, width: int) -> tuple[str, str]:
        """Put who, how much and how late at the left, the clocks at the right."""
        case = self.call.case
        right = self._right_end(width)
        owed = self.say("Owes {amount}", amount=formats.money_with_code(case.owed, self.language))
        late = formats.days(case.days_past_due, self.language)
        room = width - columns.width_of(right) - 3
        if columns.width_of(owed) + columns.width_of(late) + 8 > room:
            late = ""
        if columns.width_of(owed) > room:
            owed = "#" * max(room, 0)
        left_over = room - columns.width_of(owed) - columns.width_of(late) - 4
        name = columns.safe(self.shown_name)
        number = columns.safe(case.case_id)
        space = left_over - columns.width_of(name) - 2
        if space >= 6:
            who = f"{columns.shorten(number, space)}  {name}"
        else:
            who = columns.shorten(name, left_over) if left_over >= 4 else ""
        return "  ".join(part for part in (who, owed, late) if part), right

    def _right_end(self, width: int) -> str:
        """Return the clock of the call, and what is most urgent beside it."""
        clock = self.say("CALL {time}", time=self._elapsed())
        is_unsaved = self._is_slow or self.office.waits
        unsaved = self.office.not_saved_words() if is_unsaved else ""
        if unsaved and self._live_since is not None:
            return f"{unsaved}   {self.live_clock}   {clock}"
        if unsaved:
            return f"{unsaved}   {clock}"
        if self._live_since is not None:
            return f"{self.live_clock}   {clock}"
        if self._recorded is not None:
            return f"{self.say('RECORDED, waits for lead')}   {clock}"
        parts = [clock, *self._saved()]
        if self.is_demo or width >= KeyBar.WIDE:
            parts.append(self.date_line())
        return "   ".join(parts)

    def _saved(self) -> list[str]:
        """Return when an act of this call last came into the record."""
        at = self.office.saved_at
        if at is None or self._opened is None or at < self._opened:
            return []
        return [self.say("Saved {time}", time=f"{at:%H:%M}")]

    def _elapsed(self) -> str:
        if self._opened is None:
            return "00:00"
        seconds = int((self.desk.clock.now() - self._opened).total_seconds())
        return f"{seconds // 60:02}:{seconds % 60:02}"
