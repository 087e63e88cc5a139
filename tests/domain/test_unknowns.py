"""Figures that are not known yet: certainty, monotone verdicts, and the question that settles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plan_assistant.domain.budget import assess, corrected_income
from plan_assistant.domain.case import Case
from plan_assistant.domain.household import (
    Bounds,
    Every,
    Income,
    Outgoing,
    OutgoingKind,
    Reliability,
)
from plan_assistant.domain.money import CNY, Money
from plan_assistant.domain.unknowns import (
    Question,
    at_best,
    at_worst,
    certainty_of,
    first_question,
    has_surplus,
    keeps_up,
    unknowns,
    with_figure,
)
from plan_assistant.domain.verdict import Certainty, Verdict, judge
from tests.builders import budget, case, debt, income, outgoing, yuan
from tests.packs import CN

RULES = CN.affordability.rules
DEBT = debt().debt_id


def unknown_income(low: str, likely: str, high: str) -> Income:
    return replace(income(likely), bounds=Bounds(yuan(low), yuan(high)))


def unknown_outgoing(low: str, likely: str, high: str, kind: OutgoingKind) -> Outgoing:
    return replace(outgoing(likely, kind), bounds=Bounds(yuan(low), yuan(high)))


def level(amount: Money, months: int = 3) -> list[tuple[date, Money]]:
    return [(date(2027, month, 15), amount) for month in range(1, months + 1)]


def certainty(of: Case, payment: Money) -> Certainty:
    likely, worst, best = (
        judge(assess(corner, RULES), level(payment), DEBT).verdict
        for corner in (of, at_worst(of), at_best(of))
    )
    return certainty_of(likely=likely, worst=worst, best=best)


def question(of: Case, payment: Money) -> Question | None:
    return first_question(of, keeps_up(RULES, level(payment), DEBT, CNY.zero), RULES)


@pytest.mark.parametrize(
    ("payment", "expected"),
    [
        ("1000.00", Certainty.SAFE),
        ("1000.01", Certainty.LIKELY),
        ("2000.00", Certainty.LIKELY),
        ("2000.01", Certainty.FRAGILE),
        ("3500.00", Certainty.FRAGILE),
        ("3500.01", Certainty.OUT_OF_REACH),
    ],
)
def test_certainty_changes_at_the_cent(payment: str, expected: Certainty) -> None:
    # Food 4,000: 1,000 are left of the low income, 2,000 of the likely, 3,500 of the high one.
    of = case(
        of_budget=budget(
            (unknown_income("5000.00", "6000.00", "7500.00"),),
            (outgoing("4000.00", OutgoingKind.FOOD),),
        )
    )

    assert certainty(of, yuan(payment)) is expected


def test_figures_without_label_are_the_likely_ones() -> None:
    likely = case(of_budget=budget((unknown_income("5000.00", "6000.00", "7500.00"),)))
    known = case(of_budget=budget((income("6000.00"),)))

    assert assess(likely, RULES).surplus == assess(known, RULES).surplus


def test_the_only_unknown_figure_settles_the_plan_at_the_cent() -> None:
    of = case(
        of_budget=budget(
            (unknown_income("5000.00", "6000.00", "7500.00"),),
            (outgoing("4000.00", OutgoingKind.FOOD),),
        )
    )

    asked = question(of, yuan("1800.00"))

    assert asked is not None
    assert asked.settles
    assert asked.enough == yuan("5800.00")
    assert asked.too_bad == yuan("5799.99")


def test_the_figure_that_decides_alone_is_asked_before_the_one_that_moves_little() -> None:
    # 6,000 less food 3,000 less rent: 1,500 to 2,600; the phone moves it by 60.
    of = case(
        of_budget=budget(
            (income("6000.00"),),
            (
                unknown_outgoing("40.00", "60.00", "100.00", OutgoingKind.COMMUNICATION),
                outgoing("3000.00", OutgoingKind.FOOD),
                unknown_outgoing("300.00", "800.00", "1400.00", OutgoingKind.RENT),
            ),
        )
    )

    asked = question(of, yuan("2000.00"))

    assert asked is not None
    assert asked.unknown.kind is OutgoingKind.RENT
    assert asked.enough == yuan("900.00")  # 6,000 - 3,000 - 100 - 2,000
    assert asked.too_bad == yuan("960.01")  # 6,000 - 3,000 - 40 - 2,000, and a cent
    assert not asked.settles


def test_nothing_is_asked_where_no_answer_changes_anything() -> None:
    of = case(of_budget=budget((unknown_income("8000.00", "8200.00", "9000.00"),)))

    assert question(of, yuan("100.00")) is None
    assert question(of, yuan("99999.00")) is None
    assert question(case(), yuan("100.00")) is None


def test_a_household_that_may_have_a_surplus_is_asked_for_it() -> None:
    of = case(of_budget=budget((unknown_income("3000.00", "4000.00", "6000.00"),)))

    asked = first_question(of, has_surplus(RULES), RULES)

    assert asked is not None
    assert asked.enough == yuan("4800.01")


def test_a_seasonal_figure_keeps_its_season_after_it_was_tried_with_nothing() -> None:
    months = tuple(yuan(amount) for amount in ["0.00"] * 10 + ["3000.00", "9000.00"])
    harvest = Income("茶园", yuan("1000.00"), Every.MONTH, Reliability.VERIFIED, months)
    of = case(of_budget=budget((replace(harvest, bounds=Bounds(CNY.zero, yuan("2000.00"))),)))
    (figure,) = unknowns(of.budget)

    tried = with_figure(at_worst(of), figure, yuan("2000.00"))

    assert tried == with_figure(of, figure, yuan("2000.00"))
    assert tried.budget.incomes[0].by_month[-1] == yuan("18000.00")


amounts = st.integers(0, 900_000)


@st.composite
def figures(draw: st.DrawFn) -> tuple[Money, Bounds]:
    low, likely, high = sorted(draw(st.tuples(amounts, amounts, amounts)))
    return CNY.money(likely), Bounds(CNY.money(low), CNY.money(high))


@st.composite
def incomes(draw: st.DrawFn) -> Income:
    amount, bounds = draw(figures())
    reliability = draw(st.sampled_from([Reliability.VERIFIED, Reliability.VARIABLE]))
    if draw(st.booleans()):
        return Income("工资", amount, draw(st.sampled_from(Every)), reliability, (), bounds)
    shape = Income(
        "茶园",
        amount,
        Every.MONTH,
        reliability,
        tuple(CNY.money(part) for part in draw(st.lists(amounts, min_size=12, max_size=12))),
    )
    return replace(corrected_income(shape, amount), bounds=bounds)


@st.composite
def uncertain(draw: st.DrawFn) -> Case:
    outgoings = []
    for kind in draw(st.lists(st.sampled_from(OutgoingKind), min_size=1, max_size=4)):
        amount, bounds = draw(figures())
        outgoings.append(
            Outgoing(kind.value, kind, amount, draw(st.sampled_from(Every)), True, bounds=bounds)
        )
    debts = [
        debt(debt_id=f"D{number}", contractual_payment=CNY.money(draw(st.integers(1, 500_000))))
        for number in range(1, draw(st.integers(1, 3)) + 1)
    ]
    sources = draw(st.lists(incomes(), min_size=1, max_size=2))
    cash = CNY.money(draw(amounts)).plain
    return case(*debts, of_budget=budget(tuple(sources), tuple(outgoings), cash=cash))


@given(of=uncertain(), payment=st.integers(1, 1_500_000), data=st.data())
def test_no_verdict_improves_when_a_figure_gets_worse(
    of: Case, payment: int, data: st.DataObject
) -> None:
    open_figures = unknowns(of.budget)
    assume(open_figures)
    figure = data.draw(st.sampled_from(open_figures))
    low, high = sorted((figure.worst.minor, figure.best.minor))
    one, other = sorted(data.draw(st.tuples(st.integers(low, high), st.integers(low, high))))
    worse, better = (one, other) if figure.is_income else (other, one)

    flows = level(CNY.money(payment), 12)
    ranks = [
        judge(assess(with_figure(of, figure, CNY.money(amount)), RULES), flows, DEBT).verdict.rank
        for amount in (worse, better)
    ]

    assert ranks[0] >= ranks[1]


@given(of=uncertain(), payment=st.integers(1, 1_500_000), data=st.data())
def test_the_question_settles_what_it_says_it_settles(
    of: Case, payment: int, data: st.DataObject
) -> None:
    """Whatever the other figures turn out to be."""
    holds = keeps_up(RULES, level(CNY.money(payment), 12), DEBT, CNY.zero)
    asked = first_question(of, holds, RULES)
    if asked is None:
        assert holds(at_worst(of)) == holds(at_best(of))
        return
    others = of
    for figure in unknowns(of.budget):
        low, high = sorted((figure.low.minor, figure.high.minor))
        amount = CNY.money(data.draw(st.integers(low, high)))
        others = with_figure(others, figure, amount)

    def with_answer(amount: Money) -> bool:
        return holds(with_figure(others, asked.unknown, amount))

    if asked.enough is not None:
        assert with_answer(asked.enough)
        assert with_answer(asked.unknown.best)
    if asked.too_bad is not None:
        assert not with_answer(asked.too_bad)
        assert not with_answer(asked.unknown.worst)
    # One step short of what is enough, the others at their worst, it fails: the edge is exact.
    step = CNY.money(-1 if asked.unknown.is_income else 1)
    if asked.enough is not None and asked.enough != asked.unknown.worst:
        assert not holds(with_figure(at_worst(of), asked.unknown, asked.enough + step))


@given(of=uncertain(), data=st.data())
def test_no_other_single_figure_decides_in_more_directions(of: Case, data: st.DataObject) -> None:
    # Between what is left at worst and at best: outside of it the figures decide nothing.
    left = [assess(corner, RULES).surplus.minor for corner in (at_worst(of), at_best(of))]
    low, high = (max(1, amount) for amount in left)
    payment = CNY.money(data.draw(st.integers(low, high)))
    holds = keeps_up(RULES, level(payment, 12), DEBT, CNY.zero)
    asked = first_question(of, holds, RULES)
    if asked is None:
        assert holds(at_worst(of)) == holds(at_best(of))
        return

    def decides(figure_index: int) -> int:
        figure = unknowns(of.budget)[figure_index]
        return holds(with_figure(at_worst(of), figure, figure.best)) + (
            not holds(with_figure(at_best(of), figure, figure.worst))
        )

    mine = (asked.enough is not None) + (asked.too_bad is not None)
    assert mine == max(decides(index) for index in range(len(unknowns(of.budget))))


def test_verdicts_of_the_corners_name_the_certainty() -> None:
    good, bad = Verdict.TIGHT, Verdict.UNAFFORDABLE

    assert certainty_of(likely=good, worst=good, best=good) is Certainty.SAFE
    assert certainty_of(likely=good, worst=bad, best=good) is Certainty.LIKELY
    assert certainty_of(likely=bad, worst=Verdict.DEFICIT, best=good) is Certainty.FRAGILE
    assert certainty_of(likely=bad, worst=bad, best=bad) is Certainty.OUT_OF_REACH
