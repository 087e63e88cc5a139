"""Reads the figures of a text back, so that the two languages can be compared."""

from __future__ import annotations

import re

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH = re.compile(r"\b(" + "|".join(_MONTHS) + r")\b")
_SHORT_DAY = re.compile(r"\b(\d+) (" + "|".join(month[:3] for month in _MONTHS) + r") (\d\d)\b")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def figures(text: str) -> list[str]:
    """Return every number of a text in order of size; the name of a month is its number.

    Only the order differs between the languages: 15 December 2026 is 2026年12月15日, and in columns
    15 Dec 26 is 2026-12-15.
    """
    text = _MONTH.sub(lambda match: str(_MONTHS.index(match.group()) + 1), text)
    text = _SHORT_DAY.sub(_iso, text)
    return sorted(number.strip(",") for number in _NUMBER.findall(text))


def _iso(match: re.Match[str]) -> str:
    day, month, year = match.groups()
    number = [name[:3] for name in _MONTHS].index(month) + 1
    return f"20{year}-{number:02d}-{int(day):02d}"
