"""The texts of closed lists and of the codes of a policy pack; `terms.py` hands them out.

A label carries the context in which it is short; a message is a text that reads alike everywhere.
"""

from __future__ import annotations

from plan_assistant.domain.call_outcome import CallOutcome
from plan_assistant.domain.case import ContactOutcome, Hardship
from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.events import EventType
from plan_assistant.domain.household import Every, OutgoingKind, Reliability
from plan_assistant.domain.offers.plan import Family, Reason
from plan_assistant.domain.personal import RevealReason
from plan_assistant.domain.policy.findings import Confidence, Effect, Role
from plan_assistant.domain.verdict import Verdict
from plan_assistant.wording.words import label, message

FAMILY = {
    Family.EQUAL_INSTALLMENT: message("equal installments"),
    Family.EQUAL_PRINCIPAL: message("equal principal, payments that fall"),
    Family.INTEREST_FIRST: message("interest only at first, then equal installments"),
    Family.EXTENSION: message("extension of the loan before it matures"),
    Family.DEFERRAL: message("deferral, its interest paid later without interest on it"),
    Family.DEFERRAL_CAPITALISED: message("deferral, its interest added to principal"),
    Family.ZERO_RATE: message("installments without further interest"),
    Family.STEP_UP: message("less in the first months, then equal installments"),
}
FAMILY_SHORT = {
    Family.EQUAL_INSTALLMENT: label("column head", "Level"),
    Family.EQUAL_PRINCIPAL: label("column head", "Falling"),
    Family.INTEREST_FIRST: label("column head", "Int. first"),
    Family.EXTENSION: label("column head", "Extend"),
    Family.DEFERRAL: label("column head", "Defer"),
    Family.DEFERRAL_CAPITALISED: label("column head", "Defer+add"),
    Family.ZERO_RATE: label("column head", "Freeze"),
    Family.STEP_UP: label("column head", "Step-up"),
}
VERDICT = {
    Verdict.COMFORTABLE: ("v", label("verdict", "fits")),
    Verdict.TIGHT: ("!", label("verdict", "tight")),
    Verdict.UNAFFORDABLE: ("x", label("verdict", "over")),
    Verdict.DEFICIT: ("x", label("verdict", "deficit")),
}
COMPONENT = {
    Component.PRINCIPAL: label("component", "principal"),
    Component.INTEREST: label("component", "interest"),
    Component.PENALTY_INTEREST: label("component", "penalty interest"),
    Component.FEE: label("component", "fees"),
    Component.COST: label("component", "costs of enforcement"),
}
PRODUCT = {
    Product.CREDIT_CARD: message("credit card"),
    Product.CONSUMER_LOAN: message("personal consumer loan"),
    Product.BUSINESS_LOAN: message("personal business loan"),
    Product.OTHER: message("other credit"),
}
RELIABILITY = {
    Reliability.VERIFIED: message("verified"),
    Reliability.VARIABLE: message("variable, average of 12 months"),
    Reliability.PLATFORM: message("platform or gig work"),
    Reliability.STATED: message("stated, not proven"),
    Reliability.ONE_OFF: message("one-off"),
    Reliability.EXPECTED: message("expected, not started"),
}
EVERY = {
    Every.WEEK: message("every week"),
    Every.FORTNIGHT: message("every 2 weeks"),
    Every.MONTH: message("every month"),
    Every.QUARTER: message("every quarter"),
    Every.YEAR: message("every year"),
}
OUTGOING_KIND = {
    OutgoingKind.FOOD: message("food"),
    OutgoingKind.CLOTHING: message("clothing"),
    OutgoingKind.HOUSEHOLD: message("household goods"),
    OutgoingKind.TRANSPORT: message("transport"),
    OutgoingKind.COMMUNICATION: message("telephone and internet"),
    OutgoingKind.EDUCATION: message("education"),
    OutgoingKind.HEALTH: message("health"),
    OutgoingKind.INSURANCE: message("insurance"),
    OutgoingKind.OTHER_ESSENTIAL: message("other essentials"),
    OutgoingKind.RENT: message("rent"),
    OutgoingKind.MORTGAGE: message("mortgage"),
    OutgoingKind.UTILITIES: message("water, electricity, gas"),
    OutgoingKind.TAX: message("taxes"),
    OutgoingKind.SUPPORT: message("support of children or parents"),
    OutgoingKind.SECURED_LOAN: message("secured loan"),
    OutgoingKind.GUARANTEE: message("guarantee that is due"),
    OutgoingKind.OTHER_DEBT: message("other debts"),
}
HARDSHIP = {
    Hardship.UNEMPLOYMENT: message("loss of work"),
    Hardship.INCOME_DROP: message("lower income"),
    Hardship.ILLNESS: message("illness"),
    Hardship.ACCIDENT_DISASTER: message("accident or disaster"),
    Hardship.FAMILY_CHANGE: message("change in the family"),
    Hardship.BEREAVEMENT: message("death in the family"),
    Hardship.BUSINESS_FAIL: message("business in difficulty or closed"),
    Hardship.CREDIT_WITHDRAWN: message("credit line withdrawn"),
    Hardship.GUARANTEE_CALLED: message("had to pay as a guarantor"),
    Hardship.PRIVATE_DEBT: message("private debts"),
    Hardship.LAWSUIT: message("lawsuit"),
    Hardship.FRAUD_VICTIM: message("victim of fraud"),
    Hardship.MONEY_MANAGEMENT: message("too many commitments at once"),
    Hardship.GAMBLING_OR_HABIT: message("gambling or another dependence"),
    Hardship.SEASONAL: message("seasonal income"),
    Hardship.WILFUL: message("able to pay, not yet willing"),
    Hardship.DISPUTE: message("disputes the debt"),
    Hardship.OTHER: message("another reason"),
    Hardship.UNKNOWN: message("reason not known yet"),
}
CONTACT_OUTCOME = {
    ContactOutcome.REACHED: message("reached"),
    ContactOutcome.NO_ANSWER: message("no answer"),
    ContactOutcome.REFUSED: message("did not want to talk"),
    ContactOutcome.PROMISE: message("promised a payment"),
    ContactOutcome.WRONG_PERSON: message("another person answered"),
    ContactOutcome.INVALID_NUMBER: message("number not in use"),
}
CALL_OUTCOME = {
    CallOutcome.AGREED: message("a plan was agreed"),
    CallOutcome.PROMISED: message("promised to pay"),
    CallOutcome.CALL_BACK: message("call back later"),
    CallOutcome.NO_ANSWER: message("no answer"),
    CallOutcome.REFUSED: message("refused every plan"),
    CallOutcome.DISPUTES: message("disputes the debt"),
    CallOutcome.HARDSHIP: message("hardship: a review is needed"),
    CallOutcome.WRONG_PERSON: message("another person answered"),
}
ROLE = {
    Role.COLLECTOR: message("collector"),
    Role.TEAM_LEAD: message("team lead"),
    Role.LEGAL_REVIEWER: message("legal reviewer"),
    Role.AUDITOR: message("auditor"),
    Role.ADMINISTRATOR: message("administrator"),
    Role.AGENCY_COLLECTOR: message("agency collector"),
}
# A plan is a choice where the household can keep it, comfortably or tightly, and it keeps to the
# dials. That it *fits* is said of the verdict alone. Questions are asked of the best verdict: a
# tight plan may cost less than the cheapest comfortable one.
REASON = {
    Reason.CHEAPEST: message(
        "Of all choices of the same verdict within your authority it has the lowest total."
    ),
    Reason.LOWEST_PAYMENT: message(
        "Of all choices of the same verdict within your authority it asks for the least in its "
        "worst month."
    ),
    Reason.FASTEST: message(
        "Of all choices of the same verdict within your authority it is over soonest."
    ),
    Reason.BEST_FOR_LENDER: message(
        "Of all choices of the same verdict within your authority it has the highest present value "
        "for the lender."
    ),
    Reason.MOST_ROBUST: message(
        "Of the {among} plans of the same verdict, authority and rate that waive nothing and add "
        "nothing to the principal, it stays first for the lender in {first} of {of} settings of "
        "what nobody knows."
    ),
    Reason.CHEAPEST_WITH_LEAD: message(
        "With the team lead's consent it has the lowest total of all choices of the same verdict."
    ),
    Reason.LOWEST_WITH_LEAD: message(
        "With the team lead's consent it asks for the least in its worst month of all choices of "
        "the same verdict."
    ),
    Reason.FASTEST_WITH_LEAD: message(
        "With the team lead's consent it is over soonest of all choices of the same verdict."
    ),
    Reason.BEST_FOR_LENDER_WITH_LEAD: message(
        "With the team lead's consent it has the highest present value for the lender of all "
        "choices of the same verdict."
    ),
    Reason.LOW_FIRST: message("It asks for little or nothing in the first months."),
    Reason.FREEZE: message("No further interest runs."),
    Reason.ASKED: message("It answers what was dialed."),
    Reason.NEAREST: message("It comes near: no plan meets both the household and the dials."),
    Reason.COMPARISON: message("It is another way to pay, for comparison."),
}
LOW_FIRST_MONTH = message("It asks for little or nothing in the first month.")
"""What asks for little first, for one month alone."""
OLD_CHARGES_FIRST = message("old charges first, then less, then equal installments")
"""A plan that steps up after a first payment that is its largest."""
REASON_BY_TERMS = {
    Reason.CHEAPEST: message(
        "Of all choices of the same verdict with terms within your authority it has the lowest "
        "total."
    ),
    Reason.LOWEST_PAYMENT: message(
        "Of all choices of the same verdict with terms within your authority it asks for the least "
        "in its worst month."
    ),
    Reason.FASTEST: message(
        "Of all choices of the same verdict with terms within your authority it is over soonest."
    ),
    Reason.BEST_FOR_LENDER: message(
        "Of all choices of the same verdict with terms within your authority it has the highest "
        "present value for the lender."
    ),
}
"""The same where something besides the terms, such as missing evidence, needs the team lead."""
LEAST_OF_ALL = {
    Reason.LOWEST_PAYMENT: message(
        "Of all with terms within your authority it asks for the least in its worst month."
    ),
    Reason.LOWEST_WITH_LEAD: message(
        "With the team lead's consent it asks for the least in its worst month."
    ),
}
"""The lowest payment where nothing fits: of plans of every verdict."""
EFFECT = {
    Effect.BLOCK: message("cannot be offered"),
    Effect.APPROVAL: message("needs approval"),
    Effect.DISCLOSE: message("tell the borrower"),
    Effect.RECORD: message("kept on record"),
}
CONFIDENCE = {
    Confidence.VERIFIED: message("wording checked"),
    Confidence.SECONDARY: message("from secondary sources, confirm with counsel"),
    Confidence.MEMORY: message("source not seen, confirm with counsel"),
    Confidence.DESIGN: message("recommendation of this program, not law"),
}
EVENT = {
    EventType.CASE_OPENED: message("case opened"),
    EventType.BUDGET_CHANGED: message("budget corrected"),
    EventType.OFFERS_SHOWN: message("plans shown"),
    EventType.REVEALED: message("personal data revealed"),
    EventType.PURGED: message("personal data erased"),
    EventType.OFFER_SPOKEN: message("plan offered"),
    EventType.OFFER_REFUSED: message("plan not accepted"),
    EventType.DISCLOSURE_READ: message("disclosure made"),
    EventType.PLAN_RECORDED: message("plan recorded, sent for approval"),
    EventType.APPROVED: message("plan approved"),
    EventType.RETURNED: message("plan returned"),
    EventType.DECLINED: message("plan declined"),
    EventType.CANCELLED: message("request taken back"),
    EventType.CASE_ASSIGNED: message("given to an agency, or taken back"),
    EventType.EXPORTED: message("documents written"),
    EventType.SIGNED: message("agreement signed"),
    EventType.PAYMENT_POSTED: message("payment posted"),
    EventType.KEPT: message("plan kept, everything is paid"),
    EventType.BROKEN: message("plan declared broken"),
    EventType.REOPENED: message("case reopened for a new negotiation"),
    EventType.CALL_CLOSED: message("call closed"),
    EventType.BORROWER_WAITS: message("borrower on the phone for the answer"),
}
STATUS = {
    "open": label("status", "open"),
    "negotiating": label("status", "in negotiation"),
    "draft": label("status", "draft"),
    "offered": label("status", "offered"),
    "accepted": label("status", "accepted"),
    "pending": label("status", "waiting for approval"),
    "approved": label("status", "approved"),
    "returned": label("status", "returned"),
    "declined": label("status", "declined"),
    "cancelled": label("status", "taken back"),
    "closed": label("status", "closed, no plan"),
    "active": label("status", "running"),
    "kept": label("status", "kept"),
    "late": label("status", "late"),
    "broken": label("status", "broken"),
    "breached": label("status", "not kept"),
    "cured": label("status", "caught up"),
    "terminated": label("status", "ended"),
    "settled": label("status", "settled"),
}


