"""Rows whose parts a re-age has fixed: early money counts, and what cannot change them is refused.

12,000.00 at 12 %, 12 months; on 1 April nothing is paid and six equal parts of 2,000.00 and 132.37
(132.38 the last) take the place of everything, 239.60 of 794.23 interest owed by that day.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from tests.domain.schedule.builders import dated, payments, yuan

TERMS = dated("12000.00", start=date(2026, 1, 10), first_due=date(2026, 2, 10), due_day=10)
FIRST, SECOND = date(2026, 5, 1), date(2026, 6, 1)
RE_AGED = History(
    TERMS,
    {"aged": ev.ReAge(date(2026, 4, 1), ev.ReAgeInterest.FULL_REMAINING, 6, FIRST)},
)


def paid(amount: str, excess: Excess, day: date = FIRST) -> ev.Payment:
    return ev.Payment(day, yuan(amount), excess)


def rows_after(*events: ev.Event) -> list[str]:
    """Return the payments of the new rows."""
    history = RE_AGED
    for number, event in enumerate(events):
        history = history.with_event(f"e{number}", event)
    schedule = history.schedule
    schedule.check()
    return payments(schedule)[2:]


def test_a_re_age_leaves_equal_parts() -> None:
    assert rows_after() == ["2132.37"] * 5 + ["2132.38"]


def test_a_row_books_exactly_what_was_paid_and_the_plan_ends_earlier() -> None:
    # 4,867.63 of principal leave 7,132.37: three parts and 1,132.37, whose row also asks for the
    # interest that had accrued of the last one.
    found = rows_after(paid("5000.00", Excess.SHORTEN))

    assert found[:4] == ["5000.00", "2132.37", "2132.37", "2132.37"]
    assert len(found) == 5


def test_a_lower_payment_shares_the_rest_out_anew() -> None:
    # (12,000.00 - 4,867.63) / 5 = 1,426.474, rounded; the interest stays what was fixed.
    found = rows_after(paid("5000.00", Excess.LOWER))

    assert found == ["5000.00", *["1558.84"] * 4, "1558.87"]


def test_an_excess_may_skip_the_principal_of_the_next_rows() -> None:
    # 2,867.63 more than the part: 2,000.00 and 867.63 are not asked for again.
    found = rows_after(paid("5000.00", Excess.SKIP))

    assert found == ["5000.00", "132.37", "1264.74", "2132.37", "2132.37", "2132.38"]


def test_less_than_the_part_is_left_to_the_last_row() -> None:
    found = rows_after(paid("1000.00", Excess.SHORTEN))

    assert found == ["1000.00", *["2132.37"] * 4, "3264.75"]


def test_extra_principal_comes_on_top_of_the_part() -> None:
    prepaid = ev.Prepayment(4, yuan("5000.00"), Excess.LOWER, FIRST)

    found = rows_after(prepaid)

    assert found == ["2132.37", "7132.37", "882.37", "882.37", "882.37", "882.38"]


def test_an_extension_shares_the_parts_out_over_more_rows() -> None:
    # 10,000.00 and 661.86 are left over 5 + 5 rows.
    found = rows_after(ev.ExtendTerm(SECOND, 5))

    assert found == ["2132.37", *["1066.19"] * 9, "1066.15"]


def test_an_extension_that_keeps_the_parts_adds_no_row() -> None:
    assert rows_after(ev.ExtendTerm(SECOND, 5, keeps_payment=True)) == rows_after()


def test_a_payment_that_ends_the_plan_also_asks_for_interest_that_had_accrued() -> None:
    owed = RE_AGED.position(FIRST).total
    without_the_rest = 12_000_00 + 132_37

    schedule = RE_AGED.with_event("all", ev.Payment(FIRST, owed, Excess.SHORTEN)).schedule

    assert owed.minor > without_the_rest
    assert schedule.total_paid == owed


def test_all_principal_without_the_interest_that_had_accrued_is_refused() -> None:
    with pytest.raises(InvalidTerms, match="all principal is repaid with no less than 12") as found:
        rows_after(paid("12132.37", Excess.SHORTEN))

    assert found.value.field == "amount"


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (ev.RateChange(date(2026, 6, 15), Fraction(6, 100)), "annual_rate"),
        (ev.InterestPause(date(2026, 5, 2), date(2026, 8, 1)), "date"),
        (ev.InterestGrace(SECOND, 2), "from_due_date"),
    ],
    ids=["a new rate", "a pause", "a grace"],
)
def test_what_would_change_interest_that_was_fixed_is_refused(event: ev.Event, field: str) -> None:
    with pytest.raises(InvalidTerms, match="was fixed on 2026-04-01") as found:
        rows_after(event)

    assert found.value.field == field
