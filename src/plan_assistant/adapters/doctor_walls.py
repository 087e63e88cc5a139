"""Whether the walls of a store on PostgreSQL are those that the migrations leave, each by its name.

Every answer about something that SQL puts back carries that SQL. What is missing or changed where a
whole table is missing, or is new where a whole table is new, is not told on top of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import groupby
from typing import Final, TypeVar

from plan_assistant.adapters.store.postgres_engine import SCHEMA
from plan_assistant.adapters.store.postgres_store import PostgresStore
from plan_assistant.adapters.store.walls import (
    Part,
    Parts,
    Right,
    Sleeping,
    Walls,
    sleeping,
    walls_found,
    walls_made,
)
from plan_assistant.domain.health import Check, fine, wrong

_DROPPED: Final = {
    "policy": "drop policy {name} on {table};",
    "trigger": "drop trigger {name} on {table};",
    "constraint": "alter table {table} drop constraint {name};",
}
_FORCED: Final = "alter table {table} enable row level security, force row level security;"
_OPTION: Final = " WITH GRANT OPTION"

_Name = TypeVar("_Name", str, Part)


def wall_checks(store: PostgresStore) -> Iterator[Check]:
    """Name each difference between the walls of a store and those that the migrations leave."""
    with store.reading() as connection:
        found, off = walls_found(connection), sleeping(connection)
    made = walls_made()
    differences = [*_relations(made, found), *_functions(made, found), *_off(off)]
    # Tables that both have: of another one nothing more has to be said.
    tables = made.relations.keys() & found.relations.keys()
    for table in sorted((made.row_security - found.row_security) & tables):
        differences.append(wrong("row_security_off", table=table, sql=_FORCED.format(table=table)))
    for kind, parts_made, parts_found in (
        ("policy", made.policies, found.policies),
        ("trigger", made.triggers, found.triggers),
        ("constraint", made.constraints, found.constraints),
    ):
        differences += _parts(kind, _of(parts_made, tables), _of(parts_found, tables))
    differences += _rights(made, found)
    yield from differences or [fine("walls", count=len(made.triggers))]


def _relations(made: Walls, found: Walls) -> Iterator[Check]:
    for how, name in _told_apart(made.relations, found.relations):
        if how != "changed":
            yield wrong(f"relation_{how}", name=name)
            continue
        owner = found.relations[name]
        steps = [f"alter table {name} owner to {made.relations[name]};"]
        # Whoever stops being an owner is left without the rights that they had before.
        for kind in ("table", "sequence"):
            powers = _powers(made, (kind, name, owner))
            steps += [f"grant {', '.join(powers)} on {kind} {name} to {owner};"] if powers else []
        yield wrong("owner_changed", name=name, owner=owner, sql=" ".join(steps))


def _functions(made: Walls, found: Walls) -> Iterator[Check]:
    for how, name in _told_apart(made.functions, found.functions):
        yield wrong(f"function_{how}", name=name)


def _off(off: Sleeping) -> Iterator[Check]:
    if off.roles:
        yield wrong("triggers_asleep", names=", ".join(sorted(off.roles)))
    for table, name in sorted(off.triggers):
        sql = f"alter table {table} enable trigger {name};"
        yield wrong("trigger_off", name=name, table=table, sql=sql)
    for table in sorted(off.foreign_keys):
        sql = f"alter table {table} enable trigger all;"
        yield wrong("foreign_keys_off", table=table, sql=sql)
    for table, name in sorted(off.rules):
        yield wrong("rule_added", name=name, table=table, sql=f"drop rule {name} on {table};")


def _of(parts: Parts, tables: Set[str]) -> Parts:
    return {part: made for part, made in parts.items() if part.table in tables}


def _parts(kind: str, made: Parts, found: Parts) -> Iterator[Check]:
    for how, part in _told_apart(made, found):
        dropped = _DROPPED[kind].format(name=part.name, table=part.table)
        steps = {
            "missing": [f"{made.get(part)};"],
            "added": [dropped],
            "changed": [dropped, f"{made.get(part)};"],
        }
        yield wrong(f"{kind}_{how}", name=part.name, table=part.table, sql=" ".join(steps[how]))


def _told_apart(
    made: Mapping[_Name, str], found: Mapping[_Name, str]
) -> Iterator[tuple[str, _Name]]:
    """Yield what is missing, added or changed, by name."""
    for name in sorted(made.keys() | found.keys()):
        if name not in found:
            yield "missing", name
        elif name not in made:
            yield "added", name
        elif made[name] != found[name]:
            yield "changed", name


def _rights(made: Walls, found: Walls) -> Iterator[Check]:
    """Name at once what somebody may do with one thing and should not, or should and may not."""
    known = _things(made) & _things(found)
    for how, rights in (
        ("missing", _handed_out(made, found) - found.rights),
        ("added", _handed_out(found, made) - made.rights),
    ):
        told = sorted((right for right in rights if _thing(right) in known), key=_of_whom)
        for (kind, name, who), same in groupby(told, key=_of_whom):
            powers = sorted(right.power for right in same)
            given = ", ".join(powers)
            if how == "missing":
                sql = f"grant {given} on {kind} {name} to {who};"
            else:
                sql = " ".join(_taken((kind, name, who), powers, made))
            yield wrong(f"right_{how}", who=who, name=name, rights=given, sql=sql)


def _things(walls: Walls) -> set[tuple[str, str]]:
    """Return all that rights may be about, each by its kind and name."""
    return {
        ("schema", SCHEMA),
        *(("function", name) for name in walls.functions),
        *((kind, name) for kind in ("table", "sequence") for name in walls.relations),
    }


def _handed_out(walls: Walls, others: Walls) -> set[Right]:
    """Return rights without an owner's own where the owners differ: these go with the ownership."""
    return {
        right
        for right in walls.rights
        if walls.relations.get(right.name) != right.holder
        or others.relations.get(right.name) == right.holder
    }


def _thing(right: Right) -> tuple[str, str]:
    return right.kind, right.name


def _of_whom(right: Right) -> tuple[str, str, str]:
    return right.kind, right.name, right.holder


def _powers(walls: Walls, of_whom: tuple[str, str, str]) -> list[str]:
    return sorted(right.power for right in walls.rights if _of_whom(right) == of_whom)


def _taken(of_whom: tuple[str, str, str], powers: Sequence[str], made: Walls) -> Iterator[str]:
    """Yield the SQL that takes rights from somebody, and from whom they handed them on to."""
    kind, name, who = of_whom
    plain = [power for power in powers if not power.endswith(_OPTION)]
    for power in powers:
        if power.endswith(_OPTION):
            one = power.removesuffix(_OPTION)
            yield f"revoke grant option for {one} on {kind} {name} from {who} cascade;"
    if plain:
        yield f"revoke {', '.join(plain)} on {kind} {name} from {who} cascade;"
    # Whoever loses a power over a table loses it over each of its columns.
    lost = [one for one in _powers(made, of_whom) if one.partition(" (")[0] in plain]
    if lost:
        yield f"grant {', '.join(lost)} on {kind} {name} to {who};"
