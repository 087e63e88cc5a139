"""The short way for regular plans: one loop over integers, no dates and no fractions inside.

A plan is regular when interest is rounded each period, periods count by their frequency (the first
may be odd), the payment is level or given, and the last payment takes the remainder. Not here: why
a plan is refused, which the general way says (`engine.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from plan_assistant.domain.calendar import HolidayRoll, Unit, due_dates, step_back
from plan_assistant.domain.money import Rounding, round_ratio
from plan_assistant.domain.schedule.carried import carried_by_installments, spread_arrears
from plan_assistant.domain.schedule.periods import nominal_fraction, odd_fraction
from plan_assistant.domain.schedule.schedule import Columns, Schedule
from plan_assistant.domain.schedule.terms import (
    Amortization,
    HolidayInterest,
    LevelPayment,
    LevelPaymentBasis,
    OverdueInterest,
    PeriodInterest,
    Remainder,
    RoundingStage,
    Terms,
    TotalInterest,
)


def is_regular_plan(terms: Terms) -> bool:
    """Say whether `price_regular` can price these valid terms."""
    conventions, grace = terms.conventions, terms.grace
    return (
        conventions.period_interest is PeriodInterest.SAME_AS_PERIOD
        and conventions.rounding_stage is RoundingStage.EACH_PERIOD
        and conventions.period_rate_decimals is None
        and conventions.remainder is Remainder.LAST_PAYMENT
        and conventions.total_interest is TotalInterest.SUM_OF_ROWS
        and (
            conventions.level_payment is LevelPayment.PLAIN
            or (conventions.level_payment is LevelPayment.GIVEN and terms.payment is not None)
            or conventions.level_payment is LevelPayment.NONE
        )
        and conventions.level_payment_basis is not LevelPaymentBasis.THIRTY_365
        and conventions.holiday_interest is HolidayInterest.NOMINAL
        and conventions.overdue_interest is OverdueInterest.NONE
        and not grace.interest
        and not grace.interest_free
        and not terms.payment_steps
        and not terms.skip_months
        and not terms.fees
        and terms.installment_fee_rate is None
        and terms.payment_multiple_of is None
        and terms.principal_payment is None
        and terms.amortization in _LOOPS
        and _principal_left(terms) > 0
        # Without dates, days of interest and of the level payment may have different years.
        and (terms.first_due is not None or terms.frequency.unit is not Unit.DAYS)
    )


def _principal_left(terms: Terms) -> int:
    """Return what the installments repay: the principal after a down payment, in minor units."""
    down = terms.down_payment
    return terms.principal.minor - (0 if down is None else down.principal.minor)


def level_payment(
    balance: int, rate: Fraction, periods: int, *, balloon: int = 0, rounding: Rounding
) -> int:
    """Return the level payment for a period rate, rounded once; minor units.

    It is (balance (1+i)^n - balloon) i / ((1+i)^n - 1), evaluated in integers.
    """
    numerator, denominator = rate.numerator, rate.denominator
    if numerator == 0:
        return round_ratio(balance - balloon, periods, rounding)
    grown = (numerator + denominator) ** periods
    flat = denominator**periods
    return round_ratio(
        (balance * grown - balloon * flat) * numerator, (grown - flat) * denominator, rounding
    )


def level_payment_after_odd_period(
    balance: int, first: Fraction, rate: Fraction, periods: int, *, balloon: int, rounding: Rounding
) -> int:
    """Return the level payment when only the first period has another rate; minor units.

    With G = (1+i)^(n-1) it is (balance (1+f) G - balloon) / (G + (G - 1)/i), evaluated in integers.
    """
    if rate == 0:
        return round_ratio(balance - balloon, periods, rounding)
    numerator, denominator = rate.numerator, rate.denominator
    grown = (numerator + denominator) ** (periods - 1)
    flat = denominator ** (periods - 1)
    owed = balance * (first.numerator + first.denominator) * grown
    return round_ratio(
        (owed - balloon * first.denominator * flat) * numerator,
        first.denominator * (grown * numerator + (grown - flat) * denominator),
        rounding,
    )


def price_regular(terms: Terms) -> Schedule | None:
    """Return the schedule of a regular plan; None where it does not hold.

    Then a payment does not cover the interest, or rounding ends the plan early.
    """
    balance = _principal_left(terms)
    start, first_due = terms.start, terms.first_due
    rate = _PeriodRate.of(
        terms.annual_rate * nominal_fraction(terms.frequency), terms.conventions.rounding
    )
    first = rate
    if start is not None and first_due is not None:
        month_end = terms.conventions.month_end
        if step_back(first_due, terms.frequency, terms.due_day, month_end) != start:
            odd = terms.annual_rate * odd_fraction(terms, start, first_due)
            first = _PeriodRate.of(odd, terms.conventions.rounding)
    rows = _Rows()
    holds = _LOOPS[terms.amortization](terms, rate, rows, balance, first)
    return _as_schedule(terms, rows) if holds else None


class _PeriodRate(NamedTuple):
    """A period rate prepared so that round(b x rate) = (b x multiplier + half) // divisor."""

    exact: Fraction
    multiplier: int
    half: int
    divisor: int
    ties_even: bool

    @classmethod
    def of(cls, rate: Fraction, rounding: Rounding) -> _PeriodRate:
        """Prepare a rate for a rounding mode; balances are never negative."""
        numerator, denominator = rate.numerator, rate.denominator
        if rounding is Rounding.DOWN:
            return cls(rate, numerator, 0, denominator, ties_even=False)
        is_even = rounding is Rounding.HALF_EVEN
        return cls(rate, 2 * numerator, denominator, 2 * denominator, ties_even=is_even)

    def interest_on(self, balance: int) -> int:
        """Return the rounded interest of a period."""
        scaled = balance * self.multiplier + self.half
        interest = scaled // self.divisor
        if self.ties_even and interest & 1 and interest * self.divisor == scaled:
            interest -= 1
        return interest


