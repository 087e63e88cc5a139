"""Collects the English sentences about wrong input of the domain and the readers of files.

They are ordinary strings and f-strings there, because the domain knows no languages. Each becomes a
template whose placeholders are named after what is filled in, and is translated like any other
sentence; `wording/problem_texts.py` finds the template of a finished sentence again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

SOURCES = (
    "adapters/calendars.py",
    "adapters/documents/facts.py",
    "adapters/documents/plan_facts.py",
    "adapters/documents/reader.py",
    "adapters/documents/writer.py",
    "adapters/importers",
    "adapters/outside.py",
    "adapters/keys/master.py",
    "adapters/keys/ring.py",
    "adapters/keys/sources.py",
    "adapters/policies.py",
    "adapters/reading.py",
    "adapters/signing.py",
    "adapters/store/place.py",
    "adapters/store/postgres_place.py",
    "adapters/waterfalls.py",
    "cli/dials.py",
    "cli/joint_part.py",
    "cli/proposals.py",
    "cli/schedule.py",
    "domain/calendar.py",
    "domain/evidence.py",
    "domain/formats",
    "domain/money.py",
    "domain/offers/claim.py",
    "domain/offers/fixed_order.py",
    "domain/offers/joint.py",
    "domain/offers/levers.py",
    "domain/offers/share_of_surplus.py",
    "domain/offers/sheet.py",
    "domain/offers/space.py",
    "domain/offers/waterfall.py",
    "domain/policy/affordability.py",
    "domain/policy/choice.py",
    "domain/policy/contradictions.py",
    "domain/policy/inheritance.py",
    "domain/policy/misfits.py",
    "domain/policy/pack.py",
    "domain/policy/parameters.py",
    "domain/policy/parts.py",
    "domain/policy/reading.py",
    "domain/policy/tables.py",
    "domain/policy/waterfall_file.py",
    "domain/rates",
    "domain/schedule/allocation.py",
    "domain/schedule/components.py",
    "domain/schedule/engine.py",
    "domain/schedule/event_days.py",
    "domain/schedule/event_order.py",
    "domain/schedule/history.py",
    "domain/schedule/length_solvers.py",
    "domain/schedule/named_lines.py",
    "domain/schedule/position.py",
    "domain/schedule/restructuring.py",
    "domain/schedule/servicing.py",
    "domain/schedule/solution.py",
    "domain/schedule/solvers.py",
    "domain/schedule/succession.py",
    "domain/schedule/validation.py",
    "services/audit.py",
    "services/export.py",
    "services/joint.py",
    "services/open_case.py",
    "services/retention.py",
)
"""Where a person's input is judged."""

# Two words in a row: everything shorter is a code, a key or a unit.
_SENTENCE = re.compile(r"[A-Za-z{}“”_]+[,:;]? [a-z{}(“]")
_PATTERN = re.compile(r"\[0-9\]|\\[.sdw]|\(\?|\(\.")
_LITERAL = re.compile(r"[A-Za-z]|: ")
_NOT_SHOWN = {"RuntimeError", "AssertionError", "TypeError", "KeyError"}
_DESCRIBING = {"description", "help", "metavar", "pattern"}


@dataclass(frozen=True)
class Template:
    """A sentence with named placeholders."""

    text: str
    line: int


def problem_files(package: Path) -> Iterator[Path]:
    """Yield the files whose sentences are collected."""
    for name in SOURCES:
        place = package / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def templates(path: Path) -> list[Template]:
    """Return the sentences of one file in the order of its lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    skipped = _skipped(tree)
    found = [
        Template(text, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in skipped
        for text in [_template(node)]
        if text is not None and _is_sentence(text)
    ]
    return sorted(found, key=lambda item: item.line)


def _is_sentence(text: str) -> bool:
    literal = "".join(part for part, *_ in Formatter().parse(text))
    return bool(_SENTENCE.search(text) and _LITERAL.search(literal) and not _PATTERN.search(text))


def _skipped(tree: ast.Module) -> set[int]:
    """Return the nodes that are no sentence: docstrings, descriptions, keys, commands."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=value):
                if isinstance(value, ast.Constant):
                    skipped.add(id(value))
            case ast.JoinedStr():
                skipped.update(id(inner) for inner in ast.walk(node) if inner is not node)
            case ast.Dict(keys=keys, values=values):
                skipped.update(id(key) for key in keys)
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in _DESCRIBING:
                        skipped.update(map(id, ast.walk(value)))
            case ast.keyword(arg=name, value=value) if name in _DESCRIBING:
                skipped.update(map(id, ast.walk(value)))
            case ast.Call(func=ast.Name(id=name)) if name in _NOT_SHOWN:
                skipped.update(map(id, ast.walk(node)))
            case ast.Call(func=ast.Attribute(attr="option" | "argument" | "command")):
                skipped.update(map(id, ast.walk(node)))
    return skipped


def _template(node: ast.Constant | ast.JoinedStr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) and _is_template(node.value) else None
    used: set[str] = set()
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
        elif isinstance(part, ast.FormattedValue):
            parts.append("{" + _unused(_name(part.value), used) + "}")
    return "".join(parts)


def _is_template(text: str) -> bool:
    try:
        return all(name is None or name.isidentifier() for _, name, _, _ in Formatter().parse(text))
    except ValueError:
        return False


def _name(node: ast.expr) -> str:
    """Return a name for what is filled in: that of the variable or attribute it comes from."""
    match node:
        case ast.Name(id=name):
            return name.lower().strip("_")
        case ast.Attribute(attr=name):
            return name.lower().strip("_")
        case ast.Call(args=[argument, *_]):
            return _name(argument)
        case ast.BoolOp(values=[first, *_]):
            return _name(first)
    return "value"


def _unused(name: str, used: set[str]) -> str:
    """Return the name, numbered where the sentence has it already."""
    number, free = 1, name
    while free in used:
        number += 1
        free = f"{name}_{number}"
    used.add(free)
    return free
