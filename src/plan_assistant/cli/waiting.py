"""Acts that wait on this machine because the store was away: list them, deliver them, decide."""

from __future__ import annotations

import click

from plan_assistant.cli.boundary import ANSWER_IS_NO, FAILURE, FINE
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Json, RequestKey
from plan_assistant.domain.waiting import DamagedRecord, WaitingAct
from plan_assistant.services import deliver as delivering
from plan_assistant.services.desk import Desk
from plan_assistant.wording.keeping import (
    act_line,
    damaged_line,
    deciding_sentence,
    delivered_sentence,
    reason_sentence,
    refused_sentence,
    waiting_sentence,
)
from plan_assistant.wording.problems import failure_sentence
from plan_assistant.wording.words import words

_json_flag = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document instead of lines."
)


@click.command()
@_json_flag
@click.pass_obj
def waiting(session: Session, *, as_json: bool) -> int:
    """Acts of calls that are not in the record yet, or that it has refused.

    They are read from this machine; the store need not be there. Exit code 1 when there are any.
    """
    content = session.journal.content()
    if as_json:
        echo_json(
            {
                "acts": [_act_json(one, session.language) for one in content.acts],
                "damaged": [_damaged_json(one) for one in content.damaged],
            }
        )
    else:
        click.echo("\n".join(_lines(content.acts, content.damaged, session.language)))
    return ANSWER_IS_NO if content.acts or content.damaged else FINE


@click.command()
@click.option("--again", metavar="ACT", help="Try a refused act again.")
@click.option("--discard", metavar="ACT", help="Give a refused act up, for good.")
@_json_flag
@click.pass_obj
def deliver(session: Session, again: str | None, discard: str | None, *, as_json: bool) -> int:
    """Deliver what you did while the store was away, in order and once.

    Exit code 0 when nothing is left, 1 when the record has refused something, 4 when the store
    still cannot take it. ACT is the beginning of a line of `plan-assistant waiting`.
    """
    if again is not None and discard is not None:
        said = words(session.language)("--again and --discard: give one of them.")
        raise click.UsageError(said)
    desk, language = session.desk(delivers=False), session.language
    if discard is not None:
        given_up = delivering.discard(desk, _named(desk, discard))
        if not as_json:
            click.echo(
                words(language)("Given up: {act}", act=act_line(given_up.act, language)), err=True
            )
    delivery = (
        delivering.deliver(desk)
        if again is None
        else delivering.send_again(desk, _named(desk, again))
    )
    left = delivery.left
    if as_json:
        echo_json(
            {
                "delivered": [
                    {
                        "key": one.act.key,
                        "case_id": one.receipt.case_id,
                        "version": one.receipt.version,
                        "is_repeat": one.receipt.is_repeat,
                    }
                    for one in delivery.delivered
                ],
                "refused": [_act_json(one, language) for one in left.refused],
                "waiting": left.waiting,
                "of_others": left.of_others,
                "damaged": left.damaged,
            }
        )
    else:
        if delivery.delivered:
            click.echo(delivered_sentence(len(delivery.delivered), language))
        for one in left.refused:
            click.echo(f"{one.act.short_key}  {refused_sentence(one, language)}")
        if left.of_others:
            click.echo(waiting_sentence(left.of_others, language))
        if not (delivery.delivered or left.refused or left.waiting or left.of_others):
            click.echo(_nothing(language))
    if delivery.failure is not None:
        click.echo(failure_sentence(delivery.failure, language), err=True)
        click.echo(waiting_sentence(left.waiting, language), err=True)
        return FAILURE
    return ANSWER_IS_NO if left.refused else FINE


def _named(desk: Desk, beginning: str) -> RequestKey:
    """Return the key of the one refused act that begins so."""
    found = [
        one.act.key
        for one in delivering.unsaved(desk).refused
        if one.act.key.startswith(beginning.strip())
    ]
    if len(found) != 1 or not beginning.strip():
        raise TransitionRefused("no_such_refused_act", key=beginning)
    return found[0]


def _lines(
    acts: tuple[WaitingAct, ...], damaged: tuple[DamagedRecord, ...], language: str
) -> list[str]:
    say = words(language)
    lines = []
    for one in acts:
        state = say("refused") if one.refusal else say("waits")
        lines.append(f"{one.act.short_key}  {state}  {act_line(one.act, language)}")
        if one.refusal is not None:
            lines.append(f"          {reason_sentence(one, language)}")
    lines += [damaged_line(one, language) for one in damaged]
    if any(one.refusal for one in acts):
        lines.append(deciding_sentence(language))
    return lines or [_nothing(language)]


def _nothing(language: str) -> str:
    return words(language)("Nothing waits on this machine: all is in the record.")


def _act_json(one: WaitingAct, language: str) -> dict[str, Json]:
    refusal: Json = None
    if one.refusal is not None:
        refusal = {"code": one.refusal.kind, "sentence": reason_sentence(one, language)}
    return {
        "key": one.act.key,
        "case_id": one.act.case_id,
        "act": one.act.kind.value,
        "by": one.act.account.name,
        "at": moment(one.act.at),
        "state": "refused" if one.refusal else "waiting",
        "refusal": refusal,
    }


def _damaged_json(one: DamagedRecord) -> dict[str, Json]:
    return {"line": one.line, "place": one.place, "master_key_id": one.key_id}
