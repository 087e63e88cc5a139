"""A schedule told as runs of equal payments: what a person can hear and repeat.

Not here: the sentences (`script.py`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Run:
    """Payments of the same amount in a row."""

    amount: Money
    count: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The payments of a dated plan, a down payment not counted."""

    runs: tuple[Run, ...]
    usual: Money
    """What most payments are once the low ones at the start are over."""
    low: tuple[Money, ...]
    """The payments at the start that carry no principal (interest first)."""
    starts_late: bool
    """Whether installments without any payment come first (deferral)."""
    frequency: Frequency
    due_day: int
    """The nominal due day, before any holiday moves it; means something for whole months only."""

    @property
    def count(self) -> int:
        """All payments."""
        return sum(run.count for run in self.runs)

    @property
    def first(self) -> Run:
        """The run the plan begins with."""
        return self.runs[0]

    @property
    def last(self) -> Run:
        """The run the plan ends with."""
        return self.runs[-1]

    @property
    def is_monthly(self) -> bool:
        """Say whether a payment is due on the same day of each month."""
        return self.frequency.unit is Unit.MONTHS and self.frequency.every == 1

    @property
    def is_level(self) -> bool:
        """Say whether all payments are alike; only the last may differ."""
        return len(self.runs) == 1 or (
            len(self.runs) == 2 and self.first.amount == self.usual and self.last.count == 1
        )

    @property
    def last_differs_by_rounding(self) -> bool:
        """Say whether the last payment differs only by what rounding left.

        Each payment leaves half a minor unit of its own and half a unit of its interest, and what
        is left bears interest; two units for each payment cover that.
        """
        return abs(self.last.amount.minor - self.usual.minor) <= 2 * self.count

    @property
    def first_was_moved(self) -> bool:
        """Say whether a holiday or weekend moved the first payment off the due day."""
        return self.is_monthly and self.first.first.day != self.due_day

    @property
    def falls(self) -> bool:
        """Say whether every payment is lower than the one before."""
        amounts = [run.amount for run in self.runs]
        return len(amounts) > 1 and amounts == sorted(amounts, reverse=True)


def rhythm_of(schedule: Schedule, grace_months: int) -> Rhythm:
    """Return the payments of a schedule as runs; raises InvalidTerms without dates or payments."""
    installments = schedule.rows[schedule.has_down_payment :]
    runs: list[Run] = []
    amounts: list[Money] = []
    for row in installments:
        if row.due is None or row.nominal_due is None:
            raise InvalidTerms("first_due", "null", "a plan that is spoken needs dates")
        if not row.payment:
            continue
        amounts.append(row.payment)
        if runs and runs[-1].amount == row.payment:
            runs[-1] = Run(row.payment, runs[-1].count + 1, runs[-1].first, row.due)
        else:
            runs.append(Run(row.payment, 1, row.due, row.due))
    if not runs:
        raise InvalidTerms("periods", len(installments), "a plan that is spoken asks for a payment")
    starts_late = not installments[0].payment
    low = () if starts_late else tuple(amounts[: min(grace_months, len(amounts) - 1)])
    usual = Counter(amounts[len(low) :]).most_common(1)[0][0]
    terms = schedule.terms
    nominal = installments[0].nominal_due
    assert nominal is not None  # checked row by row above
    return Rhythm(
        tuple(runs), usual, low, starts_late, terms.frequency, terms.due_day or nominal.day
    )
