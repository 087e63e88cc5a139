"""What the borrower answers, and where each answer leads, priced before one is chosen.

The two answers that must stop a negotiation stand in the same list as the others, so that they are
found with the same reflex. Not here: what is recorded (`services/negotiate.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.app import ComposeResult

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Plan, Reason
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.services.negotiate import what_if
from plan_assistant.ui import actions, columns, dials
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.dials import Dial
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.wording import formats, terms
from plan_assistant.wording.words import Words

_STOPS = frozenset({"dispute", "hardship"})


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
            return _relief(call, objection, say)
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
    payment = plan.payment.minor
    lower = afford if 0 < afford < payment else payment * 9 // 10
    step = unit * 10 if lower > 200 * unit else unit
    return max(lower // step * step, 1)


def _relief(call: Negotiation, objection: str, say: Words) -> Counter:
    """Lead to the plan that asks for little at first, where one is offered."""
    for index, plan in enumerate(call.offers.plans):
        if Reason.RELIEF_FIRST in plan.reasons or plan.grace_months:
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
        yield ChoiceList(
            id="answers",
            title=self._title,
            note=lambda: self.say("a digit chooses"),
            has_digits=True,
        )

    def _title(self) -> str:
        plan = self._call.plan
        assert plan is not None
        return self.say(
            "They say ... to {amount} x {count}",
            amount=formats.money(plan.payment, self.language),
            count=plan.schedule.number_of_payments,
        )

    def on_mount(self) -> None:
        """Price every answer and show them."""
        answers = self.query_one(ChoiceList)
        answers.add_class("box")
        self._counters = counters(self._call, self.say)
        answers.show([self._line(number) for number in range(len(self._counters))])
        answers.focus()

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
        amount = formats.money(plan.payment, self.language)
        terms_of = f"{columns.amount(amount, 17)} x {plan.schedule.number_of_payments}"
        verdict = str(terms.verdict(plan.judgement.verdict, self.language))
        authority = str(terms.authority(plan, self.language))
        return columns.left(
            f"{columns.left(terms_of, 23)}{columns.left(authority, 10)}{verdict}", width
        )

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
