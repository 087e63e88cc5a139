"""What living costs by official tables, for one household: floors and guides of the budget.

Not here: the files of the tables (`policy/tables.py`) and what is done with the amounts
(`budget.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from plan_assistant.domain.household import Household, OutgoingKind


class Basis(StrEnum):
    """Whom the amounts of a table are for."""

    HEAD = "head"
    """One person: times everybody who lives on the income."""
    WEIGHTED_HEAD = "weighted_head"
    """One person: times the household's weight (1.0 first adult, 0.5 other adults, 0.3 a child)."""
    HOUSEHOLD_SIZE = "household_size"
    """A whole household of one, two, three ... persons, with an amount for each person more."""


@dataclass(frozen=True, slots=True)
class LivingCost:
    """One item of a table a month, in units of its currency."""

    table: str
    """Name of the table, for the explanation."""
    item: str
    kind: OutgoingKind | None
    """What it is compared with; None for a total."""
    currency: str
    """It binds only a budget in this currency."""
    basis: Basis
    urban: tuple[Fraction, ...]
    """One amount; by household size one for each size, smallest first."""
    rural: tuple[Fraction, ...]
    each_more: Fraction | None = None
    """By household size: what each person beyond the largest size adds."""

    def a_month(self, household: Household) -> Fraction | None:
        """Return the amount for a household; None where the table has none for so many persons."""
        amounts = self.rural if household.is_rural else self.urban
        if self.basis is Basis.HEAD:
            return amounts[0] * household.persons
        if self.basis is Basis.WEIGHTED_HEAD:
            return amounts[0] * household.weight
        if household.persons <= len(amounts):
            return amounts[household.persons - 1]
        if self.each_more is None:
            return None
        return amounts[-1] + self.each_more * (household.persons - len(amounts))

    def times(self, share: Fraction) -> LivingCost:
        """Return a share of it, say half."""
        return LivingCost(
            self.table,
            self.item,
            self.kind,
            self.currency,
            self.basis,
            tuple(amount * share for amount in self.urban),
            tuple(amount * share for amount in self.rural),
            None if self.each_more is None else self.each_more * share,
        )


@dataclass(frozen=True, slots=True)
class TableSource:
    """Where a table comes from, and how well that was checked."""

    name: str
    title: Mapping[str, str]
    """By language."""
    source: str
    confidence: str
    published: date


@dataclass(frozen=True, slots=True)
class LivingCostTable:
    """A dated table of living costs."""

    origin: TableSource
    costs: Mapping[str, LivingCost]
    """By the name of the item."""


@dataclass(frozen=True, slots=True)
class StatementField:
    """One field of a financial statement."""

    name: str
    title: Mapping[str, str]
    kind: OutgoingKind | None
    """The kind of outgoing that stands here; None where a budget knows none."""


@dataclass(frozen=True, slots=True)
class StatementGroup:
    """A group of fields of a financial statement."""

    name: str
    title: Mapping[str, str]
    fields: tuple[StatementField, ...]

    @property
    def kinds(self) -> frozenset[OutgoingKind]:
        """The kinds of outgoings that stand in this group."""
        return frozenset(field.kind for field in self.fields if field.kind is not None)


@dataclass(frozen=True, slots=True)
class StatementFields:
    """The fields of a financial statement in their groups."""

    origin: TableSource
    groups: tuple[StatementGroup, ...]


def by_kind(
    costs: Iterable[LivingCost], household: Household, currency: str
) -> dict[OutgoingKind, Fraction]:
    """Return the amount a month of each kind of outgoing for a household, in units of a currency.

    Items of one kind add up; a kind for which the table has no amount for so many persons is out.
    """
    amounts: dict[OutgoingKind, Fraction] = {}
    unknown: set[OutgoingKind] = set()
    for cost in costs:
        if cost.kind is None or cost.currency != currency:
            continue
        amount = cost.a_month(household)
        if amount is None:
            unknown.add(cost.kind)
        else:
            amounts[cost.kind] = amounts.get(cost.kind, Fraction(0)) + amount
    return {kind: amount for kind, amount in amounts.items() if kind not in unknown}
