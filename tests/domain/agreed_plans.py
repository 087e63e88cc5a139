"""Approved agreements for tests: rows of the engine in the form that is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from plan_assistant import bootstrap
from plan_assistant.domain.approved_plan import ApprovedPlan
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.event_form import recorded
from plan_assistant.domain.events import Account, Event, EventId, EventType, Json, NewEvent
from plan_assistant.domain.follow_up import AgreedPlan, Paid, read_agreed
from plan_assistant.domain.follow_up_acts import NamedAgreement
from plan_assistant.domain.formats.agreement_file import agreed_terms
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.formats.plan_file import written_rows
from plan_assistant.domain.formats.terms_file import write_terms
from plan_assistant.domain.record import CaseRecord, fold
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.terms import Terms
from tests import builders
from tests.desks import agreement
from tests.people import COLLECTOR, LEAD, NOW, decided

TODAY = NOW.date()


def agreed(terms: Terms) -> AgreedPlan:
    """Return what a plan on these terms asks for, read from its recorded form."""
    plan: dict[str, Json] = {"terms": write_terms(terms), "rows": written_rows(price(terms))}
    return read_agreed({"currency": "CNY", "cut_off": "2026-01-31", "plan": plan})


def paid(day: date, amount: str) -> Paid:
    """Return an amount of yuan received on a day."""
    return Paid(day, builders.yuan(amount))


def terms_of(item: ApprovedPlan) -> Terms:
    """Return the terms of an agreement."""
    return agreed_terms(item.plan.agreement, bootstrap.calendars().named)


def named(sent: dict[str, Any]) -> NamedAgreement:
    """Return an agreement as the person who looked at it names it."""
    return NamedAgreement(str(sent["number"]), fingerprint(sent))


class Course:
    """A case with an approved agreement, and the facts that are added to it."""

    def __init__(self, sent: dict[str, Any] | None = None, maker: Account = COLLECTOR) -> None:
        self.sent = sent or agreement(maker=maker.name)
        self.named = named(self.sent)
        self._events: list[Event] = []
        self.add(NewEvent(EventType.CASE_OPENED, write_case(builders.case())))
        self.add(NewEvent(EventType.PLAN_RECORDED, self.sent), by=maker)
        self.add(decided(EventType.APPROVED, self.named.fingerprint, LEAD), by=LEAD)

    def add(self, *facts: NewEvent, by: Account = COLLECTOR, at: datetime = NOW) -> None:
        """Record facts as a store would."""
        for fact in facts:
            version = len(self._events) + 1
            self._events.append(
                recorded(
                    fact,
                    sequence=version,
                    event_id=EventId(f"E-{version}"),
                    case_id=CaseId("T-1"),
                    version=version,
                    at=at,
                    actor=by,
                )
            )

    @property
    def record(self) -> CaseRecord:
        """The state of the case."""
        return fold(self._events)

    @property
    def kinds(self) -> list[EventType]:
        """What was recorded, in order."""
        return [event.type for event in self._events]


def days_after(day: date, count: int) -> date:
    """Return the day so many days later."""
    return day + timedelta(days=count)


def plain(parts: Iterable[tuple[int, Any]]) -> dict[int, dict[str, str]]:
    """Return what installments received, in plain figures."""
    return {
        number: {name: amount.plain for name, amount in given.items()} for number, given in parts
    }
