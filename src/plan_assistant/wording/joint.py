"""How one payment is shared over several debts, in sentences."""

from __future__ import annotations

from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.joint import Joint, JointGap, Method
from plan_assistant.wording import formats
from plan_assistant.wording.words import message, words

_METHOD = {
    Method.ORDER: message(
        "Shared in the order of the law (Civil Code Art. 560): what is due, the least secured, the "
        "heaviest burden, the earliest due first."
    ),
    Method.RATE: message("Shared by rate, the highest first."),
    Method.BALANCE: message("Shared in proportion to what is owed."),
    Method.EQUAL: message("Shared in equal parts."),
}


def method_sentences(found: Joint, language: str) -> list[str]:
    """Return how the payment is shared and what becomes of the money of a repaid debt."""
    say = words(language)
    return [
        say(_METHOD[found.method]),
        say("When a debt is repaid, its money goes on to the others.")
        if found.flows_on
        else say("When a debt is repaid, the payment falls by what it took."),
    ]


_NOT_AFFORDABLE = message(
    "No joint plan: the longest plans allowed ask for {needed} a month together and "
    "{affordable} is affordable. {gap} a month is missing."
)
_NOT_DIALLED = message(
    "No joint plan: the longest plans allowed ask for {needed} a month together and "
    "{affordable} was dialed. {gap} a month is missing."
)


def gap_sentence(found: JointGap, language: str, *, is_dialled: bool) -> str:
    """Return how much is missing before every debt can be repaid in time."""
    return words(language)(
        _NOT_DIALLED if is_dialled else _NOT_AFFORDABLE,
        needed=formats.money(found.needed, language),
        affordable=formats.money_with_code(found.affordable, language),
        gap=formats.money(found.gap, language),
    )


def above_affordable(amount: Money, language: str) -> list[str]:
    """Return a warning where the largest month asks for more than the household can afford."""
    if not amount:
        return []
    return [
        words(language)(
            "The largest month asks for {amount} more than the household can afford.",
            amount=formats.money(amount, language),
        )
    ]
