"""How a call can end: the one list that screens, commands and wording go by.

Not here: what an outcome makes of a case (`record.py`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


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
