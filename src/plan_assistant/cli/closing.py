"""The end of a call, for scripts and screen readers: close."""

from __future__ import annotations

import click

from plan_assistant.cli.boundary import FAILURE, FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.call_outcome import CallOutcome, outcomes
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import Json
from plan_assistant.services.at_hand import record_of
from plan_assistant.services.closing import Closed, close_call
from plan_assistant.wording import terms
from plan_assistant.wording.words import words


@click.command()
@click.argument("case_id")
@click.option(
    "--outcome",
    required=True,
    metavar="OUTCOME",
    help=f"How it ended: {', '.join(outcomes(is_planned=False))}; {CallOutcome.AGREED} where you"
    " recorded a plan in it.",
)
@click.option(
    "--call",
    metavar="ID",
    help="Your own id of the call, such as that of the telephone system: the same one is recorded"
    " once.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def close(session: Session, case_id: str, outcome: str, call: str | None, *, as_json: bool) -> int:
    """Close a call with how it ended; without a plan the case is closed.

    A plan that waits or was decided stays as it is, and the case with it. The same outcome again on
    the same day, with nothing done in between, is the same call and recorded once: name another one
    with --call.
    """
    desk = session.desk()
    closed = close_call(desk, CaseId(case_id), outcome, call=call)
    receipt = closed.receipt
    if receipt is None:
        return _tell_kept(session.language, case_id, closed, as_json=as_json)
    status = record_of(desk, receipt.case_id).status.value
    if as_json:
        echo_json(_json(case_id, closed, status))
        return FINE
    say, ended = words(session.language), terms.call_outcome(closed.outcome, session.language)
    if receipt.is_repeat:
        said = say(
            "The end of this call about case {case_id} was recorded before: {outcome}. Nothing was "
            "added; name another call with --call.",
            case_id=case_id,
            outcome=ended,
        )
    else:
        said = say("Call about case {case_id} closed: {outcome}.", case_id=case_id, outcome=ended)
    click.echo(said)
    click.echo(say("The case stands at: {status}.", status=terms.status(status, session.language)))
    return FINE


def _tell_kept(language: str, case_id: str, closed: Closed, *, as_json: bool) -> int:
    """Say that the store took nothing yet."""
    if as_json:
        echo_json(_json(case_id, closed, None))
    said = words(language)(
        "NOT recorded yet: how the call about case {case_id} ended ({outcome}) is kept on this "
        "machine. It goes into the record, once, when the store is back: plan-assistant deliver",
        case_id=case_id,
        outcome=terms.call_outcome(closed.outcome, language),
    )
    click.echo(said, err=True)
    return FAILURE


def _json(case_id: str, closed: Closed, status: str | None) -> dict[str, Json]:
    receipt = closed.receipt
    return {
        "case_id": case_id,
        "outcome": closed.outcome.value,
        "is_recorded": receipt is not None,
        "is_repeat": receipt is not None and receipt.is_repeat,
        "version": None if receipt is None else receipt.version,
        "status": status,
    }
