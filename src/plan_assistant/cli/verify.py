"""Checks an exported evidence file without any store."""

from __future__ import annotations

from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.session import Session
from plan_assistant.services.verify import verify as check
from plan_assistant.wording.words import words


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def verify(session: Session, file: Path) -> int:
    """Check an exported JSON file: its hashes, and every figure computed again.

    Exit code 1 when something does not hold; the first line names the first differing cell.
    """
    say = words(session.language)
    problems = check(bootstrap.read_json(file), bootstrap.calendars(), bootstrap.approval_keys())
    for problem in problems:
        click.echo(str(problem))
    if problems:
        return ANSWER_IS_NO
    click.echo(say("{file} holds: hashes, approval and every figure.", file=file.name))
    return FINE
