"""What follows an approval, in the trail and in the case file, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.domain.events import EventType, NewEvent
from plan_assistant.domain.follow_up import BreachReason, Party, ReopenReason
from plan_assistant.domain.follow_up_acts import (
    NamedAgreement,
    broken,
    payment_posted,
    reopened,
    signed,
)
from plan_assistant.domain.policy.pack import BreachTable
from plan_assistant.services import follow_up, negotiate
from plan_assistant.services.desk import Desk
from plan_assistant.services.keys import new_key
from plan_assistant.ui.screens.case_file import _agreement_sections
from plan_assistant.wording.trail import record_sentences
from plan_assistant.wording.words import words
from tests.desks import CASE, approve, desk_at, lead, memory_store, waiting
from tests.domain.agreed_plans import Course, paid, terms_of
from tests.people import LEAD, NOW
from tests.wording.figures import figures
from tests.wording.samples import LANGUAGES

_FIRST = date(2026, 12, 15)
_BOTH = frozenset({Party.BORROWER, Party.LENDER})


def _whole_course() -> Course:
    """Signed, paid into, broken, reopened; and the words for a plan that was kept."""
    course = Course()
    today = date(2027, 1, 10)
    course.add(
        signed(
            course.record,
            course.named,
            LEAD,
            day=NOW.date(),
            today=today,
            parties=_BOTH,
            file_sha256=None,
        )
    )
    payment = paid(_FIRST, "1000.00")
    course.add(
        *payment_posted(
            course.record,
            course.named,
            LEAD,
            paid=payment,
            reference="BANK-77",
            today=today,
            read_terms=terms_of,
        )
    )
    course.add(
        broken(
            course.record,
            course.named,
            LEAD,
            reason=BreachReason.UNREACHABLE,
            installment=None,
            notice_on=date(2026, 12, 20),
            breach=BreachTable(),
            today=today,
            sentence="……",
        ),
        by=LEAD,
    )
    course.add(reopened(course.record, LEAD, reason=ReopenReason.HEALTH, sentence=""), by=LEAD)
    course.add(NewEvent(EventType.KEPT, {**course.named.facts, "day": "2027-01-10"}))
    return course


def test_the_trail_tells_every_new_fact_in_both_languages() -> None:
    record = _whole_course().record

    english, chinese = (record_sentences(record.trail, words(one)) for one in LANGUAGES)

    for line, expected in zip(
        english,
        (
            "agreement AG-1 kept: everything is paid",
            "case reopened: illness, or somebody to care for",
            "agreement AG-1 broken: the borrower cannot be reached; installment 1, 26 days past "
            "due",
            "payment of CNY 1,000.00 received on 15 Dec 26 for AG-1",
            "agreement AG-1 signed on 20 Nov 26 by borrower, lender",
        ),
        strict=False,
    ):
        assert expected in line
    for line, expected in zip(
        chinese,
        (
            "协议AG-1已履行完毕：款项已全部付清",
            "案件重新开启：患病或者需要照顾他人",
            "协议AG-1已认定违约：联系不上借款人；第1期，逾期26天",
            "AG-1于2026-12-15收到款项",
            "协议AG-1已于2026-11-20由借款人、贷款人签署",
        ),
        strict=False,
    ):
        assert expected in line
    assert [figures(line) for line in english] == [figures(line) for line in chinese]
    assert "BANK-77" not in "".join((*english, *chinese))
    for language in LANGUAGES:
        assert not words(language).untranslated


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_case_file_says_where_an_agreement_stands(language: str) -> None:
    store = memory_store()
    fingerprint = waiting(store)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=new_key())
    later = replace(desk_at(store), clock=DemoClock(datetime(2026, 12, 20, 12, tzinfo=NOW.tzinfo)))
    follow_up.post_payment(
        later,
        CASE,
        NamedAgreement("AG-1", fingerprint),
        paid=paid(_FIRST, "1000.00"),
        reference="BANK-77",
        version=3,
        key=new_key(),
    )

    ((_title, lines),) = _agreement_sections(negotiate.begin(later, CASE), words(language))
    before = _agreement_sections(negotiate.begin(_empty(), CASE), words(language))

    told = "\n".join(lines)
    # Of 2,558.43 due on 15 December 1,000.00 came; five days late.
    for figure in ("1,000.00", "56,285.34", "55,285.34", "1,558.43", "5"):
        assert figure in told
    assert before == []


def _empty() -> Desk:
    """Return the desk of a store whose case has no agreement."""
    store = memory_store()
    waiting(store)
    return desk_at(store)
