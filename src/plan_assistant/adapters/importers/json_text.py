"""Turns foreign bytes into a JSON tree without trusting them: size, nesting, encoding, syntax.

Not here: what the tree means (`domain/formats`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plan_assistant.adapters.reading import LARGEST_FILE, bytes_of, too_large
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.formats.wire import path_of, refuse

DEEPEST = 32
"""Levels of brackets and braces; the deepest format of ours has eight."""

_LONGEST_NUMBER = 18
"""Digits of a whole number; more never belong into a file (amounts are text)."""

# Strings are skipped as a whole, so that brackets inside them do not count. The quantifiers are
# possessive: a file of nothing but quotes costs one pass, too.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)

_HALF = re.compile("[\ud800-\udfff]")
_HALF_SENTENCE = "holds half of a surrogate pair, \\ud800 to \\udfff: remove it"

_SYNTAX = {
    "Expecting ',' delimiter": "a comma or a closing bracket is missing here",
    "Expecting ':' delimiter": "a colon is missing here",
    "Expecting value": "a value is missing here, or it is not JSON (text needs double quotes)",
    "Expecting property name enclosed in double quotes": (
        "a field name in double quotes is missing here, or the comma before it is one too many"
    ),
    "Illegal trailing comma before end of object": "the comma before this brace is one too many",
    "Illegal trailing comma before end of array": "the comma before this bracket is one too many",
    "Unterminated string starting at": "the text that begins here has no closing quote",
    "Invalid control character at": (
        "a control character stands inside a text here: remove it, or write it as \\n or \\t"
    ),
    "Invalid \\escape": "a backslash stands alone here: double it",
    "Invalid \\uXXXX escape": "\\u needs four hexadecimal digits here",
    "Extra data": "the file should end here, but more follows: keep one object a file",
}
_BINARY = (
    (b"PK\x03\x04", "this is a zip or Office file, not JSON: export the case as JSON"),
    (b"%PDF", "this is a PDF, not JSON: export the case as JSON"),
    (b"SQLite format 3", "this is a database, not JSON: export the case as JSON"),
    (b"\xff\xfe", "this file is UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "this file is UTF-16: save it as UTF-8"),
)


@dataclass(frozen=True, slots=True)
class _Oddity:
    """Stands in the tree for a value that JSON or we do not allow."""

    sentence: str


class _Object(dict[str, object]):
    """A JSON object that remembers which keys stood in it twice."""

    twice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JsonText:
    """A parsed file: its tree, and what is wrong with values of it."""

    tree: object
    problems: tuple[Problem, ...]


def read_json_file(path: Path) -> JsonText:
    """Read a JSON file of ours; raises InputRefused when it cannot be read or parsed.

    Values that cannot be used (doubled keys, NaN, endless numbers) are in `problems`, so that the
    caller can report them together with its own.
    """
    return parse_json(bytes_of(path), str(path))


def read_json(path: Path) -> object:
    """Read a JSON file whose every value is usable; raises InputRefused otherwise."""
    text = read_json_file(path)
    refuse(str(path), text.problems)
    return text.tree


def _refused(source: str, sentence: str) -> InputRefused:
    return InputRefused(source, [Problem("", sentence)])


def parse_json(content: bytes, source: str) -> JsonText:
    """Parse the bytes of a JSON file; raises InputRefused when they are not JSON."""
    if len(content) > LARGEST_FILE:
        raise too_large(source, len(content))
    text = _decoded(content, source)
    if not text.strip():
        raise _refused(source, "this file is empty: export the case again")
    _check_nesting(text, source)
    try:
        tree = json.loads(
            text, object_pairs_hook=_object, parse_int=_whole, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        raise _refused(source, _syntax(error, text)) from error
    return JsonText(tree, tuple(_oddities(tree, [])))


def _decoded(content: bytes, source: str) -> str:
    for start, sentence in _BINARY:
        if content.startswith(start):
            raise _refused(source, sentence)
    if b"\0" in content:
        raise _refused(source, "this is a binary file, not JSON: export the case as JSON")
    try:
        # Editors on Windows put a byte order mark in front; RFC 8259 lets readers skip it.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(
            source,
            f"line {line}: this file is not UTF-8 text: save it as UTF-8 (it may be GB18030)",
        ) from error


def _check_nesting(text: str, source: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        first = token.group()[0]
        if first in "[{":
            depth += 1
            if depth > DEEPEST:
                where = _place(text, token.start())
                raise _refused(
                    source,
                    f"{where}: brackets are nested more than {DEEPEST} levels deep: this is not a "
                    "file of this program",
                )
        elif first in "]}":
            depth -= 1


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return f"line {line}, column {column}"


def _syntax(error: json.JSONDecodeError, text: str) -> str:
    where = f"line {error.lineno}, column {error.colno}"
    is_cut_off = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
    if is_cut_off:
        return f"{where}: the file ends in the middle: it was cut off, copy or export it again"
    return f"{where}: {_SYNTAX.get(error.msg, 'this is not JSON: check the place')}"


def _object(pairs: list[tuple[str, object]]) -> _Object:
    made = _Object(pairs)
    if len(made) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        made.twice = tuple(key for key, count in counts.items() if count > 1)
    return made


def _whole(digits: str) -> object:
    if len(digits.removeprefix("-")) > _LONGEST_NUMBER:
        return _Oddity(
            f"is a number of {len(digits)} digits: check it (amounts are text in quotes)"
        )
    return int(digits)


def _constant(name: str) -> object:
    return _Oddity(f"{name} is not a number in JSON: write the value as text in quotes")


def _oddities(value: object, loc: list[str | int]) -> Iterator[Problem]:
    """Walk a tree that is at most `DEEPEST` levels deep."""
    if isinstance(value, _Oddity):
        yield Problem(path_of(loc), value.sentence)
    elif isinstance(value, str):
        if _HALF.search(value):
            yield Problem(path_of(loc), _HALF_SENTENCE)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _oddities(item, [*loc, index])
    elif isinstance(value, _Object):
        for key in value.twice:
            yield Problem(
                path_of([*loc, key]), "stands twice in the same object: keep one of the two"
            )
        for key, item in value.items():
            if _HALF.search(key):
                yield Problem(path_of([*loc, key]), f"the name of this field {_HALF_SENTENCE}")
            yield from _oddities(item, [*loc, key])
