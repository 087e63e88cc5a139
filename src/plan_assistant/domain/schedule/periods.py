"""The periods of a plan: where each starts and ends, what part of a year it is, and its parts.

Conventions follow golden/SCHEMA sections 3.1 to 3.4. Not here: interest (`interest.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from plan_assistant.domain.calendar import (
    Frequency,
    MonthEnd,
    Unit,
    due_dates,
    month_day,
    step_back,
)
from plan_assistant.domain.schedule.daycount import year_fraction
from plan_assistant.domain.schedule.terms import (
    DayCount,
    HolidayInterest,
    OddFirstPeriod,
    PeriodInterest,
    Terms,
)

_UNITS_A_YEAR = {Unit.MONTHS: 12, Unit.WEEKS: 52, Unit.DAYS: 365}


class Period(NamedTuple):
    """The time between two due dates; all its days are None in a plan without due dates."""

    start: date | None
    end: date | None
    """Up to where its interest runs: one of the two days below, by `HolidayInterest`."""
    nominal_due: date | None
    """The day of the grid, before any holiday roll."""
    due: date | None
    """The day of payment, after any holiday roll."""
    fraction: Fraction
    """The whole period as a part of a year."""
    marks: tuple[date, ...] | None = None
    """Month marks inside a regular monthly period that counts by months (30/360m)."""


def nominal_fraction(frequency: Frequency) -> Fraction:
    """Return what a regular period counts whatever its dates: every/12, every/52 or every/365."""
    return Fraction(frequency.every, _UNITS_A_YEAR[frequency.unit])


def undated_fraction(terms: Terms) -> Fraction:
    """Return the year fraction of every period of a plan without dates."""
    frequency, conventions = terms.frequency, terms.conventions
    if frequency.unit is Unit.MONTHS:
        return nominal_fraction(frequency)
    if (
        frequency.unit is Unit.WEEKS
        and conventions.period_interest is PeriodInterest.SAME_AS_PERIOD
    ):
        return nominal_fraction(frequency)
    days = frequency.every * (7 if frequency.unit is Unit.WEEKS else 1)
    return Fraction(days, 360 if "360" in conventions.day_count else 365)


def odd_fraction(terms: Terms, start: date, end: date) -> Fraction:
    """Return what an irregular period counts where regular ones count by their frequency."""
    match terms.conventions.odd_first_period:
        case OddFirstPeriod.REGULAR:
            return nominal_fraction(terms.frequency)
        case OddFirstPeriod.DAY_COUNT:
            return year_fraction(terms.conventions.day_count, start, end)
        case OddFirstPeriod.ACT_360:
            return Fraction((end - start).days, 360)
        case OddFirstPeriod.ACT_365:
            return Fraction((end - start).days, 365)


def day_of_payment(terms: Terms, nominal_due: date) -> date:
    """Return the day on which what is due on a day of the grid is paid."""
    if terms.holidays is None:
        return nominal_due
    return terms.holidays.roll(nominal_due, terms.conventions.holiday_roll)


def dated_period(
    terms: Terms, start: date, nominal_due: date, *, regular: bool, due_day: int | None
) -> Period:
    """Return the period from a day to a due date, counted by the conventions of the terms.

    With `HolidayInterest.EXTRA_DAYS` it ends on the day of payment and, where that is another day,
    counts its real days. `due_day` is the nominal day of the grid that the period lies on; it sets
    the month marks.
    """
    conventions = terms.conventions
    end = due = day_of_payment(terms, nominal_due)
    if conventions.holiday_interest is HolidayInterest.NOMINAL:
        end = nominal_due
    regular = regular and end == nominal_due
    marks = None
    if conventions.period_interest is PeriodInterest.SAME_AS_PERIOD:
        fraction = nominal_fraction(terms.frequency) if regular else odd_fraction(terms, start, end)
    elif (
        conventions.day_count is DayCount.THIRTY_360_MONTHS
        and regular
        and terms.frequency.unit is Unit.MONTHS
    ):
        fraction = nominal_fraction(terms.frequency)
        marks = _marks(terms, start, end, due_day)
    else:
        fraction = year_fraction(conventions.day_count, start, end)
    return Period(start, end, nominal_due, due, fraction, marks)


def _marks(terms: Terms, start: date, end: date, due_day: int | None) -> tuple[date, ...]:
    every = terms.frequency.every
    day = due_day or end.day
    month = end.month
    if terms.conventions.month_end is MonthEnd.ROLL_NEXT and end.day < day:
        month -= 1
    inner = tuple(month_day(end.year, month - every + step, day) for step in range(1, every))
    return (start, *inner, end)


def is_regular(start: date | None, first_due: date, terms: Terms, due_day: int | None) -> bool:
    """Say whether one step back from the first due date on the same grid gives the start."""
    if start is None:
        return True
    return step_back(first_due, terms.frequency, due_day, terms.conventions.month_end) == start


def grid(terms: Terms, first_due: date, count: int, due_day: int | None) -> tuple[date, ...]:
    """Return the nominal due dates of `count` installments from `first_due` on."""
    return due_dates(first_due, count, terms.frequency, due_day, terms.conventions.month_end)


def periods_on_grid(
    terms: Terms, start: date | None, first_due: date | None, count: int, due_day: int | None
) -> list[Period]:
    """Return `count` consecutive periods, the first one from `start`.

    Without a start the first period is a regular one.
    """
    if first_due is None:
        return [Period(None, None, None, None, undated_fraction(terms))] * count
    dues = grid(terms, first_due, count, due_day)
    if start is None:
        start = step_back(first_due, terms.frequency, due_day, terms.conventions.month_end)
    regular = is_regular(start, first_due, terms, due_day)
    return consecutive_periods(terms, start, dues, regular=regular, due_day=due_day)


def consecutive_periods(
    terms: Terms, start: date, dues: Iterable[date], *, regular: bool, due_day: int | None
) -> list[Period]:
    """Return the periods that end with nominal due dates; `regular` speaks of the first one.

    With `HolidayInterest.EXTRA_DAYS` the one after a moved day starts there and counts its real
    days: none where both due dates are paid on one day.
    """
    periods = []
    for nominal_due in dues:
        period = dated_period(terms, start, nominal_due, regular=regular, due_day=due_day)
        assert period.end is not None
        start, regular = period.end, period.end == nominal_due
        periods.append(period)
    return periods


def is_skipped(terms: Terms, period: Period) -> bool:
    """Say whether the nominal due date lies in a month without payment."""
    return period.nominal_due is not None and period.nominal_due.month in terms.skip_months


def part_of(period: Period, day: date, day_count: DayCount) -> Fraction:
    """Return the fraction from the period's start to a day inside it (golden/SCHEMA 3.4)."""
    start, end = period.start, period.end
    if start is None or end is None or day <= start:
        return Fraction(0)
    if day >= end:
        return period.fraction
    if period.marks is not None:
        index = sum(1 for mark in period.marks if mark <= day) - 1
        length = (period.marks[index + 1] - period.marks[index]).days
        return Fraction(index * length + (day - period.marks[index]).days, 12 * length)
    if day_count is DayCount.PREVIOUS_MONTH:
        # A month's length says nothing about its days, so a part counts in proportion to its days.
        return period.fraction * (day - start).days / (end - start).days
    return year_fraction(day_count, start, day)
