"""What stands on the paper of an agreement, read back from the PDF."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest
from tests.adapters.agreement_example import APPROVAL, FINGERPRINT, agreement
from tests.adapters.pdf_reading import (
    boxes_of,
    figures_of,
    pages_of,
    schedule_rows,
    squeezed,
    text_of,
)
from tests.agreed_rows import rows_of

from plan_assistant.adapters.documents.plan_facts import Column
from plan_assistant.adapters.documents.writer import PdfWriter

_WRITER = PdfWriter()
_ALWAYS = {"payment", "principal", "interest", "balance", "owed_after"}
_FAMILIES: list[dict[str, Any]] = [
    {"family": "equal_installment"},
    {"family": "equal_principal", "down_payment": 500_000},
    {"family": "interest_first", "grace": 6},
    {"family": "extension", "kind": "loan_extension", "days_past_due": 0},
    {"family": "deferral", "kind": "deferral", "grace": 3},
    {"family": "deferral_capitalised", "kind": "deferral", "grace": 3},
    {"family": "zero_rate", "kind": "loan_rescheduling", "has_guarantor": True},
]


def _pdf(document: dict[str, Any], language: str = "zh", *, draft: bool = False) -> bytes:
    return _written(json.dumps(document), language, draft)


@lru_cache(maxsize=64)
def _written(document: str, language: str, draft: bool) -> bytes:
    approval = None if draft else APPROVAL
    return _WRITER.write(
        json.loads(document), language=language, approval=approval, checkpoint=None
    )


def _grouped(amount: str) -> str:
    return f"{Decimal(amount):,}"


def _expected_rows(document: dict[str, Any]) -> list[list[str]]:
    rows = rows_of(document)
    columns = [
        column.value
        for column in Column
        if column.value in _ALWAYS or any(Decimal(row[column.value]) for row in rows)
    ]
    return [
        [
            str(row["number"]),
            row["due"],
            row["nominal_due"] if row["nominal_due"] != row["due"] else "",
            *(_grouped(row[column]) for column in columns),
        ]
        for row in rows
    ]


@pytest.mark.parametrize("periods", [1, 60, 360])
@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_every_figure_of_every_row_is_read_back_from_the_pdf(language: str, periods: int) -> None:
    document = agreement(periods=periods)

    rows = schedule_rows(_pdf(document, language))

    assert rows == _expected_rows(document)


@pytest.mark.parametrize("shape", _FAMILIES, ids=lambda shape: shape["family"])
def test_each_family_prints_its_exact_rows_and_totals(shape: dict[str, Any]) -> None:
    document = agreement(periods=18, **shape)

    pdf = _pdf(document, "both")

    assert schedule_rows(pdf) == _expected_rows(document)
    totals = {
        column: sum(Decimal(row[column]) for row in rows_of(document))
        for column in ("payment", "principal", "interest")
    }
    assert squeezed("合计Total" + "".join(f"{total:,}" for total in totals.values())) in text_of(
        pdf
    )


@pytest.mark.parametrize(
    ("currency", "principal"),
    [("CNY", 9_999_999_999_999 - 4_000_000), ("JPY", 99_999_999_999), ("KWD", 12_345_678)],
)
def test_amounts_of_any_size_and_currency_are_printed_whole(currency: str, principal: int) -> None:
    document = agreement(
        currency=currency, principal=principal, components=(1_000_000,) * 4, periods=12
    )

    pdf = _pdf(document, "both")

    assert schedule_rows(pdf) == _expected_rows(document)
    assert _grouped(document["debt"]["total"]) in text_of(pdf)


@pytest.mark.parametrize("shape", _FAMILIES, ids=lambda shape: shape["family"])
def test_the_chinese_and_the_english_paper_hold_the_same_figures(shape: dict[str, Any]) -> None:
    document = agreement(periods=18, **shape)

    chinese, english = (figures_of("\n".join(pages_of(_pdf(document, it)))) for it in ("zh", "en"))

    assert chinese == english


def test_both_languages_stand_in_one_document_with_the_same_figures_chinese_first() -> None:
    text = "\n".join(pages_of(_pdf(agreement(periods=60), "both")))

    chinese, english = re.split("\nPersonalized Installment Agreement\r?\n", text, maxsplit=1)
    english = english.split("签署")[0]

    assert figures_of(chinese) == figures_of(english)
    assert "以中文文本为准" in squeezed(text)
    assert "theChinesetextprevails" in squeezed(text)


def test_totals_and_the_regular_payment_are_written_in_capitals() -> None:
    document = agreement(principal=4_400_000, components=(425_000, 0, 0, 0), periods=24)
    document["plan"]["summary"]["payment"] = rows_of(document)[0]["payment"]

    chinese, english = text_of(_pdf(document, "zh")), text_of(_pdf(document, "en"))

    assert chinese.count("人民币肆万捌仟贰佰伍拾元整") == 2  # key facts and clause
    assert squeezed("Forty-eight thousand two hundred fifty yuan and 00 fen") in english
    assert chinese.count("大写：") == 6


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("balance, structure and currency", ["欠款合计", "罚息、违约金", "币种为人民币"]),
        ("cycle, method, dates, amounts", ["每月还款一次", "等额本息", "首期还款日为", "每期应还"]),
        ("annual fee, interest, other fees", ["年利率14.60%", "不为本计划收取年费、手续费"]),
        ("no application for a card", ["承诺不向任何银行申领信用卡"]),
        (
            "rights, duties, breach",
            ["未按期还款", "可以书面通知持卡人终止本计划", "可以随时要求核对"],
        ),
        ("other repayment matters", ["提前还款", "冲还", "情况变化", "争议解决"]),
        ("collection stops", ["停止就本协议项下的款项进行催收"]),
        ("credit reporting", ["报送不良信息之前告知", "保存五年"]),
        ("voluntary pause", ["签署后3天之内可以通知发卡行撤回"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_card_agreement_holds_every_content_group(item: str, words: list[str]) -> None:
    text = text_of(_pdf(agreement()))

    assert [word for word in words if word not in text] == [], item


@pytest.mark.parametrize(
    ("shape", "title", "clause"),
    [
        ({"kind": "loan_extension", "family": "extension"}, "贷款展期协议", "在到期日之前申请展期"),
        (
            {"kind": "loan_rescheduling"},
            "贷款还款计划变更协议",
            "对已到期欠款重新约定还款计划，不是展期",
        ),
        (
            {"kind": "deferral", "family": "deferral_capitalised", "grace": 3},
            "延期还本付息协议",
            "暂缓3个月的还款",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_kind_of_loan_agreement_says_what_it_is(
    shape: dict[str, Any], title: str, clause: str
) -> None:
    text = text_of(_pdf(agreement(periods=15, **shape)))

    assert text.count(title) > 1
    assert clause in text
    assert "信用卡账户" not in text


def test_a_deferral_of_a_card_debt_keeps_the_clauses_that_cards_need() -> None:
    document = agreement(kind="deferral", family="deferral", grace=3)
    document["debt"]["product"] = "credit_card"

    text = text_of(_pdf(document))

    assert "延期还本付息协议" in text
    assert "承诺不向任何银行申领信用卡" in text


def test_the_cost_statement_names_items_payee_rate_and_that_nothing_else_is_charged() -> None:
    text = text_of(_pdf(agreement(), "both"))

    statement = text[text.index("附件二　综合融资成本明示表".replace("　", "")) :]
    for words in (
        "随每期还款收取",
        "年利率14.60%",
        "江澜银行股份有限公司信用卡中心",
        "13.1842%",
        "再乘以一年的期数12",
        "按原合同的约定计收逾期利息",
        "不向持卡人收取与本计划有关的其他任何利息、费用",
        "chargednootherinterestorfee",
    ):
        assert words in statement


def test_the_conventions_of_the_schedule_are_said_in_words() -> None:
    text = text_of(_pdf(agreement(), "zh"))

    for words in (
        "每期利息四舍五入到人民币0.01元",
        "年利率14.60%的十二分之一",
        "一年按360天计",
        "顺延到下一个工作日",
        "2026年12月31日以后的节假日安排尚未公布",
        "取整产生的差额计入末期金额",
        "平均分摊到各还款期归还",
    ):
        assert words in text


def test_a_schedule_within_the_published_calendar_does_not_warn_of_later_years() -> None:
    text = text_of(_pdf(agreement(periods=1), "zh"))

    assert "尚未公布" not in text


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_without_an_approval_every_page_says_draft(language: str) -> None:
    draft = pages_of(_pdf(agreement(), language, draft=True))
    final = pages_of(_pdf(agreement(), language))

    zh, en = ("草案", "不具有约束力"), ("DRAFT", "not binding")
    watermark_and_header = {"zh": zh, "en": en, "both": zh + en}[language]
    assert all(mark in page for page in draft for mark in watermark_and_header)
    assert all(page.count("草案") == 2 for page in draft) or language == "en"
    assert not any(mark in page for page in final for mark in (*zh, *en, "Draft"))


def test_an_approved_paper_carries_fingerprint_short_code_and_approver() -> None:
    pages = pages_of(_pdf(agreement(), "both"))
    text = squeezed("".join(pages))

    assert FINGERPRINT in text
    assert all("9F3C-11AE" in page for page in pages)
    assert "林静" in text
    assert squeezed("cn 2026.11.1 (5b1d5b1d5b1d)") in text
    assert FINGERPRINT not in text_of(_pdf(agreement(), "both", draft=True))


def test_pages_are_counted_and_the_table_head_is_repeated_on_each_page() -> None:
    pages = pages_of(_pdf(agreement(periods=120), "en"))

    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
    with_rows = [page for page in pages if re.search(r"^\d+ \d{4}-\d\d-\d\d ", page, re.MULTILINE)]
    assert len(with_rows) > 2
    assert all("Due date" in page and "Still owed" in page for page in with_rows)


def test_the_signature_block_stays_on_one_page() -> None:
    for guarantor in (True, False):
        document = agreement(kind="loan_rescheduling", periods=3, has_guarantor=guarantor)
        pages = [squeezed(page) for page in pages_of(_pdf(document))]

        block = next(page for page in pages if "按捺指印" in page)
        for words in ("签字", "授权代表签字", "盖章处", "批准人:林静"):
            assert words in block
        assert ("保证人" in block.split("签署")[-1]) == guarantor


@pytest.mark.parametrize(
    "shape",
    [
        {"name": "Wolfeschlegelsteinhausenbergerdorff" * 2},
        {"principal": 9_000_000_000_000, "down_payment": 100_000_000_000},
        {"family": "deferral", "kind": "deferral", "grace": 6, "has_guarantor": True},
    ],
    ids=["a long name", "large amounts", "many columns"],
)
def test_nothing_leaves_the_type_area(shape: dict[str, Any]) -> None:
    boxes = boxes_of(_pdf(agreement(periods=36, **shape), "both"))

    assert len(boxes) > 10_000
    widths = {842 if box.right > 560 else 595 for box in boxes}
    assert min(box.left for box in boxes) > 54
    assert max(box.right for box in boxes) < max(widths) - 52
    assert min(box.bottom for box in boxes) > 28


def test_personal_data_stays_as_masked_as_the_record_has_it() -> None:
    text = text_of(_pdf(agreement()))

    assert "430***********4258" in text
    assert "138****8000" in text


def test_contact_details_nobody_recorded_are_left_to_be_filled_in() -> None:
    document = agreement()
    document["parties"]["borrower"] |= {"id_number": None, "address": None}

    text = text_of(_pdf(document))

    assert text.count("（签署时填写）") == 2


def test_what_is_meant_for_the_lender_alone_is_not_printed() -> None:
    document = agreement()
    document["acceptance"] |= {"note": "内部备注一号", "reason_code": "reduced_income"}
    document["hardship"][0]["code"] = "GAMBLING_OR_HABIT"

    text = text_of(_pdf(document, "both"))

    assert "内部备注" not in text
    assert "wuhao" not in text
    assert "其他原因" in text
    assert "otherreasons" in text
