"""The field types of golden-case/2: exact numbers, amounts, counts, days.

They read what the page and its schema admit, and what has no other meaning: a JSON integer where a
decimal string is asked, a whole number in quotes where a count is. The negotiation kinds take
numbers as the schema writes them and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, NoReturn

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from plan_assistant.domain.formats.notation import shown
from plan_assistant.domain.formats.wire import WHOLE, Wire
from plan_assistant.domain.money import MAX_DECIMALS, Currency, Money
from plan_assistant.domain.rates.conversion import MAX_PERIODS_A_YEAR
from plan_assistant.domain.schedule.validation import MAX_PERIODS

MOST_DAYS = 366 * MAX_PERIODS // 12
"""The days of the longest plan that the engine prices, a hundred years."""

_MOST_DIGITS = 40
"""On either side of the point: far more than any source prints."""
_DIGITS = f"[0-9]{{1,{_MOST_DIGITS}}}"
_DECIMAL = re.compile(rf"-?{_DIGITS}(?:\.{_DIGITS})?")
_NUMBER = re.compile(rf"({_DECIMAL.pattern})(?:/({_DIGITS}))?")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NO_NUMBER = (
    "write the number as text, such as “0.07”, with at most 40 digits on either side of the point, "
    "not {value}"
)


class Part(Wire):
    """A part of a golden case: every key is there, and no other."""

    model_config = ConfigDict(arbitrary_types_allowed=True)


def refuse_value(sentence: str) -> NoReturn:
    """Report a problem with a value, in a sentence that names the way out."""
    context = {"sentence": sentence, "unquoted": sentence}
    raise PydanticCustomError("sentence", "{sentence}", context)


def _written(value: object) -> str | None:
    """Return the text of a number, or None for what is none or too long."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return str(value) if abs(value) < 10**_MOST_DIGITS else None


def _as_number(value: object) -> Fraction:
    text = _written(value)
    match = None if text is None else _NUMBER.fullmatch(text)
    if match is None:
        refuse_value(_NO_NUMBER.format(value=shown(value)))
    top, bottom = match.groups()
    if bottom is not None and int(bottom) == 0:
        refuse_value(f"“{text}” divides by zero: write another quotient")
    return Fraction(top) / int(bottom or 1)


def _as_amount(value: object, info: ValidationInfo) -> Fraction:
    exact = _as_number(value)
    decimals = (info.context or {}).get("decimals")
    if decimals is not None and (exact * 10**decimals).denominator != 1:
        refuse_value(f"“{_written(value)}” has more than the {decimals} decimals of the currency")
    return exact


def _as_count(value: object) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, Decimal) and abs(value) < 10**18 and value == int(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        refuse_value(f"write a whole number without quotes, not {shown(value)}")
    return value


def _as_written(value: object) -> object:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        refuse_value(_NO_NUMBER.format(value=shown(value)))
    return value


def _as_decimal_text(value: object) -> str:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        refuse_value(f"write the expected number as text, such as “17.30”, not {shown(value)}")
    return value


def _as_figure(value: object) -> str | int | bool:
    # What is no text compares exactly: a count, or true and false.
    return value if isinstance(value, int) else _as_decimal_text(value)


Number = Annotated[Fraction, BeforeValidator(_as_number)]
"""An exact number: a decimal, or a quotient such as 0.08/12."""
Amount = Annotated[Fraction, BeforeValidator(_as_amount)]
"""An exact number that the currency of the case can pay."""
WrittenNumber = Annotated[Number, BeforeValidator(_as_written)]
WrittenAmount = Annotated[Amount, BeforeValidator(_as_written)]
COUNT = BeforeValidator(_as_count)
"""Stands behind the limits of an `int`, as `WHOLE` does."""
Decimals = Annotated[int, Field(ge=0, le=MAX_DECIMALS), COUNT]
WrittenDecimals = Annotated[int, Field(ge=0, le=MAX_DECIMALS), WHOLE]
Periods = Annotated[int, Field(ge=1, le=MAX_PERIODS), COUNT]
WrittenPeriods = Annotated[int, Field(ge=1, le=MAX_PERIODS), WHOLE]
PeriodsOrNone = Annotated[int, Field(ge=0, le=MAX_PERIODS), COUNT]
PeriodsAYear = Annotated[int, Field(ge=1, le=MAX_PERIODS_A_YEAR), COUNT]
RateDecimals = Annotated[int, Field(ge=0, le=30), COUNT]
DecimalText = Annotated[str, BeforeValidator(_as_decimal_text)]
"""An expected number; how many decimals it shows decides how it is compared."""
Figure = Annotated[Any, BeforeValidator(_as_figure)]


def decimals_of(terms: object) -> int | None:
    """Return the decimals that the currency of a case has, if they can be read."""
    if not isinstance(terms, Mapping):
        return None
    try:
        decimals = _as_count(terms.get("currency_decimals"))
    except PydanticCustomError:
        return None
    return decimals if 0 <= decimals <= MAX_DECIMALS else None


def currency_of(decimals: int) -> Currency:
    """Return a currency with those decimals; the format names none."""
    return Currency("XXX", decimals)


def money(amount: Fraction, currency: Currency) -> Money:
    """Return an amount of a case, which was seen to be whole in minor units when it was read."""
    return currency.money(int(amount * currency.units))


def optional_money(amount: Fraction | None, currency: Currency) -> Money | None:
    """Return an amount of a case, or None where it is not used."""
    return None if amount is None else money(amount, currency)
