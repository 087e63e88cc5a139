"""What a plan repays of a debt: after a waiver, a down payment, and what becomes of old charges.

Not here: how it is repaid (`space.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from plan_assistant.domain.debt import Component, Components
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, Rounding
from plan_assistant.domain.policy.pack import AllocationOrder, OldCharges, Waiver
from plan_assistant.domain.schedule.terms import ArrearsTreatment, DownPayment

_SPREAD = OldCharges.SPREAD
_WHERE = {
    OldCharges.SPREAD: ArrearsTreatment.SPREAD,
    OldCharges.CAPITALISE: ArrearsTreatment.SPREAD,
    OldCharges.FIRST_INSTALLMENT: ArrearsTreatment.FIRST_INSTALLMENT,
    OldCharges.LAST_INSTALLMENT: ArrearsTreatment.LAST_INSTALLMENT,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One way to treat what is owed; everything that is owed is waived, paid today or repaid."""

    waiver: Waiver
    waived: Components
    old_charges: OldCharges
    principal: Money
    """The principal of the terms: that of the debt, and old interest that joins it."""
    arrears: Money
    """Old charges that bear no interest."""
    down_payment: DownPayment | None

    @property
    def arrears_treatment(self) -> ArrearsTreatment:
        """When the installments pay old charges."""
        return _WHERE[self.old_charges]

    @property
    def paid_today(self) -> Money:
        """The down payment."""
        down = self.down_payment
        return self.principal.currency.zero if down is None else down.principal + down.arrears

    @property
    def bearing(self) -> Money:
        """What bears interest after the down payment."""
        down = self.down_payment
        return self.principal if down is None else self.principal - down.principal

    @property
    def carried(self) -> Money:
        """Old charges that the installments repay."""
        down = self.down_payment
        return self.arrears if down is None else self.arrears - down.arrears


@lru_cache(maxsize=64)
def claims_of(
    owed: Components,
    *,
    waivers: tuple[Waiver, ...],
    treatments: tuple[OldCharges, ...],
    down_payments: tuple[Money, ...],
    order: AllocationOrder,
) -> tuple[Claim, ...]:
    """Return every distinct claim in the order given; the treatments of no charges are one.

    Key presses that dial something else have them in common.

    Raises InvalidTerms for a down payment that is below zero or not less than what is left to pay.
    """
    seen: dict[object, Claim] = {}
    for down_payment in down_payments:
        for waiver in waivers:
            for claim in _claims(owed, waiver, treatments, down_payment, order):
                paid = claim.down_payment
                key = (claim.waived, claim.principal, claim.arrears, paid, claim.arrears_treatment)
                seen.setdefault(key, claim)
    return tuple(seen.values())


def _claims(
    owed: Components,
    waiver: Waiver,
    treatments: Sequence[OldCharges],
    down_payment: Money,
    order: AllocationOrder,
) -> Iterator[Claim]:
    waived = waived_by(waiver, owed)
    claimed = owed.minus(dict(waived.items()))
    if down_payment >= claimed.total and waiver.shares:
        return  # it would be more than the waiver leaves to pay
    if down_payment.minor < 0 or down_payment >= claimed.total:
        raise InvalidTerms(
            "down_payment", down_payment, f"must be from 0 to less than the {claimed.total} owed"
        )
    paid = allocate(down_payment, claimed, order)
    on_principal = paid[Component.PRINCIPAL]
    down = DownPayment(on_principal, down_payment - on_principal) if down_payment else None
    left = claimed.minus(paid)
    if not left.non_principal:
        treatments = (OldCharges.SPREAD,)
    for treatment in treatments:
        joins = owed.principal.currency.zero
        if treatment is OldCharges.CAPITALISE:
            joins = left.interest
        yield Claim(
            waiver=waiver,
            waived=waived,
            # Without old interest nothing joins the principal, and the rest is spread.
            old_charges=treatment if joins or treatment is not OldCharges.CAPITALISE else _SPREAD,
            principal=claimed.principal + joins,
            arrears=claimed.non_principal - joins,
            down_payment=down,
        )


def waived_by(waiver: Waiver, owed: Components) -> Components:
    """Return what a waiver gives up of each component, rounded down."""
    shares = dict(waiver.shares)
    return Components(
        *(amount.times(shares.get(part, 0), Rounding.DOWN) for part, amount in owed.items())
    )


def allocate(amount: Money, owed: Components, order: AllocationOrder) -> dict[Component, Money]:
    """Settle components with an amount in the order given; the amount is at most what is owed."""
    balances = dict(owed.items())
    paid: dict[Component, Money] = {}
    for component in order.order:
        paid[component] = min(amount, balances[component])
        amount = amount - paid[component]
    if amount:
        raise InvalidTerms("down_payment", amount, "is more than is owed")
    return paid
