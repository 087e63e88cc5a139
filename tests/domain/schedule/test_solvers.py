from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY, Currency, Money
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.length_solvers import solve_periods, solve_shortest
from plan_assistant.domain.schedule.solution import NoSolution, Solved
from plan_assistant.domain.schedule.solvers import (
    solve_amount,
    solve_down_payment,
    solve_first_due,
    solve_rate,
)
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    DownPayment,
    Grace,
    LevelPayment,
    LevelPaymentBasis,
    PeriodInterest,
    Terms,
)
from tests.domain.schedule.builders import START, dated, payments, undated, yuan


def test_a_payment_gives_its_number_of_installments() -> None:
    answer = solve_periods(undated("50000.00", "0.12"), yuan("2000.00"))

    assert isinstance(answer, Solved)
    assert len(answer.schedule.rows) == 29
    assert answer.schedule.last_payment < yuan("2000.00")


def test_a_payment_below_the_interest_has_no_number_of_installments() -> None:
    answer = solve_periods(undated("124000.00", "0.12"), yuan("1000.00"))

    assert isinstance(answer, NoSolution)
    assert str(answer) == "1000.00 does not cover the interest of 1240.00"


@pytest.mark.parametrize(
    "treatment", [ArrearsTreatment.FIRST_INSTALLMENT, ArrearsTreatment.LAST_INSTALLMENT]
)
def test_arrears_in_one_installment_are_never_covered_by_less(treatment: ArrearsTreatment) -> None:
    conventions = Conventions(
        level_payment=LevelPayment.EQUALISED, period_interest=PeriodInterest.DAILY
    )
    terms = dated(arrears=yuan("2000.00"), arrears_treatment=treatment, conventions=conventions)

    answer = solve_shortest(terms, yuan("1999.99"))

    assert isinstance(answer, NoSolution)
    assert str(answer) == "1999.99 does not cover the arrears of 2000.00 in one installment"


@pytest.mark.parametrize("basis", LevelPaymentBasis)
@pytest.mark.parametrize("payment", ["820.00", "1233.17", "3000.00"])
def test_the_shortest_equalised_plan_is_found_without_pricing_the_long_ones(
    basis: LevelPaymentBasis, payment: str
) -> None:
    conventions = Conventions(
        level_payment=LevelPayment.EQUALISED,
        period_interest=PeriodInterest.DAILY,
        level_payment_basis=basis,
    )
    terms = dated("40564.24", "0.24", conventions=conventions)

    answer = solve_shortest(terms, yuan(payment))

    if isinstance(answer, NoSolution):
        assert (answer.reason, answer.limit > yuan(payment)) == ("too_many_periods", True)
        return
    assert answer.schedule.largest_payment <= yuan(payment)
    shorter = range(1, answer.terms.periods)
    assert all(
        price(terms.with_(periods=count)).largest_payment > yuan(payment) for count in shorter
    )


def test_the_shortest_term_fits_and_one_month_less_does_not() -> None:
    terms = undated()
    answer = solve_shortest(terms, yuan("500.00"))

    assert isinstance(answer, Solved)
    assert answer.schedule.largest_payment <= yuan("500.00")
    assert price(terms.with_(periods=answer.terms.periods - 1)).largest_payment > yuan("500.00")


def test_interest_only_fits_no_payment_below_the_principal() -> None:
    terms = undated(amortization=Amortization.INTEREST_ONLY)

    answer = solve_shortest(terms, yuan("500.00"))

    assert isinstance(answer, NoSolution)
    assert str(answer).startswith("500.00 does not repay the debt in 1200 installments;")


@pytest.mark.parametrize("payment", ["100.00", "437.19", "500.00", "2000.01"])
@pytest.mark.parametrize("rate", ["0", "0.12", "0.1825"])
def test_the_amount_fits_and_one_unit_more_does_not(payment: str, rate: str) -> None:
    terms = undated(rate=rate, periods=24)
    answer = solve_amount(terms, yuan(payment))

    assert isinstance(answer, Solved)
    more = answer.terms.principal + yuan("0.01")
    assert answer.schedule.largest_payment <= yuan(payment)
    assert price(terms.with_(principal=more)).largest_payment > yuan(payment)


def test_the_rate_fits_and_one_ppm_more_does_not() -> None:
    answer = solve_rate(undated(), yuan("860.00"))

    assert isinstance(answer, Solved)
    assert answer.schedule.largest_payment <= yuan("860.00")
    more = answer.terms.annual_rate + type(answer.terms.annual_rate)(1, 10**6)
    assert price(undated().with_(annual_rate=more)).largest_payment > yuan("860.00")


def test_no_rate_makes_principal_smaller() -> None:
    answer = solve_rate(undated(), yuan("800.00"))

    assert str(answer) == "800.00 does not repay the debt even without interest; that takes 833.37"


def test_a_down_payment_brings_the_installment_down() -> None:
    answer = solve_down_payment(dated(), yuan("500.00"))

    assert isinstance(answer, Solved)
    assert answer.schedule.largest_payment <= yuan("500.00")
    assert answer.terms.down_payment is not None
    assert yuan("4300.00") < answer.terms.down_payment.principal < yuan("4400.00")


