"""Papers of a plan that is part of one payment for several debts, in both languages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.adapters.agreement_example import APPROVAL
from tests.adapters.pdf_reading import squeezed, text_of
from tests.desks import desk_at, memory_store
from tests.people import NOW

from plan_assistant.adapters.documents.errors import DocumentRefused
from plan_assistant.adapters.documents.facts import read_facts
from plan_assistant.adapters.documents.writer import PdfWriter
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.events import RequestKey
from plan_assistant.domain.formats.case_file import read_case
from plan_assistant.domain.offers.joint import Method
from plan_assistant.samples import sample_text
from plan_assistant.services import negotiate
from plan_assistant.services.joint_part import Part, take_part
from plan_assistant.services.open_case import open_case

SAMPLE = read_case(json.loads(sample_text("S09-several-debts")), "S09")


def agreement(debt_id: str, method: Method) -> dict[str, Any]:
    desk = desk_at(memory_store())
    open_case(desk, SAMPLE, RequestKey(f"open {NOW}"))
    state = negotiate.begin(desk, SAMPLE.case_id, DebtId(debt_id))
    part = take_part(desk, state, method)
    assert isinstance(part, Part)
    state = part.state
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    return negotiate.agreement_of(
        desk, state, lines_read=("……",), recording="REC-1", reason_code=None
    )


@pytest.fixture(scope="module")
def loan() -> dict[str, Any]:
    return agreement("S09-L1", Method.ORDER)


def paper(written: dict[str, Any], language: str) -> str:
    pdf = PdfWriter().write(written, language=language, approval=APPROVAL, checkpoint=None)
    return squeezed(text_of(pdf))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "This plan is one part of a single monthly payment",
                "the rest is for the debts numbered S09-C1. It is shared in the order of the law "
                "(Civil Code Art. 560). All debts together ask for at most CNY 2,289.00 in any "
                "month. When a debt is repaid, its money goes on to the others.",
                "15 payments are what the shared payment gives to this plan",
            ),
        ),
        (
            "zh",
            (
                "多笔债务合并月供的一部分，其余部分用于编号为S09-C1的债务。"
                "月供按法定顺序（民法典第五百六十条）分配；"
                "全部债务合计，任何一个月最多应还人民币2,289.00元。"
                "一笔债务还清后，原用于它的金额转给其余债务。",
                "为合并月供中分给本计划的金额",
            ),
        ),
    ],
)
def test_the_paper_says_which_payment_the_plan_is_part_of(
    loan: dict[str, Any], language: str, said: tuple[str, ...]
) -> None:
    text = paper(loan, language)

    for sentence in said:
        assert squeezed(sentence) in text
    # What the shared payment gives at first is no lower amount that somebody granted.
    assert squeezed("payments are lower than the later ones") not in text
    assert squeezed("低于以后各次") not in text


def test_money_that_does_not_flow_on_is_not_said_to() -> None:
    text = paper(agreement("S09-C1", Method.EQUAL), "both")

    assert squeezed("It is shared in equal parts.") in text
    assert squeezed("its money goes on") not in text


def test_a_paper_of_a_payment_without_its_figures_is_refused(loan: dict[str, Any]) -> None:
    with pytest.raises(DocumentRefused) as refusal:
        read_facts({**loan, "joint": {"method": "order", "flows_on": True, "others": [{}]}})

    assert {problem.path for problem in refusal.value.problems} == {
        "joint.largest",
        "joint.others[0].debt_id",
    }
