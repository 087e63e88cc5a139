"""The verifier of people and follow-ups that goes with an export, beside the audit itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from runpy import run_path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.people import COLLECTOR, LEAD, OTHER_LEAD

from plan_assistant.domain.audit_facts import FactChecks
from plan_assistant.domain.events import Account
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.stored import RecordRow, StoredEvent, StoredRow
from plan_assistant.handout import verifiers

PEOPLE = (COLLECTOR, LEAD, OTHER_LEAD)
DECISIONS = ("approved", "returned", "declined", "cancelled")
FOLLOWING = ("signed", "payment_posted", "kept", "broken", "reopened")
BESIDE_THESE = frozenset({"fact_hash", "fact_incomplete", "fact_opening", "fact_unrequested"})
"""What other verifiers look at, or nobody in these courses did as the program does."""
Verdict = Callable[[list[RecordRow]], tuple[bool, str]]


class Act(NamedTuple):
    """What somebody does about a plan, named by its content."""

    kind: str
    by: Account
    content: str
    number: str


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    """What the verifier says of the facts of one case."""
    folder = tmp_path_factory.mktemp("export")
    (folder / "verify_people.py").write_bytes(verifiers()["verify_people.py"])
    says = run_path(str(folder / "verify_people.py"))["verdict"]
    people = "".join(f"{json.dumps(_person(one))}\n" for one in PEOPLE)
    (folder / "people.jsonl").write_text(people, "utf-8")

    def of(rows: list[RecordRow]) -> tuple[bool, str]:
        text = "".join(f"{json.dumps(_line(row))}\n" for row in rows)
        (folder / "events.jsonl").write_text(text, "utf-8")
        holds, said = says(Path(folder))
        return holds, said

    return of


def _person(one: Account) -> dict[str, str]:
    return {"name": one.name, "role": one.role.value}


def _line(row: RecordRow) -> dict[str, Any]:
    fact = row.event
    return {
        "sequence": fact.sequence,
        "case_id": fact.case_id,
        "version": fact.version,
        "actor": fact.actor,
        "role": fact.role,
        "type": fact.type,
        "body": json.loads(fact.body),
        "submission": row.submission,
        "decision": row.decision,
    }


def _rows(course: list[Act]) -> list[RecordRow]:
    """Return the facts of a course with the rows that the program would write beside them."""
    rows, sent, rounds = [], Act("", COLLECTOR, "", ""), 0
    for version, act in enumerate(course, start=1):
        submission: StoredRow | None = None
        decision: StoredRow | None = None
        content, case = act.content, {"case_id": "A-1"}
        if act.kind == "plan_recorded":
            previous, rounds, sent = rounds or None, rounds + 1, act
            submission = {
                **case,
                "round": rounds,
                "previous_round": previous,
                "number": act.number,
                "fingerprint": content,
                "maker": act.by.name,
            }
        elif act.kind in DECISIONS:
            # That an approval is of the plan that waited, another verifier asks.
            content = sent.content
            decision = {
                **case,
                "round": rounds,
                "outcome": act.kind,
                "maker": sent.by.name,
                "fingerprint": content,
                "decider": act.by.name,
                "decider_role": act.by.role.value,
            }
        body = canonical({"fingerprint": content, "number": act.number}).decode()
        event = StoredEvent(
            sequence=version,
            event_id=f"e{version}",
            case_id="A-1",
            version=version,
            at="2026-11-20T12:00:00.000000+08:00",
            actor=act.by.name,
            role=act.by.role.value,
            type=act.kind,
            body=body,
            sha256="",
        )
        rows.append(RecordRow(event, None, submission, decision))
    return rows


def _found(rows: list[RecordRow]) -> list[str]:
    audit = FactChecks({one.name: one.role.value for one in PEOPLE}, {})
    codes = [wrong.code for row in rows for wrong in audit.check(row)]
    return [code for code in codes if code not in BESIDE_THESE]


OPENED = Act("case_opened", COLLECTOR, "", "")
SENT = Act("plan_recorded", COLLECTOR, "x", "AG-x")
APPROVED = Act("approved", LEAD, "x", "AG-x")
ACTS = st.builds(
    lambda kind, by, content, number: Act(kind, by, content, f"AG-{number or content}"),
    st.sampled_from(["plan_recorded", *DECISIONS, *FOLLOWING]),
    st.sampled_from(PEOPLE),
    st.sampled_from("xy"),
    st.sampled_from(["", "", "", "z"]),
)


@given(st.lists(ACTS, max_size=4), st.lists(ACTS, max_size=6))
def test_it_finds_what_the_audit_finds(
    verdict: Verdict, first: list[Act], behind: list[Act]
) -> None:
    for course in ([OPENED, *first], [OPENED, SENT, APPROVED, *behind]):
        rows = _rows(course)

        holds, said = verdict(rows)

        assert holds == (not _found(rows)), (said, _found(rows))


@given(st.permutations([*FOLLOWING[:2], FOLLOWING[1], FOLLOWING[2]]))
def test_it_finds_what_the_audit_finds_behind_an_approval(
    verdict: Verdict, kinds: list[str]
) -> None:
    behind = [Act(kind, COLLECTOR, "x", "AG-x") for kind in kinds]
    rows = _rows([OPENED, SENT, APPROVED, *behind])

    holds, _ = verdict(rows)

    assert holds == (not _found(rows)) == (kinds[-1] == "kept")
