"""Desks for tests: invented people with real packs and calendars, and an agreement made once."""

from __future__ import annotations

import copy
import functools
from dataclasses import replace
from typing import Any

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.policies import PackagedPolicies
from plan_assistant.domain.case import Case, CaseId, Person
from plan_assistant.domain.events import Account, Receipt, RequestKey
from plan_assistant.domain.formats.agreement_file import agreement_fingerprint
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import Store
from plan_assistant.services import decide, negotiate
from plan_assistant.services.desk import Desk
from plan_assistant.services.open_case import open_case
from tests import builders
from tests.memory_store import MemoryStore
from tests.packs import NothingToRead
from tests.people import COLLECTOR, EVERYBODY, LEAD, NOW
from tests.recording import record_plan
from tests.staffing import CHEAP, KEYS, signing_by

CASE = CaseId("T-1")


def desk_at(store: Store, account: Account = COLLECTOR) -> Desk:
    """Return the desk of a person on that store."""
    return Desk(
        account, store, DemoClock(NOW), PackagedPolicies(), PackagedCalendars(), CHEAP, KEYS
    )


def memory_store() -> MemoryStore:
    """Return a store in memory in which everybody works."""
    store = MemoryStore()
    for person in EVERYBODY:
        store.add_account(person)
    return store


def case_named(case_id: str) -> Case:
    """Return the usual invented case under another id, of somebody else than the usual one."""
    usual = builders.case()
    if case_id == usual.case_id:
        return usual
    return replace(usual, case_id=CaseId(case_id), borrower=Person.of(f"谢{case_id}"))


@functools.cache
def _made() -> dict[str, Any]:
    desk = desk_at(memory_store())
    open_case(desk, builders.case(), RequestKey("open"))
    return drawn_up(desk, negotiate.begin(desk, CASE))


def drawn_up(desk: Desk, state: Negotiation, *, reason_code: str | None = None) -> dict[str, Any]:
    """Return an agreement about the selected plan of a call, every disclosure read."""
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    return negotiate.agreement_of(
        desk, state, lines_read=("每月还款……",), recording="REC-1", reason_code=reason_code
    )


def agreement(number: str = "AG-1", **changes: Any) -> dict[str, Any]:
    """Return an agreement on the usual case, as the real search and engine make it."""
    return {**copy.deepcopy(_made()), "number": number, **changes}


def send(desk: Desk, sent: dict[str, Any], *, version: int, key: str = "send") -> str:
    """Record an agreement; return its fingerprint."""
    record_plan(desk, sent, expected_version=version, key=RequestKey(key), price=price)
    return agreement_fingerprint(sent)


def waiting(store: Store, maker: Account = COLLECTOR) -> str:
    """Open the usual case and record an agreement: version 2 waits for the lead."""
    desk = desk_at(store, maker)
    open_case(desk, builders.case(), RequestKey("open"))
    return send(desk, agreement(maker=maker.name), version=1)


def lead(store: Store) -> Desk:
    """Return the desk of the team lead, who approves what was sent without a call as well."""
    return _without_disclosures(desk_at(store, LEAD))


def _without_disclosures(desk: Desk) -> Desk:
    return replace(desk, policies=NothingToRead(desk.policies))


def approve(desk: Desk, case_id: CaseId, **seen: Any) -> Receipt:
    """Approve as the person at that desk, who has just given their password."""
    signing = signing_by(desk.store, desk.account)
    return decide.approve(_without_disclosures(desk), case_id, signing=signing, **seen)
