"""Domain values as JSON for programs and as lines for people: what every command prints alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from plan_assistant.cli.table import table
from plan_assistant.domain.agreement import PolicyStamp
from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.agreement_file import written_stamp
from plan_assistant.domain.formats.notation import rounded_rate
from plan_assistant.domain.formats.plan_file import written_findings, written_rows
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.verdict import Judgement
from plan_assistant.wording import formats, terms
from plan_assistant.wording.findings import finding_sentence
from plan_assistant.wording.words import join, words

_STANDING = frozenset(
    {"restructured_asset", "overdue_rescheduled", "forborne_dates", "reaging_conditions"}
)
"""What a plan does to the standing of a debt; it is printed with every offer."""


def plan_json(plan: Plan, policy: PolicyStamp) -> dict[str, Json]:
    """Return one offer for a program, with the rules it was checked against."""
    schedule = plan.schedule
    return {
        "family": plan.family.value,
        "grace_months": plan.grace_months,
        "payment": plan.payment.plain,
        "first_payment": schedule.first_payment.plain,
        "last_payment": schedule.last_payment.plain,
        "largest_payment": schedule.largest_payment.plain,
        "down_payment": schedule.down_payment.plain,
        "payments": schedule.number_of_payments,
        "first_due": _iso(plan.first_due),
        "last_due": _iso(plan.last_due),
        "total": plan.total.plain,
        "added_cost": plan.added_cost.plain,
        "currency": plan.total.currency.code,
        "annualized_rate": rounded_rate(plan.annualized_rate),
        "verdict": plan.judgement.verdict.value,
        "needs": plan.needs.value if plan.needs else None,
        "reasons": [reason.value for reason in plan.reasons],
        "findings": written_findings(plan.findings),
        "rows": written_rows(plan.schedule),
        "policy": written_stamp(policy),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def affordability_json(found: Affordability, judgement: Judgement | None = None) -> dict[str, Json]:
    """Return the budget, step by step, for a program."""
    body: dict[str, Json] = {
        "currency": found.currency.code,
        "income": found.income.plain,
        "essentials": found.essentials.plain,
        "priority": found.priority.plain,
        "other_debts": found.other_debts.plain,
        "surplus": found.surplus.plain,
        "buffer": found.buffer.plain,
        "affordable": found.affordable.plain,
        "shares": {debt: share.plain for debt, share in found.shares.items()},
        "is_deficit": found.is_deficit,
    }
    if judgement is not None:
        body["verdict"] = judgement.verdict.value
        body["shocks_passed"] = list(judgement.shocks_passed)
        body["passes_essentials_shock"] = judgement.passes_essentials_shock
        body["passes_rate_shock"] = judgement.passes_rate_shock
        body["residual_per_head"] = judgement.residual_per_head.plain
    return body


def plans_table(plans: Sequence[Plan], language: str) -> str:
    """Return plans side by side: one column a plan, rows in the order a borrower asks."""
    say = words(language)
    columns = [_column(number, plan, language) for number, plan in enumerate(plans, start=1)]
    heads = (
        say("Plan"),
        say("Payment"),
        say("First payment"),
        say("Payments"),
        say("First due"),
        say("Last due"),
        say("Total to pay"),
        say("Added cost"),
        say("Annualized rate"),
        say("Of spare income"),
        say("Left over"),
        say("Verdict"),
        say("Authority"),
    )
    return table([(head, *(column[row] for column in columns)) for row, head in enumerate(heads)])


def _column(number: int, plan: Plan, language: str) -> tuple[str, ...]:
    verdict = terms.verdict(plan.judgement.verdict, language)
    authority = terms.authority(plan, language)
    share = plan.judgement.payment_share
    return (
        f"{number} {terms.family_short(plan.family, language)}",
        formats.money(plan.payment, language),
        formats.money(plan.schedule.first_payment, language),
        str(plan.schedule.number_of_payments),
        formats.day(plan.first_due, language),
        formats.day(plan.last_due, language),
        formats.money(plan.total, language),
        formats.money(plan.added_cost, language),
        formats.percent(plan.annualized_rate, language),
        "-" if share is None else formats.percent(share, language, 0),
        formats.money(plan.judgement.left_over, language),
        f"{verdict.glyph} {verdict.word}",
        f"{authority.glyph} {authority.word}",
    )


def affordability_lines(found: Affordability, language: str) -> list[str]:
    """Return the budget as lines: what comes in, what goes out, what is left."""
    say = words(language)
    rows = [
        (say("Countable income"), formats.money(found.income, language)),
        (say("Essentials"), formats.money(-found.essentials, language)),
        (say("Priority payments"), formats.money(-found.priority, language)),
        (say("Other debts"), formats.money(-found.other_debts, language)),
        (say("Spare income"), formats.money(found.surplus, language)),
        (say("Kept back as a buffer"), formats.money(-found.buffer, language)),
        (say("Affordable a month"), formats.money(found.affordable, language)),
    ]
    return table(rows).splitlines()


def reason_lines(plans: Sequence[Plan], language: str) -> list[str]:
    """Return why each plan is shown, and what it needs somebody to allow."""
    say, lines = words(language), []
    for number, plan in enumerate(plans, start=1):
        why = join([terms.reason(reason, language) for reason in plan.reasons], language)
        family = terms.family(plan.family, language)
        lines.append(say("Plan {number}, {family}: {why}", number=number, family=family, why=why))
        asks = [
            finding
            for finding in plan.findings
            if finding.effect is Effect.APPROVAL or finding.test in _STANDING
        ]
        lines += [f"    {line}" for line in finding_lines(asks, language)]
    return lines


def finding_lines(findings: Sequence[Finding], language: str) -> list[str]:
    """Return findings as sentences, what blocks first."""
    order = list(Effect)
    ranked = sorted(findings, key=lambda finding: order.index(finding.effect))
    return [f"- {finding_sentence(finding, language)}" for finding in ranked]


def share_text(value: Fraction | None, language: str) -> str:
    """Return a share in whole percent, or a dash."""
    return "-" if value is None else formats.percent(value, language, 0)
