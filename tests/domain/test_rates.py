from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.rates import (
    Flow,
    RateUndefined,
    annualized_rate,
    early_settlement,
    effective_from_nominal,
    eu_apr,
    irr_rate,
    nominal_from_effective,
    present_value,
    present_value_of,
    simple_annual_rate,
    us_apr,
)
from plan_assistant.domain.rates.annuity import Annuity, When
from plan_assistant.domain.rates.conversion import period_rate_from_effective
from plan_assistant.domain.rates.present_value import present_value_effective
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.events import ExtendTerm, MoveDueDate
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.regular import level_payment
from plan_assistant.domain.schedule.screening import (
    screening_irr,
    screening_npv,
    screening_payments,
)
from plan_assistant.domain.schedule.terms import (
    Amortization,
    Conventions,
    DownPayment,
    FixedFee,
    LevelPayment,
)
from tests.domain.schedule.builders import dated, undated, yuan

MILLIONTH = Fraction(1, 10**6)


def _six(rate: Fraction) -> str:
    return f"{float(rate):.6f}"


def test_a_flat_fee_of_7_2_percent_costs_13_03_percent_a_year() -> None:
    schedule = price(undated(rate="0.072", amortization=Amortization.FLAT))

    rate = annualized_rate(schedule)

    assert _six(rate) == "0.130342"
    assert _six(effective_from_nominal(rate, 12)) == "0.138417"
    assert simple_annual_rate(schedule) == Fraction("0.072")


def test_the_simple_rate_counts_the_time_that_the_rows_take() -> None:
    year = undated("12000.00", start=date(2025, 1, 15), first_due=date(2025, 2, 15))
    extended = History(year, {"longer": ExtendTerm(date(2025, 2, 15), 12)})
    given = Conventions(level_payment=LevelPayment.GIVEN)
    at_once = year.with_(payment=yuan("20000.00"), conventions=given)
    late_fee = year.with_(fees=(FixedFee(yuan("100.00"), date(2028, 1, 15)),))

    two_years = simple_annual_rate(price(year.with_(periods=24)))
    assert simple_annual_rate(extended.schedule) == two_years
    assert simple_annual_rate(price(at_once)) == Fraction("0.12")
    assert simple_annual_rate(price(late_fee)) == (
        simple_annual_rate(price(year)) + Fraction(100, 12000)
    )


def test_a_moved_due_date_lengthens_the_time_of_the_simple_rate() -> None:
    terms = dated(start=date(2026, 1, 28), due_day=28, periods=1)
    moved = History(terms, {"moved": MoveDueDate(date(2026, 2, 28), date(2026, 4, 28))}).schedule

    cost = moved.total_interest.share_of(yuan("10000.00"))
    assert simple_annual_rate(moved) == cost / 3 * 12


def test_a_plan_without_interest_costs_exactly_nothing() -> None:
    assert annualized_rate(price(undated(rate="0", periods=60))) == 0


@pytest.mark.parametrize("rate", ["0.0001", "0.12", "0.1825", "0.36", "5", "50"])
@pytest.mark.parametrize("periods", [1, 12, 60])
def test_the_annualized_rate_of_a_level_plan_is_its_rate(rate: str, periods: int) -> None:
    schedule = price(undated("1000000.00", rate, periods))

    assert abs(annualized_rate(schedule) - Fraction(rate)) < 10 * MILLIONTH


def test_fees_raise_the_annualized_rate() -> None:
    fees = (FixedFee(yuan("100.00"), number=1),)

    with_fee = annualized_rate(price(undated(fees=fees)))

    assert with_fee > annualized_rate(price(undated())) + Fraction(1, 100)


def test_arrears_without_interest_lower_it() -> None:
    assert annualized_rate(price(undated(arrears=yuan("1000.00")))) < Fraction("0.12")


def test_a_down_payment_is_not_outstanding() -> None:
    down = DownPayment(yuan("4000.00"), yuan("0.00"))

    rate = annualized_rate(price(dated(down_payment=down)))

    assert abs(rate - Fraction("0.12")) < 200 * MILLIONTH


