"""What a household can afford in sentences: later months, unknown figures, stress.

Not here: the figures themselves, nor how a screen or command lays them out.
"""

from __future__ import annotations

from fractions import Fraction

from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.household import Budget, Income, Outgoing, Reliability
from plan_assistant.domain.unknowns import Question, Unknown, unknowns
from plan_assistant.domain.verdict import Certainty, Judgement
from plan_assistant.wording import formats, terms
from plan_assistant.wording.words import Words, label, message, words

CERTAINTY = {
    Certainty.SAFE: label("certainty", "safe"),
    Certainty.LIKELY: label("certainty", "likely"),
    Certainty.FRAGILE: label("certainty", "fragile"),
    Certainty.OUT_OF_REACH: label("certainty", "out of reach"),
}
_CERTAIN = {
    Certainty.SAFE: message("Safe: kept up even if every unknown figure is at its worst."),
    Certainty.LIKELY: message("Likely: kept up with the likely figures, not with the worst."),
    Certainty.FRAGILE: message(
        "Fragile: not kept up with the likely figures, only with better ones."
    ),
    Certainty.OUT_OF_REACH: message("Out of reach: not kept up even with the best figures."),
}
_CLOSE = Fraction(1, 10)
_MOST_DECIMALS = 4


def certainty(value: Certainty, language: str) -> str:
    """Return how far a plan depends on unknown figures, in a word."""
    return words(language).label(*CERTAINTY[value])


def certainty_sentence(value: Certainty, language: str) -> str:
    """Return how far a plan depends on unknown figures."""
    return words(language)(_CERTAIN[value])


def figure_name(unknown: Unknown, language: str) -> str:
    """Return what an unknown figure is called: its label and its kind."""
    kind = (
        terms.reliability(unknown.kind, language)
        if isinstance(unknown.kind, Reliability)
        else terms.outgoing_kind(unknown.kind, language)
    )
    return f"{unknown.label} ({kind})" if unknown.label else kind


def question_sentences(question: Question, language: str, *, has_plan: bool) -> list[str]:
    """Return which figure to ask for first, and what its answer decides.

    Without a plan the question is whether the household has anything to spare.
    """
    say, unknown = words(language), question.unknown
    said = [
        say(
            "Ask first for {figure}: it lies between {low} and {high} {every}.",
            figure=figure_name(unknown, language),
            low=formats.money(unknown.low, language),
            high=formats.money(unknown.high, language),
            every=terms.every(unknown.every, language),
        )
    ]
    for amount, is_yes in ((question.enough, True), (question.too_bad, False)):
        if amount is not None:
            is_more = unknown.is_income is is_yes
            said.append(_decides(say, formats.money(amount, language), has_plan, is_yes, is_more))
    if question.settles:
        said.append(say("Nothing else need be asked."))
    elif len(said) == 1:
        said.append(say("It moves the answer most, but does not decide alone."))
    return said


def _decides(say: Words, amount: str, has_plan: bool, is_yes: bool, is_more: bool) -> str:
    if has_plan and is_yes:
        return (
            say("At {amount} or more the plan is kept up, whatever else is found.", amount=amount)
            if is_more
            else say(
                "At {amount} or less the plan is kept up, whatever else is found.", amount=amount
            )
        )
    if has_plan:
        return (
            say("At {amount} or more it is not kept up, whatever else is found.", amount=amount)
            if is_more
            else say(
                "At {amount} or less it is not kept up, whatever else is found.", amount=amount
            )
        )
    if is_yes:
        return (
            say("At {amount} or more something is to spare, whatever else is found.", amount=amount)
            if is_more
            else say(
                "At {amount} or less something is to spare, whatever else is found.", amount=amount
            )
        )
    return (
        say("At {amount} or more nothing is to spare, whatever else is found.", amount=amount)
        if is_more
        else say("At {amount} or less nothing is to spare, whatever else is found.", amount=amount)
    )


