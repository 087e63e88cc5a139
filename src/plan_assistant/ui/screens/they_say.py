"""What the borrower answers, and where each answer leads, priced before one is chosen.

The two answers that must stop a negotiation stand in the same list as the others, so that they are
found with the same reflex. Not here: what is recorded (`services/negotiate.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.services.negotiate import what_if
from plan_assistant.ui import actions, columns, dials
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.dials import Dial
from plan_assistant.ui.plan_rows import rhythm, then_payment
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import formats, terms
from plan_assistant.wording.course import plan_changes, plan_course
from plan_assistant.wording.words import Words

_STOPS = frozenset({"dispute", "hardship"})
_FIGURES, _COUNT = 25, 6
"""Cells for amount and number of a plan, the blank after them included; those of the number."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Where an answer leads: other terms, a dial, another plan, or an end of the offer."""

    objection: str
    wishes: Wishes | None = None
    dial: Dial | None = None
    select: int | None = None
    plan: Plan | None = None
    """What the counter-offer would be."""
    sentence: str = ""


def counters(call: Negotiation, say: Words) -> tuple[Counter, ...]:
    """Return where every answer of the pack leads, in its order."""
    return tuple(_counter(call, objection, say) for objection in call.policy.objections)


def _counter(call: Negotiation, objection: str, say: Words) -> Counter:
    match objection:
        case "dispute":
            return Counter(
                objection,
                sentence=say(
                    "They dispute the debt: stop the offer, "
                    "note what is disputed, and close with F7."
                ),
            )
        case "hardship":
            return Counter(
                objection,
                sentence=say(
                    "Stop asking for money: listen, note what happened (^N), "
                    "correct the budget, or close with F7."
                ),
            )
        case "other_payday":
            return Counter(
                objection, dial=Dial.DUE_DAY, sentence=say("Type the day on which they are paid.")
            )
        case "pay_more_later":
            return _less_at_first(call, objection, say)
    wishes = _asked(call, objection)
    if wishes is None:
        return Counter(
            objection, sentence=say("Noted. No dial answers this; say why, and offer another plan.")
        )
    return _priced(call, objection, wishes, say)


