"""Acts of a call that the store could not take: what is kept of them until they are delivered.

Not here: where they are kept (`adapters/journal.py`) and when they are delivered
(`services/deliver.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.errors import (
    CaseNotFound,
    CaseUnreadable,
    KeyReused,
    PlanAssistantError,
    StaleCase,
    StoreFailure,
    StoreFull,
    StoreLocked,
    StoreOutOfReach,
    StoreReadOnly,
    TransitionRefused,
)
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Account, EventType, Json, NewEvent, RequestKey
from plan_assistant.domain.formats.case_file import read_case, write_case
from plan_assistant.domain.policy.findings import Role

KEEPABLE: Final = frozenset(
    {
        EventType.BUDGET_CHANGED,
        EventType.OFFERS_SHOWN,
        EventType.OFFER_SPOKEN,
        EventType.OFFER_REFUSED,
        EventType.DISCLOSURE_READ,
        EventType.PLAN_RECORDED,
        EventType.CALL_CLOSED,
    }
)
"""The facts of a call. Decisions, signatures, payments and what ends a plan are recorded by the
store or not at all: somebody else acts on them."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person did in a call: whole enough to be recorded later, as it was done.

    Raises ValueError for a fact that is no part of a call.
    """

    key: RequestKey
    """Made before the first try; every later try has the same one."""
    case_id: CaseId
    account: Account
    at: datetime
    """When it was done: the record keeps this moment, whenever it is delivered."""
    facts: tuple[NewEvent, ...] = field(repr=False)
    seen: int | None = None
    """The version of the case that the act was prepared on; None where that does not matter."""
    case: Case | None = field(default=None, repr=False)
    """The case as corrected in the call: what differs in its budget is recorded with the act."""
    after: RequestKey | None = None
    """An act that was kept before and that this one was prepared on top of: what it makes of the
    case takes the place of `seen`."""

    def __post_init__(self) -> None:
        for fact in self.facts:
            if fact.type not in KEEPABLE:
                raise ValueError(f"{fact.type.value} is not an act of a call")

    @property
    def short_key(self) -> str:
        """The beginning of its key, by which people name it."""
        return self.key[:8]

    @property
    def kind(self) -> EventType:
        """What the act is called: its last fact."""
        return self.facts[-1].type


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the record does not take an act, however often it is sent."""

    kind: str
    """The class of the error, or the code of a refused transition."""
    sentence: str = field(repr=False)
    detail: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class WaitingAct:
    """An act in the journal that nobody has settled."""

    act: Act
    refusal: Refusal | None = None
    """Why it was refused; it then stays until a person decides. None while it waits."""


@dataclass(frozen=True, slots=True)
class DamagedRecord:
    """A record of the journal that cannot be read. Its bytes are kept."""

    line: int
    place: str
    """The file that holds it."""
    key_id: str | None = None
    """The master key that it needs, where only that is missing: then it is whole, and stays."""


@dataclass(frozen=True, slots=True)
class JournalContent:
    """Everything in a journal that is not settled."""

    acts: tuple[WaitingAct, ...] = ()
    """In the order in which they were kept."""
    versions: Mapping[RequestKey, int] = field(default_factory=dict)
    """The versions that delivered acts have given their cases, for acts prepared on top of them."""
    damaged: tuple[DamagedRecord, ...] = ()
    master_keys: frozenset[str] = frozenset()
    """The ids of the master keys that its records are sealed under."""

    def waiting_for(self, name: str) -> tuple[Act, ...]:
        """Return what waits for a person and was not refused, in order."""
        return tuple(
            one.act for one in self.acts if one.refusal is None and one.act.account.name == name
        )

    def refused_for(self, name: str) -> tuple[WaitingAct, ...]:
        """Return what was refused to a person, in order."""
        return tuple(one for one in self.acts if one.refusal and one.act.account.name == name)


class Away(StrEnum):
    """Why a store cannot take anything right now."""

    LOCKED = "locked"
    READ_ONLY = "read_only"
    FULL = "full"
    OUT_OF_REACH = "out_of_reach"
    FAILING = "failing"
    """An error of the disk without a name."""


