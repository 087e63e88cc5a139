"""The parts of one payment: recorded one after the other, judged by their sum, named by each."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.agreed_rows import rows_of
from tests.builders import yuan
from tests.desks import desk_at, drawn_up, lead, memory_store
from tests.people import LEAD, NOW
from tests.recording import record_plan
from tests.staffing import signing_by

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.policies import shipped_pack
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.errors import InputRefused, PolicyTightened, TransitionRefused
from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.formats.agreement_file import agreement_fingerprint, recompute
from plan_assistant.domain.formats.case_file import read_case
from plan_assistant.domain.offers.joint import Joint, JointGap, Method
from plan_assistant.domain.policy.replay import RecordedTerms, closed_under, findings_under
from plan_assistant.domain.record import CaseRecord, fold
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.transitions import require_recordable
from plan_assistant.domain.verdict import Verdict, judge
from plan_assistant.ports import Store
from plan_assistant.samples import sample_text
from plan_assistant.services import decide, negotiate
from plan_assistant.services.decide import cancel
from plan_assistant.services.desk import Desk
from plan_assistant.services.joint import SharedPayment, share_payment
from plan_assistant.services.joint_part import Part, take_part
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from plan_assistant.services.replay import Replayed, replay_case

SAMPLE: Case = read_case(json.loads(sample_text("S09-several-debts")), "S09")
CASE = SAMPLE.case_id
CARD, LOAN, THIRD = DebtId("S09-C1"), DebtId("S09-L1"), DebtId("S09-C2")
NAMED = PackagedCalendars().named
Agreement = dict[str, Any]


@pytest.fixture
def office() -> Store:
    """Return a store in memory with the sample of several debts."""
    store = memory_store()
    open_case(desk_at(store), SAMPLE, RequestKey("open"))
    return store


def on_day(desk: Desk, later: int) -> Desk:
    return replace(desk, clock=DemoClock(NOW + timedelta(days=later)))


def part_of(
    store: Store, debt_id: DebtId, *, method: Method = Method.ORDER, later: int = 0
) -> Part:
    desk = on_day(desk_at(store), later)
    found = take_part(desk, negotiate.begin(desk, CASE, debt_id), method)
    assert isinstance(found, Part)
    return found


def part_drawn_up(store: Store, part: Part, later: int = 0) -> Agreement:
    desk = on_day(desk_at(store), later)
    reason = part.state.policy.submit_reasons[0] if part.plan.needs else None
    return drawn_up(desk, negotiate.mark_offered(desk, part.state), reason_code=reason)


def state_of(store: Store) -> CaseRecord:
    return fold(store.events(CASE))


def recorded(store: Store, part: Part, later: int = 0) -> Agreement:
    agreement = part_drawn_up(store, part, later)
    record_plan(
        on_day(desk_at(store), later),
        agreement,
        expected_version=state_of(store).version,
        key=new_key(),
        price=price,
    )
    return agreement


def approve_now(store: Store, agreement: Agreement, later: int = 0) -> None:
    signing = signing_by(store, LEAD)
    decide.approve(
        lead(store),
        CASE,
        fingerprint=agreement_fingerprint(agreement),
        version=state_of(store).version,
        key=new_key(),
        signing=replace(signing, at=signing.at + timedelta(days=later)),
    )


def approved(store: Store, part: Part, later: int = 0) -> Agreement:
    agreement = recorded(store, part, later)
    approve_now(store, agreement, later)
    return agreement


def shown(method: Method, later: int = 0) -> SharedPayment:
    """Return what `joint` shows: one payment over all debts, each under its own pack."""
    desk = on_day(desk_at(memory_store()), later)
    today = desk.clock.now().date()
    states = {
        debt.debt_id: negotiate.consider(
            SAMPLE,
            policy=(pack := desk.policies.for_case(SAMPLE, today, debt.debt_id)),
            holidays=NAMED(pack.calendar),
            today=today,
            role=desk.account.role,
            debt_id=debt.debt_id,
        )
        for debt in SAMPLE.negotiated
    }
    return share_payment(states[SAMPLE.lead_debt.debt_id], method, states=states)


def shared(method: Method, later: int = 0) -> Joint:
    found = shown(method, later).found
    assert isinstance(found, Joint)
    return found


def payments(agreement: Agreement) -> list[Decimal]:
    return [Decimal(row["payment"]) for row in rows_of(agreement)]


def test_both_parts_are_recorded_to_the_cent_as_the_payment_was_shared(store: Store) -> None:
    open_case(desk_at(store), SAMPLE, RequestKey("open"))
    joint = shared(Method.ORDER)

    first = approved(store, part_of(store, CARD))
    second = approved(store, part_of(store, LOAN, later=9), later=9)

    by_debt = {CARD: payments(first), LOAN: payments(second)}
    for plan in joint.plans:
        shown = [Decimal(row.payment.plain) for row in plan.schedule.rows]
        assert by_debt[plan.debt.debt_id] == shown
    longest = max(map(len, by_debt.values()))
    sums = [
        sum((part[month] for part in by_debt.values() if month < len(part)), Decimal(0))
        for month in range(longest)
    ]
    assert sums == [Decimal(month.payment.plain) for month in joint.months]
    assert max(sums) <= Decimal(first["joint"]["amount"]) == Decimal(second["joint"]["amount"])
    in_force = [item.plan.agreement for item in state_of(store).in_force]
    for item, written in zip(in_force, (first, second), strict=True):
        assert agreement_fingerprint(item) == agreement_fingerprint(written)
        assert recompute(item, NAMED, price) == []


@pytest.mark.parametrize("method", list(Method))
def test_each_part_names_the_other_with_its_whole_terms(office: Store, method: Method) -> None:
    first = approved(office, part_of(office, LOAN, method=method))
    second = recorded(office, part_of(office, CARD, method=method))

    assert [other["debt_id"] for other in first["joint"]["others"]] == [CARD]
    assert first["joint"]["others"][0]["terms"] == second["plan"]["terms"]
    assert second["joint"]["others"][0]["terms"] == first["plan"]["terms"]
    for name in ("method", "flows_on", "amount", "largest"):
        assert first["joint"][name] == second["joint"][name]
    assert recompute(second, NAMED, price) == []


@pytest.mark.parametrize("method", list(Method))
def test_a_part_stands_as_the_sum_that_joint_shows(office: Store, method: Method) -> None:
    parts = [part_of(office, debt_id, method=method) for debt_id in (CARD, LOAN)]

    assert {part.plan.judgement for part in parts} == {shown(method).judgement}


def test_a_later_part_is_the_named_one_however_it_is_asked_for(office: Store) -> None:
    first = approved(office, part_of(office, CARD))

    part = part_of(office, LOAN, method=Method.EQUAL, later=20)

    assert part.named_in == first["number"]
    assert part.joint.method is Method.ORDER
    fresh = shared(Method.ORDER, later=20)
    assert fresh.plans[1].schedule.first_due != part.plan.schedule.first_due


def test_the_parts_still_to_be_chosen_are_told(office: Store) -> None:
    part = part_of(office, CARD)

    assert part.left(state_of(office)) == (LOAN,)
    approved(office, part)
    assert part_of(office, LOAN).left(state_of(office)) == ()


def with_three_debts() -> Store:
    """Return a store whose case has a second card beside the two debts of the sample."""
    store = memory_store()
    third = replace(SAMPLE.debt(CARD), debt_id=THIRD)
    open_case(desk_at(store), replace(SAMPLE, debts=(*SAMPLE.debts, third)), RequestKey("open"))
    return store


def test_three_parts_name_each_other_whatever_their_order() -> None:
    store = with_three_debts()

    written = {
        debt_id: approved(store, part_of(store, debt_id, method=Method.BALANCE))
        for debt_id in (LOAN, THIRD, CARD)
    }

    terms = {debt_id: agreement["plan"]["terms"] for debt_id, agreement in written.items()}
    for debt_id, agreement in written.items():
        others = {each["debt_id"]: each["terms"] for each in agreement["joint"]["others"]}
        assert others == {other: terms[other] for other in terms if other != debt_id}
        assert agreement["joint"]["largest"] == written[LOAN]["joint"]["largest"]
        assert recompute(agreement, NAMED, price) == []


def test_a_named_part_is_refused_when_another_debt_has_another_plan() -> None:
    store = with_three_debts()
    approved(store, part_of(store, CARD))
    own = approved_alone(store, THIRD)

    with pytest.raises(TransitionRefused) as refusal:
        part_of(store, LOAN)

    assert refusal.value.code == "other_debt_has_its_own"
    assert refusal.value.detail["number"] == own["number"]


def test_no_other_part_is_shown_while_one_waits(office: Store) -> None:
    waiting = agreement_fingerprint(recorded(office, part_of(office, CARD)))

    with pytest.raises(TransitionRefused, match="plan_is_pending"):
        part_of(office, LOAN)
    version = state_of(office).version
    cancel(desk_at(office), CASE, fingerprint=waiting, version=version, key=new_key())

    assert part_of(office, LOAN).named_in is None


def test_a_part_whose_first_day_has_come_is_refused(office: Store) -> None:
    first = approved(office, part_of(office, CARD))
    first_due = date.fromisoformat(first["joint"]["others"][0]["terms"]["first_due"])

    with pytest.raises(TransitionRefused) as refusal:
        part_of(office, LOAN, later=(first_due - NOW.date()).days)

    assert refusal.value.code == "part_is_too_late"
    assert refusal.value.detail["first_due"] == first_due.isoformat()


def test_a_debt_that_is_not_what_was_named_is_refused(office: Store) -> None:
    approved(office, part_of(office, CARD))
    desk = desk_at(office)
    state = negotiate.begin(desk, CASE, LOAN)
    grown = replace(state.debt, components=replace(state.debt.components, fee=yuan("12.00")))
    debts = tuple(grown if each.debt_id == LOAN else each for each in state.case.debts)
    changed = replace(state, case=replace(state.case, debts=debts))

    with pytest.raises(TransitionRefused) as refusal:
        take_part(desk, changed, Method.ORDER)

    assert refusal.value.code == "part_does_not_fit"


def drawn_up_alone(store: Store, debt_id: DebtId) -> Agreement:
    """Return an agreement about the first plan of a debt's own search."""
    desk = desk_at(store)
    return drawn_up(desk, negotiate.begin(desk, CASE, debt_id))


