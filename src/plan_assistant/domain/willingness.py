"""How willing a borrower seems to pay: an explained score, for a person who decides.

It looks at contact, promises, payments, evidence and the borrower's own proposal, and at nothing
else: not at who somebody is, whom they know or where they live. What is not known earns no points
and costs none. Weights and quadrants are those of the reference method, section 3.2. Not here: what
the household can pay (`budget.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.case import Case, Contact, ContactOutcome, HardshipReason, PastPayment
from plan_assistant.domain.money import Money, Rounding, round_fraction, total

DAYS_LOOKED_BACK = 90
_PERIODS = 3
"""Payments of the last 90 days are counted in thirds, so that one payment is not three."""
_REACHED = frozenset({ContactOutcome.REACHED, ContactOutcome.PROMISE})
_NOT_THEM = frozenset({ContactOutcome.WRONG_PERSON, ContactOutcome.INVALID_NUMBER})
"""A wrong number says nothing about the borrower."""


class Sign(StrEnum):
    """What the score looks at."""

    CONTACT = "contact"
    PROMISES = "promises"
    PAYMENTS = "payments"
    EVIDENCE = "evidence"
    PROPOSAL = "proposal"

    @property
    def most(self) -> int:
        """The most points it earns."""
        return _MOST[self]


_MOST = {
    Sign.CONTACT: 25,
    Sign.PROMISES: 25,
    Sign.PAYMENTS: 20,
    Sign.EVIDENCE: 15,
    Sign.PROPOSAL: 15,
}


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One sign: `count` of `whole`, and the points that earns; no points where nothing is known."""

    sign: Sign
    count: int
    whole: int

    @property
    def points(self) -> int | None:
        """The share of the most points, rounded half up; None where nothing is known."""
        if not self.whole:
            return None
        return round_fraction(Fraction(self.sign.most * self.count, self.whole), Rounding.HALF_UP)


@dataclass(frozen=True, slots=True)
class WillingnessScore:
    """From 0 to 100 points, part by part."""

    parts: tuple[ScorePart, ...]

    @property
    def points(self) -> int:
        """All points earned."""
        return sum(part.points or 0 for part in self.parts)

    @property
    def known(self) -> int:
        """The points that could be earned where something is known; 100 where all is."""
        return sum(part.sign.most for part in self.parts if part.points is not None)

    @property
    def is_willing(self) -> bool | None:
        """Say whether at least half of the known points are earned; None below half of all known.

        With most signs unknown the few others would decide by accident.
        """
        if 2 * self.known < sum(_MOST.values()):
            return None
        return 2 * self.points >= self.known


class Quadrant(StrEnum):
    """Can pay or cannot, wants to or does not: each suggests another way."""

    CAN_WILL = "can_will"
    CAN_WONT = "can_wont"
    CANNOT_WILL = "cannot_will"
    CANNOT_WONT = "cannot_wont"


@dataclass(frozen=True, slots=True)
class Outlook:
    """The score beside what the household can pay."""

    score: WillingnessScore
    can_pay: bool
    """What is affordable covers what the contracts ask each month."""
    affordable: Money
    asked: Money
    """What the contracts of the negotiated debts ask each month, where it is known."""

    @property
    def quadrant(self) -> Quadrant | None:
        """Where the case stands; None while too little is known of willingness."""
        willing = self.score.is_willing
        if willing is None:
            return None
        if self.can_pay:
            return Quadrant.CAN_WILL if willing else Quadrant.CAN_WONT
        return Quadrant.CANNOT_WILL if willing else Quadrant.CANNOT_WONT


def score(
    *,
    contacts: Sequence[Contact],
    payments: Sequence[PastPayment],
    promises_kept: int,
    promises_broken: int,
    hardships: Sequence[HardshipReason],
    has_own_proposal: bool,
    as_of: date,
) -> WillingnessScore:
    """Score willingness from what was done, never from who somebody is."""
    since = as_of - timedelta(days=DAYS_LOOKED_BACK)
    attempts = [
        contact.outcome
        for contact in contacts
        if since < contact.on <= as_of and contact.outcome not in _NOT_THEM
    ]
    length = DAYS_LOOKED_BACK // _PERIODS
    paid_in = {
        (as_of - payment.on).days // length
        for payment in payments
        if since < payment.on <= as_of and payment.amount
    }
    return WillingnessScore(
        (
            ScorePart(
                Sign.CONTACT, sum(outcome in _REACHED for outcome in attempts), len(attempts)
            ),
            ScorePart(Sign.PROMISES, promises_kept, promises_kept + promises_broken),
            ScorePart(Sign.PAYMENTS, len(paid_in), _PERIODS),
            ScorePart(
                Sign.EVIDENCE, sum(bool(reason.evidence) for reason in hardships), len(hardships)
            ),
            ScorePart(Sign.PROPOSAL, int(has_own_proposal), 1),
        )
    )


def outlook(case: Case, affordability: Affordability) -> Outlook:
    """Return the score of a case beside what its household can pay."""
    contractual = [
        debt.contractual_payment for debt in case.negotiated if debt.contractual_payment is not None
    ]
    asked = total(contractual, case.currency)
    return Outlook(
        score=score(
            contacts=case.contacts,
            payments=case.payments,
            promises_kept=case.promises_kept,
            promises_broken=case.promises_broken,
            hardships=case.hardships,
            has_own_proposal=case.willingness.own_proposal is not None,
            as_of=case.as_of,
        ),
        can_pay=affordability.affordable.minor > 0 and affordability.affordable >= asked,
        affordable=affordability.affordable,
        asked=asked,
    )
