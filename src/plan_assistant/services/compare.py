"""Lays what published waterfalls would give beside the offers of a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from plan_assistant.domain.calendar import MONTHLY, due_dates
from plan_assistant.domain.money import Money
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.published import (
    Answer,
    HomeFigures,
    Unanswered,
    Waterfall,
    answers,
)
from plan_assistant.domain.rates.present_value import present_value_by_row
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.verdict import Verdict, judge
from plan_assistant.services.negotiate import space_of


@dataclass(frozen=True, slots=True)
class Compared:
    """A plan or a waterfall's answer, and what its payments are worth today."""

    what: Plan | Answer
    present_value: Money
    verdict: Verdict
    """By its worst month, its cash and its debt service, as of every plan; what a waterfall
    forbears falls due in its last month."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The offers of the whole space and the answers of published waterfalls."""

    affordable: Money
    """A month, for this debt."""
    discount_rate: Fraction
    """Effective a year."""
    offers: tuple[Compared, ...]
    answers: tuple[Compared, ...]
    unanswered: tuple[Unanswered, ...]


def compare(
    state: Negotiation,
    waterfalls: Sequence[Waterfall],
    *,
    discount_rate: Fraction,
    home: HomeFigures | None = None,
) -> Comparison:
    """Compare the offers of a negotiation with what each waterfall gives for the same debt."""
    affordable = state.affordability.share_for(state.debt_id)
    answered: list[Compared] = []
    unanswered: list[Unanswered] = []
    for waterfall in waterfalls:
        for item in answers(waterfall, state.debt, state.affordability, state.today, home):
            if isinstance(item, Unanswered):
                unanswered.append(item)
            else:
                worth = present_value_by_row(item.schedule, discount_rate)
                answered.append(Compared(item, worth, _verdict(state, item.schedule)))
    return Comparison(
        affordable,
        discount_rate,
        tuple(
            Compared(
                plan,
                present_value_by_row(plan.schedule, discount_rate),
                plan.judgement.verdict,
            )
            for plan in state.offers.plans
        ),
        tuple(answered),
        tuple(unanswered),
    )


def _verdict(state: Negotiation, schedule: Schedule) -> Verdict:
    """Judge a schedule without dates as if it were paid on the first due days of the search."""
    space = space_of(state)
    payments = [row.payment for row in schedule.rows]
    days = due_dates(space.first_dues[0], len(payments), MONTHLY, space.grid_day)
    flows = list(zip(days, payments, strict=True))
    return judge(state.affordability, flows, state.debt_id).verdict


def usual_waterfalls(state: Negotiation, waterfalls: Sequence[Waterfall]) -> tuple[Waterfall, ...]:
    """Return the waterfalls that a debt is compared with unasked: those made for its product."""
    return tuple(item for item in waterfalls if state.debt.product in item.products)
