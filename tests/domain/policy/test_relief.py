"""A plan is held against the contract by its largest month and by its total."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from plan_assistant.domain.budget import assess
from plan_assistant.domain.debt import Product
from plan_assistant.domain.money import Money
from plan_assistant.domain.policy.contract import contract_total
from plan_assistant.domain.policy.findings import Effect, Finding, Role
from plan_assistant.domain.policy.plan_tests import PLAN_TESTS
from plan_assistant.domain.policy.proposal import PricedProposal, Proposal
from tests import builders
from tests.builders import TODAY, yuan
from tests.lever_plans import CALENDAR, lever_plan
from tests.packs import CN

_MATURITY = date(2028, 11, 20)


def asked(test: str, levers: tuple[str, ...], payment: Money, **debt: object) -> Finding | None:
    case, plan = lever_plan(levers)
    owing = replace(case.lead_debt, contractual_payment=payment, **debt)  # type: ignore[arg-type]
    proposal = Proposal(
        case=replace(case, debts=(owing,)),
        debt=owing,
        affordability=assess(case, CN.affordability.rules),
        family=plan.family,
        terms=plan.terms,
        waived=plan.waived,
        grace_months=plan.grace_months,
        months=24,
        today=TODAY,
        role=Role.COLLECTOR,
        holidays=CALENDAR,
    )
    rule = next(rule for rule in CN.rules if rule.test == test)
    priced = PricedProposal(proposal, plan.schedule, plan.judgement, plan.annualized_rate)
    return PLAN_TESTS[test](rule, priced, CN)


def test_a_step_up_is_judged_by_what_it_asks_later() -> None:
    _, plan = lever_plan(("step-up",))
    first, worst = plan.schedule.first_payment, plan.schedule.largest_payment

    found = asked("relief_raises_payment", ("step-up",), first)

    assert found is not None
    assert (found.limit, found.actual, found.difference) == (first, worst, worst - first)
    assert found.effect is Effect.DISCLOSE
    assert asked("relief_raises_payment", ("step-up",), worst) is None


def test_a_month_of_five_fridays_counts() -> None:
    _, plan = lever_plan(("weekly",))
    four = yuan("0.00") + plan.payment + plan.payment + plan.payment + plan.payment

    found = asked("relief_raises_payment", ("weekly",), four)

    assert found is not None
    assert found.actual == four + plan.payment


@pytest.mark.parametrize("levers", [(), ("deferral capitalised",), ("waiver", "lower rate")])
def test_the_total_is_held_against_what_the_running_contract_still_asks(
    levers: tuple[str, ...],
) -> None:
    _, plan = lever_plan(levers)
    payment = yuan("2300.00")
    case, _ = lever_plan(levers)
    debt = replace(case.lead_debt, contractual_payment=payment, maturity=_MATURITY)
    limit = contract_total(debt, TODAY)
    assert limit is not None

    found = asked("relief_raises_total", levers, payment, maturity=_MATURITY)

    if plan.total <= limit:
        assert found is None
    else:
        assert found is not None
        assert (found.limit, found.actual) == (limit, plan.total)
        assert found.difference == plan.total - limit


def test_what_a_running_contract_asks_is_its_payments_the_rest_and_the_old_charges() -> None:
    owed = builders.components("1000.00", "30.00", "0.00", "20.00")
    debt = builders.debt(
        product=Product.CONSUMER_LOAN,
        owed=owed,
        rate="0.12",
        maturity=date(2027, 2, 20),
        contractual_payment=yuan("100.00"),
    )

    # 1000.00 + 10.00 - 100 = 910.00; + 9.10 - 100 = 819.10; + 8.19 = 827.29 at maturity.
    assert contract_total(debt, TODAY) == yuan("1027.29") + yuan("50.00")


@pytest.mark.parametrize(
    "change",
    [
        {"contractual_payment": None},
        {"maturity": None},
        {"maturity": TODAY},
        {"contractual_payment": yuan("1.00")},
    ],
    ids=["no payment", "revolving", "matured", "does not cover interest"],
)
def test_where_a_contract_gives_no_total_nothing_is_claimed(change: dict[str, object]) -> None:
    debt = replace(
        builders.debt(maturity=_MATURITY, contractual_payment=yuan("2300.00")),
        **change,  # type: ignore[arg-type]
    )

    assert contract_total(debt, TODAY) is None
