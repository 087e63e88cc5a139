"""A million random plans: every invariant, and the vector twin to the unit, from seeds."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from plan_assistant.domain.calendar import BIWEEKLY, MONTHLY, WEEKLY, Frequency, Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    DeferredCollection,
    Grace,
    InterestTreatment,
)
from plan_assistant.domain.schedule.vector import price_many
from plan_assistant.domain.schedule.vector_family import VectorFamily

ACCOUNTS = 100
FAMILIES = 1_000
PARTS = 10
"""PARTS x FAMILIES x ACCOUNTS is the million of `make test-long`."""


def _family(pick: Random) -> VectorFamily:
    periods = pick.choice([1, 2, 3, 6, 12, 12, 24, 36, 60])
    grace = pick.choice([0, 0, pick.randint(0, periods - 1)])
    return VectorFamily(
        periods,
        pick.choice(
            [
                Amortization.EQUAL_INSTALLMENT,
                Amortization.EQUAL_INSTALLMENT,
                Amortization.EQUAL_PRINCIPAL,
                Amortization.INTEREST_ONLY,
            ]
        ),
        Grace(grace, pick.choice([0, grace]), pick.choice(list(InterestTreatment))),
        pick.choice([MONTHLY, MONTHLY, WEEKLY, BIWEEKLY, Frequency(3, Unit.MONTHS)]),
        pick.choice(list(ArrearsTreatment)),
        Conventions(
            rounding=pick.choice([Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.DOWN]),
            payment_rounding=pick.choice(list(Rounding)),
            deferred_collection=pick.choice(list(DeferredCollection)),
        ),
    )


def _account(pick: Random) -> tuple[int, int, int]:
    principal = pick.choice([pick.randint(1, 10**4), pick.randint(10**4, 10**9)])
    arrears = pick.choice([0, 0, pick.randint(1, 10**6)])
    return principal, pick.choice([0, pick.randint(1, 400_000)]), arrears


def compare_family(seed: int) -> int:
    """Price the accounts of one random family both ways; return how many describe a plan."""
    pick = Random(seed)
    family = _family(pick)
    accounts = [_account(pick) for _ in range(ACCOUNTS)]
    columns = (np.array(column, dtype=np.int64) for column in zip(*accounts, strict=True))
    vector = price_many(family, *columns, keep_payments=True)
    assert vector.payments is not None
    for index, account in enumerate(accounts):
        try:
            schedule = price(family.terms(*account))
        except InvalidTerms:
            assert not vector.is_valid[index], (seed, index)
            continue
        schedule.check()
        assert vector.is_valid[index], (seed, index)
        assert tuple(vector.payments[index]) == schedule.columns.payment, (seed, index)
        assert vector.total_interest[index] == schedule.total_interest.minor, (seed, index)
    return int(vector.is_valid.sum())


def test_some_thousand_plans_agree_on_both_ways() -> None:
    valid = sum(map(compare_family, range(20)))

    assert valid > 20 * ACCOUNTS // 2


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_a_million_plans_agree_on_both_ways(part: int) -> None:
    valid = sum(map(compare_family, range(part * FAMILIES, (part + 1) * FAMILIES)))

    assert valid > FAMILIES * ACCOUNTS // 2
