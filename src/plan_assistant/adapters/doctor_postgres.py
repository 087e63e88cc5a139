"""What only a store on PostgreSQL can be asked: its server, its walls, and who stands above them.

Not here: what is asked of every store (`doctor.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sqlalchemy import func, select, text

from plan_assistant.adapters.store.logins import OWNER
from plan_assistant.adapters.store.migrate import MIGRATIONS
from plan_assistant.adapters.store.postgres_engine import SCHEMA
from plan_assistant.adapters.store.postgres_store import PostgresStore
from plan_assistant.adapters.store.schema import HEAD, event, metadata
from plan_assistant.domain.health import Check, fine, note, wrong

_OLDEST: Final = 150_000
_KEPT: Final = ("case_key", "store_key")
_APPEND_ONLY: Final = frozenset(metadata.tables) - {*_KEPT, "person_index"}
_ABOVE: Final = text(
    "select rolname from pg_roles where rolcanlogin and (rolsuper or rolbypassrls"
    " or pg_has_role(oid, (select oid from pg_roles where rolname = :owner), 'member'))"
    " order by 1"
)
_OPEN_TABLES: Final = text(
    "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where n.nspname = :schema and c.relkind = 'r' and c.relname <> 'alembic_version'"
    " and not (c.relrowsecurity and c.relforcerowsecurity) order by 1"
)
_TRIGGERS: Final = text(
    "select t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
    " join pg_namespace n on n.oid = c.relnamespace"
    " where n.nspname = :schema and not t.tgisinternal and t.tgenabled in ('A',"
    # A database may be set to switch off whatever is not made for a replica.
    " case current_setting('session_replication_role') when 'replica' then 'R' else 'O' end)"
)
_FUNCTIONS: Final = text(
    "select p.proname, p.prosrc from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
    " where n.nspname = :schema"
)
_FUNCTION_MADE: Final = re.compile(
    r"^create (?:or replace )?function (\w+)\([^;]*?\bas \$\$(.*?)\$\$;", re.DOTALL | re.MULTILINE
)
_OPEN_TO_ALL: Final = text(
    "select lower(each.privilege_type) from pg_database d"
    " cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as each"
    " where d.datname = current_database() and each.grantee = 0 order by 1"
)
_LIMITS: Final = ("idle_in_transaction_session_timeout", "statement_timeout")
# Not what holds for this session, which sets limits of its own.
_SETTINGS: Final = text(
    "select split_part(setting, '=', 1) from pg_db_role_setting s"
    " join pg_database d on d.oid = s.setdatabase"
    " cross join lateral unnest(s.setconfig) as setting"
    " where d.datname = current_database() and s.setrole = 0"
)


def database_checks(store: PostgresStore) -> Iterator[Check]:
    """Answer what a file cannot be asked."""
    yield from _server(store)
    yield from _walls(store)
    yield from _entrance(store)
    yield from _powers(store)


def _server(store: PostgresStore) -> Iterator[Check]:
    with store.reading() as connection:
        number = int(connection.exec_driver_sql("show server_version_num").scalar_one())
        version = connection.exec_driver_sql("show server_version").scalar_one()
        facts = connection.execute(select(func.count()).select_from(event)).scalar_one()
    yield fine("database", place=store.place, revision=HEAD, facts=facts, version=version)
    if number < _OLDEST:
        yield wrong("database_old", version=version)


def _walls(store: PostgresStore) -> Iterator[Check]:
    """Look whether row security, every trigger and what triggers ask are as they were made."""
    with store.reading() as connection:
        bare = connection.execute(_OPEN_TABLES, {"schema": SCHEMA}).scalars().all()
        found = set(connection.execute(_TRIGGERS, {"schema": SCHEMA}).scalars())
        bodies = {
            (row.proname, row.prosrc) for row in connection.execute(_FUNCTIONS, {"schema": SCHEMA})
        }
    changed = {f"{name}()" for name, _ in _expected_functions().items() - bodies}
    missing = [*bare, *sorted(_expected_triggers() - found), *sorted(changed)]
    if missing:
        yield wrong("walls_open", names=", ".join(missing))
    else:
        yield fine("walls", count=len(_expected_triggers()))


def _entrance(store: PostgresStore) -> Iterator[Check]:
    """Say what of the database itself is as the server makes it: a restored one begins so."""
    with store.reading() as connection:
        name = connection.exec_driver_sql("select current_database()").scalar_one()
        powers = connection.execute(_OPEN_TO_ALL).scalars().all()
        found = set(connection.execute(_SETTINGS).scalars())
    if powers:
        yield note("database_open", database=name, powers=", ".join(powers))
    missing = [limit for limit in _LIMITS if limit not in found]
    if missing:
        yield note("database_limits", database=name, names=", ".join(missing))


def _walls_made() -> str:
    """Return the SQL of all revisions, in their order."""
    return "\n".join(
        path.read_text() for path in sorted((MIGRATIONS / "versions").glob("*_postgres.sql"))
    )


def _expected_functions() -> dict[str, str]:
    """Return the body of each function as the last revision that names it has made it."""
    walls = _walls_made()
    made = dict(_FUNCTION_MADE.findall(walls))
    gone = set(re.findall(r"^drop function (\w+)", walls, re.MULTILINE))
    return {name: body for name, body in made.items() if name not in gone}


def _expected_triggers() -> set[str]:
    return {
        *re.findall(r"create trigger (\w+)", _walls_made()),
        *(f"{table}_no_{act}" for table in _APPEND_ONLY for act in ("change", "truncate")),
        *(f"{table}_no_{act}" for table in _KEPT for act in ("update", "delete", "truncate")),
    }


def _powers(store: PostgresStore) -> Iterator[Check]:
    """Say what is wrong with this login, and who could take the walls down."""
    login = store.signed_in
    for fault in login.faults:
        yield wrong(f"login_{fault}", login=login.name)
    if not login.faults:
        yield fine("login", login=login.name)
    with store.reading() as connection:
        above = connection.execute(_ABOVE, {"owner": OWNER}).scalars().all()
    if above:
        yield note("above_walls", names=", ".join(above))
