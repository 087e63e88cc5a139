"""Year fractions: how the days between two dates become an exact part of a year.

Not here: which periods a plan has (`periods.py`).
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import lru_cache

from plan_assistant.domain.calendar import add_months, days_in_month, months_between
from plan_assistant.domain.schedule.terms import DayCount

_THIRTY_FIRST = 31


def year_fraction(day_count: DayCount, start: date, end: date) -> Fraction:
    """Return the exact fraction of a year from start to end; the start day is not counted."""
    match day_count:
        case DayCount.ACT_365:
            return _part((end - start).days, 365)
        case DayCount.ACT_360:
            return _part((end - start).days, 360)
        case DayCount.ACT_ACT:
            return _actual_actual(start, end)
        case DayCount.THIRTY_360 | DayCount.THIRTY_E_360:
            return _thirty_360(start, end, european=day_count is DayCount.THIRTY_E_360)
        case DayCount.THIRTY_360_MONTHS:
            return _months_and_days(start, end)
        case DayCount.PREVIOUS_MONTH:
            return _previous_month(end)


@lru_cache(maxsize=1024)
def _part(days: int, length: int) -> Fraction:
    """Return days as a part of a year; most periods have one of a few lengths."""
    return Fraction(days, length)


def _days_in_year(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days if year < date.max.year else 365


def _actual_actual(start: date, end: date) -> Fraction:
    # Each day belongs to the year of the date on which it ends.
    if start.year == end.year:
        return _part((end - start).days, _days_in_year(end.year))
    days_of_first = (date(start.year, 12, 31) - start).days
    days_of_last = (end - date(end.year - 1, 12, 31)).days
    return (
        Fraction(days_of_first, _days_in_year(start.year))
        + (end.year - start.year - 1)
        + Fraction(days_of_last, _days_in_year(end.year))
    )


def _thirty_360(start: date, end: date, *, european: bool) -> Fraction:
    first, last = start.day, end.day
    if first == _THIRTY_FIRST:
        first = 30
    if last == _THIRTY_FIRST and (european or first == 30):
        last = 30
    days = 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first
    return _part(days, 360)


def _months_and_days(start: date, end: date) -> Fraction:
    whole = months_between(start, end)
    anniversary = add_months(start, whole)
    length = (add_months(start, whole + 1) - anniversary).days
    return Fraction(whole * length + (end - anniversary).days, 12 * length)


def _previous_month(end: date) -> Fraction:
    year, month = (end.year, end.month - 1) if end.month > 1 else (end.year - 1, 12)
    return Fraction(days_in_month(year, month), _days_in_year(year))
