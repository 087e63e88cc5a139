"""Past decisions of a store under another policy pack: how many would change, which, and why."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from plan_assistant.cli.boundary import FAILURE, FINE, echo_left_out
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.errors import CaseUnreadable
from plan_assistant.wording import terms
from plan_assistant.wording.findings import finding_sentence
from plan_assistant.wording.words import Words, message, words

if TYPE_CHECKING:
    from plan_assistant.domain.events import Json
    from plan_assistant.domain.policy.pack import PolicyPack
    from plan_assistant.services.replay import OutOfScope, Replayed

_STANDING = {
    "alone": message("within the collector's authority"),
    "lead": message("needs the team lead"),
    "nobody": message("may not be offered"),
}


@dataclass
class _Result:
    """What was run so far: an interrupted run still answers for the part that is done."""

    replayed: list[Replayed] = field(default_factory=list)
    out_of_scope: list[OutOfScope] = field(default_factory=list)
    left_out: list[CaseUnreadable] = field(default_factory=list)
    """Why each case that cannot be read was not looked at."""
    cases: int = 0
    cases_done: int = 0

    @property
    def is_complete(self) -> bool:
        return self.cases_done == self.cases

    @property
    def changed(self) -> list[Replayed]:
        return [one for one in self.replayed if one.is_changed]


@click.command()
@click.option("--against", required=True, metavar="NAME|FILE", help="The pack to run them under.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def replay(session: Session, against: str, *, as_json: bool) -> int:
    """Past decisions of the store under another pack: how many would change, which, and why.

    An agency collector sees the cases assigned to them. Nothing is written. Interrupted with Ctrl-C
    it prints what is done so far.
    """
    from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

    pack = bootstrap.policies(None, session.policies_folder).named(against)
    result = _run(session, pack)
    echo_left_out(result.left_out, session.language)
    if as_json:
        echo_json(_json(pack, result))
    else:
        click.echo("\n".join(_lines(pack, result, session.language)))
    return FINE if result.is_complete else FAILURE


def _run(session: Session, pack: PolicyPack) -> _Result:
    from plan_assistant.services.replay import (  # noqa: PLC0415  # opens cases
        Replayed,
        replay_case,
        replayable,
    )

    # Nothing is written here, not even what waits in the journal.
    desk = session.desk(delivers=False)
    at_hand = replayable(desk)
    result = _Result(cases=len(at_hand.lines), left_out=list(at_hand.left_out))
    label = words(session.language)("Past decisions")
    try:
        with click.progressbar(at_hand.lines, label=label, file=sys.stderr) as bar:
            for case_id in bar:
                try:
                    found = list(replay_case(desk.store, desk.calendars, case_id, pack))
                except CaseUnreadable as unreadable:
                    result.left_out.append(unreadable)
                    found = []
                for one in found:
                    if isinstance(one, Replayed):
                        result.replayed.append(one)
                    else:
                        result.out_of_scope.append(one)
                result.cases_done += 1
    except KeyboardInterrupt:
        click.echo(err=True)
    return result


def _json(pack: PolicyPack, result: _Result) -> dict[str, Json]:
    from plan_assistant.domain.formats.plan_file import written_findings  # noqa: PLC0415  # only here
    from plan_assistant.domain.policy.values import written  # noqa: PLC0415  # only for JSON

    return {
        "pack": pack.pack,
        "version": pack.version,
        "sha256": pack.sha256,
        "is_complete": result.is_complete,
        "cases": result.cases,
        "cases_done": result.cases_done,
        "left_out": [unreadable.case_id for unreadable in result.left_out],
        "decisions": len(result.replayed),
        "not_for_this_pack": len(result.out_of_scope),
        "would_change": len(result.changed),
        "changes": [
            {
                "case_id": one.case_id,
                "number": one.number,
                "decided": one.decided.value if one.decided else None,
                "policy": one.policy,
                "before": one.before.value,
                "after": one.after.value,
                "new": written_findings(one.new),
                "gone": list(one.gone),
                "closed": [
                    {
                        "lever": each.name,
                        "limit": written(each.limit),
                        "actual": written(each.actual),
                    }
                    for each in one.closed
                ],
            }
            for one in result.changed
        ],
    }


def _lines(pack: PolicyPack, result: _Result, language: str) -> list[str]:
    say = words(language)
    lines = []
    if not result.is_complete:
        lines.append(
            say(
                "Stopped after case {done} of {count}; the rest was not looked at.",
                done=result.cases_done,
                count=result.cases,
            )
        )
    lines.append(
        say(
            "Recorded decisions that would change under {pack} {version}: {changed} of {count}.",
            changed=len(result.changed),
            count=len(result.replayed),
            pack=pack.pack,
            version=pack.version,
        )
    )
    if result.out_of_scope:
        lines.append(
            say.plural(
                "{count} more is about a debt that this pack is not made for.",
                "{count} more are about debts that this pack is not made for.",
                len(result.out_of_scope),
            )
        )
    for one in result.changed:
        lines += ["", *_change_lines(one, say)]
    return lines


def _change_lines(one: Replayed, say: Words) -> list[str]:
    from plan_assistant.wording.policies import closed_lever_sentence  # noqa: PLC0415  # pydantic models

    decided = terms.event(one.decided, say.language) if one.decided else say("still waiting")
    lines = [
        say(
            "{case_id} {number} ({decided}, under {policy}): {before} -> {after}",
            case_id=one.case_id,
            number=one.number,
            decided=decided,
            policy=one.policy,
            before=say(_STANDING[one.before.value]),
            after=say(_STANDING[one.after.value]),
        )
    ]
    lines += [f"  + {closed_lever_sentence(each, say.language)}" for each in one.closed]
    lines += [f"  + {finding_sentence(finding, say.language)}" for finding in one.new]
    if one.gone:
        lines.append("  - " + say("No longer asked: {rules}.", rules=", ".join(one.gone)))
    return lines
