from __future__ import annotations

from datetime import date

import pytest

from plan_assistant.domain.debt import Product
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import CNY, Currency
from plan_assistant.domain.schedule.allocation import (
    CIVIL_CODE_561,
    DebtToPay,
    allocate,
    allocate_to_debts,
)
from plan_assistant.domain.schedule.components import (
    Step,
    Treatment,
    restructure,
    settle_with_discount,
)
from plan_assistant.domain.schedule.engine import price
from tests.domain.schedule.builders import undated, yuan
from tests.packs import CN

OWED = {
    "principal": yuan("10000.00"),
    "interest": yuan("900.00"),
    "penalty_interest": yuan("300.00"),
    "fee": yuan("100.00"),
}
WAIVE = Step(Treatment.WAIVE, "penalty_interest")
CAPITALISE = Step(Treatment.CAPITALISE, "interest")
CARRY = Step(Treatment.CARRY, "fee")


def test_each_step_leaves_a_line() -> None:
    result = restructure(OWED, [WAIVE, CARRY, CAPITALISE], CNY)

    assert [
        (line.amount.plain, line.principal_after.plain, line.untreated_after.plain)
        for line in result.lines
    ] == [
        ("300.00", "10000.00", "1000.00"),
        ("100.00", "10000.00", "900.00"),
        ("900.00", "10900.00", "0.00"),
    ]
    assert (result.principal.plain, result.carried.plain, result.waived.plain) == (
        "10900.00",
        "100.00",
        "300.00",
    )


def test_the_order_decides_what_is_left_to_waive() -> None:
    with pytest.raises(InvalidTerms, match=r"of interest 0\.00 is left"):
        restructure(OWED, [CAPITALISE, Step(Treatment.WAIVE, "interest", yuan("1.00"))], CNY)


def test_a_component_that_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(InvalidTerms, match="intrest: no such component"):
        restructure(OWED, [Step(Treatment.WAIVE, "intrest")], CNY)


def test_forgiving_everything_leaves_no_plan() -> None:
    steps = [Step(Treatment.WAIVE, component) for component in OWED]

    result = restructure(OWED, steps, CNY)

    with pytest.raises(InvalidTerms, match=r"11300\.00: its steps forgive all that is owed"):
        result.terms(undated())


def test_a_component_without_a_step_is_refused_by_name() -> None:
    with pytest.raises(InvalidTerms, match="no step says what becomes of fee, interest"):
        restructure(OWED, [WAIVE], CNY)


def test_principal_can_be_written_down() -> None:
    steps = [Step(Treatment.WAIVE, "principal", yuan("2000.00")), WAIVE, CAPITALISE, CARRY]

    assert restructure(OWED, steps, CNY).principal == yuan("8900.00")


def test_the_new_plan_carries_what_the_steps_left() -> None:
    result = restructure(OWED, [WAIVE, CAPITALISE, Step(Treatment.ADD_TO_FIRST, "fee")], CNY)
    schedule = price(result.terms(undated()))

    schedule.check()
    assert schedule.rows[0].arrears == yuan("100.00")
    assert schedule.total_principal == yuan("10900.00")


def test_a_discount_settlement_names_what_is_forgiven() -> None:
    settled = settle_with_discount(
        OWED, yuan("10500.00"), ("principal", "interest", "penalty_interest", "fee")
    )

    assert settled.paid["principal"] == yuan("10000.00")
    assert settled.paid["interest"] == yuan("500.00")
    assert settled.waived["interest"] == yuan("400.00")
    assert settled.total_waived == yuan("800.00")


def test_a_settlement_above_the_debt_is_refused() -> None:
    with pytest.raises(InvalidTerms, match=r"the debt is 11300\.00"):
        settle_with_discount(OWED, yuan("11300.01"), tuple(OWED))


