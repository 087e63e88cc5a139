"""What is missing when nothing fits: the smallest change of each lever, and not a unit less."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from plan_assistant.adapters.policies import shipped_pack
from plan_assistant.domain.budget import assess
from plan_assistant.domain.calendar import BIWEEKLY, MONTHLY, Frequency
from plan_assistant.domain.debt import Component
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.household import Household, OutgoingKind
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.claim import allocate, claims_of
from plan_assistant.domain.offers.counter_offer import answer
from plan_assistant.domain.offers.gap import gap_of
from plan_assistant.domain.offers.line import FREQUENCIES, Line
from plan_assistant.domain.offers.missing import Gap, Lever, Missing
from plan_assistant.domain.offers.moves import MOVES
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Count, Role, Share
from plan_assistant.domain.policy.pack import OldCharges, Rhythm, Waivers
from plan_assistant.domain.policy.plan_tests import VERDICT_ALLOWED
from plan_assistant.domain.unknowns import is_kept_up
from plan_assistant.domain.verdict import Verdict, judge
from plan_assistant.wording.gap_texts import gap_lines
from tests.builders import budget, case, components, debt, income, outgoing, yuan
from tests.domain.offers.spaces import random_space, sample_space, space_with
from tests.packs import CN
from tests.properties import is_long


def narrow(wage: str, monthly: str | None = None, *, longest: int = 24) -> Space:
    """Only level plans at the contract rate, so that a small wage leaves nothing that fits."""
    space = CN.space.model_copy(
        update={
            "families": (Family.EQUAL_INSTALLMENT,),
            "rate_step": Fraction(0),
            "waivers": Waivers(),
            "old_charges": (OldCharges.SPREAD,),
            "multiples": (),
            "max_periods": longest,
        }
    )
    pack = CN.model_copy(update={"space": space})
    of = case(
        debt(owed=components(interest="900.00", penalty="2600.00", fee="850.00")),
        of_budget=budget((income(wage),)),
    )
    return space_with(of, pack=pack, wishes=Wishes(monthly=yuan(monthly) if monthly else None))


def gap(space: Space) -> Gap:
    found = gap_of(Search(space))
    assert found is not None
    return found


def missing(found: Gap) -> dict[Lever, Missing]:
    return {each.lever: each for each in found.missing}


def test_something_that_fits_leaves_no_gap() -> None:
    assert gap_of(Search(narrow("9000.00"))) is None


def test_deficit_household_gets_no_gap_but_advice() -> None:
    search = Search(space_with(case(of_budget=budget((income("3000.00"),)))))

    assert gap_of(search) is None
    assert search.offers.advice


def test_payment_gap_is_what_the_worst_month_asks_beyond_the_amount() -> None:
    found = gap(narrow("9000.00", "1500.00"))

    assert missing(found)[Lever.PAYMENT].change == (
        found.nearest.judgement.worst_payment - yuan("1500.00")
    )


def test_less_money_is_missing_where_a_lead_allows_a_lower_rate() -> None:
    space = narrow("9000.00", "1500.00")
    opened = space.policy.space.model_copy(update={"rate_step": Fraction(3, 100)})
    wider = replace(space, policy=space.policy.model_copy(update={"space": opened}))

    own, with_lead = (each for each in gap(wider).missing if each.lever is Lever.PAYMENT)

    assert (own.may_allow, with_lead.may_allow) == (None, Role.TEAM_LEAD)
    assert own.change == gap(space).missing[0].change
    assert with_lead.change == answer(wider).gap


def test_nobody_allows_what_the_household_could_then_carry() -> None:
    found = gap(narrow("5300.00"))

    assert any(each.test == VERDICT_ALLOWED for each in found.nearest.findings)
    short = missing(found)[Lever.INCOME]
    assert (short.may_allow, short.blocked_by) == (None, None)


def test_reference_gap_at_contract_rate_and_longest_term() -> None:
    # Reference peers 4.9: 64,200 at 18 %, 60 months, affordable 1,450: 1,630.26, gap 180.26.
    of = case(
        debt(owed=components(principal="64200.00", interest="0.00", fee="0.00")),
        of_budget=budget((income("20000.00"),), payday=None),
        as_of=narrow("9000.00").today,
    )
    space = narrow("9000.00", "1450.00", longest=60)
    first = space.today.replace(month=12)
    wishes = Wishes(monthly=yuan("1450.00"), first_due=first)
    found = gap(replace(space_with(of, pack=space.policy, wishes=wishes), role=Role.TEAM_LEAD))

    assert found.nearest.payment == yuan("1630.26")
    # The last payment may take up some cents: the worst month counts.
    short = missing(found)[Lever.PAYMENT].change
    assert isinstance(short, Money)
    assert yuan("180.26") <= short <= yuan("180.56")


@given(wage=st.integers(5_200, 6_400), monthly=st.one_of(st.none(), st.integers(700, 2_300)))
@settings(max_examples=25)
def test_one_unit_less_of_a_lever_does_not_fit(wage: int, monthly: int | None) -> None:
    space = narrow(f"{wage}.00", f"{monthly}.00" if monthly else None)
    found = gap_of(Search(space))
    assume(found is not None)
    assert found is not None
    line = space.line(found.nearest.family)
    payments = found.nearest.schedule.number_of_payments

    for each in found.missing:
        assert _fits(space, each) or each.lever in {Lever.INCOME, Lever.PAYMENT}
    by_lever = missing(found)
    if Lever.LENGTH in by_lever:
        more = by_lever[Lever.LENGTH].change
        assert isinstance(more, Count)
        before = plan_of(space, line, payments + more.count - 1)
        assert not _keeps(space, before)
    if Lever.RATE in by_lever:
        less = by_lever[Lever.RATE].change
        assert isinstance(less, Share)
        rate = line.annual_rate - less.value + Fraction(1, 10_000)
        assert not _keeps(space, plan_of(space, replace(line, annual_rate=rate), payments))


BLOCKS = 5
"""In which random spaces are looked through, so that several processes share them."""


@pytest.mark.parametrize("block", range(BLOCKS))
@given(number=st.integers(0, 2**28))
@settings(
    max_examples=(1_000 if is_long() else 30) // BLOCKS,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
def test_no_plan_of_the_space_needs_less_of_a_lever(block: int, number: int) -> None:
    seed = number * BLOCKS + block
    search = Search(random_space(seed))
    found = gap_of(search) if len(search.pool) < (400 if is_long() else 120) else None
    assume(found is not None)
    assert found is not None

    _look_for_less(search, found, Random(seed))


@pytest.mark.parametrize("seed", [919_345, 115, 17_588])
def test_no_plan_of_a_space_that_was_answered_wrong_once_needs_less(seed: int) -> None:
    search = Search(random_space(seed))
    found = gap_of(search)
    assert found is not None

    _look_for_less(search, found, Random(seed))


def test_a_round_payment_may_do_with_less_than_the_next_lower_one() -> None:
    found = missing(gap(random_space(523_625_932)))[Lever.DOWN_PAYMENT]

    # The last payment takes old charges along. At 430.00 a month it takes 2,932.78.
    *level, last = (row.payment for row in found.plan.schedule.rows[1:])
    assert found.change == yuan("2892.78")
    assert (set(level), last) == ({yuan("440.00")}, yuan("3018.00"))


def _look_for_less(search: Search, found: Gap, draw: Random) -> None:
    space = search.space
    by_lever = {each.lever: each for each in found.missing}
    added = [_months(_units(each), each.plan.terms.frequency) for each in _longer(found)]
    assert added == sorted(set(added), reverse=True)
    assert all(_has_its_payments(each.plan) for each in found.missing)
    of_the_lender = {*MOVES, Lever.LENGTH}
    assert all(_fits(space, each) for each in found.missing if each.lever in of_the_lender)

    for line, payments in _grantable(search):
        for lever in (Lever.LENGTH, Lever.RATE, Lever.WAIVER, Lever.DOWN_PAYMENT):
            most = _most_of(lever, line)
            told = by_lever.get(lever)
            if lever is Lever.LENGTH:
                less = _most_within(line, found, most)
            else:
                less = min(most if told is None else _units(told) - 1, most)
            for units in {less, less - 1, less // 2, draw.randint(0, max(less, 0))}:
                if units > 0:
                    moved = _moved(space, line, payments, lever, units)
                    assert not _keeps_any(space, moved), (lever, units, line, payments)


def _has_its_payments(plan: Plan) -> bool:
    """Say whether no installment asks for nothing, but in a grace that is free."""
    free = plan.terms.grace.interest
    return plan.schedule.number_of_payments == plan.terms.periods - free


def _grantable(search: Search) -> Iterable[tuple[Line, int]]:
    """Return the plans that give nothing up within authority; all where there are none."""
    pool, every = search.pool, search.fits.places
    own = every[~pool.beyond[every] & pool.gives_nothing_up[every]]
    return [pool.candidate(int(place)) for place in (own if len(own) else every)]


def _most_within(line: Line, found: Gap, most: int) -> int:
    """Return how many more payments of a line last less long than what is told.

    In the rhythm of the nearest plan, what is told of that rhythm; in another one, the least told.
    """
    frequency, nearest = FREQUENCIES[line.rhythm], found.nearest.terms.frequency
    told = [each.plan.terms.frequency for each in _longer(found)]
    last = [_months(_units(each), each.plan.terms.frequency) for each in _longer(found)]
    if frequency == nearest:
        last = [last[0]] if nearest in told[:1] else []
    bounds = [math.ceil(each / _months(1, frequency)) - 1 for each in last]
    return min([most, *bounds])


def _longer(found: Gap) -> list[Missing]:
    return [each for each in found.missing if each.lever is Lever.LENGTH]


def _months(payments: int, frequency: Frequency) -> Fraction:
    """Return how long so many payments last: a year has 12 months, 26 fortnights or 52 weeks."""
    assert frequency.periods_a_year is not None
    return Fraction(12 * payments, frequency.periods_a_year)


def _units(told: Missing) -> int:
    match told.change:
        case Count(count):
            return count
        case Share(value):
            return int(value * 10_000)
        case Money() as money:
            return money.minor
    raise AssertionError(told)


def _most_of(lever: Lever, line: Line) -> int:
    match lever:
        case Lever.LENGTH:
            return 100
        case Lever.RATE:
            return math.ceil(line.annual_rate * 10_000)
        case Lever.WAIVER:
            return line.claim.carried.minor
        case _:
            return line.claim.bearing.minor + line.claim.carried.minor - 1


def _moved(
    space: Space, line: Line, payments: int, lever: Lever, units: int
) -> Iterable[tuple[Line, int]]:
    """Return a plan with one lever moved, written without the arrays of the search."""
    claim, money = line.claim, space.debt.currency.money
    match lever:
        case Lever.LENGTH:
            longer = payments + units
            named = [line, replace(line, family=Family.EXTENSION)]
            families = {Family.EQUAL_INSTALLMENT: named}.get(line.family, [line])
            opened = [each for each in families if each.family in space.families]
            return [(each, longer) for each in opened if space.is_named_rightly(each, longer)]
        case Lever.RATE:
            rate = max(line.annual_rate - Fraction(units, 10_000), Fraction(0))
            return [(replace(line, annual_rate=rate), payments)]
        case Lever.WAIVER:
            # What is given up leaves the debt: of which charges does not matter to the payments.
            given = replace(claim, arrears=claim.arrears - money(units))
            return [(replace(line, claim=given), payments)]
        case _:
            paying = claims_of(
                space.debt.components,
                waivers=(claim.waiver,),
                treatments=(claim.old_charges,),
                down_payments=(claim.paid_today + money(units),),
                order=space.policy.allocation_order(space.debt.product, space.debt.days_past_due),
            )[-1]
            # Interest is not paid first where nothing bears any: no such plan is offered either.
            is_suited = space.suits(line.family, paying, line.multiple)
            return [(replace(line, claim=paying), payments)] if is_suited else []


def _keeps_any(space: Space, plans: Iterable[tuple[Line, int]]) -> bool:
    return any(_keeps_priced(space, line, payments) for line, payments in plans)


def seasonal(wages: Sequence[int], cash: str, *, longest: int = 12, rate: str = "0.06") -> Space:
    """Return a space of level plans for a household that earns so much in January, February ..."""
    steady = income("9000.00")
    by_month = tuple(yuan(f"{wage}.00") for wage in wages)
    mean = Money(sum(month.minor for month in by_month) // 12, steady.amount.currency)
    of = case(
        debt(owed=components(principal="20000.00", interest="900.00"), rate=rate),
        of_budget=budget((replace(steady, by_month=by_month, amount=mean),), cash=cash),
    )
    return space_with(of, pack=narrow("9000.00", longest=longest).policy)


_WEAK_WINTER = (1500, 1500, 2500, 9000, 12000, 12000, 12000, 12000, 12000, 9000, 2500, 1500)
"""Enough for the payments over the year, and not for the first winter."""


def test_a_household_that_only_lacks_cash_is_told_how_much_more_a_month_it_takes() -> None:
    space = seasonal(_WEAK_WINTER, "12000.00")
    found = gap(space)

    assert found.nearest.judgement.left_over.minor >= 0
    assert found.nearest.judgement.verdict is Verdict.UNAFFORDABLE
    _assert_least_income(space, found)
    assert "No single change" not in " ".join(gap_lines(found, "en"))


def test_no_amount_a_month_helps_where_the_cash_is_gone_before_the_first_of_it() -> None:
    space = seasonal(_WEAK_WINTER, "100.00")
    found = gap(replace(space, wishes=Wishes(down_payment=yuan("500.00"))))

    assert Lever.INCOME not in missing(found)


def _assert_least_income(space: Space, found: Gap) -> None:
    """With so much more verified income a plan can be carried, with a cent less not."""
    of, means = space.case, space.affordability
    missed = [each for each in found.missing if each.lever is Lever.INCOME]
    assert missed
    for each in missed:
        assert isinstance(each.change, Money)
        for less, fits in ((0, True), (1, False)):
            extra = replace(income("0.00"), amount=each.change - Money(less, each.change.currency))
            richer = replace(of, budget=replace(of.budget, incomes=(*of.budget.incomes, extra)))
            judged = judge(
                assess(richer, means.rules),
                each.plan.schedule.nominal_flows,
                space.debt.debt_id,
                down_payment=each.plan.schedule.down_payment,
            )
            assert is_kept_up(judged.verdict) is fits


def test_income_gap_of_a_household_with_several_debts_is_not_this_debts_part_alone() -> None:
    _assert_least_income(*_sample_gap("S09-several-debts", Wishes(periods=4)))


def test_income_gap_of_a_seasonal_household_reckons_with_what_debts_may_take_of_income() -> None:
    _assert_least_income(*_sample_gap("S08-seasonal-business", Wishes(periods=12)))


def test_income_gap_stands_where_debts_may_take_a_share_of_income() -> None:
    # Above the alarm ratio only a part of each further yuan can be paid.
    space = narrow("3000.00", longest=7)
    alone = replace(space.case, household=Household(adults=1, children=0))
    cheap = budget((income("3000.00"),), (outgoing("1000.00", OutgoingKind.FOOD),), cash="0.00")
    space = space_with(replace(alone, budget=cheap), pack=space.policy)

    _assert_least_income(space, gap(space))


def test_more_payments_than_the_contract_has_left_are_called_an_extension() -> None:
    space, found = _sample_gap("S06-loan-before-maturity", Wishes(periods=12))

    longer = missing(found)[Lever.LENGTH].plan
    assert found.nearest.family is Family.EQUAL_INSTALLMENT
    line = replace(space.line(longer.family), rhythm=Rhythm.MONTH)
    assert space.is_named_rightly(line, longer.schedule.number_of_payments)
    assert longer.family is Family.EXTENSION


def _sample_gap(name: str, wishes: Wishes) -> tuple[Space, Gap]:
    space = replace(sample_space(name), wishes=wishes)
    return space, gap(space)


@given(
    wages=st.lists(st.integers(2_000, 14_000), min_size=12, max_size=12),
    cash=st.integers(0, 40_000),
    longest=st.sampled_from([6, 12, 24]),
    rate=st.sampled_from(["0", "0.06", "0.18"]),
)
@settings(max_examples=200 if is_long() else 20, suppress_health_check=[HealthCheck.too_slow])
def test_a_seasonal_household_is_told_the_fewest_more_payments(
    wages: list[int], cash: int, longest: int, rate: str
) -> None:
    space = seasonal(wages, f"{cash}.00", longest=longest, rate=rate)
    found = gap_of(Search(space))
    if found is None:
        return
    line = space.line(found.nearest.family)
    now = found.nearest.schedule.number_of_payments
    longer = missing(found).get(Lever.LENGTH)

    told = None if longer is None else longer.change
    assert told is None or (isinstance(told, Count) and longer and _fits(space, longer))
    fewer = range(1, told.count if isinstance(told, Count) else 150)
    assert not any(_keeps_priced(space, line, now + more) for more in fewer)


_MILD_WINTER = (4000, 4000, 4500, 9000, 9500, 9500, 9500, 9500, 9500, 9000, 5000, 4000)


@pytest.mark.parametrize(
    ("cash", "monthly", "smallest", "too_much"),
    [("12000.00", "1700.00", "1927.25", "2850.00"), ("11000.00", "1700.00", None, None)],
    ids=["between too little and too much", "too little is too much"],
)
def test_a_down_payment_leaves_enough_for_the_weak_months(
    cash: str, monthly: str, smallest: str | None, too_much: str | None
) -> None:
    space = replace(seasonal(_MILD_WINTER, cash), wishes=Wishes(monthly=yuan(monthly)))
    found = missing(gap(space)).get(Lever.DOWN_PAYMENT)

    def keeps(down: Money) -> bool:
        paying = replace(space, wishes=replace(space.wishes, down_payment=down))
        return _keeps_priced(paying, paying.line(Family.EQUAL_INSTALLMENT), 12)

    if smallest is None or too_much is None:
        assert found is None
        assert not any(keeps(yuan(f"{down}.00")) for down in range(0, 11_000, 50))
    else:
        assert found is not None
        assert found.change == yuan(smallest)
        assert keeps(yuan(smallest))
        assert not keeps(yuan(smallest) - yuan("0.01"))
        assert not keeps(yuan(too_much))


def test_a_change_that_helps_another_family_more_is_told_with_its_plan() -> None:
    found = gap(random_space(155))

    longer = missing(found)[Lever.LENGTH]
    assert found.nearest.family is Family.EQUAL_PRINCIPAL
    assert (longer.plan.family, longer.change) == (Family.STEP_UP, Count(23))
    said = [line for line in gap_lines(found, "en") if "23 more payments" in line]
    assert "another plan: old charges first, then less" in said[0]


def test_the_nearest_plan_is_not_called_another_one() -> None:
    first, more_a_month, *_rest = gap_lines(gap(narrow("9000.00", "1500.00")), "en")

    assert "equal installments, 24 payments" in first
    assert "a month more than was dialed" in more_a_month
    assert "another plan" not in more_a_month


def test_more_payments_in_another_rhythm_are_told_where_they_take_less_time() -> None:
    found = gap(random_space(115))

    monthly, biweekly = (each for each in found.missing if each.lever is Lever.LENGTH)
    assert found.nearest.terms.frequency == monthly.plan.terms.frequency == MONTHLY
    assert biweekly.plan.terms.frequency == BIWEEKLY
    assert (monthly.change, biweekly.change) == (Count(40), Count(78))  # 40 months, 36 months
    for language, kind in (
        ("en", "equal installments, biweekly, "),
        ("zh", "等额本息分期，每两周，"),
    ):
        (said,) = (line for line in gap_lines(found, language) if "78" in line)
        assert kind in said


def test_more_payments_in_another_rhythm_are_not_told_where_they_take_as_long() -> None:
    found = gap(random_space(144))

    (monthly,) = (each for each in found.missing if each.lever is Lever.LENGTH)
    assert monthly.plan.terms.frequency == MONTHLY


def test_a_plan_beyond_my_authority_is_not_called_mine() -> None:
    space = narrow("9000.00", "1500.00")
    mine = space.policy.authority[Role.COLLECTOR].model_copy(update={"longest_term_months": 3})
    authority = {**space.policy.authority, Role.COLLECTOR: mine}
    stricter = replace(space, policy=space.policy.model_copy(update={"authority": authority}))
    opened = stricter.policy.space.model_copy(update={"min_periods": 4})
    stricter = replace(stricter, policy=stricter.policy.model_copy(update={"space": opened}))

    first, *_rest = gap_lines(gap(stricter), "en")

    assert first.startswith(
        "No plan meets both the household and the dials, and nothing lies within your authority."
    )
    assert gap_lines(gap(space), "en")[0].startswith(
        "No plan meets both the household and the dials. The plan that asks"
    )


def _keeps_priced(space: Space, line: Line, payments: int) -> bool:
    """Say whether a plan fits, if the terms make one of so many payments."""
    try:
        plan = plan_of(space, line, payments)
    except InvalidTerms:
        return False
    return plan.schedule.number_of_payments == payments and _keeps(space, plan)


def _fits(space: Space, each: Missing) -> bool:
    return _keeps(space, each.plan)


def _keeps(space: Space, plan: Plan) -> bool:
    monthly, judgement = space.wishes.monthly, plan.judgement
    is_dialled = monthly is None or judgement.largest_payment <= monthly
    return is_dialled and judgement.verdict.rank <= Verdict.TIGHT.rank


def test_more_than_the_household_can_carry_is_missing_from_the_household() -> None:
    of = case(of_budget=budget((income("4805.00"),)))
    plain, dialled = (
        gap(space_with(of, wishes=wishes)) for wishes in (Wishes(), Wishes(monthly=yuan("1800.00")))
    )

    assert dialled == plain


@pytest.mark.parametrize("lever", [Lever.WAIVER, Lever.DOWN_PAYMENT])
def test_one_cent_less_given_up_or_paid_today_does_not_fit(lever: Lever) -> None:
    space = narrow("9000.00", "2340.00")
    found = missing(gap(space))[lever]
    change = found.change
    assert isinstance(change, Money)
    cent = Money(1, change.currency)

    if lever is Lever.DOWN_PAYMENT:
        wishes = replace(space.wishes, down_payment=change - cent)
        less = replace(space, wishes=wishes)
        plan = plan_of(less, less.line(found.plan.family), found.plan.schedule.number_of_payments)
    else:
        line = space.line(found.plan.family)
        claim = replace(line.claim, arrears=line.claim.arrears - change + cent)
        plan = plan_of(space, replace(line, claim=claim), found.plan.schedule.number_of_payments)

    assert _keeps(space, found.plan)
    assert not _keeps(space, plan)


def test_who_may_allow_a_change_is_named() -> None:
    found = missing(gap(narrow("9000.00", "2340.00")))

    assert found[Lever.WAIVER].may_allow is Role.TEAM_LEAD
    assert found[Lever.RATE].may_allow is Role.TEAM_LEAD
    assert found[Lever.LENGTH].may_allow is None


def test_a_waiver_is_laid_over_what_somebody_may_give_up() -> None:
    space = narrow("9000.00", "2340.00")
    needed = missing(gap(space))[Lever.WAIVER]
    lead = space.policy.authority[Role.TEAM_LEAD]
    half = lead.largest_waiver[Component.FEE].model_copy(update={"share": Fraction(1, 2)})
    less = lead.model_copy(update={"largest_waiver": {**lead.largest_waiver, Component.FEE: half}})
    authority = {**space.policy.authority, Role.TEAM_LEAD: less}
    stricter = replace(space, policy=space.policy.model_copy(update={"authority": authority}))

    found = missing(gap(stricter))[Lever.WAIVER]

    assert needed.change == found.change
    assert isinstance(found.change, Money)
    assert yuan("425.00") < found.change < yuan("425.00") + yuan("2600.00")
    assert (found.may_allow, found.blocked_by) == (Role.TEAM_LEAD, None)
    assert dict(found.plan.waived.items()) == {
        **dict(components(principal="0.00", interest="0.00").items()),
        Component.FEE: yuan("425.00"),
        Component.PENALTY_INTEREST: found.change - yuan("425.00"),
    }


@pytest.mark.parametrize("today", ["300.00", "850.00", "1500.00"])
def test_nothing_is_given_up_that_is_paid_today(today: str) -> None:
    space = narrow("9000.00", "2300.00")
    fees_first = shipped_pack("generic").allocation
    space = space_with(
        space.case,
        pack=space.policy.model_copy(update={"allocation": fees_first}),
        wishes=Wishes(monthly=yuan("2300.00"), down_payment=yuan(today)),
    )
    waived = dict(missing(gap(space))[Lever.WAIVER].plan.waived.items())

    order = space.policy.allocation_order(space.debt.product, space.debt.days_past_due)
    paid = allocate(yuan(today), space.debt.components, order)
    assert paid[Component.FEE] > yuan("0.00")
    assert all(waived[part] + paid[part] <= owed for part, owed in space.debt.components.items())


def test_a_change_that_the_pack_does_not_open_so_far_names_the_lever() -> None:
    found = gap(narrow("9000.00", "2340.00"))

    assert {each.lever: each.closed for each in found.missing} == {
        Lever.PAYMENT: None,
        Lever.LENGTH: "max_periods",
        Lever.RATE: "rate_step",
        Lever.WAIVER: "waivers",
        Lever.DOWN_PAYMENT: None,
    }
    (longer,) = (line for line in gap_lines(found, "en") if "more payment" in line)
    assert longer.endswith("But the policy does not open it so far for this debt: most payments.")


def test_a_change_beyond_every_rule_names_the_rule() -> None:
    found = missing(gap(narrow("9000.00", "1000.00")))

    blocked = found[Lever.LENGTH].blocked_by
    assert blocked is not None
    assert blocked.rule == "CN-CARD-02"
