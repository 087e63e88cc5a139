"""What all file formats share: field types, the version check, and sentences for every problem.

Not here: the fields of any one format.
"""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Callable, Sequence
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Annotated, Any, NoReturn

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
)
from pydantic.json_schema import WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.formats.notation import date_problem, rate_problem, shown
from plan_assistant.domain.text import clean, refused_character

MOST_PROBLEMS = 50
"""A file with more problems than this lists that many and says how many more there are."""

_FORMAT = re.compile(r"plan-assistant/([a-z-]{1,20})@([1-9][0-9]{0,5})")


class Wire(BaseModel):
    """A part of a file: unknown fields are refused by name."""

    # The text of a validation error would repeat the input, personal data included.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _refuse(sentence: str, unquoted: str | None = None) -> NoReturn:
    """Report a problem; `unquoted` is what is said instead about personal data."""
    context = {"sentence": sentence, "unquoted": unquoted or sentence}
    raise PydanticCustomError("sentence", "{sentence}", context)


def _as_text(value: object) -> str:
    if not isinstance(value, str):
        _refuse(f"write text in quotes, not {shown(value)}", "write text in quotes")
    return value


def _as_line(value: object) -> str:
    text = _as_text(value)
    if (code := refused_character(text)) is not None:
        _refuse(f"holds the invisible or control character {code}: remove it")
    if not text.strip():
        _refuse("is blank: write something, or leave the field out where that is allowed")
    return text


def _as_lines(value: object) -> str:
    text = _as_text(value)
    if (code := refused_character(text, allow_newlines=True)) is not None:
        _refuse(f"holds the invisible or control character {code}: remove it")
    return text


def _as_amount(value: object) -> str:
    if not isinstance(value, str):
        _refuse(f"write the amount as text in quotes, such as “1250.00”, not {shown(value)}")
    return value


def _as_rate(value: object) -> str:
    if not isinstance(value, str):
        _refuse(f"write the rate as text in quotes, such as “0.1825”, not {shown(value)}")
    if (problem := rate_problem(value)) is not None:
        _refuse(problem)
    return value


def _as_date(value: object) -> date:
    if not isinstance(value, str):
        _refuse(f"write the date as text in quotes, such as “2026-11-20”, not {shown(value)}")
    if (problem := date_problem(value)) is not None:
        _refuse(problem)
    return date.fromisoformat(value)


def _as_whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        _refuse(f"write a whole number without quotes, not {shown(value)}")
    return value


def _as_flag(value: object) -> bool:
    if not isinstance(value, bool):
        _refuse(f"write true or false without quotes, not {shown(value)}")
    return value


def _as_id(value: object) -> str:
    text = _as_line(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text):
        _refuse(
            f"{shown(text)} is not an id: write up to 64 of A-Z a-z 0-9 . _ - and begin with a "
            "letter or digit"
        )
    return text


def _as_tail(value: object) -> str:
    text = _as_line(value)
    if not re.fullmatch(r"[A-Za-z0-9]{1,6}", text):
        _refuse(
            "give only the last 4 (at most 6) digits or letters: the full account number stays "
            "outside this program"
        )
    return text


def _as_country(value: object) -> str:
    text = _as_line(value)
    if not re.fullmatch(r"[A-Z]{2}", text):
        _refuse(f"{shown(text)} is not a country: write its two-letter ISO 3166 code such as CN")
    return text


Amount = Annotated[
    str,
    BeforeValidator(_as_amount),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?$",
            "description": "Decimal notation with exactly the currency's decimals: 1250.00.",
        }
    ),
]
"""An amount as it stands in the file; its currency stands elsewhere, so it is read later."""
Rate = Annotated[
    str,
    BeforeValidator(_as_rate),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^((0|[1-9][0-9]*)(\.[0-9]+)?|[0-9]+/[1-9][0-9]*)$",
            "description": "A fraction of one: 0.1825 is 18.25 %; or an exact quotient.",
        }
    ),
]
Day = Annotated[date, BeforeValidator(_as_date)]


class RangePart(Wire):
    """An amount that is not known yet: at least, most likely, at most."""

    low: Amount
    likely: Amount
    high: Amount


def _kind_of_figure(value: object) -> str:
    return "(range)" if isinstance(value, dict | RangePart) else "(amount)"


