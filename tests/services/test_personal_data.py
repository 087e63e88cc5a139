"""Revealing, finding and erasing personal data: who may, when, and what the record keeps of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests.canaries import NAME, PHONE, SENTENCE, canary_case
from tests.desks import agreement, approve, desk_at, lead, send
from tests.people import ADMINISTRATOR, AUDITOR, COLLECTOR, LEAD, NOW, opened
from tests.recording import close_call, disclosure_read
from tests.stores import fresh_sqlite

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.policies import PackagedPolicies
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.errors import CaseNotFound, InputRefused, TransitionRefused
from plan_assistant.domain.events import Account, EventType, Json, NewEvent
from plan_assistant.domain.follow_up import Paid, ReopenReason
from plan_assistant.domain.follow_up_acts import NamedAgreement
from plan_assistant.domain.personal import Personal, RevealReason
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.record import fold
from plan_assistant.domain.rights import may_record
from plan_assistant.ports import Lookup
from plan_assistant.services import decide, negotiate
from plan_assistant.services.decide import decline, pending
from plan_assistant.services.desk import Desk
from plan_assistant.services.export import export_agreement
from plan_assistant.services.find import find_cases
from plan_assistant.services.follow_up import post_payment, reopen
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import import_case, open_case
from plan_assistant.services.purge import expired_cases, purge_case, require_purgeable
from plan_assistant.services.queue import queue_rows
from plan_assistant.services.reveal import reveal
from plan_assistant.ui.action_model import REVEALERS

CASE = CaseId("K-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A store with one open case of today."""
    made = fresh_sqlite(tmp_path)
    open_case(desk_at(made), canary_case(), new_key())
    yield made
    made.close()


def at(store: SqlStore, moment: datetime, account: Account = ADMINISTRATOR) -> Desk:
    """Return the desk of a person on another day."""
    return replace(desk_at(store, account), clock=DemoClock(moment))


def years_later(years: float) -> datetime:
    return NOW + timedelta(days=int(years * 365.25))


# --- revealing
def test_revealing_is_on_record_before_anything_is_shown(store: SqlStore) -> None:
    shown = reveal(desk_at(store), CASE, RevealReason.DOCUMENT, key=new_key())

    assert shown.borrower.name.revealed == NAME
    fact = store.events(CASE)[-1]
    assert (fact.type, fact.actor) == (EventType.REVEALED, "wu.hao")
    assert fact.body == {
        "reason": "document",
        "sentence": "",
        "fields": ["name", "id_number", "phone", "address", "note"],
    }


@pytest.mark.parametrize("person", [AUDITOR, ADMINISTRATOR], ids=lambda person: person.role.value)
def test_who_has_no_need_to_see_it_never_does(store: SqlStore, person: Account) -> None:
    with pytest.raises(TransitionRefused, match="role_may_not"):
        reveal(desk_at(store, person), CASE, RevealReason.IDENTITY, key=new_key())

    assert len(store.events(CASE)) == 1


def test_screens_offer_it_to_those_who_may(store: SqlStore) -> None:
    assert (
        may_record(EventType.REVEALED)
        == REVEALERS
        == {
            Role.COLLECTOR,
            Role.TEAM_LEAD,
            Role.AGENCY_COLLECTOR,
        }
    )


@pytest.mark.parametrize("sentence", ["", "  "], ids=["no sentence", "a blank one"])
def test_another_reason_wants_a_sentence(store: SqlStore, sentence: str) -> None:
    with pytest.raises(TransitionRefused, match="reveal_sentence_missing"):
        reveal(desk_at(store), CASE, RevealReason.OTHER, sentence=sentence, key=new_key())

    reveal(desk_at(store), CASE, RevealReason.OTHER, sentence=SENTENCE, key=new_key())
    assert store.events(CASE)[-1].body["sentence"] == SENTENCE


def test_looking_at_a_case_makes_nobody_elses_act_stale(store: SqlStore) -> None:
    reveal(desk_at(store), CASE, RevealReason.REQUEST, key=new_key())

    send(desk_at(store), agreement(case_id=CASE), version=1)

    assert fold(store.events(CASE)).pending is not None


