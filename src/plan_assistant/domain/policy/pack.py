"""A policy pack: the rules of one jurisdiction and lender as data, read from TOML and checked.

Not here: what the rules do (`rules.py`) and where pack files lie (`adapters/policies.py`).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails

from plan_assistant.domain.budget import AffordabilityRules
from plan_assistant.domain.calendar import HolidayRoll, MonthEnd
from plan_assistant.domain.case import Component, Product, Reliability
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.living_costs import (
    LivingCost,
    LivingCostTable,
    StatementFields,
    TableSource,
)
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import Confidence, Effect, Role
from plan_assistant.domain.schedule.terms import (
    ArrearsTreatment,
    Conventions,
    DayCount,
    DeferredCollection,
    LevelPayment,
    LevelPaymentBasis,
    OddFirstPeriod,
    PeriodInterest,
    Remainder,
)
from plan_assistant.domain.verdict import Verdict

FORMAT = "plan-assistant/policy@1"


def _exact(value: object) -> object:
    """Read a share or rate: a string in decimal notation or a quotient; never a float."""
    if isinstance(value, str):
        return Fraction(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    raise ValueError(
        'write it as text, such as "0.18" or "1/3": a binary fraction would not be exact'
    )


Exact = Annotated[
    Fraction,
    BeforeValidator(_exact),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
]


def _at_least_zero(value: Fraction) -> Fraction:
    if value < 0:
        raise ValueError("must not be below zero")
    return value


def _share(value: Fraction) -> Fraction:
    if not 0 <= value <= 1:
        raise ValueError('must be from 0 to 1: write 10 percent as "0.10"')
    return value


def _complete(keys: type[StrEnum]) -> Callable[[dict[Any, Any]], dict[Any, Any]]:
    """Return a check that a table has an entry for every member of a closed list."""

    def check(table: dict[Any, Any]) -> dict[Any, Any]:
        missing = [key.value for key in keys if key not in table]
        if missing:
            raise ValueError(f"has no entry for {', '.join(missing)}")
        return table

    return check


Amount = Annotated[Exact, AfterValidator(_at_least_zero)]
"""An amount in whole units of the tables' currency."""
ShareOfOne = Annotated[Exact, AfterValidator(_share)]
Bilingual = Annotated[dict[Literal["en", "zh"], str], Field(min_length=2, max_length=2)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Rule(_Part):
    """One rule: what it asks, its limits, its source, and what breaking it does."""

    id: str
    test: str
    """Which question of `rules.py` it asks."""
    title: Bilingual
    citation: str
    confidence: Confidence
    effect: Effect
    may_allow: Role | None = None
    products: tuple[Product, ...] = tuple(Product)
    effective_from: date | None = None
    effective_to: date | None = None
    parameters: Mapping[str, int | str | bool] = Field(default_factory=dict)

    @property
    def needs_counsel(self) -> bool:
        """Say whether counsel should confirm it: a rule of law whose wording was not read."""
        return self.confidence in {Confidence.SECONDARY, Confidence.MEMORY}

    def is_in_force(self, on: date) -> bool:
        """Say whether it applies on that day."""
        return (self.effective_from or on) <= on <= (self.effective_to or on)

    def exact(self, name: str) -> Fraction:
        """Return a parameter that is a share or rate."""
        return Fraction(str(self.parameters[name]))

    def whole(self, name: str) -> int:
        """Return a parameter that is a count of months, days or things."""
        return int(self.parameters[name])


WholeUnits = Annotated[str, Field(pattern=r"^[0-9]{1,15}$")]
"""An amount in whole units of a currency."""


class WaiverLimit(_Part):
    """How much of a component a role may waive: within the share, and within the amount."""

    share: ShareOfOne
    amount: dict[str, WholeUnits]
    """By currency; a currency that is not listed has no limit of its own beside the share."""


class Authority(_Part):
    """What a role may grant alone."""

    longest_term_months: int = Field(ge=1)
    latest_first_payment_days: int = Field(ge=0)
    longest_grace_months: int = Field(ge=0)
    lowest_rate_share: ShareOfOne
    """The lowest rate, as a share of the contract rate: 1 is no cut at all."""
    largest_waiver: dict[Component, WaiverLimit] = Field(default_factory=dict)
    """A component that is not listed may not be waived."""
    lowest_down_payment_share: ShareOfOne = Fraction(0)
    """Of what is owed."""
    largest_owed: dict[str, WholeUnits]
    """By currency; a debt in a currency that is not listed asks for approval."""
    restructurings_12_months: int = Field(default=1, ge=0)
    """How many restructurings, this plan included, one debt may have within 12 months."""
    restructurings_60_months: int = Field(default=2, ge=0)
    verdicts: tuple[Verdict, ...]


class Waiver(_Part):
    """Which share of each component is given up; principal never is."""

    interest: ShareOfOne = Fraction(0)
    penalty_interest: ShareOfOne = Fraction(0)
    fee: ShareOfOne = Fraction(0)
    cost: ShareOfOne = Fraction(0)

    @property
    def shares(self) -> tuple[tuple[Component, Fraction], ...]:
        """Every component of which something is given up, with its share."""
        parts = (
            (Component.INTEREST, self.interest),
            (Component.PENALTY_INTEREST, self.penalty_interest),
            (Component.FEE, self.fee),
            (Component.COST, self.cost),
        )
        return tuple((component, share) for component, share in parts if share)


class StepPattern(_Part):
    """Less in the first months: a share of the level payment, the rest level afterwards."""

    months: int = Field(ge=1, le=60)
    share: ShareOfOne


class OldCharges(StrEnum):
    """What a plan does with charges that are already owed beside the principal."""

    SPREAD = "spread"
    """In equal parts over all installments, without interest."""
    FIRST_INSTALLMENT = "first_installment"
    LAST_INSTALLMENT = "last_installment"
    """Carried to the end, without interest."""
    CAPITALISE = "capitalise"
    """Old interest joins the principal and bears interest; penalties, fees and costs are spread."""


class Rhythm(StrEnum):
    """How often the borrower pays."""

    MONTH = "month"
    FORTNIGHT = "fortnight"
    WEEK = "week"


class Space(_Part):
    """The part of the plan space that is searched: every lever with its values."""

    families: tuple[Family, ...]
    min_periods: int = Field(ge=1)
    max_periods: int = Field(le=1200)
    graces: tuple[Annotated[int, Field(ge=1, le=60)], ...]
    """Lengths of a grace in months, for the families that have one."""
    rate_step: ShareOfOne
    """The contract rate is lowered by this, again and again; 0 leaves it."""
    lowest_rate: ShareOfOne
    """As an annual rate; the family without further interest does not depend on it."""
    waivers: tuple[Waiver, ...] = ()
    """What may be given up; giving up nothing is always searched."""
    old_charges: tuple[OldCharges, ...] = Field(min_length=1)
    down_payment_shares: tuple[ShareOfOne, ...] = ()
    """Of the cash beyond a month's outgoings; no down payment is always searched."""
    steps: tuple[StepPattern, ...] = ()
    rhythms: tuple[Rhythm, ...] = Field(min_length=1)
    multiples: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """Level payments in multiples of whole units; to the cent is always searched."""
    first_payments: int = Field(default=1, ge=1, le=12)
    """On how many due days in a row the first payment may fall."""
    discount_rate: ShareOfOne
    """Effective annual rate of the lender's present value."""
    first_payment_min_days: int
    """Days from today before which no first payment is proposed."""
    first_payment_max_days: int
    days_after_payday: int
    default_due_day: int = Field(ge=1, le=28)
    offers: int = Field(ge=3, le=5)

    @property
    def max_grace_months(self) -> int:
        """The longest grace that is searched."""
        return max(self.graces, default=0)


class RobustnessBox(_Part):
    """Settings over which a plan's first place is tried; priors, not predictions."""

    hazards: tuple[ShareOfOne, ...] = Field(min_length=1)
    """Monthly, at the contractual payment."""
    payment_effects: tuple[bool, ...] = Field(min_length=1)
    """Whether a lower payment lowers the hazard."""
    recoveries: tuple[ShareOfOne, ...] = Field(min_length=1)
    """The share of what is left that a broken plan still brings."""
    recovery_lag_months: int = Field(ge=0, le=120)
    discount_rates: tuple[ShareOfOne, ...] = Field(min_length=1)
    source: str
    confidence: Confidence


class ScheduleConventions(_Part):
    """The conventions every schedule of this pack follows; they are printed on the agreement."""

    rounding: Rounding
    payment_rounding: Rounding
    day_count: DayCount
    period_interest: PeriodInterest
    odd_first_period: OddFirstPeriod
    level_payment: LevelPayment
    level_payment_basis: LevelPaymentBasis
    remainder: Remainder
    deferred_collection: DeferredCollection
    month_end: MonthEnd
    holiday_roll: HolidayRoll
    arrears_treatment: ArrearsTreatment

    @cached_property
    def conventions(self) -> Conventions:
        """The conventions as the engine takes them."""
        names = type(self).model_fields.keys() - {"arrears_treatment"}
        return Conventions(**{name: getattr(self, name) for name in names})


class CostsNamed(_Part):
    """Items of a dated table of living costs (`policies/tables`), all or a share of each."""

    table: str
    items: tuple[str, ...] = Field(min_length=1)
    share: ShareOfOne = Fraction(1)

    def among(self, tables: Mapping[str, LivingCostTable]) -> tuple[LivingCost, ...]:
        """Return the costs; raises KeyError with the name of a table or item that is missing."""
        found = tables[self.table].costs
        return tuple(found[item].times(self.share) for item in self.items)


class AffordabilityTable(_Part):
    """The affordability method's parameters as they stand in the file.

    It names its tables of living costs; whoever reads the pack hands them over with `with_tables`.
    """

    reliability: Annotated[dict[Reliability, ShareOfOne], AfterValidator(_complete(Reliability))]
    table_currency: str
    statement: str | None = None
    """List of the fields in whose groups a budget is written out."""
    minimum: CostsNamed
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
    def tables(self) -> tuple[str, ...]:
        """Names of the tables of living costs it stands on."""
        named = (self.minimum, *self.floors, *self.guides)
        return tuple(dict.fromkeys(use.table for use in named))

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
        for use in (self.minimum, *self.floors, *self.guides):
            table = self._costs.get(use.table)
            if table is not None:
                gone += [f"{use.table}/{item}" for item in use.items if item not in table.costs]
        return tuple(dict.fromkeys(gone))

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
        parameters["minimum"] = self.minimum.among(self._costs)[0]
        for name in ("floors", "guides"):
            uses: tuple[CostsNamed, ...] = getattr(self, name)
            parameters[name] = tuple(cost for use in uses for cost in use.among(self._costs))
        return AffordabilityRules(**parameters)


class AllocationOrder(_Part):
    """In which order a payment settles components, up to a number of days past due."""

    products: tuple[Product, ...]
    max_days_past_due: int | None = None
    """None: no upper end."""
    order: tuple[Component, ...]
    rule: str


def _has_both_roles(table: dict[Role, Authority]) -> dict[Role, Authority]:
    missing = [role.value for role in (Role.COLLECTOR, Role.TEAM_LEAD) if role not in table]
    if missing:
        raise ValueError(f"has no entry for {', '.join(missing)}")
    return table


class PackFile(_Part):
    """A pack as it stands in its file."""

    format: Literal["plan-assistant/policy@1"]
    pack: str
    version: str
    jurisdiction: str
    title: Bilingual
    calendar: str
    limitation_years: int = Field(ge=1)
    disclosures: tuple[str, ...]
    """Ids of what must be said in the call, in order."""
    return_reasons: tuple[str, ...]
    """Codes a team lead chooses from when returning or declining."""
    submit_reasons: tuple[str, ...]
    """Codes a collector chooses from when asking for more than they may grant."""
    objections: tuple[str, ...]
    """Codes of what a borrower answers to an offer."""
    space: Space
    robustness: RobustnessBox
    schedule: ScheduleConventions
    affordability: AffordabilityTable
    authority: Annotated[dict[Role, Authority], AfterValidator(_has_both_roles)]
    allocation: tuple[AllocationOrder, ...]
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        problems = [*self._rules_twice(), *self._gaps_of_allocation(), *self._upside_down()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _rules_twice(self) -> Iterator[str]:
        ids = [rule.id for rule in self.rules]
        for rule_id in sorted({rule_id for rule_id in ids if ids.count(rule_id) > 1}):
            yield f"rule id {rule_id} stands twice"

    def _gaps_of_allocation(self) -> Iterator[str]:
        for product in Product:
            orders = [order for order in self.allocation if product in order.products]
            if not any(order.max_days_past_due is None for order in orders):
                yield f"allocation has no order for {product.value} without an upper end of days"
        for order in self.allocation:
            if set(order.order) != set(Component) or len(order.order) != len(Component):
                yield f"allocation order of {order.rule} must name every component once"

    def _upside_down(self) -> Iterator[str]:
        if self.space.min_periods > self.space.max_periods:
            yield "space.min_periods is above space.max_periods"
        if self.affordability.dsr_comfortable > self.affordability.dsr_alarm:
            yield "affordability.dsr_comfortable is above affordability.dsr_alarm"
        if list(self.affordability.shocks) != sorted(set(self.affordability.shocks)):
            yield "affordability.shocks must rise"
        mine, lead = self.authority[Role.COLLECTOR], self.authority[Role.TEAM_LEAD]
        for name in ("longest_term_months", "latest_first_payment_days", "longest_grace_months"):
            if getattr(lead, name) < getattr(mine, name):
                yield f"authority.team_lead.{name} is below the collector's"


class PolicyPack(PackFile):
    """The rules of one jurisdiction and lender, and which bytes they were read from."""

    sha256: str
    """Over the bytes of the file."""

    def rules_for(self, product: Product, on: date) -> tuple[Rule, ...]:
        """Return the rules that bind that product on that day."""
        return tuple(
            rule for rule in self.rules if product in rule.products and rule.is_in_force(on)
        )

    def allocation_order(self, product: Product, days_past_due: int) -> AllocationOrder:
        """Return the order in which a payment settles components at that many days past due."""
        return next(
            order
            for order in self.allocation
            if product in order.products
            and (order.max_days_past_due is None or days_past_due <= order.max_days_past_due)
        )


def read_pack(content: bytes, source: str) -> PolicyPack:
    """Read a pack from the bytes of a TOML file; raises InputRefused with every problem found."""
    try:
        raw = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputRefused(source, [Problem("", f"not a TOML file: {error}")]) from error
    try:
        PackFile.model_validate(raw)
        return PolicyPack.model_validate({**raw, "sha256": hashlib.sha256(content).hexdigest()})
    except ValidationError as error:
        problems = [_problem(item, raw) for item in error.errors()]
        raise InputRefused(source, problems) from error


def _problem(item: ErrorDetails, raw: Mapping[str, Any]) -> Problem:
    """Name a rule by its id rather than by its place in the file, and keep our own sentences."""
    loc, own = item["loc"], item.get("ctx", {}).get("error")
    parts = [str(part) for part in loc]
    if len(loc) > 1 and loc[0] == "rules" and isinstance(loc[1], int):
        rule = raw["rules"][loc[1]]
        parts[1] = str(rule.get("id", loc[1])) if isinstance(rule, dict) else parts[1]
    return Problem(".".join(parts), str(own) if own else item["msg"])
