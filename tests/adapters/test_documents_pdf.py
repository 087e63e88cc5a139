"""The PDF as a file: standard, bytes that repeat, metadata, and what reaches the typesetter."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import typst
from tests.adapters.agreement_example import APPROVAL, CHECKPOINT, agreement
from tests.adapters.pdf_reading import pages_of, squeezed, text_of

from plan_assistant.adapters.documents import writer as writer_module
from plan_assistant.adapters.documents.errors import DocumentFailure, DocumentRefused
from plan_assistant.adapters.documents.writer import PdfWriter
from plan_assistant.domain.seal import Witness
from plan_assistant.ports import DocumentWriter

_ROOT = Path(__file__).parents[2]
_HASH_ELSEWHERE = """
import hashlib, sys
from tests.adapters.agreement_example import APPROVAL, CHECKPOINT, agreement
from plan_assistant.adapters.documents.writer import PdfWriter
pdf = PdfWriter().write(
    agreement(periods=12), language="both", approval=APPROVAL, checkpoint=CHECKPOINT
)
print(hashlib.sha256(pdf).hexdigest())
"""


_WRITER = PdfWriter()


def _write(
    document: dict[str, Any] | None = None, language: str = "both", writer: PdfWriter = _WRITER
) -> bytes:
    return writer.write(
        document or agreement(), language=language, approval=APPROVAL, checkpoint=CHECKPOINT
    )


def test_the_writer_is_the_document_writer_that_services_ask_for() -> None:
    writer: DocumentWriter = PdfWriter()

    assert writer.write(
        agreement(), language="zh", approval=None, checkpoint=CHECKPOINT
    ).startswith(b"%PDF-1.7")


def test_the_file_identifies_itself_as_pdf_a_2a_and_pdf_ua_1() -> None:
    pdf = _write()

    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


@pytest.mark.parametrize(
    ("language", "tag"), [("zh", b"zh-CN"), ("both", b"zh-CN"), ("en", b"en-US")]
)
def test_language_and_region_are_set(language: str, tag: bytes) -> None:
    assert b"<dc:language><rdf:Bag><rdf:li>%b</rdf:li>" % tag in _write(language=language)


def test_the_metadata_hold_title_number_and_lender_and_nobody_else() -> None:
    with pypdfium2.PdfDocument(_write()) as document:
        metadata = document.get_metadata_dict()

    assert metadata["Title"] == "个性化分期还款协议 PA-20261122-000417"
    assert metadata["Author"] == "江澜银行股份有限公司信用卡中心"
    assert metadata["CreationDate"] == "D:20261122060511Z"
    assert "欧阳" not in "".join(metadata.values())


def test_only_the_fonts_of_the_package_are_in_the_file() -> None:
    names = set(re.findall(rb"/FontName\s*/([\w+-]+)", _write()))

    assert names
    assert all(re.fullmatch(rb"[A-Z]{6}\+Noto(Serif|Sans)SC-Regular", name) for name in names)


def test_the_same_record_gives_the_same_bytes_also_after_other_documents() -> None:
    writer = PdfWriter()
    first = writer.write(
        agreement(periods=12), language="both", approval=APPROVAL, checkpoint=CHECKPOINT
    )

    writer.write(
        agreement(periods=30, name="陈小禾"), language="en", approval=None, checkpoint=CHECKPOINT
    )
    again = writer.write(
        agreement(periods=12), language="both", approval=APPROVAL, checkpoint=CHECKPOINT
    )

    assert first == again
    assert first != writer.write(
        agreement(periods=13), language="both", approval=APPROVAL, checkpoint=CHECKPOINT
    )


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_every_page_names_the_checkpoint_in_one_piece(language: str) -> None:
    pages = pages_of(_write(language=language))

    assert len(pages) > 2
    assert [page for page in map(squeezed, pages) if f"7:{CHECKPOINT.root}" not in page] == []


def test_every_page_says_when_no_checkpoint_covers_the_plan() -> None:
    pdf = _WRITER.write(agreement(), language="both", approval=APPROVAL, checkpoint=None)

    for page in map(squeezed, pages_of(pdf)):
        assert "打印时记录尚未封存" in page
        assert "Therecordwasnotsealedwhenthiswasprinted" in page


def test_another_checkpoint_gives_another_document_and_the_same_one_the_same() -> None:
    other = Witness(8, CHECKPOINT.root)

    first, again, later = (
        _WRITER.write(agreement(), language="en", approval=APPROVAL, checkpoint=witness)
        for witness in (CHECKPOINT, Witness(7, CHECKPOINT.root), other)
    )

    assert first == again
    assert first != later


def test_another_process_with_another_locale_and_time_zone_gives_the_same_bytes() -> None:
    environment = {**os.environ, "TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    environment["PYTHONPATH"] = os.pathsep.join([str(_ROOT), str(_ROOT / "src")])

    elsewhere = subprocess.run(
        [sys.executable, "-c", _HASH_ELSEWHERE],
        env=environment,
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    assert elsewhere == hashlib.sha256(_write(agreement(periods=12))).hexdigest()


@pytest.mark.parametrize(
    "name",
    [
        "#set page(width: 1cm)",
        '#read("/etc/passwd")',
        "$x^2$ *b* _i_ @label <label>",
        "{{7*7}} {lender} {total}",
        "<b>张三</b> &amp; <!--",
        "// 注释 /* x */ `raw` = 标题",
        '"]); #panic("x") \\u{41}',
        "欧阳𬱖龑䶮",
    ],
)
def test_a_hostile_or_rare_name_is_printed_as_it_is(name: str) -> None:
    document = agreement(name=name)
    document["parties"]["lender"] = name
    document["hardship"][0]["evidence"] = [name]

    text = text_of(_write(document))

    squeezed = re.sub(r"\s", "", name)
    assert text.count(squeezed) >= 5  # parties twice, evidence twice, signature block
    assert "root:" not in text


def test_a_template_cannot_read_outside_its_folder(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (template / "agreement.typ").write_text('#read("../secret.txt")')

    with pytest.MonkeyPatch.context() as patch, pytest.raises(DocumentFailure) as failure:
        patch.setattr(writer_module, "_TEMPLATES", template)
        _write(writer=PdfWriter())

    assert "could not be typeset" in str(failure.value)


def test_a_failing_typesetter_becomes_one_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "agreement.typ").write_text('#panic("broken\\nsecond line")')

    with pytest.MonkeyPatch.context() as patch, pytest.raises(DocumentFailure) as failure:
        patch.setattr(writer_module, "_TEMPLATES", tmp_path)
        _write(writer=PdfWriter())

    assert "\n" not in str(failure.value)
    assert "Reinstall the program" in str(failure.value)
    assert isinstance(failure.value.__cause__, typst.TypstError)


def test_a_glyph_that_only_the_typesetter_misses_is_named_in_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "agreement.typ").write_text(
        '#set document(title: "x")\n#set text(font: "Noto Serif SC")\n🙂', encoding="utf-8"
    )

    with pytest.MonkeyPatch.context() as patch, pytest.raises(DocumentRefused) as refused:
        patch.setattr(writer_module, "_TEMPLATES", tmp_path)
        _write(writer=PdfWriter())

    assert "🙂" in refused.value.problems[0].sentence


def test_the_shipped_template_compiles_without_a_warning() -> None:
    made: list[tuple[Any, list[typst.TypstWarning]]] = []
    real: Any = typst.Compiler

    class Listening:
        def __init__(self, *arguments: Any, **options: Any) -> None:
            self._real = real(*arguments, **options)

        def compile(self, **options: Any) -> Any:
            made.append(self._real.compile_with_warnings(**options))
            return made[-1][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typst, "Compiler", Listening)
        _write(agreement(periods=120, has_guarantor=True), writer=PdfWriter())

    assert [warnings for _, warnings in made] == [[]]
