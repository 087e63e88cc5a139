"""Re-age and re-amortize: unpaid installments close and the rest is planned anew (SCHEMA 6.11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plan_assistant.domain.calendar import Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule.carried import equal_parts
from plan_assistant.domain.schedule.events import (
    ReAge,
    ReAgeInterest,
    ReAmortize,
    ReAmortizeInterest,
)
from plan_assistant.domain.schedule.lines import Line, Minor
from plan_assistant.domain.schedule.periods import (
    Period,
    dated_period,
    is_skipped,
    periods_on_grid,
)
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.terms import Amortization
from plan_assistant.domain.schedule.validation import MAX_PERIODS, check_last_year

Replan = Callable[[Draft, int], None]


@dataclass(frozen=True, slots=True)
class _Closure:
    """What is left when installments that are due and unpaid close."""

    first_new: int
    """Index of the first line after the closed ones."""
    start: date
    """The end of the last closed period, from which the first new one runs."""
    outstanding: Minor
    overdue_interest: Minor
    fees: Minor
    """Fees of the closed rows."""
    carried: int
    """Carried arrears of the closed rows."""


def re_age(draft: Draft, event: ReAge, replan: Replan) -> None:
    """Replace everything unpaid by `event.periods` rows from `event.first_due` on."""
    if not 1 <= event.periods <= MAX_PERIODS:
        raise InvalidTerms("periods", event.periods, f"1 to {MAX_PERIODS} installments")
    frequency = draft.terms.frequency
    check_last_year("first_due_date", event.first_due, event.first_due, event.periods, frequency)
    full_interest: Minor = 0
    if event.interest is ReAgeInterest.FULL_REMAINING:
        full_interest = _interest_of_unpaid_rows(draft, event.day)
    closure = _close(draft, event.day)
    if event.first_due <= closure.start:
        raise InvalidTerms("first_due_date", event.first_due, f"it is not after {closure.start}")
    if event.first_due < event.day:
        raise InvalidTerms("first_due_date", event.first_due, f"it lies before {event.day}")
    to_date: Minor = 0
    if event.interest is ReAgeInterest.PAYABLE_TO_DATE:
        to_date = _interest_to_date(draft, closure, event.day)
    draft.due_day = event.first_due.day if draft.terms.frequency.unit is Unit.MONTHS else None
    periods = periods_on_grid(
        draft.terms, closure.start, event.first_due, event.periods, draft.due_day
    )
    carried = closure.carried + sum(line.carried for line in draft.lines[closure.first_new :])
    draft.lines[closure.first_new :] = [_new_line(draft, period) for period in periods]
    draft.forget(closure.first_new)
    new = draft.lines[closure.first_new :]
    _carry_on(draft, new, carried)
    if event.interest is ReAgeInterest.RECALCULATED:
        new[0].added_interest = closure.overdue_interest
        replan(draft, closure.first_new)
        return
    interest = full_interest
    if event.interest is ReAgeInterest.PAYABLE_TO_DATE:
        held = draft.round(draft.state_before(closure.first_new).held)
        interest = held + closure.overdue_interest + to_date
    for line, principal, part in zip(
        new,
        _equal(draft, closure.outstanding, len(new)),
        _equal(draft, interest, len(new)),
        strict=True,
    ):
        line.fixed = (principal, part)


def re_amortize(draft: Draft, event: ReAmortize, replan: Replan) -> None:
    """Spread everything unpaid over the remaining due dates."""
    closure = _close(draft, event.day)
    dropped = _drop_past_lines(draft, closure, event.day)
    new = [line for line in draft.lines[closure.first_new :] if not line.is_fee_only]
    if not new:
        raise InvalidTerms("date", event.day, "no installment is left after that day")
    _carry_on(draft, new, closure.carried + dropped)
    if event.interest is ReAmortizeInterest.RECALCULATED:
        new[0].added_interest += closure.overdue_interest
        replan(draft, closure.first_new)
        return
    replan(draft, closure.first_new)
    share = Fraction(closure.overdue_interest) / len(new)
    part = draft.round(share)
    for line in new:
        line.overdue_share = share
        if line.payment is not None:
            line.payment += part
    for line in draft.lines[: closure.first_new]:
        if line.closed_with is not None:
            line.fee = 0
    for line, fee in zip(new, _equal(draft, closure.fees, len(new)), strict=True):
        line.fee += fee
    draft.new_payment = new[0].payment if new[0].payment is not None else draft.new_payment
    draft.forget(0)


def _close(draft: Draft, day: date) -> _Closure:
    """Close the installments due up to a day that are not fully paid."""
    rows = draft.run()
    start = draft.lines[0].period.start
    if start is None:
        raise InvalidTerms("date", day, "a plan without dates has nothing overdue")
    received = _received_beyond_down(draft, day)
    first_new = 0
    first_closed: int | None = None
    ahead: Minor = 0
    for index, row in enumerate(rows):
        is_over = draft.states[index].is_over or draft.lines[index].is_fee_only
        if row.due is None or row.due > day or is_over:
            break
        end = draft.lines[index].period.end
        assert end is not None
        start, first_new = end, index + 1
        is_old = draft.lines[index].closed_with is not None
        if first_closed is None and received < row.payment and not is_old:
            first_closed, ahead = index, received
        received = max(0, received - row.payment)
    if first_closed is None:
        return _Closure(first_new, start, draft.state_before(first_new).balance, 0, 0, 0)
    outstanding = draft.state_before(first_closed).balance - ahead
    overdue: Minor = 0
    fees: Minor = 0
    carried = 0
    for line in draft.lines[first_closed:first_new]:
        if line.accrues:
            overdue += draft.round(draft.accrual.whole(line.period) * outstanding)
        overdue += line.added_interest
        line.added_interest = 0
        fees += line.fee
        carried += line.carried
        line.carried = 0
        line.closed_with = 0
    draft.lines[first_closed].closed_with = ahead
    draft.forget(first_closed)
    return _Closure(first_new, start, outstanding, overdue, fees, carried)


def _received_beyond_down(draft: Draft, day: date) -> Minor:
    """Return the money received by a day that a down payment leaves to the installments."""
    nothing: Minor = 0
    received = sum(cash.amount for cash in draft.cash if cash.day <= day)
    return max(nothing, received - draft.asked_down)


def _drop_past_lines(draft: Draft, closure: _Closure, day: date) -> int:
    """Drop lines due up to a day that come after an early end; return the arrears they carried.

    Nothing is asked for in the past; the first remaining period runs over their time.
    """
    rest = draft.lines[closure.first_new :]
    kept = [line for line in rest if line.period.due is not None and line.period.due > day]
    if len(kept) == len(rest):
        return 0
    carried = sum(line.carried for line in rest) - sum(line.carried for line in kept)
    draft.lines[closure.first_new :] = kept
    if kept and not kept[0].is_fee_only:
        nominal_due = kept[0].period.nominal_due
        assert nominal_due is not None
        kept[0].period = dated_period(
            draft.terms, closure.start, nominal_due, regular=False, due_day=draft.due_day
        )
        kept[0].weight = None
    draft.forget(closure.first_new)
    return carried


def _interest_of_unpaid_rows(draft: Draft, day: date) -> Minor:
    """Return the interest of all rows that money received does not fully cover, as of a day."""
    as_of, draft.as_of = draft.as_of, day
    draft.forget(0)
    rows = draft.run()
    received = _received_beyond_down(draft, day)
    interest: Minor = 0
    for row in rows:
        if received < row.payment:
            interest += row.interest
        received = max(0, received - row.payment)
    draft.as_of = as_of
    draft.forget(0)
    return interest


def _interest_to_date(draft: Draft, closure: _Closure, day: date) -> Minor:
    """Return the interest on the outstanding principal from the last closed due date to a day.

    After the last due date no period is running; the days since then count by the day count.
    """
    if day <= closure.start:
        return 0
    weight, reached = Fraction(0), closure.start
    for line in draft.lines[closure.first_new :]:
        end, due = line.period.end, line.period.due
        if line.is_fee_only or end is None or due is None or due < day or reached >= day:
            break
        weight += draft.accrual.until(line.period, day) if line.accrues else 0
        reached = end
    if reached < day:
        weight += draft.accrual.between(reached, day)
    return draft.round(weight * closure.outstanding)


def _carry_on(draft: Draft, lines: list[Line], total: int) -> None:
    """Let new rows collect carried arrears of closed ones in equal parts."""
    if not total:
        return
    part, last = equal_parts(total, len(lines), draft.terms)
    for line in lines:
        line.carried += part
    lines[-1].carried += last - part


def _new_line(draft: Draft, period: Period) -> Line:
    is_level = draft.terms.amortization is Amortization.EQUAL_INSTALLMENT
    return Line(period=period, is_level=is_level, is_skipped=is_skipped(draft.terms, period))


def _equal(draft: Draft, total: Minor, count: int) -> list[Minor]:
    """Return equal parts, each rounded; the last takes what is left."""
    part = draft.round(Fraction(total) / count)
    return [part] * (count - 1) + [total - part * (count - 1)]