# --- finding
def test_a_found_case_is_shown_masked(store: SqlStore) -> None:
    (row,) = find_cases(desk_at(store), Lookup.PHONE, PHONE).lines

    assert row.case_id == CASE
    assert row.masked_name == "鬯**"


def test_the_key_of_an_import_confirms_no_guess_at_a_name(tmp_path: Path) -> None:
    keys = []
    for name in ("张伟", "李娜"):
        folder = tmp_path / name
        folder.mkdir()
        made = fresh_sqlite(folder)
        case = canary_case()
        borrower = replace(case.borrower, name=Personal.name(name))
        import_case(desk_at(made), replace(case, borrower=borrower))
        with SqlSeals(made).rows() as rows:
            keys += [row.request["key"] for row in rows.facts() if row.request is not None]
        made.close()

    assert keys[0] == keys[1]


# --- erasing
def test_a_case_expires_after_the_years_of_its_policy_pack(store: SqlStore) -> None:
    assert expired_cases(at(store, years_later(4.9)), store).lines == ()

    (expired,) = expired_cases(at(store, years_later(5.1)), store).lines

    assert (expired.case_id, expired.retention_years) == (CASE, 5)
    assert (expired.ended, expired.kept_until) == (date(2026, 11, 20), date(2031, 11, 20))
    assert not expired.is_in_clear


def test_a_case_of_no_case_keeps_nobody_from_being_erased(store: SqlStore) -> None:
    store.append(
        CaseId("BAD-1"),
        [opened()],
        actor=COLLECTOR,
        at=NOW,
        expected_version=0,
        key=new_key(),
    )

    found = expired_cases(at(store, years_later(5.1)), store)

    assert [case.case_id for case in found.lines] == [CASE]
    assert [(left.case_id, left.version) for left in found.left_out] == [("BAD-1", 1)]


def test_the_last_day_of_the_period_is_still_kept(store: SqlStore) -> None:
    last = datetime(2031, 11, 20, 23, 59, tzinfo=NOW.tzinfo)

    assert expired_cases(at(store, last), store).lines == ()
    assert len(expired_cases(at(store, last + timedelta(minutes=2)), store).lines) == 1


def test_a_longer_period_may_be_given(store: SqlStore) -> None:
    close_call(desk_at(store), CASE, "promised", new_key())
    desk = at(store, years_later(6.9))

    assert expired_cases(desk, store, retention_years=7).lines == ()
    with pytest.raises(TransitionRefused, match="not_expired"):
        purge_case(desk, store, CASE, key=new_key(), retention_years=7)

    later = at(store, years_later(7.1))
    (case,) = expired_cases(later, store, retention_years=7).lines
    assert (case.case_id, case.retention_years) == (CASE, 7)
    purge_case(later, store, CASE, key=new_key(), retention_years=7)


@pytest.mark.parametrize("years", [0, 1, 4])
def test_a_period_shorter_than_that_of_the_policy_pack_is_refused(
    store: SqlStore, years: int
) -> None:
    close_call(desk_at(store), CASE, "promised", new_key())
    desk = at(store, years_later(4.9))
    acts = (
        lambda: expired_cases(desk, store, retention_years=years),
        lambda: require_purgeable(desk, store, CASE, retention_years=years),
        lambda: purge_case(desk, store, CASE, key=new_key(), retention_years=years),
    )

    for act in acts:
        with pytest.raises(TransitionRefused, match="kept_longer") as refused:
            act()
        assert refused.value.detail == {
            "case_id": CASE,
            "given": str(years),
            "years": "5",
            "pack": "cn-card",
        }

    assert fold(store.events(CASE)).erased_at is None


def test_a_period_is_held_against_the_packs_of_the_cases_that_are_named(store: SqlStore) -> None:
    other = CaseId("K-2")
    open_case(desk_at(store), canary_case("K-2"), new_key())
    for case_id in (CASE, other):
        close_call(at(store, NOW, COLLECTOR), case_id, "promised", new_key())
    later = at(store, years_later(6))

    found = expired_cases(later, store, retention_years=5, among=(other,)).lines

    assert [case.case_id for case in found] == [other]


