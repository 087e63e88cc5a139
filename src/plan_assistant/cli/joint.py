"""`plan-assistant joint`: one payment a month for all negotiated debts of a case."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from plan_assistant.cli import considering
from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.dials import read_wishes
from plan_assistant.cli.facts import finding_lines
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.cli.table import table
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.notation import exact
from plan_assistant.domain.formats.plan_file import written_findings, written_rows
from plan_assistant.domain.offers.joint import Joint, JointGap, JointPlan, Method
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import Role
from plan_assistant.services.joint import SharedPayment, share_payment
from plan_assistant.wording import formats, terms
from plan_assistant.wording import joint as joint_words
from plan_assistant.wording.findings import said_of_a_plan
from plan_assistant.wording.words import message, words

_EXTENDS = message("This is an extension of the loan before it matures.")


@click.command()
@considering.case_file
@click.option(
    "--by",
    "method",
    type=click.Choice([method.value for method in Method]),
    default=Method.ORDER.value,
    show_default=True,
    help="Legal order, highest rate first, in proportion to the balance, or the same for each.",
)
@click.option(
    "--flow/--no-flow",
    "flows_on",
    default=None,
    help="Whether the money of a repaid debt goes on to the others; by default it does with "
    "--by order and --by rate.",
)
@click.option("--monthly", metavar="AMOUNT", help="The most the borrower can pay a month.")
@considering.policy
@considering.language
@considering.json_flag
@click.pass_obj
def joint(
    session: Session,
    case_file: Path,
    method: str,
    flows_on: bool | None,
    monthly: str | None,
    policy: str | None,
    language: str | None,
    *,
    as_json: bool,
) -> int:
    """One payment a month for all negotiated debts, with an exact plan for each.

    Every debt receives at least what its longest allowed plan asks; the rest is shared by the
    method. Where even that is not affordable, the amount that is missing is said.
    """
    session.language = language or session.language
    case, state = considering.consider_file(session, case_file, policy, Role.COLLECTOR)
    wishes = read_wishes(
        case.currency, monthly=monthly, payments=None, down=None, due_day=None, first=None
    )
    states = {
        debt.debt_id: considering.consider_file(
            session, case_file, policy, Role.COLLECTOR, debt.debt_id
        )[1]
        for debt in case.negotiated
    }
    shared = share_payment(
        state, Method(method), monthly=wishes.monthly, flows_on=flows_on, states=states
    )
    if as_json:
        echo_json({"case_id": case.case_id, "method": method, **_document(shared)})
    elif isinstance(shared.found, JointGap):
        click.echo("\n".join(_gap_lines(shared.found, session.language, is_dialled=bool(monthly))))
    else:
        click.echo("\n".join(_lines(shared, shared.found, session.language)))
    return FINE if isinstance(shared.found, Joint) else ANSWER_IS_NO


def _gap_lines(found: JointGap, language: str, *, is_dialled: bool) -> list[str]:
    say = words(language)
    lines = [joint_words.gap_sentence(found, language, is_dialled=is_dialled)]
    lines += [
        say(
            "- {debt_id}: at least {amount} a month.",
            debt_id=debt_id,
            amount=formats.money(amount, language),
        )
        for debt_id, amount in found.least
    ]
    return lines


def _lines(shared: SharedPayment, found: Joint, language: str) -> list[str]:
    say = words(language)
    lines = [
        *joint_words.method_sentences(found, language),
        say(
            "The most in one month: {largest} of {affordable}. In all: {total}.",
            largest=formats.money(found.largest, language),
            affordable=formats.money_with_code(found.affordable, language),
            total=formats.money(found.total, language),
        ),
        *joint_words.above_affordable(shared.above_affordable, language),
        *_verdict_lines(shared, language),
        *finding_lines(shared.asks, language),
        "",
        table([_heads(language), *(_plan_row(plan, language) for plan in found.plans)]),
        "",
    ]
    for plan in found.plans:
        part = shared.parts[plan.debt.debt_id]
        said = finding_lines(said_of_a_plan(part.findings), language)
        if part.family is Family.EXTENSION:
            said.insert(0, f"- {say(_EXTENDS)}")
        if said:
            lines.append(say("{debt_id}:", debt_id=plan.debt.debt_id))
            lines += [f"    {line}" for line in said]
    if lines[-1]:
        lines.append("")
    heads = (
        say("No."),
        say.label("schedule", "Due"),
        say("Payment"),
        *(plan.debt.debt_id for plan in found.plans),
    )
    rows = [
        (
            str(month.number),
            formats.day(month.due, language) if month.due else "",
            formats.money(month.payment, language),
            *(formats.money(part, language) for part in month.parts),
        )
        for month in found.months
    ]
    return [*lines, table([heads, *rows])]


def _verdict_lines(shared: SharedPayment, language: str) -> list[str]:
    if shared.judgement is None:
        return []
    verdict = terms.verdict(shared.judgement.verdict, language)
    left_over = formats.money(shared.judgement.left_over, language)
    return [
        words(language)(
            "Verdict on the sum: {verdict}. Left over in the worst month: {left_over}.",
            verdict=str(verdict),
            left_over=left_over,
        )
    ]


def _heads(language: str) -> tuple[str, ...]:
    say = words(language)
    return (
        say.label("comparison", "Debt"),
        say.label("comparison", "Rate"),
        say("Owed"),
        say("First payment"),
        say("Last payment"),
        say("Payments"),
        say("Last due"),
        say("Total to pay"),
    )


def _plan_row(plan: JointPlan, language: str) -> tuple[str, ...]:
    debt, schedule = plan.debt, plan.schedule
    return (
        f"{debt.debt_id} {terms.product(debt.product, language)} {debt.account_tail}",
        formats.percent(debt.annual_rate, language),
        formats.money(debt.owed, language),
        formats.money(schedule.first_payment, language),
        formats.money(schedule.last_payment, language),
        str(schedule.number_of_payments),
        formats.day(schedule.last_due, language) if schedule.last_due else "",
        formats.money(schedule.total_paid, language),
    )


def _document(shared: SharedPayment) -> dict[str, Json]:
    found = shared.found
    body: dict[str, Json] = {
        "affordable": found.affordable.plain,
        "currency": found.affordable.currency.code,
        "above_affordable": shared.above_affordable.plain,
    }
    if isinstance(found, JointGap):
        least: dict[str, Json] = {debt_id: amount.plain for debt_id, amount in found.least}
        return {**body, "needed": found.needed.plain, "gap": found.gap.plain, "least": least}
    return {
        **body,
        "flows_on": found.flows_on,
        "verdict": shared.judgement.verdict.value if shared.judgement else None,
        "findings": written_findings(shared.asks),
        "total": found.total.plain,
        "plans": [
            {
                "debt_id": plan.debt.debt_id,
                "annual_rate": exact(plan.debt.annual_rate),
                "owed": plan.debt.owed.plain,
                "payments": plan.schedule.number_of_payments,
                "total": plan.schedule.total_paid.plain,
                "family": shared.parts[plan.debt.debt_id].family.value,
                "findings": written_findings(shared.parts[plan.debt.debt_id].findings),
                "rows": written_rows(plan.schedule),
            }
            for plan in found.plans
        ],
        "months": [
            {
                "number": month.number,
                "due": _iso(month.due),
                "payment": month.payment.plain,
                "parts": {
                    plan.debt.debt_id: part.plain
                    for plan, part in zip(found.plans, month.parts, strict=True)
                },
            }
            for month in found.months
        ],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
