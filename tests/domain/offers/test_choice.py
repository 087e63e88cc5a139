"""Which plans answer which question, and that what is said of them is true."""

from __future__ import annotations

import numpy as np
import pytest

from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.brute_force import differences, recount
from plan_assistant.domain.offers.choice import WITH_LEAD, Answer
from plan_assistant.domain.offers.dominance import FIGURES, beating, figures_of
from plan_assistant.domain.offers.frontier import frontier
from plan_assistant.domain.offers.line import FREE_GRACE
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.offers.pool import By
from plan_assistant.domain.offers.search import Search
from plan_assistant.domain.offers.search_result import Offers
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.policy.pack import OldCharges, PolicyPack
from plan_assistant.domain.verdict import Verdict
from plan_assistant.samples import sample_names
from tests.builders import budget, case, components, debt, income, yuan
from tests.domain.offers.spaces import sample_space, space_with
from tests.packs import CN


def only(*families: Family) -> PolicyPack:
    """Return the pack with these kinds of plans alone, to the cent and at few rates."""
    opened = {"families": families, "multiples": (), "rate_step": CN.space.rate_step * 4}
    return CN.model_copy(update={"space": CN.space.model_copy(update=opened)})


def offers(wage: str, wishes: Wishes | None = None, pack: PolicyPack = CN) -> Offers:
    of = case(of_budget=budget((income(wage),)))
    return Search(space_with(of, pack=pack, wishes=wishes)).offers


def is_carried(plan: Plan) -> bool:
    return plan.judgement.verdict.rank <= Verdict.TIGHT.rank


@pytest.mark.parametrize("wishes", [Wishes(periods=3), Wishes(monthly=yuan("20000.00"))])
def test_nothing_is_said_to_fit_that_the_household_cannot_carry(wishes: Wishes) -> None:
    found = offers("5300.00", wishes)

    assert not found.is_met
    assert found.plans
    for plan in found.plans:
        assert not is_carried(plan)
        assert Reason.NEAREST in plan.reasons
        assert not {Reason.CHEAPEST, Reason.FASTEST, Reason.BEST_FOR_LENDER} & set(plan.reasons)


@pytest.mark.parametrize("wishes", [Wishes(periods=20), Wishes(monthly=yuan("20000.00"))])
def test_a_dial_is_answered_with_what_can_be_carried_alone(wishes: Wishes) -> None:
    found = offers("9000.00", wishes)

    assert found.is_met
    assert all(is_carried(plan) for plan in found.plans)


def test_family_that_only_misses_the_dial_is_refused_for_that() -> None:
    dialled = yuan("1000.00")
    families = (Family.EQUAL_INSTALLMENT, Family.EQUAL_PRINCIPAL)
    found = offers("9000.00", Wishes(monthly=dialled), only(*families))
    refusal = next(each for each in found.refusals if each.family is Family.EQUAL_PRINCIPAL)

    free = offers("9000.00", None, only(Family.EQUAL_PRINCIPAL))
    least = next(plan for plan in free.plans if Reason.LOWEST_WITH_LEAD in plan.reasons)
    assert found.is_met
    assert refusal.findings == ()
    assert refusal.asks_more == least.schedule.largest_payment - dialled
    assert refusal.asks_more.minor > 0


def test_family_that_the_household_cannot_carry_is_refused_for_what_is_spare() -> None:
    families = (Family.EQUAL_PRINCIPAL, Family.ZERO_RATE)
    found = offers("5700.00", Wishes(monthly=yuan("900.00")), only(*families))

    assert found.is_met
    (refusal,) = found.refusals
    assert refusal.asks_more is None
    assert [finding.test for finding in refusal.findings] == ["verdict_allowed"]


@pytest.mark.parametrize("interest", ["0.00", "900.00", "4000.00"])
@pytest.mark.parametrize("wage", ["7000.00", "9000.00"])
def test_first_months_said_to_ask_for_little_ask_for_at_most_half(interest: str, wage: str) -> None:
    owes = debt(owed=components("13000.00", interest), days_past_due=60)
    of = case(owes, of_budget=budget((income(wage),)))
    plans = Search(space_with(of)).offers.plans
    relief = [plan for plan in plans if Reason.LOW_FIRST in plan.reasons]

    assert relief
    for plan in relief:
        rows = plan.schedule.rows[plan.schedule.has_down_payment :]
        if plan.family not in FREE_GRACE:
            first = max(row.payment.minor for row in rows[: plan.grace_months])
            assert 2 * first <= plan.schedule.largest_payment.minor


def _low_first(search: Search) -> list[Answer]:
    return [each for each in search.answers if Reason.LOW_FIRST in each.reasons]


def test_little_at_first_is_offered_from_the_frontier_where_a_low_rate_is_all_that_fits() -> None:
    # A level plan at the same rate has a lower total, a lower worst month and an earlier end.
    search = Search(sample_space("S02-refuses-contact"))
    offered = _low_first(search)

    assert offered
    assert {each.place for each in offered} <= set(frontier(search).tolist())


