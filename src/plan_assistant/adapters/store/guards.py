"""The guard rows beside an event: four eyes, one pending plan, a decision bound to a content.

The services refuse all of this before, with better sentences. Here and in the constraints of the
database it is refused once more, for whoever comes without asking a service.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from plan_assistant.adapters.store.schema import decision, submission
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Event, EventType

_CODES: Final = {
    "four_eyes": "maker_may_not_decide",
    "maker_cancels": "only_maker_may_cancel",
    "lead_decides": "role_may_not",
    "event_role_": "role_may_not",
    "follows_approval": "plan_not_approved",
    "maker_breaks": "maker_may_not_declare",
    "append_only: submission": "number_taken",
    "append_only: decision": "already_decided",
    # The people are looked up before; what is left is the content of a decision.
    "FOREIGN KEY": "not_what_is_pending",
}
"""What a constraint of the database says, as the code of a refusal."""


def guard_event(connection: Connection, fact: Event, content: str) -> None:
    """Write the guard row of an event that sends or decides a plan; other events need none.

    `content` is the fingerprint of its body.
    """
    if fact.type is EventType.PLAN_RECORDED:
        _guard_submission(connection, fact, content)
    elif fact.type.is_decision:
        _guard_decision(connection, fact)


def _guard_submission(connection: Connection, fact: Event, content: str) -> None:
    previous = connection.execute(
        select(submission.c.round, submission.c.maker, decision.c.outcome)
        .join_from(
            submission,
            decision,
            (submission.c.case_id == decision.c.case_id) & (submission.c.round == decision.c.round),
            isouter=True,
        )
        .where(submission.c.case_id == fact.case_id)
        .order_by(submission.c.round.desc())
        .limit(1)
    ).one_or_none()
    if previous is not None and previous.outcome is None:
        raise TransitionRefused("plan_is_pending", maker=previous.maker)
    connection.execute(
        insert(submission).values(
            case_id=fact.case_id,
            round=1 if previous is None else previous.round + 1,
            previous_round=None if previous is None else previous.round,
            event_id=fact.event_id,
            number=fact.body["number"],
            fingerprint=content,
            maker=fact.actor,
        )
    )


def _guard_decision(connection: Connection, fact: Event) -> None:
    sent = connection.execute(
        select(submission.c.round, submission.c.maker)
        .where(submission.c.case_id == fact.case_id)
        .order_by(submission.c.round.desc())
        .limit(1)
    ).one_or_none()
    if sent is None:
        raise TransitionRefused("nothing_pending")
    connection.execute(
        insert(decision).values(
            case_id=fact.case_id,
            round=sent.round,
            event_id=fact.event_id,
            outcome=fact.type.value,
            maker=sent.maker,
            # What the decider saw: the foreign key compares it with what was sent.
            fingerprint=fact.body["fingerprint"],
            decider=fact.actor,
            decider_role=fact.role.value,
        )
    )


def refusal(error: IntegrityError) -> TransitionRefused:
    """Return the refusal that a violated constraint means."""
    reason = str(error.orig)
    for constraint, code in _CODES.items():
        if constraint in reason:
            return TransitionRefused(code, rule=constraint)
    return TransitionRefused("refused_by_store", rule=reason)