def test_no_down_payment_is_asked_where_none_is_needed() -> None:
    answer = solve_down_payment(dated(), yuan("900.00"))

    assert isinstance(answer, Solved)
    assert answer.terms.down_payment is None


def test_the_latest_first_due_date_that_fits() -> None:
    terms = dated(periods=1)
    answer = solve_first_due(terms, yuan("10150.00"), date(2026, 6, 30))

    # 45 days at 12 % / 360 cost exactly 150.00.
    assert isinstance(answer, Solved)
    assert answer.terms.first_due == date(2026, 3, 17)


def test_no_first_due_date_fits_a_payment_below_the_principal() -> None:
    answer = solve_first_due(dated(periods=1), yuan("9999.00"), date(2026, 3, 31))

    # One day at 12 % / 360 costs 3.33.
    assert str(answer) == ("9999.00 fits no first due date; the one that asks least takes 10003.33")


def test_no_amount_is_repaid_by_nothing() -> None:
    answer = solve_amount(undated(), yuan("0.00"))

    assert str(answer) == "0.00 repays no amount; the smallest one takes 0.01"


def test_no_down_payment_makes_nothing_enough() -> None:
    answer = solve_down_payment(dated(), yuan("0.00"))

    assert str(answer) == "0.00 repays no rest after a down payment; the smallest takes 0.01"


def test_a_payment_that_covers_the_interest_may_still_need_more_than_a_hundred_years() -> None:
    answer = solve_periods(undated("100000.00", "0.12"), yuan("1000.01"))

    assert isinstance(answer, Solved)
    answer = solve_periods(undated("10000000.00", "0.001"), yuan("900.00"))
    assert isinstance(answer, NoSolution)
    assert answer.reason == "too_many_periods"
    assert str(answer).startswith("900.00 does not repay the debt in 1200 installments;")


