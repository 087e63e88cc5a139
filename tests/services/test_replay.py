"""Past decisions of a real SQLite store under another pack: which would change, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desks import approve, case_named, desk_at, lead, send, waiting
from tests.domain.policy.lender import LENDER
from tests.packs import shipped_bytes, shipped_table
from tests.stores import fresh_sqlite

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.adapters.policies import shipped_pack
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import EventType, RequestKey
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.findings import Effect
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.policy.reading import read_pack
from plan_assistant.domain.policy.replay import Standing
from plan_assistant.services import negotiate
from plan_assistant.services.decide import cancel
from plan_assistant.services.open_case import open_case
from plan_assistant.services.replay import OutOfScope, Replayed, replay_case

CASE = CaseId("T-1")
CALENDARS = PackagedCalendars()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = fresh_sqlite(tmp_path)
    yield opened
    opened.close()


def stricter(months: int) -> PolicyPack:
    """Return a lender's card pack whose longest plans are shorter."""
    text = LENDER.replace("parameters = { months = 48 }", f"parameters = {{ months = {months} }}")
    return read_pack(text.encode(), "my-bank.toml", shipped_bytes, shipped_table)


def replayed(store: SqlStore, pack: PolicyPack, case_id: CaseId = CASE) -> list[Replayed]:
    found = list(replay_case(store, CALENDARS, case_id, pack))
    assert all(isinstance(one, Replayed) for one in found)
    return [one for one in found if isinstance(one, Replayed)]


def test_the_pack_it_was_decided_under_changes_nothing(store: SqlStore) -> None:
    waiting(store)

    (one,) = replayed(store, shipped_pack("cn-card"))

    assert not one.is_changed
    assert one.new == ()
    assert one.gone == ()
    assert one.policy == "cn-card 2026.11.1"
    assert one.decided is None


def test_a_shorter_longest_term_changes_a_decision_and_says_why(store: SqlStore) -> None:
    fingerprint = waiting(store)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("a"))
    (before,) = replayed(store, shipped_pack("cn-card"))
    payments = int(str(_agreement(store)["plan"]["summary"]["payments"]))

    (exactly,) = replayed(store, stricter(payments))
    (less,) = replayed(store, stricter(payments - 1))

    assert not exactly.is_changed
    assert less.is_changed
    assert (less.before, less.after) == (before.before, Standing.NOBODY)
    assert less.decided is EventType.APPROVED
    assert [(finding.rule, finding.effect) for finding in less.new] == [("MY-1", Effect.BLOCK)]


def _agreement(store: SqlStore) -> dict[str, dict[str, dict[str, str]]]:
    recorded = next(e for e in store.events(CASE) if e.type is EventType.PLAN_RECORDED)
    return dict(recorded.body)  # type: ignore[arg-type]


def test_what_the_other_pack_no_longer_asks_is_named(store: SqlStore) -> None:
    desk = desk_at(store)
    open_case(desk, case_named("T-1"), RequestKey("open"))
    state = negotiate.begin(desk, CASE)
    longest = negotiate.what_if(state, type(state.wishes)(periods=55))
    level = [each.family for each in longest.offers.plans].index(Family.EQUAL_INSTALLMENT)
    longest = longest.selecting(level)
    plan = longest.plan
    assert plan is not None
    assert plan.needs is not None
    for disclosure in longest.disclosures_left:
        longest = negotiate.tick_disclosure(desk, longest, disclosure)
    agreement = negotiate.agreement_of(
        desk, longest, lines_read=("x",), recording="R", reason_code="reduced_income"
    )
    negotiate.record(desk, longest, agreement, key=RequestKey("r"))
    wider = shipped_pack("cn-card").model_copy(update={"authority": _wider()})

    (one,) = replayed(store, wider)

    assert (one.before, one.after) == (Standing.LEAD, Standing.ALONE)
    assert "DES-02-term" in one.gone
    assert one.new == ()


def _wider() -> dict[object, object]:
    tables = shipped_pack("cn-card").authority
    return {
        role: table.model_copy(update={"longest_term_months": 60}) for role, table in tables.items()
    }


def test_every_plan_that_was_ever_recorded_is_replayed(store: SqlStore) -> None:
    fingerprint = waiting(store)
    desk = desk_at(store)
    cancel(desk, CASE, fingerprint=fingerprint, version=2, key=RequestKey("c"))
    from tests.desks import agreement  # noqa: PLC0415

    send(desk, agreement("AG-2"), version=3, key="again")

    first, second = replayed(store, shipped_pack("cn-card"))

    assert (first.decided, second.decided) == (EventType.CANCELLED, None)
    assert (first.number, second.number) == ("AG-1", "AG-2")


@pytest.mark.parametrize("name", ["cn-loan", "us-card", "hk"])
def test_a_debt_that_the_pack_is_not_made_for_is_left_out(store: SqlStore, name: str) -> None:
    waiting(store)

    assert list(replay_case(store, CALENDARS, CASE, shipped_pack(name))) == [
        OutOfScope(CASE, "AG-1")
    ]


def test_the_neutral_pack_takes_any_debt(store: SqlStore) -> None:
    waiting(store)

    assert len(replayed(store, shipped_pack("generic"))) == 1


def test_replay_writes_nothing(store: SqlStore) -> None:
    waiting(store)
    before = store.every_event()

    replayed(store, stricter(3))

    assert store.every_event() == before


def test_spoken_and_refused_plans_carry_the_rules_they_were_checked_against(
    store: SqlStore,
) -> None:
    desk = desk_at(store)
    open_case(desk, case_named("T-1"), RequestKey("open"))
    state = negotiate.begin(desk, CASE)

    negotiate.mark_refused(desk, negotiate.mark_offered(desk, state), "too_much")

    pack = shipped_pack("cn-card")
    stamp = {"pack": pack.pack, "version": pack.version, "sha256": pack.sha256}
    spoken = [
        event.body["plan"]
        for event in store.events(CASE)
        if event.type in {EventType.OFFER_SPOKEN, EventType.OFFER_REFUSED}
    ]
    assert len(spoken) == 2
    assert all(isinstance(plan, dict) and plan["policy"] == stamp for plan in spoken)


@pytest.mark.parametrize(
    ("levers", "name", "actual"),
    [
        ("max_periods = {fewer}", "max_periods", None),
        ('families = ["deferral"]', "families", Family.EQUAL_INSTALLMENT),
    ],
)
def test_a_plan_that_the_other_pack_does_not_search_would_not_have_been_offered(
    store: SqlStore, levers: str, name: str, actual: object
) -> None:
    waiting(store)
    plan = _agreement(store)["plan"]
    assert str(plan["family"]) == Family.EQUAL_INSTALLMENT.value
    payments = int(str(plan["summary"]["payments"]))

    (one,) = replayed(store, with_levers(levers.format(fewer=payments - 1)))
    (same,) = replayed(store, with_levers(f"max_periods = {payments}"))

    assert one.is_changed
    assert one.after is Standing.NOBODY
    assert [(each.name, each.actual) for each in one.closed] == [(name, actual or payments)]
    assert not same.is_changed
    assert same.closed == ()


def with_levers(levers: str) -> PolicyPack:
    """Return a lender's card pack that differs in its levers alone."""
    head = LENDER.partition("[space]")[0]
    text = f"{head}[space]\n{levers}\n"
    return read_pack(text.encode(), "my-bank.toml", shipped_bytes, shipped_table)
