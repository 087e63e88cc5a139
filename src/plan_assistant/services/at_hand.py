"""The cases that the person at a desk may see, and what of them is masked.

Teams are kept apart by the database, where it can; which cases an agency sees is asked here too, so
that it holds on every store. A case that cannot be read keeps nobody from the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseUnreadable, InputRefused
from plan_assistant.domain.events import EventType, Json
from plan_assistant.domain.personal import Personal
from plan_assistant.domain.personal_fields import with_personal
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.record import MALFORMED, CaseRecord, TrailLine, fold, fold_readable
from plan_assistant.domain.rights import may_record
from plan_assistant.domain.transitions import is_at_hand, require_at_hand
from plan_assistant.services.desk import Desk

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class AtHand(Generic[Line]):
    """What was read of the cases at hand."""

    lines: tuple[Line, ...]
    """In the order the cases were opened."""
    left_out: tuple[CaseUnreadable, ...]
    """Why each case that cannot be read is not among them."""


def record_of(desk: Desk, case_id: CaseId) -> CaseRecord:
    """Return the state of a case.

    Raises CaseNotFound where there is none, TransitionRefused where it is not for this person.
    """
    record = fold(desk.store.events(case_id))
    require_at_hand(record, desk.account)
    return record


def trail_of(desk: Desk, record: CaseRecord) -> tuple[TrailLine, ...]:
    """Return what happened to a case: free texts are masked for whoever sees masks only."""
    if desk.account.role in may_record(EventType.REVEALED):
        return record.trail

    def masked(_path: str, text: Json) -> Json:
        return Personal(str(text)).masked

    return tuple(
        replace(line, facts=with_personal(line.type, line.facts, masked)) for line in record.trail
    )


def at_hand(
    desk: Desk, case_ids: Iterable[CaseId], line: Callable[[CaseRecord], Line]
) -> AtHand[Line]:
    """Return what `line` makes of those of some cases that are for this person."""
    made: list[Line] = []
    left_out: list[CaseUnreadable] = []
    for case_id in case_ids:
        try:
            records, malformed = fold_readable(desk.store.events(case_id))
            left_out += malformed
            made += [read_from(one, line) for one in records if is_at_hand(one, desk.account)]
        except CaseUnreadable as unreadable:
            left_out.append(unreadable)
    return AtHand(tuple(made), _told(desk, left_out))


def each_at_hand(desk: Desk, line: Callable[[CaseRecord], Line | None]) -> AtHand[Line]:
    """Return what `line` makes of every case for this person; None leaves a case away."""
    events, unreadable = desk.store.readable_events()
    records, malformed = fold_readable(events)
    left_out = [*unreadable, *malformed]
    made: list[Line] = []
    for record in records:
        if not is_at_hand(record, desk.account):
            continue
        try:
            one = read_from(record, line)
        except CaseUnreadable as unreadable_line:
            left_out.append(unreadable_line)
        else:
            made += [] if one is None else [one]
    return AtHand(tuple(made), _told(desk, left_out))


def read_from(record: CaseRecord, line: Callable[[CaseRecord], Line]) -> Line:
    """Return what `line` makes of a case; CaseUnreadable where that lacks what it needs."""
    try:
        return line(record)
    except (*MALFORMED, InputRefused) as error:
        # Its text may hold what the fact says about a person.
        raise CaseUnreadable(record.case_id, record.version, type(error).__name__) from error


def _told(desk: Desk, left_out: Iterable[CaseUnreadable]) -> tuple[CaseUnreadable, ...]:
    """Return which unreadable cases a person is told of.

    To whom a case is assigned that cannot be read, nobody knows: an agency hears of none.
    """
    return () if desk.account.role is Role.AGENCY_COLLECTOR else tuple(left_out)
