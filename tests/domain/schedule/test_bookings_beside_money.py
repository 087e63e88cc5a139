"""Booked payments in rows that also hold extra principal, capitalise or are skipped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import Grace, InterestTreatment
from tests.domain.schedule.builders import dated, yuan

TERMS = dated("12000.00", start=date(2026, 1, 10), first_due=date(2026, 2, 10), due_day=10)
FIRST, SECOND = date(2026, 2, 10), date(2026, 3, 10)


def booked(history: History, amount: str) -> History:
    return history.with_event("booked", ev.Payment(SECOND, yuan(amount), Excess.SHORTEN))


def test_a_row_that_capitalises_books_up_to_the_debt_with_its_interest() -> None:
    """9,000.00 of 12,000.00 are prepaid in row 1; row 2 owes 3,151.20."""
    terms = TERMS.with_(grace=Grace(4, 4, InterestTreatment.CAPITALISE))
    prepaid = ev.Prepayment(1, yuan("9000.00"), Excess.SHORTEN, FIRST)
    history = History(terms, {"prepaid": prepaid})

    assert booked(history, "3130.00").schedule.rows[1].payment == yuan("3130.00")
    assert booked(history, "3151.20").schedule.rows[-1].due == SECOND
    with pytest.raises(InvalidTerms, match=r"more than the debt of 3151\.20"):
        _ = booked(history, "3151.21").schedule


def test_a_booking_beside_extra_principal_is_at_most_what_that_leaves() -> None:
    prepaid = ev.Prepayment(2, yuan("10000.00"), Excess.SHORTEN, date(2026, 2, 1))
    history = History(TERMS, {"prepaid": prepaid})
    before = history.schedule.rows[0].balance
    left = before + history.schedule.rows[1].interest - yuan("10000.00")

    with pytest.raises(InvalidTerms, match=f"more than the debt of {left.plain}"):
        _ = booked(history, "5000.00").schedule
    assert booked(history, left.plain).schedule.rows[-1].due == SECOND


def test_a_booking_beside_extra_principal_is_free_of_the_fee_on_that() -> None:
    terms = TERMS.with_(installment_fee_rate=Fraction(1, 100))
    prepaid = ev.Prepayment(2, yuan("1000.00"), Excess.SHORTEN, date(2026, 2, 1))

    row = booked(History(terms, {"prepaid": prepaid}), "2000.00").schedule.rows[1]

    assert row.payment >= yuan("3000.00")


def test_extra_principal_in_a_skipped_month_lowers_a_payment_that_is_computed_anew() -> None:
    skipping = replace(TERMS, skip_months=frozenset({6}))
    lower = ev.RateChange(date(2026, 3, 10), Fraction(12, 100))

    def payment(number: int) -> int:
        extra = ev.Prepayment(number, yuan("5000.00"), Excess.SHORTEN, date(2026, 2, 10))
        return History(skipping, {"extra": extra, "rate": lower}).schedule.rows[6].payment.minor

    # A month sooner it saves a month of interest, and no more.
    assert payment(6) - 1000 < payment(5) < payment(6)
