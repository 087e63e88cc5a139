"""Typed access to the fields of an agreement; problems are collected with the path of the field.

Not here: which fields an agreement has (`facts.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from plan_assistant.adapters.documents.fonts import missing_characters
from plan_assistant.domain.errors import Problem
from plan_assistant.domain.formats.notation import date_problem, rate_problem, shown
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.text import REPLACEMENT, clean
from plan_assistant.wording.capitals import LARGEST_UNITS

_Word = TypeVar("_Word", bound=StrEnum)
_NOWHEN = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Part:
    """One object of the agreement, read field by field.

    A field that is missing or wrong adds a problem and gives a neutral value, so that all problems
    of an agreement are found in one reading. The caller refuses the agreement when there are any.
    """

    def __init__(self, value: object, path: str, problems: list[Problem]) -> None:
        self.path = path
        self._problems = problems
        self._fields: Mapping[str, object] = {}
        if isinstance(value, Mapping):
            self._fields = value
        else:
            problems.append(Problem(path, f"holds {shown(value)}; expected an object"))
            # One sentence says it; its fields are not missing one by one.
            self._problems = []

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def problem(self, name: str, sentence: str) -> None:
        """Add a problem with a field."""
        self._problems.append(Problem(self.at(name), sentence))

    def _value(self, name: str) -> object:
        if name not in self._fields:
            self.problem(name, "is missing: record the plan again, or export from its record")
            return None
        return self._fields[name]

    def part(self, name: str) -> Part:
        """Return an object inside this one."""
        value = self._value(name)
        return Part(value, self.at(name), self._problems if name in self._fields else [])

    def optional_part(self, name: str) -> Part | None:
        """Return an object inside this one, or None where the field is null."""
        return None if self.is_null(name) else self.part(name)

    def is_null(self, name: str) -> bool:
        """Say whether a field is there and holds nothing."""
        return name in self._fields and self._fields[name] is None

    def has(self, name: str) -> bool:
        """Say whether a field is there, which newer agreements have and older ones lack."""
        return name in self._fields

    def parts(self, name: str) -> list[Part]:
        """Return a list of objects."""
        return [
            Part(item, f"{self.at(name)}[{index}]", self._problems)
            for index, item in enumerate(self._list(name))
        ]

    def _list(self, name: str) -> list[object]:
        value = self._value(name)
        if isinstance(value, list | tuple):
            return list(value)
        if name in self._fields:
            self.problem(name, f"holds {shown(value)}; expected a list")
        return []

    def text(self, name: str, max_length: int = 200) -> str:
        """Return a text that can be printed; nothing is cut or replaced in silence."""
        return self._printable(name, self.at(name), self._value(name), max_length)

    def optional_text(self, name: str, max_length: int = 200) -> str | None:
        """Return a text that can be printed, or None where the field is null."""
        return None if self.is_null(name) else self.text(name, max_length)

    def texts(self, name: str, max_length: int = 200) -> tuple[str, ...]:
        """Return a list of texts that can be printed."""
        return tuple(
            self._printable(name, f"{self.at(name)}[{index}]", item, max_length)
            for index, item in enumerate(self._list(name))
        )

    def _printable(self, name: str, path: str, value: object, max_length: int) -> str:
        if not isinstance(value, str):
            if name in self._fields:
                self._problems.append(Problem(path, f"holds {shown(value)}; expected text"))
            return ""
        if len(value) > max_length:
            sentence = f"has {len(value)} characters; at most {max_length} can be printed"
            self._problems.append(Problem(path, f"{sentence}: shorten it"))
            return ""
        printable = clean(value, max_length)
        if REPLACEMENT in printable:
            sentence = "holds an invisible, private or control character that no page can show"
            self._problems.append(Problem(path, f"{sentence}: write it with standard characters"))
        elif missing := missing_characters(printable):
            named = ", ".join(f"{character} (U+{ord(character):04X})" for character in missing)
            sentence = f"the fonts of the program have no {named}"
            self._problems.append(Problem(path, f"{sentence}: write it with other characters"))
        return printable

    def money(self, name: str, currency: Currency, *, may_be_negative: bool = False) -> Money:
        """Return an amount."""
        value = self._value(name)
        if isinstance(value, str):
            try:
                amount = currency.parse(value)
            except ValueError as error:
                self.problem(name, str(error))
                return currency.zero
            if amount.minor > LARGEST_UNITS * currency.units:
                self.problem(name, f"{shown(value)} is too large to be printed: check the digits")
                return currency.zero
            if amount.minor >= 0 or may_be_negative:
                return amount
            self.problem(name, f"{shown(value)} is negative: amounts to pay are never below zero")
        elif name in self._fields:
            self.problem(name, f"holds {shown(value)}; expected an amount as text")
        return currency.zero

    def rate(self, name: str) -> Fraction:
        """Return a rate as an exact fraction of one."""
        value = self._value(name)
        if isinstance(value, str):
            sentence = rate_problem(value)
            if sentence is None:
                return Fraction(value)
            self.problem(name, sentence)
        elif name in self._fields:
            self.problem(name, f"holds {shown(value)}; expected a rate as text")
        return Fraction(0)

    def day(self, name: str) -> date:
        """Return a date."""
        value = self._value(name)
        if isinstance(value, str):
            sentence = date_problem(value)
            if sentence is None:
                return date.fromisoformat(value)
            self.problem(name, sentence)
        elif name in self._fields:
            self.problem(name, f"holds {shown(value)}; expected a date as text")
        return _NOWHEN.date()

    def optional_day(self, name: str) -> date | None:
        """Return a date, or None where the field is null."""
        return None if self.is_null(name) else self.day(name)

    def moment(self, name: str) -> datetime:
        """Return a moment with its time zone."""
        value = self._value(name)
        if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                moment = None
            if moment is not None and moment.tzinfo is not None:
                return moment
        if name in self._fields:
            expected = "expected a moment with its time zone, such as 2026-11-22T14:05:00+08:00"
            self.problem(name, f"holds {shown(value)}; {expected}")
        return _NOWHEN

    def whole(self, name: str) -> int:
        """Return a whole number of zero or more."""
        value = self._value(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        if name in self._fields:
            self.problem(name, f"holds {shown(value)}; expected a whole number of zero or more")
        return 0

    def optional_whole(self, name: str) -> int | None:
        """Return a whole number, or None where the field is null."""
        return None if self.is_null(name) else self.whole(name)

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self._value(name)
        if not isinstance(value, bool) and name in self._fields:
            self.problem(name, f"holds {shown(value)}; expected true or false")
        return value is True

    def words(self, name: str, words: type[_Word]) -> tuple[_Word, ...]:
        """Return a list of words of a closed list."""
        known = {word.value: word for word in words}
        found = self.texts(name)
        for value in found:
            if value not in known:
                self.problem(name, f"holds {shown(value)}; expected one of {', '.join(known)}")
        return tuple(known[item] for item in found if item in known)

    def word(self, name: str, words: type[_Word]) -> _Word:
        """Return a word of a closed list."""
        value = self._value(name)
        known = [word.value for word in words]
        if isinstance(value, str) and value in known:
            return words(value)
        if name in self._fields:
            self.problem(name, f"holds {shown(value)}; expected one of {', '.join(known)}")
        return next(iter(words))
