"""The exact schedule of a plan: columns of minor units, seen as rows.

Not here: how the numbers come about (`engine.py`) and how they look (`wording`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby, pairwise
from typing import NamedTuple

from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.schedule.terms import Remainder, Terms


class ScheduleDefect(PlanAssistantError):
    """A schedule breaks an invariant; it must be neither offered nor recorded.

    `row` is the number of the first offending row, 0 for the whole schedule.
    """

    def __init__(self, rule: str, row: int, detail: str) -> None:
        super().__init__(f"row {row}: {rule} ({detail})" if row else f"{rule} ({detail})")
        self.rule = rule
        self.row = row
        self.detail = detail


class Installment(NamedTuple):
    """One row of a schedule: payment = principal + interest + arrears + fees + penalties."""

    number: int
    due: date | None
    """The day of payment, after any holiday roll."""
    nominal_due: date | None
    """The day of the grid, before any holiday roll."""
    payment: Money
    principal: Money
    interest: Money
    arrears: Money
    """Carried amounts (old interest, penalties, fees, costs) paid with this row."""
    fees: Money
    penalties: Money
    capitalised: Money
    """Interest added to the balance at the end of this period."""
    deferred: Money
    """Interest held, uncollected, after this row."""
    balance: Money
    """Principal outstanding after this row."""
    arrears_left: Money
    """Carried amounts outstanding after this row."""

    @property
    def owed_after(self) -> Money:
        """Everything still owed after this row, future interest not counted."""
        return self.balance + self.arrears_left + self.deferred

    @property
    def is_moved(self) -> bool:
        """Say whether a holiday moved the day of payment."""
        return self.due != self.nominal_due


class Columns(NamedTuple):
    """The cells of a schedule in minor units, one tuple a column; all have the same length."""

    payment: tuple[int, ...]
    principal: tuple[int, ...]
    interest: tuple[int, ...]
    arrears: tuple[int, ...]
    fees: tuple[int, ...]
    penalties: tuple[int, ...]
    capitalised: tuple[int, ...]
    deferred: tuple[int, ...]
    balance: tuple[int, ...]
    arrears_left: tuple[int, ...]


@dataclass(frozen=True)
class Schedule:
    """What the borrower pays under some terms, row by row, to the minor unit."""

    terms: Terms
    due: tuple[date | None, ...]
    """Days of payment, after any holiday roll."""
    nominal_due: tuple[date | None, ...]
    """Days of the grid, before any holiday roll."""
    columns: Columns

    @property
    def currency(self) -> Currency:
        """The one currency of all amounts."""
        return self.terms.principal.currency

    @cached_property
    def rows(self) -> tuple[Installment, ...]:
        """All rows in order; a down payment is row 1."""
        currency = self.currency
        # Most cells are zero or repeat; one Money per amount is a third of the work.
        money = {minor: Money(minor, currency) for minor in set().union(*self.columns)}
        return tuple(
            Installment(number, due, nominal, *map(money.__getitem__, cells))
            for number, due, nominal, cells in zip(
                range(1, len(self.due) + 1),
                self.due,
                self.nominal_due,
                zip(*self.columns, strict=True),
                strict=True,
            )
        )

    @property
    def has_down_payment(self) -> bool:
        """Say whether row 1 is a down payment on the start date."""
        return self.terms.down_payment is not None

    @property
    def _paying(self) -> list[int]:
        """Indexes of the rows that ask for money, the down payment not counted."""
        payments = self.columns.payment
        return [
            index for index in range(self.has_down_payment, len(payments)) if payments[index] > 0
        ]

    def _money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @cached_property
    def regular_payment(self) -> Money:
        """The payment that most installments ask for; the earliest of equally common ones.

        Installments of a grace, which repay nothing, count only where no other asks for money.
        """
        repays_from = self.has_down_payment + self.terms.grace.principal
        repaying = [index for index in self._paying if index >= repays_from] or self._paying
        counts = Counter(self.columns.payment[index] for index in repaying)
        return self._money(counts.most_common(1)[0][0] if counts else 0)

    @property
    def first_payment(self) -> Money:
        """The first payment above zero, the down payment not counted."""
        paying = self._paying
        return self._money(self.columns.payment[paying[0]] if paying else 0)

    @property
    def last_payment(self) -> Money:
        """The last payment above zero."""
        paying = self._paying
        return self._money(self.columns.payment[paying[-1]] if paying else 0)

    @property
    def largest_payment(self) -> Money:
        """The largest installment, the down payment not counted: the plan's worst month."""
        return self._money(max(self.columns.payment[self.has_down_payment :], default=0))

    @property
    def down_payment(self) -> Money:
        """What is paid on the start date; zero if nothing."""
        return self._money(self.columns.payment[0] if self.has_down_payment else 0)

    @property
    def number_of_payments(self) -> int:
        """Installments with a payment above zero, the down payment not counted."""
        return len(self._paying)

    @property
    def runs(self) -> tuple[tuple[int, Money], ...]:
        """How many payments of the same amount follow each other, the down payment not counted."""
        payments = self.columns.payment
        equal = groupby(self._paying, key=payments.__getitem__)
        return tuple((len(list(indexes)), self._money(minor)) for minor, indexes in equal)

    @property
    def total_paid(self) -> Money:
        """All payments, the down payment included."""
        return self._money(sum(self.columns.payment))

    @property
    def total_interest(self) -> Money:
        """All interest, capitalised interest included (it is paid as principal later)."""
        return self._money(sum(self.columns.interest) + sum(self.columns.capitalised))

    @property
    def total_principal(self) -> Money:
        """All principal paid, capitalised interest not counted."""
        return self._money(sum(self.columns.principal) - sum(self.columns.capitalised))

    @property
    def total_arrears(self) -> Money:
        """All carried amounts paid."""
        return self._money(sum(self.columns.arrears))

    @property
    def total_fees(self) -> Money:
        """All fees and penalties."""
        return self._money(sum(self.columns.fees) + sum(self.columns.penalties))

    @property
    def first_due(self) -> date | None:
        """The first day on which an installment asks for money."""
        paying = self._paying
        return self.due[paying[0]] if paying else None

    @property
    def last_due(self) -> date | None:
        """The last day on which an installment asks for money."""
        paying = self._paying
        return self.due[paying[-1]] if paying else None

    @property
    def payment_days(self) -> tuple[date, ...]:
        """The days on which installments ask for money, moved by holidays; needs dates."""
        days = (self.due[index] for index in self._paying)
        return tuple(day for day in days if day is not None)

    @property
    def cash_flows(self) -> tuple[tuple[date, Money], ...]:
        """Day and amount of every payment above zero, the down payment included; needs dates."""
        return tuple(
            (due, self._money(minor))
            for due, minor in zip(self.due, self.columns.payment, strict=True)
            if minor and due is not None
        )

    @property
    def nominal_flows(self) -> tuple[tuple[date, Money], ...]:
        """Nominal day and amount of every installment above zero, the down payment not counted."""
        flows = zip(self.nominal_due, self.columns.payment, strict=True)
        return tuple(
            (day, self._money(minor))
            for index, (day, minor) in enumerate(flows)
            if minor and day is not None and index >= self.has_down_payment
        )

    @property
    def moved(self) -> tuple[Installment, ...]:
        """The rows whose day of payment a holiday moved."""
        return tuple(row for row in self.rows if row.is_moved)

    def check(self) -> None:
        """Raise ScheduleDefect unless every invariant of a plan holds.

        Each row adds up, nothing is negative, balances follow from the rows, the last balance is
        exactly zero, nothing stays held and days rise. Terms that leave the balance open may end
        above zero, or below it where level payments were rounded up (golden/SCHEMA 4.3).
        """
        columns, terms = self.columns, self.terms
        is_open = terms.conventions.remainder is Remainder.OPEN
        balance = terms.principal.minor
        arrears = terms.arrears.minor if terms.arrears else 0
        if min(map(min, columns._replace(balance=(0,)) if is_open else columns)) < 0:
            number = next(
                k for k, cells in enumerate(zip(*columns, strict=True), 1) if min(cells) < 0
            )
            raise ScheduleDefect("a cell is negative", number, f"of {len(columns.payment)} rows")
        for number, row in enumerate(zip(*columns, strict=True), start=1):
            payment, principal, interest, carried, fees, penalties, capitalised, _held = row[:8]
            if balance < 0 and (principal or interest):
                raise ScheduleDefect("more is asked than is owed", number, f"{balance}")
            if payment != principal + interest + carried + fees + penalties:
                raise ScheduleDefect("a row does not add up", number, f"payment {payment}")
            balance += capitalised - principal
            arrears -= carried
            if row[8] != balance or row[9] != arrears:
                raise ScheduleDefect("a balance does not follow", number, f"it is not {balance}")
        if (balance and not is_open) or arrears or columns.deferred[-1]:
            raise ScheduleDefect(
                "something is left over", 0, f"{balance}, {arrears}, {columns.deferred[-1]}"
            )
        days = [day for day in self.nominal_due if day is not None]
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ScheduleDefect("due dates do not rise", 0, f"{len(days)} days")
