"""What an agreement asks for, what it has received, and how a payment is laid over it.

The rows are those that were agreed and signed: a payment changes what is left of them, never the
rows themselves. Interest that is saved by paying early is given by a new schedule, as the agreement
says. Not here: who may record what (`follow_up_acts.py`) and what was recorded
(`approved_plan.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import accumulate

from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.schedule_table import with_named_cells
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.schedule.allocation import (
    INSTALLMENT_ORDER,
    Component,
    OrderByDaysPastDue,
)
from plan_assistant.domain.schedule.lines import Cash, Row
from plan_assistant.domain.schedule.posting import Posted, post


class Party(StrEnum):
    """Who signs an agreement."""

    BORROWER = "borrower"
    GUARANTOR = "guarantor"
    """A guarantor or co-debtor."""
    LENDER = "lender"


class BreachReason(StrEnum):
    """Why a person declares a plan broken."""

    STOPPED_PAYING = "stopped_paying"
    PAYS_TOO_LITTLE = "pays_too_little"
    UNREACHABLE = "unreachable"
    REFUSES = "refuses"
    NO_LONGER_ABLE = "no_longer_able"


class ReopenReason(StrEnum):
    """Why a case is opened for a new negotiation."""

    INCOME_CHANGED = "income_changed"
    HEALTH = "health"
    NEW_PROPOSAL = "new_proposal"
    RECORDED_IN_ERROR = "recorded_in_error"
    NEVER_SIGNED = "never_signed"
    """An approved plan that takes no effect: this ends it."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that was received under an agreement."""

    day: date
    amount: Money


@dataclass(frozen=True, slots=True)
class EarlyEnd:
    """That everything owed was repaid before the last installment asked for it."""

    day: date
    saved: Money
    """What the plan would have asked for beyond it: interest and fees of days to come."""
    overpaid: Money
    """What came in beyond what was owed on that day; it goes back to the borrower."""


@dataclass(frozen=True, slots=True)
class Unpaid:
    """What an installment still asks for."""

    number: int
    due: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Split:
    """How one payment was laid over the installments due by its day."""

    installments: tuple[tuple[int, Mapping[Component, Money]], ...]
    """The number of each installment that received something, and what each component received."""
    ahead: Money
    """What no installment due by then asked for; it waits for the next ones."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an agreement stands at the end of a day."""

    day: date
    paid: Money
    owed: Money
    """All that is left of the plan, due or not."""
    overdue: Money
    """What installments due before the day still ask for."""
    next_unpaid: Unpaid | None
    """The first installment that is not covered; None when nothing is left."""
    days_past_due: int
    """How long that installment has been due; 0 while it is not."""