def why_away(error: PlanAssistantError) -> Away | None:
    """Return why the store cannot take anything now; None for every other failure and refusal."""
    match error:
        case StoreLocked():
            return Away.LOCKED
        case StoreReadOnly():
            return Away.READ_ONLY
        case StoreFull():
            return Away.FULL
        case StoreOutOfReach():
            return Away.OUT_OF_REACH
        case _:
            return Away.FAILING if type(error) is StoreFailure else None


def is_refusal(error: PlanAssistantError) -> bool:
    """Say whether it is this act that is answered so, and not any that is sent now.

    A case that cannot be read stops what waits for it, and not what waits for others.
    """
    return not isinstance(error, StoreFailure) or isinstance(
        error, StaleCase | KeyReused | CaseNotFound | CaseUnreadable
    )


def refusal_of(error: PlanAssistantError) -> Refusal:
    """Return what is kept of a refusal."""
    kind = error.code if isinstance(error, TransitionRefused) else type(error).__name__
    detail = error.detail if isinstance(error, TransitionRefused | StoreFailure) else {}
    return Refusal(kind, str(error), dict(detail))


def error_of(refusal: Refusal) -> PlanAssistantError:
    """Return the error of a refusal again, so that it can be told in any language."""
    detail = dict(refusal.detail)
    match refusal.kind:
        case "StaleCase":
            numbers = {name: int(detail.pop(name)) for name in ("expected", "found")}
            return StaleCase(detail.pop("case_id"), **numbers, **detail)  # type: ignore[arg-type]  # as it was built
        case "KeyReused":
            return KeyReused(detail["key"])
        case "CaseNotFound":
            return CaseNotFound(detail["case_id"])
        case "CaseUnreadable":
            return CaseUnreadable(detail["case_id"], int(detail["version"]), detail["reason"])
        case kind if kind[:1].islower():
            return TransitionRefused(kind, **detail)
        case _:
            return PlanAssistantError(refusal.sentence)


# --- their outside form ---------------------------------------------------------------------------


def written_act(act: Act) -> dict[str, Json]:
    """Return an act in the form that is kept."""
    return {
        "key": act.key,
        "case_id": act.case_id,
        "account": {
            "name": act.account.name,
            "display_name": act.account.display_name,
            "role": act.account.role.value,
        },
        "at": moment(act.at),
        "facts": [{"type": fact.type.value, "body": dict(fact.body)} for fact in act.facts],
        "seen": act.seen,
        "case": None if act.case is None else write_case(act.case),
        "after": act.after,
    }


def read_act(kept: Mapping[str, Json]) -> Act:
    """Return an act from the form that is kept.

    Raises KeyError, TypeError, ValueError or InputRefused for anything else.
    """
    who, facts, case, seen, after = (
        kept[name] for name in ("account", "facts", "case", "seen", "after")
    )
    if not (isinstance(who, dict) and isinstance(facts, list)):
        raise TypeError("an act has a person and facts")
    if not isinstance(seen, int | None):
        raise TypeError("the version seen is a number")
    return Act(
        key=RequestKey(str(kept["key"])),
        case_id=CaseId(str(kept["case_id"])),
        account=Account(str(who["name"]), str(who["display_name"]), Role(str(who["role"]))),
        at=datetime.fromisoformat(str(kept["at"])),
        facts=tuple(_read_fact(fact) for fact in facts),
        seen=seen,
        case=read_case(case, "a kept case") if isinstance(case, dict) else None,
        after=None if after is None else RequestKey(str(after)),
    )


def _read_fact(kept: Json) -> NewEvent:
    if not isinstance(kept, dict) or not isinstance(kept["body"], dict):
        raise TypeError("a fact has a kind and a body")
    return NewEvent(EventType(str(kept["type"])), kept["body"])


def standing_on(act: Act, versions: Mapping[RequestKey, int]) -> Act:
    """Return an act that follows a delivered one as prepared on what that one made of the case."""
    if act.after is None or act.after not in versions:
        return act
    return replace(act, seen=versions[act.after], after=None)
