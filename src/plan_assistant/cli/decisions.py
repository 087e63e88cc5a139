"""What a team lead does: pending, approve, return, decline; and a maker's cancel and waiting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Protocol

import click

from plan_assistant.cli.boundary import FINE, echo_left_out
from plan_assistant.cli.dials import dials, read_wishes
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.cli.table import table
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import EventType, Json, Receipt, RequestKey
from plan_assistant.domain.formats.agreement_file import short_code
from plan_assistant.domain.formats.notation import RATE_DECIMALS, exact
from plan_assistant.domain.formats.recorded_plan import recorded_figures
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.recorded_plan import RecordedPlan
from plan_assistant.domain.transitions import require_role
from plan_assistant.services import decide
from plan_assistant.services.at_hand import record_of
from plan_assistant.services.desk import Desk
from plan_assistant.services.keys import new_key
from plan_assistant.services.staff import signing_of
from plan_assistant.wording import formats
from plan_assistant.wording.course import recorded_changes, recorded_course
from plan_assistant.wording.words import words

_case = click.argument("case_id")
_code = click.option(
    "--code",
    required=True,
    metavar="CODE",
    help="Short code of the plan, as `pending` shows it: it says what was looked at.",
)
_reason = click.option(
    "--reason", required=True, metavar="CODE", help="Reason code of the policy pack."
)
_sentence = click.option("--sentence", default="", help="In your own words.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def pending(session: Session, *, as_json: bool) -> int:
    """Plans that wait for a team lead: borrowers on the phone first, then the oldest."""
    language, say = session.language, words(session.language)
    found = decide.pending_of(session.desk())
    waiting = found.lines
    echo_left_out(found.left_out, language)
    if as_json:
        body: list[Json] = [
            {
                "case_id": plan.case_id,
                "number": plan.number,
                "code": short_code(plan.fingerprint),
                "fingerprint": plan.fingerprint,
                "maker": plan.maker,
                "since": moment(plan.since),
                "live_since": moment(plan.live_since) if plan.live_since else None,
                "summary": _summary(plan.agreement),
                **_levers(plan.agreement),
                "rules": list(plan.needs_approval),
            }
            for plan in waiting
        ]
        echo_json(body)
        return FINE
    if not waiting:
        click.echo(say("Nothing waits for a decision."))
        return FINE
    heads = (
        say("Case"),
        say("Plan"),
        say("Code"),
        say("Recorded by"),
        say("Payments"),
        say("Changed"),
        say("Total to pay"),
        say("Since"),
        say("Rules to allow"),
    )
    lines = [
        (
            plan.case_id,
            plan.number,
            short_code(plan.fingerprint),
            plan.maker,
            recorded_course(recorded_figures(plan.agreement), language),
            "; ".join(recorded_changes(recorded_figures(plan.agreement), language)) or "-",
            str(_summary(plan.agreement)["total"]),
            _waited(plan, language),
            ", ".join(plan.needs_approval) or "-",
        )
        for plan in waiting
    ]
    click.echo(table([heads, *lines], right_from=len(heads)))
    return FINE


def _waited(plan: decide.PendingPlan, language: str) -> str:
    """Return since when a plan waits, and LIVE where a borrower is on the phone."""
    since = formats.moment(plan.live_since or plan.since, language)
    return words(language)("LIVE {since}", since=since) if plan.is_live else since


def _levers(agreement: Mapping[str, Json]) -> dict[str, Json]:
    """Return payments run by run and what changes beside them, for a program."""
    figures = recorded_figures(agreement)
    return {
        "runs": [{"count": count, "payment": amount.plain} for count, amount in figures.runs],
        "waived": figures.waived.plain,
        "capitalised": figures.capitalised.plain,
        "annual_rate": exact(figures.plan_rate, RATE_DECIMALS),
        "contract_rate": exact(figures.contract_rate, RATE_DECIMALS),
    }


def _summary(agreement: Mapping[str, Json]) -> dict[str, Json]:
    """Return the figures of the plan as they were recorded."""
    plan = agreement["plan"]
    summary = plan["summary"] if isinstance(plan, dict) else None
    assert isinstance(summary, dict)  # the store holds only agreements that were read back whole
    return summary


def _waiting(desk: Desk, case_id: str, code: str) -> tuple[RecordedPlan, int]:
    """Return the plan that waits and its case's version; refuse a plan nobody looked at."""
    record = record_of(desk, CaseId(case_id))
    plan = record.pending
    if plan is None:
        raise TransitionRefused("not_pending", case_id=case_id)
    if code.upper() not in {short_code(plan.fingerprint), plan.fingerprint.upper()}:
        raise TransitionRefused(
            "fingerprint_differs", given=code, waiting=short_code(plan.fingerprint)
        )
    return plan, record.version


