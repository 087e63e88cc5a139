"""The dials of the call screen as options of a command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.services import negotiate

_OPTIONS = {
    "periods": "--payments",
    "down_payment": "--down",
    "due_day": "--due-day",
    "first_due": "--first",
}
"""By the field that a dial sets."""


def dials(command: click.decorators.FC) -> click.decorators.FC:
    """Add the dials to a command."""
    for option in (
        click.option("--first", type=click.DateTime(["%Y-%m-%d"]), help="First payment date."),
        click.option(
            "--due-day",
            type=click.IntRange(1, 28),
            help="Day of the month on which payments fall due.",
        ),
        click.option("--down", metavar="AMOUNT", help="Down payment today."),
        click.option("--payments", type=click.IntRange(1, 1200), help="Number of payments."),
        click.option("--monthly", metavar="AMOUNT", help="The most the borrower can pay a month."),
    ):
        command = option(command)
    return command


def read_wishes(
    currency: Currency,
    *,
    monthly: str | None,
    payments: int | None,
    down: str | None,
    due_day: int | None,
    first: datetime | None,
    state: Negotiation | None = None,
    problems: Sequence[Problem] = (),
) -> Wishes:
    """Read the dials; raises InputRefused with all problems at once, those found before first.

    They are held against the debt of a negotiation, where there is one; a single dial that is
    impossible is refused as on the call screen, as InvalidTerms.
    """
    problems = list(problems)
    if monthly is not None and payments is not None:
        problems.append(
            Problem("--payments", "give either --monthly or --payments: the other one is solved")
        )
    wishes = Wishes(
        monthly=read_amount("--monthly", monthly, currency, problems),
        periods=payments,
        down_payment=read_amount("--down", down, currency, problems),
        due_day=due_day,
        first_due=first.date() if first else None,
    )
    impossible = () if state is None else negotiate.problems_of_dials(state, wishes)
    if len(impossible) == 1 and not problems:
        raise impossible[0]
    problems += [Problem(_OPTIONS[found.field], found.reason) for found in impossible]
    if problems:
        raise InputRefused("command line", problems)
    return wishes


def read_amount(
    option: str, text: str | None, currency: Currency, problems: list[Problem]
) -> Money | None:
    """Read an amount as a person types it: 900 is 900.00; adds a problem where it is none."""
    if text is None:
        return None
    signless = text.strip().removeprefix("-")
    try:
        amount = currency.typed(signless)
    except ValueError as error:
        problems.append(Problem(option, str(error)))
        return None
    if signless != text.strip():
        amount = -amount
    if amount.minor < 0:
        problems.append(
            Problem(
                option,
                f"{amount.plain} is below zero; give an amount from {currency.zero.plain} on",
            )
        )
    return amount