@pytest.mark.parametrize("periods", [1, 2, 5, 12, 60])
def test_solvers_turn_each_other_around(periods: int) -> None:
    """Exact fractions, no code shared: payment -> number -> payment, amount and rate."""
    rate = Fraction(12, 1200)
    exact = 1_000_000 * rate / (1 - (1 + rate) ** -periods)
    payment = CNY.money(-int(-exact // 1))

    by_periods = solve_shortest(undated(), payment + CNY.money(periods))
    by_amount = solve_amount(undated(periods=periods), payment + CNY.money(periods))
    by_rate = solve_rate(undated(periods=periods, rate="0.5"), payment + CNY.money(periods))

    assert isinstance(by_periods, Solved)
    assert by_periods.terms.periods == periods
    assert isinstance(by_amount, Solved)
    assert 1_000_000 <= by_amount.terms.principal.minor <= 1_000_000 + (periods + 1) * periods
    assert isinstance(by_rate, Solved)
    assert Fraction(12, 100) <= by_rate.terms.annual_rate < Fraction(122, 1000)


def test_a_down_payment_adds_to_the_amount_that_installments_repay() -> None:
    terms = dated("12000.00", down_payment=DownPayment(yuan("6000.00"), yuan("0.00")))

    answer = solve_amount(terms, yuan("1066.19"))

    assert isinstance(answer, Solved)
    assert answer.terms.principal == yuan("18000.04")
    assert answer.schedule.largest_payment == yuan("1066.19")
    assert price(terms.with_(principal=yuan("18000.05"))).largest_payment > yuan("1066.19")


@pytest.mark.parametrize(
    "amortization",
    [kind for kind in Amortization if kind is not Amortization.EQUAL_INSTALLMENT],
)
def test_only_equal_installments_take_a_given_payment(amortization: Amortization) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        solve_periods(undated("12000.00", amortization=amortization), yuan("1120.00"))

    assert refusal.value.field == "amortization"


def test_periods_without_interest_are_counted_before_interest_is_asked_for() -> None:
    free = undated("12000.00", grace=Grace(interest_free=120))
    for answer in (solve_periods(free, yuan("100.00")), solve_shortest(free, yuan("100.00"))):
        assert isinstance(answer, Solved)
        assert answer.terms.periods == 120
        assert answer.schedule.total_interest == yuan("0.00")

    free = undated("300.00", "2", grace=Grace(interest_free=6))
    answer = solve_shortest(free, yuan("49.00"))
    assert isinstance(answer, Solved)
    assert payments(answer.schedule) == ["43.75"] * 7
    assert isinstance(solve_periods(free, yuan("49.00")), Solved)


@pytest.mark.parametrize("kind", [Amortization.EQUAL_PRINCIPAL, Amortization.FLAT])
@pytest.mark.parametrize("free", [5, 40])
@pytest.mark.parametrize("payment", ["130.00", "300.00", "420.00", "1100.00"])
def test_the_fewest_installments_are_found_on_both_sides_of_the_first_interest(
    kind: Amortization, free: int, payment: str
) -> None:
    terms = undated("12000.00", amortization=kind, grace=Grace(interest_free=free))
    fitting = [
        periods
        for periods in range(free, 60)
        if price(terms.with_(periods=periods)).largest_payment <= yuan(payment)
    ]

    answer = solve_shortest(terms, yuan(payment))

    fewest = answer.terms.periods if isinstance(answer, Solved) else None
    assert fewest == fitting[0] if fitting else fewest is None or fewest >= 60


def test_interest_only_is_told_its_last_installment() -> None:
    terms = undated("12000.00", amortization=Amortization.INTEREST_ONLY)

    answer = solve_shortest(terms, yuan("300.00"))

    assert str(answer).endswith("takes at least 12120.00")


def test_a_balloon_above_the_payment_is_the_reason() -> None:
    terms = dated("12000.00", balloon=yuan("6000.00"))
    sentence = "1066.19 does not cover the balloon of 6000.00"

    for answer in (
        solve_amount(terms, yuan("1066.19")),
        solve_down_payment(terms, yuan("1066.19")),
        solve_rate(terms, yuan("1066.19")),
        solve_shortest(terms, yuan("1066.19")),
        solve_first_due(terms, yuan("1066.19"), date(2026, 3, 1)),
    ):
        assert str(answer) == sentence


def test_a_balloon_that_fits_leaves_the_rest_to_be_found() -> None:
    terms = dated("12000.00", balloon=yuan("600.00"))

    answer = solve_amount(terms, yuan("1066.19"))

    assert isinstance(answer, Solved)
    assert answer.schedule.largest_payment <= yuan("1066.19")
    more = answer.terms.principal + yuan("0.01")
    assert price(terms.with_(principal=more)).largest_payment > yuan("1066.19")


SOLVERS: dict[str, Callable[[Terms, Money], Solved | NoSolution]] = {
    "periods": solve_periods,
    "shortest": solve_shortest,
    "amount": solve_amount,
    "rate": solve_rate,
    "down_payment": solve_down_payment,
    "first_due": lambda terms, payment: solve_first_due(terms, payment, date(2026, 3, 1)),
}


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"frequency": Frequency(0, Unit.MONTHS)}, "frequency"),
        ({"annual_rate": Fraction("1e999")}, "annual_rate"),
        ({"annual_rate": Fraction(-1)}, "annual_rate"),
        ({"arrears": -yuan("1.00")}, "arrears"),
    ],
)
def test_terms_of_no_plan_are_refused_by_their_field(
    name: str, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        SOLVERS[name](dated("12000.00").with_(**changes), yuan("1066.19"))

    assert refusal.value.field == field


@pytest.mark.parametrize("name", ["amount", "rate", "down_payment", "first_due"])
def test_no_installments_are_refused_where_their_number_is_given(name: str) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        SOLVERS[name](dated(periods=0), yuan("1066.19"))

    assert refusal.value.field == "periods"


@pytest.mark.parametrize("name", SOLVERS)
def test_a_payment_in_another_currency_is_refused_by_name_and_amount(name: str) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        SOLVERS[name](dated(), Currency.of("USD").parse("900.00"))

    assert str(refusal.value) == "payment = USD 900.00: the plan is in CNY"


@pytest.mark.parametrize("latest", [START, date(2020, 1, 1)])
def test_a_latest_first_due_date_before_the_start_is_refused(latest: date) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        solve_first_due(dated(), yuan("1000.00"), latest)

    assert refusal.value.field == "latest"


def test_a_long_first_period_may_ask_more_interest_than_the_payment_covers() -> None:
    terms = dated("12000.00", first_due=date(2026, 6, 30), due_day=None)

    answer = solve_periods(terms, yuan("300.00"))

    # 150 days at 12 % / 360.
    assert str(answer) == "300.00 does not cover the interest of 600.00"


def test_where_only_arrears_are_owed_a_payment_repays_no_principal() -> None:
    answer = solve_periods(undated("0.00", arrears=yuan("500.00")), yuan("100.00"))

    assert str(answer) == "100.00 repays nothing: no principal is owed"


def test_a_payment_of_nothing_covers_no_interest() -> None:
    answer = solve_periods(undated("12000.00"), yuan("0.00"))

    assert str(answer) == "0.00 does not cover the interest of 120.00"


def test_a_payment_of_the_interest_alone_never_repays() -> None:
    answer = solve_periods(undated("12000.00"), yuan("120.00"))

    assert str(answer) == "120.00 covers the interest of 120.00 and no principal"


def test_a_rest_is_found_where_the_smallest_rests_make_no_plan() -> None:
    terms = Terms(
        principal=CNY.parse("1000.00"),
        annual_rate=Fraction(111_923, 1_000_000),
        periods=93,
        start=None,
        first_due=None,
        arrears=CNY.parse("2.62"),
    )

    answer = solve_down_payment(terms, CNY.parse("1.00"))

    assert isinstance(answer, Solved)
    assert answer.terms.down_payment is not None
    assert answer.schedule.largest_payment <= CNY.parse("1.00")
    less = answer.terms.principal - answer.terms.down_payment.principal + CNY.parse("0.01")
    down = DownPayment(terms.principal - less, CNY.zero)
    assert price(terms.with_(down_payment=down)).largest_payment > CNY.parse("1.00")
