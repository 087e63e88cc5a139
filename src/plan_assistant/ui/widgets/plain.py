"""The call in plain lines, for a terminal too small for columns; it asks to be enlarged."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.ui import columns
from plan_assistant.ui.nothing_fits import nearest, nothing_fits
from plan_assistant.ui.plan_rows import rows_of
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import terms


class PlainCall(Pane):
    """The selected plan, one row a line; every key still works."""

    def __init__(self) -> None:
        super().__init__(id="plain")
        self._call: Negotiation | None = None
        self._notice: str | None = None

    def show(self, call: Negotiation, stale: str | None = None) -> None:
        """Show the selected plan of a call; `stale` says why it belongs to earlier dials."""
        self._call, self._notice = call, stale
        self.show_again()

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the request to enlarge and as many rows as there is room for."""
        call = self._call
        asked = self.say("Please enlarge the window to 80 x 24.")
        drawn = [line((row, "bold")) for row in columns.wrap(asked, max(width, 10))]
        if call is None:
            return drawn
        notice = self._notice
        if call.plan is None:
            notice = nothing_fits(call, self.say).as_one
        elif notice is not None:
            drawn.append(line((self.say.label("row", "STALE"), "bold $verdict-tight")))
        elif not call.offers.is_met:
            drawn.append(line((nearest(call, self.say), "bold $verdict-tight")))
        if notice is not None:
            drawn += [line(row) for row in columns.wrap(notice, max(width, 10))]
        if call.plan is None:
            return drawn[:height]
        drawn.append(line(columns.left(terms.family(call.plan.family, self.language), width)))
        for row in rows_of([call.plan], call):
            name = self.say.label(*row.label)
            text = row.cell(call.plan, call, self.language)
            room = width - columns.width_of(name) - 1
            cell = (
                columns.amount(text, max(room, 1))
                if row.is_figure
                else columns.right(text, max(room, 0))
            )
            drawn.append(line(f"{name} {cell}"))
        return drawn[:height]
