"""Opens a store on PostgreSQL.

Whoever works never changes the schema: their role may not, and a program that finds an older one
says who has to do what (`preparing.py`).
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from plan_assistant.adapters.store.fields import PersonalFields, stored_keys
from plan_assistant.adapters.store.logins import SEALER, Login, signed_in
from plan_assistant.adapters.store.migrate import refuse_newer, revision_of
from plan_assistant.adapters.store.postgres_engine import SCHEMA, postgres_engine
from plan_assistant.adapters.store.postgres_failures import closed, translated
from plan_assistant.adapters.store.postgres_place import place_of, postgres_url
from plan_assistant.adapters.store.postgres_store import PostgresStore
from plan_assistant.adapters.store.schema import HEAD
from plan_assistant.domain.errors import StoreNotReady
from plan_assistant.ports import KeyRing


def open_postgres(url: str, ring: KeyRing, *, lock_timeout: float) -> PostgresStore:
    """Open the store in that database.

    Raises InputRefused for a URL that cannot be one, StoreNotReady for a database without our
    tables or with older ones, and another StoreFailure where it cannot be used: MasterKeyMissing
    where its key is not in `ring`. Who only seals needs none.
    """
    read = postgres_url(url)
    place = place_of(read)
    engine = postgres_engine(read, lock_timeout=lock_timeout)
    try:
        with translated(place, lock_timeout), engine.connect() as connection:
            _refuse_unprepared(connection, place)
            login = signed_in(connection)
            fields = _fields(connection, ring, place, login)
    except BaseException:
        engine.dispose()
        raise
    return PostgresStore(engine, fields, place=place, lock_timeout=lock_timeout, signed_in=login)


def _fields(
    connection: Connection, ring: KeyRing, place: str, login: Login
) -> PersonalFields | None:
    if login.groups == (SEALER,):
        return None
    return PersonalFields(ring, place, stored_keys(connection))


def _refuse_unprepared(connection: Connection, place: str) -> None:
    if not has_tables(connection):
        raise StoreNotReady(
            f"{place} is a database without our tables. Have its owner run: plan-assistant --store"
            " URL store migrate.",
            place=place,
        )
    may_enter = text("select has_schema_privilege(:schema, 'usage')")
    if not connection.execute(may_enter, {"schema": SCHEMA}).scalar_one():
        raise closed(place)
    revision = revision_of(connection, place)
    refuse_newer(revision, place)
    if revision != HEAD:
        raise StoreNotReady(
            f"{place} has the tables of an older version (revision {revision}; this program needs"
            f" {HEAD}). Nothing was changed. Have its owner run: plan-assistant --store URL store"
            " migrate.",
            place=place,
            found=revision,
            known=HEAD,
        )


def has_tables(connection: Connection) -> bool:
    """Say whether the database holds a store, without touching it."""
    # Asked of the catalog: naming a table would fail where the schema may not be used.
    return bool(
        connection.execute(
            text(
                "select exists (select 1 from pg_class c join pg_namespace n"
                " on n.oid = c.relnamespace where n.nspname = :schema"
                " and c.relname = 'alembic_version')"
            ),
            {"schema": SCHEMA},
        ).scalar_one()
    )
