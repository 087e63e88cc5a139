"""Every code of an audit and of the doctor has its sentence in both languages."""

from __future__ import annotations

import re

import pytest

from plan_assistant.domain import discrepancy, health
from plan_assistant.domain.discrepancy import Discrepancy
from plan_assistant.domain.health import Check, State
from plan_assistant.wording.audit import discrepancy_sentence
from plan_assistant.wording.health import check_sentence

_MOMENT = "2026-11-20T12:06:41.250000+08:00"


def listed(doc: str | None) -> dict[str, list[str]]:
    """Return the codes that a module lists, with the names of their details."""
    assert doc
    text = " ".join(doc.split(":\n\n")[1].split())
    found = {}
    for item in text.split(" · "):
        match = re.fullmatch(r"([a-z_]+)(?: \((.*)\))?", item.strip())
        assert match, item
        found[match[1]] = (match[2] or "").split(", ") if match[2] else []
    return found


FOUND = listed(discrepancy.__doc__)
CHECKS = listed(health.__doc__)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("code", FOUND)
def test_a_discrepancy_is_told_with_all_its_details(code: str, language: str) -> None:
    detail = {name: f"<{name}>" for name in FOUND[code]}
    told = discrepancy_sentence(Discrepancy(code, "event", "", 17, "A-1", 3, detail), language)

    assert "A-1" in told
    assert [value for value in detail.values() if value not in told] == []
    assert "{" not in told


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("code", CHECKS)
def test_an_answer_of_the_doctor_is_told_with_its_details(code: str, language: str) -> None:
    moments = {"now", "newest", "at"}
    detail = {name: _MOMENT if name in moments else f"<{name}>" for name in CHECKS[code]}

    told = check_sentence(Check(code, State.WRONG, detail), language)

    assert told
    assert "{" not in told
    kept = [value for name, value in detail.items() if name not in moments]
    if code not in {"versions", "store_unreadable"}:
        assert [value for value in kept if value not in told] == []


@pytest.mark.parametrize(
    ("about", "place"),
    [
        (
            Discrepancy("stray", "request", "K-1", None, "A-1", 3),
            "request K-1, case A-1, version 3",
        ),
        (Discrepancy("stray", "decision", "E-1", None, "A-1"), "decision E-1, case A-1"),
        (
            Discrepancy("guard_missing", "decision", "", 17, "A-1", 3),
            "decision beside sequence 17, case A-1, version 3",
        ),
        (Discrepancy("seal_content", "seal", "4"), "checkpoint 4"),
    ],
    ids=["request", "decision", "beside", "checkpoint"],
)
def test_a_row_is_named_by_what_finds_it(about: Discrepancy, place: str) -> None:
    assert discrepancy_sentence(about, "en").startswith(f"{place}: ")


def test_what_came_from_a_store_cannot_steer_a_terminal() -> None:
    told = discrepancy_sentence(Discrepancy("stray", "request", "\x1b[2J", None, "A\x07", 1), "en")

    assert "\x1b" not in told
    assert "\x07" not in told
