"""What follows an approval: sign, post, payoff, kept, broken, reopen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli.agreement_facts import agreement_json
from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.dials import read_amount
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.approved_plan import ApprovedPlan
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import InputRefused, Problem, TransitionRefused
from plan_assistant.domain.events import Json, Receipt
from plan_assistant.domain.follow_up import (
    BreachReason,
    Paid,
    Party,
    ReopenReason,
)
from plan_assistant.domain.follow_up_acts import NamedAgreement, agreement_of
from plan_assistant.domain.formats.agreement_file import short_code
from plan_assistant.domain.money import Currency, Money
from plan_assistant.services import follow_up
from plan_assistant.services.at_hand import record_of
from plan_assistant.services.desk import Desk
from plan_assistant.services.keys import new_key
from plan_assistant.wording.follow_up import payoff_lines, plan_lines
from plan_assistant.wording.words import words

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_case = click.argument("case_id")
_number = click.option(
    "--number", metavar="NUMBER", help="Number of the agreement, where several are in force."
)
_code = click.option(
    "--code",
    required=True,
    metavar="CODE",
    help="Short code of the agreement, as it stands on paper and as `show` says it.",
)
_sentence = click.option("--sentence", default="", help="In your own words.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")


@click.command()
@_case
@_number
@_code
@click.option("--on", "day", type=_DAY, required=True, metavar="DAY", help="Day of signature.")
@click.option(
    "--by",
    "parties",
    type=click.Choice([party.value for party in Party]),
    multiple=True,
    required=True,
    help="Who signed; name everybody.",
)
@click.option(
    "--file",
    "signed_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The signed file: its SHA-256 is recorded, the file itself is not kept.",
)
@_json
@click.pass_obj
def sign(
    session: Session,
    case_id: str,
    number: str | None,
    code: str,
    day: datetime,
    parties: tuple[str, ...],
    signed_file: Path | None,
    *,
    as_json: bool,
) -> int:
    """Note that an approved agreement was signed by everybody."""
    desk = session.desk()
    record = record_of(desk, CaseId(case_id))
    item = agreement_of(record, number)
    _require_code(item, code)
    receipt = follow_up.sign(
        desk,
        record.case_id,
        _named(item),
        day=day.date(),
        parties=frozenset(Party(party) for party in parties),
        file_sha256=None if signed_file is None else bootstrap.sha256_of(signed_file),
        version=record.version,
        key=new_key(),
    )
    said = words(session.language)("Signed: {number}.", number=item.plan.number)
    return _tell(session, desk, item.plan.number, receipt, said, as_json=as_json)


@click.command()
@_case
@click.argument("amount")
@_number
@click.option("--on", "day", type=_DAY, required=True, metavar="DAY", help="Day it was received.")
@click.option("--reference", required=True, help="Reference of the bank: posted once.")
@click.option(
    "--currency", metavar="CODE", help="Currency of the payment; that of the agreement if left out."
)
@_json
@click.pass_obj
def post(
    session: Session,
    case_id: str,
    amount: str,
    number: str | None,
    day: datetime,
    reference: str,
    currency: str | None,
    *,
    as_json: bool,
) -> int:
    """Post a payment of AMOUNT under an agreement, in the order that it agrees on.

    The payment after which nothing is owed also records that the plan was kept: it covers the last
    installment, or repays everything early (`payoff`).
    """
    desk = session.desk()
    record = record_of(desk, CaseId(case_id))
    item = agreement_of(record, number)
    paid = Paid(day.date(), _amount(amount, currency, item))
    receipt = follow_up.post_payment(
        desk,
        record.case_id,
        _named(item),
        paid=paid,
        reference=reference,
        version=record.version,
        key=new_key(),
    )
    said = words(session.language)("Posted: {number}.", number=item.plan.number)
    return _tell(session, desk, item.plan.number, receipt, said, as_json=as_json)


def _amount(text: str, currency: str | None, item: ApprovedPlan) -> Money:
    """Return the amount as it was typed, in the currency of the agreement if none is named."""
    problems: list[Problem] = []
    try:
        unit = item.agreed.currency if currency is None else Currency.of(currency)
    except ValueError as error:
        raise InputRefused("command line", [Problem("currency", str(error))]) from error
    amount = read_amount("amount", text, unit, problems)
    if amount is None or problems:
        raise InputRefused("command line", problems)
    return amount


@click.command()
@_case
@_number
@click.option("--on", "day", type=_DAY, metavar="DAY", help="Day of payment; today if left out.")
@_json
@click.pass_obj
def payoff(
    session: Session, case_id: str, number: str | None, day: datetime | None, *, as_json: bool
) -> int:
    """What repays an agreement early and in full: nothing is recorded."""
    desk = session.desk()
    record = record_of(desk, CaseId(case_id))
    item = agreement_of(record, number)
    on = desk.clock.now().date() if day is None else day.date()
    owed = follow_up.payoff_on(desk, item, on)
    if as_json:
        body: dict[str, Json] = {
            "case_id": record.case_id,
            "number": item.plan.number,
            "day": on.isoformat(),
            "currency": item.agreed.currency.code,
            "payoff": owed.total.plain,
            "components": {name: amount.plain for name, amount in owed.components().items()},
            "left": item.left.plain,
            "saved": (item.left - owed.total).plain,
        }
        echo_json(body)
    else:
        click.echo("\n".join(payoff_lines(item, owed, session.language)))
    return FINE


@click.command()
@_case
@_number
@_json
@click.pass_obj
def kept(session: Session, case_id: str, number: str | None, *, as_json: bool) -> int:
    """Note that a plan was kept, where posting its last payment did not."""
    desk = session.desk()
    record = record_of(desk, CaseId(case_id))
    item = agreement_of(record, number)
    receipt = follow_up.note_kept(
        desk, record.case_id, _named(item), version=record.version, key=new_key()
    )
    said = words(session.language)("Kept: {number}.", number=item.plan.number)
    return _tell(session, desk, item.plan.number, receipt, said, as_json=as_json)


@click.command()
@_case
@_number
@_code
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in BreachReason]),
    required=True,
    help="Why.",
)
@click.option(
    "--notice",
    "notice_on",
    type=_DAY,
    required=True,
    metavar="DAY",
    help="Day of the notice; the days it grants have to be over.",
)
@click.option(
    "--installment",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="The installment that was missed; the oldest if left out.",
)
@_sentence
@_json
@click.pass_obj
def broken(
    session: Session,
    case_id: str,
    number: str | None,
    code: str,
    reason: str,
    notice_on: datetime,
    installment: int | None,
    sentence: str,
    *,
    as_json: bool,
) -> int:
    """Declare a plan broken: a team lead's act, after a notice, and not that of its maker."""
    desk = session.desk()
    record = record_of(desk, CaseId(case_id))
    item = agreement_of(record, number)
    _require_code(item, code)
    receipt = follow_up.declare_broken(
        desk,
        record.case_id,
        _named(item),
        reason=BreachReason(reason),
        notice_on=notice_on.date(),
        installment=installment,
        sentence=sentence,
        version=record.version,
        key=new_key(),
    )
    said = words(session.language)("Broken: {number}.", number=item.plan.number)
    return _tell(session, desk, item.plan.number, receipt, said, as_json=as_json)


