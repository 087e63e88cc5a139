"""The basic families against their textbook formulas: exact fractions, no code of the engine."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.money import CNY
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import Amortization
from tests.domain.schedule.builders import undated
from tests.properties import Kind, holds

Cells = list[tuple[int, int, int]]
"""Principal, interest and balance of each row."""


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def _rows(owed: int, rate: Fraction, count: int, part: Callable[[int], int]) -> Cells:
    """Interest on the balance; `part` gives a row's principal for its interest; the last clears."""
    cells: Cells = []
    for number in range(1, count + 1):
        interest = half_up(owed * rate)
        principal = owed if number == count else part(interest)
        owed -= principal
        cells.append((principal, interest, owed))
    return cells


def equal_installment(owed: int, rate: Fraction, count: int) -> Cells:
    annuity = (1 - (1 + rate) ** -count) / rate if rate else Fraction(count)
    payment = half_up(owed / annuity)
    return _rows(owed, rate, count, lambda interest: payment - interest)


def equal_principal(owed: int, rate: Fraction, count: int) -> Cells:
    part = half_up(Fraction(owed, count))
    return _rows(owed, rate, count, lambda _: part)


def interest_only(owed: int, rate: Fraction, count: int) -> Cells:
    return _rows(owed, rate, count, lambda _: 0)


def flat(owed: int, rate: Fraction, count: int) -> Cells:
    part, interest = half_up(Fraction(owed, count)), half_up(owed * rate)
    cells = [(part, interest, owed - part * number) for number in range(1, count)]
    left = owed - part * (count - 1)
    return [*cells, (left, half_up(count * owed * rate) - interest * (count - 1), 0)]


@pytest.mark.parametrize(
    ("amortization", "by_hand"),
    [
        (Amortization.EQUAL_INSTALLMENT, equal_installment),
        (Amortization.EQUAL_PRINCIPAL, equal_principal),
        (Amortization.INTEREST_ONLY, interest_only),
        (Amortization.FLAT, flat),
    ],
)
@holds(Kind.TWO_WAYS, short=350, long=10_000)
@given(
    owed=st.integers(10**5, 10**10),
    basis_points=st.one_of(st.just(0), st.integers(100, 3600)),
    count=st.integers(1, 60),
)
def test_a_family_is_its_formula(
    amortization: Amortization,
    by_hand: Callable[[int, Fraction, int], Cells],
    owed: int,
    basis_points: int,
    count: int,
) -> None:
    terms = undated(periods=count, amortization=amortization).with_(
        principal=CNY.money(owed), annual_rate=Fraction(basis_points, 10_000)
    )

    columns = price(terms).columns

    found = list(zip(columns.principal, columns.interest, columns.balance, strict=True))
    assert found == by_hand(owed, Fraction(basis_points, 120_000), count)
