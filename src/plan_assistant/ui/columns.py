"""Text laid out in terminal cells: padded, fitted, wrapped; Chinese characters take two.

Amounts go through `amount` and are never cut; words are shortened only where a word may be. Not
here: what the text says (`wording`) and its styles (`widgets/text.py`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from plan_assistant.domain.text import clean
from plan_assistant.wording.formats import cell_width, fit

_LONGEST = 4000
"""No text on a screen is longer; a screen of 300 x 100 cells holds less."""
_PIECE = re.compile(r"[^\s\u2e80-\uffef]+|\s+|.")
_NEVER_FIRST = frozenset("，。、；：？！）】》”’…%,.;:?!)]}")
_NEVER_LAST = frozenset("（【《“‘([{")


@lru_cache(maxsize=4096)
def safe(text: str) -> str:
    """Return text without anything that could steer a terminal; every shown string passes here."""
    return clean(text, _LONGEST)


@lru_cache(maxsize=4096)
def width_of(text: str) -> int:
    """Return how many cells a text takes."""
    return cell_width(text)


def shorten(text: str, width: int) -> str:
    """Return words in at most `width` cells, with `..` where something was left out."""
    text = safe(text)
    if width_of(text) <= width:
        return text
    kept, used = [], 0
    room = width - 2
    for character in text:
        used += width_of(character)
        if used > room:
            break
        kept.append(character)
    return ("".join(kept) + "..")[: max(width, 0)]


def whole(text: str, width: int) -> str:
    """Return words with figures if all of them fit, else nothing: a cut figure is a wrong one."""
    text = safe(text)
    return text if width_of(text) <= width else ""


def left(text: str, width: int) -> str:
    """Return words in exactly `width` cells, left-aligned."""
    text = shorten(text, width)
    return text + " " * (width - width_of(text))


def right(text: str, width: int) -> str:
    """Return words in exactly `width` cells, right-aligned."""
    text = shorten(text, width)
    return " " * (width - width_of(text)) + text


def amount(text: str, width: int) -> str:
    """Return a figure right-aligned in exactly `width` cells, or `#####` when it does not fit."""
    return fit(text, width)


def entry(name: str, figure: str, width: int) -> str:
    """Return a name and, at the right, a figure: the name is shortened, the figure never."""
    room = width - width_of(figure) - 1
    if room < 4:
        room = max(width - 6, 0)
    return f"{left(name, room)} {amount(figure, width - room - 1)}"


def ends(first: str, last: str, width: int) -> str:
    """Return one line with words at its left end and, kept whole, words at its right end."""
    last = shorten(last, width)
    room = width - width_of(last)
    return left(first, room) + last if room > 0 else last


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Break a sentence into lines of at most `width` cells; later lines start with `indent`.

    Breaks fall between words and between Chinese characters, never before a closing mark, and never
    inside an amount. A word longer than a line is broken where it must be.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(safe(text)):
        if width_of(line) + width_of(piece.rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = indent + piece.lstrip()
        while width_of(line) > width:
            cut = _cut(line, width)
            lines.append(line[:cut])
            line = indent + line[cut:]
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def _pieces(text: str) -> list[str]:
    """Split a text into what may not be broken: words, Chinese characters with their marks."""
    pieces: list[str] = []
    for match in _PIECE.finditer(text):
        piece = match.group()
        if len(pieces) > 1 and pieces[-1].isspace() and _belongs_together(pieces[-2], piece):
            blank = pieces.pop()
            pieces[-1] += blank + piece
        elif pieces and (piece[0] in _NEVER_FIRST or pieces[-1][-1] in _NEVER_LAST):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _belongs_together(before: str, after: str) -> bool:
    """Say whether a blank stands inside one figure: `18.00 %`, `CNY 2,308.99`."""
    is_code = len(before) == 3 and before.isalpha() and before.isupper()
    return after[0] == "%" or (is_code and after[0].isdigit())


def _cut(text: str, width: int) -> int:
    used = 0
    for index, character in enumerate(text):
        used += width_of(character)
        if used > width:
            return max(index, 1)
    return len(text)
