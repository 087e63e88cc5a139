"""The candidates of one family and rhythm as arrays: every line by every number of payments.

Amounts are minor units in int64, as figures over the levers (`axes.py`). Not here: what the
payments are (`screen.py`).
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
from plan_assistant.domain.offers.axes import Axis, Entry, across, along, filled
from plan_assistant.domain.offers.claim import Claim
from plan_assistant.domain.offers.line import FREE_GRACE, FREQUENCIES, Line
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.pack import Rhythm, StepPattern
from plan_assistant.domain.schedule.periods import nominal_fraction, odd_fraction
from plan_assistant.domain.schedule.terms import InterestTreatment
from plan_assistant.domain.schedule.vector_figures import Int64s
from plan_assistant.domain.schedule.vector_rates import Rates
from plan_assistant.domain.schedule.vector_run import CARRIED, Course, Flags, GraceKind

_MOST_CANDIDATES = 5_000_000
"""A search takes about 170 bytes for each; DESIGN gives a process one GiB."""
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
        return self if lengths == len(self.lengths) else replace(self, most_lengths=lengths)

    @cached_property
    def firsts(self) -> tuple[date, ...]:
        """First due dates."""
        return self.space.first_dues

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Ways to treat what is owed."""
        is_free = self.family is Family.ZERO_RATE
        return self.space.claims_without_interest if is_free else self.space.claims

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

    def at(self, axis: Axis) -> NDArray[np.intp]:
        """Return the place of each line along a lever."""
        return self._at[axis]

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
        """Months of grace."""
        return along(Axis.GRACE, np.array(self.graces, dtype=np.int64))

    @cached_property
    def paying(self) -> Int64s:
        """The numbers of payments, as a figure."""
        return along(Axis.LENGTH, self.lengths)

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
        return along(Axis.CLAIM, np.array(where, dtype=np.int8))

    def _of_claims(self, amounts: list[int]) -> Int64s:
        if max(amounts) > _LARGEST:
            owed = self.space.debt.owed
            raise InvalidTerms("principal", owed, "is too large for the search over all plans")
        # Most claims differ by what bears no interest: then all levels are computed once.
        distinct = amounts[:1] if len(set(amounts)) == 1 else amounts
        return along(Axis.CLAIM, np.array(distinct, dtype=np.int64))

    @cached_property
    def rate(self) -> Rates:
        """The rate of a regular period."""
        regular = nominal_fraction(self.frequency)
        return _period_rates(self.rates, (regular,))

    @cached_property
    def first(self) -> Rates:
        """The rate of the first period, which may be odd."""
        fractions = tuple(self._first_fraction(first) for first in self.firsts)
        return _period_rates(self.rates, fractions)

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
        """The multiple of minor units of the level payment."""
        return along(Axis.MULTIPLE, np.array(self.multiples, dtype=np.int64))

    @cached_property
    def step_rows(self) -> Int64s:
        """How many lower payments come first."""
        rows = [step.months if step else 0 for step in self.steps]
        return along(Axis.STEP, np.array(rows, dtype=np.int64))

    @cached_property
    def step_share(self) -> Rates:
        """The share of the level payment that the lower payments ask for."""
        shares = [step.share if step else Fraction(1) for step in self.steps]
        return _across((Axis.STEP,), np.array(shares))

    @cached_property
    def months(self) -> Int64s:
        """Started months from today to the last due date."""
        most = int(self.lengths[-1]) + max(self.graces)
        table = np.stack(
            [months_to(self.space, first, self.frequency, most) for first in self.firsts]
        )
        periods = self.lengths[None, :] + (np.array(self.graces)[:, None] if self.is_free else 0)
        return across((Axis.FIRST, Axis.GRACE, Axis.LENGTH), table[:, periods - 1])

    @property
    def pays_early(self) -> Flags:
        """Say which plans ask for a payment before the hardship ends."""
        rows = [early_rows(self.space, first, self.frequency) for first in self.firsts]
        return along(Axis.FIRST, np.array(rows)) > (self.grace if self.is_free else 0)

    @cached_property
    def most_in_a_month(self) -> tuple[Int64s, Int64s] | None:
        """The most payments that fall into one month: without the last one, and with it.

        None where payments are at least a month apart.
        """
        if self.frequency.unit is Unit.MONTHS:
            return None
        most = int(self.lengths[-1])
        table = np.stack([_most_in_a_month(first, self.frequency, most) for first in self.firsts])
        axes = (Axis.FIRST, Axis.LENGTH)
        return across(axes, table[:, self.lengths - 1]), across(axes, table[:, self.lengths])

    def by_line(self, figure: NDArray[Entry]) -> NDArray[Entry]:
        """Return a figure that does not depend on the length with one entry a line."""
        return filled(figure, (*self.shape, 1)).reshape(self.line_count)

    def by_candidate(self, figure: NDArray[Entry]) -> NDArray[Entry]:
        """Return a figure with an entry for every candidate (lines x lengths)."""
        return filled(figure, (*self.shape, len(self.lengths))).reshape(self.size)

    def on_axes(self, figure: NDArray[Entry]) -> NDArray[Entry]:
        """Return what has an entry a line (and a length) by the levers again."""
        return figure.reshape((*self.shape, -1))

    def course(self, lines: NDArray[np.intp], payments: Int64s) -> Course:
        """Return what some candidates ask, for `vector_run.run`."""
        conventions = self.space.policy.schedule.conventions
        return Course(
            is_level=np.full(len(lines), self.is_level),
            grace_kind=np.full(len(lines), self.grace_kind, dtype=np.int8),
            grace=self.by_line(self.grace)[lines],
            balance=self.by_line(self.bearing)[lines],
            carried=self.by_line(self.carried)[lines],
            carried_where=self.by_line(self.carried_where)[lines],
            paying=payments,
            first=self._rates_of(self.first, lines),
            rate=self._rates_of(self.rate, lines),
            multiple=self.by_line(self.multiple)[lines],
            step_rows=self.by_line(self.step_rows)[lines],
            step_share=self._rates_of(self.step_share, lines),
            step_unit=self.space.debt.currency.units,
            rounding=conventions.rounding,
            payment_rounding=conventions.payment_rounding,
        )

    def _rates_of(self, rates: Rates, lines: NDArray[np.intp]) -> Rates:
        return Rates(self.by_line(rates.numerator)[lines], self.by_line(rates.denominator)[lines])


