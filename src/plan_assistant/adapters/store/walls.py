"""The walls of a store on PostgreSQL: what a server has, and what the migrations leave.

What they leave is kept in `migrations/walls_postgres.json`, which a test compares with a database
that has just been migrated; `python tools/walls.py` writes it anew. Not here: what a difference
means (`adapters/doctor_walls.py`).

Servers of different versions hold the same walls in different forms. So nothing is compared as it
lies in the catalogues:

- Expressions come from the server as SQL, with everything in parentheses, as versions 16 and 18
  print alike (the form for people they change now and then), and with every name that is not
  PostgreSQL's own behind its schema; white space counts once.
- Rights are taken apart, one by one, because lists of them have another order after a dump; where
  there is no list, what a server gives by itself is put in its place. Version 17 invented MAINTAIN
  and gave it to owners: that one is passed over, theirs only.
- Bodies of functions are texts, which the server keeps as the migration wrote them: their SHA-256.
- NOT NULL is a constraint with a name of its own from version 18 on: passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from plan_assistant.adapters.store.logins import OWNER
from plan_assistant.adapters.store.migrate import MIGRATIONS
from plan_assistant.adapters.store.postgres_engine import SCHEMA

WALLS_FILE: Final = MIGRATIONS / "walls_postgres.json"


class Part(NamedTuple):
    """What belongs to a table; both names as SQL writes them, the table's with its schema."""

    table: str
    name: str


class Right(NamedTuple):
    """One privilege; all as SQL writes it."""

    kind: str
    """What it is about: a table (or a view), a sequence, a function or the schema."""
    name: str
    power: str
    """Such as `SELECT`, or `INSERT (body)`, or `SELECT WITH GRANT OPTION`."""
    holder: str
    """`public` is everybody."""


Parts = Mapping[Part, str]


@dataclass(frozen=True)
class Walls:
    """Who may do what, and what is asked of them."""

    relations: Mapping[str, str]
    """The owner of each table, view and sequence."""
    row_security: frozenset[str]
    """Tables that force it upon their owner, too."""
    policies: Parts
    """The SQL that makes each, as of the next two."""
    triggers: Parts
    constraints: Parts
    functions: Mapping[str, str]
    """What each is, and the SHA-256 of its body."""
    rights: frozenset[Right]


@dataclass(frozen=True)
class Sleeping:
    """What is there and does nothing, or is there and should not be; best is nothing."""

    triggers: frozenset[Part]
    foreign_keys: frozenset[str]
    """Tables on which they are not asked."""
    roles: frozenset[str]
    """Databases and roles for whose sessions a setting keeps triggers from being asked."""
    rules: frozenset[Part]
    """Rules that rewrite statements; no migration makes one."""


