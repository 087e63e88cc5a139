"""Checks an exported evidence file without any store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from plan_assistant import bootstrap
from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.session import Session
from plan_assistant.domain.evidence import ApprovalStanding, signed_with, standing_of
from plan_assistant.services.verify import verify as check
from plan_assistant.wording.problems import problem_at
from plan_assistant.wording.words import Words, words

if TYPE_CHECKING:
    from plan_assistant.domain.events import Json


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def verify(session: Session, file: Path) -> int:
    """Check an exported JSON file: its hashes, its approval, and every figure computed again.

    Whose key signed the approval, only the registry of approval keys says: compare the key that is
    named. A draft has no approval, and is called one.

    Exit code 1 when something does not hold; the first line names the first differing cell.
    """
    say = words(session.language)
    proof = bootstrap.read_json(file)
    problems = check(proof, bootstrap.calendars(), bootstrap.approval_keys())
    for problem in problems:
        click.echo(problem_at(problem, session.language))
    if problems:
        return ANSWER_IS_NO
    # A file in which nothing is wrong is an object.
    click.echo(_holds(cast("dict[str, Json]", proof), file.name, say))
    return FINE


def _holds(proof: dict[str, Json], name: str, say: Words) -> str:
    match standing_of(proof):
        case ApprovalStanding.NONE:
            return say(
                "{file} is a draft: nobody has approved this plan. Its hashes and every figure "
                "hold.",
                file=name,
            )
        case ApprovalStanding.UNSIGNED:
            return say(
                "{file} holds: hashes and every figure. Its approval is of the time before "
                "approvals were signed: whether it was given, only the record can say.",
                file=name,
            )
        case ApprovalStanding.SIGNED:
            return say(
                "{file} holds: hashes, every figure, and the signature under the approval. It was "
                "made with the key {key}; whose key that is, the registry of approval keys says.",
                file=name,
                key=signed_with(proof),
            )
