"""Sentences about approvals: a signature that does not hold, and terms that a lead would grant."""

from __future__ import annotations

from plan_assistant.domain.approval import Fault, WrongApproval
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.text import clean
from plan_assistant.wording import formats
from plan_assistant.wording.words import message, words

FAULTS = {
    Fault.UNSIGNED: message("nobody signed it"),
    Fault.KEY_UNKNOWN: message("it was signed with a key that is not the lead's"),
    Fault.KEY_NOT_ENDORSED: message("the lead's key was put there by nobody who may"),
    Fault.SIGNATURE_WRONG: message("what stands there is not what was signed"),
    Fault.OTHER_CONTENT: message("it approves something else than the plan that waited"),
    Fault.ROLE_MAY_NOT: message("whoever signed it has no role that may approve"),
    Fault.OWN_PLAN: message("the maker of the plan signed it"),
    Fault.BEFORE_PLAN: message("it is dated before the plan that it approves"),
}


def fault_words(fault: str, language: str) -> str:
    """Return what is wrong with an approval, as a part of a sentence."""
    return words(language)(FAULTS[Fault(fault)])


def approval_fault_sentence(wrong: WrongApproval, language: str) -> str:
    """Say which approval does not hold, why, and what to do."""
    return words(language)(
        "The approval at version {version} of case {case_id}, in the name of {by}, does not hold: "
        "{fault}. Do not rely on it; tell your administrator.",
        version=wrong.version,
        case_id=clean(wrong.case_id, 80),
        by=clean(wrong.decider, 80),
        fault=fault_words(wrong.fault, language),
    )


def dials_words(terms: Wishes, language: str) -> str:
    """Return the dials that are set, as a list."""
    say = words(language)
    told = []
    if terms.monthly is not None:
        told.append(say("{amount} a month", amount=formats.money(terms.monthly, language)))
    if terms.periods is not None:
        told.append(say.plural("{count} payment", "{count} payments", terms.periods))
    if terms.down_payment is not None:
        told.append(say("{amount} today", amount=formats.money(terms.down_payment, language)))
    if terms.due_day is not None:
        told.append(say("due on the {day}", day=formats.day_of_month(terms.due_day, language)))
    if terms.first_due is not None:
        told.append(say("first on {day}", day=formats.day(terms.first_due, language)))
    return ", ".join(told) if language != "zh" else "，".join(told)


def lead_terms_sentence(terms: Wishes, language: str) -> str:
    """Say what the lead would grant, and that the borrower has to accept it."""
    return words(language)(
        "The lead would grant: {terms}. Ask the borrower; what they accept is a new plan.",
        terms=dials_words(terms, language),
    )
