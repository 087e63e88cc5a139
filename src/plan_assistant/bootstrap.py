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
from plan_assistant.ports import Clock, DocumentWriter, Files, Store
from plan_assistant.services.desk import Desk

if TYPE_CHECKING:
    from plan_assistant.domain.offers.published import Waterfall

DEMO_START = datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=8)))
"""When the demo's clock starts: half past nine in China on the samples' cut-off date."""

DEMO_COLLECTOR = Account("wu.hao", "吴昊", Role.COLLECTOR)
DEMO_LEAD = Account("li.na", "李娜", Role.TEAM_LEAD)


def open_store(url: str | None = None) -> Store:
    """Open the store at a path or URL; the default is the user's own data folder."""
    from plan_assistant.adapters.store import open_store as open_sqlite  # noqa: PLC0415  # SQLAlchemy is slow to import

    return open_sqlite(url)


def prepare_store(url: str | None) -> str:
    """Make the tables of a store on PostgreSQL, or bring them up to date; return their revision."""
    from plan_assistant.adapters.store.preparing import prepare  # noqa: PLC0415  # SQLAlchemy is slow to import

    return prepare(url)


def login_faults(store: Store) -> tuple[str, ...]:
    """Return what makes the walls of a store void for whoever is signed in, as codes.

    A file has no logins, and so no faults: whoever can write it can work as anybody.
    """
    if store.login is None:
        return ()
    from plan_assistant.adapters.store.postgres_store import PostgresStore  # noqa: PLC0415  # psycopg is an extra

    return store.signed_in.faults if isinstance(store, PostgresStore) else ()


def creates_logins(store: Store) -> bool:
    """Say whether adding a person to that store can give them a database role, too."""
    if store.login is None:
        return False
    from plan_assistant.adapters.store.postgres_store import PostgresStore  # noqa: PLC0415  # psycopg is an extra

    return isinstance(store, PostgresStore) and store.signed_in.creates_roles


def add_person(store: Store, person: Account, password: str | None) -> str | None:
    """Add a person to a store, with a database role where one is asked for by its password.

    Return the SQL by which somebody else has to create that role; None when nothing is left to do.
    """
    if store.login is None:
        store.add_account(person)
        return None
    from plan_assistant.adapters.store.logins import statements_to_admit  # noqa: PLC0415  # psycopg is an extra
    from plan_assistant.adapters.store.postgres_store import PostgresStore  # noqa: PLC0415

    assert isinstance(store, PostgresStore)  # the only store that knows who is signed in
    store.add_account(person, password)
    return None if store.signed_in.creates_roles else statements_to_admit(person)


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
    if store.login not in {None, account.name}:
        raise TransitionRefused("not_your_account", name=account.name, login=store.login or "")
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
