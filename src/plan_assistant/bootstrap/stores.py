"""Stores and what belongs to them: their keys, their logins and what waits while one is away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account
from plan_assistant.ports import Clock, Journal, KeyRing, PersonalStore, Store

if TYPE_CHECKING:
    from plan_assistant.adapters.keys.ring import LayeredRing
    from plan_assistant.domain.health import Check


def open_store(url: str | None = None, ring: KeyRing | None = None) -> PersonalStore:
    """Open the store at a path or URL; the default is the user's own data folder.

    Its master key comes from `ring`, or else from the places of this user.
    """
    from plan_assistant.adapters.store import open_store as open_sqlite  # noqa: PLC0415  # SQLAlchemy is slow to import

    return open_sqlite(url, ring=ring or key_ring(url))


def prepare_store(url: str | None, ring: KeyRing | None = None) -> str:
    """Make the tables of a store on PostgreSQL, or bring them up to date; return their revision.

    A new store stands on the newest master key of `ring`, or of the places of this user.
    """
    from plan_assistant.adapters.store.preparing import prepare  # noqa: PLC0415  # SQLAlchemy is slow to import

    return prepare(url, ring)


def examine(url: str | None, clock: Clock) -> tuple[Check, ...]:
    """Look at the program and the store at that place from outside."""
    from plan_assistant.adapters.doctor import examine as look  # noqa: PLC0415  # reads fonts and store

    return look(url, clock)


def key_ring(url: str | None = None, *, makes_beside: bool = False) -> LayeredRing:
    """Return the master keys of this user for a store.

    `makes_beside` keeps a new key in a file beside the store, for one that is thrown away.
    """
    from plan_assistant.adapters.keys.ring import default_ring  # noqa: PLC0415  # only stores need it
    from plan_assistant.adapters.store.place import default_place, is_postgres, place_named  # noqa: PLC0415

    if url is not None and is_postgres(url):
        return default_ring()
    place = default_place() if url is None else place_named(url)
    return default_ring(place, makes_beside=makes_beside)


def new_master_key() -> str:
    """Return a fresh master key as text, for whoever keeps it in a place of their own."""
    from plan_assistant.adapters.keys import master  # noqa: PLC0415  # only asked for by name

    return master.written(master.new_master_key())


def journal(
    url: str | None,
    ring: KeyRing | None = None,
    store: Store | None = None,
    *,
    beside: bool = False,
) -> Journal:
    """Return where acts for the store at that place are kept on this machine while it is away.

    It lies in the user's own state folder: the folder of the store may be what is away. What is
    kept is sealed under the master key of `store` where that is open. `beside` keeps it in the
    folder of the store, for one that is thrown away. What older versions kept under another name
    of the same store waits there from now on.
    """
    from plan_assistant.adapters.journal import journal_of, older_journals  # noqa: PLC0415  # only stores need it

    key_id, ring = getattr(store, "master_key_id", None), ring or key_ring(url)
    found = journal_of(url, ring, key_id, beside=beside)
    for older in () if beside else older_journals(url, ring):
        found.take_over(older)
    return found


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


def account_named(store: Store, name: str) -> Account:
    """Return the account of that name; raises TransitionRefused when there is none."""
    for account in store.accounts():
        if account.name == name:
            return account
    raise TransitionRefused(
        "no_such_account", name=name, known=", ".join(a.name for a in store.accounts())
    )
