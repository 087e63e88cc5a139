"""The plans side by side; sentences in their place when there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message

from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.ui import actions, columns, symbols
from plan_assistant.ui.acting import Acting
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.nothing_fits import nearest, nothing_fits
from plan_assistant.ui.plan_rows import VERDICT_STYLE, Row, rows_for, rows_of
from plan_assistant.ui.widgets.text import Pane, Part, line
from plan_assistant.wording import terms
from plan_assistant.wording.words import label

_CELL = 13
"""Cells of a column, its blank included; larger amounts make wider columns, and fewer."""
_LABEL, _LABEL_WIDE, _ROOMY = 11, 17, 80
_FRAME = 4
"""Cells of the border that a title leaves free."""
_HEAD = label("row", "Plan")
_STALE = label("row", "STALE")
_NEAREST = label("row", "NEAREST")


class PlanColumns(Acting, Pane, can_focus=True):
    """Three to five plans in columns, because the eye compares across."""

    ZONE = Zone.PLANS
    BINDINGS = actions.bindings(Zone.PLANS)

    @dataclass
    class Selected(Message):
        """Another plan was selected."""

        index: int

    @dataclass
    class Offered(Message):
        """The selected plan was spoken to the borrower."""

    def __init__(self) -> None:
        super().__init__(id="plans")
        self._call: Negotiation | None = None
        self._is_stale = False
        self._top = 0
        """First line shown where sentences stand in place of plans."""

    def show(self, call: Negotiation, *, is_stale: bool = False) -> None:
        """Show the plans of a call; stale ones belong to earlier dials, and a word says so."""
        if self._call is None or call.offers is not self._call.offers:
            self._top = 0
        self._call, self._is_stale = call, is_stale
        self.show_again()

    # --- drawing ------------------------------------------------------------------------------

    def _columns(self, width: int) -> int:
        """Return how many columns have room when no figure may be cut."""
        return max(1, (width - self._label_width(width) - 1) // self._widest())

    def _widest(self) -> int:
        call = self._call
        if call is None:
            return _CELL
        figures = [
            columns.width_of(row.cell(plan, call, self.language))
            for plan in call.offers.plans
            for row in rows_of(call.offers.plans, call)
            if row.is_figure
        ]
        return max(_CELL, *(width + 1 for width in figures)) if figures else _CELL

    @staticmethod
    def _label_width(width: int) -> int:
        return _LABEL_WIDE if width >= _ROOMY else _LABEL

    def _window(self, width: int) -> range:
        """Return the plans in view: a window that holds the selected one."""
        assert self._call is not None
        count, room = len(self._call.offers.plans), self._columns(width)
        first = min((self._call.selected // room) * room, max(count - room, 0))
        return range(first, min(first + room, count))

    def titles(self) -> tuple[str, str]:
        """Return which plans are in view and for which debt, and the key to the others."""
        call = self._call
        if call is None:
            return self.say("Plans"), ""
        view, note = self._view(call)
        if call.is_from_lead:
            view = self.say("{plans}, terms from the lead", plans=view)
        plain = view
        if self._is_stale:
            view = self.say("{plans}, STALE: not for these dials", plans=view)
        elif call.offers.plans and not call.offers.is_met:
            view = self.say("{plans}, {nearest}", plans=view, nearest=nearest(call, self.say))
        debts = call.case.negotiated
        if len(debts) < 2:
            return view, note
        number = [debt.debt_id for debt in debts].index(call.debt_id) + 1
        tail = columns.safe(call.debt.account_tail)
        which = self.say(
            "debt {number} of {count}, {tail}", number=number, count=len(debts), tail=tail
        )
        whole = f"{view}: {which}"
        # The head of the rows says STALE or NEAREST, too; which debt it is stands here alone.
        has_room = columns.width_of(whole) <= self.content_size.width - _FRAME
        return whole if has_room else f"{plain}: {which}", note

    def _view(self, call: Negotiation) -> tuple[str, str]:
        count = len(call.offers.plans)
        window = self._window(self.content_size.width) if count else range(0)
        if not count and self._hidden(call) > 0:
            return self.say("Plans"), self.say("PgDn: more")
        if len(window) == count:
            return self.say("Plans"), ""
        view = self.say(
            "Plans {first}-{last} of {count}", first=window.start + 1, last=window.stop, count=count
        )
        if len(window) == 1:
            view = self.say("Plan {first} of {count}", first=window.start + 1, count=count)
        if window.stop == count:
            return view, self.say("PgUp: plans before")
        return view, self.say("PgDn: plans {first}-{last}", first=window.stop + 1, last=count)

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the comparison, or the sentences that stand in its place."""
        call = self._call
        if call is None:
            return []
        if not call.offers.plans:
            return self._sentences(call, width, height)
        window = self._window(width)
        cell = max((width - self._label_width(width) - 1) // self._columns(width), 2)
        rows = rows_for(height - 1, call)
        return [
            self._head(call, window, cell, width),
            *(self._row(call, row, window, cell, width) for row in rows),
        ]

    def _head(self, call: Negotiation, window: range, cell: int, width: int) -> Content:
        head = _STALE if self._is_stale else _HEAD if call.offers.is_met else _NEAREST
        name = columns.left(self.say.label(*head), self._label_width(width))
        parts: list[Part] = [(name, "" if head is _HEAD else "bold $verdict-tight")]
        for index in window:
            plan = call.offers.plans[index]
            mark = symbols.CURSOR if index == call.selected else ""
            title = f"{mark}{index + 1} {terms.family_short(plan.family, self.language)}"
            parts.append((columns.right(title, cell), self._column_style(call, index)))
        return line(*parts)

    def _column_style(self, call: Negotiation, index: int) -> str:
        if index != call.selected:
            return ""
        return "bold $focus-line" if self.has_focus else "bold"

    def _row(self, call: Negotiation, row: Row, window: range, cell: int, width: int) -> Content:
        parts: list[Part] = [columns.left(self.say.label(*row.label), self._label_width(width))]
        for index in window:
            plan = call.offers.plans[index]
            parts.append(
                (self._cell(call, row, plan, cell), self._cell_style(call, row, plan, index))
            )
        return line(*parts)

    def _cell(self, call: Negotiation, row: Row, plan: Plan, width: int) -> str:
        text = row.cell(plan, call, self.language)
        if row.is_figure:
            return " " + columns.amount(text, width - 1)
        return " " + columns.right(text, width - 1)

    def _cell_style(self, call: Negotiation, row: Row, plan: Plan, index: int) -> str:
        if self._is_stale:
            return "dim"
        if row.label[1] == "Verdict":
            return VERDICT_STYLE[plan.judgement.verdict]
        return "bold" if index == call.selected else ""

    def _sentences(self, call: Negotiation, width: int, height: int) -> Sequence[Content]:
        """Say why nothing is offered and what to do instead, a page at a time."""
        drawn = self._all_sentences(call, width)
        self._top = max(0, min(self._top, len(drawn) - height))
        return drawn[self._top : self._top + height]

    def _hidden(self, call: Negotiation) -> int:
        """Return how many lines of the sentences stand below those in view."""
        size = self.content_size
        return len(self._all_sentences(call, size.width)) - self._top - size.height

    def _all_sentences(self, call: Negotiation, width: int) -> list[Content]:
        drawn: list[Content] = []

        def add(text: str, style: str = "", indent: str = "  ") -> None:
            drawn.extend(line((row, style)) for row in columns.wrap(text, width - 1, indent))

        said = nothing_fits(call, self.say)
        add(said.head, "bold")
        for sentence in said.advice:
            add(f"- {sentence}")
        for families, sentences in said.refused:
            add(families, "bold")
            for sentence in sentences:
                add(f"  {sentence}")
        return drawn

    # --- keys ---------------------------------------------------------------------------------

    def on_focus(self) -> None:
        """Show where the keys go now."""
        self.show_again()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.show_again()

    def page(self, by: int) -> None:
        """Show the next or the previous plans, or page through the sentences."""
        call = self._call
        if call is None:
            return
        if not call.offers.plans:
            self._scroll(by * max(self.content_size.height - 1, 1))
            return
        window = self._window(self.content_size.width)
        self._select(window.stop if by > 0 else window.start - len(window))

    def _scroll(self, by: int) -> None:
        self._top = max(0, self._top + by)
        self.show_again()

    def _select(self, index: int) -> None:
        if self._call is not None and self._call.offers.plans:
            self.post_message(self.Selected(min(max(index, 0), len(self._call.offers.plans) - 1)))

    def _step(self, by: int) -> None:
        if self._call is not None:
            self._select(self._call.selected + by)

    def do_plan_left(self) -> None:
        """Select the plan to the left."""
        self._step(-1)

    def do_plan_right(self) -> None:
        """Select the plan to the right."""
        self._step(1)

    def do_plan_up(self) -> None:
        """Scroll the sentences up."""
        self._scroll(-1)

    def do_plan_down(self) -> None:
        """Scroll the sentences down."""
        self._scroll(1)

    def do_plan_first(self) -> None:
        """Select the first plan."""
        self._select(0)

    def do_plan_last(self) -> None:
        """Select the last plan."""
        self._select(99)

    def do_plan_offer(self) -> None:
        """Mark the selected plan as offered."""
        self.post_message(self.Offered())

    def do_plan_1(self) -> None:
        """Select plan 1."""
        self._select(0)

    def do_plan_2(self) -> None:
        """Select plan 2."""
        self._select(1)

    def do_plan_3(self) -> None:
        """Select plan 3."""
        self._select(2)

    def do_plan_4(self) -> None:
        """Select plan 4."""
        self._select(3)

    def do_plan_5(self) -> None:
        """Select plan 5."""
        self._select(4)
