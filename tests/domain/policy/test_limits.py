"""What rules ask of a plan, each at its limit, one below and one above."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.calendar import Frequency, Unit, add_months
from plan_assistant.domain.case import Willingness
from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import Confidence, Count, Effect, Months, Role, Share
from plan_assistant.domain.policy.proposal import last_nominal
from plan_assistant.domain.schedule.terms import Grace, InterestTreatment
from plan_assistant.wording.findings import finding_sentence
from tests.builders import TODAY, case, components, debt, yuan
from tests.domain.policy.proposals import FIRST_DUE, RATE, asked, priced, proposal, rule

GENERAL = rule(
    "extension_general",
    Effect.APPROVAL,
    short_months=12,
    medium_months=60,
    medium_share="0.5",
    long_months=36,
)


@pytest.mark.parametrize(
    ("original", "added", "limit"),
    [
        (12, 12, None),
        (12, 13, 12),
        (13, 6, None),
        (13, 7, 6),
        (60, 30, None),
        (60, 31, 30),
        (61, 36, None),
        (61, 37, 36),
    ],
)
def test_an_extension_is_held_against_the_term_of_the_loan(
    original: int, added: int, limit: int | None
) -> None:
    loan = debt(product=Product.OTHER, maturity=FIRST_DUE, original_term_months=original)

    found = asked(GENERAL, proposal(loan, family=Family.EXTENSION, periods=added + 1))

    assert (None if found is None else found.limit) == (None if limit is None else Months(limit))
    if found is not None:
        assert (found.actual, found.difference) == (Months(added), Months(1))
        assert found.may_allow is Role.TEAM_LEAD


def test_earlier_extensions_count() -> None:
    loan = debt(
        product=Product.OTHER, maturity=FIRST_DUE, original_term_months=12, extended_months=10
    )

    assert asked(GENERAL, proposal(loan, periods=3)) is None
    assert asked(GENERAL, proposal(loan, periods=4)) is not None


def test_beyond_the_end_of_a_loan_whose_term_is_not_known_the_team_lead_is_asked() -> None:
    loan = debt(product=Product.OTHER, maturity=FIRST_DUE)

    within, beyond = (asked(GENERAL, proposal(loan, periods=count)) for count in (1, 2))

    assert within is None
    assert beyond is not None
    assert (beyond.limit, beyond.may_allow) == (None, Role.TEAM_LEAD)
    assert "does not give the original term" in finding_sentence(beyond, "en")


@pytest.mark.parametrize(("periods", "is_raised"), [(2, False), (3, False), (4, True)])
def test_a_settlement_is_paid_within_its_months(periods: int, is_raised: bool) -> None:
    waived = {Component.PRINCIPAL: yuan("15000.00")}

    found = asked(rule("settlement_length", months=3), proposal(waived=waived, periods=periods))

    assert (found is not None) is is_raised


def test_a_long_plan_that_gives_up_only_charges_is_no_settlement() -> None:
    waived = {Component.FEE: yuan("850.00")}

    assert asked(rule("settlement_length", months=3), proposal(waived=waived)) is None


@pytest.mark.parametrize(
    ("rate", "is_raised"), [("0.1799", False), ("0.18", False), ("0.1801", True)]
)
def test_a_rate_above_the_contract_is_found(rate: str, is_raised: bool) -> None:
    found = asked(rule("rate_above_contract"), proposal(annual_rate=Fraction(rate)))

    assert (found is not None) is is_raised
    if found is not None:
        assert (found.limit, found.difference) == (Share(RATE), Share(Fraction(1, 10000)))


@pytest.mark.parametrize(("periods", "is_raised"), [(2, True), (3, False), (4, False)])
def test_few_large_payments_are_found(periods: int, is_raised: bool) -> None:
    found = asked(rule("few_payments", payments=3), proposal(periods=periods))

    assert (found is not None) is is_raised
    if found is not None:
        assert (found.limit, found.actual) == (Count(3), Count(2))


REAGING = rule("reaging_count", Effect.BLOCK, within_12_months=2, within_60_months=3)


@pytest.mark.parametrize(
    ("earlier_months", "limit"),
    [
        ((), None),
        ((11,), None),
        ((10, 11), 2),
        ((12, 13), None),
        ((13, 59), None),
        ((13, 40, 59), 3),
        ((13, 40, 60), None),
    ],
)
def test_times_an_account_is_brought_current_are_counted(
    earlier_months: tuple[int, ...], limit: int | None
) -> None:
    account = debt(restructured_on=tuple(add_months(TODAY, -months) for months in earlier_months))

    found = asked(REAGING, proposal(account))

    assert (None if found is None else found.limit) == (None if limit is None else Count(limit))


def test_present_value_is_held_against_its_share() -> None:
    # Nothing is carried and payments are discounted at the contract rate: only a cut loses value.
    owed = debt(owed=components(interest="0.00", fee="0.00"))
    cut = proposal(owed, annual_rate=Fraction(0))
    lost = asked(rule("present_value_loss", share="0.01"), cut)

    assert lost is not None
    assert isinstance(lost.actual, Share)
    exact = str(lost.actual.value)
    assert asked(rule("present_value_loss", share=exact), cut) is None
    assert asked(rule("present_value_loss", share="0.01"), proposal(owed)) is None


@pytest.mark.parametrize(("months", "is_raised"), [(0, False), (3, True)])
def test_a_debt_that_grows_is_found(months: int, is_raised: bool) -> None:
    grace = Grace(months, months, InterestTreatment.CAPITALISE)

    found = asked(rule("debt_grows"), proposal(grace=grace, grace_months=months))

    assert (found is not None) is is_raised


@pytest.mark.parametrize(("cents", "is_raised"), [(-1, True), (0, False), (1, False)])
def test_more_than_the_borrower_proposed_is_found(cents: int, is_raised: bool) -> None:
    worst = priced(proposal()).judgement.worst_payment
    proposed = worst.currency.money(worst.minor + cents)
    willing = replace(case(), willingness=Willingness(True, None, proposed))

    found = asked(rule("above_own_proposal"), proposal(of_case=willing))

    assert (found is not None) is is_raised
    if found is not None:
        assert found.difference == yuan("0.01")


def test_a_finding_carries_how_well_its_rule_was_checked() -> None:
    found = asked(rule("few_payments", payments=3), proposal(periods=2))

    assert found is not None
    assert found.confidence is Confidence.SECONDARY


def test_the_last_day_of_a_fortnightly_plan_is_counted_in_weeks() -> None:
    plan = proposal(periods=26, frequency=Frequency(2, Unit.WEEKS))

    assert last_nominal(plan.terms) == date(2027, 11, 30)
    assert plan.months == 13
