"""An amount divided over several debts, to the minor unit, none below a least share.

Not here: what is divided (`budget.py`) and how a payment settles components
(`schedule/allocation.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod


def divide(amount: int, weights: Sequence[int], least: int = 0) -> list[int]:
    """Divide an amount in proportion to positive weights, none below `least` while there is enough.

    The parts add up to the amount, and **no part ever falls when the amount rises**: minor units
    that are left after rounding down go one at a time to whoever comes nearest to the next one
    (rounding down and giving the rest to the largest would take a cent from it now and then). An
    amount too small for every least share is divided equally.
    """
    count = len(weights)
    if count == 1:
        return [amount]
    is_equal = amount <= least * count
    parts = [amount // count] * count if is_equal else _proportional(amount, weights, least)
    costs = [1 if is_equal else prod(weights) // weight for weight in weights]
    for _ in range(amount - sum(parts)):
        nearest = min(
            range(count),
            key=lambda index: ((parts[index] + 1) * costs[index], -weights[index], index),
        )
        parts[nearest] += 1
    return parts


def whole_of(part: int, index: int, weights: Sequence[int], least: int = 0) -> Fraction:
    """Return the amount whose division gives that part to one debt: the inverse of `divide`.

    A part of exactly the least share stands for many amounts: the smallest is returned.
    """
    if len(weights) == 1:
        return Fraction(part)
    if part <= least:
        return Fraction(part * len(weights))
    scale = Fraction(part, weights[index])
    return sum((max(Fraction(least), scale * weight) for weight in weights), Fraction(0))


def _proportional(amount: int, weights: Sequence[int], least: int) -> list[int]:
    """Return the parts rounded down, those below the least share lifted to it."""
    lifted = [False] * len(weights)
    while True:
        rest = amount - least * sum(lifted)
        whole = sum(weight for weight, low in zip(weights, lifted, strict=True) if not low)
        below = [
            low or rest * weight < least * whole
            for weight, low in zip(weights, lifted, strict=True)
        ]
        if below == lifted:
            break
        lifted = below
    return [
        least if low else rest * weight // whole
        for weight, low in zip(weights, lifted, strict=True)
    ]
