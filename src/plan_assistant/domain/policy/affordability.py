"""The affordability section of a pack: the parameters of the method, and the tables it names.

Not here: the method (`domain/budget.py`), the files of the tables (`tables.py`) and where they lie
(`adapters/policies.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Self

from pydantic import AfterValidator, Field, PrivateAttr

from plan_assistant.domain.budget import AffordabilityRules
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.household import Reliability
from plan_assistant.domain.living_costs import (
    LivingCost,
    LivingCostTable,
    StatementFields,
    TableSource,
)
from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.policy.parts import Amount, Part, ShareOfOne, complete


class CostsNamed(Part):
    """Items of a dated table of living costs (`policies/tables`), all or a share of each."""

    table: str
    items: tuple[str, ...] = Field(min_length=1)
    share: ShareOfOne = Fraction(1)

    def among(self, tables: Mapping[str, LivingCostTable]) -> tuple[LivingCost, ...]:
        """Return the costs; raises KeyError with the name of a table or item that is missing."""
        found = tables[self.table].costs
        return tuple(found[item].times(self.share) for item in self.items)


class AffordabilityTable(Part):
    """The affordability method's parameters as they stand in the file.

    It names its tables of living costs; whoever reads the pack hands them over with `with_tables`.
    Without a table there is no minimum, no floor and no guide: no figure is better than one that
    nobody published.
    """

    reliability: Annotated[dict[Reliability, ShareOfOne], AfterValidator(complete(Reliability))]
    table_currency: str
    statement: str | None = None
    """List of the fields in whose groups a budget is written out."""
    minimum: CostsNamed | None = None
    """The minimum living standard; None where no table gives one that binds here."""
    floors: tuple[CostsNamed, ...] = ()
    guides: tuple[CostsNamed, ...] = ()
    buffer_share: ShareOfOne
    buffer_cap: Amount
    least_share: Amount = Fraction(0)
    dsr_comfortable: ShareOfOne
    dsr_alarm: ShareOfOne
    shocks: tuple[ShareOfOne, ...] = Field(min_length=2)
    essentials_shock: ShareOfOne
    rate_shock: ShareOfOne
    horizon_months: int = Field(ge=12, le=120)
    source: str
    confidence: Confidence
    _costs: Mapping[str, LivingCostTable] = PrivateAttr(default_factory=dict)
    _statement: StatementFields | None = PrivateAttr(default=None)

    @property
    def _named(self) -> tuple[CostsNamed, ...]:
        minimum = () if self.minimum is None else (self.minimum,)
        return (*minimum, *self.floors, *self.guides)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables of living costs it stands on."""
        return tuple(dict.fromkeys(use.table for use in self._named))

    @property
    def files(self) -> tuple[str, ...]:
        """Names of all files it stands on: the tables, then the list of fields."""
        return self.tables if self.statement is None else (*self.tables, self.statement)

    def with_tables(
        self, costs: Mapping[str, LivingCostTable], statement: StatementFields | None = None
    ) -> Self:
        """Return the same parameters standing on these tables."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        standing = type(self).model_construct(**fields)
        standing._costs = costs
        standing._statement = statement
        return standing

    @property
    def missing(self) -> tuple[str, ...]:
        """What is named here but stands in no table: a table, or an item of one."""
        gone = [name for name in self.tables if name not in self._costs]
        for use in self._named:
            table = self._costs.get(use.table)
            if table is not None:
                gone += [f"{use.table}/{item}" for item in use.items if item not in table.costs]
        return tuple(dict.fromkeys(gone))

    @property
    def without_kind(self) -> tuple[str, ...]:
        """Items named as floor or guide that no kind of outgoing is compared with."""
        named = [(use.table, item) for use in (*self.floors, *self.guides) for item in use.items]
        return tuple(
            f"{table}/{item}"
            for table, item in named
            if self._costs[table].costs[item].kind is None
        )

    @property
    def origins(self) -> tuple[TableSource, ...]:
        """Where the tables it stands on come from."""
        tables = [self._costs[name].origin for name in self.tables]
        return tuple(tables if self._statement is None else [*tables, self._statement.origin])

    @property
    def statement_fields(self) -> StatementFields | None:
        """The groups in which a budget is written out; None where the pack names none."""
        return self._statement

    @cached_property
    def rules(self) -> AffordabilityRules:
        """The parameters as `assess` takes them; raises InputRefused while a table is missing."""
        if self.missing:
            sentence = f"the tables were not handed over: {', '.join(self.missing)}"
            raise InputRefused("affordability", [Problem("affordability", sentence)])
        names = type(self).model_fields.keys() & AffordabilityRules.__dataclass_fields__.keys()
        parameters = {name: getattr(self, name) for name in names}
        if self.minimum is not None:
            parameters["minimum"] = self.minimum.among(self._costs)[0]
        for name in ("floors", "guides"):
            uses: tuple[CostsNamed, ...] = getattr(self, name)
            parameters[name] = tuple(cost for use in uses for cost in use.among(self._costs))
        return AffordabilityRules(**parameters)
