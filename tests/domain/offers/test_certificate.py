"""What a search claims, held against counting the whole space again with the readable engine."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.brute_force import Recount, differences, recount
from plan_assistant.domain.offers.certificate import NO_PLAN
from plan_assistant.domain.offers.gates import Gatekeeper
from plan_assistant.domain.offers.judging import REFUSED
from plan_assistant.domain.offers.plan import Family, Reason
from plan_assistant.domain.offers.screen import screen
from plan_assistant.domain.offers.search import Search, plan_of, search
from plan_assistant.domain.offers.sheet import Sheet, sheets_of
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Effect, Role
from plan_assistant.domain.policy.pack import PolicyPack, Waivers
from plan_assistant.domain.policy.reads import READS, Reads
from plan_assistant.domain.policy.rules import check_terms
from plan_assistant.domain.policy.terms_tests import TERMS_TESTS
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.vector_run import run
from plan_assistant.domain.verdict import Verdict
from tests.builders import TODAY, budget, case, components, debt, income
from tests.domain.offers.spaces import (
    random_space,
    space_of_old_charges,
    space_with,
    tiny_space,
    with_cap,
)
from tests.packs import CN, every_pack
from tests.properties import Kind, holds, is_long

SEEDS = st.integers(0, 2**32)
PACK = {pack.pack: pack for pack in every_pack()}
PACKS = st.sampled_from(sorted(PACK))
BLOCKS = 20
"""In which the random spaces are counted again, so that several processes share them."""
FEW = 1_000
"""Candidates; nine random spaces in ten have no more. One of thousands takes half a minute."""


def leave_the_large_to_the_long_form(search: Search) -> None:
    assume(is_long() or len(search.pool) <= FEW)


@pytest.mark.parametrize("block", range(BLOCKS))
@given(number=st.integers(0, 2**28))
@settings(max_examples=10_000 // BLOCKS if is_long() else 3)
def test_claims_of_a_certificate_equal_brute_force(block: int, number: int) -> None:
    """No space is drawn in two blocks: the long form counts 10,000 of them again."""
    search = Search(random_space(BLOCKS * number + block))
    leave_the_large_to_the_long_form(search)

    assert differences(search, recount(search.space)) == ()


@pytest.mark.parametrize(
    "seed",
    [
        2641542,  # a lower payment that whole units leave nothing of
        2263,  # every plan that is left has a first date that a lead must allow
        3762,  # rounded to hundreds, a payment covers the interest only after a short first month
        36,  # a cheaper offer with a lead's consent stands before the cheapest within authority
    ],
)
def test_claims_hold_for_spaces_that_once_differed(seed: int) -> None:
    search = Search(random_space(seed))

    assert differences(search, recount(search.space)) == ()


@given(seed=SEEDS, name=PACKS)
@example(seed=10, name="us-card")  # lower payments of nothing, whose interest rounds to nothing
@settings(max_examples=1_000 if is_long() else 15)
def test_claims_hold_for_debts_of_a_few_units(seed: int, name: str) -> None:
    search = Search(tiny_space(seed, PACK[name]))
    leave_the_large_to_the_long_form(search)

    assert differences(search, recount(search.space)) == ()


@given(seed=SEEDS)
@settings(max_examples=1_000 if is_long() else 15)
def test_claims_hold_for_a_debt_of_old_charges_alone(seed: int) -> None:
    search = Search(space_of_old_charges(seed))

    assert differences(search, recount(search.space)) == ()


def test_a_debt_of_old_charges_alone_may_be_deferred() -> None:
    space = space_of_old_charges(19)
    pool = Search(space).pool
    plans = [pool.candidate(int(place)) for place in np.flatnonzero(pool.code != REFUSED)]
    deferred = [plan for plan in plans if plan[0].family is Family.DEFERRAL]

    assert deferred
    for line, payments in deferred:
        asked = plan_of(space, line, payments).schedule.columns.payment
        assert [amount > 0 for amount in asked[-payments:]] == [True] * payments
        assert not any(asked[-payments - line.grace_months : -payments])


@pytest.mark.parametrize("name", sorted(PACK))
@given(seed=SEEDS)
@settings(max_examples=1 + 10_000 // len(PACK) if is_long() else 3)
def test_claims_hold_with_every_pack_that_ships(name: str, seed: int) -> None:
    search = Search(random_space(seed, PACK[name]))
    leave_the_large_to_the_long_form(search)

    assert differences(search, recount(search.space)) == ()


@pytest.mark.parametrize("effect", [Effect.APPROVAL, Effect.BLOCK])
@pytest.mark.parametrize("pack", [pack for pack in every_pack() if pack.pack == "uk"])
def test_claims_hold_where_few_payments_ask_or_are_forbidden(
    pack: PolicyPack, effect: Effect
) -> None:
    rules = [
        rule.model_copy(update={"effect": effect, "parameters": {"payments": 5}})
        if rule.test == "few_payments"
        else rule
        for rule in pack.rules
    ]
    opened = pack.space.model_copy(update={"max_periods": 9})
    stricter = pack.model_copy(update={"rules": tuple(rules), "space": opened})
    search = Search(space_with(case(of_budget=budget((income("20000.00"),))), pack=stricter))

    assert differences(search, recount(search.space)) == ()
    assert ("UK-03" in search.certificate.rejected) is (effect is Effect.BLOCK)
    assert min(plan.schedule.number_of_payments for plan in search.offers.plans) >= 5


@given(seed=SEEDS, name=st.sampled_from(["cn-consumer-finance", "hk"]))
@settings(max_examples=5_000 if is_long() else 15)
def test_claims_hold_where_a_rule_forbids_the_cost_of_a_plan(seed: int, name: str) -> None:
    space = random_space(seed, PACK[name])
    # A cap at the contract rate: first periods and rounding decide to the cent.
    limit = space.debt.annual_rate or Fraction(1, 100)
    effect = Effect.APPROVAL if seed % 2 else Effect.BLOCK
    search = Search(with_cap(space, limit if seed % 3 else limit / 2, effect))
    leave_the_large_to_the_long_form(search)

    assert differences(search, recount(search.space)) == ()


def test_what_costs_too_much_leaves_room_for_the_best_of_the_rest() -> None:
    space = space_with(
        case(of_budget=budget((income("20000.00"),))),
        pack=PACK["cn-consumer-finance"],
        role=Role.TEAM_LEAD,
    )
    least = min(space.rates(Family.EQUAL_INSTALLMENT))
    search = Search(with_cap(space, least + Fraction(1, 1000), Effect.BLOCK))

    assert search.certificate.rejected["CN-RATE-02"] > 0
    assert {Reason.CHEAPEST, Reason.FASTEST, Reason.BEST_FOR_LENDER} <= {
        reason for plan in search.offers.plans for reason in plan.reasons
    }


@pytest.mark.parametrize(("seed", "name"), [(3_245_544_249, "uk"), (3_657_389_944, "hk")])
def test_cash_that_runs_out_before_the_first_payment_leaves_nothing_affordable(
    seed: int, name: str
) -> None:
    search = Search(random_space(seed, PACK[name]))

    assert search.space.affordability.is_seasonal
    assert differences(search, recount(search.space)) == ()


def test_recount_that_differs_is_told() -> None:
    search = Search(random_space(1))
    counted = recount(search.space)
    counted.candidates += 1
    counted.rejected[NO_PLAN] += 1

    assert {each.claim for each in differences(search, counted)} == {"candidates", "rejected"}


def test_recount_finds_another_nearest_cheaper_plan() -> None:
    search = Search(random_space(36))
    counted = recount(search.space)
    best = search.certificate.best_worse
    assert best is not None
    counted.counted = [each for each in counted.counted if each.worst != best.worst]

    assert "best_excluded" in {each.claim for each in differences(search, counted)}


@pytest.mark.parametrize("amount", ["900.00", "2600.00"])
def test_claims_hold_for_a_dialled_amount(amount: str) -> None:
    opened = {"max_periods": 24, "multiples": (), "graces": (2,), "rate_step": Fraction(6, 100)}
    pack = CN.model_copy(update={"space": CN.space.model_copy(update=opened)})
    of = case(of_budget=budget((income("9000.00"),)))
    wishes = Wishes(monthly=CNY.parse(amount))
    search = Search(space_with(of, pack=pack, wishes=wishes))

    assert differences(search, recount(search.space)) == ()
    assert search.fits.is_met is (amount == "2600.00")


@pytest.mark.parametrize("left", ["0.01", "0.29"])
@pytest.mark.parametrize("rate", ["0.18", "0.36"])
def test_falling_payments_of_a_few_cents_are_plans_where_each_asks_for_something(
    left: str, rate: str
) -> None:
    """Fewer cents than payments: some rows repay nothing, and some ask for nothing at all."""
    opened = {"families": (Family.EQUAL_PRINCIPAL,), "waivers": Waivers(), "multiples": ()}
    space = CN.space.model_copy(update=opened)
    pack = CN.model_copy(update={"space": space, "rules": ()})
    owed = debt(owed=components("9000.00", interest="0.00", fee="0.00"), rate=rate)
    wishes = Wishes(down_payment=owed.owed - CNY.parse(left))
    search = Search(space_with(case(owed), pack=pack, wishes=wishes))
    pool = search.pool
    screened = pool.code.copy()

    pool.settle(pool.places)

    assert (pool.code == screened).all()
    assert differences(search, recount(search.space)) == ()


def test_nothing_counted_contradicts_a_certificate_with_candidates() -> None:
    assert differences(Search(random_space(1)), Recount())


@pytest.mark.parametrize("seed", [2_073_225_207])
def test_old_charges_alone_are_repaid_level_and_to_the_cent(seed: int) -> None:
    # The dialled down payment settles the whole principal of 384.07.
    search = Search(random_space(seed))

    assert differences(search, recount(search.space)) == ()


def _picked(sheet: Sheet, draw: Random, count: int) -> list[tuple[int, int]]:
    """Return places of candidates that deserve their family's name."""
    space = sheet.space
    places = [
        (draw.randrange(sheet.line_count), draw.randrange(len(sheet.lengths))) for _ in range(count)
    ]
    return [
        (line, at)
        for line, at in places
        if space.is_named_rightly(sheet.line(line), int(sheet.lengths[at]))
    ]


