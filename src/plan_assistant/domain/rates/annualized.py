"""What a plan costs a year on what is really outstanding.

China asks for the internal rate of return on the outstanding principal, times the periods of a
year, fees included; a rate on the original amount may be shown only with the label "simple".
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from plan_assistant.domain.calendar import Unit, add_months, months_between
from plan_assistant.domain.rates.apr import Flow, us_period_rate
from plan_assistant.domain.rates.roots import find_rate, require_one_rate
from plan_assistant.domain.schedule.periods import grid, is_regular, nominal_fraction
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import HolidayInterest, Terms

_DAYS_IN_UNIT = {Unit.WEEKS: 7, Unit.DAYS: 1}


def annualized_rate(schedule: Schedule) -> Fraction:
    """Return the annualized rate of a plan as a fraction of one.

    It is the periodic internal rate of return on everything outstanding at the start (principal and
    carried arrears, less a down payment), times the periods of a year (12 / every for months). All
    payments count, fees included. The time to the first due date counts whole periods and a part
    at simple interest (30 days a month). Negative where less comes back than was outstanding.

    Raises:
        RateUndefined: nothing is outstanding or nothing is paid.
    """
    return periodic_rate(schedule) / nominal_fraction(schedule.terms.frequency)


def periodic_rate(schedule: Schedule) -> Fraction:
    """Return the internal rate of return of one period, to the nearest 10^-12, proved exactly."""
    terms = schedule.terms
    outstanding = terms.principal.minor + (terms.arrears.minor if terms.arrears else 0)
    payments = list(schedule.columns.payment)
    if schedule.has_down_payment:
        outstanding -= payments.pop(0)
    if not _is_on_grid(schedule, len(payments)):
        return us_period_rate([Flow(-outstanding, 0), *_dated_flows(schedule)])
    whole, odd = time_to_first(terms)
    require_one_rate([-outstanding, *payments])
    backwards = payments[::-1]

    def sign(rate: Fraction) -> int:
        p, q = rate.numerator, rate.denominator
        grown = p + q
        paid, power = 0, 1
        # Sum of payment k x q^k x grown^(n-k): the value one period before the first, x grown^n.
        for payment in payments:
            paid = paid * grown + payment * power * q
            power *= q
        # paid / grown^n stands against outstanding x (1 + odd rate) x (1 + rate)^(whole - 1).
        left = paid * odd.denominator * q * _power(q, whole - 1) * _power(grown, 1 - whole)
        right = outstanding * (odd.denominator * q + odd.numerator * p)
        right *= _power(grown, len(payments) + max(0, whole - 1)) * _power(q, 1 - whole)
        return (left > right) - (left < right)

    odd_part = Decimal(odd.numerator) / odd.denominator

    def value(rate: Decimal) -> Decimal:
        discount = 1 / (1 + rate)
        total = Decimal(0)
        for payment in backwards:
            total = (total + payment) * discount
        return total * discount ** (whole - 1) - outstanding * (1 + odd_part * rate)

    return find_rate(value, sign)


def _power(base: int, exponent: int) -> int:
    """Return base^exponent, and 1 for a negative exponent (it stands on the other side)."""
    return int(base**exponent) if exponent > 0 else 1


def _is_on_grid(schedule: Schedule, count: int) -> bool:
    """Say whether the rows fall on the grid of the terms; events may have moved or added some."""
    terms = schedule.terms
    if terms.first_due is None or terms.start is None:
        return True
    return _ends(schedule)[schedule.has_down_payment :] == grid(
        terms, terms.first_due, count, terms.due_day
    )


def _ends(schedule: Schedule) -> tuple[date | None, ...]:
    """Return the days up to which the rows charge interest."""
    if schedule.terms.conventions.holiday_interest is HolidayInterest.EXTRA_DAYS:
        return schedule.due
    return schedule.nominal_due


def _dated_flows(schedule: Schedule) -> list[Flow]:
    """Return the payments with their times in periods: whole ones and a part at simple interest."""
    flows = []
    first = int(schedule.has_down_payment)
    rows = zip(_ends(schedule)[first:], schedule.columns.payment[first:], strict=True)
    for due, payment in rows:
        assert due is not None
        periods = _periods_between(schedule.terms, due)
        flows.append(Flow(payment, int(periods), periods - int(periods)))
    return flows


def _periods_between(terms: Terms, due: date) -> Fraction:
    """Return the periods from the start to a day; a month has 30 days where it is broken."""
    start = terms.start
    assert start is not None
    if terms.frequency.unit is Unit.MONTHS:
        months = months_between(start, due)
        units = months + Fraction((due - add_months(start, months)).days, 30)
    else:
        units = Fraction((due - start).days, _DAYS_IN_UNIT[terms.frequency.unit])
    return units / terms.frequency.every


def time_to_first(terms: Terms) -> tuple[int, Fraction]:
    """Return whole periods and the part of one from the start to the first row's nominal day."""
    start, first = terms.start, terms.first_due
    if start is None or first is None or is_regular(start, first, terms, terms.due_day):
        return 1, Fraction(0)
    periods = _periods_between(terms, first)
    return int(periods), periods - int(periods)


def simple_annual_rate(schedule: Schedule) -> Fraction:
    """Return the simple annual rate: cost / amount outstanding at the start / years.

    It understates what is repaid in parts; show it only with that label.
    """
    terms = schedule.terms
    outstanding = terms.principal.minor + (terms.arrears.minor if terms.arrears else 0)
    cost = schedule.total_paid.minor - outstanding
    return Fraction(cost, outstanding) / (_periods(schedule) * nominal_fraction(terms.frequency))


def _periods(schedule: Schedule) -> Fraction:
    """Return the periods from the start to the last row that repays debt, not a fee alone."""
    terms, columns, first = schedule.terms, schedule.columns, int(schedule.has_down_payment)
    repays = [
        payment > fees + penalties
        for payment, fees, penalties in zip(
            columns.payment[first:], columns.fees[first:], columns.penalties[first:], strict=True
        )
    ]
    count = max(number for number, is_paid in enumerate(repays, start=1) if is_paid)
    if _is_on_grid(schedule, len(repays)):
        whole, odd = time_to_first(terms)
        return whole + odd + count - 1
    last = schedule.nominal_due[first + count - 1]
    assert last is not None
    return _periods_between(terms, last)
