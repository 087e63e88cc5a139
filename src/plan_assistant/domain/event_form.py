"""The outside form of a recorded fact, and the hash over it.

Not here: the facts themselves (`events.py`) and how they are stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import Account, Event, EventId, EventType, Json, NewEvent
from plan_assistant.domain.formats.canonical import canonical, fingerprint


def moment(at: datetime) -> str:
    """Return a moment as the record writes it: ISO 8601, microseconds, the offset of the place.

    The offset is kept: the time on a document is that of the office, wherever it is printed.
    """
    if at.tzinfo is None:
        raise ValueError("a recorded moment knows its time zone")
    return at.isoformat(timespec="microseconds")


def moment_of(text: str) -> datetime:
    """Return the moment that was written so.

    Raises ValueError for a text that is none, one without an offset, and one that no calendar
    reaches once it is compared with others.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("its moment names no offset")
    try:
        at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("its moment is out of reach") from error
    return at


def envelope(event: Event) -> dict[str, Json]:
    """Return what the hash of a fact is taken over beside its stored body, as it is written."""
    return {
        "event_id": event.event_id,
        "case_id": event.case_id,
        "version": event.version,
        "at": moment(event.at),
        "actor": event.actor,
        "role": event.role.value,
        "type": event.type.value,
    }


def seal_of(event: Event) -> str:
    """Return the SHA-256 that a fact should carry: over all of it but `sequence` and the hash.

    The body is the stored one: the hash holds whoever may read the personal fields, and after.
    """
    return seal_over(event, canonical(event.stored_body))


def seal_over(event: Event, body: bytes) -> str:
    """Return the same, given the canonical JSON of the body: an agreement is not written twice."""
    parts = envelope(event)
    # Keys are sorted: what stands before the body, and what stands behind it.
    before = {name: part for name, part in parts.items() if name < "body"}
    behind = {name: part for name, part in parts.items() if name > "body"}
    return sha256(
        b'%s,"body":%s,%s' % (canonical(before)[:-1], body, canonical(behind)[1:])
    ).hexdigest()


def recorded(
    new: NewEvent,
    *,
    sequence: int,
    event_id: EventId,
    case_id: CaseId,
    version: int,
    at: datetime,
    actor: Account,
    sealed_body: Mapping[str, Json] | None = None,
    written: bytes | None = None,
) -> Event:
    """Return a fact as it will stand in the record, with its hash.

    `sealed_body` is the body as it will be stored, where personal fields are sealed in it;
    `written` the canonical JSON of the stored body, where that is at hand.
    """
    fact = partial(
        Event,
        sequence=sequence,
        event_id=event_id,
        case_id=case_id,
        version=version,
        at=at,
        actor=actor.name,
        role=actor.role,
        type=new.type,
        body=new.body,
        sealed_body=sealed_body,
    )
    unsealed = fact(sha256="")
    stored = canonical(unsealed.stored_body) if written is None else written
    return fact(sha256=seal_over(unsealed, stored))


def payload_hash(case_id: CaseId, contents: Sequence[tuple[EventType, str]], actor: Account) -> str:
    """Return what makes two requests the same: the case, the facts and the person.

    A content is the kind of a fact with the fingerprint of its body. Neither the moment nor the
    expected version belongs to it: a retry happens later, and may have read the case in between.
    """
    named = [(kind.value, sha256) for kind, sha256 in contents]
    return payload_hash_of(case_id, named, actor=actor.name, role=actor.role.value)


def payload_hash_of(
    case_id: str, contents: Sequence[tuple[str, str]], *, actor: str, role: str
) -> str:
    """Return the same from the text of stored rows, which may name kinds and roles of no fact."""
    return fingerprint(
        {
            "case_id": case_id,
            "actor": actor,
            "role": role,
            "events": [{"type": kind, "body": sha256} for kind, sha256 in contents],
        }
    )