def figure_sentences(item: Income | Outgoing, language: str) -> list[str]:
    """Return the range of one figure, and from when until when it is paid."""
    say = words(language)
    said = []
    if item.bounds is not None and item.is_unknown:
        said.append(
            say(
                "Not known yet: between {low} and {high}, likely {likely}. An amount you type "
                "settles it.",
                low=formats.money(item.bounds.low, language),
                high=formats.money(item.bounds.high, language),
                likely=formats.money(item.amount, language),
            )
        )
    if isinstance(item, Outgoing) and item.begins is not None:
        said.append(say("Paid from {day} on.", day=formats.long_day(item.begins, language)))
    if isinstance(item, Outgoing) and item.until is not None:
        said.append(say("Paid until {day}.", day=formats.long_day(item.until, language)))
    return said


def gap_sentences(budget: Budget, language: str) -> list[str]:
    """Return what is missing in a budget as a whole; nothing where income and outgoings stand."""
    say = words(language)
    if not budget.incomes and not budget.outgoings:
        return [
            say(
                "Nothing is known of income and outgoings yet. Ask what comes in each month, then "
                "what rent, food and other debts take."
            )
        ]
    said = []
    if not budget.incomes:
        said.append(say("No income is known, so none is counted. Ask what comes in each month."))
    if not budget.outgoings:
        said.append(
            say(
                "No outgoings are known: at most the minimum standard is counted. Ask for rent and "
                "food."
            )
        )
    if len(unknowns(budget)) == len(budget.incomes) + len(budget.outgoings):
        said.append(say("Every figure is still a range; the likely ones are counted."))
    return said


def guess_sentences(budget: Budget, language: str) -> list[str]:
    """Say that verdicts count what nobody has stated, where income or outgoings are missing."""
    if budget.incomes and budget.outgoings:
        return []
    return [
        words(language)(
            "The verdicts count guide figures for what nobody has stated yet: ask before you "
            "make an offer."
        )
    ]


def later_sentences(found: Affordability, language: str) -> list[str]:
    """Return from which month on something else is to spare, as outgoings begin and end."""
    say, currency = words(language), found.currency
    return [
        say(
            "From {day} {spare} a month is to spare, {affordable} affordable.",
            day=formats.long_day(day, language),
            spare=formats.money(currency.money(means.surplus), language),
            affordable=formats.money(currency.money(means.affordable), language),
        )
        for day, means in found.changes
    ]


def rate_sentence(judgement: Judgement, found: Affordability, language: str) -> str | None:
    """Say whether a plan stands a higher rate; None where the rate does not float."""
    if judgement.passes_rate_shock is None:
        return None
    say, rise = words(language), formats.percent(found.rules.rate_shock, language)
    if judgement.passes_rate_shock:
        return say("The rate {rise} higher: the plan is still kept up.", rise=rise)
    return say("The rate {rise} higher: the plan is not kept up.", rise=rise)


def break_even_sentence(fall: Fraction, language: str) -> str:
    """Return by how much income can fall; below a tenth with one decimal, for it is close.

    So many decimals that it is not rounded to a whole tenth, which a shock may have been tried at.
    """
    say = words(language)
    if fall <= 0:
        return say("Nothing is left even if income stays as it is.")
    decimals = next(
        (
            places
            for places in range(1 if fall < _CLOSE else 0, _MOST_DECIMALS)
            if not _is_rounded_to_a_tenth(fall, places)
        ),
        _MOST_DECIMALS,
    )
    return say(
        "Nothing is left when income falls by {shock}.",
        shock=formats.percent(fall, language, decimals),
    )


def _is_rounded_to_a_tenth(fall: Fraction, decimals: int) -> bool:
    unit = Fraction(1, 10 ** (decimals + 2))
    return fall % _CLOSE != 0 and round(fall / unit) * unit % _CLOSE == 0


def ratio_sentence(judgement: Judgement, language: str) -> str | None:
    """Return what a plan, and all debts with it, take of the income; None where none is counted."""
    if judgement.payment_to_income is None or judgement.debt_service_ratio is None:
        return None
    return words(language)(
        "At most {plan} of the income of a month goes to this plan, and {together} to all debts "
        "together.",
        plan=formats.percent(judgement.payment_to_income, language),
        together=formats.percent(judgement.debt_service_ratio, language),
    )


def residual_sentence(judgement: Judgement, language: str) -> str:
    """Return what one weighted head of the household keeps in the worst month."""
    return words(language)(
        "In the worst month {amount} is left over for one weighted head of the household.",
        amount=formats.money(judgement.residual_per_head, language),
    )
