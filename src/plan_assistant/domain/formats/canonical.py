"""Canonical JSON (RFC 8785, for JSON without floats) and the fingerprint over it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson

from plan_assistant.domain.events import Json

_LARGEST_INTEGER = 2**53 - 1
"""Beyond it other readers of JSON lose digits (RFC 7493)."""


def canonical(value: Json | Mapping[str, Json]) -> bytes:
    """Return the one byte string for a JSON value: keys sorted by UTF-16 code units, no spaces.

    Raises TypeError for a float or anything else that is not JSON of ours, ValueError for a whole
    number beyond 2**53 - 1, a lone surrogate, or brackets nested deeper than the library writes.
    """
    # An agreement is written with each act, and what is plain the library sorts faster than we do.
    return _sorted_by_library(value) if _is_plain(value) else _written(value)


def _sorted_by_library(value: object) -> bytes:
    try:
        written = orjson.dumps(value, option=_SORTING)
    except orjson.JSONEncodeError:
        return _written(value)
    # The library sorts keys by code points; up to U+FFFF that is the order of code units.
    return written if written.isascii() or not _BEYOND_FFFF.search(written) else _written(value)


def _written(value: object) -> bytes:
    in_order = _sorted(value)
    try:
        return orjson.dumps(in_order)
    except orjson.JSONEncodeError as error:
        # The library says TypeError also of text that is none and of brackets nested too deep.
        raise ValueError(f"no JSON can be written of it: {error}") from error


_SORTING: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_BEYOND_FFFF: Final = re.compile(rb"[\xf0-\xf4]")
"""By one of these bytes, and by nothing else, begins a character beyond U+FFFF in UTF-8."""
_LEAVES: Final = frozenset({str, int, bool, type(None)})
_HOLDERS: Final = frozenset({dict, list, tuple})


def _is_plain(value: object) -> bool:
    """Say whether there is nothing to refuse but what the library refuses.

    It takes floats and many other types; keys that are no text and whole numbers that are too large
    it does not.
    """
    if type(value) not in _HOLDERS:
        return type(value) in _LEAVES
    holders: list[Any] = [value]
    for holder in holders:  # it grows meanwhile
        parts = holder.values() if type(holder) is dict else holder
        if _LEAVES.issuperset(map(type, parts)):
            continue
        for part in parts:
            kind = type(part)
            if kind in _HOLDERS:
                holders.append(part)
            elif kind not in _LEAVES:
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
        # The library takes no key of a class of its own, such as a StrEnum.
        return {str.__str__(key): _sorted(value[key]) for key in _ordered(value)}
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
    return {name: _sorted_by_library(part) for name, part in value.items()}


def assembled(parts: Mapping[str, bytes]) -> bytes:
    """Return the canonical JSON of the object whose entries are these."""
    return b"{%s}" % b",".join([b"%s:%s" % (_key(name), parts[name]) for name in _ordered(parts)])


@lru_cache(maxsize=1024)  # the fields of our own forms
def _key(name: str) -> bytes:
    return canonical(name)


def fingerprint(value: Json | Mapping[str, Json]) -> str:
    """Return the SHA-256 of the canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
