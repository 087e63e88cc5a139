"""Lays a payment over what is owed, component by component, debt by debt.

The orders are data that the policy pack sets, one after the other as a debt grows older (China's
cards turn on day 91 past due, CN-CARD-07). Named here are the orders of China's Civil Code:
Art. 561 (costs, interest, principal) and Art. 560 (which of several debts).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from plan_assistant.domain.errors import InvalidTerms

Component = str
"""A bucket's name, for example `interest`; the orders name every bucket they may fill."""

COST, INTEREST, PENALTY_INTEREST, FEE, PRINCIPAL = COMPONENTS = (
    "cost",
    "interest",
    "penalty_interest",
    "fee",
    "principal",
)
ARREARS = "arrears"
"""What a plan carries along of old interest, fees and costs; it belongs to no order of a pack."""
INSTALLMENT_ORDER: tuple[Component, ...] = (INTEREST, PENALTY_INTEREST, FEE, ARREARS, PRINCIPAL)
"""The order of an installment's own figures, where nothing else is agreed."""

CIVIL_CODE_561: tuple[Component, ...] = COMPONENTS
"""Enforcement costs, then interest, then principal, unless something else is agreed."""


class Scope(StrEnum):
    """Over what an order of components holds."""

    INSTALLMENT = "installment"
    """Inside each installment; the one that fell due earliest is filled first."""
    ACCOUNT = "account"
    """Over all installments due together: a component of all of them before the next one."""


@dataclass(frozen=True, slots=True)
class AllocationOrder:
    """An order of components, valid up to a number of days past due (None: without end)."""

    max_days_past_due: int | None
    order: tuple[Component, ...]
    scope: Scope = Scope.INSTALLMENT


@dataclass(frozen=True, slots=True)
class OrderByDaysPastDue:
    """Orders that replace each other as a debt grows older; the first that covers the day holds."""

    orders: tuple[AllocationOrder, ...]

    @classmethod
    def of(cls, written: Iterable[Mapping[str, Any]]) -> OrderByDaysPastDue:
        """Return the orders as a file of terms keeps them; it was checked when it was read."""
        return cls(
            tuple(
                AllocationOrder(
                    item["max_days_past_due"],
                    tuple(item["order"]),
                    Scope(item.get("scope", Scope.INSTALLMENT)),
                )
                for item in written
            )
        )

    def at(self, days_past_due: int) -> tuple[Component, ...]:
        """Return the components in the order that holds on that day past due."""
        return self.order_at(days_past_due).order

    def order_at(self, days_past_due: int) -> AllocationOrder:
        """Return the order that holds on that day past due; chosen anew at each posting."""
        for order in self.orders:
            if order.max_days_past_due is None or order.max_days_past_due >= days_past_due:
                return order
        raise InvalidTerms("days_past_due", days_past_due, "no allocation order covers it")


def allocate(
    payment: int, owed: Mapping[Component, int], order: Sequence[Component]
) -> tuple[dict[Component, int], int]:
    """Return what each component receives and what is left of the payment; minor units.

    Components that the order does not name receive nothing.
    """
    if payment < 0 or any(amount < 0 for amount in owed.values()):
        raise InvalidTerms("payment", payment, "payments and amounts owed are not negative")
    allocated = dict.fromkeys(owed, 0)
    left = payment
    for component in order:
        part = min(left, owed.get(component, 0) - allocated.get(component, 0))
        if component in allocated:
            allocated[component] += part
            left -= part
    return allocated, left


@dataclass(frozen=True, slots=True)
class DebtToPay:
    """One of several debts to the same creditor, as Art. 560 looks at it."""

    name: str
    owed: Mapping[Component, int]
    is_due: bool
    security: int
    """How well it is secured: 0 unsecured, higher is better."""
    burden: int
    """How heavily it weighs on the debtor, for example its annual rate in ppm."""
    due: date


def order_of_debts(
    debts: Sequence[DebtToPay], designated: str | None = None
) -> list[list[DebtToPay]]:
    """Return debts in the order of Civil Code Art. 560; those of equal rank share a group.

    The debtor's choice first; then what is due, what is secured least, what weighs heaviest, what
    fell due earliest. Equal ranks share in proportion.

    Raises InvalidTerms where two debts have one name, or the debtor's choice is none of the debts.
    """
    names = [debt.name for debt in debts]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidTerms("debts", twice, "two debts have that name")
    if designated is not None and designated not in names:
        raise InvalidTerms("designated", designated, f"the debts are {', '.join(names)}")
    groups: dict[tuple[object, ...], list[DebtToPay]] = {}
    for debt in sorted(debts, key=lambda debt: _rank(debt, designated)):
        groups.setdefault(_rank(debt, designated), []).append(debt)
    return list(groups.values())


def _rank(debt: DebtToPay, designated: str | None) -> tuple[bool, bool, int, int, date]:
    return (debt.name != designated, not debt.is_due, debt.security, -debt.burden, debt.due)


def allocate_to_debts(
    payment: int,
    debts: Sequence[DebtToPay],
    order: Sequence[Component],
    designated: str | None = None,
) -> tuple[dict[str, dict[Component, int]], int]:
    """Return what each component of each debt receives, and what is left of the payment."""
    received: dict[str, dict[Component, int]] = {}
    left = payment
    for group in order_of_debts(debts, designated):
        for debt, share in zip(group, _in_proportion(left, group, order), strict=True):
            received[debt.name], unused = allocate(share, debt.owed, order)
            left -= share - unused
    return received, left


def _in_proportion(
    payment: int, group: Sequence[DebtToPay], order: Sequence[Component]
) -> list[int]:
    """Split a payment over debts of equal rank in proportion to what it may pay; to the unit.

    What the order does not name counts for nothing. Shares are rounded down and the units left go
    to the largest fractions, the earlier debt first.
    """
    payable_by_debt = [sum(debt.owed.get(name, 0) for name in {*order}) for debt in group]
    total = sum(payable_by_debt)
    payable = min(payment, total)
    if total == 0:
        return [0] * len(group)
    shares = [payable * owed // total for owed in payable_by_debt]
    by_fraction = sorted(range(len(group)), key=lambda k: -(payable * payable_by_debt[k] % total))
    for index in by_fraction[: payable - sum(shares)]:
        shares[index] += 1
    return shares
