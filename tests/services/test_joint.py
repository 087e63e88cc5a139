"""Sharing one payment: the rules of each debt are asked, and the sum is judged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import TODAY, budget, case, components, debt, income, yuan
from tests.packs import CN

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Product
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.joint import Joint, JointGap, Method
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import Effect, Role
from plan_assistant.domain.verdict import Verdict
from plan_assistant.services.joint import share_payment
from plan_assistant.services.negotiate import consider

TWO = case(
    debt(debt_id="CARD", owed=components("12000.00", "600.00", fee="120.00"), rate="0.18"),
    debt(
        debt_id="LOAN",
        product=Product.CONSUMER_LOAN,
        owed=components("9000.00", "300.00", fee="0.00"),
        rate="0.12",
        maturity=add_months(TODAY, 8),
        original_term_months=24,
    ),
)


def negotiation(of_case: Case = TWO) -> Negotiation:
    return consider(
        of_case,
        policy=CN,
        holidays=PackagedCalendars().named(CN.calendar),
        today=TODAY,
        role=Role.COLLECTOR,
    )


@pytest.mark.parametrize("method", list(Method))
def test_the_sum_is_comfortable_and_every_debt_is_repaid(method: Method) -> None:
    shared = share_payment(negotiation(), method)

    assert isinstance(shared.found, Joint)
    assert shared.judgement is not None
    assert shared.judgement.verdict is Verdict.COMFORTABLE
    assert not shared.above_affordable
    for plan in shared.found.plans:
        assert plan.schedule.total_principal == plan.debt.components.principal
        assert plan.schedule.total_arrears == plan.debt.components.non_principal
        assert plan.schedule.terms.conventions == CN.schedule.conventions


_WEAK_WINTER = (3500, 3500, 4500, 9000, 9500, 9500, 9500, 9500, 9500, 9000, 5000, 3500)


def seasonal(cash: str) -> Case:
    """Return the case of a household that earns little in winter."""
    steady = income("7333.00")
    wages = tuple(yuan(f"{wage}.00") for wage in _WEAK_WINTER)
    return replace(TWO, budget=budget((replace(steady, by_month=wages),), cash=cash))


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("cash", ["9000.00", "11000.00", "14000.00"])
def test_a_seasonal_household_is_asked_for_what_its_cash_carries(method: Method, cash: str) -> None:
    state = negotiation(seasonal(cash))
    shared = share_payment(state, method)

    assert isinstance(shared.found, Joint)
    assert shared.judgement is not None
    assert shared.judgement.verdict.rank <= Verdict.TIGHT.rank
    assert shared.judgement.lowest_cash is not None
    assert shared.judgement.lowest_cash.minor >= 0


def test_what_the_cash_does_not_carry_is_missing() -> None:
    found = share_payment(negotiation(seasonal("500.00")), Method.ORDER).found

    assert isinstance(found, JointGap)
    assert found.affordable < found.needed
    least = share_payment(negotiation(seasonal("500.00")), Method.ORDER, monthly=found.needed)
    assert least.judgement is not None
    assert least.judgement.verdict is Verdict.UNAFFORDABLE


def test_the_borrower_pays_on_one_day_a_month() -> None:
    shared = share_payment(negotiation(), Method.EQUAL)

    assert isinstance(shared.found, Joint)
    days = [plan.schedule.due for plan in shared.found.plans]
    shortest = min(map(len, days))
    assert days[0][:shortest] == days[1][:shortest]


def test_no_debt_is_planned_longer_than_its_rules_allow() -> None:
    least = share_payment(negotiation(), Method.ORDER, monthly=yuan("1.00")).found

    assert not isinstance(least, Joint)
    amount = least.needed
    shared = share_payment(negotiation(), Method.ORDER, monthly=amount)

    assert isinstance(shared.found, Joint)
    for plan in shared.found.plans:
        # Five years for a card (CN-CARD-03); the pack's own 120 payments are not reached.
        assert len(plan.schedule.due) < CN.space.max_periods
        assert not any(
            finding.effect is Effect.BLOCK for finding in shared.parts[plan.debt.debt_id].findings
        )


def test_a_dialled_amount_above_the_means_is_judged_so() -> None:
    shared = share_payment(negotiation(), Method.RATE, monthly=yuan("9000.00"))

    assert shared.judgement is not None
    assert shared.judgement.verdict is Verdict.UNAFFORDABLE
    assert shared.above_affordable


def test_a_plan_that_asks_for_more_than_the_contract_says_so() -> None:
    running = replace(TWO.debts[1], contractual_payment=yuan("1210.00"))
    shared = share_payment(negotiation(replace(TWO, debts=(TWO.debts[0], running))), Method.ORDER)

    assert isinstance(shared.found, Joint)
    loan = next(plan for plan in shared.found.plans if plan.debt.debt_id == "LOAN")
    part = shared.parts[loan.debt.debt_id]
    said = {each.test: each for each in part.findings}
    raised = said["relief_raises_payment"]
    assert raised.difference == loan.schedule.largest_payment - yuan("1210.00")
    assert "restructured_asset" in said


def test_a_plan_that_outlives_its_contract_is_an_extension() -> None:
    shared = share_payment(negotiation(), Method.ORDER)

    assert isinstance(shared.found, Joint)
    for plan in shared.found.plans:
        last, maturity = plan.schedule.last_due, plan.debt.maturity
        assert last is not None
        outlives = maturity is not None and last > maturity
        part = shared.parts[plan.debt.debt_id]
        assert part.family is (Family.EXTENSION if outlives else Family.EQUAL_INSTALLMENT)


def test_the_sum_says_by_which_limit_it_asks_for_too_much() -> None:
    shared = share_payment(negotiation(), Method.RATE, monthly=yuan("9000.00"))

    assert shared.judgement is not None
    (too_much,) = shared.asks
    assert too_much.difference == -shared.judgement.left_over
    assert isinstance(shared.found, Joint)
    able = negotiation().affordability.affordable
    assert shared.above_affordable == shared.found.largest - able
