"""Canonical JSON (RFC 8785, for JSON without floats) and the fingerprint over it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final

from plan_assistant.domain.events import Json

_LARGEST_INTEGER = 2**53 - 1
"""Beyond it other readers of JSON lose digits (RFC 7493)."""


def canonical(value: Json | Mapping[str, Json]) -> bytes:
    """Return the one byte string for a JSON value: keys sorted by UTF-16 code units, no spaces.

    Raises TypeError for a float or anything else that is not JSON of ours, ValueError for a whole
    number beyond 2**53 - 1 or a lone surrogate.
    """
    # An agreement is written with each act, and what is plain the library sorts faster than we do.
    text = _SORTING.encode(value) if _is_plain(value) else _IN_ORDER.encode(_sorted(value))
    return text.encode("utf-8")


def _encoder(*, sorts: bool) -> json.JSONEncoder:
    return json.JSONEncoder(
        ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=sorts
    )


_SORTING: Final = _encoder(sorts=True)
_IN_ORDER: Final = _encoder(sorts=False)
_TEXT: Final = frozenset({str})


def _is_plain(value: object) -> bool:
    """Say whether there is nothing to refuse, and no key beyond ASCII.

    The library sorts keys by code points; below U+10000 that is the order of code units.
    """
    if type(value) is str:
        return True
    left = [value]
    while left:
        item = left.pop()
        inner: Iterable[object]
        if type(item) is dict:
            if not (set(map(type, item)) <= _TEXT and "".join(item).isascii()):
                return False
            inner = item.values()
        elif type(item) is list or type(item) is tuple:
            inner = item
        else:
            return False
        for part in inner:
            kind = type(part)
            if kind is str or part is None or kind is bool:
                continue
            if kind is dict or kind is list or kind is tuple:
                left.append(part)
            elif kind is not int or abs(part) > _LARGEST_INTEGER:
                return False
    return True


def _sorted(value: object) -> object:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > _LARGEST_INTEGER:
            raise ValueError(f"{value} is too large for a whole number in JSON; write it as text")
        return value
    if isinstance(value, list | tuple):
        return [_sorted(item) for item in value]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"a key of a JSON object is text, not {type(key).__name__}")
        return {key: _sorted(value[key]) for key in _ordered(value)}
    raise TypeError(
        f"{type(value).__name__} does not belong into a record; amounts and rates are text"
    )


def _ordered(names: Collection[str]) -> list[str]:
    # Our own keys are ASCII, which sorts alike as text and much faster.
    is_plain = all(map(str.isascii, names))
    return sorted(names) if is_plain else sorted(names, key=_code_units)


def _code_units(key: str) -> bytes:
    # "surrogatepass": a lone surrogate sorts here and is refused by the final encoding.
    return key.encode("utf-16-be", "surrogatepass")


def pieces(value: Mapping[str, Json]) -> dict[str, bytes]:
    """Return the canonical JSON of each entry of an object, by its key; raises as `canonical`."""
    if not _is_plain(value):
        return {name: canonical(part) for name, part in value.items()}
    # Looked at once, not once for each entry.
    return {name: _SORTING.encode(part).encode("utf-8") for name, part in value.items()}


def assembled(parts: Mapping[str, bytes]) -> bytes:
    """Return the canonical JSON of the object whose entries are these."""
    return b"{%s}" % b",".join([b"%s:%s" % (_key(name), parts[name]) for name in _ordered(parts)])


@lru_cache(maxsize=1024)  # the fields of our own forms
def _key(name: str) -> bytes:
    return canonical(name)


def fingerprint(value: Json | Mapping[str, Json]) -> str:
    """Return the SHA-256 of the canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
