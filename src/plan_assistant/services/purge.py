"""Erases the personal data of cases that are kept long enough, by destroying their keys.

What was decided, the figures and the hashes stay, so that the record can still be checked. Not
here: how a key is destroyed (the store).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import InputRefused, TransitionRefused
from plan_assistant.domain.events import EventType, Json, NewEvent, Receipt, RequestKey
from plan_assistant.domain.record import CaseRecord, Status, fold, fold_readable
from plan_assistant.domain.transitions import (
    SHORTEST_RETENTION_YEARS,
    require_expired,
    require_kept,
    require_role,
)
from plan_assistant.ports import PersonalStore
from plan_assistant.services.at_hand import AtHand
from plan_assistant.services.desk import Desk


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
    """A case of which no policy pack says how long it is kept."""

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

    How long a case is kept says the policy pack of its leading debt; with `retention_years` it may
    be kept longer. One that every pack would still keep needs none. Raises TransitionRefused where
    the time given would erase a case before its pack does.
    """
    require_role(desk.account, EventType.PURGED)
    today = desk.clock.now().date()
    in_clear = frozenset(store.key_status().cases_in_clear)
    found, undecided = [], []
    least = SHORTEST_RETENTION_YEARS if retention_years is None else retention_years
    events, unreadable = store.readable_events()
    records, malformed = fold_readable(events)
    for record in records:
        if among and record.case_id not in among:
            continue
        if record.erased_at is not None or record.pending is not None or record.in_force:
            continue
        if add_months(record.ended, 12 * least) >= today:
            continue
        try:
            years = _years(desk, record, retention_years)
        except InputRefused as why:
            undecided.append(UndecidedCase(record.case_id, why))
            continue
        kept_until = add_months(record.ended, 12 * years)
        if kept_until < today:
            found.append(
                ExpiredCase(
                    record.case_id,
                    record.ended,
                    kept_until,
                    years,
                    is_in_clear=record.case_id in in_clear,
                    is_open=record.status is Status.OPEN,
                )
            )
    return ExpiredCases(tuple(found), (*unreadable, *malformed), tuple(undecided))


def _years(desk: Desk, record: CaseRecord, given: int | None) -> int:
    """Return how long a case is kept; refuse a shorter time than that of its policy pack.

    Where there is no pack, the time that is given holds. Raises InputRefused where none is.
    """
    try:
        pack = desk.policies.for_case(record.case, desk.clock.now().date())
    except InputRefused:
        if given is None:
            raise
        return given
    years = pack.retention_years if given is None else given
    if years < pack.retention_years:
        raise TransitionRefused(
            "kept_longer",
            case_id=record.case_id,
            given=str(years),
            years=str(pack.retention_years),
            pack=pack.pack,
        )
    return years


def require_purgeable(
    desk: Desk, store: PersonalStore, case_id: CaseId, *, retention_years: int | None = None
) -> None:
    """Refuse a case that is still kept, in whole sentences; nothing is changed."""
    record = fold(store.events(case_id))
    require_kept(record)
    years = _years(desk, record, retention_years)
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
    years = _years(desk, record, retention_years)
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
