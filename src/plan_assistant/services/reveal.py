"""Shows what is masked, to those who may see it, and notes who looked and why.

Not here: what is masked where (`domain/personal.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.events import EventType, Json, NewEvent, RequestKey
from plan_assistant.domain.personal import RevealReason
from plan_assistant.domain.record import CaseRecord, fold
from plan_assistant.domain.transitions import require_revealable
from plan_assistant.services.appending import append_to
from plan_assistant.services.desk import Desk

EVERY_FIELD = ("name", "id_number", "phone", "address", "note")
"""What is masked on a screen."""


def reveal(
    desk: Desk,
    case_id: CaseId,
    reason: RevealReason,
    *,
    key: RequestKey,
    sentence: str = "",
    fields: Sequence[str] = EVERY_FIELD,
) -> Case:
    """Record that the person at the desk looks at these fields, and only then return the case.

    Raises TransitionRefused where the role may not, where `other` comes without a sentence, and for
    a case that was erased.
    """
    body: dict[str, Json] = {
        "reason": reason.value,
        "sentence": sentence.strip(),
        "fields": list[Json](fields),
    }

    def act(record: CaseRecord) -> list[NewEvent]:
        require_revealable(record, reason, sentence, desk.account)
        return [NewEvent(EventType.REVEALED, body)]

    append_to(desk, case_id, act, seen=None, key=key)
    return fold(desk.store.events(case_id)).case