def test_a_case_that_nobody_has_closed_is_never_erased(store: SqlStore) -> None:
    desk = at(store, years_later(40))

    (case,) = expired_cases(desk, store).lines
    assert case.is_open
    for act in (
        lambda: require_purgeable(desk, store, CASE),
        lambda: purge_case(desk, store, CASE, key=new_key()),
    ):
        with pytest.raises(TransitionRefused, match="case_is_open"):
            act()

    close_call(at(store, years_later(34), COLLECTOR), CASE, "promised", new_key())
    (closed,) = expired_cases(desk, store).lines
    assert not closed.is_open
    purge_case(desk, store, CASE, key=new_key())


ELSEWHERE = CaseId("K-2")


@pytest.fixture
def elsewhere(store: SqlStore) -> SqlStore:
    """The same store with a second case, whose policy pack is not at hand."""
    other = replace(canary_case(), case_id=ELSEWHERE, jurisdiction="BR")
    open_case(desk_at(store), other, new_key())
    for case_id in (CASE, ELSEWHERE):
        close_call(at(store, NOW, COLLECTOR), case_id, "promised", new_key())
    return store


def test_a_case_without_its_policy_pack_keeps_nobody_from_purging_the_others(
    elsewhere: SqlStore,
) -> None:
    found = expired_cases(at(elsewhere, years_later(5.1)), elsewhere)

    assert [case.case_id for case in found.lines] == [CASE]
    assert [case.case_id for case in found.undecided] == [ELSEWHERE]
    (problem,) = found.undecided[0].why.problems
    assert "no policy pack for BR" in problem.sentence


def test_a_case_that_every_pack_still_keeps_needs_no_pack(elsewhere: SqlStore) -> None:
    found = expired_cases(at(elsewhere, years_later(0.9)), elsewhere)

    assert (found.lines, found.undecided) == ((), ())


def test_a_case_needs_no_policy_pack_where_the_period_is_given(elsewhere: SqlStore) -> None:
    later = at(elsewhere, years_later(3.1))
    found = expired_cases(later, elsewhere, retention_years=3, among=(ELSEWHERE,))

    assert [case.case_id for case in found.lines] == [ELSEWHERE]
    assert found.undecided == ()
    purge_case(later, elsewhere, ELSEWHERE, key=new_key(), retention_years=3)
    assert fold(elsewhere.events(ELSEWHERE)).erased_at is not None


def test_an_agreement_in_force_keeps_its_case_however_long_ago(store: SqlStore) -> None:
    print_of_content = send(desk_at(store), agreement(case_id=CASE), version=1)
    approve(lead(store), CASE, fingerprint=print_of_content, version=2, key=new_key())

    assert expired_cases(at(store, years_later(40)), store).lines == ()
    with pytest.raises(TransitionRefused, match="plan_still_runs"):
        purge_case(at(store, years_later(40)), store, CASE, key=new_key())


def test_a_case_is_kept_for_its_years_from_the_day_its_plan_was_kept(store: SqlStore) -> None:
    print_of_content = send(desk_at(store), agreement(case_id=CASE), version=1)
    approve(lead(store), CASE, fingerprint=print_of_content, version=2, key=new_key())
    paid_all = at(store, years_later(2), COLLECTOR)
    _pay_everything(paid_all)

    assert expired_cases(at(store, years_later(6.9)), store).lines == ()
    (expired,) = expired_cases(at(store, years_later(7.1)), store).lines
    assert expired.ended == paid_all.clock.now().date()


class _Keeping(PackagedPolicies):
    """The shipped packs, changed to keep a case for so many years."""

    def __init__(self, years: int, *, has_the_shipped: bool = False) -> None:
        super().__init__()
        self._years, self._has_the_shipped = years, has_the_shipped

    def for_case(self, case: Case, on: date, debt_id: DebtId | None = None) -> PolicyPack:
        pack = super().for_case(case, on, debt_id)
        changed = {"retention_years": self._years, "sha256": f"{self._years:064}"}
        return pack.model_copy(update=changed)

    def with_hash(self, sha256: str) -> PolicyPack | None:
        return super().with_hash(sha256) if self._has_the_shipped else None


def _ended_under(store: SqlStore, years: int) -> None:
    """Let a pack that keeps cases for so many years decide the case, and end it."""
    print_of_content = send(desk_at(store), agreement(case_id=CASE), version=1)
    deciding = replace(lead(store), policies=_Keeping(years))
    approve(deciding, CASE, fingerprint=print_of_content, version=2, key=new_key())
    _pay_everything(at(store, NOW, COLLECTOR))


