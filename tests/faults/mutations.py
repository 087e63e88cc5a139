"""Case files gone wrong: their bytes and their trees changed at random, the same for the same seed.

Every file is that of a sample borrower with canaries in its personal fields.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from plan_assistant.domain.events import EventType
from plan_assistant.domain.personal_fields import with_personal
from plan_assistant.samples import sample_names, sample_text
from tests.canaries import (
    ACCOUNT,
    ADDRESS,
    EVIDENCE,
    ID_NUMBER,
    LABEL,
    LENDER,
    NAME,
    NOTE,
    PHONE,
    RECORDING,
)

_BY_FIELD = {
    "name": NAME,
    "id_number": ID_NUMBER,
    "phone": PHONE,
    "address": ADDRESS,
    "account_tail": ACCOUNT,
    "lender": LENDER,
    "label": LABEL,
    "recording": RECORDING,
    "channel": "phone",
    "note": NOTE,
}

Tree = Any
Path = tuple[str | int, ...]


def base_trees() -> list[Tree]:
    """Return the sample case files with canaries in them."""

    def canary(path: str, _value: object) -> str:
        return _BY_FIELD.get(path.rpartition(".")[2], EVIDENCE)

    return [
        with_personal(EventType.CASE_OPENED, json.loads(sample_text(name)), canary)
        for name in sample_names()
    ]


NASTY: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**63,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    "",
    " ",
    "0",
    "-1.00",
    "1e999",
    "NaN",
    "１２３．００",
    "9" * 5_000,
    "x" * 200_000,
    "\0",
    "\u202e\u2066",
    "e\u0301" * 500,
    "\ud800",
    "🀄",
    "0000-00-00",
    "2026-02-30",
    "9999-12-31",
    "1/0",
    "1/3",
    [],
    {},
    [[]],
    [{}] * 60,
    ["x"] * 3_000,
    {"": ""},
    {"format": "plan-assistant/case@2"},
    "plan-assistant/case@2",
    "plan-assistant/case@" + "9" * 5_000,
    "CNY",
    "XXX",
    "JPY",
    "cn",
)
"""Values that no field wants, and some that a field wants elsewhere."""

_NASTY_BYTES = (
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b'"',
    b"\\",
    b"\\u",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\x1b[2J",
    b"NaN",
    b"Infinity",
    b"1e999",
    b"-",
    b"9" * 40,
    b"[" * 40,
    b'{"a":' * 40,
)


def paths(tree: Tree, above: Path = ()) -> Iterator[Path]:
    """Yield the path of every value below the root."""
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for step, value in steps:
        yield (*above, step)
        if isinstance(value, dict | list):
            yield from paths(value, (*above, step))


def _parent(tree: Tree, path: Path) -> Tree:
    for step in path[:-1]:
        tree = tree[step]
    return tree


def _at(tree: Tree, path: Path) -> Tree:
    return _parent(tree, path)[path[-1]]


def _replace(tree: Tree, chance: random.Random) -> None:
    path = chance.choice(list(paths(tree)))
    _parent(tree, path)[path[-1]] = copy.deepcopy(chance.choice(NASTY))


def _remove(tree: Tree, chance: random.Random) -> None:
    path = chance.choice(list(paths(tree)))
    del _parent(tree, path)[path[-1]]


def _swap(tree: Tree, chance: random.Random) -> None:
    """Let two values change places: a name stands where a date belongs."""
    known = list(paths(tree))
    one, other = chance.choice(known), chance.choice(known)
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return  # one holds the other
    a, b = _at(tree, one), _at(tree, other)
    _parent(tree, one)[one[-1]], _parent(tree, other)[other[-1]] = b, a


def _copy(tree: Tree, chance: random.Random) -> None:
    known = list(paths(tree))
    path = chance.choice(known)
    _parent(tree, path)[path[-1]] = copy.deepcopy(_at(tree, chance.choice(known)))


def _rename(tree: Tree, chance: random.Random) -> None:
    known = [path for path in paths(tree) if isinstance(path[-1], str)]
    if known:
        path = chance.choice(known)
        parent = _parent(tree, path)
        name = chance.choice(["", "x", "borower", "\u202e", "__class__", str(path[-1]).upper()])
        parent[name] = parent.pop(path[-1])


def _nest(tree: Tree, chance: random.Random) -> None:
    path = chance.choice(list(paths(tree)))
    value = _at(tree, path)
    for _ in range(chance.randint(1, 40)):
        value = [value] if chance.random() < 0.5 else {"a": value}
    _parent(tree, path)[path[-1]] = value


TREE_CHANGES: tuple[Callable[[Tree, random.Random], None], ...] = (
    _replace,
    _replace,
    _remove,
    _swap,
    _swap,
    _copy,
    _rename,
    _nest,
)


def changed_tree(tree: Tree, chance: random.Random) -> bytes:
    """Return the bytes of a case file whose tree was changed in one to four places."""
    tree = copy.deepcopy(tree)
    for _ in range(chance.randint(1, 4)):
        if isinstance(tree, dict) and tree:
            chance.choice(TREE_CHANGES)(tree, chance)
    escaped = chance.random() < 0.3
    text = json.dumps(tree, ensure_ascii=escaped)
    return text.encode("utf-8", "surrogatepass")


def changed_bytes(tree: Tree, other: Tree, chance: random.Random) -> bytes:
    """Return the bytes of a case file changed in one to six places, or joined with another."""
    content = bytearray(json.dumps(tree, ensure_ascii=False, indent=1).encode())
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(content) + 1)
        end = min(len(content), place + chance.randint(1, 40))
        match chance.randrange(7):
            case 0 if place < len(content):
                content[place] ^= 1 << chance.randrange(8)
            case 1:
                del content[place:end]
            case 2:
                content[place:place] = chance.choice(_NASTY_BYTES)
            case 3:
                content[place:place] = content[place:end]
            case 4:
                content[place:end] = chance.choice(_NASTY_BYTES)
            case 5 if chance.random() < 0.3:
                del content[place:]
            case 6 if chance.random() < 0.1:
                tail = json.dumps(other, ensure_ascii=False).encode()
                content[place:] = tail[chance.randrange(len(tail)) :]
    return bytes(content)
