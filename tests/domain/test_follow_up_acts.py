"""What an approved agreement allows, and every refusal by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from plan_assistant.domain.approved_plan import PlanState
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.events import Account, EventType, NewEvent
from plan_assistant.domain.follow_up import BreachReason, Paid, Party, ReopenReason
from plan_assistant.domain.follow_up_acts import (
    NamedAgreement,
    broken,
    kept,
    payment_posted,
    reopened,
    signed,
)
from plan_assistant.domain.money import Currency
from plan_assistant.domain.policy.pack import BreachTable
from plan_assistant.domain.record import Status
from plan_assistant.domain.transitions import require_expired, require_free
from plan_assistant.wording.problems import transition_sentence
from tests.builders import yuan
from tests.desks import agreement
from tests.domain.agreed_plans import TODAY, Course, paid, terms_of
from tests.packs import every_pack
from tests.people import (
    ADMINISTRATOR,
    AGENT,
    AUDITOR,
    COLLECTOR,
    LEAD,
    NOW,
    OTHER_LEAD,
    REVIEWER,
    decided,
)

# The first installment of 2,558.43 is due on 15 December 2026, the second on 15 January 2027.
FIRST = date(2026, 12, 15)
BOTH = frozenset({Party.BORROWER, Party.LENDER})
CURE = BreachTable(tolerance_days=3, cure_days=10)
NOTICE = FIRST + timedelta(days=4)
CURED_BY = NOTICE + timedelta(days=10)
LAST = date(2028, 9, 15)
LATER = date(2029, 1, 1)


def refusal(act: Callable[[], object]) -> TransitionRefused:
    with pytest.raises(TransitionRefused) as refused:
        act()
    for language in ("en", "zh"):
        sentence = transition_sentence(refused.value, language)
        assert refused.value.code not in sentence
        assert sentence.endswith(("。", "."))
    return refused.value


def sign(course: Course, by: Account = COLLECTOR, **more: Any) -> NewEvent:
    given: dict[str, Any] = {"day": TODAY, "today": TODAY, "parties": BOTH, "file_sha256": None}
    return signed(course.record, course.named, by, **{**given, **more})


def post(
    course: Course,
    payment: Paid | None = None,
    by: Account = COLLECTOR,
    *,
    reference: str = "R1",
    today: date = LATER,
) -> list[NewEvent]:
    payment = payment or paid(FIRST, "2558.43")
    return payment_posted(
        course.record,
        course.named,
        by,
        paid=payment,
        reference=reference,
        today=today,
        read_terms=terms_of,
    )


def note_kept(course: Course, by: Account = COLLECTOR) -> NewEvent:
    return kept(course.record, course.named, by, today=FIRST, read_terms=terms_of)


def signed_course(**given: Any) -> Course:
    """Return a case whose agreement is in force and signed."""
    course = Course(**given)
    course.add(sign(course))
    return course


def break_off(course: Course, by: Account = LEAD, **more: Any) -> NewEvent:
    given: dict[str, Any] = {
        "reason": BreachReason.STOPPED_PAYING,
        "installment": None,
        "notice_on": NOTICE,
        "breach": CURE,
        "today": CURED_BY + timedelta(days=1),
        "sentence": "",
    }
    return broken(course.record, course.named, by, **{**given, **more})


def guaranteed() -> dict[str, Any]:
    sent = agreement()
    sent["parties"]["has_guarantor"] = True
    return sent


# --- signing
def test_an_agreement_is_signed_once_by_everybody_it_names() -> None:
    course = Course()

    course.add(sign(course, file_sha256="ab" * 32))

    (item,) = course.record.agreements
    assert item.state is PlanState.SIGNED
    assert item.signature is not None
    assert item.signature.parties == (Party.BORROWER, Party.LENDER)
    assert item.signature.file_sha256 == "ab" * 32
    again = refusal(lambda: sign(course))
    assert (again.code, again.detail["by"]) == ("already_signed", COLLECTOR.name)


def test_a_guarantor_signs_where_the_agreement_names_one() -> None:
    course = Course(guaranteed())

    missing = refusal(lambda: sign(course))
    course.add(sign(course, parties=frozenset(Party)))

    assert (missing.code, missing.detail["unsigned"]) == ("signature_missing", "guarantor")
    assert course.record.agreements[0].state is PlanState.SIGNED


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"day": TODAY - timedelta(days=1)}, "signed_before_approval"),
        ({"day": TODAY + timedelta(days=1)}, "day_to_come"),
        ({"parties": frozenset({Party.LENDER})}, "signature_missing"),
        ({"parties": frozenset(Party)}, "no_guarantor"),
        ({"by": AUDITOR}, "role_may_not"),
        ({"by": AGENT}, "not_assigned"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_signature_that_cannot_be_is_refused(more: dict[str, Any], code: str) -> None:
    assert refusal(lambda: sign(Course(), **more)).code == code


def test_an_agency_collector_signs_an_assigned_case_and_posts_nothing() -> None:
    course = Course()
    course.add(NewEvent(EventType.CASE_ASSIGNED, {"agent": AGENT.name}), by=LEAD)

    course.add(sign(course, by=AGENT), by=AGENT)

    assert course.record.agreements[0].state is PlanState.SIGNED
    assert refusal(lambda: post(course, by=AGENT)).code == "role_may_not"


# --- which agreement
def _waiting() -> Course:
    course = Course()
    course.add(NewEvent(EventType.PLAN_RECORDED, agreement("AG-2")))
    course.named = NamedAgreement("AG-2", "x")
    return course


def _unknown() -> Course:
    course = Course()
    course.named = NamedAgreement("AG-9", "x")
    return course


def _other_content() -> Course:
    course = Course()
    course.named = NamedAgreement("AG-1", "0" * 64)
    return course


def _ended() -> Course:
    course = signed_course()
    course.add(break_off(course), by=LEAD)
    return course


@pytest.mark.parametrize(
    ("course", "code"),
    [
        (_waiting, "plan_not_approved"),
        (_unknown, "no_such_agreement"),
        (_other_content, "other_agreement"),
        (_ended, "agreement_over"),
    ],
    ids=["it waits", "no such number", "another content", "it has ended"],
)
@pytest.mark.parametrize("act", [sign, post, break_off], ids=["signed", "posted", "broken"])
def test_nothing_is_recorded_under_what_is_not_in_force(
    course: Callable[[], Course], code: str, act: Callable[[Course], object]
) -> None:
    assert refusal(lambda: act(course())).code == code


# --- payments
def test_a_posted_payment_says_where_it_went() -> None:
    """The order of this card is principal, interest, then the old charges that the plan carries."""
    course = Course()

    course.add(*post(course, paid(FIRST, "2000.00")))

    (item,) = course.record.agreements
    # 1,848.20 of principal, and 151.80 of the 562.50 of interest.
    assert item.payments[0].split == {
        "installments": [
            {"number": 1, "components": {"interest": "151.80", "principal": "1848.20"}}
        ],
        "ahead": "0.00",
    }
    standing = item.standing(FIRST + timedelta(days=9))
    assert (standing.overdue, standing.days_past_due) == (yuan("558.43"), 9)


@pytest.mark.parametrize(
    ("payment", "code"),
    [
        (paid(TODAY - timedelta(days=1), "1.00"), "payment_before_start"),
        (paid(LATER + timedelta(days=1), "1.00"), "day_to_come"),
        (paid(FIRST, "0.00"), "payment_of_nothing"),
        (paid(FIRST, "-1.00"), "payment_of_nothing"),
        (Paid(FIRST, Currency.of("USD").parse("1.00")), "payment_currency"),
        (paid(FIRST, "56285.35"), "payment_beyond_plan"),
    ],
    ids=["before the start", "to come", "zero", "negative", "other currency", "too much"],
)
def test_a_payment_that_cannot_be_is_refused(payment: Paid, code: str) -> None:
    assert refusal(lambda: post(Course(), payment)).code == code


def test_a_reference_is_posted_once_however_it_is_written() -> None:
    course = Course()
    course.add(*post(course, reference=" Bank 77/a "))

    again = refusal(lambda: post(course, paid(FIRST, "1.00"), reference="bank  77/A"))
    without = refusal(lambda: post(course, reference="  "))
    too_long = refusal(lambda: post(course, reference="9" * 81))

    assert (again.code, again.detail["number"]) == ("payment_known", "AG-1")
    # Another amount under the same reference: what was posted is told, to compare with.
    assert again.detail["amount"] == "2558.43"
    assert without.code == "reference_missing"
    assert (too_long.code, too_long.detail["length"]) == ("reference_too_long", "81")


@pytest.mark.parametrize(
    "typed",
    [
        "20261120 0077",
        "２０２６１１２０　００７７",
        "202611200077",
        "20261120-0077",
        "20261120－0077",
        "20261120—0077",
        "20261120\N{MINUS SIGN}0077",
        "20261120\N{BOX DRAWINGS LIGHT HORIZONTAL}0077",
        "20261120\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}0077",
        "20261120 00\N{NO-BREAK SPACE}77-",
    ],
    ids=ascii,
)
def test_one_transfer_is_known_by_its_reference_in_every_way_of_typing_it(typed: str) -> None:
    course = Course()
    course.add(*post(course, paid(FIRST, "100.00"), reference="20261120-0077"))

    assert refusal(lambda: post(course, reference=typed)).code == "payment_known"
    assert course.record.agreements[0].payments[0].reference == "20261120-0077"


def test_references_that_differ_in_a_letter_or_another_sign_are_two_transfers() -> None:
    course = Course()
    course.add(*post(course, paid(FIRST, "1.00"), reference="2026/77"))

    for reference in ("2026/77a", "202/677", "2026.77"):
        course.add(*post(course, paid(FIRST, "1.00"), reference=reference))

    assert len(course.record.agreements[0].payments) == 4


def test_a_reference_of_nothing_but_dashes_names_no_transfer() -> None:
    assert refusal(lambda: post(Course(), reference="- — －")).code == "reference_missing"


@pytest.mark.parametrize(
    "person", [AUDITOR, REVIEWER, ADMINISTRATOR], ids=lambda person: person.role.value
)
def test_who_only_reads_records_nothing_under_an_agreement(person: Account) -> None:
    course = Course()
    acts: list[Callable[[], object]] = [
        lambda: sign(course, by=person),
        lambda: post(course, by=person),
        lambda: note_kept(course, person),
        lambda: break_off(course, by=person),
        lambda: reopened(course.record, person, reason=ReopenReason.HEALTH, sentence=""),
    ]

    assert {refusal(act).code for act in acts} == {"role_may_not"}


# --- the end
def test_the_payment_that_covers_the_last_row_keeps_the_plan() -> None:
    course = Course()
    course.add(*post(course, paid(FIRST, "40000.00")))

    facts = post(course, paid(LAST, "16285.34"), reference="R2")
    course.add(*facts)

    assert [fact.type for fact in facts] == [EventType.PAYMENT_POSTED, EventType.KEPT]
    assert facts[-1].body.keys() == {"number", "fingerprint", "day"}
    assert facts[-1].body["day"] == "2028-09-15"
    assert course.record.status is Status.KEPT
    assert course.record.in_force == ()


def test_a_plan_is_kept_by_itself_only_when_all_is_paid() -> None:
    course = Course()
    left = refusal(lambda: note_kept(course))
    (payment, _kept) = post(course, paid(LAST, "56285.34"))
    course.add(payment)

    course.add(note_kept(course))

    assert (left.code, left.detail["left"]) == ("not_all_paid", "56285.34")
    assert left.detail["payoff"] == "48812.50"  # 45,000.00 + 562.50 + 3,250.00
    assert course.record.agreements[0].state is PlanState.KEPT


# On 25 December, the first installment of 2,558.43 paid: 43,151.80 of principal, ten days' interest
# on it at 18 % a year of 360 days, 215.76, and the 3,102.27 of old charges that are not due yet.
CHRISTMAS = date(2026, 12, 25)
IN_FULL = "46469.83"
SAVED = "7257.08"  # 56,285.34 - 2,558.43 - 46,469.83


def test_repaying_everything_early_ends_the_plan_with_interest_up_to_that_day() -> None:
    course = Course()
    course.add(*post(course))

    facts = post(course, paid(CHRISTMAS, IN_FULL), reference="R2")
    course.add(*facts)

    (item,) = course.record.agreements
    assert facts[-1].body["early"] == {"saved": SAVED, "overpaid": "0.00"}
    assert item.state is PlanState.KEPT
    standing = item.standing(LATER)
    assert (standing.owed, standing.overdue, standing.days_past_due) == (
        yuan("0.00"),
        yuan("0.00"),
        0,
    )
    assert standing.next_unpaid is None
    assert not any(item.components(LATER).values())
    assert item.standing(FIRST).owed == yuan("53726.91")


def test_a_cent_less_than_all_that_is_owed_leaves_the_plan_in_force() -> None:
    course = Course()
    course.add(*post(course))

    (payment,) = post(course, paid(CHRISTMAS, "46469.82"), reference="R2")
    course.add(payment)
    (_payment, end) = post(course, paid(CHRISTMAS, "0.01"), reference="R3")

    assert end.body["early"] == {"saved": SAVED, "overpaid": "0.00"}


@pytest.mark.parametrize(
    ("amount", "overpaid"), [("46470.00", "0.17"), ("53726.91", SAVED)], ids=["round", "all rows"]
)
def test_what_came_in_beyond_an_early_repayment_is_named_to_be_given_back(
    amount: str, overpaid: str
) -> None:
    course = Course()
    course.add(*post(course))

    (_payment, end) = post(course, paid(CHRISTMAS, amount), reference="R2")

    assert end.body["early"] == {"saved": SAVED, "overpaid": overpaid}


def test_what_is_overdue_belongs_to_an_early_repayment() -> None:
    """The first installment was missed: its interest and principal are owed as well."""
    course = Course()

    (_payment, end) = post(course, paid(CHRISTMAS, "49028.26"))  # 46,469.83 + 2,558.43

    assert end.body["early"] == {"saved": SAVED, "overpaid": "0.00"}


def test_an_early_repayment_that_ended_a_plan_is_recorded_where_posting_did_not() -> None:
    course = Course()
    course.add(post(course, paid(CHRISTMAS, "49028.26"))[0])

    assert note_kept(course).body["early"] == {"saved": SAVED, "overpaid": "0.00"}


def test_a_lead_declares_a_plan_broken_after_the_days_of_its_notice() -> None:
    course = signed_course()
    course.add(*post(course, paid(FIRST, "2000.00")))

    fact = break_off(course, sentence=" 多次联系未果。 ")
    course.add(fact, by=LEAD)

    assert {**fact.body, "fingerprint": ""} == {
        "number": "AG-1",
        "fingerprint": "",
        "reason": "stopped_paying",
        "installment": 1,
        "due": "2026-12-15",
        "missing": "558.43",
        "days_past_due": 15,
        "notice_on": "2026-12-19",
        "cure_until": "2026-12-29",
        "tolerance_days": 3,
        "cure_days": 10,
        "sentence": "多次联系未果。",
    }
    assert course.record.status is Status.BROKEN
    assert course.record.approved is not None


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"today": FIRST + timedelta(days=3)}, "nothing_past_due"),
        ({"today": TODAY}, "nothing_past_due"),
        ({"installment": 2}, "no_such_missed"),
        ({"notice_on": NOTICE - timedelta(days=1)}, "notice_too_early"),
        ({"notice_on": LATER}, "day_to_come"),
        ({"today": CURED_BY}, "cure_runs"),
        ({"by": COLLECTOR}, "role_may_not"),
    ],
    ids=[
        "within the tolerance",
        "nothing due yet",
        "an installment to come",
        "notice within the tolerance",
        "notice to come",
        "last day to make up",
        "a collector",
    ],
)
def test_a_plan_is_not_broken_before_its_time(more: dict[str, Any], code: str) -> None:
    assert refusal(lambda: break_off(signed_course(), **more)).code == code


def test_a_missed_amount_that_was_made_up_breaks_nothing() -> None:
    course = signed_course()
    course.add(*post(course, paid(CURED_BY, "2558.43")))

    assert refusal(lambda: break_off(course)).code == "nothing_past_due"


def test_the_maker_of_an_agreement_does_not_declare_it_broken() -> None:
    course = signed_course(maker=OTHER_LEAD)

    refused = refusal(lambda: break_off(course, by=OTHER_LEAD))

    assert (refused.code, refused.detail["maker"]) == ("maker_may_not_declare", OTHER_LEAD.name)
    assert break_off(course, by=LEAD).type is EventType.BROKEN


def test_a_plan_that_nobody_signed_is_not_in_effect_and_breaks_by_nothing() -> None:
    course = Course()

    refused = refusal(lambda: break_off(course))

    assert (refused.code, refused.detail["number"]) == ("not_signed", "AG-1")
    course.add(sign(course))
    assert break_off(course).type is EventType.BROKEN


def test_the_days_of_the_packs_are_those_that_agreements_print() -> None:
    from plan_assistant.adapters.documents.library import library  # noqa: PLC0415

    printed = library().figures
    for pack in every_pack():
        assert pack.breach == BreachTable(
            tolerance_days=printed.tolerance_days, cure_days=printed.cure_days
        )


# --- a new beginning
def reopen(course: Course, by: Account = LEAD) -> NewEvent:
    return reopened(course.record, by, reason=ReopenReason.INCOME_CHANGED, sentence="")


def test_a_new_plan_waits_until_a_lead_has_reopened_the_case() -> None:
    course = _ended()
    debt = course.record.agreements[0].debt_id
    before = refusal(lambda: require_free(course.record, COLLECTOR, debt))

    course.add(reopen(course), by=LEAD)

    assert (before.code, before.detail["number"]) == ("plan_has_ended", "AG-1")
    assert course.record.status is Status.OPEN
    require_free(course.record, COLLECTOR, debt)
    assert refusal(lambda: reopen(course)).code == "nothing_to_reopen"


def _kept_course() -> Course:
    course = Course()
    course.add(*post(course, paid(FIRST, "40000.00")))
    course.add(*post(course, paid(LAST, "16285.34"), reference="R2"))
    return course


def _broken_course() -> Course:
    course = signed_course()
    course.add(*post(course, paid(FIRST, "2000.00")))
    course.add(break_off(course), by=LEAD)
    return course


@pytest.mark.parametrize(
    ("course", "sum_paid"),
    [(_kept_course, "56285.34"), (_broken_course, "2000.00")],
    ids=["kept", "broken"],
)
@pytest.mark.parametrize(
    "reason",
    [reason for reason in ReopenReason if reason is not ReopenReason.NEVER_SIGNED],
    ids=lambda reason: reason.value,
)
def test_a_debt_that_was_paid_under_an_agreement_gets_no_other_in_the_case(
    course: Callable[[], Course], sum_paid: str, reason: ReopenReason
) -> None:
    """The figures of the case are those of its file: what was paid would be asked for again."""
    case = course()
    debt = case.record.agreements[0].debt_id
    before = refusal(lambda: require_free(case.record, COLLECTOR, debt))
    case.add(reopened(case.record, LEAD, reason=reason, sentence="……"), by=LEAD)

    after = refusal(lambda: require_free(case.record, COLLECTOR, debt))

    # Whoever would have the case reopened for it is told before that it does not help.
    assert before.code == after.code == "debt_was_paid"
    assert after.detail == before.detail
    assert (after.detail["number"], after.detail["paid"]) == ("AG-1", sum_paid)
    assert after.detail["day"] == case.record.case.as_of.isoformat()


def test_another_reason_is_given_in_a_sentence() -> None:
    course = _ended()

    def because(sentence: str) -> NewEvent:
        return reopened(course.record, LEAD, reason=ReopenReason.OTHER, sentence=sentence)

    assert refusal(lambda: because("  ")).code == "reopen_sentence_missing"
    assert because("家人愿意分担。").body["sentence"] == "家人愿意分担。"


def test_an_agreement_in_force_is_neither_reopened_nor_replaced() -> None:
    course = Course()
    debt = course.record.agreements[0].debt_id

    assert refusal(lambda: reopen(course)).code == "nothing_to_reopen"
    assert refusal(lambda: require_free(course.record, COLLECTOR, debt)).code == "already_approved"


def end_unsigned(
    course: Course, by: Account = LEAD, *, number: str | None = None, sentence: str = ""
) -> NewEvent:
    return reopened(
        course.record, by, reason=ReopenReason.NEVER_SIGNED, sentence=sentence, number=number
    )


def test_a_plan_that_was_never_signed_ends_without_an_outcome() -> None:
    course = Course()
    fact = end_unsigned(course, sentence="借款人改变了主意。")
    course.add(fact, by=LEAD, at=NOW + timedelta(days=40))

    record = course.record
    (item,) = record.agreements
    assert fact.body == {
        **course.named.facts,
        "reason": "never_signed",
        "sentence": "借款人改变了主意。",
        "plans": ["AG-1"],
    }
    assert (item.state, item.is_in_force) == (PlanState.NEVER_SIGNED, False)
    assert (record.status, record.recorded_state) == (Status.OPEN, PlanState.NEVER_SIGNED)
    require_free(record, COLLECTOR, item.debt_id)
    assert refusal(lambda: sign(course)).code == "agreement_over"
    assert refusal(lambda: end_unsigned(course)).code == "no_agreement"
    assert refusal(lambda: end_unsigned(course, number="AG-1")).code == "agreement_over"
    assert record.ended == (NOW + timedelta(days=40)).date()


def test_a_case_whose_plan_was_never_signed_is_kept_from_that_day_on() -> None:
    course = Course()
    course.add(end_unsigned(course), by=LEAD, at=NOW + timedelta(days=40))
    course.add(NewEvent(EventType.CALL_CLOSED, {"outcome": "refused"}), at=NOW + timedelta(days=40))
    ended = (NOW + timedelta(days=40)).date()

    early = refusal(lambda: require_expired(course.record, 5, date(2031, 12, 30), ADMINISTRATOR))

    assert (early.code, early.detail["until"]) == ("not_expired", "2031-12-30")
    assert require_expired(course.record, 5, date(2031, 12, 31), ADMINISTRATOR) == ended


def _paid_course() -> Course:
    course = Course()
    course.add(*post(course, paid(FIRST, "100.00")))
    return course


@pytest.mark.parametrize(
    ("course", "code"),
    [
        (signed_course, "was_signed"),
        (_paid_course, "was_paid_under"),
        (_waiting, "plan_is_pending"),
        (_ended, "no_agreement"),
    ],
    ids=["signed", "paid", "another waits", "ended"],
)
def test_only_what_is_in_force_and_not_in_effect_ends_as_never_signed(
    course: Callable[[], Course], code: str
) -> None:
    assert refusal(lambda: end_unsigned(course())).code == code


def test_a_collector_ends_no_plan_as_never_signed() -> None:
    assert refusal(lambda: end_unsigned(Course(), by=COLLECTOR)).code == "role_may_not"


def test_another_reason_ends_no_plan_that_is_in_force() -> None:
    """Somebody who comes with SQL may add such a fact: it names no plan that it ends."""
    course = Course()
    body: dict[str, Any] = {"reason": "health", "sentence": "", "plans": ["AG-1"]}
    course.add(NewEvent(EventType.REOPENED, body), by=LEAD)

    assert course.record.agreements[0].is_in_force


def test_a_case_is_not_reopened_while_a_plan_waits() -> None:
    assert refusal(lambda: reopen(_waiting())).code == "plan_is_pending"


@pytest.mark.parametrize("outcome", [EventType.DECLINED, EventType.CANCELLED])
def test_a_declined_or_cancelled_case_is_opened_again(outcome: EventType) -> None:
    course = _waiting()
    sent = course.record.pending
    assert sent is not None
    by = COLLECTOR if outcome is EventType.CANCELLED else LEAD
    course.add(decided(outcome, sent.fingerprint, by), by=by)

    fact = reopen(course)
    course.add(fact, by=LEAD)

    assert fact.body["plans"] == []
    assert course.record.status is Status.OPEN


def test_facts_about_what_has_ended_change_nothing() -> None:
    """Somebody who comes with SQL may add them; the audit names them."""
    course = signed_course()
    late = post(course)
    course.add(break_off(course), by=LEAD)

    course.add(*late)

    (item,) = course.record.agreements
    assert (item.state, item.payments) == (PlanState.BROKEN, ())


# --- retention
def test_a_case_has_not_ended_while_its_plan_runs() -> None:
    course = Course()

    running = refusal(lambda: require_expired(course.record, 5, date(2090, 1, 1), ADMINISTRATOR))
    course.add(*post(course, paid(FIRST, "56285.34")), at=NOW + timedelta(days=400))

    assert (running.code, running.detail["number"]) == ("plan_still_runs", "AG-1")
    ended = (NOW + timedelta(days=400)).date()
    assert require_expired(course.record, 5, date(2090, 1, 1), ADMINISTRATOR) == ended
