"""What each month can carry: the limits say what `judge` says, and what arithmetic by hand says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.budget import Affordability, assess
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.household import Every, Income, OutgoingKind, Reliability
from plan_assistant.domain.money import CNY, Money
from plan_assistant.domain.shares import divide, whole_of
from plan_assistant.domain.verdict import Verdict, judge, monthly_limits
from tests.builders import TODAY, budget, case, debt, income, outgoing, yuan
from tests.packs import CN

RULES = CN.affordability.rules
DEBT = debt().debt_id
MONTHS = 30

amounts = st.integers(0, 2_000_000)
DAYS = st.dates(date(2026, 6, 1), date(2029, 6, 1))


def plan_of(paid: list[int]) -> list[tuple[date, Money]]:
    """Return payments on the last day of each month from the month of the cut-off date on."""
    first = TODAY.year * 12 + TODAY.month - 1
    return [
        (date((first + k) // 12, (first + k) % 12 + 1, 28), CNY.money(amount))
        for k, amount in enumerate(paid)
        if amount
    ]


@st.composite
def households(draw: st.DrawFn, *, is_seasonal: bool | None = None) -> Affordability:
    seasonal = draw(st.booleans()) if is_seasonal is None else is_seasonal
    if seasonal:
        months = tuple(
            CNY.money(amount) for amount in draw(st.lists(amounts, min_size=12, max_size=12))
        )
        average = CNY.money(round(sum(month.minor for month in months) / 12))
        sources = (
            Income("茶园", average, Every.MONTH, draw(st.sampled_from(Reliability)), months),
        )
    else:
        sources = (income(CNY.money(draw(amounts)).plain, draw(st.sampled_from(Reliability))),)
    outgoings = tuple(
        replace(
            outgoing(CNY.money(draw(st.integers(0, 400_000))).plain, kind),
            begins=draw(st.none() | DAYS),
            until=draw(st.none() | DAYS),
        )
        for kind in draw(st.lists(st.sampled_from(OutgoingKind), max_size=4))
    )
    debts = [
        debt(debt_id=f"D{number}", contractual_payment=CNY.money(draw(st.integers(1, 500_000))))
        for number in range(1, draw(st.integers(1, 3)) + 1)
    ]
    cash = CNY.money(draw(st.integers(0, 3_000_000))).plain
    return assess(case(*debts, of_budget=budget(sources, outgoings, cash=cash)), RULES)


def says(limits_hold: bool, tight_holds: bool, found: Affordability) -> Verdict:
    if found.is_deficit:
        return Verdict.DEFICIT
    if limits_hold:
        return Verdict.COMFORTABLE
    return Verdict.TIGHT if tight_holds else Verdict.UNAFFORDABLE


@given(found=households(), data=st.data())
def test_limits_say_what_judge_says(found: Affordability, data: st.DataObject) -> None:
    limits = monthly_limits(found, DEBT, months=MONTHS)
    edges = st.sampled_from(sorted({max(limits.comfortable[0], 0), max(limits.tight[0], 0)}))
    near = st.builds(lambda edge, by: max(edge + by, 0), edges, st.integers(-1, 1))
    paid = data.draw(st.lists(st.just(0) | near | amounts, min_size=1, max_size=MONTHS))
    down = data.draw(st.integers(0, 500_000))
    # To the monthly limits, months after the last payment may be compared as without payment.
    padded = paid + [0] * (MONTHS - len(paid))
    last = max((month for month, amount in enumerate(paid) if amount), default=0)
    sums = [down + amount for amount in accumulate(padded[: last + 1])]
    fits, is_tight = (
        all(p <= most for p, most in zip(padded, a_month, strict=True))
        and (cash is None or all(s <= most for s, most in zip(sums, cash, strict=False)))
        for a_month, cash in (
            (limits.comfortable, limits.comfortable_cash),
            (limits.tight, limits.cash),
        )
    )

    judgement = judge(found, plan_of(paid), DEBT, down_payment=CNY.money(down))

    assert judgement.verdict is says(fits, is_tight, found)


@given(found=households(is_seasonal=False), paid=st.integers(1, 2_000_000))
def test_limits_are_those_of_the_method(found: Affordability, paid: int) -> None:
    """The labels of the reference, section 3.2, word by word, for a household with one debt."""
    found = replace(
        found, weights={DEBT: 1}, shares={DEBT: found.affordable}, months=found.months[:1]
    )
    surplus, whole = found.surplus.minor, found.income.minor
    if surplus <= 0:
        expected = Verdict.DEFICIT
    else:
        ratio = Fraction(paid + found.debt_payments.minor, whole)
        left_after_shock = Fraction(surplus) - Fraction(whole, 10) - paid
        if paid > surplus or (ratio > Fraction(55, 100) and surplus - paid < found.floor.minor):
            expected = Verdict.UNAFFORDABLE
        elif paid > found.affordable.minor or ratio > Fraction(1, 2) or left_after_shock < 0:
            expected = Verdict.TIGHT
        else:
            expected = Verdict.COMFORTABLE

    assert judge(found, plan_of([0, paid, paid]), DEBT).verdict is expected


@given(found=households(is_seasonal=True), paid=st.lists(amounts, min_size=1, max_size=40))
def test_cash_limit_is_where_the_running_cash_reaches_zero(
    found: Affordability, paid: list[int]
) -> None:
    found = replace(found, weights={DEBT: 1}, shares={DEBT: found.affordable})
    limits = monthly_limits(found, DEBT, months=len(paid))
    assert limits.cash is not None
    balance, lowest = found.cash.minor - paid[0], found.cash.minor - paid[0]
    for month in range(1, max(RULES.horizon_months, len(paid) - 1 + 12) + 1):
        calendar = (TODAY.month - 1 + month) % 12
        balance += (
            found.incomes_by_month[calendar].minor
            - found.months[min(month, len(found.months) - 1)].outgoings
        )
        balance -= paid[month] if month < len(paid) else 0
        lowest = min(lowest, balance)
    sums = list(accumulate(paid))

    fits = all(total <= cash for total, cash in zip(sums, limits.cash, strict=True))

    while paid and not paid[-1]:
        paid.pop()
    if len(paid) == len(sums):  # `judge` knows no later month than the last payment
        shown = judge(found, plan_of(paid), DEBT).lowest_cash
        assert shown is not None
        assert shown.minor == lowest
        assert fits == (lowest >= 0)


def test_month_that_carries_nothing_lets_a_month_without_payment_pass() -> None:
    stretched = case(
        of_budget=budget((income("3700.00"),), (outgoing("3600.00", OutgoingKind.FOOD),))
    )
    limits = monthly_limits(assess(stretched, RULES), DEBT, months=2)

    # 100 are left, but a tenth less income takes 370.
    assert limits.comfortable == (0, 0)
    assert limits.tight == (10_000, 10_000)


def test_deficit_carries_not_even_a_month_without_payment() -> None:
    even = case(of_budget=budget((income("3600.00"),), (outgoing("3600.00", OutgoingKind.FOOD),)))
    limits = monthly_limits(assess(even, RULES), DEBT, months=1)

    assert limits.tight[0] < 0
    assert judge(assess(even, RULES), [], DEBT).verdict is Verdict.DEFICIT


def test_two_debts_paid_their_shares_are_both_comfortable() -> None:
    # S 3,400: the first income shock takes 820 and leaves 2,580, three quarters and one quarter.
    first = debt(debt_id="D1", contractual_payment=yuan("3000.00"))
    second = debt(debt_id="D2", contractual_payment=yuan("1000.00"))
    found = assess(case(first, second), RULES)

    assert monthly_limits(found, DebtId("D1"), months=1).comfortable == (193_500,)
    assert monthly_limits(found, DebtId("D2"), months=1).comfortable == (64_500,)
    judged = judge(found, [(date(2027, 1, 15), yuan("1935.00"))], DebtId("D1"))
    assert judged.debt_service_ratio == Fraction(2580 + 900, 8200)


@given(
    amount=st.integers(-100, 10**7),
    weights=st.lists(st.integers(1, 10**6), min_size=1, max_size=5),
    least=st.integers(0, 2000),
)
def test_no_part_falls_when_the_amount_rises(amount: int, weights: list[int], least: int) -> None:
    parts, more = divide(amount, weights, least), divide(amount + 1, weights, least)

    assert sum(parts) == amount
    assert all(now <= then for now, then in zip(parts, more, strict=True))
    if amount >= least * len(weights):
        assert min(parts) >= min(least, amount)
    assert all(
        abs(whole_of(part, index, weights, least) - amount)
        <= len(weights) * Fraction(sum(weights), weights[index])
        for index, part in enumerate(parts)
        if part > least
    )


def test_no_creditor_gets_less_than_the_least_share_while_there_is_enough() -> None:
    assert divide(100_000, [97, 2, 1], 5_000) == [90_000, 5_000, 5_000]
    assert divide(9_000, [97, 2, 1], 5_000) == [3_000, 3_000, 3_000]


def test_a_plan_is_judged_by_the_month_in_which_another_debt_still_runs() -> None:
    # S 3,400 once the car loan of 1,500 ends with February 2027; 1,900 until then.
    loan = replace(outgoing("1500.00", OutgoingKind.SECURED_LOAN), until=date(2027, 2, 28))
    living = outgoing("4800.00", OutgoingKind.FOOD)
    found = assess(case(of_budget=budget((income("8200.00"),), (living, loan))), RULES)
    early = [(date(2027, 2, 15), yuan("1000.00")), (date(2027, 3, 15), yuan("2580.00"))]
    late = [(date(2027, 2, 15), yuan("1000.01")), (date(2027, 3, 15), yuan("2580.01"))]

    limits = monthly_limits(found, DEBT, months=5)

    # November to February: 1,900 less a tenth of 8,200 is 1,080. From March 3,400 less 820: 2,580.
    assert limits.comfortable == (108_000, 108_000, 108_000, 108_000, 258_000)
    assert limits.tight == (190_000, 190_000, 190_000, 190_000, 340_000)
    assert found.surplus == yuan("1900.00")
    assert judge(found, early, DEBT).verdict is Verdict.COMFORTABLE
    assert judge(found, late, DEBT).verdict is Verdict.TIGHT
    assert judge(found, early, DEBT).worst_month == date(2027, 3, 1)


def test_an_outgoing_that_begins_later_makes_a_later_month_the_worst() -> None:
    school = replace(outgoing("2000.00", OutgoingKind.EDUCATION), begins=date(2027, 9, 1))
    living = outgoing("4800.00", OutgoingKind.FOOD)
    found = assess(case(of_budget=budget((income("8200.00"),), (living, school))), RULES)
    steady = [(date(2027, month, 15), yuan("2000.00")) for month in range(1, 13)]

    judged = judge(found, steady, DEBT)

    assert judged.worst_month == date(2027, 9, 1)
    assert judged.left_over == yuan("-600.00")
    assert judged.verdict is Verdict.UNAFFORDABLE
    assert judge(found, steady[:8], DEBT).verdict is Verdict.COMFORTABLE


def test_a_household_whose_surplus_comes_later_is_no_deficit() -> None:
    loan = replace(outgoing("4000.00", OutgoingKind.OTHER_DEBT), until=date(2027, 1, 31))
    living = outgoing("4800.00", OutgoingKind.FOOD)
    found = assess(case(of_budget=budget((income("8200.00"),), (living, loan))), RULES)

    assert found.surplus.minor < 0
    assert not found.is_deficit
    now, later = ([(date(2027, month, 15), yuan("500.00"))] for month in (1, 2))
    assert judge(found, now, DEBT).verdict is Verdict.UNAFFORDABLE
    assert judge(found, later, DEBT).verdict is Verdict.COMFORTABLE


def test_balloon_and_step_up_are_seen_in_their_month() -> None:
    level = [(date(2027, month, 15), yuan("500.00")) for month in range(1, 12)]
    balloon = [*level, (date(2027, 12, 15), yuan("3400.01"))]

    judged = judge(assess(case(), RULES), balloon, DEBT)

    assert judged.verdict is Verdict.UNAFFORDABLE
    assert judged.worst_month == date(2027, 12, 1)


@given(
    begins=st.integers(-6, 40),
    lasts=st.integers(0, 40),
    amount=st.integers(0, 500_000),
    month=st.integers(0, 60),
)
def test_surplus_of_a_month_is_that_of_a_budget_with_only_what_is_paid_then(
    begins: int, lasts: int, amount: int, month: int
) -> None:
    def day(offset: int) -> date:
        number = TODAY.year * 12 + TODAY.month - 1 + offset
        return date(number // 12, number % 12 + 1, 17)

    always = outgoing("2300.00", OutgoingKind.FOOD)
    extra = replace(
        outgoing(CNY.money(amount).plain, OutgoingKind.TAX),
        begins=day(begins),
        until=day(begins + lasts),
    )
    found = assess(case(of_budget=budget(outgoings=(always, extra))), RULES)
    is_paid = begins <= month <= begins + lasts
    plain = replace(extra, begins=None, until=None)
    alone = assess(
        case(of_budget=budget(outgoings=(always, plain) if is_paid else (always,))), RULES
    )

    then = found.months[min(month, len(found.months) - 1)]

    assert then.surplus == alone.surplus.minor
    assert then.affordable == alone.affordable.minor