def _decide(
    session: Session, case_id: str, code: str, act: Callable[[Desk, RecordedPlan, int], object]
) -> RecordedPlan:
    desk = session.desk()
    plan, version = _waiting(desk, case_id, code)
    act(desk, plan, version)
    return plan


@click.command()
@_case
@_code
@_sentence
@click.pass_obj
def approve(session: Session, case_id: str, code: str, sentence: str) -> int:
    """Approve a recorded plan; your password signs it.

    The plan is checked again under the rules of today.
    """

    def sign(desk: Desk, plan: RecordedPlan, version: int) -> None:
        # Who may not approve is told so, and not asked for a password that they may not have.
        require_role(desk.account, EventType.APPROVED)
        decide.approve(
            desk,
            CaseId(case_id),
            fingerprint=plan.fingerprint,
            version=version,
            key=new_key(),
            # The password that let this command in unlocks the key; nothing else was done with it.
            signing=signing_of(session.door, session.proof),
            sentence=sentence,
        )

    plan = _decide(session, case_id, code, sign)
    click.echo(words(session.language)("Approved: {number}.", number=plan.number))
    return FINE


class _Refusing(Protocol):
    """A service that sends a plan back or declines it."""

    def __call__(
        self,
        desk: Desk,
        case_id: CaseId,
        *,
        fingerprint: str,
        version: int,
        reason: str,
        key: RequestKey,
        sentence: str,
    ) -> Receipt: ...


def _refuse(
    session: Session, case_id: str, code: str, reason: str, sentence: str, act: _Refusing
) -> RecordedPlan:
    return _decide(
        session,
        case_id,
        code,
        lambda desk, plan, version: act(
            desk,
            CaseId(case_id),
            fingerprint=plan.fingerprint,
            version=version,
            reason=reason,
            key=new_key(),
            sentence=sentence,
        ),
    )


@click.command("return")
@_case
@_code
@_reason
@_sentence
@dials
@click.pass_obj
def return_(
    session: Session,
    case_id: str,
    code: str,
    reason: str,
    sentence: str,
    monthly: str | None,
    payments: int | None,
    down: str | None,
    due_day: int | None,
    first: datetime | None,
) -> int:
    """Return a recorded plan to its collector, with terms that you would grant if you name some.

    The borrower has to accept them; what they accept is recorded as a new plan.
    """
    desk = session.desk()
    waiting, _version = _waiting(desk, case_id, code)
    named = read_wishes(
        recorded_figures(waiting.agreement).waived.currency,
        monthly=monthly,
        payments=payments,
        down=down,
        due_day=due_day,
        first=first,
    )
    return_with_terms = partial(decide.return_plan, terms=None if named == Wishes() else named)
    plan = _refuse(session, case_id, code, reason, sentence, return_with_terms)
    click.echo(words(session.language)("Returned: {number}.", number=plan.number))
    return FINE


@click.command()
@_case
@_code
@_reason
@_sentence
@click.pass_obj
def decline(session: Session, case_id: str, code: str, reason: str, sentence: str) -> int:
    """Decline a recorded plan."""
    plan = _refuse(session, case_id, code, reason, sentence, decide.decline)
    click.echo(words(session.language)("Declined: {number}.", number=plan.number))
    return FINE


@click.command()
@_case
@_code
@_sentence
@click.pass_obj
def cancel(session: Session, case_id: str, code: str, sentence: str) -> int:
    """Take one's own recorded plan back; it stays in the record."""
    plan = _decide(
        session,
        case_id,
        code,
        lambda desk, plan, version: decide.cancel(
            desk,
            CaseId(case_id),
            fingerprint=plan.fingerprint,
            version=version,
            key=new_key(),
            sentence=sentence,
        ),
    )
    click.echo(words(session.language)("Taken back: {number}.", number=plan.number))
    return FINE


@click.command("waits")
@_case
@_code
@click.option("--no-longer", is_flag=True, help="The borrower no longer waits for the answer.")
@click.pass_obj
def waits(session: Session, case_id: str, code: str, *, no_longer: bool) -> int:
    """Note that the borrower waits on the phone: the request is LIVE and stands first.

    Said again it is recorded once.
    """
    desk, say = session.desk(), words(session.language)
    plan, _version = _waiting(desk, case_id, code)
    receipt = decide.note_borrower_waits(
        desk,
        CaseId(case_id),
        fingerprint=plan.fingerprint,
        waits=not no_longer,
        key=new_key(),
    )
    said = {
        (False, False): say("LIVE: {number}.", number=plan.number),
        (True, False): say("No longer LIVE: {number}.", number=plan.number),
        (False, True): say(
            "{number} is LIVE already. Nothing was recorded again.", number=plan.number
        ),
        (True, True): say("{number} is not LIVE. Nothing was recorded.", number=plan.number),
    }
    click.echo(said[no_longer, receipt.is_repeat])
    return FINE
