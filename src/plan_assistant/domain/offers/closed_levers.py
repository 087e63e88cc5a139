"""Which levers of a pack are closed to a plan that is already there, and at which limit.

A lever is open to a plan when some turn of the dials leads to its value. Not here: what the rules
of the pack say of the plan (`domain/policy`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from plan_assistant.domain.debt import Components
from plan_assistant.domain.offers.level_payments import lower_payment
from plan_assistant.domain.offers.line import FREQUENCIES
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.pack import OldCharges
from plan_assistant.domain.schedule.terms import ArrearsTreatment, Terms

_TREATMENTS = {
    ArrearsTreatment.SPREAD: OldCharges.SPREAD,
    ArrearsTreatment.FIRST_INSTALLMENT: OldCharges.FIRST_INSTALLMENT,
    ArrearsTreatment.LAST_INSTALLMENT: OldCharges.LAST_INSTALLMENT,
}


@dataclass(frozen=True, slots=True)
class ClosedLever:
    """A lever that a plan would need further open than a pack has it."""

    name: str
    """The field of the pack's levers, such as `max_periods`."""
    limit: object
    """What the pack allows, as the field has it."""
    actual: object
    """What the plan has, in the same terms; None where the terms do not name it."""


def closed_levers(
    space: Space,
    *,
    family: Family,
    terms: Terms,
    waived: Components,
    grace_months: int,
    is_joint: bool = False,
) -> tuple[ClosedLever, ...]:
    """Return every lever of a space that is closed to a plan with these terms.

    The steps of a part of a joint plan follow from how one payment is shared, and its old charges
    go where the schedules of the pack put them: neither is a lever that somebody pulled.
    """
    limits = space.policy.space
    found = {
        **_of_family(space, family),
        **_of_length(space, terms),
        **_of_rate(space, family, terms),
        **({} if grace_months in space.graces(family) else {"graces": grace_months}),
        **_of_payments(space, family, terms),
        **_of_claim(space, family, terms, waived),
    }
    if is_joint:
        found.pop("steps", None)
        if terms.arrears_treatment is space.policy.schedule.arrears_treatment:
            found.pop("old_charges", None)
    return tuple(ClosedLever(name, getattr(limits, name), found[name]) for name in found)


def _of_family(space: Space, family: Family) -> dict[str, object]:
    return {} if family in space.families else {"families": family}


def _of_length(space: Space, terms: Terms) -> dict[str, object]:
    """Judge the number of payments and the day of the first one; both can be dialled."""
    limits, payments = space.policy.space, terms.periods - terms.grace.interest
    rhythm = next(each for each, often in FREQUENCIES.items() if often == terms.frequency)
    found: dict[str, object] = {}
    if payments < limits.min_periods:
        found["min_periods"] = payments
    elif payments > max(limits.max_periods, space.lengths(rhythm)[-1]):
        found["max_periods"] = payments
    assert terms.first_due is not None  # a plan that was offered has dates
    days = (terms.first_due - space.today).days
    if days > limits.first_payment_max_days:
        found["first_payment_max_days"] = days
    return found


def closed_rate(space: Space, family: Family, rate: Fraction) -> str | None:
    """Return the lever that is closed to a rate; None where it is open."""
    if rate in space.rates(family):
        return None
    return "lowest_rate" if rate < space.policy.space.lowest_rate else "rate_step"


def _of_rate(space: Space, family: Family, terms: Terms) -> dict[str, object]:
    lever = closed_rate(space, family, terms.annual_rate)
    return {} if lever is None else {lever: terms.annual_rate}


def _of_payments(space: Space, family: Family, terms: Terms) -> dict[str, object]:
    """Judge the rhythm, the round amounts and the lower payments at first."""
    found: dict[str, object] = {}
    rhythms = (FREQUENCIES[rhythm] for rhythm in space.rhythms(family))
    if terms.frequency not in rhythms:
        names = {frequency: rhythm for rhythm, frequency in FREQUENCIES.items()}
        found["rhythms"] = names[terms.frequency]
    multiple = terms.payment_multiple_of
    if multiple is not None and multiple.minor not in space.multiples(family):
        found["multiples"] = multiple.minor // multiple.currency.units
    if terms.payment_steps and not _is_stepped(space, terms):
        found["steps"] = None
    return found


def _is_stepped(space: Space, terms: Terms) -> bool:
    """Say whether a step pattern of the pack gives the lower payments of these terms."""
    first, level = terms.payment_steps[0], terms.with_(payment_steps=())
    return first.payment is not None and any(
        step.months == first.periods
        and lower_payment(level, step, terms.periods) == first.payment.minor
        for step in space.policy.space.steps
    )


def _of_claim(space: Space, family: Family, terms: Terms, waived: Components) -> dict[str, object]:
    """Judge what is given up, and what becomes of old charges; how much is paid today is a dial."""
    down, zero = terms.down_payment, space.debt.currency.zero
    paid_today = zero if down is None else down.principal + down.arrears
    # What becomes of old charges depends on how many of them are left after it.
    dialled = replace(space, wishes=replace(space.wishes, down_payment=paid_today))
    is_free = family is Family.ZERO_RATE
    claims = dialled.claims_without_interest if is_free else dialled.claims
    alike = [each for each in claims if each.waived == waived]
    if not alike:
        given_up = {part: amount.plain for part, amount in waived.items() if amount}
        return {"waivers": given_up}
    owed = space.debt.components
    carried = terms.arrears is not None and (down is None or down.arrears < terms.arrears)
    joins = terms.principal > owed.principal
    for each in alike:
        is_treated = not carried or each.arrears_treatment is terms.arrears_treatment
        if is_treated and (each.principal > owed.principal) is joins:
            return {}
    return {"old_charges": OldCharges.CAPITALISE if joins else _TREATMENTS[terms.arrears_treatment]}
