"""The answer to what a borrower proposes: yes or no, the gap, the plans on both sides, the cost.

"900 a month from January, nothing today" are dials (`wishes.py`); the whole space is searched with
them. Not here: how a proposal is typed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.concession import Concession, concession_of
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.pool import By, Places
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.search_result import Refusal
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Finding


@dataclass(frozen=True, slots=True)
class CounterOffer:
    """What can be said to a proposal of so much a month."""

    asked: Money
    most: Money
    """The most that any month can carry; less than asked where the borrower offers too much."""
    plan: Plan | None
    """The plan that says yes, which the household can carry, in the order of the offers: the best
    verdict, then within authority, then the cheapest for the borrower."""
    uncarried: Plan | None
    """Where no plan at all can be carried, of those within the amount the one that asks for the
    least."""
    below: Plan | None
    """Of the plans that the household can carry, the one that asks for nearly as much."""
    above: Plan | None
    """Of the plans that the household can carry, the one that asks for a little more."""
    cost: Concession | None
    """What saying yes costs the lender, lever by lever."""
    refusals: tuple[Refusal, ...]
    """Where no plan at all is open, what keeps each kind of plan out."""
    advice: tuple[Finding, ...]
    """What helps a household without surplus."""

    @property
    def is_possible(self) -> bool:
        """Whether a plan that can be carried keeps to the amount, whoever has to allow it."""
        return self.plan is not None

    @property
    def gap(self) -> Money | None:
        """What is missing a month for the nearest plan; None where the answer is yes."""
        if self.is_possible or self.above is None:
            return None
        return self.above.judgement.largest_payment - self.asked


def answer(space: Space) -> CounterOffer:
    """Answer the amount dialled in a space; its other dials are kept.

    Raises InvalidTerms where no monthly amount is dialled, or the dials describe nothing.
    """
    asked = space.wishes.monthly
    if asked is None:
        raise InvalidTerms("monthly", None, "a proposal names what the borrower would pay a month")
    search = Search(replace(space, wishes=space.wishes.with_monthly(None)))
    pool = search.pool
    kept = pool.affordable
    inside = pool.at_most(By.WORST, asked.minor, kept)
    chosen = pool.best(inside, (By.CODE, By.BEYOND, By.TOTAL, By.COST_TO_LENDER, By.MONTHS))
    plan = None if chosen is None else plan_of(space, *pool.candidate(chosen))
    within = pool.places[:0] if len(kept) else pool.at_most(By.WORST, asked.minor, pool.places)
    outside = kept[~np.isin(kept, inside)] if len(kept) else kept
    return CounterOffer(
        asked=asked,
        most=asked.currency.money(max(0, *search.judge.limits.tight)),
        plan=plan,
        uncarried=_plan(search, pool.best(within, (By.WORST, By.BEYOND, By.TOTAL))),
        below=_plan(search, _largest(search, inside)),
        above=_plan(
            search, pool.best(outside, (By.WORST, By.BEYOND, By.TOTAL, By.MONTHS, By.PAYMENTS))
        ),
        cost=None
        if plan is None
        else concession_of(plan, space.debt.annual_rate, search.judge.discount),
        refusals=() if len(pool) else search.offers.refusals,
        advice=search.offers.advice if space.affordability.is_deficit else (),
    )


def _plan(search: Search, place: int | None) -> Plan | None:
    return None if place is None else plan_of(search.space, *search.pool.candidate(place))


def _largest(search: Search, places: Places) -> int | None:
    """Return the candidate with the largest worst month, the cheapest of equal ones."""
    if not len(places):
        return None
    pool = search.pool
    reach = pool.low(By.WORST)[places].max()
    contenders = places[pool.high(By.WORST)[places] >= reach]
    pool.settle(contenders)
    worst = pool.low(By.WORST)[contenders]
    return pool.best(contenders[worst == worst.max()], (By.BEYOND, By.TOTAL, By.MONTHS))