def approved_alone(store: Store, debt_id: DebtId) -> Agreement:
    agreement, version = drawn_up_alone(store, debt_id), state_of(store).version
    desk = desk_at(store)
    record_plan(desk, agreement, expected_version=version, key=new_key(), price=price)
    approve_now(store, agreement)
    return agreement


def test_no_payment_is_shared_over_a_debt_with_an_agreement_of_its_own(office: Store) -> None:
    own = approved_alone(office, CARD)

    with pytest.raises(TransitionRefused) as refusal:
        part_of(office, LOAN)

    assert refusal.value.code == "other_debt_has_its_own"
    assert refusal.value.detail["number"] == own["number"]


def test_a_case_with_one_debt_has_nothing_to_share() -> None:
    store = memory_store()
    only = replace(SAMPLE, debts=SAMPLE.debts[:1])
    open_case(desk_at(store), only, RequestKey("open"))

    with pytest.raises(TransitionRefused, match="nothing_to_share"):
        part_of(store, CARD)


def test_what_is_missing_for_a_sharing_is_returned(office: Store) -> None:
    desk = desk_at(office)
    state = negotiate.begin(desk, CASE, CARD)

    found = take_part(desk, state, Method.ORDER, monthly=yuan("400.00"))

    assert isinstance(found, JointGap)
    assert found.gap == yuan("732.83")


