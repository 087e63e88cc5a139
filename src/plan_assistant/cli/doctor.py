"""`plan-assistant doctor`: what is wrong with the program and its store, and the way out."""

from __future__ import annotations

import click

from plan_assistant import bootstrap
from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.health import Check, State
from plan_assistant.wording.health import check_sentence
from plan_assistant.wording.words import words


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
@click.pass_obj
def doctor(session: Session, *, as_json: bool) -> int:
    """Versions, store, files, disk, clock and fonts: what is wrong, and the way out.

    Exit code 1 when something is wrong. Whether the record is what was recorded is another
    question: `plan-assistant audit verify`.
    """
    clock = session.clock or bootstrap.system_clock()
    checks = bootstrap.examine(session.store_url, clock)
    is_wrong = any(check.state is State.WRONG for check in checks)
    if as_json:
        echo_json({"is_fine": not is_wrong, "checks": [check.facts for check in checks]})
    else:
        for check in checks:
            click.echo(
                f"{_mark(check, session.language)} {check_sentence(check, session.language)}"
            )
    return ANSWER_IS_NO if is_wrong else FINE


def _mark(check: Check, language: str) -> str:
    say = words(language)
    match check.state:
        case State.WRONG:
            return say("WRONG")
        case State.NOTE:
            return say("NOTE ")
    return say("fine ")
