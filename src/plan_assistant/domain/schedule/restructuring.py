"""Re-age and re-amortize: unpaid installments close and the rest is planned anew (SCHEMA 6.11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plan_assistant.domain.calendar import Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule.carried import equal_parts
from plan_assistant.domain.schedule.drafting import add_fee
from plan_assistant.domain.schedule.events import (
    ReAge,
    ReAgeInterest,
    ReAmortize,
    ReAmortizeInterest,
)
from plan_assistant.domain.schedule.laid import interest_laid
from plan_assistant.domain.schedule.lines import Fixed, Line, Minor, OwedFee
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

    first_closed: int
    """Index of the first line that closes; `first_new` where none does."""
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
    # What an earlier event laid on the rows that go is owed like the rest, up to the day from which
    # a new level payment charges interest.
    is_level = event.interest is ReAgeInterest.RECALCULATED
    start = _interest_from(draft, closure, event.day)
    overdue = closure.overdue_interest
    overdue += draft.round(
        interest_laid(draft, closure.first_new, start if is_level else event.day)
    )
    accrued: Minor = 0
    if not is_level:
        held = draft.round(draft.state_before(closure.first_new).held)
        accrued = held + overdue + _interest_to_date(draft, closure, event.day)
    draft.due_day = event.first_due.day if draft.terms.frequency.unit is Unit.MONTHS else None
    periods = periods_on_grid(draft.terms, start, event.first_due, event.periods, draft.due_day)
    old = draft.lines[closure.first_new :]
    draft.lines[closure.first_new :] = [_new_line(draft, period) for period in periods]
    draft.forget(closure.first_new)
    new = draft.lines[closure.first_new :]
    _carry_on(draft, new, closure.carried + sum(line.carried for line in old))
    _move_fees(draft, old, new, event.day)
    if is_level:
        new[0].added_interest = overdue
        replan(draft, closure.first_new)
        return
    interest = full_interest if event.interest is ReAgeInterest.FULL_REMAINING else accrued
    _fix(draft, new, closure.outstanding, interest, accrued, event.day)


def _interest_from(draft: Draft, closure: _Closure, day: date) -> date:
    """Return the day from which the first new row of a re-age bears interest.

    It is the last closed due date, unless the interest of the days since was fixed with the rows.
    """
    replaced = draft.lines[closure.first_new : closure.first_new + 1]
    return day if any(line.fixed is not None for line in replaced) else closure.start


def re_amortize(draft: Draft, event: ReAmortize, replan: Replan) -> None:
    """Spread everything unpaid over the remaining due dates."""
    closure = _close(draft, event.day)
    dropped = _drop_past_lines(draft, closure, event.day)
    new = [line for line in draft.lines[closure.first_new :] if not line.is_fee_only]
    if not new:
        raise InvalidTerms("date", event.day, "no installment is left after that day")
    _carry_on(draft, new, closure.carried + sum(line.carried for line in dropped))
    fees = sum([line.fee for line in dropped])
    overdue = closure.overdue_interest + _interest_dropped(draft, closure, dropped)
    if event.interest is ReAmortizeInterest.RECALCULATED:
        _lay_fees(new[:1], [fees], event.day)
    if any(line.fixed is not None for line in new):
        # Equal parts bear no interest of their own: what is left of them is shared out anew.
        accrued = overdue + draft.round(interest_laid(draft, closure.first_new, event.day))
        interest = overdue + sum([line.fixed.interest for line in new if line.fixed is not None])
        _fix(draft, new, closure.outstanding, interest, accrued, event.day)
        draft.forget(closure.first_new)
    elif event.interest is ReAmortizeInterest.RECALCULATED:
        new[0].added_interest += overdue
        replan(draft, closure.first_new)
    else:
        replan(draft, closure.first_new)
        _share_overdue(draft, new, overdue)
    if event.interest is ReAmortizeInterest.SPLIT_EQUALLY:
        for line in draft.lines[closure.first_closed : closure.first_new]:
            line.fee, line.owed_fees = 0, ()
        _lay_fees(new, _equal(draft, closure.fees + fees, len(new)), event.day)
        draft.forget(0)


def _share_overdue(draft: Draft, new: list[Line], overdue: Minor) -> None:
    """Let new rows collect overdue interest in equal parts, on top of what they pay."""
    share = Fraction(overdue) / len(new)
    for line in new:
        draft.share_overdue(line, share + (line.overdue_share or 0))
    draft.new_payment = new[0].payment if new[0].payment is not None else draft.new_payment


def _lay_fees(lines: list[Line], fees: list[Minor], day: date) -> None:
    """Let rows collect fees that had fallen due with rows which were closed or dropped, or go."""
    for line, fee in zip(lines, fees, strict=True):
        if fee:
            line.fee += fee
            line.owed_fees += (OwedFee(day, fee, has_fallen_due=True),)


def _move_fees(draft: Draft, old: list[Line], new: list[Line], day: date) -> None:
    """Let new rows collect the fees of rows that are replaced: none of them vanishes.

    What had fallen due joins the first new row, any other fee the first one due on or after its day
    (SCHEMA 6.10); it is owed from the same day as before.
    """
    for line in old:
        due, end = line.period.due, line.period.end
        assert due is not None
        moved = [] if due <= day else [part for part in line.owed_fees if not part.has_fallen_due]
        of_the_row = 0 if due <= day else line.fee - sum([part.amount for part in line.owed_fees])
        _lay_fees(new[:1], [line.fee - of_the_row - sum([part.amount for part in moved])], day)
        for part in moved:
            add_fee(draft, part.amount, due=end, number=None, since=part.since)
        if of_the_row:
            add_fee(draft, of_the_row, due=end, number=None)


def _fix(
    draft: Draft, lines: list[Line], principal: Minor, interest: Minor, accrued: Minor, day: date
) -> None:
    """Fix principal and interest of rows in equal parts; `accrued` is what is owed by the day."""
    share = min(Fraction(1), Fraction(accrued) / interest) if interest else Fraction(1)
    for line, part, of_interest in zip(
        lines,
        _equal(draft, principal, len(lines)),
        _equal(draft, interest, len(lines)),
        strict=True,
    ):
        line.fixed = Fixed(part, of_interest, day, share)


def fix_anew(draft: Draft, index: int, day: date) -> None:
    """Share what fixed rows repay from a line on out over all installments from there on.

    Their interest stays the sum that was fixed; `day` is the one up to which it is known to be
    owed. What was prepaid in a row to come is no part of the shares.
    """
    lines = [line for line in draft.lines[index:] if not line.is_fee_only]
    balance = draft.state_before(index).balance
    if not balance:
        return
    accrued = interest_laid(draft, index, day)
    interest = sum([line.fixed.interest for line in lines if line.fixed is not None])
    prepaid = sum([line.extra_principal for line in lines])
    _fix(draft, lines, balance - prepaid, interest, accrued, day)
    draft.forget(index)


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
        balance = draft.state_before(first_new).balance
        return _Closure(first_new, first_new, start, balance, 0, 0, 0)
    outstanding = draft.state_before(first_closed).balance - ahead
    overdue: Minor = 0
    fees: Minor = 0
    carried = 0
    shares: Minor = 0
    for line in draft.lines[first_closed:first_new]:
        if line.fixed is not None:
            overdue += line.fixed.interest
        elif line.accrues:
            overdue += draft.round(draft.accrual.whole(line.period) * outstanding)
        shares += line.overdue_share or 0
        overdue += line.added_interest
        line.added_interest, line.overdue_share, line.fixed = 0, None, None
        fees += line.fee
        carried += line.carried
        line.carried = 0
        line.closed_with = 0
    draft.lines[first_closed].closed_with = ahead
    draft.forget(first_closed)
    overdue += draft.round(shares)
    return _Closure(first_closed, first_new, start, outstanding, overdue, fees, carried)


def _received_beyond_down(draft: Draft, day: date) -> Minor:
    """Return the money received by a day that a down payment leaves to the installments."""
    nothing: Minor = 0
    received = sum(cash.amount for cash in draft.cash if cash.day <= day)
    return max(nothing, received - draft.asked_down)


def _drop_past_lines(draft: Draft, closure: _Closure, day: date) -> list[Line]:
    """Drop and return the lines due up to a day that come after an early end.

    Nothing is asked for in the past; the first remaining period runs over their time.
    """
    rest = draft.lines[closure.first_new :]
    kept = [line for line in rest if line.period.due is not None and line.period.due > day]
    dropped = rest[: len(rest) - len(kept)]
    if not dropped:
        return dropped
    draft.lines[closure.first_new :] = kept
    if kept and not kept[0].is_fee_only:
        nominal_due = kept[0].period.nominal_due
        assert nominal_due is not None
        kept[0].period = dated_period(
            draft.terms, closure.start, nominal_due, regular=False, due_day=draft.due_day
        )
        kept[0].weight = None
    draft.forget(closure.first_new)
    return dropped


def _interest_dropped(draft: Draft, closure: _Closure, dropped: list[Line]) -> Minor:
    """Return the interest of an earlier time that lay on dropped lines; none where it was paid."""
    interest: Minor = 0
    if draft.state_before(closure.first_new).is_over:
        return interest
    shares: Minor = 0
    for line in dropped:
        interest += line.added_interest if line.fixed is None else line.fixed.interest
        shares += line.overdue_share or 0
    return interest + draft.round(shares)


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
        accrues = line.accrues and line.fixed is None
        weight += draft.accrual.until(line.period, day) if accrues else 0
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
