"""What happened to a case, from its record, in one sentence a line.

Not here: the trail of a call that is still going on (`widgets/situation.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import cast

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.events import EventType, Json
from plan_assistant.domain.money import Currency
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.record import TrailLine
from plan_assistant.domain.schedule.terms import ArrearsTreatment
from plan_assistant.ui.outcomes import outcome_name
from plan_assistant.wording import formats, terms
from plan_assistant.wording.course import changes, course, first_to_last
from plan_assistant.wording.words import Words, message

_PLAIN = {
    EventType.CASE_OPENED: message("case opened"),
    EventType.BUDGET_CHANGED: message("budget corrected"),
    EventType.OFFERS_SHOWN: message("offers shown"),
    EventType.APPROVED: message("approved"),
    EventType.CANCELLED: message("taken back by its maker"),
    EventType.EXPORTED: message("documents written"),
}


def record_sentences(trail: Sequence[TrailLine], say: Words) -> list[str]:
    """Return the lines of a trail, newest first."""
    return [
        say(
            "{time} {actor}: {what}",
            time=formats.moment(entry.at, say.language),
            actor=entry.actor,
            what=_what(entry, say),
        )
        for entry in reversed(trail)
    ]


def _what(entry: TrailLine, say: Words) -> str:
    facts, language = entry.facts, say.language
    reason = terms.return_reason(str(facts.get("reason")), language)
    said = {
        EventType.OFFER_SPOKEN: lambda: say("offered {plan}", plan=_plan(facts["plan"], say)),
        EventType.OFFER_REFUSED: lambda: say(
            'offered {plan}, answer "{answer}"',
            plan=_plan(facts["plan"], say),
            answer=terms.objection(str(facts["answer"]), language),
        ),
        EventType.DISCLOSURE_READ: lambda: say(
            "told: {what}", what=terms.disclosure(str(facts["disclosure"]), language)
        ),
        EventType.PLAN_RECORDED: lambda: say(
            "plan recorded, {number}", number=str(facts["number"])
        ),
        EventType.RETURNED: lambda: say("returned: {reason}", reason=reason),
        EventType.DECLINED: lambda: say("declined: {reason}", reason=reason),
        EventType.CALL_CLOSED: lambda: say(
            "call closed: {outcome}", outcome=outcome_name(str(facts["outcome"]), say)
        ),
    }
    return said[entry.type]() if entry.type in said else say(_PLAIN[entry.type])


def _plan(facts: Json, say: Words) -> str:
    if not isinstance(facts, dict):
        return "-"
    family = terms.family_short(Family(str(facts["family"])), say.language)
    return f"{family} {'; '.join(_figures(facts, say.language))}"


def _figures(facts: Mapping[str, Json], language: str) -> list[str]:
    """Return the payments that were spoken and what changed with them.

    Lines of the record from before the levers hold one amount and a number.
    """
    currency = Currency.of(str(facts["currency"])) if "currency" in facts else None
    terms_of = facts.get("terms")
    if currency is None or not isinstance(terms_of, dict):
        return [f"{facts['payment']} x {facts['payments']}"]
    every = cast("Mapping[str, Json]", terms_of["frequency"])
    frequency = Frequency(int(str(every["every"])), Unit(str(every["unit"])))
    runs = [
        (int(str(run["count"])), currency.parse(str(run["payment"])))
        for run in cast("list[Mapping[str, Json]]", facts["runs"])
    ]
    if not runs:
        first, last = (currency.parse(str(facts[f"{end}_payment"])) for end in ("first", "last"))
        told = first_to_last(first, last, int(str(facts["payments"])), frequency, language)
    else:
        told = course(runs, frequency, language)
    waived = cast("Mapping[str, Json]", facts["waived"])
    return [
        told,
        *changes(
            waived=currency.parse(str(waived["total"])),
            capitalised=currency.parse(str(facts["capitalised"])),
            rate=Fraction(str(terms_of["annual_rate"])),
            contract_rate=Fraction(str(facts["contract_rate"])),
            carried=ArrearsTreatment(str(terms_of["arrears_treatment"]))
            if terms_of["arrears"]
            else None,
            language=language,
        ),
    ]
