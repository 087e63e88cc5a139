"""A plan that somebody wrote by SQL and nobody can check keeps nobody from the other plans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.desks import agreement, case_named, desk_at, lead
from tests.people import COLLECTOR, LEAD, NOW
from tests.staffing import signing_by
from tests.stores import fresh_sqlite

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.adapters.policies import shipped_pack
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseUnreadable
from plan_assistant.domain.events import EventType, NewEvent, RequestKey
from plan_assistant.domain.record import Status, fold
from plan_assistant.services.bulk import approve_all
from plan_assistant.services.decide import pending, pending_of
from plan_assistant.services.open_case import open_case
from plan_assistant.services.replay import replay_case

WRONG, RIGHT = CaseId("T-1"), CaseId("T-2")


def _about_another_debt(body: dict[str, Any]) -> None:
    body["debt"]["debt_id"] = "no debt of this case"


def _without_figures(body: dict[str, Any]) -> None:
    del body["plan"]["summary"]["first_due"]


@pytest.fixture(params=[_about_another_debt])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """A store with two plans that break one rule, the first of which cannot be checked."""
    made = fresh_sqlite(tmp_path)
    for case_id in (WRONG, RIGHT):
        open_case(desk_at(made), case_named(case_id), RequestKey(f"open {case_id}"))
        body = agreement(f"AG-{case_id}", case_id=case_id)
        body["findings"] += [{**body["findings"][0], "rule": "R-1", "effect": "approval"}]
        if case_id == WRONG:
            request.param(body)
        made.append(
            case_id,
            [NewEvent(EventType.PLAN_RECORDED, body)],
            actor=COLLECTOR,
            at=NOW,
            expected_version=1,
            key=RequestKey(f"send {case_id}"),
        )
    yield made
    made.close()


def test_a_plan_that_cannot_be_checked_stops_no_other_approval(store: SqlStore) -> None:
    plans = pending(lead(store))
    keys = {plan.case_id: RequestKey(f"bulk {plan.case_id}") for plan in plans}

    outcomes = approve_all(lead(store), plans, keys=keys, signing=signing_by(store, LEAD))

    refusals = {one.plan.case_id: one.refusal for one in outcomes}
    assert isinstance(refusals[WRONG], CaseUnreadable)
    assert refusals[RIGHT] is None
    assert fold(store.events(WRONG)).status is Status.PENDING
    assert fold(store.events(RIGHT)).status is Status.APPROVED


def _with_nothing(body: dict[str, Any]) -> None:
    """Leave what the database asks for, and what says which rules wait to be allowed."""
    kept = {name: body[name] for name in ("number", "maker", "debt", "findings")}
    body.clear()
    body.update(kept)


def _with_a_rate_of_no_number(body: dict[str, Any]) -> None:
    body["plan"]["summary"]["annualized_rate"] = "1/0"


def _with_an_amount_of_no_money(body: dict[str, Any]) -> None:
    body["plan"]["summary"]["total"] = "plenty"


@pytest.mark.parametrize(
    "store",
    [_without_figures, _with_nothing, _with_a_rate_of_no_number, _with_an_amount_of_no_money],
    indirect=True,
)
def test_a_plan_that_cannot_be_shown_leaves_the_list_of_the_others(store: SqlStore) -> None:
    found = pending_of(lead(store))

    assert [plan.case_id for plan in found.lines] == [RIGHT]
    assert [(left.case_id, left.version) for left in found.left_out] == [(WRONG, 2)]


@pytest.mark.parametrize("store", [_about_another_debt], indirect=True)
def test_a_plan_that_cannot_be_replayed_is_told_as_that(store: SqlStore) -> None:
    with pytest.raises(CaseUnreadable):
        list(replay_case(store, PackagedCalendars(), WRONG, shipped_pack("cn-card")))
