"""Which acts a case allows, and to whom: each function raises TransitionRefused or returns nothing.

Not here: the state they ask about (`record.py`). The codes choose the sentence (`wording`); their
details:

role_may_not (role, act) · plan_is_pending (maker, since) · already_approved (debt_id, by, at) ·
nothing_pending (status) · already_decided (outcome, by, at) · maker_may_not_decide (maker) ·
only_maker_may_cancel (maker) · not_what_is_pending (given, pending) · plan_is_blocked (rules) ·
case_differs (given, expected) · no_such_debt (debt_id) · maker_differs (given, expected) ·
reason_unknown (reason, known) · sentence_missing (rules) · case_exists (case_id) ·
nothing_to_export (status) · nothing_under_number (number, known) ·
only_budget_may_change · not_an_agreement · policy_tightened (rules, pack, version) ·
pack_is_another (recorded, recorded_version, pack, version) ·
pack_is_older (pack, version, recorded_version) · case_erased (at) · not_expired (case_id, until) ·
case_is_open (case_id) · kept_longer (case_id, given, years, pack) ·
evidence_is_not_masked (role) ·
kept_in_clear (case_id) · reveal_sentence_missing · decision_sentence_missing ·
decided_too_early (since, at) · not_assigned (case_id) ·
not_an_agency_collector (name, role) · plan_has_ended (debt_id, number, outcome) ·
debt_was_paid (debt_id, number, paid, day) · plan_still_runs (number) ·
debt_has_plan_elsewhere (debt_id, number, other) ·
sharing_leaves_out (debts) · part_does_not_fit (debt_id, number)

What an approved agreement allows is in `follow_up_acts.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from plan_assistant.domain.approved_plan import ApprovedPlan
from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Account, EventType, Json
from plan_assistant.domain.formats.joint_file import other_debts, other_parts, repaid_in_full
from plan_assistant.domain.money import total
from plan_assistant.domain.personal import RevealReason
from plan_assistant.domain.policy.findings import Effect, Role
from plan_assistant.domain.record import CaseRecord, Status
from plan_assistant.domain.recorded_plan import Decision, RecordedPlan, is_dated_before
from plan_assistant.domain.rights import may_record

_OTHER: Final = "other"
"""The code by which a pack calls a reason that it has no word for."""


def is_at_hand(record: CaseRecord, actor: Account) -> bool:
    """Say whether a person may see the case: an agency collector only what is assigned to them.

    Which team sees which case is the database's wall, where there is one.
    """
    return actor.role is not Role.AGENCY_COLLECTOR or record.assigned_to == actor.name


def require_at_hand(record: CaseRecord, actor: Account) -> None:
    """Refuse a case that is not for this person."""
    if not is_at_hand(record, actor):
        raise TransitionRefused("not_assigned", case_id=record.case_id)


def require_act(record: CaseRecord, actor: Account, act: EventType) -> None:
    """Refuse an act that the role does not include, and any on a case that is not at hand."""
    require_role(actor, act)
    require_at_hand(record, actor)


def require_assignable(record: CaseRecord, agent: Account | None, actor: Account) -> None:
    """Refuse to hand a case to anybody but an agency collector, and one with a waiting plan."""
    require_act(record, actor, EventType.CASE_ASSIGNED)
    require_nothing_pending(record)
    if agent is not None and agent.role is not Role.AGENCY_COLLECTOR:
        raise TransitionRefused("not_an_agency_collector", name=agent.name, role=agent.role.value)


def require_role(actor: Account, act: EventType) -> None:
    """Refuse a person whose role does not include the act."""
    if actor.role not in may_record(act):
        raise TransitionRefused("role_may_not", role=actor.role.value, act=act.value)


def require_kept(record: CaseRecord) -> None:
    """Refuse every act on a case whose personal data was erased: it is over."""
    if record.erased_at is not None:
        raise TransitionRefused("case_erased", at=moment(record.erased_at))


def require_revealable(
    record: CaseRecord, reason: RevealReason, sentence: str, actor: Account
) -> None:
    """Refuse to reveal without a role that may, and `other` without a sentence."""
    require_kept(record)
    require_act(record, actor, EventType.REVEALED)
    if reason is RevealReason.OTHER and not sentence.strip():
        raise TransitionRefused("reveal_sentence_missing")


def require_expired(record: CaseRecord, retention_years: int, today: date, actor: Account) -> date:
    """Return the day on which a case ended; refuse one that runs or is still kept."""
    require_kept(record)
    require_role(actor, EventType.PURGED)
    require_nothing_pending(record)
    for item in record.in_force:
        raise TransitionRefused("plan_still_runs", number=item.plan.number)
    kept_until = add_months(record.ended, 12 * retention_years)
    if today <= kept_until:
        raise TransitionRefused("not_expired", case_id=record.case_id, until=kept_until.isoformat())
    if record.status is Status.OPEN:
        raise TransitionRefused("case_is_open", case_id=record.case_id)
    return record.ended


def require_free(record: CaseRecord, actor: Account, debt_id: DebtId) -> None:
    """Refuse a plan by somebody who records none, while another waits, and where the debt had one.

    A case holds one agreement in force for each debt, and one plan at a time waits for the lead. A
    debt that was paid under an agreement gets no other here, one that has ended none until a lead
    has reopened the case.
    """
    require_act(record, actor, EventType.PLAN_RECORDED)
    require_nothing_pending(record)
    if (standing := record.in_force_for(debt_id)) is not None:
        raise TransitionRefused(
            "already_approved",
            debt_id=debt_id,
            by=standing.decision.display_name,
            at=moment(standing.decision.at),
        )
    own = [item for item in record.agreements if item.debt_id == debt_id]
    require_unpaid(record.case, debt_id, own)
    if (over := record.ended_for(debt_id)) is not None:
        raise TransitionRefused(
            "plan_has_ended", debt_id=debt_id, number=over.plan.number, outcome=over.state.value
        )


def require_unpaid(
    case: Case, debt_id: DebtId, agreements: Sequence[ApprovedPlan], since: date | None = None
) -> None:
    """Refuse a debt of which the case does not know what is owed: it was paid since its file.

    `agreements` are those about the debt; of those in another case only what was paid after `since`
    counts, the day of the figures. Whatever reason a case was reopened for: that an end was
    recorded in error says nothing against the payments before it, and none of the reasons says that
    they went back to the borrower.
    """
    paid = {
        item.plan.number: [
            payment.amount for payment in item.received if since is None or payment.day > since
        ]
        for item in agreements
    }
    numbers = [number for number, payments in paid.items() if payments]
    if numbers:
        payments = [payment for number in numbers for payment in paid[number]]
        raise TransitionRefused(
            "debt_was_paid",
            debt_id=debt_id,
            number=", ".join(numbers),
            paid=total(payments, case.debt(debt_id).currency).plain,
            day=case.as_of.isoformat(),
        )


def require_recordable(record: CaseRecord, agreement: Mapping[str, Json], actor: Account) -> None:
    """Refuse a plan that is in another's way, a forbidden one, and one made by others."""
    debt_id = debt_of(agreement)
    require_free(record, actor, debt_id)
    if agreement["case_id"] != record.case_id:
        raise TransitionRefused(
            "case_differs", given=str(agreement["case_id"]), expected=record.case_id
        )
    if agreement["maker"] != actor.name:
        raise TransitionRefused("maker_differs", given=str(agreement["maker"]), expected=actor.name)
    negotiated = {debt.debt_id for debt in record.case.negotiated}
    named = (debt_id, *other_debts(agreement))
    for each in named:
        if each not in negotiated:
            raise TransitionRefused("no_such_debt", debt_id=each)
    if len(named) > 1:
        _require_whole_sharing(record.case, agreement, missing=negotiated.difference(named))
    blocking = rules_with(agreement, Effect.BLOCK)
    if blocking:
        raise TransitionRefused("plan_is_blocked", rules=", ".join(blocking))


