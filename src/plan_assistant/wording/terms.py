"""The name of every closed-list value and of every code of a policy pack.

A pack of somebody else may bring codes of its own; those are shown as they are. Not here: the texts
(`term_texts.py`), and sentences with the figures of a plan (`script.py`) or of a finding
(`findings.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from plan_assistant.domain.call_outcome import CallOutcome
from plan_assistant.domain.case import Case, ContactOutcome, Hardship
from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.events import EventType
from plan_assistant.domain.household import Every, OutgoingKind, Reliability
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.personal import ERASED, RevealReason
from plan_assistant.domain.policy.findings import Confidence, Effect, Role
from plan_assistant.domain.text import clean
from plan_assistant.domain.verdict import Verdict
from plan_assistant.wording import term_texts as texts
from plan_assistant.wording.words import Words, placeholders, words


class VerdictWord(NamedTuple):
    """A verdict as it must be readable without color: a glyph and a word."""

    glyph: str
    word: str

    def __str__(self) -> str:
        return f"{self.glyph} {self.word}"


def family(value: Family, language: str) -> str:
    """Return the full name of a kind of plan."""
    return words(language)(texts.FAMILY[value])


def family_short(value: Family, language: str) -> str:
    """Return the name of a kind of plan for a column head: at most 10 cells."""
    return words(language).label(*texts.FAMILY_SHORT[value])


def verdict(value: Verdict, language: str) -> VerdictWord:
    """Return the glyph and word of a verdict."""
    glyph, word = texts.VERDICT[value]
    return VerdictWord(glyph, words(language).label(*word))


def authority(plan: Plan, language: str) -> VerdictWord:
    """Return whether the collector may offer a plan alone, needs the lead, or nobody may."""
    say = words(language)
    if plan.is_blocked:
        return VerdictWord("x", say.label("authority", "nobody"))
    if plan.needs is not None:
        return VerdictWord("^", say.label("authority", "LEAD"))
    return VerdictWord("v", say.label("authority", "yours"))


def component(value: Component, language: str) -> str:
    """Return the name of a part of what is owed."""
    return words(language).label(*texts.COMPONENT[value])


def product(value: Product, language: str) -> str:
    """Return what was lent."""
    return words(language)(texts.PRODUCT[value])


def reliability(value: Reliability, language: str) -> str:
    """Return how far an income can be counted on."""
    return words(language)(texts.RELIABILITY[value])


def every(value: Every, language: str) -> str:
    """Return the rhythm of an income or outgoing."""
    return words(language)(texts.EVERY[value])


def outgoing_kind(value: OutgoingKind, language: str) -> str:
    """Return what a household pays for."""
    return words(language)(texts.OUTGOING_KIND[value])


def hardship(value: Hardship, language: str) -> str:
    """Return why the borrower cannot pay, without judging."""
    return words(language)(texts.HARDSHIP[value])


def contact_outcome(value: ContactOutcome, language: str) -> str:
    """Return what came of an attempt to reach the borrower."""
    return words(language)(texts.CONTACT_OUTCOME[value])


def call_outcome(code: str, language: str) -> str:
    """Return how a call ended; a code of another version is shown as it is."""
    if code not in set(CallOutcome):
        return clean(code.replace("_", " "), 40)
    return words(language)(texts.CALL_OUTCOME[CallOutcome(code)])


def call_closed(code: str, language: str) -> str:
    """Return the line of a trail about the end of a call."""
    return words(language)("call closed: {outcome}", outcome=call_outcome(code, language))


def role(value: Role, language: str) -> str:
    """Return the name of a role."""
    return words(language)(texts.ROLE[value])


def family_of(plan: Plan, language: str) -> str:
    """Return the kind of a plan in full, as it is true of its payments."""
    if (
        plan.family is Family.STEP_UP
        and plan.schedule.first_payment >= plan.schedule.largest_payment
    ):
        return words(language)(texts.OLD_CHARGES_FIRST)
    return family(plan.family, language)


def reasons(plan: Plan, language: str) -> list[str]:
    """Return why a plan is shown, a sentence for each reason."""
    say = words(language)
    return [_reason(value, plan, say) for value in plan.reasons]


def _reason(value: Reason, plan: Plan, say: Words) -> str:
    if value in texts.LEAST_OF_ALL and Reason.NEAREST in plan.reasons:
        return say(texts.LEAST_OF_ALL[value])
    if value is Reason.LOW_FIRST and plan.grace_months == 1:
        return say(texts.LOW_FIRST_MONTH)
    is_by_terms = plan.needs is not None and value in texts.REASON_BY_TERMS
    sentence = texts.REASON_BY_TERMS[value] if is_by_terms else texts.REASON[value]
    mark = plan.robustness
    if mark is None:
        return say(sentence)
    return say(sentence, first=mark.first_in, of=mark.of, among=f"{mark.among:,}")


def effect(value: Effect, language: str) -> str:
    """Return what a finding does to a plan."""
    return words(language)(texts.EFFECT[value])


def confidence(value: Confidence, language: str) -> str:
    """Return how well the source of a rule was checked."""
    return words(language)(texts.CONFIDENCE[value])


def asset_class(value: str, language: str) -> str:
    """Return the class of a debt by its days past due."""
    return words(language).label(*texts.ASSET_CLASS[value])


def status(value: str, language: str) -> str:
    """Return the state of a case or plan; a state without a name is shown as its code."""
    return (
        value.replace("_", " ")
        if value not in texts.STATUS
        else words(language).label(*texts.STATUS[value])
    )


def event(value: EventType, language: str) -> str:
    """Return what happened to a case, for the trail."""
    return words(language)(texts.EVENT[value])


def stage(days_past_due: int) -> str:
    """Return the ageing bucket: M0 not overdue, M1 to M6 of 30 days each, then M6+."""
    # The record reads files with pydantic; a command that only names things must not wait for it.
    from plan_assistant.domain.record import stage as bucket  # noqa: PLC0415

    return bucket(days_past_due)


def disclosure(disclosure_id: str, language: str) -> str:
    """Return the short name of something that must be said in the call."""
    named = texts.DISCLOSURE.get(disclosure_id)
    return disclosure_id.replace("_", " ") if named is None else words(language).label(*named)


def names_borrower(disclosure_id: str) -> bool:
    """Say whether a disclosure is made by the name of the borrower."""
    return "name" in placeholders(texts.DISCLOSURE_SENTENCE.get(disclosure_id, ""))


def disclosure_sentence(
    disclosure_id: str, case: Case, language: str, *, caller: str, name: str
) -> str:
    """Return what the collector, whose name is `caller`, says to make the disclosure.

    `name` is that of the borrower, as the one who reads it may see it. A disclosure that only
    somebody else's pack knows is asked for by its code.
    """
    say = words(language)
    sentence = texts.DISCLOSURE_SENTENCE.get(disclosure_id)
    if sentence is None:
        return say(
            "Tell the borrower about: {subject}.", subject=disclosure(disclosure_id, language)
        )
    debt = case.lead_debt
    return say(
        sentence,
        caller=clean(caller, 80),
        lender=clean(debt.lender, 80),
        name=clean(name, 80),
        product=product(debt.product, language),
        tail=clean(debt.account_tail, 8),
    )


def reveal_reason(value: RevealReason, language: str) -> str:
    """Return what somebody revealed personal data for."""
    return words(language)(texts.REVEAL_REASON[value])


def personal(shown: str, language: str) -> str:
    """Return a personal text as it is shown, masked or revealed; erased where nothing is left."""
    return words(language).label("personal data", "erased") if shown == ERASED else shown


def objection(code: str, language: str) -> str:
    """Return what the borrower answered to an offer."""
    return _named(texts.OBJECTION, code, language)


def submit_reason(code: str, language: str) -> str:
    """Return why a collector asks for more than they may grant."""
    return _named(texts.SUBMIT_REASON, code, language)


def return_reason(code: str, language: str) -> str:
    """Return why a team lead returned or declined a request."""
    return _named(texts.RETURN_REASON, code, language)


def _named(table: Mapping[str, str], code: str, language: str) -> str:
    """Return the text of a code; one that only somebody else's pack knows is shown as it is."""
    sentence = table.get(code)
    return code.replace("_", " ") if sentence is None else words(language)(sentence)
