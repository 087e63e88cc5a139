"""Which kinds of plans are not offered and why, and why a plan is not what its family says.

Not here: what was searched, and the other answers of a search (`search_texts.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from plan_assistant.domain.offers.misfit import Misfit, Misnamed
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.search_result import Refusal
from plan_assistant.wording import formats, terms
from plan_assistant.wording.findings import finding_sentence
from plan_assistant.wording.words import join, message, words

_MISNAMED = {
    Misfit.NOTHING_AFTERWARDS: message(
        "At least two level payments have to follow the smaller ones: {least} payments or more."
    ),
    Misfit.EXTENDS_NOTHING: message(
        "The contract runs until {maturity}, and the plan ends by then: it extends nothing."
    ),
    Misfit.OUTLIVES: message(
        "The contract ends on {maturity}, before the plan does: that is an extension, and it is "
        "searched as one."
    ),
}

_NOT_EXTENDED = message(
    "The contract ends on {maturity}, before the plan does: that is an extension, which the policy "
    "does not open for this debt."
)


def not_offered(refusals: Sequence[Refusal], language: str) -> list[str]:
    """Return which kinds of plans are not offered and why; the same reasons are said once."""
    return [
        words(language)(
            "Not offered: {families}. {why}", families=families, why=join(reasons, language)
        )
        for families, reasons in refused_together(refusals, language)
    ]


def refused_together(
    refusals: Sequence[Refusal], language: str
) -> list[tuple[str, tuple[str, ...]]]:
    """Return kinds of plans, named together where the same reasons hold for them."""
    together: dict[tuple[str, ...], list[Family]] = {}
    for refusal in refusals:
        together.setdefault(_reasons(refusal, language), []).append(refusal.family)
    return [
        ("; ".join(terms.family(family, language) for family in families), reasons)
        for reasons, families in together.items()
    ]


def _reasons(refusal: Refusal, language: str) -> tuple[str, ...]:
    say = words(language)
    if refusal.findings:
        return tuple(finding_sentence(each, language) for each in refusal.findings)
    if refusal.misnamed is not None:
        return (misnamed_sentence(refusal.misnamed, language),)
    if refusal.asks_more is None:
        return (say("No values of the levers that the policy opens make such a plan."),)
    more = formats.money_with_code(refusal.asks_more, language)
    return (say("Its least plan asks for {more} more a month than was dialed.", more=more),)


def misnamed_sentence(misnamed: Misnamed, language: str) -> str:
    """Return why a plan is not what its family says."""
    is_closed = misnamed.why is Misfit.OUTLIVES and not misnamed.is_extended
    maturity = misnamed.maturity
    return words(language)(
        _NOT_EXTENDED if is_closed else _MISNAMED[misnamed.why],
        least=misnamed.least,
        maturity="" if maturity is None else formats.long_day(maturity, language),
    )
