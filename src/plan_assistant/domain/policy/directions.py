"""Which way a change of a pack goes: does it let more plans pass, or fewer?

Every field of every section stands in a table: with its direction, or with none and the reason why
a lender may set it freely. Not here: which changes there are (`difference.py`), and the parameters
of rules (`parameters.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any

from plan_assistant.domain.calendar import NO_HOLIDAYS, HolidayRoll
from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.household import Reliability
from plan_assistant.domain.policy.affordability import AffordabilityTable, CostsNamed
from plan_assistant.domain.policy.authority import WaiverLimit
from plan_assistant.domain.policy.findings import Confidence, Role
from plan_assistant.domain.policy.pack import AllocationOrder
from plan_assistant.domain.policy.space import StepPattern, Waivers
from plan_assistant.domain.schedule.allocation import Scope


class Direction(StrEnum):
    """Which way a change goes."""

    LOOSER = "looser"
    """More plans may pass, or somebody may grant more; also where it goes both ways."""
    TIGHTER = "tighter"
    OTHER = "other"
    """Neither: a text, a date convention, a calendar."""


Compare = Callable[[Any, Any], Direction]


def higher_is_looser(before: Fraction | int, after: Fraction | int) -> Direction:
    """Judge a limit from above."""
    return Direction.LOOSER if after > before else Direction.TIGHTER


def lower_is_looser(before: Fraction | int, after: Fraction | int) -> Direction:
    """Judge a limit from below."""
    return Direction.LOOSER if after < before else Direction.TIGHTER


def more_is_looser(before: Sequence[object], after: Sequence[object]) -> Direction:
    """Judge a list of what is allowed."""
    if any(item not in before for item in after):
        return Direction.LOOSER
    return Direction.TIGHTER if len(after) < len(before) else Direction.OTHER


def fewer_is_looser(before: Sequence[object], after: Sequence[object]) -> Direction:
    """Judge a list of what is asked for."""
    if any(item not in after for item in before):
        return Direction.LOOSER
    return Direction.TIGHTER if len(after) > len(before) else Direction.OTHER


def either_is_looser(_before: object, _after: object) -> Direction:
    """Judge what is wrong both ways, such as a figure of the law that the borrower is told."""
    return Direction.LOOSER


def no_direction(_before: object, _after: object) -> Direction:
    """Leave a change that lets neither more nor fewer plans pass."""
    return Direction.OTHER


_SURE = (Confidence.MEMORY, Confidence.SECONDARY, Confidence.VERIFIED)


def surer_is_looser(before: Confidence, after: Confidence) -> Direction:
    """Judge how well a source was checked.

    A design that is called a law is surer, and so is a law that counsel should confirm and that is
    called a design; of a law that was read, a design claims no more.
    """
    if before is Confidence.DESIGN:
        return Direction.LOOSER
    if after is Confidence.DESIGN:
        return Direction.OTHER if before is Confidence.VERIFIED else Direction.LOOSER
    return higher_is_looser(_SURE.index(before), _SURE.index(after))


def _calendar(before: str, _after: str) -> Direction:
    """Holidays of a place may be named where none are; other days off are other due dates."""
    return Direction.OTHER if before == NO_HOLIDAYS.name else Direction.LOOSER


def _allocation(before: Sequence[AllocationOrder], after: Sequence[AllocationOrder]) -> Direction:
    """An order that settles principal later is looser: more of it goes on bearing interest.

    Where principal comes first it does so over the whole account or inside each installment, after
    the interest of older ones; where it comes last, the scope is the product's own way.
    """
    limits = (each.max_days_past_due for each in (*before, *after))
    days = {0} | {limit + 1 for limit in limits if limit is not None}
    places = [
        (_principal_at(before, product, day), _principal_at(after, product, day))
        for product in Product
        for day in days
    ]
    if any(new > old for old, new in places):
        return Direction.LOOSER
    return Direction.TIGHTER if any(new < old for old, new in places) else Direction.OTHER


def _principal_at(
    orders: Sequence[AllocationOrder], product: Product, days: int
) -> tuple[int, bool]:
    """Return how many components are settled before principal, and whether older interest is.

    All of them where there is no order.
    """
    fitting = (
        each
        for each in orders
        if product in each.products
        and (each.max_days_past_due is None or days <= each.max_days_past_due)
        and Component.PRINCIPAL in each.order
    )
    order = next(fitting, None)
    if order is None:
        return len(Component), True
    place = order.order.index(Component.PRINCIPAL)
    return place, place == 0 and order.scope is Scope.INSTALLMENT


TOP: Mapping[str, Compare] = {
    # Which debts it is chosen for: it stands in for no pack but the one it extends (`choice.py`).
    "jurisdictions": no_direction,
    "products": no_direction,
    "effective_from": no_direction,
    "effective_to": no_direction,
    "chosen_by_name": no_direction,
    "fallback": no_direction,
    "calendar": _calendar,
    "limitation_years": higher_is_looser,  # a later warning that a debt looks time-barred
    "retention_years": either_is_looser,  # shorter loses evidence, longer keeps personal data
    "disclosures": fewer_is_looser,
    # A plan is returned, and asked for, with a reason whichever codes there are.
    "return_reasons": no_direction,
    "submit_reasons": no_direction,
    "objections": fewer_is_looser,
    "allocation": _allocation,
    "lender_may_loosen": more_is_looser,
}
"""Fields outside the sections."""
BREACH: Mapping[str, Compare] = {"tolerance_days": lower_is_looser, "cure_days": lower_is_looser}
"""A lender's pack may give a borrower more time than the one it extends, not less."""


