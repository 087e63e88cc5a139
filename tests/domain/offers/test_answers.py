"""Answers to proposals: the frontier, counter-offers, why-not, what a plan costs the lender."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_assistant.adapters.policies import shipped_pack
from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.household import Budget, OutgoingKind
from plan_assistant.domain.offers.concession import concession_of, present_value
from plan_assistant.domain.offers.counter_offer import answer
from plan_assistant.domain.offers.dominance import FIGURES
from plan_assistant.domain.offers.frontier import frontier, frontier_points
from plan_assistant.domain.offers.judging import COMFORTABLE
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.offers.pool import By
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.why_not import WhyNot, why_not
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Finding, Role, Share
from plan_assistant.domain.policy.pack import OldCharges, Waiver, Waivers
from plan_assistant.domain.verdict import Verdict
from tests.builders import TODAY, budget, case, components, debt, income, outgoing, yuan
from tests.domain.offers.spaces import random_space, sample_space, space_with
from tests.packs import CN

CARD = shipped_pack("cn-card")
A_TENTH = Waiver(penalty_interest=Fraction(1, 10))
NINE_POINTS = [
    ("0.12", 59),
    ("0.105", 57),
    ("0.09", 55),
    ("0.075", 52),
    ("0.06", 51),
    ("0.045", 49),
    ("0.03", 47),
    ("0.015", 46),
    ("0", 45),
]
"""Reference peers 4.9: the shortest affordable term for each rate step from 18 % down."""


def showcase() -> Space:
    """60,000 and 4,200 of overdue interest at 18 %, 1,260 of penalty waived; 1,450 a month.

    The collector may lower the rate to half of the contract's.
    """
    waivers = Waivers.model_validate({"penalty_interest": ["1"]})
    opened = {
        "families": (Family.EQUAL_INSTALLMENT, Family.ZERO_RATE),
        "rate_step": Fraction(15, 1000),
        "lowest_rate": Fraction(0),
        "waivers": waivers,
        "old_charges": (OldCharges.CAPITALISE,),
        "multiples": (),
        "max_periods": 60,
    }
    authority = dict(CN.authority)
    lead = authority[Role.TEAM_LEAD]
    authority[Role.COLLECTOR] = authority[Role.COLLECTOR].model_copy(
        update={
            "lowest_rate_share": Fraction(1, 2),
            "largest_waiver": lead.largest_waiver,
            "longest_term_months": 60,
        }
    )
    pack = CN.model_copy(
        update={"space": CN.space.model_copy(update=opened), "authority": authority}
    )
    owed = components(principal="60000.00", interest="4200.00", penalty="1260.00", fee="0.00")
    of = case(debt(owed=owed), of_budget=budget((income("8200.00"),)))
    wishes = Wishes(monthly=yuan("1450.00"), first_due=date(2026, 12, 20))
    return space_with(of, pack=pack, wishes=wishes)


def test_showcase_frontier_holds_all_nine_points() -> None:
    search = Search(showcase())
    found = set()
    for place in frontier(search):
        line, payments = search.pool.candidate(int(place))
        found.add((line.annual_rate, payments))

    assert {(Fraction(rate), payments) for rate, payments in NINE_POINTS} <= found


def test_showcase_offers_nine_percent_over_55_months() -> None:
    offers = Search(showcase()).offers.plans

    plan = next(each for each in offers if each.terms.annual_rate == Fraction(9, 100))
    assert plan.schedule.number_of_payments == 55
    assert plan.payment == yuan("1428.84")
    assert plan.total == yuan("78586.05")
    assert plan.waived.total == yuan("1260.00")


def _figures(search: Search, place: int) -> tuple[int, ...]:
    pool = search.pool
    return tuple(int(pool.low(each)[place]) for each in FIGURES)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=15)
def test_frontier_is_what_no_other_plan_that_fits_beats(seed: int) -> None:
    search = Search(random_space(seed))
    fits = search.fits.places[:400]
    kept = {_figures(search, int(place)) for place in frontier(search)}
    all_fits = [_figures(search, int(place)) for place in search.fits.places]

    for place in fits:
        mine = _figures(search, int(place))
        beaten = any(
            other != mine and all(one <= two for one, two in zip(other, mine, strict=True))
            for other in all_fits
        )
        assert (mine in kept) is not beaten


@given(seed=st.integers(0, 2**32))
@settings(max_examples=15)
def test_figures_of_the_frontier_are_those_of_the_plans(seed: int) -> None:
    search = Search(random_space(seed))

    for point in frontier_points(search)[::7]:
        plan = plan_of(search.space, point.line, point.payments)
        assert point.worst == plan.judgement.largest_payment.minor
        assert point.total == plan.total.minor
        assert abs(point.worth - present_value(plan.schedule, search.judge.discount)) < 1
        assert point.early == plan.schedule.down_payment.minor + sum(
            amount.minor
            for day, amount in plan.schedule.nominal_flows
            if day <= add_months(search.space.today, search.space.wanted_grace)
        )


def plain(wage: str = "9000.00", **wishes: object) -> Space:
    return space_with(
        case(of_budget=budget((income(wage),))),
        wishes=Wishes(**wishes),  # type: ignore[arg-type]  # the dials by name
    )


def test_counter_offer_without_an_amount_is_refused_by_name() -> None:
    with pytest.raises(InvalidTerms) as caught:
        answer(plain())

    assert caught.value.field == "monthly"


def test_counter_offer_that_is_possible_is_answered_with_a_plan_within_it() -> None:
    found = answer(plain(monthly=yuan("1800.00"), first_due=date(2027, 1, 15)))

    assert found.is_possible
    assert found.gap is None
    assert found.plan is not None
    assert found.plan.judgement.worst_payment <= yuan("1800.00")
    assert found.plan.terms.first_due == date(2027, 1, 15)
    assert found.below is not None
    assert found.above is not None
    assert found.below.judgement.worst_payment <= yuan("1800.00")
    assert found.above.judgement.worst_payment > yuan("1800.00")
    assert found.cost is not None


@pytest.mark.parametrize("monthly", ["900.00", "1200.00", "1500.00", "2500.00"])
@pytest.mark.parametrize("name", ["S01-job-loss", "S06-loan-before-maturity"])
def test_yes_is_said_with_a_plan_of_the_best_verdict(name: str, monthly: str) -> None:
    space = sample_space(name, Wishes(monthly=yuan(monthly)))
    found = answer(space)
    pool = Search(replace(space, wishes=Wishes())).pool
    kept = pool.affordable
    pool.settle(kept)
    inside = kept[pool.low(By.WORST)[kept] <= yuan(monthly).minor]

    assert found.is_possible == (len(inside) > 0)
    if found.plan is not None:
        has_comfortable = (pool.code[inside] == COMFORTABLE).any()
        assert (found.plan.judgement.verdict is Verdict.COMFORTABLE) == has_comfortable


def test_counter_offer_that_is_too_small_says_what_is_missing() -> None:
    found = answer(plain(monthly=yuan("300.00")))

    assert not found.is_possible
    assert found.plan is None
    assert found.above is not None
    assert found.gap == found.above.judgement.worst_payment - yuan("300.00")


def test_more_than_the_household_can_carry_is_answered_with_a_plan_it_can() -> None:
    found = answer(plain(monthly=yuan("20000.00")))

    assert found.is_possible
    assert found.most < yuan("20000.00")
    assert found.plan is not None
    assert found.plan.judgement.verdict.rank <= Verdict.TIGHT.rank
    assert found.uncarried is None


def test_proposal_is_refused_where_no_plan_can_be_carried() -> None:
    # 5,215 of outgoings leave 85 a month.
    found = answer(plain("5300.00", monthly=yuan("1400.00")))

    assert not found.is_possible
    assert found.cost is None
    assert found.uncarried is not None
    assert found.uncarried.judgement.verdict is Verdict.UNAFFORDABLE
    assert found.uncarried.schedule.largest_payment <= yuan("1400.00")


def test_proposal_of_a_household_without_surplus_is_answered_with_what_helps() -> None:
    found = answer(plain("3000.00", monthly=yuan("300.00")))

    assert not found.is_possible
    assert [finding.test for finding in found.advice] == [
        "token_payment",
        "freeze",
        "deferral_with_review",
        "referral",
    ]


def test_nothing_that_can_be_carried_lies_between_both_sides_of_a_counter_offer() -> None:
    space = plain(monthly=yuan("1800.00"))
    found = answer(space)
    search = Search(replace(space, wishes=Wishes()))
    fits = search.fits.places
    search.pool.settle(fits)
    worst = search.pool.low(By.WORST)[fits]

    assert found.below is not None
    assert found.above is not None
    below, above = (plan.judgement.worst_payment.minor for plan in (found.below, found.above))
    assert not ((worst > below) & (worst < above)).any()


def first_offer(space: Space, reason: Reason) -> Plan:
    return next(plan for plan in Search(space).offers.plans if reason in plan.reasons)


@pytest.mark.parametrize("reason", [Reason.CHEAPEST, Reason.CHEAPEST_WITH_LEAD])
def test_concession_parts_add_up_to_what_is_owed_less_the_present_value(reason: Reason) -> None:
    space = plain()
    search = Search(space)
    plan = next(plan for plan in search.offers.plans if reason in plan.reasons)

    cost = concession_of(plan, space.debt.annual_rate, search.judge.discount)

    value = round(present_value(plan.schedule, search.judge.discount))
    assert cost.total.minor == space.debt.owed.minor - value


def test_plan_at_contract_rate_that_waives_nothing_gives_up_time_alone() -> None:
    space = plain()
    search = Search(space)
    plan = plan_of(space, space.line(Family.EQUAL_INSTALLMENT), 24)

    cost = concession_of(plan, space.debt.annual_rate, search.judge.discount)

    assert not cost.waiver
    assert cost.rate == space.debt.currency.zero
    assert cost.time is not None
    assert cost.time.minor < 0  # 18 % earns more than the discount of 8 %


def test_present_value_is_that_of_each_payment_alone() -> None:
    space = plain()
    discount = Search(space).judge.discount
    plan = plan_of(space, space.line(Family.EQUAL_INSTALLMENT), 12)
    first = (plan.first_due - TODAY).days / 365

    by_hand = sum(
        row.payment.minor / 1.08 ** (first + index / 12)
        for index, row in enumerate(plan.schedule.rows)
    )

    assert present_value(plan.schedule, discount) == pytest.approx(by_hand, abs=1e-6)


def test_why_not_names_the_rule_that_excludes_a_plan() -> None:
    space = plain()
    found = why_not(Search(space), space.line(Family.EQUAL_INSTALLMENT), 61)

    assert "CN-CARD-02" in {finding.rule for finding in found.excluded_by}
    assert not found.is_offered


def test_why_not_says_that_the_household_cannot_carry_a_plan() -> None:
    space = plain()
    found = why_not(Search(space), space.line(Family.EQUAL_INSTALLMENT), 6)

    assert not found.is_carried


@pytest.mark.parametrize(
    ("family", "payments", "levers", "closed"),
    [
        (Family.EQUAL_INSTALLMENT, 24, {}, ()),
        (Family.EQUAL_INSTALLMENT, 24, {"annual_rate": Fraction(165, 1000)}, ()),
        (Family.EXTENSION, 24, {}, ("families",)),
        (Family.EQUAL_INSTALLMENT, 1, {}, ("min_periods",)),
        (Family.EQUAL_INSTALLMENT, 61, {}, ("max_periods",)),
        (Family.EQUAL_INSTALLMENT, 24, {"annual_rate": Fraction(1, 2)}, ("rate_above_contract",)),
        (Family.INTEREST_FIRST, 24, {"grace_months": 7}, ("graces",)),
        (Family.EQUAL_INSTALLMENT, 24, {"waiver": A_TENTH}, ("waivers",)),
        (Family.EQUAL_INSTALLMENT, 24, {"old_charges": OldCharges.CAPITALISE}, ("old_charges",)),
        (
            Family.DEFERRAL_CAPITALISED,
            90,
            {"annual_rate": Fraction(1, 100), "grace_months": 9},
            ("families", "max_periods", "lowest_rate", "graces"),
        ),
    ],
)
def test_why_not_names_the_levers_that_the_policy_keeps_closed(
    family: Family, payments: int, levers: dict[str, Any], closed: tuple[str, ...]
) -> None:
    owes = debt(owed=components("60000.00", "4200.00", "1260.00", "300.00"))
    space = space_with(case(owes, of_budget=budget((income("9000.00"),))), pack=CARD)

    found = why_not(Search(space), space.line(family, **levers), payments)

    assert found.closed == closed


def excess(of_budget: Budget, payments: int) -> tuple[WhyNot, Finding]:
    """Return the answer for a level plan, and by which limit it asks for too much."""
    space = space_with(case(of_budget=of_budget))
    found = why_not(Search(space), space.line(Family.EQUAL_INSTALLMENT), payments)
    (finding,) = (each for each in found.asks if each.test == "verdict_allowed")
    return found, finding


def test_plan_over_the_debt_service_ratio_is_refused_by_the_ratio() -> None:
    # Other debts already take 2,600 of 9,000; with this plan 66 percent go to debts.
    outgoings = (
        outgoing("2300.00", OutgoingKind.FOOD),
        outgoing("500.00", OutgoingKind.RENT),
        outgoing("2600.00", OutgoingKind.OTHER_DEBT),
    )
    found, finding = excess(budget((income("9000.00"),), outgoings), 16)

    assert found.plan is not None
    assert not found.is_carried
    assert found.plan.judgement.left_over.minor >= 0
    assert finding.limit == Share(CN.affordability.rules.dsr_alarm)
    assert finding.actual == Share(found.plan.judgement.debt_service_ratio or Fraction(0))


def test_seasonal_plan_that_takes_the_cash_below_zero_is_refused_by_the_cash() -> None:
    low, high = yuan("5500.00"), yuan("12500.00")
    seasonal = replace(income("9000.00"), by_month=(*5 * (low,), *6 * (high,), low))
    found, finding = excess(budget((seasonal,), cash="0.00"), 24)

    assert found.plan is not None
    judgement = found.plan.judgement
    assert judgement.left_over.minor >= 0
    assert judgement.lowest_cash is not None
    assert finding.limit == judgement.lowest_cash_on
    assert finding.difference == -judgement.lowest_cash


def test_why_not_says_that_a_rate_is_above_the_contract() -> None:
    space = plain()
    line = space.line(Family.EQUAL_INSTALLMENT, annual_rate=Fraction(24, 100))

    assert why_not(Search(space), line, 24).rate_above_contract == Fraction(6, 100)
    same = why_not(Search(space), space.line(Family.EQUAL_INSTALLMENT), 24)
    assert same.rate_above_contract is None


def test_round_payments_are_closed_where_old_charges_are_spread_on_top() -> None:
    space = plain()
    line = space.line(Family.EQUAL_INSTALLMENT, multiple=10_000)

    assert "multiples" in why_not(Search(space), line, 20).closed


def test_why_not_finds_that_an_offer_is_offered() -> None:
    space = plain()
    search = Search(space)
    offer = next(plan for plan in search.offers.plans if plan.family is Family.EQUAL_INSTALLMENT)
    multiple = offer.terms.payment_multiple_of
    line = space.line(offer.family, multiple=multiple.minor if multiple else 1)

    found = why_not(search, line, offer.schedule.number_of_payments)

    assert found.is_offered
    assert found.dominated_by is None


def test_why_not_names_a_plan_that_is_nowhere_worse() -> None:
    space = plain()
    search = Search(space)
    # Deferring with interest added asks for more, for longer, than deferring without.
    line = space.line(Family.DEFERRAL_CAPITALISED, grace_months=6)

    found = why_not(search, line, 30)

    better, named = found.dominated_by, found.plan
    assert better is not None
    assert named is not None
    assert better.judgement.worst_payment <= named.judgement.worst_payment
    assert better.total <= named.total


def test_offers_of_a_standard_case_lie_on_the_frontier() -> None:
    search = Search(plain())
    points = {_figures(search, int(place)) for place in frontier(search)}
    figures = [_figures(search, each.place) for each in search.answers]
    named = [
        each
        for each, answered in zip(figures, search.answers, strict=True)
        if {Reason.CHEAPEST_WITH_LEAD, Reason.LOWEST_WITH_LEAD} & set(answered.reasons)
    ]

    assert named
    assert set(named) <= points


def test_robustness_counts_the_settings_of_the_pack() -> None:
    box = CN.robustness
    of = len(box.hazards) * len(box.payment_effects) * len(box.recoveries) * len(box.discount_rates)
    offers = Search(plain()).offers.plans
    marks = [plan.robustness for plan in offers if plan.robustness is not None]

    assert marks
    assert all(mark.of == of and 0 <= mark.first_in <= of for mark in marks)
    robust = first_offer(plain(), Reason.MOST_ROBUST)
    assert robust.robustness == max(marks, key=lambda mark: mark.first_in)


def test_offers_are_ordered_by_verdict_then_authority_then_total() -> None:
    offers = Search(plain()).offers.plans

    for one, other in pairwise(offers):
        assert one.judgement.verdict.rank <= other.judgement.verdict.rank
