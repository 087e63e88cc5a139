"""Golden cases with one or several of their fields spoilt, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

from plan_assistant.golden.files import GoldenCase

Path = tuple[str | int, ...]

SPOILT: tuple[Any, ...] = (
    None,
    True,
    False,
    -1,
    0,
    "0",
    "-1",
    "",
    "abc",
    "NaN",
    "1e999",
    float("nan"),
    1.5,
    10**30,
    1201,
    "99999999999999999999999",
    "9" * 5000,
    "0.000000000001",
    "1/0",
    "2026-02-30",
    "2026-01-31",
    "9999-12-31",
    "0001-01-01",
    [],
    {},
    [1],
    {"a": 1},
    {"type": []},
    [[[]]],
)
"""Values that some field somewhere takes and most do not."""
REMOVED = object()
UNKNOWN_KEY = "mood"
PARTS = ("terms", "conventions", "events", "expected")


def paths(tree: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value of a tree."""
    if isinstance(tree, dict):
        steps: list[tuple[str | int, object]] = list(tree.items())
    else:
        steps = list(enumerate(tree)) if isinstance(tree, list) else []
    for step, value in steps:
        yield (*path, step)
        yield from paths(value, (*path, step))


def parts_of(case: GoldenCase) -> dict[str, Any]:
    """Return a copy of what a case holds, to be spoilt."""
    return {name: deepcopy(getattr(case, name)) for name in PARTS}


def spoil(parts: dict[str, Any], path: Path, value: object) -> None:
    """Put a value in the place of another one, or take it away."""
    place: Any = parts
    for step in path[:-1]:
        place = place[step]
    if value is REMOVED:
        del place[path[-1]]
    else:
        place[path[-1]] = value


def spoilt_case(case: GoldenCase, pick: Random) -> tuple[GoldenCase, Path, object]:
    """Return the case with one field replaced, removed or added, and what was done where."""
    parts = parts_of(case)
    # `info` is for readers and never checked.
    places = [path for path in paths(parts) if path[:2] != ("expected", "info")]
    path = pick.choice(places)
    value = pick.choice((REMOVED, UNKNOWN_KEY, *SPOILT))
    if value == UNKNOWN_KEY:
        place: Any = parts
        for step in path:
            place = place[step]
        path = (*path, UNKNOWN_KEY) if isinstance(place, dict) else path
    if len(path) == 1 and value is REMOVED:
        value = None
    spoil(parts, path, value)
    return replace(case, **parts), path, value
