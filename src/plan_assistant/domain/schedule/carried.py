"""Carried arrears: amounts already owed that bear no interest in the plan, laid over its rows."""

from __future__ import annotations

from plan_assistant.domain.money import round_ratio
from plan_assistant.domain.schedule.terms import ArrearsTreatment, Terms


def spread_arrears(terms: Terms, payments: list[int]) -> list[int]:
    """Return the carried amount that joins each installment, in minor units.

    Only installments that ask for money carry arrears; where none does, as of a debt without
    principal, every one after a grace that asks for nothing counts as one. In equal parts each is
    total/count rounded half up (down where that would leave the last part negative) and the last
    takes the rest.
    """
    parts = [0] * len(payments)
    total = carried_by_installments(terms)
    if not total:
        return parts
    paying = [index for index, payment in enumerate(payments) if payment > 0]
    if not paying:
        free = min(terms.grace.free, len(payments) - 1)
        paying = list(range(free, len(payments)))
    match terms.arrears_treatment:
        case ArrearsTreatment.FIRST_INSTALLMENT:
            parts[paying[0]] = total
        case ArrearsTreatment.LAST_INSTALLMENT:
            parts[paying[-1]] = total
        case ArrearsTreatment.SPREAD:
            part, last = equal_parts(total, len(paying), terms)
            for index in paying:
                parts[index] = part
            parts[paying[-1]] = last
    return parts


def carried_by_installments(terms: Terms) -> int:
    """Return the arrears that a down payment leaves to the installments."""
    total = terms.arrears.minor if terms.arrears else 0
    return total - (terms.down_payment.arrears.minor if terms.down_payment else 0)


def equal_parts(total: int, count: int, terms: Terms) -> tuple[int, int]:
    """Return the equal part and the last part of a total, none of them negative."""
    part = round_ratio(total, count, terms.conventions.rounding)
    if part * (count - 1) > total:
        part = total // count
    return part, total - part * (count - 1)
