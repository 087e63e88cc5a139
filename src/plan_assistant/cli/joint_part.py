"""`choose --joint`: its options, and the part of one payment that they ask for."""

from __future__ import annotations

from collections.abc import Mapping

import click

from plan_assistant.cli.dials import read_wishes
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.joint import JointGap, Method
from plan_assistant.services.desk import Desk
from plan_assistant.services.joint_part import Part, take_part


def sharing(command: click.decorators.FC) -> click.decorators.FC:
    """Add the options of a shared payment to a command."""
    for option in (
        click.option(
            "--flow/--no-flow",
            "flows_on",
            default=None,
            help="With --joint: whether the money of a repaid debt goes on to the others.",
        ),
        click.option(
            "--joint",
            "method",
            type=click.Choice([method.value for method in Method]),
            help="The debt's part of one payment for all negotiated debts, shared like that, as "
            "`joint` shows it; where an agreement in force names the part, that part.",
        ),
    ):
        command = option(command)
    return command


def require_no_sharing(*, flows_on: bool | None) -> None:
    """Refuse an option of a shared payment where none is shared."""
    if flows_on is not None:
        raise InputRefused(
            "command line", [Problem("--flow", "say with --joint how one payment is shared")]
        )


def read_part(
    desk: Desk,
    state: Negotiation,
    method: str,
    *,
    monthly: str | None,
    flows_on: bool | None,
    others: Mapping[str, object],
) -> Part | JointGap:
    """Return the part that is asked for; `others` are the options that choose within one debt.

    Raises InputRefused where one of them is given: the terms of a part follow from the sharing.
    """
    problems = [
        Problem(option, "leave it out: with --joint the terms follow from the shared payment")
        for option, value in others.items()
        if value is not None
    ]
    wishes = read_wishes(
        state.case.currency,
        monthly=monthly,
        payments=None,
        down=None,
        due_day=None,
        first=None,
        problems=problems,
    )
    return take_part(desk, state, Method(method), monthly=wishes.monthly, flows_on=flows_on)