# Whatever is not PostgreSQL's own gets the name of its schema, so that nothing passes for something
# else that has the same name.
_NAMED_IN_FULL: Final = text("set local search_path = pg_catalog")
_OURS: Final = f"'{SCHEMA}'::regnamespace"
_RELATIONS: Final = (
    "select oid, relkind, relowner, relacl, relrowsecurity and relforcerowsecurity as is_forced,"
    " concat(relnamespace::regnamespace, '.', quote_ident(relname)) as name"
    f" from pg_class where relnamespace = {_OURS} and relkind in ('r', 'p', 'v', 'm', 'f', 'S')"
)
_FUNCTIONS: Final = (
    "select p.*, concat(pronamespace::regnamespace, '.', quote_ident(proname),"
    " '(', oidvectortypes(proargtypes), ')') as name"
    f" from pg_proc p where pronamespace = {_OURS}"
)
_OWNERS: Final = text(
    f"select name, quote_ident(pg_get_userbyid(relowner)), is_forced from ({_RELATIONS}) as r"
)
_POLICIES: Final = text(
    "select name, quote_ident(polname), concat('create policy ', quote_ident(polname), ' on ',"
    " name, case when polpermissive then ' as permissive' else ' as restrictive' end, ' for ',"
    " case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'"
    "  when 'd' then 'delete' else 'all' end,"
    " ' to ', (select string_agg(coalesce(quote_ident(rolname), 'public'), ', ' order by rolname)"
    "  from unnest(polroles) as held (id) left join pg_roles on pg_roles.oid = held.id),"
    " ' using (' || pg_get_expr(polqual, polrelid) || ')',"
    " ' with check (' || pg_get_expr(polwithcheck, polrelid) || ')')"
    f" from pg_policy join ({_RELATIONS}) as r on r.oid = polrelid"
)
_TRIGGERS: Final = text(
    "select name, quote_ident(tgname), pg_get_triggerdef(t.oid)"
    f" from pg_trigger t join ({_RELATIONS}) as r on r.oid = tgrelid where not tgisinternal"
)
_CONSTRAINTS: Final = text(
    "select name, quote_ident(conname), concat('alter table ', name, ' add constraint ',"
    " quote_ident(conname), ' ', pg_get_constraintdef(c.oid))"
    f" from pg_constraint c join ({_RELATIONS}) as r on r.oid = conrelid"
    " where contype in ('c', 'u', 'p', 'f', 'x')"
)
_MADE: Final = text(
    "select name, concat_ws(', ', (select lanname from pg_language l where l.oid = prolang),"
    " case provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,"
    " case when prosecdef then 'security definer' else 'security invoker' end,"
    " case when proisstrict then 'strict' end, case when proleakproof then 'leakproof' end,"
    " 'returns ' || pg_get_function_result(oid), 'owner ' || pg_get_userbyid(proowner),"
    " 'set ' || array_to_string(proconfig, '; '),"
    " 'body ' || encode(sha256(convert_to(prosrc, 'UTF8')), 'hex'))"
    f" from ({_FUNCTIONS}) as f"
)
_RIGHTS: Final = text(
    f"with relations as ({_RELATIONS}), functions as ({_FUNCTIONS}), lists as ("
    " select case relkind when 'S' then 'sequence' else 'table' end as kind, name, null as part,"
    "  coalesce(relacl,"
    "   acldefault(case relkind when 'S' then 's' else 'r' end::\"char\", relowner)) as acl"
    "  from relations"
    " union all select 'table', name, quote_ident(attname), attacl from relations"
    "  join pg_attribute on attrelid = relations.oid where not attisdropped"
    " union all select 'function', name, null, coalesce(proacl, acldefault('f', proowner))"
    "  from functions"
    " union all select 'schema', oid::regnamespace::text, null,"
    f"  coalesce(nspacl, acldefault('n', nspowner)) from pg_namespace where oid = {_OURS})"
    " select kind, name, concat(privilege_type, ' (' || part || ')'), is_grantable,"
    " case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end"
    " from lists cross join lateral aclexplode(acl)"
)
# What is switched off one by one; a setting may switch off all that is not made for a replica.
_SLEEPING: Final = text(
    "select distinct name, case when tgisinternal then null else quote_ident(tgname) end"
    f" from pg_trigger t join ({_RELATIONS}) as r on r.oid = tgrelid where tgenabled in ('D', 'R')"
)
_REPLICAS: Final = text(
    "select coalesce(r.rolname, d.datname, current_database()) from pg_db_role_setting s"
    " left join pg_database d on d.oid = s.setdatabase left join pg_roles r on r.oid = s.setrole"
    " where 'session_replication_role=replica' = any(s.setconfig)"
    " and (s.setdatabase = 0 or d.datname = current_database())"
    " union select current_database() where current_setting('session_replication_role') = 'replica'"
)
_RULES: Final = text(
    f"select name, quote_ident(rulename) from pg_rewrite join ({_RELATIONS}) as r"
    " on r.oid = ev_class where rulename <> '_RETURN'"
)


