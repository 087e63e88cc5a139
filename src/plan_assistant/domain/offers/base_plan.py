"""A plan that levers are moved away from: by how much it asks for too much, and of whom.

Not here: the levers (`gap.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.budget import assess
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.household import Every, Income, Reliability
from plan_assistant.domain.offers.judging import TIGHT, Group, Judge
from plan_assistant.domain.offers.line import Line
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.offers.pool import Pool
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.offers.smallest import smallest
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.vector_run import Flags
from plan_assistant.domain.verdict import MonthlyLimits, monthly_limits

_AT_ONCE = 64
"""Numbers of payments that are tried together at first."""
MOST_INCOME = 10**15
"""Minor units a month beyond which no more income is looked for."""


class Means:
    """What each month can carry, as far ahead as plans are tried."""

    def __init__(self, search: Search) -> None:
        self._space, self._judge = search.space, search.judge
        self.known = self._judge.limits

    def _limits(self, months: int) -> MonthlyLimits:
        return monthly_limits(self._space.affordability, self._space.debt.debt_id, months=months)

    def with_income(self, more: int, last: int) -> MonthlyLimits:
        """Return the limits up to a month of a household that earns so many minor units more."""
        case, means = self._space.case, self._space.affordability
        extra = Income("", means.currency.money(more), Every.MONTH, Reliability.VERIFIED)
        budget = replace(case.budget, incomes=(*case.budget.incomes, extra))
        richer = assess(replace(case, budget=budget), means.rules)
        return monthly_limits(richer, self._space.debt.debt_id, months=last + 1)

    def until(self, month: int) -> MonthlyLimits:
        """Return the limits of all months up to one, at least."""
        if month >= len(self.known.tight):
            self.known = self._limits(2 * month)
        return self.known

    def reaching(self, group: Group) -> MonthlyLimits:
        """Return the limits of all months that some candidates reach into, at least."""
        first, graces = max(group.sheet.firsts), group.sheet.graces
        ahead = 12 * (first.year - self._judge.as_of.year + 1)
        return self.until(ahead + int(group.payments.max()) + max(graces))

    def fitting(self, group: Group) -> Flags:
        """Say of some candidates which keep what was dialled and can be carried, to the cent."""
        exact = self.judge([group]).settle([group])
        monthly = self._space.wishes.monthly
        is_carried: Flags = exact.code <= TIGHT
        return is_carried if monthly is None else is_carried & (exact.worst <= monthly.minor)

    def judge(self, groups: Sequence[Group]) -> Judge:
        """Return the judge of some candidates, for all months that they reach into."""
        return replace(self._judge, limits=max(map(self.reaching, groups), key=_months))


def _months(limits: MonthlyLimits) -> int:
    return len(limits.tight)


@dataclass(frozen=True)
class Base:
    """A plan that levers are moved away from."""

    space: Space
    means: Means
    pool: Pool
    place: int

    @cached_property
    def line(self) -> Line:
        """The value of every lever but the number of payments."""
        return self.pool.candidate(self.place)[0]

    @cached_property
    def payments(self) -> int:
        """How often the borrower pays."""
        return self.pool.candidate(self.place)[1]

    @cached_property
    def group(self) -> Group:
        """The plan as the only one of a group."""
        return self.unmoved(1)

    def unmoved(self, times: int) -> Group:
        """Return the plan so many times."""
        return self.longer(np.zeros(times, dtype=np.int64))

    def longer(self, more: NDArray[np.int64]) -> Group:
        """Return the plan with each of some numbers of payments more."""
        lines = np.repeat(self.pool.line_at(np.array([self.place])), len(more))
        return Group(self.pool.sheet(self.place), lines, self.payments + more)

    @property
    def dialled(self) -> int | None:
        """The most that a month may ask for, in minor units; None where nothing was dialled."""
        monthly = self.space.wishes.monthly
        return None if monthly is None else monthly.minor

    @cached_property
    def plan(self) -> Plan:
        """The whole plan."""
        return plan_of(self.space, self.line, self.payments)

    @cached_property
    def dialled_short(self) -> int:
        """How much more a month would have to be offered, in minor units; at most 0: nothing."""
        monthly, due = self.space.wishes.monthly, self._by_month(self.plan.schedule)
        return 0 if monthly is None else max(due.values()) - monthly.minor

    @cached_property
    def income_short(self) -> int | None:
        """How much more the household would have to earn a month, in minor units.

        What it can pay does not rise by all that it earns: the debt service ratio and the other
        debts take their parts. None where no amount helps: more is asked for than there is before
        the first of it.
        """
        schedule = price(self.space.terms(self.line, self.payments))
        due = self._by_month(schedule)
        last = max(due)

        def excess(more: int) -> int:
            return self._beyond(due, schedule, self.means.with_income(more, last))

        above = excess(0)
        if above <= 0:
            return 0
        if excess(MOST_INCOME) > 0:
            return None
        return smallest(excess, above, MOST_INCOME, first=above)

    @property
    def short(self) -> int | None:
        """How much more a month it takes at least, earned or offered."""
        return None if self.income_short is None else max(self.income_short, self.dialled_short)

    def fewest_more(self, most: int) -> int | None:
        """Return how many more payments make a plan that fits, at most so many; None: none do.

        One number after the other: a longer plan may reach into months that carry less.
        """
        most = min(most, self._most_more(most))
        tried, at_once = 0, _AT_ONCE
        while tried < most:
            more = np.arange(tried, min(tried + at_once, most)) + 1
            fitting = more[self.means.fitting(self.longer(more))].tolist()
            for each in fitting:
                if self.longer_line(each) is not None:
                    return int(each)
            tried, at_once = tried + at_once, 2 * at_once
        return None

    def longer_line(self, more: int) -> Line | None:
        """Return the line under the name that it deserves with so many more payments.

        Equal installments that outlive the contract extend it. None where no family is right.
        """
        named = [self.line]
        if self.line.family is Family.EQUAL_INSTALLMENT and Family.EXTENSION in self.space.families:
            named.append(replace(self.line, family=Family.EXTENSION))
        payments = self.payments + more
        return next((line for line in named if self.space.is_named_rightly(line, payments)), None)

    def _most_more(self, most: int) -> int:
        """Return up to how many more payments a plan may fit, of at most so many.

        What level rows of the longest plan ask for, no shorter plan asks less for in the same rows:
        a month that does not carry it is the last one that a plan can reach into.
        """
        line = self.line
        if line.family is Family.EQUAL_PRINCIPAL or line.step is not None:
            return most
        try:
            schedule = price(self.space.terms(line, self.payments + most))
        except InvalidTerms:
            return most
        due, counts = self._by_month(schedule), Counter(month for month, _ in self._rows(schedule))
        limits, monthly = self.means.until(max(due)), self.space.wishes.monthly
        paid, payments = schedule.down_payment.minor, 0
        *regular, _last = sorted(due)
        for month in regular:
            paid, payments = paid + due[month], payments + counts[month]
            is_over = due[month] > limits.tight[month]
            is_over |= monthly is not None and due[month] > monthly.minor
            is_over |= limits.cash is not None and paid > limits.cash[month]
            if is_over:
                return max(payments - self.payments, 0)
        return most

    def is_plan(self, line: Line, payments: int) -> bool:
        """Say whether the terms of another line make a plan of so many payments."""
        try:
            schedule = price(self.space.terms(line, payments))
        except InvalidTerms:
            return False
        # A row that asks for nothing is no payment.
        return schedule.number_of_payments == payments

    def _beyond(self, due: Counter[int], schedule: Schedule, limits: MonthlyLimits) -> int:
        """Return by how much what falls due is more than can just be carried."""
        excess = max(amount - limits.tight[month] for month, amount in due.items())
        if limits.cash is None:
            return excess
        paid = self._paid_until(due, schedule)
        return max(excess, *(sum_ - limits.cash[month] for month, sum_ in enumerate(paid)))

    @staticmethod
    def _paid_until(due: Counter[int], schedule: Schedule) -> list[int]:
        """Return what is paid up to and including each month, a down payment among it."""
        by_month = (due[month] for month in range(max(due) + 1))
        _today, *paid = accumulate(by_month, initial=schedule.down_payment.minor)
        return paid

    def _by_month(self, schedule: Schedule) -> Counter[int]:
        """Add up what falls due in each calendar month, counted from that of the cut-off date."""
        due: Counter[int] = Counter()
        for month, minor in self._rows(schedule):
            due[month] += minor
        return due

    def _rows(self, schedule: Schedule) -> Iterator[tuple[int, int]]:
        """Yield each payment but that of today with its calendar month, counted likewise."""
        as_of, skipped = self.space.case.as_of, int(schedule.has_down_payment)
        start = as_of.year * 12 + as_of.month
        payments = schedule.columns.payment[skipped:]
        for day, minor in zip(schedule.nominal_due[skipped:], payments, strict=True):
            if minor and day is not None:
                yield day.year * 12 + day.month - start, minor
