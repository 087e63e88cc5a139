"""What a contract asks for when it stays as it is: the yardstick for calling a plan relief.

Not here: the rules that compare a plan with it (`plan_tests.py`).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.debt import Debt
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import Conventions, LevelPayment, Terms


@lru_cache(maxsize=64)
def contract_total(debt: Debt, as_of: date) -> Money | None:
    """Return all that a running contract still asks for, from today to its maturity.

    The contractual payment is made each month at the contract rate, what is then left is paid at
    maturity, and old charges are paid beside. None where it cannot be computed: without a
    contractual payment, without a maturity ahead, or where the payment does not cover the interest
    or settles the debt earlier.
    """
    months, payment = debt.months_to_maturity(as_of), debt.contractual_payment
    principal = debt.components.principal
    if not months or not payment or not principal:
        return None
    terms = Terms(
        principal=principal,
        annual_rate=debt.annual_rate,
        periods=months,
        start=as_of,
        first_due=add_months(as_of, 1),
        payment=payment,
        conventions=Conventions(level_payment=LevelPayment.GIVEN),
    )
    try:
        paid = price(terms).total_paid
    except InvalidTerms:
        return None
    return paid + debt.components.non_principal
