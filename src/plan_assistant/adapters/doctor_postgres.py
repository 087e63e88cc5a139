"""What only a store on PostgreSQL can be asked: its server, and who stands above its walls.

Not here: what is asked of every store (`doctor.py`), whether the walls stand (`doctor_walls.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import func, select, text

from plan_assistant.adapters.doctor_walls import wall_checks
from plan_assistant.adapters.store.logins import OWNER
from plan_assistant.adapters.store.postgres_store import PostgresStore
from plan_assistant.adapters.store.schema import HEAD, event
from plan_assistant.domain.health import Check, fine, note, wrong

_OLDEST: Final = 150_000
_ABOVE: Final = text(
    "select rolname from pg_roles where rolcanlogin and (rolsuper or rolbypassrls"
    " or pg_has_role(oid, (select oid from pg_roles where rolname = :owner), 'member'))"
    " order by 1"
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
    # First, because everybody may read what it asks for; the rest fails where a right is missing.
    yield from wall_checks(store)
    yield from _server(store)
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
