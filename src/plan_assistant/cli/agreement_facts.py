"""Approved agreements for programs: JSON of what was agreed, received, and how it ended."""

from __future__ import annotations

from datetime import date

from plan_assistant.domain.approved_plan import ApprovedPlan
from plan_assistant.domain.events import Json
from plan_assistant.domain.follow_up import EarlyEnd
from plan_assistant.domain.formats.agreement_file import short_code


def agreement_json(item: ApprovedPlan, day: date, *, early_end_follows: bool) -> dict[str, Json]:
    """Return an agreement and where it stands on a day, for a program."""
    signature, ended, early = item.signature, item.ended, item.early_end
    return {
        **agreement_line(item, day),
        "fingerprint": item.plan.fingerprint,
        "code": short_code(item.plan.fingerprint),
        "components": {name: amount.plain for name, amount in item.components(day).items()},
        "signed": (
            None
            if signature is None
            else {
                "day": signature.day.isoformat(),
                "parties": [party.value for party in signature.parties],
                "file_sha256": signature.file_sha256,
            }
        ),
        "payments": [
            {
                "day": payment.paid.day.isoformat(),
                "amount": payment.paid.amount.plain,
                "split": dict(payment.split),
                "split_holds": payment not in item.misposted,
            }
            for payment in item.payments
        ],
        "ended": (
            None
            if ended is None
            else {
                "outcome": ended.outcome.value,
                "by": ended.by,
                "early": (
                    None if early is None else {**_early_json(early), "follows": early_end_follows}
                ),
            }
        ),
    }


def _early_json(end: EarlyEnd) -> dict[str, Json]:
    return {
        "day": end.day.isoformat(),
        "saved": end.saved.plain,
        "overpaid": end.overpaid.plain,
    }


def agreement_line(item: ApprovedPlan, day: date) -> dict[str, Json]:
    """Return where an agreement stands on a day, as the queue tells it."""
    standing = item.standing(day)
    following = standing.next_unpaid
    return {
        "debt_id": item.debt_id,
        "number": item.plan.number,
        "state": item.state.value,
        "currency": item.agreed.currency.code,
        "total": item.agreed.total.plain,
        "paid": standing.paid.plain,
        "owed": standing.owed.plain,
        "overdue": standing.overdue.plain,
        "days_past_due": standing.days_past_due,
        "next": (
            None
            if following is None
            else {
                "number": following.number,
                "due": following.due.isoformat(),
                "amount": following.amount.plain,
            }
        ),
    }
