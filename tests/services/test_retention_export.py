"""The verifier of erasings that goes with an export, beside the audit of the program itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.audit_retention import Retention
from plan_assistant.domain.discrepancy import Discrepancy
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.stored import StoredEvent
from plan_assistant.handout import verifiers

Fact = tuple[str, str, dict[str, Any]]
"""Kind, day and body."""
Course = list[Fact]
"""The facts of one case, in their order."""
Sealed = tuple[int, str]
"""The last fact and the moment of a checkpoint."""
Verdict = Callable[..., tuple[bool, str]]
"""Takes a course and its checkpoints."""

OPENED: Fact = ("case_opened", "2020-02-29", {})
CLOSED = ("call_closed", "2020-03-02", {"outcome": "refused"})
LATE: Fact = ("offer_spoken", "2020-03-01", {})
SENT = ("plan_recorded", "2020-03-02", {"number": "AG-1"})
ENDED = ("kept", "2020-03-02", {"fingerprint": "x"})
UNSIGNED = ("reopened", "2020-03-02", {"reason": "never_signed", "fingerprint": "x"})
REOPENED = ("reopened", "2020-03-02", {"reason": "health", "plans": ["AG-1"]})


def _approved(years: object) -> Fact:
    return "approved", "2020-03-02", {"fingerprint": "x", "retention_years": years}


def _purged(day: str, ended: str, years: object = 5) -> Fact:
    return "purged", day, {"ended": ended, "retention_years": years}


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    """What the verifier says of a course."""
    folder = tmp_path_factory.mktemp("export")
    (folder / "verify_retention.py").write_bytes(verifiers()["verify_retention.py"])
    says = run_path(str(folder / "verify_retention.py"))["verdict"]

    def of(course: Course, *sealed: Sealed) -> tuple[bool, str]:
        rows = [
            {
                "sequence": number,
                "case_id": "A-1",
                "version": number,
                "at": f"{day}T12:00:00.000000+08:00",
                "type": kind,
                "body": body,
            }
            for number, (kind, day, body) in enumerate(course, start=1)
        ]
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / "events.jsonl").write_text(text, "utf-8")
        points = [{"last": last, "at": at} for last, at in sealed]
        text = "".join(f"{json.dumps(point)}\n" for point in points)
        (folder / "checkpoints.jsonl").write_text(text, "utf-8")
        holds, said = says(Path(folder))
        return holds, said

    return of


@pytest.mark.parametrize(
    ("course", "fault"),
    [
        ([OPENED, CLOSED, _purged("2025-03-03", "2020-03-02")], None),
        ([OPENED, ("revealed", "2024-01-01", {}), _purged("2025-03-01", "2020-02-29")], None),
        ([OPENED, CLOSED, LATE, _purged("2025-03-03", "2020-03-02")], None),
        ([OPENED, CLOSED, _purged("2025-03-02", "2020-03-02")], "erased before the 5 years"),
        ([OPENED, _purged("2025-02-28", "2020-02-29")], "erased before the 5 years"),
        ([OPENED, CLOSED, _purged("2025-03-03", "2020-03-02", 9000)], "erased before the 9000"),
        ([OPENED, CLOSED, _purged("2025-03-03", "2020-03-02", -1)], "erased before the -1"),
        ([OPENED, CLOSED, _purged("2025-03-03", "2020-03-02", 0)], "erased before the 0 years"),
        ([OPENED, CLOSED, _purged("2025-03-03", "2020-03-02", "5")], "erased before the 5"),
        ([OPENED, CLOSED, _purged("2020-03-05", "2010-01-01", 0)], "the case ended on 2020-03-02"),
        ([OPENED, SENT, _purged("2030-01-01", "2020-03-02")], "while a plan waits"),
        ([OPENED, SENT, _approved(5), _purged("2030-01-01", "2020-03-02")], "or is in force"),
        ([OPENED, SENT, _approved(5), ENDED, _purged("2026-01-01", "2020-03-02")], None),
        ([OPENED, SENT, _approved(5), UNSIGNED, _purged("2026-01-01", "2020-03-02")], None),
        (
            [OPENED, SENT, _approved(5), REOPENED, _purged("2026-01-01", "2020-03-02")],
            "or is in force",
        ),
        (
            [OPENED, SENT, ("approved", "2020-03-02", {"fingerprint": []}), _purged("x", "x")],
            "or is in force",
        ),
        (
            [OPENED, SENT, _approved(8), ENDED, _purged("2026-01-01", "2020-03-02")],
            "an approval keeps the case for 8",
        ),
    ],
)
def test_an_erasing_holds_or_its_fault_is_named(
    verdict: Verdict, course: Course, fault: str | None
) -> None:
    holds, said = verdict(course)

    assert holds == (fault is None)
    assert (fault or "1 cases were erased, none too early.") in said


@pytest.mark.parametrize(
    ("sealed", "is_named"),
    [
        ([(2, "2020-03-02T00:00:00+00:00"), (3, "2025-03-01T23:00:00+00:00")], False),
        ([(2, "2020-03-02T00:00:00+00:00"), (3, "2020-03-03T00:00:00+00:00")], True),
        ([(3, "2020-03-03T00:00:00+00:00"), (4, "2026-01-01T00:00:00+00:00")], True),
        ([(2, "2020-03-02T00:00:00+00:00")], False),
    ],
    ids=["by its day", "before", "before, and others later", "not sealed"],
)
def test_an_erasing_by_a_clock_that_ran_ahead_of_its_checkpoint_is_named(
    verdict: Verdict, sealed: list[Sealed], is_named: bool
) -> None:
    course = [OPENED, CLOSED, _purged("2025-03-03", "2020-03-02")]
    covering = next((at for last, at in sealed if last >= len(course)), None)

    holds, said = verdict(course, *sealed)
    found = [wrong.code for wrong in _found(course, covering)]

    assert (holds, "had not come" in said) == (not is_named, is_named)
    assert found == (["purged_ahead"] if is_named else [])


DAYS = st.sampled_from(["2020-02-29", "2020-03-02", "2021-02-28", "2024-02-29", "2025-03-01"])
YEARS = st.sampled_from([0, 1, 4, 5, 100, 101, 9000, True, "5", None])
FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.tuples(st.sampled_from(["revealed", "offer_spoken", "plan_recorded"]), DAYS, st.just({})),
    st.tuples(
        st.sampled_from(["approved", "returned", "kept", "broken", "reopened"]),
        DAYS,
        st.fixed_dictionaries({"fingerprint": st.sampled_from("xy"), "retention_years": YEARS}),
    ),
    st.tuples(
        st.just("purged"),
        DAYS,
        st.fixed_dictionaries({"ended": DAYS, "retention_years": YEARS}),
    ),
)


@given(st.lists(FACTS, max_size=6), st.none() | DAYS)
def test_it_finds_what_the_audit_finds(verdict: Verdict, facts: Course, day: str | None) -> None:
    course = [OPENED, *facts]
    sealed = None if day is None else f"{day}T00:00:00.000000+00:00"

    holds, _ = verdict(course, *([] if sealed is None else [(len(course), sealed)]))

    assert holds == (not _found(course, sealed))


def _found(course: Course, sealed: str | None) -> list[Discrepancy]:
    audit = Retention()
    return [
        wrong
        for number, (kind, day, body) in enumerate(course, start=1)
        for wrong in audit.check(_row(number, kind, day, body), sealed)
    ]


def _row(number: int, kind: str, day: str, body: dict[str, Any]) -> StoredEvent:
    return StoredEvent(
        sequence=number,
        event_id=f"e{number}",
        case_id="A-1",
        version=number,
        at=f"{day}T12:00:00.000000+08:00",
        actor="tang.yi",
        role="administrator",
        type=kind,
        body=canonical(body).decode(),
        sha256="",
    )
