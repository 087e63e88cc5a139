"""How a call can end: the one list that screens, commands and wording go by.

Not here: what an outcome makes of a case (`record.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING, Final

from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import EventType

if TYPE_CHECKING:
    from plan_assistant.domain.record import TrailLine


class CallOutcome(StrEnum):
    """How a call ended, as it is recorded; in the order in which it is offered."""

    AGREED = "agreed"
    """A plan was recorded in the call."""
    PROMISED = "promised"
    CALL_BACK = "call_back"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    DISPUTES = "disputes"
    HARDSHIP = "hardship"
    WRONG_PERSON = "wrong_person"


_WITHOUT_PLAN: Final = tuple(one for one in CallOutcome if one is not CallOutcome.AGREED)


def outcomes(*, is_planned: bool) -> tuple[CallOutcome, ...]:
    """Return how a call can end; that a plan was agreed only where one was recorded in it."""
    return tuple(CallOutcome) if is_planned else _WITHOUT_PLAN


def require_outcome(code: str, *, is_planned: bool) -> CallOutcome:
    """Return the outcome of that code; refuse one that is not offered."""
    known = outcomes(is_planned=is_planned)
    if code in known:
        return CallOutcome(code)
    refused = "no_plan_agreed" if code == CallOutcome.AGREED else "outcome_unknown"
    raise TransitionRefused(refused, outcome=code, known=", ".join(known))


def has_plan(trail: Sequence[TrailLine], person: str) -> bool:
    """Say whether a person recorded a plan in their last call about a case.

    A call reaches back to the end of the one before. One that is closed as agreed already is still
    the last one: a retry asks the same.
    """
    own = (line for line in reversed(trail) if line.actor == person)
    last_call = takewhile(
        lambda line: line.type is not EventType.CALL_CLOSED, dropwhile(_is_agreed, own)
    )
    return any(line.type is EventType.PLAN_RECORDED for line in last_call)


def _is_agreed(line: TrailLine) -> bool:
    return line.type is EventType.CALL_CLOSED and line.facts["outcome"] == CallOutcome.AGREED
