"""The schedule in an agreement: a table that names its columns once, and a list for each row.

In agreements of versions 1 and 2 every row named each of its cells: half of what was kept,
sealed and read of a long plan were names. Not here: what the cells hold (`plan_file.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar, cast

from plan_assistant.domain.events import Json

COLUMNS: Final = (
    "number",
    "due",
    "nominal_due",
    "payment",
    "principal",
    "interest",
    "arrears",
    "fees",
    "penalties",
    "capitalised",
    "deferred",
    "balance",
    "arrears_left",
    "owed_after",
)

_Value = TypeVar("_Value")


def written_table(rows: Iterable[Json]) -> dict[str, Json]:
    """Return the fields of a plan that hold its schedule, from rows that name their cells."""
    named = cast("Iterable[Mapping[str, Json]]", rows)
    return {"columns": [*COLUMNS], "rows": [[row[name] for name in COLUMNS] for row in named]}


def with_named_cells(agreement: Mapping[str, _Value]) -> Mapping[str, _Value]:
    """Return an agreement of any version with rows that name their cells.

    What is no row of the table reads as a row without cells, also where it names them itself; so
    it is asked once, of what was recorded.
    """
    plan = agreement.get("plan")
    if not isinstance(plan, Mapping) or plan.get("columns") != [*COLUMNS]:
        return agreement
    rows = plan.get("rows")
    if not isinstance(rows, list):
        return agreement
    named = {**plan, "rows": [_named(row) for row in rows]}
    return {**agreement, "plan": cast("_Value", named)}


def _named(row: object) -> object:
    if isinstance(row, list) and len(row) == len(COLUMNS):
        return dict(zip(COLUMNS, cast("list[object]", row), strict=True))
    return {} if isinstance(row, Mapping) else row
