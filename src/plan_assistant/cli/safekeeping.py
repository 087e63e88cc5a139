"""Backups of the store and their return."""

from __future__ import annotations

from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli.audit import echo_discrepancies
from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.session import Session
from plan_assistant.domain.approval import WrongApproval
from plan_assistant.domain.audit import Report
from plan_assistant.wording.approvals import approval_fault_sentence
from plan_assistant.wording.words import Words, words


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace a file that is there already.")
@click.pass_obj
def backup(session: Session, file: Path, *, replace: bool) -> int:
    """Copy the store into FILE while others work on it; the copy is verified.

    Copying the store's file by other means may silently miss what was recorded last. Exit code 1
    when the record itself does not hold; the copy is kept all the same.
    """
    kept = bootstrap.back_up(session.store, file, replace=replace)
    say = words(session.language)
    click.echo(_kept_sentence(kept.path, kept.report.facts, say))
    if kept.report.holds:
        return _told_approvals(session)
    click.echo(say("The copy is whole, but the record in it does not hold:"), err=True)
    echo_discrepancies(kept.report, say)
    return ANSWER_IS_NO


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace the store; what it held is kept beside it.")
@click.pass_obj
def restore(session: Session, file: Path, *, replace: bool) -> int:
    """Put the backup FILE where the store is, or belongs.

    The backup is verified first, and nothing is touched unless it opens and holds. Without
    --replace it says how many facts of the present store the backup holds. A backup from before a
    case was purged is refused: it would make the case readable again. Everybody else has to close
    the program meanwhile.
    """
    clock = session.clock or bootstrap.system_clock()
    session.ring = session.ring or bootstrap.key_ring(session.store_url)
    done = bootstrap.restore(
        file, session.store_url, ring=session.ring, replace=replace, at=clock.now()
    )
    say = words(session.language)
    if isinstance(done, Report | WrongApproval):
        click.echo(say("The record in {file} does not hold; nothing was restored:", file=str(file)))
        if isinstance(done, Report):
            echo_discrepancies(done, say)
        else:
            click.echo(approval_fault_sentence(done, session.language), err=True)
        return ANSWER_IS_NO
    click.echo(_kept_sentence(done.path, done.report.facts, say))
    if done.aside is not None:
        click.echo(say("What was there before: {path}", path=str(done.aside)))
    if done.left_aside:
        click.echo(
            say.plural(
                "{count} fact that was recorded there is not in the backup.",
                "{count} facts that were recorded there are not in the backup.",
                done.left_aside,
            ),
            err=True,
        )
    session.tell_of_new_key()
    return FINE


def _kept_sentence(path: Path, facts: int, say: Words) -> str:
    """Say where a copy lies, and how much of the record is in it."""
    return say.plural("{path}: {count} fact.", "{path}: {count} facts.", facts, path=str(path))


def _told_approvals(session: Session) -> int:
    """Say which approval in the store its lead did not sign, if one is there."""
    wrong = bootstrap.wrong_approval(session.store)
    if wrong is None:
        return FINE
    click.echo(approval_fault_sentence(wrong, session.language), err=True)
    return ANSWER_IS_NO