def _priced(sheet: Sheet, line: int, at: int) -> Schedule | None:
    """Return what the readable engine makes of a candidate; None of what is no plan."""
    payments = int(sheet.lengths[at])
    try:
        schedule = price(sheet.space.terms(sheet.line(line), payments))
    except InvalidTerms:
        return None
    return schedule if schedule.number_of_payments == payments else None


@holds(Kind.VECTOR, short=60, long=1_000)
@given(seed=SEEDS)
def test_exact_runs_give_the_cents_of_the_readable_engine(seed: int) -> None:
    for sheet in sheets_of(random_space(seed)):
        picked = _picked(sheet, Random(seed), 12)
        if not picked:
            continue
        lines, places = (np.array(column) for column in zip(*picked, strict=True))
        found = run(sheet.course(lines, sheet.lengths[places]))
        for column, (line, at) in enumerate(picked):
            schedule = _priced(sheet, line, at)
            assert found.is_priced[column] == (schedule is not None)
            if schedule is not None:
                rows = list(schedule.columns.payment[schedule.has_down_payment :])
                assert found.payments[: len(rows), column].tolist() == rows
                assert not found.payments[len(rows) :, column].any()


@given(seed=SEEDS)
@settings(max_examples=500 if is_long() else 60)
def test_bounds_enclose_the_exact_figures(seed: int) -> None:
    space = random_space(seed)
    discount = Search(space).judge.discount
    for sheet in sheets_of(space):
        bounds = screen(sheet, discount)
        for line, at in _picked(sheet, Random(seed), 12):
            schedule = _priced(sheet, line, at)
            assert not (bounds.refused[line, at] and schedule)
            if schedule is None:
                assert bounds.refused[line, at] or bounds.unsure[line, at]
                continue
            total = schedule.total_paid.minor
            assert bounds.total.low[line, at] <= total <= bounds.total.high[line, at]
            largest = schedule.largest_payment.minor
            assert largest <= bounds.worst.high[line, at]
            if sheet.most_in_a_month is None:
                assert bounds.worst.low[line, at] <= largest


