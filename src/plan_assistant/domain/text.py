"""Foreign text made safe to show, what input refuses, and masks over personal data.

`clean` is for display and documents; the record keeps the original. Not here: how a screen or a
page lays text out.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "�"
ELLIPSIS = "…"
MARKS_KEPT = 2
"""Combining marks shown on one character; more of them climb over the neighbouring lines."""

# Before normalisation a run of marks is cut to this many: enough for everything that composes, and
# it keeps normalisation linear (it sorts each run of marks by insertion).
_MARKS_BEFORE_NFC = 8
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Planes 2 and 3 are set aside for Han characters. The interpreter's tables lag behind: characters
# of Extension H and I stand in people's names and would pass for "unassigned" on Python 3.11.
_HAN_PLANES = range(0x20000, 0x3FFFE)
_STARS = 8


def clean(text: str, max_length: int, *, keep_newlines: bool = False) -> str:
    """Return text that is safe on a terminal and in a document, of at most `max_length` characters.

    NFC; controls, format and bidi characters, surrogates, private-use and unassigned code points
    are shown as U+FFFD; at most two combining marks stay on a character; longer text ends with an
    ellipsis.
    """
    # A character can vanish only as one of a run of marks, so a few times the wanted length is
    # enough to read; whatever lies behind it is cut anyway.
    window = text[: 4 * _MARKS_BEFORE_NFC * max_length]
    safe = "".join(
        character if _is_shown(character, keep_newlines) else REPLACEMENT for character in window
    )
    composed = unicodedata.normalize("NFC", _marks_capped(safe, _MARKS_BEFORE_NFC))
    shown = _marks_capped(composed, MARKS_KEPT)
    if len(shown) <= max_length and len(window) == len(text):
        return shown
    return shown[: max_length - 1] + ELLIPSIS


def _is_shown(character: str, keep_newlines: bool) -> bool:
    if character == "\n":
        return keep_newlines
    if unicodedata.category(character) not in _UNSAFE:
        return True
    return ord(character) in _HAN_PLANES and not _is_noncharacter(character)


def _is_noncharacter(character: str) -> bool:
    code = ord(character)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _marks_capped(text: str, most: int) -> str:
    """Drop marks beyond `most` in a row; a mark with nothing to stand on becomes U+FFFD."""
    if text.isascii():
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        if not unicodedata.category(character).startswith("M"):
            run = 0
        elif not kept or kept[-1] == "\n":
            kept.append(REPLACEMENT)
            continue
        else:
            run += 1
            if run > most:
                continue
        kept.append(character)
    return "".join(kept)


def refused_character(text: str, *, allow_newlines: bool = False) -> str | None:
    """Return the first character that no input may hold, as `U+202E RIGHT-TO-LEFT OVERRIDE`.

    Refused are controls, format and bidi characters, line separators, surrogates, noncharacters.
    Private-use and unassigned code points are not: systems write rare names with them.
    """
    for character in text:
        if character == "\n" and allow_newlines:
            continue
        if unicodedata.category(character) in _REFUSED or _is_noncharacter(character):
            return f"U+{ord(character):04X} {_name(character)}".rstrip()
    return None


def _name(character: str) -> str:
    kind = {"Cc": "control character", "Cs": "half of a surrogate pair"}
    return unicodedata.name(character, kind.get(unicodedata.category(character), ""))


def _starred(word: str) -> str:
    stars = "*" * min(_STARS, max(1, len(word) - 1))
    return word[0] + stars if len(word) > 1 else stars


def mask_name(name: str) -> str:
    """Return a name of which only the first character of each word is left.

    >>> mask_name("欧阳娜娜"), mask_name("Chen Wei")
    ('欧***', 'C*** W**')
    """
    without_marks = "".join(
        character
        for character in clean(name, 80)
        if not unicodedata.category(character).startswith("M")
    )
    return " ".join(_starred(word) for word in without_marks.split()) or "*"


def mask_id(number: str) -> str:
    """Return an identity number of which only the first three and last four characters are left.

    >>> mask_id("110101199003074258")
    '110***********4258'
    """
    shown = clean(number, 40)
    if len(shown) >= 12:
        return shown[:3] + "*" * (len(shown) - 7) + shown[-4:]
    if len(shown) >= 8:
        return shown[0] + "*" * (len(shown) - 3) + shown[-2:]
    return "*" * max(1, len(shown))


def mask_phone(number: str) -> str:
    """Return a telephone number without its middle; spaces and hyphens go.

    >>> mask_phone("138 0013 8000"), mask_phone("+852 9123 4567")
    ('138****8000', '+85*****4567')
    """
    shown = re.sub(r"[\s()-]", "", clean(number, 40))
    if len(shown) >= 11:
        return shown[:3] + "*" * (len(shown) - 7) + shown[-4:]
    if len(shown) >= 6:
        return "*" * (len(shown) - 2) + shown[-2:]
    return "*" * max(1, len(shown))


# Province, city and district; what follows (street, house, room) is masked.
_REGION = re.compile(
    r"(?:[^\s\d,路街巷道弄号村镇乡]{1,8}?(?:自治区|自治州|特别行政区|省|市|地区|盟|区|县|旗)){1,3}"
)


def mask_address(address: str) -> str:
    """Return the province, city and district, or the last part of an address written with commas.

    >>> mask_address("湖南省长沙市岳麓区桐梓坡路1号")
    '湖南省长沙市岳麓区****'
    >>> mask_address("Flat 5, 12 Example Road, Hong Kong")
    '****, Hong Kong'
    """
    shown = clean(address, 200)
    region = _REGION.match(shown)
    if region:
        return f"{region.group()}****"
    if "," in shown:
        last = shown.rsplit(",", 1)[1].strip()
        if last and not any(character.isdigit() for character in last):
            return f"****, {last}"
    return "****"
