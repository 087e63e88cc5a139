"""The search: what is offered breaks no rule, adds up, and answers what was dialled."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.budget import assess
from plan_assistant.domain.calendar import NO_HOLIDAYS
from plan_assistant.domain.case import Case, Hardship, HardshipReason
from plan_assistant.domain.debt import Component, Components, Product
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.household import OutgoingKind, Reliability
from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.claim import allocate
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.offers.search import search
from plan_assistant.domain.offers.search_result import Offers
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Effect, Role
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.verdict import Verdict
from plan_assistant.wording.problems import failure_sentence
from tests.builders import TODAY, budget, case, components, debt, income, outgoing, yuan
from tests.domain.schedule.invariants import assert_sound
from tests.packs import CN
from tests.properties import Kind, holds


def space_of(of: Case, wishes: Wishes | None = None, role: Role = Role.COLLECTOR) -> Space:
    return Space(
        case=of,
        debt=of.lead_debt,
        affordability=assess(of, CN.affordability.rules),
        policy=CN,
        role=role,
        today=TODAY,
        holidays=NO_HOLIDAYS,
        wishes=wishes or Wishes(),
    )


def test_a_space_that_no_memory_should_hold_is_refused_with_its_size() -> None:
    fine = CN.space.model_copy(update={"rate_step": Fraction(1, 10_000)})
    space = replace(space_of(case()), policy=CN.model_copy(update={"space": fine}))

    with pytest.raises(InvalidTerms) as refused:
        search(space)

    assert refused.value.field == "candidates"
    assert "at most 5,000,000 are searched" in failure_sentence(refused.value, "en")


def offers(of: Case, wishes: Wishes | None = None, role: Role = Role.COLLECTOR) -> Offers:
    return search(space_of(of, wishes, role))


def families(found: Offers) -> set[Family]:
    return {plan.family for plan in found.plans}


def rules_of(plan: Plan, effect: Effect) -> set[str]:
    return {finding.rule for finding in plan.findings if finding.effect is effect}


def test_standard_case_gets_three_to_five_distinct_offers_each_with_a_reason() -> None:
    found = offers(case())

    assert 3 <= len(found.plans) <= 5
    assert len({plan.schedule.cash_flows for plan in found.plans}) == len(found.plans)
    assert all(plan.reasons for plan in found.plans)


def test_offers_break_no_blocking_rule() -> None:
    assert not any(rules_of(plan, Effect.BLOCK) for plan in offers(case()).plans)


def test_cheapest_offer_is_the_shortest_comfortable_level_plan() -> None:
    of = case()
    cheapest = next(plan for plan in offers(of).plans if Reason.CHEAPEST in plan.reasons)
    shorter = offers(of, Wishes(periods=cheapest.schedule.number_of_payments - 1))
    level = next(plan for plan in shorter.plans if plan.family is cheapest.family)

    assert cheapest.judgement.verdict is Verdict.COMFORTABLE
    assert level.judgement.verdict is not Verdict.COMFORTABLE
    assert level.total < cheapest.total


def test_bisection_finds_what_trying_every_length_finds() -> None:
    of = case()
    space = space_of(of, Wishes(monthly=yuan("1800.00")))
    line = space.line(Family.EQUAL_INSTALLMENT)
    fitting = [
        payments
        for payments in range(2, 61)
        if price(space.terms(line, payments)).largest_payment <= yuan("1800.00")
    ]

    plan = next(plan for plan in search(space).plans if plan.family is Family.EQUAL_INSTALLMENT)

    assert plan.schedule.number_of_payments == fitting[0]


def test_dialled_amount_is_never_exceeded_by_an_offer_that_answers_it() -> None:
    found = offers(case(), Wishes(monthly=yuan("1800.00")))

    asked = [plan for plan in found.plans if Reason.ASKED in plan.reasons]
    assert asked
    assert all(plan.schedule.largest_payment <= yuan("1800.00") for plan in asked)


def test_amount_that_nothing_meets_gets_the_nearest_plan_and_says_so() -> None:
    found = offers(case(), Wishes(monthly=yuan("300.00")))

    assert found.plans
    assert all(Reason.NEAREST in plan.reasons for plan in found.plans)


def test_dialled_number_of_payments_is_kept_by_every_offer() -> None:
    found = offers(case(), Wishes(periods=24))

    assert {plan.schedule.number_of_payments for plan in found.plans} == {24}


def test_dialled_dates_are_kept() -> None:
    found = offers(case(), Wishes(due_day=20, first_due=date(2027, 1, 20)))

    assert {plan.terms.first_due for plan in found.plans} == {date(2027, 1, 20)}


def test_down_payment_settles_principal_first_from_day_91() -> None:
    late = offers(case(debt(days_past_due=95)), Wishes(down_payment=yuan("1000.00"), periods=24))
    early = offers(case(debt(days_past_due=60)), Wishes(down_payment=yuan("1000.00"), periods=24))

    assert late.plans[0].schedule.rows[0].principal == yuan("1000.00")
    assert early.plans[0].schedule.rows[0].arrears == yuan("1000.00")


@pytest.mark.parametrize(
    ("days", "principal", "interest"), [(60, "0.00", "900.00"), (95, "1000.00", "0.00")]
)
def test_reference_card_payment_is_allocated_by_days_past_due(
    days: int, principal: str, interest: str
) -> None:
    # The reference's golden card: pay 1,000; interest 900, fees 100, principal 8,000.
    owed = Components(yuan("8000.00"), yuan("900.00"), CNY.zero, yuan("100.00"), CNY.zero)

    paid = allocate(yuan("1000.00"), owed, CN.allocation_order(Product.CREDIT_CARD, days))

    assert paid[Component.PRINCIPAL] == yuan(principal)
    assert paid[Component.INTEREST] == yuan(interest)


@pytest.mark.parametrize("amount", ["48250.00", "99999.00", "-1.00"])
def test_impossible_down_payment_is_refused_by_name(amount: str) -> None:
    with pytest.raises(InvalidTerms) as caught:
        offers(case(), Wishes(down_payment=yuan(amount)))

    assert caught.value.field == "down_payment"


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        (Wishes(periods=1), "periods"),
        (Wishes(periods=121), "periods"),
        (Wishes(due_day=0), "due_day"),
        (Wishes(due_day=29), "due_day"),
        (Wishes(first_due=TODAY), "first_due"),
    ],
    ids=["one payment", "too many payments", "day 0", "day 29", "today"],
)
def test_dials_that_describe_nothing_are_refused_by_name(wishes: Wishes, field: str) -> None:
    with pytest.raises(InvalidTerms) as caught:
        offers(case(), wishes)

    assert caught.value.field == field


def test_card_plan_never_runs_longer_than_five_years() -> None:
    found = offers(
        case(debt(owed=components(principal="400000.00"))), Wishes(monthly=yuan("100.00"))
    )

    assert found.plans
    assert all(plan.last_due <= date(2031, 11, 20) for plan in found.plans)
    assert found.rejected["CN-CARD-02"] > 0


def loan(maturity: date, *, original: int = 24, extended: int = 0, due: int = 0) -> Case:
    return case(
        debt(
            product=Product.CONSUMER_LOAN,
            days_past_due=due,
            maturity=maturity,
            original_term_months=original,
            extended_months=extended,
        )
    )


def test_loan_before_maturity_can_be_extended() -> None:
    assert Family.EXTENSION in families(offers(loan(date(2027, 6, 1))))


def test_loan_after_maturity_is_rescheduled_and_not_extended() -> None:
    found = offers(loan(date(2026, 6, 1), due=172))

    assert Family.EXTENSION not in families(found)
    refusal = next(refusal for refusal in found.refusals if refusal.family is Family.EXTENSION)
    assert [finding.rule for finding in refusal.findings] == ["CN-LOAN-06"]


def test_loan_that_matures_today_is_rescheduled_and_not_extended() -> None:
    found = offers(loan(TODAY))

    assert families(found) & {Family.EQUAL_INSTALLMENT, Family.ZERO_RATE}
    refusal = next(refusal for refusal in found.refusals if refusal.family is Family.EXTENSION)
    assert [finding.rule for finding in refusal.findings] == ["CN-LOAN-06"]
    assert [(finding.limit, finding.difference) for finding in refusal.findings] == [(TODAY, None)]


def test_short_loan_is_extended_by_at_most_its_original_term() -> None:
    found = offers(loan(date(2027, 2, 1), original=12, extended=4), Wishes(monthly=yuan("100.00")))

    assert found.plans
    assert all(plan.last_due <= date(2027, 10, 1) for plan in found.plans)


def test_longer_loan_ends_within_the_longest_term_of_its_product() -> None:
    found = offers(loan(date(2027, 6, 1), original=36), Wishes(monthly=yuan("100.00")))

    assert found.plans
    assert all(plan.last_due <= date(2029, 6, 1) for plan in found.plans)


def test_deficit_household_gets_advice_and_no_installment() -> None:
    found = offers(case(of_budget=budget((income("3000.00"),))))

    assert not found.plans
    assert [finding.test for finding in found.advice] == [
        "token_payment",
        "freeze",
        "deferral_with_review",
        "referral",
    ]
    assert found.refusals
    assert all("DES-01-deficit" in {f.rule for f in refusal.findings} for refusal in found.refusals)


@pytest.mark.parametrize(
    ("ends", "review"),
    [
        (None, date(2027, 2, 22)),  # three months on is a Saturday
        (date(2026, 12, 10), date(2026, 12, 10)),
        (date(2027, 8, 1), date(2027, 2, 22)),
        (date(2026, 10, 1), date(2027, 2, 22)),
    ],
)
def test_deferral_of_a_deficit_household_names_the_day_of_review(
    ends: date | None, review: date
) -> None:
    hardships = (HardshipReason(Hardship.INCOME_DROP, date(2026, 8, 1), ends, False, ()),)
    found = offers(case(of_budget=budget((income("3000.00"),)), hardships=hardships))

    _token, _freeze, deferral, _referral = found.advice
    assert deferral.limit == review


def test_zero_rate_is_shown_and_marked_for_the_team_lead() -> None:
    frozen = next(plan for plan in offers(case()).plans if plan.family is Family.ZERO_RATE)

    assert frozen.needs is Role.TEAM_LEAD
    assert frozen.added_cost == -frozen.waived.total
    assert "DES-03-rate" in rules_of(frozen, Effect.APPROVAL)


def test_team_lead_may_grant_what_a_collector_must_ask_for() -> None:
    frozen = next(
        plan
        for plan in offers(case(), role=Role.TEAM_LEAD).plans
        if plan.family is Family.ZERO_RATE
    )

    assert frozen.needs is None


def test_time_barred_debt_goes_to_the_team_lead() -> None:
    barred = case(debt(last_acknowledged=date(2022, 1, 1), days_past_due=1700))

    plans = offers(barred).plans
    assert plans
    assert all("CN-CIV-04" in rules_of(plan, Effect.APPROVAL) for plan in plans)


def test_debt_that_could_be_paid_at_once_gets_no_card_agreement() -> None:
    rich = case(of_budget=budget((income("90000.00"),), cash="80000.00"))

    found = offers(rich)

    assert not found.plans
    assert {finding.rule for refusal in found.refusals for finding in refusal.findings} == {
        "CN-CARD-01"
    }


def test_reasons_are_true_beside_the_other_offers() -> None:
    shown = [plan for plan in offers(case()).plans if plan.family is not Family.ZERO_RATE]

    for plan in shown:
        if Reason.CHEAPEST in plan.reasons:
            assert plan.total == min(other.total for other in shown)
        if Reason.LOWEST_PAYMENT in plan.reasons:
            assert plan.payment == min(other.payment for other in shown)
        if Reason.FASTEST in plan.reasons:
            assert plan.last_due == min(other.last_due for other in shown)


def test_unaffordable_plans_stand_behind_the_ones_that_can_be_kept() -> None:
    ranks = [plan.judgement.verdict.rank for plan in offers(case(), Wishes(periods=20)).plans]

    assert ranks == sorted(ranks)


def test_grace_lasts_as_long_as_the_hardship_is_expected_to() -> None:
    relief = [plan for plan in offers(case()).plans if Reason.LOW_FIRST in plan.reasons]

    assert {plan.grace_months for plan in relief} == {2}  # until 1 February 2027


@st.composite
def cases(draw: st.DrawFn) -> tuple[Case, Wishes]:
    """Return one debt of a household, and perhaps a down payment that it wishes to make."""
    principal = draw(st.integers(1_00, 9_000_000_00))
    arrears = draw(st.integers(0, 900_000_00))
    contractual = draw(st.one_of(st.none(), st.integers(1_00, 20_000_00)))
    down = draw(st.integers(0, 50_00))
    of = case(
        debt(
            owed=components(
                CNY.money(principal).plain, interest=CNY.money(arrears).plain, fee="0.00"
            ),
            rate=f"0.{draw(st.integers(0, 36)):02d}",
            days_past_due=draw(st.integers(0, 400)),
            contractual_payment=None if contractual is None else CNY.money(contractual),
        ),
        of_budget=budget(
            (
                income(
                    CNY.money(draw(st.integers(2_500_00, 60_000_00))).plain, Reliability.VERIFIED
                ),
            ),
            (outgoing("1500.00", OutgoingKind.FOOD),),
            cash="0.00",
            payday=draw(st.one_of(st.none(), st.integers(1, 31))),
        ),
    )
    return of, Wishes(down_payment=CNY.money(down) if down < principal + arrears else None)


@holds(Kind.INVARIANTS, short=60, long=5_000)
@given(cases())
def test_every_offer_holds_the_invariants_of_a_schedule(asked: tuple[Case, Wishes]) -> None:
    of, wishes = asked
    owed = of.lead_debt.components
    arrears = of.lead_debt.owed - owed.principal

    for plan in offers(of, wishes).plans:
        schedule = plan.schedule
        assert_sound(schedule)
        assert schedule.total_principal == owed.principal + plan.capitalised
        waived_or_joined = plan.waived.total + plan.capitalised
        assert schedule.total_arrears + waived_or_joined == arrears
        assert plan.added_cost == schedule.total_interest - plan.waived.total
        assert price(plan.terms).columns == schedule.columns


@holds(Kind.INVARIANTS, short=60, long=5_000)
@given(cases())
def test_every_offer_fits_the_household_and_relieves_it_or_says_that_it_does_not(
    asked: tuple[Case, Wishes],
) -> None:
    of, wishes = asked
    affordability = assess(of, CN.affordability.rules)
    contractual = of.lead_debt.contractual_payment

    for plan in offers(of, wishes).plans:
        months: Counter[tuple[int, int]] = Counter()
        for due, amount in plan.schedule.nominal_flows:
            months[due.year, due.month] += amount.minor
        worst = CNY.money(max(months.values()))
        if plan.judgement.verdict is Verdict.COMFORTABLE:
            assert worst <= affordability.share_for(plan.debt_id)
        if worst > affordability.surplus:
            assert plan.judgement.verdict.rank >= Verdict.UNAFFORDABLE.rank
        if contractual is not None and plan.payment > contractual:
            assert "DES-05-relief" in {finding.rule for finding in plan.findings}
        if Reason.LOW_FIRST in plan.reasons:
            first = plan.schedule.has_down_payment
            relieved = plan.schedule.rows[first : first + plan.grace_months]
            assert all(row.payment - row.arrears <= plan.payment for row in relieved)
