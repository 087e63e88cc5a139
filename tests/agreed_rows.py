"""The schedule of an agreement for tests: read and changed cell by cell, or in an older form."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any


def rows_of(agreement: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows with the names of their cells."""
    plan = agreement["plan"]
    return [dict(zip(plan["columns"], row, strict=True)) for row in plan["rows"]]


def set_cell(agreement: dict[str, Any], row: int, column: str, value: object) -> None:
    """Change one cell of the schedule; rows count from 0."""
    plan = agreement["plan"]
    plan["rows"][row][plan["columns"].index(column)] = value


def second_version(agreement: dict[str, Any]) -> dict[str, Any]:
    """Return an agreement as version 2 wrote it: each row names its cells, nothing is left out."""
    older = copy.deepcopy(agreement)
    older["format"] = "plan-assistant/agreement@2"
    older["plan"]["rows"] = rows_of(agreement)
    del older["plan"]["columns"]
    older["findings"] = [
        {**dict.fromkeys(("limit", "actual", "difference", "may_allow")), **finding}
        for finding in agreement["findings"]
    ]
    return older


def first_version(agreement: dict[str, Any]) -> dict[str, Any]:
    """Return an agreement as version 1 wrote it, which knew no waiver and no joined interest."""
    older = second_version(agreement)
    older["format"] = "plan-assistant/agreement@1"
    del older["plan"]["waived"], older["plan"]["capitalised"]
    return older