DISCLOSURE = {
    "identity": label("disclosure", "identity"),
    "recorded": label("disclosure", "recorded"),
    "purpose": label("disclosure", "purpose"),
    "rights": label("disclosure", "rights"),
    "complaint": label("disclosure", "complaint"),
}
REVEAL_REASON = {
    RevealReason.IDENTITY: message("to make sure who is on the line"),
    RevealReason.DOCUMENT: message("for a letter or a document"),
    RevealReason.CORRECTION: message("to correct what is known"),
    RevealReason.REQUEST: message("the borrower asks what is kept about them"),
    RevealReason.OTHER: message("another reason, in a sentence"),
}

DISCLOSURE_SENTENCE = {
    # Nothing about a debt before the person has said who they are: somebody else may have answered.
    "identity": message(
        "Good day, this is {caller}, calling for {lender}. Am I speaking with {name}?"
    ),
    "recorded": message("This call is recorded, so that both of us can look up what we agreed."),
    "purpose": message(
        "I am calling about your {product}, account ending in {tail}. "
        "I would like to look with you for a way to repay that you can keep up."
    ),
    "rights": message(
        "You are free to agree or not. You may ask how every figure is made up, tell me if one "
        "is wrong, take time to think, and have a copy of what we agree."
    ),
    "complaint": message(
        "If you are not content with how we treat you, you can complain to {lender} "
        "or to the complaint line of the financial regulator."
    ),
}
OBJECTION = {
    "too_much": message("Too much a month"),
    "nothing_today": message("Nothing today"),
    "not_before": message("Not so soon"),
    "other_payday": message("I am paid on another day"),
    "pay_more_later": message("I can pay more later"),
    "sooner": message("I want it over sooner"),
    "one_payment": message("One payment, a reduction"),
    "dispute": message("I dispute this debt"),
    "hardship": message("I lost my job, or I am ill"),
}
SUBMIT_REASON = {
    "reduced_income": message("reduced income"),
    "illness": message("illness"),
    "family_change": message("change in the family"),
    "business_season": message("season of the business"),
    "other_hardship": message("another hardship"),
}
RETURN_REASON = {
    "term_too_long": message("The term is too long."),
    "payment_too_low": message("The payment is too low."),
    "documents_missing": message("Documents are missing."),
    "verdict": message("The household cannot keep it up."),
    "other": message("Another reason, see the note."),
}
ASSET_CLASS = {
    "watch": label("class of a debt", "watch"),
    "substandard": label("class of a debt", "substandard"),
    "doubtful": label("class of a debt", "doubtful"),
    "loss": label("class of a debt", "loss"),
    "charge_off": label("class of a debt", "charge-off"),
}
