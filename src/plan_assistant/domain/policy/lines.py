"""Finds the line of a TOML file on which a field stands: the standard reader only gives values.

It scans a text that is already known to be valid TOML. Not here: what the fields mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[|\[)\s*(.+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)
_NAME = re.compile(r""""([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)""")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#|[\[\]{}]')


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the fields of one file stand."""

    places: dict[Path, int]

    def of(self, path: Sequence[str | int]) -> int | None:
        """Return the line of a field, or of the nearest table around it that the file writes."""
        for length in range(len(path), 0, -1):
            line = self.places.get(tuple(path[:length]))
            if line is not None:
                return line
        return None


def lines_of(text: str) -> Lines:
    """Return the line of every table and key of a TOML text, the first line being 1."""
    places: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in _statements(text):
        header = _HEADER.match(line)
        key = _KEY.match(line)
        if key is not None:
            names = _names(key.group(1))
            for length in range(1, len(names) + 1):
                places.setdefault((*table, *names[:length]), number)
        elif header is not None:
            table = _table(header, counts)
            for length in range(1, len(table) + 1):
                places.setdefault(table[:length], number)
    return Lines(places)


def _table(header: re.Match[str], counts: dict[Path, int]) -> Path:
    """Return the path of a table; an element of an array of tables carries its index."""
    path: Path = ()
    names = _names(header.group(2))
    for position, name in enumerate(names):
        path = (*path, name)
        is_last = position == len(names) - 1
        if header.group(1) == "[[" and is_last:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(next(part for part in found if part) for found in _NAME.findall(dotted))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that begin a statement: not those inside an array or a text of many lines."""
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if depth == 0 and not quote:
            yield number, line
        rest = line
        while rest:
            if quote:
                _, found, rest = rest.partition(quote)
                quote = "" if found else quote
                continue
            token = _TOKEN.search(rest)
            if token is None or token.group() == "#":
                break
            rest = rest[token.end() :]
            if token.group() in {'"""', "'''"}:
                quote = token.group()
            else:
                depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
