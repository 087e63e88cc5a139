"""People who come to PostgreSQL with SQL instead of a service, each under their own login."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.adapters.postgres_scene import (
    DONE,
    MADE,
    OTHER_AGENT,
    OWN,
    SCHEMA,
    SOUTH,
    SOUTH_LEAD,
    WAITING,
    everything,
    report_of,
    scene,
)
from tests.people import (
    ADMINISTRATOR,
    AGENT,
    AUDITOR,
    COLLEAGUE,
    COLLECTOR,
    LEAD,
    OTHER_LEAD,
    REVIEWER,
    whole,
)
from tests.postgres import SEALING, Database, Databases

from plan_assistant.domain.events import Account, Json
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.stored import StoredEvent

NOT_PERMITTED = "42501"
BROKEN_RULE = "23514"
_ZERO = "0" * 64
_COLUMNS = f"{SCHEMA}.event (event_id, case_id, version, at, actor, role, type, body, sha256)"


@pytest.fixture(scope="module")
def attacked(postgres: Databases) -> Iterator[Database]:
    """The store that all attacks of this file are made on: none of them leaves a trace."""
    with scene(postgres) as database:
        yield database


def _event(
    case: str,
    version: int,
    kind: str,
    by: Account,
    *,
    role: str = "",
    actor: str = "",
    body: str | None = None,
    sha256: str = "",
    at: str = "2026-11-20T00:00:00.000000+08:00",
) -> str:
    """Return the insert of a fact that is whole, but for what is chosen."""
    fact = StoredEvent(
        sequence=0,
        event_id=f"E-{kind}-{by.name}",
        case_id=case,
        version=version,
        at=at,
        actor=actor or by.name,
        role=role or by.role.value,
        type=kind,
        body=_body(kind) if body is None else body,
        sha256="",
    )
    return (
        f"insert into {_COLUMNS}"
        f" values ('{fact.event_id}', '{case}', {version}, '{fact.at}', '{fact.actor}',"
        f" '{fact.role}', '{kind}', '{fact.body}', '{sha256 or fact.expected_hash}')"
    )


def _body(kind: str, **said: str) -> str:
    """Return a whole body that says nothing but this."""
    return canonical(whole(kind, **said)).decode()


def _with(column: str, value: str) -> str:
    """Return the insert of a fact that also chooses what nobody may choose."""
    return (
        f"insert into {_COLUMNS[:-1]}, {column}) values ('E', 'B-1', 2, '', 'wu.hao', 'collector',"
        f" 'exported', '', '{_ZERO}', {value})"
    )


def _decision(case: str, version: int, by: Account, content: str, **more: str) -> str:
    return _event(
        case, version, "approved", by, body=_body("approved", fingerprint=content), **more
    )


_WAITING = fingerprint(WAITING.body)
_DONE = fingerprint(DONE.body)
_MADE = fingerprint(MADE.body)
_OWN = fingerprint(OWN.body)
_APPROVED_ROW = (
    f"insert into {SCHEMA}.decision"
    " (case_id, round, event_id, outcome, maker, fingerprint, decider, decider_role)"
    f" values ('W-1', 1, 'E', 'approved', 'wu.hao', '{_WAITING}', 'li.na', 'team_lead')"
)
_SEALS = Account(SEALING, "", Role.AUDITOR)
"""The login of the program that seals; it has no account, and this role stands for none."""
_SEAL = (
    f"insert into {SCHEMA}.seal select number + 1, number, last_sequence, sha256,"
    " last_sequence + 1, last_sequence + 1, 1, root, '{}', at, key_id, signature, sha256, ''"
    f" from {SCHEMA}.seal"
)


def _key(account: Account, by: Account, endorsed_by: Account) -> str:
    return (
        f"insert into {SCHEMA}.approval_key (account, number, public_key, at, set_by, endorsed_by,"
        f" endorsed_with, endorsement) values ('{account.name}', 7, '{_ZERO}', '', '{by.name}',"
        f" '{endorsed_by.name}', '', '{_ZERO}{_ZERO}')"
    )


def _follows(kind: str, by: Account, case: str = "D-1", content: str = _DONE) -> str:
    return _event(case, 4, kind, by, body=_body(kind, fingerprint=content))


def _request(case: str, version: int, event_ids: str, key: str = "stray") -> str:
    return (
        f"insert into {SCHEMA}.request (key, payload_sha256, case_id, version, event_ids)"
        f" values ('{key}', 'x', '{case}', {version}, '{event_ids}')"
    )


def _account(name: str, role: str, display_name: str = "x") -> str:
    return (
        f"insert into {SCHEMA}.account (name, display_name, role, team)"
        f" values ('{name}', '{display_name}', '{role}', '')"
    )


def _own_key(**chosen: str) -> str:
    """Return the insert of a lead's next key, but for what is chosen."""
    row = {"number": "2", "public_key": "a" * 64, "at": _NOW, "endorsed_with": "a" * 64, **chosen}
    return (
        f"insert into {SCHEMA}.approval_key (account, number, public_key, at, set_by, endorsed_by,"
        f" endorsed_with, endorsement) values ('li.na', {row['number']}, '{row['public_key']}',"
        f" '{row['at']}', 'li.na', 'li.na', '{row['endorsed_with']}', '{_ZERO}{_ZERO}')"
    )


def _own_password(number: int, at: str) -> str:
    return (
        f"insert into {SCHEMA}.password (account, number, at, set_by, verifier, key_number,"
        f" sealed_key) values ('li.na', {number}, '{at}', 'li.na', 'v', 1, 'k')"
    )


def _own_try(number: int, at: str) -> str:
    return (
        f"insert into {SCHEMA}.sign_in (account, number, at, outcome)"
        f" values ('li.na', {number}, '{at}', 'failed')"
    )


