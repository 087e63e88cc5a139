"""What a collector records of a call, for scripts and screen readers: choose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click
from click.core import ParameterSource

from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.considering import debt, json_flag
from plan_assistant.cli.dials import dials, read_wishes
from plan_assistant.cli.joint_part import read_part, require_no_sharing, sharing
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import EventType, Json
from plan_assistant.domain.formats.agreement_file import agreement_fingerprint
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.joint import JointGap
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.personal_fields import with_masks
from plan_assistant.services import negotiate
from plan_assistant.services.at_hand import record_of
from plan_assistant.services.decide import note_borrower_waits
from plan_assistant.services.joint_part import Part
from plan_assistant.services.keys import new_key
from plan_assistant.wording import terms
from plan_assistant.wording.course import plan_course
from plan_assistant.wording.joint import gap_sentence, part_sentences, parts_left_sentences
from plan_assistant.wording.script import read_back
from plan_assistant.wording.words import words


@click.command()
@click.argument("case_id")
@click.option(
    "--plan", "number", type=click.IntRange(1, 5), default=1, show_default=True, help="Which offer."
)
@debt
@dials
@sharing
@click.option("--recording", metavar="REF", help="Reference of the call recording.")
@click.option(
    "--reason", metavar="CODE", help="Reason code where the plan needs a team lead's allowance."
)
@click.option("--note", default="", help="Free text for the record.")
@click.option(
    "--said-all",
    is_flag=True,
    help="I read every disclosure and every line of the read-back to the borrower.",
)
@click.option(
    "--waits",
    is_flag=True,
    help="The borrower waits on the phone for the team lead's answer: the request is LIVE.",
)
@json_flag
@click.pass_context
def choose(
    ctx: click.Context,
    case_id: str,
    number: int,
    debt_id: str | None,
    monthly: str | None,
    payments: int | None,
    down: str | None,
    due_day: int | None,
    first: datetime | None,
    method: str | None,
    recording: str | None,
    reason: str | None,
    note: str,
    *,
    flows_on: bool | None,
    said_all: bool,
    waits: bool,
    as_json: bool,
) -> int:
    """Record a plan that the borrower accepted; it then waits for a team lead.

    Without --said-all the lines to read are printed and nothing is recorded.
    """
    session = ctx.ensure_object(Session)
    desk, language = session.desk(), session.language
    state = negotiate.begin(desk, CaseId(case_id), DebtId(debt_id) if debt_id else None)
    part: Part | None = None
    if method is None:
        require_no_sharing(flows_on=flows_on)
        wishes = read_wishes(
            state.case.currency,
            state=state,
            monthly=monthly,
            payments=payments,
            down=down,
            due_day=due_day,
            first=first,
        )
        state, plan = _selected(state, wishes, number)
    else:
        is_number_given = ctx.get_parameter_source("number") is ParameterSource.COMMANDLINE
        found = read_part(
            desk,
            state,
            method,
            monthly=monthly,
            flows_on=flows_on,
            others={
                "--plan": number if is_number_given else None,
                "--payments": payments,
                "--down": down,
                "--due-day": due_day,
                "--first": first,
            },
        )
        if isinstance(found, JointGap):
            click.echo(gap_sentence(found, language, is_dialled=bool(monthly)), err=True)
            return ANSWER_IS_NO
        part, state, plan = found, found.state, found.plan
    lines = read_back(plan, state.case, state.case.language)
    if not said_all:
        for line in _sharing_lines(part, (), language):
            click.echo(line)
        for disclosure in state.disclosures_left:
            click.echo(f"[ ] {terms.disclosure(disclosure, language)}")
        for line in lines:
            click.echo(f"[ ] {line}")
        click.echo(
            words(language)("Nothing was recorded. Read these lines, then add --said-all."),
            err=True,
        )
        return ANSWER_IS_NO
    negotiate.require_agreeable(desk, state, recording=recording, reason_code=reason)
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    state = negotiate.mark_offered(desk, state)
    agreement = negotiate.agreement_of(
        desk, state, lines_read=lines, recording=recording, reason_code=reason, note=note
    )
    receipt = negotiate.record(desk, state, agreement, key=new_key())
    if waits:
        note_borrower_waits(
            desk,
            CaseId(case_id),
            fingerprint=agreement_fingerprint(agreement),
            waits=True,
            key=new_key(),
        )
    left = () if part is None else part.left(record_of(desk, state.case.case_id))
    if as_json:
        shown = with_masks(EventType.PLAN_RECORDED, agreement)
        told: dict[str, Json] = {"case_id": case_id, "version": receipt.version, "agreement": shown}
        echo_json(told if part is None else {**told, **_sharing_json(part, left)})
    else:
        lines_told = [
            words(language)(
                "Recorded {number}: {plan}, waiting for a team lead.",
                number=str(agreement["number"]),
                plan=f"{plan.total.currency.code} {plan_course(plan, language)}",
            ),
            *_sharing_lines(part, left, language),
        ]
        click.echo("\n".join(lines_told))
    return FINE


def _selected(state: Negotiation, wishes: Wishes, number: int) -> tuple[Negotiation, Plan]:
    """Return the call with one of its offers selected, by number, and that plan."""
    if wishes != Wishes():
        state = negotiate.what_if(state, wishes)
    state = state.selecting(number - 1)
    plan = state.plan
    if plan is None or number > len(state.offers.plans):
        raise TransitionRefused(
            "no_such_offer", number=str(number), offers=str(len(state.offers.plans))
        )
    return state, plan


def _sharing_lines(part: Part | None, left: Sequence[DebtId], language: str) -> list[str]:
    """Return which payment a plan is part of, and which parts are still to be chosen."""
    if part is None:
        return []
    own, named_in = part.plan.schedule, part.named_in
    told = part_sentences(part.joint, own, language, named_in=named_in)
    return [*told, *parts_left_sentences(left, language)]


def _sharing_json(part: Part, left: Sequence[DebtId]) -> dict[str, Json]:
    return {"named_in": part.named_in, "parts_left": list[Json](left)}
