"""A case with several debts: one agreement in force for each, one waiting at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.builders import case, components, debt
from tests.desks import CASE, approve, desk_at, drawn_up, lead
from tests.people import COLLECTOR, NOW
from tests.recording import record_plan
from tests.sealing import sealer_for
from tests.staffing import KEYS

from plan_assistant.adapters.files import LocalFiles
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.evidence import check_evidence
from plan_assistant.domain.follow_up import Paid
from plan_assistant.domain.follow_up_acts import NamedAgreement
from plan_assistant.domain.formats.agreement_file import agreement_fingerprint
from plan_assistant.domain.record import CaseRecord, Status, fold
from plan_assistant.domain.schedule.engine import price
from plan_assistant.ports import Store
from plan_assistant.services import follow_up, negotiate
from plan_assistant.services.decide import cancel, return_plan
from plan_assistant.services.export import export_agreement
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case

CARD, SECOND = DebtId("D1"), DebtId("D2")
TWO = case(
    debt(debt_id="D1", owed=components("9000.00", "300.00", fee="0.00")),
    debt(debt_id="D2", owed=components("6000.00", "100.00", fee="0.00"), rate="0.12"),
)


def state_of(store: Store) -> CaseRecord:
    return fold(store.events(CASE))


def sent(store: Store, debt_id: DebtId) -> str:
    desk = desk_at(store)
    agreement = drawn_up(desk, negotiate.begin(desk, CASE, debt_id))
    record_plan(
        desk_at(store),
        agreement,
        expected_version=state_of(store).version,
        key=new_key(),
        price=price,
    )
    return agreement_fingerprint(agreement)


def approved(store: Store, debt_id: DebtId) -> str:
    fingerprint = sent(store, debt_id)
    approve(
        lead(store),
        CASE,
        fingerprint=fingerprint,
        version=state_of(store).version,
        key=new_key(),
    )
    return fingerprint


@pytest.fixture
def two(store: Store) -> Store:
    open_case(desk_at(store), TWO, RequestKey("open"))
    return store


def refused(store: Store, debt_id: DebtId) -> TransitionRefused:
    with pytest.raises(TransitionRefused) as refusal:
        sent(store, debt_id)
    return refusal.value


def test_each_debt_has_an_agreement_in_force_of_its_own(two: Store) -> None:
    first, second = approved(two, CARD), approved(two, SECOND)

    record = state_of(two)
    assert record.status is Status.APPROVED
    assert [(item.plan.debt_id, item.plan.fingerprint) for item in record.in_force] == [
        (CARD, first),
        (SECOND, second),
    ]


def test_a_debt_has_no_second_agreement_in_force(two: Store) -> None:
    approved(two, CARD)
    approved(two, SECOND)

    for debt_id in (CARD, SECOND):
        refusal = refused(two, debt_id)
        assert (refusal.code, refusal.detail["debt_id"]) == ("already_approved", debt_id)


def test_what_was_paid_for_one_debt_leaves_the_other_free(two: Store) -> None:
    fingerprint = approved(two, CARD)
    (item,) = state_of(two).in_force
    follow_up.post_payment(
        desk_at(two),
        CASE,
        NamedAgreement(item.plan.number, fingerprint),
        paid=Paid(NOW.date(), item.left),
        reference="R1",
        version=state_of(two).version,
        key=new_key(),
    )

    refusal = refused(two, CARD)
    second = sent(two, SECOND)

    assert (refusal.code, refusal.detail["debt_id"]) == ("debt_was_paid", CARD)
    assert refusal.detail["paid"] == item.left.plain
    waiting = state_of(two).pending
    assert waiting is not None
    assert (waiting.debt_id, waiting.fingerprint) == (SECOND, second)


def test_one_plan_at_a_time_waits_for_the_lead(two: Store) -> None:
    sent(two, CARD)

    assert refused(two, SECOND).code == "plan_is_pending"


def test_an_agreement_about_another_debt_than_the_case_has_is_refused(two: Store) -> None:
    agreement = drawn_up(desk_at(two), negotiate.begin(desk_at(two), CASE, CARD))
    agreement["debt"]["debt_id"] = "D9"

    with pytest.raises(TransitionRefused) as refusal:
        record_plan(
            desk_at(two),
            agreement,
            expected_version=state_of(two).version,
            key=new_key(),
            price=price,
        )

    assert refusal.value.code == "no_such_debt"


@pytest.mark.parametrize("outcome", ["returned", "cancelled"])
def test_what_becomes_of_one_debt_leaves_the_other_in_force(two: Store, outcome: str) -> None:
    approved(two, CARD)
    fingerprint = sent(two, SECOND)
    version = state_of(two).version

    if outcome == "returned":
        desk = lead(two)
        reason = desk.policies.for_case(TWO, desk.clock.now().date()).return_reasons[0]
        return_plan(
            desk, CASE, fingerprint=fingerprint, version=version, reason=reason, key=new_key()
        )
    else:
        cancel(
            desk_at(two, COLLECTOR), CASE, fingerprint=fingerprint, version=version, key=new_key()
        )

    record = state_of(two)
    assert record.status.value == outcome
    assert [item.plan.debt_id for item in record.in_force] == [CARD]
    assert approved(two, SECOND) == state_of(two).in_force[1].plan.fingerprint


def exported(
    store: Store, folder: Path, debt_id: DebtId | None = None, number: str | None = None
) -> dict[str, Any]:
    done = export_agreement(
        desk_at(store),
        CASE,
        formats=["json"],
        languages=[],
        folder=folder,
        writers={},
        files=LocalFiles(),
        sealer=sealer_for(store),
        key=new_key(),
        debt_id=debt_id,
        number=number,
    )
    read: dict[str, Any] = json.loads(done.paths[0].read_text(encoding="utf-8"))
    return read


def test_each_agreement_is_exported_with_its_own_approval(two: Store, tmp_path: Path) -> None:
    prints = {CARD: approved(two, CARD), SECOND: approved(two, SECOND)}

    for debt_id, fingerprint in prints.items():
        proof = exported(two, tmp_path / debt_id, debt_id)
        assert check_evidence(proof, KEYS.is_signed) == ()
        assert proof["fingerprint"] == proof["approval"]["fingerprint"] == fingerprint
    assert exported(two, tmp_path / "last", None)["fingerprint"] == prints[SECOND]


def test_a_draft_of_one_debt_does_not_hide_what_is_in_force_for_the_other(
    two: Store, tmp_path: Path
) -> None:
    first = approved(two, CARD)
    second = sent(two, SECOND)
    waiting = state_of(two).pending
    assert waiting is not None

    in_force = [exported(two, tmp_path / str(asked), asked) for asked in (None, CARD)]
    drafts = [
        exported(two, tmp_path / "debt", SECOND),
        exported(two, tmp_path / "number", number=waiting.number),
    ]

    for proof in in_force:
        assert proof["fingerprint"] == proof["approval"]["fingerprint"] == first
    for proof in drafts:
        assert (proof["fingerprint"], proof["approval"]) == (second, None)


def test_a_number_of_another_debt_than_the_one_asked_for_is_refused(
    two: Store, tmp_path: Path
) -> None:
    for debt_id in (CARD, SECOND):
        approved(two, debt_id)
    card, second = (item.plan.number for item in state_of(two).agreements)

    with pytest.raises(TransitionRefused) as refusal:
        exported(two, tmp_path, SECOND, number=card)

    assert refusal.value.code == "nothing_under_number"
    assert refusal.value.detail == {"number": card, "known": second}


def test_there_is_nothing_to_export_for_a_debt_without_an_agreement(
    two: Store, tmp_path: Path
) -> None:
    approved(two, CARD)

    with pytest.raises(TransitionRefused, match="nothing_to_export"):
        exported(two, tmp_path, SECOND)