@given(seed=SEEDS, name=PACKS)
@settings(max_examples=500 if is_long() else 100)
def test_gates_forbid_and_ask_what_the_rules_do(seed: int, name: str) -> None:
    space = random_space(seed, PACK[name])
    keeper = Gatekeeper(space)
    for sheet in sheets_of(space):
        gate = keeper.gate(sheet)
        for index, at in _picked(sheet, Random(seed), 12):
            line = sheet.line(index)
            try:
                terms = space.terms(line, int(sheet.lengths[at]))
                found = check_terms(space.proposal(line, terms), space.policy, space.rules)
            except InvalidTerms:
                continue
            reads = {each.rule: READS.get(each.test, frozenset()) for each in found}
            blocks = [
                each
                for each in found
                if each.effect is Effect.BLOCK and Reads.SCHEDULE not in reads[each.rule]
            ]
            assert bool(blocks) == (not gate.opens[index] <= at < gate.stop[index])
            by_lever = [
                each
                for each in found
                if each.effect is Effect.APPROVAL
                and reads[each.rule]
                and not reads[each.rule] <= {Reads.FIRST, Reads.CLAIM}
            ]
            if by_lever and not blocks:
                assert gate.beyond(len(sheet.lengths))[index, at]


def test_every_test_that_reads_something_exists() -> None:
    assert set(READS) <= set(TERMS_TESTS)


