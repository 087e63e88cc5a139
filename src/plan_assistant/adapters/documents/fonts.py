"""The fonts of the paper and which characters they have.

Only the fonts of one pinned package are used, never those of the machine: the same record gives the
same bytes everywhere. Not here: refusing a character (`writer.py`).
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn as package
import typst

_FORMAT_SEGMENTED = 12
# Shown by no glyph of their own: the typesetter breaks lines at blanks and drops these.
_NEEDS_NO_GLYPH = frozenset(" \n")


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Return the fonts for the typesetter, read once."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in {path.parent for path in font_files()}],
    )


def font_files() -> tuple[Path, ...]:
    """Return the font files."""
    return (package.serif_path(), package.sans_path())


def missing_characters(text: str) -> list[str]:
    """Return the characters that no font has, each once, in order of appearance."""
    return [
        character
        for character in dict.fromkeys(text)
        if character not in _NEEDS_NO_GLYPH and not _has(ord(character))
    ]


def _has(code: int) -> bool:
    for starts, ends in _coverage():
        index = bisect_right(starts, code) - 1
        if index >= 0 and code <= ends[index]:
            return True
    return False


@lru_cache(maxsize=1)
def _coverage() -> tuple[tuple[list[int], list[int]], ...]:
    """Return for each font the first and last code points of its runs of characters, ascending."""
    return tuple(
        ([first for first, _ in runs], [last for _, last in runs])
        for runs in (list(_runs(path.read_bytes())) for path in font_files())
    )


def _runs(font: bytes) -> Iterator[tuple[int, int]]:
    """Read the runs of the full Unicode character map (OpenType `cmap`, format 12)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    directory = {
        tag: offset
        for tag, _, offset, _ in struct.iter_unpack(">4sIII", font[12 : 12 + 16 * tables])
    }
    start = directory[b"cmap"]
    (subtables,) = struct.unpack_from(">H", font, start + 2)
    for index in range(subtables):
        (offset,) = struct.unpack_from(">I", font, start + 4 + 8 * index + 4)
        subtable = start + offset
        if struct.unpack_from(">H", font, subtable) == (_FORMAT_SEGMENTED,):
            (groups,) = struct.unpack_from(">I", font, subtable + 12)
            table = font[subtable + 16 : subtable + 16 + 12 * groups]
            for first, last, glyph in struct.iter_unpack(">III", table):
                yield first + (glyph == 0), last
            return
    raise LookupError("the font has no character map of format 12")
