"""What the plan of one debt is part of: one payment for several debts, each with its own schedule.

Not here: how the payment is shared (`joint.py`), and how it stands in an agreement
(`formats/joint_file.py`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.joint import Method
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.verdict import Judgement, judge


@dataclass(frozen=True, slots=True)
class OtherPart:
    """Another debt under the same payment."""

    debt_id: DebtId
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class JointPart:
    """The payment that a plan is part of."""

    method: Method
    flows_on: bool
    """What a repaid debt no longer needs goes to the others."""
    amount: Money
    """What was shared: no month asks for more."""
    others: tuple[OtherPart, ...]
    """In the order of the case, the debt of the plan itself left out."""

    def flows(self, own: Schedule) -> list[tuple[date, Money]]:
        """Return what all debts together ask for, by nominal day; `own` is this debt's schedule."""
        schedules = (own, *(part.schedule for part in self.others))
        return [flow for schedule in schedules for flow in schedule.nominal_flows]

    def largest(self, own: Schedule) -> Money:
        """Return what the month that asks for the most asks for, all debts together."""
        months: Counter[tuple[int, int]] = Counter()
        for due, amount in self.flows(own):
            months[due.year, due.month] += amount.minor
        return self.amount.currency.money(max(months.values(), default=0))

    def judged(self, means: Affordability, own: Schedule, debt_id: DebtId) -> Judgement:
        """Say how the sum of all debts sits with the household, not this debt's share of it."""
        return judge(means.undivided(debt_id), self.flows(own), debt_id)
