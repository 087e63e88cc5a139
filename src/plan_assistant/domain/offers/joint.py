"""Several debts, one payment: an affordable amount shared over debts, with an exact plan for each.

Every debt receives at least what its longest allowed plan asks, so that no debt stands still while
another is repaid. What is left above that is shared by a method. Not here: which terms the rules
allow (`services/joint.py`), and the order of the law (`schedule/allocation.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from plan_assistant.domain.debt import Debt, DebtId
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.offers.fixed_order import first_true
from plan_assistant.domain.schedule.allocation import DebtToPay, order_of_debts
from plan_assistant.domain.schedule.carried import spread_arrears
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule, ScheduleDefect
from plan_assistant.domain.schedule.terms import PaymentStep, Terms
from plan_assistant.domain.shares import divide

PPM = 10**6


class Method(StrEnum):
    """How what is left above the least payments is shared."""

    ORDER = "order"
    """In the order of Civil Code Art. 560; what a debt does not need goes to the next."""
    RATE = "rate"
    """The highest rate first; what a debt does not need goes to the next."""
    BALANCE = "balance"
    """In proportion to what is owed."""
    EQUAL = "equal"
    """The same for each."""

    @property
    def is_sequential(self) -> bool:
        """Say whether one debt is served before the next."""
        return self in {Method.ORDER, Method.RATE}


@dataclass(frozen=True, slots=True)
class JointDebt:
    """One of the debts, with the plans that the rules allow it."""

    debt: Debt
    terms: Terms
    """Of a level plan; the number of payments is chosen here."""
    shortest: int
    """Fewest payments allowed."""
    longest: int
    """Most payments allowed."""

    @property
    def debt_id(self) -> DebtId:
        """Which debt it is."""
        return self.debt.debt_id

    def level(self, periods: int) -> Schedule:
        """Return the level plan of so many payments."""
        return price(self.terms.with_(periods=periods, payment_steps=()))

    def least(self) -> int:
        """Return the payment below which the debt is not repaid in time, in minor units."""
        return self.level(self.longest).largest_payment.minor


@dataclass(frozen=True, slots=True)
class JointPlan:
    """The plan of one debt within a joint plan."""

    debt: Debt
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class JointMonth:
    """What one month asks for: one payment, and which part of it goes to which debt."""

    number: int
    due: date | None
    parts: tuple[Money, ...]
    """In the order of the plans; zero for a debt that is repaid."""
    payment: Money
    """What the borrower pays."""


@dataclass(frozen=True)
class Joint:
    """One payment a month for several debts, with an exact schedule for each."""

    method: Method
    flows_on: bool
    """What a repaid debt no longer needs goes to the others."""
    affordable: Money
    plans: tuple[JointPlan, ...]
    """In the order of the case."""

    @property
    def currency(self) -> Currency:
        """The one currency of all amounts."""
        return self.affordable.currency

    @property
    def months(self) -> tuple[JointMonth, ...]:
        """The payments month by month."""
        columns = [plan.schedule.columns.payment for plan in self.plans]
        longest = max(self.plans, key=lambda plan: len(plan.schedule.due))
        months = []
        for index, due in enumerate(longest.schedule.due):
            parts = [column[index] if index < len(column) else 0 for column in columns]
            money = tuple(map(self.currency.money, parts))
            months.append(JointMonth(index + 1, due, money, self.currency.money(sum(parts))))
        return tuple(months)

    @property
    def largest(self) -> Money:
        """What the month that asks for the most asks for."""
        return max(month.payment for month in self.months)

    @property
    def total(self) -> Money:
        """All the borrower pays."""
        return self.currency.money(sum(plan.schedule.total_paid.minor for plan in self.plans))

    def carried_by(self, cash: Sequence[int], as_of: date) -> int:
        """Return what a month may ask for so that the cash lasts; at least the amount: it does.

        `cash` is the most that may be paid up to and including each month, counted from `as_of`.
        """
        paid: Counter[int] = Counter()
        for plan in self.plans:
            for due, amount in plan.schedule.nominal_flows:
                month = 12 * (due.year - as_of.year) + due.month - as_of.month
                paid[month] += amount.minor
        until, kept = 0, self.affordable.minor
        for number, month in enumerate(sorted(paid), start=1):
            until += paid[month]
            if until > cash[month]:
                kept = min(kept, cash[month] // number)
        return max(kept, 0)

    def check(self) -> None:
        """Raise ScheduleDefect unless every plan holds and no month asks for too much."""
        for plan in self.plans:
            plan.schedule.check()
        for month in self.months:
            if month.payment > self.affordable:
                raise ScheduleDefect(
                    "a month asks for more than is affordable", month.number, month.payment.plain
                )


@dataclass(frozen=True, slots=True)
class JointGap:
    """What is missing a month before every debt can be repaid in time."""

    affordable: Money
    least: tuple[tuple[DebtId, Money], ...]
    """What the longest allowed plan of each debt asks."""

    @property
    def needed(self) -> Money:
        """What all of them ask together."""
        return self.affordable.currency.money(sum(amount.minor for _, amount in self.least))

    @property
    def gap(self) -> Money:
        """What is missing."""
        return self.needed - self.affordable


def share(
    debts: Sequence[JointDebt],
    affordable: Money,
    method: Method,
    *,
    today: date,
    flows_on: bool | None = None,
) -> Joint | JointGap:
    """Share an affordable monthly amount over debts, and plan each of them exactly.

    Sequential methods serve one debt, then the next; what a debt does not need goes to the next in
    the same month. `flows_on` says whether the money of a repaid debt goes on to the others; by
    default it does in the sequential methods. Where it does not, the payment falls when a debt is
    repaid.
    """
    if not debts:
        raise InvalidTerms("debts", 0, "a joint plan covers at least one debt")
    if len({(item.terms.first_due, item.terms.due_day) for item in debts}) > 1:
        raise InvalidTerms("first_due", "several", "all debts of a joint plan fall due together")
    currency = affordable.currency
    least = {item.debt_id: item.least() for item in debts}
    if affordable.minor < sum(least.values()):
        return JointGap(
            affordable, tuple((key, currency.money(minor)) for key, minor in least.items())
        )
    flows = method.is_sequential if flows_on is None else flows_on
    if method.is_sequential:
        groups = _groups(debts, method, today)
        schedules = _one_after_another(groups, least, affordable.minor, flows_on=flows)
    else:
        weights = [item.debt.owed.minor if method is Method.BALANCE else 1 for item in debts]
        schedules = _side_by_side(debts, least, affordable.minor, weights, flows_on=flows)
    plans = tuple(JointPlan(item.debt, schedules[item.debt_id]) for item in debts)
    joint = Joint(method, flows, affordable, plans)
    joint.check()
    return joint


def share_what_lasts(
    debts: Sequence[JointDebt],
    most: Money,
    method: Method,
    *,
    cash: Sequence[int],
    as_of: date,
    today: date,
    flows_on: bool | None = None,
) -> Joint | JointGap:
    """Share the largest amount, at most `most`, with which a seasonal household's cash lasts.

    What cannot be paid up to a month of one plan cannot be paid by one that asks for as much or
    more until then, so nothing between two amounts that are tried would do.
    """
    least = sum(item.least() for item in debts)
    amount = most
    while True:
        found = share(debts, amount, method, today=today, flows_on=flows_on)
        if isinstance(found, JointGap):
            return found
        kept = found.carried_by(cash, as_of)
        if kept >= amount.minor:
            return found
        # The least that all of them ask for is tried before it is said to be too much.
        amount = most.currency.money(max(kept, least) if amount.minor > least else kept)


def _groups(debts: Sequence[JointDebt], method: Method, today: date) -> list[list[JointDebt]]:
    """Return the debts in their order; those of equal rank share a group."""
    if method is Method.ORDER:
        by_name = {str(item.debt_id): item for item in debts}
        ranked = order_of_debts([_to_pay(item.debt, today) for item in debts])
        return [[by_name[debt.name] for debt in group] for group in ranked]
    by_rate = sorted(debts, key=lambda item: -item.debt.annual_rate)
    return [list(group) for _, group in groupby(by_rate, key=lambda item: item.debt.annual_rate)]


def _to_pay(debt: Debt, today: date) -> DebtToPay:
    """Return a debt as Art. 560 looks at it; a guarantor is the only security a case knows."""
    return DebtToPay(
        name=str(debt.debt_id),
        owed={component.value: amount.minor for component, amount in debt.components.items()},
        is_due=debt.days_past_due > 0 or debt.is_matured(today),
        security=int(debt.has_guarantor),
        burden=int(debt.annual_rate * PPM),
        due=debt.oldest_unpaid_due or debt.maturity or date.max,
    )


def _one_after_another(
    groups: Sequence[Sequence[JointDebt]],
    least: dict[DebtId, int],
    affordable: int,
    *,
    flows_on: bool,
) -> dict[DebtId, Schedule]:
    """Plan group by group: each may use all but the least payments of those behind it."""
    months = max(item.longest for group in groups for item in group)
    free = [affordable - sum(least.values())] * months
    schedules: dict[DebtId, Schedule] = {}
    for group in groups:
        weights = [item.debt.owed.minor for item in group]
        extras = [divide(amount, weights) for amount in free]
        for index, item in enumerate(group):
            key = item.debt_id
            schedules[key] = _planned(item, [least[key] + extra[index] for extra in extras])
        for item in group:
            used = _used(schedules[item.debt_id], months, flows_on=flows_on)
            kept = least[item.debt_id]
            free = [left + kept - spent for left, spent in zip(free, used, strict=True)]
    return schedules


def _used(schedule: Schedule, months: int, *, flows_on: bool) -> list[int]:
    """Return what a plan takes of each month; a repaid debt keeps its money unless it flows on."""
    payments = list(schedule.columns.payment)
    after = 0 if flows_on else max(payments)
    before = payments if flows_on else [after] * len(payments)
    return before + [after] * (months - len(payments))


def _side_by_side(
    debts: Sequence[JointDebt],
    least: dict[DebtId, int],
    affordable: int,
    weights: Sequence[int],
    *,
    flows_on: bool,
) -> dict[DebtId, Schedule]:
    """Plan all debts by their parts of the amount; money flows on in the order debts end."""
    months = max(item.longest for item in debts)
    waiting = {item.debt_id: (item, weight) for item, weight in zip(debts, weights, strict=True)}
    schedules: dict[DebtId, Schedule] = {}
    budgets = {key: [0] * months for key in waiting}
    start = 0
    while waiting:
        free = [
            affordable - sum(_at(schedule, month) for schedule in schedules.values())
            for month in range(months)
        ]
        keys = list(waiting)
        for month in range(start, months):
            parts = _at_least(
                free[month], [waiting[key][1] for key in keys], [least[key] for key in keys]
            )
            for key, part in zip(keys, parts, strict=True):
                budgets[key][month] = part
        planned = {key: _planned(waiting[key][0], budgets[key]) for key in keys}
        if not flows_on:
            return planned
        first = min(keys, key=lambda key: len(planned[key].columns.payment))
        schedules[first] = planned[first]
        start = len(planned[first].columns.payment)
        del waiting[first]
    return schedules


def _at(schedule: Schedule, month: int) -> int:
    payments = schedule.columns.payment
    return payments[month] if month < len(payments) else 0


def _at_least(amount: int, weights: Sequence[int], least: Sequence[int]) -> list[int]:
    """Divide an amount in proportion to weights, nobody below their own least amount.

    The amount is at least the sum of the least amounts.
    """
    parts = list(least)
    open_to = set(range(len(weights)))
    while open_to:
        indexes = sorted(open_to)
        left = amount - sum(least[index] for index in range(len(weights)) if index not in open_to)
        divided = divide(left, [weights[index] for index in indexes])
        short = {index for index, part in zip(indexes, divided, strict=True) if part < least[index]}
        if not short:
            for index, part in zip(indexes, divided, strict=True):
                parts[index] = part
            break
        open_to -= short
    return parts


def _planned(item: JointDebt, budgets: Sequence[int]) -> Schedule:
    """Return the shortest plan of a debt none of whose payments is above the month's budget.

    Payments follow the budget while it changes and are level afterwards.
    """
    changes = [0, *(k for k in range(1, item.longest) if budgets[k] != budgets[k - 1])]
    best: Schedule | None = None
    for change in changes:
        end = item.longest if best is None else len(best.columns.payment) - 1
        best = _level_from(item, budgets, change, end) or best
    return best or item.level(item.longest)


def _level_from(item: JointDebt, budgets: Sequence[int], change: int, end: int) -> Schedule | None:
    """Return the shortest plan, level from row `change` on, that fits and ends by `end`."""
    low = max(change + 1, item.shortest)
    if low > end:
        return None

    def fits(periods: int, *, last_too: bool) -> bool:
        try:
            payments = _stepped(item, budgets, change, periods).columns.payment
        except _EndsEarly:
            return not last_too
        except InvalidTerms:
            return False
        rows = payments if last_too else payments[:-1] or payments
        return all(payment <= budget for payment, budget in zip(rows, budgets, strict=False))

    start = first_true(low, end, lambda periods: fits(periods, last_too=False))
    for periods in range(start, end + 1):
        # Rounding may leave a last payment above its budget; a little longer, and it is below.
        if fits(periods, last_too=True):
            return _stepped(item, budgets, change, periods)
    return None


class _EndsEarly(Exception):
    """The debt is repaid before the plan is to be level."""


def _stepped(item: JointDebt, budgets: Sequence[int], change: int, periods: int) -> Schedule:
    """Return the plan that pays the budgets up to row `change` and is level from there on."""
    terms = item.terms.with_(periods=periods, payment_steps=())
    carried = spread_arrears(terms, [1] * periods)
    money = terms.principal.currency.money
    given = [budget - part for budget, part in zip(budgets[:change], carried, strict=False)]
    if given and min(given) <= 0:
        raise InvalidTerms("payment", min(given), "nothing is left beside the amounts carried over")
    steps = [PaymentStep(len(list(run)), money(minor)) for minor, run in groupby(given)]
    if steps:
        steps.append(PaymentStep(periods - change, None))
        terms = terms.with_(payment_steps=tuple(steps))
    try:
        schedule = price(terms)
    except InvalidTerms as refusal:
        if refusal.field in {"periods", "payment_multiple_of"}:
            raise _EndsEarly from refusal
        raise
    if len(schedule.columns.payment) < periods:
        raise _EndsEarly
    return schedule
