"""Files from outside that are read, and the documents and files that are written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plan_assistant.domain.case import Case
from plan_assistant.ports import DocumentWriter, Files

if TYPE_CHECKING:
    from plan_assistant.domain.offers.published import Waterfall


def document_writer() -> DocumentWriter:
    """Return the writer of agreements as PDF."""
    from plan_assistant.adapters.documents.writer import PdfWriter  # noqa: PLC0415  # loads fonts

    return PdfWriter()


def files() -> Files:
    """Return the writer of exported files."""
    from plan_assistant.adapters.files import LocalFiles  # noqa: PLC0415  # only exports need it

    return LocalFiles()


def load_case(path: Path) -> Case:
    """Read a case file; raises InputRefused with every problem found."""
    from plan_assistant.adapters.importers.json_file import load_case as load  # noqa: PLC0415  # its models are slow

    return load(path)


def read_case_text(text: str, source: str) -> Case:
    """Read a case from the text of a case file."""
    from plan_assistant.adapters.importers.json_file import parse_case  # noqa: PLC0415  # its models are slow

    return parse_case(text.encode(), source)


def read_json(path: Path) -> object:
    """Read a JSON file; raises InputRefused when it cannot be read."""
    from plan_assistant.adapters.importers.json_text import read_json as read  # noqa: PLC0415  # no screen reads one

    return read(path)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file; raises InputRefused when it cannot be read."""
    from plan_assistant.adapters.reading import sha256_of as hashed  # noqa: PLC0415  # only signing needs it

    return hashed(path)


def waterfalls(names: Sequence[str] = ()) -> tuple[Waterfall, ...]:
    """Return published waterfalls by name or file; without names all that the program has."""
    from plan_assistant.adapters.waterfalls import named_waterfall, packaged_waterfalls  # noqa: PLC0415  # only compare needs them

    if not names:
        return tuple(packaged_waterfalls().values())
    return tuple(named_waterfall(name) for name in dict.fromkeys(names))
