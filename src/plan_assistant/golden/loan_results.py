"""What the engine makes of a golden loan case: rows, totals, figures (SCHEMA 4 and 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from plan_assistant.domain.calendar import MonthEnd, month_day
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.formats.wire import refuse
from plan_assistant.domain.rates.apr import Flow, us_apr
from plan_assistant.domain.schedule.drafting import draft_plan
from plan_assistant.domain.schedule.events import Event
from plan_assistant.domain.schedule.lines import Minor, Row
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.servicing import apply, paid_by_row
from plan_assistant.golden.expected_model import RowPart
from plan_assistant.golden.loan_model import LoanShape
from plan_assistant.golden.loan_terms import LoanCase, engine_problems, loan_case

_COLUMNS = ("payment", "principal", "interest", "fees", "penalties", "capitalised")


def loan_results(case: LoanShape) -> Mapping[str, Any]:
    """Return everything that the `assert` list of a loan case may name, amounts in whole units."""
    loan, expected = loan_case(case), case.expected
    refuse("terms", engine_problems(loan.terms))
    results = _Priced(loan, [event for _, event in loan.events])
    asserted = {check.field for check in expected.checks}
    named: dict[str, Any] = {
        "rows": results.matched_rows(expected.rows or [], complete=bool(expected.complete)),
        "totals": results.totals,
        "year_totals": results.year_totals,
    }
    if "figures" in asserted:
        named["figures"] = {name: results.figure(name) for name in expected.figures or {}}
    if "before" in asserted and expected.before is not None:
        wanted = set(expected.before.events)
        if unknown := wanted - {name for name, _ in loan.events}:
            raise InvalidTerms("before", ", ".join(sorted(unknown)), "the case has no such event")
        earlier = _Priced(loan, [event for name, event in loan.events if name in wanted])
        named["before"] = {"rows": earlier.matched_rows(expected.before.rows, complete=False)}
    return named


def all_rows(draft: Draft) -> list[Row]:
    """Return the rows of a draft, a down payment as row 1, with what money received covers."""
    rows = draft.with_down(draft.visible_rows())
    covered = paid_by_row([row.payment for row in rows], draft.received)
    for row, paid in zip(rows, covered, strict=True):
        row.paid = paid
    return rows


class _Priced:
    """The rows of a case after some of its events."""

    def __init__(self, loan: LoanCase, events: Iterable[Event]) -> None:
        self.loan = loan
        self.terms = loan.terms
        self.units = loan.terms.principal.currency.units
        self.draft: Draft = draft_plan(loan.terms)
        apply(self.draft, events)
        self.rows = all_rows(self.draft)

    def _amount(self, minor: Minor) -> Fraction:
        return Fraction(minor) / self.units

    def _cells(self, number: int, row: Row) -> dict[str, Any]:
        return {
            "n": number,
            "due_date": None if row.due is None else row.due.isoformat(),
            "payment": self._amount(row.payment),
            "principal": self._amount(row.principal),
            "interest": self._amount(row.interest),
            "fees": self._amount(row.fees),
            "penalties": self._amount(row.penalties),
            "capitalised": self._amount(row.capitalised),
            "deferred_interest": self._amount(row.held),
            "balance": self._amount(row.balance),
            "paid": self._amount(row.paid),
        }

    def matched_rows(self, expected: list[RowPart], *, complete: bool) -> list[Any]:
        """Return the computed rows in the order of the expected ones; all of them if complete."""
        cells = {number: self._cells(number, row) for number, row in enumerate(self.rows, start=1)}
        if complete:
            wanted = [row.n for row in expected]
            return [cells[n] for n in wanted if n in cells] + [
                cells[n] for n in cells if n not in wanted
            ]
        return [cells.get(row.n, {}) for row in expected]

    @cached_property
    def totals(self) -> dict[str, Fraction]:
        """Column sums."""
        return {
            name: self._amount(sum(getattr(row, name) for row in self.rows)) for name in _COLUMNS
        }

    @cached_property
    def year_totals(self) -> dict[str, dict[str, Fraction]]:
        """Interest and principal by the year of the due date."""
        years: dict[str, dict[str, Fraction]] = {}
        for row in self.rows:
            if row.due is not None:
                year = years.setdefault(
                    f"{row.due.year:04d}", {"interest": Fraction(0), "principal": Fraction(0)}
                )
                year["interest"] += self._amount(row.interest)
                year["principal"] += self._amount(row.principal)
        return years

    def figure(self, name: str) -> Fraction | int | bool | None:
        """Return one named figure; None if the plan does not have it."""
        rows, draft = self.rows, self.draft
        position = {"first": 0, "second": 1, "middle": len(rows) // 2, "last": -1}
        place, _, column = name.partition("_")
        if place in position and column in {"payment", "principal", "interest"}:
            index = position[place]
            return self._amount(getattr(rows[index], column)) if index < len(rows) else None
        amounts: dict[str, Minor | None] = {
            "payment": draft.first_payment,
            "new_payment": draft.new_payment,
            "total_paid": sum(row.payment for row in rows),
            "sum_of_interest_rows": sum(row.interest for row in rows),
            "sum_of_principal_rows": sum(row.principal for row in rows),
            "total_interest": self._total_interest(),
            "finance_charge": self._total_interest() + self.loan.financed_fees,
            "final_balance": rows[-1].balance,
            "deferred_interest_total": max(row.held for row in rows),
        }
        if draft.quote is not None:
            amounts["payoff_principal"] = draft.quote.principal
            amounts["payoff_interest"] = draft.quote.interest
            amounts["payoff_amount"] = draft.quote.amount
        if name in amounts:
            amount = amounts[name]
            return None if amount is None else self._amount(amount)
        if name == "number_of_payments":
            return sum(1 for row in rows if row.payment > 0)
        if name == "skipped_periods":
            return sum(1 for line in draft.lines if line.is_skipped)
        return self._apr_percent() if name == "apr_percent" else None

    def _total_interest(self) -> Minor:
        rows = self.rows
        paid = sum(row.payment for row in rows)
        return paid - sum(row.fees + row.penalties for row in rows) - self.terms.principal.minor

    def _apr_percent(self) -> Fraction | None:
        """Return the APR of SCHEMA's last paragraph of section 6, in percent."""
        start, first = self.terms.start, self.terms.first_due
        if start is None or first is None:
            raise InvalidTerms("apr_method", self.loan.apr_method, "an undated case has no APR")
        advance = self.terms.principal.minor - self.loan.financed_fees
        if self.loan.apr_method == "simple_days_365":
            last = self.rows[-1].due
            assert last is not None
            if advance == 0:
                raise InvalidTerms("fees", self.loan.financed_fees, "nothing is left to advance")
            charge = Fraction(self._total_interest() + self.loan.financed_fees)
            return charge / advance * 365 / (last - start).days * 100
        if self.loan.apr_method != "us_actuarial":
            return None
        flows = [Flow(-advance, 0)]
        for row in self.rows:
            assert row.due is not None
            months, odd_days = _counted_back(row.due, start, self.terms.due_day or row.due.day)
            flows.append(Flow(Fraction(row.payment), months, Fraction(odd_days, 30)))
        return us_apr(flows, 12) * 100


def _counted_back(day: date, start: date, due_day: int) -> tuple[int, int]:
    """Return the whole months counted back from a due date to the start, and the days left over.

    A day that is not the due day of its month, nor rolled over from the month before, counts from
    itself: a fee of its own, a moved installment.
    """
    month = day.month
    if day == month_day(day.year, month - 1, due_day, MonthEnd.ROLL_NEXT):
        month -= 1
    elif day != month_day(day.year, month, due_day):
        due_day = day.day
    months = 0
    while month_day(day.year, month - months - 1, due_day) >= start:
        months += 1
    earlier = month_day(day.year, month - months, due_day) if months else day
    return months, (earlier - start).days
