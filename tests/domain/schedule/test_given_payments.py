"""Events that would lower a payment say so where the plan computes none."""

from __future__ import annotations

from datetime import date

import pytest

from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.terms import Amortization, Conventions, LevelPayment, Terms
from tests.domain.schedule.builders import FIRST_DUE, dated, yuan

GIVEN = dated(payment=yuan("900.00"), conventions=Conventions(level_payment=LevelPayment.GIVEN))
GIVEN_PRINCIPAL = dated(amortization=Amortization.EQUAL_PRINCIPAL, principal_payment=yuan("900.00"))


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (ev.ExtendTerm(date(2026, 6, 30), 6), "keeps_payment"),
        (ev.Prepayment(3, yuan("2000.00"), Excess.LOWER), "strategy"),
        (ev.Payment(FIRST_DUE, yuan("2000.00"), Excess.LOWER), "excess"),
    ],
    ids=["a longer term", "extra principal", "a booked payment"],
)
@pytest.mark.parametrize("terms", [GIVEN, GIVEN_PRINCIPAL], ids=["payments", "principal"])
def test_no_given_payment_becomes_lower(terms: Terms, event: ev.Event, field: str) -> None:
    with pytest.raises(InvalidTerms, match="its payments are given") as refusal:
        _ = History(terms, {"event": event}).schedule

    assert refusal.value.field == field


def test_a_longer_term_may_keep_given_payments() -> None:
    longer = ev.ExtendTerm(date(2026, 6, 30), 6, keeps_payment=True)

    schedule = History(GIVEN, {"longer": longer}).schedule

    assert schedule.total_principal == GIVEN.principal
