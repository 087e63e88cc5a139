"""The amount that is typed before a plan is recorded, and what it is called for that plan.

Not here: the gate that asks for it (`screens/read_back.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.wording.rhythm import rhythm_of
from plan_assistant.wording.words import message


@dataclass(frozen=True, slots=True)
class AmountNames:
    """What the amount is called where it is asked for; sentences for `Words`."""

    to_record: str
    to_lead: str
    ask: str
    differs: str


_MONTHLY = AmountNames(
    message("Monthly amount, to record"),
    message("Monthly amount, to SEND TO LEAD"),
    message("Type the monthly amount that you read aloud, then Enter."),
    message("{typed} is not the monthly amount of this plan: compare and type it again."),
)
_LATER = AmountNames(
    message("Later monthly amount, to record"),
    message("Later monthly amount, to SEND TO LEAD"),
    message("Type the later monthly amount that you read aloud, then Enter."),
    message("{typed} is not the later monthly amount of this plan: compare and type it again."),
)
_EACH = AmountNames(
    message("Amount of a payment, to record"),
    message("Amount of a payment, to SEND TO LEAD"),
    message("Type the amount of a payment that you read aloud, then Enter."),
    message("{typed} is not the amount of a payment of this plan: compare and type it again."),
)
_LATER_EACH = AmountNames(
    message("Amount of a later payment, to record"),
    message("Amount of a later payment, to SEND TO LEAD"),
    message("Type the amount of a later payment that you read aloud, then Enter."),
    message(
        "{typed} is not the amount of a later payment of this plan: compare and type it again."
    ),
)


def agreed_amount(plan: Plan) -> tuple[Money, AmountNames]:
    """Return what most payments are once low ones and those with old charges are over."""
    told = rhythm_of(plan.schedule)
    names = {
        (True, False): _MONTHLY,
        (True, True): _LATER,
        (False, False): _EACH,
        (False, True): _LATER_EACH,
    }
    return told.usual, names[told.is_monthly, told.later is not None]
