"""One plan after the other: what a restructuring or a settlement leaves, and the plan after it.

Not here: what events do to the rows of one plan (`servicing.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, Rounding, round_fraction
from plan_assistant.domain.schedule.allocation import PRINCIPAL
from plan_assistant.domain.schedule.booking import books_the_whole_debt
from plan_assistant.domain.schedule.components import (
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
from plan_assistant.domain.schedule.event_order import EventQueue
from plan_assistant.domain.schedule.events import (
    Event,
    FeeCharged,
    InterestUntil,
    Payment,
    Payoff,
    Restructuring,
    Settlement,
)
from plan_assistant.domain.schedule.lines import Cash, Excess
from plan_assistant.domain.schedule.position import Position, lines_due, position_on
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.servicing import apply
from plan_assistant.domain.schedule.terms import Amortization, PeriodInterest, Terms
from plan_assistant.domain.schedule.validation import validate

_NEED_NO_DEBT = (Payment, FeeCharged, Payoff)
"""Money is judged by the debt of its day; a fee makes one; a quote changes nothing."""


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """A plan with its events, from the day it began until another one took its place."""

    draft: Draft
    since: date | None = None
    """The day of the restructuring that made it; None for the first plan."""
    restructured: Restructured | None = None
    """What the steps of that restructuring did, one line each."""
    settlement: DiscountSettlement | None = None
    """What the payment that ended the debt covered, and what was forgiven: nothing where it paid
    all that was owed."""
    fees_ended: Money | None = None
    """Fees for later days of the plan before it, which nobody owed yet and which ended with it;
    None for the first plan."""

    @property
    def received(self) -> Money:
        """The money that this plan received."""
        return self.draft.terms.principal.currency.money(self.draft.received)


class Replayed(NamedTuple):
    """The plans that followed each other, and the day on which the last event acted."""

    plans: tuple[PlanInForce, ...]
    last_day: date


def replay(terms: Terms, events: Sequence[Event], until: date = date.max) -> Replayed:
    """Return the plans that followed each other, by what had acted at the end of a day.

    Raises:
        InvalidTerms: an event makes no sense for the plan that it meets.
    """
    queue = EventQueue(events)
    refuse_two_rates_on_a_day(events)
    plans, last_day = [PlanInForce(_new_draft(terms))], date.min
    while (taken := queue.take(plans[-1].draft, until)) is not None:
        day, event = taken
        last_day = max(day, last_day)
        following = _following(plans[-1], event, day)
        if following is None:
            continue
        _refuse_impossible_grants(queue, plans[-1].draft, following.draft)
        plans.append(following)
    if until == date.max:
        # A plan that a later event mends need not be one before it.
        _check(plans[-1])
    return Replayed(tuple(plans), last_day)


def _refuse_impossible_grants(queue: EventQueue, ended: Draft, new: Draft) -> None:
    """Judge what was granted for due dates that only the ended plan had, and that never came.

    It would have acted after that plan had ended, so it changes nothing that was owed by then.
    """
    going_on = ended
    while (granted := queue.take_of_ended(going_on, new)) is not None:
        if going_on is ended:
            going_on = deepcopy(ended, {id(ended.terms): ended.terms})
        refuse_out_of_order(granted, going_on)
        apply(going_on, [granted])


def _new_draft(terms: Terms) -> Draft:
    validate(terms)
    draft = draft_plan(terms)
    if terms.arrears:
        lay_arrears(draft)
    return draft


def _following(plan: PlanInForce, event: Event, day: date) -> PlanInForce | None:
    """Let an event act on a plan from a day on; return what takes its place, if anything does."""
    if not isinstance(event, (Restructuring, Settlement)):
        return _apply(plan, event, day)
    _check(plan)
    if plan.since == event.day:
        reason = "another plan took the place of the old one on that day already"
        raise InvalidTerms("date", event.day, reason)
    owed = _owed(plan, event.day)
    if isinstance(event, Restructuring):
        return _restructured(event, owed, plan.draft)
    return _settled(event, owed, plan.draft)


def _apply(plan: PlanInForce, event: Event, day: date) -> PlanInForce | None:
    """Apply an event to a plan from a day on; return what takes its place if a payment ends it.

    Raises InvalidTerms for an event after the end, and for a payment of more than is owed.
    """
    draft = plan.draft
    if plan.settlement is not None:
        reason = f"the debt was settled on {plan.since}; cancel what settled it first"
        raise InvalidTerms("events", type(event).__name__, reason)
    refuse_out_of_order(event, draft)
    if draft.received >= draft.principal and not isinstance(event, _NEED_NO_DEBT):
        _refuse_if_nothing_is_owed(draft, day)
    if (
        not isinstance(event, Payment)
        or _is_far_from_the_end(draft, event)
        or not _has_begun(draft, event.day)
    ):
        apply(draft, [event])
        return None
    owed = position_on(draft, event.day)
    if _ends(draft, event, owed):
        return _settled(Settlement(event.day, event.amount), owed.components(), draft)
    apply(draft, [event])
    if event.amount > owed.total - owed.ahead:
        debt = owed.total + _fees_to_come(draft, event.day) - owed.ahead
        if event.amount > debt:
            reason = f"it is more than the debt of {debt.plain} on {event.day}"
            raise InvalidTerms("amount", event.amount.plain, reason)
    return None


def _refuse_if_nothing_is_owed(draft: Draft, day: date) -> None:
    """Refuse to change a contract under which everything was paid, though its rows are to come."""
    if not position_on(draft, day).total:
        raise InvalidTerms("date", day, "nothing is owed any more on that day")


def _is_far_from_the_end(draft: Draft, event: Payment) -> bool:
    """Say whether all money together is less than the principal, so that more than this is owed."""
    return draft.received + event.amount.minor < draft.principal


def _has_begun(draft: Draft, day: date) -> bool:
    """Say whether a plan has dates and runs on a day."""
    start = draft.lines[0].period.start
    return start is not None and start <= day


def _ends(draft: Draft, event: Payment, owed: Position) -> bool:
    """Say whether a payment of all that is owed on its day ends a plan whose rows go on.

    They do where a period counts as a whole whatever is paid inside it, where rows would ask for
    another amount than was received, and where the installment that books it would leave a rest.
    """
    if event.amount != owed.total:
        return False
    if event.excess is not Excess.ADVANCE:
        return not books_the_whole_debt(draft, event)
    is_whole = draft.terms.conventions.period_interest is PeriodInterest.SAME_AS_PERIOD
    if is_whole and any(
        line.period.start is not None
        and line.period.end is not None
        and line.period.start < event.day < line.period.end
        for line in draft.lines
    ):
        return True
    cash = [*draft.cash, Cash(event.day, event.amount.minor)]
    paid = replace(
        draft,
        cash=sorted(cash, key=lambda received: received.day),
        received=draft.received + event.amount.minor,
        rows=[],
        states=[],
    )
    return _asked(paid) != paid.received


def _fees_to_come(draft: Draft, day: date) -> Money:
    """Return the fees of rows after a day that are not owed yet; money ahead may cover them."""
    to_come = draft.lines[lines_due(draft, day) :]
    fees = sum(line.fee - line.fee_owed_on(day) for line in to_come)
    return draft.terms.principal.currency.money(int(fees))


def _asked(draft: Draft) -> int:
    """Return all payments of a plan, rounded half up where nothing else is."""
    asked = draft.asked_down + sum(row.payment for row in draft.visible_rows())
    return round_fraction(Fraction(asked), Rounding.HALF_UP)


def _check(plan: PlanInForce) -> None:
    """Refuse what events made of a plan if it is no plan."""
    asked = _asked(plan.draft)
    if plan.draft.received > asked:
        money = plan.draft.terms.principal.currency.money
        reason = f"all payments of the plan come to {money(asked).plain}"
        raise InvalidTerms("amount", plan.received.plain, reason)
    refuse_skipped_end(plan.draft)
    refuse_uncovered_interest(plan.draft)


def _owed(plan: PlanInForce, day: date) -> dict[str, Money]:
    """Return what a plan owes on the day that ends it, by component."""
    if plan.settlement is not None:
        raise InvalidTerms("date", day, f"the debt was settled on {plan.since}")
    position = position_on(plan.draft, day)
    if position.ahead:
        reason = f"by that day {position.ahead.plain} more was paid than is owed"
        raise InvalidTerms("date", day, reason)
    return position.components()


def _restructured(event: Restructuring, owed: dict[str, Money], old: Draft) -> PlanInForce:
    currency = old.terms.principal.currency
    if event.terms.principal.currency != currency:
        reason = f"the plan is in {currency.code}"
        raise InvalidTerms("principal", str(event.terms.principal), reason)
    if event.terms.start != event.day:
        reason = f"the new plan starts on the day of its restructuring, {event.day}"
        raise InvalidTerms("start", event.terms.start, reason)
    result = restructure(owed, event.steps, currency)
    draft = _new_draft(result.terms(event.terms))
    refuse_broken_promises(draft)
    ended = _fees_to_come(old, event.day)
    return PlanInForce(draft, event.day, restructured=result, fees_ended=ended)


def _settled(event: Settlement, owed: dict[str, Money], old: Draft) -> PlanInForce:
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
    ended = _fees_to_come(old, event.day)
    return PlanInForce(draft, event.day, settlement=settlement, fees_ended=ended)


def position_in(
    plan: PlanInForce, day: date, until: InterestUntil = InterestUntil.DATE
) -> Position:
    """Return what a plan owes on a day; nothing after a settlement."""
    if plan.settlement is None:
        return position_on(plan.draft, day, until)
    zero = plan.draft.terms.principal.currency.zero
    return Position(day, zero, zero, zero, zero, zero, zero, zero)
