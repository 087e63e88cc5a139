"""The case: sums, maturity, limitation and the household."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.debt import Component, Components
from plan_assistant.domain.errors import MixedCurrencies
from plan_assistant.domain.household import Household, OutgoingKind
from plan_assistant.domain.money import Currency
from tests.builders import TODAY, case, components, debt, yuan


def test_components_add_up_to_what_is_owed() -> None:
    owed = components("45000.00", "2400.00", "0.00", "850.00", "0.00")

    assert owed.total == yuan("48250.00")
    assert owed.non_principal == yuan("3250.00")
    assert [component for component, _ in owed.items()] == list(Component)


@given(st.lists(st.integers(0, 10**9), min_size=5, max_size=5))
def test_paying_every_component_leaves_nothing(minors: list[int]) -> None:
    owed = Components(*(yuan("0.00").currency.money(minor) for minor in minors))

    left = owed.minus(dict(owed.items()))

    assert not left.total
    assert owed.minus({}) == owed


def test_a_payment_reduces_its_component_only() -> None:
    left = components().minus({Component.INTEREST: yuan("400.00")})

    assert left == components(interest="2000.00")


def test_components_of_two_currencies_do_not_add_up() -> None:
    mixed = replace(components(), fee=Currency.of("HKD").money(1))

    with pytest.raises(MixedCurrencies):
        mixed.total  # noqa: B018  # the sum is made when it is asked for


@pytest.mark.parametrize(
    ("adults", "children", "weight"),
    [(1, 0, Fraction(1)), (2, 1, Fraction(9, 5)), (3, 2, Fraction(13, 5))],
)
def test_a_household_weighs_by_the_modified_oecd_scale(
    adults: int, children: int, weight: Fraction
) -> None:
    household = Household(adults, children)

    assert household.weight == weight
    assert household.persons == adults + children


def test_the_lead_debt_is_the_largest_negotiated_one() -> None:
    small = debt(debt_id="D1", owed=components("100.00"))
    large = debt(debt_id="D2", owed=components("90000.00"))
    outside = debt(debt_id="D3", owed=components("999999.00"), is_negotiated=False)
    several = case(small, outside, large)

    assert several.lead_debt is large
    assert several.negotiated == (small, large)
    assert several.owed == small.owed + large.owed


def test_the_case_is_as_late_as_its_latest_negotiated_debt() -> None:
    several = case(
        debt(debt_id="D1", days_past_due=12),
        debt(debt_id="D2", days_past_due=95),
        debt(debt_id="D3", days_past_due=400, is_negotiated=False),
    )

    assert several.days_past_due == 95


@pytest.mark.parametrize(("days", "matured"), [(-1, True), (0, False), (1, False)])
def test_a_loan_has_matured_the_day_after_its_last_due_date(days: int, matured: bool) -> None:
    loan = debt(maturity=TODAY + timedelta(days=days))

    assert loan.is_matured(TODAY) is matured


def test_revolving_credit_never_matures() -> None:
    card = debt(maturity=None)

    assert not card.is_matured(TODAY)
    assert card.months_to_maturity(TODAY) is None


def test_whole_months_are_left_to_maturity() -> None:
    assert debt(maturity=date(2027, 5, 19)).months_to_maturity(TODAY) == 5
    assert debt(maturity=date(2027, 5, 20)).months_to_maturity(TODAY) == 6
    assert debt(maturity=date(2026, 1, 1)).months_to_maturity(TODAY) == 0


def test_limitation_starts_again_with_an_acknowledgement() -> None:
    acknowledged = debt(last_acknowledged=date(2024, 2, 29), days_past_due=1500)

    assert acknowledged.limitation_ends(3) == date(2027, 2, 28)


def test_limitation_of_an_installment_loan_starts_with_its_last_installment() -> None:
    loan = debt(last_acknowledged=None, days_past_due=1720, maturity=date(2025, 1, 6))

    assert loan.limitation_ends(3) == date(2028, 1, 6)


def test_old_acknowledgement_does_not_end_limitation_before_the_first_missed_payment() -> None:
    silent = debt(last_acknowledged=date(2022, 1, 6), days_past_due=97)

    assert silent.limitation_ends(3) == date(2029, 8, 15)


def test_limitation_runs_from_the_oldest_due_date_where_nobody_acknowledged() -> None:
    silent = debt(last_acknowledged=None, days_past_due=97)

    assert silent.limitation_ends(3) == date(2029, 8, 15)
    assert debt(last_acknowledged=None, days_past_due=0).limitation_ends(3) is None


@pytest.mark.parametrize("kind", OutgoingKind)
def test_every_outgoing_has_exactly_one_place_in_the_budget(kind: OutgoingKind) -> None:
    places = [kind.is_essential, kind.is_priority, kind is OutgoingKind.OTHER_DEBT]

    assert places.count(True) == 1


def test_what_counts_as_debt_is_paid_to_creditors() -> None:
    assert {kind for kind in OutgoingKind if kind.is_debt} == {
        OutgoingKind.MORTGAGE,
        OutgoingKind.SECURED_LOAN,
        OutgoingKind.GUARANTEE,
        OutgoingKind.OTHER_DEBT,
    }
