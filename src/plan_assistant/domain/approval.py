"""Signatures under approvals: what a lead signs, whose key counts, and which approval is wrong.

Whoever can write the database can write an approval; without the lead's private key they cannot
sign it. Not here: the arithmetic of signatures (`adapters/approval_keys.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.event_form import moment, moment_of
from plan_assistant.domain.events import Account, Event, EventId, EventType, Json
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from plan_assistant.domain.personal import ERASED
from plan_assistant.domain.personal_fields import content_fingerprint
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.recorded_plan import is_dated_before
from plan_assistant.domain.rights import may_record

APPROVAL_FORMAT: Final = "plan-assistant/approval@1"
KEY_FORMAT: Final = "plan-assistant/approval-key@1"
SIGNATURE: Final = "signature"
"""The field of an approval's body that holds key and signature."""

LOOKED_AT: Final = "case_version"
"""The field that holds the version of the case that the decider looked at."""

SENTENCE_HASH: Final = "sentence_sha256"
SENTENCE_SALT: Final = "sentence_salt"
"""The field that holds what is hashed with a sentence, sealed like it: without it nobody confirms a
guess once the case is erased. An approval of an older version has none, nor one without a
sentence."""
# Only small digits: a letter in the other case would be the same key with another name.
_DIGITS: Final = re.compile(r"[0-9a-f]{256}")
_NOT_SIGNED: Final = frozenset({SIGNATURE, "sentence", SENTENCE_SALT})

IsSigned = Callable[[str, bytes, str], bool]
"""Says whether a signature (hexadecimal) of a public key (hexadecimal) stands under a content."""


@dataclass(frozen=True, slots=True)
class ApprovalKey:
    """A public key of the registry, with the signature by which it got there."""

    account: str
    number: int
    """1 for the first key of an account."""
    public_key: str
    """Ed25519, 64 hexadecimal digits."""
    at: datetime
    set_by: str
    endorsed_by: str
    """The account whose key signed this entry."""
    endorsed_with: str
    """That public key: the entry's own for a first key."""
    endorsement: str

    @property
    def is_self_signed(self) -> bool:
        """Whether the key signed its own entry."""
        return (self.endorsed_by, self.endorsed_with) == (self.account, self.public_key)

    @property
    def content(self) -> bytes:
        """What the endorsement signs."""
        return canonical(
            {
                "format": KEY_FORMAT,
                "account": self.account,
                "number": self.number,
                "public_key": self.public_key,
                "at": moment(self.at),
                "set_by": self.set_by,
                "endorsed_by": self.endorsed_by,
            }
        )


def approval_key_of(row: Mapping[str, str | int | None]) -> ApprovalKey:
    """Return the key that a row of the store is about; raises ValueError where it is none."""
    key = ApprovalKey(
        account=str(row["account"]),
        number=int(row["number"] or 0),
        public_key=str(row["public_key"]),
        at=moment_of(str(row["at"])),
        set_by=str(row["set_by"]),
        endorsed_by=str(row["endorsed_by"]),
        endorsed_with=str(row["endorsed_with"]),
        endorsement=str(row["endorsement"]),
    )
    if not _DIGITS.fullmatch(key.public_key + key.endorsed_with + key.endorsement):
        raise ValueError("its keys and its signature are not hexadecimal")
    if row["at"] != moment(key.at):
        raise ValueError("its moment is not written as the record writes it")
    return key


@dataclass(frozen=True, slots=True)
class KeyRegistry:
    """All public keys of a store, and from where on approvals are signed."""

    keys: tuple[ApprovalKey, ...]
    """In the order of their registration for each account."""
    roles: Mapping[str, Role]
    """The role of every account: an administrator may give a person a new key."""
    unsigned_until: int = 0
    """Approvals up to this position of the store are older than signatures; later ones need one.

    Never behind the first fact that is no older than signatures (`is_of_signing_times`).
    """


class Fault(StrEnum):
    """What is wrong with an approval."""

    UNSIGNED = "unsigned"
    KEY_UNKNOWN = "key_unknown"
    """Signed with a key that is not one of the decider's."""
    KEY_NOT_ENDORSED = "key_not_endorsed"
    """The key's way into the registry was signed by nobody who may give one."""
    SIGNATURE_WRONG = "signature_wrong"
    OTHER_CONTENT = "other_content"
    """It approves something else than the plan that waited."""
    ROLE_MAY_NOT = "role_may_not"
    """Its decider is nobody who may approve: everybody has a key, and can sign with it."""
    OWN_PLAN = "own_plan"
    """Its decider made the plan."""
    BEFORE_PLAN = "before_plan"
    """It is dated before the plan by more than clocks may be apart."""


