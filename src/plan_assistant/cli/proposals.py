"""What a borrower or a colleague proposes, answered by the search: counter-offers and why-not."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import click

from plan_assistant.cli import considering
from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.dials import dials, read_amount, read_wishes
from plan_assistant.cli.search_facts import counter_json, why_not_json
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.errors import Problem
from plan_assistant.domain.money import Currency
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.why_not import NamedPlan
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.policy.pack import OldCharges, Rhythm, StepPattern, Waiver
from plan_assistant.services import negotiate
from plan_assistant.services.call_facts import stamp_of
from plan_assistant.wording.search_texts import counter_lines, why_not_lines


@click.command()
@considering.case_file
@considering.policy
@considering.debt
@dials
@considering.json_flag
@click.pass_obj
def counter(
    session: Session,
    case_file: Path,
    policy: str | None,
    debt_id: str | None,
    monthly: str | None,
    payments: int | None,
    down: str | None,
    due_day: int | None,
    first: datetime | None,
    *,
    as_json: bool,
) -> int:
    """Answer "900 a month from January, nothing today": yes or no, the gap, and what yes costs."""
    case, state = considering.consider_file(session, case_file, policy, Role.COLLECTOR, debt_id)
    missing = [Problem("--monthly", "say what the borrower would pay a month")]
    wishes = read_wishes(
        case.currency,
        state=state,
        monthly=monthly,
        payments=payments,
        down=down,
        due_day=due_day,
        first=first,
        problems=missing if monthly is None else (),
    )
    answer = negotiate.answer_counter_offer(state, wishes)
    if as_json:
        facts = counter_json(answer, stamp_of(state.policy))
        echo_json({"case_id": case.case_id, **facts})
    else:
        click.echo("\n".join(counter_lines(answer, session.language)))
    return FINE if answer.is_possible else ANSWER_IS_NO


@click.command("why-not")
@considering.case_file
@considering.policy
@considering.debt
@click.option(
    "--family",
    type=click.Choice([family.value for family in Family]),
    default=Family.EQUAL_INSTALLMENT.value,
    show_default=True,
    help="The kind of plan.",
)
@click.option("--payments", type=click.IntRange(1, 1200), required=True, help="How many.")
@click.option("--rate", metavar="RATE", help="Annual rate, such as 0.09; default: the contract's.")
@click.option("--grace", type=click.IntRange(0, 60), default=0, help="Months of grace.")
@click.option(
    "--waive",
    metavar="[COMPONENT=]SHARE",
    multiple=True,
    help="Share given up, such as fee=0.5; without a component, of penalty interest and fees.",
)
@click.option(
    "--old-charges",
    type=click.Choice([each.value for each in OldCharges]),
    default=OldCharges.SPREAD.value,
    show_default=True,
    help="What becomes of old charges.",
)
@click.option("--step-months", type=click.IntRange(1, 60), help="Lower payments of a step-up.")
@click.option("--step-share", metavar="SHARE", help="What they ask for of the level payment.")
@click.option(
    "--every",
    type=click.Choice([rhythm.value for rhythm in Rhythm]),
    default=Rhythm.MONTH.value,
    show_default=True,
    help="How often a payment falls due.",
)
@click.option("--multiple", metavar="AMOUNT", help="The level payment comes in multiples of this.")
@click.option("--first", type=click.DateTime(["%Y-%m-%d"]), help="First payment date.")
@click.option("--down", metavar="AMOUNT", help="Down payment today.")
@considering.json_flag
@click.pass_obj
def why_not(
    session: Session,
    case_file: Path,
    policy: str | None,
    debt_id: str | None,
    family: str,
    payments: int,
    rate: str | None,
    grace: int,
    waive: tuple[str, ...],
    old_charges: str,
    step_months: int | None,
    step_share: str | None,
    every: str,
    multiple: str | None,
    first: datetime | None,
    down: str | None,
    *,
    as_json: bool,
) -> int:
    """Why a plan that somebody names is not offered: what excludes it, or what beats it."""
    case, state = considering.consider_file(session, case_file, policy, Role.COLLECTOR, debt_id)
    problems: list[Problem] = []
    named = NamedPlan(
        family=Family(family),
        annual_rate=_rate(family, rate, problems),
        grace_months=grace,
        waiver=_waiver(waive, problems),
        old_charges=OldCharges(old_charges),
        step=_step(family, step_months, step_share, problems),
        rhythm=Rhythm(every),
        multiple=_multiple(multiple, state.debt.currency, problems),
    )
    wishes = read_wishes(
        case.currency,
        state=state,
        monthly=None,
        payments=None,
        down=down,
        due_day=None,
        first=first,
        problems=problems,
    )
    answer = negotiate.explain_why_not(state, wishes, named=named, payments=payments)
    if as_json:
        facts = why_not_json(answer, stamp_of(state.policy))
        echo_json({"case_id": case.case_id, **facts})
    else:
        click.echo("\n".join(why_not_lines(answer, session.language)))
    return FINE if answer.is_offered else ANSWER_IS_NO


def _rate(family: str, text: str | None, problems: list[Problem]) -> Fraction | None:
    rate = _share("--rate", text, problems)
    if rate and family == Family.ZERO_RATE:
        problems.append(Problem("--rate", "only a plan that bears interest has a rate"))
    return rate


def _waiver(given: tuple[str, ...], problems: list[Problem]) -> Waiver | None:
    """Read what is given up of each component; a bare share is of penalty interest and fees."""
    shares: dict[str, Fraction] = {}
    for text in given:
        component, equals, share = text.rpartition("=")
        known = [field.name for field in fields(Waiver)]
        if equals and component not in known:
            reason = f"{component!r} is not one of {', '.join(known)}"
            problems.append(Problem("--waive", reason))
        value = _share("--waive", share, problems)
        names = (component,) if equals else ("penalty_interest", "fee")
        again = [name for name in names if name in shares]
        if again:
            problems.append(Problem("--waive", f"{', '.join(again)}: given twice; say it once"))
        if value is not None:
            shares |= dict.fromkeys(names, value)
    return Waiver(**shares) if shares and not problems else None


def _step(
    family: str, months: int | None, share: str | None, problems: list[Problem]
) -> StepPattern | None:
    value = _share("--step-share", share, problems)
    if (months is None) is not (share is None):
        option = "--step-months" if months is None else "--step-share"
        problems.append(Problem(option, "a step needs both --step-months and --step-share"))
    if family == Family.STEP_UP and months is None and share is None:
        sentence = "a plan that steps up needs --step-months and --step-share"
        problems.append(Problem("--family", sentence))
    if family != Family.STEP_UP and months is not None:
        problems.append(Problem("--step-months", "only --family step_up has steps"))
    if months is None or value is None:
        return None
    return StepPattern.model_validate({"months": months, "share": _written(value)})


def _written(share: Fraction) -> str:
    """Return a share as a pack writes it."""
    return f"{share.numerator}/{share.denominator}"


def _multiple(text: str | None, currency: Currency, problems: list[Problem]) -> int:
    amount = read_amount("--multiple", text, currency, problems)
    if amount is None:
        return 1
    if not amount:
        problems.append(Problem("--multiple", "must be above zero"))
    return max(amount.minor, 1)


def _share(option: str, text: str | None, problems: list[Problem]) -> Fraction | None:
    if text is None:
        return None
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        value = Fraction(-1)
    if not 0 <= value <= 1:
        problems.append(Problem(option, f"{text!r} is not a share from 0 to 1, such as 0.09"))
        return None
    return value
