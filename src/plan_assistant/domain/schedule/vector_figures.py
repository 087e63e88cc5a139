"""Array arithmetic of the vector twin that stands alone: level payments, shares, NPV and IRR.

Level payments and shares are exact; NPV and IRR are floating figures for ranking a book.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.money import Rounding
from plan_assistant.domain.schedule.regular import level_payment

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

PPM = 10**6
EXACT_FLOAT = 2**53
"""Up to here every whole number has a double of its own."""
_STEPS = 60
_SETTLED = 1e-10


def level_payments(
    balance: Int64s, rate: Int64s, divisor: int, count: int, rounding: Rounding
) -> Int64s:
    """Return level payments: floats where they cannot decide a unit, big integers elsewhere.

    The float formula has a relative error below 1e-14 (four operations, a logarithm and an
    exponential of one unit in the last place each, none of them ill-conditioned in this form). A
    margin a hundred times as wide around every rounding boundary goes to exact arithmetic.
    """
    period = rate / divisor
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = balance * period / -np.expm1(-count * np.log1p(period))
    exact = np.where(rate == 0, 0.0, exact)
    whole = np.floor(exact)
    rest = exact - whole
    margin = 1e-6 + exact * 1e-12
    if rounding in {Rounding.HALF_UP, Rounding.HALF_EVEN}:
        level = (whole + (rest >= 0.5)).astype(np.int64)
        unsure = np.abs(rest - 0.5) < margin
    else:
        level = (whole + (rest > 0.0 if rounding is Rounding.UP else 0)).astype(np.int64)
        unsure = np.minimum(rest, 1.0 - rest) < margin
    unsure |= exact >= EXACT_FLOAT
    is_free = rate == 0
    level[is_free] = rounded_share(balance[is_free], count, rounding)
    for index in np.flatnonzero(unsure & ~is_free & (balance > 0)):
        rate_here = Fraction(int(rate[index]), divisor)
        level[index] = level_payment(int(balance[index]), rate_here, count, rounding=rounding)
    level[balance == 0] = 0
    return level


def rounded_share(amount: Int64s, count: int, rounding: Rounding) -> Int64s:
    """Return amount / count, rounded as `money.round_ratio` does; amounts are not negative."""
    whole, rest = np.divmod(amount, count)
    if rounding is Rounding.HALF_UP:
        whole += 2 * rest >= count
    elif rounding is Rounding.HALF_EVEN:
        whole += (2 * rest > count) | ((2 * rest == count) & (whole & 1 == 1))
    elif rounding is Rounding.UP:
        whole += rest > 0
    return whole


def npv(payments: Floats, discount_ppm: int | None, periods_a_year: float) -> Floats:
    """Return the present value of payments (rows) of many accounts at one annual rate."""
    total = np.zeros(payments.shape[1])
    if discount_ppm is None:
        return total
    discount = 1.0 / (1.0 + discount_ppm / PPM / periods_a_year)
    for row in payments[::-1]:
        total += row
        total *= discount
    return total


def irr(payments: Floats, owed: Int64s, rate_ppm: Int64s, periods_a_year: float) -> Floats:
    """Return the annualized IRR; not a number where nothing is owed or nothing is paid.

    No account pays back less than is owed, so with n periods and q = owed / total paid the discount
    factor lies between q and q^(1/n): all payments count between once and n times. The logarithm of
    their value bends upward in the logarithm of the factor and rises by at least one there, so a
    step of Newton's method from below the root ends above it, where the bound may cut it short, and
    from above steps run down to the root. The error after a step is below its square times the
    number of periods, so a step of 1e-10 leaves nothing that a double could show. What no step has
    settled by then is not answered.
    """
    has_rate = (owed > 0) & (payments.sum(axis=0) > 0)
    goal = np.where(has_rate, owed, 1).astype(np.float64)
    least = goal / np.where(has_rate, payments.sum(axis=0), 1.0)
    most = least ** (1.0 / len(payments))
    contract = np.where(has_rate, rate_ppm, 0) / PPM / periods_a_year
    factor = np.maximum(1.0 / (1.0 + contract), least)
    for _ in range(_STEPS):
        value = np.zeros_like(factor)
        slope = np.zeros_like(factor)
        for row in payments[::-1]:
            slope *= factor
            slope += value
            value *= factor
            value += row
        # value is the sum of p_k v^(k-1); the payments are worth v x value.
        slope *= factor
        slope += value
        step = np.zeros_like(factor)
        worth = np.where(has_rate, value * factor, goal)
        np.divide(np.log(worth / goal) * value, slope, out=step, where=has_rate)
        factor = np.minimum(factor * np.exp(-step), most)
        is_settled = np.abs(step) < _SETTLED
        if is_settled.all():
            break
    result = (1.0 / factor - 1.0) * periods_a_year
    return np.where(has_rate & is_settled, result, np.nan)
