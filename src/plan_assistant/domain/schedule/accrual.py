"""Interest of a period under rate changes, pauses and bases that change inside it.

A day is named by the date on which it ends: interest of day D runs from D-1 to D
(golden/SCHEMA 6.1). Not here: what the base is (`rows.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from plan_assistant.domain.money import round_ratio
from plan_assistant.domain.schedule.daycount import year_fraction
from plan_assistant.domain.schedule.periods import Period, part_of
from plan_assistant.domain.schedule.terms import PeriodInterest, RateChangeDay, Terms

_DAY = timedelta(days=1)
_NOTHING = Fraction(0)


@dataclass(slots=True)
class Accrual:
    """How fast interest accrues on each day of a plan."""

    terms: Terms
    changes: list[tuple[date, Fraction]] = field(default_factory=list)
    """First day (named by its end) of each new rate, in date order."""
    pauses: list[tuple[date, date]] = field(default_factory=list)
    """First and last day without interest."""
    _settled_from: date | None = None
    """A period that starts then or later knows one rate and no pause."""

    def change_rate(self, day: date, rate: Fraction) -> None:
        """Let a new rate run from the day that the convention makes of `day`."""
        if self.terms.conventions.rate_change_day is RateChangeDay.DAY_STARTING_ON:
            day += _DAY
        self.changes = sorted([*(c for c in self.changes if c[0] != day), (day, rate)])
        self._settle(day - _DAY)

    def pause(self, first: date, last: date) -> None:
        """Let the days from first to last, both included, carry no interest."""
        self.pauses.append((first, last))
        self._settle(last)

    def _settle(self, day: date) -> None:
        self._settled_from = day if self._settled_from is None else max(day, self._settled_from)

    def rate_on(self, day: date | None) -> Fraction:
        """Return the contract rate of the day that ends on that date, pauses not looked at."""
        rate = self.terms.annual_rate
        if day is not None:
            for first, changed in self.changes:
                if first > day:
                    break
                rate = changed
        return rate

    def is_paused(self, day: date | None) -> bool:
        """Say whether the day that ends on that date carries no interest."""
        return day is not None and any(first <= day <= last for first, last in self.pauses)

    def _is_split(self) -> bool:
        return self.terms.conventions.period_interest is PeriodInterest.DAILY

    def _weights(self, period: Period) -> list[tuple[date | None, Fraction]]:
        """Return (end, rate x fraction) of the parts that rates and pauses cut a period into.

        Where periods count by their frequency they are never cut: rate and pause are those of the
        due date.
        """
        start, end = period.start, period.end
        if start is None or end is None or self._is_uncut(start, end):
            return [(end, Fraction(*self.weight(period)))]
        cuts = {end}
        cuts.update(first - _DAY for first, _ in self.changes)
        for first, last in self.pauses:
            cuts.update((first - _DAY, last))
        parts: list[tuple[date | None, Fraction]] = []
        done = _NOTHING
        for cut in sorted(cut for cut in cuts if start < cut <= end):
            upto = self.fraction_to(period, cut)
            rate = _NOTHING if self.is_paused(cut) else self.rate_on(cut)
            parts.append((cut, rate * (upto - done)))
            done = upto
        return parts

    def fraction_to(self, period: Period, day: date) -> Fraction:
        """Return the year fraction from the period's start to a day in it."""
        return part_of(period, day, self.terms.conventions.day_count)

    def _is_uncut(self, start: date, end: date) -> bool:
        """Say whether one rate holds throughout a period."""
        if not self._is_split():
            return True
        for first, _ in self.changes:
            if start < first - _DAY < end:
                return False
        return all(last <= start or end < first for first, last in self.pauses)

    def weight(self, period: Period) -> tuple[int, int]:
        """Return rate x fraction of the whole period as numerator and denominator, not reduced."""
        start, end, fraction = period.start, period.end, period.fraction
        rate = self.terms.annual_rate
        if start is not None and self._settled_from is not None and start >= self._settled_from:
            rate = self.changes[-1][1] if self.changes else rate
        elif self.changes or self.pauses:
            if start is not None and end is not None and not self._is_uncut(start, end):
                total = sum((part for _, part in self._weights(period)), _NOTHING)
                return total.numerator, total.denominator
            rate = _NOTHING if self.is_paused(end) else self.rate_on(end)
        numerator = rate.numerator * fraction.numerator
        denominator = rate.denominator * fraction.denominator
        decimals = self.terms.conventions.period_rate_decimals
        if decimals is None or self._is_split():
            return numerator, denominator
        scale = 10**decimals
        return round_ratio(numerator * scale, denominator, self.terms.conventions.rounding), scale

    def whole(self, period: Period) -> Fraction:
        """Return rate x fraction of the whole period."""
        return Fraction(*self.weight(period))

    def until(self, period: Period, day: date) -> Fraction:
        """Return rate x fraction from the period's start to a day in it."""
        assert period.start is not None and period.end is not None
        if day >= period.end:
            return self.whole(period)
        total, done = _NOTHING, _NOTHING
        if not self._is_split():
            # Such periods are never cut by rate, pause or base; only a payoff or a closing inside
            # one asks for a part of it, and that is counted by the day count.
            return self._broken(period, day)
        for end, weight in self._weights(period):
            assert end is not None
            if end <= day:
                total += weight
                done = self.fraction_to(period, end)
                continue
            reached = self.fraction_to(period, end)
            if reached != done:
                total += weight * (self.fraction_to(period, day) - done) / (reached - done)
            break
        return total

    def _broken(self, period: Period, day: date) -> Fraction:
        assert period.start is not None
        if self.is_paused(period.end) or day <= period.start:
            return _NOTHING
        fraction = year_fraction(self.terms.conventions.day_count, period.start, day)
        # A day count may find more in a part than the frequency has in the whole: by 30/360m a
        # month and a day from 28 February to 29 March, by act/360 more than 3/12 in a quarter.
        return min(self.rate_on(period.end) * fraction, self.whole(period))

    def between(self, start: date, day: date) -> Fraction:
        """Return rate x fraction of days that belong to no period of the plan."""
        fraction = year_fraction(self.terms.conventions.day_count, start, day)
        if not self._is_split():
            return _NOTHING if self.is_paused(day) else self.rate_on(day) * fraction
        return self.whole(Period(start, day, day, day, fraction))

    def on_bases(
        self, period: Period, bases: list[tuple[date, Fraction | int]], until: date | None = None
    ) -> Fraction:
        """Return the exact interest of a period (or of its start up to a day) on changing bases.

        Each pair is the day from which the base holds; the first is the period's start. Where
        periods count by their frequency the base at the start holds for all of it.
        """
        end = until if until is not None else period.end
        if len(bases) == 1 or not self._is_split() or end is None:
            weight = self.whole(period) if until is None else self.until(period, until)
            return weight * bases[0][1]
        total = _NOTHING
        for index, (day, base) in enumerate(bases):
            last = bases[index + 1][0] if index + 1 < len(bases) else end
            total += base * (self.until(period, last) - self.until(period, day))
        return total