@dataclass(frozen=True, slots=True)
class WrongApproval:
    """An approval that does not hold."""

    sequence: int
    event_id: EventId
    case_id: CaseId
    version: int
    decider: str
    fault: Fault

    @property
    def facts(self) -> dict[str, Json]:
        """The same as plain JSON."""
        return {
            "sequence": self.sequence,
            "case_id": self.case_id,
            "version": self.version,
            "decider": self.decider,
            "fault": self.fault.value,
        }


def approval_content(
    *, case_id: CaseId, decider: Account, outcome: EventType, at: datetime, body: Mapping[str, Json]
) -> bytes:
    """Return what is signed: the decision with everything that was said in it.

    `body` holds the agreement's fingerprint and the version of the case that was looked at. The
    sentence stands in it by its hash, so that it can be sealed and erased under the signature.
    """
    return canonical(
        {
            "format": APPROVAL_FORMAT,
            "case_id": case_id,
            "decider": decider.name,
            "role": decider.role.value,
            "outcome": outcome.value,
            "at": moment(at),
            "body": {name: value for name, value in body.items() if name not in _NOT_SIGNED},
        }
    )


def sentence_hash(plan: str, sentence: str, salt: str | None) -> str:
    """Return what stands for the sentence of an approval; `plan` is the fingerprint it approves."""
    said: dict[str, Json] = {"plan": plan, "sentence": sentence}
    return fingerprint(said if salt is None else {**said, "salt": salt})


def is_sentence_signed(body: Mapping[str, Json]) -> bool:
    """Say whether the sentence of an approval is the one whose hash was signed, or was erased."""
    said, salt = body.get("sentence"), body.get(SENTENCE_SALT)
    if said == ERASED:
        return True
    named = sentence_hash(
        str(body.get("fingerprint")), str(said), None if salt is None else str(salt)
    )
    return body.get(SENTENCE_HASH) == named


def content_of(event: Event) -> bytes:
    """Return what the signature of a recorded approval stands under."""
    return approval_content(
        case_id=event.case_id,
        decider=Account(event.actor, "", event.role),
        outcome=event.type,
        at=event.at,
        body=event.body,
    )


def fault_of(
    event: Event, sent: Event | None, registry: KeyRegistry, is_signed: IsSigned
) -> Fault | None:
    """Return what is wrong with one approval; `sent` is the recorded plan before it."""
    if sent is None or event.body.get("fingerprint") != content_fingerprint(sent):
        return Fault.OTHER_CONTENT
    signature = event.body.get(SIGNATURE)
    if signature is None:
        # Nothing is recorded below 1; who writes rows by hand can choose any position.
        is_older = 0 < event.sequence <= registry.unsigned_until
        return _standing_fault(event, sent, registry) if is_older else Fault.UNSIGNED
    looked_at = event.body.get(LOOKED_AT)
    if not isinstance(looked_at, int) or not sent.version <= looked_at < event.version:
        return Fault.OTHER_CONTENT
    fault = _signature_fault(event, signature, registry, is_signed)
    return fault or _standing_fault(event, sent, registry)


def _standing_fault(event: Event, sent: Event, registry: KeyRegistry) -> Fault | None:
    """Return what is wrong with an approval, signed or not: its decider or its moment."""
    fault = _decider_fault(event, sent, registry)
    return fault or (Fault.BEFORE_PLAN if is_dated_before(event.at, sent.at) else None)


def _decider_fault(event: Event, sent: Event, registry: KeyRegistry) -> Fault | None:
    """Return why nobody may decide who decided: by their role, or because they made the plan."""
    known = registry.roles.get(event.actor)
    if known is not event.role or event.role not in may_record(event.type):
        return Fault.ROLE_MAY_NOT
    return Fault.OWN_PLAN if event.actor == sent.actor else None