def _purge(case: str, by: Account = ADMINISTRATOR, **said: Json) -> str:
    return _event(case, 2, "purged", by, body=canonical(whole("purged", **said)).decode())


def _squat(case: str) -> str:
    return (
        f"insert into {SCHEMA}.case_key (key_id, case_id, master_key_id, wrapped)"
        f" select 'squat', '{case}', master_key_id, 'AAAA' from {SCHEMA}.store_key limit 1"
    )


_NOW = "2026-11-20T00:00:00.000000+08:00"
_DEEP = '{"outcome":' + "[" * 64 + "]" * 64 + "}"
_LARGE = '{"outcome":"' + "x" * 4 * 1024 * 1024 + '"}'
_WRONG_MOMENTS = {
    "without microseconds": "2026-11-20T00:00:00+08:00",
    "without an offset": "2026-11-20T00:00:00.000000",
    "with a letter for the offset": "2026-11-20T00:00:00.000000Z",
    "of the first year": "0001-01-01T00:00:00.000000+14:00",
    "of the last year": "9999-12-31T23:59:59.000000-14:00",
    "that is none": "x",
}
_SECOND = _body("plan_recorded", number="AG-2")


@dataclass(frozen=True)
class Attack:
    """What somebody tries, and what stops it."""

    by: Account
    statements: tuple[str, ...]
    state: str
    reason: str = ""
    """The constraint that was broken, or a part of the message."""


def _a(by: Account, state: str, reason: str, *statements: str) -> Attack:
    return Attack(by, statements, state, reason)