def test_an_agreement_that_names_a_debt_the_case_has_not_is_refused(office: Store) -> None:
    agreement = part_drawn_up(office, part_of(office, CARD))
    agreement["joint"]["others"][0]["debt_id"] = "D9"

    with pytest.raises(TransitionRefused) as refusal:
        record_plan(
            desk_at(office),
            agreement,
            expected_version=state_of(office).version,
            key=new_key(),
            price=price,
        )

    assert refusal.value.code == "no_such_debt"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("principal", "100.00"),
        ("arrears", None),
        ("annual_rate", "0.01"),
        ("down_payment", {"principal": "1.00", "arrears": "0.00"}),
    ],
)
def test_a_sum_in_which_another_debt_is_not_repaid_in_full_is_refused(
    office: Store, field: str, value: object
) -> None:
    agreement = part_drawn_up(office, part_of(office, CARD))
    agreement["joint"]["others"][0]["terms"][field] = value
    record = state_of(office)

    with pytest.raises(TransitionRefused) as refusal:
        require_recordable(record, agreement, desk_at(office).account)

    assert refusal.value.code == "part_does_not_fit"
    assert refusal.value.detail["debt_id"] == LOAN


def test_a_sum_that_leaves_out_a_debt_is_refused() -> None:
    third = replace(SAMPLE.debts[0], debt_id=DebtId("S09-C2"))
    store = memory_store()
    open_case(desk_at(store), replace(SAMPLE, debts=(*SAMPLE.debts, third)), RequestKey("open"))
    agreement = part_drawn_up(store, part_of(store, CARD))
    require_recordable(state_of(store), agreement, desk_at(store).account)
    del agreement["joint"]["others"][1]

    with pytest.raises(TransitionRefused) as refusal:
        require_recordable(state_of(store), agreement, desk_at(store).account)

    assert refusal.value.code == "sharing_leaves_out"


