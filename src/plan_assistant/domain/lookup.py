"""What two ways of writing a name, a number or a reference have in common: either finds the same.

Not here: how a case is found by it without the store holding it (`adapters/keys`).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_PHONE_DIGITS: Final = 8
"""The last digits by which numbers are compared: country and area codes may be there or not."""
_CHINESE_ID: Final = re.compile(r"(\d{17})[\dX]")
_OLD_CHINESE_ID: Final = re.compile(r"(\d{6})(\d{9})")
_SEPARATING: Final = frozenset({"Pd", "Zs", "Zl", "Zp", "Cc", "Cf"})
"""The categories of dashes, of blanks, and of characters that nobody sees."""
_OTHER_DASHES: Final = frozenset(
    "\N{MINUS SIGN}\N{HYPHEN BULLET}\N{SWUNG DASH}\N{MODIFIER LETTER MINUS SIGN}"
    "\N{BOX DRAWINGS LIGHT HORIZONTAL}\N{BOX DRAWINGS HEAVY HORIZONTAL}"
)
"""Dashes to whoever types them, and signs of another category to Unicode."""


def _plain(text: str) -> str:
    """Return letters and digits in their ordinary form: full-width ones are the same ones."""
    return unicodedata.normalize("NFKC", text).casefold()


def name_key(name: str) -> str:
    """Return a name without blanks, dots and case; of one in Latin letters without order, too.

    >>> name_key("Chen  Wei") == name_key("WEI CHEN")
    True
    >>> name_key("买买提·艾力") == name_key("买买提 艾力")
    True
    """
    words = [word for word in re.split(r"[^\w]+|_", _plain(name)) if word]
    is_latin = all(unicodedata.name(word[0], "").startswith("LATIN") for word in words)
    return " ".join(sorted(words)) if is_latin else "".join(words)


def id_key(number: str) -> str:
    """Return an identity number without blanks and signs; Chinese ones without their check digit.

    The fifteen digits of before 1999 and the eighteen of after are then the same number.

    >>> id_key("110101 19900307 425x") == id_key("110101900307425")
    True
    """
    plain = re.sub(r"[^0-9A-Z]", "", _plain(number).upper())
    if today := _CHINESE_ID.fullmatch(plain):
        return today[1]
    if old := _OLD_CHINESE_ID.fullmatch(plain):
        return f"{old[1]}19{old[2]}"
    return plain


def phone_key(number: str) -> str:
    """Return the last digits of a telephone number.

    >>> phone_key("+86 138-0013-8000"), phone_key("１３８００１３８０００")
    ('00138000', '00138000')
    """
    return re.sub(r"\D", "", _plain(number), flags=re.ASCII)[-_PHONE_DIGITS:]


def reference_key(reference: str) -> str:
    """Return a bank's reference without case, blanks and dashes; empty where it is nothing else.

    Other signs stay: banks tell transfers apart by them.

    >>> reference_key("２０２６　００７７"), reference_key("2026-0077")
    ('20260077', '20260077')
    >>> reference_key("2026/77") == reference_key("2026-77")
    False
    """
    return "".join(
        character
        for character in _plain(reference)
        if unicodedata.category(character) not in _SEPARATING and character not in _OTHER_DASHES
    )
