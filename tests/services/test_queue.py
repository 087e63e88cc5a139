"""The queue: every case one line, and nothing on it that tells a passer-by who it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests import builders
from tests.desks import CASE, approve, case_named, desk_at, lead, waiting
from tests.recording import close_call, disclosure_read

from plan_assistant.domain.case import CaseId, Person
from plan_assistant.domain.debt import Product
from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.record import Status
from plan_assistant.ports import Store
from plan_assistant.services.open_case import open_case
from plan_assistant.services.queue import queue_rows


def test_an_empty_store_has_an_empty_queue(store: Store) -> None:
    assert queue_rows(desk_at(store)) == ()


def test_a_line_says_what_the_queue_shows(store: Store) -> None:
    open_case(desk_at(store), builders.case(), RequestKey("open"))

    (row,) = queue_rows(desk_at(store))

    assert (row.case_id, row.masked_name) == (CASE, "张*")
    assert (row.product, row.owed) == (Product.CREDIT_CARD, builders.yuan("48250.00"))
    assert (row.days_past_due, row.stage) == (97, "M4")
    assert (row.status, row.last_outcome, row.version) == (Status.OPEN, None, 1)


def test_owed_is_the_sum_of_what_is_negotiated(store: Store) -> None:
    small = builders.debt(
        debt_id="D2",
        product=Product.CONSUMER_LOAN,
        owed=builders.components("100.00", "0.00", "0.00", "0.00"),
        days_past_due=200,
    )
    outside = builders.debt(debt_id="D3", is_negotiated=False, days_past_due=300)
    open_case(desk_at(store), builders.case(builders.debt(), small, outside), RequestKey("open"))

    (row,) = queue_rows(desk_at(store))

    assert row.owed == builders.yuan("48350.00")
    assert row.product is Product.CREDIT_CARD
    assert (row.days_past_due, row.stage) == (200, "M6+")


def test_cases_stand_in_the_order_they_came(store: Store) -> None:
    for name in ("Z-1", "A-1", "M-1"):
        open_case(desk_at(store), case_named(name), RequestKey(name))
    close_call(desk_at(store), CaseId("Z-1"), "no_answer", RequestKey("call"))

    assert [row.case_id for row in queue_rows(desk_at(store))] == ["Z-1", "A-1", "M-1"]


@pytest.mark.parametrize(
    ("name", "masked"), [("欧阳娜娜", "欧***"), ("Chen Wei", "C*** W**")], ids=["zh", "en"]
)
def test_names_are_masked(store: Store, name: str, masked: str) -> None:
    borrower = Person.of(name, "110101199001011234", "13800008000", None)
    open_case(desk_at(store), replace(builders.case(), borrower=borrower), RequestKey("open"))

    (row,) = queue_rows(desk_at(store))

    assert row.masked_name == masked
    assert name not in repr(row)


def test_the_status_follows_what_happened(store: Store) -> None:
    fingerprint = waiting(store)
    desk = desk_at(store)
    seen = [queue_rows(desk)[0].status]
    close_call(desk, CASE, "promised", RequestKey("call"))
    seen.append(queue_rows(desk)[0].status)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("yes"))
    seen.append(queue_rows(desk)[0].status)

    assert seen == [Status.PENDING, Status.PENDING, Status.APPROVED]


def test_the_next_call_opens_a_closed_case_again_and_keeps_the_last_outcome(store: Store) -> None:
    desk = desk_at(store)
    open_case(desk, builders.case(), RequestKey("open"))
    close_call(desk, CASE, "no_answer", RequestKey("call"))
    closed = queue_rows(desk)[0]
    disclosure_read(desk, CASE, "identity", RequestKey("next call"))

    again = queue_rows(desk)[0]

    assert (closed.status, closed.last_outcome) == (Status.CLOSED, "no_answer")
    assert (again.status, again.last_outcome) == (Status.OPEN, "no_answer")
