"""Reads the dated tables that a policy pack names: living costs, and the fields of a statement.

Not here: where table files lie (`adapters/policies.py`), what the amounts do (`living_costs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from plan_assistant.domain.household import OutgoingKind
from plan_assistant.domain.living_costs import (
    Basis,
    LivingCost,
    LivingCostTable,
    StatementField,
    StatementFields,
    StatementGroup,
    TableSource,
)
from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.policy.misfits import validated
from plan_assistant.domain.policy.parts import Amount, Bilingual, Part

_MONTHS = 12


class Period(StrEnum):
    """How long a table's amounts last."""

    MONTH = "month"
    YEAR = "year"


class _TableFile(Part):
    """What every table says about itself."""

    table: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    title: Bilingual
    source: str = Field(min_length=1)
    confidence: Confidence
    published: date

    @property
    def origin(self) -> TableSource:
        """Where it comes from."""
        title = {str(language): text for language, text in self.title.items()}
        return TableSource(self.table, title, self.source, self.confidence.value, self.published)


class CostRow(Part):
    """One item: its amounts, or its urban and rural amounts."""

    item: str = Field(min_length=1)
    kind: OutgoingKind | None = None
    title: Bilingual
    amounts: tuple[Amount, ...] = ()
    urban: tuple[Amount, ...] = ()
    rural: tuple[Amount, ...] = ()
    each_more: Amount | None = None

    @property
    def towns(self) -> tuple[Fraction, ...]:
        """The amounts of a household in town."""
        return self.urban or self.amounts

    @property
    def country(self) -> tuple[Fraction, ...]:
        """The amounts of a household in the country."""
        return self.rural or self.amounts


class CostTableFile(_TableFile):
    """A table of living costs as it stands in its file."""

    format: Literal["plan-assistant/living-costs@1"]
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    basis: Basis
    period: Period
    rows: tuple[CostRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        items = [row.item for row in self.rows]
        for item in sorted({item for item in items if items.count(item) > 1}):
            yield f"item {item} stands twice"
        for row in self.rows:
            if not row.towns or not row.country:
                yield f"item {row.item} needs amounts, or both urban and rural"
            elif self.basis is not Basis.HOUSEHOLD_SIZE:
                if len(row.towns) != 1 or len(row.country) != 1:
                    yield f"item {row.item} needs one amount: the table is for one person"
                if row.each_more is not None:
                    yield f"item {row.item} has each_more: only a table by household size has it"
            elif any(list(sizes) != sorted(sizes) for sizes in (row.towns, row.country)):
                yield f"item {row.item} falls with the household size: check the order"


class FieldRow(Part):
    """One field of a statement."""

    field: str = Field(min_length=1)
    title: Bilingual
    kind: OutgoingKind | None = None


class GroupRow(Part):
    """One group of fields."""

    group: str = Field(min_length=1)
    title: Bilingual
    fields_: tuple[FieldRow, ...] = Field(alias="fields", min_length=1)


class StatementFile(_TableFile):
    """The fields of a statement as they stand in their file."""

    format: Literal["plan-assistant/statement-fields@1"]
    groups: tuple[GroupRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_every_kind(self) -> Self:
        kinds = {field.kind for group in self.groups for field in group.fields_}
        missing = [kind.value for kind in OutgoingKind if kind not in kinds]
        if missing:
            raise ValueError(f"no field has the kind {', '.join(missing)}")
        return self


def read_costs(content: bytes, source: str) -> LivingCostTable:
    """Read a table of living costs from TOML; raises InputRefused with every problem found."""
    file = validated(CostTableFile, content, source)
    months = _MONTHS if file.period is Period.YEAR else 1
    return LivingCostTable(
        origin=file.origin,
        costs={
            row.item: LivingCost(
                table=file.table,
                item=row.item,
                kind=row.kind,
                currency=file.currency,
                basis=file.basis,
                urban=tuple(amount / months for amount in row.towns),
                rural=tuple(amount / months for amount in row.country),
                each_more=None if row.each_more is None else row.each_more / months,
            )
            for row in file.rows
        },
    )


def read_statement(content: bytes, source: str) -> StatementFields:
    """Read the fields of a statement from TOML; raises InputRefused with every problem found."""
    file = validated(StatementFile, content, source)
    return StatementFields(
        origin=file.origin,
        groups=tuple(
            StatementGroup(
                group.group,
                {str(language): text for language, text in group.title.items()},
                tuple(
                    StatementField(
                        field.field,
                        {str(language): text for language, text in field.title.items()},
                        field.kind,
                    )
                    for field in group.fields_
                ),
            )
            for group in file.groups
        ),
    )
