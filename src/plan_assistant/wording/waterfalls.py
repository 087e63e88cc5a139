"""What published waterfalls give, in sentences: the target, the relief, and what is missing.

Not here: the title, source and note of a waterfall, which its file holds in both languages.
"""

from __future__ import annotations

from plan_assistant.domain.offers.levers import Figure
from plan_assistant.domain.offers.published import Answer, Relief, Unanswered, Waterfall, Why
from plan_assistant.domain.text import clean
from plan_assistant.wording import formats
from plan_assistant.wording.problem_texts import translated
from plan_assistant.wording.words import message, words

FIGURE = {
    Figure.REMAINING_PERIODS: message(
        "the months left of the contract (maturity in the case file)"
    ),
    Figure.CURRENT_PAYMENT: message("the payment of today (contractual_payment in the case file)"),
    Figure.GROSS_MONTHLY_INCOME: message("gross monthly income (--gross-income)"),
    Figure.OTHER_HOUSING_COST: message(
        "taxes, insurance and dues of the home a month (--housing-cost)"
    ),
    Figure.PROPERTY_VALUE: message("the value of the home (--home-value)"),
    Figure.MODIFICATION_RATE: message(
        "the rate that the program sets for modified loans (--modification-rate)"
    ),
    Figure.ORIGINAL_PERIODS: message("the original term (original_term_months in the case file)"),
    Figure.AFFORDABLE_PAYMENT: message("what the household can pay a month"),
    Figure.MONTHLY_SURPLUS: message("what is left each month"),
}


def title(waterfall: Waterfall, language: str) -> str:
    """Return the name of a waterfall for people."""
    return clean(waterfall.title["zh" if language == "zh" else "en"], 80)


def answer_title(answer: Answer, language: str) -> str:
    """Return the name of an answer: of several, with the share of the surplus that is paid."""
    name = title(answer.waterfall, language)
    if answer.share is None:
        return name
    share = formats.percent(answer.share, language, 0)
    return words(language)("{name}, {share} of what is left", name=name, share=share)


def answer_sentences(answer: Answer, language: str) -> list[str]:
    """Return what must be said of an answer besides its figures."""
    say = words(language)
    target = formats.money(answer.target_payment, language)
    if answer.is_target_met:
        lines = [say("Its target, a payment of at most {target}, is met.", target=target)]
    elif answer.target_payment.minor <= 0:
        lines = [say("Its target leaves nothing to pay with, so no payment meets it.")]
    else:
        above = formats.money(answer.payment - answer.target_payment, language)
        lines = [
            say(
                "Its target, a payment of at most {target}, is not met: {above} too much.",
                target=target,
                above=above,
            )
        ]
    lines += [*_relief(answer, language), *_rise_in_total(answer, language)]
    if answer.forbearance:
        amount = formats.money(answer.forbearance, language)
        lines.append(
            say(
                "{amount} of it bears no interest and falls due with the last payment.",
                amount=amount,
            )
        )
    if answer.left_out:
        amount = formats.money(answer.left_out, language)
        lines.append(say("{amount} of what is owed stays outside this plan.", amount=amount))
    return lines


def _relief(answer: Answer, language: str) -> list[str]:
    say, change, current = words(language), answer.change, answer.current_payment
    if change is None or current is None:
        return [say("The payment of today is not known, so nobody can say whether this is relief.")]
    now = formats.money(current, language)
    if answer.relief is Relief.SAME:
        return [say("Not relief: the payment stays at {now}.", now=now)]
    if answer.relief is Relief.RISES:
        amount = formats.money(change, language)
        if not current:
            return [say("Not relief: the payment rises by {amount} from nothing.", amount=amount)]
        share = formats.percent(change.share_of(current), language)
        return [
            say(
                "Not relief: the payment rises by {amount} ({share}) from {now}.",
                amount=amount,
                share=share,
                now=now,
            )
        ]
    share = formats.percent((-change).share_of(current), language)
    return [
        say(
            "The payment falls by {amount} ({share}) from {now}.",
            amount=formats.money(-change, language),
            share=share,
            now=now,
        )
    ]


def _rise_in_total(answer: Answer, language: str) -> list[str]:
    """Return that it asks for more in all, however little it asks for a month."""
    if answer.rise_in_total is None or answer.contract_total is None:
        return []
    return [
        words(language)(
            "Not relief in all: the total is {total}, {more} more than the {contract} that the "
            "running contract asks for.",
            total=formats.money(answer.schedule.total_paid, language),
            more=formats.money(answer.rise_in_total, language),
            contract=formats.money(answer.contract_total, language),
        )
    ]


def unanswered_sentence(item: Unanswered, language: str) -> str:
    """Return why a waterfall has no answer, and what would give it one."""
    say = words(language)
    match item.why:
        case Why.FIGURES_MISSING:
            names = [say(FIGURE[figure]) for figure in item.missing]
            return say(
                "No answer, because the case does not say: {figures}.",
                figures=("；" if language == "zh" else "; ").join(names),
            )
        case Why.OTHER_CURRENCY:
            return say(
                "No answer, because its amounts are in {currency} and the debt is in {debt}.",
                currency=item.waterfall.currency or "",
                debt=item.currency,
            )
        case Why.ABOVE_TABLE:
            assert item.limit is not None
            return say(
                "No answer: its table ends at {limit}, and more than that is owed.",
                limit=formats.money_with_code(item.limit, language),
            )
        case Why.NOTHING_LEFT:
            return say("No plan: nothing is left each month of which a share could be paid.")
        case Why.NOT_PRICED:
            assert item.refused is not None
            return say(
                "No answer: the terms it ends with describe no plan ({reason}).",
                reason=translated(item.refused.reason, language),
            )