def _asked(call: Negotiation, objection: str) -> Wishes | None:
    """Return the dials that give the borrower what they ask for; None where no dial does."""
    plan, wishes, space = call.plan, call.wishes, call.policy.space
    assert plan is not None
    match objection:
        case "too_much":
            return wishes.with_monthly(call.debt.currency.money(_lower(call, plan)))
        case "nothing_today":
            return replace(wishes, down_payment=call.debt.currency.zero)
        case "not_before":
            first = plan.terms.first_due
            return None if first is None else replace(wishes, first_due=add_months(first, 1))
        case "sooner":
            fewer = max(space.min_periods, plan.schedule.number_of_payments * 3 // 4)
            return wishes.with_periods(fewer)
        case "one_payment":
            return wishes.with_periods(space.min_periods)
    return None


def _lower(call: Negotiation, plan: Plan) -> int:
    """Return what is affordable where that is less, else a tenth less, in round figures."""
    unit = call.debt.currency.units
    afford = call.affordability.share_for(call.debt_id).minor
    payment = dials.monthly_of(plan).minor
    lower = afford if 0 < afford < payment else payment * 9 // 10
    step = unit * 10 if lower > 200 * unit else unit
    return max(lower // step * step, 1)


def _less_at_first(call: Negotiation, objection: str, say: Words) -> Counter:
    """Lead to the plan that asks for little at first, where one is offered."""
    for index, plan in enumerate(call.offers.plans):
        is_low = Reason.LOW_FIRST in plan.reasons or plan.family is Family.STEP_UP
        if is_low or plan.grace_months:
            return Counter(objection, select=index, plan=plan)
    return Counter(
        objection, sentence=say("No plan that asks for less at first is within the rules here.")
    )


def _priced(call: Negotiation, objection: str, wishes: Wishes, say: Words) -> Counter:
    try:
        answered = what_if(call, wishes)
    except InvalidTerms:
        return Counter(
            objection, sentence=say("Noted. The dials cannot go further in this direction.")
        )
    return Counter(objection, wishes=wishes, plan=answered.plan)


class _Detail(Pane):
    """The plan that the marked answer leads to, with everything it changes."""

    def __init__(self) -> None:
        super().__init__(id="leads-to", classes="box")
        self._counter: Counter | None = None
        self._contract_rate = Fraction(0)

    def show(self, counter: Counter, contract_rate: Fraction) -> None:
        """Show where an answer leads."""
        self._counter, self._contract_rate = counter, contract_rate
        self.show_again()

    def titles(self) -> tuple[str, str]:
        """Return the kind of the plan."""
        plan = self._counter.plan if self._counter else None
        return "" if plan is None else terms.family(plan.family, self.language), ""

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return payments, changes, end and total, wrapped; what comes instead without a plan."""
        counter = self._counter
        if counter is None:
            return []
        text = counter.sentence or self.say("no plan answers this")
        if counter.plan is not None:
            text = "; ".join(self._parts(counter.plan))
        return [line(f" {row}") for row in columns.wrap(text, max(width - 2, 10))][:height]

    def _parts(self, plan: Plan) -> list[str]:
        language = self.language
        return [
            plan_course(plan, language),
            *plan_changes(plan, self._contract_rate, language),
            self.say("ends {day}", day=formats.day(plan.last_due, language)),
            self.say("in all {amount}", amount=formats.money(plan.total, language)),
        ]


class TheySayScreen(Overlay[Counter | None]):
    """The answers of the pack with the terms each leads to; a digit chooses."""

    ZONE = Zone.THEY_SAY
    BINDINGS = actions.bindings(Zone.THEY_SAY)

    def __init__(self, call: Negotiation) -> None:
        super().__init__()
        self._call = call
        self._counters: tuple[Counter, ...] = ()

    def content(self) -> ComposeResult:
        """Compose the list of answers."""
        with Vertical(id="they-say"):
            yield ChoiceList(
                id="answers",
                title=self._title,
                note=lambda: self.say("a digit chooses"),
                has_digits=True,
            )
            yield _Detail()

    def _title(self) -> str:
        plan = self._call.plan
        assert plan is not None
        return self.say(
            "They say ... to {plan}",
            plan=columns.shorten(plan_course(plan, self.language), 60),
        )

    def on_mount(self) -> None:
        """Price every answer and show them."""
        answers = self.query_one(ChoiceList)
        answers.add_class("box")
        self._counters = counters(self._call, self.say)
        answers.show([self._line(number) for number in range(len(self._counters))])
        answers.focus()
        self._explain()

    def on_choice_list_marked(self, event: ChoiceList.Marked) -> None:
        """Explain the answer that is marked now."""
        event.stop()
        self._explain()

    def _explain(self) -> None:
        index = self.query_one(ChoiceList).index
        self.query_one(_Detail).show(self._counters[index], self._call.debt.annual_rate)

    def _line(self, number: int) -> Item:
        def draw(width: int) -> str:
            counter = self._counters[number]
            answer = f'{number + 1}  "{terms.objection(counter.objection, self.language)}"'
            room = width - 44
            return columns.left(answer, max(room, 10)) + self._leads_to(
                counter, min(44, width - 10)
            )

        return draw

    def _leads_to(self, counter: Counter, width: int) -> str:
        if counter.objection in _STOPS:
            return columns.left(self.say("stops the offer"), width)
        if counter.dial is not None:
            name = self.say(dials.LABELS[counter.dial])
            return columns.left(self.say("choose: {dial}", dial=name), width)
        if counter.plan is None:
            return columns.left(self.say("no plan answers this"), width)
        plan = counter.plan
        verdict = str(terms.verdict(plan.judgement.verdict, self.language))
        authority = str(terms.authority(plan, self.language))
        return columns.left(f"{self._figures(plan)}{columns.left(authority, 9)}{verdict}", width)

    def _figures(self, plan: Plan) -> str:
        """Return amount and number; two amounts where the payments rise or fall later."""
        text, later = formats.money(rhythm(plan).level[0].amount, self.language), then_payment(plan)
        count = columns.left(f" x {plan.schedule.number_of_payments}", _COUNT)
        if later is not None:
            text = f"{text} > {formats.money(later, self.language)}"
        if columns.width_of(text) > _FIGURES - _COUNT - 1:
            return f"{columns.amount(text, _FIGURES - 1)} "
        return f"{columns.amount(text, _FIGURES - _COUNT - 1)}{count} "

    def _choose(self, index: int) -> None:
        self.dismiss(self._counters[index])

    def on_choice_list_digit(self, event: ChoiceList.Digit) -> None:
        """Choose by digit."""
        self._choose(event.index)

    def do_answer(self) -> None:
        """Choose the marked answer."""
        self._choose(self.query_one(ChoiceList).index)

    def do_no_answer(self) -> None:
        """Back; nothing is recorded."""
        self.dismiss(None)
