"""The second implementation begins: due dates, year fractions, accrual (SCHEMA.md 3, 4.1, 6.1)."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from tests.conformance.ratio import Ratio

F = Ratio
Row = dict[str, Any]
ONE_DAY = timedelta(days=1)


def rounded(value: F, unit: F, mode: str) -> F:
    steps = value / unit
    low, rest = divmod(abs(steps.numerator), steps.denominator)
    half = 2 * rest - steps.denominator  # rest and half count parts of a step
    up = {
        "half_up": half >= 0,
        "half_even": half > 0 or (half == 0 and low % 2 == 1),
        "down": False,
        "up": rest > 0,
    }[mode]
    return (low + up) * unit * (1 if steps >= 0 else -1)


def year_length(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def shifted(day: date, months: int, on: int | None = None) -> date:
    """The same day (or day `on`) some months away, clamped."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(on or day.day, calendar.monthrange(year, month + 1)[1]))


@lru_cache(maxsize=4096)
def counted(dc: str, a: date, b: date) -> F:
    """3.2 and 3.3: the part of a year from day to day by one day count."""
    if dc in {"act/365", "act/360"}:
        return F((b - a).days, int(dc[-3:]))
    if dc == "act/act":
        days = [a + ONE_DAY * k for k in range(1, (b - a).days + 1)]
        in_leap = sum(1 for day in days if calendar.isleap(day.year))
        return F(in_leap, 366) + F(len(days) - in_leap, 365)
    if dc in {"30/360", "30e/360"}:
        d1, d2 = min(a.day, 30), b.day
        if d2 == 31 and (dc == "30e/360" or d1 == 30):
            d2 = 30
        return F(360 * (b.year - a.year) + 30 * (b.month - a.month) + d2 - d1, 360)
    if dc == "prev_month":
        before = b.replace(day=1) - ONE_DAY
        return F(before.day, year_length(before.year))
    months = 0
    while shifted(a, months + 1) <= b:
        months += 1
    mark, following = shifted(a, months), shifted(a, months + 1)
    return (months + F((b - mark).days, (following - mark).days)) / 12


class Periods:
    """The grid of a case and how interest accrues on it."""

    t: Any
    c: Any
    every: int
    by: str
    due_day: int | None
    rate_changes: list[tuple[date, F]]
    pauses: list[tuple[date, date]]

    # 3.1 due dates
    def on_grid(self, first: date, k: int) -> date:
        if self.by != "months":
            return first + ONE_DAY * (k * self.every * (7 if self.by == "weeks" else 1))
        day = self.due_day or first.day
        nominal = first.replace(day=1)
        if self.c["month_end"] == "roll_next" and first.day < day:
            nominal = shifted(nominal, -1)
        month = shifted(nominal, k * self.every)
        length = calendar.monthrange(month.year, month.month)[1]
        if day <= length:
            return month.replace(day=day)
        return month.replace(day=length) if self.c["month_end"] == "clamp" else shifted(month, 1)

    # 3.3 year fractions, from the period's start to x (whole period: x = due)
    def fraction(self, p: Row, x: Any) -> F:
        dc, start = self.c["day_count"], p["start"]
        if p["due"] is None:
            days = self.every * (7 if self.by == "weeks" else 1)
            if self.by == "months":
                return F(self.every, 12)
            if self.by == "weeks" and self.c["period_interest"] == "same_as_period":
                return F(self.every, 52)
            return F(days, 360 if "360" in dc else 365)
        if self.c["period_interest"] == "same_as_period":
            odd = self.c["odd_first_period"]
            if p["regular"] or odd == "regular":
                return F(self.every, {"months": 12, "weeks": 52, "days": 365}[self.by])
            if odd != "day_count":
                dc = odd
        elif dc == "30/360m" and p["regular"] and self.by == "months":
            return self.by_marks(p, x)
        return counted(dc, start, x)

    def by_marks(self, p: Row, x: date) -> F:
        if x == p["due"]:
            return F(self.every, 12)
        day = p["day"] or p["due"].day
        nominal = p["due"].replace(day=1)
        if self.c["month_end"] == "roll_next" and p["due"].day < day:
            nominal = shifted(nominal, -1)
        marks = [p["start"]]
        marks += [shifted(nominal, k - self.every, on=day) for k in range(1, self.every)]
        marks.append(p["due"])
        j = max(k for k, mark in enumerate(marks) if mark <= x)
        return (j + F((x - marks[j]).days, (marks[j + 1] - marks[j]).days)) / 12

    # 6.1 rates and pauses by the day that ends on a date
    def rate(self, day: date | None) -> F:
        rate = F(self.t["annual_rate"])
        for first, changed in sorted(self.rate_changes):
            if day is not None and day >= first:
                rate = changed
        return rate

    def paused(self, day: date | None) -> bool:
        return day is not None and any(a <= day <= b for a, b in self.pauses)

    def accrued(self, p: Row, bases: list[tuple[Any, F]], until: Any = None) -> F:
        """4.1: base x rate x fraction; `bases` say from which day on which base holds."""
        whole = until is None
        until = p["due"] if whole else until
        if self.c["period_interest"] == "same_as_period" or p["due"] is None:
            rate = F(0) if self.paused(p["due"]) else self.rate(p["due"])
            weight = rate * self.fraction(p, p["due"])
            if self.c["period_rate_decimals"] is not None and self.c["period_interest"] != "daily":
                weight = rounded(
                    weight, F(1, 10 ** self.c["period_rate_decimals"]), self.c["rounding"]
                )
            if not whole:
                part = rate * counted(self.c["day_count"], p["start"], until)
                weight = min(weight, part) if until < p["due"] else part
            return bases[0][1] * weight
        if len(bases) == 1 and not self.rate_changes and not self.pauses and whole:
            return bases[0][1] * self.rate(until) * self.fraction(p, until)
        total, day, done, base = F(0), p["start"], F(0), F(0)
        changes, weight = dict(bases), F(0)
        while day < until:
            base = changes.get(day, base)
            day += ONE_DAY
            later = F(0) if self.paused(day) else base * self.rate(day)
            if later != weight:  # days alike count together
                reached = self.reached(p, day - ONE_DAY)
                total, weight, done = total + weight * (reached - done), later, reached
        return total + weight * (self.reached(p, day) - done)

    def reached(self, p: Row, day: date) -> F:
        """The part of a year from the start of a period to one of its days."""
        if day == p["start"]:
            return F(0)
        if self.c["day_count"] == "prev_month" and day < p["due"]:
            whole, days = self.fraction(p, p["due"]), (p["due"] - p["start"]).days
            return whole * F((day - p["start"]).days, days)
        return self.fraction(p, min(day, p["due"]))
