"""The agreement as a PDF: PDF/A-2a and PDF/UA-1, the same bytes for the same record.

The typesetter is run over one shipped template; the data reach it as one JSON string and are never
part of its source. Not here: what the paper says (`paper.py`) and its layout (the template).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import segno
import typst

from plan_assistant.adapters.documents.cost_annex import cost_annex
from plan_assistant.adapters.documents.errors import DocumentFailure, DocumentRefused
from plan_assistant.adapters.documents.facts import read_approval, read_facts
from plan_assistant.adapters.documents.figures import Language
from plan_assistant.adapters.documents.fonts import fonts
from plan_assistant.adapters.documents.paper import Paper, compose
from plan_assistant.adapters.documents.schedule_annex import schedule_annex
from plan_assistant.domain.errors import Problem
from plan_assistant.domain.events import Json
from plan_assistant.domain.seal import Witness

LANGUAGES: Mapping[str, tuple[Language, ...]] = {
    "zh": (Language.ZH,),
    "en": (Language.EN,),
    "both": (Language.ZH, Language.EN),
}
_TEMPLATES = Path(__file__).parent / "template"
_MISSING_GLYPH = re.compile(r"the text `(.+?)` could not be displayed")
_STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]


class PdfWriter:
    """Writes agreements as PDF; implements `ports.DocumentWriter`."""

    def __init__(self) -> None:
        self._compiler: typst.Compiler | None = None
        # One compiler keeps its fonts and layout cache, and holds one document's data at a time.
        self._lock = Lock()

    def write(
        self,
        agreement: Mapping[str, Json],
        *,
        language: str,
        approval: Mapping[str, Json] | None,
        checkpoint: Witness | None,
    ) -> bytes:
        """Return the PDF; without an approval every page says DRAFT / 草案.

        Raises DocumentRefused for an agreement that cannot be printed (all problems at once) and
        DocumentFailure when the typesetter fails for another reason.
        """
        if language not in LANGUAGES:
            sentence = f"{language[:20]!r} is not a language of documents: choose zh, en or both"
            raise DocumentRefused("the request", [Problem("language", sentence)])
        facts = read_facts(agreement)
        approved = None if approval is None else read_approval(approval)
        paper = Paper.of(facts, approved, checkpoint, LANGUAGES[language])
        content = compose(paper, schedule_annex(paper), cost_annex(paper))
        content["qr"] = _qr(approved.fingerprint) if approved else None
        return self._typeset(content, int(facts.agreed_at.timestamp()))

    def _typeset(self, content: dict[str, Any], timestamp: int) -> bytes:
        data = json.dumps(content, ensure_ascii=False)
        with self._lock:
            try:
                if self._compiler is None:
                    self._compiler = typst.Compiler(
                        _TEMPLATES / "agreement.typ",
                        root=_TEMPLATES,
                        font_paths=fonts(),
                        ignore_system_fonts=True,
                    )
                pdf = self._compiler.compile(
                    format="pdf",
                    sys_inputs={"data": data},
                    pdf_standards=_STANDARDS,
                    timestamp=timestamp,
                )
            except RuntimeError as error:
                raise _failure(error) from error
        if not isinstance(pdf, bytes):
            raise DocumentFailure("The typesetter gave no document; reinstall the program.")
        return pdf


def _qr(content: str) -> str:
    """Return a QR code as SVG, without a border of its own."""
    drawn = io.BytesIO()
    segno.make(content, error="m").save(drawn, kind="svg", border=0, xmldecl=False, svgclass=None)
    return drawn.getvalue().decode("ascii")


def _failure(error: RuntimeError) -> DocumentRefused | DocumentFailure:
    """Return what the typesetter's error means for the person who wanted the document."""
    message = str(error)
    missing = _MISSING_GLYPH.search(message)
    if missing is not None:
        sentence = f"no font of the program has {missing.group(1)}: write it with another character"
        return DocumentRefused("the agreement", [Problem("", sentence)])
    return DocumentFailure(
        f"The document could not be typeset ({message.splitlines()[0][:200]}). "
        "Nothing was written. Reinstall the program; if that does not help, report this sentence."
    )
