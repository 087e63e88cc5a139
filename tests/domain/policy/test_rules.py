"""What the rules ask, at their limits: one payment or one day more changes the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.domain.budget import assess
from plan_assistant.domain.calendar import NO_HOLIDAYS, Holidays
from plan_assistant.domain.case import Case, Willingness
from plan_assistant.domain.debt import Product
from plan_assistant.domain.money import Currency
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.offers.search import plan_of, search
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Effect, Finding, Role, Share
from plan_assistant.domain.verdict import Verdict
from tests.builders import TODAY, budget, case, components, debt, income, yuan
from tests.domain.offers.spaces import space_with
from tests.packs import CN


def plans(
    of: Case, wishes: Wishes | None = None, holidays: Holidays = NO_HOLIDAYS
) -> tuple[Plan, ...]:
    found = search(
        Space(
            case=of,
            debt=of.lead_debt,
            affordability=assess(of, CN.affordability.rules),
            policy=CN,
            role=Role.COLLECTOR,
            today=TODAY,
            holidays=holidays,
            wishes=wishes or Wishes(),
        )
    )
    assert found.plans
    return found.plans


def finding(plan: Plan, rule: str) -> Finding | None:
    return next((item for item in plan.findings if item.rule == rule), None)


def level(of: Case, wishes: Wishes | None = None) -> Plan:
    return next(
        plan
        for plan in plans(of, wishes)
        if plan.family in {Family.EQUAL_INSTALLMENT, Family.EXTENSION}
    )


def test_floating_rate_is_tried_a_point_higher() -> None:
    # A wage of 7,450 leaves 2,650; sixty payments ask for at most 2,639.35, so 10.65 are left. A
    # point on 104,175 is more than that in the first month alone.
    owed = components(principal="104175.00", interest="0.00", fee="0.00")
    household = budget((income("7450.00"),), cash="0.00")
    fixed = level(case(debt(owed=owed), of_budget=household), Wishes(periods=60))
    floating = level(
        case(replace(debt(owed=owed), is_floating=True), of_budget=household), Wishes(periods=60)
    )
    easy = level(case(replace(debt(), is_floating=True)), Wishes(periods=48))

    assert fixed.judgement.passes_rate_shock is None
    assert floating.judgement.left_over.minor >= 0
    assert floating.judgement.passes_rate_shock is False
    assert easy.judgement.passes_rate_shock is True
    assert floating.schedule == fixed.schedule


def test_residual_is_told_for_one_weighted_head() -> None:
    plan = level(case(), Wishes(periods=48))

    # Two adults and a child weigh 1.8.
    expected = Fraction(plan.judgement.left_over.minor * 10, 18)
    assert abs(plan.judgement.residual_per_head.minor - expected) <= Fraction(1, 2)


@pytest.mark.parametrize(("rate", "is_raised"), [("0.24", False), ("0.2401", True), ("0.36", True)])
def test_cost_above_24_percent_goes_to_the_team_lead(rate: str, is_raised: bool) -> None:
    space = space_with(case(debt(rate=rate)))
    plan = plan_of(space, space.line(Family.EQUAL_INSTALLMENT), 24)
    raised = finding(plan, "CN-RATE-01")

    assert (raised is not None) is is_raised
    if raised is not None:
        assert raised.effect is Effect.APPROVAL
        assert raised.actual == Share(Fraction(rate))


def test_observation_runs_a_year_from_the_first_payment_that_is_asked_for() -> None:
    space = space_with(case())
    deferral = plan_of(space, space.line(Family.DEFERRAL, grace_months=2), 24)

    ends = finding(deferral, "CN-CLASS-01")

    assert deferral.schedule.nominal_flows[0][0] == date(2027, 2, 15)
    assert ends is not None
    assert ends.limit == date(2028, 2, 15)


@pytest.mark.parametrize(("days", "is_raised"), [(365 + 62, True), (365 + 63, False)])
def test_second_restructuring_inside_the_observation_goes_to_the_team_lead(
    days: int,
    is_raised: bool,
) -> None:
    again = debt(restructured_on=(TODAY - timedelta(days=days),))

    assert (finding(level(case(again)), "CN-CLASS-06") is not None) is is_raised


@pytest.mark.parametrize(("owed", "is_raised"), [("500000.00", False), ("500000.01", True)])
def test_large_debt_goes_to_the_team_lead(owed: str, is_raised: bool) -> None:
    rich = budget((income("60000.00"),), cash="0.00")
    large = debt(owed=components(principal=owed, interest="0.00", fee="0.00"))

    assert (finding(level(case(large, of_budget=rich)), "DES-02-owed") is not None) is is_raised


def test_debt_in_a_currency_without_a_limit_goes_to_the_team_lead() -> None:
    assert Currency.of("KWD").code not in CN.authority[Role.TEAM_LEAD].largest_owed
    assert Currency.of("CNY").code in CN.authority[Role.COLLECTOR].largest_owed


def test_hardship_that_nobody_stated_needs_the_team_lead() -> None:
    assert finding(level(case(hardships=())), "DES-03-evidence") is not None
    assert finding(level(case()), "DES-03-evidence") is None


def test_will_to_pay_that_is_not_on_record_needs_the_team_lead() -> None:
    silent = case(is_willing=False)

    assert silent.willingness == Willingness(False, None, None)
    raised = finding(level(silent), "CN-CARD-01-will")
    assert raised is not None
    assert raised.may_allow is Role.TEAM_LEAD


@pytest.mark.parametrize(("down", "is_raised"), [("2000.00", False), ("2000.01", True)])
def test_down_payment_beyond_the_cash_in_hand_needs_the_team_lead(
    down: str,
    is_raised: bool,
) -> None:
    plan = level(case(), Wishes(down_payment=yuan(down)))

    assert (finding(plan, "CN-COLL-12") is not None) is is_raised


def test_loan_without_a_known_term_gets_no_plan() -> None:
    of = case(debt(product=Product.CONSUMER_LOAN, days_past_due=20))
    found = search(
        Space(
            case=of,
            debt=of.lead_debt,
            affordability=assess(of, CN.affordability.rules),
            policy=CN,
            role=Role.TEAM_LEAD,
            today=TODAY,
            holidays=NO_HOLIDAYS,
            wishes=Wishes(),
        )
    )

    assert not found.plans
    assert {item.rule for one in found.refusals for item in one.findings} == {"CN-LOAN-02-known"}


@pytest.mark.parametrize(("payments", "is_raised"), [(60, False), (61, True)])
def test_business_loan_beyond_five_years_needs_the_team_lead(
    payments: int,
    is_raised: bool,
) -> None:
    business = debt(
        product=Product.BUSINESS_LOAN,
        days_past_due=20,
        maturity=date(2026, 12, 1),
        original_term_months=36,
    )

    plan = level(case(business), Wishes(periods=payments, first_due=date(2026, 12, 15)))

    assert (finding(plan, "CN-LOAN-03-normal") is not None) is is_raised


@pytest.mark.parametrize("day", [26, 27, 28])
def test_holiday_that_moves_a_payment_into_the_next_month_makes_no_month_worse(day: int) -> None:
    # 28 February 2027 is a Sunday: with due day 28 that payment is made on 1 March.
    holidays = PackagedCalendars().named("cn")
    wishes = Wishes(due_day=day, periods=22)

    plan = next(
        plan for plan in plans(case(), wishes, holidays) if plan.family is Family.EQUAL_INSTALLMENT
    )

    assert plan.judgement.worst_payment == plan.schedule.largest_payment
    assert plan.judgement.verdict is Verdict.COMFORTABLE
