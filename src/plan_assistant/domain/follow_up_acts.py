"""What may be recorded under an approved agreement: each function refuses, or returns the fact.

Not here: what a case allows before an approval (`transitions.py`) and the arithmetic
(`follow_up.py`). The codes choose the sentence (`wording/follow_up_texts.py`); their details:

no_agreement · which_agreement (known) · no_such_agreement (number, known) ·
plan_not_approved (number) · other_agreement (given, expected) ·
agreement_over (number, outcome, by, at) · already_signed (number, day, by) ·
signed_before_approval (day, approved) · day_to_come (day, today) · signature_missing (unsigned) ·
no_guarantor (number) · payment_of_nothing (amount) · payment_currency (given, expected) ·
payment_before_start (day, start) · payment_beyond_plan (amount, left) ·
payment_known (number, amount, day, by) · reference_missing · reference_too_long (length, most) ·
not_all_paid (number, left, payoff, day) ·
not_signed (number) · nothing_past_due (number, days, tolerance) ·
no_such_missed (installment, known) · notice_too_early (day, first) · cure_runs (until) ·
maker_may_not_declare (maker) · nothing_to_reopen (status) · reopen_sentence_missing ·
was_signed (number, day, by) · was_paid_under (number, paid)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from plan_assistant.domain.approved_plan import ApprovedPlan, PlanState
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Account, EventType, Json, NewEvent
from plan_assistant.domain.follow_up import (
    BreachReason,
    Paid,
    Party,
    ReopenReason,
    Unpaid,
    written_split,
)
from plan_assistant.domain.lookup import reference_key
from plan_assistant.domain.money import total
from plan_assistant.domain.payoff import payoff, repaid
from plan_assistant.domain.record import CaseRecord, Status
from plan_assistant.domain.transitions import require_act, require_nothing_pending

if TYPE_CHECKING:
    from plan_assistant.domain.policy.pack import BreachTable  # it reads files, this does not
    from plan_assistant.domain.schedule.terms import Terms

LONGEST_REFERENCE: Final = 80
ReadTerms = Callable[[ApprovedPlan], "Terms"]
"""Returns the terms of an agreement, with the holidays they name."""


@dataclass(frozen=True, slots=True)
class NamedAgreement:
    """The agreement that a person looked at."""

    number: str
    fingerprint: str

    @property
    def facts(self) -> dict[str, Json]:
        """The same, as every fact about it begins."""
        return {"number": self.number, "fingerprint": self.fingerprint}


def agreement_of(record: CaseRecord, number: str | None) -> ApprovedPlan:
    """Return the agreement of that number; without one the only one in force."""
    known = ", ".join(one.plan.number for one in record.in_force)
    if number is None:
        if len(record.in_force) > 1:
            raise TransitionRefused("which_agreement", known=known)
        if not record.in_force:
            raise TransitionRefused("no_agreement")
        return record.in_force[0]
    found = next((one for one in record.agreements if one.plan.number == number), None)
    if found is None:
        if record.recorded is not None and record.recorded.number == number:
            raise TransitionRefused("plan_not_approved", number=number)
        raise TransitionRefused("no_such_agreement", number=number, known=known or "-")
    return found


def require_agreement(record: CaseRecord, named: NamedAgreement) -> ApprovedPlan:
    """Return the agreement in force of that number and content; refuse every other."""
    found = agreement_of(record, named.number)
    if found.plan.fingerprint != named.fingerprint:
        raise TransitionRefused(
            "other_agreement", given=named.fingerprint, expected=found.plan.fingerprint
        )
    require_in_force(found)
    return found


def require_in_force(item: ApprovedPlan) -> None:
    """Refuse an agreement that has ended."""
    if item.ended is not None:
        raise TransitionRefused(
            "agreement_over",
            number=item.plan.number,
            outcome=item.ended.outcome.value,
            by=item.ended.by,
            at=moment(item.ended.at),
        )


# --- signing --------------------------------------------------------------------------------------


def signed(
    record: CaseRecord,
    named: NamedAgreement,
    actor: Account,
    *,
    day: date,
    today: date,
    parties: frozenset[Party],
    file_sha256: str | None,
) -> NewEvent:
    """Return the fact that everybody has signed the agreement; once, and after its approval."""
    require_act(record, actor, EventType.SIGNED)
    item = require_agreement(record, named)
    if item.signature is not None:
        raise TransitionRefused(
            "already_signed",
            number=named.number,
            day=item.signature.day.isoformat(),
            by=item.signature.by,
        )
    approved = item.decision.at.date()
    if day < approved:
        raise TransitionRefused(
            "signed_before_approval", day=day.isoformat(), approved=approved.isoformat()
        )
    _require_past(day, today)
    has_guarantor = _has_guarantor(item)
    if Party.GUARANTOR in parties and not has_guarantor:
        raise TransitionRefused("no_guarantor", number=named.number)
    needed = [party for party in Party if has_guarantor or party is not Party.GUARANTOR]
    missing = [party.value for party in needed if party not in parties]
    if missing:
        raise TransitionRefused("signature_missing", unsigned=", ".join(missing))
    body: dict[str, Json] = {
        **named.facts,
        "day": day.isoformat(),
        "parties": [party.value for party in needed],
        "file_sha256": file_sha256,
    }
    return NewEvent(EventType.SIGNED, body)


def _has_guarantor(item: ApprovedPlan) -> bool:
    parties = item.plan.agreement["parties"]
    return isinstance(parties, Mapping) and parties["has_guarantor"] is True


def _require_past(day: date, today: date) -> None:
    if day > today:
        raise TransitionRefused("day_to_come", day=day.isoformat(), today=today.isoformat())


# --- payments -------------------------------------------------------------------------------------


def payment_posted(
    record: CaseRecord,
    named: NamedAgreement,
    actor: Account,
    *,
    paid: Paid,
    reference: str,
    today: date,
    read_terms: ReadTerms,
) -> list[NewEvent]:
    """Return the fact of a payment, and with one after which nothing is owed that all was kept."""
    require_act(record, actor, EventType.PAYMENT_POSTED)
    item = require_agreement(record, named)
    _require_payable(item, paid, today)
    known_as = _require_new(record, reference)
    body: dict[str, Json] = {
        **named.facts,
        "day": paid.day.isoformat(),
        "amount": paid.amount.plain,
        "currency": paid.amount.currency.code,
        "reference": known_as,
        "split": written_split(item.agreed.split(item.received, paid)),
    }
    end = _kept(item, named, [*item.received, paid], read_terms(item))
    return [NewEvent(EventType.PAYMENT_POSTED, body), *([] if end is None else [end])]


def _require_payable(item: ApprovedPlan, paid: Paid, today: date) -> None:
    agreed = item.agreed
    if paid.amount.currency != agreed.currency:
        raise TransitionRefused(
            "payment_currency", given=paid.amount.currency.code, expected=agreed.currency.code
        )
    if paid.amount.minor <= 0:
        raise TransitionRefused("payment_of_nothing", amount=paid.amount.plain)
    if paid.day < agreed.start:
        raise TransitionRefused(
            "payment_before_start", day=paid.day.isoformat(), start=agreed.start.isoformat()
        )
    _require_past(paid.day, today)
    if paid.amount > item.left:
        raise TransitionRefused(
            "payment_beyond_plan", amount=paid.amount.plain, left=item.left.plain
        )


def _require_new(record: CaseRecord, reference: str) -> str:
    """Return a reference of the bank as it was typed; refuse one of this case written anew."""
    known_as = " ".join(reference.split())
    same = reference_key(known_as)
    if not same:
        raise TransitionRefused("reference_missing")
    if len(known_as) > LONGEST_REFERENCE:
        length, most = str(len(known_as)), str(LONGEST_REFERENCE)
        raise TransitionRefused("reference_too_long", length=length, most=most)
    for item in record.agreements:
        for payment in item.payments:
            if reference_key(payment.reference) == same:
                raise TransitionRefused(
                    "payment_known",
                    number=item.plan.number,
                    amount=payment.paid.amount.plain,
                    day=payment.paid.day.isoformat(),
                    by=payment.by,
                )
    return known_as


def kept(
    record: CaseRecord, named: NamedAgreement, actor: Account, *, today: date, read_terms: ReadTerms
) -> NewEvent:
    """Return the fact that everything is paid, where it was not recorded with the last payment."""
    require_act(record, actor, EventType.KEPT)
    item = require_agreement(record, named)
    terms = read_terms(item)
    end = _kept(item, named, item.received, terms)
    if end is None:
        day = max(today, item.agreed.start)
        raise TransitionRefused(
            "not_all_paid",
            number=named.number,
            left=item.left.plain,
            payoff=payoff(terms, item.received, day).total.plain,
            day=day.isoformat(),
        )
    return end


def _kept(
    item: ApprovedPlan, named: NamedAgreement, received: Sequence[Paid], terms: Terms
) -> NewEvent | None:
    """Return the fact that nothing is owed after the last payment; None where something is.

    Nothing is left of the rows; or what the clause on early repayment asks for is paid, and what
    came in beyond it goes back, even where the borrower paid the rows of days to come.
    """
    paid = item.agreed.currency.money(sum(one.amount.minor for one in received))
    left, early = item.agreed.total - paid, repaid(terms, received)
    if not left and (early is None or not early.overpaid or early.day >= item.agreed.last_due):
        last = max(one.day for one in received)
        return NewEvent(EventType.KEPT, {**named.facts, "day": last.isoformat()})
    if early is None:
        return None
    told: dict[str, Json] = {
        "saved": (left + early.overpaid).plain,
        "overpaid": early.overpaid.plain,
    }
    return NewEvent(EventType.KEPT, {**named.facts, "day": early.day.isoformat(), "early": told})


# --- the end --------------------------------------------------------------------------------------


def broken(
    record: CaseRecord,
    named: NamedAgreement,
    actor: Account,
    *,
    reason: BreachReason,
    installment: int | None,
    notice_on: date,
    breach: BreachTable,
    today: date,
    sentence: str,
) -> NewEvent:
    """Return the fact that a signed plan is broken: past its tolerance, noticed, not made up.

    `installment` is the one that was missed; None means the oldest. Whoever made the agreement does
    not declare it broken.
    """
    require_act(record, actor, EventType.BROKEN)
    item = require_agreement(record, named)
    if item.plan.maker == actor.name:
        raise TransitionRefused("maker_may_not_declare", maker=actor.name)
    if item.signature is None:
        raise TransitionRefused("not_signed", number=named.number)
    missed = _require_missed(item, installment, breach, today)
    first_notice = missed.due + timedelta(days=breach.tolerance_days + 1)
    if notice_on < first_notice:
        raise TransitionRefused(
            "notice_too_early", day=notice_on.isoformat(), first=first_notice.isoformat()
        )
    _require_past(notice_on, today)
    cure_until = notice_on + timedelta(days=breach.cure_days)
    if today <= cure_until:
        raise TransitionRefused("cure_runs", until=cure_until.isoformat())
    body: dict[str, Json] = {
        **named.facts,
        "reason": reason.value,
        "installment": missed.number,
        "due": missed.due.isoformat(),
        "missing": missed.amount.plain,
        "days_past_due": (today - missed.due).days,
        "notice_on": notice_on.isoformat(),
        "cure_until": cure_until.isoformat(),
        "tolerance_days": breach.tolerance_days,
        "cure_days": breach.cure_days,
        "sentence": sentence.strip(),
    }
    return NewEvent(EventType.BROKEN, body)


def _require_missed(
    item: ApprovedPlan, installment: int | None, breach: BreachTable, today: date
) -> Unpaid:
    missing = item.agreed.missing(item.received, today)
    late = [one for one in missing if (today - one.due).days > breach.tolerance_days]
    if not late:
        days = max(0, (today - missing[0].due).days) if missing else 0
        raise TransitionRefused(
            "nothing_past_due",
            number=item.plan.number,
            days=str(days),
            tolerance=str(breach.tolerance_days),
        )
    chosen = [one for one in late if installment in {None, one.number}]
    if not chosen:
        raise TransitionRefused(
            "no_such_missed",
            installment=str(installment),
            known=", ".join(str(one.number) for one in late),
        )
    return chosen[0]


_REOPENABLE: Final = frozenset({Status.DECLINED, Status.CANCELLED})


def reopened(
    record: CaseRecord,
    actor: Account,
    *,
    reason: ReopenReason,
    sentence: str,
    number: str | None = None,
) -> NewEvent:
    """Return the fact that a case is open for a new negotiation, after a plan has ended.

    With the reason `never_signed` a plan ends by it: that of the number, without one the only one
    in force.
    """
    require_act(record, actor, EventType.REOPENED)
    require_nothing_pending(record)
    if reason is ReopenReason.OTHER and not sentence.strip():
        raise TransitionRefused("reopen_sentence_missing")
    ended: list[Json] = [
        item.plan.number
        for item in record.agreements
        if item.state in {PlanState.KEPT, PlanState.BROKEN} and not item.is_reopened
    ]
    unsigned: dict[str, Json] = {}
    if reason is ReopenReason.NEVER_SIGNED:
        plan = _require_unsigned(agreement_of(record, number)).plan
        unsigned = NamedAgreement(plan.number, plan.fingerprint).facts
        ended.append(plan.number)
    if not ended and record.status not in _REOPENABLE:
        raise TransitionRefused("nothing_to_reopen", status=record.status.value)
    return NewEvent(
        EventType.REOPENED,
        {**unsigned, "reason": reason.value, "sentence": sentence.strip(), "plans": ended},
    )


def _require_unsigned(item: ApprovedPlan) -> ApprovedPlan:
    """Return an agreement that is in force and not in effect; refuse what was signed or paid."""
    require_in_force(item)
    number = item.plan.number
    if (signature := item.signature) is not None:
        raise TransitionRefused(
            "was_signed", number=number, day=signature.day.isoformat(), by=signature.by
        )
    if item.received:
        paid = total([payment.amount for payment in item.received], item.agreed.currency)
        raise TransitionRefused("was_paid_under", number=number, paid=paid.plain)
    return item
