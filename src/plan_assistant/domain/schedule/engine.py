"""Prices a plan: terms in, exact schedule out.

Regular plans take a short loop over integers (`regular.py`); everything else the general one
(`drafting.py`), which also says why a regular plan does not hold. Both give the same cents, which a
property test holds.
"""

from __future__ import annotations

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule.drafting import draft_plan, to_schedule
from plan_assistant.domain.schedule.regular import is_regular_plan, price_regular
from plan_assistant.domain.schedule.rows import Draft
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import Amortization, Terms
from plan_assistant.domain.schedule.validation import validate


def price(terms: Terms) -> Schedule:
    """Return the exact schedule of some terms.

    Raises:
        InvalidTerms: the terms cannot describe a plan, a payment does not cover the interest, the
            plan would end in a month without payment, or rounding a computed payment would end it
            before its last installment.
    """
    validate(terms)
    if is_regular_plan(terms) and (schedule := price_regular(terms)) is not None:
        return schedule
    return price_general(terms)


def price_general(terms: Terms) -> Schedule:
    """Price any valid terms by the general pass; `price` is the way in."""
    if terms.amortization is Amortization.SINGLE_PAYMENT and terms.periods != 1:
        raise InvalidTerms(
            "periods", terms.periods, "a single payment has one period; its due date says how long"
        )
    draft = draft_plan(terms)
    refuse_broken_promises(draft)
    return to_schedule(draft)


def refuse_broken_promises(draft: Draft) -> None:
    """Raise InvalidTerms where a payment does not cover the interest or the plan ends early."""
    terms = draft.terms
    last = draft.last_row()
    # Only equal installments take given payments; a flat plan computes the multiples it asks for.
    is_computed = terms.amortization is not Amortization.EQUAL_INSTALLMENT
    computed_early = [
        line
        for line in draft.lines[last + 1 :]
        if is_computed or line.is_level or line.payment is None
    ]
    is_early = any(not line.is_fee_only for line in computed_early)
    if is_early and draft.lines[draft.last_line()].is_skipped:
        raise _ends_without_payment(draft, draft.last_line())
    refuse_skipped_end(draft)
    if is_early:
        raise InvalidTerms(
            "payment_multiple_of" if terms.payment_multiple_of else "periods",
            terms.payment_multiple_of.plain if terms.payment_multiple_of else terms.periods,
            f"rounding would end the plan after {last + 1} of {terms.periods} installments",
        )
    refuse_uncovered_interest(draft)


def refuse_skipped_end(draft: Draft) -> None:
    """Raise InvalidTerms where the row that ends the plan asks for money in a skipped month.

    What was booked or prepaid in such a month was paid of one's own accord.
    """
    last = draft.last_row()
    line, row = draft.lines[last], draft.rows[last]
    is_asked = line.booked is None and not line.extra_principal
    if line.is_skipped and is_asked and row.principal + row.interest > 0:
        raise _ends_without_payment(draft, last)


def _ends_without_payment(draft: Draft, last: int) -> InvalidTerms:
    end = draft.lines[last].period.end
    return InvalidTerms(
        "skip_months",
        ", ".join(map(str, sorted(draft.terms.skip_months))),
        f"a plan cannot end in a month without payment; its last installment is due on {end}",
    )


def refuse_uncovered_interest(draft: Draft) -> None:
    """Raise InvalidTerms where a payment does not cover the interest, or interest turns negative.

    The latter happens where each row's part is rounded up from almost nothing and the last row
    takes the difference to the exact total, or to a total interest set from outside.
    """
    currency = draft.terms.principal.currency
    for number, row in enumerate(draft.rows, start=1):
        if row.principal < 0:
            paid = currency.money(int(row.payment - row.fees - row.carried)).plain
            interest = currency.money(int(row.interest)).plain
            multiple = draft.terms.payment_multiple_of
            if multiple is not None and row.payment < multiple.minor:
                raise InvalidTerms(
                    "payment_multiple_of",
                    multiple.plain,
                    f"payments come to {paid}, below the interest of {interest} in installment "
                    f"{number}",
                )
            reason = f"it does not cover the interest of {interest} in installment {number}"
            raise InvalidTerms("payment", paid, reason)
        if row.interest < 0 or row.fees < 0:
            reason = f"the fees of installment {number} would be below zero"
            if row.interest < 0:
                reason = f"the interest of installment {number} would be below zero"
            conventions = draft.terms.conventions
            if row.interest < 0 and draft.correction is not None:
                raise InvalidTerms("total_interest", conventions.total_interest.value, reason)
            if row.interest < 0:
                reason = (
                    "the interest of the installments before it, each rounded, is more than that of"
                    f" the whole plan: nothing is left for installment {number}"
                )
            raise InvalidTerms("rounding", conventions.rounding.value, reason)
