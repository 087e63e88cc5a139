"""Applies events to a draft, one after the other, in the order given (golden/SCHEMA section 6).

Not here: re-age and re-amortize (`restructuring.py`), sorting events by date (`event_order.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import singledispatch

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.booking import bookable, line_to_book
from plan_assistant.domain.schedule.drafting import add_fee
from plan_assistant.domain.schedule.events import (
    Event,
    ExtendTerm,
    FeeCharged,
    InterestGrace,
    InterestPause,
    InterestUntil,
    MoveDueDate,
    Payment,
    Payoff,
    Prepayment,
    RateChange,
    ReAge,
    ReAmortize,
)
from plan_assistant.domain.schedule.level import plan_from
from plan_assistant.domain.schedule.lines import (
    Booking,
    Cash,
    Excess,
    Line,
    Minor,
    PayoffQuote,
    Row,
)
from plan_assistant.domain.schedule.money_ahead import accrued_until
from plan_assistant.domain.schedule.named_lines import (
    first_line_due_from,
    first_line_from,
    line_due_on,
    numbered,
)
from plan_assistant.domain.schedule.periods import (
    Period,
    consecutive_periods,
    grid,
    is_skipped,
    periods_on_grid,
)
from plan_assistant.domain.schedule.restructuring import fix_anew, re_age, re_amortize
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.terms import Amortization, RateChangePayment
from plan_assistant.domain.schedule.validation import MAX_PERIODS, check_last_year, check_rate

_BOOKED = {
    Excess.SHORTEN: "to shorten the plan",
    Excess.LOWER: "to lower the payments after it",
    Excess.SKIP: "to skip principal after it",
}


def apply(draft: Draft, events: Iterable[Event]) -> None:
    """Apply events in the order given; raises InvalidTerms for one that makes no sense."""
    for event in events:
        _apply(event, draft)


@singledispatch
def _apply(event: object, draft: Draft) -> None:
    raise InvalidTerms("events", event, "no such event")


def _positive(draft: Draft, amount: Money) -> int:
    """Return an amount in minor units; raises InvalidTerms unless it is one of the plan's."""
    currency = draft.terms.principal.currency
    if amount.currency != currency:
        raise InvalidTerms("amount", str(amount), f"the plan is in {currency.code}")
    if amount.minor <= 0:
        raise InvalidTerms("amount", amount.plain, "an amount is above zero")
    return amount.minor


def _shown(draft: Draft, minor: Minor) -> str:
    """Return an amount for a sentence."""
    return draft.terms.principal.currency.money(int(minor)).plain


def _refuse_given(draft: Draft, index: int, field: str, value: object) -> None:
    """Raise InvalidTerms where a lower payment is asked for and the plan computes none."""
    terms = draft.terms
    rest = [line for line in draft.lines[index:] if line.fixed is None and not line.is_fee_only]
    if terms.amortization is Amortization.EQUAL_INSTALLMENT:
        is_given = not any(line.is_level for line in rest)
    else:
        is_given = terms.principal_payment is not None
    if rest and is_given:
        raise InvalidTerms(field, value, "its payments are given: none is computed anew")


def _refuse_closed(draft: Draft, index: int, field: str, value: object) -> None:
    """Raise InvalidTerms where money is named to a row that a re-age or the like has closed."""
    if draft.lines[index].closed_with is not None:
        reason = f"installment {index + 1} was closed when unpaid ones were planned anew"
        raise InvalidTerms(field, value, reason)


def _refuse_fixed(draft: Draft, lines: list[Line], field: str, value: object) -> None:
    """Raise InvalidTerms where an event would change interest that a re-age has fixed."""
    for line in lines:
        if line.fixed is not None:
            number = draft.lines.index(line) + 1
            reason = f"the interest of installment {number} was fixed on {line.fixed.since}"
            raise InvalidTerms(field, value, reason)


def replan(draft: Draft, index: int, day: date | None = None) -> None:
    """Compute the targets again from a line on and remember the payment.

    Args:
        draft: the plan.
        index: the first line to plan anew.
        day: the day on which that is done; None is the start of the line's period.
    """
    if any(line.fixed is not None for line in draft.lines[index:]):
        day = day or draft.lines[index].period.start
        assert day is not None
        fix_anew(draft, index, day)
        return
    payment = plan_from(draft, index)
    if payment is not None:
        draft.new_payment = payment


