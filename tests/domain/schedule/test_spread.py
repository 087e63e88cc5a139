"""Interest held by a grace and collected in equal parts, also by a plan that ends early."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.drafting import draft_plan
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import (
    Conventions,
    DayCount,
    DeferredCollection,
    DeferredRounding,
    Grace,
    LevelPayment,
    LevelPaymentBasis,
    PeriodInterest,
    RoundingStage,
    Terms,
)
from tests.domain.schedule.builders import dated, yuan

SPREAD = Conventions(
    period_interest=PeriodInterest.DAILY,
    day_count=DayCount.ACT_365,
    level_payment_basis=LevelPaymentBasis.PERIOD_FRACTIONS,
    deferred_interest=DeferredRounding.ROUND_ON_COLLECTION,
    deferred_collection=DeferredCollection.SPREAD,
)


def of_12000(stage: RoundingStage, **fields: object) -> Terms:
    conventions = replace(SPREAD, rounding_stage=stage)
    if "payment" in fields:
        conventions = replace(conventions, level_payment=LevelPayment.GIVEN)
    days = {"start": date(2026, 1, 10), "first_due": date(2026, 2, 10), "due_day": 10}
    terms = dated("12000.00", grace=Grace(3, 3), conventions=conventions)
    return terms.with_(**days, **fields)


@pytest.mark.parametrize("stage", RoundingStage)
def test_a_given_payment_that_ends_a_plan_early_collects_held_interest_once(
    stage: RoundingStage,
) -> None:
    # 715.2334 accrue in eight periods; rows rounded one by one charge 715.24.
    draft = draft_plan(of_12000(stage, payment=yuan("2500.00")))

    rows = draft.visible_rows()

    charged = sum(row.interest for row in rows)
    assert len(rows) == 8
    assert abs(charged - draft.states[-1].exact) < 1
    assert rows[-1].held == 0


@pytest.mark.parametrize("stage", [RoundingStage.EACH_PERIOD, RoundingStage.CUMULATIVE])
def test_a_prepayment_that_ends_a_plan_early_collects_held_interest_once(
    stage: RoundingStage,
) -> None:
    prepaid = ev.Prepayment(8, yuan("5400.00"), Excess.SHORTEN)

    schedule = History(of_12000(stage), {"prepaid": prepaid}).schedule

    assert schedule.total_interest.plain == "828.30"
    schedule.check()


def test_no_part_of_held_interest_is_a_fraction_of_a_unit() -> None:
    # Three months hold 1.6 units; three rows collect them, one unit each at first.
    terms = of_12000(RoundingStage.EACH_PERIOD).with_(principal=yuan("0.53"), periods=6)

    rows = draft_plan(terms).run()

    assert all(isinstance(row.interest, int) for row in rows)
