"""The store port over one PostgreSQL database, each act under the login of whoever acts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime

from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.postgres_store import PostgresStore
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.domain.approval import ApprovalKey, KeyRegistry
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseUnreadable, TransitionRefused
from plan_assistant.domain.events import Account, Event, NewEvent, Receipt, RequestKey
from plan_assistant.domain.passwords import StoredPassword
from plan_assistant.ports import Credentials, KeyStatus, Lookup, MasterKey
from tests.people import AUDITOR, COLLECTOR, EVERYBODY
from tests.postgres import Database


class Office:
    """Everybody who works on a database, behind one port.

    Read by the auditor, who sees everything. A stranger comes through the collector's login.
    """

    login = None

    def knows_password(self, password: str) -> bool:
        return False

    def __init__(self, database: Database, people: Sequence[Account] = EVERYBODY) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._stores: dict[str, PostgresStore] = {}
        self._sealing: PostgresStore | None = None
        self._known = {person.name: person for person in people}
        self.credentials = _OfficeCredentials(self)

    def named(self, name: str) -> PostgresStore:
        """Return the store as that login sees it; a stranger comes through the collector's."""
        name = name if name in self._known else COLLECTOR.name
        with self._lock:
            if name not in self._stores:
                self._stores[name] = self._database.open(self._known[name])
            return self._stores[name]

    def of(self, person: Account) -> PostgresStore:
        """Return the store as that person sees it."""
        return self.named(person.name)

    @property
    def seals(self) -> SqlSeals:
        """The checkpoints, through the login that seals."""
        if self._sealing is None:
            self._sealing = self._database.open_to_seal()
        return SqlSeals(self._sealing)

    @property
    def archive(self) -> SqlSeals:
        """All rows, through the auditor's login."""
        return SqlSeals(self.of(AUDITOR))

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
        return self.of(actor).append(
            case_id, events, actor=actor, at=at, expected_version=expected_version, key=key
        )

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
        with self._database.raw() as connection:
            # Nobody sets the clock of the server forward: what was done becomes long ago.
            connection.execute("set session_replication_role = replica")
            connection.execute(
                "update plan_assistant.case_head set acted = acted - interval '200 years'"
                " where case_id = %s",
                [case_id],
            )
        return self.of(actor).erase(
            case_id, event, actor=actor, at=at, expected_version=expected_version, key=key
        )

    def events(self, case_id: CaseId) -> tuple[Event, ...]:
        return self.of(AUDITOR).events(case_id)

    def case_ids(self) -> tuple[CaseId, ...]:
        return self.of(AUDITOR).case_ids()

    def every_event(self) -> tuple[Event, ...]:
        return self.of(AUDITOR).every_event()

    def readable_events(self) -> tuple[tuple[Event, ...], tuple[CaseUnreadable, ...]]:
        return self.of(AUDITOR).readable_events()

    def find(self, by: Lookup, text: str) -> tuple[CaseId, ...]:
        return self.of(AUDITOR).find(by, text)

    def key_status(self) -> KeyStatus:
        return self.of(AUDITOR).key_status()

    def scrub(self) -> bool:
        return self.of(AUDITOR).scrub()

    def rotate(self, to: MasterKey) -> tuple[CaseId, ...]:
        store = open_store(self._database.admin_url)
        try:
            return store.rotate(to)
        finally:
            store.close()

    def accounts(self) -> tuple[Account, ...]:
        return self.of(AUDITOR).accounts()

    def add_account(self, account: Account) -> None:
        store = open_store(self._database.admin_url)
        try:
            store.add_account(account)
        finally:
            store.close()

    def close(self) -> None:
        for store in self._stores.values():
            store.close()
        if self._sealing is not None:
            self._sealing.close()


class _OfficeCredentials(Credentials):
    """Passwords through the login of whose they are, keys through the auditor's."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def _of(self, name: str) -> Credentials:
        return self._office.named(name).credentials

    def password_of(self, name: str) -> StoredPassword | None:
        return self._of(name).password_of(name)

    def with_password(self) -> frozenset[str]:
        return self._office.of(AUDITOR).credentials.with_password()

    def add_password(self, new: StoredPassword, key: ApprovalKey | None) -> None:
        if new.account not in self._office._known:
            raise TransitionRefused("password_set_meanwhile", name=new.account)
        self._of(new.set_by).add_password(new, key)

    def key_registry(self) -> KeyRegistry:
        return self._office.of(AUDITOR).credentials.key_registry()

    def begin_attempt(self, name: str, at: datetime) -> None:
        self._of(name).begin_attempt(name, at)

    def end_attempt(self, name: str, at: datetime, *, came_in: bool) -> None:
        self._of(name).end_attempt(name, at, came_in=came_in)