def _require_whole_sharing(
    case: Case, agreement: Mapping[str, Json], *, missing: Collection[DebtId]
) -> None:
    """Refuse a part whose sum leaves out a debt, or repays another one not in full.

    By the sum it is judged: whatever is left out of it would be carried unseen.
    """
    if missing:
        raise TransitionRefused("sharing_leaves_out", debts=", ".join(sorted(missing)))
    for debt_id, repays in other_parts(agreement).items():
        if repays != repaid_in_full(case.debt(debt_id)):
            raise TransitionRefused(
                "part_does_not_fit", debt_id=debt_id, number=str(agreement["number"])
            )


def debt_of(agreement: Mapping[str, Json]) -> DebtId:
    """Return the debt that an agreement is about; TransitionRefused where it names none."""
    debt = agreement["debt"]
    if not isinstance(debt, Mapping):
        raise TransitionRefused("not_an_agreement")
    return DebtId(str(debt["debt_id"]))


def require_nothing_pending(record: CaseRecord) -> None:
    """Refuse an act that would change the case under a plan that waits for the lead."""
    if (waiting := record.pending) is not None:
        raise TransitionRefused("plan_is_pending", maker=waiting.maker, since=moment(waiting.at))


def require_budget_only(record: CaseRecord, changed: Case, actor: Account) -> None:
    """Refuse a corrected case that differs from the recorded one in more than its budget."""
    require_act(record, actor, EventType.BUDGET_CHANGED)
    require_nothing_pending(record)
    if replace(changed, budget=record.case.budget) != record.case:
        raise TransitionRefused("only_budget_may_change")


