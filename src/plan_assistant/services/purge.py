"""Erases the personal data of cases that are kept long enough, by destroying their keys.

What was decided, the figures and the hashes stay, so that the record can still be checked. Not
here: how a key is destroyed (the store).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseUnreadable, InputRefused
from plan_assistant.domain.events import EventType, Json, NewEvent, Receipt, RequestKey
from plan_assistant.domain.record import MALFORMED, CaseRecord, fold, fold_readable
from plan_assistant.domain.transitions import require_expired, require_role
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


def expired_cases(
    desk: Desk, store: PersonalStore, *, retention_years: int | None = None
) -> AtHand[ExpiredCase]:
    """Return the cases that may be purged today, and those of which nobody can say.

    How long a case is kept says the policy pack of its leading debt, unless `retention_years` does.
    """
    require_role(desk.account, EventType.PURGED)
    in_clear = frozenset(store.key_status().cases_in_clear)
    found = []
    events, unreadable = store.readable_events()
    records, malformed = fold_readable(events)
    left_out = [*unreadable, *malformed]
    for record in records:
        try:
            expired = _expired(desk, record, retention_years, in_clear)
        except (*MALFORMED, InputRefused) as error:
            # Its text may hold what the fact says about a person.
            reason = type(error).__name__
            left_out.append(CaseUnreadable(record.case_id, record.version, reason))
        else:
            found += [] if expired is None else [expired]
    return AtHand(tuple(found), tuple(left_out))


def _expired(
    desk: Desk, record: CaseRecord, retention_years: int | None, in_clear: frozenset[CaseId]
) -> ExpiredCase | None:
    """Return what may be purged today of a case; None where it is kept still."""
    if record.erased_at is not None or record.pending is not None or record.in_force:
        return None
    years = _years(desk, record, retention_years)
    kept_until = add_months(record.ended, 12 * years)
    if kept_until >= desk.clock.now().date():
        return None
    is_in_clear = record.case_id in in_clear
    return ExpiredCase(record.case_id, record.ended, kept_until, years, is_in_clear)


def _years(desk: Desk, record: CaseRecord, given: int | None) -> int:
    if given is not None:
        return given
    return desk.policies.for_case(record.case, desk.clock.now().date()).retention_years


def require_purgeable(
    desk: Desk, store: PersonalStore, case_id: CaseId, *, retention_years: int | None = None
) -> None:
    """Refuse a case that is still kept, in whole sentences; nothing is changed."""
    record = fold(store.events(case_id))
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
