"""Writes the agreement of a case: which documents, where, and what they are called."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import RequestKey
from plan_assistant.services.export import Exported, export_agreement
from plan_assistant.services.keys import new_key
from plan_assistant.ui import actions, columns
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import Overlay
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording.words import message

_CHOICES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        message("everything: PDF in Chinese, English and both, and JSON"),
        ("pdf", "json"),
        ("zh", "en", "both"),
    ),
    (message("PDF in both languages"), ("pdf",), ("both",)),
    (message("PDF in Chinese"), ("pdf",), ("zh",)),
    (message("PDF in English"), ("pdf",), ("en",)),
    (message("JSON, to be verified offline"), ("json",), ()),
)


class _Paths(Pane):
    """Where the documents are; a path is wrapped, never cut."""

    def __init__(self) -> None:
        super().__init__(id="paths")
        self._sentences: list[str] = []

    def show(self, sentences: list[str]) -> None:
        """Show sentences and paths."""
        self._sentences = sentences
        self.show_again()

    def lines(self, width: int, height: int) -> list[Content]:
        """Return them, wrapped."""
        rows = [
            row for text in self._sentences for row in columns.wrap(text, max(width - 2, 10), "  ")
        ]
        return [line(f" {row}") for row in rows]


class ExportScreen(Overlay[None]):
    """Choose by digit; the paths of what was written stay in view."""

    ZONE = Zone.EXPORT
    BINDINGS = actions.bindings(Zone.EXPORT)

    def __init__(self, case_id: CaseId, number: str | None = None) -> None:
        """`number` names the plan; without it the one that a case prints first is meant."""
        super().__init__()
        self._case_id = case_id
        self._number = number
        self._keys: dict[int, RequestKey] = {}

    def content(self) -> ComposeResult:
        """Compose the choices and the place for the paths."""
        with Vertical(id="export", classes="box"):
            yield ChoiceList(id="documents", has_digits=True)
            yield _Paths()

    def boxes(self) -> dict[str, str]:
        """Return the title of the box."""
        return {"#export": self.say("Write the agreement of {case}", case=self._case_id)}

    def on_mount(self) -> None:
        """Show the choices and the folder."""
        documents = self.query_one(ChoiceList)
        documents.show([self._line(number) for number in range(len(_CHOICES))])
        documents.focus()
        self.query_one(_Paths).show([self.say("Folder: {folder}", folder=str(self.office.folder))])

    def _line(self, number: int) -> Item:
        def draw(width: int) -> str:
            return columns.left(f"{number + 1}  {self.say(_CHOICES[number][0])}", width)

        return draw

    def tell(self, sentence: str) -> None:
        """Show a sentence in place of the paths."""
        self.query_one(_Paths).show([sentence])

    def on_choice_list_digit(self, event: ChoiceList.Digit) -> None:
        """Write what the digit chose."""
        self._write(event.index)

    def do_choose_export(self) -> None:
        """Write what is marked."""
        self._write(self.query_one(ChoiceList).index)

    def _write(self, choice: int) -> None:
        _, formats, languages = _CHOICES[choice]
        key = self._keys.setdefault(choice, new_key())

        async def work() -> None:
            self.tell(self.say("Writing ..."))
            with self.telling():
                done = await self.in_background(
                    lambda: self._export(formats, languages, self.office.folder, key)
                )
                self._keys.pop(choice)
                self._show(done)

        self.start(work, "export")

    def _export(
        self, formats: tuple[str, ...], languages: tuple[str, ...], folder: Path, key: RequestKey
    ) -> Exported:
        from plan_assistant import bootstrap  # noqa: PLC0415  # loads the fonts

        return export_agreement(
            self.desk,
            self._case_id,
            formats=formats,
            languages=languages,
            folder=folder,
            writers={"pdf": bootstrap.document_writer()},
            files=bootstrap.files(),
            sealer=bootstrap.sealer(self.desk.store, self.desk.clock),
            key=key,
            number=self._number,
        )

    def _show(self, done: Exported) -> None:
        state = (
            self.say("Written as a DRAFT: the team lead has not approved it yet.")
            if done.is_draft
            else self.say("Written, approved:")
        )
        told = [state, *(path.name for path in done.paths)]
        told.append(self.say("Folder: {folder}", folder=str(done.paths[0].parent)))
        if done.waits is not None and self._number is None:
            told.append(
                self.say("{number} waits for approval and was not written.", number=done.waits)
            )
        if done.checkpoint is None:
            told.append(self.say("The record was not sealed; every page says so."))
        self.query_one(_Paths).show(told)

    def do_no_export(self) -> None:
        """Back."""
        self.dismiss(None)
