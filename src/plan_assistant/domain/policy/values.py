"""A value of a pack as it is written in the file: what refusals and programs show.

Not here: values as people read them (`wording/policies.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from fractions import Fraction

from pydantic import BaseModel

from plan_assistant.domain.events import Json


def plain(value: object) -> str:
    """Return a value in one line.

    >>> plain(Fraction(3, 100)), plain(Fraction(1, 3)), plain(("a", 2)), plain(None)
    ('0.03', '1/3', 'a, 2', 'nothing')
    """
    match value:
        case None | [] | {} if not value:
            text = "nothing"
        case bool():
            text = "yes" if value else "no"
        case Enum():
            text = str(value.value)
        case Fraction():
            text = decimal(value)
        case BaseModel():
            told = {name: getattr(value, name) for name in value.model_fields_set}
            text = plain(dict(sorted(told.items())))
        case Mapping():
            text = ", ".join(f"{plain(key)} {plain(item)}" for key, item in value.items())
        case tuple() | list():
            text = ", ".join(plain(item) for item in value)
        case _:
            text = str(value)
    return text


def decimal(value: Fraction) -> str:
    """Return an exact share in decimal notation where it has one, else as a quotient."""
    for places in range(13):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = f"{abs(scaled.numerator):0{places + 1}d}"
            whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
            sign = "-" if value < 0 else ""
            return f"{sign}{whole}.{part}" if part else f"{sign}{whole}"
    return str(value)


def written(value: object) -> Json:
    """Return a value as JSON: shares as text, dates as ISO 8601."""
    told: Json
    match value:
        case Enum():
            told = str(value.value)
        case None | bool() | int() | str():
            told = value
        case Fraction():
            told = decimal(value)
        case BaseModel():
            told = {name: written(getattr(value, name)) for name in type(value).model_fields}
        case Mapping():
            told = {str(written(key)): written(item) for key, item in value.items()}
        case tuple() | list():
            told = [written(item) for item in value]
        case _:
            told = value.isoformat() if isinstance(value, date) else str(value)
    return told
