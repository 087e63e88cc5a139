"""What the paper needs of the plan inside an agreement: terms, rows, summary, and what it changes.

Not here: the agreement around it (`facts.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from plan_assistant.adapters.documents.reader import Part
from plan_assistant.domain.calendar import HolidayRoll, MonthEnd, Unit
from plan_assistant.domain.debt import Component
from plan_assistant.domain.formats.schedule_table import COLUMNS
from plan_assistant.domain.money import Currency, Money, Rounding, total
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.schedule.allocation import Scope
from plan_assistant.domain.schedule.terms import (
    ArrearsTreatment,
    DayCount,
    HolidayInterest,
    LevelPayment,
    OddFirstPeriod,
    PeriodInterest,
    Remainder,
)


class Column(StrEnum):
    """The amounts of a schedule row, in the order of the printed table."""

    PAYMENT = "payment"
    PRINCIPAL = "principal"
    INTEREST = "interest"
    ARREARS = "arrears"
    FEES = "fees"
    PENALTIES = "penalties"
    CAPITALISED = "capitalised"
    DEFERRED = "deferred"
    BALANCE = "balance"
    ARREARS_LEFT = "arrears_left"
    OWED_AFTER = "owed_after"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the schedule."""

    number: int
    due: date
    nominal_due: date
    amounts: Mapping[Column, Money]


@dataclass(frozen=True, slots=True)
class Order:
    """The order in which money fills an installment, up to a number of days past due."""

    max_days_past_due: int | None
    components: tuple[Component, ...]
    scope: Scope


