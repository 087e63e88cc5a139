"""Problems, refusals and failures as sentences that lead on, in both languages."""

from __future__ import annotations

import ast
import inspect
import json
import re
from datetime import date
from fractions import Fraction
from pathlib import Path
from string import Formatter

import pytest

import plan_assistant
from plan_assistant.adapters.importers.json_file import parse_case
from plan_assistant.adapters.store import failures
from plan_assistant.domain import errors
from plan_assistant.domain.calendar import MONTHLY, due_dates
from plan_assistant.domain.errors import (
    CalendarUnknown,
    CaseNotFound,
    FileNotWritten,
    InputRefused,
    InvalidTerms,
    KeyReused,
    MixedCurrencies,
    PlanAssistantError,
    Problem,
    StaleCase,
    StoreFailure,
    TransitionRefused,
)
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.differences import Difference
from plan_assistant.domain.offers.closed_levers import ClosedLever
from plan_assistant.domain.policy.findings import Effect, Finding, Months
from plan_assistant.domain.rates import effective_from_nominal
from plan_assistant.domain.schedule import events as ev
from plan_assistant.domain.schedule.history import History
from plan_assistant.domain.schedule.lines import Excess
from plan_assistant.domain.schedule.schedule import ScheduleDefect
from plan_assistant.wording import problem_texts
from plan_assistant.wording.problems import (
    failure_sentence,
    problem_at,
    problem_lines,
    transition_sentence,
)
from plan_assistant.wording.transition_texts import TRANSITIONS
from tests.domain.schedule.builders import dated, yuan
from tests.wording.figures import figures
from tests.wording.samples import LANGUAGES

_PACKAGE = Path(plan_assistant.__file__).parent
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ENGLISH_WORDS = re.compile(r"\b(?:the|is|are|must|write|this|that|not|remove|correct|of)\b")


def _codes_in_source() -> set[str]:
    """Return every code with which any module refuses a transition."""
    codes = set()
    for path in _PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="TransitionRefused"), args=[ast.Constant(value=code)]
                ):
                    codes.add(str(code))
    return codes


def test_every_refusal_of_the_program_has_its_sentence() -> None:
    codes = _codes_in_source()

    assert len(codes) > 15
    assert codes <= TRANSITIONS.keys()


@pytest.mark.parametrize("code", sorted(TRANSITIONS))
def test_a_refusal_is_a_whole_sentence_with_and_without_its_details(code: str) -> None:
    placeholders = {
        name for text in TRANSITIONS[code] for _, name, _, _ in Formatter().parse(text) if name
    }
    details = dict.fromkeys(placeholders, "7")
    details |= dict.fromkeys(placeholders & {"at", "since"}, "2026-11-20T09:30:00.000000+08:00")
    details |= dict.fromkeys(placeholders & {"until"}, "2026-11-20")
    for detail in ({}, details):
        english, chinese = (
            transition_sentence(TransitionRefused(code, **detail), language)
            for language in LANGUAGES
        )

        assert english.endswith(".")
        assert chinese.endswith("。")
        assert "{" not in english + chinese
        assert figures(english) == figures(chinese)


def test_details_of_a_refusal_are_said_as_people_say_them() -> None:
    refused = TransitionRefused(
        "already_decided", outcome="approved", by="Li Na", at="2026-11-20T09:30:00.000000+08:00"
    )
    role = TransitionRefused("role_may_not", role="auditor", act="plan_recorded")
    missing = TransitionRefused("disclosures_missing", missing="purpose, rights")

    assert transition_sentence(refused, "en").startswith(
        "This request was already decided by Li Na on 20 Nov 26 09:30: plan approved."
    )
    assert "该申请已由Li Na于2026-11-20 09:30处理：方案已批准。" in (
        transition_sentence(refused, "zh")
    )
    assert "此操作（方案已记录并提交审批）不属于该岗位：审计员。" in (
        transition_sentence(role, "zh")
    )
    assert "in the call: purpose, rights." in transition_sentence(missing, "en")
    assert "还须告知：用途、权利。" in transition_sentence(missing, "zh")


def test_an_unknown_refusal_names_its_code() -> None:
    assert "(moon_is_full)" in transition_sentence(TransitionRefused("moon_is_full"), "en")
    assert "（moon_is_full）" in transition_sentence(TransitionRefused("moon_is_full"), "zh")


