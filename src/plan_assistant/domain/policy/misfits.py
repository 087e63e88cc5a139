"""What does not fit a field of a pack or of a table, in sentences that say what to write instead.

Not here: contradictions between fields that are well-formed (`contradictions.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.formats.wire import check_format
from plan_assistant.domain.policy.inheritance import Source, source_of
from plan_assistant.domain.policy.values import plain
from plan_assistant.domain.text import clean

_File = TypeVar("_File", bound=BaseModel)

_LONGEST = 60
"""No value from the file is quoted at more length than this."""
_TABLE = "must be a table of fields, not {value}"
_LIST = "must be a list in brackets, not {value}"
_TEXT = "must be text in double quotes, not {value}"
_WHOLE = "must be a whole number, not {value}"
_DAY = "must be a day such as 2026-01-31, without quotes, not {value}"
_CHOICE = "{value} is not known here: write one of {expected}"
_NAME = "{value} is no name: write small letters, digits and single hyphens"
_SENTENCES = {
    "missing": "this field is missing",
    "extra_forbidden": "unknown field: correct the name or remove it",
    "model_type": _TABLE,
    "dict_type": _TABLE,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": "must be true or false, not {value}",
    "bool_parsing": "must be true or false, not {value}",
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "union_tag_invalid": _CHOICE,
    "union_tag_not_found": "says not which {discriminator} it is",
    "greater_than_equal": "{value} is too small: at least {ge}",
    "less_than_equal": "{value} is too large: at most {le}",
    "greater_than": "{value} is too small: more than {gt}",
    "string_too_short": "is too short: at least {min_length} characters",
    "string_too_long": "is too long: at most {max_length} characters",
    "too_short": "has too few entries, {actual_length}: at least {min_length} are needed",
    "too_long": "has too many entries, {actual_length}: at most {max_length} are allowed",
}
_FORMS = {
    r"^[0-9]{1,15}$": '{value} is no amount in whole units: write digits in quotes, such as "500"',
    r"^[A-Z]{2}$": '{value} is no country: write its two capital letters, such as "CN"',
    r"^[A-Z]{3}$": '{value} is no currency: write its three capital letters, such as "CNY"',
    r"^[a-z0-9-]{1,60}$": _NAME,
    r"^[a-z0-9-]{1,40}$": _NAME,
    r"^[a-z0-9]+(-[a-z0-9]+)*$": _NAME,
    r"^[A-Za-z0-9][A-Za-z0-9_-]*$": "{value} is no id: write letters, digits and hyphens",
}
"""What a field takes whose form the models give as a pattern."""
_OTHERWISE = "does not have the form that this field needs: see `plan-assistant schema policy`"


def validated(model: type[_File], content: bytes, name: str) -> _File:
    """Read a TOML file of one form; raises InputRefused with every problem found and its line."""
    file = source_of(name, content)
    (form,) = get_args(model.model_fields["format"].annotation)
    refuse_other_format(file, form)
    try:
        return model.model_validate(file.raw)
    except ValidationError as error:
        problems = [
            Problem(".".join(map(str, item["loc"])), sentence_of(item), file.lines.of(item["loc"]))
            for item in misfits_of(error)
        ]
        raise InputRefused(name, problems) from error


def refuse_other_format(file: Source, form: str) -> None:
    """Refuse a file of another form, or from a newer version of the program, for that alone."""
    check_format(file.raw, form, file.name, line=file.lines.of(("format",)))


def misfits_of(error: ValidationError) -> Iterator[ErrorDetails]:
    """Yield what does not fit; that a list lacks the entries that do not fit is no other matter."""
    found = error.errors()
    for item in found:
        place = item["loc"]
        is_echo = item["type"] == "too_short" and any(
            other["loc"][: len(place)] == place for other in found if other is not item
        )
        if not is_echo:
            yield item


def sentence_of(item: ErrorDetails) -> str:
    """Return one thing that pydantic found as a sentence; sentences of our own are kept."""
    context = dict(item.get("ctx", {}))
    if item["type"] == "value_error":
        return str(context["error"])
    context["value"] = f"“{clean(plain(context.get('tag', item['input'])), _LONGEST)}”"
    if "expected_tags" in context:
        context["expected"] = context["expected_tags"]
    if "discriminator" in context:
        context["discriminator"] = str(context["discriminator"]).strip("'")
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace("'", "").replace(" or ", ", ")
    if item["type"] == "string_pattern_mismatch":
        return _FORMS.get(str(context["pattern"]), _OTHERWISE).format(**context)
    return _SENTENCES.get(item["type"], _OTHERWISE).format(**context)
