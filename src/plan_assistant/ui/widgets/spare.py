"""What the household has to spare, and what the selected plan takes of it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.message import Message

from plan_assistant.domain.money import Money
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.unknowns import Unknown
from plan_assistant.services.negotiate import figure_to_ask_for
from plan_assistant.ui import actions, columns, symbols
from plan_assistant.ui.acting import Acting
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.plan_rows import VERDICT_STYLE
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import affordability, formats, terms
from plan_assistant.wording.words import label

_INCOME = label("spare money", "Income")
_ESSENTIALS = label("spare money", "Essentials")
_PRIORITY = label("spare money", "Priority")
_OTHER = label("spare money", "Other debts")
_SPARE = label("spare money", "Spare")
_BUFFER = label("spare money", "Kept back")
_AFFORDABLE = label("spare money", "Affordable")
_WORST = label("spare money", "Worst month")
_LEFT = label("spare money", "Left over")
_HEAD = label("spare money", "Left for one head")


class SparePanel(Acting, Pane, can_focus=True):
    """The affordability gauge: a plan is judged by its worst month, the whole is shown."""

    ZONE = Zone.SPARE
    BINDINGS = actions.bindings(Zone.SPARE)

    class Opened(Message):
        """The collector wants to correct a line of the budget."""

    def __init__(self) -> None:
        super().__init__(id="spare")
        self._call: Negotiation | None = None
        self._asked: Unknown | None = None

    def show(self, call: Negotiation) -> None:
        """Show the household of a call."""
        self._call, self._asked = call, figure_to_ask_for(call)
        self.show_again()

    def titles(self) -> tuple[str, str]:
        """Return the name of the zone; the currency stands here once instead of in every line."""
        if self._call is None:
            return self.say("Spare money"), ""
        return self.say(
            "Spare money, {currency}", currency=self._call.affordability.currency.code
        ), ""

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the lines from income to stress."""
        call = self._call
        if call is None:
            return []
        found, plan = call.affordability, call.plan
        rows = [
            (3, self._amount(_INCOME, found.income, width)),
            (2, self._amount(_ESSENTIALS, -found.essentials, width)),
            (2, self._amount(_PRIORITY, -found.priority, width)),
            (2, self._amount(_OTHER, -found.other_debts, width)),
            (9, self._amount(_SPARE, found.surplus, width, "bold")),
            (1, self._amount(_BUFFER, -found.buffer, width)),
        ]
        if height > 9:
            rows.append((1, self._amount(_AFFORDABLE, found.affordable, width, "bold")))
        if height > 10 and plan is not None:
            rows.append((1, self._amount(_WORST, -plan.judgement.worst_payment, width)))
            rows.append((1, self._amount(_LEFT, plan.judgement.left_over, width)))
            rows.append((0, self._amount(_HEAD, plan.judgement.residual_per_head, width)))
        rows += [
            (9, self._gauge(plan, width)),
            *((8, row) for row in self._unknown(call, plan, width)),
            (4, self._stress(call, plan, width)),
            *((5, row) for row in self._rate(call, plan, width)),
        ]
        while len(rows) > max(height, 2):
            rows.remove(min(reversed(rows), key=lambda row: row[0]))
        return [row for _, row in rows]

    def _amount(self, name: tuple[str, str], amount: Money, width: int, style: str = "") -> Content:
        mark = symbols.CURSOR if name is _INCOME and self.has_focus else " "
        figure = formats.money(amount, self.language)
        return line((f"{mark}{columns.entry(self.say.label(*name), figure, width - 2)} ", style))

    def _gauge(self, plan: Plan | None, width: int) -> Content:
        if plan is None:
            return line(columns.left(f" {self.say('no plan to judge')}", width))
        share = plan.judgement.payment_share
        verdict = str(terms.verdict(plan.judgement.verdict, self.language))
        percent = (
            symbols.NOTHING if share is None else formats.percent(share, self.language, decimals=0)
        )
        bar = max(width - columns.width_of(verdict) - columns.width_of(percent) - 4, 4)
        drawn = symbols.gauge(
            share.numerator if share else 0, share.denominator if share else 0, bar
        )
        return line(f" {drawn} {percent} ", (verdict, VERDICT_STYLE[plan.judgement.verdict]))

    def _stress(self, call: Negotiation, plan: Plan | None, width: int) -> Content:
        """Say for each fall in income whether the plan still holds."""
        if plan is None:
            return line("")
        falls = zip(call.affordability.rules.shocks, plan.judgement.shocks_passed, strict=True)
        held = "".join(
            f" -{formats.points(fall, self.language, 0)}%{symbols.YES if passed else symbols.NO}"
            for fall, passed in falls
        )
        named = f" {self.say('Income')}{held}"
        return line(named if columns.width_of(named) <= width else held)

    def _unknown(self, call: Negotiation, plan: Plan | None, width: int) -> list[Content]:
        """Say how far the plan depends on unknown figures, and which one to ask for first."""
        certainty = plan.judgement.certainty if plan is not None else None
        unknown = self._asked
        if unknown is not None:
            figure = unknown.label or affordability.figure_name(unknown, self.language)
            said = (
                self.say("ask for {figure}", figure=figure)
                if certainty is None
                else self.say(
                    "{certainty}, ask: {figure}",
                    certainty=affordability.certainty(certainty, self.language),
                    figure=figure,
                )
            )
        elif certainty is not None:
            said = affordability.certainty(certainty, self.language)
        elif not call.case.budget.incomes or not call.case.budget.outgoings:
            said = self.say("figures missing: ask")
        else:
            return []
        return [line((columns.left(f" {said}", width), "bold"))]

    def _rate(self, call: Negotiation, plan: Plan | None, width: int) -> list[Content]:
        """Say whether the plan stands a higher rate, where its rate floats."""
        if plan is None or plan.judgement.passes_rate_shock is None:
            return []
        rise = formats.points(call.affordability.rules.rate_shock, self.language, 0)
        mark = symbols.YES if plan.judgement.passes_rate_shock else symbols.NO
        return [line(columns.left(f" {self.say('Rate')} +{rise}%{mark}", width))]

    def on_focus(self) -> None:
        """Show where the keys go now."""
        self.show_again()

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.show_again()

    def do_open_budget(self) -> None:
        """Ask for the budget."""
        self.post_message(self.Opened())