@dataclass(frozen=True)
class AgreedPlan:
    """The rows of an agreement, and the order in which money fills them."""

    currency: Currency
    start: date
    """The first day on which money can be received under it."""
    allocation: OrderByDaysPastDue | None
    written: tuple[Mapping[str, Json], ...] = field(repr=False)
    """Its rows as they were recorded."""

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The number of each installment."""
        return tuple(int(str(row["number"])) for row in self.written)

    @cached_property
    def dues(self) -> tuple[date, ...]:
        """The day of each installment."""
        return tuple(date.fromisoformat(str(row["due"])) for row in self.written)

    @cached_property
    def asked(self) -> tuple[int, ...]:
        """The payment of each installment, in minor units."""
        return tuple(self.currency.parse(str(row["payment"])).minor for row in self.written)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The same with what each is made of: a list of many cases needs no more than the above."""
        return tuple(_read_row(row, self.currency) for row in self.written)

    @property
    def total(self) -> Money:
        """Everything the plan asks for."""
        return self.currency.money(sum(self.asked))

    @property
    def last_due(self) -> date:
        """The day of the last installment."""
        return max(self.dues)

    def missing(self, received: Sequence[Paid], day: date) -> tuple[Unpaid, ...]:
        """Return every installment that money received by a day does not cover, in order."""
        money = sum(item.amount.minor for item in received if item.day <= day)
        return tuple(
            Unpaid(number, due, self.currency.money(min(amount, up_to - money)))
            for number, due, amount, up_to in zip(
                self.numbers, self.dues, self.asked, accumulate(self.asked), strict=True
            )
            if min(amount, up_to - money) > 0
        )

    def split(self, received: Sequence[Paid], payment: Paid) -> Split:
        """Return where a payment goes; of other money only what came by its day is looked at."""
        before = [item for item in received if item.day <= payment.day]
        old, new = (self._posted(money, payment.day) for money in (before, [*before, payment]))
        laid = []
        for number, was, now in zip(self.numbers, old.unpaid, new.unpaid, strict=False):
            parts = {
                component: self.currency.money(int(was[component] - now[component]))
                for component in INSTALLMENT_ORDER
                if was[component] != now[component]
            }
            if parts:
                laid.append((number, parts))
        return Split(tuple(laid), self.currency.money(int(new.ahead - old.ahead)))

    def standing(self, received: Sequence[Paid], day: date) -> Standing:
        """Return what is paid and owed at the end of a day."""
        known = [item for item in received if item.day <= day]
        paid = self.currency.money(sum(item.amount.minor for item in known))
        missing = self.missing(known, day)
        overdue = sum(item.amount.minor for item in missing if item.due < day)
        following = missing[0] if missing else None
        return Standing(
            day=day,
            paid=paid,
            owed=self.total - paid,
            overdue=self.currency.money(overdue),
            next_unpaid=following,
            days_past_due=max(0, (day - following.due).days) if following else 0,
        )

    def components(self, received: Sequence[Paid], day: date) -> dict[Component, Money]:
        """Return what is left of the whole plan at the end of a day, component by component.

        Money ahead fills the installments to come in their order.
        """
        known = [item for item in received if item.day <= day]
        at_the_end = self._posted(known, max(day, self.last_due))
        return {
            component: self.currency.money(int(at_the_end.of(component)))
            for component in INSTALLMENT_ORDER
        }

    def _posted(self, received: Sequence[Paid], day: date) -> Posted:
        in_order = sorted(received, key=lambda item: item.day)
        cash = [Cash(item.day, item.amount.minor) for item in in_order]
        return post(self.rows, cash, day, self.allocation)


# --- their outside form ---------------------------------------------------------------------------


def read_agreed(agreement: Mapping[str, Json]) -> AgreedPlan:
    """Return the rows of a recorded agreement and the order of its allocation."""
    plan = with_named_cells(agreement)["plan"]
    assert isinstance(plan, Mapping)  # the agreement was checked when it was recorded
    terms, rows = plan["terms"], plan["rows"]
    assert isinstance(terms, Mapping)
    assert isinstance(rows, list)
    written = tuple(row for row in rows if isinstance(row, Mapping))
    assert len(written) == len(rows)  # without one of them less would be owed
    currency = Currency.of(str(agreement["currency"]))
    return AgreedPlan(
        currency=currency,
        start=date.fromisoformat(str(terms["start"] or agreement["cut_off"])),
        allocation=_read_order(terms),
        written=written,
    )


def _read_row(row: Mapping[str, Json], currency: Currency) -> Row:
    def minor(name: str) -> int:
        return currency.parse(str(row[name])).minor

    return Row(
        due=date.fromisoformat(str(row["due"])),
        payment=minor("payment"),
        principal=minor("principal"),
        interest=minor("interest"),
        fees=minor("fees"),
        capitalised=minor("capitalised"),
        held=minor("deferred"),
        balance=minor("balance"),
        penalties=minor("penalties"),
        carried=minor("arrears"),
    )


def _read_order(terms: Mapping[str, Json]) -> OrderByDaysPastDue | None:
    conventions = terms["conventions"]
    assert isinstance(conventions, Mapping)  # the agreement was checked when it was recorded
    orders = conventions.get("allocation")
    if not isinstance(orders, list):
        return None
    return OrderByDaysPastDue.of(item for item in orders if isinstance(item, Mapping))


def written_split(split: Split) -> dict[str, Json]:
    """Return a split as the record keeps it."""
    return {
        "installments": [
            {
                "number": number,
                "components": {name: amount.plain for name, amount in parts.items()},
            }
            for number, parts in split.installments
        ],
        "ahead": split.ahead.plain,
    }
