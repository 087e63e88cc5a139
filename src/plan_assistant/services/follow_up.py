"""What follows an approval: signing, payments, how the plan ended, and a new beginning.

Each act is recorded when the store takes it, or not at all: none of them waits in the journal,
because others act on it at once. Not here: what an agreement allows (`domain/follow_up_acts.py`).
"""

from __future__ import annotations

from datetime import date
from functools import partial

from plan_assistant.domain import follow_up_acts
from plan_assistant.domain.approved_plan import ApprovedPlan
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import NewEvent, Receipt, RequestKey
from plan_assistant.domain.follow_up import BreachReason, Paid, Party, ReopenReason
from plan_assistant.domain.follow_up_acts import NamedAgreement, require_in_force
from plan_assistant.domain.formats.agreement_file import agreed_terms
from plan_assistant.domain.payoff import Repaid, payoff, repaid
from plan_assistant.domain.policy.pack import BreachTable
from plan_assistant.domain.record import CaseRecord
from plan_assistant.domain.schedule.position import Position
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.services.appending import append_to
from plan_assistant.services.desk import Desk


def sign(
    desk: Desk,
    case_id: CaseId,
    named: NamedAgreement,
    *,
    day: date,
    parties: frozenset[Party],
    file_sha256: str | None,
    version: int,
    key: RequestKey,
) -> Receipt:
    """Record that everybody signed an approved agreement on that day."""
    today = desk.clock.now().date()

    def act(record: CaseRecord) -> list[NewEvent]:
        fact = follow_up_acts.signed(
            record,
            named,
            desk.account,
            day=day,
            today=today,
            parties=parties,
            file_sha256=file_sha256,
        )
        return [fact]

    return append_to(desk, case_id, act, seen=version, key=key)


def post_payment(
    desk: Desk,
    case_id: CaseId,
    named: NamedAgreement,
    *,
    paid: Paid,
    reference: str,
    version: int,
    key: RequestKey,
) -> Receipt:
    """Record money received under an agreement; the payment that ends it also records that."""
    today = desk.clock.now().date()

    def act(record: CaseRecord) -> list[NewEvent]:
        return follow_up_acts.payment_posted(
            record,
            named,
            desk.account,
            paid=paid,
            reference=reference,
            today=today,
            read_terms=partial(_terms, desk),
        )

    return append_to(desk, case_id, act, seen=version, key=key)


def note_kept(
    desk: Desk, case_id: CaseId, named: NamedAgreement, *, version: int, key: RequestKey
) -> Receipt:
    """Record that an agreement was kept, where the last payment did not."""
    today = desk.clock.now().date()

    def act(record: CaseRecord) -> list[NewEvent]:
        fact = follow_up_acts.kept(
            record, named, desk.account, today=today, read_terms=partial(_terms, desk)
        )
        return [fact]

    return append_to(desk, case_id, act, seen=version, key=key)


def payoff_on(desk: Desk, item: ApprovedPlan, day: date) -> Position:
    """Return what repays an agreement in full on a day; refuse one that has ended."""
    require_in_force(item)
    if day < item.agreed.start:
        raise TransitionRefused(
            "payment_before_start", day=day.isoformat(), start=item.agreed.start.isoformat()
        )
    return payoff(_terms(desk, item), item.received, day)


def early_end_follows(desk: Desk, item: ApprovedPlan) -> bool:
    """Say whether what was recorded of an early end follows from the payments and the terms."""
    end = item.early_end
    if end is None:
        return True
    found = repaid(_terms(desk, item), item.received)
    return found == Repaid(end.day, end.overpaid) and end.saved == item.left + end.overpaid


def _terms(desk: Desk, item: ApprovedPlan) -> Terms:
    return agreed_terms(item.plan.agreement, desk.calendars.named)


def declare_broken(
    desk: Desk,
    case_id: CaseId,
    named: NamedAgreement,
    *,
    reason: BreachReason,
    notice_on: date,
    version: int,
    key: RequestKey,
    installment: int | None = None,
    sentence: str = "",
) -> Receipt:
    """Record that a plan is broken: a team lead's act, never the program's."""
    today = desk.clock.now().date()

    def act(record: CaseRecord) -> list[NewEvent]:
        fact = follow_up_acts.broken(
            record,
            named,
            desk.account,
            reason=reason,
            installment=installment,
            notice_on=notice_on,
            breach=_breach(desk, record, named, today),
            today=today,
            sentence=sentence,
        )
        return [fact]

    return append_to(desk, case_id, act, seen=version, key=key)


def _breach(desk: Desk, record: CaseRecord, named: NamedAgreement, today: date) -> BreachTable:
    """Return the days that the policy pack of the agreement's debt grants."""
    item = next((one for one in record.agreements if one.plan.number == named.number), None)
    pack = desk.policies.for_case(record.case, today, item.debt_id if item else None)
    return pack.breach


def reopen(
    desk: Desk,
    case_id: CaseId,
    *,
    reason: ReopenReason,
    version: int,
    key: RequestKey,
    sentence: str = "",
    number: str | None = None,
) -> Receipt:
    """Open a case for a new negotiation, after a plan of it has ended in one way or another.

    `number` is that of the plan that was never signed, for that reason: it ends by it.
    """

    def act(record: CaseRecord) -> list[NewEvent]:
        fact = follow_up_acts.reopened(
            record, desk.account, reason=reason, sentence=sentence, number=number
        )
        return [fact]

    return append_to(desk, case_id, act, seen=version, key=key)
