"""The willingness score in sentences, each part with its reason.

Not here: how it is scored (`domain/willingness.py`).
"""

from __future__ import annotations

from plan_assistant.domain.willingness import (
    DAYS_LOOKED_BACK,
    Outlook,
    Quadrant,
    ScorePart,
    Sign,
)
from plan_assistant.wording import formats
from plan_assistant.wording.words import Words, message, words

_QUADRANT = {
    Quadrant.CAN_WILL: message("Can pay and wants to: suggested are installments, a short plan."),
    Quadrant.CAN_WONT: message(
        "Can pay but does not seem to want to: suggested are a formal notice, an incentive, and "
        "being ready for legal steps."
    ),
    Quadrant.CANNOT_WILL: message(
        "Wants to pay but cannot: suggested are a long plan, an interest freeze or a deferral, on "
        "a card the installment agreement of Art. 70."
    ),
    Quadrant.CANNOT_WONT: message(
        "Cannot pay and does not seem to want to: suggested are staying in touch, care for their "
        "wellbeing, a settlement or the team lead."
    ),
}


_UNKNOWN = {
    Sign.CONTACT: message("not tried in the last {days} days."),
    Sign.PROMISES: message("no promise fell due so far."),
    Sign.EVIDENCE: message("no hardship was named, so there is nothing to show."),
}


def outlook_sentences(outlook: Outlook, language: str) -> list[str]:
    """Return the willingness score part by part, the quadrant, and that a person decides."""
    say, score = words(language), outlook.score
    said = [
        say(
            "{points} of {known} points; {unknown} points are not known.",
            points=score.points,
            known=score.known,
            unknown=100 - score.known,
        )
        if score.known < 100
        else say("{points} of 100 points.", points=score.points)
    ]
    said += [_part_sentence(part, say) for part in score.parts]
    said.append(_can_sentence(outlook, say))
    said.append(
        say("Too little is known to say whether they want to pay.")
        if outlook.quadrant is None
        else say(_QUADRANT[outlook.quadrant])
    )
    said.append(say("The score only sorts what is known: a person decides."))
    return said


def _part_sentence(part: ScorePart, say: Words) -> str:
    reason = _reason(part, say)
    if part.points is None:
        return say("- of {most}: {reason}", most=part.sign.most, reason=reason)
    return say(
        "{points} of {most}: {reason}", points=part.points, most=part.sign.most, reason=reason
    )


def _reason(part: ScorePart, say: Words) -> str:
    if part.sign is Sign.PROPOSAL and part.count:
        return say("made a proposal of their own.")
    return _counted(part, say) if part.whole else say(_UNKNOWN[part.sign], days=DAYS_LOOKED_BACK)


def _counted(part: ScorePart, say: Words) -> str:
    match part.sign:
        case Sign.CONTACT:
            return say.plural(
                "reached in {part} of {count} attempt of the last {days} days.",
                "reached in {part} of {count} attempts of the last {days} days.",
                part.whole,
                part=part.count,
                days=DAYS_LOOKED_BACK,
            )
        case Sign.PROMISES:
            return say.plural(
                "kept {part} of {count} promise.",
                "kept {part} of {count} promises.",
                part.whole,
                part=part.count,
            )
        case Sign.PAYMENTS:
            return say(
                "paid in {count} of {whole} thirds of the last {days} days.",
                count=part.count,
                whole=part.whole,
                days=DAYS_LOOKED_BACK,
            )
        case Sign.EVIDENCE:
            return say.plural(
                "evidence for {part} of {count} hardship named.",
                "evidence for {part} of {count} hardships named.",
                part.whole,
                part=part.count,
            )
        case Sign.PROPOSAL:
            return say("made no proposal of their own yet.")


def _can_sentence(outlook: Outlook, say: Words) -> str:
    affordable = formats.money(outlook.affordable, say.language)
    if not outlook.asked:
        return (
            say("{affordable} a month is affordable.", affordable=affordable)
            if outlook.can_pay
            else say("Nothing is affordable at present.")
        )
    asked = formats.money(outlook.asked, say.language)
    return (
        say(
            "The {affordable} affordable covers the {asked} that the contracts ask.",
            affordable=affordable,
            asked=asked,
        )
        if outlook.can_pay
        else say(
            "The {affordable} affordable does not cover the {asked} that the contracts ask.",
            affordable=affordable,
            asked=asked,
        )
    )
