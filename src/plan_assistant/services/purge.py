"""Erases the personal data of cases that are kept long enough, by destroying their keys.

What was decided, the figures and the hashes stay, so that the record can still be checked. Not
here: how long a case is kept (`retention.py`), and how a key is destroyed (the store).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseUnreadable, InputRefused
from plan_assistant.domain.events import EventType, Json, NewEvent, Receipt, RequestKey
from plan_assistant.domain.record import CaseRecord, Status, fold, fold_readable
from plan_assistant.domain.retention import SHORTEST_RETENTION_YEARS
from plan_assistant.domain.transitions import (
    require_expired,
    require_kept,
    require_role,
)
from plan_assistant.ports import PersonalStore
from plan_assistant.services.at_hand import AtHand, read_from
from plan_assistant.services.desk import Desk
from plan_assistant.services.retention import years_kept


@dataclass(frozen=True, slots=True)
class ExpiredCase:
    """A case whose personal data is kept long enough."""

    case_id: CaseId
    ended: date
    kept_until: date
    retention_years: int
    is_in_clear: bool
    """Whether facts of it were recorded in plain text by an older version: no key erases them."""
    is_open: bool
    """Whether nobody has closed it: however long nothing happens, it is not erased."""

    @property
    def is_erasable(self) -> bool:
        """Whether nothing stands in the way of erasing it."""
        return not (self.is_in_clear or self.is_open)


@dataclass(frozen=True, slots=True)
class UndecidedCase:
    """A case of which no policy pack at hand says how long it is kept."""

    case_id: CaseId
    why: InputRefused


@dataclass(frozen=True, slots=True)
class ExpiredCases(AtHand[ExpiredCase]):
    """The cases that may be purged, and those of which that cannot be said."""

    undecided: tuple[UndecidedCase, ...]


def expired_cases(
    desk: Desk,
    store: PersonalStore,
    *,
    retention_years: int | None = None,
    among: Collection[str] = (),
) -> ExpiredCases:
    """Return the cases that may be purged today, and those of which nobody can say.

    `among` are the cases to look at; all where none is named.

    How long a case is kept say the policy pack of its leading debt and those that decided it; with
    `retention_years` it may be kept longer. One that every pack would still keep needs none. Raises
    TransitionRefused where the time given would erase a case before its packs do.
    """
    require_role(desk.account, EventType.PURGED)
    in_clear = frozenset(store.key_status().cases_in_clear)
    found: list[ExpiredCase] = []
    undecided: list[UndecidedCase] = []
    events, unreadable = store.readable_events()
    records, malformed = fold_readable(events)
    left_out = [*unreadable, *malformed]
    for record in records:
        if among and record.case_id not in among:
            continue
        try:
            expired = read_from(record, lambda one: _expired(desk, one, retention_years, in_clear))
        except CaseUnreadable as unreadable_case:
            left_out.append(unreadable_case)
            continue
        if isinstance(expired, UndecidedCase):
            undecided.append(expired)
        elif expired is not None:
            found.append(expired)
    return ExpiredCases(tuple(found), tuple(left_out), tuple(undecided))


def _expired(
    desk: Desk, record: CaseRecord, given: int | None, in_clear: frozenset[CaseId]
) -> ExpiredCase | UndecidedCase | None:
    """Return what may be purged today of a case; None where it is kept still.

    Raises InputRefused where the file of the case is none.
    """
    if record.erased_at is not None or record.pending is not None or record.in_force:
        return None
    today, least = desk.clock.now().date(), SHORTEST_RETENTION_YEARS if given is None else given
    if add_months(record.ended, 12 * least) >= today:
        return None
    _ = record.case  # one that cannot be read is no question of policy packs
    try:
        years = years_kept(desk, record, given)
    except InputRefused as why:
        return UndecidedCase(record.case_id, why)
    kept_until = add_months(record.ended, 12 * years)
    if kept_until >= today:
        return None
    return ExpiredCase(
        record.case_id,
        record.ended,
        kept_until,
        years,
        is_in_clear=record.case_id in in_clear,
        is_open=record.status is Status.OPEN,
    )


def require_purgeable(
    desk: Desk, store: PersonalStore, case_id: CaseId, *, retention_years: int | None = None
) -> None:
    """Refuse a case that is still kept, in whole sentences; nothing is changed."""
    record = fold(store.events(case_id))
    require_kept(record)
    years = years_kept(desk, record, retention_years)
    require_expired(record, years, desk.clock.now().date(), desk.account)


def purge_case(
    desk: Desk,
    store: PersonalStore,
    case_id: CaseId,
    *,
    key: RequestKey,
    retention_years: int | None = None,
) -> Receipt:
    """Destroy the key of a case that has expired, and record that.

    Raises TransitionRefused where it has not, where a plan waits, and where the role may not;
    StaleCase when something was recorded in the meantime. `store.scrub` then leaves nothing of the
    key in the file.
    """
    record = fold(store.events(case_id))
    require_kept(record)
    require_role(desk.account, EventType.PURGED)
    today = desk.clock.now().date()
    years = years_kept(desk, record, retention_years)
    body: dict[str, Json] = {
        "ended": require_expired(record, years, today, desk.account).isoformat(),
        "retention_years": years,
    }
    return store.erase(
        case_id,
        NewEvent(EventType.PURGED, body),
        actor=desk.account,
        at=desk.clock.now(),
        expected_version=record.version,
        key=key,
    )