@_apply.register
def _(event: Payment, draft: Draft) -> None:
    amount = _positive(draft, event.amount)
    start = draft.terms.start
    if start is not None and event.day < start:
        raise InvalidTerms("date", event.day, f"the payment lies before the start, {start}")
    if draft.lines[0].period.end is None or (draft.down is not None and start is None):
        raise InvalidTerms("date", event.day, "a plan without dates takes no dated payment")
    if event.excess is Excess.ADVANCE:
        _receive(draft, Cash(event.day, amount))
        return
    index = line_to_book(draft, event)
    _refuse_closed(draft, index, "date", event.day)
    if event.excess is Excess.LOWER:
        _refuse_given(draft, index + 1, "excess", event.excess.value)
    earlier, number = draft.lines[index].booked, index + 1
    if earlier is not None and earlier.excess is not event.excess:
        shown, how = _shown(draft, earlier.amount), _BOOKED[earlier.excess]
        reason = f"installment {number} has booked {shown} {how}"
        raise InvalidTerms("excess", event.excess.value, reason)
    booked = amount + (earlier.amount if earlier is not None else 0)
    least, most = bookable(draft, index)
    if booked < least:
        due = _shown(draft, least)
        reason = f"it does not cover the interest and fees of {due} in installment {number}"
        raise InvalidTerms("amount", event.amount.plain, reason)
    draft.lines[index].booked = Booking(booked, event.excess)
    draft.forget(index)
    # Extra principal of the row comes on top of what it books.
    asked = draft.run(index + 1)[index].payment - draft.lines[index].extra_principal
    is_over = draft.states[index + 1].is_over
    if is_over:
        # What a grace held, or closed installments left to rows to come, is asked for with it.
        most = max(most, asked)
    if booked > most:
        debt = _shown(draft, most)
        raise InvalidTerms("amount", event.amount.plain, f"it is more than the debt of {debt}")
    if is_over and booked < asked:
        reason = f"all principal is repaid with no less than {_shown(draft, asked)}"
        raise InvalidTerms("amount", event.amount.plain, reason)
    _receive(draft, Cash(event.day, amount))
    if event.excess is Excess.LOWER and index + 1 < len(draft.lines):
        replan(draft, index + 1)


def _receive(draft: Draft, cash: Cash) -> None:
    draft.cash.append(cash)
    draft.cash.sort(key=lambda received: received.day)
    draft.received += cash.amount
    ends = [line.period.end for line in draft.lines]
    draft.forget(
        next(
            (index for index, end in enumerate(ends) if end is not None and end >= cash.day),
            len(ends),
        )
    )


@_apply.register
def _(event: Prepayment, draft: Draft) -> None:
    if event.strategy not in {Excess.SHORTEN, Excess.LOWER}:
        reason = "extra principal shortens the plan or lowers its payments"
        raise InvalidTerms("strategy", event.strategy.value, reason)
    index = numbered(draft, event.number)
    _refuse_closed(draft, index, "instalment", event.number)
    if event.strategy is Excess.LOWER:
        _refuse_given(draft, index + 1, "strategy", event.strategy.value)
    amount = _positive(draft, event.amount)
    row = draft.run(index + 1)[index]
    if amount > row.balance:
        left = _shown(draft, row.balance)
        reason = f"the balance after installment {event.number} is {left}"
        raise InvalidTerms("amount", event.amount.plain, reason)
    draft.lines[index].extra_principal += amount
    draft.forget(index)
    if event.strategy is Excess.LOWER and index + 1 < len(draft.lines):
        replan(draft, index + 1)


@_apply.register
def _(event: RateChange, draft: Draft) -> None:
    check_rate("annual_rate", event.annual_rate)
    index = first_line_from(draft, event.day, "date")
    _refuse_fixed(draft, draft.lines[index:], "annual_rate", event.annual_rate)
    draft.accrual.change_rate(event.day, event.annual_rate)
    draft.rates_changed(index)
    if draft.terms.conventions.rate_change_payment is RateChangePayment.RECOMPUTE:
        replan(draft, index)


@_apply.register
def _(event: InterestPause, draft: Draft) -> None:
    if event.last < event.first:
        raise InvalidTerms("end_date", event.last, f"the pause starts later, on {event.first}")
    index = first_line_from(draft, event.first, "date")
    paused = [
        line
        for line in draft.lines[index:]
        if line.period.start is not None and line.period.start < event.last
    ]
    _refuse_fixed(draft, paused, "date", event.first)
    draft.accrual.pause(event.first, event.last)
    draft.rates_changed(index)


@_apply.register
def _(event: MoveDueDate, draft: Draft) -> None:
    index = line_due_on(draft, event.from_due, "from_due_date")
    start = draft.lines[index].period.start
    if start is None or event.to <= start:
        raise InvalidTerms("to_date", event.to, f"it is not after the start of its period, {start}")
    check_last_year("to_date", event.to, event.to, len(draft.lines) - index, draft.terms.frequency)
    fees = _take_fee_lines(draft)
    due_day = event.to.day if draft.due_day is not None else None
    dues = grid(draft.terms, event.to, len(draft.lines) - index, due_day)
    # The moved period is odd; the later ones lie on the new grid.
    periods = consecutive_periods(draft.terms, start, dues, regular=False, due_day=due_day)
    for line, period in zip(draft.lines[index:], periods, strict=True):
        line.period = period
        line.is_skipped = is_skipped(draft.terms, period)
    draft.due_day = due_day
    draft.rates_changed(index)
    _put_fee_lines(draft, fees)


