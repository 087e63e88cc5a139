"""Finds the targets of a plan's rows: level payments, equal principal parts, flat principal.

The level payment is the exact solution of the unrounded recursion, rounded once; optionally
corrected until the last payment is as near to the others as it can be (golden/SCHEMA section 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from plan_assistant.domain.money import round_fraction
from plan_assistant.domain.schedule.lines import Correction, Line, Minor, Row
from plan_assistant.domain.schedule.money_ahead import meets_money, unrounded_end
from plan_assistant.domain.schedule.periods import nominal_fraction
from plan_assistant.domain.schedule.rows import Draft, round_payment
from plan_assistant.domain.schedule.terms import (
    Amortization,
    DeferredCollection,
    LevelPayment,
    LevelPaymentBasis,
    RoundingStage,
    TotalInterest,
)

_NOTHING = Fraction(0)


@dataclass(slots=True)
class _Linear:
    """A quantity that depends on the level payment x: (constant + slope x) / scale."""

    constant: int = 0
    slope: int = 0


def plan_from(draft: Draft, index: int) -> Minor | None:
    """Set the targets of the lines from `index` on; return the level payment if one was computed.

    Interest on overdue principal and a total interest set from outside have no part in the targets:
    they end in the last row. Overdue interest that rows share comes on top of what they pay, and of
    the payment returned (golden/SCHEMA 6.11).
    """
    draft.forget(index)
    draft.state_before(index)
    shared = [
        (line, line.overdue_share) for line in draft.lines[index:] if line.overdue_share is not None
    ]
    for line, _ in shared:
        draft.share_overdue(line, None)
    as_of, correction = draft.as_of, draft.correction
    draft.as_of = draft.correction = None
    unrounded, draft.unrounded_level = draft.unrounded_level, None
    payment = _plan(draft, index)
    draft.correction = _correction(draft, index, correction)
    draft.unrounded_level = draft.unrounded_level or unrounded
    draft.as_of = as_of
    for line, share in shared:
        draft.share_overdue(line, share)
    if shared or as_of is not None or draft.correction is not None:
        draft.forget(index)
    return payment + draft.round(shared[0][1]) if shared and payment is not None else payment


def _correction(draft: Draft, index: int, earlier: Correction | None) -> Correction | None:
    """Return what the last row adds to its interest, now that the lines from `index` are planned.

    It is what the total of their interest, set from outside, differs from by the sum of their rows.
    Events that plan nothing anew leave it as it is: they change what the rows themselves charge.
    """
    total = _total_interest(draft, index)
    if total is None:
        return earlier
    rows = _rows_as_planned(draft, index)
    amount = total - sum([row.interest for row in rows])
    if earlier is not None:
        return Correction(amount, 0)
    return Correction(amount, min(0, rows[draft.last_line() - index].interest + amount))


def _rows_as_planned(draft: Draft, index: int) -> list[Row]:
    """Return the rows from `index` on as they would be if each paid what is planned for it.

    A total from outside is that of such rows. What was booked in the place of a payment, and credit
    that lets rows skip theirs, change the interest of the rows themselves.
    """
    draft.forget(index)
    state, lines = draft.state_before(index), draft.lines
    draft.states[index] = replace(state, credit=0)
    draft.lines = [*lines[:index], *[replace(line, booked=None) for line in lines[index:]]]
    rows = draft.run()[index:]
    draft.lines = lines
    draft.forget(index)
    draft.states[index] = state
    return rows


def _plan(draft: Draft, index: int) -> Minor | None:
    match draft.terms.amortization:
        case Amortization.EQUAL_INSTALLMENT:
            return plan_level(draft, index)
        case Amortization.EQUAL_PRINCIPAL:
            _plan_equal_principal(draft, index)
        case Amortization.FLAT:
            return _plan_flat(draft, index)
        case Amortization.INTEREST_ONLY | Amortization.SINGLE_PAYMENT:
            for line in draft.lines[index:]:
                line.principal = 0
    return None


def plan_level(draft: Draft, index: int) -> Minor | None:
    """Compute the level payment of the level lines from `index` on and set it."""
    level_lines = [k for k in range(index, len(draft.lines)) if draft.lines[k].is_level_row]
    if not level_lines:
        return None
    terms = draft.terms
    is_exact = terms.conventions.rounding_stage is RoundingStage.DISPLAY_ONLY
    if is_exact or terms.conventions.total_interest is TotalInterest.UNROUNDED_PAYMENT:
        draft.unrounded_level = solve_level(draft, level_lines[0])
        if is_exact:
            return _set_level(draft, level_lines, draft.unrounded_level)
    multiple = terms.payment_multiple_of.minor if terms.payment_multiple_of else 1
    payment = _rounded_level(draft, level_lines[0], multiple)
    _set_level(draft, level_lines, payment)
    if terms.conventions.level_payment is LevelPayment.EQUALISED:
        payment = _equalise(draft, level_lines, payment, multiple)
    return payment


def _set_level(draft: Draft, level_lines: list[int], payment: Minor) -> Minor:
    draft.forget(level_lines[0])
    for index in level_lines:
        draft.lines[index].payment = payment
    return payment


def _equalise(draft: Draft, level_lines: list[int], payment: int, multiple: int) -> int:
    """Correct the level payment by gap/m as long as that brings the last payment nearer to it."""
    count = len(level_lines)
    gap = _gap(draft, payment)
    while abs(gap) > count // 2:
        step = round_payment(Fraction(gap, count), draft.terms.conventions.rounding, multiple)
        tried = payment + step
        if step == 0:
            break
        _set_level(draft, level_lines, tried)
        new_gap = _gap(draft, tried)
        if abs(new_gap) >= abs(gap):
            _set_level(draft, level_lines, payment)
            break
        payment, gap = tried, new_gap
    return payment


def _gap(draft: Draft, payment: int) -> int:
    balloon = draft.terms.balloon.minor if draft.terms.balloon else 0
    row = draft.run()[draft.last_row()]
    return int(row.payment - row.fees - row.carried - payment - balloon)


_BITS = 256


def _rounded_level(draft: Draft, first: int, multiple: int) -> int:
    """Return the solution of the unrounded recursion, rounded once to a multiple of minor units.

    Discount factors with 256 binary places, each cut down, enclose the solution; where both ends
    round alike that is the answer, otherwise the exact solution decides.
    """
    rounding = draft.terms.conventions.payment_rounding
    enclosed = _enclosed_level(draft, first)
    if enclosed is not None:
        low, high = (round_payment(end, rounding, multiple) for end in enclosed)
        if low == high:
            return low
    return round_payment(solve_level(draft, first), rounding, multiple)


def _enclosed_level(draft: Draft, first: int) -> tuple[Fraction, Fraction] | None:
    """Return bounds of the level payment, or None where the plan skips rows or money is ahead.

    Discounted to the start, level payments, given payments, extra principal and the balloon are
    worth the balance. Factor k lies within k units of the last place above its cut-down value.
    """
    if _knows_money(draft, first):
        return None
    owed = int(draft.state_before(first).balance) << _BITS
    rate = _one_rate(draft, first)
    factor, places, level_sum, level_error, error = 1 << _BITS, 0, 0, 0, 0
    for line in draft.lines[first:]:
        if line.is_skipped:
            return None
        if line.is_fee_only:
            continue
        p, q = _weight_pair(draft, line, rate)
        factor = factor * q // (p + q)
        places += 1
        if line.is_level_row:
            level_sum += factor
            level_error += places
            other: Minor = line.added_interest - line.extra_principal
        else:
            other = line.added_interest - line.extra_principal - (line.payment or 0)
        if other:
            owed += other.numerator * factor // other.denominator
            error += (abs(other.numerator) // other.denominator + 1) * places + 1
    balloon = draft.terms.balloon.minor if draft.terms.balloon else 0
    owed -= balloon * factor
    error += balloon * places
    ends = Fraction(owed - error, level_sum + level_error), Fraction(owed + error, level_sum)
    return ends if owed > error else None


def solve_level(draft: Draft, first: int) -> Fraction:
    """Return the exact payment for which the unrounded recursion from `first` ends at the balloon.

    All amounts share one denominator that grows by each period's; nothing is reduced on the way,
    which is far cheaper than a chain of Fractions and exactly equal to it.
    """
    if _knows_money(draft, first):
        return _solve_with_money(draft, first)
    balance = Fraction(draft.state_before(first).balance)
    scale = balance.denominator
    owed = _Linear(balance.numerator, 0)
    waiting = _Linear()
    rate = _one_rate(draft, first)
    is_within = draft.terms.conventions.deferred_collection is DeferredCollection.WITHIN_PAYMENT
    for line in draft.lines[first:]:
        if line.is_fee_only:
            continue
        p, q = _weight_pair(draft, line, rate)
        # Interest is owed * p/q, plus what joins the row.
        added = line.added_interest
        joined = added.denominator
        factor = q * joined
        interest = _Linear(
            owed.constant * p * joined + added.numerator * scale * q, owed.slope * p * joined
        )
        owed = _Linear(owed.constant * factor, owed.slope * factor)
        waiting = _Linear(waiting.constant * factor, waiting.slope * factor)
        scale *= factor
        if line.is_skipped:
            # Interest that is collected on top of a payment has no part in the payment.
            if is_within:
                waiting = _Linear(
                    waiting.constant + interest.constant, waiting.slope + interest.slope
                )
            owed.constant -= line.extra_principal * scale
            continue
        owed.constant += interest.constant + waiting.constant
        owed.slope += interest.slope + waiting.slope
        waiting = _Linear()
        if line.is_level_row:
            owed.slope -= scale
        else:
            owed.constant -= int(line.payment or 0) * scale
        owed.constant -= line.extra_principal * scale
    balloon = draft.terms.balloon.minor if draft.terms.balloon else 0
    constant = owed.constant + waiting.constant - balloon * scale
    return Fraction(constant, -(owed.slope + waiting.slope))


def _knows_money(draft: Draft, first: int) -> bool:
    """Say whether money ahead lowers the interest that the level payment has to cover."""
    is_by_real_periods = _one_rate(draft, first) is None
    return is_by_real_periods and meets_money(draft, draft.lines[first], draft.state_before(first))


_TRIAL = 1 << 64
"""Trial payments are cut to this fraction of a minor unit, so that their digits stay few."""
_MAX_PIECES = 64


def _solve_with_money(draft: Draft, first: int) -> Fraction:
    """Return the exact level payment where money ahead lowers the interest base.

    The end balance is linear in the payment as long as money ahead lasts for the same rows; each
    step solves the piece that the trial lies on, until the solution lies on its own piece.
    """
    balloon = draft.terms.balloon.minor if draft.terms.balloon else 0
    count = sum(line.is_level_row for line in draft.lines[first:])
    solved = Fraction(draft.state_before(first).balance) / count
    for _ in range(_MAX_PIECES):
        trial = Fraction(int(solved * _TRIAL), _TRIAL)
        end = unrounded_end(draft, first, trial)
        slope = (unrounded_end(draft, first, trial + Fraction(1, _TRIAL)) - end) * _TRIAL
        solved = trial + (balloon - end) / slope
        if unrounded_end(draft, first, solved) == balloon:
            break
    return solved


def _one_rate(draft: Draft, first: int) -> Fraction | None:
    """Return the period rate where the level payment follows one rate; None: the real periods."""
    terms = draft.terms
    basis = terms.conventions.level_payment_basis
    if basis is LevelPaymentBasis.PERIOD_FRACTIONS:
        return None
    annual = draft.accrual.rate_on(draft.lines[first].period.end)
    if basis is LevelPaymentBasis.THIRTY_365:
        return annual * 30 * terms.frequency.every / 365
    return period_rate(draft, annual)


def period_rate(draft: Draft, annual: Fraction) -> Fraction:
    """Return annual rate x every/12 (or /52, /365), rounded where the conventions say so."""
    rate = annual * nominal_fraction(draft.terms.frequency)
    decimals = draft.terms.conventions.period_rate_decimals
    if decimals is None:
        return rate
    return Fraction(
        round_fraction(rate * 10**decimals, draft.terms.conventions.rounding), 10**decimals
    )


def _weight_pair(draft: Draft, line: Line, rate: Fraction | None) -> tuple[int, int]:
    """Return rate x fraction of a line as numerator and denominator."""
    if rate is None or not line.accrues:
        return draft.weight(line)
    return rate.numerator, rate.denominator


def _bearing(draft: Draft, index: int) -> tuple[list[Line], Fraction]:
    """Return the principal-bearing lines from `index` on, and an equal part of what they repay.

    They repay the balance before the first of them (interest capitalised before it included), less
    a balloon.
    """
    bearing = [
        k
        for k, line in enumerate(draft.lines)
        if k >= index and line.takes_principal and not line.is_fee_only and line.closed_with is None
    ]
    if not bearing:
        return [], _NOTHING
    balloon = draft.terms.balloon.minor if draft.terms.balloon else 0
    balance = draft.state_before(bearing[0]).balance
    return [draft.lines[k] for k in bearing], Fraction(balance - balloon) / len(bearing)


def _plan_equal_principal(draft: Draft, index: int) -> None:
    given = draft.terms.principal_payment
    bearing, part = _bearing(draft, index)
    for line in bearing:
        line.principal = draft.round(part) if given is None else given.minor


def _plan_flat(draft: Draft, index: int) -> Minor | None:
    terms = draft.terms
    bearing, part = _bearing(draft, index)
    for line in bearing:
        if terms.payment_multiple_of is None:
            line.principal = draft.round(part)
        else:
            exact = part + draft.exact_interest(line, draft.states[index])
            line.payment = _rounded_payment(draft, exact, terms.payment_multiple_of.minor)
    return bearing[0].payment if bearing else None


def _rounded_payment(draft: Draft, exact: Fraction, multiple: int) -> Minor:
    """Round a payment to a multiple of minor units, unless the conventions round nothing."""
    conventions = draft.terms.conventions
    if conventions.rounding_stage is RoundingStage.DISPLAY_ONLY:
        return exact
    return round_payment(exact, conventions.payment_rounding, multiple)


def _total_interest(draft: Draft, index: int) -> Minor | None:
    """Return the interest of the lines from `index` on where it does not come from their rows.

    Of n lines and a balance it is n x the unrounded level payment - balance (`unrounded_payment`),
    or (n + 1) x balance x period rate / 2 (`arithmetic_series`), rounded. Principal prepaid in one
    of the lines bears interest until then; what earlier rows left to be collected joins it.
    """
    rule = draft.terms.conventions.total_interest
    level = draft.unrounded_level
    if rule is TotalInterest.SUM_OF_ROWS or (
        rule is TotalInterest.UNROUNDED_PAYMENT and level is None
    ):
        return None
    lines = [line for line in draft.lines[index:] if not line.is_fee_only]
    state = draft.state_before(index)
    prepaid = sum([line.extra_principal for line in lines])
    if level is not None and rule is TotalInterest.UNROUNDED_PAYMENT:
        exact = len(lines) * level + prepaid - state.balance
    else:
        rate = period_rate(draft, draft.accrual.rate_on(lines[0].period.end))
        periods = Fraction(len(lines) + 1, 2) * (state.balance - prepaid)
        periods += sum([k * line.extra_principal for k, line in enumerate(lines, start=1)])
        exact = periods * rate + sum([line.added_interest for line in lines])
    return draft.round(exact) + draft.round(state.held)
