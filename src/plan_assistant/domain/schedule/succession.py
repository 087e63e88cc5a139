"""One plan after the other: what a restructuring or a settlement leaves, and the plan after it.

Not here: what events do to the rows of one plan (`servicing.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.components import (
    PRINCIPAL,
    DiscountSettlement,
    Restructured,
    restructure,
    settle_with_discount,
)
from plan_assistant.domain.schedule.drafting import draft_plan, lay_arrears
from plan_assistant.domain.schedule.engine import (
    refuse_broken_promises,
    refuse_skipped_end,
    refuse_uncovered_interest,
)
from plan_assistant.domain.schedule.event_days import (
    refuse_out_of_order,
    refuse_two_rates_on_a_day,
)
from plan_assistant.domain.schedule.events import Event, Payment, Restructuring, Settlement
from plan_assistant.domain.schedule.position import Position, position_on
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.servicing import apply
from plan_assistant.domain.schedule.terms import Amortization, Terms
from plan_assistant.domain.schedule.validation import validate


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """A plan with its events, from the day it began until another one took its place."""

    draft: Draft
    since: date | None = None
    """The day of the restructuring that made it; None for the first plan."""
    restructured: Restructured | None = None
    """What the steps of that restructuring did, one line each."""
    settlement: DiscountSettlement | None = None
    """What the payment that ended the debt covered, and what was forgiven."""

    @property
    def received(self) -> Money:
        """The money that this plan received."""
        return self.draft.terms.principal.currency.money(self.draft.received)


def replay(terms: Terms, events: Iterable[Event]) -> tuple[PlanInForce, ...]:
    """Return the plans that followed each other; the events come in the order of their days.

    Raises:
        InvalidTerms: an event makes no sense for the plan that it meets.
    """
    plans = [PlanInForce(_new_draft(terms))]
    waiting: list[Event] = []
    for event in events:
        if not isinstance(event, (Restructuring, Settlement)):
            waiting.append(event)
            continue
        _apply(plans[-1], waiting)
        waiting = []
        if plans[-1].since == event.day:
            reason = "another plan took the place of the old one on that day already"
            raise InvalidTerms("date", event.day, reason)
        owed = _owed(plans[-1], event.day)
        if isinstance(event, Restructuring):
            plans.append(_restructured(event, owed, plans[-1].draft.terms))
        else:
            plans.append(_settled(event, owed))
    _apply(plans[-1], waiting)
    return tuple(plans)


def _new_draft(terms: Terms) -> Draft:
    validate(terms)
    draft = draft_plan(terms)
    if terms.arrears:
        lay_arrears(draft)
    return draft


def _apply(plan: PlanInForce, events: list[Event]) -> None:
    """Apply the events of one plan and refuse what they make of it if it is no plan."""
    draft = plan.draft
    if plan.settlement is not None and events:
        reason = f"the debt was settled on {plan.since}; cancel the settlement first"
        raise InvalidTerms("events", type(events[0]).__name__, reason)
    refuse_two_rates_on_a_day(events)
    for event in events:
        refuse_out_of_order(event, draft)
        apply(draft, (event,))
    owed = draft.asked_down + sum(row.payment for row in draft.visible_rows())
    if draft.received > owed:
        money = draft.terms.principal.currency.money
        reason = f"all payments of the plan come to {money(int(owed)).plain}"
        raise InvalidTerms("amount", plan.received.plain, reason)
    refuse_skipped_end(draft)
    refuse_uncovered_interest(draft)


def _owed(plan: PlanInForce, day: date) -> dict[str, Money]:
    """Return what a plan owes on the day that ends it, by component."""
    if plan.settlement is not None:
        raise InvalidTerms("date", day, f"the debt was settled on {plan.since}")
    owed = position_on(plan.draft, day).components()
    overpaid = [name for name, amount in owed.items() if amount.minor < 0]
    if overpaid:
        reason = f"by that day more was paid than is owed on {overpaid[0]}"
        raise InvalidTerms("date", day, reason)
    return owed


def _restructured(event: Restructuring, owed: dict[str, Money], old: Terms) -> PlanInForce:
    currency = old.principal.currency
    if event.terms.principal.currency != currency:
        reason = f"the plan is in {currency.code}"
        raise InvalidTerms("principal", str(event.terms.principal), reason)
    if event.terms.start != event.day:
        reason = f"the new plan starts on the day of its restructuring, {event.day}"
        raise InvalidTerms("start", event.terms.start, reason)
    result = restructure(owed, event.steps, currency)
    draft = _new_draft(result.terms(event.terms))
    refuse_broken_promises(draft)
    return PlanInForce(draft, event.day, result)


def _settled(event: Settlement, owed: dict[str, Money]) -> PlanInForce:
    """Return the plan of the one row that the settlement pays."""
    principal = owed[PRINCIPAL]
    if event.amount.currency != principal.currency:
        raise InvalidTerms("amount", str(event.amount), f"the plan is in {principal.currency.code}")
    if event.amount.minor <= 0:
        raise InvalidTerms("amount", event.amount.plain, "an amount is above zero")
    settlement = settle_with_discount(owed, event.amount, event.order)
    paid = settlement.paid[PRINCIPAL]
    terms = Terms(
        principal=paid,
        arrears=event.amount - paid,
        annual_rate=Fraction(0),
        periods=1,
        start=None,
        first_due=event.day,
        amortization=Amortization.SINGLE_PAYMENT,
    )
    draft = _new_draft(terms)
    apply(draft, [Payment(event.day, event.amount)])
    return PlanInForce(draft, event.day, settlement=settlement)


def position_in(plan: PlanInForce, day: date) -> Position:
    """Return what a plan owes on a day; nothing after a settlement."""
    if plan.settlement is None:
        return position_on(plan.draft, day)
    zero = plan.draft.terms.principal.currency.zero
    return Position(day, zero, zero, zero, zero, zero)