def test_an_odd_first_period_counts_whole_periods_and_a_part() -> None:
    # 31 days are 1 month and 1 day by the plan, 31/360 of a year by its day count.
    schedule = price(
        dated(periods=1, start=date(2026, 1, 30), first_due=date(2026, 3, 2), due_day=2)
    )
    cost = schedule.total_interest.share_of(schedule.total_principal)

    # (1 + i)(1 + 2 i / 30) = 1 + cost
    i = annualized_rate(schedule) / 12
    difference = Fraction((1 + i) * (1 + 2 * i / 30) - 1 - cost)
    assert abs(difference) < MILLIONTH / 1000


def test_a_fee_long_after_the_end_counts_at_its_own_date() -> None:
    at_end = dated(fees=(FixedFee(yuan("100.00"), date(2027, 1, 31)),))
    a_year_later = dated(fees=(FixedFee(yuan("100.00"), date(2028, 1, 31)),))

    early, late = annualized_rate(price(at_end)), annualized_rate(price(a_year_later))

    assert early > late > Fraction("0.12")
    paid = price(a_year_later).columns.payment
    flows = [Flow(-1_000_000, 0), *(Flow(amount, k) for k, amount in enumerate(paid[:12], 1))]
    assert abs(late / 12 - irr_rate([*flows, Flow(paid[12], 24)])) < MILLIONTH


def test_a_moved_due_date_lengthens_its_period_in_the_rate() -> None:
    terms = dated(start=date(2026, 1, 28), due_day=28, periods=1)
    moved = History(terms, {"moved": MoveDueDate(date(2026, 2, 28), date(2026, 4, 28))})

    rate = annualized_rate(moved.schedule) / 12
    cost = moved.schedule.total_interest.share_of(yuan("10000.00"))
    assert abs(Fraction((1 + rate) ** 3) - 1 - cost) < MILLIONTH


def test_a_long_plan_has_a_rate_too() -> None:
    schedule = price(undated("1000000.00", "0.0833", 1200))

    assert abs(annualized_rate(schedule) - Fraction("0.0833")) < MILLIONTH


def _loan(*payments: int) -> list[Flow]:
    return [Flow(-1000, 0), *(Flow(payment, index) for index, payment in enumerate(payments, 1))]


def test_less_back_than_lent_is_a_negative_rate() -> None:
    rate = irr_rate(_loan(300, 300, 300))

    assert abs(present_value_of([300] * 3, rate) - 1000) < MILLIONTH
    assert rate < 0


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        (_loan(), "no_payment"),
        (_loan(0, 0), "no_payment"),
        ([Flow(100, 0), Flow(100, 1)], "no_advance"),
        (_loan(2300, -1320), "several_rates"),
        (_loan(10**18), "beyond_limit"),
    ],
    ids=["nothing back", "zeros back", "nothing lent", "two rates, 10 % and 20 %", "endless"],
)
def test_flows_without_one_rate_are_refused_by_name(flows: list[Flow], reason: str) -> None:
    with pytest.raises(RateUndefined) as refusal:
        irr_rate(flows)

    assert refusal.value.reason == reason


def test_a_later_advance_does_not_confuse_the_rate() -> None:
    flows = [Flow(-1000, 0), Flow(400, 1), Flow(-500, 2), Flow(700, 3), Flow(700, 4)]

    rate = irr_rate(flows)

    later = present_value_of([flow.amount for flow in flows[1:]], rate)
    assert abs(later - 1000) < MILLIONTH


@pytest.mark.parametrize(
    ("payments", "about"),
    [((-50, -60), "0.0639"), ((-40, -50), "-0.0651"), ((-50, 70, -130), None)],
)
@pytest.mark.parametrize("odd", [0, Fraction(1, 3)])
def test_the_borrowers_side_has_the_rate_of_the_lenders(
    payments: tuple[int, ...], about: str | None, odd: Fraction
) -> None:
    flows = [Flow(100, 0, odd), *(Flow(amount, k, odd) for k, amount in enumerate(payments, 1))]
    lent = [Flow(-flow.amount, flow.units, flow.odd) for flow in flows]

    assert irr_rate(flows) == irr_rate(lent)
    assert us_apr(flows, 12) == us_apr(lent, 12)
    assert eu_apr(flows, 12) == eu_apr(lent, 12)
    if about is not None:
        assert abs(irr_rate(flows) - Fraction(about)) < Fraction(1, 10**4)


