"""Personal data on the command line: find whose case it is, reveal it, erase it."""

from __future__ import annotations

import sys
from collections.abc import Collection

import click

from plan_assistant.cli.boundary import ANSWER_IS_NO, FAILURE, FINE, echo_left_out
from plan_assistant.cli.cases import echo_queue
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.cli.table import table
from plan_assistant.domain.case import CaseId, Person
from plan_assistant.domain.errors import PlanAssistantError, StaleCase, TransitionRefused
from plan_assistant.domain.events import Json
from plan_assistant.domain.personal import Personal, RevealReason
from plan_assistant.domain.retention import LONGEST_RETENTION_YEARS, SHORTEST_RETENTION_YEARS
from plan_assistant.domain.text import clean
from plan_assistant.ports import Lookup
from plan_assistant.services.find import find_cases
from plan_assistant.services.keys import new_key
from plan_assistant.services.purge import (
    ExpiredCase,
    UndecidedCase,
    expired_cases,
    purge_case,
    require_purgeable,
)
from plan_assistant.services.reveal import reveal as reveal_case
from plan_assistant.wording import formats
from plan_assistant.wording.problems import failure_sentence, problem_lines
from plan_assistant.wording.words import Words, words

_LONGEST = 4000


@click.command()
@click.argument(
    "by", metavar="name|id-number|phone", type=click.Choice(["name", "id-number", "phone"])
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def find(session: Session, by: str, *, as_json: bool) -> int:
    """The cases of a borrower. The name or number is asked for, or read from stdin.

    It is never part of the command, which others can see and the shell remembers. Blanks, signs and
    full-width digits do not matter, nor do the country code of a phone and the check digit of a
    Chinese ID number.
    """
    desk = session.desk()  # whoever works here may find
    lookup = Lookup(by.replace("-", "_"))
    found = find_cases(desk, lookup, _asked(lookup, session.language))
    echo_left_out(found.left_out, session.language)
    rows = found.lines
    if not rows and not as_json:
        if found.left_out:
            return ANSWER_IS_NO
        click.echo(words(session.language)("No case of that borrower is in this store."))
        return ANSWER_IS_NO
    today = desk.clock.now().date()
    echo_queue(rows, session.language, today=today, as_json=as_json)
    return FINE if rows else ANSWER_IS_NO


def _asked(by: Lookup, language: str) -> str:
    say = words(language)
    if not sys.stdin.isatty():
        return sys.stdin.readline(_LONGEST).strip()
    names = {
        Lookup.NAME: say("Name"),
        Lookup.ID_NUMBER: say("ID number"),
        Lookup.PHONE: say("Phone"),
    }
    return str(click.prompt(names[by], err=True)).strip()


@click.command()
@click.argument("case_id")
@click.option(
    "--reason",
    required=True,
    type=click.Choice([reason.value for reason in RevealReason]),
    help="What you need it for; `other` wants a sentence.",
)
@click.option("--sentence", default="", help="In your own words.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def reveal(session: Session, case_id: str, reason: str, sentence: str, *, as_json: bool) -> int:
    """Who a case is about, unmasked. That you looked, and why, is recorded first."""
    case = reveal_case(
        session.desk(), CaseId(case_id), RevealReason(reason), sentence=sentence, key=new_key()
    )
    if as_json:
        echo_json({"case_id": case.case_id, **_json(case.borrower), "note": case.note.revealed})
        return FINE
    say = words(session.language)
    person = case.borrower
    rows = [
        (say("Name"), person.name),
        (say("ID number"), person.id_number),
        (say("Phone"), person.phone),
        (say("Address"), person.address),
        (say("Note"), case.note),
    ]
    lines = [(head, _shown(text)) for head, text in rows if text]
    click.echo(table(lines, right_from=2))
    return FINE


def _shown(text: Personal | None) -> str:
    return "" if text is None else clean(text.revealed, _LONGEST)


def _json(person: Person) -> dict[str, Json]:
    fields = {
        "name": person.name,
        "id_number": person.id_number,
        "phone": person.phone,
        "address": person.address,
    }
    return {name: text.revealed if text else None for name, text in fields.items()}


@click.command()
@click.argument("case_ids", metavar="[CASE_ID]...", nargs=-1)
@click.option(
    "--years",
    type=click.IntRange(SHORTEST_RETENTION_YEARS, LONGEST_RETENTION_YEARS),
    help="Kept so many years after the end of a case, no fewer than its policy pack says; default: "
    "what that says.",
)
@click.option("--yes", is_flag=True, help="Erase. Without it the cases are only listed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_obj
def purge(
    session: Session, case_ids: tuple[str, ...], years: int | None, *, yes: bool, as_json: bool
) -> int:
    """Erase the personal data of cases that are kept long enough: all of them, or those named.

    The key of each case is destroyed, and nothing opens its names, numbers and notes again. What
    was decided, the figures and the hashes stay. Without --yes the cases are only listed. Copies
    of the store that were made before still hold the keys: destroy them, too, or put the store
    under another master key and destroy the old one.
    """
    desk, store, say = session.desk(), session.store, words(session.language)
    found = expired_cases(desk, store, retention_years=years, among=case_ids)
    chosen, undecided = list(found.lines), list(found.undecided)
    for case_id in dict.fromkeys(case_ids):
        if all(case.case_id != case_id for case in undecided):
            require_purgeable(desk, store, CaseId(case_id), retention_years=years)
    left_out = () if case_ids else found.left_out
    echo_left_out(left_out, session.language)
    erasable = [case for case in chosen if case.is_erasable]
    kept: list[PlanAssistantError] = []
    erased: list[CaseId] = []
    if yes:
        for case in erasable:
            try:
                purge_case(desk, store, case.case_id, key=new_key(), retention_years=years)
            except (TransitionRefused, StaleCase) as refusal:
                # A database goes by its own clock, and somebody may have gone on with a case; the
                # other cases do not wait for that.
                kept.append(refusal)
            else:
                erased.append(case.case_id)
    is_clean = store.scrub() if yes else True
    if as_json:
        echo_json(
            {
                "erased": yes,
                "cases": [_expired_json(case, erased) for case in chosen],
                "undecided": [_undecided_json(case) for case in undecided],
            }
        )
    else:
        _tell(session.language, chosen, erased=len(erased) if yes else None)
    for why in kept:
        click.echo(failure_sentence(why, session.language), err=True)
    _tell_undecided(session.language, undecided)
    if yes and erased and store.login is not None:
        click.echo(
            say(
                "The database server keeps old rows until they are vacuumed, and its log and "
                "copies for as long as they are kept. Have whoever looks after it run: vacuum "
                "plan_assistant.case_key, plan_assistant.person_index"
            ),
            err=True,
        )
    if not is_clean:
        click.echo(
            say(
                "The log of the store is in use by another program and may still hold the keys. "
                "Close the other programs, then run this command again."
            ),
            err=True,
        )
        return FAILURE
    is_whole = not (left_out or undecided or kept) and len(erasable) == len(chosen)
    return FINE if is_whole else ANSWER_IS_NO


def _tell(language: str, chosen: list[ExpiredCase], *, erased: int | None) -> None:
    say = words(language)
    if not chosen:
        click.echo(say("No case is kept long enough to be erased."))
        return
    heads = (say("Case"), say("Ended"), say("Kept until"), "")
    lines = [
        (
            case.case_id,
            formats.day(case.ended, language),
            formats.day(case.kept_until, language),
            _in_the_way(case, say),
        )
        for case in chosen
    ]
    click.echo(table([heads, *lines], right_from=4))
    if erased is None:
        click.echo(say("Nothing was erased. Add --yes to erase."), err=True)
    else:
        click.echo(say.plural("{count} case was erased.", "{count} cases were erased.", erased))


def _tell_undecided(language: str, cases: list[UndecidedCase]) -> None:
    """Write on stderr which cases were left alone, and why nobody can say how long to keep them."""
    for case in cases:
        sentence = words(language)(
            "Case {case_id} was left as it is: no policy pack says how long it is kept. Put its "
            "pack back, or give the period with --years.",
            case_id=case.case_id,
        )
        _refused, *problems = problem_lines(case.why, language)
        click.echo("\n".join([sentence, *problems]), err=True)


def _undecided_json(case: UndecidedCase) -> dict[str, Json]:
    return {"case_id": case.case_id, "problems": [each.sentence for each in case.why.problems]}


def _in_the_way(case: ExpiredCase, say: Words) -> str:
    if case.is_in_clear:
        return say("recorded in plain text: cannot be erased")
    return say("still open: close it first") if case.is_open else ""


def _expired_json(case: ExpiredCase, erased: Collection[CaseId]) -> dict[str, Json]:
    return {
        "case_id": case.case_id,
        "ended": case.ended.isoformat(),
        "kept_until": case.kept_until.isoformat(),
        "retention_years": case.retention_years,
        "in_clear": case.is_in_clear,
        "open": case.is_open,
        "erased": case.case_id in erased,
    }
