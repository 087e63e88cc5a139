"""What a claim comes to when more of it is given up, or paid today.

One at a time as a claim, and many at once as amounts alone. Not here: how far (`gap.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from plan_assistant.domain.debt import Component, Components
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.claim import Claim, allocate
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.pack import AllocationOrder, OldCharges, Waiver
from plan_assistant.domain.policy.proposal import authorities, most_waived
from plan_assistant.domain.schedule.terms import ArrearsTreatment, DownPayment
from plan_assistant.domain.schedule.vector_figures import Int64s

_GIVEN_UP_FIRST = (Component.FEE, Component.PENALTY_INTEREST, Component.COST, Component.INTEREST)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What claims repay and pay today, an entry each, in minor units; the fields of `Claim`."""

    bearing: Int64s
    carried: Int64s
    paid_today: Int64s


def waive(space: Space, claim: Claim, more: Money) -> Claim:
    """Return a claim of which so much more is given up."""
    zero, given = space.debt.currency.zero, _given_up(space, claim, more)
    waived = Components(*(have + given.get(part, zero) for part, have in claim.waived.items()))
    return replace(claim, waiver=Waiver(), waived=waived, arrears=claim.arrears - more)


def waive_each(space: Space, claim: Claim, more: Int64s) -> Amounts:
    """Return what a claim comes to with each of some amounts given up, as `waive` does."""
    del space
    same = np.zeros_like(more)
    return Amounts(
        claim.bearing.minor + same, claim.carried.minor - more, claim.paid_today.minor + same
    )


def _given_up(space: Space, claim: Claim, amount: Money) -> dict[Component, Money]:
    """Lay a waiver over what is carried: what the person at work may give up, then what a lead may.

    What nobody may give up comes last, so that nobody is said to be forbidden what some other
    component allows.
    """
    zero = space.debt.currency.zero
    owed, before = dict(space.debt.components.items()), dict(claim.waived.items())
    unpaid = space.debt.components.minus(before)
    left = dict(unpaid.minus(allocate(claim.paid_today, unpaid, _order(space))).items())
    if claim.old_charges is OldCharges.CAPITALISE:
        left[Component.INTEREST] = zero  # it is principal now
    given = dict.fromkeys(_GIVEN_UP_FIRST, zero)
    for who in (*authorities(space.policy, space.role), None):
        for part in _GIVEN_UP_FIRST:
            most = owed[part] if who is None else most_waived(who, part, owed[part])
            room = min(left[part], most - before[part]) - given[part]
            taken = max(zero, min(amount, room))
            given[part], amount = given[part] + taken, amount - taken
    return given


def _order(space: Space) -> AllocationOrder:
    return space.policy.allocation_order(space.debt.product, space.debt.days_past_due)


def most_paid_today(space: Space, claim: Claim, payments: int) -> int:
    """Return how much more may be paid today so that each of some payments is one.

    Where old charges are paid with one of them, the others need principal that is left.
    """
    left = claim.bearing.minor + claim.carried.minor
    if payments == 1 or claim.arrears_treatment is ArrearsTreatment.SPREAD:
        return left - 1
    owed = space.debt.components.minus(dict(claim.waived.items()))
    order = _order(space)
    unpaid = dict(owed.minus(allocate(claim.paid_today, owed, order)).items())
    after = order.order[order.order.index(Component.PRINCIPAL) + 1 :]
    return max(0, left - sum(unpaid[part].minor for part in after) - 1)


def pay_today(space: Space, claim: Claim, more: Money) -> Claim:
    """Return a claim of which so much more is paid today."""
    owed = space.debt.components.minus(dict(claim.waived.items()))
    whole = claim.paid_today + more
    paid = allocate(whole, owed, _order(space))
    # Old interest that is paid today no longer joins the principal.
    is_joining = claim.old_charges is OldCharges.CAPITALISE
    joins = owed.minus(paid).interest if is_joining else space.debt.currency.zero
    on_principal = paid[Component.PRINCIPAL]
    return replace(
        claim,
        principal=owed.principal + joins,
        arrears=owed.non_principal - joins,
        down_payment=DownPayment(on_principal, whole - on_principal),
    )


def pay_each_today(space: Space, claim: Claim, more: Int64s) -> Amounts:
    """Return what a claim comes to with each of some amounts paid today, as `pay_today` does."""
    owed = dict(space.debt.components.minus(dict(claim.waived.items())).items())
    whole = claim.paid_today.minor + more
    unpaid, left = {}, whole
    for part in _order(space).order:
        unpaid[part] = np.maximum(owed[part].minor - left, 0)
        left = np.maximum(left - owed[part].minor, 0)
    bearing = unpaid[Component.PRINCIPAL]
    if claim.old_charges is OldCharges.CAPITALISE:
        bearing = bearing + unpaid[Component.INTEREST]
    return Amounts(bearing, sum(unpaid.values()) - bearing, whole)
