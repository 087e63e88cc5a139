"""The household budget line by line: figures are corrected in the call, all plans follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.content import Content

from plan_assistant.domain.household import Every
from plan_assistant.domain.money import Money
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.services.negotiate import correct_budget, first_to_ask
from plan_assistant.ui import actions, columns, dials, symbols
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.dials import Unreadable
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import affordability as wording
from plan_assistant.wording import formats, terms
from plan_assistant.wording.words import join


@dataclass(frozen=True, slots=True)
class _Line:
    is_income: bool
    index: int
    label: str
    kind: str
    amount: Money
    every: Every
    is_unknown: bool
    about: tuple[str, ...]
    """What is said while the line is marked."""


class _Budget(Pane, can_focus=True):
    """The lines of the budget, one marked, with what is typed into it."""

    def __init__(self) -> None:
        super().__init__(id="budget", classes="box")
        self.index = 0
        self.typed: str | None = None
        self.notice = ""
        self._lines: Sequence[_Line] = ()
        self._said: Sequence[str] = ()

    def show(self, lines: Sequence[_Line], said: Sequence[str]) -> None:
        """Show these lines, and sentences about the whole budget below them."""
        self._lines, self._said = lines, said
        self.show_again()

    def titles(self) -> tuple[str, str]:
        """Return the title and what the keys do."""
        return self.say("Household budget"), self.say("type an amount, Enter takes it")

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return a line for each figure and the notice."""
        notice = [
            line((f" {row}", "bold $verdict-tight"))
            for row in columns.wrap(self.notice, max(width - 2, 10))
        ]
        marked = self._lines[self.index].about if self._lines else ()
        said = [
            line(f" {row}")
            for text in (*marked, *self._said)
            for row in columns.wrap(text, max(width - 2, 10))
        ]
        # The figures keep at least half of the room.
        least = min(len(self._lines), max(height // 2, 1))
        notice += said[: max(height - least - len(notice), 0)]
        room = max(height - len(notice), 1)
        top = max(0, min(self.index - room // 2, len(self._lines) - room))
        shown = range(top, min(top + room, len(self._lines)))
        return [*(self._row(number, width) for number in shown), *notice]

    def _row(self, number: int, width: int) -> Content:
        item = self._lines[number]
        is_marked = number == self.index
        money = formats.money(item.amount if item.is_income else -item.amount, self.language)
        figure_now = f"{symbols.ABOUT}{money}" if item.is_unknown else money
        value = f"{self.typed}_" if is_marked and self.typed is not None else figure_now
        every = f" {terms.every(item.every, self.language)}"
        figure = columns.amount(value, 18) + columns.left(every, 15)
        mark = symbols.CURSOR if is_marked else " "
        name = item.kind if not item.label else f"{item.label} ({item.kind})"
        text = columns.left(f"{mark}{name}", max(width - 33, 4)) + figure
        return line((text, "bold $focus-line" if is_marked else ""))

    def on_key(self, event: events.Key) -> None:
        """Take digits and a point; they replace the figure."""
        if event.character is not None and dials.is_entry(event.character):
            event.stop()
            self.typed = dials.narrowed((self.typed or "") + event.character)
            self.show_again()


class BudgetScreen(Overlay[Negotiation | None]):
    """Correct incomes and outgoings; what is affordable and every plan follow."""

    ZONE = Zone.BUDGET
    BINDINGS = actions.bindings(Zone.BUDGET)

    def __init__(self, call: Negotiation) -> None:
        super().__init__()
        self._call = call
        self._is_changed = False

    def content(self) -> ComposeResult:
        """Compose the lines."""
        yield _Budget()

    def on_mount(self) -> None:
        """Show the lines."""
        self.refill()
        self.query_one(_Budget).focus()

    def refill(self) -> None:
        """Show the lines of the budget as it is now."""
        self.query_one(_Budget).show(self._lines(), self._said())
        super().refill()

    def _said(self) -> list[str]:
        """Return what is missing, what to ask for first, and what changes in later months."""
        call, language = self._call, self.language
        question = first_to_ask(call)
        said = wording.gap_sentences(call.case.budget, language)
        if question is not None:
            asked = wording.question_sentences(question, language, has_plan=call.plan is not None)
            said.append(join(asked, language))
        return [*said, *wording.later_sentences(call.affordability, language)]

    def _lines(self) -> list[_Line]:
        budget = self._call.case.budget
        incomes = [
            _Line(
                True,
                index,
                item.label,
                terms.reliability(item.reliability, self.language),
                item.amount,
                item.every,
                item.is_unknown,
                tuple(wording.figure_sentences(item, self.language)),
            )
            for index, item in enumerate(budget.incomes)
        ]
        outgoings = [
            _Line(
                False,
                index,
                item.label,
                terms.outgoing_kind(item.kind, self.language),
                item.amount,
                item.every,
                item.is_unknown,
                tuple(wording.figure_sentences(item, self.language)),
            )
            for index, item in enumerate(budget.outgoings)
        ]
        return [*incomes, *outgoings]

    def _move(self, by: int) -> None:
        budget = self.query_one(_Budget)
        budget.typed = None
        budget.index = max(0, min(budget.index + by, len(self._lines()) - 1))
        budget.show_again()

    def do_budget_up(self) -> None:
        """Go to the line above."""
        self._move(-1)

    def do_budget_down(self) -> None:
        """Go to the line below."""
        self._move(1)

    def do_budget_erase(self) -> None:
        """Erase the last digit."""
        budget = self.query_one(_Budget)
        if budget.typed:
            budget.typed = budget.typed[:-1]
            budget.show_again()

    def do_budget_accept(self) -> None:
        """Take the typed amount."""
        budget, lines = self.query_one(_Budget), self._lines()
        if budget.typed is None or not lines:
            self._move(1)
            return
        item = lines[budget.index]
        try:
            amount = dials.read_amount(budget.typed, self._call.case.budget.currency, self.say)
        except Unreadable as problem:
            budget.notice = problem.sentence
            budget.show_again()
            return
        with self.telling():
            self._call = correct_budget(
                self._call, is_income=item.is_income, index=item.index, amount=amount
            )
            self._is_changed = True
            budget.notice = self.say(
                "Spare is now {amount} a month.",
                amount=formats.money(self._call.affordability.surplus, self.language),
            )
        self._move(1)
        budget.show(self._lines(), self._said())

    def tell(self, sentence: str) -> None:
        """Show a sentence under the lines."""
        self.query_one(_Budget).notice = sentence
        self.query_one(_Budget).show_again()

    def do_budget_close(self) -> None:
        """Back to the call with what was corrected."""
        self.dismiss(self._call if self._is_changed else None)
