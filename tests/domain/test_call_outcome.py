"""How a call can end, and when a plan was agreed in it."""

from __future__ import annotations

import pytest

from plan_assistant.domain.call_outcome import CallOutcome, has_plan, outcomes, require_outcome
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import EventType, Json
from plan_assistant.domain.record import TrailLine
from tests.people import COLLEAGUE, COLLECTOR, NOW

PLAN = (EventType.PLAN_RECORDED, "AG-1")
CLOSED = (EventType.CALL_CLOSED, "promised")
AGREED = (EventType.CALL_CLOSED, "agreed")
SPOKEN = (EventType.OFFER_SPOKEN, "")


def trail(*facts: tuple[EventType, Json], by: str = COLLECTOR.name) -> list[TrailLine]:
    return [
        TrailLine(version, NOW, by, kind, {"outcome": said})
        for version, (kind, said) in enumerate(facts, start=1)
    ]


def test_that_a_plan_was_agreed_comes_first_where_it_is_offered() -> None:
    assert outcomes(is_planned=True) == (CallOutcome.AGREED, *outcomes(is_planned=False))
    assert CallOutcome.AGREED not in outcomes(is_planned=False)


@pytest.mark.parametrize(
    ("code", "is_planned", "why"),
    [
        ("paid", True, "outcome_unknown"),
        ("Promised", False, "outcome_unknown"),
        ("", False, "outcome_unknown"),
        ("agreed", False, "no_plan_agreed"),
    ],
)
def test_an_outcome_that_is_not_offered_is_refused_with_those_that_are(
    code: str, why: str, *, is_planned: bool
) -> None:
    with pytest.raises(TransitionRefused) as refusal:
        require_outcome(code, is_planned=is_planned)

    assert refusal.value.code == why
    assert refusal.value.detail["known"] == ", ".join(outcomes(is_planned=is_planned))


@pytest.mark.parametrize(
    ("facts", "is_planned"),
    [
        ((), False),
        ((SPOKEN, PLAN), True),
        ((PLAN, SPOKEN), True),
        ((PLAN, AGREED), True),
        ((PLAN, CLOSED), False),
        ((PLAN, AGREED, SPOKEN), False),
        ((PLAN, AGREED, CLOSED), False),
        ((CLOSED, PLAN), True),
    ],
    ids=[
        "nothing happened",
        "recorded last",
        "recorded before something else",
        "closed as agreed already",
        "closed otherwise",
        "another call since",
        "another call closed since",
        "after an earlier call",
    ],
)
def test_a_plan_was_agreed_where_one_was_recorded_in_the_last_call(
    facts: tuple[tuple[EventType, Json], ...], *, is_planned: bool
) -> None:
    assert has_plan(trail(*facts), COLLECTOR.name) is is_planned


def test_the_calls_of_others_are_not_ones_own() -> None:
    theirs = trail(PLAN, by=COLLEAGUE.name)

    assert not has_plan(theirs, COLLECTOR.name)
    assert has_plan([*trail(PLAN), *trail(CLOSED, by=COLLEAGUE.name)], COLLECTOR.name)
