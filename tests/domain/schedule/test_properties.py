"""What holds of every schedule, whatever the terms (DESIGN 5.4 and the properties of engines)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.formats.plan_file import written_rows, written_summary
from plan_assistant.domain.money import CNY, Money, Rounding
from plan_assistant.domain.schedule.drafting import draft_plan
from plan_assistant.domain.schedule.engine import price, price_general
from plan_assistant.domain.schedule.length_solvers import solve_shortest
from plan_assistant.domain.schedule.regular import is_regular_plan
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.solution import NoSolution, Solved
from plan_assistant.domain.schedule.solvers import solve_amount, solve_down_payment, solve_rate
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DayCount,
    DownPayment,
    Grace,
    InterestTreatment,
    OddFirstPeriod,
    Remainder,
    Terms,
    TotalInterest,
)
from tests.domain.schedule.builders import dated
from tests.domain.schedule.invariants import (
    assert_sound,
    number_of_installments,
    promises_its_number,
)
from tests.domain.schedule.strategies import (
    LEVEL,
    REGULAR_CONVENTIONS,
    any_terms,
    ending_early,
    priced,
    rare_terms,
)
from tests.properties import Kind, holds


@holds(Kind.INVARIANTS, short=1_400, long=100_000)
@given(any_terms())
def test_every_plan_keeps_every_invariant(terms: Terms) -> None:
    schedule = priced(terms)

    assert_sound(schedule)
    assert len(schedule.rows) == terms.periods + schedule.has_down_payment
    assert schedule.total_principal == terms.principal
    assert schedule.total_paid == (
        schedule.total_principal + schedule.total_interest + schedule.total_arrears
    )


@holds(Kind.INVARIANTS, short=1_000, long=80_000)
@given(rare_terms())
def test_plans_with_rare_parts_keep_every_invariant_too(terms: Terms) -> None:
    schedule = priced(terms)

    assert_sound(schedule)
    assert number_of_installments(schedule) <= terms.periods
    if promises_its_number(terms):
        assert number_of_installments(schedule) == terms.periods


@holds(Kind.INVARIANTS, short=700, long=50_000)
@given(st.one_of(rare_terms(), ending_early()))
def test_a_plan_charges_the_interest_that_accrues_once(terms: Terms) -> None:
    conventions = replace(
        terms.conventions,
        remainder=Remainder.LAST_PAYMENT,
        total_interest=TotalInterest.SUM_OF_ROWS,
    )
    terms = terms.with_(conventions=conventions)
    priced(terms)
    draft = draft_plan(terms)

    rows = draft.run()

    charged = Fraction(sum([row.interest + row.capitalised for row in rows]))
    assert abs(charged - draft.states[-1].rounded) <= len(rows)


@holds(Kind.TWO_WAYS, short=700, long=50_000)
@given(any_terms(REGULAR_CONVENTIONS))
def test_the_short_way_and_the_general_way_agree_to_the_last_cell(terms: Terms) -> None:
    terms = terms.with_(grace=Grace(terms.grace.principal))
    try:
        expected: Schedule | str = price_general(terms)
    except InvalidTerms as refusal:
        expected = refusal.field

    try:
        found: Schedule | str = price(terms)
    except InvalidTerms as refusal:
        found = refusal.field

    assert found == expected


def test_a_plan_with_two_faults_is_refused_alike_on_both_ways() -> None:
    # The first row pays less than its interest, and what it leaves is repaid before the last one.
    conventions = Conventions(
        day_count=DayCount.PREVIOUS_MONTH,
        odd_first_period=OddFirstPeriod.ACT_365,
        rounding=Rounding.DOWN,
        payment_rounding=Rounding.DOWN,
    )
    terms = dated(
        "1.03",
        "0.354369",
        24,
        start=date(2024, 1, 1),
        first_due=date(2024, 3, 11),
        due_day=None,
        conventions=conventions,
    )
    said = []
    for way in (price, price_general):
        with pytest.raises(InvalidTerms) as refused:
            way(terms)
        said.append(str(refused.value))

    assert said[0] == said[1]


def test_the_china_conventions_take_the_short_way() -> None:
    terms = Terms(
        principal=CNY.money(10**6),
        annual_rate=Fraction(18, 100),
        periods=60,
        start=None,
        first_due=None,
    )

    assert is_regular_plan(terms)


def _bytes(schedule: Schedule) -> bytes:
    rows = written_rows(schedule)
    return canonical({"rows": rows, "summary": written_summary(schedule, schedule.terms.principal)})


@holds(Kind.INVARIANTS, short=350, long=40_000)
@given(any_terms())
def test_pricing_again_gives_the_same_bytes(terms: Terms) -> None:
    schedule = priced(terms)

    again = price(terms.with_())

    assert again == schedule
    assert _bytes(again) == _bytes(schedule)


@holds(Kind.INVARIANTS, short=550, long=40_000)
@given(any_terms())
def test_balances_never_rise_unless_interest_is_capitalised(terms: Terms) -> None:
    schedule = priced(terms)

    balances = [terms.principal.minor, *schedule.columns.balance]
    capitalised = schedule.columns.capitalised

    rises = [max(0, after - before) for before, after in pairwise(balances)]
    assert rises == list(capitalised)
    if terms.grace.interest_treatment is not InterestTreatment.CAPITALISE:
        assert balances == sorted(balances, reverse=True)


@holds(Kind.INVARIANTS, short=550, long=40_000)
@given(any_terms())
def test_without_interest_a_plan_costs_exactly_the_debt(terms: Terms) -> None:
    schedule = priced(terms.with_(annual_rate=Fraction(0)))

    assert not any(schedule.columns.interest)
    assert schedule.total_paid == terms.principal + (terms.arrears or terms.principal.currency.zero)


@holds(Kind.INVARIANTS, short=550, long=40_000)
@given(any_terms(), st.integers(1, 10**6))
def test_waiving_carried_arrears_changes_no_principal_and_no_interest(
    terms: Terms, arrears: int
) -> None:
    down = terms.down_payment
    waived = terms.with_(
        arrears=None,
        down_payment=down and DownPayment(down.principal, terms.principal.currency.zero),
    )
    carrying = terms.with_(arrears=terms.arrears or terms.principal.currency.money(arrears))

    columns, after = priced(carrying).columns, priced(waived).columns

    assert (after.principal, after.interest) == (columns.principal, columns.interest)
    assert (after.capitalised, after.balance) == (columns.capitalised, columns.balance)
    assert sum(columns.payment) - sum(after.payment) == sum(columns.arrears)


SOLVERS = {
    "periods": solve_shortest,
    "principal": solve_amount,
    "annual_rate": solve_rate,
    "down_payment": solve_down_payment,
}


@holds(Kind.INVARIANTS, short=100, long=10_000)
@given(LEVEL, st.sampled_from(sorted(SOLVERS)), st.integers(1, 2_000))
def test_a_solved_plan_never_asks_for_more_than_was_offered_or_says_why(
    terms: Terms, field: str, per_mille: int
) -> None:
    offered = terms.principal.currency.money(terms.principal.minor * per_mille // 1_000)
    kept = {"periods", "principal", "annual_rate", "down_payment"} - {field}

    answer = SOLVERS[field](terms, offered)

    if isinstance(answer, NoSolution):
        assert answer.reason in {
            "interest_not_covered",
            "only_interest_covered",
            "too_many_periods",
            "nothing_fits",
        }
        assert answer.actual == offered
        return
    assert isinstance(answer, Solved)
    assert_sound(answer.schedule)
    assert answer.schedule.largest_payment <= offered
    assert {name: getattr(answer.terms, name) for name in kept} == {
        name: getattr(terms, name) for name in kept
    }


def _in_grace(terms: Terms, treatment: InterestTreatment | None) -> Terms:
    """Return the relief that starts with half of the installments: first interest, or deferral."""
    months = terms.periods // 2
    return terms.with_(
        amortization=Amortization.EQUAL_INSTALLMENT,
        conventions=Conventions(),
        grace=Grace(
            months, 0 if treatment is None else months, treatment or InterestTreatment.DEFER
        ),
    )


@holds(Kind.INVARIANTS, short=700, long=30_000)
@given(LEVEL, st.sampled_from([None, *InterestTreatment]))
def test_relief_asks_for_no_more_at_first_than_the_plan_without_it(
    terms: Terms, treatment: InterestTreatment | None
) -> None:
    relief = _in_grace(terms, treatment)

    payments = priced(relief).columns.payment[: relief.grace.principal]

    without_arrears: Money = priced(terms.with_(arrears=None)).first_payment
    carried = priced(relief).columns.arrears[: relief.grace.principal]
    for payment, arrears in zip(payments, carried, strict=True):
        assert payment - arrears <= without_arrears.minor
        assert treatment is None or payment == 0
