"""Months without payment: a plan pays nothing in them, so it cannot end in one."""

from __future__ import annotations

from datetime import date

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DeferredCollection,
    Grace,
    InterestTreatment,
    LevelPayment,
    Terms,
)
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


def test_held_interest_in_equal_parts_does_not_end_in_a_month_without_payment_either() -> None:
    spread = Conventions(
        level_payment=LevelPayment.GIVEN, deferred_collection=DeferredCollection.SPREAD
    )

    with pytest.raises(InvalidTerms) as refusal:
        price(_terms(payment=yuan("500.00"), skip_months=frozenset({12, 1}), conventions=spread))

    assert refusal.value.field == "skip_months"


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

    quote = plan.payoff(june)
    # What is overdue, for nothing was paid before, is not what the installment of June books.
    balance = plan.schedule.rows[3].balance
    asked = balance.currency.money(int(quote.principal + quote.interest))
    booked = plan.with_event("all", ev.Payment(june, asked, Excess.SHORTEN)).schedule

    assert asked == balance + booked.rows[-1].interest
    assert (booked.rows[-1].due, booked.rows[-1].payment) == (june, asked)


def test_all_principal_without_the_interest_of_such_a_month_does_not_end_the_plan() -> None:
    plan = History(_terms(skip_months=frozenset({6})))
    left = plan.schedule.rows[3].balance

    with pytest.raises(InvalidTerms, match="all principal is repaid with no less than") as refusal:
        _ = plan.with_event("all", ev.Payment(date(2025, 6, 15), left, Excess.SHORTEN)).schedule

    assert refusal.value.field == "amount"


@pytest.mark.parametrize("strategy", [Excess.SHORTEN, Excess.LOWER])
@pytest.mark.parametrize("how", list(DeferredCollection))
@pytest.mark.parametrize(
    "amortization",
    [
        Amortization.EQUAL_INSTALLMENT,
        Amortization.EQUAL_PRINCIPAL,
        Amortization.FLAT,
        Amortization.INTEREST_ONLY,
    ],
)
def test_prepaying_the_whole_balance_in_such_a_month_ends_the_plan(
    amortization: Amortization, how: DeferredCollection, strategy: Excess
) -> None:
    """The interest of the month, which would have waited for July, is paid with it."""
    conventions = Conventions(deferred_collection=how)
    terms = _terms(skip_months=frozenset({6}), amortization=amortization, conventions=conventions)
    plan = History(terms)
    june = plan.schedule.rows[4]

    prepaid = plan.with_event("all", ev.Prepayment(5, june.balance, strategy)).schedule

    prepaid.check()
    assert len(prepaid.rows) == 5
    assert prepaid.rows[4].interest == june.deferred
    assert prepaid.rows[4].payment == june.balance + june.deferred


@pytest.mark.parametrize(
    "grace",
    [
        Grace(principal=3),
        Grace(interest=3),
        Grace(principal=3, interest=3),
        Grace(interest=3, interest_treatment=InterestTreatment.CAPITALISE),
    ],
    ids=["principal", "interest", "both", "capitalised"],
)
def test_prepaying_the_whole_balance_in_a_grace_ends_the_plan(grace: Grace) -> None:
    plan = History(_terms(skip_months=frozenset(), grace=grace))

    prepaid = plan.with_event(
        "all", ev.Prepayment(2, plan.schedule.rows[1].balance, Excess.SHORTEN)
    ).schedule

    prepaid.check()
    assert len(prepaid.rows) == 2
