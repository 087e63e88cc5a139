"""Delivers what was kept while the store was away: in order, once, as the person who did it.

Not here: what is kept (`keeping.py`) and where (`adapters/journal.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from plan_assistant.domain.errors import PlanAssistantError, StoreFailure, TransitionRefused
from plan_assistant.domain.events import Receipt, RequestKey
from plan_assistant.domain.waiting import (
    Act,
    JournalContent,
    WaitingAct,
    is_refusal,
    refusal_of,
    standing_on,
)
from plan_assistant.services.desk import Desk
from plan_assistant.services.record import perform


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What of a person's work is not in the record, and who else has something there."""

    waiting: int = 0
    refused: tuple[WaitingAct, ...] = ()
    of_others: int = 0
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Delivered:
    """An act that the store has acknowledged."""

    act: Act
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of trying to deliver."""

    delivered: tuple[Delivered, ...]
    refused: tuple[WaitingAct, ...]
    """Refused now; they stay in the journal until a person decides."""
    left: Unsaved
    failure: StoreFailure | None = None
    """What stopped it: the store still cannot take anything."""


def unsaved(desk: Desk) -> Unsaved:
    """Return what of a person's work is not in the record."""
    if desk.journal is None:
        return Unsaved()
    content, name = desk.journal.content(), desk.account.name
    return Unsaved(
        waiting=len(content.waiting_for(name)),
        refused=content.refused_for(name),
        of_others=sum(one.act.account.name != name for one in content.acts),
        damaged=len(content.damaged),
    )


def own_content(desk: Desk) -> JournalContent:
    """Return what the person at the desk did that is not in the record, and what is unreadable."""
    if desk.journal is None:
        return JournalContent()
    content, name = desk.journal.content(), desk.account.name
    return replace(content, acts=tuple(a for a in content.acts if a.act.account.name == name))


def deliver(desk: Desk) -> Delivery:
    """Send what waits for the person at the desk, in order, each with its first key.

    It stops at the first act that the store cannot take. An act leaves the journal only after the
    store has acknowledged it; one that the record refuses stays there as refused, and the acts
    behind it are delivered all the same, but for those that were prepared on top of it.
    """
    journal = desk.journal
    if journal is None:
        return Delivery((), (), Unsaved())
    content = journal.content()
    versions = dict(content.versions)
    delivered: list[Delivered] = []
    refused: list[WaitingAct] = []
    failure: StoreFailure | None = None
    for act in content.waiting_for(desk.account.name):
        try:
            receipt = _sent(desk, standing_on(act, versions))
        except PlanAssistantError as error:
            if not is_refusal(error):
                assert isinstance(error, StoreFailure)  # everything else is a refusal
                failure = error
                break
            refusal = refusal_of(error)
            journal.note_refused(act.key, refusal)
            refused.append(WaitingAct(act, refusal))
        else:
            journal.note_delivered(act.key, receipt.version)
            versions[act.key] = receipt.version
            delivered.append(Delivered(act, receipt))
    if delivered:
        journal.tidy()
    return Delivery(tuple(delivered), tuple(refused), unsaved(desk), failure)


def _sent(desk: Desk, act: Act) -> Receipt:
    if act.after is not None:
        raise TransitionRefused("follows_refused")
    return perform(desk, act)


def discard(desk: Desk, key: RequestKey) -> WaitingAct:
    """Give up a refused act for good; only the person who did it can."""
    refused = _refused(desk, key)
    assert desk.journal is not None  # it was found there
    desk.journal.note_discarded(key)
    desk.journal.tidy()
    return refused


def send_again(desk: Desk, key: RequestKey) -> Delivery:
    """Try a refused act again, behind what waits already."""
    _refused(desk, key)
    assert desk.journal is not None  # it was found there
    desk.journal.note_again(key)
    return deliver(desk)


def _refused(desk: Desk, key: RequestKey) -> WaitingAct:
    known = () if desk.journal is None else desk.journal.content().refused_for(desk.account.name)
    for one in known:
        if one.act.key == key:
            return one
    raise TransitionRefused("no_such_refused_act", key=key)
