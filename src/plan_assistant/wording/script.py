"""What the collector says aloud, with the figures of the plan: to propose it and to read it back.

Plain, warm and exact: nothing here threatens, shames or hurries, and every figure is one of the
schedule's. What is spoken is addressed to the borrower; only a plan that may not be offered is
answered with a line to the collector. Not here: the disclosures of the call
(`terms.disclosure_sentence`).
"""

from __future__ import annotations

from collections.abc import Mapping

from plan_assistant.domain.case import Case
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.text import clean
from plan_assistant.wording import formats, terms
from plan_assistant.wording.concessions import Concessions
from plan_assistant.wording.findings import fill_spoken
from plan_assistant.wording.rhythm import rhythm_of
from plan_assistant.wording.speech import Speech
from plan_assistant.wording.words import Words, join, message, words

WITHDRAWAL_DAYS = 3
"""Days to withdraw in: a pause that the lender grants of its own will, not a rule of law."""

_BEFORE = {
    "limitation_passed": (
        message(
            "The limitation period for this debt may have ended on {limit}. You may refuse to "
            "pay for that reason; if you agree, you can no longer rely on it."
        ),
        message(
            "The limitation period for this debt may have ended. You may refuse to pay for that "
            "reason; if you agree, you can no longer rely on it."
        ),
    ),
}
"""What a borrower has to hear before anything else, by the finding that asks for it."""

_NOTICES = {
    "relief_raises_payment": (
        message(
            "Please note: your contract asks for {limit} a month and this plan for {actual} in its "
            "largest month, which is {difference} more."
        ),
        message("Please note: this plan asks for more a month than your contract."),
    ),
    "relief_raises_total": (
        message(
            "Please note: up to its end your contract asks for {limit} in all and this plan for "
            "{actual}, which is {difference} more."
        ),
        message("Please note: this plan asks for more in all than your contract."),
    ),
    "cost_statement": (message("Before anything is signed you receive a statement of all costs."),),
    "overdue_rescheduled": (
        message(
            "Your contract ended on {limit}. What we agree now is not an extension of it, it is a "
            "restructuring of a debt that is overdue."
        ),
        message(
            "Your contract has ended. What we agree now is not an extension of it, it is a "
            "restructuring of a debt that is overdue."
        ),
    ),
    "reaging_conditions": (
        message(
            "Your account goes on being shown as past due until its conditions for being brought "
            "current are met."
        ),
    ),
    "credit_report_years": (
        message(
            "What was reported as negative stays on your credit record for {limit} years after it "
            "ended."
        ),
        message("What was reported as negative stays on your credit record for some years."),
    ),
    "credit_file_notice": (
        message(
            "This arrangement will show on your credit file; ask me if you want to know exactly "
            "how."
        ),
    ),
    "debt_advice": (
        message(
            "Free and independent debt advice is open to you at any time, also before you agree."
        ),
    ),
    "no_new_card": (
        message(
            "Until everything is settled, please do not apply for a new credit card at any bank."
        ),
    ),
}
"""What a borrower has to be told with the plan, by the finding that asks for it."""


def opening(case: Case, language: str) -> str:
    """Return how the talk about money begins, once the disclosures are made."""
    text = words(language)
    said = [
        text("Thank you for taking the time to talk; I know that this may be a difficult time.")
    ]
    if case.promises_kept:
        said.append(
            text.plural(
                "You have kept {count} promise, and that counts for a lot.",
                "You have kept {count} promises, and that counts for a lot.",
                case.promises_kept,
            )
        )
    proposal, payday = case.willingness.own_proposal, case.budget.payday
    if proposal is not None:
        said.append(
            text(
                "You proposed {amount} a month: let us see what that leads to.",
                amount=formats.spoken_money(proposal, language),
            )
        )
    elif payday is not None:
        said.append(
            text(
                "You are paid on the {payday}: what could you set aside a month and still live on?",
                payday=formats.day_of_month(payday, language),
            )
        )
    else:
        said.append(text("What could you set aside a month and still live on?"))
    return join(said, language)


