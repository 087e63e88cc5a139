"""Sharing one payment: the rules of each debt are asked, and the sum is judged."""

from __future__ import annotations

import pytest
from tests.builders import TODAY, case, components, debt, yuan
from tests.packs import CN

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Product
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.joint import Joint, Method
from plan_assistant.domain.policy.findings import Role
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
            finding.effect.value == "block" for finding in shared.findings[plan.debt.debt_id]
        )


def test_a_dialled_amount_above_the_means_is_judged_so() -> None:
    shared = share_payment(negotiation(), Method.RATE, monthly=yuan("9000.00"))

    assert shared.judgement is not None
    assert shared.judgement.verdict is Verdict.UNAFFORDABLE
    assert shared.above_affordable
