"""Due dates: month grids that remember their anchor day, holiday rolls, day counts.

Not here: where holidays come from (`adapters/calendars.py` reads them and hands them in).
"""

from __future__ import annotations

import calendar as _gregorian
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from plan_assistant.domain.errors import InvalidTerms

_DAY = timedelta(days=1)
_YEARS = range(1900, 2200)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Unit(StrEnum):
    """The unit of a payment frequency."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class MonthEnd(StrEnum):
    """What happens to a due day that a month does not have."""

    CLAMP = "clamp"
    """The last day of that month; later months return to the due day."""
    ROLL_NEXT = "roll_next"
    """The first day of the following month; later months return to the due day."""


class HolidayRoll(StrEnum):
    """What happens to a due date on which nobody works."""

    NONE = "none"
    NEXT = "next"
    """The next working day (China: Civil Code Art. 203, rule CN-CIV-06)."""


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a payment falls due: every 1 months, every 2 weeks ..."""

    every: int
    unit: Unit

    @property
    def periods_a_year(self) -> int | None:
        """Payments a year of 12 months, 52 weeks or 365 days; None where not whole."""
        year = {Unit.MONTHS: 12, Unit.WEEKS: 52, Unit.DAYS: 365}[self.unit]
        return year // self.every if year % self.every == 0 else None


MONTHLY = Frequency(1, Unit.MONTHS)
BIWEEKLY = Frequency(2, Unit.WEEKS)
WEEKLY = Frequency(1, Unit.WEEKS)


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days on which a payment cannot be expected, as far as they have been published."""

    name: str
    known_until: date
    """The last day with published holidays; later ones know weekends and `fixed_days` only."""
    off: frozenset[date]
    """Working-week days that are free."""
    working: frozenset[date]
    """Weekend days on which people work (make-up working days)."""
    fixed_days: frozenset[tuple[int, int]] = frozenset()
    """Month and day of holidays that the law fixes for every year."""

    def is_working_day(self, day: date) -> bool:
        """Say whether banks and employers work on that day."""
        if day in self.working:
            return True
        if day.weekday() >= 5 or day in self.off:
            return False
        return day <= self.known_until or (day.month, day.day) not in self.fixed_days

    def is_published(self, day: date) -> bool:
        """Say whether the holidays around that day are already published."""
        return day <= self.known_until

    def roll(self, day: date, rule: HolidayRoll) -> date:
        """Return the day itself, or the next working day where the rule asks for it."""
        if rule is HolidayRoll.NEXT:
            while not self.is_working_day(day):
                day += _DAY
        return day


NO_HOLIDAYS = Holidays("none", date.max, frozenset(), frozenset())
"""A calendar in which `HolidayRoll.NEXT` still skips weekends, for packs that name none."""


def days_in_month(year: int, month: int) -> int:
    """Return 28 to 31."""
    return 29 if month == 2 and _gregorian.isleap(year) else _DAYS[month - 1]


def month_day(year: int, month: int, day: int, month_end: MonthEnd = MonthEnd.CLAMP) -> date:
    """Return that day of that month by the month-end rule; the month may exceed 12."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    length = days_in_month(year, month)
    if day <= length:
        return date(year, month, day)
    if month_end is MonthEnd.CLAMP:
        return date(year, month, length)
    return date(year + month // 12, month % 12 + 1, 1)


def year_problem(day: date) -> str | None:
    """Say why a day lies too far from today for any debt or plan; None where it does not.

    The last years of the calendar have no room for a plan after them.
    """
    if day.year in _YEARS:
        return None
    return f"{day} lies outside the years {_YEARS.start} to {_YEARS.stop - 1}: check the year"


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later (or earlier), clamped to the length of the month."""
    return month_day(day.year, day.month + months, day.day)


@lru_cache(maxsize=512)
def due_dates(
    first: date,
    count: int,
    frequency: Frequency,
    due_day: int | None = None,
    month_end: MonthEnd = MonthEnd.CLAMP,
) -> tuple[date, ...]:
    """Return `count` due dates before any holiday roll.

    Months: the nominal day is `due_day` (default: the day of `first`), so 31 does not decay to 28
    after February. With ROLL_NEXT, a `first` below `due_day` belongs nominally to the month before.
    """
    if count < 0:
        raise InvalidTerms("periods", count, "a plan has at least one installment")
    every = frequency.every
    if frequency.unit is not Unit.MONTHS:
        step = timedelta(days=every * (7 if frequency.unit is Unit.WEEKS else 1))
        return tuple(first + index * step for index in range(count))
    day = due_day or first.day
    year, month = first.year, first.month
    if month_end is MonthEnd.ROLL_NEXT and first.day < day:
        month -= 1
    return tuple(month_day(year, month + index * every, day, month_end) for index in range(count))


def step_back(first: date, frequency: Frequency, due_day: int | None, month_end: MonthEnd) -> date:
    """Return the date one step before `first` on the same grid."""
    if frequency.unit is not Unit.MONTHS:
        return first - timedelta(days=frequency.every * (7 if frequency.unit is Unit.WEEKS else 1))
    day = due_day or first.day
    month = first.month - (1 if month_end is MonthEnd.ROLL_NEXT and first.day < day else 0)
    return month_day(first.year, month - frequency.every, day, month_end)


def months_between(start: date, end: date) -> int:
    """Return the whole months from start to end (a broken month does not count)."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (add_months(start, months) > end)
