"""A restructuring step by step: waive, write down, capitalise, carry, add to the first installment.

The order of the steps is data. Each leaves a line that says what it did and what is owed after it,
so that nobody capitalises first and then finds nothing left to waive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.schedule.allocation import COMPONENTS, PRINCIPAL, allocate
from plan_assistant.domain.schedule.terms import ArrearsTreatment, Terms


class Treatment(StrEnum):
    """What a step does with a component."""

    WAIVE = "waive"
    """Forgiven; principal too, where it is a write-down."""
    CAPITALISE = "capitalise"
    """Becomes interest-bearing principal."""
    CARRY = "carry"
    """Carried through the new plan without interest, in equal parts."""
    ADD_TO_FIRST = "add_to_first"
    """Carried without interest and paid with the first installment."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a treatment of a component, in full or up to an amount."""

    treatment: Treatment
    component: str
    amount: Money | None = None
    """None: all that is left of the component."""


@dataclass(frozen=True, slots=True)
class StepLine:
    """What one step did, for the record."""

    step: Step
    amount: Money
    principal_after: Money
    untreated_after: Money
    """What is owed on other components and has not been treated yet."""


@dataclass(frozen=True, slots=True)
class Restructured:
    """What a restructuring leaves to the new plan."""

    principal: Money
    carried: Money
    in_first: Money
    waived: Money
    lines: tuple[StepLine, ...]

    def terms(self, terms: Terms) -> Terms:
        """Return the terms of the new plan: its principal and its carried arrears set.

        Raises InvalidTerms where nothing is left to repay, or arrears are both spread and added to
        the first installment: a plan has one treatment of carried amounts.
        """
        if self.carried and self.in_first:
            reason = "arrears are either spread or added to the first installment"
            raise InvalidTerms("steps", str(self.in_first), reason)
        if not self.principal and not self.carried and not self.in_first:
            reason = "its steps forgive all that is owed: that is a settlement and leaves no plan"
            raise InvalidTerms("steps", self.waived.plain, reason)
        treatment = ArrearsTreatment.FIRST_INSTALLMENT if self.in_first else ArrearsTreatment.SPREAD
        carried = self.carried + self.in_first
        return terms.with_(
            principal=self.principal,
            arrears=carried if carried else None,
            arrears_treatment=treatment,
        )


def restructure(
    owed: Mapping[str, Money], steps: Sequence[Step], currency: Currency
) -> Restructured:
    """Apply steps in the order given to what is owed by component.

    Raises InvalidTerms where a step takes more than is left, or something stays untreated.
    """
    left = dict(owed)
    principal = left.pop(PRINCIPAL, currency.zero)
    sums = dict.fromkeys(Treatment, currency.zero)
    lines: list[StepLine] = []
    for step in steps:
        if step.component not in COMPONENTS and step.component not in owed:
            names = ", ".join(sorted({PRINCIPAL, *owed}))
            raise InvalidTerms("steps", step.component, f"no such component; owed are {names}")
        is_principal = step.component == PRINCIPAL
        if is_principal and step.treatment is not Treatment.WAIVE:
            reason = "principal can only be waived, that is written down"
            raise InvalidTerms("steps", step.treatment.value, reason)
        available = principal if is_principal else left.get(step.component, currency.zero)
        amount = available if step.amount is None else step.amount
        if amount.currency != currency:
            raise InvalidTerms("steps", str(amount), f"the plan is in {currency.code}")
        if amount < currency.zero or available < amount:
            raise InvalidTerms(
                "steps", str(amount), f"of {step.component} {available.plain} is left"
            )
        if is_principal:
            principal -= amount
        else:
            left[step.component] = available - amount
        if step.treatment is Treatment.CAPITALISE:
            principal += amount
        sums[step.treatment] += amount
        lines.append(StepLine(step, amount, principal, _sum(left, currency)))
    if untreated := _sum(left, currency):
        components = ", ".join(sorted(name for name, amount in left.items() if amount))
        raise InvalidTerms("steps", untreated.plain, f"no step says what becomes of {components}")
    return Restructured(
        principal=principal,
        carried=sums[Treatment.CARRY],
        in_first=sums[Treatment.ADD_TO_FIRST],
        waived=sums[Treatment.WAIVE],
        lines=tuple(lines),
    )


def _sum(amounts: Mapping[str, Money], currency: Currency) -> Money:
    return sum(amounts.values(), currency.zero)


@dataclass(frozen=True, slots=True)
class DiscountSettlement:
    """A settlement with a discount (减免结清): what the payment covers and what is forgiven."""

    paid: Mapping[str, Money]
    waived: Mapping[str, Money]

    @property
    def total_waived(self) -> Money:
        """Everything forgiven."""
        amounts = list(self.waived.values())
        return sum(amounts[1:], amounts[0])


def settle_with_discount(
    owed: Mapping[str, Money], payment: Money, order: Sequence[str]
) -> DiscountSettlement:
    """Lay one payment over what is owed in an order and forgive the rest, component by component.

    Raises InvalidTerms where the payment exceeds the debt or is in another currency, or the order
    forgets a component.
    """
    currency = payment.currency
    if other := next((debt for debt in owed.values() if debt.currency != currency), None):
        raise InvalidTerms("payment", str(payment), f"the debt is in {other.currency.code}")
    components = ", ".join(name for name, amount in owed.items() if amount and name not in order)
    if components:
        raise InvalidTerms("order", ", ".join(order), f"it does not name {components}")
    minor = {name: amount.minor for name, amount in owed.items()}
    allocated, left = allocate(payment.minor, minor, order)
    if left:
        debt = currency.money(sum(minor.values())).plain
        raise InvalidTerms("payment", payment.plain, f"the debt is {debt}")
    return DiscountSettlement(
        paid={name: currency.money(amount) for name, amount in allocated.items()},
        waived={name: currency.money(minor[name] - allocated[name]) for name in minor},
    )
