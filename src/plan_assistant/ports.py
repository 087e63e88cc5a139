"""What services need from the outside, as small protocols that adapters implement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from plan_assistant.domain.approval import ApprovalKey, KeyRegistry
from plan_assistant.domain.calendar import Holidays
from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.errors import CaseUnreadable
from plan_assistant.domain.events import Account, Event, Json, NewEvent, Receipt, RequestKey
from plan_assistant.domain.passwords import PasswordKey, StoredPassword
from plan_assistant.domain.seal import Sealed, Witness
from plan_assistant.domain.stored import RecordRows

if TYPE_CHECKING:
    from plan_assistant.domain.policy.pack import PolicyPack  # its models are slow to import
    from plan_assistant.domain.waiting import Act, JournalContent, Refusal  # so is the case file


class Clock(Protocol):
    """The current time; nothing else in the product knows it."""

    def now(self) -> datetime:
        """Return the current moment, timezone-aware."""
        ...


class Credentials(Protocol):
    """Passwords, approval keys and who came in when; rows are added, never changed."""

    def password_of(self, name: str) -> StoredPassword | None:
        """Return the newest password of an account; None while it has none."""
        ...

    def with_password(self) -> frozenset[str]:
        """Return the accounts that have a password."""
        ...

    def add_password(self, new: StoredPassword, key: ApprovalKey | None) -> None:
        """Add the next password of an account, with its new approval key where there is one.

        Raises TransitionRefused when somebody set another one in between.
        """
        ...

    def key_registry(self) -> KeyRegistry:
        """Return every public key that approvals are checked with."""
        ...

    def begin_attempt(self, name: str, at: datetime) -> None:
        """Note durably, before a password is checked, that somebody tries one.

        Raises TransitionRefused while the account is shut after failures.
        """
        ...

    def end_attempt(self, name: str, at: datetime, *, came_in: bool) -> None:
        """Note what came of it; whoever comes in is forgiven the failures before."""
        ...


class Passwords(Protocol):
    """The slow hash that passwords are checked by."""

    def make(self, password: str) -> tuple[str, PasswordKey]:
        """Return what to store for a new password, and the key that it gives."""
        ...

    def open(self, password: str, verifier: str) -> PasswordKey | None:
        """Return the key of the right password; None for a wrong one."""
        ...

    def waste(self, password: str) -> None:
        """Take as long as a check: who asks for nobody learns nothing from the time."""
        ...


class Signer(Protocol):
    """A private key at work; its password was just given."""

    @property
    def public_key(self) -> str:
        """Return the public key, in hexadecimal digits."""
        ...

    def sign(self, content: bytes) -> str:
        """Return the signature, in hexadecimal digits; the same content gives the same one."""
        ...


class ApprovalKeys(Protocol):
    """Key pairs that sign approvals."""

    def make(self, account: str, key: PasswordKey) -> tuple[Signer, str]:
        """Make a key pair; return it with its private part encrypted under a password's key."""
        ...

    def unlock(
        self, account: str, public_key: str, sealed_key: str, key: PasswordKey
    ) -> Signer | None:
        """Return the key pair; None where it does not open or is not that pair."""
        ...

    def seal_again(
        self, account: str, public_key: str, sealed_key: str, *, old: PasswordKey, new: PasswordKey
    ) -> str | None:
        """Return the private part encrypted under another password's key; None as above."""
        ...

    def is_signed(self, public_key: str, content: bytes, signature: str) -> bool:
        """Say whether that signature of that key stands under that content."""
        ...


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key under which a store keeps all its other keys: 32 bytes by chance."""

    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """The name of the key, by which a store says which one it needs; it betrays nothing."""
        return sha256(b"plan-assistant master key\0" + self.secret).hexdigest()[:16]


class KeyRing(Protocol):
    """The master keys at hand, of one place or several."""

    def newest(self) -> MasterKey | None:
        """Return the key for a new store; None when there is no key at all."""
        ...

    def find(self, key_id: str) -> MasterKey | None:
        """Return the key of that id from whichever place has it."""
        ...

    def newest_or_made(self) -> MasterKey:
        """Return the newest key; make the first one where there is none."""
        ...

    def make(self) -> MasterKey:
        """Make a key, keep it durably as the newest one, and return it."""
        ...

    def forget(self, key_id: str) -> tuple[str, ...]:
        """Remove a key from every place that may be written; return these places."""
        ...

    def where(self, key_id: str) -> str:
        """Return what people call the place that has that key; empty when none has."""
        ...


class Lookup(StrEnum):
    """What a case can be found by, without the store ever holding it in plain text."""

    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Which keys a store stands on, and what they cover."""

    master_key_id: str
    cases_with_key: int
    cases_erased: int
    facts_in_clear: int
    """Facts that hold personal data in plain text: recorded before fields were sealed."""
    cases_in_clear: tuple[CaseId, ...]
    """The cases they belong to: no destroyed key can erase them."""