@given(
    st.lists(st.integers(0, 10**7), min_size=1, max_size=24).filter(any),
    st.integers(1, 10**8),
    st.fractions(0, 1, max_denominator=31),
)
def test_the_rate_lies_where_the_sign_changes(
    payments: list[int], lent: int, odd: Fraction
) -> None:
    flows = [Flow(-lent, 0), *(Flow(payment, k + 1, odd) for k, payment in enumerate(payments))]
    try:
        rate = us_apr(flows, 12) / 12
    except RateUndefined as refusal:
        assert refusal.reason in {"beyond_limit", "total_loss"}
        return
    step = Fraction(1, 10**11)

    def value(i: Fraction) -> Fraction:
        return sum(
            (Fraction(f.amount) / ((1 + f.odd * i) * (1 + i) ** f.units) for f in flows),
            Fraction(0),
        )

    assert value(rate - step) > 0 > value(rate + step)


def test_us_and_eu_rates_of_whole_periods_differ_only_by_compounding() -> None:
    flows = _loan(*[90] * 12)

    assert abs((1 + us_apr(flows, 12) / 12) ** 12 - 1 - eu_apr(flows, 12)) < MILLIONTH


def test_broken_periods_compound_in_the_eu_and_not_in_the_us() -> None:
    flows = [Flow(-1000, 0), Flow(1100, 1, Fraction(1, 2))]

    us = us_apr(flows, 1)
    eu = eu_apr(flows, 1)

    assert abs((1 + us) * (1 + us / 2) - Fraction(11, 10)) < MILLIONTH
    assert abs(float(1 + eu) ** 1.5 - 1.1) < 1e-9


def test_effective_and_nominal_rates_are_inverse() -> None:
    effective = effective_from_nominal(Fraction("0.12"), 12)

    assert abs(nominal_from_effective(effective, 12) - Fraction("0.12")) < Fraction(1, 10**12)
    assert period_rate_from_effective(Fraction("0.14"), 12, 6) == Fraction("0.010979")


@pytest.mark.parametrize("effective", ["-1", "-2"])
def test_a_loss_of_everything_has_no_nominal_rate(effective: str) -> None:
    with pytest.raises(InvalidTerms, match=f"effective = {effective}"):
        nominal_from_effective(Fraction(effective), 12)


@pytest.mark.parametrize("effective", [10**999, 10**52, Fraction(10**52, 3), Fraction(-1, 3), 0])
@pytest.mark.parametrize("periods", [1, 12, 365])
def test_a_period_rate_is_rounded_half_up_from_its_exact_root(
    effective: Fraction | int, periods: int
) -> None:
    rate = period_rate_from_effective(Fraction(effective), periods, 6)

    half = Fraction(1, 2 * 10**6)
    assert rate.denominator <= 10**6
    assert (1 + rate - half) ** periods <= 1 + effective < (1 + rate + half) ** periods


def test_a_loss_of_everything_in_a_period_has_no_effective_rate() -> None:
    for nominal in (-12, -25):
        with pytest.raises(InvalidTerms, match=f"nominal = {nominal}: it loses"):
            effective_from_nominal(Fraction(nominal), 12)


@pytest.mark.parametrize("rate", [-1, -2])
def test_nothing_is_discounted_at_a_loss_of_everything(rate: int) -> None:
    with pytest.raises(InvalidTerms, match=f"discount_rate = {rate}"):
        present_value_of([100], Fraction(rate))
    with pytest.raises(InvalidTerms, match=f"discount_rate = {rate}"):
        present_value_effective([100], Fraction(rate), 12)


@pytest.mark.parametrize("rate", [-1, -2])
def test_an_annuity_does_not_lose_everything_in_a_period(rate: int) -> None:
    with pytest.raises(InvalidTerms, match=f"rate = {rate}"):
        Annuity(Fraction(rate), None, Fraction(-100), Fraction(1000)).call("nper")