_STALE = StaleCase(
    "A-1", expected=2, found=3, what="approved", by="lina", at="2026-11-20T09:30:00.000000+08:00"
)
_FAILURES: list[PlanAssistantError] = [
    failures.no_room("/data/store"),
    failures.read_only("/data/store"),
    failures.damaged("/data/store", "file is not a database"),
    errors.StoreDamaged("bad", place="/b", backup="/b", reason="file is not a database"),
    errors.StoreReadOnly("closed", place="/out/b", folder="/out"),
    errors.StoreOutOfReach("odd", place="/out/b", folder="/out"),
    errors.StoreOutOfReach("none", place="/out/b", folder="/out", reason="No such file"),
    failures.os_failure(FileNotFoundError(2, "No such file"), "/data/store"),
    errors.StoreLocked("held", place="/data/store", seconds="30"),
    errors.StoreLocked("held", place="/data/store"),
    errors.StoreNewer("newer", place="/data/store", found="0003", known="0001"),
    errors.CaseUnreadable("A-1", 3, "KeyError"),
    errors.StoreNotReady("older", place="postgresql://db/plans", found="0001", known="0002"),
    errors.StoreNotReady("empty", place="postgresql://db/plans"),
    errors.StoreClosedToYou("closed", place="postgresql://db/plans"),
    errors.StoreClosedToYou("no", place="postgresql://db/plans", reason="permission denied"),
    errors.StoreOutOfReach("closed", place="/data/store"),
    StoreFailure("odd", place="/data/store", reason="disk I/O error"),
    FileNotWritten("full", path="/out/a.pdf", reason="no space"),
    FileNotWritten("odd name", name="a/b.pdf"),
    errors.RecordedNotWritten("AG-1", path="/out/a.pdf", reason="no space"),
    errors.PlanNotSent("AG-1", "locked"),
    errors.NotKept("full", place="/state/a.journal", reason="no space"),
    errors.MasterKeyMissing("9f3c", "/data/store"),
    errors.MasterKeyUnusable(
        "open", place="/data/key", reason="others may read it (mode 0644): chmod 600 /data/key"
    ),
    CaseNotFound("A-1"),
    KeyReused("9f3c"),
    _STALE,
    MixedCurrencies("CNY", "HKD"),
    CalendarUnknown("2031-01-01"),
    ScheduleDefect("a row does not add up", 3, "payment 12"),
    InvalidTerms("periods", 0, "a plan has at least one installment"),
    TransitionRefused("reason_missing"),
    errors.ClockBehind(today="2026-11-20", erased="2026-11-27", case_id="A-1", version=4),
    errors.PolicyTightened(
        "cn-card",
        "2026.12",
        [Finding("CN-CARD-02", "longest_term", Effect.BLOCK, Months(48), Months(60), Months(12))],
    ),
    errors.PolicyTightened(
        "cn-card", "2026.12", [], closed=[ClosedLever("max_periods", 24, 34)], unread=["purpose"]
    ),
    InputRefused("case.json", [Problem("debts", "this field is missing")]),
]


@pytest.mark.parametrize("error", _FAILURES, ids=lambda error: type(error).__name__)
def test_every_failure_is_said_with_the_same_figures_in_both_languages(
    error: PlanAssistantError,
) -> None:
    english, chinese = (failure_sentence(error, language) for language in LANGUAGES)

    assert figures(english) == figures(chinese)
    assert _CHINESE.search(chinese)
    assert not _CHINESE.search(english)
    assert english[0].isupper() or english[0] in "/a'cp"


def test_every_kind_of_failure_is_among_those_tried() -> None:
    kinds = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, PlanAssistantError) and kind is not PlanAssistantError
    }

    assert kinds <= {type(error) for error in _FAILURES}


def test_a_stale_case_says_what_happened_in_between() -> None:
    assert failure_sentence(_STALE, "zh").startswith(
        "案件A-1在版本2之后已有变动，现为版本3（方案已批准，lina，2026-11-20 09:30）。"
    )