def _holiday_roll(_before: HolidayRoll, after: HolidayRoll) -> Direction:
    return Direction.LOOSER if after is HolidayRoll.NONE else Direction.TIGHTER


SCHEDULE: Mapping[str, Compare] = {
    # What a contract says of its interest and its rounding; rules judge the schedule it gives.
    "rounding": no_direction,
    "payment_rounding": no_direction,
    "day_count": no_direction,
    "period_interest": no_direction,
    "odd_first_period": no_direction,
    "level_payment": no_direction,
    "level_payment_basis": no_direction,
    "remainder": no_direction,
    "deferred_collection": no_direction,
    "month_end": no_direction,
    "holiday_roll": _holiday_roll,
    "arrears_treatment": no_direction,
}
ROBUSTNESS: Mapping[str, Compare] = {
    # A lender's own priors: they place a mark on an offer, and no plan passes or fails by them.
    "hazards": no_direction,
    "payment_effects": no_direction,
    "recoveries": no_direction,
    "recovery_lag_months": no_direction,
    "discount_rates": no_direction,
    "source": no_direction,
    "confidence": surer_is_looser,
}


def _longest(before: Sequence[int], after: Sequence[int]) -> Direction:
    longest, now = max(before, default=0), max(after, default=0)
    return Direction.OTHER if now == longest else higher_is_looser(longest, now)


def _rate_step(before: Fraction, after: Fraction) -> Direction:
    """Steps are looser when they reach rates that were not searched before."""
    if before == 0:
        return Direction.LOOSER
    return Direction.TIGHTER if (after / before).denominator == 1 else Direction.LOOSER


def _waivers(before: Waivers, after: Waivers) -> Direction:
    """Giving up no more of any component is not looser."""
    old, new = before.largest, after.largest
    is_within = (
        new.interest <= old.interest
        and new.penalty_interest <= old.penalty_interest
        and new.fee <= old.fee
        and new.cost <= old.cost
    )
    return Direction.TIGHTER if is_within else Direction.LOOSER


def _steps(before: Sequence[StepPattern], after: Sequence[StepPattern]) -> Direction:
    is_within = all(
        any(new.months <= old.months and new.share >= old.share for old in before) for new in after
    )
    return Direction.TIGHTER if is_within else Direction.LOOSER


SPACE: Mapping[str, Compare] = {
    "families": more_is_looser,
    "min_periods": lower_is_looser,
    "max_periods": higher_is_looser,
    "graces": _longest,
    "rate_step": _rate_step,
    "lowest_rate": lower_is_looser,
    "waivers": _waivers,
    "old_charges": more_is_looser,
    "down_payment_shares": more_is_looser,
    "steps": _steps,
    "rhythms": more_is_looser,
    "multiples": more_is_looser,
    "first_payments": higher_is_looser,
    "discount_rate": no_direction,  # what money costs the lender: it ranks plans
    "first_payment_min_days": lower_is_looser,  # less time to prepare
    "first_payment_max_days": higher_is_looser,
    # Where in the month a plan falls due while nobody dials a day, and how many are shown.
    "days_after_payday": no_direction,
    "default_due_day": no_direction,
    "offers": no_direction,
    "lender_may_loosen": more_is_looser,
}


