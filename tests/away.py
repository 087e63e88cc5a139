"""A store that goes away and comes back when a test says so, and journals for tests."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from plan_assistant.adapters.journal import JournalFile
from plan_assistant.domain.errors import StoreFailure, StoreOutOfReach
from plan_assistant.domain.events import Account
from plan_assistant.ports import MasterKey
from plan_assistant.services.desk import Desk
from tests.desks import desk_at
from tests.people import COLLECTOR

MASTER = MasterKey(b"a key of tests, of 32 bytes ....")
OTHER_MASTER = MasterKey(b"another key of tests, also of 32")


@dataclass
class Ring:
    """A ring with these keys, the newest first."""

    keys: tuple[MasterKey, ...] = (MASTER,)

    def newest(self) -> MasterKey | None:
        return self.keys[0] if self.keys else None

    def find(self, key_id: str) -> MasterKey | None:
        return next((key for key in self.keys if key.key_id == key_id), None)

    def newest_or_made(self) -> MasterKey:
        return self.keys[0]

    def make(self) -> MasterKey:
        raise NotImplementedError

    def forget(self, key_id: str) -> tuple[str, ...]:
        raise NotImplementedError(key_id)

    def where(self, key_id: str) -> str:
        raise NotImplementedError(key_id)


class Switched:
    """A store that fails while it is away, or only once it has done what was asked."""

    def __init__(self, store: Any) -> None:
        self.inner = store
        """The store itself, which never goes away."""
        self.failure: StoreFailure | None = None
        self.loses_reply = False
        """Whether the next append is carried out and its reply lost."""
        self.away_for = ""
        """What alone fails while it is away; empty for everything."""
        self.waits_for: threading.Event | None = None
        """What every append waits for, as for a lock."""
        self.is_waited_for = False

    def go_away(self, failure: StoreFailure | None = None) -> None:
        self.failure = failure or StoreOutOfReach("the store is away", place="here")

    def come_back(self) -> None:
        self.failure = None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found):
            return found

        def asked(*arguments: Any, **named: Any) -> Any:
            if self.failure is not None and self.away_for in {"", name}:
                raise self.failure
            if self.waits_for is not None and name == "append":
                self.is_waited_for = True
                assert self.waits_for.wait(10)
            answer = found(*arguments, **named)
            if self.loses_reply and name == "append":
                self.loses_reply = False
                raise StoreOutOfReach("the reply was lost", place="here")
            return answer

        return asked


def journal_in(folder: Path, *, store: str = "/a/store.sqlite", ring: Ring | None = None) -> Any:
    """Return the journal of a store in a folder of its own."""
    return JournalFile(folder / "journals", store, ring or Ring())


def desk_with_journal(store: Any, folder: Path, account: Account = COLLECTOR) -> Desk:
    """Return a desk whose acts are kept in that folder while the store is away."""
    return replace(desk_at(store, account), journal=journal_in(folder))
