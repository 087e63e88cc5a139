"""The team lead's side: what waits; approving, returning or declining it; the maker's way back.

What is decided is a content (its fingerprint) on a state of the case (its version), never "whatever
is there now". Not here: what a case allows (`domain/transitions.py`), what an approval stands on
(`approvals.py`), and several at once (`bulk.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from plan_assistant.domain.approval import (
    LOOKED_AT,
    SENTENCE_HASH,
    SENTENCE_SALT,
    SIGNATURE,
    approval_content,
    sentence_hash,
)
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import CaseUnreadable, TransitionRefused
from plan_assistant.domain.events import EventType, Json, NewEvent, Receipt, RequestKey
from plan_assistant.domain.formats.agreement_file import written_stamp
from plan_assistant.domain.formats.dials_file import write_dials
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Effect
from plan_assistant.domain.record import MALFORMED, CaseRecord, TrailLine
from plan_assistant.domain.recorded_plan import RecordedPlan
from plan_assistant.domain.retention import RETENTION_YEARS
from plan_assistant.domain.transitions import (
    require_cancellable,
    require_decidable,
    require_told,
    require_waiting,
    rules_with,
)
from plan_assistant.services.appending import append_to
from plan_assistant.services.approvals import require_figures, require_still_allowed
from plan_assistant.services.at_hand import AtHand, each_at_hand, trail_of
from plan_assistant.services.call_facts import stamp_of
from plan_assistant.services.counter_terms import plan_for
from plan_assistant.services.desk import Desk
from plan_assistant.services.elsewhere import require_nowhere_else
from plan_assistant.services.requests import read_request
from plan_assistant.services.staff import Signing


@dataclass(frozen=True, slots=True)
class PendingPlan:
    """A plan that waits for a decision, as the approvals list shows it."""

    case_id: CaseId
    version: int
    """Hand it back with the decision: it says what was looked at."""
    number: str
    fingerprint: str
    """Hand it back with the decision."""
    maker: str
    since: datetime
    masked_name: str
    agreement: Mapping[str, Json] = field(repr=False)
    trail: tuple[TrailLine, ...]
    needs_approval: tuple[str, ...]
    """The rules that somebody with more authority has to allow."""
    is_own: bool
    """Whether the person at the desk made it: they may take it back and may not decide it."""
    live_since: datetime | None
    """Since when the borrower waits on the phone for the answer; None when nobody does."""

    @property
    def is_live(self) -> bool:
        """Say whether a borrower is on the phone."""
        return self.live_since is not None


def pending_of(desk: Desk) -> AtHand[PendingPlan]:
    """Return what waits for a decision, and the cases of which nobody can say.

    Borrowers on the phone come first, then the oldest.
    """

    def waiting(record: CaseRecord) -> PendingPlan | None:
        plan = record.pending
        return None if plan is None else _pending_plan(desk, record, plan)

    found = each_at_hand(desk, waiting)
    return AtHand(tuple(sorted(found.lines, key=_urgency)), found.left_out)


def pending(desk: Desk) -> tuple[PendingPlan, ...]:
    """Return what waits for a decision: borrowers on the phone first, then oldest first."""
    return pending_of(desk).lines


def _urgency(plan: PendingPlan) -> tuple[bool, datetime, CaseId]:
    return not plan.is_live, plan.live_since or plan.since, plan.case_id


def _pending_plan(desk: Desk, record: CaseRecord, plan: RecordedPlan) -> PendingPlan:
    # By SQL somebody may send anything: what cannot be shown is named, and no list stops at it.
    read_request(plan.agreement)
    return PendingPlan(
        case_id=record.case_id,
        version=record.version,
        number=plan.number,
        fingerprint=plan.fingerprint,
        maker=plan.maker,
        since=plan.at,
        masked_name=record.case.borrower.name.masked,
        agreement=plan.agreement,
        trail=trail_of(desk, record),
        needs_approval=rules_with(plan.agreement, Effect.APPROVAL),
        is_own=plan.maker == desk.account.name,
        live_since=record.live_since,
    )


def approve(
    desk: Desk,
    case_id: CaseId,
    *,
    fingerprint: str,
    version: int,
    key: RequestKey,
    signing: Signing,
    sentence: str = "",
) -> Receipt:
    """Approve exactly the plan with that fingerprint; two broken rules need a sentence.

    `signing` is the lead's key, unlocked by the password they have just given. The plan is computed
    again, and checked under the pack of the day; raises TransitionRefused where a figure does not
    follow from its terms or that pack may not stand in for the recorded one, PolicyTightened where
    it has become tighter, and CaseUnreadable for a plan that lacks what is checked.
    """
    if signing.account != desk.account.name:
        raise ValueError("an approval is signed by the person who decides, by nobody else")

    def act(record: CaseRecord) -> list[NewEvent]:
        try:
            return [approval(record)]
        except MALFORMED as error:
            # Somebody wrote it by SQL. Its text may hold what the fact says about a person.
            raise CaseUnreadable(case_id, record.version, type(error).__name__) from error

    def approval(record: CaseRecord) -> NewEvent:
        plan = require_decidable(
            record, EventType.APPROVED, fingerprint, desk.account, at=signing.at
        )
        on = signing.at.date()
        _require_future(plan, on)
        broken = rules_with(plan.agreement, Effect.APPROVAL)
        if len(broken) > 1 and not sentence.strip():
            raise TransitionRefused("sentence_missing", rules=", ".join(broken))
        require_figures(desk, plan)
        require_nowhere_else(desk, record, plan.debt_id)
        pack = require_still_allowed(desk, record, plan, on)
        body = {
            **_body(desk, fingerprint, None, sentence),
            LOOKED_AT: version,
            "policy": written_stamp(stamp_of(pack)),
            RETENTION_YEARS: pack.retention_years,
            **_sentence_hashed(fingerprint, sentence.strip(), signing.salt(case_id, fingerprint)),
        }
        content = approval_content(
            case_id=case_id,
            decider=desk.account,
            outcome=EventType.APPROVED,
            at=signing.at,
            body=body,
        )
        signature: dict[str, Json] = {
            "public_key": signing.signer.public_key,
            "value": signing.signer.sign(content),
        }
        return NewEvent(EventType.APPROVED, {**body, SIGNATURE: signature})

    return append_to(desk, case_id, act, seen=version, key=key, at=signing.at)


def _sentence_hashed(fingerprint: str, sentence: str, salt: str) -> dict[str, Json]:
    """Return the hash that is signed for a sentence, and the salt without which nobody guesses it.

    That there is none, which is no secret, needs no salt.
    """
    if not sentence:
        return {SENTENCE_HASH: sentence_hash(fingerprint, sentence, None)}
    return {SENTENCE_HASH: sentence_hash(fingerprint, sentence, salt), SENTENCE_SALT: salt}


def note_borrower_waits(
    desk: Desk, case_id: CaseId, *, fingerprint: str, waits: bool, key: RequestKey
) -> Receipt:
    """Note that the borrower waits on the phone for the answer, or no longer does.

    What the case says already is not noted again, whoever has noted it: since when somebody waits
    counts from the first time.
    """

    def act(record: CaseRecord) -> list[NewEvent]:
        require_waiting(record, fingerprint, desk.account)
        if (record.live_since is not None) is waits:
            return []
        body: dict[str, Json] = {"fingerprint": fingerprint, "waits": waits}
        return [NewEvent(EventType.BORROWER_WAITS, body)]

    return append_to(desk, case_id, act, seen=None, key=key)


def _require_future(plan: RecordedPlan, today: date) -> None:
    """Refuse to approve a plan whose first payment day has come while it waited."""
    whole = plan.agreement["plan"]
    summary = whole["summary"] if isinstance(whole, dict) else None
    first_due = summary["first_due"] if isinstance(summary, dict) else None
    if date.fromisoformat(str(first_due)) <= today:
        raise TransitionRefused("first_due_passed", first_due=str(first_due))


def return_plan(
    desk: Desk,
    case_id: CaseId,
    *,
    fingerprint: str,
    version: int,
    reason: str,
    key: RequestKey,
    sentence: str = "",
    terms: Wishes | None = None,
) -> Receipt:
    """Send the plan back for other terms; `reason` is a code of the policy pack.

    For `other` only the sentence says why: without one it is refused.

    `terms` are dials that the lead would grant. They change nothing by themselves: the borrower
    has to accept them, and what they accept is recorded as a new plan.
    """
    refusal = _Refusal(EventType.RETURNED, fingerprint, reason, sentence, terms)
    return _refuse(desk, case_id, refusal, version, key)


def decline(
    desk: Desk,
    case_id: CaseId,
    *,
    fingerprint: str,
    version: int,
    reason: str,
    key: RequestKey,
    sentence: str = "",
) -> Receipt:
    """Decline the plan; `reason` is a code of the policy pack, and `other` needs a sentence."""
    refusal = _Refusal(EventType.DECLINED, fingerprint, reason, sentence)
    return _refuse(desk, case_id, refusal, version, key)


def return_reasons(desk: Desk, record: CaseRecord) -> tuple[str, ...]:
    """Return the codes to choose from for the plan that was recorded last."""
    debt = record.recorded.debt_id if record.recorded else None
    return desk.policies.for_case(record.case, desk.clock.now().date(), debt).return_reasons


@dataclass(frozen=True, slots=True)
class _Refusal:
    outcome: EventType
    fingerprint: str
    reason: str
    sentence: str
    terms: Wishes | None = None


def _refuse(
    desk: Desk, case_id: CaseId, refusal: _Refusal, version: int, key: RequestKey
) -> Receipt:
    at = desk.clock.now()

    def act(record: CaseRecord) -> list[NewEvent]:
        outcome, fingerprint, reason = refusal.outcome, refusal.fingerprint, refusal.reason
        require_decidable(record, outcome, fingerprint, desk.account, at=at)
        known = return_reasons(desk, record)
        if reason not in known:
            raise TransitionRefused("reason_unknown", reason=reason, known=", ".join(known))
        require_told(reason, refusal.sentence)
        body = _body(desk, fingerprint, reason, refusal.sentence)
        if outcome is EventType.RETURNED:
            terms = refusal.terms
            if terms is not None and plan_for(desk, record, terms) is None:
                raise TransitionRefused("terms_meet_no_plan")
            body["terms"] = None if terms is None else write_dials(terms)
        return [NewEvent(outcome, body)]

    return append_to(desk, case_id, act, seen=version, key=key, at=at)


def cancel(
    desk: Desk,
    case_id: CaseId,
    *,
    fingerprint: str,
    version: int,
    key: RequestKey,
    sentence: str = "",
) -> Receipt:
    """Take a waiting plan back, as its maker. It stays in the record."""

    def act(record: CaseRecord) -> list[NewEvent]:
        require_cancellable(record, fingerprint, desk.account)
        return [NewEvent(EventType.CANCELLED, _body(desk, fingerprint, None, sentence))]

    return append_to(desk, case_id, act, seen=version, key=key)


def _body(desk: Desk, fingerprint: str, reason: str | None, sentence: str) -> dict[str, Json]:
    return {
        "fingerprint": fingerprint,
        "display_name": desk.account.display_name,
        "reason": reason,
        "sentence": sentence.strip(),
    }
