"""A schedule told as runs of equal payments: what a person can hear and repeat.

Not here: the sentences (`speech.py`, `course.py`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.schedule import Installment, Schedule
from plan_assistant.domain.schedule.terms import ArrearsTreatment, Terms


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
    """As they are paid."""
    level: tuple[Run, ...]
    """The same without the old charges that the first or the last payment carries on top."""
    usual: Money
    """What most payments are once the low ones at the start are over, such charges left out."""
    low: tuple[Money, ...]
    """The payments at the start that carry no principal (interest first), charges left out."""
    steps: int
    """How many payments at the start are set by a step; the level ones come after them."""
    starts_late: bool
    """Whether installments without any payment come first (deferral)."""
    first_carries: Money
    """Old charges on top of the first payment; zero where there are none."""
    last_carries: Money
    frequency: Frequency
    due_day: int
    """The nominal due day, before any holiday moves it; means something for whole months only."""
    weekday: int
    """The nominal day of the week, Monday is 0; means something for whole weeks only."""

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
    def is_level_after_start(self) -> bool:
        """Say whether all are alike but the last, once low payments and old charges are set aside.

        The first one after a deferral may carry its interest. Steps are never level.
        """
        after = _without(self.level, len(self.low))
        if self.starts_late and after[0].count == 1 and after[0].amount != self.usual:
            after = after[1:]
        is_alike = len(after) == 1 or (
            len(after) == 2 and after[0].amount == self.usual and after[1].count == 1
        )
        return is_alike and not self.steps

    @property
    def last_differs_by_rounding(self) -> bool:
        """Say whether the last payment differs only by what rounding to the cent left."""
        return _is_rounding(self.last.amount - self.usual, self.count)

    @property
    def spoken_level(self) -> tuple[Run, ...]:
        """The level runs; a last payment that differs only by rounding is not told apart."""
        if len(self.level) < 2 or self.level[-1].count > 1:
            return self.level
        *others, before, last = self.level
        if not _is_rounding(last.amount - before.amount, self.count):
            return self.level
        return (*others, Run(before.amount, before.count + 1, before.first, last.last))

    @property
    def later(self) -> Money | None:
        """What is usually paid once the first run is over; None where it is no other amount."""
        return None if self.usual == self.level[0].amount else self.usual

    @property
    def odd_last(self) -> Money | None:
        """A last payment that differs from the others by more than rounding to the cent."""
        is_one = len(self.runs) > 1 and self.last.count == 1 and not self.falls
        return self.last.amount if is_one and not self.last_differs_by_rounding else None

    @property
    def first_was_moved(self) -> bool:
        """Say whether a holiday or weekend moved the first payment off the due day."""
        day = self.first.first
        if self.frequency.unit is Unit.WEEKS:
            return day.weekday() != self.weekday
        return self.is_monthly and day.day != self.due_day

    @property
    def falls(self) -> bool:
        """Say whether the payments become a little lower all the time."""
        amounts = [run.amount for run in self.runs]
        is_sorted = amounts == sorted(amounts, reverse=True) and not self.first_carries
        return is_sorted and len(amounts) > max(2, self.count // 2)


def _is_rounding(difference: Money, count: int) -> bool:
    """Say whether a difference is what rounding to the cent can leave.

    Each payment leaves half a minor unit of its own and half a unit of its interest, and what is
    left bears interest; two units for each payment cover that.
    """
    return abs(difference.minor) <= 2 * count


def _without(runs: tuple[Run, ...], count: int) -> list[Run]:
    """Return the runs after the first `count` payments; their days are not looked at."""
    after = []
    for run in runs:
        taken = min(count, run.count)
        count -= taken
        if run.count > taken:
            after.append(Run(run.amount, run.count - taken, run.first, run.last))
    return after


def rhythm_of(schedule: Schedule) -> Rhythm:
    """Return the payments of a schedule as runs; raises InvalidTerms without dates or payments."""
    terms, installments = schedule.terms, schedule.rows[schedule.has_down_payment :]
    if any(row.due is None or row.nominal_due is None for row in installments):
        raise InvalidTerms("first_due", "null", "a plan that is spoken needs dates")
    paying = [row for row in installments if row.payment]
    if not paying:
        raise InvalidTerms("periods", len(installments), "a plan that is spoken asks for a payment")
    starts_late = not installments[0].payment
    zero = schedule.currency.zero
    first_carries, last_carries = zero, zero
    if terms.arrears_treatment is ArrearsTreatment.FIRST_INSTALLMENT and len(paying) > 1:
        first_carries = paying[0].arrears
    elif terms.arrears_treatment is ArrearsTreatment.LAST_INSTALLMENT and len(paying) > 1:
        last_carries = paying[-1].arrears
    amounts = [row.payment for row in paying]
    level = [*amounts]
    level[0] -= first_carries
    level[-1] -= last_carries
    low = () if starts_late else tuple(level[: min(terms.grace.principal, len(level) - 1)])
    steps = _steps(terms, len(level), len(installments) - len(paying))
    usual = Counter(level[max(len(low), steps) :]).most_common(1)[0][0]
    nominal = installments[0].nominal_due
    assert nominal is not None  # checked above
    return Rhythm(
        runs=_runs(paying, amounts),
        level=_runs(paying, level),
        usual=usual,
        low=low,
        steps=steps,
        starts_late=starts_late,
        first_carries=first_carries,
        last_carries=last_carries,
        frequency=terms.frequency,
        due_day=terms.due_day or nominal.day,
        weekday=nominal.weekday(),
    )


def _steps(terms: Terms, count: int, unpaid: int) -> int:
    """Return how many of the payments come before the last step; at least one stays for that."""
    before = sum(step.periods for step in terms.payment_steps[:-1])
    return max(0, min(before - unpaid, count - 1))


def _runs(rows: list[Installment], amounts: list[Money]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for row, amount in zip(rows, amounts, strict=True):
        assert row.due is not None  # checked by the caller
        if runs and runs[-1].amount == amount:
            runs[-1] = Run(amount, runs[-1].count + 1, runs[-1].first, row.due)
        else:
            runs.append(Run(amount, 1, row.due, row.due))
    return tuple(runs)
