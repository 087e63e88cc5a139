"""What holds of every plan that is offered or recorded, said without the engine's own check."""

from __future__ import annotations

from itertools import accumulate

from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import FixedFee, LevelPayment, Terms


def assert_sound(schedule: Schedule) -> None:
    """Assert that rows add up, nothing is negative, all is repaid and nothing stays owed."""
    columns, terms = schedule.columns, schedule.terms
    schedule.check()
    assert min(map(min, columns)) >= 0
    cells = zip(*columns[1:6], strict=True)
    assert [*columns.payment] == [sum(parts) for parts in cells]
    repaid = zip(columns.principal, columns.capitalised, strict=True)
    changes = [added - principal for principal, added in repaid]
    assert [terms.principal.minor, *columns.balance] == [
        *accumulate(changes, initial=terms.principal.minor)
    ]
    assert sum(changes) == -terms.principal.minor
    assert columns.balance[-1] == columns.arrears_left[-1] == columns.deferred[-1] == 0
    assert sum(columns.arrears) == (terms.arrears.minor if terms.arrears else 0)
    assert sum(columns.payment) == terms.principal.minor + sum(map(sum, columns[2:7]))


def number_of_installments(schedule: Schedule) -> int:
    """Return the rows that are neither a down payment nor a fee after the last installment."""
    columns = schedule.columns
    count = len(columns.payment)
    # A fee asked for with an installment by its number is no row of its own, even where the
    # installment asks for nothing else.
    with_fee = {fee.number for fee in schedule.terms.fees if isinstance(fee, FixedFee)}
    while count > 1 and not columns.balance[count - 2] and columns.payment[count - 1]:
        is_fee = columns.payment[count - 1] == columns.fees[count - 1]
        if not is_fee or count - schedule.has_down_payment in with_fee:
            break
        count -= 1
    return count - schedule.has_down_payment


def promises_its_number(terms: Terms) -> bool:
    """Say whether all payments are computed, so that rounding may not change their number."""
    return (
        terms.conventions.level_payment is not LevelPayment.GIVEN
        and not terms.payment_steps
        and terms.principal_payment is None
    )
