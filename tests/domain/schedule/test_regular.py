"""The short way for regular plans gives the cents of the general way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.calendar import BIWEEKLY, MONTHLY, WEEKLY
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY, Rounding
from plan_assistant.domain.schedule.engine import price, price_general
from plan_assistant.domain.schedule.regular import is_regular_plan
from plan_assistant.domain.schedule.schedule import Columns, Schedule
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DayCount,
    Grace,
    LevelPaymentBasis,
    Terms,
)
from tests.domain.schedule.strategies import CHOICES, Choices
from tests.properties import Kind, holds

START = date(2026, 11, 20)


@holds(Kind.TWO_WAYS, short=700, long=40_000)
@given(
    choices=CHOICES,
    principal=st.integers(1_000, 10**12),
    rate=st.integers(0, 36_000),
    periods=st.integers(1, 120),
    days=st.integers(1, 75),
)
def test_short_and_general_way_agree(
    choices: Choices, principal: int, rate: int, periods: int, days: int
) -> None:
    rounding = choices.among(tuple(Rounding))
    terms = Terms(
        principal=CNY.money(principal),
        annual_rate=Fraction(rate, 100_000),
        periods=periods,
        start=START,
        first_due=START + timedelta(days=days),
        frequency=choices.among((MONTHLY, WEEKLY, BIWEEKLY)),
        amortization=choices.among(
            (
                Amortization.EQUAL_INSTALLMENT,
                Amortization.EQUAL_PRINCIPAL,
                Amortization.INTEREST_ONLY,
            )
        ),
        grace=Grace(principal=choices.among(range(min(7, periods)))),
        conventions=Conventions(
            level_payment_basis=choices.among(
                (LevelPaymentBasis.PERIOD_FRACTIONS, LevelPaymentBasis.PERIOD_RATE)
            ),
            day_count=choices.among(
                (DayCount.ACT_360, DayCount.ACT_365, DayCount.THIRTY_360_MONTHS)
            ),
            rounding=Rounding.HALF_UP if rounding is Rounding.UP else rounding,
            payment_rounding=rounding,
        ),
    )
    assert is_regular_plan(terms)

    # What cannot be a plan may fail in two ways at once; each way names the one it meets first.
    assert _columns(price, terms) == _columns(price_general, terms)


def _columns(way: Callable[[Terms], Schedule], terms: Terms) -> Columns | None:
    try:
        return way(terms).columns
    except InvalidTerms:
        return None
