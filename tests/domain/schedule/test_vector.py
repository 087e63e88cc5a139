from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.rates import annualized_rate, present_value
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    DeferredCollection,
    Grace,
    InterestTreatment,
    LevelPayment,
    LevelPaymentBasis,
    PeriodInterest,
)
from plan_assistant.domain.schedule.vector import CHUNK, price_many
from plan_assistant.domain.schedule.vector_family import VectorFamily
from plan_assistant.domain.schedule.vector_figures import PPM
from tests.domain.schedule.strategies import CHOICES, FREQUENCIES
from tests.properties import Kind, holds


@st.composite
def families(draw: st.DrawFn) -> VectorFamily:
    choices = draw(CHOICES)
    periods = draw(st.integers(1, 60))
    graced = draw(st.integers(0, periods - 1)) if choices.once_in(2) else 0
    return VectorFamily(
        periods,
        choices.among(
            (
                Amortization.EQUAL_INSTALLMENT,
                Amortization.EQUAL_PRINCIPAL,
                Amortization.INTEREST_ONLY,
            )
        ),
        Grace(graced, choices.among((0, graced)), choices.among(tuple(InterestTreatment))),
        choices.among(FREQUENCIES),
        choices.among(tuple(ArrearsTreatment)),
        Conventions(
            rounding=choices.among((Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.DOWN)),
            payment_rounding=choices.among(tuple(Rounding)),
            deferred_collection=choices.among(tuple(DeferredCollection)),
            level_payment_basis=choices.among(
                (LevelPaymentBasis.PERIOD_RATE, LevelPaymentBasis.PERIOD_FRACTIONS)
            ),
        ),
    )


ACCOUNTS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 10**4), st.integers(0, 10**8), st.integers(0, 10**18)),
        st.one_of(
            st.sampled_from([0, 1, 120_000, 147_800, 182_500, 240_000]), st.integers(0, 10**6)
        ),
        st.one_of(st.just(0), st.integers(0, 10**6), st.integers(0, 10**17)),
    ),
    min_size=1,
    max_size=8,
)


@holds(Kind.VECTOR, short=700, long=80_000)
@given(families(), ACCOUNTS)
def test_vector_and_readable_engine_agree_to_the_unit(
    family: VectorFamily, accounts: list[tuple[int, int, int]]
) -> None:
    principal, rate, arrears = (
        np.array(column, dtype=np.int64) for column in zip(*accounts, strict=True)
    )

    plans = price_many(family, principal, rate, arrears, keep_payments=True)

    assert plans.payments is not None
    for index, account in enumerate(accounts):
        try:
            schedule = price(family.terms(*account))
        except InvalidTerms:
            assert not plans.is_valid[index]
            continue
        if schedule.total_paid.minor >= 2**63:
            assert not plans.is_valid[index]
            continue
        assert plans.is_valid[index]
        assert tuple(plans.payments[index]) == schedule.columns.payment
        assert plans.total_interest[index] == schedule.total_interest.minor
        assert plans.total_paid[index] == schedule.total_paid.minor
        assert plans.largest_payment[index] == schedule.largest_payment.minor


def test_amounts_beyond_64_bit_products_are_priced_exactly() -> None:
    family = VectorFamily(12)
    principal = np.array([10**13, 4 * 10**17, 9 * 10**18], dtype=np.int64)
    rate = np.full(3, 240_000, dtype=np.int64)

    plans = price_many(family, principal, rate, keep_payments=True)

    assert list(plans.is_regular) == [True, False, False]
    assert list(plans.is_valid) == [True, True, False]
    assert plans.payments is not None
    assert tuple(plans.payments[1]) == price(family.terms(4 * 10**17, 240_000)).columns.payment


def test_a_rate_beyond_all_measure_is_refused_as_price_refuses_it() -> None:
    rate = np.array([100 * PPM, 100 * PPM + 1], dtype=np.int64)
    principal = np.full(2, 10**6, dtype=np.int64)

    plans = price_many(VectorFamily(12), principal, rate)

    assert list(plans.is_valid) == [True, False]
    assert plans.total_paid[0] == price(VectorFamily(12).terms(10**6, 100 * PPM)).total_paid.minor
    assert plans.total_paid[1] == 0


