"""The worked tables of published programs, to the cent, from the data files that ship."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import pytest

from plan_assistant.adapters.waterfalls import packaged_waterfalls
from plan_assistant.domain.budget import Affordability, AffordabilityRules, assess
from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.debt import Components, Debt, Product
from plan_assistant.domain.household import OutgoingKind
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.offers.levers import Figure
from plan_assistant.domain.offers.published import (
    Answer,
    HomeFigures,
    Relief,
    Unanswered,
    Why,
    answers,
)
from tests.builders import TODAY, budget, case, components, debt, income, outgoing, yuan
from tests.packs import CN

USD = Currency("USD", 2)


def household(surplus: str = "500.00", of_debt: Debt | None = None) -> Affordability:
    """A household with that much left each month: 9,000 countable, the rest goes out."""
    spent = yuan("9000.00") - yuan(surplus)
    return assess(
        case(
            of_debt or debt(),
            of_budget=budget(
                (income("9000.00"),), (outgoing(spent.plain, OutgoingKind.OTHER_DEBT),)
            ),
        ),
        # Without floors, guides and a buffer: the programs know none of them.
        _without_tables(),
    )


def _without_tables() -> AffordabilityRules:
    rules = CN.affordability.rules
    return replace(rules, floors=(), guides=(), minimum=None, buffer_share=Fraction(0))


def one(name: str, of_debt: Debt, home: HomeFigures | None = None, **means: str) -> Answer:
    (found,) = answers(
        packaged_waterfalls()[name], of_debt, household(of_debt=of_debt, **means), TODAY, home
    )
    assert isinstance(found, Answer), found
    found.schedule.check()
    return found


def home_loan(
    principal: str, arrears: str, rate: str, left: int, payment: str | None = None
) -> Debt:
    return debt(
        product=Product.OTHER,
        owed=components(principal, arrears, fee="0.00"),
        rate=rate,
        maturity=add_months(TODAY, left),
        contractual_payment=None if payment is None else yuan(payment),
    )


class Hamp(NamedTuple):
    loan: tuple[str, str, str, int]
    home: tuple[str, str, str]
    target: str
    rate: str
    periods: int
    forbearance: str
    payment: str
    ratio: str
    is_met: bool


HAMP = {
    "H1 rate only": Hamp(
        ("152000.00", "8000.00", "0.065", 312),
        ("4300.00", "430.00", "150000.00"),
        "903.00", "0.0475", 312, "0.00", "893.96", "0.3079", True,
    ),
    "H2 rate, then term": Hamp(
        ("218400.00", "9600.00", "0.065", 300),
        ("4200.00", "420.00", "190000.00"),
        "882.00", "0.02", 339, "0.00", "880.91", "0.3097", True,
    ),
    "H3 rate, term, forbearance": Hamp(
        ("240000.00", "12000.00", "0.0675", 324),
        ("3300.00", "360.00", "185000.00"),
        "663.00", "0.02", 480, "33060.49", "663.00", "0.3100", True,
    ),
    "H4 the cap binds": Hamp(
        ("240000.00", "12000.00", "0.0675", 324),
        ("2300.00", "360.00", "235000.00"),
        "353.00", "0.02", 480, "75600.00", "534.18", "0.3888", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("worked", HAMP.values(), ids=HAMP)
def test_hamp_tables(worked: Hamp) -> None:
    gross, cost, value = map(yuan, worked.home)
    home = HomeFigures(gross_monthly_income=gross, other_housing_cost=cost, property_value=value)

    found = one("hamp", home_loan(*worked.loan), home)

    outcome = found.outcome
    assert outcome is not None
    assert found.target_payment == yuan(worked.target)
    assert (outcome.annual_rate, outcome.periods) == (Fraction(worked.rate), worked.periods)
    assert found.forbearance == yuan(worked.forbearance)
    assert found.payment == yuan(worked.payment)
    assert found.is_target_met is worked.is_met
    assert outcome.housing_ratio is not None
    assert abs(outcome.housing_ratio - Fraction(worked.ratio)) <= Fraction(1, 20_000)
    # What is forborne comes back with the last payment, to the cent.
    assert found.schedule.total_principal + found.schedule.total_arrears == outcome.balance


class Flex(NamedTuple):
    loan: tuple[str, str, str, int, str]
    modification_rate: str
    value: str
    target: str
    rate: str
    periods: int
    forbearance: str
    payment: str
    is_met: bool


FLEX = {
    "F0 rate only": Flex(
        ("255000.00", "6000.00", "0.0925", 350, "2138.96"), "0.0625", "300000.00",
        "1711.17", "0.0675", 350, "0.00", "1707.92", True,
    ),
    "F1 term only": Flex(
        ("118000.00", "5200.00", "0.05", 170, "1073.64"), "0.0675", "260000.00",
        "858.91", "0.05", 219, "0.00", "858.82", True,
    ),
    "F2 rate, term, forbearance": Flex(
        ("251000.00", "11400.00", "0.0725", 322, "1773.66"), "0.0625", "280000.00",
        "1418.93", "0.0625", 480, "12472.91", "1418.93", True,
    ),
    "F3 mostly forbearance": Flex(
        ("236000.00", "9000.00", "0.03", 470, "859.16"), "0.0625", "250000.00",
        "687.33", "0.03", 480, "52998.63", "687.33", True,
    ),
    "F4 no lever left": Flex(
        ("236000.00", "9000.00", "0.03", 470, "859.16"), "0.0625", "520000.00",
        "687.33", "0.03", 480, "0.00", "877.06", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("worked", FLEX.values(), ids=FLEX)
def test_flex_tables_of_december_2024(worked: Flex) -> None:
    home = HomeFigures(
        property_value=yuan(worked.value), modification_rate=Fraction(worked.modification_rate)
    )

    found = one("flex-2024", home_loan(*worked.loan), home)

    outcome = found.outcome
    assert outcome is not None
    assert found.target_payment == yuan(worked.target)
    assert (outcome.annual_rate, outcome.periods) == (Fraction(worked.rate), worked.periods)
    assert found.forbearance == yuan(worked.forbearance)
    assert found.payment == yuan(worked.payment)
    assert found.is_target_met is worked.is_met


def test_a_payment_that_rises_is_no_relief() -> None:
    worked = FLEX["F4 no lever left"]
    home = HomeFigures(
        property_value=yuan(worked.value), modification_rate=Fraction(worked.modification_rate)
    )

    found = one("flex-2024", home_loan(*worked.loan), home)

    assert found.relief is Relief.RISES
    assert found.change == yuan("17.90")


def flex_2017(value: str, days_past_due: int = 97, gross: str = "4000.00") -> Answer:
    loan = debt(
        product=Product.OTHER,
        owed=components("200000.00", "10000.00", fee="0.00"),
        rate="0.07",
        maturity=add_months(TODAY, 300),
        contractual_payment=yuan("1500.00"),
        days_past_due=days_past_due,
    )
    home = HomeFigures(
        gross_monthly_income=yuan(gross),
        other_housing_cost=yuan("400.00"),
        property_value=yuan(value),
        modification_rate=Fraction("0.04"),
    )
    return one("flex-2017", loan, home)


def test_flex_of_2017_pulls_levers_all_the_way_and_keeps_the_rate_of_low_ltv() -> None:
    high, low = flex_2017("200000.00"), flex_2017("300000.00")

    assert high.outcome is not None
    assert low.outcome is not None
    # 210,000 on 200,000 is 105 %: lower rate, 480 months, forbearance to 100 %.
    assert (high.outcome.annual_rate, high.outcome.periods) == (Fraction("0.04"), 480)
    assert high.forbearance == yuan("10000.00")
    # 70 %: the rate stays; below 80 % nothing may be forborne.
    assert (low.outcome.annual_rate, low.outcome.periods) == (Fraction("0.07"), 480)
    assert low.forbearance == yuan("0.00")
    assert not low.is_target_met


def test_flex_of_2017_asks_the_housing_ratio_only_below_90_days_past_due() -> None:
    late, early = flex_2017("200000.00"), flex_2017("200000.00", 89, "2500.00")

    assert late.target_payment == yuan("1200.00")
    # 40 % of 2,500 less 400.
    assert early.target_payment == yuan("600.00")


def test_time_to_pay_offers_a_half_three_fifths_and_four_fifths_of_what_is_left() -> None:
    tax = debt(owed=components("4900.00", "0.00", fee="0.00"))

    found = answers(packaged_waterfalls()["hmrc-time-to-pay"], tax, household("500.00"), TODAY)

    plans = [item for item in found if isinstance(item, Answer)]
    assert [
        (item.payment.plain, item.schedule.number_of_payments, item.schedule.last_payment.plain)
        for item in plans
    ] == [("250.00", 20, "150.00"), ("300.00", 17, "100.00"), ("400.00", 13, "100.00")]
    assert {item.schedule.total_paid for item in plans} == {yuan("4900.00")}


def test_time_to_pay_stops_where_one_payment_clears_the_debt() -> None:
    tax = debt(owed=components("240.00", "0.00", fee="0.00"))

    (found,) = answers(packaged_waterfalls()["hmrc-time-to-pay"], tax, household("500.00"), TODAY)

    assert isinstance(found, Answer)
    assert found.share == Fraction(1, 2)
    assert found.payment == found.schedule.total_paid == yuan("240.00")


def test_time_to_pay_has_no_plan_where_nothing_is_left() -> None:
    (found,) = answers(
        packaged_waterfalls()["hmrc-time-to-pay"], debt(), household("-10.00"), TODAY
    )

    assert isinstance(found, Unanswered)
    assert found.why is Why.NOTHING_LEFT


def dollars(principal: str) -> Debt:
    zero = USD.zero
    owed = Components(USD.parse(principal), zero, zero, zero, zero)
    return replace(debt(), components=owed)


def in_dollars() -> Affordability:
    found = household("500.00")
    return replace(
        found,
        surplus=Money(found.surplus.minor, USD),
        shares={key: Money(share.minor, USD) for key, share in found.shares.items()},
    )


@pytest.mark.parametrize(
    ("owed", "payment", "payments"),
    [
        ("25000.00", "348.00", 72),
        ("10000.00", "278.00", 36),
        ("10000.01", "139.00", 72),
        ("50000.00", "695.00", 72),
        ("36.00", "1.00", 36),
    ],
)
def test_the_term_of_an_irs_agreement_follows_the_balance(
    owed: str, payment: str, payments: int
) -> None:
    (found,) = answers(packaged_waterfalls()["irs-installment"], dollars(owed), in_dollars(), TODAY)

    assert isinstance(found, Answer)
    assert (found.payment.plain, found.schedule.number_of_payments) == (payment, payments)
    assert found.schedule.total_paid.plain == owed


def test_above_its_table_the_irs_gives_no_term() -> None:
    (found,) = answers(
        packaged_waterfalls()["irs-installment"], dollars("50000.01"), in_dollars(), TODAY
    )

    assert isinstance(found, Unanswered)
    assert (found.why, found.limit) == (Why.ABOVE_TABLE, USD.parse("50000.00"))


def test_a_table_of_another_currency_gives_no_term() -> None:
    (found,) = answers(packaged_waterfalls()["irs-installment"], debt(), household(), TODAY)

    assert isinstance(found, Unanswered)
    assert found.why is Why.OTHER_CURRENCY


def test_dcrs_moves_the_term_before_the_rate() -> None:
    # The showcase of fixed orders: 64,200 owed, 1,450 a month.
    loan = debt(
        product=Product.CONSUMER_LOAN,
        owed=components("60000.00", "4200.00", fee="0.00"),
        rate="0.18",
        maturity=add_months(TODAY, 24),
    )

    found = one("dcrs", loan, surplus="1450.00")

    assert found.outcome is not None
    assert (found.outcome.annual_rate, found.outcome.periods) == (Fraction("0.12"), 60)
    assert found.payment == yuan("1428.09")
    assert found.schedule.total_paid == yuan("85685.70")


def test_dcrs_for_a_vehicle_goes_to_half_more_than_the_original_term() -> None:
    car = debt(
        product=Product.OTHER,
        owed=components("60000.00", "0.00", fee="0.00"),
        rate="0.12",
        maturity=add_months(TODAY, 20),
        original_term_months=48,
    )

    found = one("dcrs-vehicle", car, surplus="1000.00")

    assert found.outcome is not None
    assert found.outcome.periods == 72


def test_a_card_over_sixty_installments_without_interest() -> None:
    card = debt(owed=components("50000.00", "0.00", fee="0.00"))

    found = one("cn-card-60", card)

    payments = found.schedule.columns.payment
    assert set(payments[:59]) == {83333}
    assert payments[59:] == (83353,)


def test_a_consumer_debt_hears_which_figures_a_home_program_lacks() -> None:
    (found,) = answers(packaged_waterfalls()["hamp"], debt(), household(), TODAY)

    assert isinstance(found, Unanswered)
    assert found.why is Why.FIGURES_MISSING
    assert set(found.missing) == {
        Figure.REMAINING_PERIODS,
        Figure.GROSS_MONTHLY_INCOME,
        Figure.OTHER_HOUSING_COST,
        Figure.PROPERTY_VALUE,
    }


def test_what_a_program_does_not_capitalise_stays_outside() -> None:
    loan = debt(
        owed=components("60000.00", "4200.00", penalty="1260.00", fee="0.00"),
        maturity=add_months(TODAY, 60),
    )
    home = HomeFigures(
        gross_monthly_income=yuan("9000.00"),
        other_housing_cost=yuan("0.00"),
        property_value=yuan("90000.00"),
    )

    found = one("hamp", loan, home)

    assert found.left_out == yuan("1260.00")
    assert found.outcome is not None
    assert found.outcome.balance == yuan("64200.00")


@pytest.mark.parametrize("name", packaged_waterfalls())
@pytest.mark.parametrize("product", list(Product))
def test_no_waterfall_ever_answers_nothing(name: str, product: Product) -> None:
    for owed in ("0.01", "37.00", "999999999.99"):
        asked = debt(product=product, owed=components(owed, "0.00", fee="0.00"))

        assert answers(packaged_waterfalls()[name], asked, household(of_debt=asked), TODAY)
