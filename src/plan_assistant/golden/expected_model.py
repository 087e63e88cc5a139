"""What a golden case expects, and the four parts that cases of every shape have (SCHEMA 1).

Numbers stay text here: the decimals that they show decide how they are compared.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from plan_assistant.domain.formats.notation import date_problem, shown
from plan_assistant.domain.formats.wire import Flag, Many
from plan_assistant.golden.fields import COUNT, DecimalText, Figure, Number, Part, refuse_value


def _as_day_text(value: object) -> str:
    if not isinstance(value, str):
        refuse_value(f"write the date as text in quotes, such as “2026-11-20”, not {shown(value)}")
    if (problem := date_problem(value)) is not None:
        refuse_value(problem)
    return value


_RowNumber = Annotated[int, Field(ge=1), COUNT]
_Name = Annotated[str, StringConstraints(strict=True, max_length=80)]


class RowPart(Part):
    """Some cells of an expected row; null or left out is not compared."""

    n: _RowNumber
    due_date: Annotated[str, BeforeValidator(_as_day_text)] | None = None
    payment: DecimalText | None = None
    principal: DecimalText | None = None
    interest: DecimalText | None = None
    fees: DecimalText | None = None
    penalties: DecimalText | None = None
    capitalised: DecimalText | None = None
    deferred_interest: DecimalText | None = None
    balance: DecimalText | None = None
    paid: DecimalText | None = None


class TotalsPart(Part):
    """Column sums."""

    payment: DecimalText | None = None
    principal: DecimalText | None = None
    interest: DecimalText | None = None
    fees: DecimalText | None = None
    penalties: DecimalText | None = None
    capitalised: DecimalText | None = None


class YearTotalsPart(Part):
    """Sums of one year."""

    interest: DecimalText | None = None
    principal: DecimalText | None = None


class BeforePart(Part):
    """Rows after some of the events."""

    events: Annotated[list[_Name], Many]
    rows: Annotated[list[RowPart], Many]


class StepPart(Part):
    """Where a loan stands after a step of a waterfall."""

    step: (
        Literal["capitalise_arrears", "reduce_rate", "extend_term", "forbear_principal"] | None
    ) = None
    annual_rate: DecimalText | None = None
    periods: Figure | None = None
    forbearance: DecimalText | None = None
    payment: DecimalText | None = None


class PlanPart(Part):
    """A plan from a share of the surplus."""

    share: DecimalText | None = None
    payment: DecimalText | None = None
    periods: Figure | None = None
    last_payment: DecimalText | None = None


class PointPart(Part):
    """A point of a frontier."""

    annual_rate: DecimalText | None = None
    periods: Figure | None = None
    payment: DecimalText | None = None
    last_payment: DecimalText | None = None
    total_paid: DecimalText | None = None
    present_value: DecimalText | None = None


class BucketsPart(Part):
    """Amounts by component."""

    interest: DecimalText | None = None
    fees: DecimalText | None = None
    principal: DecimalText | None = None


class CheckPart(Part):
    """A field to compare, and how far it may be off."""

    field: Literal[
        "rows",
        "totals",
        "figures",
        "year_totals",
        "before",
        "values",
        "steps",
        "plans",
        "points",
        "allocated",
        "remaining",
    ]
    tolerance: Number


class Expected(Part):
    """What the numbers of a case are held against; null or left out is not compared."""

    figures: dict[str, Figure | None] | None = None
    rows: Annotated[list[RowPart], Many] | None = None
    complete: Flag | None = None
    totals: TotalsPart | None = None
    year_totals: dict[str, YearTotalsPart | None] | None = None
    before: BeforePart | None = None
    values: Annotated[list[DecimalText | None], Many] | None = None
    steps: Annotated[list[StepPart], Many] | None = None
    plans: Annotated[list[PlanPart], Many] | None = None
    points: Annotated[list[PointPart], Many] | None = None
    allocated: BucketsPart | None = None
    remaining: BucketsPart | None = None
    info: Any = None
    checks: Annotated[list[CheckPart], Many] = Field(alias="assert")

    @property
    def given(self) -> dict[str, Any]:
        """The values as they stand in the file."""
        return self.model_dump(exclude_unset=True)


def _as_no_events(value: object) -> object:
    if value is not None and value != []:
        refuse_value("only loan cases have events: leave the list empty")
    return []


class Shape(Part):
    """A case as it is computed: terms and conventions are those of its kind."""

    events: Annotated[list[Any], BeforeValidator(_as_no_events)] = Field(default_factory=list)
    expected: Expected
