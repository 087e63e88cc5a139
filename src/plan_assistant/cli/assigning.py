"""Cases given to agency collectors."""

from __future__ import annotations

import click

from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.session import Session
from plan_assistant.domain.case import CaseId
from plan_assistant.services.assign import assign as assign_case
from plan_assistant.services.at_hand import record_of
from plan_assistant.services.keys import new_key
from plan_assistant.wording.words import words


@click.command()
@click.argument("case_id")
@click.argument("agent", metavar="NAME", required=False)
@click.option("--back", is_flag=True, help="Take the case back instead.")
@click.pass_obj
def assign(session: Session, case_id: str, agent: str | None, *, back: bool) -> int:
    """Give a case to the agency collector NAME, or take it back. A team lead's act.

    An agency collector sees no other case. The team goes on seeing it.
    """
    if back == (agent is not None):
        raise click.UsageError("name an agency collector, or say --back; not both")
    desk, say = session.desk(), words(session.language)
    record = record_of(desk, CaseId(case_id))
    assign_case(desk, record.case_id, agent, version=record.version, key=new_key())
    click.echo(
        say("Case {case_id} was taken back.", case_id=record.case_id)
        if agent is None
        else say("Case {case_id} is given to {name}.", case_id=record.case_id, name=agent)
    )
    return FINE