def test_nearest_cheaper_plan_has_a_worse_verdict_than_the_cheapest_offer() -> None:
    search = Search(space_with(case(of_budget=budget((income("7000.00"),)))))
    best = search.certificate.best_worse
    cheapest = next(plan for plan in search.offers.plans if Reason.CHEAPEST in plan.reasons)

    assert best is not None
    assert best.rule == "DES-01"
    assert best.total < cheapest.total.minor
    assert best.worst > cheapest.judgement.worst_payment.minor
    plan = plan_of(search.space, best.line, best.payments)
    assert plan.judgement.verdict is best.verdict
    assert best.verdict.rank > cheapest.judgement.verdict.rank


def _at_most_24_months() -> PolicyPack:
    five_years = next(rule for rule in CN.rules if rule.id == "CN-CARD-02")
    long = five_years.model_copy(update={"id": "LONG", "parameters": {"months": 24}})
    return CN.model_copy(update={"rules": (long, *CN.rules)})


def test_nearest_forbidden_plan_can_be_kept_and_only_its_rule_keeps_it_out() -> None:
    search = Search(space_with(case(), pack=_at_most_24_months()))
    best = search.certificate.best_forbidden

    assert best is not None
    assert best.rule == "LONG"
    assert search.certificate.rejected["LONG"] > 0
    plan = plan_of(search.space, best.line, best.payments)
    assert [each.rule for each in plan.findings if each.effect is Effect.BLOCK] == ["LONG"]
    assert plan.judgement.verdict.rank <= Verdict.TIGHT.rank
    assert (plan.total.minor, plan.judgement.worst_payment.minor) == (best.total, best.worst)


def test_nearest_forbidden_plan_is_the_cheapest_whatever_its_verdict() -> None:
    pack = _at_most_24_months()
    opened = {"families": (Family.EQUAL_INSTALLMENT,), "waivers": Waivers(), "multiples": ()}
    narrow = pack.model_copy(update={"space": pack.space.model_copy(update=opened)})
    search = Search(space_with(case(of_budget=budget((income("7000.00"),))), pack=narrow))
    best = search.certificate.best_forbidden

    assert best is not None
    forbidden = recount(search.space).forbidden
    cheapest = min(forbidden, key=lambda each: each.figures)
    assert (best.total, best.rule) == (cheapest.figures[0], cheapest.rule)
    comfortable = min(each.figures for each in forbidden if not each.figures[1])
    assert cheapest.figures < comfortable


def test_no_plan_is_called_forbidden_where_rules_forbid_none() -> None:
    search = Search(space_with(case(), pack=CN.model_copy(update={"rules": ()})))

    assert search.certificate.rejected.keys() <= {NO_PLAN}
    assert search.certificate.best_forbidden is None


@pytest.mark.parametrize(
    "rate", ["0.123456789", "0.123456789012345678", "1/7", "99999999999989/9999999999999999"]
)
@pytest.mark.parametrize("first_due", [None, TODAY + timedelta(days=41)])
def test_claims_hold_for_rates_whose_products_need_more_than_64_bits(
    rate: str, first_due: date | None
) -> None:
    of = case(debt(rate=rate), of_budget=budget((income("7000.00"),)))
    opened = {"max_periods": 9, "multiples": (), "graces": (2,), "rate_step": Fraction(6, 100)}
    pack = CN.model_copy(update={"space": CN.space.model_copy(update=opened)})
    search = Search(space_with(of, pack=pack, wishes=Wishes(first_due=first_due)))

    assert differences(search, recount(search.space)) == ()


def test_a_rate_that_no_schedule_takes_is_refused_before_anything_is_searched() -> None:
    of = case(debt(rate="99999999999999989/999999999999999999"))

    with pytest.raises(InvalidTerms, match="at most 18 decimals"):
        search(space_with(of))
