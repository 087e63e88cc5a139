"""What waits for a case that cannot be read keeps nothing from the other cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests import builders
from tests.away import Switched, desk_with_journal
from tests.desks import CASE, desk_at, memory_store

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseUnreadable
from plan_assistant.domain.events import Event, RequestKey
from plan_assistant.domain.record import Status, fold
from plan_assistant.domain.waiting import error_of
from plan_assistant.services import record
from plan_assistant.services.deliver import deliver, discard, send_again
from plan_assistant.services.keeping import carry_out
from plan_assistant.services.open_case import open_case

OTHER = CaseId("T-2")


class _Unreadable(Switched):
    """A store in which a fact was put that nobody can read."""

    is_unreadable = True

    def events(self, case_id: CaseId) -> Sequence[Event]:
        if case_id == CASE and self.is_unreadable and self.failure is None:
            raise CaseUnreadable(CASE, 1, "KeyError")
        read: Sequence[Event] = self.__getattr__("events")(case_id)
        return read


def test_an_act_for_a_case_that_cannot_be_read_keeps_nothing_else_waiting(tmp_path: Path) -> None:
    inner = memory_store()
    for case_id in (CASE, OTHER):
        opened = replace(builders.case(), case_id=case_id)
        open_case(desk_at(inner), opened, RequestKey(f"open {case_id}"))
    store = _Unreadable(inner)
    desk = desk_with_journal(store, tmp_path)
    store.go_away()
    for case_id in (CASE, OTHER):
        carry_out(desk, record.call_ended(desk, case_id, "promised", RequestKey(case_id)))
    store.come_back()

    delivery = deliver(desk)

    assert [one.act.case_id for one in delivery.delivered] == [OTHER]
    assert (delivery.failure, delivery.left.waiting) == (None, 0)
    (refused,) = delivery.refused
    assert refused.refusal is not None
    told = error_of(refused.refusal)
    assert isinstance(told, CaseUnreadable)
    assert (told.case_id, told.version, told.detail["reason"]) == (CASE, 1, "KeyError")
    # What is done next stands in the record at once.
    assert carry_out(desk, record.call_ended(desk, OTHER, "promised", RequestKey("next")))

    store.is_unreadable = False
    assert [one.act.case_id for one in send_again(desk, RequestKey(CASE)).delivered] == [CASE]
    assert fold(inner.events(CASE)).status is Status.CLOSED


def test_an_act_for_a_case_that_cannot_be_read_may_be_given_up(tmp_path: Path) -> None:
    inner = memory_store()
    open_case(desk_at(inner), builders.case(), RequestKey("open"))
    store = _Unreadable(inner)
    desk = desk_with_journal(store, tmp_path)
    store.go_away()
    carry_out(desk, record.call_ended(desk, CASE, "promised", RequestKey("end")))
    store.come_back()
    deliver(desk)

    discard(desk, RequestKey("end"))

    assert desk.journal is not None
    assert desk.journal.content().acts == ()
