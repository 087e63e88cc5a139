"""Agreements for the document tests: plain dictionaries that add up, from an integer loop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from plan_assistant.domain.formats.schedule_table import COLUMNS
from plan_assistant.domain.seal import Witness

FINGERPRINT = "9f3c11ae5d0b7c2284a6e1f3b09d4c57e8a2136f0cb94d7815e36ac2f7d0b948"
APPROVAL: Mapping[str, Any] = {
    "by": "林静",
    "at": "2026-11-22T14:20:05+08:00",
    "fingerprint": FINGERPRINT,
}

CHECKPOINT = Witness(7, "5d41c9" + "0b3e" * 14 + "77")

_CUT_OFF = date(2026, 11, 22)
_KNOWN_UNTIL = date(2026, 12, 31)
_DECIMALS = {"JPY": 0, "KWD": 3}


def _due(first: date, index: int) -> date:
    month = first.month - 1 + index
    return date(first.year + month // 12, month % 12 + 1, min(first.day, 28))


def _working_day(day: date) -> date:
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def _half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def _level(balance: int, rate: Fraction, periods: int) -> int:
    if not rate:
        return _half_up(Fraction(balance, periods))
    growth = (1 + rate) ** periods
    return _half_up(balance * rate * growth / (growth - 1))


def _rows(
    principal: int, arrears: int, rate: Fraction, periods: int, grace: int, family: str
) -> list[dict[str, int]]:
    """Return the rows of a monthly plan in minor units; the last one takes what rounding leaves."""
    monthly, balance, held, left = rate / 12, principal, 0, arrears
    share = arrears // (periods - grace)
    rows: list[dict[str, int]] = []
    level = 0
    for index in range(periods):
        interest = _half_up(balance * monthly)
        row = {"interest": interest, "principal": 0, "arrears": 0, "fees": 0, "penalties": 0}
        row |= {"capitalised": 0, "deferred": 0}
        if index < grace and family == "deferral":
            held += interest
            row |= {"interest": 0, "deferred": held}
        elif index < grace and family == "deferral_capitalised":
            balance += interest
            row |= {"interest": 0, "capitalised": interest}
        elif index >= grace:
            left_periods = periods - index
            level = level or _level(balance, monthly, left_periods)
            if family == "equal_principal":
                part = _half_up(Fraction(principal, periods))
            else:
                part = level - interest
            if left_periods == 1:
                part = balance
            row["principal"] = part
            row["interest"] += held
            held = 0
            row["arrears"] = left if left_periods == 1 else share
            left -= row["arrears"]
            balance -= part
        row["payment"] = row["principal"] + row["interest"] + row["arrears"]
        row |= {"balance": balance, "arrears_left": left, "owed_after": balance + left + held}
        rows.append(row)
    return rows


def agreement(
    *,
    kind: str = "card_installment",
    family: str = "equal_installment",
    periods: int = 24,
    grace: int = 0,
    principal: int = 4_320_000,
    components: tuple[int, int, int, int] = (310_050, 95_012, 20_000, 0),
    rate: str = "0.146000",
    currency: str = "CNY",
    down_payment: int = 0,
    name: str = "欧阳晓岚",
    days_past_due: int = 95,
    jurisdiction: str = "CN",
    has_guarantor: bool = False,
    language: str = "zh",
) -> dict[str, Any]:
    """Return an agreement of plan-assistant/agreement@3; `components` are all but principal."""
    digits = _DECIMALS.get(currency, 2)

    def plain(minor: int) -> str:
        text = str(minor).rjust(digits + 1, "0")
        return f"{text[:-digits]}.{text[-digits:]}" if digits else text

    plan_rate = "0.000000" if family == "zero_rate" else rate
    arrears = sum(components)
    first = date(2026, 12, 15)
    cells = _rows(principal - down_payment, arrears, Fraction(plan_rate), periods, grace, family)
    rows = [
        {
            "number": number,
            "due": _working_day(_due(first, number - 1)).isoformat(),
            "nominal_due": _due(first, number - 1).isoformat(),
            **{key: plain(value) for key, value in row.items()},
        }
        for number, row in enumerate(cells, start=2 if down_payment else 1)
    ]
    if down_payment:
        nothing = dict.fromkeys(cells[0], plain(0))
        rows.insert(
            0,
            {
                "number": 1,
                "due": _CUT_OFF.isoformat(),
                "nominal_due": _CUT_OFF.isoformat(),
                **nothing,
                "payment": plain(down_payment),
                "principal": plain(down_payment),
                "balance": plain(principal - down_payment),
                "arrears_left": plain(arrears),
                "owed_after": plain(principal - down_payment + arrears),
            },
        )
    payments = [row["payment"] for row in cells if row["payment"]]
    paying = [row for row in rows[bool(down_payment) :] if row["payment"] != plain(0)]
    interest = sum(row["interest"] + row["capitalised"] for row in cells)
    total = sum(payments) + down_payment
    names = ("principal", "interest", "penalty_interest", "fee", "cost")
    is_loan = kind != "card_installment"
    maturity = "2027-01-31" if kind in {"loan_extension", "deferral"} else "2026-09-30"
    return {
        "format": "plan-assistant/agreement@3",
        "number": "PA-20261122-000417",
        "case_id": "C-000417",
        "kind": kind,
        "jurisdiction": jurisdiction,
        "language": language,
        "cut_off": _CUT_OFF.isoformat(),
        "agreed_at": "2026-11-22T14:05:11+08:00",
        "currency": currency,
        "parties": {
            "lender": "江澜银行股份有限公司信用卡中心" if not is_loan else "江澜银行股份有限公司",
            "borrower": {
                "name": name,
                "id_number": "430***********4258",
                "phone": "138****8000",
                "address": "湖南省长沙市岳麓区****",
            },
            "has_guarantor": has_guarantor,
            "guarantor_consents": has_guarantor,
        },
        "debt": {
            "debt_id": "D1",
            "product": "consumer_loan" if is_loan else "credit_card",
            "account_tail": "6021",
            "annual_rate": rate,
            "opened": "2023-03-06",
            "maturity": maturity if is_loan else None,
            "days_past_due": days_past_due,
            "components": {
                key: plain(value)
                for key, value in zip(names, (principal, *components), strict=True)
            },
            "total": plain(principal + arrears),
        },
        "hardship": [
            {
                "code": "UNEMP",
                "since": "2026-06-01",
                "expected_end": "2027-03-31",
                "evidence": ["解除劳动合同证明", "失业登记凭证"],
            }
        ],
        "plan": {
            "family": family,
            "grace_months": grace,
            "waived": dict.fromkeys((*names, "total"), plain(0)),
            "capitalised": plain(0),
            "terms": _terms(plan_rate, periods, first)
            | {"principal": plain(principal), "arrears": plain(arrears)}
            | {"down_payment": {"principal": plain(down_payment)} if down_payment else None},
            "columns": [*COLUMNS],
            "rows": [[row[name] for name in COLUMNS] for row in rows],
            "summary": {
                "payment": plain(max(payments, key=payments.count)),
                "first_payment": plain(payments[0]),
                "last_payment": plain(payments[-1]),
                "largest_payment": plain(max(payments)),
                "down_payment": plain(down_payment),
                "payments": len(payments),
                "first_due": paying[0]["due"],
                "last_due": paying[-1]["due"],
                "total": plain(total),
                "added_cost": plain(total - principal - arrears),
                "total_interest": plain(interest),
                "total_arrears": plain(arrears),
                "total_fees": plain(0),
                "annualized_rate": "0.131842" if plan_rate == rate else "0.000000",
                "contract_rate": rate,
            },
        },
        "affordability": {"verdict": "comfortable"},
        "findings": [],
        "policy": {"pack": "cn", "version": "2026.11.1", "sha256": "5b1d" * 16},
        "engine": "plan-assistant 0.1.0",
        "acceptance": {
            "at": "2026-11-22T14:05:11+08:00",
            "lines_read": ["从2026年12月15日起，每月还款……"],
            "recording": "REC-20261122-140012",
            "reason_code": None,
            "note": "",
        },
        "maker": "wuhao",
    }


def _terms(rate: str, periods: int, first: date) -> dict[str, Any]:
    return {
        "annual_rate": rate,
        "periods": periods,
        "start": _CUT_OFF.isoformat(),
        "first_due": first.isoformat(),
        "due_day": first.day,
        "frequency": {"every": 1, "unit": "months"},
        "payment_steps": [],
        "payment_multiple_of": None,
        "arrears_treatment": "spread",
        "holidays": {"name": "cn", "known_until": _KNOWN_UNTIL.isoformat()},
        "conventions": {
            "rounding": "half_up",
            "payment_rounding": "half_up",
            "day_count": "act/360",
            "period_interest": "same_as_period",
            "odd_first_period": "day_count",
            "level_payment": "plain",
            "level_payment_basis": "period_fractions",
            "remainder": "last_payment",
            "month_end": "clamp",
            "holiday_roll": "next",
            "holiday_interest": "nominal",
        },
    }
