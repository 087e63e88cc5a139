"""Affordability: the reference method step by step, checked against arithmetic done by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.budget import Affordability, assess, corrected_income
from plan_assistant.domain.household import Every, Household, Income, OutgoingKind, Reliability
from plan_assistant.domain.money import CNY, Currency, Money, Rounding
from plan_assistant.domain.outgoings import spare_income
from plan_assistant.domain.verdict import Verdict, judge
from tests.builders import budget, case, components, debt, income, outgoing, yuan
from tests.packs import CN

RULES = CN.affordability.rules
DEBT = debt().debt_id


def payments(amount: str, months: int = 3) -> list[tuple[date, Money]]:
    return [(date(2027, month, 15), yuan(amount)) for month in range(1, months + 1)]


def test_reference_household_has_2430_a_month() -> None:
    # The reference's golden household: S 2,700; B 270; A 2,430.
    household = case(
        of_budget=budget(
            (income("9000.00"),),
            (
                outgoing("5200.00", OutgoingKind.FOOD),
                outgoing("600.00", OutgoingKind.RENT),
                outgoing("500.00", OutgoingKind.OTHER_DEBT),
            ),
        )
    )

    found = assess(household, RULES)

    assert (found.surplus, found.buffer, found.affordable) == (
        yuan("2700.00"),
        yuan("270.00"),
        yuan("2430.00"),
    )


@pytest.mark.parametrize(
    ("reliability", "counted"),
    [
        (Reliability.VERIFIED, "6000.00"),
        (Reliability.VARIABLE, "4800.00"),
        (Reliability.PLATFORM, "4200.00"),
        (Reliability.STATED, "3000.00"),
        (Reliability.ONE_OFF, "0.00"),
        (Reliability.EXPECTED, "0.00"),
    ],
)
def test_income_counts_by_how_far_it_can_be_relied_on(
    reliability: Reliability, counted: str
) -> None:
    found = assess(case(of_budget=budget((income("6000.00", reliability),))), RULES)

    assert found.income == yuan(counted)


@pytest.mark.parametrize(
    ("every", "counted"),
    [
        (Every.WEEK, "5200.00"),
        (Every.FORTNIGHT, "2600.00"),
        (Every.MONTH, "1200.00"),
        (Every.QUARTER, "400.00"),
        (Every.YEAR, "100.00"),
    ],
)
def test_rhythms_become_a_month_exactly(every: Every, counted: str) -> None:
    source = Income("工资", yuan("1200.00"), every, Reliability.VERIFIED)

    assert assess(case(of_budget=budget((source,))), RULES).income == yuan(counted)


def test_spending_below_the_floor_counts_as_the_floor() -> None:
    # Two adults and a child weigh 1.8; the food floor is 350.46 a weighted head: 630.83.
    frugal = case(
        of_budget=budget(
            outgoings=(
                outgoing("100.00", OutgoingKind.FOOD),
                outgoing("1000.00", OutgoingKind.HEALTH),
            )
        )
    )

    found = assess(frugal, RULES)

    assert found.essentials == yuan("1630.83")
    assert [line.kind for line in found.outgoing_lines if line.is_raised_to_floor] == [
        OutgoingKind.FOOD
    ]


def test_essentials_never_fall_below_the_minimum_standard() -> None:
    # 785.90 x 1.8 = 1,414.62
    found = assess(case(of_budget=budget(outgoings=())), RULES)

    assert found.essentials == yuan("1414.62")


def test_spending_above_the_guide_without_proof_is_marked_and_counted_in_full() -> None:
    generous = case(
        of_budget=budget(outgoings=(outgoing("3000.00", OutgoingKind.FOOD, is_proven=False),)),
    )

    found = assess(generous, RULES)

    assert found.essentials == yuan("3000.00")
    assert found.outgoing_lines[0].is_above_guide


def test_tables_in_yuan_do_not_bind_a_budget_in_another_currency() -> None:
    dollar = Currency.of("USD")
    foreign = budget(currency=dollar, cash="0.00", incomes=(), outgoings=())
    of_budget = type(foreign)(
        currency=dollar,
        incomes=(Income("pay", dollar.parse("3000.00"), Every.MONTH, Reliability.VERIFIED),),
        outgoings=(),
        cash=dollar.zero,
        payday=1,
    )

    found = assess(case(of_budget=of_budget), RULES)

    assert found.essentials == dollar.zero
    assert found.buffer == dollar.parse("300.00")


def test_several_negotiated_debts_share_what_is_affordable_by_their_contractual_payments() -> None:
    first = debt(debt_id="D1", contractual_payment=yuan("3000.00"))
    second = debt(debt_id="D2", contractual_payment=yuan("1000.00"))

    found = assess(case(first, second), RULES)

    assert found.affordable == yuan("3100.00")
    assert dict(found.shares) == {"D1": yuan("2325.00"), "D2": yuan("775.00")}


def test_shares_always_add_up_to_the_whole() -> None:
    debts = [
        debt(debt_id=f"D{n}", owed=components(principal=f"{n * 1000 + 7}.00")) for n in range(1, 4)
    ]

    found = assess(case(*debts), RULES)

    assert sum(share.minor for share in found.shares.values()) == found.affordable.minor


@pytest.mark.parametrize(
    ("payment", "verdict"),
    [
        ("2580.00", Verdict.COMFORTABLE),  # S 3,400 less a tenth of 8,200 leaves exactly 2,580
        ("2580.01", Verdict.TIGHT),
        ("3400.00", Verdict.TIGHT),
        ("3400.01", Verdict.UNAFFORDABLE),
    ],
)
def test_verdict_changes_at_the_cent(payment: str, verdict: Verdict) -> None:
    assert judge(assess(case(), RULES), payments(payment), DEBT).verdict is verdict


def test_household_without_surplus_is_a_deficit_whatever_the_payment() -> None:
    poor = assess(case(of_budget=budget((income("3000.00"),))), RULES)

    assert judge(poor, payments("1.00"), DEBT).verdict is Verdict.DEFICIT


def test_debt_service_over_the_alarm_with_little_left_is_unaffordable() -> None:
    # Income 10,000, other debts 4,000: a payment of 1,600 makes 56 %; 800 are left, under 1,414.62.
    stretched = case(
        of_budget=budget(
            (income("10000.00"),),
            (outgoing("3600.00", OutgoingKind.FOOD), outgoing("4000.00", OutgoingKind.OTHER_DEBT)),
        )
    )

    assert (
        judge(assess(stretched, RULES), payments("1600.00"), DEBT).verdict is Verdict.UNAFFORDABLE
    )


def test_plan_is_judged_by_its_worst_month() -> None:
    rising = [(date(2027, 1, 15), yuan("100.00")), (date(2027, 2, 15), yuan("3500.00"))]

    judgement = judge(assess(case(), RULES), rising, DEBT)

    assert judgement.worst_payment == yuan("3500.00")
    assert judgement.verdict is Verdict.UNAFFORDABLE


def test_two_payments_in_one_month_are_one_burden() -> None:
    both = [(date(2027, 1, 1), yuan("1500.00")), (date(2027, 1, 29), yuan("1500.00"))]

    assert judge(assess(case(), RULES), both, DEBT).worst_payment == yuan("3000.00")


def test_the_largest_payment_is_not_always_that_of_the_worst_month() -> None:
    # 900.00 of another debt until January: least is left over in December, most is asked for later.
    ending = replace(outgoing("900.00", OutgoingKind.OTHER_DEBT), until=date(2027, 1, 31))
    of = case(of_budget=budget(outgoings=(ending,)))
    payments = [(date(2026, 12, 15), yuan("1000.00")), (date(2027, 2, 15), yuan("1200.00"))]

    judgement = judge(assess(of, RULES), payments, DEBT)

    assert judgement.worst_payment == yuan("1000.00")
    assert judgement.largest_payment == yuan("1200.00")


def test_break_even_shock_is_the_fall_in_income_that_leaves_nothing() -> None:
    judgement = judge(assess(case(), RULES), payments("1760.00"), DEBT)

    assert judgement.break_even_shock == Fraction(1640, 8200)
    assert judgement.shocks_passed == (True, True, False)
    assert judgement.is_strong


def test_seasonal_household_is_run_month_by_month() -> None:
    # 6,000 a month on average, but nothing in January and February.
    months = tuple(yuan(amount) for amount in ["0.00"] * 2 + ["7200.00"] * 10)
    seasonal = Income("茶园", yuan("6000.00"), Every.MONTH, Reliability.VERIFIED, by_month=months)
    outgoings = (outgoing("3000.00", OutgoingKind.FOOD),)
    thin = case(of_budget=budget((seasonal,), outgoings, cash="0.00"))
    saved = case(of_budget=budget((seasonal,), outgoings, cash="9000.00"))
    flows = payments("1000.00", months=12)

    assert judge(assess(thin, RULES), flows, DEBT).lowest_cash_on == date(2027, 2, 1)
    assert judge(assess(thin, RULES), flows, DEBT).verdict is Verdict.UNAFFORDABLE
    assert judge(assess(saved, RULES), flows, DEBT).verdict is Verdict.COMFORTABLE


def half_year_earner(cash: str) -> Affordability:
    """Earn 20,000 from July to December and nothing before; 7,130 go out each month."""
    months = tuple(yuan(amount) for amount in ["0.00"] * 6 + ["20000.00"] * 6)
    earned = Income("民宿", yuan("10000.00"), Every.MONTH, Reliability.VERIFIED, by_month=months)
    outgoings = (
        outgoing("4198.00", OutgoingKind.FOOD),
        outgoing("2932.00", OutgoingKind.RENT),
    )
    of = case(of_budget=budget((earned,), outgoings, cash=cash), as_of=date(2026, 11, 20))
    return assess(of, RULES)


FROM_FEBRUARY = [
    (date(2027 + month // 12, month % 12 + 1, 15), yuan("1852.84")) for month in range(1, 34)
]


def test_shocks_run_the_cash_of_a_seasonal_household_through_its_weak_months() -> None:
    # 40,000 + 12,870 of December - six months of 7,130 - five payments leave 825.80 in June. With
    # a tenth less income December brings 2,000 less; dearer essentials take 7 x 419.80.
    judgement = judge(half_year_earner("40000.00"), FROM_FEBRUARY, DEBT)

    assert judgement.lowest_cash == yuan("825.80")
    assert judgement.lowest_cash_on == date(2027, 6, 1)
    assert judgement.shocks_passed == (False, False, False)
    assert not judgement.passes_essentials_shock
    assert judgement.break_even_shock == Fraction(82580, 2000000)


def test_seasonal_household_that_a_tenth_less_income_leaves_without_cash_is_tight() -> None:
    # In June 1,174.20 are missing after the first shock.
    assert judge(half_year_earner("40000.00"), FROM_FEBRUARY, DEBT).verdict is Verdict.TIGHT
    assert judge(half_year_earner("41174.19"), FROM_FEBRUARY, DEBT).verdict is Verdict.TIGHT
    assert judge(half_year_earner("41174.20"), FROM_FEBRUARY, DEBT).verdict is Verdict.COMFORTABLE


def test_seasonal_household_whose_cash_runs_out_stands_no_shock() -> None:
    judgement = judge(half_year_earner("0.00"), FROM_FEBRUARY, DEBT)

    assert judgement.verdict is Verdict.UNAFFORDABLE
    assert not judgement.passes_essentials_shock
    assert judgement.break_even_shock is not None
    assert judgement.break_even_shock < 0


def test_corrected_seasonal_income_keeps_its_shape_and_average() -> None:
    months = tuple(yuan(amount) for amount in ["0.00"] * 2 + ["7200.00"] * 9 + ["7200.01"])
    seasonal = Income("茶园", yuan("6000.00"), Every.MONTH, Reliability.VERIFIED, by_month=months)

    corrected = corrected_income(seasonal, yuan("5000.00"))

    assert corrected.by_month[:2] == (CNY.zero, CNY.zero)
    assert sum(month.minor for month in corrected.by_month) == 12 * 500000


def test_down_payment_leaves_less_cash_for_the_weak_months() -> None:
    months = tuple(yuan(amount) for amount in ["0.00"] * 2 + ["7200.00"] * 10)
    seasonal = Income("茶园", yuan("6000.00"), Every.MONTH, Reliability.VERIFIED, by_month=months)
    outgoings = (outgoing("3000.00", OutgoingKind.FOOD),)
    saved = assess(case(of_budget=budget((seasonal,), outgoings, cash="9000.00")), RULES)
    flows = payments("1000.00", months=12)

    after = judge(saved, flows, DEBT, down_payment=yuan("9000.00"))

    assert judge(saved, flows, DEBT).verdict is Verdict.COMFORTABLE
    assert after.verdict is Verdict.UNAFFORDABLE


@given(
    wage=st.integers(0, 3_000_000),
    food=st.integers(0, 1_000_000),
    adults=st.integers(1, 6),
    children=st.integers(0, 6),
    payment=st.integers(1, 3_000_000),
)
def test_verdict_never_improves_when_the_payment_rises(
    wage: int, food: int, adults: int, children: int, payment: int
) -> None:
    household = case(
        of_budget=budget(
            (income(CNY.money(wage).plain),), (outgoing(CNY.money(food).plain, OutgoingKind.FOOD),)
        ),
        household=Household(adults, children),
    )
    found = assess(household, RULES)

    low = judge(found, [(date(2027, 1, 15), CNY.money(payment))], DEBT)
    high = judge(found, [(date(2027, 1, 15), CNY.money(payment + 1))], DEBT)

    assert low.verdict.rank <= high.verdict.rank
    assert found.affordable.minor <= max(0, found.surplus.minor)


@given(
    surplus=st.integers(-10_000_000, 10_000_000),
    share=st.fractions(min_value=0, max_value=1),
    cap=st.none() | st.integers(0, 1_000_000),
    rounding=st.sampled_from([Rounding.HALF_UP, Rounding.UP]),
)
def test_surplus_buffer_and_affordable_add_up_to_the_cent(
    surplus: int, share: Fraction, cap: int | None, rounding: Rounding
) -> None:
    limit = None if cap is None else Fraction(cap)
    found = spare_income(surplus, buffer_share=share, buffer_cap=limit, rounding=rounding)

    assert found.affordable == max(0, found.surplus - found.buffer)
    assert 0 <= found.buffer <= max(0, surplus)
    assert cap is None or found.buffer <= cap
    if surplus > 0 and cap is None:
        rest = found.buffer - share * surplus
        assert 0 <= rest < 1 if rounding is Rounding.UP else abs(rest) <= Fraction(1, 2)
