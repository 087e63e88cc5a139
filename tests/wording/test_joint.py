"""One payment for several debts in sentences, in both languages."""

from __future__ import annotations

from fractions import Fraction

import pytest

from plan_assistant.domain.calendar import MONTHLY
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.formats.recorded_plan import RecordedFigures, RecordedShares
from plan_assistant.wording.course import recorded_changes
from plan_assistant.wording.joint import parts_left_sentences
from tests.builders import yuan

OTHERS = (DebtId("C1"), DebtId("L1"))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "Still to be chosen for the same payment, one after the other as each is decided: "
            "C1, L1.",
        ),
        ("zh", "同一笔月供中尚待选定的部分（前一份审定后再选下一份）：C1、L1。"),
    ],
)
def test_the_parts_that_are_left_are_listed(language: str, said: str) -> None:
    assert parts_left_sentences(OTHERS, language) == [said]
    assert parts_left_sentences((), language) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "one part of at most 2,289.00 a month, shared with C1, L1"),
        ("zh", "合并月供（每月最多2,289.00）的一部分，与C1、L1共同分配"),
    ],
)
def test_the_lead_reads_which_payment_a_plan_is_part_of(language: str, said: str) -> None:
    figures = RecordedFigures(
        runs=((12, yuan("100.00")),),
        frequency=MONTHLY,
        waived=yuan("0.00"),
        capitalised=yuan("0.00"),
        plan_rate=Fraction(1, 10),
        contract_rate=Fraction(1, 10),
        carried=None,
        shares=RecordedShares(yuan("2289.00"), OTHERS),
    )

    assert recorded_changes(figures, language) == [said]
