"""Case files from the disk: the samples, and everything a foreign file can be."""

from __future__ import annotations

import json
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.adapters.importers.json_file import load_case, parse_case
from plan_assistant.adapters.importers.json_text import (
    DEEPEST,
    parse_json,
    read_json,
)
from plan_assistant.adapters.reading import LARGEST_FILE
from plan_assistant.domain.case import Case, ContactOutcome, Hardship
from plan_assistant.domain.debt import Product
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.formats.case_file import read_case, write_case
from plan_assistant.domain.text import refused_character
from plan_assistant.samples import sample_names, sample_text

S01 = sample_text("S01-job-loss")


def sample(name: str) -> Case:
    return parse_case(sample_text(name).encode(), name)


SAMPLES = {name: sample(name) for name in sample_names()}


def refused(path: Path) -> list[str]:
    """Return the problems of a file as people read them."""
    with pytest.raises(InputRefused) as refusal:
        load_case(path)
    assert refusal.value.source == str(path)
    return [str(problem) for problem in refusal.value.problems]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Return a function that puts content into a file."""

    def writer(content: str | bytes) -> Path:
        path = tmp_path / "case.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return writer


# --- the samples ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_loads_and_reads_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.json"
    path.write_text(sample_text(name), encoding="utf-8")

    case = load_case(path)

    assert case.case_id == name
    assert case.as_of == date(2026, 11, 20)
    assert case.budget.incomes
    assert case.budget.outgoings
    assert case.contacts
    assert case.payments
    assert read_case(write_case(case), name) == case


def test_the_samples_cover_what_the_demo_must_show() -> None:
    cases = SAMPLES
    today = date(2026, 11, 20)
    cards = {
        case.days_past_due
        for case in cases.values()
        if case.lead_debt.product is Product.CREDIT_CARD
    }
    loans = [
        case.lead_debt for case in cases.values() if case.lead_debt.product is Product.CONSUMER_LOAN
    ]

    assert len(cases) >= 16
    assert {reason.code for reason in cases["S01-job-loss"].hardships} == {Hardship.UNEMPLOYMENT}
    assert not cases["S01-job-loss"].hardships[0].is_lasting
    assert cases["S01-job-loss"].owed.plain == "48250.00"
    refuses = cases["S02-refuses-contact"]
    assert ContactOutcome.REFUSED in {contact.outcome for contact in refuses.contacts}
    assert not refuses.willingness.is_expressed
    assert Hardship.INCOME_DROP in {reason.code for reason in cases["S03-year-end-drop"].hardships}
    assert {60, 95} <= cards
    assert any(not debt.is_matured(today) and debt.maturity for debt in loans)
    assert any(debt.is_matured(today) for debt in loans)
    assert any(income.by_month for income in cases["S08-seasonal-business"].budget.incomes)
    assert len(cases["S09-several-debts"].negotiated) == 2
    assert len(cases["S09-several-debts"].debts) == 3
    barred = cases["S11-time-barred"].lead_debt.limitation_ends(3)
    assert barred is not None
    assert barred < today
    assert {"HKD", "JPY"} <= {case.currency.code for case in cases.values()}
    assert any(case.owed.minor >= 10**10 for case in cases.values())
    assert cases["S15-very-small"].owed.plain == "86.40"
    assert {case.language for case in cases.values()} == {"zh", "en"}


def test_the_hostile_sample_is_hostile_and_legal() -> None:
    case = SAMPLES["S16-hostile-text"]
    name = case.borrower.name.revealed

    for scrap in ("[bold red]", "[/]", '"', "=cmd", "<script>", "{{7*7}}", "𬱖", "䶮"):
        assert scrap in name
    assert refused_character(name) is None


def test_nobody_in_the_samples_can_exist() -> None:
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    for case in SAMPLES.values():
        assert case.borrower.id_number is not None
        number = case.borrower.id_number.revealed
        if len(number) == 18:
            total = sum(w * int(digit) for w, digit in zip(weights, number[:17], strict=True))
            assert number[17] != "10X98765432"[total % 11], case.case_id


def test_a_name_that_is_no_sample_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="S01-job-loss"):
        sample_text("../cn")


# --- what is no file of ours ---------------------------------------------------------------------


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    assert refused(tmp_path / "nobody.json") == [
        "there is no such file: check the name and the folder"
    ]


def test_a_folder_says_so(tmp_path: Path) -> None:
    assert refused(tmp_path) == ["this is a folder: name a file in it"]


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert refused(tmp_path / "pipe") == [
        "this is not an ordinary file: save its content as a file"
    ]


def test_a_file_nobody_may_read_says_so(
    write: Callable[[str | bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests may run as root, to whom every file opens.
    path = write(S01)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    assert refused(path) == ["this file may not be read: ask its owner for permission"]


def test_a_circle_of_links_is_a_sentence(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)

    (problem,) = refused(link)

    assert problem.startswith("this file cannot be read (")


def test_a_name_that_no_system_knows_is_a_sentence() -> None:
    (problem,) = refused(Path("a\0b"))

    assert problem.startswith("this file cannot be read (")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "this file is empty: export the case again"),
        (b" \n\t", "this file is empty"),
        (b"\x00\x01\x02", "this is a binary file, not JSON"),
        (b"%PDF-1.7", "this is a PDF, not JSON"),
        (b"SQLite format 3\0", "this is a database, not JSON"),
        ("{}".encode("utf-16"), "this file is UTF-16: save it as UTF-8"),
        ('{\n"name": "张伟"}'.encode("gb18030"), "line 2: this file is not UTF-8 text: save it"),
        (b"\xed\xa0\x80", "line 1: this file is not UTF-8 text"),
        (b"hello", "line 1, column 1: a value is missing here, or it is not JSON"),
        (b"{'a': 1}", "line 1, column 2: a field name in double quotes is missing here"),
        (b'{"a": 1,}', "line 1, column 9: a field name in double quotes"),
        (b'{"a" 1}', "line 1, column 6: a colon is missing here"),
        (b'{\n  "a": 1\n  "b": 2\n}', "line 3, column 3: a comma or a closing bracket is missing"),
        (b'{"a": "x\ny"}', "line 1, column 9: a control character stands inside a text here"),
        (b'{"a": "\\q"}', "line 1, column 8: a backslash stands alone here: double it"),
        (b'{"a": "\\u12"}', "needs four hexadecimal digits"),
        (b"{} {}", "line 1, column 4: the file should end here, but more follows"),
        (b'{"a": [1, 2', "the file ends in the middle: it was cut off, copy or export it again"),
        (b'{"a": "abc', "the file ends in the middle"),
        (b'{"a": "abc\\', "the file ends in the middle"),
        (b"[1, 2]", "the file holds a list; expected an object of form plan-assistant/case@1"),
        (b"12", "the file holds 12; expected an object"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_not_json_of_ours_is_one_sentence_with_its_place(
    content: bytes, sentence: str, write: Callable[[str | bytes], Path]
) -> None:
    (problem,) = refused(write(content))

    assert sentence in problem


def test_an_office_file_is_named_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")

    assert refused(path) == ["this is a zip or Office file, not JSON: export the case as JSON"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_sample_says_where_it_ends(
    share: float, write: Callable[[str | bytes], Path]
) -> None:
    (problem,) = refused(write(S01[: int(len(S01) * share)]))

    assert "line " in problem


def test_a_byte_order_mark_is_skipped(write: Callable[[str | bytes], Path]) -> None:
    path = write(b"\xef\xbb\xbf" + S01.encode())

    assert load_case(path) == SAMPLES["S01-job-loss"]


# --- attacks on the reader -----------------------------------------------------------------------


def test_fifty_megabytes_of_nesting_are_refused_at_once_without_being_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "deep.json"
    path.write_bytes(b"[" * 50_000_000)
    tracemalloc.start()

    problems = refused(path)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert problems == [
        f"this file has 50,000,000 bytes; at most {LARGEST_FILE:,} are read: keep one case a file"
    ]
    assert peak < 1_000_000


@pytest.mark.parametrize(
    "content",
    [
        b"[" * LARGEST_FILE,
        b'{"a":' * (LARGEST_FILE // 5),
        b"[]" * (LARGEST_FILE // 2),
        b'"' * LARGEST_FILE,
        b'"\\' * (LARGEST_FILE // 2),
        b'["' + b"[" * (LARGEST_FILE - 4) + b'"]',
        b"[" + b"1" * (LARGEST_FILE - 2) + b"]",
        b"{" + b",".join(b'"k%d":0' % i for i in range(140_000)) + b"}",
        b"[" + b"{}," * (LARGEST_FILE // 3 - 2) + b"{}]",
    ],
    ids=[
        "brackets",
        "objects",
        "pairs",
        "quotes",
        "escapes",
        "one-text",
        "one-number",
        "unknown-fields",
        "list",
    ],
)
def test_the_largest_hostile_files_end_in_sentences(
    content: bytes, write: Callable[[str | bytes], Path]
) -> None:
    problems = refused(write(content))

    assert 1 <= len(problems) <= 60
    assert all(len(problem) < 600 for problem in problems)


def test_nesting_is_counted_outside_of_texts_only(write: Callable[[str | bytes], Path]) -> None:
    brackets = '[[[{{{\\"' * 40
    path = write(json.dumps({"note": brackets}))

    assert not any("nested" in problem for problem in refused(path))


def test_nesting_names_its_place(write: Callable[[str | bytes], Path]) -> None:
    path = write("{\n" + '"a": ' + "[" * DEEPEST + "]" * DEEPEST + "}")

    assert refused(path) == [
        f"line 2, column {5 + DEEPEST}: brackets are nested more than {DEEPEST} levels deep: this "
        "is not a file of this program"
    ]


def changed(old: str, new: str) -> str:
    assert S01.count(old) == 1
    return S01.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            '"adults": 2,',
            '"adults": 2, "adults": 1,',
            "household.adults: stands twice in the same object: keep one of the two",
        ),
        (
            '"adults": 2,',
            f'"adults": {"9" * 5000},',
            "household.adults: is a number of 5000 digits: check it (amounts are text in quotes)",
        ),
        (
            '"cash": "3200.00"',
            '"cash": NaN',
            "budget.cash: NaN is not a number in JSON: write the value as text in quotes",
        ),
        (
            '"cash": "3200.00"',
            '"cash": -Infinity',
            "budget.cash: -Infinity is not a number in JSON: write the value as text in quotes",
        ),
        (
            '"cash": "3200.00"',
            '"cash": 1e999',
            "budget.cash: write the amount as text in quotes, such as “1250.00”, not inf",
        ),
        (
            '"name": "张维安"',
            '"name": "张\\ud83d"',
            "borrower.name: holds half of a surrogate pair, \\ud800 to \\udfff: remove it",
        ),
        (
            '"name": "张维安"',
            '"name": "张\\u202e维安"',
            "borrower.name: holds the invisible or control character U+202E "
            "RIGHT-TO-LEFT OVERRIDE: remove it",
        ),
    ],
    ids=["doubled-key", "endless-number", "nan", "infinity", "overflow", "surrogate", "bidi"],
)
def test_values_that_json_lets_through_are_refused_at_their_place(
    old: str, new: str, problem: str, write: Callable[[str | bytes], Path]
) -> None:
    assert refused(write(changed(old, new))) == [problem]


def test_odd_values_and_wrong_fields_are_reported_together(
    write: Callable[[str | bytes], Path],
) -> None:
    text = changed('"adults": 2,', '"adults": 2, "adults": 1,').replace(
        '"payday": 10', '"payday": 40'
    )

    assert [problem.partition(":")[0] for problem in refused(write(text))] == [
        "household.adults",
        "budget.payday",
    ]


def test_a_surrogate_in_a_field_name_is_refused_and_shown_safely() -> None:
    text = parse_json(b'{"\\ud800": 1}', "x")

    assert [str(problem) for problem in text.problems] == [
        "�: the name of this field holds half of a surrogate pair, \\ud800 to \\udfff: remove it"
    ]


def test_other_files_are_read_with_the_same_care(write: Callable[[str | bytes], Path]) -> None:
    assert read_json(write('{"a": [1, "2"]}')) == {"a": [1, "2"]}
    with pytest.raises(InputRefused) as refusal:
        read_json(write('{"a": 1, "a": 2}'))
    assert [problem.path for problem in refusal.value.problems] == ["a"]


@given(st.data())
def test_damaged_samples_are_read_or_refused_never_a_crash(data: st.DataObject) -> None:
    content = bytearray(S01.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        scrap = data.draw(
            st.binary(max_size=4) | st.sampled_from([b'"', b"{", b"]", b",", b"\xff", b"1e9"])
        )
        content[place : place + data.draw(st.integers(0, 3))] = scrap

    try:
        case = parse_case(bytes(content), "damaged")
    except InputRefused as refusal:
        assert refusal.problems
        assert all(len(str(problem)) < 600 for problem in refusal.problems)
    else:
        assert read_case(write_case(case), "again") == case
