"""plan-assistant: find, explain, record and print repayment plans that a borrower can keep.

The names below are the public Python API; each is loaded when it is first used.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_PUBLIC = {
    "Case": "plan_assistant.domain.case",
    "Money": "plan_assistant.domain.money",
    "Currency": "plan_assistant.domain.money",
    "Terms": "plan_assistant.domain.schedule.terms",
    "Schedule": "plan_assistant.domain.schedule.schedule",
    "price": "plan_assistant.domain.schedule.engine",
    "assess": "plan_assistant.domain.budget",
    "search": "plan_assistant.domain.offers.search",
    "Space": "plan_assistant.domain.offers.space",
    "Wishes": "plan_assistant.domain.offers.search_result",
    "read_case": "plan_assistant.domain.formats.case_file",
    "read_pack": "plan_assistant.domain.policy.reading",
}

__all__ = [  # noqa: PLE0604  # the names of a table, so that the two cannot disagree
    "__version__",
    *_PUBLIC,
]


def __getattr__(name: str) -> object:
    module = _PUBLIC.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(module), name)
