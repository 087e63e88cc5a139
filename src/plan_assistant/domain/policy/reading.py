"""Reads a pack from its file, those it extends and the tables it names; all problems at once.

Every problem names the field and the line on which the file writes it. Not here: where files lie
(`adapters/policies.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.policy import contradictions
from plan_assistant.domain.policy.affordability import AffordabilityTable
from plan_assistant.domain.policy.difference import Change, loosenings
from plan_assistant.domain.policy.directions import Direction
from plan_assistant.domain.policy.inheritance import FindPack, Source, chain, merged, source_of
from plan_assistant.domain.policy.misfits import misfits_of, refuse_other_format, sentence_of
from plan_assistant.domain.policy.pack import FORMAT, AllocationOrder, PackFile, PolicyPack
from plan_assistant.domain.policy.parameters import problems_of, problems_of_test
from plan_assistant.domain.policy.sections import Sections, sections_of
from plan_assistant.domain.policy.sources import replaced_sources
from plan_assistant.domain.policy.space import Space
from plan_assistant.domain.policy.tables import read_costs, read_statement
from plan_assistant.domain.policy.values import plain

FindTable = Callable[[str], bytes | None]
"""Returns the bytes of the table of that name; None when there is none."""


def nobody(_name: str) -> bytes | None:
    """Know no pack that another could extend."""
    return None


def read_pack(
    content: bytes, source: str, find: FindPack = nobody, find_table: FindTable | None = None
) -> PolicyPack:
    """Read a pack from the bytes of a TOML file; `find` returns the packs it extends.

    `find_table` returns the tables it names; without it they are left out, the pack can be shown
    and compared but assesses nobody. Raises InputRefused with every problem found and its line.
    """
    sources = chain(source_of(source, content), find)
    pack = _resolved(sources)
    if find_table is None:
        return pack
    tables = tuple((name, find_table(name)) for name in pack.affordability.files)
    return _on_tables(sources, tables)


@lru_cache(maxsize=64)
def _on_tables(
    sources: tuple[Source, ...], tables: tuple[tuple[str, bytes | None], ...]
) -> PolicyPack:
    """Return a pack with its tables handed over; its hash then covers them too."""
    pack, own = _resolved(sources), sources[-1]
    named = pack.affordability
    found = {name: content for name, content in tables if content is not None}
    costs = {
        name: read_costs(found[name], f"{name}.toml") for name in named.tables if name in found
    }
    statement = None
    if named.statement is not None and named.statement in found:
        statement = read_statement(found[named.statement], f"{named.statement}.toml")
    standing = named.with_tables(costs, statement)
    missing = list(standing.missing)
    if named.statement is not None and statement is None:
        missing.append(named.statement)
    if missing:
        sentence = (
            f"there is no table or item {', '.join(missing)}: correct the name, or put the "
            "table into a folder “tables” beside the pack"
        )
        raise InputRefused(own.name, [_placed(Problem("affordability", sentence), own)])
    if standing.without_kind:
        sentence = (
            f"a floor or guide needs the kind of outgoing it is for, which "
            f"{', '.join(standing.without_kind)} lacks: name other items, or write the kind into "
            "the table"
        )
        raise InputRefused(own.name, [_placed(Problem("affordability", sentence), own)])
    contents = [one.content for one in sources] + list(found.values())
    sha256 = hashlib.sha256(b"".join(contents)).hexdigest()
    return pack.model_copy(update={"affordability": standing, "sha256": sha256})


@lru_cache(maxsize=64)
def _resolved(sources: tuple[Source, ...]) -> PolicyPack:
    """Read each pack once, however many packs extend it."""
    parent = _resolved(sources[:-1]) if len(sources) > 1 else None
    own, raw = sources[-1], merged(sources)
    refuse_other_format(own, FORMAT)
    sections = sections_of(raw, merged(sources[:-1]))
    problems = list(_problems(own, raw, sections, parent))
    if parent is not None:
        said, child = {problem.path for problem in problems}, _comparable(parent, sections)
        compared = (*loosenings(parent, child), *replaced_sources(parent, child))
        problems += [_refused(parent, one) for one in compared if one.place not in said]
    if problems:
        raise InputRefused(own.name, [_placed(problem, own) for problem in problems])
    return PolicyPack.model_validate(
        {
            **raw,
            "sha256": hashlib.sha256(b"".join(one.content for one in sources)).hexdigest(),
            "lineage": [str(one.raw["pack"]) for one in sources],
            "versions": [str(one.raw["version"]) for one in sources],
        }
    )


def _comparable(parent: PolicyPack, sections: Sections) -> PolicyPack:
    """Return the parent with every well-formed part of the child: what is broken cannot loosen."""
    update: dict[str, object] = {
        name: section for name, section in sections.single.items() if section is not None
    }
    whole = {
        role: table
        for role, table in sections.authority.items()
        if not sections.hidden[f"authority.{role.value}"]
    }
    if parent.authority.keys() <= whole.keys():
        update["authority"] = whole
    update |= sections.top
    if sections.rules is not None:
        sound = [rule for rule in sections.rules if not any(problems_of(rule))]
        ids = {rule.id for rule in sound}
        kept = [rule for rule in parent.rules if rule.id in sections.named - ids]
        update["rules"] = (*sound, *kept)
    return parent.model_copy(update=update)


def _problems(
    own: Source, raw: Mapping[str, Any], sections: Sections, parent: PolicyPack | None
) -> Iterator[Problem]:
    ill_formed = []
    try:
        PackFile.model_validate(raw)
    except ValidationError as error:
        ill_formed = [_problem(item, raw) for item in misfits_of(error)]
    yield from ill_formed
    said = {problem.path for problem in ill_formed}
    yield from (one for one in _contradictions(raw, sections) if one.path not in said)
    yield from _times(raw)
    if parent is not None and parent.pack != own.raw.get("extends"):
        sentence = f"the file of that name holds the pack {parent.pack!r}"
        yield Problem("extends", sentence)
    known = {rule.id for rule in parent.rules} if parent is not None else set()
    removed = own.raw.get("remove_rules", ())
    for rule_id in removed if isinstance(removed, list) else ():
        if isinstance(rule_id, str) and rule_id not in known:
            yield Problem("remove_rules", f"there is no rule {rule_id!r} that could be removed")


def _contradictions(raw: Mapping[str, Any], sections: Sections) -> Iterator[Problem]:
    """Judge what is well-formed of every section, whatever is wrong beside it."""
    space, table = sections.single["space"], sections.single["affordability"]
    if isinstance(space, Space):
        yield from contradictions.of_space(space, sections.hidden["space"])
    if isinstance(table, AffordabilityTable):
        yield from contradictions.of_affordability(table, sections.hidden["affordability"])
    of_roles = (sections.hidden[f"authority.{role.value}"] for role in sections.authority)
    yield from contradictions.of_authority(sections.authority, frozenset().union(*of_roles))
    written, permitted = raw.get("allocation"), sections.top.get("lender_may_loosen")
    if isinstance(written, list):
        read = [_order(one) for one in written]
        orders = [order for order in read if order is not None]
        yield from contradictions.of_allocation(orders, is_whole=len(orders) == len(written))
    if isinstance(permitted, tuple):
        yield from contradictions.of_permissions(permitted)
    for rule in sections.unread:
        yield from _of_ill_formed(rule)
    yield from contradictions.of_rules(sections.rules or (), sections.dated)


def _of_ill_formed(rule: object) -> Iterator[Problem]:
    """Judge what a rule asks and its limits although another field of it is wrong or missing."""
    if not isinstance(rule, dict):
        return
    rule_id, test = rule.get("id"), rule.get("test")
    yield from _times(rule, f"rules.{rule_id}.")
    parameters = rule.get("parameters", {})
    if isinstance(rule_id, str) and isinstance(test, str) and isinstance(parameters, dict):
        plain_ones = {
            name: value for name, value in parameters.items() if isinstance(value, int | str)
        }
        if plain_ones == parameters:
            yield from problems_of_test(f"rules.{rule_id}", test, plain_ones)


def _times(raw: Mapping[str, Any], place: str = "") -> Iterator[Problem]:
    begins, ends = raw.get("effective_from"), raw.get("effective_to")
    if isinstance(begins, date) and isinstance(ends, date) and begins > ends:
        yield Problem(f"{place}effective_to", "is before effective_from")


def _order(value: object) -> AllocationOrder | None:
    try:
        return AllocationOrder.model_validate(value)
    except ValidationError:
        return None


def _problem(item: ErrorDetails, raw: Mapping[str, Any]) -> Problem:
    """Name a rule by its id rather than by its place in the file."""
    loc = item["loc"]
    parts = [str(part) for part in loc]
    if len(loc) > 1 and loc[0] == "rules" and isinstance(loc[1], int):
        rule = raw["rules"][loc[1]]
        parts[1] = str(rule.get("id", loc[1])) if isinstance(rule, dict) else parts[1]
    return Problem(".".join(parts), sentence_of(item))


def _refused(parent: PolicyPack, change: Change) -> Problem:
    before, after = plain(change.before), plain(change.after)
    if (
        change.after is None
        and change.rule is not None
        and change.place == f"rules.{change.rule.id}"
    ):
        sentence = f"a pack that extends {parent.pack} may not remove this rule"
    elif change.direction is not Direction.LOOSER:
        sentence = (
            f"a pack that extends {parent.pack} and keeps the limit keeps this, too: there it is "
            f"{before}, here {after}; write a rule with another id for what it adds"
        )
    else:
        sentence = (
            f"a pack that extends {parent.pack} may only tighten it: there it is {before}, "
            f"here {after}"
        )
    return Problem(change.place, sentence)


def _placed(problem: Problem, source: Source) -> Problem:
    """Return the problem with the line of its field in the file."""
    path: list[str | int] = [
        int(part) if part.isdigit() else part for part in problem.path.split(".")
    ]
    if path[0] == "rules" and len(path) > 1:
        rules = source.raw.get("rules", [])
        places = [index for index, rule in enumerate(rules) if _is_called(rule, path[1])]
        if not places:
            line = source.lines.of(("remove_rules",))
            return Problem(problem.path, problem.sentence, line)
        path[1] = places[-1]
    return Problem(problem.path, problem.sentence, source.lines.of(path))


def _is_called(rule: object, name: str | int) -> bool:
    return isinstance(rule, dict) and rule.get("id") == name
