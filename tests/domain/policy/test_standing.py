"""What a plan does to the standing of a debt: classes and dates, each day at its limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from plan_assistant.adapters.policies import shipped_pack
from plan_assistant.domain.calendar import NO_HOLIDAYS, Holidays, add_months
from plan_assistant.domain.case import Hardship, HardshipReason, PastPayment
from plan_assistant.domain.debt import Component, Debt, Product
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import Count, Days, Effect, Finding, Months, Share, Word
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.policy.rules import check_plan
from plan_assistant.wording.findings import finding_sentence
from tests.builders import TODAY, case, components, debt, yuan
from tests.domain.policy.proposals import FIRST_DUE, asked, priced, proposal, rule
from tests.packs import CN


def said(pack: PolicyPack, of: Debt, rule_id: str) -> Finding | None:
    """Return what a rule of a pack says about a plan on that debt."""
    plan = priced(proposal(of, pack=pack))
    found = check_plan(plan, pack, pack.rules_for(of.product, TODAY))
    return next((finding for finding in found if finding.rule == rule_id), None)


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (0, None),
        (1, "watch"),
        (90, "watch"),
        (91, "substandard"),
        (120, "substandard"),
        (121, "doubtful"),
        (180, "doubtful"),
        (181, "loss"),
    ],
)
def test_a_card_debt_is_classed_by_its_days(days: int, name: str | None) -> None:
    found = said(CN, debt(days_past_due=days), "CN-CARD-13")

    assert (None if found is None else found.limit) == (None if name is None else Word(name))


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (90, "watch"),
        (91, "substandard"),
        (270, "substandard"),
        (271, "doubtful"),
        (360, "doubtful"),
        (361, "loss"),
    ],
)
def test_a_loan_is_classed_by_its_days(days: int, name: str) -> None:
    found = said(CN, debt(product=Product.CONSUMER_LOAN, days_past_due=days), "CN-CLASS-05")

    assert found is not None
    assert (found.limit, found.actual) == (Word(name), Days(days))


@pytest.mark.parametrize(
    ("days", "name"),
    [(89, None), (90, "substandard"), (179, "substandard"), (180, "charge_off")],
)
def test_an_american_card_is_classed_by_its_days(days: int, name: str | None) -> None:
    found = said(shipped_pack("us-card"), debt(days_past_due=days), "US-08")

    assert (None if found is None else found.limit) == (None if name is None else Word(name))


def test_a_debt_that_is_not_past_due_is_in_difficulty_only_for_a_reason() -> None:
    current = debt(days_past_due=0)

    without = asked(rule("financial_difficulty"), proposal(current, of_case=case(hardships=())))

    assert without is None
    assert asked(rule("financial_difficulty"), proposal(current)) is not None
    late = asked(rule("financial_difficulty"), proposal(debt(days_past_due=1)))
    assert late is not None
    assert late.actual == Days(1)


@pytest.mark.parametrize(("days", "is_computed"), [(90, False), (91, True)])
def test_a_non_performing_debt_may_be_upgraded_after_two_payments_and_six_months(
    days: int, is_computed: bool
) -> None:
    found = said(CN, debt(days_past_due=days), "CN-CLASS-07")

    assert (None if found is None else found.limit) == (
        add_months(FIRST_DUE, 6) if is_computed else None
    )


@pytest.mark.parametrize(("ended_days_ago", "is_said"), [(-1, False), (0, False), (1, True)])
def test_after_maturity_a_plan_is_said_to_be_a_restructuring(
    ended_days_ago: int, is_said: bool
) -> None:
    loan = debt(
        product=Product.CONSUMER_LOAN,
        maturity=TODAY - timedelta(days=ended_days_ago),
        original_term_months=12,
    )

    found = said(CN, loan, "CN-LOAN-06-after")

    assert (found is not None) is is_said
    if found is not None:
        assert (found.limit, found.difference) == (loan.maturity, Days(1))


@pytest.mark.parametrize(
    ("ended_days_ago", "since"), [(-1, None), (0, "today"), (1, Days(1)), (30, Days(30))]
)
def test_an_extension_is_applied_for_before_the_day_of_maturity(
    ended_days_ago: int, since: object
) -> None:
    maturity = TODAY - timedelta(days=ended_days_ago)
    loan = debt(product=Product.CONSUMER_LOAN, maturity=maturity, original_term_months=12)

    found = asked(rule("extension_before_maturity"), proposal(loan, family=Family.EXTENSION))

    assert (found is None) is (since is None)
    if found is not None:
        assert (found.limit, found.actual) == (maturity, TODAY)
        assert found.difference == (None if since == "today" else since)
        said = finding_sentence(found, "en")
        assert ("The contract ends today" in said) is (since == "today")


def test_what_is_rescheduled_from_maturity_on_adds_nothing_to_earlier_extensions() -> None:
    loan = debt(
        product=Product.CONSUMER_LOAN,
        maturity=TODAY,
        original_term_months=12,
        extended_months=12,
    )

    question = rule("extension_cumulative_short", Effect.RECORD, original_term_months_max=12)
    assert asked(question, proposal(loan)) is None


@pytest.mark.parametrize(("ended_days_ago", "is_asked_for"), [(-1, True), (0, False), (1, False)])
def test_the_original_term_is_asked_for_until_the_loan_matures(
    ended_days_ago: int, is_asked_for: bool
) -> None:
    maturity = TODAY - timedelta(days=ended_days_ago)
    loan = debt(product=Product.CONSUMER_LOAN, maturity=maturity)

    assert (asked(rule("term_known"), proposal(loan)) is not None) is is_asked_for


def _off(*days: date) -> Holidays:
    """Return a calendar with these days off."""
    return replace(NO_HOLIDAYS, name="test", known_until=date(2030, 12, 31), off=frozenset(days))


@pytest.mark.parametrize(
    ("question", "limits", "ends"),
    [
        (
            "restructured_asset",
            {"observation_months": 12, "observation_periods": 2},
            (2027, 12, 18),
        ),
        ("restructured_asset", {"observation_months": 1, "observation_periods": 2}, (2027, 1, 19)),
        (
            "upgrade_earliest",
            {"non_performing_days": 0, "periods": 2, "least_months": 6},
            (2027, 6, 18),
        ),
    ],
)
def test_periods_begin_on_the_day_that_a_holiday_moved_the_first_payment_to(
    question: str, limits: dict[str, int], ends: tuple[int, int, int]
) -> None:
    holidays = _off(FIRST_DUE, *(date(2026, 12, day) for day in (16, 17)), date(2027, 1, 15))
    holidays = replace(holidays, off=holidays.off | {date(2027, 1, day) for day in range(15, 19)})
    plan = proposal(holidays=holidays)

    found = asked(rule(question, Effect.RECORD, **limits), plan)

    assert priced(plan).schedule.first_due == date(2026, 12, 18)
    assert found is not None
    assert found.limit == date(*ends)


def test_limitation_starts_with_the_last_installment() -> None:
    found = asked(rule("limitation_after_plan"), proposal(periods=24))

    assert found is not None
    assert found.limit == date(2031, 11, 15)


@pytest.mark.parametrize(
    ("days", "cured", "ends"),
    [
        (90, None, date(2028, 11, 20)),
        (91, date(2027, 11, 20), date(2029, 11, 20)),
    ],
)
def test_a_forborne_debt_is_cured_and_then_on_probation(
    days: int, cured: date | None, ends: date
) -> None:
    # Old charges that are spread without interest would lose value, and the plan be a default.
    owed = debt(days_past_due=days, owed=components(interest="0.00", fee="0.00"))

    found = said(shipped_pack("eu"), owed, "EU-04")

    assert found is not None
    assert (found.actual, found.limit) == (cured, ends)


@pytest.mark.parametrize(
    ("rate", "is_default"),
    [(Fraction(18, 100), False), (Fraction(175, 1000), False), (Fraction(0), True)],
)
def test_a_plan_that_is_a_default_itself_is_cured_before_its_probation(
    rate: Fraction, *, is_default: bool
) -> None:
    eu = shipped_pack("eu")
    owed = debt(days_past_due=60, owed=components(interest="0.00", fee="0.00"))
    plan = priced(proposal(owed, annual_rate=rate, pack=eu))

    found = {one.rule: one for one in check_plan(plan, eu, eu.rules_for(owed.product, TODAY))}

    assert ("EU-06" in found) is is_default
    cured, ends = (
        (date(2027, 11, 20), date(2029, 11, 20)) if is_default else (None, date(2028, 11, 20))
    )
    assert (found["EU-04"].actual, found["EU-04"].limit) == (cured, ends)


def test_cure_does_not_begin_before_a_grace_is_over() -> None:
    dates = rule("forborne_dates", non_performing_days=90, cure_months=12, probation_months=24)

    found = asked(dates, proposal(grace_months=3))

    assert found is not None
    assert found.actual == date(2028, 2, 20)


REAGING = rule("reaging_conditions", age_months=9, payments=3)


@pytest.mark.parametrize(("months", "is_too_young"), [(8, True), (9, False), (10, False)])
def test_a_young_account_is_not_brought_current(months: int, is_too_young: bool) -> None:
    account = replace(debt(), opened=add_months(TODAY, -months))

    found = asked(REAGING, proposal(account))

    assert found is not None  # nothing was paid yet
    assert (found.limit == Months(9)) is is_too_young


@pytest.mark.parametrize(
    ("amounts", "counted"),
    [
        ((), 0),
        (("500.00", "500.00"), 2),
        (("500.00", "500.00", "500.00"), None),
        (("500.00", "499.99", "500.00", "500.00"), 1),
        (("1499.99",), 1),
        (("1500.00",), None),
    ],
)
def test_three_payments_in_a_row_or_one_sum_of_three_bring_an_account_current(
    amounts: tuple[str, ...], counted: int | None
) -> None:
    payments = tuple(
        PastPayment(TODAY - timedelta(days=30 * number + 1), yuan(amount))
        for number, amount in enumerate(amounts)
    )
    account = debt(contractual_payment=yuan("500.00"))

    found = asked(REAGING, proposal(account, of_case=replace(case(), payments=payments)))

    assert (None if found is None else found.actual) == (
        None if counted is None else Count(counted)
    )


def test_an_account_that_is_not_past_due_needs_no_re_aging() -> None:
    assert asked(REAGING, proposal(debt(days_past_due=0))) is None


def test_overdue_interest_has_a_ceiling_above_the_contract_rate() -> None:
    found = said(CN, debt(product=Product.CONSUMER_LOAN), "CN-LOAN-07")

    assert found is not None
    assert found.limit == Share(Fraction(27, 100))


def test_a_waiver_is_kept_on_record_with_its_amount() -> None:
    waived = {Component.FEE: yuan("850.00")}

    assert asked(rule("waiver_final"), proposal()) is None
    found = asked(rule("waiver_final"), proposal(waived=waived))
    assert found is not None
    assert found.actual == yuan("850.00")


def test_the_order_of_debts_is_only_said_where_there_are_several() -> None:
    one, two = debt(), debt(debt_id="D2")
    plan = proposal(one)

    assert asked(rule("debts_order"), plan) is None
    several = replace(plan, case=case(one, two))
    found = asked(rule("debts_order"), several)
    assert found is not None
    assert found.actual == Count(2)


@pytest.mark.parametrize(
    ("code", "is_sensitive"), [(Hardship.BEREAVEMENT, True), (Hardship.INCOME_DROP, False)]
)
def test_a_sensitive_hardship_asks_to_go_gently(code: Hardship, is_sensitive: bool) -> None:
    reason = HardshipReason(code, date(2026, 8, 1), None, False, ())

    found = asked(rule("sensitive_hardship"), proposal(of_case=case(hardships=(reason,))))

    assert (found is not None) is is_sensitive


def test_years_on_the_credit_record_are_those_of_the_rule() -> None:
    found = asked(rule("credit_report_years", years=5), proposal())

    assert found is not None
    assert found.limit == Count(5)
