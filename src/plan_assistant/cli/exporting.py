"""The agreement of a case as files."""

from __future__ import annotations

from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.session import Session
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.debt import DebtId
from plan_assistant.services.export import export_agreement
from plan_assistant.services.keys import new_key
from plan_assistant.wording.words import words


@click.command()
@click.argument("case_id", metavar="CASE_ID")
@click.option(
    "--format",
    "formats",
    default="pdf,json",
    show_default=True,
    help="pdf, json; several with commas.",
)
@click.option(
    "--lang",
    "languages",
    default="both",
    show_default=True,
    help="zh, en, both; several with commas.",
)
@click.option(
    "-o",
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where to write.",
)
@click.option(
    "--debt", "debt_id", metavar="ID", help="Which debt, where several have an agreement in force."
)
@click.option(
    "--number",
    metavar="NUMBER",
    help="Number of the agreement, as `show` lists it; also one that waits or has ended.",
)
@click.pass_obj
def export(
    session: Session,
    case_id: str,
    formats: str,
    languages: str,
    folder: Path,
    debt_id: str | None,
    number: str | None,
) -> int:
    """The agreement of a case: a draft where only a plan that waits for a team lead is there.

    Without --number the one in force; else the one that waits; else the one that ended last.
    """
    desk = session.desk()
    exported = export_agreement(
        desk,
        CaseId(case_id),
        formats=_names(formats),
        languages=_names(languages),
        folder=folder,
        writers={"pdf": bootstrap.document_writer()},
        files=bootstrap.files(),
        sealer=bootstrap.sealer(desk.store, desk.clock),
        key=new_key(),
        debt_id=DebtId(debt_id) if debt_id else None,
        number=number,
    )
    for path in exported.paths:
        click.echo(str(path))
    if exported.is_draft:
        click.echo(
            words(session.language)("The plan waits for approval: every page says DRAFT."), err=True
        )
    if exported.waits is not None and number is None and debt_id is None:
        click.echo(
            words(session.language)(
                "{number} waits for approval and was not written: --number prints its draft.",
                number=exported.waits,
            ),
            err=True,
        )
    if exported.checkpoint is None:
        click.echo(
            words(session.language)(
                "The record is not sealed up to this plan, so the paper is no witness of it: run "
                "`plan-assistant audit seal`, then export again."
            ),
            err=True,
        )
    return FINE


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
