"""The plans that come nearest to an answer without being one, and the rule that keeps each out.

One is cheaper than the cheapest offer and sits worse with the household; one the household can
carry, and a rule forbids it. Not here: how many candidates each rule forbids (`gates.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plan_assistant.domain.offers.cost_cap import caps_of, over_cap
from plan_assistant.domain.offers.gates import Gatekeeper
from plan_assistant.domain.offers.judging import REFUSED, VERDICTS, Judge
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.pool import By, Pool, Screened, decide
from plan_assistant.domain.offers.screen import screen
from plan_assistant.domain.offers.sheet import Sheet, sheets_of
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Effect
from plan_assistant.domain.policy.plan_tests import VERDICT_ALLOWED, is_cost_cap
from plan_assistant.domain.policy.rules import check_terms
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.verdict import Verdict

_CHEAPEST = (By.TOTAL, By.CODE, By.MONTHS, By.PAYMENTS)


@dataclass(frozen=True, slots=True)
class Excluded:
    """A plan that is not offered, its figures in minor units, and what excludes it."""

    line: Line
    payments: int
    total: int
    worst: int
    rule: str
    """Id of the rule, or of the verdict rule where its verdict puts it behind."""
    verdict: Verdict


def best_worse(space: Space, pool: Pool, cheapest: int | None) -> Excluded | None:
    """Of the cheaper plans with a worse verdict than the cheapest offer, return the lightest.

    That is the one that asks for the least in its worst month. No rule forbids it by its terms: it
    stands behind because of its verdict. Where it only needs more authority it is no excluded plan
    but an offer with a lead's consent.
    """
    if cheapest is None:
        return None
    rule = next((each.id for each in space.rules if each.test == VERDICT_ALLOWED), None)
    if rule is None:
        return None
    total = int(pool.low(By.TOTAL)[cheapest])
    own = bool(pool.beyond[cheapest])
    worse = np.flatnonzero(
        (pool.code > pool.code[cheapest]) & (pool.code != REFUSED) & (pool.beyond <= own)
    )
    cheaper = pool.at_most(By.TOTAL, total - 1, worse)
    place = pool.best(cheaper, (By.WORST, By.TOTAL, By.MONTHS, By.PAYMENTS))
    return None if place is None else _excluded(pool, place, rule)


def best_forbidden(space: Space, judge: Judge) -> Excluded | None:
    """Of the plans that a rule forbids, return the cheapest that the household can carry.

    They are screened only here: an answer to a key press does not need them. None where no rule
    forbids anything that could be kept up.
    """
    keeper = Gatekeeper(space)
    pool = Pool([_forbidden(sheet, keeper, judge) for sheet in sheets_of(space)], judge)
    place = pool.best(pool.affordable, _CHEAPEST)
    if place is None:
        return None
    return _excluded(pool, place, _forbidding(space, *pool.candidate(place)))


def _excluded(pool: Pool, place: int, rule: str) -> Excluded:
    pool.settle(np.array([place]))
    line, payments = pool.candidate(place)
    return Excluded(
        line,
        payments,
        int(pool.low(By.TOTAL)[place]),
        int(pool.low(By.WORST)[place]),
        rule,
        VERDICTS[int(pool.code[place])],
    )


def _forbidden(sheet: Sheet, keeper: Gatekeeper, judge: Judge) -> Screened:
    """Return a sheet on which all is REFUSED but what would be a plan if no rule forbade it."""
    gate, lengths = keeper.gate(sheet), len(sheet.lengths)
    figures = screen(sheet, judge.discount)
    code, unsure = judge.codes(sheet, figures, gate.deserving(lengths))
    each = Screened(sheet, figures, code, np.zeros(sheet.size, dtype=bool))
    decide(judge, [each], [np.nonzero(unsure)])
    allowed = gate.open(lengths)
    for rule in caps_of(sheet.space):
        if rule.effect is Effect.BLOCK:
            allowed &= ~over_cap(rule, judge, each)
    each.code[allowed] = REFUSED
    return each


def _forbidding(space: Space, line: Line, payments: int) -> str:
    """Return the first rule of the pack that forbids a plan."""
    terms = space.terms(line, payments)
    found = check_terms(space.proposal(line, terms), space.policy, space.rules)
    blocking = {finding.rule for finding in found if finding.effect is Effect.BLOCK}
    cost = max(annualized_rate(price(terms)), terms.annual_rate)
    return next(
        rule.id
        for rule in space.rules
        if rule.id in blocking
        or (is_cost_cap(rule) and rule.effect is Effect.BLOCK and cost > rule.exact("rate"))
    )
