"""Facts of a record checked one by one: what the rows beside them or the account contradict."""

from __future__ import annotations

import json

import pytest

from plan_assistant.domain.audit_facts import FactChecks
from plan_assistant.domain.discrepancy import Discrepancy
from plan_assistant.domain.events import EventType
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.rights import may_record
from plan_assistant.domain.stored import RecordRow, StoredEvent
from plan_assistant.wording.audit import discrepancy_sentence
from tests.people import NOW


def found_in(
    *facts: StoredEvent, code: str, roles: dict[str, str] | None = None
) -> list[Discrepancy]:
    """Return what the checks say with that code about these facts."""
    checks = FactChecks({"wu.hao": facts[0].role} if roles is None else roles, {})
    said = [item for fact in facts for item in checks.check(RecordRow(fact, None, None, None))]
    for item in said:
        for language in ("en", "zh"):
            assert discrepancy_sentence(item, language)
    return [item for item in said if item.code == code]


def fact(
    kind: str, *, role: Role = Role.COLLECTOR, version: int = 1, at: str = "", body: str = "{}"
) -> StoredEvent:
    """Return a row as it may stand in a store."""
    when = at or NOW.isoformat(timespec="microseconds")
    return StoredEvent(version, f"E{version}", "A-1", version, when, "wu.hao", role, kind, body, "")


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_a_fact_by_a_role_that_may_not_record_it_is_named(role: Role) -> None:
    named = {
        kind for kind in EventType if found_in(fact(kind.value, role=role), code="fact_may_not")
    }

    assert named == {kind for kind in EventType if role not in may_record(kind)}


def test_a_role_that_there_is_not_may_record_nothing() -> None:
    stranger = fact("approved", role="director")  # type: ignore[arg-type]  # as a row may say

    (named,) = found_in(stranger, code="fact_may_not")

    assert named.detail == {"role": "director", "act": "approved"}


# --- the form
@pytest.mark.parametrize(
    "body",
    [
        '{"outcome": "done"}',
        '{"outcome":"done"} ',
        '{"b":1,"a":2}',
        '{"a":1.50}',
        '{"a":"\\u00e9"}',
    ],
    ids=["a blank", "a blank behind", "another order", "a fraction", "an escape too many"],
)
def test_a_body_in_another_form_than_the_records_is_named(body: str) -> None:
    (named,) = found_in(fact("call_closed", body=body), code="fact_form")

    assert named.detail == {"field": "body"}


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-20T12:06:41+08:00",
        "2026-11-20T12:06:41.250000",
        "2026-11-20 12:06:41.250000+08:00",
        "2026-11-20T04:06:41.250000Z",
        "2026-11-20",
        "yesterday",
        "0001-01-01T00:00:00.000000+14:00",
    ],
)
def test_a_moment_in_another_form_than_the_records_is_named(at: str) -> None:
    found = found_in(fact("call_closed", at=at), code="fact_form")

    is_written_so = at.startswith("0001")
    assert [item.detail for item in found] == ([] if is_written_so else [{"field": "at"}])


def test_a_fact_as_the_record_writes_it_is_not_named() -> None:
    body = canonical({"outcome": "他说：\u2028“好”😀", "a": None}).decode()

    assert found_in(fact("call_closed", body=body), code="fact_form") == []


# --- erased before its time
ROLES = {"wu.hao": "collector", "tang.yi": "administrator", "li.na": "team_lead"}


def _course(*facts: tuple[str, str, str]) -> list[StoredEvent]:
    """Return facts of one case: kind, day and body of each, in their order."""
    return [
        fact(
            kind,
            role=Role.ADMINISTRATOR if kind == "purged" else Role.COLLECTOR,
            version=number,
            at=f"{day}T12:00:00.000000+08:00",
            body=body,
        )
        for number, (kind, day, body) in enumerate(facts, start=1)
    ]


def _purged(day: str, ended: str, years: object = 5) -> tuple[str, str, str]:
    return "purged", day, canonical({"ended": ended, "retention_years": years}).decode()  # type: ignore[dict-item]  # as a row may say


OPENED = ("case_opened", "2020-02-29", "{}")
CLOSED = ("call_closed", "2020-03-02", '{"outcome":"done"}')


def test_a_case_erased_after_its_time_is_not_named() -> None:
    looked_at = ("revealed", "2024-01-01", "{}")

    course = _course(OPENED, CLOSED, looked_at, _purged("2025-03-03", "2020-03-02"))

    assert found_in(*course, code="purged_early", roles=ROLES) == []
    assert found_in(*course, code="purged_end", roles=ROLES) == []


def test_a_case_ends_with_its_latest_fact_also_where_an_earlier_one_was_delivered_later() -> None:
    kept_meanwhile = ("offer_spoken", "2020-03-01", "{}")
    unreadable = ("offer_spoken", "yesterday", "{}")
    purged = _purged("2025-03-03", "2020-03-02")

    course = _course(OPENED, CLOSED, kept_meanwhile, unreadable, purged)

    assert found_in(*course, code="purged_end", roles=ROLES) == []


@pytest.mark.parametrize(
    ("day", "years", "until"),
    [
        ("2025-03-02", 5, "2025-03-02"),
        ("2020-03-03", 1, "2021-03-02"),
        ("2020-03-02", 0, "?"),
        ("2025-03-03", 0, "?"),
        ("2025-03-03", 9000, "?"),
        ("2025-03-03", -1, "?"),
        ("2025-03-03", "5", "?"),
        ("2025-03-03", True, "?"),
        ("2025-03-03", None, "?"),
    ],
)
def test_a_case_erased_before_the_years_that_the_record_names_is_named(
    day: str, years: object, until: str
) -> None:
    course = _course(OPENED, CLOSED, _purged(day, "2020-03-02", years))

    (named,) = found_in(*course, code="purged_early", roles=ROLES)

    assert named.version == 3
    assert named.detail == {"ended": "2020-03-02", "years": str(years), "until": until}


def test_an_end_that_the_record_does_not_show_is_named() -> None:
    course = _course(OPENED, CLOSED, _purged("2020-03-05", "2010-01-01", 0))

    (named,) = found_in(*course, code="purged_end", roles=ROLES)

    assert named.detail == {"found": "2010-01-01", "expected": "2020-03-02"}


def _approved(**said: object) -> tuple[str, str, str]:
    return "approved", "2020-03-02", json.dumps({"fingerprint": "x", **said})


ENDED = ("kept", "2020-03-02", '{"fingerprint":"x"}')


def test_a_case_erased_sooner_than_its_approvals_say_is_named() -> None:
    course = _course(
        OPENED,
        _approved(retention_years=8),
        _approved(retention_years=5),
        ENDED,
        _purged("2026-03-03", "2020-03-02", 5),
    )

    (named,) = found_in(*course, code="purged_short", roles=ROLES)

    assert named.version == 5
    assert named.detail == {"years": "5", "approved": "8"}


@pytest.mark.parametrize("said", [5, None, True, "8", -1, 101, 10**15])
def test_a_case_is_held_to_no_years_that_no_policy_pack_names(said: object) -> None:
    course = _course(
        OPENED, _approved(retention_years=said), ENDED, _purged("2026-03-03", "2020-03-02", 5)
    )

    assert found_in(*course, code="purged_short", roles=ROLES) == []


SENT = ("plan_recorded", "2020-03-02", '{"number":"AG-1"}')


def test_a_case_erased_while_a_plan_waits_is_named() -> None:
    course = _course(OPENED, SENT, _purged("2030-01-01", "2020-03-02"))

    (named,) = found_in(*course, code="purged_running", roles=ROLES)

    assert named.version == 3