def say(plan: Plan, case: Case, language: str) -> str:
    """Return what the collector says to propose a plan, ready to be read aloud."""
    text = words(language)
    if plan.is_blocked:
        return text("This plan may not be offered; the reasons stand next to it.")
    speech = Speech(text, plan, rhythm_of(plan.schedule), formats.spoken_money)
    said = speech.proposal()
    if plan.family is Family.EXTENSION:
        said.append(text("The loan then runs until {end}.", end=speech.date(plan.last_due)))
    said += Concessions(speech, case.debt(plan.debt_id).annual_rate).proposed()
    if plan.needs is not None:
        said.append(
            text("I have to ask my team lead before I can promise this. Would it suit you?")
        )
    elif speech.rhythm.is_monthly and case.budget.payday is not None:
        said.append(
            text(
                "You are paid on the {payday}: would the {day} work for you?",
                payday=formats.day_of_month(case.budget.payday, language),
                day=speech.due_day,
            )
        )
    else:
        said.append(text("Would that work for you?"))
    return join(said, language)


def read_back(plan: Plan, case: Case, language: str) -> tuple[str, ...]:
    """Return the sentences that are read to the borrower and agreed one by one, in order.

    Amounts keep all their decimals: these sentences go into the record.
    """
    text = words(language)
    speech = Speech(text, plan, rhythm_of(plan.schedule), formats.spoken_money_in_full)
    lines = [
        *_noticed(_BEFORE, plan, text),
        *_which_debt(plan, case, text),
        *_which_payment(plan, speech),
        *speech.payments(),
        *Concessions(speech, case.debt(plan.debt_id).annual_rate).read(),
        speech.cost(),
        _annualized(plan, speech),
        *_noticed(_NOTICES, plan, text),
        text(
            "If you see that a payment will be late, please call us before its day. If it stays "
            "unpaid, this plan may end and the original contract applies again."
        ),
        text(
            "You may ask for a copy at any time, and you may withdraw within {days} days.",
            days=WITHDRAWAL_DAYS,
        ),
        text(
            "Your credit record keeps to the facts: what was late before stays on it, and you "
            "are told before anything negative is reported."
        ),
        text(
            "My team lead still has to agree; nothing is fixed until then, and I will call you "
            "back."
        ),
        text("Is this what we agreed, and do you freely want to go on repaying in this way?"),
    ]
    return tuple(lines)


def spoken_tests() -> frozenset[str]:
    """Return the tests of rules that the read-back answers, always or when they found something."""
    always = {
        "annualized_cost_shown",
        "credit_report_notice",
        "willingness_expressed",
        "calendar_unpublished",
        "capitalised_interest",
    }
    return frozenset(always | _BEFORE.keys() | _NOTICES.keys())


def _annualized(plan: Plan, speech: Speech) -> str:
    """Name the rate with its base: what the plan repays, which a waiver has made less."""
    text = speech.text
    rate = formats.percent(plan.annualized_rate, text.language)
    if not plan.waived.total:
        return text(
            "Counted on everything you owe today, the annualized rate is {rate} (nominal).",
            rate=rate,
        )
    return text(
        "Counted on the {repaid} that is left to repay, the annualized rate is {rate} (nominal).",
        repaid=speech.amount(plan.confirmed.total - plan.waived.total),
        rate=rate,
    )


def _which_debt(plan: Plan, case: Case, text: Words) -> list[str]:
    """Name the account where the call is about several."""
    if len(case.negotiated) == 1:
        return []
    debt = case.debt(plan.debt_id)
    return [
        text(
            "This plan is for your {product}, account ending in {tail}.",
            product=terms.product(debt.product, text.language),
            tail=clean(debt.account_tail, 8),
        )
    ]


def _which_payment(plan: Plan, speech: Speech) -> list[str]:
    """Say that the plan is not the whole of what is paid a month."""
    if plan.joint is None:
        return []
    return [
        speech.text(
            "It is one part of what you pay a month: all your plans together ask for at most "
            "{amount} in one month.",
            amount=speech.amount(plan.joint.largest(plan.schedule)),
        )
    ]


def _noticed(notices: Mapping[str, tuple[str, ...]], plan: Plan, text: Words) -> list[str]:
    """Return the sentence of every finding of the plan that has one, in the order of the table."""
    found = {finding.test: finding for finding in plan.findings}
    return [
        fill_spoken(choices, found[test], text)
        for test, choices in notices.items()
        if test in found
    ]
