"""The only place that builds real adapters and hands them to services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.adapters.clock import DemoClock, SystemClock
from plan_assistant.adapters.policies import PackagedPolicies
from plan_assistant.domain.case import Case
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account
from plan_assistant.domain.policy.findings import Role
from plan_assistant.ports import Clock, DocumentWriter, Files, KeyRing, PersonalStore, Store
from plan_assistant.services.desk import Desk

if TYPE_CHECKING:
    from plan_assistant.adapters.keys.ring import LayeredRing
    from plan_assistant.domain.offers.published import Waterfall

DEMO_START = datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=8)))
"""When the demo's clock starts: half past nine in China on the samples' cut-off date."""

DEMO_COLLECTOR = Account("wu.hao", "吴昊", Role.COLLECTOR)
DEMO_LEAD = Account("li.na", "李娜", Role.TEAM_LEAD)


def open_store(url: str | None = None, ring: KeyRing | None = None) -> PersonalStore:
    """Open the store at a path or URL; the default is the user's own data folder.

    Its master key comes from `ring`, or else from the places of this user.
    """
    from plan_assistant.adapters.store import open_store as open_sqlite  # noqa: PLC0415  # SQLAlchemy is slow to import

    return open_sqlite(url, ring=ring or key_ring(url))


def key_ring(url: str | None = None, *, makes_beside: bool = False) -> LayeredRing:
    """Return the master keys of this user for a store.

    `makes_beside` keeps a new key in a file beside the store, for one that is thrown away.
    """
    from plan_assistant.adapters.keys.ring import default_ring  # noqa: PLC0415  # only stores need it
    from plan_assistant.adapters.store.place import default_place, place_named  # noqa: PLC0415

    place = default_place() if url is None else place_named(url)
    return default_ring(place, makes_beside=makes_beside)


def new_master_key() -> str:
    """Return a fresh master key as text, for whoever keeps it in a place of their own."""
    from plan_assistant.adapters.keys import master  # noqa: PLC0415  # only asked for by name

    return master.written(master.new_master_key())


def policies(given: str | Path | None = None, folder: Path | None = None) -> PackagedPolicies:
    """Return the packs of the program and of a lender's folder, or one pack for all cases."""
    return PackagedPolicies(given, folder)


def calendars() -> PackagedCalendars:
    """Return the holiday calendars of the program."""
    return PackagedCalendars()


def system_clock() -> Clock:
    """Return the clock of the machine."""
    return SystemClock()


def desk(
    store: Store,
    account: Account,
    *,
    clock: Clock | None = None,
    policy: str | Path | None = None,
    policies_folder: Path | None = None,
) -> Desk:
    """Return a desk with the real clock, packs and calendars."""
    packs = policies(policy, policies_folder)
    return Desk(account, store, clock or system_clock(), packs, calendars())


def account_named(store: Store, name: str) -> Account:
    """Return the account of that name; raises TransitionRefused when there is none."""
    for account in store.accounts():
        if account.name == name:
            return account
    raise TransitionRefused(
        "no_such_account", name=name, known=", ".join(a.name for a in store.accounts())
    )


def demo_clock() -> Clock:
    """Return a clock that starts on the morning of the samples' cut-off date."""
    return DemoClock(DEMO_START)


def document_writer() -> DocumentWriter:
    """Return the writer of agreements as PDF."""
    from plan_assistant.adapters.documents.writer import PdfWriter  # noqa: PLC0415  # loads fonts

    return PdfWriter()


def files() -> Files:
    """Return the writer of exported files."""
    from plan_assistant.adapters.files import LocalFiles  # noqa: PLC0415  # only exports need it

    return LocalFiles()


def load_case(path: Path) -> Case:
    """Read a case file; raises InputRefused with every problem found."""
    from plan_assistant.adapters.importers.json_file import load_case as load  # noqa: PLC0415  # its models are slow

    return load(path)


def read_case_text(text: str, source: str) -> Case:
    """Read a case from the text of a case file."""
    from plan_assistant.adapters.importers.json_file import parse_case  # noqa: PLC0415  # its models are slow

    return parse_case(text.encode(), source)


def read_json(path: Path) -> object:
    """Read a JSON file; raises InputRefused when it cannot be read."""
    from plan_assistant.adapters.importers.json_text import read_json as read  # noqa: PLC0415

    return read(path)


def waterfalls(names: Sequence[str] = ()) -> tuple[Waterfall, ...]:
    """Return published waterfalls by name or file; without names all that the program has."""
    from plan_assistant.adapters.waterfalls import named_waterfall, packaged_waterfalls  # noqa: PLC0415

    if not names:
        return tuple(packaged_waterfalls().values())
    return tuple(named_waterfall(name) for name in dict.fromkeys(names))