def test_a_settlement_at_a_rate_beyond_all_measure_is_found() -> None:
    settled = early_settlement(
        500000, 13457, 48, Fraction(10) ** 700, 1, part_period=Fraction(7, 30)
    )

    assert settled.settlement_figure > 10**60


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: us_apr([Flow(-1, 0), Flow(2, 10**9)], 12), "units = 1000000000: "),
        (lambda: irr_rate([Flow(-1, 0), Flow(2, 1, Fraction(10**9))]), "units = 1000000001: "),
        (lambda: irr_rate([Flow(-1, 0), *[Flow(1, 1)] * 5000]), "flows = 5001: "),
        (lambda: present_value_of([1] * 5000, Fraction(1, 100)), "payments = 5000: "),
        (lambda: effective_from_nominal(Fraction(1, 10), 10**9), "periods_a_year = 1000000000: "),
        (lambda: period_rate_from_effective(Fraction(1, 10), 12, 10**9), "decimals = 1000000000: "),
        (lambda: early_settlement(1000, 100, 10**9, Fraction(1, 10), 5), "periods = 1000000000: "),
        (
            lambda: early_settlement(
                1000, 100, 12, Fraction(1, 10), 3, part_period=Fraction(10**9)
            ),
            "part_period = 1000000000: ",
        ),
        (
            lambda: Annuity(Fraction(1, 100), Fraction(10**9), None, Fraction(5)).call("pmt"),
            "nper = 1000000000: ",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_take_for_ever_is_refused_by_name(
    asked: Callable[[], object], said: str
) -> None:
    with pytest.raises(InvalidTerms, match=f"^{said}"):
        asked()


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ([Flow(-100, 0), Flow(50, 1, Fraction(16))], "total_loss"),
        ([Flow(-100, 0), Flow(900, 1, Fraction(-1, 4))], "beyond_limit"),
    ],
    ids=["a loss over sixteen odd units", "a gain over less than none"],
)
def test_an_odd_part_never_discounts_by_less_than_nothing(flows: list[Flow], reason: str) -> None:
    with pytest.raises(RateUndefined, match=reason):
        us_apr(flows, 12)


def test_a_part_of_a_period_with_many_decimals_is_found_at_once() -> None:
    by_days, by_decimals = (
        early_settlement(500000, 13457, 48, Fraction("0.14"), 12, part_period=Fraction(part))
        for part in ("1/3", "0.3333333333333333333333333333")
    )

    assert by_days == by_decimals


def test_a_year_has_at_least_one_period() -> None:
    for convert in (effective_from_nominal, nominal_from_effective):
        with pytest.raises(InvalidTerms, match="periods_a_year = 0"):
            convert(Fraction("0.12"), 0)


def test_the_present_value_of_a_zero_rate_plan_shows_the_loss() -> None:
    value = present_value_of([27778] * 36, Fraction(1, 100))

    assert round(value) == 836326
    assert present_value(price(undated(rate="0", periods=36)), Fraction("0.12")) == yuan("8363.21")


def test_a_plan_is_worth_its_principal_at_its_own_rate() -> None:
    schedule = price(undated(rate="0.12"))

    assert abs(present_value(schedule, Fraction("0.12")).minor - 1_000_000) <= 1


def test_discounting_at_an_effective_rate() -> None:
    assert present_value_effective([11200], Fraction("0.12"), 1) == 10000
    assert present_value_effective([0] * 11 + [11200], Fraction("0.12"), 12) == 10000


def test_an_early_settlement_follows_the_statutory_rate() -> None:
    settled = early_settlement(500000, 13457, 48, Fraction("0.14"), 12)

    assert (settled.settlement_figure, settled.rebate) == (398400, 86052)


def test_a_settlement_after_the_end_is_refused() -> None:
    with pytest.raises(InvalidTerms):
        early_settlement(500000, 13457, 48, Fraction("0.14"), 49)


