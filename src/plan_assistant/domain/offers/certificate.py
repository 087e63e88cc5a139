"""What a search looked at and why its answer is the best: ranges, counts, the nearest exclusion.

Everything here can be counted again by brute force with the readable engine (`brute_force.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

import numpy as np

from plan_assistant.domain.offers.excluded import Excluded, best_forbidden, best_worse
from plan_assistant.domain.offers.judging import COMFORTABLE, REFUSED, TIGHT, UNAFFORDABLE, Judge
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.pool import Pool
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.pack import OldCharges, Rhythm

NO_PLAN = "no_plan"
"""Counts terms that make no plan: a payment below the interest, or rounding that ends it early."""


@dataclass(frozen=True, slots=True)
class Searched:
    """The levers and their ranges."""

    families: tuple[Family, ...]
    payments: tuple[int, int]
    """The least and the largest number of payments."""
    rates: tuple[Fraction, ...]
    graces: tuple[int, ...]
    waivers: int
    """Ways to waive something, waiving nothing among them."""
    old_charges: tuple[OldCharges, ...]
    down_payments: tuple[int, ...]
    """Minor units."""
    steps: int
    rhythms: tuple[Rhythm, ...]
    multiples: tuple[int, ...]
    """Minor units; 1 is to the cent."""
    first_dues: tuple[date, ...]


@dataclass(frozen=True)
class Certificate:
    """What was searched and why the answer is the best."""

    searched: Searched
    candidates: int
    rejected: Mapping[str, int]
    """Candidates that a rule forbids, by the first rule of the pack that does."""
    comfortable: int
    tight: int
    unaffordable: int
    within_authority: int
    """Of the comfortable and tight ones, those whose terms the person at work may grant.

    What is asked of every plan alike, such as evidence of the hardship, is not counted here.
    """
    best_worse: Excluded | None
    """Of the cheaper plans with a worse verdict than the cheapest offer, the lightest."""
    space: Space = field(repr=False, compare=False)
    judge: Judge = field(repr=False, compare=False)

    @cached_property
    def unconfirmed(self) -> frozenset[str]:
        """Ids of the rules that counsel should confirm."""
        return frozenset(rule.id for rule in self.space.rules if rule.needs_counsel)

    @cached_property
    def best_forbidden(self) -> Excluded | None:
        """The cheapest plan that the household could carry and a rule forbids; on demand."""
        return best_forbidden(self.space, self.judge)


def certify(
    space: Space,
    pool: Pool,
    judge: Judge,
    *,
    candidates: int,
    rejected: Counter[str],
    cheapest: int | None,
) -> Certificate:
    """Return the certificate of a search; `cheapest` is the place of its cheapest offer."""
    counts = np.bincount(pool.code, minlength=REFUSED + 1) if len(pool) else np.zeros(4, int)
    open_to_all = int(counts[[COMFORTABLE, TIGHT, UNAFFORDABLE]].sum())
    no_plan = candidates - sum(rejected.values()) - open_to_all
    if no_plan:
        rejected = rejected + Counter({NO_PLAN: no_plan})
    affordable = pool.affordable
    return Certificate(
        searched=_searched(space),
        candidates=candidates,
        rejected=dict(rejected),
        comfortable=int(counts[COMFORTABLE]),
        tight=int(counts[TIGHT]),
        unaffordable=int(counts[UNAFFORDABLE]),
        within_authority=int((~pool.beyond[affordable]).sum()),
        best_worse=best_worse(space, pool, cheapest),
        space=space,
        judge=judge,
    )


def _searched(space: Space) -> Searched:
    families = space.families
    lengths = space.lengths(Rhythm.MONTH)
    claims = space.claims
    return Searched(
        families=families,
        payments=(lengths[0], lengths[-1]),
        rates=_distinct(rate for family in families for rate in space.rates(family)),
        graces=_distinct(grace for family in families for grace in space.graces(family)),
        waivers=len({claim.waived for claim in claims}),
        old_charges=_distinct(claim.old_charges for claim in claims),
        down_payments=_distinct(claim.paid_today.minor for claim in claims),
        steps=sum(step is not None for family in families for step in space.steps(family)),
        rhythms=_distinct(rhythm for family in families for rhythm in space.rhythms(family)),
        multiples=_distinct(each for family in families for each in space.multiples(family)),
        first_dues=space.first_dues,
    )


T = TypeVar("T")


def _distinct(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