@dataclass(slots=True)
class _Rows:
    """The columns that a regular plan fills; minor units."""

    payments: list[int] = field(default_factory=list)
    principals: list[int] = field(default_factory=list)
    interests: list[int] = field(default_factory=list)
    balances: list[int] = field(default_factory=list)

    def add(self, principal: int, interest: int, balance: int) -> None:
        self.payments.append(principal + interest)
        self.principals.append(principal)
        self.interests.append(interest)
        self.balances.append(balance)

    def add_interest_only(self, first: int, later: int, count: int, balance: int) -> None:
        """Add the rows of a grace on principal."""
        self.interests += [first, *[later] * (count - 1)]
        self.payments += self.interests
        self.principals += [0] * count
        self.balances += [balance] * count


# Each loop fills the rows and says whether the plan holds.


def _level_rows(
    terms: Terms, rate: _PeriodRate, rows: _Rows, balance: int, first: _PeriodRate
) -> bool:
    grace, interest = terms.grace.principal, first.interest_on(balance)
    payment = _target(terms, rate, balance, first)
    _exact, multiplier, half, divisor, ties_even = rate
    if grace:
        later = rate.interest_on(balance)
        rows.add_interest_only(interest, later, grace, balance)
        interest = later
    add_principal, add_interest = rows.principals.append, rows.interests.append
    add_balance = rows.balances.append
    count = terms.periods - grace - 1
    for done in range(count):
        principal = payment - interest
        if principal < 0:
            return False
        if principal >= balance:
            if terms.conventions.level_payment is not LevelPayment.GIVEN:
                return False
            # A given payment may clear the plan early.
            rows.payments += [payment] * done
            rows.add(balance, interest, 0)
            return True
        balance -= principal
        add_interest(interest)
        add_principal(principal)
        add_balance(balance)
        # `rate.interest_on` written out: this loop decides how fast a plan is priced.
        scaled = balance * multiplier + half
        interest = scaled // divisor
        if ties_even and interest & 1 and interest * divisor == scaled:
            interest -= 1
    rows.payments += [payment] * count
    rows.add(balance, interest, 0)
    return True


def _target(terms: Terms, rate: _PeriodRate, balance: int, first: _PeriodRate) -> int:
    """Return the given or the computed level payment."""
    if terms.conventions.level_payment is LevelPayment.GIVEN and terms.payment is not None:
        return terms.payment.minor
    conventions, grace = terms.conventions, terms.grace.principal
    balloon = terms.balloon.minor if terms.balloon is not None else 0
    rounding = conventions.payment_rounding
    by_real_periods = conventions.level_payment_basis is LevelPaymentBasis.PERIOD_FRACTIONS
    if by_real_periods and not grace and first.exact != rate.exact:
        return level_payment_after_odd_period(
            balance, first.exact, rate.exact, terms.periods, balloon=balloon, rounding=rounding
        )
    return level_payment(
        balance, rate.exact, terms.periods - grace, balloon=balloon, rounding=rounding
    )


