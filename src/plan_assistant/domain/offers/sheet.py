"""The candidates of one family and rhythm as arrays: every line by every number of payments.

Amounts are minor units in int64, one entry a line. Not here: what the payments are (`screen.py`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.calendar import Frequency, Unit, due_dates, step_back
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.offers.claim import Claim
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.space import FREE_GRACE, FREQUENCIES, Line, Space
from plan_assistant.domain.policy.pack import Rhythm, StepPattern
from plan_assistant.domain.schedule.periods import nominal_fraction, odd_fraction
from plan_assistant.domain.schedule.terms import InterestTreatment
from plan_assistant.domain.schedule.vector_figures import Int64s
from plan_assistant.domain.schedule.vector_run import CARRIED, Course, GraceKind, Rates

_LARGEST = 2**50
"""Amounts up to here keep every float of the screen good to far less than a minor unit."""


@dataclass(frozen=True)
class Sheet:
    """The lines of one family and rhythm, and the numbers of payments they are searched with."""

    space: Space
    family: Family
    rhythm: Rhythm
    most_lengths: int | None = None
    """Only so many of the lengths; None for all of them."""

    def up_to(self, lengths: int) -> Sheet:
        """Return the sheet with only its first so many lengths."""
        return replace(self, most_lengths=lengths)

    @cached_property
    def firsts(self) -> tuple[date, ...]:
        """First due dates."""
        return self.space.first_dues

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Ways to treat what is owed; without interest nothing joins the principal to bear it."""
        claims = self.space.claims
        if self.family is Family.ZERO_RATE:
            claims = tuple(c for c in claims if c.principal <= self.space.debt.components.principal)
        return claims

    @cached_property
    def rates(self) -> tuple[Fraction, ...]:
        """Annual rates."""
        return self.space.rates(self.family)

    @cached_property
    def graces(self) -> tuple[int, ...]:
        """Months of grace."""
        return self.space.graces(self.family)

    @cached_property
    def steps(self) -> tuple[StepPattern | None, ...]:
        """Step patterns."""
        return self.space.steps(self.family)

    @cached_property
    def multiples(self) -> tuple[int, ...]:
        """Multiples of minor units."""
        return self.space.multiples(self.family)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """How many values each lever of a line has, in the order of `_at`."""
        levers = (
            self.firsts,
            self.claims,
            self.rates,
            self.graces,
            self.steps,
            self.multiples,
        )
        return tuple(map(len, levers))

    @property
    def size(self) -> tuple[int, int]:
        """Lines and lengths."""
        return self.line_count, len(self.lengths)

    @cached_property
    def line_count(self) -> int:
        """How many lines there are."""
        return prod(self.shape)

    @cached_property
    def _at(self) -> tuple[NDArray[np.intp], ...]:
        return np.unravel_index(np.arange(self.line_count), self.shape)

    @property
    def at_first(self) -> NDArray[np.intp]:
        """Index of each line's first due date."""
        return self._at[0]

    @property
    def at_claim(self) -> NDArray[np.intp]:
        """Index of each line's claim."""
        return self._at[1]

    @property
    def at_rate(self) -> NDArray[np.intp]:
        """Index of each line's rate."""
        return self._at[2]

    @property
    def at_grace(self) -> NDArray[np.intp]:
        """Index of each line's grace."""
        return self._at[3]

    @property
    def at_step(self) -> NDArray[np.intp]:
        """Index of each line's step pattern."""
        return self._at[4]

    def line(self, index: int) -> Line:
        """Return a line by its index."""
        first, claim, rate, grace, step, multiple = (int(at[index]) for at in self._at)
        return Line(
            self.family,
            self.claims[claim],
            self.rates[rate],
            self.firsts[first],
            self.graces[grace],
            self.steps[step],
            self.rhythm,
            self.multiples[multiple],
        )

    @cached_property
    def lengths(self) -> Int64s:
        """The numbers of payments."""
        return np.array(self.space.lengths(self.rhythm)[: self.most_lengths], dtype=np.int64)

    @property
    def frequency(self) -> Frequency:
        """How often a payment falls due."""
        return FREQUENCIES[self.rhythm]

    @property
    def is_level(self) -> bool:
        """Say whether the payments after a grace are level, perhaps in steps."""
        return self.family is not Family.EQUAL_PRINCIPAL

    @property
    def grace_kind(self) -> GraceKind:
        """What becomes of the interest of a grace."""
        if self.family is Family.INTEREST_FIRST:
            return GraceKind.PAID
        free = FREE_GRACE.get(self.family)
        if free is None:
            return GraceKind.NONE
        is_held = free is InterestTreatment.DEFER
        return GraceKind.HELD if is_held else GraceKind.CAPITALISED

    @property
    def is_free(self) -> bool:
        """Say whether a grace asks for nothing, so that its rows are no payments."""
        return self.family in FREE_GRACE

    @cached_property
    def grace(self) -> Int64s:
        """Months of grace of each line."""
        return np.array(self.graces, dtype=np.int64)[self.at_grace]

    @cached_property
    def bearing(self) -> Int64s:
        """What bears interest after a down payment."""
        return self._of_claims([claim.bearing.minor for claim in self.claims])

    @cached_property
    def carried(self) -> Int64s:
        """Old charges that the installments repay without interest."""
        return self._of_claims([claim.carried.minor for claim in self.claims])

    @cached_property
    def paid_today(self) -> Int64s:
        """The down payment."""
        return self._of_claims([claim.paid_today.minor for claim in self.claims])

    @cached_property
    def carried_where(self) -> NDArray[np.int8]:
        """When old charges are paid: index into `CARRIED`."""
        where = [CARRIED.index(claim.arrears_treatment) for claim in self.claims]
        return np.array(where, dtype=np.int8)[self.at_claim]

    def _of_claims(self, amounts: list[int]) -> Int64s:
        if max(amounts) > _LARGEST:
            owed = self.space.debt.owed
            raise InvalidTerms("principal", owed, "is too large for the search over all plans")
        return np.array(amounts, dtype=np.int64)[self.at_claim]

    @cached_property
    def rate(self) -> Rates:
        """The rate of a regular period."""
        fraction = nominal_fraction(self.frequency)
        return Rates.of([rate * fraction for rate in self.rates])[self.at_rate]

    @cached_property
    def first(self) -> Rates:
        """The rate of the first period, which may be odd."""
        fractions = [self._first_fraction(first) for first in self.firsts]
        table = [rate * fraction for fraction in fractions for rate in self.rates]
        return Rates.of(table)[self.at_first * len(self.rates) + self.at_rate]

    def _first_fraction(self, first_due: date) -> Fraction:
        space = self.space
        day = space.grid_day if self.rhythm is Rhythm.MONTH else None
        month_end = space.policy.schedule.month_end
        if step_back(first_due, self.frequency, day, month_end) == space.case.as_of:
            return nominal_fraction(self.frequency)
        terms = space.terms(replace(self.line(0), step=None), int(self.lengths[-1]))
        return odd_fraction(terms, space.case.as_of, first_due)

    @cached_property
    def multiple(self) -> Int64s:
        """The multiple of minor units of each line's level payment."""
        return np.array(self.multiples, dtype=np.int64)[self._at[5]]

    @cached_property
    def step_rows(self) -> Int64s:
        """The lower payments at the start of each line."""
        rows = [step.months if step else 0 for step in self.steps]
        return np.array(rows, dtype=np.int64)[self.at_step]

    @cached_property
    def step_share(self) -> Rates:
        """The share of the level payment that the lower payments ask for."""
        return Rates.of([step.share if step else Fraction(1) for step in self.steps])[self.at_step]

    @cached_property
    def months(self) -> Int64s:
        """Started months from today to the last due date (lines x lengths)."""
        most = int(self.lengths[-1]) + max(self.graces)
        table = np.stack(
            [months_to(self.space, first, self.frequency, most) for first in self.firsts]
        )
        periods = self.lengths[None, :] + (self.grace[:, None] if self.is_free else 0)
        rows: Int64s = table[self.at_first[:, None], periods - 1]
        return rows

    @cached_property
    def most_in_a_month(self) -> tuple[Int64s, Int64s] | None:
        """The most payments that fall into one month (lines x lengths): without and with the last.

        None where payments are at least a month apart.
        """
        if self.frequency.unit is Unit.MONTHS:
            return None
        most = int(self.lengths[-1])
        table = np.stack([_most_in_a_month(first, self.frequency, most) for first in self.firsts])
        at = self.at_first[:, None]
        return table[at, self.lengths[None, :] - 1], table[at, self.lengths[None, :]]

    def course(self, lines: NDArray[np.intp], payments: Int64s) -> Course:
        """Return what some candidates ask, for `vector_run.run`."""
        conventions = self.space.policy.schedule.conventions
        return Course(
            is_level=np.full(len(lines), self.is_level),
            grace_kind=np.full(len(lines), self.grace_kind, dtype=np.int8),
            grace=self.grace[lines],
            balance=self.bearing[lines],
            carried=self.carried[lines],
            carried_where=self.carried_where[lines],
            paying=payments,
            first=self.first[lines],
            rate=self.rate[lines],
            multiple=self.multiple[lines],
            step_rows=self.step_rows[lines],
            step_share=self.step_share[lines],
            step_unit=self.space.debt.currency.units,
            rounding=conventions.rounding,
            payment_rounding=conventions.payment_rounding,
        )