@dataclass(frozen=True, slots=True)
class Conventions:
    """The conventions that decide a cent or a date of the schedule; printed in words."""

    rounding: Rounding
    day_count: DayCount
    period_interest: PeriodInterest
    odd_first_period: OddFirstPeriod
    level_payment: LevelPayment
    remainder: Remainder
    month_end: MonthEnd
    holiday_roll: HolidayRoll
    holiday_interest: HolidayInterest
    arrears_treatment: ArrearsTreatment
    allocation: tuple[Order, ...]
    """Empty in agreements made before the order was part of the terms."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a plan at a glance."""

    payment: Money
    first_payment: Money
    last_payment: Money
    largest_payment: Money
    down_payment: Money
    payments: int
    first_due: date
    last_due: date
    total: Money
    added_cost: Money
    total_interest: Money
    total_arrears: Money
    total_fees: Money
    annualized_rate: Fraction


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The plan with its exact schedule."""

    family: Family
    grace_months: int
    waived: Mapping[Component, Money]
    """What the lender gives up of each component."""
    waived_total: Money
    joined: Money
    """Old interest that joins the principal."""
    principal: Money
    """The principal that bears interest."""
    annual_rate: Fraction
    contract_rate: Fraction
    step_payments: int
    """How many payments at the start are lower than the level ones."""
    multiple: Money | None
    """What the level payments are rounded to a multiple of; None where it is the minor unit."""
    every: int
    unit: Unit
    due_day: int | None
    """Nominal day of the month; None where the terms name none."""
    holidays_known_until: date | None
    conventions: Conventions
    has_down_payment: bool
    """Whether the first row is a down payment on the cut-off date."""
    rows: tuple[Row, ...]
    summary: Summary

    @property
    def payments(self) -> tuple[Money, ...]:
        """The payments above zero, the down payment not counted."""
        rows = self.rows[1:] if self.has_down_payment else self.rows
        return tuple(row.amounts[Column.PAYMENT] for row in rows if row.amounts[Column.PAYMENT])

    def column_total(self, column: Column) -> Money:
        """Return the sum of a column."""
        amounts = [row.amounts[column] for row in self.rows]
        return total(amounts, amounts[0].currency)

    @property
    def runs(self) -> tuple[tuple[Row, ...], ...]:
        """The rows that ask for money, those of the same amount in a row together."""
        rows = self.rows[1:] if self.has_down_payment else self.rows
        paying = [row for row in rows if row.amounts[Column.PAYMENT]]
        equal = groupby(paying, key=lambda row: row.amounts[Column.PAYMENT])
        return tuple(tuple(same) for _, same in equal)

    @property
    def weekday(self) -> int:
        """The nominal day of the week of the grid, Monday is 0; means something for weeks only."""
        return self.rows[-1].nominal_due.weekday()

    @property
    def interest_held(self) -> Money:
        """The most interest that is held uncollected at any time."""
        return max(row.amounts[Column.DEFERRED] for row in self.rows)


def read_plan(part: Part, currency: Currency, *, is_first: bool) -> PlanFacts:
    """Read the plan; in agreements of the first version nothing is waived and nothing joins."""
    terms = part.part("terms")
    frequency, conventions = terms.part("frequency"), terms.part("conventions")
    holidays = terms.optional_part("holidays")
    summary = part.part("summary")
    names = (
        "payment",
        "first_payment",
        "last_payment",
        "largest_payment",
        "down_payment",
        "total",
        "total_interest",
        "total_arrears",
        "total_fees",
    )
    waived = None if is_first else part.part("waived")
    return PlanFacts(
        family=part.word("family", Family),
        grace_months=part.whole("grace_months"),
        waived={
            item: waived.money(item.value, currency) if waived else currency.zero
            for item in Component
        },
        waived_total=waived.money("total", currency) if waived else currency.zero,
        joined=currency.zero if is_first else part.money("capitalised", currency),
        principal=terms.money("principal", currency),
        contract_rate=summary.rate("contract_rate"),
        step_payments=sum(step.whole("periods") for step in terms.parts("payment_steps")[:-1]),
        multiple=None
        if terms.is_null("payment_multiple_of")
        else terms.money("payment_multiple_of", currency),
        annual_rate=terms.rate("annual_rate"),
        every=frequency.whole("every"),
        unit=frequency.word("unit", Unit),
        due_day=terms.optional_whole("due_day"),
        holidays_known_until=holidays.optional_day("known_until") if holidays else None,
        conventions=Conventions(
            rounding=conventions.word("rounding", Rounding),
            day_count=conventions.word("day_count", DayCount),
            period_interest=conventions.word("period_interest", PeriodInterest),
            odd_first_period=conventions.word("odd_first_period", OddFirstPeriod),
            level_payment=conventions.word("level_payment", LevelPayment),
            remainder=conventions.word("remainder", Remainder),
            month_end=conventions.word("month_end", MonthEnd),
            holiday_roll=conventions.word("holiday_roll", HolidayRoll),
            holiday_interest=conventions.word("holiday_interest", HolidayInterest),
            arrears_treatment=terms.word("arrears_treatment", ArrearsTreatment),
            allocation=_orders(conventions) if conventions.has("allocation") else (),
        ),
        has_down_payment=not terms.is_null("down_payment"),
        rows=_rows(part, currency),
        summary=Summary(
            **{name: summary.money(name, currency) for name in names},
            added_cost=summary.money("added_cost", currency, may_be_negative=True),
            payments=summary.whole("payments"),
            first_due=summary.day("first_due"),
            last_due=summary.day("last_due"),
            annualized_rate=summary.rate("annualized_rate"),
        ),
    )


def _rows(part: Part, currency: Currency) -> tuple[Row, ...]:
    if part.has("columns") and part.texts("columns") != COLUMNS:
        part.problem("columns", "names other columns than this form has: record the plan again")
        return ()
    return tuple(_row(row, currency) for row in part.parts("rows"))


def _row(part: Part, currency: Currency) -> Row:
    return Row(
        number=part.whole("number"),
        due=part.day("due"),
        nominal_due=part.day("nominal_due"),
        amounts={column: part.money(column.value, currency) for column in Column},
    )


def _orders(conventions: Part) -> tuple[Order, ...]:
    return tuple(
        Order(
            item.optional_whole("max_days_past_due"),
            item.words("order", Component),
            item.word("scope", Scope) if item.has("scope") else Scope.INSTALLMENT,
        )
        for item in conventions.parts("allocation")
    )
