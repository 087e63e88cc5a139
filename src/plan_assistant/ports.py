"""What services need from the outside, as small protocols that adapters implement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from plan_assistant.domain.calendar import Holidays
from plan_assistant.domain.case import Case, CaseId, DebtId
from plan_assistant.domain.events import Account, Event, Json, NewEvent, Receipt, RequestKey

if TYPE_CHECKING:
    from plan_assistant.domain.policy.pack import PolicyPack  # its models are slow to import


class Clock(Protocol):
    """The current time; nothing else in the product knows it."""

    def now(self) -> datetime:
        """Return the current moment, timezone-aware."""
        ...


class Store(Protocol):
    """The record of all cases: facts are added, never changed."""

    @property
    def login(self) -> str | None:
        """The account that the store itself knows the person by; None where it takes our word."""
        ...

    def append(
        self,
        case_id: CaseId,
        events: Sequence[NewEvent],
        *,
        actor: Account,
        at: datetime,
        expected_version: int,
        key: RequestKey,
    ) -> Receipt:
        """Record facts about one case in one transaction, durably before returning.

        The same key with the same content returns the first receipt (`is_repeat`); with another it
        raises KeyReused. A case that moved on since `expected_version` raises StaleCase.
        """
        ...

    def events(self, case_id: CaseId) -> tuple[Event, ...]:
        """Return all facts of a case in order; raises CaseNotFound when there is none."""
        ...

    def case_ids(self) -> tuple[CaseId, ...]:
        """Return every case of the store, in the order they were opened."""
        ...

    def every_event(self) -> tuple[Event, ...]:
        """Return all facts of the store in order of their sequence."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """Return the people who work here."""
        ...

    def add_account(self, account: Account) -> None:
        """Add a person; the same person twice is one person, a changed role is refused."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


class Policies(Protocol):
    """The policy packs at hand."""

    def for_case(self, case: Case, on: date, debt_id: DebtId | None = None) -> PolicyPack:
        """Return the pack for a debt of that case on that day; the leading debt when none is named.

        Raises InputRefused when no pack fits, or more than one does.
        """
        ...


class Calendars(Protocol):
    """The holiday calendars at hand."""

    def named(self, name: str) -> Holidays:
        """Return the calendar of that name."""
        ...


class DocumentWriter(Protocol):
    """Turns an agreement into a file for people or programs."""

    def write(
        self, agreement: Mapping[str, Json], *, language: str, approval: Mapping[str, Json] | None
    ) -> bytes:
        """Return the document; the same agreement and approval give the same bytes.

        `agreement` has the form plan-assistant/agreement@2 or @1; `language` is zh, en or both.
        Without an approval (keys `by`, `at`, `fingerprint`) every page says DRAFT.
        """
        ...


class Files(Protocol):
    """Where exported documents go."""

    def write(self, folder: Path, name: str, content: bytes) -> Path:
        """Write a new file atomically, readable by its owner only; return its path."""
        ...