@pytest.mark.parametrize("when", list(When))
def test_annuity_parts_add_up(when: When) -> None:
    annuity = Annuity(Fraction(1, 100), Fraction(12), None, Fraction(10000), when=when)
    payment = annuity.call("pmt")

    principal = sum(annuity.call("ppmt", Fraction(k)) for k in range(1, 13))

    assert principal == pytest.approx(-10000)
    assert annuity.call("ipmt", Fraction(2)) + annuity.call("ppmt", Fraction(2)) == payment
    back = Annuity(Fraction(1, 100), None, payment, Fraction(10000), when=when).call("nper")
    assert abs(back - 12) < Fraction(1, 10**30)


def test_annuity_functions_agree_with_numpy_financial() -> None:
    rate, begin = Fraction("0.08") / 12, When.BEGIN
    for when in When:
        ours = Annuity(rate, Fraction(60), None, Fraction(15000), Fraction(-2000), when)
        theirs = npf.pmt(float(rate), 60, 15000, -2000, when=when.value)
        assert float(ours.call("pmt")) == pytest.approx(float(theirs), rel=1e-12)
        part = npf.ipmt(float(rate), 7, 60, 15000, -2000, when=when.value)
        assert float(ours.call("ipmt", Fraction(7))) == pytest.approx(float(part), rel=1e-12)
    assert Annuity(rate, Fraction(3), None, Fraction(9), when=begin).call("ipmt", Fraction(1)) == 0


def test_no_number_of_payments_repays_less_than_the_interest() -> None:
    with pytest.raises(InvalidTerms, match="does not cover the interest"):
        Annuity(Fraction(1, 100), None, Fraction(-90), Fraction(10000)).call("nper")


@given(st.integers(1, 10**9), st.integers(0, 500_000), st.integers(1, 120))
def test_the_level_payment_is_numpy_financials_formula_rounded_once(
    principal: int, ppm: int, periods: int
) -> None:
    rate = Fraction(ppm, 12 * 10**6)

    payment = level_payment(principal, rate, periods, rounding=Rounding.HALF_UP)

    screened = float(screening_payments(principal, rate, [periods])[0])
    # The library loses digits to cancellation at tiny rates; a payment is within half a unit of it.
    assert payment == pytest.approx(screened, abs=0.5 + 1e-6 * screened)


def test_screening_figures_are_those_of_the_library() -> None:
    flows = [-10000, *[900] * 12]

    assert screening_irr(flows) == pytest.approx(float(irr_rate(_scaled(flows))))
    assert screening_npv(Fraction(1, 100), flows) == pytest.approx(
        float(present_value_of(flows[1:], Fraction(1, 100))) - 10000
    )


def _scaled(flows: list[int]) -> list[Flow]:
    return [Flow(amount, index) for index, amount in enumerate(flows)]


@pytest.mark.parametrize("rate", [Fraction(1, 100), Fraction(0)])
def test_payments_the_wrong_way_get_nowhere(rate: Fraction) -> None:
    with pytest.raises(InvalidTerms, match="no number of payments gets there") as refusal:
        Annuity(rate, None, Fraction(100), Fraction(1000)).call("nper")

    assert refusal.value.field == "pmt"


@pytest.mark.parametrize(
    "flows",
    [[-100, 50, -10, 60], [-100, 50, -10, 20]],
    ids=["nothing is left", "less comes back"],
)
def test_one_rate_is_found_although_signs_change_more_than_once(flows: list[int]) -> None:
    found = irr_rate([Flow(amount, whole) for whole, amount in enumerate(flows)])

    worth = Fraction(0)
    for k, amount in enumerate(flows):
        worth += amount / (1 + found) ** k
    assert abs(worth) < Fraction(1, 10**6)
    assert (found < 0) == (sum(flows) < 0)


def test_flows_that_no_rate_describes_are_not_said_to_have_several() -> None:
    with pytest.raises(RateUndefined) as refusal:
        irr_rate([Flow(amount, whole) for whole, amount in enumerate([-100, 1, -10])])

    assert refusal.value.reason == "no_rate"


def test_no_settlement_lies_before_an_installment() -> None:
    with pytest.raises(InvalidTerms) as refusal:
        early_settlement(100_000, 9_000, 12, Fraction(1, 10), 3, part_period=Fraction(-1, 2))

    assert refusal.value.field == "part_period"
