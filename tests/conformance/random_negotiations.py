"""Random golden cases of the negotiation kinds over every option of SCHEMA 10, from a seed."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.conformance.random_cases import amount

KINDS = ("waterfall", "share_of_surplus_plans", "affordability", "frontier")


def random_negotiation(kind: str, seed: int) -> dict[str, Any]:
    """Return terms and conventions; the same for the same seed."""
    pick = Random(f"{kind} {seed}")
    decimals = pick.choice([0, 2, 2, 2, 3])
    conventions = {"rounding": pick.choice(["half_up", "half_up", "half_even", "down"])}
    level = {"level_payment": "plain", "level_payment_basis": "period_rate"}
    match kind:
        case "waterfall":
            terms = _waterfall(pick, decimals)
            conventions |= {**level, "remainder": "last_payment"}
        case "share_of_surplus_plans":
            terms = _shares(pick, decimals)
            conventions |= {"remainder": "last_payment"}
        case "affordability":
            terms = _affordability(pick, decimals)
        case _:
            terms = _frontier(pick, decimals)
            conventions |= {
                **level,
                "remainder": "last_payment",
                "discounting": "effective_annual_monthly",
            }
    return {"terms": {"currency_decimals": decimals, **terms}, "conventions": conventions}


def _rate(pick: Random, most: int = 300_000) -> str:
    if pick.random() < 0.15:
        return "0"
    return f"{pick.choice([pick.randint(1, most), pick.randint(1, most // 1250) * 1250]) / 1e6:.6f}"


def _waterfall(pick: Random, decimals: int) -> dict[str, Any]:
    principal = pick.choice([pick.randint(100, 9_999), pick.randint(10**5, 10**8)])
    by_income = pick.random() < 0.5
    knows_income = by_income or pick.random() < 0.5
    income = pick.randint(1, principal // 10 + 2)
    steps = [_step(pick) for _ in range(pick.randint(0, 5))]
    if pick.random() < 0.6:
        order = ["capitalise_arrears", "reduce_rate", "extend_term", "forbear_principal"]
        steps = sorted((_step(pick, kind) for kind in order), key=lambda s: order.index(s["type"]))
    return {
        "unpaid_principal": amount(principal, decimals),
        "arrears": amount(pick.choice([0, pick.randint(0, principal // 5)]), decimals),
        "annual_rate": _rate(pick),
        "remaining_periods": pick.randint(1, 120),
        "gross_monthly_income": amount(income, decimals) if knows_income else None,
        "other_housing_cost": amount(pick.randint(0, income // 3), decimals)
        if knows_income
        else None,
        "property_value": amount(pick.choice([0, pick.randint(1, 3 * principal)]), decimals),
        "current_payment": amount(pick.randint(1, principal), decimals)
        if pick.random() < 0.5
        else None,
        "target": {
            "type": "housing_ratio" if by_income else "payment_cut",
            "ratio": f"{pick.randint(0, 100) / 100:.2f}",
        },
        "steps": steps,
    }


def _step(pick: Random, kind: str | None = None) -> dict[str, Any]:
    kind = kind or pick.choice(
        ["capitalise_arrears", "reduce_rate", "extend_term", "forbear_principal"]
    )
    details: dict[str, dict[str, Any]] = {
        "capitalise_arrears": {},
        "reduce_rate": {
            "step": pick.choice(["0.00125", "0.01", "0.0137"]),
            "floor": pick.choice(["0", "0.02", "0.045", "0.25"]),
        },
        "extend_term": {"step": pick.choice([1, 1, 12, 7]), "max_periods": pick.randint(1, 160)},
        "forbear_principal": {
            "limit": pick.choice(["greater_of", "lesser_of"]),
            "share_of_balance": pick.choice(["0", "0.05", "0.30", "1"]),
            "down_to_ltv": pick.choice(["0.50", "0.80", "1.00"]),
            "requires_ltv_above": pick.choice([None, None, "0.50", "1.00"]),
        },
    }
    return {"type": kind, **details[kind]}


def _shares(pick: Random, decimals: int) -> dict[str, Any]:
    surplus = pick.choice([0, pick.randint(1, 20), pick.randint(100, 10**6)])
    sign = "-" if pick.random() < 0.1 and surplus else ""
    return {
        "debt": amount(pick.randint(1, 400 * (surplus + 5)), decimals),
        "monthly_surplus": sign + amount(surplus, decimals),
        "shares": [f"{pick.randint(1, 120) / 100:.2f}" for _ in range(pick.randint(0, 5))],
        "stop_when_periods_at_most": pick.choice([1, 1, 3, 12]),
    }


def _affordability(pick: Random, decimals: int) -> dict[str, Any]:
    most = pick.choice([99, 10**6])
    names = ("income", "essentials", "priority_payments", "other_debt_payments")
    return {
        **{
            name: amount(pick.randint(0, most // (1 if name == "income" else 3)), decimals)
            for name in names
        },
        "buffer": {
            "share": f"{pick.randint(0, 1000) / 1000:.3f}",
            "cap": amount(pick.randint(0, most // 10), decimals),
        },
    }


def _frontier(pick: Random, decimals: int) -> dict[str, Any]:
    balance = pick.choice([pick.randint(1, 5_000), pick.randint(10**4, 10**8)])
    return {
        "balance": amount(balance, decimals),
        "annual_rate": _rate(pick),
        "current_periods": pick.randint(1, 60),
        "affordable_payment": amount(
            pick.choice([0, balance // pick.randint(1, 60), pick.randint(0, balance)]), decimals
        ),
        "rate_step": pick.choice(["0.015", "0.02", "0.07", "0.3"]),
        "max_periods": pick.randint(1, 60),
        "discount_rate": pick.choice(["0", "0.08", "0.155"]),
        "search": pick.choice(["shortest_term_per_rate", "term_first", "rate_first", "gap"]),
    }