Figure = Annotated[
    Annotated[Amount, Tag("(amount)")] | Annotated[RangePart, Tag("(range)")],
    Discriminator(_kind_of_figure),
]
"""An amount, or the range it lies in."""
_FIGURES = {"(range)", "(amount)"}
"""Steps of a location that people do not see in the file."""

WHOLE = BeforeValidator(_as_whole)
"""Stands behind the limits of an `int`, so that they apply to the number and reach the schema."""
Whole = Annotated[int, WHOLE]
Flag = Annotated[bool, BeforeValidator(_as_flag)]
Id = Annotated[
    str,
    BeforeValidator(_as_id),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}),
]
AccountTail = Annotated[
    str,
    BeforeValidator(_as_tail),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9]{1,6}$"}),
]
Country = Annotated[
    str, BeforeValidator(_as_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})
]
CurrencyCode = Annotated[
    str, BeforeValidator(_as_line), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})
]
Name = Annotated[str, StringConstraints(max_length=80), BeforeValidator(_as_line)]
Label = Annotated[str, StringConstraints(max_length=60), BeforeValidator(_as_line)]
Line = Annotated[str, StringConstraints(max_length=200), BeforeValidator(_as_line)]
Note = Annotated[str, StringConstraints(max_length=4000), BeforeValidator(_as_lines)]
Few = Field(max_length=50)
Many = Field(max_length=2000)


def check_format(
    raw: object,
    expected: str,
    source: str,
    *,
    older: Sequence[str] = (),
    line: int | None = None,
) -> dict[str, object]:
    """Return the file's object if it claims the expected format; raises InputRefused otherwise.

    `older` are the versions that are still read beside it, `line` is where the file names its own.
    A file of another kind or from a newer version is refused for that alone; its fields are not
    judged.
    """
    if not isinstance(raw, dict):
        raise InputRefused(
            source,
            [Problem("", f"the file holds {shown(raw)}; expected an object of form {expected}")],
        )
    found = raw.get("format")
    if found == expected or found is None or found in older:
        return raw
    match = _FORMAT.fullmatch(found) if isinstance(found, str) else None
    kind, version = expected.removeprefix("plan-assistant/").split("@")
    if match is None:
        sentence = f"{shown(found)} is not a format of this program: write “{expected}”"
    elif match.group(1) != kind:
        sentence = f"this is a {match.group(1)} file; a {kind} file (“{expected}”) is needed here"
    elif int(match.group(2)) > int(version):
        sentence = (
            f"“{found}” was written for a newer version of this program, which reads “{expected}”: "
            "update the program, or save the file in the older form"
        )
    else:
        sentence = f"“{found}” is no longer read: convert the file to “{expected}”"
    raise InputRefused(source, [Problem("format", sentence, line)])