def test_a_case_is_kept_as_long_as_the_pack_said_that_decided_it(store: SqlStore) -> None:
    _ended_under(store, 8)

    assert expired_cases(at(store, years_later(7.9)), store).lines == ()
    with pytest.raises(TransitionRefused, match="kept_longer") as refused:
        require_purgeable(at(store, years_later(7.9)), store, CASE, retention_years=6)
    assert refused.value.detail["years"] == "8"
    (expired,) = expired_cases(at(store, years_later(8.1)), store).lines
    assert expired.retention_years == 8


def test_a_case_is_kept_as_long_as_the_pack_at_hand_says_where_that_is_longer(
    store: SqlStore,
) -> None:
    _ended_under(store, 5)
    desk = replace(at(store, years_later(8.9)), policies=_Keeping(9))

    assert expired_cases(desk, store).lines == ()
    assert len(expired_cases(replace(desk, clock=at(store, years_later(9.1)).clock), store).lines)


def _of_an_older_version(store: SqlStore, monkeypatch: pytest.MonkeyPatch, **said: Json) -> None:
    """Let approvals say nothing of how long a case is kept, as they did, or just that."""

    def without(kind: EventType, body: dict[str, Json]) -> NewEvent:
        kept = {name: body[name] for name in body if name != "retention_years"}
        return NewEvent(kind, {**kept, **said})

    monkeypatch.setattr(decide, "NewEvent", without)
    print_of_content = send(desk_at(store), agreement(case_id=CASE), version=1)
    approve(lead(store), CASE, fingerprint=print_of_content, version=2, key=new_key())
    _pay_everything(at(store, NOW, COLLECTOR))


