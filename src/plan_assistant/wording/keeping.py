"""Sentences about acts that wait on this machine because the store was away.

Not here: why the record refuses something (`problems.py`).
"""

from __future__ import annotations

from plan_assistant.domain.errors import PlanNotSent
from plan_assistant.domain.waiting import Act, DamagedRecord, WaitingAct, error_of
from plan_assistant.wording import formats, terms
from plan_assistant.wording.problems import away_words, failure_sentence
from plan_assistant.wording.words import words


def delivered_sentence(count: int, language: str) -> str:
    """Say that what waited is in the record."""
    return words(language).plural(
        "The store is back: {count} act that waited on this machine is in the record now.",
        "The store is back: {count} acts that waited on this machine are in the record now.",
        count,
    )


def waiting_sentence(count: int, language: str) -> str:
    """Say that something waits here, where the store cannot even be opened."""
    return words(language).plural(
        "{count} act waits on this machine. It is delivered when the store is back and the person "
        "who did it is signed in.",
        "{count} acts wait on this machine. They are delivered when the store is back and the "
        "people who did them are signed in.",
        count,
    )


def not_sent_short(refused: PlanNotSent, language: str) -> str:
    """Say in two lines that a plan reached no lead; the whole sentence has the way on."""
    return words(language)(
        "{number} was NOT sent to the team lead: {why}. It is kept here. Enter closes.",
        number=refused.detail["number"],
        why=away_words(refused.detail["why"], language),
    )


def refused_sentence(one: WaitingAct, language: str) -> str:
    """Say that the record does not take an act, why, and where it is now."""
    return words(language)(
        "Not recorded, case {case_id}: {act} of {at}. {reason} It stays on this machine until you "
        "decide: plan-assistant waiting",
        case_id=one.act.case_id,
        act=terms.event(one.act.kind, language),
        at=formats.moment(one.act.at, language),
        reason=reason_sentence(one, language),
    )


def reason_sentence(one: WaitingAct, language: str) -> str:
    """Return why the record does not take an act."""
    assert one.refusal is not None  # it was refused
    return failure_sentence(error_of(one.refusal), language)


def deciding_sentence(language: str) -> str:
    """Say how a person decides on what was refused."""
    return words(language)(
        "Look at the case, then decide: plan-assistant deliver --again ACT tries once more, "
        "deliver --discard ACT gives it up."
    )


def act_line(act: Act, language: str) -> str:
    """Return an act in one line, with nothing of the borrower but the number of the case."""
    return words(language)(
        "{at}  {who}  case {case_id}  {act}",
        at=formats.moment(act.at, language),
        who=f"{act.account.display_name} ({act.account.name})",
        case_id=act.case_id,
        act=terms.event(act.kind, language),
    )


def damaged_line(one: DamagedRecord, language: str) -> str:
    """Return which record cannot be read, and what to do."""
    say = words(language)
    if one.key_id is not None:
        return say(
            "Record {line} of {place} needs the master key {key_id}, which is not here. Put it "
            "back, then deliver.",
            line=one.line,
            place=one.place,
            key_id=one.key_id,
        )
    return say(
        "Record {line} of {place} is damaged and cannot be read. It is kept there; write down "
        "what you remember of it, then delete that file.",
        line=one.line,
        place=one.place,
    )