def path_of(parts: Sequence[str | int]) -> str:
    """Return a field's path as people read it: `debts[0].components.principal`."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + clean(part, 40)
    return text


def problems_of(
    error: ValidationError,
    model: type[BaseModel],
    is_private: Callable[[str], bool] = lambda _path: False,
) -> list[Problem]:
    """Return every problem pydantic found, as sentences.

    At a path that `is_private` no value is quoted: it holds personal data.
    """
    problems: list[Problem] = []
    for item in error.errors(include_url=False):
        location, fields = _where(item, model)
        path = path_of(location)
        # Those beyond the ones that are shown are only counted; a sentence costs a moment.
        is_shown = len(problems) < MOST_PROBLEMS
        quoted = not is_private(path)
        sentence = _sentence(item, location, fields, quoted=quoted) if is_shown else _OTHERWISE
        problems.append(Problem(path, sentence))
    return problems


def _where(
    item: ErrorDetails, model: type[BaseModel]
) -> tuple[tuple[str | int, ...], Sequence[str]]:
    """Return where a problem lies as people see it, and the names of the fields known there.

    pydantic's location also names the member of a union that was chosen, which no file holds.
    """
    here: list[type[BaseModel]] = [model]
    seen: list[str | int] = []
    fields: Sequence[str] = ()
    *above, last = item["loc"] or ("",)
    for step in above:
        if step in _FIGURES:
            continue
        if isinstance(step, str) and len(here) > 1:
            here = [part for part in here if step in _tags(part)]
            continue
        seen.append(step)
        if isinstance(step, str):
            here = _models_in(_annotation(here[:1], step))
    is_named = item["type"] == "extra_forbidden" or (last != "" and not _is_member(last, here))
    if is_named:
        seen.append(last)
    if len(here) == 1:
        fields = [field.alias or name for name, field in here[0].model_fields.items()]
    if item["type"] in _NO_MEMBER:
        seen.append(str(item["ctx"]["discriminator"]).strip("'"))
    return tuple(seen), fields


def _is_member(step: str | int, here: Sequence[type[BaseModel]]) -> bool:
    """Say whether the last step of a location names the member of a union."""
    return step in _FIGURES or (len(here) > 1 and any(step in _tags(part) for part in here))


def _tags(part: type[BaseModel]) -> tuple[Any, ...]:
    """Return the values of `type` by which a union knows that part."""
    kind = part.model_fields.get("type")
    return () if kind is None else typing.get_args(kind.annotation)


def _annotation(here: Sequence[type[BaseModel]], step: str) -> Any:
    """Return what stands in a field, by the name that it has in the file."""
    return next(
        (
            field.annotation
            for part in here
            for name, field in part.model_fields.items()
            if step == (field.alias or name)
        ),
        None,
    )


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in _models_in(part)]


def _sentence(
    item: ErrorDetails, location: Sequence[str | int], known: Sequence[str], *, quoted: bool
) -> str:
    # Of a list or an object only its kind is said, which tells nothing.
    is_told = quoted or isinstance(item["input"], list | dict)
    context = {**item.get("ctx", {}), "value": shown(item["input"]) if is_told else "this value"}
    match item["type"]:
        case "sentence":
            return str(context["sentence" if quoted else "unquoted"])
        case "extra_forbidden":
            return _unknown_field(str(location[-1]), known)
        case "string_too_long":
            context["length"] = len(item["input"])
        case "union_tag_invalid":
            context["value"] = shown(context["tag"]) if quoted else "this value"
            context["expected"] = str(context["expected_tags"]).replace("'", "")
        case "enum" | "literal_error":
            # A list reads alike in every language.
            context["expected"] = str(context["expected"]).replace("'", "").replace(" or ", ", ")
    return _SENTENCES.get(item["type"], _OTHERWISE).format(**context)


_NO_MEMBER = {"union_tag_invalid", "union_tag_not_found"}
_SENTENCES = {
    "missing": "this field is missing",
    "model_type": "must be an object in braces, not {value}",
    "list_type": "must be a list in brackets, not {value}",
    "too_long": "has {actual_length} entries; at most {max_length} are read",
    "string_too_long": "is {length} characters long; at most {max_length} are allowed: shorten it",
    "enum": "{value} is not known here: write one of {expected}",
    "literal_error": "{value} is not known here: write one of {expected}",
    "union_tag_invalid": "{value} is not known here: write one of {expected}",
    "union_tag_not_found": "this field is missing",
    "model_attributes_type": "must be an object in braces, not {value}",
    "dict_type": "must be an object in braces, not {value}",
    "greater_than": "{value} is too small: more than {gt}",
    "greater_than_equal": "{value} is too small: at least {ge}",
    "less_than_equal": "{value} is too large: at most {le}",
}
_OTHERWISE = "does not have the form this field needs: see `plan-assistant schema`"


def _unknown_field(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name[:60], known, n=1)
    if near:
        return f"unknown field: did you mean “{near[0]}”? Correct the name or remove it"
    return f"unknown field: remove it (known here: {', '.join(known)})"


def refuse(source: str, problems: Sequence[Problem]) -> None:
    """Raise InputRefused if there are problems; a very long list is cut and says so."""
    if not problems:
        return
    kept = list(problems[:MOST_PROBLEMS])
    if (rest := len(problems) - MOST_PROBLEMS) > 0:
        said = "and one more problem: correct these first"
        if rest > 1:
            said = f"and {rest} more problems: correct these first"
        kept.append(Problem("", said))
    raise InputRefused(source, kept)


def rate(text: str) -> Fraction:
    """Return a rate that was already checked."""
    return Fraction(text)


def text_of(value: date | Enum | None) -> str | None:
    """Return a date or an enumerated value as it stands in a file; None stays None."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value.value)
