"""What happened to a case, from its record, in one sentence a line.

Not here: the trail of a call that is still going on (`widgets/situation.py`), and who sees free
texts masked (`services/at_hand.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from plan_assistant.domain.events import EventType
from plan_assistant.domain.personal import RevealReason
from plan_assistant.domain.record import TrailLine
from plan_assistant.domain.text import clean
from plan_assistant.wording import formats, terms
from plan_assistant.wording.follow_up import fact_sentence
from plan_assistant.wording.spoken_plan import spoken_plan
from plan_assistant.wording.words import Words, words

_LONGEST: Final = 400
"""As much as a screen takes of a sentence."""


def record_sentences(trail: Sequence[TrailLine], say: Words) -> list[str]:
    """Return the lines of a trail, newest first.

    The search that an offer came from is on the record beside it and has no line of its own.
    """
    return [
        say(
            "{time} {actor}: {what}",
            time=formats.moment(entry.at, say.language),
            actor=entry.actor,
            what=what_happened(entry, say.language),
        )
        for entry in reversed(trail)
        if entry.type is not EventType.OFFERS_SHOWN
    ]


def what_happened(entry: TrailLine, language: str) -> str:
    """Return what a line of a trail says, without when and by whom."""
    facts, say = entry.facts, words(language)
    reason = terms.return_reason(str(facts.get("reason")), language)
    said = {
        EventType.OFFER_SPOKEN: lambda: say(
            "offered {plan}", plan=spoken_plan(facts["plan"], language)
        ),
        EventType.OFFER_REFUSED: lambda: say(
            'offered {plan}, answer "{answer}"',
            plan=spoken_plan(facts["plan"], language),
            answer=terms.objection(str(facts["answer"]), language),
        ),
        EventType.DISCLOSURE_READ: lambda: say(
            "told: {what}", what=terms.disclosure(str(facts["disclosure"]), language)
        ),
        EventType.PLAN_RECORDED: lambda: say(
            "plan recorded, {number}", number=str(facts["number"])
        ),
        EventType.RETURNED: lambda: _with_sentence(
            say("returned: {reason}", reason=reason), entry, say
        ),
        EventType.DECLINED: lambda: _with_sentence(
            say("declined: {reason}", reason=reason), entry, say
        ),
        EventType.BORROWER_WAITS: lambda: (
            say("the borrower waits on the phone")
            if facts["waits"]
            else say("the borrower no longer waits")
        ),
        EventType.REVEALED: lambda: say(
            "personal data revealed: {reason}",
            reason=terms.reveal_reason(RevealReason(str(facts["reason"])), language),
        ),
        EventType.CALL_CLOSED: lambda: terms.call_closed(str(facts["outcome"]), language),
    }
    if entry.type in said:
        return said[entry.type]()
    return fact_sentence(entry.type, facts, language) or terms.event(entry.type, language)


def _with_sentence(told: str, entry: TrailLine, say: Words) -> str:
    """Return what is told of a decision, and the lead's own sentence where there is one."""
    sentence = str(entry.facts.get("sentence") or "")
    if not sentence:
        return told
    shown = clean(terms.personal(sentence, say.language), _LONGEST)
    return say('{what} "{sentence}"', what=told, sentence=shown)
