"""Cases in and out of the store's queue: import, queue, show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli.agreement_facts import agreement_json, agreement_line
from plan_assistant.cli.boundary import FINE, echo_left_out
from plan_assistant.cli.facts import outlook_json
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.cli.table import table
from plan_assistant.domain.budget import assess
from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import EventType, Json
from plan_assistant.domain.formats.dials_file import read_dials
from plan_assistant.domain.formats.recorded_plan import recorded_shares
from plan_assistant.domain.personal_fields import with_masks
from plan_assistant.domain.record import QueueRow, fold
from plan_assistant.domain.text import clean
from plan_assistant.domain.transitions import require_at_hand
from plan_assistant.domain.willingness import outlook
from plan_assistant.services.approvals import wrong_approval
from plan_assistant.services.at_hand import trail_of
from plan_assistant.services.follow_up import early_end_follows
from plan_assistant.services.open_case import import_cases
from plan_assistant.services.queue import queue_of
from plan_assistant.wording import formats, terms
from plan_assistant.wording.approvals import approval_fault_sentence, lead_terms_sentence
from plan_assistant.wording.follow_up import plan_lines, short_plan
from plan_assistant.wording.follow_up_texts import EARLY_END_DOUBTED
from plan_assistant.wording.joint import shares_sentence
from plan_assistant.wording.trail import what_happened
from plan_assistant.wording.willingness import outlook_sentences
from plan_assistant.wording.words import words


@click.command("import")
@click.argument(
    "case_files", metavar="CASE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="Check the files; store nothing.")
@click.pass_obj
def import_(session: Session, case_files: tuple[Path, ...], *, dry_run: bool) -> int:
    """Case files into the store: all of them, or none when one is refused.

    The same file twice is one case.
    """
    cases, say = _load_all(case_files), words(session.language)
    if dry_run:
        said = say.plural(
            "{count} case file is fine; nothing was stored.",
            "{count} case files are fine; nothing was stored.",
            len(cases),
        )
        click.echo(said)
        return FINE
    receipts = import_cases(session.desk(), cases)
    known = sum(receipt.is_repeat for receipt in receipts)
    if known < len(receipts):
        click.echo(say("Imported: {count}.", count=len(receipts) - known))
    if known:
        said = say.plural(
            "{count} case was here already; nothing of it was recorded again.",
            "{count} cases were here already; nothing of them was recorded again.",
            known,
        )
        click.echo(said)
    return FINE


def _load_all(paths: tuple[Path, ...]) -> list[Case]:
    """Read every file; raises InputRefused with the problems of all of them."""
    cases: list[Case] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            cases.append(bootstrap.load_case(path))
        except InputRefused as refused:
            problems += [
                Problem(f"{path}: {problem.path}" if problem.path else str(path), problem.sentence)
                for problem in refused.problems
            ]
    if problems:
        raise InputRefused(
            ", ".join(str(path) for path in paths) if len(paths) == 1 else "import", problems
        )
    return cases


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def queue(session: Session, *, as_json: bool) -> int:
    """The cases of the store."""
    desk = session.desk()
    today = desk.clock.now().date()
    found = queue_of(desk)
    echo_queue(found.lines, session.language, today=today, as_json=as_json)
    echo_left_out(found.left_out, session.language)
    return FINE


def echo_queue(rows: Sequence[QueueRow], language: str, *, today: date, as_json: bool) -> None:
    """Write cases in one line each, names masked, and where their plans stand today."""
    say = words(language)
    if as_json:
        body: list[Json] = [
            {
                "case_id": row.case_id,
                "name": row.masked_name,
                "product": row.product.value,
                "owed": row.owed.plain,
                "currency": row.owed.currency.code,
                "days_past_due": row.days_past_due,
                "stage": row.stage,
                "status": row.status.value,
                "agreements": [agreement_line(item, today) for item in row.plans],
            }
            for row in rows
        ]
        echo_json(body)
        return
    heads = (
        say("Case"),
        say("Name"),
        say("Product"),
        say("Status"),
        say("Stage"),
        say("Days late"),
        say("Owed"),
        say("Agreement"),
    )
    lines = [
        (
            row.case_id,
            clean(terms.personal(row.masked_name, language), 40),
            terms.product(row.product, language),
            terms.status(row.status.value, language),
            row.stage,
            str(row.days_past_due),
            formats.money_with_code(row.owed, language),
            "; ".join(short_plan(item, today, language) for item in row.plans) or "-",
        )
        for row in rows
    ]
    click.echo(table([heads, *lines], right_from=5))


@click.command()
@click.argument("case_id")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def show(session: Session, case_id: str, *, as_json: bool) -> int:
    """One case of the store: debts by component, status, and what happened so far.

    Who it is about stays masked; `reveal` shows it.
    """
    language, say = session.language, words(session.language)
    desk = session.desk()
    events = desk.store.events(CaseId(case_id))
    record = fold(events)
    require_at_hand(record, desk.account)
    case = record.case
    wrong = wrong_approval(desk, events)
    today = desk.clock.now().date()
    rules = desk.policies.for_case(case, today).affordability.rules
    seen = outlook(case, assess(case, rules))
    if as_json:
        echo_json(
            {
                "case_id": record.case_id,
                "version": record.version,
                "status": record.status.value,
                "last_outcome": record.last_outcome,
                "erased_at": moment(record.erased_at) if record.erased_at else None,
                "case": with_masks(EventType.CASE_OPENED, record.case_file),
                "agreement": (
                    with_masks(EventType.PLAN_RECORDED, record.recorded.agreement)
                    if record.recorded
                    else None
                ),
                "plan_state": record.recorded_state.value if record.recorded_state else None,
                "fingerprint": record.recorded.fingerprint if record.recorded else None,
                "approval": record.approval,
                "agreements": [
                    agreement_json(item, today, early_end_follows=early_end_follows(desk, item))
                    for item in record.agreements
                ],
                "in_force": [
                    {
                        "debt_id": item.plan.debt_id,
                        "number": item.plan.number,
                        "fingerprint": item.plan.fingerprint,
                        "approval": item.decision.approval,
                        "signature_holds": wrong is None or item.decision.version < wrong.version,
                    }
                    for item in record.in_force
                ],
                "terms_from_lead": dict(record.terms_from_lead) if record.terms_from_lead else None,
                "willingness": outlook_json(seen),
            }
        )
        return FINE
    click.echo(f"{record.case_id}  {terms.status(record.status.value, language)}")
    if record.erased_at is not None:
        erased = formats.moment(record.erased_at, language)
        click.echo(say("Personal data was erased on {at}; the figures stay.", at=erased))
    for debt in case.debts:
        rows = [
            (terms.component(part, language), formats.money(amount, language))
            for part, amount in debt.components.items()
        ]
        rows.append((say("Owed in all"), formats.money_with_code(debt.owed, language)))
        tail = terms.personal(debt.account_tail, language)
        click.echo(f"\n{terms.product(debt.product, language)} {tail}")
        click.echo(table(rows))
    click.echo(f"\n{say('Willingness')}")
    for sentence in outlook_sentences(seen, language):
        click.echo(f"  {sentence}")
    click.echo()
    for item in record.in_force:
        click.echo(
            say(
                "In force for debt {debt_id}: {number}, approved by {by}.",
                debt_id=item.plan.debt_id,
                number=item.plan.number,
                by=clean(item.decision.display_name, 80),
            )
        )
        shares = recorded_shares(item.plan.agreement)
        if shares is not None:
            click.echo(f"  {shares_sentence(shares.largest, shares.others, language)}")
    for item in record.agreements:
        for sentence in plan_lines(item, today, language):
            click.echo(f"  {sentence}")
        if not early_end_follows(desk, item):
            click.echo(f"  {say(EARLY_END_DOUBTED)}")
    if wrong is not None:
        click.echo(approval_fault_sentence(wrong, language))
    if record.terms_from_lead is not None:
        told = lead_terms_sentence(read_dials(record.terms_from_lead, case.currency), language)
        click.echo(told)
    for line in trail_of(desk, record):
        when, what = formats.moment(line.at, language), what_happened(line, language)
        click.echo(f"{when}  {line.actor}  {what}")
    return FINE