def _equal_principal_rows(
    terms: Terms, rate: _PeriodRate, rows: _Rows, balance: int, first: _PeriodRate
) -> bool:
    balloon = terms.balloon.minor if terms.balloon is not None else 0
    count = terms.periods - terms.grace.principal
    part = round_ratio(balance - balloon, count, terms.conventions.rounding)
    return _rows_with_part(terms, rate, rows, (balance, part), first)


def _interest_only_rows(
    terms: Terms, rate: _PeriodRate, rows: _Rows, balance: int, first: _PeriodRate
) -> bool:
    return _rows_with_part(terms, rate, rows, (balance, 0), first)


def _rows_with_part(
    terms: Terms,
    rate: _PeriodRate,
    rows: _Rows,
    balance_and_part: tuple[int, int],
    first: _PeriodRate,
) -> bool:
    balance, part = balance_and_part
    grace, interest = terms.grace.principal, first.interest_on(balance)
    if grace:
        later = rate.interest_on(balance)
        rows.add_interest_only(interest, later, grace, balance)
        interest = later
    for _ in range(grace + 1, terms.periods):
        if part >= balance:
            return False
        balance -= part
        rows.add(part, interest, balance)
        interest = rate.interest_on(balance)
    rows.add(balance, interest, 0)
    return True


_LOOPS = {
    Amortization.EQUAL_INSTALLMENT: _level_rows,
    Amortization.EQUAL_PRINCIPAL: _equal_principal_rows,
    Amortization.INTEREST_ONLY: _interest_only_rows,
}


@lru_cache(maxsize=64)
def _zeros(count: int) -> tuple[int, ...]:
    return (0,) * count


def _as_schedule(terms: Terms, rows: _Rows) -> Schedule:
    nominal = _nominal_days(terms, len(rows.payments))
    due = nominal
    if terms.conventions.holiday_roll is not HolidayRoll.NONE:
        due = _payment_days(terms, nominal)
    if terms.arrears is not None or terms.down_payment is not None:
        return Schedule(terms, due, nominal, _with_arrears(terms, rows))
    zeros = _zeros(len(rows.payments))
    columns = Columns(
        payment=tuple(rows.payments),
        principal=tuple(rows.principals),
        interest=tuple(rows.interests),
        arrears=zeros,
        fees=zeros,
        penalties=zeros,
        capitalised=zeros,
        deferred=zeros,
        balance=tuple(rows.balances),
        arrears_left=zeros,
    )
    return Schedule(terms, due, nominal, columns)


def _payment_days(terms: Terms, nominal: tuple[date | None, ...]) -> tuple[date | None, ...]:
    """Return the days of payment: the nominal days after the holiday roll; a down payment stays."""
    if terms.holidays is None:
        return nominal
    stays = terms.down_payment is not None
    return tuple(
        day
        if day is None or (stays and index == 0)
        else terms.holidays.roll(day, terms.conventions.holiday_roll)
        for index, day in enumerate(nominal)
    )


def _nominal_days(terms: Terms, count: int) -> tuple[date | None, ...]:
    if terms.first_due is None:
        days: tuple[date | None, ...] = (None,) * count
    else:
        month_end = terms.conventions.month_end
        days = due_dates(terms.first_due, count, terms.frequency, terms.due_day, month_end)
    return days if terms.down_payment is None else (terms.start, *days)


def _with_arrears(terms: Terms, rows: _Rows) -> Columns:
    arrears = spread_arrears(terms, rows.payments)
    payments = [payment + part for payment, part in zip(rows.payments, arrears, strict=True)]
    left, lefts = carried_by_installments(terms), []
    for part in arrears:
        left -= part
        lefts.append(left)
    principals, interests, balances = rows.principals, rows.interests, rows.balances
    down = terms.down_payment
    if down is not None:
        principal, carried = down.principal.minor, down.arrears.minor
        payments.insert(0, principal + carried)
        principals.insert(0, principal)
        interests.insert(0, 0)
        arrears.insert(0, carried)
        balances.insert(0, terms.principal.minor - principal)
        lefts.insert(0, carried_by_installments(terms))
    zeros = _zeros(len(payments))
    return Columns(
        payment=tuple(payments),
        principal=tuple(principals),
        interest=tuple(interests),
        arrears=tuple(arrears),
        fees=zeros,
        penalties=zeros,
        capitalised=zeros,
        deferred=zeros,
        balance=tuple(balances),
        arrears_left=tuple(lefts),
    )
