"""The cash of a household whose income changes with the season, before any payment of a plan.

Not here: how much of it a plan may ask for (`verdict.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from plan_assistant.domain.budget import Affordability

_A_YEAR = 12
_NONE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Season:
    """What a seasonal household has earned and paid up to each month, before any payment of a plan.

    It starts with the cash in hand: income and outgoings of the month of the cut-off date are taken
    as settled.
    """

    cash: int
    earned: tuple[int, ...]
    outgoings: tuple[int, ...]
    essentials: tuple[int, ...]

    def running(self, *, fall: Fraction = _NONE, rise: Fraction = _NONE) -> list[int]:
        """Return the cash at the end of each month, rounded down.

        Income is lower by the share `fall`, and essentials are dearer by the share `rise`.
        """
        parts = fall.denominator * rise.denominator
        kept, dearer = int((1 - fall) * parts), int(rise * parts)
        return [
            ((self.cash - paid) * parts + earned * kept - essentials * dearer) // parts
            for earned, paid, essentials in zip(
                self.earned, self.outgoings, self.essentials, strict=True
            )
        ]


def season_of(affordability: Affordability, months: int) -> Season | None:
    """Return the season of a household, up to a year after so many months; None without one."""
    if not affordability.is_seasonal:
        return None
    last = max(affordability.rules.horizon_months, months - 1 + _A_YEAR)
    every = affordability.months
    means = [every[min(month, len(every) - 1)] for month in range(1, last + 1)]
    return Season(
        affordability.cash.minor,
        _sums(_earned(affordability, month) for month in range(1, last + 1)),
        _sums(each.outgoings for each in means),
        _sums(each.essentials for each in means),
    )


def _sums(amounts: Iterable[int]) -> tuple[int, ...]:
    return tuple(accumulate(amounts, initial=0))


def _earned(affordability: Affordability, month: int) -> int:
    """Return the countable income of the month so many after that of the cut-off date."""
    return affordability.incomes_by_month[(affordability.as_of.month - 1 + month) % _A_YEAR].minor
