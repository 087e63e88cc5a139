"""A policy pack: the rules of one jurisdiction, product and lender as data, read from TOML.

Not here: how a file is read and checked (`reading.py`), how one pack extends another
(`inheritance.py`), what the rules do (`rules.py`), and where pack files lie
(`adapters/policies.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from plan_assistant.domain.calendar import HolidayRoll, MonthEnd
from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Rounding
from plan_assistant.domain.policy.affordability import AffordabilityTable, CostsNamed
from plan_assistant.domain.policy.authority import Authority, WaiverLimit
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.policy.parts import Bilingual, Part
from plan_assistant.domain.policy.robustness import RobustnessBox
from plan_assistant.domain.policy.rule import Rule
from plan_assistant.domain.policy.space import (
    OldCharges,
    Rhythm,
    Space,
    StepPattern,
    Waiver,
    Waivers,
)
from plan_assistant.domain.retention import LONGEST_RETENTION_YEARS, SHORTEST_RETENTION_YEARS
from plan_assistant.domain.schedule import allocation as posting
from plan_assistant.domain.schedule.allocation import OrderByDaysPastDue, Scope
from plan_assistant.domain.schedule.terms import (
    ArrearsTreatment,
    Conventions,
    DayCount,
    DeferredCollection,
    InterestRounding,
    LevelPayment,
    LevelPaymentBasis,
    OddFirstPeriod,
    PeriodInterest,
    Remainder,
)
from plan_assistant.domain.schedule.validation import check_rounding

__all__ = [
    "FORMAT",
    "AffordabilityTable",
    "AllocationOrder",
    "Authority",
    "BreachTable",
    "CostsNamed",
    "Header",
    "OldCharges",
    "PackFile",
    "PackName",
    "PolicyPack",
    "Rhythm",
    "RobustnessBox",
    "Rule",
    "ScheduleConventions",
    "Space",
    "StepPattern",
    "Waiver",
    "WaiverLimit",
    "Waivers",
]

FORMAT = "plan-assistant/policy@1"

PackName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""Name of a pack and, with `.toml`, of its file: small letters, digits and single hyphens."""
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166 code of a country."""


def _of_interest(rounding: Rounding) -> Rounding:
    try:
        check_rounding(rounding)
    except InvalidTerms as problem:
        raise ValueError(problem.reason) from problem
    return rounding


class ScheduleConventions(Part):
    """The conventions every schedule of this pack follows; they are printed on the agreement."""

    rounding: Annotated[
        Rounding,
        AfterValidator(_of_interest),
        WithJsonSchema({"type": "string", "enum": list(get_args(InterestRounding))}),
    ]
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


class BreachTable(Part):
    """When a missed payment breaks a plan: never sooner than the clauses promise on paper."""

    tolerance_days: int = Field(default=3, ge=3, le=60)
    """Days after the due date that still count as on time."""
    cure_days: int = Field(default=10, ge=10, le=180)
    """Shortest time from a notice to the day by which a missed amount is made up."""


class AllocationOrder(Part):
    """In which order a payment settles components, up to a number of days past due."""

    products: tuple[Product, ...]
    max_days_past_due: int | None = None
    """None: no upper end."""
    order: tuple[Component, ...]
    scope: Scope = Scope.INSTALLMENT
    """Whether the order holds inside each installment or over all that are due together."""
    rule: str

    @property
    def names(self) -> tuple[str, ...]:
        """The components by the names that a schedule uses."""
        return tuple(component.value for component in self.order)


def _has_both_roles(table: dict[Role, Authority]) -> dict[Role, Authority]:
    missing = [role.value for role in (Role.COLLECTOR, Role.TEAM_LEAD) if role not in table]
    if missing:
        raise ValueError(f"has no entry for {', '.join(missing)}")
    return table


class Header(Part):
    """What a pack is called, and which debts it is chosen for."""

    pack: PackName
    extends: PackName | None = None
    """The pack whose sections and rules this one starts from."""
    version: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    title: Bilingual
    jurisdictions: tuple[Country, ...]
    """Countries whose debts it is chosen for; with none it is only chosen by its name."""
    products: tuple[Product, ...] = Field(min_length=1)
    """Kinds of debt it is chosen for."""
    effective_from: date | None = None
    """The first and the last day on which it is chosen; none is open."""
    effective_to: date | None = None
    chosen_by_name: bool = False
    """Whether it waits to be named (--policy) instead of being chosen by the debt."""
    fallback: PackName | None = None
    """The pack for debts of these jurisdictions whose product no pack covers."""

    def fits(self, jurisdiction: str, product: Product, on: date) -> bool:
        """Say whether it is chosen for such a debt on that day."""
        return (
            not self.chosen_by_name
            and jurisdiction in self.jurisdictions
            and product in self.products
            and (self.effective_from or on) <= on <= (self.effective_to or on)
        )


class PackFile(Header):
    """A pack with everything it takes from the packs it extends."""

    format: Literal["plan-assistant/policy@1"]
    calendar: str
    limitation_years: int = Field(ge=1, le=100)
    retention_years: int = Field(ge=SHORTEST_RETENTION_YEARS, le=LONGEST_RETENTION_YEARS)
    """Years after the end of a case in which its personal data is kept; then it may be purged."""
    disclosures: tuple[str, ...]
    """Ids of what must be said in the call, in order."""
    return_reasons: tuple[str, ...] = Field(min_length=1)
    """Codes a team lead chooses from when returning or declining."""
    submit_reasons: tuple[str, ...] = Field(min_length=1)
    """Codes a collector chooses from when asking for more than they may grant."""
    objections: tuple[str, ...]
    """Codes of what a borrower answers to an offer."""
    remove_rules: tuple[str, ...] = ()
    """Ids of rules of the packs it extends that do not hold here."""
    lender_may_loosen: tuple[str, ...] = ()
    """Fields outside the levers and the authority, such as `limitation_years` or
    `affordability.table_currency`, that a pack which extends this one may set as it likes."""
    space: Space
    robustness: RobustnessBox
    schedule: ScheduleConventions
    affordability: AffordabilityTable
    authority: Annotated[dict[Role, Authority], AfterValidator(_has_both_roles)]
    allocation: tuple[AllocationOrder, ...]
    breach: BreachTable = BreachTable()
    rules: tuple[Rule, ...]


class PolicyPack(PackFile):
    """The rules of one jurisdiction and lender, and which bytes they were read from."""

    sha256: str
    """Over the bytes of all files it stands on, one after the other: the packs it is made of, the
    outermost first and its own last, then the tables it names."""
    lineage: tuple[str, ...]
    """Names of the packs it is made of, in that order; the last is its own."""
    versions: tuple[str, ...]
    """The version of each of them."""

    @property
    def own_rules(self) -> tuple[Rule, ...]:
        """The rules that bind a debt this pack is chosen for; the rest are for other products."""
        return tuple(rule for rule in self.rules if set(rule.products) & set(self.products))

    def rules_for(self, product: Product, on: date) -> tuple[Rule, ...]:
        """Return the rules that bind that product on that day."""
        return tuple(
            rule for rule in self.rules if product in rule.products and rule.is_in_force(on)
        )

    def allocation_order(self, product: Product, days_past_due: int) -> AllocationOrder:
        """Return the order in which a payment settles components at that many days past due."""
        return next(self._orders_ahead(product, days_past_due))

    def allocation_ahead(self, product: Product, days_past_due: int) -> OrderByDaysPastDue:
        """Return the orders that a plan agrees on: those of the day it is made and of later days.

        A debt that has passed an order's last day does not come back to it under a plan.
        """
        return OrderByDaysPastDue(
            tuple(
                posting.AllocationOrder(order.max_days_past_due, order.names, order.scope)
                for order in self._orders_ahead(product, days_past_due)
            )
        )

    def _orders_ahead(self, product: Product, days_past_due: int) -> Iterator[AllocationOrder]:
        return (
            order
            for order in self.allocation
            if product in order.products
            and (order.max_days_past_due is None or days_past_due <= order.max_days_past_due)
        )