def require_decidable(
    record: CaseRecord, act: EventType, fingerprint: str, actor: Account, *, at: datetime
) -> RecordedPlan:
    """Return the plan to decide; refuse wrong roles, the maker, and what is not pending.

    A decision that would be dated before the plan is refused too: one of two clocks is wrong.
    """
    require_act(record, actor, act)
    waiting = _waiting(record)
    if waiting.maker == actor.name:
        raise TransitionRefused("maker_may_not_decide", maker=waiting.maker)
    _require_content(waiting, fingerprint)
    if is_dated_before(at, waiting.at):
        raise TransitionRefused("decided_too_early", since=moment(waiting.at), at=moment(at))
    return waiting


def needs_sentence(reason: str) -> bool:
    """Say whether a reason to return or decline a plan tells nothing without a sentence."""
    return reason == _OTHER


def require_told(reason: str, sentence: str) -> None:
    """Refuse to return or decline a plan for `other` without a sentence."""
    if needs_sentence(reason) and not sentence.strip():
        raise TransitionRefused("decision_sentence_missing")


def require_cancellable(record: CaseRecord, fingerprint: str, actor: Account) -> RecordedPlan:
    """Return the plan to take back; refuse everybody but its maker."""
    require_act(record, actor, EventType.CANCELLED)
    waiting = _waiting(record)
    if waiting.maker != actor.name:
        raise TransitionRefused("only_maker_may_cancel", maker=waiting.maker)
    _require_content(waiting, fingerprint)
    return waiting


def require_waiting(record: CaseRecord, fingerprint: str, actor: Account) -> RecordedPlan:
    """Return the plan whose borrower may be told to wait; refuse others than its maker."""
    require_act(record, actor, EventType.BORROWER_WAITS)
    waiting = _waiting(record)
    if waiting.maker != actor.name:
        raise TransitionRefused("only_maker_is_on_the_phone", maker=waiting.maker)
    _require_content(waiting, fingerprint)
    return waiting


def _waiting(record: CaseRecord) -> RecordedPlan:
    if record.pending is not None:
        return record.pending
    if (decided := record.decision) is not None:
        raise TransitionRefused(
            "already_decided",
            outcome=decided.outcome.value,
            by=decided.display_name,
            at=moment(decided.at),
        )
    raise TransitionRefused("nothing_pending", status=record.status.value)


def _require_content(waiting: RecordedPlan, fingerprint: str) -> None:
    if waiting.fingerprint != fingerprint:
        raise TransitionRefused(
            "not_what_is_pending", given=fingerprint, pending=waiting.fingerprint
        )


def require_exportable(
    record: CaseRecord,
    actor: Account,
    debt_id: DebtId | None = None,
    number: str | None = None,
) -> tuple[RecordedPlan, Decision | None]:
    """Return the plan to print and its approval: an approved one, or one that waits (as a draft).

    `number` names any of them, also one that ended: whatever became of it it still prints, it is
    evidence. Without it the one approved last of those in force, else the one that waits, else the
    one approved last of those that ended; `debt_id` leaves out those of other debts. So a draft
    hides nothing that binds, and prints where it is all that its debt has, or where it is named.
    """
    require_act(record, actor, EventType.EXPORTED)
    printable = [item for item in _printable(record) if debt_id in {None, item[0].debt_id}]
    if not printable:
        raise TransitionRefused("nothing_to_export", status=record.status.value)
    named = [item for item in printable if number in {None, item[0].number}]
    if not named:
        known = ", ".join(plan.number for plan, _ in printable)
        raise TransitionRefused("nothing_under_number", number=str(number), known=known)
    return named[-1]


def _printable(record: CaseRecord) -> list[tuple[RecordedPlan, Decision | None]]:
    """Return every plan that prints, with its approval; the last is the one that matters most."""
    ended = [(item.plan, item.decision) for item in record.agreements if not item.is_in_force]
    waiting = [] if record.pending is None else [(record.pending, None)]
    return [*ended, *waiting, *((item.plan, item.decision) for item in record.in_force)]


def rules_with(agreement: Mapping[str, Json], effect: Effect) -> tuple[str, ...]:
    """Return the rules whose findings on a plan have that effect, in the order of the agreement."""
    findings = agreement["findings"]
    if not isinstance(findings, list):
        raise TransitionRefused("not_an_agreement")
    return tuple(
        str(finding["rule"])
        for finding in findings
        if isinstance(finding, dict) and finding["effect"] == effect.value
    )