def test_invalid_terms_name_the_dial_in_words() -> None:
    with pytest.raises(InvalidTerms) as refused:
        due_dates(date(2026, 12, 15), -1, MONTHLY)

    assert failure_sentence(refused.value, "en") == (
        "Please change the number of payments, now -1: a plan has at least one installment."
    )
    assert failure_sentence(refused.value, "zh") == "请修改期数（现为-1）：方案至少有一期。"
    other = InvalidTerms("moon", "full", "nothing is owed")
    assert failure_sentence(other, "zh") == "请修改moon（现为full）：没有欠款。"


def test_a_failure_without_a_sentence_of_ours_keeps_its_own() -> None:
    assert failure_sentence(PlanAssistantError("out of paper"), "zh") == "out of paper"


def test_all_problems_of_a_file_are_listed_with_their_paths() -> None:
    refused = InputRefused(
        "case.json",
        [
            Problem("debts[0].total", "this field is missing"),
            Problem("", "this file is empty: export the case again"),
        ],
    )

    assert problem_lines(refused, "en") == [
        "case.json was not accepted and nothing of it was used. There are 2 problems:",
        "- debts[0].total: this field is missing",
        "- this file is empty: export the case again",
    ]
    assert problem_lines(refused, "zh") == [
        "case.json未被接受，其中内容均未使用。共有2个问题：",
        "- debts[0].total：缺少此字段",
        "- 此文件为空：请重新导出案件",
    ]


def test_control_characters_of_a_source_never_reach_the_terminal() -> None:
    refused = InputRefused("a\x1b]52;c;x\x07.json", [Problem("x\x1b[2J", "y\x1b[0m")])

    text = "\n".join(problem_lines(refused, "zh"))
    assert "\x1b" not in text
    assert "\x07" not in text
    missing = failure_sentence(CaseNotFound("A\x1b[2J"), "en")
    assert "\x1b" not in missing


def _bad_case(**changes: object) -> bytes:
    path = next(iter(sorted((_PACKAGE / "samples").glob("*.json"))))
    case = json.loads(path.read_text(encoding="utf-8"))
    case.update(changes)
    return json.dumps(case).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b'{"a": ',
        b"[" * 100,
        b"\xff\xfe\x00",
        _bad_case(format="plan-assistant/case@9"),
        _bad_case(as_of="20.11.2026", budget={}, extra=1),
        _bad_case(as_of="2020-01-01"),
        _bad_case(debts=[]),
        _bad_case(debts="none", promises_kept=-1, household={"adults": 0}),
    ],
    ids=[
        "empty",
        "zip",
        "cut off",
        "nested",
        "utf-16",
        "newer",
        "fields",
        "dates",
        "no debt",
        "kinds",
    ],
)
def test_what_is_wrong_with_a_case_file_is_said_in_chinese(content: bytes) -> None:
    with pytest.raises(InputRefused) as refused:
        parse_case(content, "case.json")

    english = problem_lines(refused.value, "en")
    chinese = problem_lines(refused.value, "zh")
    assert len(english) == len(chinese)
    assert figures("\n".join(english)) == figures("\n".join(chinese))
    for line in chinese:
        assert _CHINESE.search(line), line
        assert not _ENGLISH_WORDS.search(line), line


def _templates() -> list[str]:
    path = _PACKAGE / "locales" / "problems.json"
    texts: list[str] = json.loads(path.read_text(encoding="utf-8"))
    return texts


@pytest.mark.parametrize("template", _templates())
def test_a_finished_sentence_finds_its_translation_again(template: str) -> None:
    values = {
        name: f"“{number}”"
        for number, (_, name, _, _) in enumerate(Formatter().parse(template))
        if name
    }

    chinese = problem_texts.translated(template.format(**values), "zh")

    assert all(value in chinese for value in values.values())
    assert chinese != template.format(**values) or not re.search(r"[a-z]{3}", template)


