"""Which of the priced candidates are worth offering, in which order, and why.

A reason is computed over the offers as they are shown, so that it is true beside its neighbors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from plan_assistant.domain.offers.candidate import PLAIN, RELIEF, Priced
from plan_assistant.domain.offers.plan import Family, Reason
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.verdict import Verdict

_LEAST = 3
_DEFERRALS = frozenset({Family.DEFERRAL, Family.DEFERRAL_CAPITALISED})


def choose(space: Space, best: Sequence[Priced]) -> list[Priced]:
    """Pick one plan for each question a borrower asks, at most as many as the pack shows.

    A tight plan never stands before a comfortable one, an unaffordable one never before either;
    what the person at work may grant alone stands before what must be asked for.
    """
    plain = [plan for plan in best if plan.family in PLAIN]
    kept = [plan for plan in plain if plan.verdict.rank <= Verdict.TIGHT.rank]
    first = [
        _first(plain, lambda plan: (plan.total, plan.payments)),
        _first(plain, lambda plan: (plan.needs_approval, plan.payment, plan.total)),
        _first(_of(best, frozenset({Family.INTEREST_FIRST})), _by_authority),
        _first(_of(best, _DEFERRALS), _by_authority),
        _first(_of(best, frozenset({Family.ZERO_RATE})), lambda plan: (plan.payments,)),
        _first(kept, lambda plan: (plan.payments,)),
    ]
    rest = sorted(plain, key=lambda plan: (plan.verdict.rank, plan.total))
    chosen = _distinct(plan for plan in first if plan is not None)
    if len(chosen) < _LEAST:
        chosen = _distinct([*chosen, *rest])[:_LEAST]
    chosen.sort(key=lambda plan: (plan.verdict.rank, plan.needs_approval, plan.total))
    return chosen[: space.policy.space.offers]


def _by_authority(plan: Priced) -> tuple[int, ...]:
    return (plan.needs_approval, plan.total, plan.payments)


def _of(plans: Iterable[Priced], families: frozenset[Family]) -> list[Priced]:
    return [plan for plan in plans if plan.family in families]


def _first(plans: Iterable[Priced], by: Callable[[Priced], tuple[int, ...]]) -> Priced | None:
    """Return the plan of the best verdict that comes first; None of none."""
    return min(plans, key=lambda plan: (plan.verdict.rank, *by(plan)), default=None)


def _distinct(plans: Iterable[Priced]) -> list[Priced]:
    """Drop plans that ask for the same money on the same days as an earlier one."""
    seen: dict[object, Priced] = {}
    for plan in plans:
        seen.setdefault(plan.schedule.cash_flows, plan)
    return list(seen.values())


def reasons_of(plan: Priced, offers: Sequence[Priced], space: Space) -> tuple[Reason, ...]:
    """Return every reason that holds for an offer beside the others; at least one."""
    reasons: list[Reason] = []
    monthly = space.wishes.monthly
    if monthly is not None:
        is_met = plan.schedule.largest_payment <= monthly
        reasons.append(Reason.ASKED if is_met else Reason.NEAREST)
    contract = [offer for offer in offers if offer.family is not Family.ZERO_RATE]
    if plan in contract:
        if _is_least(plan.total, [offer.total for offer in contract]):
            reasons.append(Reason.CHEAPEST)
        if _is_least(plan.payment, [offer.payment for offer in contract]):
            reasons.append(Reason.LOWEST_PAYMENT)
        if _is_least(plan.ends.toordinal(), [offer.ends.toordinal() for offer in contract]):
            reasons.append(Reason.FASTEST)
    if plan.family in RELIEF:
        reasons.append(Reason.RELIEF_FIRST)
    if plan.family is Family.ZERO_RATE:
        reasons.append(Reason.FREEZE)
    return tuple(reasons) or (Reason.COMPARISON,)


def _is_least(value: int, values: Sequence[int]) -> bool:
    """Say whether a value is the least of several that are not all alike."""
    return value == min(values) and (len(values) == 1 or min(values) < max(values))
