"""Finds the one rate at which what is lent and what is paid are worth the same.

The search runs in decimal arithmetic; the answer is a point of a decimal grid whose neighbours
were shown, exactly, to lie on both sides of the root. Flows that allow several rates, or none, are
refused by name instead of answered with any one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import accumulate, pairwise

from plan_assistant.domain.errors import InvalidTerms, PlanAssistantError

GRID = 10**12
"""A rate is answered to the nearest 1/GRID a unit-period."""
_MAX_RATE = 10**6
_DIGITS = 40


class RateUndefined(PlanAssistantError):
    """No single rate describes these flows.

    `reason` is one of `no_advance`, `no_payment`, `no_rate`, `several_rates` (it may be that there
    are several), `total_loss`, `beyond_limit`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refuse_total_loss(field: str, rate: Fraction) -> None:
    """Raise InvalidTerms for a rate of -1 or less: nothing grows or is discounted by it."""
    if rate <= -1:
        raise InvalidTerms(field, rate, "a rate is above -1")


def require_one_rate(flows: Sequence[Fraction | int]) -> int:
    """Return 1 where money goes out first, -1 where it comes in first.

    Seen from the other side flows have the same rate: times this sign they are those of a lender.

    Raises RateUndefined unless flows in time order (money out negative) have one rate at most. One
    change of sign gives exactly one rate above -100 %. With more, one change of sign of the running
    total, seen by the lender, still gives exactly one positive rate (Norstrom's criterion). No more
    rates are positive than the running total changes its sign, and no more are negative than it
    does when run from the end; zero is a rate where nothing is left.
    """
    if not any(flow < 0 for flow in flows):
        raise RateUndefined("no_advance")
    if not any(flow > 0 for flow in flows):
        raise RateUndefined("no_payment")
    side = 1 if next(flow for flow in flows if flow) < 0 else -1
    if _sign_changes(flows) == 1:
        return side
    positive, negative = (_sign_changes([*accumulate(run)]) for run in (flows, flows[::-1]))
    left = side * sum(flows)
    if (positive == 1 and left > 0) or positive + negative + (left == 0) == 1:
        return side
    raise RateUndefined("several_rates" if positive + negative or left == 0 else "no_rate")


def _sign_changes(values: Sequence[Fraction | int]) -> int:
    signs = [value > 0 for value in values if value]
    return sum(1 for left, right in pairwise(signs) if left is not right)


def find_rate(
    value: Callable[[Decimal], Decimal], sign: Callable[[Fraction], int], *, grid: int = GRID
) -> Fraction:
    """Return the rate at which `value` is zero, to the nearest 1/grid.

    Both callables take the rate of a unit-period; they are positive below the root and negative
    above it. `value` may carry rounding noise, `sign` may not.
    """
    at_zero = sign(Fraction(0))
    if at_zero == 0:
        return Fraction(0)
    with localcontext() as context:
        context.prec = _DIGITS
        low, high = _bracket(sign, at_zero)
        guess = _locate(value, low, high, Decimal(1) / (grid * 1000))
        index = int((guess * grid).to_integral_value())
    return _settle(sign, index, grid, low, high)


def _bracket(sign: Callable[[Fraction], int], at_zero: int) -> tuple[Decimal, Decimal]:
    if at_zero > 0:
        low, high = Decimal(0), Decimal(1) / 16
        while sign(Fraction(high)) > 0:
            low, high = high, high * 4
            if high > _MAX_RATE:
                raise RateUndefined("beyond_limit")
        return low, high
    high, low = Decimal(0), Decimal(-1) / 16
    while sign(Fraction(low)) < 0:
        high = low
        low = (low - 1) / 2
        if low + 1 < Decimal(1) / 10**9:
            raise RateUndefined("total_loss")
    return low, high


def _locate(
    value: Callable[[Decimal], Decimal], low: Decimal, high: Decimal, width: Decimal
) -> Decimal:
    """Narrow a bracket by the secant rule, with a bisection wherever that stalls (Illinois)."""
    at_low, at_high = value(low), value(high)
    side = 0
    for _ in range(300):
        if high - low <= width or at_low == at_high:
            break
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        if not low < middle < high:
            middle = (low + high) / 2
        at_middle = value(middle)
        if abs(at_middle) == 0 or min(middle - low, high - middle) < width:
            # A step this small means that the root is next to `middle`; the exact check decides.
            return middle
        if at_middle > 0:
            low, at_low = middle, at_middle
            at_high = at_high / 2 if side > 0 else at_high
            side = 1
        else:
            high, at_high = middle, at_middle
            at_low = at_low / 2 if side < 0 else at_low
            side = -1
    return (low + high) / 2


def _settle(
    sign: Callable[[Fraction], int], index: int, grid: int, low: Decimal, high: Decimal
) -> Fraction:
    """Return the grid point nearest the root, proved by exact signs half a step on either side."""
    below = sign(Fraction(2 * index - 1, 2 * grid))
    above = sign(Fraction(2 * index + 1, 2 * grid))
    if below >= 0 >= above:
        return Fraction(index, grid)
    bottom, top = int(low * grid) - 1, int(high * grid) + 1
    while top - bottom > 1:
        middle = (bottom + top) // 2
        if sign(Fraction(middle, grid)) >= 0:
            bottom = middle
        else:
            top = middle
    is_upper = sign(Fraction(2 * bottom + 1, 2 * grid)) > 0
    return Fraction(bottom + is_upper, grid)
