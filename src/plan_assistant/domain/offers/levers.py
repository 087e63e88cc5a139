"""The levers and targets of waterfalls, and the figures of a borrower they are computed from.

All of it is data. Not here: pulling the levers (`waterfall.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, Rounding


class Figure(StrEnum):
    """A figure of the borrower's situation that a waterfall may ask for."""

    REMAINING_PERIODS = "remaining_periods"
    CURRENT_PAYMENT = "current_payment"
    GROSS_MONTHLY_INCOME = "gross_monthly_income"
    OTHER_HOUSING_COST = "other_housing_cost"
    PROPERTY_VALUE = "property_value"
    MODIFICATION_RATE = "modification_rate"
    ORIGINAL_PERIODS = "original_periods"
    AFFORDABLE_PAYMENT = "affordable_payment"
    MONTHLY_SURPLUS = "monthly_surplus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a waterfall starts from; None is a figure that is not known."""

    unpaid_principal: Money
    arrears: Money
    """What may be added to principal: overdue interest, advances, costs."""
    annual_rate: Fraction
    remaining_periods: int | None
    current_payment: Money | None = None
    """Without it: the level payment of the unpaid principal over the remaining periods."""
    monthly_fee: Money | None = None
    """Asked for on top of each payment; None is none."""
    gross_monthly_income: Money | None = None
    other_housing_cost: Money | None = None
    """Taxes, insurance and dues of the home, a month."""
    property_value: Money | None = None
    modification_rate: Fraction | None = None
    """The rate that the program sets for modified loans."""
    original_periods: int | None = None
    affordable_payment: Money | None = None
    monthly_surplus: Money | None = None
    days_past_due: int = 0

    def knows(self, figure: Figure) -> bool:
        """Say whether a figure is known."""
        return getattr(self, figure.value) is not None


# Targets


@dataclass(frozen=True, slots=True)
class HousingRatio:
    """The payment and the other costs of the home take at most a share of gross income."""

    ratio: Fraction
    below_days_past_due: int | None = None
    """Asked for only of debts less overdue than that; None: of all."""

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        return (Figure.GROSS_MONTHLY_INCOME, Figure.OTHER_HOUSING_COST)

    def payment(self, on: Situation, current: Money, rounding: Rounding) -> Money:
        """Return the payment that meets it; below zero where nothing does."""
        del current
        income, other = on.gross_monthly_income, on.other_housing_cost
        assert income is not None
        assert other is not None
        return income.times(self.ratio, rounding) - other


@dataclass(frozen=True, slots=True)
class PaymentCut:
    """The payment falls by a share of what it is now."""

    ratio: Fraction
    below_days_past_due: int | None = None

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from, besides the payment of today."""
        return ()

    def payment(self, on: Situation, current: Money, rounding: Rounding) -> Money:
        """Return the payment that meets it."""
        del on
        return current.times(1 - self.ratio, rounding)


@dataclass(frozen=True, slots=True)
class AffordablePayment:
    """The household can pay it."""

    below_days_past_due: int | None = None

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        return (Figure.AFFORDABLE_PAYMENT,)

    def payment(self, on: Situation, current: Money, rounding: Rounding) -> Money:
        """Return the payment that meets it."""
        del current, rounding
        assert on.affordable_payment is not None
        return on.affordable_payment


Target = HousingRatio | PaymentCut | AffordablePayment


# Levers


class Limit(StrEnum):
    """Which of two limits of a forbearance holds."""

    GREATER_OF = "greater_of"
    LESSER_OF = "lesser_of"


@dataclass(frozen=True, slots=True)
class CapitaliseArrears:
    """Arrears join the balance, whatever the target."""

    name = "capitalise_arrears"

    @property
    def needs(self) -> tuple[Figure, ...]:
        """Nothing that a situation may lack."""
        return ()


@dataclass(frozen=True, slots=True)
class ReduceRate:
    """The rate falls by steps to a floor; without a step, to the floor at once."""

    step: Fraction | None
    floor: Fraction | None
    """None: the modification rate of the situation. A floor above the rate lowers nothing."""
    always: bool = False
    """All the way, whatever the target."""
    requires_ltv_at_least: Fraction | None = None
    name = "reduce_rate"

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        rate = (Figure.MODIFICATION_RATE,) if self.floor is None else ()
        value = (Figure.PROPERTY_VALUE,) if self.requires_ltv_at_least is not None else ()
        return rate + value


@dataclass(frozen=True, slots=True)
class ExtendTerm:
    """The term grows by steps to a maximum; without a step, to the maximum at once."""

    step: int | None
    max_periods: int
    max_times_original: Fraction | None = None
    """The term is also at most so many times the original one."""
    always: bool = False
    name = "extend_term"

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        return (Figure.ORIGINAL_PERIODS,) if self.max_times_original is not None else ()


@dataclass(frozen=True, slots=True)
class ReduceFees:
    """The monthly fee falls as far as needed, at most to nothing."""

    always: bool = False
    name = "reduce_fees"

    @property
    def needs(self) -> tuple[Figure, ...]:
        """Nothing: no fee that is known is no fee."""
        return ()


@dataclass(frozen=True, slots=True)
class ForbearPrincipal:
    """A part of the balance bears no interest and is due at the end."""

    limit: Limit
    share_of_balance: Fraction
    down_to_ltv: Fraction
    requires_ltv_above: Fraction | None = None
    always: bool = False
    name = "forbear_principal"

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        return (Figure.PROPERTY_VALUE,)


Lever = CapitaliseArrears | ReduceRate | ExtendTerm | ReduceFees | ForbearPrincipal


# What they need


class NeedsFigures(Protocol):
    """A target or step: something computed from figures of the situation."""

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        ...


def missing_figures(
    targets: Sequence[Target],
    steps: Sequence[NeedsFigures],
    on: Situation,
    also: tuple[Figure, ...] = (Figure.REMAINING_PERIODS,),
) -> tuple[Figure, ...]:
    """Return every figure that targets and steps need and the situation lacks."""
    parts: list[NeedsFigures] = [*_asked(targets, on), *steps]
    needed = [*also, *(figure for part in parts for figure in part.needs)]
    return tuple(dict.fromkeys(figure for figure in needed if not on.knows(figure)))


def lowest_target(
    targets: Sequence[Target], on: Situation, current: Money, rounding: Rounding = Rounding.HALF_UP
) -> Money:
    """Return the payment that meets every target asked of a debt; `current` is that of today."""
    payments = [target.payment(on, current, rounding) for target in _asked(targets, on)]
    if not payments:
        raise InvalidTerms("target", None, "a waterfall has a target for every debt")
    return min(payments)


def _asked(targets: Sequence[Target], on: Situation) -> Iterator[Target]:
    for target in targets:
        if target.below_days_past_due is None or on.days_past_due < target.below_days_past_due:
            yield target
