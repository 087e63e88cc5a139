"""How one payment is shared over several debts, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.joint import Joint, JointGap, Method
from plan_assistant.domain.offers.joint_part import JointPart
from plan_assistant.domain.schedule.schedule import Schedule
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


def method_sentences(found: Joint | JointPart, language: str) -> list[str]:
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


def part_sentences(
    joint: JointPart, own: Schedule, language: str, *, named_in: str | None
) -> list[str]:
    """Return which payment a plan is part of; `named_in` is the agreement that says so already."""
    say = words(language)
    others = [part.debt_id for part in joint.others]
    told = [
        shares_sentence(joint.largest(own), others, language),
        *method_sentences(joint, language),
    ]
    if named_in is not None:
        told.append(
            say(
                "It is the part that agreement {number} names; nothing was shared anew.",
                number=named_in,
            )
        )
    return told


def shares_sentence(largest: Money, others: Sequence[DebtId], language: str) -> str:
    """Return that a plan is part of a payment, what that asks for at most, and for which debts."""
    return words(language)(
        "One part of a payment of at most {largest} a month, shared with {debts}.",
        largest=formats.money_with_code(largest, language),
        debts=_listed(others, language),
    )


def parts_left_sentences(debts: Sequence[DebtId], language: str) -> list[str]:
    """Return which debts' parts of the payment are still to be chosen; nothing where none is."""
    if not debts:
        return []
    return [
        words(language)(
            "Still to be chosen for the same payment, one after the other as each is decided: "
            "{debts}.",
            debts=_listed(debts, language),
        )
    ]


def _listed(debts: Sequence[DebtId], language: str) -> str:
    return formats.listed([str(debt_id) for debt_id in debts], language)