@lru_cache(maxsize=64)
def _period_rates(rates: tuple[Fraction, ...], fractions: tuple[Fraction, ...]) -> Rates:
    """Return annual rates x parts of a year, those of the first periods or a regular one.

    Sheets and key presses have them in common.
    """
    table = [[rate * fraction for rate in rates] for fraction in fractions]
    return _across((Axis.FIRST, Axis.RATE), np.array(table))


def _across(axes: tuple[Axis, ...], rates: NDArray[np.object_]) -> Rates:
    flat = Rates.of(rates.ravel().tolist())
    return Rates(
        across(axes, flat.numerator.reshape(rates.shape)),
        across(axes, flat.denominator.reshape(rates.shape)),
    )


def months_to(space: Space, first: date, frequency: Frequency, most: int) -> Int64s:
    """Return the started months from today to each of so many due dates."""
    return _months_to(space.today, first, frequency, most)


def early_rows(space: Space, first: date, frequency: Frequency) -> int:
    """Return how many due dates, the first being `first`, lie before the hardship ends."""
    a_month = 1 if frequency.unit is Unit.MONTHS else 5
    ahead = months_to(space, first, frequency, a_month * space.wanted_grace)
    return int((ahead <= space.wanted_grace).sum())


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
    """Return the whole space as sheets, in the order of the pack; none of them is empty.

    Raises InvalidTerms where the pack opens more candidates than memory should hold.
    """
    sheets = [
        Sheet(space, family, rhythm)
        for family in space.families
        for rhythm in space.rhythms(family)
    ]
    candidates = sum(prod(sheet.size) for sheet in sheets)
    if candidates > _MOST_CANDIDATES:
        reason = f"at most {_MOST_CANDIDATES:,} are searched; open fewer values of a lever"
        raise InvalidTerms("candidates", f"{candidates:,}", reason)
    return tuple(sheet for sheet in sheets if prod(sheet.size))
