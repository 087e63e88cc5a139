"""Plans with every lever through record, approval, export and verification: nothing is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.desks import CASE, approve, desk_at, lead, memory_store
from tests.lever_plans import combinations, lever_plan
from tests.packs import WithoutRules
from tests.recording import record_plan
from tests.sealing import sealer_for
from tests.staffing import KEYS

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.adapters.documents.writer import PdfWriter
from plan_assistant.adapters.files import LocalFiles
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.formats.terms_file import read_terms
from plan_assistant.domain.offers.search_result import Offers
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import Store
from plan_assistant.services import approvals, negotiate
from plan_assistant.services.decide import pending
from plan_assistant.services.export import export_agreement
from plan_assistant.services.open_case import open_case
from plan_assistant.services.verify import verify

ALL = ("waiver", "capitalised", "lower rate", "first", "step-up", "biweekly", "hundreds")


@pytest.fixture(autouse=True)
def _every_lever_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """No search would have made most of these plans, and so nobody would approve them."""
    monkeypatch.setattr(approvals, "closed_under", lambda *_plan: ())


def _drawn(levers: tuple[str, ...]) -> tuple[Store, dict[str, Any], int]:
    case, plan = lever_plan(levers)
    store = memory_store()
    desk = desk_at(store)
    open_case(desk, case, RequestKey("open"))
    state = negotiate.begin(desk, CASE)
    state = replace(state, offers=Offers((plan,), (), None), selected=0)
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    state = negotiate.mark_offered(desk, state)
    agreement = negotiate.agreement_of(
        desk, state, lines_read=("……",), recording="REC-1", reason_code=None
    )
    return store, agreement, state.case_version


def _approved(levers: tuple[str, ...]) -> Store:
    store, agreement, version = _drawn(levers)
    record_plan(
        desk_at(store), agreement, expected_version=version, key=RequestKey("record"), price=price
    )
    (waiting,) = pending(lead(store))
    approve(
        replace(lead(store), policies=WithoutRules()),
        CASE,
        fingerprint=waiting.fingerprint,
        version=waiting.version,
        key=RequestKey("yes"),
    )
    return store


def _evidence(levers: tuple[str, ...], folder: Path, *formats: str) -> dict[str, Any]:
    store = _approved(levers)
    export_agreement(
        desk_at(store),
        CASE,
        formats=("json", *formats),
        languages=("both",) if formats else (),
        folder=folder,
        writers={"pdf": PdfWriter()},
        files=LocalFiles(),
        sealer=sealer_for(store),
        key=RequestKey("export"),
    )
    (path,) = folder.glob("*.json")
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("levers", combinations(), ids=" + ".join)
def test_what_is_recorded_approved_and_exported_verifies(
    levers: tuple[str, ...], tmp_path: Path
) -> None:
    assert verify(_evidence(levers, tmp_path), PackagedCalendars(), KEYS) == ()


@pytest.mark.parametrize("levers", combinations(), ids=" + ".join)
def test_the_spoken_offer_is_enough_to_price_the_plan_again(levers: tuple[str, ...]) -> None:
    _, plan = lever_plan(levers)
    store, _, _ = _drawn(levers)

    (spoken,) = [e for e in store.events(CASE) if e.type is EventType.OFFER_SPOKEN]
    facts: Any = spoken.body["plan"]
    terms = read_terms(facts["terms"], "the record", PackagedCalendars().named)

    assert price(terms).columns == plan.schedule.columns
    assert facts["waived"]["total"] == plan.waived.total.plain
    assert facts["capitalised"] == plan.capitalised.plain
    assert facts["total"] == plan.total.plain


def test_the_paper_of_a_plan_with_all_levers_leaves_with_the_evidence(tmp_path: Path) -> None:
    _evidence(ALL, tmp_path, "pdf")

    (pdf,) = tmp_path.glob("*.pdf")
    assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("plan", "waived", "penalty_interest"), "479.99"),
        (("plan", "waived", "total"), "904.99"),
        (("plan", "waived", "principal"), "0.01"),
        (("plan", "capitalised"), "2399.99"),
        (("debt", "components", "fee"), "850.01"),
        (("debt", "total"), "48850.01"),
        (("plan", "rows", 3, 5), "0.01"),
        (("plan", "summary", "added_cost"), "0.01"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else value,
)
def test_a_changed_cell_is_found_and_named(
    path: tuple[str | int, ...], value: str, tmp_path: Path
) -> None:
    proof = _evidence(ALL, tmp_path)
    holder: Any = proof["agreement"]
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value

    problems = [problem.path for problem in verify(proof, PackagedCalendars(), KEYS)]

    named = ".".join(str(name) for name in path).replace(".3.5", "[3].interest")
    assert problems[0] == "fingerprint"
    found = next(problem for problem in problems if problem.startswith(("plan.", "debt.")))
    assert named.startswith(found)


def test_two_parts_changed_against_each_other_break_the_fingerprint(tmp_path: Path) -> None:
    """The terms hold only the sum of a waiver, so only the hash can tell."""
    proof = _evidence(("waiver",), tmp_path)
    waived = proof["agreement"]["plan"]["waived"]
    waived["penalty_interest"], waived["fee"] = "400.00", "505.00"

    assert next(it.path for it in verify(proof, PackagedCalendars(), KEYS)) == "fingerprint"


def test_a_waiver_that_does_not_add_up_is_not_recorded() -> None:
    store, agreement, version = _drawn(("waiver",))
    agreement["plan"]["waived"]["total"] = "1.00"

    with pytest.raises(InputRefused) as refusal:
        record_plan(
            desk_at(store), agreement, expected_version=version, key=RequestKey("r"), price=price
        )

    assert refusal.value.problems[0].path == "plan.waived.total"
