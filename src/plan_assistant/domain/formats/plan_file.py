"""Writes a plan, `plan-assistant/plan@2`: its terms, exact rows, summary, judgement and findings.

Not here: the agreement around a plan (`agreement_file.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import assert_never

from plan_assistant.domain.debt import Components
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.notation import RATE_DECIMALS, exact, rounded_rate
from plan_assistant.domain.formats.terms_file import write_terms
from plan_assistant.domain.formats.wire import text_of
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.policy.findings import (
    Count,
    Days,
    Finding,
    Measure,
    Months,
    Share,
    Word,
)
from plan_assistant.domain.schedule.schedule import Installment, Schedule
from plan_assistant.domain.verdict import Judgement

PLAN_FORMAT = "plan-assistant/plan@2"


def write_plan(plan: Plan) -> dict[str, Json]:
    """Return the plan as JSON, all amounts and rates as text."""
    return {
        "format": PLAN_FORMAT,
        "family": plan.family.value,
        "debt_id": plan.debt_id,
        "grace_months": plan.grace_months,
        "confirmed": written_components(plan.confirmed),
        "waived": written_components(plan.waived),
        "capitalised": plan.capitalised.plain,
        "terms": write_terms(plan.terms),
        "rows": written_rows(plan.schedule),
        "summary": {
            **written_summary(plan.schedule, plan.confirmed.total),
            "annualized_rate": rounded_rate(plan.annualized_rate),
        },
        "judgement": _written_judgement(plan.judgement),
        "findings": written_findings(plan.findings),
        "reasons": [reason.value for reason in plan.reasons],
    }


def written_components(components: Components) -> dict[str, Json]:
    """Return the components of a debt and their total."""
    parts = {component.value: amount.plain for component, amount in components.items()}
    return {**parts, "total": components.total.plain}


def written_rows(schedule: Schedule) -> list[Json]:
    """Return every row of a schedule; a down payment is row 1."""
    return [_written_row(row) for row in schedule.rows]


def _written_row(row: Installment) -> dict[str, Json]:
    return {
        "number": row.number,
        "due": text_of(row.due),
        "nominal_due": text_of(row.nominal_due),
        "payment": row.payment.plain,
        "principal": row.principal.plain,
        "interest": row.interest.plain,
        "arrears": row.arrears.plain,
        "fees": row.fees.plain,
        "penalties": row.penalties.plain,
        "capitalised": row.capitalised.plain,
        "deferred": row.deferred.plain,
        "balance": row.balance.plain,
        "arrears_left": row.arrears_left.plain,
        "owed_after": row.owed_after.plain,
    }


def written_summary(schedule: Schedule, owed: Money) -> dict[str, Json]:
    """Return the figures of a schedule; `owed` is what is owed before the plan."""
    return {
        "payment": schedule.regular_payment.plain,
        "first_payment": schedule.first_payment.plain,
        "last_payment": schedule.last_payment.plain,
        "largest_payment": schedule.largest_payment.plain,
        "down_payment": schedule.down_payment.plain,
        "payments": schedule.number_of_payments,
        "first_due": text_of(schedule.first_due),
        "last_due": text_of(schedule.last_due),
        "total": schedule.total_paid.plain,
        "added_cost": (schedule.total_paid - owed).plain,
        "total_interest": schedule.total_interest.plain,
        "total_arrears": schedule.total_arrears.plain,
        "total_fees": schedule.total_fees.plain,
    }


def _share(value: Fraction | None) -> str | None:
    return None if value is None else exact(value, RATE_DECIMALS)


def _written_judgement(judgement: Judgement) -> dict[str, Json]:
    lowest = judgement.lowest_cash
    return {
        "verdict": judgement.verdict.value,
        "is_strong": judgement.is_strong,
        "worst_payment": judgement.worst_payment.plain,
        "left_over": judgement.left_over.plain,
        "payment_share": _share(judgement.payment_share),
        "payment_to_income": _share(judgement.payment_to_income),
        "debt_service_ratio": _share(judgement.debt_service_ratio),
        "shocks_passed": list[Json](judgement.shocks_passed),
        "passes_essentials_shock": judgement.passes_essentials_shock,
        "break_even_shock": _share(judgement.break_even_shock),
        "lowest_cash": None if lowest is None else lowest.plain,
        "lowest_cash_on": text_of(judgement.lowest_cash_on),
        "worst_month": text_of(judgement.worst_month),
        "residual_per_head": judgement.residual_per_head.plain,
        "passes_rate_shock": judgement.passes_rate_shock,
        "certainty": text_of(judgement.certainty),
    }


def written_findings(findings: Sequence[Finding]) -> list[Json]:
    """Return what the rules said."""
    return [written_finding(finding) for finding in findings]


def written_finding(finding: Finding) -> dict[str, Json]:
    """Return what one rule said, measures as `{"kind": ..., "value": ...}`."""
    return {
        "rule": finding.rule,
        "test": finding.test,
        "effect": finding.effect.value,
        "limit": written_measure(finding.limit),
        "actual": written_measure(finding.actual),
        "difference": written_measure(finding.difference),
        "may_allow": text_of(finding.may_allow),
        "confidence": finding.confidence.value,
    }


def written_measure(measure: Measure | None) -> dict[str, Json] | None:
    """Return a measure with its kind; None stays None."""
    match measure:
        case None:
            return None
        case Money():
            kind, value = "money", measure.plain
            return {"kind": kind, "value": value, "currency": measure.currency.code}
        case Months() | Days() | Count():
            kind, value = type(measure).__name__.lower(), str(measure.count)
        case Share():
            kind, value = "share", exact(measure.value, RATE_DECIMALS)
        case Word():
            kind, value = "word", measure.name
        case date():
            kind, value = "date", measure.isoformat()
        case _:
            assert_never(measure)
    return {"kind": kind, "value": value}
