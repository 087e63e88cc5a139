"""Adds facts to a case so that nothing material is overlooked and no retry records anything twice.

Lines of the trail (an offer was spoken, a document was printed) never make an act stale; whatever
changes what people act on does. Not here: what the facts are (`record.py`, `decide.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StaleCase
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Event, NewEvent, Receipt, RequestKey
from plan_assistant.domain.record import CaseRecord, fold
from plan_assistant.domain.transitions import require_kept
from plan_assistant.services.desk import Desk

_ATTEMPTS: Final = 20
"""A trail grows by one line in a second or so; losing that race twenty times in a row means a
defect."""


def append_to(
    desk: Desk,
    case_id: CaseId,
    act: Callable[[CaseRecord], Sequence[NewEvent]],
    *,
    seen: int | None,
    key: RequestKey,
    at: datetime | None = None,
) -> Receipt:
    """Record what `act` makes of the case as it was at version `seen`, at the end of its events.

    `act` is pure: it returns the facts or raises TransitionRefused. It is asked about the version
    that the person saw, so a retry of something that has succeeded asks the same question, sends
    the same content and gets the first receipt. Where the case already says what it would record,
    it returns no facts: nothing is recorded, and the receipt says so. Raises StaleCase when
    something material happened since `seen`; None means that the act does not depend on what was
    seen. `at` is the moment that a signature names; without it the record keeps that of the append.
    """
    stale: StaleCase | None = None
    for _ in range(_ATTEMPTS):
        events = desk.store.events(case_id)
        require_kept(fold(events))
        version = len(events) if seen is None else seen
        facts = act(fold(events[:version] if version else events))
        if not facts:
            return Receipt(case_id, len(events), (), is_repeat=True)
        since = _material(events[version:])
        try:
            return desk.store.append(
                case_id,
                facts,
                actor=desk.account,
                at=at or desk.clock.now(),
                expected_version=version if since or version > len(events) else len(events),
                key=key,
            )
        except StaleCase as error:
            stale = error
        if version > len(events):
            break
        if since:
            # Where the new state refuses the act in its own words ("already decided by ..."), they
            # say more.
            act(fold(events))
            first = since[0]
            raise StaleCase(
                case_id,
                expected=version,
                found=len(events),
                what=first.type.value,
                by=first.actor,
                at=moment(first.at),
            )
    assert stale is not None
    raise stale


def _material(events: Sequence[Event]) -> tuple[Event, ...]:
    return tuple(event for event in events if event.type.is_material)
