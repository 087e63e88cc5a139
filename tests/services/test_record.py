"""Recording: what was accepted is kept as it is, once, and only on the case that was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests import builders
from tests.agreed_rows import set_cell
from tests.desks import CASE, agreement, approve, desk_at, lead, send, waiting
from tests.people import ADMINISTRATOR, AUDITOR, COLLEAGUE, COLLECTOR, NOW
from tests.recording import (
    change_budget,
    close_call,
    disclosure_read,
    note_offer_refused,
    note_offer_spoken,
    record_plan,
)

from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.errors import InputRefused, KeyReused, StaleCase, TransitionRefused
from plan_assistant.domain.events import Account, Event, EventType, NewEvent, Receipt, RequestKey
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.record import CaseRecord, Status, fold
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule, ScheduleDefect
from plan_assistant.domain.schedule.terms import Terms
from plan_assistant.ports import Store
from plan_assistant.services.decide import cancel
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import import_case, import_cases, open_case

KEY = RequestKey("the key")


@pytest.fixture
def opened_store(store: Store) -> Store:
    """A store with the usual case at version 1."""
    open_case(desk_at(store), builders.case(), RequestKey("open"))
    return store


def state_of(store: Store) -> CaseRecord:
    return fold(store.events(CASE))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(TransitionRefused) as refused:
        act()
    return refused.value.code


def corrected(income: str = "9000.00") -> Case:
    return builders.case(of_budget=builders.budget((builders.income(income),)))


def numbered(case_id: str, *, as_of: date = builders.TODAY) -> Case:
    return replace(builders.case(as_of=as_of), case_id=CaseId(case_id))


# --- opening
def test_an_opened_case_is_read_back_equal(opened_store: Store) -> None:
    record = state_of(opened_store)

    assert record.case == builders.case()
    assert (record.status, record.version) == (Status.OPEN, 1)


def test_the_same_case_imported_twice_is_one_case(opened_store: Store) -> None:
    receipt = open_case(desk_at(opened_store), builders.case(), RequestKey("open"))

    assert receipt.is_repeat
    assert opened_store.case_ids() == (CASE,)


def test_a_case_of_the_same_id_is_refused(opened_store: Store) -> None:
    assert refusal(lambda: open_case(desk_at(opened_store), corrected(), KEY)) == "case_exists"


def test_an_import_is_repeated_by_the_same_person_with_the_same_content_only(store: Store) -> None:
    import_case(desk_at(store), builders.case())

    assert import_case(desk_at(store), builders.case()).is_repeat
    assert refusal(lambda: import_case(desk_at(store), corrected())) == "case_exists"
    colleague = desk_at(store, COLLEAGUE)
    assert refusal(lambda: import_case(colleague, builders.case())) == "case_exists"
    assert state_of(store).version == 1


@pytest.mark.parametrize(
    "refused",
    [corrected(), numbered("T-3", as_of=NOW.date() + timedelta(days=1))],
    ids=["one that is there and says otherwise", "one of a day to come"],
)
def test_of_several_cases_all_are_imported_or_none(store: Store, refused: Case) -> None:
    import_case(desk_at(store), builders.case())
    others = [numbered("T-2"), refused, numbered("T-4")]

    with pytest.raises((TransitionRefused, InputRefused)):
        import_cases(desk_at(store), others)

    assert store.case_ids() == (CASE,)
    receipts = import_cases(desk_at(store), [builders.case(), *others[::2]])
    assert [receipt.is_repeat for receipt in receipts] == [True, False, False]
    assert set(store.case_ids()) == {CASE, "T-2", "T-4"}


def test_an_auditor_opens_nothing(store: Store) -> None:
    desk = desk_at(store, AUDITOR)

    assert refusal(lambda: open_case(desk, builders.case(), KEY)) == "role_may_not"
    assert store.case_ids() == ()


# --- recording a plan
def test_a_plan_is_recorded_as_it_is_and_waits(opened_store: Store) -> None:
    sent = agreement()

    receipt = record_plan(desk_at(opened_store), sent, expected_version=1, key=KEY, price=price)

    record = state_of(opened_store)
    assert receipt.version == 2
    assert record.status is Status.PENDING
    assert record.pending is not None
    assert record.pending.agreement == sent
    assert record.pending.maker == COLLECTOR.name


def test_a_retry_gets_the_first_receipt(opened_store: Store) -> None:
    desk = desk_at(opened_store)
    first = record_plan(desk, agreement(), expected_version=1, key=KEY, price=price)

    second = record_plan(desk, agreement(), expected_version=1, key=KEY, price=price)

    assert second == replace(first, is_repeat=True)
    assert state_of(opened_store).version == 2


def test_a_retry_gets_the_first_receipt_even_after_the_decision(opened_store: Store) -> None:
    desk = desk_at(opened_store)
    first = record_plan(desk, agreement(), expected_version=1, key=KEY, price=price)
    waiting_plan = state_of(opened_store).pending
    assert waiting_plan is not None
    approve(
        lead(opened_store),
        CASE,
        fingerprint=waiting_plan.fingerprint,
        version=2,
        key=RequestKey("yes"),
    )

    second = record_plan(desk, agreement(), expected_version=1, key=KEY, price=price)

    assert second == replace(first, is_repeat=True)


def test_the_same_key_for_another_plan_is_refused(opened_store: Store) -> None:
    desk = desk_at(opened_store)
    record_plan(desk, agreement(), expected_version=1, key=KEY, price=price)

    with pytest.raises(KeyReused):
        record_plan(desk, agreement("AG-2"), expected_version=1, key=KEY, price=price)


def test_a_figure_that_does_not_follow_from_the_terms_is_named(opened_store: Store) -> None:
    sent = agreement()
    set_cell(sent, 3, "interest", "0.01")

    with pytest.raises(InputRefused) as refused:
        record_plan(desk_at(opened_store), sent, expected_version=1, key=KEY, price=price)

    assert [problem.path for problem in refused.value.problems] == ["plan.rows[3].interest"]
    assert state_of(opened_store).version == 1


def test_a_schedule_that_breaks_an_invariant_is_never_recorded(opened_store: Store) -> None:
    def one_cent_short(terms: Terms) -> Schedule:
        schedule = price(terms)
        *others, last = schedule.columns.payment
        columns = schedule.columns._replace(payment=(*others, last - 1))
        return replace(schedule, columns=columns)

    with pytest.raises(ScheduleDefect, match="does not add up"):
        record_plan(
            desk_at(opened_store), agreement(), expected_version=1, key=KEY, price=one_cent_short
        )

    assert state_of(opened_store).version == 1


def _blocked() -> dict[str, Any]:
    sent = agreement()
    sent["findings"].append({**sent["findings"][0], "rule": "CN-X", "effect": "block"})
    return sent


@pytest.mark.parametrize(
    ("sent", "by", "code"),
    [
        (_blocked(), COLLECTOR, "plan_is_blocked"),
        (agreement(), COLLEAGUE, "maker_differs"),
        (agreement(maker=AUDITOR.name), AUDITOR, "role_may_not"),
        (agreement(maker=ADMINISTRATOR.name), ADMINISTRATOR, "role_may_not"),
    ],
    ids=["a rule forbids it", "somebody else made it", "an auditor", "an administrator"],
)
def test_a_plan_is_not_recorded_when(
    opened_store: Store, sent: dict[str, Any], by: Account, code: str
) -> None:
    desk = desk_at(opened_store, by)

    said = refusal(lambda: record_plan(desk, sent, expected_version=1, key=KEY, price=price))

    assert said == code
    assert state_of(opened_store).version == 1


def test_a_second_plan_waits_until_the_first_is_decided(store: Store) -> None:
    waiting(store)

    said = refusal(lambda: send(desk_at(store), agreement("AG-2"), version=2, key="second"))

    assert said == "plan_is_pending"


def test_a_second_plan_prepared_before_the_first_was_sent_is_refused_too(store: Store) -> None:
    waiting(store)

    said = refusal(lambda: send(desk_at(store), agreement("AG-2"), version=1, key="second"))

    assert said == "plan_is_pending"


def test_an_approved_case_takes_no_other_plan(store: Store) -> None:
    fingerprint = waiting(store)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=KEY)

    said = refusal(lambda: send(desk_at(store), agreement("AG-2"), version=3, key="second"))

    assert said == "already_approved"


def test_after_taking_a_plan_back_another_may_be_sent(store: Store) -> None:
    fingerprint = waiting(store)
    cancel(desk_at(store), CASE, fingerprint=fingerprint, version=2, key=KEY)

    send(desk_at(store), agreement("AG-2"), version=3, key="second")

    record = state_of(store)
    assert record.pending is not None
    assert record.pending.number == "AG-2"
    assert [event.type for event in store.events(CASE)].count(EventType.PLAN_RECORDED) == 2


# --- what makes an act stale
def test_a_case_changed_by_others_makes_the_plan_stale(opened_store: Store) -> None:
    change_budget(
        desk_at(opened_store, COLLEAGUE), corrected(), expected_version=1, key=RequestKey("budget")
    )

    with pytest.raises(StaleCase) as stale:
        send(desk_at(opened_store), agreement(), version=1)

    assert stale.value.detail["what"] == "budget_changed"
    assert stale.value.detail["by"] == COLLEAGUE.name
    assert state_of(opened_store).status is Status.OPEN


def test_what_was_said_in_the_call_does_not_make_the_plan_stale(opened_store: Store) -> None:
    desk = desk_at(opened_store)
    disclosure_read(desk, CASE, "identity", RequestKey("d"))
    note_offer_spoken(
        desk, CASE, debt_id="D1", plan={"payment": "1.00"}, shown=None, key=RequestKey("o")
    )

    send(desk, agreement(), version=1)

    assert state_of(opened_store).version == 4


def test_a_version_that_never_was_is_stale(opened_store: Store) -> None:
    with pytest.raises(StaleCase):
        send(desk_at(opened_store), agreement(), version=9)


# --- the budget
def test_a_budget_corrected_in_the_call_is_recorded_with_the_plan(opened_store: Store) -> None:
    record_plan(
        desk_at(opened_store),
        agreement(),
        expected_version=1,
        key=KEY,
        price=price,
        case=corrected(),
    )

    assert [event.type for event in opened_store.events(CASE)][1:] == [
        EventType.BUDGET_CHANGED,
        EventType.PLAN_RECORDED,
    ]
    assert state_of(opened_store).case == corrected()


def test_a_budget_that_was_not_corrected_adds_nothing(opened_store: Store) -> None:
    record_plan(
        desk_at(opened_store),
        agreement(),
        expected_version=1,
        key=KEY,
        price=price,
        case=builders.case(),
    )

    assert state_of(opened_store).version == 2


def test_nothing_but_the_budget_may_be_corrected(opened_store: Store) -> None:
    other = replace(builders.case(), promises_broken=0)
    desk = desk_at(opened_store)

    said = refusal(lambda: change_budget(desk, other, expected_version=1, key=KEY))

    assert said == "only_budget_may_change"


def test_the_budget_stays_while_a_plan_waits(store: Store) -> None:
    waiting(store)
    desk = desk_at(store)

    said = refusal(lambda: change_budget(desk, corrected(), expected_version=2, key=KEY))

    assert said == "plan_is_pending"


# --- the trail
def _everything(store: Store, by: Account) -> list[Callable[[], Receipt]]:
    desk = desk_at(store, by)
    plan = {"family": "equal_installment", "payment": "2308.99"}
    return [
        lambda: note_offer_spoken(
            desk, CASE, debt_id="D1", plan=plan, shown={"engine": "x"}, key=RequestKey("2")
        ),
        lambda: note_offer_refused(
            desk, CASE, debt_id="D1", plan=plan, objection="too_much", key=RequestKey("3")
        ),
        lambda: disclosure_read(desk, CASE, "recorded", RequestKey("4")),
        lambda: close_call(desk, CASE, "call_back", RequestKey("5")),
    ]


def test_what_happens_in_a_call_stands_in_the_trail(opened_store: Store) -> None:
    for act in _everything(opened_store, COLLECTOR):
        act()

    record = state_of(opened_store)
    assert [(line.type.value, line.actor) for line in record.trail][1:] == [
        ("offers_shown", "wu.hao"),
        ("offer_spoken", "wu.hao"),
        ("offer_refused", "wu.hao"),
        ("disclosure_read", "wu.hao"),
        ("call_closed", "wu.hao"),
    ]
    assert record.trail[3].facts["answer"] == "too_much"
    assert record.disclosures_read == {"recorded"}
    assert (record.status, record.last_outcome) == (Status.CLOSED, "call_back")


def test_repeating_a_note_records_it_once(opened_store: Store) -> None:
    for act in _everything(opened_store, COLLECTOR):
        first = act()
        assert act() == replace(first, is_repeat=True)

    assert state_of(opened_store).version == 6


@pytest.mark.parametrize("person", [AUDITOR, ADMINISTRATOR], ids=lambda person: person.role.value)
def test_who_does_not_call_notes_nothing(opened_store: Store, person: Account) -> None:
    for act in _everything(opened_store, person):
        assert refusal(act) == "role_may_not"

    assert state_of(opened_store).version == 1


class Interrupted:
    """A store on which a colleague is always a moment faster, the first few times."""

    def __init__(self, store: Store, *, times: int, fact: NewEvent) -> None:
        self._store, self._left, self._fact = store, times, fact

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def events(self, case_id: Any) -> tuple[Event, ...]:
        return self._store.events(case_id)

    def append(self, case_id: Any, events: Any, **given: Any) -> Receipt:
        if self._left:
            self._left -= 1
            self._store.append(
                case_id,
                [self._fact],
                actor=COLLEAGUE,
                at=NOW,
                expected_version=len(self._store.events(case_id)),
                key=new_key(),
            )
        return self._store.append(case_id, events, **given)


def _interrupted(store: Store, times: int, fact: NewEvent) -> Store:
    made: Any = Interrupted(store, times=times, fact=fact)
    return made  # type: ignore[no-any-return]  # has everything a store has


_SPOKEN = NewEvent(EventType.OFFER_SPOKEN, {"plan": {}, "debt_id": "D1", "answer": None})


def test_lines_of_others_in_between_do_not_stop_a_note_or_a_plan(opened_store: Store) -> None:
    disclosure_read(
        desk_at(_interrupted(opened_store, 3, _SPOKEN)), CASE, "identity", RequestKey("d")
    )
    send(desk_at(_interrupted(opened_store, 2, _SPOKEN)), agreement(), version=1)

    assert [event.type for event in opened_store.events(CASE)] == [
        EventType.CASE_OPENED,
        *[EventType.OFFER_SPOKEN] * 3,
        EventType.DISCLOSURE_READ,
        *[EventType.OFFER_SPOKEN] * 2,
        EventType.PLAN_RECORDED,
    ]


def test_a_case_that_never_comes_to_rest_is_given_up_with_a_sentence(opened_store: Store) -> None:
    with pytest.raises(StaleCase, match="moved on"):
        disclosure_read(
            desk_at(_interrupted(opened_store, 100, _SPOKEN)), CASE, "identity", RequestKey("d")
        )


def test_a_change_in_the_last_moment_makes_the_plan_stale(opened_store: Store) -> None:
    busy = _interrupted(
        opened_store, 1, NewEvent(EventType.BUDGET_CHANGED, write_case(corrected()))
    )

    with pytest.raises(StaleCase) as stale:
        send(desk_at(busy), agreement(), version=1)

    assert stale.value.detail["what"] == "budget_changed"
    assert state_of(opened_store).status is Status.OPEN
