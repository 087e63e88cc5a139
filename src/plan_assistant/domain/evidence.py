"""The evidence file, `plan-assistant/evidence@3`: an agreement with what the record says about it.

Anybody can check it without the store and without its keys: the agreement stands in it in plain
text, and beside it the sealed form of its personal fields, over which the fact was hashed. Not
here: whether the schedule follows from its terms (that is computed again from the agreement), and
whether the record itself is whole (an audit asks that).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeGuard

from plan_assistant.domain.approval import (
    LOOKED_AT,
    SENTENCE_HASH,
    SENTENCE_SALT,
    SIGNATURE,
    IsSigned,
    approval_content,
    is_sentence_signed,
)
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import Problem
from plan_assistant.domain.event_form import envelope
from plan_assistant.domain.events import Account, Event, EventType, Json
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.personal_fields import sealed_form, with_personal
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.rights import may_record

EVIDENCE_FORMAT: Final = "plan-assistant/evidence@2"
SALTED_EVIDENCE: Final = "plan-assistant/evidence@3"
"""The same with a salt beside the sentence of the approval, which an older version would call
unsigned. Without one it is written as before: all copies of an agreement are the same bytes."""
OLDER_EVIDENCE: Final = "plan-assistant/evidence@1"
"""Still read: in it no field was sealed."""
_READ: Final = frozenset({EVIDENCE_FORMAT, SALTED_EVIDENCE, OLDER_EVIDENCE})
_SIGNED_ALONE: Final = frozenset({SENTENCE_HASH, LOOKED_AT})
"""What no approval says that is older than signatures."""
_FIELDS: Final = frozenset(
    {"format", "agreement", "fingerprint", "approval", "recorded", "decided"}
)


class ApprovalStanding(StrEnum):
    """What the approval in an evidence file stands on."""

    NONE = "none"
    """There is none: the plan waits, and the file is a draft."""
    UNSIGNED = "unsigned"
    """It is of the time before signatures: whether it was given, only the record can say."""
    SIGNED = "signed"


def standing_of(proof: Mapping[str, Json]) -> ApprovalStanding:
    """Return what the approval stands on in a file in which `check_evidence` found nothing."""
    if proof["decided"] is None:
        return ApprovalStanding.NONE
    is_signed = SIGNATURE in _object(_object(proof["decided"])["body"])
    return ApprovalStanding.SIGNED if is_signed else ApprovalStanding.UNSIGNED


def signed_with(proof: Mapping[str, Json]) -> str:
    """Return the public key that the approval in such a file is signed with."""
    signature = _object(_object(_object(proof["decided"])["body"])[SIGNATURE])
    return str(signature["public_key"])


def evidence(
    recorded: Event, decided: Event | None, approval: Mapping[str, Json] | None
) -> dict[str, Json]:
    """Return the evidence for a recorded plan, and for its approval where there is one."""
    is_salted = decided is not None and SENTENCE_SALT in decided.body
    return {
        "format": SALTED_EVIDENCE if is_salted else EVIDENCE_FORMAT,
        "agreement": dict(recorded.body),
        "fingerprint": fingerprint(recorded.body),
        "approval": None if approval is None else dict(approval),
        # The content of that fact is the agreement itself; once is enough.
        "recorded": {
            **envelope(recorded),
            "sealed": sealed_fields(recorded),
            "sha256": recorded.sha256,
        },
        "decided": None if decided is None else _decided(decided),
    }


def _decided(fact: Event) -> dict[str, Json]:
    return {
        **envelope(fact),
        "body": dict(fact.body),
        "sealed": sealed_fields(fact),
        "sha256": fact.sha256,
    }


def sealed_fields(fact: Event) -> dict[str, Json]:
    """Return the sealed form of every field of a fact that is stored sealed, by its path."""
    sealed: dict[str, Json] = {}

    def note(path: str, value: Json) -> Json:
        if isinstance(value, dict):
            sealed[path] = value
        return value

    with_personal(fact.type, fact.stored_body, note)
    return sealed


def check_evidence(raw: object, is_signed: IsSigned) -> tuple[Problem, ...]:
    """Return everything in an evidence file that contradicts itself; nothing when it is whole.

    The schedule inside the agreement is not computed again here. An approval of the time before
    signatures has none; where the file shows that it is of a later time, one without is refused.
    """
    if not isinstance(raw, Mapping) or raw.get("format") not in _READ:
        return (Problem("format", f"this is not a file of the form {SALTED_EVIDENCE}"),)
    surplus = sorted(set(raw) - _FIELDS)
    missing = sorted(_FIELDS - set(raw))
    if surplus or missing:
        return (
            *(Problem(name, "this field does not belong here: remove it") for name in surplus),
            *(
                Problem(name, "this field is missing: export the agreement again")
                for name in missing
            ),
        )
    try:
        return tuple(_contradictions(raw, is_signed))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return (Problem("", f"a part is missing or has another form ({error}): export it again"),)


def _contradictions(raw: Mapping[str, Json], is_signed: IsSigned) -> Iterator[Problem]:
    agreement, recorded = _object(raw["agreement"]), _object(raw["recorded"])
    print_of_content = fingerprint(agreement)
    if print_of_content != raw["fingerprint"]:
        yield Problem(
            "fingerprint", "the agreement is not the one that was recorded: its hash differs"
        )
    yield from _seal("recorded", EventType.PLAN_RECORDED, {**recorded, "body": agreement})
    if recorded["type"] != EventType.PLAN_RECORDED.value:
        yield Problem(
            "recorded.type", f"is {recorded['type']}, not {EventType.PLAN_RECORDED.value}"
        )
    yield from _role("recorded", EventType.PLAN_RECORDED, recorded)
    if (recorded["case_id"], recorded["actor"]) != (agreement["case_id"], agreement["maker"]):
        yield Problem("recorded", "names another case or maker than the agreement")
    if (raw["decided"] is None) != (raw["approval"] is None):
        yield Problem("approval", "stands without the decision behind it, or the other way round")
    elif raw["decided"] is not None:
        decided = _object(raw["decided"])
        yield from _decision(recorded, decided, _object(raw["approval"]), print_of_content)
        if SIGNATURE in _object(decided["body"]):
            yield from _signature(recorded, decided, is_signed)
        elif _is_of_signing_times(recorded, decided):
            yield Problem("decided.body.signature", "nobody signed this approval")


def _decision(
    recorded: Mapping[str, Json],
    decided: Mapping[str, Json],
    approval: Mapping[str, Json],
    print_of_content: str,
) -> Iterator[Problem]:
    yield from _seal("decided", EventType.APPROVED, decided)
    body = _object(decided["body"])
    if decided["type"] != EventType.APPROVED.value:
        yield Problem("decided.type", f"is {decided['type']}, not {EventType.APPROVED.value}")
    if decided["case_id"] != recorded["case_id"]:
        yield Problem("decided.case_id", "the decision is about another case")
    yield from _role("decided", EventType.APPROVED, decided)
    if decided["actor"] == recorded["actor"]:
        yield Problem("decided.actor", "the maker approved their own plan")
    if body["fingerprint"] != print_of_content:
        yield Problem("decided.body.fingerprint", "another content was approved")
    said = {
        "by": body["display_name"],
        "at": decided["at"],
        "fingerprint": body["fingerprint"],
    }
    if dict(approval) != said:
        yield Problem("approval", "differs from the decision behind it")


def _role(path: str, kind: EventType, fact: Mapping[str, Json]) -> Iterator[Problem]:
    if fact["role"] not in may_record(kind):
        yield Problem(f"{path}.role", f"the role {fact['role']} may not record this ({kind.value})")


def _is_of_signing_times(recorded: Mapping[str, Json], decided: Mapping[str, Json]) -> bool:
    """Say whether a file shows that approvals were signed: sealing came in the revision after."""
    is_sealed = bool(recorded.get("sealed") or decided.get("sealed"))
    return is_sealed or not _SIGNED_ALONE.isdisjoint(_object(decided["body"]))


def _signature(
    recorded: Mapping[str, Json], decided: Mapping[str, Json], is_signed: IsSigned
) -> Iterator[Problem]:
    body = _object(decided["body"])
    sent, looked_at, now = recorded["version"], body.get(LOOKED_AT), decided["version"]
    if not (
        _is_whole(sent) and _is_whole(looked_at) and _is_whole(now) and sent <= looked_at < now
    ):
        yield Problem(f"decided.body.{LOOKED_AT}", "is no version at which the plan waited")
    if not is_sentence_signed(body):
        yield Problem("decided.body.sentence", "is not the sentence that was signed")
    signature = _object(body[SIGNATURE])
    content = approval_content(
        case_id=CaseId(str(decided["case_id"])),
        decider=Account(str(decided["actor"]), "", Role(str(decided["role"]))),
        outcome=EventType(str(decided["type"])),
        at=datetime.fromisoformat(str(decided["at"])),
        body=body,
    )
    if not is_signed(str(signature["public_key"]), content, str(signature["value"])):
        yield Problem("decided.body.signature", "the lead did not sign this approval")


def _seal(path: str, kind: EventType, fact: Mapping[str, Json]) -> Iterator[Problem]:
    """Check the hash of a fact over its stored form: its body with the sealed fields put in."""
    sealed = _object(fact.get("sealed", {}))
    body = _object(fact["body"])
    known: set[str] = set()

    def as_stored(field: str, value: Json) -> Json:
        known.add(field)
        return sealed.get(field, value)

    stored = (sealed_form if sealed else with_personal)(kind, body, as_stored)
    for field in sorted(sealed.keys() - known):
        yield Problem(f"{path}.sealed.{field}", "seals a field that stands nowhere in the fact")
    rest = {name: value for name, value in fact.items() if name not in {"sha256", "sealed"}}
    if fingerprint({**rest, "body": stored}) != fact["sha256"]:
        yield Problem(f"{path}.sha256", "the fact is not what was recorded: its hash differs")


def _is_whole(value: Json) -> TypeGuard[int]:
    return isinstance(value, int)


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise TypeError(f"{type(value).__name__} where an object belongs")
    return value
