"""Months without payment: a plan pays nothing in them, so it cannot end in one."""

from __future__ import annotations

from datetime import date

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import Amortization, Conventions, LevelPayment, Terms
from tests.domain.schedule.builders import dated, yuan

GIVEN = Conventions(level_payment=LevelPayment.GIVEN)


def _terms(principal: str = "12000.00", **changes: object) -> Terms:
    """A year that ends in January."""
    year = dated(principal, start=date(2025, 1, 15), first_due=date(2025, 2, 15), due_day=15)
    return year.with_(**{"skip_months": frozenset({1}), **changes})


@pytest.mark.parametrize(
    "terms",
    [
        _terms(),
        _terms("12002.00"),
        _terms(payment=yuan("1000.00"), conventions=GIVEN),
        _terms("10000.00", amortization=Amortization.FLAT),
        _terms(amortization=Amortization.EQUAL_PRINCIPAL),
        _terms(amortization=Amortization.INTEREST_ONLY),
        _terms(amortization=Amortization.SINGLE_PAYMENT, periods=1, first_due=date(2026, 1, 15)),
    ],
    ids=["level", "level with a rest", "given", "flat", "principal", "interest only", "single"],
)
def test_a_plan_does_not_end_in_a_month_without_payment(terms: Terms) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        price(terms)

    assert str(refusal.value) == (
        "skip_months = 1: a plan cannot end in a month without payment;"
        " its last installment is due on 2026-01-15"
    )


def test_a_given_payment_that_repays_before_the_skipped_end_is_a_plan() -> None:
    schedule = price(_terms(payment=yuan("1200.00"), conventions=GIVEN))

    assert schedule.rows[-1].due == date(2025, 12, 15)


def test_nothing_is_asked_in_a_skipped_month_inside_the_plan() -> None:
    schedule = price(_terms(skip_months=frozenset({6})))

    assert [row.payment for row in schedule.rows if row.due and row.due.month == 6] == [
        yuan("0.00")
    ]


@pytest.mark.parametrize(
    "event",
    [
        ev.ExtendTerm(date(2025, 6, 15), 5),
        ev.MoveDueDate(date(2025, 12, 15), date(2026, 5, 20)),
        ev.ReAge(date(2025, 3, 20), ev.ReAgeInterest.RECALCULATED, 2, date(2025, 5, 15)),
    ],
    ids=lambda event: type(event).__name__,
)
def test_no_event_moves_the_end_into_a_month_without_payment(event: ev.Event) -> None:
    history = History(_terms(skip_months=frozenset({6}))).with_event("event", event)

    with pytest.raises(InvalidTerms) as refusal:
        _ = history.schedule

    assert refusal.value.field == "skip_months"


def test_what_is_paid_of_ones_own_accord_may_end_the_plan_in_such_a_month() -> None:
    plan = History(_terms(skip_months=frozenset({6})))
    june = date(2025, 6, 15)

    left = plan.schedule.rows[3].balance

    booked = plan.with_event("all", ev.Payment(june, left, Excess.SHORTEN))

    assert booked.schedule.rows[-1].due == june
