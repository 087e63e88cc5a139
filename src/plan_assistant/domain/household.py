"""Who lives on an income, and what comes in and goes out, as it was told.

Not here: what of it can be afforded (`budget.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from plan_assistant.domain.money import Currency, Money


class Reliability(StrEnum):
    """How far an income can be counted on (reference method 3.2, step 1)."""

    VERIFIED = "verified"
    """Verified salary, pension or benefit."""
    VARIABLE = "variable"
    """Variable pay, as the average of twelve months."""
    PLATFORM = "platform"
    """Platform or gig work."""
    STATED = "stated"
    """Stated without proof."""
    ONE_OFF = "one_off"
    EXPECTED = "expected"
    """Expected but not started."""


class Every(StrEnum):
    """The rhythm of an income or outgoing."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class OutgoingKind(StrEnum):
    """What the household pays for, in the groups of a standard financial statement."""

    FOOD = "food"
    CLOTHING = "clothing"
    HOUSEHOLD = "household"
    TRANSPORT = "transport"
    COMMUNICATION = "communication"
    EDUCATION = "education"
    HEALTH = "health"
    INSURANCE = "insurance"
    OTHER_ESSENTIAL = "other_essential"
    RENT = "rent"
    MORTGAGE = "mortgage"
    UTILITIES = "utilities"
    TAX = "tax"
    SUPPORT = "support"
    """Support of children or parents."""
    SECURED_LOAN = "secured_loan"
    GUARANTEE = "guarantee"
    """Guarantee obligations that are due."""
    OTHER_DEBT = "other_debt"
    """Contractual payments of debts outside this negotiation."""

    @property
    def is_priority(self) -> bool:
        """Say whether not paying it costs home, utilities or liberty."""
        return self in _PRIORITY

    @property
    def is_debt(self) -> bool:
        """Say whether it counts into the debt service ratio."""
        return self in _DEBTS

    @property
    def is_essential(self) -> bool:
        """Say whether it is a living cost (and neither priority nor other debt)."""
        return not self.is_priority and self is not OutgoingKind.OTHER_DEBT


_PRIORITY = frozenset(
    {
        OutgoingKind.RENT,
        OutgoingKind.MORTGAGE,
        OutgoingKind.UTILITIES,
        OutgoingKind.TAX,
        OutgoingKind.SUPPORT,
        OutgoingKind.SECURED_LOAN,
        OutgoingKind.GUARANTEE,
    }
)
_DEBTS = frozenset(
    {
        OutgoingKind.MORTGAGE,
        OutgoingKind.SECURED_LOAN,
        OutgoingKind.GUARANTEE,
        OutgoingKind.OTHER_DEBT,
    }
)


@dataclass(frozen=True, slots=True)
class Household:
    """Who lives on the income."""

    adults: int
    """The borrower and everybody of 14 and over."""
    children: int
    """Under 14."""
    is_rural: bool = False

    @property
    def weight(self) -> Fraction:
        """OECD-modified weight: 1.0 first adult, 0.5 each other, 0.3 a child."""
        return 1 + Fraction(self.adults - 1, 2) + Fraction(3 * self.children, 10)

    @property
    def persons(self) -> int:
        """Everybody who lives on the income."""
        return self.adults + self.children


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between what an amount lies that is not known yet; the likely amount stands beside it."""

    low: Money
    high: Money


@dataclass(frozen=True, slots=True)
class Income:
    """One source of income of the household."""

    label: str = field(repr=False)
    amount: Money
    every: Every
    reliability: Reliability
    by_month: tuple[Money, ...] = ()
    """Twelve amounts, January first, for seasonal income; empty when every month is alike."""
    bounds: Bounds | None = None
    """For an amount that is not known yet; None for one that is."""

    @property
    def is_unknown(self) -> bool:
        """Say whether the amount may turn out to be another one."""
        return self.bounds is not None and self.bounds.low < self.bounds.high


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing the household pays for."""

    label: str = field(repr=False)
    kind: OutgoingKind
    amount: Money
    every: Every
    is_proven: bool
    begins: date | None = None
    """Paid from the calendar month of this day on; None: already now."""
    until: date | None = None
    """Paid up to and including the calendar month of this day; None: no end is known."""
    bounds: Bounds | None = None
    """For an amount that is not known yet; None for one that is."""

    @property
    def is_unknown(self) -> bool:
        """Say whether the amount may turn out to be another one."""
        return self.bounds is not None and self.bounds.low < self.bounds.high

    def is_paid_in(self, month: int) -> bool:
        """Say whether it is paid in a calendar month, counted as year x 12 + month - 1."""
        starts = self.begins is None or _month_of(self.begins) <= month
        return starts and (self.until is None or month <= _month_of(self.until))


def _month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


@dataclass(frozen=True, slots=True)
class Budget:
    """Income and outgoings of the household, in one currency."""

    currency: Currency
    incomes: tuple[Income, ...]
    outgoings: tuple[Outgoing, ...]
    cash: Money
    """Money in hand that could become a down payment or carry a weak month."""
    payday: int | None
    """Day of the month on which the main income arrives."""
