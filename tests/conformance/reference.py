"""A second implementation of golden loan cases, written from SCHEMA.md alone: sections 2 to 5.

It shares no code with the product and none of its ideas: amounts are exact parts of whole units,
interest is added up day by day wherever something changes inside a period, a level payment is found
by running the recursion with a payment of 0 and of 1. It is slow and meant to be read next to
SCHEMA.md; the numbers in comments are its sections.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.conformance.reference_periods import F, Periods, Row, rounded


class Reference(Periods):
    """One case; `rows()` after the constructor gives the rows after all events."""

    def __init__(self, terms: Any, conventions: Any, events: Any) -> None:
        self.t, self.c = terms, conventions
        self.unit = F(1, 10 ** terms["currency_decimals"])
        self.rate_changes: list[tuple[date, F]] = []
        self.pauses: list[tuple[date, date]] = []
        self.cash: list[tuple[date, F]] = []
        self.as_of: date | None = None
        self.every: int
        self.by: str
        self.every, self.by = terms["frequency"]["every"], terms["frequency"]["unit"]
        self.due_day = terms["due_day"] if self.by == "months" else None
        self.original = F(terms["principal"])
        down = terms["down_payment"]
        self.down = None if down is None else self.r(F(down["share"]) * self.original)
        self.original -= self.down or 0
        self.down_fee = self.r((self.down or F(0)) * self.percent())
        self.asked_down = (self.down or F(0)) + self.down_fee  # 6.2: payments fill row 1 first
        self.lone_fees: list[tuple[date, F]] = []
        self.plan = self.laid_out()
        for fee in terms["fees"]:
            if fee["type"] == "fixed":
                self.add_fee(F(fee["amount"]), date.fromisoformat(fee["due_date"]))
        self.correction: tuple[F, F] | None = None
        self.without_credit_from: int | None = None
        self.planned_from: int | None = None  # 6.4: its rows are planned as if nothing was overdue
        self.replan(0)
        self.as_of = date.fromisoformat(terms["as_of"]) if terms["as_of"] else None
        for event in events:
            self.happen(event)

    def happen(self, event: Any) -> None:
        raise NotImplementedError(event)

    def r(self, value: F) -> F:
        if self.c["rounding_stage"] == "display_only":
            return value
        return rounded(value, self.unit, self.c["rounding"])

    def percent(self) -> F:
        rates = (F(fee["rate"]) for fee in self.t["fees"] if fee["type"] == "instalment_percent")
        return sum(rates, F(0))

    def laid_out(self) -> list[Row]:
        t = self.t
        start = date.fromisoformat(t["start_date"]) if t["start_date"] else None
        first = date.fromisoformat(t["first_due_date"]) if t["first_due_date"] else None
        given: list[F | None] = []
        for step in t["payment_steps"]:
            given += [None if step["payment"] is None else F(step["payment"])] * step["periods"]
        plan = []
        for k in range(t["periods"]):
            line: Row = {"start": None, "due": None, "regular": True, "day": self.due_day}
            if first is not None:
                line["due"] = self.on_grid(first, k)
                line["start"] = self.on_grid(first, k - 1) if k or start is None else start
                line["regular"] = k > 0 or line["start"] == self.on_grid(first, -1)
            skipped = line["due"] is not None and line["due"].month in t["skip_months"]
            g = t["grace"]
            payment = given[k] if k < len(given) else None
            if payment is None and self.c["level_payment"] == "given" and t["payment"] is not None:
                payment = F(t["payment"])
            line.update(
                skip=skipped,
                defer=k < g["interest"] and g["interest_treatment"] == "defer",
                capitalise=k < g["interest"] and g["interest_treatment"] == "capitalise",
                free=k < g["interest_free"],
                bears=k >= g["principal"],
                payment=payment,
                level=payment is None,
                principal=None,
                extra=F(0),
                fee=F(0),
                booked=None,
                added=F(0),
                share=None,
                closed=None,
                fixed=None,
            )
            plan.append(line)
        return plan

    def add_fee(self, amount: F, due: date) -> None:
        for line in self.plan:
            if line["due"] >= due:
                line["fee"] += amount
                return
        self.lone_fees.append((due, amount))

    def bases(self, p: Row, balance: F, rows: list[Row]) -> list[tuple[Any, F]]:
        """6.2 and 6.4: the interest base from day to day."""
        if p["due"] is None or self.t["amortization"] == "flat":
            return [(p["start"], self.original if self.t["amortization"] == "flat" else balance)]
        asked = self.asked_down + sum((row["payment"] for row in rows), F(0))
        received = sum((amount for day, amount in self.cash if day <= p["start"]), F(0))
        ahead = max(F(0), received - asked) if self.cash else F(0)
        bases: list[tuple[Any, F]] = [(p["start"], max(F(0), balance - ahead))]
        judged = (
            self.as_of is not None
            and self.c["overdue_interest"] != "none"
            and (self.planned_from is None or len(rows) < self.planned_from)
        )
        covered = F(0)
        for day, amount in sorted(self.cash):
            if p["start"] < day < p["due"]:
                usable = max(F(0), received + amount - asked) - max(F(0), received - asked)
                received += amount
                laid = self.with_overdue(bases, rows, day) if judged else bases
                interest = self.accrued(p, laid, day)
                for_interest = min(usable, max(F(0), interest - covered))
                covered += for_interest
                ahead += usable - for_interest
                bases.append((day, max(F(0), balance - ahead)))
        return self.with_overdue(bases, rows, p["due"]) if judged else bases

    def with_overdue(
        self, bases: list[tuple[Any, F]], rows: list[Row], end: date
    ) -> list[tuple[Any, F]]:
        assert self.as_of is not None
        start = bases[0][0]
        days = {day for day, _ in bases} | ({self.as_of} if start < self.as_of < end else set())
        known, laid, base = dict(bases), [], F(0)
        for day in sorted(days):
            base = known.get(day, base)
            laid.append((day, base + (self.overdue(rows, day) if day < self.as_of else 0)))
        return laid

    def beyond_down(self, day: date) -> F:
        """6.2: the money that a down payment, row 1, leaves to the instalments."""
        received = sum((amount for paid_on, amount in self.cash if paid_on <= day), F(0))
        return max(F(0), received - self.asked_down)

    def overdue(self, rows: list[Row], day: date) -> F:
        left = self.beyond_down(day)
        unpaid = F(0)
        for row in rows:
            if row["due"] > day:
                break
            paid = min(left, row["payment"])
            left -= paid
            unpaid += min(row["principal"], row["payment"] - paid)
        return unpaid

    def bare(self, p: Row) -> F:
        """6.2: a row books exactly what was paid; what its fees leave of that."""
        whole, rate = p["booked"][0] - p["fee"], self.percent()
        if self.c["rounding_stage"] == "display_only":
            return F(whole / (1 + rate))
        near = rounded(whole / (1 + rate), self.unit, "down")
        tries = [near + k * self.unit for k in (-2, -1, 0, 1, 2)]
        return max(paid for paid in tries if paid + self.r(paid * rate) <= whole)

    # 4.2 to 4.4 rows
    def simulate(  # noqa: PLR0912, PLR0915  # it follows section 4 rule by rule
        self, stop: int | None = None
    ) -> tuple[list[Row], F]:
        balance, exact_sum, own_sum = self.original, F(0), F(0)
        held, held_own, credit, shared_exact, shared_own = F(0), F(0), F(0), F(0), F(0)
        balloon = F(self.t["balloon"] or 0)
        rows: list[Row] = []
        for k, p in enumerate(self.plan):
            if k == stop:
                break
            if k == self.without_credit_from:
                credit = F(0)
            last = k == len(self.plan) - 1
            exact = F(0) if p["free"] else self.accrued(p, self.bases(p, balance, rows))
            if p["closed"] is not None:
                balance -= p["closed"]
                closed: Row = {"due": p["due"], "fees": p["fee"], "held": held, "balance": balance}
                closed.update(principal=p["closed"], interest=F(0), capitalised=F(0))
                closed.update(payment=p["closed"] + p["fee"])
                rows.append(closed)
                continue
            if p["share"] is not None:
                exact += p["share"]
            exact_sum += exact
            own = self.r(exact)
            if p["share"] is not None:
                shared_exact += exact
                own = self.r(shared_exact) - shared_own
                shared_own += own
            elif self.c["rounding_stage"] == "cumulative" or (
                self.t["amortization"] == "flat" and last
            ):
                own = self.r(exact_sum) - own_sum
            own_sum += own
            own, exact = own + p["added"], exact + p["added"]
            row: Row = {"due": p["due"], "capitalised": F(0), "fees": p["fee"], "penalties": F(0)}
            done = False
            if p["fixed"] is not None:
                # 6.11: equal parts; 6.2 and 6.3: early money changes the principal of one.
                principal, interest, held, held_own = p["fixed"].part, p["fixed"].own, F(0), F(0)
                if p["booked"] is not None:
                    normal, principal = principal, self.bare(p) - interest
                    if p["booked"][1] == "skip":
                        credit += max(F(0), principal - normal)
                elif credit and not last:
                    used = min(credit, max(F(0), principal))
                    credit, principal = credit - used, principal - used
                principal += p["extra"]
                later_parts = [q["fixed"] for q in self.plan[k + 1 :] if q["fixed"] is not None]
                if last:
                    principal = balance
                elif principal >= balance and sum(x.part for x in later_parts) > 0:
                    # Of the interest of parts that are left out it asks for what had accrued.
                    principal, done = balance, True
                    interest += self.r(sum((x.own * x.accrued for x in later_parts), F(0)))
                row.update(principal=principal, interest=interest)
                balance -= principal
            elif p["capitalise"] and not last:
                paid = p["extra"] + (self.bare(p) if p["booked"] else F(0))
                done = paid >= balance + own > 0
                balance += own - paid
                row.update(principal=paid, interest=F(0), capitalised=own)
            else:
                waits = (p["skip"] or p["defer"]) and not last
                each = self.c["deferred_interest"] == "round_each"
                cumulative = self.c["rounding_stage"] == "cumulative"
                if waits:
                    interest, charged = F(0), F(0)
                    held += own if each else exact
                    held_own += own
                elif held:
                    interest = held + own if each else self.r(held + exact)
                    interest = held_own + own if cumulative and not each else interest
                    on_top = self.c["deferred_collection"] == "on_top" and interest
                    charged = own if on_top else interest
                    held = held_own = F(0)
                else:
                    interest = charged = own
                in_grace = p["skip"] or not p["bears"]
                if in_grace and not last and p["booked"] is None:
                    principal = min(p["extra"], balance)
                    done = p["extra"] >= balance > 0
                else:
                    planned = p["principal"] or F(0)
                    normal = p["payment"] - charged if p["payment"] is not None else planned
                    principal = normal
                    if p["booked"] is not None:
                        excess = p["booked"][1]
                        principal = self.bare(p) - interest
                        if excess == "skip":
                            credit += max(F(0), principal - (0 if in_grace else normal))
                    elif credit and not last:
                        used = min(credit, max(F(0), principal))
                        credit -= used
                        principal -= used
                    principal += p["extra"]
                    if not last and principal >= balance > 0:
                        principal, done = balance, True
                if done and p["share"] is not None:
                    shared_exact += sum(later["share"] or 0 for later in self.plan[k + 1 :])
                    interest += self.r(shared_exact) - shared_own
                if done:
                    collected = held_own if cumulative and not each else self.r(held)
                    interest, held = interest + collected, F(0)
                if last and self.c["remainder"] == "open":
                    principal += balloon if p["booked"] is None else 0
                elif last:
                    if self.c["remainder"] == "last_interest" and p["payment"] is not None:
                        interest = interest - charged + p["payment"] + balloon - balance
                    principal = balance
                if last and self.correction is not None:
                    interest = max(interest + self.correction[0], self.correction[1])
                row.update(principal=principal, interest=interest)
                balance -= principal
            bare = row["principal"] + row["interest"]
            row["fees"] += self.r(self.percent() * bare)
            if p["booked"] and bare + row["fees"] + self.unit == p["booked"][0]:
                row["fees"] += self.unit
            row.update(
                payment=row["principal"] + row["interest"] + row["fees"], held=held, balance=balance
            )
            rows.append(row)
            if done:
                for later in self.plan[k + 1 :]:
                    if later["fee"]:
                        rows.append(
                            {
                                **row,
                                "due": later["due"],
                                "principal": F(0),
                                "interest": F(0),
                                "capitalised": F(0),
                                "fees": later["fee"],
                                "payment": later["fee"],
                                "tail": True,
                            }
                        )
                break
        return rows, balance

    # 5 level payment
    def replan(self, index: int) -> F | None:
        self.unrounded: F | None = None
        if any(p["fixed"] is not None for p in self.plan[index:]):
            self.share_anew(index)
            return None
        earlier, self.correction, self.planned_from = self.correction, None, index
        # 6.11: the payment of a row that collects a share is the level payment + round(share).
        rows = range(index, len(self.plan))
        shares = {k: self.plan[k]["share"] for k in rows if self.plan[k]["share"] is not None}
        for k, share in shares.items():
            self.plan[k]["share"] = None
            if self.plan[k]["payment"] is not None:
                self.plan[k]["payment"] -= self.r(share)
        payment = self.targets(index)
        total = self.total_interest(index)
        if total is not None:
            # 4.3: the last row takes what the total, which the rows planned now have, leaves of
            # their sum. What was paid instead, and later events, change the rows: they cannot be
            # taken back by the last one. Interest shared out (6.11) comes on top of that.
            rest, self.without_credit_from = self.plan[index:], index
            self.plan[index:] = [{**p, "booked": None} for p in rest]
            priced = self.simulate()[0]
            self.plan[index:], self.without_credit_from = rest, None
            more = total - sum((row["interest"] for row in priced[index:]), F(0))
            last = priced[-1]["interest"] if len(priced) == len(self.plan) else F(0)
            earlier = (more, F(0) if earlier is not None else min(F(0), last + more))
        self.correction, self.planned_from = earlier, None
        for k, share in shares.items():
            self.plan[k]["share"] = share
            if self.plan[k]["payment"] is not None:
                self.plan[k]["payment"] += self.r(share)
        return payment

    def total_interest(self, index: int) -> F | None:
        """4.3, of the rows from `index` on: their number, their balance and their rate."""
        kind, n = self.c["total_interest"], len(self.plan) - index
        before, balance = self.simulate(index)
        lines = self.plan[index:]
        early = sum((p["extra"] for p in lines), F(0))
        if kind == "unrounded_payment" and self.unrounded is not None:
            total = n * self.unrounded - (balance - early)
        elif kind == "arithmetic_series":
            rate = self.one_rate(lines[0]["due"])
            total = (n + 1) * (balance - early) * rate / 2 + sum(p["added"] for p in lines)
            total += sum(p["extra"] * rate * (k + 1) for k, p in enumerate(lines))
        else:
            return None
        return self.r(total) + self.r(before[-1]["held"] if before else F(0))

    def share_anew(self, index: int) -> None:
        raise NotImplementedError

    def before(self, index: int) -> F:
        return self.simulate(index)[1]

    def targets(self, index: int) -> F | None:
        t, kind = self.t, self.t["amortization"]
        bearing = [k for k in range(index, len(self.plan)) if self.bears(k)]
        balloon = F(t["balloon"] or 0)
        if kind in {"interest_only", "single_payment"}:
            for k in range(index, len(self.plan)):
                self.plan[k]["principal"] = F(0)
        elif kind == "equal_principal" and bearing:
            part = self.r((self.before(bearing[0]) - balloon) / len(bearing))
            for k in bearing:
                self.plan[k]["principal"] = (
                    part if t["principal_payment"] is None else F(t["principal_payment"])
                )
        elif kind == "flat" and bearing:
            share = (self.before(bearing[0]) - balloon) / len(bearing)
            for k in bearing:
                p = self.plan[k]
                if t["payment_multiple_of"] is None:
                    p["principal"] = self.r(share)
                else:
                    interest = F(0) if p["free"] else self.accrued(p, [(p["start"], self.original)])
                    multiple, exact = F(t["payment_multiple_of"]), share + interest
                    is_exact = self.c["rounding_stage"] == "display_only"
                    p["payment"] = (
                        exact if is_exact else rounded(exact, multiple, self.c["payment_rounding"])
                    )
        elif kind == "equal_installment":
            return self.level(index)
        return None

    def bears(self, k: int) -> bool:
        p = self.plan[k]
        return bool(p["bears"] and not p["skip"] and not p["capitalise"] and p["closed"] is None)

    def level(self, index: int) -> F | None:
        levels = [
            k for k in range(index, len(self.plan)) if self.bears(k) and self.plan[k]["level"]
        ]
        if not levels:
            return None
        first, balloon = levels[0], F(self.t["balloon"] or 0)
        before, start = self.simulate(first)
        # The end is linear in x as long as money ahead lasts for the same rows: where it does not,
        # the next piece is tried.
        trial, tiny, x = F(0), F(1, 2**40), F(0)
        for _ in range(40):
            here, there = (
                self.unrounded_end(start, before, levels, at) for at in (trial, trial + tiny)
            )
            x = trial + tiny * (here - balloon) / (here - there)
            if not self.cash or self.unrounded_end(start, before, levels, x) == balloon:
                break
            trial = rounded(x, tiny, "down")
        self.unrounded = x
        if self.c["rounding_stage"] == "display_only":
            return self.set_level(levels, x)
        unit = F(self.t["payment_multiple_of"] or self.unit)
        p = self.set_level(levels, rounded(x, unit, self.c["payment_rounding"]))
        if self.c["level_payment"] != "equalised":
            return p
        gap = self.gap(p, balloon)
        while abs(gap) / self.unit > len(levels) // 2:
            q = p + rounded(gap / len(levels), unit, self.c["rounding"])
            if q == p:
                break
            self.set_level(levels, q)
            left = self.gap(q, balloon)
            if abs(left) >= abs(gap):
                self.set_level(levels, p)
                break
            p, gap = q, left
        return p

    def set_level(self, levels: list[int], payment: F) -> F:
        for k in levels:
            self.plan[k]["payment"] = payment
        return payment

    def gap(self, p: F, balloon: F) -> F:
        rows = [
            row
            for row in self.simulate()[0]
            if row["principal"] or row["interest"] or not row["fees"]
        ]
        last: F = rows[-1]["payment"] - rows[-1]["fees"]
        return last - p - balloon

    def one_rate(self, day: date | None = None) -> F:
        periods = {"months": 12, "weeks": 52, "days": 365}[self.by]
        rate = F(self.rate(day) * self.every / periods)
        if self.c["period_rate_decimals"] is not None:
            rate = rounded(rate, F(1, 10 ** self.c["period_rate_decimals"]), self.c["rounding"])
        return rate

    def unrounded_end(self, balance: F, before: list[Row], levels: list[int], x: F) -> F:
        held, rate, rows, first = F(0), None, list(before), levels[0]
        percent = self.percent()
        if self.c["level_payment_basis"] == "period_rate":
            rate = self.one_rate(self.plan[first]["due"])
        if self.c["level_payment_basis"] == "30/365":
            rate = self.rate(self.plan[first]["due"]) * 30 * self.every / 365
        for k in range(first, len(self.plan)):
            p = self.plan[k]
            interest = p["added"]
            if not p["free"] and rate is not None:
                interest += balance * rate
            elif not p["free"]:
                interest += self.accrued(p, self.bases(p, balance, rows))
            asked = F(0) if p["skip"] else F(x if k in levels else p["payment"] or 0)
            asked += p["extra"]
            rows.append({"due": p["due"], "payment": asked * (1 + percent) + p["fee"]})
            if p["skip"]:
                held += interest if self.c["deferred_collection"] == "within_payment" else 0
                balance -= p["extra"]
                continue
            balance += interest + held - asked
            held = F(0)
        return balance + held

    def rows(self) -> list[Row]:
        rows = self.simulate()[0]
        for due, amount in sorted(self.lone_fees, key=lambda fee: fee[0]):
            same = [row for row in rows if row["due"] == due]
            if same:
                same[-1]["fees"] += amount
                same[-1]["payment"] += amount
            else:
                tail = {"principal": F(0), "interest": F(0), "capitalised": F(0), "penalties": F(0)}
                rows.append({**rows[-1], **tail, "due": due, "fees": amount, "payment": amount})
        if self.down is not None:
            start = self.t["start_date"] and date.fromisoformat(self.t["start_date"])
            rows.insert(
                0,
                {
                    "due": start,
                    "payment": self.asked_down,
                    "principal": self.down,
                    "interest": F(0),
                    "fees": self.down_fee,
                    "capitalised": F(0),
                    "penalties": F(0),
                    "held": F(0),
                    "balance": self.original,
                },
            )
        received = sum((amount for _, amount in self.cash), F(0))
        for row in rows:
            row["paid"] = min(row["payment"], received)
            received -= row["paid"]
        return rows
