"""Makes the tables of a store on PostgreSQL, or brings older ones up to date, as their owner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, text

from plan_assistant.adapters.keys.ring import default_ring
from plan_assistant.adapters.store.fields import make_store_keys, stored_keys
from plan_assistant.adapters.store.logins import GROUPS, OWNER, SEALER
from plan_assistant.adapters.store.migrate import refuse_newer, revision_of, upgrade
from plan_assistant.adapters.store.postgres_engine import SCHEMA, postgres_engine
from plan_assistant.adapters.store.postgres_failures import permission_missing, translated
from plan_assistant.adapters.store.postgres_opening import has_tables
from plan_assistant.adapters.store.postgres_place import (
    place_of,
    postgres_url,
    require_postgres,
)
from plan_assistant.adapters.store.schema import HEAD
from plan_assistant.domain.errors import StoreClosedToYou, StoreNotReady
from plan_assistant.ports import KeyRing

_LOCK: Final = 1349280115
"""Any number that nobody else uses."""
_LONGEST: Final = 3600.0
"""Seconds that a step over all facts of a large store may take."""


def prepare(url: str | None, ring: KeyRing | None = None, *, lock_timeout: float = 30.0) -> str:
    """Make the tables of the store that --store names, or bring them up to date; return HEAD.

    The login must be able to act as the owner role. Where that role or one of the groups is missing
    it must be able to create roles, too. A new store stands on the newest master key of `ring`, or
    else of the places of this user. Raises StoreNotReady for a database that cannot hold every
    text.
    """
    read = postgres_url(require_postgres(url))
    place = place_of(read)
    engine = postgres_engine(read, lock_timeout=lock_timeout, longest=_LONGEST).execution_options(
        isolation_level="READ COMMITTED"
    )
    try:
        with _translated(place, lock_timeout), engine.begin() as connection:
            # Two who prepare at once take turns, also about the roles, which all databases of a
            # server share.
            connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
            _refuse_other_texts(connection, place)
            _make_roles(connection)
            connection.execute(text(f"create schema if not exists {SCHEMA} authorization {OWNER}"))
            connection.execute(text(f"set local role {OWNER}"))
            if has_tables(connection):
                refuse_newer(revision_of(connection, place), place)
            upgrade(connection, place)
            if not stored_keys(connection):
                make_store_keys(connection, (ring or default_ring()).newest_or_made())
    finally:
        engine.dispose()
    return HEAD


@contextmanager
def _translated(place: str, lock_timeout: float) -> Iterator[None]:
    try:
        with translated(place, lock_timeout):
            yield
    except StoreClosedToYou as error:
        if (reason := permission_missing(error.__cause__)) is None:
            raise
        raise StoreClosedToYou(
            f"{place} does not let your login do that ({reason}). Sign in as the owner of the"
            " database, with the right to create roles.",
            place=place,
            reason=reason,
        ) from error


def _refuse_other_texts(connection: Connection, place: str) -> None:
    """Refuse a database in which a rare character of a name has no place, or none has a length."""
    encoding = str(connection.execute(text("show server_encoding")).scalar_one())
    if encoding != "UTF8":
        raise StoreNotReady(
            f"{place} keeps texts as {encoding}, which does not hold every name. Nothing was made."
            " Have its owner create a database with encoding 'UTF8' template template0.",
            place=place,
            encoding=encoding,
        )


def _make_roles(connection: Connection) -> None:
    wanted = [OWNER, SEALER, *GROUPS.values()]
    found = connection.execute(
        text("select rolname from pg_roles where rolname = any(:wanted)"), {"wanted": wanted}
    ).scalars()
    for role in sorted({*wanted} - {*found}):
        connection.execute(text(f"create role {role} nologin"))
    # From version 16 on, whoever created a role may give it away but not act as it.
    version = connection.dialect.server_version_info or (0,)
    power = "set" if version >= (16,) else "member"
    may_be = f"select pg_has_role(session_user, :owner, '{power}')"
    if not connection.execute(text(may_be), {"owner": OWNER}).scalar_one():
        connection.execute(text(f"grant {OWNER} to session_user"))
