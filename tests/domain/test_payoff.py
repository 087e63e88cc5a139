"""What repays a plan early, on plans that a search has made: between what principal alone would
take and what the agreed rows ask for, and to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from plan_assistant.domain.follow_up import Paid
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.search import Search, plan_of
from plan_assistant.domain.payoff import Repaid, payoff, repaid
from plan_assistant.domain.schedule.schedule import Schedule
from tests.domain.offers.spaces import random_space


def _plan(seed: int) -> Plan:
    """Return any plan of a random space that no rule forbids."""
    search = Search(random_space(seed))
    assume(len(search.pool))
    place = Random(seed).choice(search.pool.places.tolist())
    return plan_of(search.space, *search.pool.candidate(place))


def _paid_as_agreed(schedule: Schedule, rows: int) -> list[Paid]:
    """Return the payments of the first rows, each on its day."""
    return [Paid(_due(schedule, row), schedule.rows[row].payment) for row in range(rows)]


def _due(schedule: Schedule, row: int) -> date:
    due = schedule.rows[row].due
    assert due is not None
    return due


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), share=st.floats(0, 1), days=st.integers(0, 40))
def test_repaying_early_takes_the_principal_the_old_charges_and_interest_up_to_the_day(
    seed: int, share: float, days: int
) -> None:
    plan = _plan(seed)
    schedule, terms = plan.schedule, plan.terms
    rows = len(schedule.rows)
    paid_rows = int(share * (rows - 1))
    received = [item for item in _paid_as_agreed(schedule, paid_rows) if item.amount]
    start = _due(schedule, paid_rows - 1) if paid_rows else terms.start
    assert start is not None
    day = min(start + timedelta(days=days), _due(schedule, paid_rows))

    position = payoff(terms, received, day)

    rest = schedule.rows[paid_rows:]
    zero = terms.principal.currency.zero
    principal, charges = (
        sum((getattr(row, name) for row in rest), zero) for name in ("principal", "arrears")
    )
    # Where a due day has moved beyond a holiday, the next period runs already.
    interest = sum((row.interest + row.deferred for row in rest[:2]), zero)
    held = sum((row.deferred for row in schedule.rows[:paid_rows]), zero)
    capitalised = sum((row.capitalised for row in rest), zero)
    least = principal - capitalised + charges
    assert least <= position.total <= least + interest + held + capitalised
    owed = position.total
    assert owed <= sum((row.payment for row in rest), zero)
    assert repaid(terms, [*received, Paid(day, owed)]) == Repaid(day, zero)
    less = terms.principal.currency.money(owed.minor - 1)
    if less:
        assert repaid(terms, [*received, Paid(day, less)]) is None


@example(seed=64)  # begins with a down payment
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_on_the_last_day_repaying_is_the_last_installment(seed: int) -> None:
    plan = _plan(seed)
    last = len(plan.schedule.rows) - 1
    received = [item for item in _paid_as_agreed(plan.schedule, last) if item.amount]

    owed = payoff(plan.terms, received, _due(plan.schedule, last)).total

    assert owed == plan.schedule.rows[last].payment
