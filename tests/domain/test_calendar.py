"""Due dates: anchors that are remembered, months that are short, days on which nobody works."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.calendar import (
    BIWEEKLY,
    MONTHLY,
    NO_HOLIDAYS,
    WEEKLY,
    Frequency,
    HolidayRoll,
    Holidays,
    MonthEnd,
    Unit,
    add_months,
    days_in_month,
    due_dates,
    month_day,
    months_between,
    step_back,
)
from plan_assistant.domain.errors import InvalidTerms

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
MONTH_ENDS = st.sampled_from(MonthEnd)

GOLDEN_WEEK = Holidays(
    "test",
    date(2026, 12, 31),
    off=frozenset(date(2026, 10, day) for day in range(1, 9)),
    working=frozenset({date(2026, 9, 27), date(2026, 10, 10)}),
    fixed_days=frozenset({(1, 1), (10, 1)}),
)


def test_the_31st_of_january_comes_back_after_february() -> None:
    dates = due_dates(date(2027, 1, 31), 5, MONTHLY)

    assert dates == (
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
        date(2027, 5, 31),
    )


def test_the_anchor_day_holds_where_the_first_date_is_already_clamped() -> None:
    dates = due_dates(date(2027, 2, 28), 3, MONTHLY, due_day=31)

    assert dates == (date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30))


def test_a_leap_february_has_its_29th() -> None:
    assert due_dates(date(2028, 1, 30), 2, MONTHLY)[1] == date(2028, 2, 29)


def test_rolling_moves_a_missing_day_to_the_first_and_comes_back() -> None:
    dates = due_dates(date(2027, 1, 31), 4, MONTHLY, month_end=MonthEnd.ROLL_NEXT)

    assert dates == (date(2027, 1, 31), date(2027, 3, 1), date(2027, 3, 31), date(2027, 5, 1))


def test_a_rolled_first_date_belongs_to_the_month_before() -> None:
    dates = due_dates(date(2027, 3, 1), 2, MONTHLY, due_day=31, month_end=MonthEnd.ROLL_NEXT)

    assert dates == (date(2027, 3, 1), date(2027, 3, 31))


@pytest.mark.parametrize(("frequency", "step"), [(WEEKLY, 7), (BIWEEKLY, 14)])
@given(first=DAYS, count=st.integers(1, 60))
def test_weeks_keep_their_day_of_the_week(
    frequency: Frequency, step: int, first: date, count: int
) -> None:
    dates = due_dates(first, count, frequency)

    assert dates[0] == first
    assert {later - earlier for earlier, later in pairwise(dates)} <= {timedelta(days=step)}
    assert len(dates) == count


def test_every_ten_days_is_every_ten_days() -> None:
    assert due_dates(date(2026, 12, 25), 3, Frequency(10, Unit.DAYS)) == (
        date(2026, 12, 25),
        date(2027, 1, 4),
        date(2027, 1, 14),
    )


@given(DAYS, st.integers(2, 60), st.integers(1, 6), MONTH_ENDS)
def test_monthly_dates_rise_and_keep_their_day(
    first: date, count: int, every: int, month_end: MonthEnd
) -> None:
    dates = due_dates(first, count, Frequency(every, Unit.MONTHS), None, month_end)

    assert dates[0] == first
    assert len(dates) == count
    assert all(later > earlier for earlier, later in pairwise(dates))
    for day in dates:
        if month_end is MonthEnd.CLAMP:
            assert day.day == min(first.day, days_in_month(day.year, day.month))
        else:
            assert day.day in {first.day, 1}


@given(DAYS, st.sampled_from([MONTHLY, WEEKLY, BIWEEKLY, Frequency(3, Unit.MONTHS)]))
def test_a_step_back_and_forth_is_the_same_day(day: date, frequency: Frequency) -> None:
    before = step_back(day, frequency, None, MonthEnd.CLAMP)

    assert (
        due_dates(before, 2, frequency, day.day if frequency.unit is Unit.MONTHS else None)[1]
        == day
    )
    assert before < day


def test_no_installment_has_no_dates_and_fewer_are_refused() -> None:
    assert due_dates(date(2027, 1, 31), 0, MONTHLY) == ()
    with pytest.raises(InvalidTerms, match="at least one installment"):
        due_dates(date(2027, 1, 31), -1, MONTHLY)


@pytest.mark.parametrize(
    ("frequency", "times"),
    [
        (MONTHLY, 12),
        (WEEKLY, 52),
        (BIWEEKLY, 26),
        (Frequency(3, Unit.MONTHS), 4),
        (Frequency(5, Unit.MONTHS), None),
    ],
)
def test_a_frequency_knows_its_periods_a_year(frequency: Frequency, times: int | None) -> None:
    assert frequency.periods_a_year == times


# --- holidays ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2026, 9, 30), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 10, 9)),
        (date(2026, 10, 8), date(2026, 10, 9)),
        (date(2026, 10, 10), date(2026, 10, 10)),
        (date(2026, 10, 11), date(2026, 10, 12)),
        (date(2026, 9, 27), date(2026, 9, 27)),
        (date(2026, 9, 26), date(2026, 9, 27)),
    ],
    ids=[
        "before",
        "first-of-the-holiday",
        "last-of-the-holiday",
        "make-up-saturday",
        "sunday",
        "make-up-sunday",
        "saturday-before-a-make-up-sunday",
    ],
)
def test_a_due_date_moves_to_the_next_day_on_which_people_work(day: date, moved: date) -> None:
    assert GOLDEN_WEEK.roll(day, HolidayRoll.NEXT) == moved


def test_without_a_rule_nothing_moves() -> None:
    assert GOLDEN_WEEK.roll(date(2026, 10, 1), HolidayRoll.NONE) == date(2026, 10, 1)


def test_unpublished_years_know_weekends_and_the_days_fixed_by_law() -> None:
    assert not GOLDEN_WEEK.is_published(date(2027, 1, 1))
    assert not GOLDEN_WEEK.is_working_day(date(2027, 1, 1))
    assert not GOLDEN_WEEK.is_working_day(date(2027, 10, 1))
    assert GOLDEN_WEEK.is_working_day(date(2027, 10, 4))
    assert not GOLDEN_WEEK.is_working_day(date(2027, 10, 2))


def test_a_published_year_is_not_overruled_by_the_fixed_days() -> None:
    # In a published year the table is complete: 1 January 2026 is not among its free days.
    assert GOLDEN_WEEK.is_working_day(date(2026, 1, 1))


@given(DAYS, st.sampled_from([GOLDEN_WEEK, NO_HOLIDAYS]))
def test_a_moved_day_is_the_first_working_day_from_there(day: date, calendar: Holidays) -> None:
    moved = calendar.roll(day, HolidayRoll.NEXT)

    assert calendar.is_working_day(moved)
    assert calendar.roll(moved, HolidayRoll.NEXT) == moved
    between = [day + timedelta(days=offset) for offset in range((moved - day).days)]
    assert not any(calendar.is_working_day(skipped) for skipped in between)


# --- months --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        (2026, 13, 5, date(2027, 1, 5)),
        (2026, 26, 31, date(2028, 2, 29)),
        (2026, 0, 31, date(2025, 12, 31)),
        (2026, -1, 30, date(2025, 11, 30)),
    ],
)
def test_months_beyond_the_year_carry_over(year: int, month: int, day: int, expected: date) -> None:
    assert month_day(year, month, day) == expected


def test_the_missing_day_of_december_does_not_exist() -> None:
    assert month_day(2026, 11, 31, MonthEnd.ROLL_NEXT) == date(2026, 12, 1)
    assert month_day(2026, 12, 31, MonthEnd.ROLL_NEXT) == date(2026, 12, 31)


@given(DAYS, st.integers(0, 600))
def test_adding_months_counts_as_many_between(day: date, months: int) -> None:
    assert months_between(day, add_months(day, months)) == months


@given(DAYS, DAYS)
def test_a_broken_month_does_not_count(start: date, end: date) -> None:
    start, end = min(start, end), max(start, end)
    months = months_between(start, end)

    assert add_months(start, months) <= end < add_months(start, months + 1)
