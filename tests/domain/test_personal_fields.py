"""The list of personal fields: nothing personal stands in any fact outside of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.domain.case import CaseId, Person
from plan_assistant.domain.events import Event, EventType, Json
from plan_assistant.domain.follow_up import BreachReason, Paid, Party, ReopenReason
from plan_assistant.domain.follow_up_acts import NamedAgreement, broken, signed
from plan_assistant.domain.formats.case_file import read_case, write_case
from plan_assistant.domain.formats.case_model import CaseFile
from plan_assistant.domain.personal import ERASED, Personal, RevealReason
from plan_assistant.domain.personal_fields import (
    AGREEMENT_FIELDS,
    CASE_FIELDS,
    PERSONAL_FIELDS,
    is_personal_path,
    opened_form,
    sealed_form,
    with_masks,
    with_personal,
)
from plan_assistant.domain.policy.pack import BreachTable
from plan_assistant.domain.record import fold, queue_row
from plan_assistant.samples import sample_names
from plan_assistant.services import decide, follow_up, negotiate
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from plan_assistant.services.reveal import reveal
from tests.adapters.agreement_example import agreement
from tests.canaries import ACCOUNT, CANARIES, NAME, NOTE, RECORDING, SENTENCE, canary_case
from tests.desks import approve, desk_at, lead, memory_store
from tests.domain.agreed_plans import Course
from tests.memory_store import MemoryStore
from tests.people import COLLECTOR, LEAD, NOW
from tests.recording import change_budget, close_call
from tests.ui.driver import sample_cases

_CODES = re.compile(r"[A-Za-z0-9_.:@+/ -]*")
"""Codes, dates, amounts, moments, hashes: what a closed list or a machine writes."""
_STAFF = {"maker", "display_name"}


def texts(value: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a body with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from texts(item, f"{path}[{number}]")
    elif isinstance(value, str):
        yield path, value


def outside(kind: EventType, body: Any) -> list[tuple[str, str]]:
    """Return what is left of the texts of a body once its personal fields are taken out."""
    emptied = with_personal(kind, body, lambda _path, _value: None)
    return list(texts(emptied))


def history() -> tuple[Event, ...]:
    """Return a case with a fact of every kind that a service writes, canaries in all of them."""
    store = memory_store()
    desk, case = desk_at(store), canary_case()
    open_case(desk, case, new_key())
    state = negotiate.begin(desk, case.case_id)
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    state = negotiate.mark_refused(desk, negotiate.mark_offered(desk, state), "too_much")
    richer = replace(case, budget=replace(case.budget, cash=case.currency.parse("2500.00")))
    change_budget(desk, richer, expected_version=len(store.events(case.case_id)), key=new_key())
    reveal(desk, case.case_id, RevealReason.OTHER, sentence=SENTENCE, key=new_key())
    for outcome in (
        EventType.CANCELLED,
        EventType.RETURNED,
        EventType.DECLINED,
        EventType.APPROVED,
    ):
        state = negotiate.begin(desk, case.case_id)
        for disclosure in state.disclosures_left:
            state = negotiate.tick_disclosure(desk, state, disclosure)
        agreement = negotiate.agreement_of(
            desk, state, lines_read=(SENTENCE,), recording=RECORDING, reason_code=None, note=NOTE
        )
        receipt = negotiate.record(desk, state, agreement, key=new_key())
        plan = fold(store.events(case.case_id)).pending
        assert plan is not None
        seen: dict[str, Any] = {
            "fingerprint": plan.fingerprint,
            "version": receipt.version,
            "key": new_key(),
            "sentence": SENTENCE,
        }
        if outcome is EventType.CANCELLED:
            decide.cancel(desk, case.case_id, **seen)
        elif outcome is EventType.APPROVED:
            approve(lead(store), case.case_id, **seen)
        else:
            act = decide.return_plan if outcome is EventType.RETURNED else decide.decline
            act(lead(store), case.case_id, reason="other", **seen)
    close_call(desk, case.case_id, "promised", new_key())
    _follow_up(store, case.case_id)
    return store.events(case.case_id)


def _follow_up(store: MemoryStore, case_id: CaseId) -> None:
    """Sign, pay a part and the rest, and open the case again."""
    desk, boss = (
        replace(desk_at(store, person), clock=DemoClock(NOW + timedelta(days=400)))
        for person in (COLLECTOR, LEAD)
    )

    def version() -> int:
        return len(store.events(case_id))

    (item,) = fold(store.events(case_id)).in_force
    named = NamedAgreement(item.plan.number, item.plan.fingerprint)
    first = item.agreed.missing((), date.max)[0]
    follow_up.sign(
        desk,
        case_id,
        named,
        day=NOW.date() + timedelta(days=1),
        parties=frozenset({Party.BORROWER, Party.LENDER}),
        file_sha256=None,
        version=version(),
        key=new_key(),
    )
    paid = Paid(first.due, item.agreed.currency.money(100))
    follow_up.post_payment(
        desk, case_id, named, paid=paid, reference=NAME, version=version(), key=new_key()
    )
    rest = Paid(first.due, item.left - paid.amount)
    follow_up.post_payment(
        desk, case_id, named, paid=rest, reference=ACCOUNT, version=version(), key=new_key()
    )
    follow_up.reopen(
        boss,
        case_id,
        reason=ReopenReason.OTHER,
        sentence=SENTENCE,
        version=version(),
        key=new_key(),
    )


HISTORY = history()


def test_the_sentence_about_a_broken_plan_is_personal() -> None:
    """A plan ends once: the history above kept it."""
    course = Course()
    both = frozenset({Party.BORROWER, Party.LENDER})
    day = NOW.date()
    course.add(
        signed(
            course.record,
            course.named,
            LEAD,
            day=day,
            today=day,
            parties=both,
            file_sha256=None,
        )
    )
    fact = broken(
        course.record,
        course.named,
        LEAD,
        reason=BreachReason.REFUSES,
        installment=None,
        notice_on=date(2026, 12, 19),
        breach=BreachTable(),
        today=date(2027, 1, 10),
        sentence=SENTENCE,
    )

    left = outside(fact.type, fact.body)

    assert [(path, text) for path, text in left if not _CODES.fullmatch(text)] == []


def test_every_kind_of_fact_has_its_list() -> None:
    assert set(PERSONAL_FIELDS) == set(EventType)


def test_the_history_holds_every_kind_that_is_written_in_a_call() -> None:
    written_elsewhere = {
        EventType.BORROWER_WAITS,
        EventType.CASE_ASSIGNED,
        EventType.EXPORTED,
        EventType.PURGED,
        EventType.BROKEN,
    }

    assert {event.type for event in HISTORY} == set(EventType) - written_elsewhere


@pytest.mark.parametrize("event", HISTORY, ids=lambda event: f"{event.version}-{event.type.value}")
def test_nothing_personal_stands_outside_the_list(event: Event) -> None:
    left = outside(event.type, event.body)

    assert not [(path, text) for path, text in left if any(c in text for c in CANARIES.values())]
    odd = [
        (path, text)
        for path, text in left
        if not _CODES.fullmatch(text) and path.rpartition(".")[2] not in _STAFF
    ]
    assert odd == []


@pytest.mark.parametrize("name", sample_names())
def test_no_sample_holds_anything_personal_outside_the_list(name: str) -> None:
    left = outside(EventType.CASE_OPENED, write_case(sample_cases()[name]))

    odd = [(path, text) for path, text in left if not _CODES.fullmatch(text)]
    assert odd == []


def test_agreements_of_the_first_form_are_covered_too() -> None:
    older = {**agreement(), "format": "plan-assistant/agreement@1"}

    odd = [
        (path, text)
        for path, text in outside(EventType.PLAN_RECORDED, older)
        if not _CODES.fullmatch(text) and path.rpartition(".")[2] not in _STAFF
    ]
    assert odd == []


def test_every_free_text_of_a_case_file_is_in_the_list() -> None:
    """A field that is added to the form has to be sealed, or named here."""
    schema = CaseFile.model_json_schema()
    free = {
        path
        for path, field in _leaves(schema, schema, "")
        if field.get("type") == "string"
        and not {"enum", "const", "pattern", "format"} & field.keys()
    }

    assert free <= set(CASE_FIELDS)
    # The tail of an account has a pattern of its own and is personal all the same.
    assert set(CASE_FIELDS) - free == {"debts[].account_tail"}


def _leaves(
    schema: dict[str, Any], field: dict[str, Any], path: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    if "$ref" in field:
        yield from _leaves(schema, schema["$defs"][field["$ref"].rpartition("/")[2]], path)
    for choice in [*field.get("anyOf", ()), *field.get("oneOf", ())]:
        yield from _leaves(schema, choice, path)
    for name, inner in field.get("properties", {}).items():
        yield from _leaves(schema, inner, f"{path}.{name}" if path else name)
    if "items" in field:
        yield from _leaves(schema, field["items"], f"{path}[]")
    if "type" in field and field["type"] not in {"object", "array"}:
        yield path, field


@pytest.mark.parametrize(
    ("kind", "fields"),
    [(EventType.CASE_OPENED, CASE_FIELDS), (EventType.PLAN_RECORDED, AGREEMENT_FIELDS)],
    ids=["a case", "an agreement"],
)
def test_every_field_of_the_list_is_met(kind: EventType, fields: tuple[str, ...]) -> None:
    """Otherwise a misspelt path would seal nothing."""
    case = canary_case()
    contact = {"on": "2026-11-01", "channel": "微信", "outcome": "reached"}
    bodies: dict[EventType, Any] = {
        EventType.CASE_OPENED: {
            **write_case(case),
            "contacts": [contact],
            "budget": {
                **write_case(case)["budget"],  # type: ignore[dict-item]  # an object
                "outgoings": [{"label": "房租"}],
            },
        },
        EventType.PLAN_RECORDED: next(
            event.body for event in HISTORY if event.type is EventType.PLAN_RECORDED
        ),
    }
    met: set[str] = set()

    def note(path: str, value: Json) -> Json:
        met.add(re.sub(r"\[\d+\]", "[]", path))
        return value

    assert with_personal(kind, bodies[kind], note) == bodies[kind]

    assert met == set(fields)


def test_missing_and_empty_fields_are_left_alone() -> None:
    body: dict[str, Json] = {"note": "", "borrower": {"name": None}, "debts": []}

    assert with_personal(EventType.CASE_OPENED, body, lambda *_: "x") == body


@pytest.mark.parametrize(
    ("body", "sealed"),
    [
        ({"borrower": "x"}, {"borrower": "x"}),
        ({"debts": {"account_tail": "1"}}, {"debts": {"account_tail": "debts.account_tail"}}),
        (
            {"hardships": [{"evidence": "x"}]},
            {"hardships": [{"evidence": "hardships[0].evidence"}]},
        ),
        ({"note": {"by": "x"}}, {"note": "note"}),
    ],
    ids=["text for an object", "object for a list", "text for a list", "object for a text"],
)
def test_a_body_of_another_shape_is_sealed_as_far_as_it_goes(
    body: dict[str, Json], sealed: dict[str, Json]
) -> None:
    assert with_personal(EventType.CASE_OPENED, body, lambda path, _value: path) == sealed


def test_the_stored_form_of_a_plan_says_what_was_agreed_in_plain_text() -> None:
    event = next(event for event in HISTORY if event.type is EventType.PLAN_RECORDED)

    stored = sealed_form(event.type, event.body, lambda path, _value: {"sealed": path})

    assert stored["fingerprint"] == next(
        later.body["fingerprint"]
        for later in HISTORY
        if later.version > event.version and later.type.is_decision
    )
    kept = dict(texts(dict(event.body)))
    opened = opened_form(
        event.type, stored, lambda path, value: kept[path] if isinstance(value, dict) else value
    )
    assert opened == event.body


# --- the type
def test_a_personal_text_shows_itself_masked_everywhere() -> None:
    person = Person.of("张伟", "110101199001011234", "13800008000", "江城市中山路1号")
    shown = f"{person} {person.name} {person.name!r} {[person.phone]} {person.address:>20} %s" % (
        person.id_number,
    )

    assert "张伟" not in shown
    assert "110101199001011234" not in shown
    assert "13800008000" not in shown
    assert "中山路" not in shown
    assert "张*" in shown


def test_a_case_and_its_record_represent_themselves_without_anything_personal() -> None:
    record = fold(HISTORY)
    shown = f"{record!r} {record.case!r} {queue_row(record)!r} {HISTORY!r} {COLLECTOR!r}"

    assert [name for name, text in CANARIES.items() if text in shown] == []


def test_masks_hide_who_a_case_file_is_about() -> None:
    masked = str(with_masks(EventType.CASE_OPENED, write_case(canary_case())))

    hidden = ("name", "ID number", "phone", "address", "note")
    assert [name for name in hidden if CANARIES[name] in masked] == []


def test_an_erased_case_can_still_be_read() -> None:
    erased = with_personal(
        EventType.CASE_OPENED, write_case(canary_case()), lambda _path, _value: ERASED
    )

    case = read_case(erased, "erased")

    assert case.borrower.name.is_erased
    assert case.borrower.name.masked == ERASED
    assert case.owed == canary_case().owed


def test_equal_texts_are_equal_and_hash_alike() -> None:
    assert Personal.name("张伟") == Personal("张伟")
    assert hash(Personal.name("张伟")) == hash(Personal("张伟"))
    assert Personal("张伟") != "张伟"


@pytest.mark.parametrize(
    ("path", "is_personal"),
    [
        ("borrower.name", True),
        ("borrower", True),
        ("borrower.name.x", True),
        ("debts[12].account_tail", True),
        ("hardships[0].evidence[3]", True),
        ("debts[0].product", False),
        ("notes", False),
        ("as_of", False),
    ],
)
def test_paths_of_problems_are_known_to_be_personal(path: str, is_personal: bool) -> None:
    assert is_personal_path(path) is is_personal
