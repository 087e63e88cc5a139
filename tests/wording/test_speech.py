"""Plans of every shape, as they are proposed and read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from plan_assistant.domain.calendar import BIWEEKLY, WEEKLY, Frequency, HolidayRoll, Unit
from plan_assistant.domain.money import CNY, Money
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.schedule.terms import (
    Amortization,
    DeferredCollection,
    DownPayment,
    Grace,
    InterestTreatment,
    PaymentStep,
)
from plan_assistant.wording import formats, script
from plan_assistant.wording.rhythm import rhythm_of
from tests.wording.samples import assert_same_figures, level_plan, offered, owing, reshaped

_YUAN = "1250.00"


def test_a_down_payment_comes_first() -> None:
    down = DownPayment(CNY.parse("2000.00"), CNY.zero)
    case, plan = level_plan(down_payment=down)

    assert script.say(plan, case, "en").startswith("With 2,000 yuan today, that leaves ")
    assert script.say(plan, case, "zh").startswith("今天先付2,000元，剩余分")
    assert script.read_back(plan, case, "en")[0] == "You pay 2,000.00 yuan today."
    assert script.read_back(plan, case, "zh")[0] == "您今天先付2,000.00元。"


def test_an_odd_last_amount_is_read_back_and_named_when_it_is_large() -> None:
    case, plan = level_plan(annual_rate=Fraction(0), arrears=None, periods=3)
    plan = owing(plan, "100.00", periods=3)

    lines = script.read_back(plan, case, "en")

    assert "There are 3 payments of 33.33 yuan" in lines[0]
    assert lines[0].endswith("is 33.34 yuan.")
    assert "33.34" not in script.say(plan, case, "en")

    balloon = owing(plan, "100.00", periods=3, balloon=CNY.parse("40.00"))
    last = balloon.schedule.last_payment
    assert last > CNY.parse("35.00")
    assert f"The last one is {formats.short_money(last, 'en')} yuan." in script.say(
        balloon, case, "en"
    )


def test_a_single_payment_is_called_single() -> None:
    case, plan = level_plan()
    plan = owing(plan, _YUAN, periods=1)

    assert "That would be a single payment of 1,250 yuan on 15 December 2026." in script.say(
        plan, case, "en"
    )
    with_down = owing(
        plan, _YUAN, periods=1, down_payment=DownPayment(CNY.parse("250.00"), CNY.zero)
    )
    assert "今天先付250元，剩余1,000元于2026年12月15日一次付清。" in script.say(
        with_down, case, "zh"
    )
    assert_same_figures(case, plan)
    assert_same_figures(case, with_down)


def test_a_first_day_moved_by_a_weekend_is_explained() -> None:
    case, plan = next(
        (case, plan)
        for case, plan in offered()
        if plan.family is Family.EQUAL_INSTALLMENT and rhythm_of(plan.schedule).first_was_moved
    )

    sentence = "When that is not a working day, the payment is due on the next working day."
    assert sentence in script.say(plan, case, "en")
    assert sentence in script.read_back(plan, case, "en")


def test_without_a_holiday_rule_nothing_is_said_about_working_days() -> None:
    case, plan = level_plan()
    conventions = replace(plan.terms.conventions, holiday_roll=HolidayRoll.NONE)
    plan = reshaped(plan, plan.terms.with_(conventions=conventions))

    assert not any("working day" in line for line in script.read_back(plan, case, "en"))


def test_interest_first_names_the_low_payments_and_the_later_ones() -> None:
    case, plan = level_plan()
    terms = plan.terms.with_(periods=12, grace=Grace(principal=3))
    plan = reshaped(plan, terms, family=Family.INTEREST_FIRST, grace=3)

    said = script.say(plan, case, "en")

    low = max(row.payment for row in plan.schedule.rows[:3])
    assert (
        f"The first 3 payments, starting 15 December 2026, are low: at most {_short(low)}" in said
    )
    assert f"After that come 9 payments of {_short(plan.schedule.rows[5].payment)}" in said
    assert_same_figures(case, plan)


def test_one_low_payment_is_named_alone() -> None:
    case, plan = level_plan()
    terms = plan.terms.with_(periods=2, grace=Grace(principal=1))
    plan = reshaped(plan, terms, family=Family.INTEREST_FIRST, grace=1)

    said = script.say(plan, case, "en")

    assert "The first payment, on 15 December 2026, is low: " in said
    assert "After that comes 1 payment of " in said
    assert_same_figures(case, plan)


@pytest.mark.parametrize(
    ("family", "treatment", "remark"),
    [
        (Family.DEFERRAL, InterestTreatment.DEFER, None),
        (Family.DEFERRAL_CAPITALISED, InterestTreatment.CAPITALISE, "then bears interest itself."),
    ],
)
def test_a_deferral_says_until_when_nothing_is_due(
    family: Family, treatment: InterestTreatment, remark: str | None
) -> None:
    case, plan = level_plan()
    grace = Grace(principal=2, interest=2, interest_treatment=treatment)
    plan = reshaped(plan, plan.terms.with_(periods=12, grace=grace), family=family, grace=2)

    said = script.say(plan, case, "en")

    assert "Nothing is due until 15 February 2027." in said
    assert "From then on it is 10 payments of" in said
    assert (remark is None) or remark in said
    assert script.read_back(plan, case, "zh")[0] == "在2027年2月15日之前不用还款。"
    assert_same_figures(case, plan)


def test_interest_of_a_deferral_that_the_first_payment_carries_is_explained() -> None:
    case, plan = level_plan()
    grace = Grace(principal=2, interest=2)
    conventions = replace(
        plan.terms.conventions,
        deferred_collection=DeferredCollection.ON_TOP,
    )
    terms = plan.terms.with_(periods=12, grace=grace, conventions=conventions)
    plan = reshaped(plan, terms, family=Family.DEFERRAL, grace=2)
    first = _short(plan.schedule.first_payment)

    assert plan.schedule.first_payment > plan.schedule.regular_payment
    assert f"The first is {first} yuan, because it carries the interest" in script.say(
        plan, case, "en"
    )
    other = replace(plan, family=Family.DEFERRAL_CAPITALISED)
    assert f"The first is {first} yuan." in script.say(other, case, "en")
    assert_same_figures(case, plan)


def test_falling_payments_are_told_from_the_first_to_the_last() -> None:
    case, plan = level_plan()
    start = date(2026, 11, 15)
    terms = plan.terms.with_(
        amortization=Amortization.EQUAL_PRINCIPAL, start=start, arrears=None, periods=12
    )
    plan = reshaped(plan, terms, family=Family.EQUAL_PRINCIPAL)

    said = script.say(plan, case, "en")

    assert (
        f": {_short(plan.schedule.first_payment)} yuan on 15 December 2026, then a little" in said
    )
    assert f"down to {_short(plan.schedule.last_payment)} yuan on " in said
    assert "You receive the list of all of them." in script.read_back(plan, case, "en")
    assert_same_figures(case, plan)


def test_steps_are_read_run_by_run() -> None:
    case, plan = level_plan()
    steps = (PaymentStep(6, CNY.parse("1000.00")), PaymentStep(6, None))
    plan = owing(plan, "20000.00", periods=12, payment_steps=steps)

    lines = script.read_back(plan, case, "en")

    assert lines[0] == ("From 15 December 2026 to 17 May 2027: 6 payments of 1,000.00 yuan each.")
    assert "A payment falls due on the 15th of each month." in lines
    assert_same_figures(case, plan)


def test_very_many_different_payments_are_summed_up() -> None:
    case, plan = level_plan()
    steps = tuple(
        PaymentStep(1, CNY.parse(amount))
        for amount in ("900.00", "1300.00", "700.00", "1500.00", "800.00", "1100.00")
    )
    plan = owing(plan, "20000.00", periods=8, payment_steps=(*steps, PaymentStep(2, None)))

    said = script.say(plan, case, "en")

    assert "There are 8 payments of different amounts" in said
    assert "the first is 900 yuan" in said
    assert_same_figures(case, plan)


@pytest.mark.parametrize(
    ("frequency", "english", "chinese"),
    [
        (WEEKLY, "every Tuesday, starting", "每周二还"),
        (BIWEEKLY, "every second Tuesday, starting", "每两周的周二还"),
        (Frequency(3, Unit.WEEKS), "every 3 weeks on Tuesday, starting", "每3周的周二还"),
        (Frequency(10, Unit.DAYS), "every 10 days, starting", "每10天还"),
        (Frequency(3, Unit.MONTHS), "every 3 months on the 15th, starting", "每3个月的15日还"),
    ],
    ids=["weekly", "biweekly", "every third week", "every ten days", "quarterly"],
)
def test_other_rhythms_name_how_often_and_no_day_of_the_month(
    frequency: Frequency, english: str, chinese: str
) -> None:
    case, plan = level_plan()
    day = 15 if frequency.unit is Unit.MONTHS else None
    plan = owing(plan, _YUAN, periods=5, frequency=frequency, due_day=day)

    said = script.say(plan, case, "en")

    assert english in said
    assert chinese in script.say(plan, case, "zh")
    assert "of each month" not in said
    assert "paid on the" not in said
    assert_same_figures(case, plan)


@pytest.mark.parametrize(
    ("owed", "english"),
    [
        ("1250.00", "In all you pay 1,250.00 yuan, exactly what you owe today."),
        ("1200.00", "that is 50.00 yuan more than the 1,200.00 yuan you owe today."),
        ("1300.00", "that is 50.00 yuan less than the 1,300.00 yuan you owe today."),
    ],
)
def test_the_total_is_compared_with_what_is_owed_today(owed: str, english: str) -> None:
    case, plan = level_plan()
    plan = owing(plan, _YUAN, periods=5, annual_rate=Fraction(0))
    plan = replace(plan, confirmed=replace(plan.confirmed, **_only_principal(owed)))

    assert any(line.endswith(english) for line in script.read_back(plan, case, "en"))
    assert_same_figures(case, plan)


def _short(amount: Money) -> str:
    return formats.short_money(amount, "en")


def _only_principal(owed: str) -> dict[str, Money]:
    zero = CNY.zero
    return {
        "principal": CNY.parse(owed),
        "interest": zero,
        "penalty_interest": zero,
        "fee": zero,
        "cost": zero,
    }
