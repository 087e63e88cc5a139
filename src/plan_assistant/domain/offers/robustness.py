"""How firmly a plan stays first for the lender when what nobody knows is varied.

The reduced value model of the reference (peers 4.3): payments are worth what is discounted and
survives a monthly hazard; what breaks recovers a share some months later. Hazard, recovery,
discount and whether a lower payment lowers the hazard are a box of settings in the pack, priors and
not predictions. The mark is the share of settings in which a plan is first; hazards stay hidden.

Compared is every plan of the best verdict within authority that keeps the claim as it is, nothing
waived and nothing added to the principal, at the highest rate there is: a mark against fewer would
be false. What changes the claim or the rate is another decision, which a first place by a little
does not make for the lender. A plan that stays first most often and that another one beats is left
out, and the rest compared again: what is offered lies on the frontier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from plan_assistant.domain.offers.axes import Axis
from plan_assistant.domain.offers.judging import REFUSED
from plan_assistant.domain.offers.plan import Robustness
from plan_assistant.domain.offers.pool import Places, Pool
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.worth import period_years
from plan_assistant.domain.schedule.vector_figures import Floats, Int64s
from plan_assistant.domain.schedule.vector_run import joined, run

_LEAST_EFFECT = 0.45
_EFFECT_PER_TENTH = 0.78
"""A payment a tenth lower goes with 22 percent fewer defaults (US mortgages; reference 5)."""


_ALIKE = 1e-6
"""Values within a millionth are alike: the earlier candidate of the pack's order is first."""


@dataclass(frozen=True, slots=True)
class StaysFirst:
    """The plan that stays first most often, and in how many settings any plan does."""

    first: int | None
    """None where there is nothing to compare."""
    settings: int
    among: Places
    """The plans that are compared."""
    wins: Int64s
    """In how many settings each of them is first."""

    def mark(self, place: int) -> Robustness | None:
        """Return the mark of a plan; None where it is not compared."""
        at = np.flatnonzero(self.among == place)
        if self.first is None or not len(at):
            return None
        return Robustness(int(self.wins[at[0]]), self.settings, len(self.among))


def stays_first(
    space: Space, pool: Pool, own: Places, is_beaten: Callable[[int], bool]
) -> StaysFirst:
    """Compare the plans of the best verdict that keep the claim, at the highest of their rates.

    `is_beaten` says whether some plan, compared here or not, is nowhere worse than one and better.
    """
    code = pool.code[own]
    best = own[code == code.min(initial=REFUSED)]
    kept = best[pool.keeps_the_claim[best]]
    rank = pool.rate_rank[kept]
    among = kept[rank == rank.min(initial=len(pool.rate_rank))]
    if len(among) < 2:
        return _nothing(among)
    values = _values(space, pool, among)
    while len(among) > 1:
        highest = values.max(axis=1, keepdims=True)
        winner = (values >= highest - _ALIKE * np.abs(highest)).argmax(axis=1)
        wins = np.bincount(winner, minlength=len(among))
        first = int(wins.argmax())
        if not is_beaten(int(among[first])):
            return StaysFirst(int(among[first]), len(values), among, wins)
        among, values = np.delete(among, first), np.delete(values, first, axis=1)
    return _nothing(among)


def _nothing(among: Places) -> StaysFirst:
    return StaysFirst(None, 0, among, np.zeros(len(among), dtype=np.int64))


def _values(space: Space, pool: Pool, places: Places) -> Floats:
    """Return the expected value of each plan in each setting (settings x plans).

    Payments are a period apart, so what survives and is discounted falls by one factor a row, and
    what breaks adds up to a part of all payments less what those are worth: no sum over rows is
    needed but one for each factor.
    """
    box = space.policy.robustness
    flows = _flows(space, pool, places)
    contractual = space.debt.contractual_payment
    most = flows.paid.max(axis=0) / (12 * flows.period)
    cut = (
        np.zeros(len(places))
        if contractual is None or not contractual
        else np.maximum(0.0, 1.0 - most / contractual.minor)
    )
    effect = np.maximum(_LEAST_EFFECT, _EFFECT_PER_TENTH ** (cut * 10.0))
    # One row for each hazard, effect and discount; recoveries only weigh what breaks.
    hazards = np.stack(
        [
            float(hazard) * (effect if has_effect else np.ones_like(effect))
            for hazard, has_effect in product(box.hazards, box.payment_effects)
        ]
    )
    survives = ((1.0 - hazards) ** 12)[:, None, :]
    worth = 1.0 / (1.0 + np.array([float(rate) for rate in box.discount_rates]))[None, :, None]
    later = worth**flows.period
    factor = survives**flows.period * later
    kept_first = survives**flows.start
    at_first = (kept_first * worth**flows.start).reshape(-1, len(places))
    total = flows.paid.sum(axis=0)
    rows = factor.reshape(-1, len(places))
    paid = np.zeros_like(rows)
    for payments in flows.paid[::-1]:
        paid *= rows
        paid += payments
    paid *= at_first
    # Nothing breaks where nothing is discounted and no plan breaks.
    breaks = np.divide(later - factor, 1.0 - factor, out=np.zeros_like(factor), where=factor < 1.0)
    broken = ((1.0 - kept_first) * worth**flows.start).reshape(rows.shape) * total
    broken += breaks.reshape(rows.shape) * (at_first * total - paid)
    lag = np.broadcast_to(worth ** (box.recovery_lag_months / 12), (len(hazards), *worth.shape[1:]))
    recovered = np.array([float(share) for share in box.recoveries])[:, None, None]
    values: Floats = recovered * (lag.reshape(-1, 1) * broken) + (paid + flows.today)
    return values.reshape(-1, len(places))


class _Flows(NamedTuple):
    """What some plans ask for, and when."""

    paid: Int64s
    """Rows x plans."""
    today: Int64s
    """The down payment."""
    start: Floats
    """Years from today to the first row."""
    period: Floats
    """Years from row to row."""


def _flows(space: Space, pool: Pool, places: Places) -> _Flows:
    # Counted sheet by sheet, places that rise are in the order of their groups.
    _order, groups = pool.groups(places)
    return _Flows(
        paid=run(joined([group.course for group in groups])).payments,
        today=np.concatenate(
            [each.sheet.by_line(each.sheet.paid_today)[each.lines] for each in groups]
        ),
        start=np.concatenate(
            [
                np.array([(first - space.today).days / 365.0 for first in each.sheet.firsts])[
                    each.sheet.at(Axis.FIRST)[each.lines]
                ]
                for each in groups
            ]
        ),
        period=np.concatenate(
            [np.full(len(each.lines), period_years(each.sheet.frequency)) for each in groups]
        ),
    )
