"""Domain values as JSON for programs and as lines for people: what every command prints alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from plan_assistant.cli.table import table
from plan_assistant.domain.agreement import PolicyStamp
from plan_assistant.domain.budget import Affordability, BudgetLine
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.agreement_file import written_stamp
from plan_assistant.domain.formats.notation import RATE_DECIMALS, exact, rounded_rate
from plan_assistant.domain.formats.plan_file import (
    written_components,
    written_findings,
    written_rows,
)
from plan_assistant.domain.formats.terms_file import write_terms
from plan_assistant.domain.household import Reliability
from plan_assistant.domain.living_costs import StatementFields
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Plan, Robustness
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.text import clean
from plan_assistant.domain.unknowns import Question
from plan_assistant.domain.verdict import Judgement
from plan_assistant.domain.willingness import Outlook
from plan_assistant.wording import formats, terms
from plan_assistant.wording.affordability import certainty
from plan_assistant.wording.course import plan_changes, plan_course, rhythm_word
from plan_assistant.wording.findings import finding_sentence, said_of_a_plan
from plan_assistant.wording.rhythm import rhythm_of
from plan_assistant.wording.words import join, words


def plan_json(plan: Plan, policy: PolicyStamp) -> dict[str, Json]:
    """Return one offer for a program, with the rules it was checked against."""
    schedule = plan.schedule
    return {
        "family": plan.family.value,
        "grace_months": plan.grace_months,
        "runs": [{"count": count, "payment": amount.plain} for count, amount in schedule.runs],
        "waived": written_components(plan.waived),
        "capitalised": plan.capitalised.plain,
        "annual_rate": exact(plan.terms.annual_rate, RATE_DECIMALS),
        "terms": write_terms(plan.terms),
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
        "stays_first": _stays_first(plan.robustness),
        "findings": written_findings(plan.findings),
        "rows": written_rows(plan.schedule),
        "policy": written_stamp(policy),
    }


def _stays_first(mark: Robustness | None) -> Json:
    if mark is None:
        return None
    return {"settings": mark.first_in, "of": mark.of, "among_plans": mark.among}


def _share(value: Fraction | None) -> str | None:
    return None if value is None else rounded_rate(value)


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
        "later": [
            {
                "from": _iso(day),
                "surplus": found.currency.money(means.surplus).plain,
                "affordable": found.currency.money(means.affordable).plain,
            }
            for day, means in found.changes
        ],
    }
    if judgement is not None:
        body["verdict"] = judgement.verdict.value
        body["shocks_passed"] = list(judgement.shocks_passed)
        body["passes_essentials_shock"] = judgement.passes_essentials_shock
        body["passes_rate_shock"] = judgement.passes_rate_shock
        body["payment_to_income"] = _share(judgement.payment_to_income)
        body["debt_service_ratio"] = _share(judgement.debt_service_ratio)
        body["break_even_shock"] = _share(judgement.break_even_shock)
        body["residual_per_head"] = judgement.residual_per_head.plain
        body["worst_month"] = _iso(judgement.worst_month)
        body["certainty"] = None if judgement.certainty is None else judgement.certainty.value
    return body


def question_json(question: Question | None) -> dict[str, Json] | None:
    """Return the unknown figure to ask for first, for a program."""
    if question is None:
        return None
    unknown = question.unknown
    return {
        "figure": "income" if unknown.is_income else "outgoing",
        "index": unknown.index,
        "label": unknown.label,
        "kind": unknown.kind.value,
        "every": unknown.every.value,
        "low": unknown.low.plain,
        "likely": unknown.likely.plain,
        "high": unknown.high.plain,
        "enough": None if question.enough is None else question.enough.plain,
        "too_bad": None if question.too_bad is None else question.too_bad.plain,
        "settles": question.settles,
    }


def outlook_json(found: Outlook) -> dict[str, Json]:
    """Return the willingness score part by part, for a program."""
    return {
        "points": found.score.points,
        "known": found.score.known,
        "parts": [
            {
                "sign": part.sign.value,
                "points": part.points,
                "most": part.sign.most,
                "count": part.count,
                "whole": part.whole,
            }
            for part in found.score.parts
        ],
        "can_pay": found.can_pay,
        "quadrant": None if found.quadrant is None else found.quadrant.value,
        "decided_by": "a person",
    }


def statement_lines(found: Affordability, fields: StatementFields, language: str) -> list[str]:
    """Return every line of the budget as it counts this month, in the groups of a statement."""
    rows: list[tuple[str, str]] = []
    for group in fields.groups:
        if group.name == "income":
            lines = found.income_lines
        else:
            lines = tuple(line for line in found.outgoing_lines if line.kind in group.kinds)
        if lines:
            rows.append((group.title[language], ""))
            rows += [_statement_row(line, language) for line in lines]
    return table(rows).splitlines() if rows else []


def _statement_row(line: BudgetLine, language: str) -> tuple[str, str]:
    say = words(language)
    kind = (
        terms.reliability(line.kind, language)
        if isinstance(line.kind, Reliability)
        else terms.outgoing_kind(line.kind, language)
    )
    name = clean(f"{line.label} ({kind})" if line.label else kind, 80)
    if line.is_raised_to_floor:
        name = say("{item}: raised to the floor", item=name)
    elif line.is_above_guide:
        name = say("{item}: above the guide, ask why", item=name)
    return f"  {name}", formats.money(line.counted, language)


def plans_table(plans: Sequence[Plan], language: str) -> str:
    """Return plans side by side: one column a plan, rows in the order a borrower asks.

    What no plan waives, adds to the principal or asks at its end has no row.
    """
    say = words(language)
    columns = [_column(number, plan, language) for number, plan in enumerate(plans, start=1)]
    heads = (
        say("Plan"),
        say("Payment"),
        say("First payment"),
        say("Last payment"),
        say("Payments"),
        say("First due"),
        say("Last due"),
        say("Total to pay"),
        say("Waived"),
        say("Interest joining principal"),
        say("Added cost"),
        say("Rate of the plan"),
        say("Annualized rate"),
        say("Of spare income"),
        say("Left over"),
        say("Verdict"),
        say("Certainty"),
        say("Authority"),
    )
    rows = [(head, *(column[row] for column in columns)) for row, head in enumerate(heads)]
    return table([row for row in rows if any(cell != "-" for cell in row[1:])])


def _column(number: int, plan: Plan, language: str) -> tuple[str, ...]:
    verdict = terms.verdict(plan.judgement.verdict, language)
    authority, certain = terms.authority(plan, language), plan.judgement.certainty
    share, told = plan.judgement.payment_share, rhythm_of(plan.schedule)
    often = rhythm_word(plan.terms.frequency, language)
    return (
        f"{number} {terms.family_short(plan.family, language)}",
        formats.money(told.usual, language),
        formats.money(told.first.amount, language),
        _or_dash(told.odd_last, language),
        f"{plan.schedule.number_of_payments} {often}".rstrip(),
        formats.day(plan.first_due, language),
        formats.day(plan.last_due, language),
        formats.money(plan.total, language),
        _or_dash(plan.waived.total, language),
        _or_dash(plan.capitalised, language),
        formats.money(plan.added_cost, language),
        formats.percent(plan.terms.annual_rate, language),
        formats.percent(plan.annualized_rate, language),
        "-" if share is None else formats.percent(share, language, 0),
        formats.money(plan.judgement.left_over, language),
        f"{verdict.glyph} {verdict.word}",
        "-" if certain is None else certainty(certain, language),
        f"{authority.glyph} {authority.word}",
    )


def _or_dash(amount: Money | None, language: str) -> str:
    return formats.money(amount, language) if amount else "-"


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


def reason_lines(plans: Sequence[Plan], contract_rate: Fraction, language: str) -> list[str]:
    """Return why each plan is shown, its payments, what it changes, and what must be allowed."""
    say, lines = words(language), []
    for number, plan in enumerate(plans, start=1):
        why = join(terms.reasons(plan, language), language)
        family = terms.family_of(plan, language)
        lines.append(say("Plan {number}, {family}: {why}", number=number, family=family, why=why))
        figures = [plan_course(plan, language), *plan_changes(plan, contract_rate, language)]
        lines.append(f"    {'; '.join(figures)}")
        said = said_of_a_plan(plan.findings)
        lines += [f"    {line}" for line in finding_lines(said, language)]
    return lines


def finding_lines(findings: Sequence[Finding], language: str) -> list[str]:
    """Return findings as sentences, what blocks first."""
    order = list(Effect)
    ranked = sorted(findings, key=lambda finding: order.index(finding.effect))
    return [f"- {finding_sentence(finding, language)}" for finding in ranked]


def share_text(value: Fraction | None, language: str) -> str:
    """Return a share in whole percent, or a dash."""
    return "-" if value is None else formats.percent(value, language, 0)
