"""More of the rate, the term or the down payment moves a plan one way only."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.schedule.periods import nominal_fraction
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import DownPayment, Terms
from tests.domain.schedule.strategies import (
    CHINA_CONVENTIONS,
    LEVEL,
    any_terms,
    priced,
    steady_terms,
)
from tests.properties import Kind, holds


def _one_unit_of_payment(terms: Terms) -> int:
    """What one unit more or less of a level payment, its rounding, can cost until the end."""
    rate = terms.annual_rate * nominal_fraction(terms.frequency)
    grown = (1 + rate) ** terms.periods
    return terms.periods + 1 + (int((grown - 1) / rate) if rate else 0)


@holds(Kind.MONOTONE, short=700, long=50_000)
@given(any_terms(CHINA_CONVENTIONS), st.integers(1, 50_000))
def test_a_higher_rate_costs_no_less_than_rounding_allows(terms: Terms, ppm: int) -> None:
    dearer = terms.with_(annual_rate=terms.annual_rate + Fraction(ppm, 10**6))
    margin = terms.principal.currency.money(_one_unit_of_payment(dearer))

    assert priced(dearer).total_interest + margin >= priced(terms).total_interest


def _for_the_debt(schedule: Schedule) -> list[int]:
    """Return the payments without carried arrears, which rows without any interest do not share."""
    columns = schedule.columns
    return [
        payment - arrears for payment, arrears in zip(columns.payment, columns.arrears, strict=True)
    ]


@holds(Kind.MONOTONE, short=700, long=60_000)
@given(steady_terms(), st.integers(1, 50_000))
def test_a_higher_rate_asks_for_a_lower_payment_in_no_row_but_the_last(
    terms: Terms, ppm: int
) -> None:
    dearer = terms.with_(annual_rate=terms.annual_rate + Fraction(ppm, 10**6))

    payments, higher = _for_the_debt(priced(terms)), _for_the_debt(priced(dearer))

    pairs = zip(payments[:-1], higher[:-1], strict=True)
    assert all(payment <= dearer_payment for payment, dearer_payment in pairs)


@holds(Kind.MONOTONE, short=700, long=60_000)
@given(steady_terms())
def test_one_more_installment_never_asks_for_a_higher_payment(terms: Terms) -> None:
    longer = terms.with_(periods=terms.periods + 1)
    repays_from = terms.grace.principal

    shorter_plan, longer_plan = priced(terms), priced(longer)

    before, after = _for_the_debt(shorter_plan), _for_the_debt(longer_plan)
    assert after[:repays_from] == before[:repays_from]
    assert after[repays_from] <= before[repays_from]
    if not repays_from:
        assert longer_plan.first_payment <= shorter_plan.first_payment


@holds(Kind.MONOTONE, short=700, long=50_000)
@given(steady_terms())
def test_one_more_installment_costs_no_less_than_rounding_allows(terms: Terms) -> None:
    longer = terms.with_(periods=terms.periods + 1)
    margin = terms.principal.currency.money(_one_unit_of_payment(longer))

    assert priced(longer).total_interest + margin >= priced(terms).total_interest


@holds(Kind.MONOTONE, short=700, long=50_000)
@given(LEVEL, st.integers(1, 50_000))
def test_more_down_costs_no_more_in_all_than_rounding_allows(terms: Terms, down: int) -> None:
    zero = terms.principal.currency.zero
    with_down = terms.with_(down_payment=DownPayment(terms.principal.currency.money(down), zero))
    margin = terms.principal.currency.money(_one_unit_of_payment(terms))

    assert priced(with_down).total_interest <= priced(terms).total_interest + margin
    assert priced(with_down).first_payment <= priced(terms).first_payment