def _signature_fault(
    event: Event, signature: Json, registry: KeyRegistry, is_signed: IsSigned
) -> Fault | None:
    if not isinstance(signature, dict) or set(signature) != {"public_key", "value"}:
        return Fault.SIGNATURE_WRONG
    key = _key_of(registry, event.actor, signature["public_key"])
    if key is None:
        return Fault.KEY_UNKNOWN
    if not is_endorsed(key, registry, is_signed):
        return Fault.KEY_NOT_ENDORSED
    if not is_sentence_signed(event.body):
        return Fault.SIGNATURE_WRONG
    is_right = is_signed(key.public_key, content_of(event), str(signature["value"]))
    return None if is_right else Fault.SIGNATURE_WRONG


def _key_of(registry: KeyRegistry, account: str, public_key: Json) -> ApprovalKey | None:
    return next(
        (key for key in registry.keys if (key.account, key.public_key) == (account, public_key)),
        None,
    )


class KeyFault(StrEnum):
    """What is wrong with an entry of the registry."""

    SIGNATURE_WRONG = "signature_wrong"
    """Its endorsement does not stand under its content."""
    GIVER_UNKNOWN = "giver_unknown"
    """The key that signed it is not in the registry."""
    GIVER_MAY_NOT = "giver_may_not"
    """Whose key signed it may give no such key."""
    CIRCLE = "circle"
    """The keys it leads back to signed each other: none of them is a first one."""


def key_faults(
    registry: KeyRegistry, is_signed: IsSigned
) -> Iterator[tuple[ApprovalKey, KeyFault]]:
    """Return every entry that is wrong, not those that a wrong one signed as they should be."""
    faults = {key: _key_fault(key, registry, is_signed) for key in registry.keys}
    for key, fault in faults.items():
        line = tuple(_line_of(key, registry))
        is_circle = not line[-1].is_self_signed and not any(faults[each] for each in line)
        found = KeyFault.CIRCLE if is_circle else fault
        if found is not None:
            yield key, found


def is_endorsed(key: ApprovalKey, registry: KeyRegistry, is_signed: IsSigned) -> bool:
    """Say whether a key came into the registry by somebody who may give it.

    A first key may be signed by itself: whoever registers it has it. Every other entry is signed by
    an earlier key of the person, or by a key of an administrator: who can only write the database
    cannot slip a second key under a lead's name.
    """
    line = tuple(_line_of(key, registry))
    return line[-1].is_self_signed and not any(
        _key_fault(each, registry, is_signed) for each in line
    )


def _line_of(key: ApprovalKey, registry: KeyRegistry) -> Iterator[ApprovalKey]:
    """Yield a key, the one that signed it, and so on, none twice."""
    asked: set[ApprovalKey] = set()
    giver: ApprovalKey | None = key
    # Entries that endorse each other in a circle lead back to nobody.
    while giver is not None and giver not in asked:
        yield giver
        asked.add(giver)
        giver = _key_of(registry, giver.endorsed_by, giver.endorsed_with)


def _key_fault(key: ApprovalKey, registry: KeyRegistry, is_signed: IsSigned) -> KeyFault | None:
    """Return what is wrong with one entry, whatever is wrong with the one that signed it."""
    if not is_signed(key.endorsed_with, key.content, key.endorsement):
        return KeyFault.SIGNATURE_WRONG
    if key.is_self_signed:
        return None if key.number == 1 else KeyFault.GIVER_MAY_NOT
    giver = _key_of(registry, key.endorsed_by, key.endorsed_with)
    if giver is None:
        return KeyFault.GIVER_UNKNOWN
    is_own = giver.account == key.account and giver.number < key.number
    is_given = registry.roles.get(giver.account) is Role.ADMINISTRATOR
    return None if is_own or is_given else KeyFault.GIVER_MAY_NOT


def verify_approvals(
    events: Iterable[Event], registry: KeyRegistry, is_signed: IsSigned
) -> WrongApproval | None:
    """Return the first approval that does not hold, in the order of the events; None when all do.

    `events` are those of one case or of a whole store, each case from its first event on.
    """
    sent: dict[CaseId, Event] = {}
    for event in events:
        if event.type is EventType.PLAN_RECORDED:
            sent[event.case_id] = event
        elif event.type.is_decision:
            # Whatever is decided waits no longer: an approval counts once.
            waited = sent.pop(event.case_id, None)
            if event.type is not EventType.APPROVED:
                continue
            fault = fault_of(event, waited, registry, is_signed)
            if fault is not None:
                return WrongApproval(
                    event.sequence,
                    event.event_id,
                    event.case_id,
                    event.version,
                    event.actor,
                    fault,
                )
    return None