@click.command()
@_case
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in ReopenReason]),
    required=True,
    help="Why; never_signed ends an approved plan that was not signed.",
)
@click.option(
    "--number",
    metavar="NUMBER",
    help="Number of the agreement that was never signed, where several are in force.",
)
@_sentence
@_json
@click.pass_obj
def reopen(
    session: Session,
    case_id: str,
    reason: str,
    number: str | None,
    sentence: str,
    *,
    as_json: bool,
) -> int:
    """Open a case for a new negotiation after its plan has ended: a team lead's act."""
    if number is not None and reason != ReopenReason.NEVER_SIGNED:
        say = words(session.language)
        raise click.UsageError(say("--number goes with --reason never_signed: leave it out."))
    desk = session.desk()
    record = record_of(desk, CaseId(case_id))
    receipt = follow_up.reopen(
        desk,
        record.case_id,
        reason=ReopenReason(reason),
        sentence=sentence,
        number=number,
        version=record.version,
        key=new_key(),
    )
    said = words(session.language)("Reopened: {case_id}.", case_id=record.case_id)
    return _tell(session, desk, None, receipt, said, as_json=as_json)


def _named(item: ApprovedPlan) -> NamedAgreement:
    return NamedAgreement(item.plan.number, item.plan.fingerprint)


def _require_code(item: ApprovedPlan, code: str) -> None:
    """Refuse an agreement that nobody looked at."""
    known = short_code(item.plan.fingerprint)
    if code.upper() not in {known, item.plan.fingerprint.upper()}:
        raise TransitionRefused("other_agreement", given=code, expected=known)


def _tell(
    session: Session, desk: Desk, number: str | None, receipt: Receipt, said: str, *, as_json: bool
) -> int:
    """Write what was recorded, and where the agreement stands now."""
    record = record_of(desk, receipt.case_id)
    today = desk.clock.now().date()
    item = next((one for one in record.agreements if one.plan.number == number), None)
    if as_json:
        body: dict[str, Json] = {
            "case_id": record.case_id,
            "version": receipt.version,
            "status": record.status.value,
            "agreement": (
                None
                if item is None
                else agreement_json(
                    item, today, early_end_follows=follow_up.early_end_follows(desk, item)
                )
            ),
        }
        echo_json(body)
        return FINE
    click.echo(said)
    if item is not None:
        for line in plan_lines(item, today, session.language):
            click.echo(line)
    return FINE