class Store(Protocol):
    """The record of all cases: facts are added, never changed."""

    @property
    def login(self) -> str | None:
        """The account that the store itself knows the person by; None where it takes our word."""
        ...

    def knows_password(self, password: str) -> bool:
        """Say whether `login` signs in to the store itself with that password."""
        ...

    @property
    def credentials(self) -> Credentials:
        """The passwords and keys of the people who work here."""
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

    def find(self, by: Lookup, text: str) -> tuple[CaseId, ...]:
        """Return the cases of the borrower of that name or number, in the order of opening."""
        ...

    def every_event(self) -> tuple[Event, ...]:
        """Return all facts of the store in order of their sequence."""
        ...

    def readable_events(self) -> tuple[tuple[Event, ...], tuple[CaseUnreadable, ...]]:
        """Return the same of all cases that can be read, and why each other one is left out."""
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


class Journal(Protocol):
    """Where acts are kept on this machine, sealed, while their store is away.

    Every method is durable before it returns, and raises NotKept where it cannot be.
    """

    @property
    def place(self) -> str:
        """The file, as people call it."""
        ...

    def keep(self, act: Act) -> None:
        """Keep an act behind those that wait; the same key twice is one act."""
        ...

    def content(self) -> JournalContent:
        """Return everything that is not settled."""
        ...

    def note_delivered(self, key: RequestKey, version: int) -> None:
        """Settle an act that the store has acknowledged."""
        ...

    def note_refused(self, key: RequestKey, refusal: Refusal) -> None:
        """Mark an act as refused; it stays."""
        ...

    def note_again(self, key: RequestKey) -> None:
        """Let a refused act wait again."""
        ...

    def note_discarded(self, key: RequestKey) -> None:
        """Settle an act that a person gives up."""
        ...

    def tidy(self) -> None:
        """Take settled acts out of the file; unreadable records are kept aside."""
        ...


class Sealer(Protocol):
    """Signs checkpoints over the record, outside of the transactions that record facts."""

    def seal(self) -> Sealed | None:
        """Cover every fact that no checkpoint covers; return the newest checkpoint, if any.

        Who holds no seal key covers nothing and only returns what others have sealed. Raises
        ClockBehind where an erasing tells that the clock is days behind.
        """
        ...

    def newest(self) -> Sealed | None:
        """Return the newest checkpoint, and cover nothing."""
        ...

    @property
    def holds_key(self) -> bool:
        """Whether this one can sign."""
        ...


class Archive(Protocol):
    """Where all rows of the record can be looked at."""

    def rows(self) -> AbstractContextManager[RecordRows]:
        """Return the rows of one moment; they can be read until the context ends."""
        ...


class PersonalStore(Store, Protocol):
    """A store that keeps personal fields sealed, and erases them with their key."""

    def erase(
        self,
        case_id: CaseId,
        event: NewEvent,
        *,
        actor: Account,
        at: datetime,
        expected_version: int,
        key: RequestKey,
    ) -> Receipt:
        """Destroy the key of a case and record `event` in the same transaction.

        Personal fields then hold the mark of what was erased, and `find` no longer finds the case.
        Raises TransitionRefused (kept_in_clear) where facts of the case were never sealed, and
        otherwise what `append` raises.
        """
        ...

    def scrub(self) -> bool:
        """Overwrite what the engine still keeps of erased keys; say whether nothing is left.

        Other programs that have the store open may keep its log in use; ask again later then.
        """
        ...

    def key_status(self) -> KeyStatus:
        """Return which keys the store stands on."""
        ...

    def rotate(self, to: MasterKey) -> tuple[CaseId, ...]:
        """Put every key of the store under another master key, in one transaction.

        Returns the cases whose key does not open, which stays as it is.
        """
        ...


class Policies(Protocol):
    """The policy packs at hand."""

    def for_case(self, case: Case, on: date, debt_id: DebtId | None = None) -> PolicyPack:
        """Return the pack for a debt of that case on that day; the leading debt when none is named.

        Raises InputRefused when no pack fits, or more than one does.
        """
        ...

    def with_hash(self, sha256: str) -> PolicyPack | None:
        """Return the pack at hand that has that hash; None where it changed or was taken away."""
        ...


class Calendars(Protocol):
    """The holiday calendars at hand."""

    def named(self, name: str) -> Holidays:
        """Return the calendar of that name."""
        ...


class DocumentWriter(Protocol):
    """Turns an agreement into a file for people or programs."""

    def write(
        self,
        agreement: Mapping[str, Json],
        *,
        language: str,
        approval: Mapping[str, Json] | None,
        checkpoint: Witness | None,
    ) -> bytes:
        """Return the document; the same agreement, approval and checkpoint give the same bytes.

        `agreement` has the form plan-assistant/agreement@3, or an older one; `language` is zh, en
        or both. Without an approval (keys `by`, `at`, `fingerprint`) every page says DRAFT;
        without a checkpoint over the record every page says that none covers it.
        """
        ...


class Files(Protocol):
    """Where exported documents go."""

    def write(self, folder: Path, name: str, content: bytes) -> Path:
        """Write a new file atomically, readable by its owner only; return its path."""
        ...

    def write_lines(self, folder: Path, name: str, lines: Iterable[bytes]) -> Path:
        """Write a file of many lines in the same way, one line at a time; return its path."""
        ...
