"""Runs the recorded decisions of a store under another policy pack; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseUnreadable, InputRefused
from plan_assistant.domain.events import Event, EventType, Json
from plan_assistant.domain.formats.agreement_file import read_stamp
from plan_assistant.domain.offers.closed_levers import ClosedLever
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.policy.replay import (
    RecordedTerms,
    Standing,
    closed_under,
    findings_under,
    standing_of,
)
from plan_assistant.domain.record import MALFORMED, CaseRecord, fold
from plan_assistant.ports import Calendars, Store
from plan_assistant.services.at_hand import AtHand, each_at_hand
from plan_assistant.services.desk import Desk

_ASKING = frozenset({Effect.BLOCK, Effect.APPROVAL})


@dataclass(frozen=True, slots=True)
class Replayed:
    """One recorded decision, as it was and as it would be."""

    case_id: CaseId
    number: str
    """Of the agreement."""
    decided: EventType | None
    """What became of the plan; None while it waits."""
    policy: str
    """The pack and version it was decided under."""
    before: Standing
    after: Standing
    new: tuple[Finding, ...]
    """What the other pack asks that was not asked then."""
    gone: tuple[str, ...]
    """Rules that asked then and would not ask now."""
    closed: tuple[ClosedLever, ...]
    """Levers of the other pack that are not open to the plan: it would not have been searched."""

    @property
    def is_changed(self) -> bool:
        """Say whether somebody else would have had to grant it, or nobody could have."""
        return self.before is not self.after


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """A recorded decision on a debt that the other pack is not made for."""

    case_id: CaseId
    number: str


def replayable(desk: Desk) -> AtHand[CaseId]:
    """Return the cases whose decisions this person may look at, and those that cannot be read."""
    return each_at_hand(desk, _named)


def _named(record: CaseRecord) -> CaseId:
    return record.case_id


def replay_case(
    store: Store, calendars: Calendars, case_id: CaseId, pack: PolicyPack
) -> Iterator[Replayed | OutOfScope]:
    """Yield every plan that was ever recorded for a case, under that pack.

    Raises CaseUnreadable where a fact does not hold what it has to.
    """
    events = store.events(case_id)
    for index, event in enumerate(events):
        if event.type is EventType.PLAN_RECORDED:
            try:
                yield _replayed(events[: index + 1], _decided(events[index + 1 :]), calendars, pack)
            except (*MALFORMED, InputRefused) as error:
                # Its text may hold what the fact says about a person.
                raise CaseUnreadable(case_id, event.version, type(error).__name__) from error


def _decided(later: tuple[Event, ...]) -> EventType | None:
    """Return the decision that follows a recorded plan, before the next one is recorded."""
    for event in later:
        if event.type is EventType.PLAN_RECORDED:
            return None
        if event.type.is_decision:
            return event.type
    return None


def _replayed(
    events: tuple[Event, ...], decided: EventType | None, calendars: Calendars, pack: PolicyPack
) -> Replayed | OutOfScope:
    record, recorded = fold(events), events[-1]
    plan = record.recorded
    assert plan is not None  # the last event recorded it
    case, agreement = record.case, plan.agreement
    debt = case.debt(plan.debt_id)
    is_here = not pack.jurisdictions or case.jurisdiction in pack.jurisdictions
    if not is_here or debt.product not in pack.products:
        return OutOfScope(case.case_id, plan.number)
    terms = RecordedTerms(case, debt, agreement, recorded.at.date(), recorded.role)
    found = findings_under(pack, terms, calendars.named)
    closed = closed_under(pack, terms, calendars.named)
    then = _asked_then(agreement)
    asks = tuple(finding for finding in found if finding.effect in _ASKING)
    now = {(finding.rule, finding.effect) for finding in asks}
    stamp = read_stamp(agreement)
    return Replayed(
        case_id=case.case_id,
        number=plan.number,
        decided=decided,
        policy=f"{stamp.pack} {stamp.version}",
        before=standing_of(effect for _rule, effect in then),
        after=Standing.NOBODY if closed else standing_of(finding.effect for finding in found),
        new=tuple(item for item in asks if (item.rule, item.effect) not in then),
        gone=tuple(rule for rule, effect in then if (rule, effect) not in now),
        closed=closed,
    )


def _asked_then(agreement: Mapping[str, Json]) -> tuple[tuple[str, Effect], ...]:
    """Return the rules that blocked or asked for approval when the plan was recorded."""
    findings = cast("list[Mapping[str, Json]]", agreement["findings"])
    asked = ((str(item["rule"]), Effect(str(item["effect"]))) for item in findings)
    return tuple((rule, effect) for rule, effect in asked if effect in _ASKING)
