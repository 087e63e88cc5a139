"""The dials as numbers: what is typed becomes a value, arrows land on round figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.money import Currency
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.services.negotiate import begin, what_if
from plan_assistant.services.open_case import open_case
from plan_assistant.ui import dials
from plan_assistant.ui.dials import Dial, Unreadable
from plan_assistant.wording.words import words
from tests import builders
from tests.desks import CASE, desk_at, memory_store

SAY = words("en")


@pytest.fixture(scope="module")
def call() -> Negotiation:
    store = memory_store()
    desk = desk_at(store)
    open_case(desk, builders.case(), RequestKey("open"))
    return begin(desk, CASE)


@pytest.mark.parametrize(
    ("dial", "text", "value"),
    [
        (Dial.MONTHLY, "1800", 180_000),
        (Dial.MONTHLY, "１８００。５", 180_050),
        (Dial.MONTHLY, "1800.05", 180_005),
        (Dial.DOWN_PAYMENT, "0", 0),
        (Dial.PAYMENTS, "24", 24),
        (Dial.PAYMENTS, "２４", 24),
        (Dial.DUE_DAY, "31", 31),
        (Dial.FIRST_DUE, "15", date(2026, 12, 15).toordinal()),
        (Dial.FIRST_DUE, "25", date(2026, 11, 25).toordinal()),
        (Dial.FIRST_DUE, "0115", date(2027, 1, 15).toordinal()),
        (Dial.FIRST_DUE, "20270301", date(2027, 3, 1).toordinal()),
        (Dial.MONTHLY, "", None),
    ],
)
def test_what_is_heard_can_be_typed(
    call: Negotiation, dial: Dial, text: str, value: int | None
) -> None:
    assert dials.typed(call, dial, text, SAY) == value


@pytest.mark.parametrize(
    ("dial", "text"),
    [
        (Dial.MONTHLY, "1.234"),
        (Dial.MONTHLY, "."),
        (Dial.MONTHLY, "1-2"),
        (Dial.PAYMENTS, "1"),
        (Dial.PAYMENTS, "999"),
        (Dial.PAYMENTS, "2.5"),
        (Dial.DUE_DAY, "0"),
        (Dial.DUE_DAY, "32"),
        (Dial.FIRST_DUE, "1332"),
        (Dial.FIRST_DUE, "00"),
        (Dial.FIRST_DUE, "12345"),
    ],
)
def test_what_is_no_value_says_what_is(call: Negotiation, dial: Dial, text: str) -> None:
    with pytest.raises(Unreadable) as problem:
        dials.typed(call, dial, text, SAY)

    assert problem.value.sentence.startswith("Type ")


@pytest.mark.parametrize(("steps", "moved"), [(1, 231_000), (-1, 230_000), (10, 240_000)])
def test_arrows_land_on_round_amounts(call: Negotiation, steps: int, moved: int) -> None:
    dialed = replace(call, wishes=call.wishes.with_monthly(builders.yuan("2308.99")))

    assert dials.nudged(dialed, Dial.MONTHLY, steps) == moved


@pytest.mark.parametrize("dial", list(Dial))
@pytest.mark.parametrize("steps", [-100_000, 100_000])
def test_arrows_stop_at_the_ends(call: Negotiation, dial: Dial, steps: int) -> None:
    scale = dials.scale_of(call, dial)

    assert dials.nudged(call, dial, steps) == (scale.low if steps < 0 else scale.high)


@pytest.mark.parametrize("dial", list(Dial))
def test_a_scale_is_in_order(call: Negotiation, dial: Dial) -> None:
    scale = dials.scale_of(call, dial)

    assert scale.low <= scale.mine <= scale.high
    assert scale.step > 0


def test_exactly_one_of_amount_and_number_is_driven(call: Negotiation) -> None:
    by_amount = what_if(call, dials.turned(call, Dial.MONTHLY, 200_000))
    by_number = what_if(by_amount, dials.turned(by_amount, Dial.PAYMENTS, 24))

    assert dials.is_solved(by_amount, Dial.PAYMENTS)
    assert not dials.is_solved(by_amount, Dial.MONTHLY)
    assert dials.is_solved(by_number, Dial.MONTHLY)
    assert not dials.is_solved(by_number, Dial.PAYMENTS)


def test_no_digits_after_the_point_in_a_currency_without_cents() -> None:
    yen = Currency.of("JPY")

    assert dials.read_amount("61116", yen, SAY).minor == 61_116
    with pytest.raises(Unreadable):
        dials.read_amount("61116.5", yen, SAY)
