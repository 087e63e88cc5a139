"""Many plans of one family at once: the cents of `price`, in int64 arrays.

Interest is (balance x rate + half) // divisor in 64-bit integers, so every product is shown to fit
before it is formed; accounts for which it does not, and plans that do not run their regular course,
are priced one by one by `price`. The level payment comes from binary floating point only where it
provably cannot decide a cent; everywhere else from exact big integers. NPV and IRR are floating
figures for ranking a book, never for a document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.periods import nominal_fraction
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    DeferredCollection,
    InterestTreatment,
)
from plan_assistant.domain.schedule.validation import MAX_ANNUAL_RATE
from plan_assistant.domain.schedule.vector_family import VectorFamily
from plan_assistant.domain.schedule.vector_figures import (
    PPM,
    Floats,
    Int64s,
    irr,
    level_payments,
    npv,
    rounded_share,
)

Flags = NDArray[np.bool_]

CHUNK = 8192
"""Accounts worked on together: enough that calling NumPy weighs little against its work, few enough
that the rows in hand stay in the processor's cache."""
_LIMIT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class VectorPlans:
    """One plan per account; amounts in minor units, int64."""

    is_valid: Flags
    """False where `price` refuses the terms, or where what it asks for in all exceeds 63 bits; all
    figures are zero there."""
    is_regular: Flags
    """False where the plan was priced one by one."""
    regular_payment: Int64s
    """The level payment, or the first payment of an unlevel plan, carried arrears not counted."""
    largest_payment: Int64s
    last_payment: Int64s
    total_paid: Int64s
    total_interest: Int64s
    npv: Floats
    """Payments at the discount rate; zero where none was asked for."""
    irr: Floats
    """Annualized periodic rate of return on principal and arrears; NaN where there is none."""
    payments: Int64s | None
    """Payments row by row (accounts x periods), if asked for."""


def price_many(
    family: VectorFamily,
    principal: Int64s,
    rate_ppm: Int64s,
    arrears: Int64s | None = None,
    *,
    discount_ppm: int | None = None,
    with_irr: bool = False,
    keep_payments: bool = False,
) -> VectorPlans:
    """Price one plan of a family for every account.

    Args:
        family: what all plans share.
        principal: minor units.
        rate_ppm: annual rates in parts per million.
        arrears: carried amounts that bear no interest, minor units.
        discount_ppm: annual rate of the NPV, discounted per period.
        with_irr: whether the annualized IRR is wanted.
        keep_payments: whether the rows are wanted.
    """
    carried = np.zeros_like(principal) if arrears is None else arrears
    chunks = [
        _price_chunk(
            family,
            (principal[part], rate_ppm[part], carried[part]),
            discount_ppm,
            with_irr=with_irr,
            keep_payments=keep_payments,
        )
        for part in _parts(len(principal))
    ]
    if len(chunks) == 1:
        return chunks[0]
    joined: dict[str, Any] = {
        name: _joined([getattr(chunk, name) for chunk in chunks]) for name in VectorPlans.__slots__
    }
    return VectorPlans(**joined)


def _parts(count: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, max(count, 1), CHUNK))


def _joined(arrays: list[NDArray[Any] | None]) -> NDArray[Any] | None:
    present = [array for array in arrays if array is not None]
    return np.concatenate(present) if present else None


@dataclass(slots=True)
class _Chunk:
    """The working arrays of some accounts; `payments` has one row per period."""

    balance: Int64s
    rate: Int64s
    """Rate x every in ppm: interest is balance x rate / divisor."""
    divisor: int
    rounding: Rounding
    payments: Int64s
    interest: Int64s
    is_regular: Flags

    def interest_on_balance(self) -> Int64s:
        """Return the rounded interest of a period; products were shown to fit."""
        scaled = self.balance * self.rate
        if self.rounding is Rounding.DOWN:
            return scaled // self.divisor
        scaled += self.divisor // 2
        rounded = scaled // self.divisor
        if self.rounding is Rounding.HALF_EVEN:
            rounded -= (rounded & 1) & (rounded * self.divisor == scaled)
        return rounded


