"""Which way a change of a pack goes: does it let more plans pass, or fewer?

Not here: which changes there are (`difference.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any

from plan_assistant.domain.household import Reliability
from plan_assistant.domain.policy.affordability import AffordabilityTable, CostsNamed
from plan_assistant.domain.policy.authority import WaiverLimit
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.policy.space import StepPattern, Waivers


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


def no_direction(_before: object, _after: object) -> Direction:
    """Leave a change that lets neither more nor fewer plans pass."""
    return Direction.OTHER


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
    "first_payment_max_days": higher_is_looser,
    "lender_may_loosen": more_is_looser,
}
"""Levers with a direction; the others only place or present a plan."""


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


_AFFORDABILITY: Mapping[str, Compare] = {
    "reliability": _reliability,
    "minimum": _minimum,
    "floors": _floors,
    "buffer_share": lower_is_looser,
    "buffer_cap": lower_is_looser,
    "dsr_comfortable": higher_is_looser,
    "dsr_alarm": higher_is_looser,
    "shocks": _shocks,
    "essentials_shock": lower_is_looser,
    "rate_shock": lower_is_looser,
    "horizon_months": lower_is_looser,
}


def affordability_directions(
    before: AffordabilityTable, after: AffordabilityTable
) -> Mapping[str, Compare]:
    """Return how each figure of the method is judged; caps in two currencies are not compared."""
    if before.table_currency == after.table_currency:
        return _AFFORDABILITY
    return {**_AFFORDABILITY, "buffer_cap": no_direction}
