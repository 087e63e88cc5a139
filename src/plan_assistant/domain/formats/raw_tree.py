"""A tolerant view of a parsed file, for checks that run even where it is broken elsewhere.

Not here: what is checked (`case_checks.py`, `terms_file.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from plan_assistant.domain.errors import Problem
from plan_assistant.domain.formats.notation import (
    amount_problem,
    currency_problem,
    date_problem,
    known_currency,
)
from plan_assistant.domain.money import Currency, Money

_MOST_ENTRIES = 2000
"""Entries of a list that are looked at; the models refuse longer ones."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the raw tree with its path; a missing or broken part reads as nothing."""

    value: object
    path: str

    def get(self, key: str) -> Node:
        """Return a field of an object."""
        inner = self.value.get(key) if isinstance(self.value, Mapping) else None
        return Node(inner, f"{self.path}.{key}" if self.path else key)

    def each(self, key: str) -> list[Node]:
        """Return the entries of a field that is a list."""
        node = self.get(key)
        values = node.value if isinstance(node.value, list) else []
        return [
            Node(value, f"{node.path}[{index}]")
            for index, value in enumerate(values[:_MOST_ENTRIES])
        ]

    @property
    def as_day(self) -> date | None:
        """The value as a date; None where it is none."""
        if isinstance(self.value, str) and date_problem(self.value) is None:
            return date.fromisoformat(self.value)
        return None

    def day(self, key: str) -> date | None:
        """Return a field as a date; None where it is none."""
        return self.get(key).as_day

    def whole(self, key: str, otherwise: int | None = None) -> int | None:
        """Return a field as a whole number; `otherwise` where it is left out."""
        value = self.get(key).value
        if value is None:
            return otherwise
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def is_true(self, key: str, *, otherwise: bool) -> bool:
        """Return a field as a flag; `otherwise` where it is left out or no flag."""
        value = self.get(key).value
        return value if isinstance(value, bool) else otherwise


@dataclass(frozen=True, slots=True)
class Findings:
    """The problems found so far, and the readers that find some of them."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, node: Node, sentence: str) -> None:
        """Note a problem of a value."""
        self.problems.append(Problem(node.path, sentence))

    def currency(self, node: Node) -> Currency | None:
        """Read a currency; report it where it is text but no currency."""
        if isinstance(node.value, str) and (problem := currency_problem(node.value)) is not None:
            self.add(node, problem)
        return known_currency(node.value)

    def amount(self, node: Node, currency: Currency | None) -> Money | None:
        """Read an amount; report it where it is text but no amount of that currency."""
        if not isinstance(node.value, str):
            return None
        if (problem := amount_problem(node.value, currency)) is not None:
            self.add(node, problem)
            return None
        return currency.parse(node.value) if currency else None

    def figure(self, node: Node, currency: Currency | None) -> Money | None:
        """Read an amount or the likely one of a range; report a range that is upside down."""
        if not isinstance(node.value, Mapping):
            return self.amount(node, currency)
        low, likely, high = (
            self.amount(node.get(name), currency) for name in ("low", "likely", "high")
        )
        if low is not None and likely is not None and low > likely:
            self.add(
                node.get("low"),
                f"{grouped(low)} is above the likely {grouped(likely)}: correct one of them",
            )
        if likely is not None and high is not None and high < likely:
            self.add(
                node.get("high"),
                f"{grouped(high)} is below the likely {grouped(likely)}: correct one of them",
            )
        if likely is None and low is not None and high is not None and high < low:
            self.add(
                node.get("high"), f"{grouped(high)} is below {grouped(low)}: correct one of them"
            )
        return likely


def grouped(money: Money) -> str:
    """Return an amount with grouping commas, for a sentence."""
    units, _, rest = money.plain.partition(".")
    return f"{int(units):,}" + (f".{rest}" if rest else "")
