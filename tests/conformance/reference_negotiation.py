"""SCHEMA.md section 10 once more: exact Fractions, one step at a time, nothing of the product.

Slow on purpose: rates, terms and forbearance are walked step by step.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any

F = Fraction
Json = dict[str, Any]


def rounded(value: F, unit: F, how: str = "half_up") -> F:
    whole, rest = divmod(abs(value) / unit, 1)
    if how == "half_up" and rest >= F(1, 2):
        whole += 1
    if how == "half_even" and (rest > F(1, 2) or (rest == F(1, 2) and whole % 2)):
        whole += 1
    return (whole if value >= 0 else -whole) * unit


@cache
def per_unit(rate: F, n: int) -> F:
    """The payment that brings b <- b (1 + i) - x from 1 to nothing in n months."""
    grown = (1 + rate / 12) ** n
    return rate / 12 * grown / (grown - 1) if rate else F(1, n)


def level(balance: F, rate: F, n: int, unit: F) -> F:
    return rounded(balance * per_unit(rate, n), unit)


def payments(balance: F, rate: F, n: int, unit: F) -> list[F]:
    x = level(balance, rate, n, unit)
    result: list[F] = []
    for k in range(n):
        interest = rounded(balance * rate / 12, unit)
        if k == n - 1 or x - interest >= balance:
            return [*result, balance + interest]
        balance -= x - interest
        result.append(x)
    raise AssertionError


def present_value(amounts: list[F], discount: F, unit: F) -> F:
    with localcontext() as context:
        context.prec = 80
        yearly = 1 + Decimal(discount.numerator) / Decimal(discount.denominator)
        total = sum(
            Decimal(x.numerator) / Decimal(x.denominator) / yearly ** (Decimal(k) / 12)
            for k, x in enumerate(amounts, start=1)
        )
        return rounded(F(total), unit)


def waterfall(t: Json, rounding: str) -> Json:
    unit = F(1, 10 ** t["currency_decimals"])

    def r(value: F) -> F:
        return rounded(value, unit, rounding)

    balance, rate, n = F(t["unpaid_principal"]), F(t["annual_rate"]), t["remaining_periods"]
    given = t["current_payment"]
    current = level(balance, rate, n, unit) if given is None else F(given)
    income, other = t["gross_monthly_income"], t["other_housing_cost"]
    ratio = F(t["target"]["ratio"])
    if t["target"]["type"] == "housing_ratio":
        target = r(F(income) * ratio) - F(other)
    else:
        target = r(current * (1 - ratio))
    value, forborne, limit = F(t["property_value"]), F(0), None

    def payment() -> F:
        return level(balance - forborne, rate, n, unit)

    taken = []
    for step in t["steps"]:
        match step["type"]:
            case "capitalise_arrears":
                balance += F(t["arrears"])
            case "reduce_rate":
                while payment() > target and rate > F(step["floor"]):
                    rate = max(rate - F(step["step"]), F(step["floor"]))
            case "extend_term":
                while payment() > target and n < step["max_periods"]:
                    n = min(n + step["step"], step["max_periods"])
            case "forbear_principal":
                by_share = r(balance * F(step["share_of_balance"]))
                by_value = balance - r(value * F(step["down_to_ltv"]))
                choose = max if step["limit"] == "greater_of" else min
                limit = max(F(0), choose(by_share, by_value))
                above = step["requires_ltv_above"]
                if above is None or balance > value * F(above):
                    most = min(limit, balance)
                    while payment() > target and forborne < most:
                        # What rounds to at least a unit too much is too little forborne.
                        too_little = balance - (target + unit) / per_unit(rate, n)
                        forborne = min(most, max(forborne, too_little // unit * unit) + unit)
        taken.append((step["type"], rate, n, forborne, payment()))
    pay = payment()
    return {
        "figures": {
            "target_payment": target,
            "current_payment": current,
            "capitalised_balance": balance,
            "annual_rate": rate,
            "periods": n,
            "forbearance": forborne,
            "forbearance_limit": limit,
            "interest_bearing": balance - forborne,
            "payment": pay,
            "target_met": pay <= target,
            "payment_cut": (current - pay) / current if current else None,
            "housing_ratio": (pay + F(other)) / F(income) if income and other else None,
        },
        "steps": [
            dict(
                zip(("step", "annual_rate", "periods", "forbearance", "payment"), step, strict=True)
            )
            for step in taken
        ],
    }


def share_plans(t: Json, rounding: str) -> Json:
    unit = F(1, 10 ** t["currency_decimals"])
    plans = []
    for share in t["shares"]:
        pay = rounded(F(t["monthly_surplus"]) * F(share), unit, rounding)
        if pay <= 0:
            continue
        left, n = F(t["debt"]), 1
        while left > pay:
            left, n = left - pay, n + 1
        plans.append({"share": F(share), "payment": pay, "periods": n, "last_payment": left})
        if n <= t["stop_when_periods_at_most"]:
            break
    return {"plans": plans}


def affordability(t: Json, rounding: str) -> Json:
    unit = F(1, 10 ** t["currency_decimals"])
    surplus = (
        F(t["income"])
        - F(t["essentials"])
        - F(t["priority_payments"])
        - F(t["other_debt_payments"])
    )
    wanted = rounded(F(t["buffer"]["share"]) * max(surplus, F(0)), unit, rounding)
    buffer = min(wanted, F(t["buffer"]["cap"]))
    affordable = max(F(0), surplus - buffer)
    return {"figures": {"surplus": surplus, "buffer": buffer, "affordable": affordable}}


def frontier(t: Json, rounding: str) -> Json:
    del rounding
    unit = F(1, 10 ** t["currency_decimals"])
    balance, most, step = F(t["balance"]), t["max_periods"], F(t["rate_step"])
    can = F(t["affordable_payment"])

    def pay(rate: F, n: int) -> F:
        return level(balance, rate, n, unit)

    def point(rate: F, n: int) -> Json:
        rows = payments(balance, rate, n, unit)
        return {
            "annual_rate": rate,
            "periods": n,
            "payment": pay(rate, n),
            "last_payment": rows[-1],
            "total_paid": sum(rows, F(0)),
            "present_value": present_value(rows, F(t["discount_rate"]), unit),
        }

    rate, n = F(t["annual_rate"]), t["current_periods"]

    def longer() -> None:
        nonlocal n
        while pay(rate, n) > can and n < most:
            n += 1

    def cheaper() -> None:
        nonlocal rate
        while pay(rate, n) > can and rate > 0:
            rate = max(F(0), rate - step)

    if t["search"] == "gap":
        return {"figures": {"payment": pay(rate, most), "gap": pay(rate, most) - can}}
    if t["search"] == "shortest_term_per_rate":
        points = []
        while True:
            fitting = [m for m in range(1, most + 1) if pay(rate, m) <= can]
            points += [point(rate, fitting[0])] if fitting else []
            if rate == 0:
                return {"points": points}
            rate = max(F(0), rate - step)
    for move in (longer, cheaper) if t["search"] == "term_first" else (cheaper, longer):
        move()
    return {"points": [point(rate, n)] if pay(rate, n) <= can else []}