def test_the_card_rule_turns_on_day_91() -> None:
    owed = {"principal": 800000, "interest": 90000, "fee": 10000}
    rule = CN.allocation_ahead(Product.CREDIT_CARD, 0)

    until_90, _ = allocate(100000, owed, rule.at(90))
    from_91, _ = allocate(100000, owed, rule.at(91))

    assert until_90 == {"principal": 0, "interest": 90000, "fee": 10000}
    assert from_91 == {"principal": 100000, "interest": 0, "fee": 0}


def test_costs_come_before_interest_and_interest_before_principal() -> None:
    allocated, left = allocate(
        500, {"principal": 300, "interest": 200, "cost": 100}, CIVIL_CODE_561
    )

    assert allocated == {"principal": 200, "interest": 200, "cost": 100}
    assert left == 0


def _debt(
    name: str, owed: int, *, is_due: bool = True, security: int = 0, burden: int = 0, day: int = 1
) -> DebtToPay:
    return DebtToPay(name, {"principal": owed}, is_due, security, burden, date(2026, 1, day))


@pytest.mark.parametrize(
    ("debts", "first"),
    [
        ([_debt("a", 100, is_due=False), _debt("b", 100)], "b"),
        ([_debt("a", 100, security=1), _debt("b", 100)], "b"),
        ([_debt("a", 100), _debt("b", 100, burden=5)], "b"),
        ([_debt("a", 100, day=9), _debt("b", 100, day=2)], "b"),
    ],
    ids=["what is due", "what is secured least", "what weighs heaviest", "what fell due earliest"],
)
def test_several_debts_are_paid_in_the_order_of_the_law(debts: list[DebtToPay], first: str) -> None:
    received, _ = allocate_to_debts(100, debts, ("principal",))

    assert received[first] == {"principal": 100}


def test_the_debtor_chooses_first() -> None:
    received, _ = allocate_to_debts(
        100, [_debt("a", 100), _debt("b", 100, burden=5)], ("principal",), designated="a"
    )

    assert received["a"] == {"principal": 100}


def test_a_choice_that_is_none_of_the_debts_is_refused() -> None:
    with pytest.raises(InvalidTerms, match="designated = c: the debts are a, b"):
        allocate_to_debts(100, [_debt("a", 100), _debt("b", 100)], ("principal",), designated="c")


def test_two_debts_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidTerms, match="debts = A: two debts have that name"):
        allocate_to_debts(150, [_debt("A", 100), _debt("A", 100)], ("principal",))


def test_amounts_in_another_currency_are_refused_by_field_and_amount() -> None:
    dollars = Currency.of("USD").parse("5.00")

    with pytest.raises(InvalidTerms, match=r"payment = USD 5\.00: the debt is in CNY"):
        settle_with_discount({"principal": yuan("100.00")}, dollars, ("principal",))
    with pytest.raises(InvalidTerms, match=r"steps = USD 5\.00: the plan is in CNY"):
        restructure({"interest": yuan("9.00")}, [Step(Treatment.WAIVE, "interest", dollars)], CNY)


def test_debts_of_equal_rank_share_in_proportion_to_the_unit() -> None:
    received, left = allocate_to_debts(100, [_debt("a", 200), _debt("b", 100)], ("principal",))

    assert received == {"a": {"principal": 67}, "b": {"principal": 33}}
    assert left == 0


def test_debts_of_equal_rank_share_by_what_the_order_may_pay() -> None:
    """Arrears carried along are in no order of the law: they may not keep money from the other."""
    debts = [
        DebtToPay(name, owed, True, 0, 5, date(2026, 1, 1))
        for name, owed in {
            "A": {"principal": 10, "arrears": 190},
            "B": {"principal": 200},
            "C": {"arrears": 70},
        }.items()
    ]

    received, left = allocate_to_debts(200, debts, CIVIL_CODE_561)
    _, beyond = allocate_to_debts(250, debts, CIVIL_CODE_561)

    # Of 200, 10/210 and 200/210: 9.52 and 190.48.
    assert received == {
        "A": {"principal": 10, "arrears": 0},
        "B": {"principal": 190},
        "C": {"arrears": 0},
    }
    assert (left, beyond) == (0, 40)
