"""The second implementation goes on: the events of SCHEMA.md section 6."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from tests.conformance.reference import Reference
from tests.conformance.reference_periods import ONE_DAY, F


class RefusedError(Exception):
    """An event that makes no sense for the plan that it meets."""


class Part(NamedTuple):
    """6.11: an equal part of principal and interest, and the share of that owed by some day."""

    part: F
    own: F
    accrued: F
    since: date


class ReferenceWithEvents(Reference):
    """A case whose events are applied in list order."""

    quote: tuple[F, F] | None = None
    planned_on: date | None = None

    def happen(self, event: Any) -> None:
        getattr(self, "on_" + event["type"])(event)

    def on_or_after(self, day: str) -> int:
        return next(k for k, p in enumerate(self.plan) if p["due"] >= date.fromisoformat(day))

    def on_payment(self, e: Any) -> None:
        paid_on, amount = date.fromisoformat(e["date"]), F(e["amount"])
        if e["excess"] != "advance":
            k = next((k for k, p in enumerate(self.plan) if p["due"] == paid_on), -1)
            if k < 0 or self.plan[k]["closed"] is not None:
                raise RefusedError("date")
            if e["excess"] == "lower":
                self.refuse_given(k + 1, "excess")
            earlier, kind = self.plan[k]["booked"] or (F(0), e["excess"])
            if kind != e["excess"]:
                raise RefusedError("excess")
            self.refuse_unless_bookable(k, earlier + amount)
            self.plan[k]["booked"] = (earlier + amount, kind)
            rows = self.simulate(k + 1)[0]
            extra, is_over = self.plan[k]["extra"], rows[k]["balance"] == 0
            if k + 1 < len(self.plan) and is_over and rows[k]["payment"] > earlier + amount + extra:
                raise RefusedError("amount")  # The plan ends, but not all of its interest is paid.
        self.cash.append((paid_on, amount))
        if e["excess"] == "lower" and k + 1 < len(self.plan):
            self.replan(k + 1)

    def refuse_given(self, k: int, field: str) -> None:
        """5: given payments enter as they are, so that nothing could become lower."""
        rest = [p for p in self.plan[k:] if p["fixed"] is None]
        if self.t["amortization"] == "equal_installment":
            is_given = not any(p["level"] for p in rest)
        else:
            is_given = self.t["principal_payment"] is not None
        if rest and is_given:
            raise RefusedError(field)

    def refuse_unless_bookable(self, k: int, amount: F) -> None:
        balance, rows = self.simulate(k)[1], self.simulate(k + 1)[0]
        if balance <= 0 or len(rows) <= k:
            raise RefusedError("amount")
        debt = balance + rows[k]["capitalised"] + rows[k]["interest"] - self.plan[k]["extra"]
        least, most = (
            bare + self.r(self.percent() * bare) + self.plan[k]["fee"]
            for bare in (rows[k]["interest"], debt)
        )
        if not least <= amount <= most:
            raise RefusedError("amount")

    def on_payoff(self, e: Any) -> None:
        day = date.fromisoformat(e["date"])
        k = self.on_or_after(e["date"])
        p = self.plan[k]
        rows, balance = self.simulate(k)
        until = None if day == p["due"] or e["interest_until"] == "period_end" else day
        interest = F(0) if p["free"] else self.accrued(p, self.bases(p, balance, rows), until)
        self.quote = (balance, self.r(interest))

    def on_prepayment(self, e: Any) -> None:
        k = e["instalment"] - 1
        if k >= len(self.plan) or self.plan[k]["closed"] is not None:
            raise RefusedError("instalment")
        if e["strategy"] == "lower":
            self.refuse_given(k + 1, "strategy")
        if F(e["amount"]) > self.simulate(k + 1)[1]:
            raise RefusedError("amount")
        self.plan[k]["extra"] += F(e["amount"])
        if e["strategy"] == "lower" and k + 1 < len(self.plan):
            self.replan(k + 1)

    def on_rate_change(self, e: Any) -> None:
        first = date.fromisoformat(e["date"])
        if self.c["rate_change_day"] == "day_starting_on":
            first += ONE_DAY
        self.rate_changes = [c for c in self.rate_changes if c[0] != first] + [
            (first, F(e["annual_rate"]))
        ]
        if self.c["rate_change_payment"] == "recompute":
            self.replan(self.on_or_after(e["date"]))

    def on_interest_pause(self, e: Any) -> None:
        self.pauses.append((date.fromisoformat(e["date"]), date.fromisoformat(e["end_date"])))

    def on_reschedule_due_date(self, e: Any) -> None:
        k, to = self.on_or_after(e["from_due_date"]), date.fromisoformat(e["to_date"])
        self.due_day = to.day if self.by == "months" else None
        start = self.plan[k]["start"]
        for j, p in enumerate(self.plan[k:]):
            p.update(start=start, due=self.on_grid(to, j), regular=j > 0, day=self.due_day)
            p["skip"] = p["due"].month in self.t["skip_months"]
            start = p["due"]
        self.moved_fees()

    def moved_fees(self) -> None:
        waiting, self.lone_fees = self.lone_fees, []
        for due, amount in waiting:
            self.add_fee(amount, due)

    def on_extend_term(self, e: Any) -> None:
        k = self.on_or_after(e["from_due_date"])
        self.refuse_given(k, "keeps_payment")
        model = self.plan[-1]
        end = model["due"]
        for j in range(e["extra_periods"]):
            due = self.on_grid(end, j + 1)
            line = {
                **model,
                "start": self.on_grid(end, j),
                "due": due,
                "regular": True,
                "day": self.due_day,
            }
            line.update(
                skip=due.month in self.t["skip_months"],
                defer=False,
                capitalise=False,
                free=False,
                bears=True,
            )
            line.update(extra=F(0), fee=F(0), booked=None, share=None, added=F(0), fixed=None)
            self.plan.append(line)
        self.planned_on = self.plan[k]["due"]
        self.replan(k)
        self.planned_on = None
        self.moved_fees()

    def on_grace(self, e: Any) -> None:
        k = self.on_or_after(e["from_due_date"])
        for p in self.plan[k : k + e["interest_periods"]]:
            p["defer"] = True

    def on_fee(self, e: Any) -> None:
        if e["instalment"] is not None:
            self.plan[e["instalment"] - 1]["fee"] += F(e["amount"])
        else:
            self.add_fee(F(e["amount"]), date.fromisoformat(e["due_date"]))

    def close(self, day: date) -> tuple[int, date, F, F, F]:
        """6.11: first new row, its period's start, principal left, overdue interest, fees."""
        rows = [row for row in self.simulate()[0] if "tail" not in row]
        received = self.beyond_down(day)
        due = [k for k, row in enumerate(rows) if row["due"] <= day]
        closed: list[int] = []
        for k in due:
            if received < rows[k]["payment"] or closed:
                closed.append(k)
                self.plan[k]["closed"] = received
            received = max(F(0), received - rows[k]["payment"])
        start = rows[due[-1]]["due"] if due else self.plan[0]["start"]
        first_new = due[-1] + 1 if due else 0
        if not closed:
            return first_new, start, self.simulate(first_new)[1], F(0), F(0)
        outstanding = self.simulate(closed[0])[1] - self.plan[closed[0]]["closed"]
        overdue = fees = F(0)
        for k in closed:
            p = self.plan[k]
            overdue += (
                F(0) if p["free"] else self.r(outstanding * self.accrued(p, [(p["start"], F(1))]))
            )
            fees += p["fee"]
        return first_new, start, outstanding, overdue, fees

    def equal(self, total: F, n: int) -> list[F]:
        part = self.r(total / n)
        return [part] * (n - 1) + [total - part * (n - 1)]

    def on_re_age(self, e: Any) -> None:
        day, first, n = (
            date.fromisoformat(e["date"]),
            date.fromisoformat(e["first_due_date"]),
            e["periods"],
        )
        self.as_of, kept = day, self.as_of
        received = self.beyond_down(day)
        remaining = F(0)
        for row in self.simulate()[0]:
            remaining += row["interest"] if received < row["payment"] else 0
            received = max(F(0), received - row["payment"])
        self.as_of = kept
        index, start, outstanding, overdue, _ = self.close(day)
        old = self.plan[index] if index < len(self.plan) else None
        to_date = F(0)
        if day > start and not (old and old["free"] and day <= old["due"]):
            until = None if old is not None and day == old["due"] else day
            if old is None or day > old["due"]:
                old = {"start": start, "due": day, "regular": False, "day": None}
            to_date = self.r(self.accrued(old, [(start, outstanding)], until))
        self.due_day = first.day if self.by == "months" else None
        new = []
        for k in range(n):
            line = {**self.plan[0], "due": self.on_grid(first, k), "day": self.due_day}
            line["start"] = self.on_grid(first, k - 1) if k else start
            line["regular"] = k > 0 or start == self.on_grid(first, -1)
            line.update(
                skip=line["due"].month in self.t["skip_months"],
                defer=False,
                capitalise=False,
                free=False,
            )
            line.update(
                bears=True,
                payment=None,
                level=True,
                principal=None,
                extra=F(0),
                fee=F(0),
                booked=None,
            )
            line.update(added=F(0), share=None, closed=None, fixed=None)
            new.append(line)
        gone, self.plan[index:] = self.plan[index:], new
        # 6.10: a fee that had fallen due is asked for next, any other on or after its day.
        for line in (line for line in gone if line["fee"]):
            self.add_fee(line["fee"], new[0]["due"] if line["due"] <= day else line["due"])
        self.moved_fees()
        if e["interest"] == "recalculated":
            new[0]["added"] = overdue
            self.replan(index)
        else:
            interest = remaining if e["interest"] == "full_remaining" else overdue + to_date
            self.fix(new, outstanding, interest, overdue + to_date, day)

    def fix(self, lines: list[Any], principal: F, interest: F, owed: F, day: date) -> None:
        parts = self.equal(principal, len(lines)), self.equal(interest, len(lines))
        share = min(F(1), owed / interest) if interest else F(1)
        for line, part, own in zip(lines, *parts, strict=True):
            line["fixed"] = Part(part, own, share, day)

    def share_anew(self, index: int) -> None:
        """6.11: re-planned, equal parts stay equal; the interest is the sum that was fixed."""
        balance, lines = self.simulate(index)[1], self.plan[index:]
        fixed = [line["fixed"] for line in lines if line["fixed"] is not None]
        if not balance:
            return
        owed = sum((part.own * part.accrued for part in fixed), F(0))
        day = lines[0]["start"]
        if self.planned_on is not None and self.planned_on > max(day, fixed[0].since):
            # It is the due date of the first of them, whose interest is owed by then.
            day = self.planned_on
            owed += fixed[0].own * (1 - fixed[0].accrued)
        prepaid = sum((line["extra"] for line in lines), F(0))
        self.fix(lines, balance - prepaid, sum((part.own for part in fixed), F(0)), owed, day)

    def on_re_amortize(self, e: Any) -> None:
        day = date.fromisoformat(e["date"])
        index, start, _, overdue, fees = self.close(day)
        new = [line for line in self.plan[index:] if line["due"] > day]
        dropped = sum((line["fee"] for line in self.plan[index:] if line["due"] <= day), F(0))
        if len(new) < len(self.plan) - index:
            new[0].update(start=start, regular=False)
            self.plan[index:] = new
        if e["interest"] == "recalculated":
            new[0]["added"] += overdue
            new[0]["fee"] += dropped
            self.replan(index)
            return
        self.replan(index)
        for line, fee in zip(new, self.equal(fees + dropped, len(new)), strict=True):
            line["share"] = overdue / len(new)
            line["fee"] += fee
            if line["payment"] is not None:
                line["payment"] += self.r(overdue / len(new))
        for line in self.plan[:index]:
            line["fee"] = F(0) if line["closed"] is not None else line["fee"]