def test_a_frontier_of_thousands_is_what_no_other_plan_that_fits_beats() -> None:
    search = Search(sample_space("S08-seasonal-business"))
    pool, every = search.pool, search.fits.places
    kept = {tuple(figures_of(pool, place).values()) for place in frontier(search).tolist()}
    figures = np.stack([pool.low(by)[every] for by in FIGURES], axis=1)

    assert len(kept) > 4096
    for mine in figures[::29]:
        no_worse = figures[(figures <= mine).all(axis=1)]
        is_beaten = (no_worse != mine).any()
        assert (tuple(mine) in kept) is not bool(is_beaten)


@pytest.mark.parametrize("name", sample_names())
def test_nothing_that_may_be_granted_beats_what_asks_for_little_at_first(name: str) -> None:
    search = Search(sample_space(name))
    pool, every = search.pool, search.fits.places
    frontier(search)  # makes every figure exact

    for answer in _low_first(search):
        asked = every[pool.beyond[every] <= pool.beyond[answer.place]]
        assert len(beating(pool, asked, figures_of(pool, answer.place))) == 0


_LEAST_BY = {
    Reason.CHEAPEST: By.TOTAL,
    Reason.LOWEST_PAYMENT: By.WORST,
    Reason.FASTEST: By.MONTHS,
    Reason.BEST_FOR_LENDER: By.COST_TO_LENDER,
}


@pytest.mark.parametrize("name", sample_names())
def test_every_answer_is_the_best_of_its_verdict_to_the_cent(name: str) -> None:
    search = Search(sample_space(name))
    pool, every = search.pool, search.fits.places
    frontier(search)  # makes every figure exact

    for answer in search.answers if search.fits.is_met else ():
        alike = every[pool.code[every] == pool.code[answer.place]]
        mine = alike[~pool.beyond[alike]]
        for reason, by in _LEAST_BY.items():
            figures = pool.low(by)
            if reason in answer.reasons:
                assert figures[answer.place] == figures[mine].min()
            if WITH_LEAD[reason] in answer.reasons:
                assert figures[answer.place] == figures[alike].min()


@pytest.mark.parametrize("name", sample_names())
def test_the_longest_term_never_comes_first_where_a_shorter_one_sits_as_well(name: str) -> None:
    # On cards a lower payment over a longer time did not help (reference, peers section 5).
    search = Search(sample_space(name))
    pool = search.pool

    for first in search.answers[:1]:
        alike = search.fits.places[pool.code[search.fits.places] == pool.code[first.place]]
        assert pool.months[first.place] < pool.months[alike].max()


def test_old_charges_in_the_first_payment_are_not_said_to_be_little() -> None:
    pack = only(Family.INTEREST_FIRST)
    first = {"old_charges": (OldCharges.FIRST_INSTALLMENT,)}
    pack = pack.model_copy(update={"space": pack.space.model_copy(update=first)})
    owes = debt(owed=components("12000.00", "2000.00"), days_past_due=60)
    of = case(owes, of_budget=budget((income("9000.00"),)))
    found = Search(space_with(of, pack=pack)).offers

    assert found.plans
    assert not any(Reason.LOW_FIRST in plan.reasons for plan in found.plans)


def nothing_of_ones_own() -> PolicyPack:
    """Return a pack whose collector may grant no plan longer than a month."""
    mine = CN.authority[Role.COLLECTOR].model_copy(update={"longest_term_months": 1})
    authority = {**CN.authority, Role.COLLECTOR: mine}
    return only(Family.EQUAL_INSTALLMENT).model_copy(update={"authority": authority})


def test_all_questions_are_answered_with_a_lead_where_nothing_is_within_authority() -> None:
    of = case(of_budget=budget((income("9000.00"),)))
    search = Search(space_with(of, pack=nothing_of_ones_own()))
    plans = search.offers.plans

    assert {reason for plan in plans for reason in plan.reasons} >= {
        Reason.CHEAPEST_WITH_LEAD,
        Reason.LOWEST_WITH_LEAD,
        Reason.FASTEST_WITH_LEAD,
        Reason.BEST_FOR_LENDER_WITH_LEAD,
        Reason.MOST_ROBUST,
    }
    assert all(plan.needs is Role.TEAM_LEAD for plan in plans)
    assert differences(search, recount(search.space)) == ()


@pytest.mark.parametrize("wishes", [Wishes(), Wishes(periods=3)])
def test_a_lead_is_not_named_for_a_plan_within_authority(wishes: Wishes) -> None:
    of = case(debt(rate="0"), of_budget=budget((income("9000.00"),)))
    search = Search(space_with(of, wishes=wishes))
    with_lead = {Reason.CHEAPEST_WITH_LEAD, Reason.LOWEST_WITH_LEAD}

    assert search.answers
    for answer in search.answers:
        if with_lead & set(answer.reasons):
            assert search.pool.beyond[answer.place]


def test_amount_below_every_plan_names_no_family_as_short_of_the_household() -> None:
    found = offers("9000.00", Wishes(monthly=CNY.parse("300.00")))

    assert not found.is_met
    assert all(refusal.asks_more is not None for refusal in found.refusals)
