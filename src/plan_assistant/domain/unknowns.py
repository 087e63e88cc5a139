"""Figures that are not known yet: how far a plan depends on them, and which one to ask for.

An unknown figure lies in a range. What holds with every unknown figure at its worst holds whatever
they turn out to be, because no verdict improves when an income falls or an outgoing rises. Not
here: the verdict itself (`verdict.py`), and how a range stands in a file (`formats/case_file.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from plan_assistant.domain.budget import AffordabilityRules, assess, corrected_income
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.household import Budget, Every, OutgoingKind, Reliability
from plan_assistant.domain.money import Money
from plan_assistant.domain.outgoings import a_month
from plan_assistant.domain.verdict import Certainty, Verdict, judge

Holds = Callable[[Case], bool]
"""Says of a case whose figures are all known whether what is asked holds."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An income or outgoing whose amount is not known yet."""

    is_income: bool
    index: int
    """Its place among the incomes or the outgoings of the budget."""
    label: str
    kind: Reliability | OutgoingKind
    every: Every
    low: Money
    likely: Money
    high: Money
    by_month: tuple[Money, ...] = ()
    """The likely months of a seasonal income: every amount is spread over the year like them."""

    @property
    def worst(self) -> Money:
        """The amount that leaves the household least."""
        return self.low if self.is_income else self.high

    @property
    def best(self) -> Money:
        """The amount that leaves the household most."""
        return self.high if self.is_income else self.low


@dataclass(frozen=True, slots=True)
class Question:
    """The unknown figure to ask for first, and what its answer decides."""

    unknown: Unknown
    enough: Money | None
    """With this amount or a better one the answer is yes, whatever the other figures are."""
    too_bad: Money | None
    """With this amount or a worse one it is no, whatever the other figures are."""

    @property
    def settles(self) -> bool:
        """Say whether every answer decides, so that nothing else need be asked."""
        if self.enough is None or self.too_bad is None:
            return False
        return abs(self.enough.minor - self.too_bad.minor) <= 1


def unknowns(budget: Budget) -> tuple[Unknown, ...]:
    """Return the figures of a budget that are not known yet, incomes first."""
    found = [
        Unknown(
            True,
            index,
            item.label,
            item.reliability,
            item.every,
            low,
            item.amount,
            high,
            item.by_month,
        )
        for index, item in enumerate(budget.incomes)
        if item.bounds is not None and item.is_unknown
        for low, high in [(item.bounds.low, item.bounds.high)]
    ]
    found += [
        Unknown(False, index, item.label, item.kind, item.every, low, item.amount, high)
        for index, item in enumerate(budget.outgoings)
        if item.bounds is not None and item.is_unknown
        for low, high in [(item.bounds.low, item.bounds.high)]
    ]
    return tuple(found)


def with_figure(case: Case, unknown: Unknown, amount: Money) -> Case:
    """Return the case with one unknown figure known to be an amount.

    Whatever the figure was set to before does not matter, so that amounts can be compared.
    """
    budget = case.budget
    if unknown.is_income:
        incomes = list(budget.incomes)
        shaped = replace(incomes[unknown.index], by_month=unknown.by_month)
        incomes[unknown.index] = corrected_income(shaped, amount)
        return replace(case, budget=replace(budget, incomes=tuple(incomes)))
    outgoings = list(budget.outgoings)
    outgoings[unknown.index] = replace(outgoings[unknown.index], amount=amount, bounds=None)
    return replace(case, budget=replace(budget, outgoings=tuple(outgoings)))


def at_worst(case: Case) -> Case:
    """Return the case with every unknown figure at its worst."""
    for unknown in unknowns(case.budget):
        case = with_figure(case, unknown, unknown.worst)
    return case


def at_best(case: Case) -> Case:
    """Return the case with every unknown figure at its best."""
    for unknown in unknowns(case.budget):
        case = with_figure(case, unknown, unknown.best)
    return case