def test_an_older_approval_is_held_to_the_pack_with_its_hash(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _of_an_older_version(store, monkeypatch)
    shorter = _Keeping(2, has_the_shipped=True)
    desk = replace(at(store, years_later(5.1)), policies=shorter)

    (expired,) = expired_cases(desk, store).lines
    assert expired.retention_years == 5


@pytest.mark.parametrize("said", [0, 101, 10**15, True, "9"])
def test_an_approval_with_years_of_no_policy_pack_keeps_nobody_from_purging(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, said: Json
) -> None:
    _of_an_older_version(store, monkeypatch, retention_years=said)
    desk = replace(at(store, years_later(5.1)), policies=_Keeping(2, has_the_shipped=True))

    (expired,) = expired_cases(desk, store).lines
    assert expired.retention_years == 5
    require_purgeable(desk, store, CASE)


def test_an_older_approval_whose_pack_is_not_at_hand_says_what_to_do(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _of_an_older_version(store, monkeypatch)
    desk = replace(at(store, years_later(40)), policies=_Keeping(5))

    for given in (None, 20):
        found = expired_cases(desk, store, retention_years=given)
        assert found.lines == ()
        (problem,) = found.undecided[0].why.problems
        assert "put that version into the folder" in problem.sentence
        with pytest.raises(InputRefused):
            purge_case(desk, store, CASE, key=new_key(), retention_years=given)


def _pay_everything(desk: Desk) -> None:
    """Post one payment that covers all that the agreement of the case asks for."""
    record = fold(desk.store.events(CASE))
    (item,) = record.in_force
    post_payment(
        desk,
        CASE,
        NamedAgreement(item.plan.number, item.plan.fingerprint),
        paid=Paid(NOW.date(), item.left),
        reference="R1",
        version=record.version,
        key=new_key(),
    )


def test_a_plan_that_waits_keeps_its_case(store: SqlStore) -> None:
    send(desk_at(store), agreement(case_id=CASE), version=1)

    assert expired_cases(at(store, years_later(40)), store).lines == ()
    with pytest.raises(TransitionRefused, match="plan_is_pending"):
        purge_case(at(store, years_later(40)), store, CASE, key=new_key())


def test_looking_at_a_case_does_not_keep_it(store: SqlStore) -> None:
    looking = at(store, years_later(3), COLLECTOR)
    reveal(looking, CASE, RevealReason.REQUEST, key=new_key())

    assert len(expired_cases(at(store, years_later(5.1)), store).lines) == 1


def test_a_case_that_is_kept_is_not_erased(store: SqlStore) -> None:
    desk = at(store, years_later(4.9))
    acts = (
        lambda: purge_case(desk, store, CASE, key=new_key()),
        lambda: require_purgeable(desk, store, CASE),
    )
    for act in acts:
        with pytest.raises(TransitionRefused, match="not_expired") as refused:
            act()
        assert refused.value.detail["until"] == "2031-11-20"

    assert len(store.events(CASE)) == 1


@pytest.mark.parametrize("person", [COLLECTOR, LEAD, AUDITOR], ids=lambda person: person.role.value)
def test_only_an_administrator_erases(store: SqlStore, person: Account) -> None:
    desk = at(store, years_later(6), person)

    with pytest.raises(TransitionRefused, match="role_may_not"):
        expired_cases(desk, store)
    with pytest.raises(TransitionRefused, match="role_may_not"):
        purge_case(desk, store, CASE, key=new_key())


def test_a_case_that_is_not_there_is_named(store: SqlStore) -> None:
    with pytest.raises(CaseNotFound, match="X-1"):
        require_purgeable(at(store, years_later(6)), store, CaseId("X-1"))


@pytest.fixture
def erased(store: SqlStore) -> SqlStore:
    """The same store with a plan that was kept, its case erased long after."""
    print_of_content = send(desk_at(store), agreement(case_id=CASE), version=1)
    approve(lead(store), CASE, fingerprint=print_of_content, version=2, key=new_key())
    _pay_everything(desk_at(store))
    purge_case(at(store, years_later(40)), store, CASE, key=new_key())
    return store


def test_the_record_says_that_a_case_was_erased_and_after_how_long(erased: SqlStore) -> None:
    fact = erased.events(CASE)[-1]

    assert fact.type is EventType.PURGED
    assert fact.actor == "tang.yi"
    assert fact.body["retention_years"] == 5
    assert fold(erased.events(CASE)).erased_at == fact.at


def test_every_list_shows_an_erased_case_without_a_name(erased: SqlStore) -> None:
    (row,) = queue_rows(desk_at(erased))

    assert row.masked_name == "erased"
    assert row.owed == canary_case().owed
    assert pending(lead(erased)) == ()
    assert find_cases(desk_at(erased), Lookup.NAME, NAME).lines == ()
    assert expired_cases(at(erased, years_later(50)), erased).lines == ()


def test_no_act_of_any_service_touches_an_erased_case(erased: SqlStore, tmp_path: Path) -> None:
    desk = desk_at(erased)
    acts = {
        "call": lambda: negotiate.begin(desk, CASE),
        "disclosure": lambda: disclosure_read(desk, CASE, "identity", new_key()),
        "outcome": lambda: close_call(desk, CASE, "promised", new_key()),
        "reveal": lambda: reveal(desk, CASE, RevealReason.IDENTITY, key=new_key()),
        "plan": lambda: send(desk, agreement("AG-2", case_id=CASE), version=4, key="again"),
        "decision": lambda: decline(
            lead(erased), CASE, fingerprint="x", version=4, reason="other", key=new_key()
        ),
        "export": lambda: export_agreement(
            desk,
            CASE,
            formats=("json",),
            languages=(),
            folder=tmp_path,
            writers={},
            files=None,  # type: ignore[arg-type]  # it never comes to files
            sealer=None,  # type: ignore[arg-type]  # nor to a checkpoint
            key=new_key(),
        ),
        "reopen": lambda: reopen(
            lead(erased), CASE, reason=ReopenReason.HEALTH, version=6, key=new_key()
        ),
        "payment": lambda: post_payment(
            desk,
            CASE,
            NamedAgreement("AG-1", "x"),
            paid=Paid(NOW.date(), canary_case().owed),
            reference="R2",
            version=6,
            key=new_key(),
        ),
        "purge": lambda: purge_case(at(erased, years_later(50)), erased, CASE, key=new_key()),
    }

    for name, act in acts.items():
        with pytest.raises(TransitionRefused) as refused:
            act()  # type: ignore[no-untyped-call]  # a table of acts
        assert refused.value.code == "case_erased", name
    assert len(erased.events(CASE)) == 6
