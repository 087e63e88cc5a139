"""The pieces that a pack is made of: exact shares, amounts, texts in two languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

_NUMBER = re.compile(r"-?[0-9]{1,18}([./][0-9]{1,18})?")


def _exact(value: object) -> object:
    """Read a share or rate: a string in decimal notation or a quotient; never a float."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise ValueError('is no number: write digits, such as "0.18" or "1/3"')
        try:
            return Fraction(value)
        except ZeroDivisionError as error:
            raise ValueError("nothing can be divided by zero") from error
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    raise ValueError(
        'write it as text, such as "0.18" or "1/3": a binary fraction would not be exact'
    )


Exact = Annotated[
    Fraction,
    BeforeValidator(_exact),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
]


def _at_least_zero(value: Fraction) -> Fraction:
    if value < 0:
        raise ValueError("must not be below zero")
    return value


def _share(value: Fraction) -> Fraction:
    if not 0 <= value <= 1:
        raise ValueError('must be from 0 to 1: write 10 percent as "0.10"')
    return value


def complete(keys: type[StrEnum]) -> Callable[[dict[Any, Any]], dict[Any, Any]]:
    """Return a check that a table has an entry for every member of a closed list."""

    def check(table: dict[Any, Any]) -> dict[Any, Any]:
        missing = [key.value for key in keys if key not in table]
        if missing:
            raise ValueError(f"has no entry for {', '.join(missing)}")
        return table

    return check


Amount = Annotated[Exact, AfterValidator(_at_least_zero)]
"""An amount in whole units of the tables' currency."""
ShareOfOne = Annotated[Exact, AfterValidator(_share)]
Bilingual = Annotated[dict[Literal["en", "zh"], str], Field(min_length=2, max_length=2)]


class Part(BaseModel):
    """A table of a pack: frozen, and unknown fields are refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


WholeUnits = Annotated[str, Field(pattern=r"^[0-9]{1,15}$")]
"""An amount in whole units of a currency."""