DAY = date(2026, 4, 10)
PLAN = dated("12000.00", "0.1", 12)
SETTLED: dict[str, ev.Event] = {"s": ev.Settlement(DAY, yuan("9000.00"))}
BOOKED: dict[str, ev.Event] = {"b": ev.Payment(date(2026, 3, 31), yuan("2000.00"), Excess.SHORTEN)}
EVENTS: list[tuple[dict[str, ev.Event], ev.Event, str]] = [
    (
        {},
        ev.Payment(date(2026, 2, 28), yuan("10.00"), Excess.LOWER),
        "请修改金额（现为10.00）：不足以支付第1期的利息和费用100.00。",
    ),
    (
        BOOKED,
        ev.Payment(date(2026, 3, 31), yuan("1000.00"), Excess.LOWER),
        "第2期已入账2000.00，用于缩短还款期限",
    ),
    ({}, ev.RateChange(date(2028, 5, 1), Fraction(1, 10)), "晚于末期应还日"),
    ({}, ev.RateChange(date(2026, 1, 1), Fraction(1, 10)), "早于起始日期2026-01-31"),
    ({}, ev.InterestPause(date(2026, 5, 9), date(2026, 5, 1)), "停息于2026-05-09才开始"),
    ({}, ev.InterestGrace(date(2026, 5, 31), 12), "最后一期不能处于宽限"),
    ({}, ev.ReAmortize(date(2027, 5, 15), ev.ReAmortizeInterest.RECALCULATED), "已无应还期次"),
    ({}, ev.Settlement(DAY, yuan("99999.00")), "欠款为"),
    ({}, ev.Settlement(DAY, yuan("1.00"), ("principal",)), "未列出利息"),
    ({}, ev.Restructuring(DAY, (), PLAN.with_(start=DAY)), "没有步骤说明利息如何处理"),
    (SETTLED, ev.Settlement(date(2026, 5, 31), yuan("1.00")), "债务已于2026-04-10结清"),
]


@pytest.mark.parametrize(("before", "event", "said"), EVENTS, ids=[said for *_, said in EVENTS])
def test_a_refused_event_is_explained_in_chinese(
    before: dict[str, ev.Event], event: ev.Event, said: str
) -> None:
    with pytest.raises(InvalidTerms) as refused:
        _ = History(PLAN, {**before, "x": event}).schedule

    assert said in failure_sentence(refused.value, "zh")
    assert refused.value.reason in failure_sentence(refused.value, "en")


def test_a_rate_that_nothing_grows_by_is_refused_in_chinese() -> None:
    with pytest.raises(InvalidTerms) as refused:
        effective_from_nominal(Fraction(-12), 12)

    assert (
        failure_sentence(refused.value, "zh") == "请修改名义利率（现为-12）：一期之内即全部损失。"
    )


def test_the_names_of_fields_that_somebody_has_to_write_stay_as_they_are() -> None:
    sentence = "unknown field: remove it (known here: principal, arrears)"

    assert "principal, arrears" in problem_texts.translated(sentence, "zh")


def test_a_quotation_from_the_file_is_never_translated() -> None:
    sentence = "“nothing is owed” is not a date: write year-month-day, such as 2026-11-20"

    assert "“nothing is owed”" in problem_texts.translated(sentence, "zh")


def test_an_unknown_sentence_stays_as_it_is() -> None:
    assert problem_texts.translated("the moon is full", "zh") == "the moon is full"
    assert problem_texts.translated("nothing is owed", "en") == "nothing is owed"


def test_a_sentence_after_a_value_is_not_taken_for_a_part_of_a_shorter_one() -> None:
    sentence = "50.00: it does not cover the interest of 100.00 in installment 1"

    assert problem_texts.translated(sentence, "zh") == "50.00：不足以支付第1期的利息100.00"


def test_an_empty_value_of_a_pack_is_named_in_the_readers_language() -> None:
    sentence = "a pack that extends cn may only tighten it: there it is nothing, here fee 1"

    assert problem_texts.translated(sentence, "zh") == "继承cn的政策包只能收紧：原为无，此处为fee 1"


@pytest.mark.parametrize(
    ("recorded", "english", "chinese"),
    [
        ([1], "says a list of 1 but", "记为含1项的列表，但"),
        ({}, "says an object of 0 but", "记为含0项的对象，但"),
        (True, "says true but", "记为true，但"),
        (None, "says nothing but", "记为无，但"),
    ],
)
def test_what_stands_in_the_place_of_a_figure_is_said_in_words(
    recorded: Json, english: str, chinese: str
) -> None:
    problem = Difference("plan.rows[0].due", recorded, "2026-12-15").problem

    assert english in problem_at(problem, "en")
    assert chinese in problem_at(problem, "zh")
