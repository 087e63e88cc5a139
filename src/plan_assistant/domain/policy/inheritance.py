"""How a pack extends another: its file is laid over the other's, section by section, rule by rule.

A plain field is replaced. A section ([space], [robustness], [schedule], [affordability], [breach],
[authority.<role>]) is merged field by field, and the value of a field is replaced whole, be it a
number, a list or a table. Rules of an id the file names are replaced, rules of other ids are added
before the rest, and `remove_rules` takes rules away. Not here: whether the result may be wider
(`difference.py`), and the tables of living costs that a pack only names (`tables.py`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.policy.lines import Lines, lines_of

SECTIONS = ("space", "robustness", "schedule", "affordability", "breach")
_OWN = frozenset(
    {
        "format",
        "pack",
        "extends",
        "version",
        "title",
        "effective_from",
        "effective_to",
        "chosen_by_name",
        "fallback",
        "remove_rules",
        "lender_may_loosen",
    }
)
"""What a pack says of itself, and never takes from another."""
Raw = dict[str, Any]
FindPack = Callable[[str], bytes | None]
"""Returns the bytes of the pack of that name; None when there is none."""


@dataclass(frozen=True)
class Source:
    """One file of a pack."""

    name: str
    """What the file is called in messages."""
    content: bytes

    @cached_property
    def text(self) -> str:
        """The file as text; raises InputRefused when it is not UTF-8."""
        try:
            return self.content.decode("utf-8")
        except UnicodeDecodeError as error:
            problem = Problem("", f"not a TOML file: {error}")
            raise InputRefused(self.name, [problem]) from error

    @cached_property
    def raw(self) -> Raw:
        """The file's own tables; raises InputRefused with the line when it is not TOML."""
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            problem = Problem("", f"not a TOML file: {error}")
            raise InputRefused(self.name, [problem]) from error

    @cached_property
    def lines(self) -> Lines:
        """Where its fields stand."""
        return lines_of(self.text)


@lru_cache(maxsize=128)
def source_of(name: str, content: bytes) -> Source:
    """Return a file, parsed once however many packs extend it."""
    return Source(name, content)


def chain(source: Source, find: FindPack) -> tuple[Source, ...]:
    """Return the files a pack is made of, the outermost first and the given one last.

    Raises InputRefused when a pack is extended that nobody knows, or one that extends itself.
    """
    found, seen = [source], [_own_name(source)]
    while (parent := found[0].raw.get("extends")) is not None:
        child = found[0]
        if not isinstance(parent, str):
            break  # the field's form is judged with the rest of the file
        if parent in seen:
            ring = " -> ".join([*reversed(seen), parent])
            raise _not_extended(child, f"packs extend each other in a ring: {ring}")
        content = find(parent)
        if content is None:
            raise _not_extended(child, f"there is no pack {parent!r} that it could extend")
        found.insert(0, source_of(f"{parent}.toml", content))
        seen.insert(0, parent)
    return tuple(found)


def _not_extended(child: Source, sentence: str) -> InputRefused:
    line = child.lines.of(("extends",))
    return InputRefused(child.name, [Problem("extends", sentence, line)])


def _own_name(source: Source) -> str:
    return str(source.raw.get("pack", source.name))


def merged(sources: tuple[Source, ...]) -> Raw:
    """Return the tables of a pack with everything it takes from the packs it extends."""
    whole: Raw = {}
    for source in sources:
        whole = _over(whole, source.raw)
    return whole


def _over(below: Raw, above: Mapping[str, Any]) -> Raw:
    result = {key: value for key, value in below.items() if key not in _OWN}
    for key, value in above.items():
        known = result.get(key)
        if key in SECTIONS:
            result[key] = _fields(known, value)
        elif key == "authority" and isinstance(known, dict) and isinstance(value, dict):
            roles = {role: _fields(known.get(role), table) for role, table in value.items()}
            result[key] = {**known, **roles}
        elif key != "rules":
            result[key] = value
    result["rules"] = _rules(
        below.get("rules", []), above.get("rules", []), above.get("remove_rules")
    )
    return result


def _fields(below: object, above: object) -> object:
    return {**below, **above} if isinstance(below, dict) and isinstance(above, dict) else above


def _rules(below: object, above: object, removed: object) -> object:
    if not isinstance(below, list) or not isinstance(above, list):
        return above
    gone = {rule.get("id") for rule in above if isinstance(rule, dict) and _is_named(rule)}
    gone |= (
        {name for name in removed if isinstance(name, str)} if isinstance(removed, list) else set()
    )
    kept = [rule for rule in below if not (_is_named(rule) and rule["id"] in gone)]
    return [*above, *kept]


def _is_named(rule: object) -> bool:
    return isinstance(rule, dict) and isinstance(rule.get("id"), str)
