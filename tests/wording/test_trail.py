"""What happened to a case: a lead's own sentence stands behind the reason."""

from __future__ import annotations

import pytest

from plan_assistant.domain.events import EventType
from plan_assistant.domain.personal import ERASED
from plan_assistant.domain.record import TrailLine
from plan_assistant.wording.trail import what_happened
from tests.people import NOW


def _decided(kind: EventType, sentence: str) -> TrailLine:
    facts = {"reason": "payment_too_low", "sentence": sentence}
    return TrailLine(3, NOW, "li.na", kind, facts)


@pytest.mark.parametrize(
    ("kind", "english", "chinese"),
    [(EventType.RETURNED, "returned", "已退回"), (EventType.DECLINED, "declined", "未批准")],
)
def test_the_sentence_of_a_decision_stands_behind_its_reason(
    kind: EventType, english: str, chinese: str
) -> None:
    line = _decided(kind, "首期请提前。")

    assert what_happened(line, "en") == f'{english}: The payment is too low. "首期请提前。"'
    assert what_happened(line, "zh") == f"{chinese}：还款额太低。“首期请提前。”"


def test_a_decision_without_a_sentence_tells_its_reason_only() -> None:
    assert what_happened(_decided(EventType.RETURNED, ""), "zh") == "已退回：还款额太低。"


def test_a_sentence_that_was_erased_is_told_as_erased() -> None:
    line = _decided(EventType.RETURNED, ERASED)

    assert what_happened(line, "en").endswith('"erased"')
    assert what_happened(line, "zh").endswith("“已删除”")


def test_a_sentence_steers_no_terminal() -> None:
    assert "\x1b" not in what_happened(_decided(EventType.RETURNED, "a\x1b[2Jb"), "en")