def test_exact_ties_of_18_25_percent_are_rounded_up() -> None:
    principal = np.arange(1, 60_000, 7, dtype=np.int64) * 100
    rate = np.full(len(principal), 182_500, dtype=np.int64)

    plans = price_many(VectorFamily(1), principal, rate)

    expected = [(int(p) * 182_500 * 2 + 12 * PPM) // (24 * PPM) for p in principal]
    assert list(plans.total_interest) == expected


def test_many_chunks_are_one_result() -> None:
    count = 2 * CHUNK + 5
    principal = np.arange(count, dtype=np.int64) * 1000 + 100_000
    rate = np.full(count, 180_000, dtype=np.int64)

    plans = price_many(VectorFamily(24), principal, rate, keep_payments=True)

    assert plans.payments is not None
    assert plans.payments.shape == (count, 24)
    assert (
        tuple(plans.payments[-1])
        == price(VectorFamily(24).terms(int(principal[-1]), 180_000)).columns.payment
    )


@pytest.mark.parametrize("arrears", [0, 50_000])
def test_npv_and_irr_are_those_of_the_exact_rates(arrears: int) -> None:
    family = VectorFamily(36)
    principal = np.array([1_000_000, 4_321_000], dtype=np.int64)
    rate = np.array([182_500, 0], dtype=np.int64)

    plans = price_many(
        family,
        principal,
        rate,
        np.full(2, arrears, dtype=np.int64),
        discount_ppm=120_000,
        with_irr=True,
    )

    for index in range(2):
        schedule = price(family.terms(int(principal[index]), int(rate[index]), arrears))
        npv = present_value(schedule, family.terms(1, 120_000).annual_rate).minor
        assert plans.irr[index] == pytest.approx(float(annualized_rate(schedule)), abs=1e-9)
        assert plans.npv[index] == pytest.approx(npv, abs=0.51)


@pytest.mark.parametrize("treatment", ArrearsTreatment)
@pytest.mark.parametrize("periods", [12, 120, 360])
def test_the_irr_is_right_whatever_the_arrears_are(
    periods: int, treatment: ArrearsTreatment
) -> None:
    family = VectorFamily(periods, arrears_treatment=treatment)
    accounts = [
        (10**6, rate, ratio * 10**6)
        for rate in (0, 240_000, 1_000_000, 100 * PPM)
        for ratio in (0, 1, 20, 1000)
    ]
    columns = (np.array(column, dtype=np.int64) for column in zip(*accounts, strict=True))

    plans = price_many(family, *columns, with_irr=True)

    for index in np.flatnonzero(plans.is_valid):
        exact = float(annualized_rate(price(family.terms(*accounts[index]))))
        assert plans.irr[index] == pytest.approx(exact, rel=1e-9, abs=1e-10)


@holds(Kind.VECTOR, short=200, long=20_000)
@given(families(), ACCOUNTS)
def test_every_plan_has_its_irr(family: VectorFamily, accounts: list[tuple[int, int, int]]) -> None:
    columns = (np.array(column, dtype=np.int64) for column in zip(*accounts, strict=True))

    plans = price_many(family, *columns, with_irr=True)

    for index in np.flatnonzero(plans.is_valid):
        schedule = price(family.terms(*accounts[index]))
        exact = float(annualized_rate(schedule))
        assert plans.irr[index] == pytest.approx(exact, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amortization": Amortization.FLAT}, "amortization"),
        ({"grace": Grace(3, 2)}, "grace"),
        ({"grace": Grace(12)}, "periods"),
        ({"periods": 1201}, "periods"),
        ({"frequency": Frequency(10, Unit.DAYS)}, "frequency"),
        ({"frequency": Frequency(0, Unit.MONTHS)}, "frequency"),
        ({"conventions": Conventions(rounding=Rounding.UP)}, "rounding"),
        ({"conventions": Conventions(level_payment=LevelPayment.EQUALISED)}, "level_payment"),
        ({"conventions": Conventions(period_interest=PeriodInterest.DAILY)}, "period_interest"),
    ],
)
def test_families_without_vector_arithmetic_are_refused(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        VectorFamily(**{"periods": 12, **changes})  # type: ignore[arg-type]  # each change fits its field

    assert refusal.value.field == field