def strained(store: Store) -> tuple[Part, Agreement]:
    """Return a part that asks for more than its debt's share, of a sum that is carried."""
    desk = desk_at(store)
    state = negotiate.begin(desk, CASE, CARD)
    part = take_part(desk, state, Method.RATE, monthly=yuan("2800.00"))
    assert isinstance(part, Part)
    alone = judge(state.affordability, part.plan.schedule.nominal_flows, CARD)
    assert alone.verdict is Verdict.UNAFFORDABLE
    return part, recorded(store, part)


def test_a_part_is_judged_by_the_sum_and_approved_so(office: Store) -> None:
    part, agreement = strained(office)

    approve_now(office, agreement)

    assert part.plan.judgement.verdict is not Verdict.UNAFFORDABLE
    assert agreement["affordability"]["verdict"] == part.plan.judgement.verdict.value
    assert [item.debt_id for item in state_of(office).in_force] == [CARD]


def test_a_part_is_checked_again_as_it_was_offered(office: Store) -> None:
    part, agreement = strained(office)
    record = state_of(office)
    assert record.recorded is not None
    pack = part.state.policy
    terms = RecordedTerms(
        record.case, record.case.debt(CARD), agreement, NOW.date(), record.recorded.role
    )

    assert findings_under(pack, terms, NAMED) == part.plan.findings
    assert closed_under(pack, terms, NAMED) == ()


def test_a_sum_that_is_no_longer_carried_is_not_approved(office: Store) -> None:
    """The rules judge the sum with what the agreement says of the others, not this part alone."""
    part = part_of(office, LOAN)
    agreement = part_drawn_up(office, part)
    other = agreement["joint"]["others"][0]
    short = price(part.joint.others[0].schedule.terms.with_(periods=6, payment_steps=()))
    other["terms"]["periods"], other["terms"]["payment_steps"] = 6, []
    other["summary"] |= {
        "payments": 6,
        "last_due": str(short.last_due),
        "first_payment": short.first_payment.plain,
        "last_payment": short.last_payment.plain,
        "largest_payment": short.largest_payment.plain,
        "total": short.total_paid.plain,
    }
    largest = Decimal(short.largest_payment.plain) + payments(agreement)[0]
    agreement["joint"] |= {"amount": "9000.00", "largest": str(largest)}
    desk = desk_at(office)
    record_plan(
        desk, agreement, expected_version=state_of(office).version, key=new_key(), price=price
    )

    with pytest.raises(PolicyTightened) as refusal:
        approve_now(office, agreement)

    assert {each.test for each in refusal.value.findings} == {"verdict_allowed"}


