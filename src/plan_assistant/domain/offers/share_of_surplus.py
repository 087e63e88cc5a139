"""Plans that pay a share of what is left each month, until a debt without interest is repaid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, Rounding


@dataclass(frozen=True, slots=True)
class SharePlan:
    """One plan: the same payment each month, the rest with the last."""

    share: Fraction
    payment: Money
    periods: int
    last_payment: Money


def share_of_surplus_plans(
    debt: Money,
    surplus: Money,
    shares: Sequence[Fraction],
    *,
    stop_when_periods_at_most: int,
    rounding: Rounding = Rounding.HALF_UP,
) -> tuple[SharePlan, ...]:
    """Return a plan for each share of the monthly surplus, in the order given.

    A plan short enough ends the list: a larger share would change nothing worth asking. A share
    that leaves nothing to pay with gives no plan.
    """
    if debt.minor <= 0:
        raise InvalidTerms("debt", debt.plain, "nothing is owed")
    plans = []
    for share in shares:
        if share <= 0:
            raise InvalidTerms("share", share, "a share of the surplus is above zero")
        payment = surplus.times(share, rounding)
        if payment.minor <= 0:
            continue
        periods = -(-debt.minor // payment.minor)
        last = debt.minor - (periods - 1) * payment.minor
        plans.append(SharePlan(share, payment, periods, debt.currency.money(last)))
        if periods <= stop_when_periods_at_most:
            break
    return tuple(plans)