@_apply.register
def _(event: ExtendTerm, draft: Draft) -> None:
    index = first_line_due_from(draft, event.from_due, "from_due_date")
    if event.extra_periods < 1 or len(draft.lines) + event.extra_periods > MAX_PERIODS:
        raise InvalidTerms(
            "extra_periods", event.extra_periods, f"1 up to {MAX_PERIODS} installments in all"
        )
    if not event.keeps_payment:
        _refuse_given(draft, index, "keeps_payment", event.keeps_payment)
    fees = _take_fee_lines(draft)
    last = draft.lines[-1]
    end, last_due = last.period.end, last.period.nominal_due
    assert end is not None
    assert last_due is not None
    extra = event.extra_periods
    check_last_year("extra_periods", extra, last_due, extra + 1, draft.terms.frequency)
    first_new = grid(draft.terms, last_due, 2, draft.due_day)[1]
    periods = periods_on_grid(draft.terms, end, first_new, event.extra_periods, draft.due_day)
    draft.lines += [_added_line(draft, last, period) for period in periods]
    draft.forget(index)
    if not event.keeps_payment:
        replan(draft, index, event.day or event.from_due)
    _put_fee_lines(draft, fees)


def _added_line(draft: Draft, last: Line, period: Period) -> Line:
    return Line(
        period=period,
        payment=last.payment,
        is_level=last.is_level,
        principal=last.principal,
        is_skipped=is_skipped(draft.terms, period),
    )


def _take_fee_lines(draft: Draft) -> list[Line]:
    """Remove and return the rows that exist only for a fee; a longer plan may take their fees."""
    fees = [line for line in draft.lines if line.is_fee_only]
    draft.lines = [line for line in draft.lines if not line.is_fee_only]
    draft.forget(len(draft.lines))
    return fees


def _put_fee_lines(draft: Draft, fees: list[Line]) -> None:
    for line in fees:
        for part in line.owed_fees:
            add_fee(draft, part.amount, due=line.period.end, number=None, since=part.since)


@_apply.register
def _(event: InterestGrace, draft: Draft) -> None:
    if event.periods < 1:
        raise InvalidTerms("interest_periods", event.periods, "a grace has at least one period")
    index = first_line_due_from(draft, event.from_due, "from_due_date")
    graced = draft.lines[index : index + event.periods]
    _refuse_fixed(draft, graced, "from_due_date", event.from_due)
    for line in graced:
        line.collects_interest = False
    draft.forget(index)


@_apply.register
def _(event: FeeCharged, draft: Draft) -> None:
    amount = _positive(draft, event.amount)
    if event.number is not None:
        numbered(draft, event.number)
    elif event.due is None:
        raise InvalidTerms("due_date", None, "a fee names a day or an installment")
    add_fee(draft, amount, due=event.due, number=event.number, since=event.day)


@_apply.register
def _(event: ReAge, draft: Draft) -> None:
    re_age(draft, event, replan)


@_apply.register
def _(event: ReAmortize, draft: Draft) -> None:
    re_amortize(draft, event, replan)


@_apply.register
def _(event: Payoff, draft: Draft) -> None:
    draft.quote = quote_payoff(draft, event.day, event.until)


def quote_payoff(draft: Draft, day: date, until: InterestUntil) -> PayoffQuote:
    """Return what settles the plan on a day: the balance before the running period, its interest.

    The running period is the one that ends on the day or contains it. A plan whose periods count by
    their frequency charges a broken period by the day count. Between a due date on a holiday and
    the day of payment, principal and interest of the installment that waits for it are owed too.
    """
    start = draft.lines[0].period.start
    if start is None:
        raise InvalidTerms("date", day, "a plan without dates has no payoff day")
    if day < start:
        raise InvalidTerms("date", day, f"the payoff lies before the start, {start}")
    waiting = _waiting(draft, day)
    last = draft.last_line()
    end = draft.lines[last].period.end
    assert end is not None
    interest: Minor = 0
    if waiting and end < day:
        # The last installment waits; no period is running any more.
        principal = draft.run()[last].balance
    else:
        index = first_line_from(draft, day, "date")
        state, line = draft.state_before(index), draft.lines[index]
        reached = line.period.end if until is InterestUntil.PERIOD_END else day
        assert reached is not None
        principal = state.balance
        interest = draft.round(accrued_until(draft, line, state, reached))
    for row in waiting:
        principal += row.principal
        interest += row.interest
    return PayoffQuote(day, principal, interest)


def _waiting(draft: Draft, day: date) -> list[Row]:
    """Return the installments whose period ended before a day and whose day of payment did not."""
    return [
        draft.run(index + 1)[index]
        for index, line in enumerate(draft.lines)
        if line.period.end is not None
        and line.period.due is not None
        and line.period.end < day <= line.period.due
        and not line.is_fee_only
    ]


def paid_by_row(payments: Iterable[Minor], received: Minor) -> list[Minor]:
    """Return how much of each row's payment money received covers; it fills them in order."""
    covered: list[Minor] = []
    for payment in payments:
        part = min(payment, received)
        covered.append(part)
        received -= part
    return covered