@pytest.mark.parametrize("debt_id", [CARD, LOAN])
def test_the_pack_it_was_decided_under_changes_nothing_about_a_part(
    office: Store, debt_id: DebtId
) -> None:
    recorded(office, part_of(office, debt_id))
    pack = negotiate.begin(desk_at(office), CASE, debt_id).policy

    (one,) = replay_case(office, PackagedCalendars(), CASE, pack)

    assert isinstance(one, Replayed)
    assert not one.is_changed
    assert (one.new, one.gone, one.closed) == ((), (), ())


def _with(agreement: Agreement, value: object, *path: str | int) -> None:
    at: Any = agreement["joint"]
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value


@pytest.fixture(scope="module")
def of_loan() -> Agreement:
    store = memory_store()
    open_case(desk_at(store), SAMPLE, RequestKey("open"))
    return part_drawn_up(store, part_of(store, LOAN))


@pytest.mark.parametrize(
    ("value", "path", "named"),
    [
        ("2000.00", ("amount",), {"joint.amount"}),
        ("2288.00", ("largest",), {"joint.largest"}),
        (
            "1.00",
            ("others", 0, "summary", "total"),
            {"joint.others[0].summary.total"},
        ),
        ("2027-01-15", ("others", 0, "terms", "first_due"), {"joint.others[0].terms.first_due"}),
        (16, ("others", 0, "terms", "periods"), {"joint.others[0].summary.payments"}),
        (14, ("others", 0, "terms", "periods"), {"joint.amount"}),
    ],
    ids=["amount", "largest", "total", "first day", "a payment more", "a payment less"],
)
def test_a_tampered_part_is_named(
    of_loan: Agreement, value: object, path: tuple[str | int, ...], named: set[str]
) -> None:
    changed = copy.deepcopy(of_loan)
    _with(changed, value, *path)

    found = {difference.path for difference in recompute(changed, NAMED, price)}

    assert named <= found
    assert all(path.startswith("joint.") for path in found)


@pytest.mark.parametrize(
    ("value", "path", "named"),
    [
        ("fairly", ("method",), "joint.method"),
        ("yes", ("flows_on",), "joint.flows_on"),
        ("12.345", ("amount",), "joint.amount"),
        ([], ("others",), "joint.others"),
        ("S09-L1", ("others", 0, "debt_id"), "joint.others[0].debt_id"),
        ("USD", ("others", 0, "terms", "currency"), "joint.others[0].terms.currency"),
        ("0.5.5", ("others", 0, "terms", "annual_rate"), "joint.others[0].terms.annual_rate"),
        ("?", ("share",), "joint.share"),
    ],
    ids=lambda each: ".".join(map(str, each)) if isinstance(each, tuple) else None,
)
def test_a_part_that_cannot_be_read_is_refused_by_its_place(
    of_loan: Agreement, value: object, path: tuple[str | int, ...], named: str
) -> None:
    changed = copy.deepcopy(of_loan)
    _with(changed, value, *path)

    with pytest.raises(InputRefused) as refusal:
        recompute(changed, NAMED, price)

    assert [problem.path for problem in refusal.value.problems] == [named]


def test_a_payment_shared_with_nobody_is_refused(of_loan: Agreement) -> None:
    for missing in (None, "whole"):
        with pytest.raises(InputRefused):
            recompute({**of_loan, "joint": missing}, NAMED, price)


def test_a_plan_of_its_own_has_the_fields_of_before(office: Store) -> None:
    own = drawn_up_alone(office, CARD)

    assert list(own) == [
        *("format", "number", "case_id", "kind", "jurisdiction", "language", "cut_off"),
        *("agreed_at", "currency", "parties", "debt", "hardship", "plan", "affordability"),
        *("findings", "policy", "engine", "acceptance", "maker"),
    ]


def test_steps_of_a_plan_of_its_own_are_still_a_lever(office: Store) -> None:
    agreement = part_drawn_up(office, part_of(office, LOAN))
    del agreement["joint"]
    pack = shipped_pack("cn-loan")
    desk = desk_at(office)
    terms = RecordedTerms(SAMPLE, SAMPLE.debt(LOAN), agreement, NOW.date(), desk.account.role)

    assert "steps" in {lever.name for lever in closed_under(pack, terms, NAMED)}