def months_to(space: Space, first: date, frequency: Frequency, most: int) -> Int64s:
    """Return the started months from today to each of so many due dates."""
    return _months_to(space.today, first, frequency, most)


@lru_cache(maxsize=64)
def _months_to(today: date, first: date, frequency: Frequency, most: int) -> Int64s:
    lasts = (Space.last_due(first, frequency, periods) for periods in range(1, most + 1))
    return np.array([Space.months_from(today, last) for last in lasts], dtype=np.int64)


@lru_cache(maxsize=64)
def _most_in_a_month(first: date, frequency: Frequency, most: int) -> Int64s:
    """Return, for 0, 1, 2 ... payments, the most of them that fall into one calendar month."""
    counts: Counter[tuple[int, int]] = Counter()
    running = [0]
    for day in due_dates(first, most, frequency):
        counts[day.year, day.month] += 1
        running.append(max(running[-1], counts[day.year, day.month]))
    return np.array(running, dtype=np.int64)


def sheets_of(space: Space) -> tuple[Sheet, ...]:
    """Return the whole space as sheets, in the order of the pack; none of them is empty."""
    sheets = (
        Sheet(space, family, rhythm)
        for family in space.families
        for rhythm in space.rhythms(family)
    )
    return tuple(sheet for sheet in sheets if sheet.line_count and len(sheet.lengths))