def certainty_of(*, likely: Verdict, worst: Verdict, best: Verdict) -> Certainty:
    """Return how far a plan depends on unknown figures, from its verdict at three corners."""
    if is_kept_up(worst):
        return Certainty.SAFE
    if is_kept_up(likely):
        return Certainty.LIKELY
    return Certainty.FRAGILE if is_kept_up(best) else Certainty.OUT_OF_REACH


def is_kept_up(verdict: Verdict) -> bool:
    """Say whether the household can pay: comfortably or tightly."""
    return verdict.rank <= Verdict.TIGHT.rank


def keeps_up(
    rules: AffordabilityRules,
    payments: Sequence[tuple[date, Money]],
    debt_id: DebtId,
    down_payment: Money,
) -> Holds:
    """Return the question whether a household keeps up these payments."""

    def holds(case: Case) -> bool:
        judged = judge(assess(case, rules), payments, debt_id, down_payment=down_payment)
        return is_kept_up(judged.verdict)

    return holds


def has_surplus(rules: AffordabilityRules) -> Holds:
    """Return the question whether a household has anything left before a plan."""
    return lambda case: not assess(case, rules).is_deficit


def figure_to_ask(case: Case, holds: Holds, rules: AffordabilityRules) -> Unknown | None:
    """Return the one unknown figure to ask for; None when the answer is the same in any case.

    A figure that can decide alone in both directions comes before one that can in one, and that
    before one that cannot; among those, the one that moves most of what is counted.
    """
    open_figures = unknowns(case.budget)
    if not open_figures:
        return None
    worst, best = at_worst(case), at_best(case)
    if holds(worst) or not holds(best):
        return None
    return max(
        open_figures,
        key=lambda unknown: (
            _ends_that_decide(unknown, worst, best, holds),
            _swing(unknown, rules),
        ),
    )


def first_question(case: Case, holds: Holds, rules: AffordabilityRules) -> Question | None:
    """Return the figure to ask for with the amounts from which its answer decides alone."""
    unknown = figure_to_ask(case, holds, rules)
    return None if unknown is None else _question(unknown, at_worst(case), at_best(case), holds)


def _ends_that_decide(unknown: Unknown, worst: Case, best: Case, holds: Holds) -> int:
    return holds(with_figure(worst, unknown, unknown.best)) + (
        not holds(with_figure(best, unknown, unknown.worst))
    )


def _swing(unknown: Unknown, rules: AffordabilityRules) -> Fraction:
    """Return by how many minor units a month the figure can move what is counted."""
    span = a_month(unknown.high - unknown.low, unknown.every)
    if isinstance(unknown.kind, Reliability):
        return span * rules.reliability[unknown.kind]
    return span


def _question(unknown: Unknown, worst: Case, best: Case, holds: Holds) -> Question:
    """Find by bisection from which amount the figure decides alone."""
    enough = _first_that_holds(unknown, lambda amount: holds(with_figure(worst, unknown, amount)))
    least = _first_that_holds(unknown, lambda amount: holds(with_figure(best, unknown, amount)))
    steps = abs(unknown.best.minor - unknown.worst.minor)
    return Question(
        unknown,
        enough=None if enough > steps else _step(unknown, enough),
        too_bad=None if least == 0 else _step(unknown, least - 1),
    )


def _step(unknown: Unknown, steps: int) -> Money:
    """Return the amount so many minor units better than the worst."""
    worst = unknown.worst
    return worst.currency.money(worst.minor + (steps if unknown.is_income else -steps))


def _first_that_holds(unknown: Unknown, holds: Callable[[Money], bool]) -> int:
    """Return how many minor units better than the worst are needed; beyond the best if none is."""
    low, high = 0, abs(unknown.best.minor - unknown.worst.minor) + 1
    while low < high:
        middle = (low + high) // 2
        if holds(_step(unknown, middle)):
            high = middle
        else:
            low = middle + 1
    return low
