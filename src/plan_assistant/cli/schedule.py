"""`plan-assistant schedule`: one plan's exact schedule from a terms file."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.cli.table import table
from plan_assistant.domain.errors import InputRefused, InvalidTerms
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.terms_file import problem_of, read_terms
from plan_assistant.domain.formats.wire import refuse
from plan_assistant.domain.money import Money
from plan_assistant.domain.rates import RateUndefined, annualized_rate
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Installment, Schedule
from plan_assistant.domain.schedule.validation import problems_of
from plan_assistant.wording import formats
from plan_assistant.wording.words import words

_COLUMNS = ("payment", "principal", "interest", "arrears", "fees", "penalties", "balance")


@click.command()
@click.argument("terms_file", metavar="TERMS", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated rows instead of a table.")
@click.pass_obj
def schedule(session: Session, terms_file: Path, *, as_json: bool, as_csv: bool) -> int:
    """Print one plan's exact schedule, row by row."""
    if as_json and as_csv:
        say = words(session.language)
        raise click.UsageError(say("--json and --csv exclude each other: give one of them."))
    plan = _priced(terms_file)
    if as_json:
        echo_json(_document(plan))
    elif as_csv:
        click.echo(_csv(plan), nl=False)
    else:
        click.echo(_table(plan, session.language))
    return FINE


def _priced(path: Path) -> Schedule:
    terms = read_terms(bootstrap.read_json(path), str(path), bootstrap.calendars().named)
    refuse(str(path), [problem_of(error) for error in problems_of(terms)])
    try:
        plan = price(terms)
    except InvalidTerms as error:
        raise InputRefused(str(path), [problem_of(error)]) from error
    plan.check()
    return plan


def _cells(row: Installment) -> list[str]:
    due = row.due.isoformat() if row.due else ""
    return [str(row.number), due, *[getattr(row, name).plain for name in _COLUMNS]]


def _annual_rate(plan: Schedule) -> Fraction | None:
    """Return the annualized rate; None where the payments have none."""
    try:
        return annualized_rate(plan)
    except RateUndefined:
        return None


def _annual_percent(plan: Schedule) -> str | None:
    """Return the annualized rate in percent, four decimals, half up; None where there is none."""
    rate = _annual_rate(plan)
    return None if rate is None else formats.points(rate, "en", 4)


def _totals(plan: Schedule) -> dict[str, str]:
    return {
        "payments": str(plan.number_of_payments),
        "total_paid": plan.total_paid.plain,
        "total_principal": plan.total_principal.plain,
        "total_interest": plan.total_interest.plain,
        "total_arrears": plan.total_arrears.plain,
        "total_fees": plan.total_fees.plain,
    }


def _document(plan: Schedule) -> dict[str, Json]:
    return {
        "format": "plan-assistant/schedule@1",
        "currency": plan.currency.code,
        "annualized_rate_percent": _annual_percent(plan),
        **_totals(plan),
        "rows": [
            dict(zip(("number", "due", *_COLUMNS), _cells(row), strict=True)) for row in plan.rows
        ],
    }


def _csv(plan: Schedule) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["number", "due", *_COLUMNS])
    writer.writerows(_cells(row) for row in plan.rows)
    return text.getvalue()


def _table(plan: Schedule, language: str) -> str:
    say = words(language)
    labels = [
        say("No."),
        say.label("schedule", "Due"),
        say.label("schedule", "Payment"),
        say.label("schedule", "Principal"),
        say.label("schedule", "Interest"),
        say.label("schedule", "Arrears"),
        say.label("schedule", "Fees"),
        say.label("schedule", "Penalties"),
        say.label("schedule", "Balance"),
    ]
    rows = [
        [
            str(row.number),
            formats.day(row.due, language) if row.due else "",
            *(formats.money(getattr(row, name), language) for name in _COLUMNS),
        ]
        for row in plan.rows
    ]
    return "\n".join([table([labels, *rows], right_from=0), "", *_facts(plan, language)])


def _facts(plan: Schedule, language: str) -> list[str]:
    say = words(language)

    def money(amount: Money) -> str:
        return formats.money(amount, language)

    rate = _annual_rate(plan)
    return [
        say("Currency: {code}", code=plan.currency.code),
        say("Payments: {count}", count=plan.number_of_payments),
        say("Total paid: {amount}", amount=money(plan.total_paid)),
        say("Total principal: {amount}", amount=money(plan.total_principal)),
        say("Total interest: {amount}", amount=money(plan.total_interest)),
        say("Total arrears: {amount}", amount=money(plan.total_arrears)),
        say("Total fees: {amount}", amount=money(plan.total_fees)),
        say("Annualized rate (IRR x periods a year): none")
        if rate is None
        else say(
            "Annualized rate (IRR x periods a year): {percent}",
            percent=formats.percent(rate, language, 4),
        ),
    ]
