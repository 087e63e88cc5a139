"""What does not fit a field of a pack, in sentences that say what to write instead.

Not here: contradictions between fields that are well-formed (`contradictions.py`).
"""

from __future__ import annotations

from pydantic_core import ErrorDetails

from plan_assistant.domain.policy.values import plain
from plan_assistant.domain.text import clean

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


def sentence_of(item: ErrorDetails) -> str:
    """Return one thing that pydantic found as a sentence; sentences of our own are kept."""
    context = dict(item.get("ctx", {}))
    if "error" in context:
        return str(context["error"])
    context["value"] = f"“{clean(plain(item['input']), _LONGEST)}”"
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace("'", "").replace(" or ", ", ")
    if item["type"] == "string_pattern_mismatch":
        return _FORMS.get(str(context["pattern"]), _OTHERWISE).format(**context)
    return _SENTENCES.get(item["type"], _OTHERWISE).format(**context)
