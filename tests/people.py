"""Invented people who work here, and small facts about invented cases."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from plan_assistant.domain.events import Account, EventType, Json, NewEvent
from plan_assistant.domain.policy.findings import Role

COLLECTOR = Account("wu.hao", "吴昊", Role.COLLECTOR)
COLLEAGUE = Account("sun.li", "孙丽", Role.COLLECTOR)
LEAD = Account("li.na", "李娜", Role.TEAM_LEAD)
OTHER_LEAD = Account("he.jun", "何军", Role.TEAM_LEAD)
AUDITOR = Account("qian.wen", "钱雯", Role.AUDITOR)
ADMINISTRATOR = Account("tang.yi", "唐毅", Role.ADMINISTRATOR)
REVIEWER = Account("fang.min", "方敏", Role.LEGAL_REVIEWER)
AGENT = Account("luo.bin", "罗斌", Role.AGENCY_COLLECTOR)
EVERYBODY = (COLLECTOR, COLLEAGUE, LEAD, OTHER_LEAD, AUDITOR, ADMINISTRATOR, REVIEWER, AGENT)

NOW = datetime(2026, 11, 20, 12, 6, 41, 250_000, timezone(timedelta(hours=8)))
"""A moment in an office in China."""


_WHOLE: dict[str, tuple[str, ...]] = {
    "case_opened": ("borrower", "debts", "budget"),
    "budget_changed": ("borrower", "debts", "budget"),
    **dict.fromkeys(
        ("approved", "returned", "declined", "cancelled"),
        ("fingerprint", "display_name", "reason", "sentence"),
    ),
    "case_assigned": ("agent",),
    "disclosure_read": ("disclosure",),
    "exported": ("number", "fingerprint", "files"),
    "plan_recorded": ("number", "maker", "debt"),
    "signed": ("number", "fingerprint", "day", "parties", "file_sha256"),
    "payment_posted": (
        "number", "fingerprint", "day", "amount", "currency", "reference", "split",
    ),
    "kept": ("number", "fingerprint", "day"),
    "broken": ("number", "fingerprint", "reason", "sentence"),
    "reopened": ("reason", "sentence", "plans"),
    "call_closed": ("outcome",),
    "borrower_waits": ("fingerprint", "waits"),
    "revealed": ("reason", "sentence", "fields"),
    "purged": ("ended", "retention_years"),
}  # fmt: skip
"""What the body of a fact has at least; of the other kinds nobody takes anything unasked."""


_LONG_AGO: dict[str, Json] = {"ended": "2016-11-20", "retention_years": 5}


def whole(kind: str, **said: Json) -> dict[str, Json]:
    """Return the body of a fact of that kind which says nothing but this.

    A case is purged long after its end.
    """
    least = dict.fromkeys(_WHOLE.get(kind, ()), "")
    return {**least, **(_LONG_AGO if kind == "purged" else {}), **said}


def opened(note: str = "") -> NewEvent:
    return NewEvent(
        EventType.CASE_OPENED, {"borrower": {}, "debts": [], "budget": {}, "note": note}
    )


def spoken(payment: str = "2308.99") -> NewEvent:
    return NewEvent(EventType.OFFER_SPOKEN, {"plan": {"payment": payment}})


def plan(number: str, maker: Account = COLLECTOR, **more: Json) -> NewEvent:
    return NewEvent(
        EventType.PLAN_RECORDED,
        {"number": number, "maker": maker.name, "debt": {"debt_id": "D1"}, **more},
    )


def decided(outcome: EventType, fingerprint: str, by: Account) -> NewEvent:
    return NewEvent(
        outcome,
        {
            "fingerprint": fingerprint,
            "display_name": by.display_name,
            "reason": None,
            "sentence": "",
        },
    )