def walls_found(connection: Connection) -> Walls:
    """Return the walls of a store; everybody who signs in may read them.

    Until the end of the transaction, names need their schema.
    """
    connection.execute(_NAMED_IN_FULL)
    owners = _rows(connection, _OWNERS)
    return Walls(
        relations={name: owner for name, owner, _ in owners},
        row_security=frozenset(name for name, _, is_forced in owners if is_forced),
        policies=_parts(connection, _POLICIES),
        triggers=_parts(connection, _TRIGGERS),
        constraints=_parts(connection, _CONSTRAINTS),
        functions=dict(_rows(connection, _MADE)),
        rights=frozenset(_rights(connection)),
    )


def sleeping(connection: Connection) -> Sleeping:
    """Return what is there and does nothing, or should not be there."""
    off = _rows(connection, _SLEEPING)
    return Sleeping(
        triggers=frozenset(Part(table, name) for table, name in off if name is not None),
        foreign_keys=frozenset(table for table, name in off if name is None),
        roles=frozenset(name for (name,) in _rows(connection, _REPLICAS)),
        rules=frozenset(Part(table, name) for table, name in _rows(connection, _RULES)),
    )


def _rows(connection: Connection, query: Any) -> list[Any]:
    return [*connection.execute(query)]


def _parts(connection: Connection, query: Any) -> Parts:
    return {
        Part(table, name): " ".join(made.split()) for table, name, made in _rows(connection, query)
    }


def _rights(connection: Connection) -> Iterable[Right]:
    for kind, name, power, is_grantable, holder in _rows(connection, _RIGHTS):
        if (power, holder) != ("MAINTAIN", OWNER):
            yield Right(kind, name, power, holder)
        if is_grantable:
            yield Right(kind, name, f"{power} WITH GRANT OPTION", holder)


def walls_made() -> Walls:
    """Return the walls that the migrations leave."""
    kept = json.loads(WALLS_FILE.read_text(encoding="utf-8"))
    return Walls(
        relations=kept["relations"],
        row_security=frozenset(kept["row_security"]),
        policies=_one_by_one(kept["policies"]),
        triggers=_one_by_one(kept["triggers"]),
        constraints=_one_by_one(kept["constraints"]),
        functions=kept["functions"],
        rights=frozenset(
            Right(kind, name, power, holder)
            for kind, things in kept["rights"].items()
            for name, powers in things.items()
            for power, holders in powers.items()
            for holder in holders.split(", ")
        ),
    )


def _one_by_one(kept: Mapping[str, Mapping[str, str]]) -> Parts:
    return {
        Part(table, name): made for table, parts in kept.items() for name, made in parts.items()
    }


def walls_text(walls: Walls) -> str:
    """Return walls in the form in which those of the migrations are kept, for people to read."""
    kept = {
        "relations": dict(sorted(walls.relations.items())),
        "row_security": sorted(walls.row_security),
        "policies": _by_table(walls.policies),
        "triggers": _by_table(walls.triggers),
        "constraints": _by_table(walls.constraints),
        "functions": dict(sorted(walls.functions.items())),
        "rights": _by_thing(walls.rights),
    }
    return f"{json.dumps(kept, indent=1, ensure_ascii=False)}\n"


def _by_table(parts: Parts) -> dict[str, dict[str, str]]:
    ordered = sorted(parts.items())
    return {
        table: {part.name: made for part, made in same}
        for table, same in groupby(ordered, key=lambda item: item[0].table)
    }


def _by_thing(rights: Iterable[Right]) -> dict[str, dict[str, dict[str, str]]]:
    kept: dict[str, dict[str, dict[str, str]]] = {}
    for (kind, name, power), same in groupby(sorted(rights), key=lambda right: right[:3]):
        holders = ", ".join(right.holder for right in same)
        kept.setdefault(kind, {}).setdefault(name, {})[power] = holders
    return kept