def _largest_waiver(
    before: Mapping[str, WaiverLimit], after: Mapping[str, WaiverLimit]
) -> Direction:
    for component, limit in after.items():
        known = before.get(component)
        if known is None or limit.share > known.share:
            return Direction.LOOSER
        for currency, amount in known.amount.items():
            if currency not in limit.amount or int(limit.amount[currency]) > int(amount):
                return Direction.LOOSER  # a currency that is not listed has no limit of its own
    return Direction.TIGHTER


def _collectors_owed(before: Mapping[str, str], after: Mapping[str, str]) -> Direction:
    """A currency that a collector's table does not list is nothing they may decide."""
    is_wider = any(int(most) > int(before.get(code, "0")) for code, most in after.items())
    return Direction.LOOSER if is_wider else Direction.TIGHTER


def _leads_owed(before: Mapping[str, str], after: Mapping[str, str]) -> Direction:
    """A currency that the lead's table does not list has no limit for the lead."""
    is_wider = any(
        code not in after or int(after[code]) > int(most) for code, most in before.items()
    )
    return Direction.LOOSER if is_wider else Direction.TIGHTER


_AUTHORITY: Mapping[str, Compare] = {
    "longest_term_months": higher_is_looser,
    "latest_first_payment_days": higher_is_looser,
    "longest_grace_months": higher_is_looser,
    "lowest_rate_share": lower_is_looser,
    "largest_waiver": _largest_waiver,
    "lowest_down_payment_share": lower_is_looser,
    "restructurings_12_months": higher_is_looser,
    "restructurings_60_months": higher_is_looser,
    "verdicts": more_is_looser,
    "lender_may_loosen": more_is_looser,
}


def authority_directions(role: Role) -> Mapping[str, Compare]:
    """Return how each field of a role's authority is judged."""
    owed = _leads_owed if role is Role.TEAM_LEAD else _collectors_owed
    return {**_AUTHORITY, "largest_owed": owed}


def _reliability(
    before: Mapping[Reliability, Fraction], after: Mapping[Reliability, Fraction]
) -> Direction:
    """Counting more of any income lets more plans pass."""
    is_more = any(share > before[kind] for kind, share in after.items())
    return Direction.LOOSER if is_more else Direction.TIGHTER


def _shocks(before: Sequence[Fraction], after: Sequence[Fraction]) -> Direction:
    """A fall that is smaller than the one in its place, or no longer tried, is looser."""
    is_less = len(after) < len(before) or any(
        new < old for old, new in zip(before, after, strict=False)
    )
    return Direction.LOOSER if is_less else Direction.TIGHTER


def _floors(before: Sequence[CostsNamed], after: Sequence[CostsNamed]) -> Direction:
    """Counting less of an item is looser; what another table counts cannot be compared here."""
    old, new = _by_item(before), _by_item(after)
    if any(new[item] < share for item, share in old.items() if item in new):
        return Direction.LOOSER
    if old.keys() <= new.keys():
        return Direction.TIGHTER if old != new else Direction.OTHER
    is_other_table = bool({use.table for use in after} - {use.table for use in before})
    return Direction.OTHER if is_other_table else Direction.LOOSER


def _by_item(uses: Sequence[CostsNamed]) -> dict[tuple[str, str], Fraction]:
    """Return the share of each item of each table."""
    return {(use.table, item): use.share for use in uses for item in use.items}


def _minimum(before: CostsNamed | None, after: CostsNamed | None) -> Direction:
    return _floors([before] if before else [], [after] if after else [])


AFFORDABILITY: Mapping[str, Compare] = {
    "reliability": _reliability,
    "table_currency": either_is_looser,  # the cap and the least share bind other budgets
    "statement": no_direction,  # the groups a budget is written out in
    "minimum": _minimum,
    "floors": _floors,
    "guides": no_direction,  # marks beside a line that is counted in full
    "buffer_share": lower_is_looser,
    "buffer_cap": lower_is_looser,
    "least_share": no_direction,  # divides the same sum among the debts
    "dsr_comfortable": higher_is_looser,
    "dsr_alarm": higher_is_looser,
    "shocks": _shocks,
    "essentials_shock": lower_is_looser,
    "rate_shock": lower_is_looser,
    "horizon_months": lower_is_looser,
    "source": no_direction,  # of figures that are judged one by one
    "confidence": surer_is_looser,
}


def affordability_directions(
    before: AffordabilityTable, after: AffordabilityTable
) -> Mapping[str, Compare]:
    """Return how each figure of the method is judged; caps in two currencies are not compared."""
    if before.table_currency == after.table_currency:
        return AFFORDABILITY
    return {**AFFORDABILITY, "buffer_cap": no_direction}
