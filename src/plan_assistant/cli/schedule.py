"""`plan-assistant schedule`: one plan's exact schedule from a terms file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.domain.errors import InputRefused, InvalidTerms, Problem
from plan_assistant.domain.formats.terms_file import read_terms
from plan_assistant.domain.money import Rounding, round_fraction
from plan_assistant.domain.rates import RateUndefined, annualised_rate
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Installment, Schedule

_COLUMNS = ("payment", "principal", "interest", "arrears", "fees", "penalties", "balance")


@click.command()
@click.argument("terms_file", metavar="TERMS", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated rows instead of a table.")
def schedule(terms_file: Path, *, as_json: bool, as_csv: bool) -> int:
    """Print one plan's exact schedule, row by row."""
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    plan = _priced(terms_file)
    if as_json:
        click.echo(json.dumps(_document(plan), ensure_ascii=False, indent=2))
    elif as_csv:
        click.echo(_csv(plan), nl=False)
    else:
        click.echo(_table(plan))
    return 0


def _priced(path: Path) -> Schedule:
    terms = read_terms(bootstrap.read_json(path), str(path), bootstrap.calendars().named)
    try:
        plan = price(terms)
    except InvalidTerms as error:
        raise InputRefused(
            str(path), [Problem(error.field, f"{error.value}: {error.reason}")]
        ) from error
    plan.check()
    return plan


def _cells(row: Installment) -> list[str]:
    due = row.due.isoformat() if row.due else ""
    return [str(row.number), due, *[getattr(row, name).plain for name in _COLUMNS]]


def _annual_percent(plan: Schedule) -> str | None:
    """Return the annualised rate in percent, four decimals, half up; None where there is none."""
    try:
        rate = annualised_rate(plan)
    except RateUndefined:
        return None
    hundredths = round_fraction(rate * 10**6, Rounding.HALF_UP)
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 10**4}.{abs(hundredths) % 10**4:04d}"


def _totals(plan: Schedule) -> dict[str, str]:
    return {
        "payments": str(plan.number_of_payments),
        "total_paid": plan.total_paid.plain,
        "total_principal": plan.total_principal.plain,
        "total_interest": plan.total_interest.plain,
        "total_arrears": plan.total_arrears.plain,
        "total_fees": plan.total_fees.plain,
    }


def _document(plan: Schedule) -> dict[str, object]:
    return {
        "format": "plan-assistant/schedule@1",
        "currency": plan.currency.code,
        "annualised_rate_percent": _annual_percent(plan),
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


def _table(plan: Schedule) -> str:
    lines = [["no.", "due", *_COLUMNS], *(_cells(row) for row in plan.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = [
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    ]
    facts = [f"{name.replace('_', ' ')}: {value}" for name, value in _totals(plan).items()]
    percent = _annual_percent(plan)
    facts.append(
        f"annualised rate (IRR x periods): {percent} %" if percent else "annualised rate: none"
    )
    return "\n".join([*shown, "", f"currency: {plan.currency.code}", *facts])
