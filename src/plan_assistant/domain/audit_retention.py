"""Compares the erasing of a case with what its facts say of how long it was to be kept.

Not here: how long a policy pack keeps a case (`services/purge.py` asks that), nor whether its key
is gone (`audit_keys.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.discrepancy import Discrepancy, about
from plan_assistant.domain.events import EventType
from plan_assistant.domain.retention import SHORTEST_RETENTION_YEARS, years_approved
from plan_assistant.domain.stored import StoredEvent

_ENDS = frozenset({EventType.KEPT.value, EventType.BROKEN.value, EventType.REOPENED.value})
"""What ends the plan that it names; not every reopening names one."""
_LEAST_CLOCK: Final = 10**15
_GREATEST_CLOCK: Final = 10**17
_DECISIONS = frozenset(kind.value for kind in EventType if kind.is_decision)


class Retention:
    """Follows when each case ended, in the order of the facts."""

    def __init__(self) -> None:
        self._ended: dict[str, str] = {}
        """The latest day in each case; that somebody looked at it does not keep it."""
        self._waiting: set[str] = set()
        self._running: dict[str, set[object]] = {}
        """The contents of the agreements in force, by their case."""
        self._approved: dict[str, int] = {}
        """The longest time that an approval says its case is kept, in years."""

    def check(self, fact: StoredEvent, sealed_at: str | None = None) -> Iterator[Discrepancy]:
        """Return why a case was not to be erased yet, where the fact says that it was.

        `sealed_at` is the moment of the checkpoint that covers the fact, if any does.
        """
        if fact.type == EventType.PURGED.value:
            yield from self._erased(fact)
            if sealed_at is not None and is_erased_ahead(fact, sealed_at):
                yield about(fact, "purged_ahead", day=fact.at[:10], sealed=sealed_at[:10])
        day = fact.at[:10]
        if fact.type != EventType.REVEALED.value and _is_day(day):
            # What was kept while the store was away stands behind facts of a later day.
            self._ended[fact.case_id] = max(day, self._ended.get(fact.case_id, day))
        if fact.type == EventType.PLAN_RECORDED.value:
            self._waiting.add(fact.case_id)
        elif fact.type in _DECISIONS:
            self._waiting.discard(fact.case_id)
        if fact.type == EventType.APPROVED.value:
            running = self._running.setdefault(fact.case_id, set())
            body = fact.read_body()
            running.add(str(body.get("fingerprint")))
            years = years_approved(body) or 0
            self._approved[fact.case_id] = max(years, self._approved.get(fact.case_id, 0))
        elif fact.type in _ENDS:
            content = str(fact.read_body().get("fingerprint"))
            self._running.get(fact.case_id, set()).discard(content)

    def _erased(self, fact: StoredEvent) -> Iterator[Discrepancy]:
        if fact.case_id in self._waiting or self._running.get(fact.case_id):
            yield about(fact, "purged_running")
        body, ended = fact.read_body(), self._ended.get(fact.case_id, "")
        if body.get("ended") != ended:
            yield about(fact, "purged_end", found=body.get("ended"), expected=ended)
        years = body.get("retention_years")
        until = _kept_until(ended, years)
        if until is None or fact.at[:10] <= until:
            yield about(fact, "purged_early", ended=ended, years=years, until=until or "?")
        approved = self._approved.get(fact.case_id, 0)
        if until is not None and isinstance(years, int) and years < approved:
            yield about(fact, "purged_short", years=years, approved=approved)


def is_erased_ahead(fact: StoredEvent, sealed_at: str) -> bool:
    """Say whether a fact erases a case on a day that had not come when it was sealed."""
    return fact.type == EventType.PURGED.value and _is_ahead(fact.at[:10], sealed_at[:10])


def tells_clock_behind(fact: StoredEvent, now: str) -> bool:
    """Say whether an erasing tells that a clock is behind, and is not itself told to be ahead.

    A checkpoint made at that moment would be the ground for a finding against whoever erased. On
    PostgreSQL the position of a fact is the server's clock, which is that of neither: where it
    contradicts the erasing, too, nobody can stop the sealing with such a row.
    """
    if not is_erased_ahead(fact, now):
        return False
    place = _day_of_position(fact.sequence)
    return place is None or not _is_ahead(fact.at[:10], place)


def _day_of_position(sequence: int) -> str | None:
    """Return the day of a position that is a clock in microseconds; None for one that is counted.

    A file counts its facts, and none will ever hold as many as there were microseconds by 2001.
    """
    if not _LEAST_CLOCK <= sequence <= _GREATEST_CLOCK:
        return None
    return datetime.fromtimestamp(sequence // 1_000_000, UTC).date().isoformat()


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_ahead(day: str, sealed: str) -> bool:
    """Say whether a day had not come when it was sealed: whoever erases may set their clock ahead.

    By more than two days, which no two time zones are apart.
    """
    if not (_is_day(day) and _is_day(sealed)):
        return False
    return date.fromisoformat(day) - date.fromisoformat(sealed) > timedelta(days=2)


def _kept_until(ended: str, years: object) -> str | None:
    """Return the last day on which a case is kept; None where no day follows from the years."""
    if type(years) is not int or years < SHORTEST_RETENTION_YEARS:
        return None
    try:
        return add_months(date.fromisoformat(ended), 12 * years).isoformat()
    except (ValueError, OverflowError):
        return None
