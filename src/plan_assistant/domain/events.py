"""What happened to a case, as facts that are only ever added.

The state of a case is a fold over its events (`domain/record.py`). Not here: how they are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.policy.findings import Role

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
"""JSON without floats: no float touches an amount, a rate or a share that reaches a record."""

EventId = NewType("EventId", str)
RequestKey = NewType("RequestKey", str)
"""An idempotency key: made by the client before the first try, the same for every retry."""


class EventType(StrEnum):
    """The facts a record consists of."""

    CASE_OPENED = "case_opened"
    """Body: the case file."""
    BUDGET_CHANGED = "budget_changed"
    """Body: the case file with the corrected budget."""
    OFFERS_SHOWN = "offers_shown"
    OFFER_SPOKEN = "offer_spoken"
    OFFER_REFUSED = "offer_refused"
    DISCLOSURE_READ = "disclosure_read"
    PLAN_RECORDED = "plan_recorded"
    """Body: the agreement as the borrower accepted it. From here it waits for the team lead."""
    APPROVED = "approved"
    """Body of this and the next three: `fingerprint` of the agreement, `display_name` of the
    decider, `reason` (a code or null) and `sentence`. An approval also holds `case_version` (what
    was looked at), `policy` (under which it was checked again) and `signature`; see `approval.py`.
    """
    RETURNED = "returned"
    """Also `terms`: the dials that the lead would grant, or null. The borrower has to accept them.
    """
    DECLINED = "declined"
    CANCELLED = "cancelled"
    """The maker took the request back."""
    CASE_ASSIGNED = "case_assigned"
    """Body: `agent`, the login name of the agency collector who works on it, or null."""
    EXPORTED = "exported"
    """Body: the agreement's `number` and `fingerprint`, `is_draft`, and `files` with their hashes.
    """
    SIGNED = "signed"
    """The approved agreement was signed. Body: `number` and `fingerprint` of the agreement, as this
    and the next three have them; the `day`, the `parties` who signed, and `file_sha256` of the
    signed file, or null."""
    PAYMENT_POSTED = "payment_posted"
    """Money was received under an agreement. Body: `day`, `amount`, `currency`, `reference` of the
    bank, and `split`: what each installment and component received of it, and what is ahead."""
    KEPT = "kept"
    """Everything that the agreement asked for was paid. Body: `day`, that of the last payment."""
    BROKEN = "broken"
    """A team lead declared the plan broken. Body: `reason` (a code), `installment`, `due` and
    `missing` of the one that was not paid, `days_past_due`, `notice_on`, `cure_until`, the
    `tolerance_days` and `cure_days` that were granted, and `sentence`."""
    REOPENED = "reopened"
    """The case was opened for a new negotiation. Body: `reason` (a code), `sentence`, and `plans`,
    the numbers of the agreements that had ended. With the reason `never_signed` also `number` and
    `fingerprint` of the agreement that ends by it."""
    CALL_CLOSED = "call_closed"
    """Body: the `outcome` of a call, with a plan or without one."""
    BORROWER_WAITS = "borrower_waits"
    """Body: the `fingerprint` of the plan that waits, and whether the borrower `waits` on the phone
    for the answer, from now on or no longer."""
    REVEALED = "revealed"
    """Somebody looked at what is masked. Body: `reason` (a code), `sentence` and `fields`."""
    PURGED = "purged"
    """The key of the case was destroyed: nothing personal in it can be read again. Body: `ended`,
    the day on which the case ended, and `retention_years`, how long it was kept from there."""

    @property
    def is_decision(self) -> bool:
        """Say whether it ends the waiting of a recorded plan."""
        return self in _DECISIONS

    @property
    def is_material(self) -> bool:
        """Say whether it changes what others act on; the rest only adds lines to the trail."""
        return self in _MATERIAL


_DECISIONS = frozenset(
    {EventType.APPROVED, EventType.RETURNED, EventType.DECLINED, EventType.CANCELLED}
)
_MATERIAL = _DECISIONS | {
    EventType.CASE_OPENED,
    EventType.BUDGET_CHANGED,
    EventType.PLAN_RECORDED,
    EventType.PURGED,
    EventType.CASE_ASSIGNED,
    EventType.SIGNED,
    EventType.PAYMENT_POSTED,
    EventType.KEPT,
    EventType.BROKEN,
    EventType.REOPENED,
}


@dataclass(frozen=True, slots=True)
class Account:
    """A person who works here."""

    name: str
    """Login name, unique in the store."""
    display_name: str
    role: Role
    team: str = ""
    """Whose cases the person works on; a lender with one team leaves it empty."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact about to be recorded."""

    type: EventType
    body: Mapping[str, Json] = field(repr=False)
    """What happened, in plain text: it never shows itself in a log or a traceback."""


@dataclass(frozen=True, slots=True)
class Event:
    """A recorded fact."""

    sequence: int
    """Position in the store."""
    event_id: EventId
    case_id: CaseId
    version: int
    """Position in the case, from 1."""
    at: datetime
    actor: str
    role: Role
    type: EventType
    body: Mapping[str, Json] = field(repr=False)
    """What happened, in plain text; where the key of the case was destroyed, personal fields hold
    the mark of what was erased."""
    sha256: str
    """Over the canonical JSON of all of the above but `sequence`, with the body as it is stored."""
    sealed_body: Mapping[str, Json] | None = field(default=None, repr=False)
    """The body as it is stored, where that differs: personal fields sealed. It outlives their key,
    so that what it is hashed to can be checked for ever."""

    @property
    def stored_body(self) -> Mapping[str, Json]:
        """The body as it is stored and hashed."""
        return self.body if self.sealed_body is None else self.sealed_body


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the store answered to a request; the same request gets the same receipt again."""

    case_id: CaseId
    version: int
    """The version of the case after the request."""
    event_ids: tuple[EventId, ...]
    is_repeat: bool
    """Whether this request had already been carried out before."""