def _price_chunk(
    family: VectorFamily,
    accounts: tuple[Int64s, Int64s, Int64s],
    discount_ppm: int | None,
    *,
    with_irr: bool,
    keep_payments: bool,
) -> VectorPlans:
    principal, rate_ppm, arrears = accounts
    fraction = nominal_fraction(family.frequency)
    chunk = _Chunk(
        balance=principal.copy(),
        rate=rate_ppm * fraction.numerator,
        divisor=fraction.denominator * PPM,
        rounding=family.conventions.rounding,
        payments=np.zeros((family.periods, len(principal)), dtype=np.int64),
        interest=np.zeros_like(principal),
        is_regular=_fits(
            principal, rate_ppm * fraction.numerator, fraction.denominator * PPM, family
        ),
    )
    chunk.is_regular &= (principal > 0) & (rate_ppm >= 0) & (rate_ppm <= MAX_ANNUAL_RATE * PPM)
    chunk.is_regular &= (arrears >= 0) & (arrears < _LIMIT // 4)
    # What does not fit is worked through as zero, so that nothing overflows, and priced afterwards.
    chunk.balance[~chunk.is_regular] = 0
    held = _run_grace(family, chunk)
    regular = _run_rows(family, chunk, held)
    _add_arrears(family, chunk.payments, arrears)
    is_valid = chunk.is_regular.copy()
    for index in np.flatnonzero(~chunk.is_regular):
        is_valid[index] = _price_one(family, accounts, int(index), chunk, regular)
    _blank(~is_valid, chunk, regular)
    payments, owed = chunk.payments, np.where(is_valid, principal + arrears, 0)
    flows = payments.astype(np.float64)
    period = 1.0 / float(nominal_fraction(family.frequency))
    return VectorPlans(
        is_valid=is_valid,
        is_regular=chunk.is_regular,
        regular_payment=regular,
        largest_payment=payments.max(axis=0),
        last_payment=payments[-1].copy(),
        total_paid=payments.sum(axis=0),
        total_interest=chunk.interest,
        npv=npv(flows, discount_ppm, period),
        irr=irr(flows, owed, rate_ppm, period) if with_irr else np.full(len(owed), np.nan),
        payments=np.ascontiguousarray(payments.T) if keep_payments else None,
    )


def _fits(principal: Int64s, rate: Int64s, divisor: int, family: VectorFamily) -> Flags:
    """Say for which accounts every product of the run fits into 63 bits.

    Balances fall, except while interest is capitalised: then the largest is below (principal + g)
    (1 + rate/divisor)^g for g capitalised periods, since each rounding adds less than one unit and
    grows with the rest. The largest product is that balance x rate + divisor; total payments are
    below balance + periods x (interest of the balance + 1). Both bounds are formed in floats whose
    error, some 1e-15 a step, is covered by the 1e-9 left below the limit.
    """
    g = family.grace.interest
    period = rate / divisor
    largest = (principal.astype(np.float64) + g) * np.power(1.0 + period, g)
    total = largest + (family.periods + 1) * (largest * period + 1.0)
    limit = float(_LIMIT) * (1.0 - 1e-9)
    return (largest * np.maximum(rate, 1) + divisor < limit) & (total < limit / 4)


def _run_grace(family: VectorFamily, chunk: _Chunk) -> Int64s:
    """Run the rows of the grace; return the interest held for the first paying row."""
    held = np.zeros_like(chunk.balance)
    grace = family.grace
    capitalises = grace.interest_treatment is InterestTreatment.CAPITALISE
    for index in range(grace.principal):
        interest = chunk.interest_on_balance()
        chunk.interest += interest
        if not grace.interest:
            chunk.payments[index] = interest
        elif capitalises:
            chunk.balance += interest
        else:
            held += interest
    return held


def _run_rows(family: VectorFamily, chunk: _Chunk, held: Int64s) -> Int64s:
    """Run the rows after the grace; return the regular payment."""
    first, last = family.grace.principal, family.periods - 1
    count = family.periods - first
    is_level = family.amortization is Amortization.EQUAL_INSTALLMENT
    if is_level:
        part = level_payments(
            chunk.balance, chunk.rate, chunk.divisor, count, family.conventions.payment_rounding
        )
    elif family.amortization is Amortization.EQUAL_PRINCIPAL:
        part = rounded_share(chunk.balance, count, family.conventions.rounding)
    else:
        part = np.zeros_like(chunk.balance)
    collection = family.conventions.deferred_collection
    is_within = collection is DeferredCollection.WITHIN_PAYMENT
    is_spread = collection is DeferredCollection.SPREAD
    share = rounded_share(held, count, chunk.rounding) if is_spread else held
    has_held = bool(held.any())
    for index in range(first, last):
        interest = chunk.interest_on_balance()
        chunk.interest += interest
        collected = interest
        if has_held and (is_spread or index == first):
            now = np.minimum(share, held)
            held = held - now
            collected = interest + now
        principal = part - (collected if is_within else interest) if is_level else part
        chunk.is_regular &= (principal >= 0) & (principal < chunk.balance)
        chunk.balance -= principal
        np.add(principal, collected, out=chunk.payments[index])
    interest = chunk.interest_on_balance()
    chunk.interest += interest
    chunk.payments[last] = chunk.balance + interest + held
    if is_level and count > 1:
        return part
    regular: Int64s = chunk.payments[first].copy()
    return regular


def _add_arrears(family: VectorFamily, payments: Int64s, arrears: Int64s) -> None:
    """Lay carried arrears over the paying rows, as `carried.spread_arrears` does."""
    if not arrears.any():
        return
    accounts = np.arange(payments.shape[1])
    paying = payments > 0
    # Where no row asks for money every row after a grace that asks for nothing counts as one.
    paying[family.grace.free :] |= ~paying.any(axis=0)
    count = paying.sum(axis=0)
    last = payments.shape[0] - 1 - paying[::-1].argmax(axis=0)
    if family.arrears_treatment is ArrearsTreatment.FIRST_INSTALLMENT:
        payments[paying.argmax(axis=0), accounts] += arrears
    elif family.arrears_treatment is ArrearsTreatment.LAST_INSTALLMENT:
        payments[last, accounts] += arrears
    else:
        part = np.zeros_like(arrears)
        for number in np.unique(count):
            same = count == number
            share = rounded_share(arrears[same], int(number), family.conventions.rounding)
            is_over = share * (number - 1) > arrears[same]
            part[same] = np.where(is_over, arrears[same] // number, share)
        payments += paying * part
        payments[last, accounts] += arrears - part * count


def _price_one(
    family: VectorFamily,
    accounts: tuple[Int64s, Int64s, Int64s],
    index: int,
    chunk: _Chunk,
    regular: Int64s,
) -> bool:
    """Price one account by the readable engine; return whether its terms describe a plan.

    A schedule whose figures exceed 63 bits cannot be handed back in these arrays and counts as
    refused.
    """
    principal, rate_ppm, arrears = (int(column[index]) for column in accounts)
    try:
        schedule = price(family.terms(principal, rate_ppm, arrears))
    except InvalidTerms:
        return False
    if schedule.total_paid.minor > _LIMIT:
        return False
    columns = schedule.columns
    chunk.payments[:, index] = columns.payment
    chunk.interest[index] = schedule.total_interest.minor
    first = min(family.grace.principal, len(columns.payment) - 1)
    first += family.periods - first > 1 and bool(columns.deferred[first - 1] if first else 0)
    regular[index] = columns.payment[first] - columns.arrears[first]
    return True


def _blank(mask: Flags, chunk: _Chunk, regular: Int64s) -> None:
    if mask.any():
        chunk.payments[:, mask] = 0
        chunk.interest[mask] = 0
        regular[mask] = 0
