"""The holiday calendars at hand."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.domain.calendar import NO_HOLIDAYS, HolidayRoll
from plan_assistant.domain.errors import InputRefused

CALENDARS = PackagedCalendars()
CHINA = CALENDARS.named("cn")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 17), False),  # Spring Festival, a Tuesday
        (date(2026, 2, 14), True),  # a Saturday worked for it
        (date(2026, 2, 28), True),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # a Saturday worked for National Day
        (date(2026, 10, 11), False),
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
    ],
)
def test_the_published_days_of_china(day: date, works: bool) -> None:
    assert CHINA.is_working_day(day) is works


def test_a_payment_on_a_holiday_moves_past_the_whole_holiday() -> None:
    assert CHINA.roll(date(2026, 10, 1), HolidayRoll.NEXT) == date(2026, 10, 8)
    assert CHINA.roll(date(2026, 2, 15), HolidayRoll.NEXT) == date(2026, 2, 24)


def test_after_the_last_published_year_the_days_fixed_by_law_stay_free() -> None:
    assert CHINA.known_until.month == 12
    assert CHINA.known_until.day == 31
    year = CHINA.known_until.year + 1
    fixed = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)]

    assert not any(CHINA.is_working_day(date(year, month, day)) for month, day in fixed)
    assert not CHINA.is_published(date(year, 1, 1))


def test_make_up_days_are_weekend_days_and_free_days_are_not() -> None:
    assert all(day.weekday() >= 5 for day in CHINA.working)
    assert not CHINA.working & CHINA.off


def test_the_calendar_is_built_once() -> None:
    assert CALENDARS.named("cn") is CHINA


def test_no_holidays_still_skips_weekends() -> None:
    calendar = CALENDARS.named("none")

    assert calendar is NO_HOLIDAYS
    assert calendar.roll(date(2026, 11, 21), HolidayRoll.NEXT) == date(2026, 11, 23)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputRefused) as refusal:
        CALENDARS.named("xx\x1b[2J")

    assert [problem.sentence for problem in refusal.value.problems] == [
        "there is no holiday calendar “xx�[2J”: name one of cn, none"
    ]


def test_the_holiday_tables_are_loaded_only_when_asked_for() -> None:
    code = "import sys, plan_assistant.adapters.calendars as c; c.PackagedCalendars().named('none')"
    check = f"{code}; sys.exit('chinese_calendar' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