ATTACKS: dict[str, Attack] = {
    # --- approving
    "a collector approves": _a(
        COLLEAGUE, BROKEN_RULE, "lead_decides", _decision("W-1", 3, COLLEAGUE, _WAITING)
    ),
    "a collector approves in the role of a lead": _a(
        COLLEAGUE,
        BROKEN_RULE,
        "actor_is_session_user",
        _decision("W-1", 3, COLLEAGUE, _WAITING, role="team_lead"),
    ),
    "a collector approves in the lead's name": _a(
        COLLECTOR,
        BROKEN_RULE,
        "actor_is_session_user",
        _decision("W-1", 3, COLLECTOR, _WAITING, actor="li.na", role="team_lead"),
    ),
    "a lead approves in another lead's name": _a(
        LEAD,
        BROKEN_RULE,
        "actor_is_session_user",
        _decision("L-1", 3, LEAD, _OWN, actor="he.jun"),
    ),
    "a lead approves a plan of their own": _a(
        LEAD, BROKEN_RULE, "four_eyes", _decision("L-1", 3, LEAD, _OWN)
    ),
    "a lead approves another content": _a(
        LEAD, "23503", "decision_content", _decision("W-1", 3, LEAD, _OWN)
    ),
    "a lead approves a case that has moved on": _a(
        LEAD, BROKEN_RULE, "stale_version", _decision("W-1", 2, LEAD, _WAITING)
    ),
    "a lead approves a version that is not there yet": _a(
        LEAD, BROKEN_RULE, "stale_version", _decision("W-1", 7, LEAD, _WAITING)
    ),
    "a lead approves twice": _a(
        OTHER_LEAD, BROKEN_RULE, "already_decided", _decision("D-1", 4, OTHER_LEAD, _WAITING)
    ),
    "a lead approves what was never sent": _a(
        LEAD, BROKEN_RULE, "nothing_pending", _decision("B-1", 2, LEAD, _WAITING)
    ),
    "a lead of another team approves": _a(
        SOUTH_LEAD, BROKEN_RULE, "case_of_another_team", _decision("W-1", 3, SOUTH_LEAD, _WAITING)
    ),
    "a collector writes the approval itself": _a(
        COLLECTOR, NOT_PERMITTED, "decision", _APPROVED_ROW
    ),
    "a lead writes the approval itself": _a(LEAD, NOT_PERMITTED, "decision", _APPROVED_ROW),
    "an administrator approves": _a(
        ADMINISTRATOR, BROKEN_RULE, "lead_decides", _decision("W-1", 3, ADMINISTRATOR, _WAITING)
    ),
    "a legal reviewer approves": _a(
        REVIEWER, BROKEN_RULE, "lead_decides", _decision("W-1", 3, REVIEWER, _WAITING)
    ),
    "an agency collector approves": _a(
        AGENT, BROKEN_RULE, "case_not_assigned", _decision("W-1", 3, AGENT, _WAITING)
    ),
    "a lead takes back what another made": _a(
        LEAD,
        BROKEN_RULE,
        "maker_cancels",
        _event("W-1", 3, "cancelled", LEAD, body=_body("cancelled", fingerprint=_WAITING)),
    ),
    # --- making
    "a collector begins a case with an approved plan": _a(
        COLLECTOR, BROKEN_RULE, "nothing_pending", _decision("N-1", 1, COLLECTOR, _WAITING)
    ),
    "a collector sends a second plan while one waits": _a(
        COLLECTOR,
        BROKEN_RULE,
        "one_pending",
        _event("W-1", 3, "plan_recorded", COLLECTOR, body=_SECOND),
    ),
    "a collector uses an agreement number twice": _a(
        COLLECTOR,
        "23505",
        "submission_number",
        _event("B-1", 2, "plan_recorded", COLLECTOR, body=_body("plan_recorded", number="AG-DONE")),
    ),
    "a collector forges the maker": _a(
        COLLECTOR,
        BROKEN_RULE,
        "actor_is_session_user",
        _event("B-1", 2, "plan_recorded", COLLECTOR, actor="sun.li", body=_SECOND),
    ),
    "a collector writes the guard of a plan": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "submission",
        f"insert into {SCHEMA}.submission (case_id, round, event_id, number, fingerprint, maker)"
        " values ('B-1', 1, 'E', 'AG-9', 'x', 'sun.li')",
    ),
    "a collector moves the head of a case": _a(
        COLLECTOR, NOT_PERMITTED, "case_head", f"update {SCHEMA}.case_head set is_waiting = false"
    ),
    "a collector chooses the position of a fact": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "event",
        _with("sequence", "1"),
    ),
    "a collector chooses the team of a fact": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "event",
        _with("team", "'south'"),
    ),
    "a collector records what is no kind of fact": _a(
        COLLECTOR, BROKEN_RULE, "event_type_is_known", _event("B-1", 2, "zzz", COLLECTOR)
    ),
    "a legal reviewer records what is no kind of fact": _a(
        REVIEWER, BROKEN_RULE, "event_type_is_known", _event("B-1", 2, "zzz", REVIEWER)
    ),
    "an agency records what is no kind of fact": _a(
        AGENT, BROKEN_RULE, "event_type_is_known", _event("G-1", 4, "zzz", AGENT)
    ),
    "an administrator records what is no kind of fact": _a(
        ADMINISTRATOR, BROKEN_RULE, "event_type_is_known", _event("B-1", 2, "zzz", ADMINISTRATOR)
    ),
    "a collector corrects a budget to nothing": _a(
        COLLECTOR,
        BROKEN_RULE,
        "event_whole_body",
        _event("B-1", 2, "budget_changed", COLLECTOR, body="{}"),
    ),
    "a collector sends a plan with nothing but a number": _a(
        COLLECTOR,
        BROKEN_RULE,
        "event_whole_body",
        _event("B-1", 2, "plan_recorded", COLLECTOR, body='{"fingerprint":"x","number":"AG-9"}'),
    ),
    "a collector sends a plan that is no object": _a(
        COLLECTOR,
        "22023",
        "an array",
        _event("B-1", 2, "plan_recorded", COLLECTOR, body='["number","maker","debt"]'),
    ),
    "a lead returns a plan and says nothing": _a(
        LEAD,
        BROKEN_RULE,
        "event_whole_body",
        _event("W-1", 3, "returned", LEAD, body=f'{{"fingerprint":"{_WAITING}"}}'),
    ),
    "a lead gives a case to a list": _a(
        LEAD,
        BROKEN_RULE,
        "event_whole_body",
        _event("B-1", 2, "case_assigned", LEAD, body='["agent"]'),
    ),
    "a collector records what is no JSON": _a(
        COLLECTOR, "22P02", "", _event("B-1", 2, "offer_spoken", COLLECTOR, body="{")
    ),
    "a collector opens a case with a hash of nothing": _a(
        COLLECTOR,
        BROKEN_RULE,
        "event_sha256_holds",
        _event("N-1", 1, "case_opened", COLLECTOR, sha256=_ZERO),
    ),
    "a collector sends a plan under the hash of another fact": _a(
        COLLECTOR,
        BROKEN_RULE,
        "event_sha256_holds",
        _event("B-1", 2, "plan_recorded", COLLECTOR, body=_SECOND, sha256=_WAITING),
    ),
    "a collector repeats an event id": _a(
        COLLECTOR,
        "23505",
        "event_id",
        _event("B-1", 2, "exported", COLLECTOR),
        _event("B-1", 3, "exported", COLLECTOR),
    ),
    # --- what follows an approval
    **{
        f"{name} records {kind}": _a(person, BROKEN_RULE, rule, _follows(kind, person))
        for name, person, kind, rule in (
            ("a collector", COLLEAGUE, "broken", "event_role_ends"),
            ("a collector", COLLECTOR, "reopened", "event_role_ends"),
            *(
                (name, person, kind, rule)
                for name, person in (
                    ("a legal reviewer", REVIEWER),
                    ("an administrator", ADMINISTRATOR),
                )
                for kind, rule in (
                    ("signed", "event_role_signs"),
                    ("payment_posted", "event_role_posts"),
                    ("kept", "event_role_posts"),
                    ("broken", "event_role_ends"),
                    ("reopened", "event_role_ends"),
                )
            ),
            *(
                ("an agency", AGENT, kind, "case_not_assigned")
                for kind in ("signed", "payment_posted", "kept", "broken", "reopened")
            ),
            *(
                ("a lead of another team", SOUTH_LEAD, kind, "case_of_another_team")
                for kind in ("signed", "payment_posted", "kept", "broken", "reopened")
            ),
        )
    },
    **{
        f"an auditor records {kind}": _a(AUDITOR, NOT_PERMITTED, "event", _follows(kind, AUDITOR))
        for kind in ("signed", "payment_posted", "kept", "broken", "reopened")
    },
    **{
        f"a lead records {kind} about what only waits": _a(
            LEAD,
            BROKEN_RULE,
            "follows_approval",
            _event("W-1", 3, kind, LEAD, body=_body(kind, fingerprint=_WAITING)),
        )
        for kind in ("signed", "payment_posted", "kept", "broken")
    },
    "a collector posts a payment under another case's agreement": _a(
        COLLECTOR,
        BROKEN_RULE,
        "follows_approval",
        _event(
            "B-1", 2, "payment_posted", COLLECTOR, body=_body("payment_posted", fingerprint=_DONE)
        ),
    ),
    "a collector posts a payment under nothing": _a(
        COLLECTOR, BROKEN_RULE, "follows_approval", _event("D-1", 4, "payment_posted", COLLECTOR)
    ),
    "a lead declares broken what they made": _a(
        LEAD, BROKEN_RULE, "maker_breaks", _follows("broken", LEAD, "M-1", _MADE)
    ),
    "a collector posts a payment in a colleague's name": _a(
        COLLECTOR,
        BROKEN_RULE,
        "actor_is_session_user",
        _event(
            "D-1",
            4,
            "payment_posted",
            COLLECTOR,
            actor="sun.li",
            body=_body("payment_posted", fingerprint=_DONE),
        ),
    ),
    "a collector changes a payment": _a(
        COLLECTOR, NOT_PERMITTED, "event", f"update {SCHEMA}.event set type = 'kept'"
    ),
    "a collector calls the guard of what follows": _a(
        COLLECTOR, NOT_PERMITTED, "event_follows", f"select {SCHEMA}.event_follows()"
    ),
    # --- people
    "a collector adds staff": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "account",
        f"insert into {SCHEMA}.account (name, display_name, role) values ('x', 'x', 'team_lead')",
    ),
    "a collector makes themselves a lead": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "account",
        f"update {SCHEMA}.account set role = 'team_lead' where name = 'wu.hao'",
    ),
    "an administrator makes a collector a lead": _a(
        ADMINISTRATOR,
        NOT_PERMITTED,
        "account",
        f"update {SCHEMA}.account set role = 'team_lead' where name = 'wu.hao'",
    ),
    "an administrator hides who added somebody": _a(
        ADMINISTRATOR,
        NOT_PERMITTED,
        "account",
        f"insert into {SCHEMA}.account (name, display_name, role, team, added_by)"
        " values ('x', 'x', 'collector', '', 'li.na')",
    ),
    "a collector becomes a lead by SET ROLE": _a(
        COLLECTOR, NOT_PERMITTED, "permission denied", "set role plan_assistant_team_lead"
    ),
    "a collector becomes the owner by SET ROLE": _a(
        COLLECTOR, NOT_PERMITTED, "permission denied", "set role plan_assistant_owner"
    ),
    "a collector becomes the lead's login by SET ROLE": _a(
        COLLECTOR, NOT_PERMITTED, "permission denied", 'set role "li.na"'
    ),
    "a collector becomes another by SET SESSION AUTHORIZATION": _a(
        COLLECTOR, NOT_PERMITTED, "permission denied", 'set session authorization "li.na"'
    ),
    "a lead makes a collector a member of the leads": _a(
        LEAD,
        NOT_PERMITTED,
        'role "plan_assistant_team_lead"',  # the rest of the sentence differs between servers
        'grant plan_assistant_team_lead to "wu.hao"',
    ),
    "a collector creates a login": _a(
        COLLECTOR, NOT_PERMITTED, "permission denied", "create role accomplice login"
    ),
    "a collector changes the lead's password": _a(
        COLLECTOR, NOT_PERMITTED, "permission denied", "alter role \"li.na\" password 'x'"
    ),
    "a collector passes row security": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "row-level security",
        "set row_security = off",
        f"select * from {SCHEMA}.event",
    ),
    # --- other teams and other people's cases
    "another team writes to a case": _a(
        SOUTH, BROKEN_RULE, "case_of_another_team", _event("B-1", 2, "exported", SOUTH)
    ),
    "another team takes a case over": _a(
        SOUTH, BROKEN_RULE, "stale_version", _event("B-1", 1, "case_opened", SOUTH)
    ),
    "an agency works on a case that is not assigned": _a(
        AGENT, BROKEN_RULE, "case_not_assigned", _event("B-1", 2, "offer_spoken", AGENT)
    ),
    "an agency works on another agency's case": _a(
        OTHER_AGENT, BROKEN_RULE, "case_not_assigned", _event("G-1", 4, "offer_spoken", OTHER_AGENT)
    ),
    "an agency assigns a case to itself": _a(
        AGENT,
        BROKEN_RULE,
        "event_role_leads",
        _event("B-1", 2, "case_assigned", AGENT, body='{"agent": "luo.bin"}'),
    ),
    "an agency opens a case": _a(
        AGENT, BROKEN_RULE, "case_not_assigned", _event("N-1", 1, "case_opened", AGENT)
    ),
    "a collector assigns a case": _a(
        COLLECTOR,
        BROKEN_RULE,
        "event_role_leads",
        _event("B-1", 2, "case_assigned", COLLECTOR, body='{"agent": "luo.bin"}'),
    ),
    "a legal reviewer speaks an offer": _a(
        REVIEWER, BROKEN_RULE, "event_role_calls", _event("B-1", 2, "offer_spoken", REVIEWER)
    ),
    "an administrator exports": _a(
        ADMINISTRATOR,
        BROKEN_RULE,
        "event_role_exports",
        _event("B-1", 2, "exported", ADMINISTRATOR),
    ),
    "an auditor writes a fact": _a(
        AUDITOR, NOT_PERMITTED, "event", _event("B-1", 2, "exported", AUDITOR)
    ),
    "an auditor uses up a request": _a(
        AUDITOR,
        NOT_PERMITTED,
        "request",
        f"insert into {SCHEMA}.request (key, payload_sha256, case_id, version, event_ids)"
        " values ('k', 'x', 'B-1', 2, '[]')",
    ),
    # --- keys of personal fields
    "an administrator destroys a key without a trace": _a(
        ADMINISTRATOR,
        NOT_PERMITTED,
        "case_key",
        f"update {SCHEMA}.case_key set wrapped = null, master_key_id = null",
    ),
    "a collector deletes by what a case is found": _a(
        COLLECTOR, NOT_PERMITTED, "person_index", f"delete from {SCHEMA}.person_index"
    ),
    "a collector replaces the key of a case": _a(
        COLLECTOR,
        "23505",
        "case_key_case_id_key",
        f"insert into {SCHEMA}.case_key (key_id, case_id, master_key_id, wrapped)"
        f" select 'k', 'B-1', master_key_id, wrapped from {SCHEMA}.case_key where case_id = 'B-1'",
    ),
    "a collector gives a case a key that the store does not stand on": _a(
        COLLECTOR,
        BROKEN_RULE,
        "master_key_moved",
        f"insert into {SCHEMA}.case_key (key_id, case_id, master_key_id, wrapped)"
        " values ('k', 'N-1', 'of my own', 'x')",
    ),
    "a collector gives a key to a case that is not there": _a(
        COLLECTOR, BROKEN_RULE, "key_without_fact", _squat("N-1")
    ),
    "a collector gives another team's case a key before that team opens it": _a(
        COLLECTOR, BROKEN_RULE, "key_without_fact", _squat("SOUTH-77")
    ),
    "a collector gives a key to one case and opens another": _a(
        COLLECTOR,
        BROKEN_RULE,
        "key_without_fact",
        f"with squatted as ({_squat('SOUTH-77')}) {_event('N-1', 1, 'case_opened', COLLECTOR)}",
    ),
    "a collector hides who made a key": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "case_key",
        f"insert into {SCHEMA}.case_key (key_id, case_id, master_key_id, wrapped, added_by)"
        " values ('k', 'N-1', 'x', 'x', 'sun.li')",
    ),
    "a collector changes the keys of the store": _a(
        COLLECTOR, NOT_PERMITTED, "store_key", f"update {SCHEMA}.store_key set wrapped = 'x'"
    ),
    "a collector erases a case": _a(
        COLLECTOR, BROKEN_RULE, "event_role_purges", _event("B-1", 2, "purged", COLLECTOR)
    ),
    "a lead erases a case": _a(
        LEAD, BROKEN_RULE, "event_role_purges", _event("B-1", 2, "purged", LEAD)
    ),
    "an administrator erases a case while a plan waits": _a(
        ADMINISTRATOR, BROKEN_RULE, "one_pending", _event("W-1", 3, "purged", ADMINISTRATOR)
    ),
    "an administrator erases the case of another team": _a(
        ADMINISTRATOR,
        BROKEN_RULE,
        "case_of_another_team",
        _event("S-1", 2, "purged", ADMINISTRATOR),
    ),
    "an administrator goes on with an erased case": _a(
        ADMINISTRATOR,
        BROKEN_RULE,
        "case_erased",
        _event("B-1", 2, "purged", ADMINISTRATOR),
        _event("B-1", 3, "purged", ADMINISTRATOR).replace("E-purged", "E-again"),
    ),
    "an administrator erases a case opened a moment ago": _a(
        ADMINISTRATOR, BROKEN_RULE, "purged_too_early", _purge("R-1")
    ),
    "an administrator erases a case that is kept still": _a(
        ADMINISTRATOR,
        BROKEN_RULE,
        "purged_too_early",
        _purge("B-1", retention_years=99),
    ),
    "an administrator erases a case of which the end is no day": _a(
        ADMINISTRATOR, BROKEN_RULE, "purged_too_early", _purge("B-1", ended="long ago")
    ),
    "an administrator erases a case and says no years": _a(
        ADMINISTRATOR, BROKEN_RULE, "purged_too_early", _purge("B-1", retention_years="")
    ),
    # --- what cannot be read, or not by everybody
    "a collector records what is nested without end": _a(
        COLLECTOR,
        BROKEN_RULE,
        "event_shallow_body",
        _event("B-1", 2, "call_closed", COLLECTOR, body=_DEEP),
    ),
    "a collector records more than anybody reads": _a(
        COLLECTOR,
        BROKEN_RULE,
        "event_short_body",
        _event("B-1", 2, "call_closed", COLLECTOR, body=_LARGE),
    ),
    **{
        f"a collector records a moment {name}": _a(
            COLLECTOR,
            BROKEN_RULE,
            "event_stated_moment",
            _event("B-1", 2, "exported", COLLECTOR, at=at),
        )
        for name, at in _WRONG_MOMENTS.items()
    },
    "a collector records on a day that there is not": _a(
        COLLECTOR,
        "22008",
        "out of range",
        _event("B-1", 2, "exported", COLLECTOR, at="2026-02-30T00:00:00.000000+08:00"),
    ),
    # --- requests
    "an agency names a fact of a case that is not its own": _a(
        AGENT, BROKEN_RULE, "request_without_fact", _request("B-1", 1, '["nope"]')
    ),
    "a collector names a fact of a case that there is not": _a(
        COLLECTOR, BROKEN_RULE, "request_without_fact", _request("Z-1", 1, '["nope"]')
    ),
    "a collector names another fact than the one that came with it": _a(
        COLLECTOR,
        BROKEN_RULE,
        "request_without_fact",
        _request("B-1", 2, '["nope"]'),
        _event("B-1", 2, "exported", COLLECTOR),
    ),
    "a collector names the fact that came with it twice": _a(
        COLLECTOR,
        BROKEN_RULE,
        "request_without_fact",
        _event("B-1", 2, "exported", COLLECTOR),
        _request("B-1", 2, '["E-exported-wu.hao"]'),
        _request("B-1", 2, '["E-exported-wu.hao"]', key="again"),
    ),
    "a collector names more facts than came with it": _a(
        COLLECTOR,
        BROKEN_RULE,
        "request_without_fact",
        _event("B-1", 2, "exported", COLLECTOR),
        _request("B-1", 2, '["nope", "E-exported-wu.hao"]'),
    ),
    "a collector names a fact that was there before": _a(
        COLLECTOR,
        BROKEN_RULE,
        "request_without_fact",
        f"insert into {SCHEMA}.request (key, payload_sha256, case_id, version, event_ids)"
        f" select 'again', 'x', case_id, version, '[\"' || event_id || '\"]'"
        f" from {SCHEMA}.event where case_id = 'B-1'",
    ),
    "a collector names what is no list of facts": _a(
        COLLECTOR, BROKEN_RULE, "request_names_facts", _request("B-1", 1, "[[[]]]")
    ),
    "a collector gives a request no key": _a(
        COLLECTOR,
        BROKEN_RULE,
        "request_key_length",
        _event("B-1", 2, "exported", COLLECTOR),
        _request("B-1", 2, '["E-exported-wu.hao"]', key=""),
    ),
    "a collector gives a request a key of 256 signs": _a(
        COLLECTOR,
        BROKEN_RULE,
        "request_key_length",
        _event("B-1", 2, "exported", COLLECTOR),
        _request("B-1", 2, '["E-exported-wu.hao"]', key="k" * 256),
    ),
    # --- numbers of agreements
    "a collector of another team takes the number of a case": _a(
        SOUTH,
        BROKEN_RULE,
        "number_names_its_case",
        _event(
            "S-1",
            2,
            "plan_recorded",
            SOUTH,
            body=_body("plan_recorded", number="AG-20261120-B-1-2"),
        ),
    ),
    "a case whose name is the end of another's takes its number": _a(
        SOUTH,
        BROKEN_RULE,
        "number_names_its_case",
        _event("1", 1, "case_opened", SOUTH),
        _event(
            "1",
            2,
            "plan_recorded",
            SOUTH,
            body=_body("plan_recorded", number="AG-20261120-B-1-2"),
        ),
    ),
    # --- people
    "an administrator adds a person of a role that there is not": _a(
        ADMINISTRATOR, BROKEN_RULE, "account_role_known", _account("weird", "nosuchrole")
    ),
    "an administrator adds a person whose name turns a terminal around": _a(
        ADMINISTRATOR, BROKEN_RULE, "account_name_plain", _account("x\x1b]0;y", "auditor")
    ),
    "an administrator shows a person as somebody else": _a(
        ADMINISTRATOR, BROKEN_RULE, "account_shown_whole", _account("x", "auditor", "a\u202eb")
    ),
    # --- keys of approvals
    **{
        f"a lead adds a key with {name}": _a(LEAD, BROKEN_RULE, rule, _own_key(**chosen))
        for name, rule, chosen in (
            ("a moment that is none", "approval_key_stated_moment", {"at": "x"}),
            ("letters that are no digits", "approval_key_digits", {"public_key": "z" * 64}),
            ("a giver that is no key", "approval_key_digits", {"endorsed_with": "z" * 64}),
            ("the last number there is", "approval_key_number_follows", {"number": "2147483647"}),
        )
    },
    "a lead sets a password at no moment": _a(
        LEAD, BROKEN_RULE, "password_stated_moment", _own_password(2, "x")
    ),
    "a lead sets a password behind which there is none": _a(
        LEAD, BROKEN_RULE, "password_number_follows", _own_password(2147483647, _NOW)
    ),
    "a lead tries to come in at no moment": _a(
        LEAD, BROKEN_RULE, "sign_in_stated_moment", _own_try(2, "x")
    ),
    "a lead tries to come in for the last time there is": _a(
        LEAD, BROKEN_RULE, "sign_in_number_follows", _own_try(2147483647, _NOW)
    ),
    "a collector adds a key for approvals": _a(
        COLLECTOR, NOT_PERMITTED, "approval_key", _key(COLLECTOR, COLLECTOR, COLLECTOR)
    ),
    "a lead adds a key under another lead's name": _a(
        LEAD, NOT_PERMITTED, "row-level security", _key(OTHER_LEAD, LEAD, LEAD)
    ),
    "a lead says that an administrator gave the key": _a(
        LEAD, NOT_PERMITTED, "row-level security", _key(LEAD, ADMINISTRATOR, ADMINISTRATOR)
    ),
    "a lead says that an administrator vouches for the key": _a(
        LEAD, NOT_PERMITTED, "row-level security", _key(LEAD, LEAD, ADMINISTRATOR)
    ),
    "an administrator says that a lead vouches for the key": _a(
        ADMINISTRATOR, NOT_PERMITTED, "row-level security", _key(LEAD, ADMINISTRATOR, LEAD)
    ),
    "a lead sets the password of another lead": _a(
        LEAD,
        NOT_PERMITTED,
        "row-level security",
        f"insert into {SCHEMA}.password"
        " (account, number, at, set_by, verifier, key_number, sealed_key)"
        " values ('he.jun', 1, '', 'li.na', '', 1, '')",
    ),
    "a lead forgives another's failures": _a(
        LEAD,
        NOT_PERMITTED,
        "row-level security",
        f"insert into {SCHEMA}.sign_in (account, number, at, outcome)"
        " values ('he.jun', 1, '', 'came_in')",
    ),
    "a lead moves the day from which approvals are signed": _a(
        LEAD,
        NOT_PERMITTED,
        "approval_start",
        f"update {SCHEMA}.approval_start set unsigned_until = 9000000000000000",
    ),
    "a collector counts the passwords of another": _a(
        COLLECTOR, NOT_PERMITTED, "passwords_of", f"select {SCHEMA}.passwords_of('li.na')"
    ),
    # --- checkpoints
    "a collector writes a checkpoint": _a(COLLECTOR, NOT_PERMITTED, "seal", _SEAL),
    "a lead writes a checkpoint": _a(LEAD, NOT_PERMITTED, "seal", _SEAL),
    "an auditor writes a checkpoint": _a(AUDITOR, NOT_PERMITTED, "seal", _SEAL),
    "the sealing program writes a checkpoint beside those who record": _a(
        _SEALS, BROKEN_RULE, "writers_not_held", _SEAL
    ),
    "the sealing program ends a checkpoint beyond every fact": _a(
        _SEALS,
        BROKEN_RULE,
        "seal_ends_at_a_fact",
        f"select {SCHEMA}.hold_writers()",
        _SEAL.replace("last_sequence + 1, 1, root", "9223372036854775807, 1, root"),
    ),
    "the sealing program records a fact": _a(
        _SEALS, NOT_PERMITTED, "event", _event("B-1", 2, "exported", AUDITOR)
    ),
    "the sealing program reads keys": _a(
        _SEALS, NOT_PERMITTED, "case_key", f"select * from {SCHEMA}.case_key"
    ),
    "the sealing program gives somebody a key for approvals": _a(
        _SEALS, NOT_PERMITTED, "approval_key", _key(LEAD, LEAD, LEAD)
    ),
    "the sealing program changes a key for approvals": _a(
        _SEALS, NOT_PERMITTED, "approval_key", f"update {SCHEMA}.approval_key set at = at"
    ),
    "the sealing program changes a checkpoint": _a(
        _SEALS, NOT_PERMITTED, "seal", f"update {SCHEMA}.seal set root = sha256"
    ),
    "a collector reads the cases of other teams in a checkpoint": _a(
        COLLECTOR, NOT_PERMITTED, "seal", f"select leaves from {SCHEMA}.seal"
    ),
    "a collector lets nobody record": _a(
        COLLECTOR, NOT_PERMITTED, "hold_writers", f"select {SCHEMA}.hold_writers()"
    ),
    "a collector moves the end of the last checkpoint": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "sealed_up_to",
        f"select setval('{SCHEMA}.sealed_up_to', 9000000000000000)",
    ),
    # --- tables, triggers, functions
    "a collector turns the triggers off": _a(
        COLLECTOR, NOT_PERMITTED, "must be owner", f"alter table {SCHEMA}.event disable trigger all"
    ),
    "a collector replays as a replica": _a(
        COLLECTOR, NOT_PERMITTED, "permission denied", "set session_replication_role = replica"
    ),
    "a collector drops a policy": _a(
        COLLECTOR, NOT_PERMITTED, "must be owner", f"drop policy team_reads on {SCHEMA}.event"
    ),
    "a lead turns row security off": _a(
        LEAD,
        NOT_PERMITTED,
        "must be owner",
        f"alter table {SCHEMA}.event disable row level security",
    ),
    "a lead grants what they were never given": _a(
        LEAD, NOT_PERMITTED, "", f'grant update on {SCHEMA}.decision to "li.na"'
    ),
    "a collector creates a function in the schema": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "permission denied for schema",
        f"create function {SCHEMA}.my_team(text) returns text language sql as 'select $1'",
    ),
    "a collector replaces the guard": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "permission denied for schema",
        f"create or replace function {SCHEMA}.event_enters() returns trigger language plpgsql"
        " as 'begin return new; end'",
    ),
    "a collector creates a table in the schema": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "permission denied for schema",
        f"create table {SCHEMA}.mine (x int)",
    ),
    "a collector calls the guard": _a(
        COLLECTOR, NOT_PERMITTED, "permission denied", f"select {SCHEMA}.refuse('x')"
    ),
    "a collector puts accounts of their own in front": _a(
        COLLECTOR,
        BROKEN_RULE,
        "actor_is_session_user",
        "create temporary table account (name text, display_name text, role text, team text,"
        " added_by text, added_at timestamptz)",
        "insert into pg_temp.account values ('wu.hao', 'x', 'team_lead', '', '', now())",
        "set search_path = pg_temp, plan_assistant",
        _decision("W-1", 3, COLLECTOR, _WAITING, role="team_lead"),
    ),
    "a collector of another team puts a case of their own in front": _a(
        SOUTH,
        BROKEN_RULE,
        "case_of_another_team",
        "create temporary table account (name text, display_name text, role text, team text,"
        " added_by text, added_at timestamptz)",
        "insert into pg_temp.account values ('gao.yu', 'x', 'collector', '', '', now())",
        "set search_path = pg_temp, plan_assistant",
        _event("B-1", 2, "exported", SOUTH),
    ),
    "a collector locks everybody out": _a(
        COLLECTOR, NOT_PERMITTED, "event", f"lock table {SCHEMA}.event in access exclusive mode"
    ),
    "a collector locks a case": _a(
        COLLECTOR, NOT_PERMITTED, "event", f"select * from {SCHEMA}.event for update"
    ),
    "a collector reads files of the server": _a(
        COLLECTOR, NOT_PERMITTED, "permission denied", "select pg_read_file('postgresql.conf')"
    ),
    "a collector runs a program on the server": _a(
        COLLECTOR,
        NOT_PERMITTED,
        "COPY to or from an external program",
        "copy (select 1) to program 'true'",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_is_refused_and_leaves_no_trace(attacked: Database, attack: Attack) -> None:
    before = everything(attacked)

    state, reason = report_of(attacked, attack.by.name, *attack.statements)

    assert (state, attack.reason in reason) == (attack.state, True), (state, reason)
    assert everything(attacked) == before


def test_the_owner_of_the_tables_is_stopped_by_the_triggers_too(attacked: Database) -> None:
    for statement in (
        f"update {SCHEMA}.event set body = '{{}}'",
        f"delete from {SCHEMA}.decision",
        f"truncate {SCHEMA}.event cascade",
        f"delete from {SCHEMA}.case_head",
        f"update {SCHEMA}.seal set root = sha256",
        f"delete from {SCHEMA}.approval_key",
        f"update {SCHEMA}.password set verifier = ''",
        f"delete from {SCHEMA}.sign_in",
        f"update {SCHEMA}.approval_start set unsigned_until = 9000000000000000",
    ):
        assert report_of(attacked, "postgres", statement) == (BROKEN_RULE, "append_only")
    for statement in (
        f"delete from {SCHEMA}.case_key",
        f"truncate {SCHEMA}.store_key",
        f"update {SCHEMA}.case_key set case_id = 'X-1' where case_id = 'B-1'",
    ):
        assert report_of(attacked, "postgres", statement) == (BROKEN_RULE, "kept")


# --- what people see
_SEES = {
    COLLECTOR: {"W-1", "L-1", "D-1", "M-1", "B-1", "G-1", "R-1"},
    LEAD: {"W-1", "L-1", "D-1", "M-1", "B-1", "G-1", "R-1"},
    SOUTH: {"S-1"},
    SOUTH_LEAD: {"S-1"},
    AGENT: {"G-1"},
    OTHER_AGENT: set[str](),
    ADMINISTRATOR: {"W-1", "L-1", "D-1", "M-1", "B-1", "G-1", "R-1"},
    REVIEWER: {"W-1", "L-1", "D-1", "M-1", "B-1", "G-1", "R-1", "S-1"},
    AUDITOR: {"W-1", "L-1", "D-1", "M-1", "B-1", "G-1", "R-1", "S-1"},
}


@pytest.mark.parametrize("person", _SEES, ids=lambda person: f"{person.role.value} {person.name}")
@pytest.mark.parametrize("table", ["event", "case_key", "person_index"])
def test_a_person_sees_these_cases_and_no_others(
    attacked: Database, person: Account, table: str
) -> None:
    with attacked.raw(person.name) as connection:
        seen = connection.execute(f"select distinct case_id from {SCHEMA}.{table}").fetchall()

    assert {case for (case,) in seen} == _SEES[person]


@pytest.mark.parametrize("table", ["password", "sign_in"])
@pytest.mark.parametrize("person", [COLLECTOR, OTHER_LEAD, AGENT], ids=lambda person: person.name)
def test_nobody_sees_the_password_of_another(
    attacked: Database, person: Account, table: str
) -> None:
    with attacked.raw(person.name) as connection:
        assert connection.execute(f"select * from {SCHEMA}.{table}").fetchall() == []
    with attacked.raw(LEAD.name) as connection:
        own = connection.execute(f"select distinct account from {SCHEMA}.{table}").fetchall()
    assert own == [(LEAD.name,)]


def test_an_administrator_sees_no_verifier_of_another(attacked: Database) -> None:
    with attacked.raw(ADMINISTRATOR.name) as connection:
        assert connection.execute(f"select * from {SCHEMA}.password").fetchall() == []
        number = connection.execute(f"select {SCHEMA}.passwords_of('li.na')").fetchone()
    assert number == (1,)


def test_a_collector_sees_of_a_checkpoint_what_stands_on_paper(attacked: Database) -> None:
    with attacked.raw(COLLECTOR.name) as connection:
        seen = connection.execute(f"select number, root from {SCHEMA}.seal").fetchall()
    assert [number for number, _ in seen] == [1]


@pytest.mark.parametrize("person", [COLLECTOR, SOUTH, AGENT], ids=lambda person: person.name)
def test_a_person_sees_their_own_requests_only(attacked: Database, person: Account) -> None:
    with attacked.raw(person.name) as connection:
        actors = connection.execute(f"select distinct actor from {SCHEMA}.request").fetchall()

    assert {actor for (actor,) in actors} == {person.name}


def test_an_agency_sees_no_colleagues_but_those_who_sign_approvals(attacked: Database) -> None:
    with attacked.raw(AGENT.name) as connection:
        seen = connection.execute(f"select name, role from {SCHEMA}.account").fetchall()

    others = {role for name, role in seen if name != AGENT.name}
    assert AGENT.name in {name for name, _ in seen}
    assert others == {"team_lead", "administrator"}


# --- the scene is worth attacking: what is permitted works, by the same raw SQL
@pytest.mark.parametrize(
    ("person", "statement"),
    [
        (COLLECTOR, _event("B-1", 2, "plan_recorded", COLLECTOR, body=_SECOND)),
        (LEAD, _decision("W-1", 3, LEAD, _WAITING)),
        (OTHER_LEAD, _decision("L-1", 3, OTHER_LEAD, _OWN)),
        (AGENT, _event("G-1", 4, "offer_spoken", AGENT)),
        (REVIEWER, _event("S-1", 2, "exported", REVIEWER)),
        *((COLLECTOR, _follows(kind, COLLECTOR)) for kind in ("signed", "payment_posted", "kept")),
        *(
            (LEAD, _follows(kind, LEAD))
            for kind in ("signed", "payment_posted", "kept", "broken", "reopened")
        ),
        (OTHER_LEAD, _follows("broken", OTHER_LEAD, "M-1", _MADE)),
        (SOUTH, _event("S-1", 2, "offer_spoken", SOUTH)),
        (ADMINISTRATOR, _event("N-1", 1, "case_opened", ADMINISTRATOR)),
        (ADMINISTRATOR, _purge("B-1")),
        (LEAD, _own_key()),
        (LEAD, _own_password(2, _NOW)),
        (
            SOUTH,
            _event(
                "S-1",
                2,
                "plan_recorded",
                SOUTH,
                body=_body("plan_recorded", number="AG-20261120-S-1-2"),
            ),
        ),
        (
            COLLECTOR,
            _event(
                "B-1",
                2,
                "call_closed",
                COLLECTOR,
                body=_DEEP.replace("[[", "[", 1).replace("]]", "]", 1),
            ),
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Account) else "",
)
def test_what_a_role_includes_is_let_in(
    attacked: Database, person: Account, statement: str
) -> None:
    with attacked.raw(person.name) as connection:
        assert connection.execute(statement.encode()).rowcount == 1
        connection.rollback()
