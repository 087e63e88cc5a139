"""Closes a call that no screen was open for: who closes it names the outcome.

A call has no number of its own there, so what tells a retry from another call is decided here. Not
here: how the end of a call is recorded or kept (`keeping.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plan_assistant.domain.call_outcome import CallOutcome, has_plan, require_outcome
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import KeyReused, TransitionRefused
from plan_assistant.domain.events import EventType, Receipt, RequestKey
from plan_assistant.domain.record import CaseRecord, TrailLine
from plan_assistant.services.at_hand import record_of
from plan_assistant.services.desk import Desk
from plan_assistant.services.keeping import end_call, waiting_of
from plan_assistant.services.keys import key_of


@dataclass(frozen=True, slots=True)
class Closed:
    """What came of closing a call."""

    outcome: CallOutcome
    receipt: Receipt | None
    """None where it is kept on this machine until the store is back."""


def close_call(desk: Desk, case_id: CaseId, outcome: str, *, call: str | None = None) -> Closed:
    """Note how a call about a case ended, by the code of its outcome.

    `call` is the person's own id of the call: the same one is noted once, and refused with another
    outcome. Without it, what the same person notes again on the same day, with nothing done in
    between, is the same call.
    """
    trail = _trail(desk, record_of(desk, case_id))
    chosen = require_outcome(outcome, is_planned=has_plan(trail, desk.account.name))
    if call is None:
        key = _key(desk, case_id, f"{chosen}:after:{_length_before(desk, trail, chosen)}")
        return Closed(chosen, end_call(desk, case_id, chosen, key))
    key = _key(desk, case_id, f"call:{call}")
    otherwise = TransitionRefused("ended_otherwise", call=call, case_id=case_id)
    for act in waiting_of(desk):
        # The journal keeps the first act of a key and says nothing of another content.
        if act.key == key and act.facts[-1].body["outcome"] != chosen:
            raise otherwise
    try:
        return Closed(chosen, end_call(desk, case_id, chosen, key))
    except KeyReused as error:
        raise otherwise from error


def _trail(desk: Desk, record: CaseRecord) -> Sequence[TrailLine]:
    """Return what happened to a case, and behind it what this person did that waits."""
    waiting = [act for act in waiting_of(desk) if act.case_id == record.case_id]
    kept = [(act, fact) for act in waiting for fact in act.facts]
    return (
        *record.trail,
        *(
            TrailLine(version, act.at, act.account.name, fact.type, fact.body)
            for version, (act, fact) in enumerate(kept, start=record.version + 1)
        ),
    )


def _length_before(desk: Desk, trail: Sequence[TrailLine], outcome: CallOutcome) -> int:
    """Return how many facts there were before this person last said the same, today."""
    now = desk.clock.now()
    length = len(trail)
    for line in reversed(trail):
        is_same = (
            line.type is EventType.CALL_CLOSED
            and line.actor == desk.account.name
            and line.facts["outcome"] == outcome
            and line.at.astimezone(now.tzinfo).date() == now.date()
        )
        if not is_same:
            break
        length -= 1
    return length


def _key(desk: Desk, case_id: CaseId, call: str) -> RequestKey:
    return key_of(f"close:{case_id}:{desk.account.name}:{call}")
