"""Personal data as a value that shows itself masked, and the mark of what was erased.

A `Personal` prints and represents itself masked, in whatever sentence, log or traceback it ends up;
the text itself has to be asked for by name (`revealed`), so that every such place can be found.
Not here: which fields of a record are personal (`personal_fields.py`), who may reveal one
(`transitions.py`), and the masks (`text.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, final

from plan_assistant.domain.text import mask_address, mask_id, mask_name, mask_phone

ERASED: Final = "erased"
"""Stands in every personal field of a case whose key was destroyed; fits each of them, an account
tail of six letters included, so that an erased case can still be read."""


class RevealReason(StrEnum):
    """What somebody reveals personal data for."""

    IDENTITY = "identity"
    """To make sure who is on the line."""
    DOCUMENT = "document"
    """For a letter or a document."""
    CORRECTION = "correction"
    """To correct what is known."""
    REQUEST = "request"
    """The borrower asked what is kept about them."""
    OTHER = "other"
    """Told in a sentence."""


def _mask_text(_text: str) -> str:
    """Return nothing of a free text: any word of it may be the one that identifies."""
    return "***"


@final
class Personal:
    """A text about a person.

    >>> name = Personal.name("欧阳娜娜")
    >>> f"{name} {name!r} {name.revealed}"
    "欧*** Personal('欧***') 欧阳娜娜"
    """

    __slots__ = ("_mask", "_text")

    def __init__(self, text: str, mask: Callable[[str], str] = _mask_text) -> None:
        self._text = text
        self._mask = mask

    @classmethod
    def name(cls, text: str) -> Personal:
        """A person's name."""
        return cls(text, mask_name)

    @classmethod
    def id_number(cls, text: str) -> Personal:
        """The number of an identity document."""
        return cls(text, mask_id)

    @classmethod
    def phone(cls, text: str) -> Personal:
        """A telephone number."""
        return cls(text, mask_phone)

    @classmethod
    def address(cls, text: str) -> Personal:
        """A postal address."""
        return cls(text, mask_address)

    @property
    def revealed(self) -> str:
        """The text itself, for the record and for whoever may see it."""
        return self._text

    @property
    def masked(self) -> str:
        """The text as anybody may see it; an empty one stays empty."""
        if not self._text or self.is_erased:
            return self._text
        return self._mask(self._text)

    @property
    def is_erased(self) -> bool:
        """Whether nothing is left of it but the mark."""
        return self._text == ERASED

    def __bool__(self) -> bool:
        return bool(self._text)

    def __str__(self) -> str:
        return self.masked

    def __format__(self, spec: str) -> str:
        return format(self.masked, spec)

    def __repr__(self) -> str:
        return f"Personal({self.masked!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personal) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)
