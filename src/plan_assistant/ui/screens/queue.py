"""The queue: every case in one line, nothing in it that tells a passer-by who owes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from plan_assistant.domain.case import CaseId
from plan_assistant.domain.debt import Product
from plan_assistant.domain.errors import PlanAssistantError
from plan_assistant.domain.record import QueueRow, Status
from plan_assistant.services.queue import queue_of
from plan_assistant.ui import actions, columns
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.screens.base import BaseScreen
from plan_assistant.ui.widgets.bars import KeyBar, TopLine
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.wording import formats, terms
from plan_assistant.wording.words import label

if TYPE_CHECKING:
    from plan_assistant.domain.waiting import JournalContent
    from plan_assistant.services.deliver import Delivery
    from plan_assistant.services.desk import Desk

_PRODUCT = {
    Product.CREDIT_CARD: label("queue", "card"),
    Product.CONSUMER_LOAN: label("queue", "consumer"),
    Product.BUSINESS_LOAN: label("queue", "business"),
    Product.OTHER: label("queue", "other"),
}
_NAME, _KIND, _OWED, _DAYS, _STAGE, _CASE = 13, 10, 21, 6, 5, 14
_WIDE = 110


class QueueScreen(BaseScreen):
    """The cases at hand; Enter opens the marked one."""

    ZONE = Zone.QUEUE
    BINDINGS = actions.bindings(Zone.QUEUE)

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[QueueRow] | None = None
        self._shown: list[QueueRow] = []
        self._filter = ""
        self._is_opening = False
        self._failure: PlanAssistantError | None = None

    def compose(self) -> ComposeResult:
        """Compose the title line, the list and the keys."""
        yield TopLine(id="top")
        yield ChoiceList(
            id="queue",
            title=self._title,
            head=self._head,
            nothing=self._nothing,
            note=self._note,
        )
        yield KeyBar(Zone.QUEUE, self.role, self.refusal)

    def on_mount(self) -> None:
        """Show the frame, then read the queue."""
        self.query_one(ChoiceList).focus()
        self.refill()
        self.start(self._load_first, "queue")

    def on_screen_resume(self) -> None:
        """Read the queue again: a call may have changed it."""
        if self._rows is not None:
            self.start(self._load, "queue")

    def refill(self) -> None:
        """Show the title line and the list again."""
        self.query_one(TopLine).show(self._top)
        self._fill()
        super().refill()

    def saving_changed(self, delivery: Delivery | None) -> None:
        """Show it, and read the queue again where a delivery has changed cases."""
        super().saving_changed(delivery)
        if delivery is not None and delivery.delivered and self._rows is not None:
            self.start(self._load, "queue")

    async def _load_first(self) -> None:
        await self._load()
        self.call_after_refresh(self.office.preload)

    async def _load(self) -> None:
        try:
            found = await self.in_background(lambda: queue_of(self.desk))
            self._rows, self._failure = found.lines, None
            self.tell_left_out(found.left_out)
        except PlanAssistantError as error:
            self._rows, self._failure = None, error
        self._fill()

    def _fill(self) -> None:
        self._shown = [row for row in self._rows or () if self._matches(row)]
        self.query_one(ChoiceList).show([self._line(row) for row in self._shown])

    def _matches(self, row: QueueRow) -> bool:
        status = terms.status(row.status.value, self.language)
        text = f"{row.case_id} {self._shown_name(row)} {status} {row.stage}"
        return self._filter.casefold() in text.casefold()

    # --- drawing ------------------------------------------------------------------------------

    def _top(self, _width: int) -> tuple[str, str]:
        account = self.desk.account
        who = f"{account.display_name}, {terms.role(account.role, self.language)}"
        return f"{self.say('Queue')}   {who}", self.date_line()

    def _title(self) -> str:
        if self._rows is None:
            return self.say("Cases")
        return self.say.plural("{count} case", "{count} cases", len(self._shown))

    def _note(self) -> str:
        if self._filter:
            return self.say("Only: {text}", text=self._filter)
        return self.say("type to filter by number, name or status")

    def _nothing(self) -> str:
        if self._failure is not None:
            return self.problem_sentence(self._failure)
        if self._rows is None:
            return self.say("Reading the queue ...")
        if self._filter:
            return self.say('No case matches "{text}". Esc shows all.', text=self._filter)
        return self.say("The queue is empty. Import cases with: plan-assistant import FILE")

    def _head(self, width: int) -> str:
        names = [
            columns.left(self.say("Borrower"), _NAME),
            columns.left(self.say("Product"), _KIND),
            columns.right(self.say("Owed"), _OWED),
            columns.right(self.say("Days"), _DAYS),
            columns.right(self.say("Stage"), _STAGE + 1),
            f"  {self.say('Status')}",
        ]
        if width >= _WIDE:
            names.insert(0, columns.left(self.say("Case"), _CASE))
        return columns.left("".join(names), width)

    def _line(self, row: QueueRow) -> Item:
        def draw(width: int) -> str:
            cells = [
                columns.left(self._shown_name(row), _NAME - 1) + " ",
                columns.left(self.say.label(*_PRODUCT[row.product]), _KIND),
                columns.amount(formats.money_with_code(row.owed, self.language), _OWED),
                columns.amount(str(row.days_past_due), _DAYS),
                columns.right(row.stage, _STAGE + 1),
                f"  {self._status(row)}",
            ]
            if width >= _WIDE:
                cells.insert(0, columns.left(row.case_id, _CASE - 1) + " ")
            return columns.left("".join(cells), width)

        return draw

    def _shown_name(self, row: QueueRow) -> str:
        return terms.personal(row.masked_name, self.language)

    def _status(self, row: QueueRow) -> str:
        """Return where the case stands; a call that ended without a plan is told by its outcome."""
        if row.status is Status.CLOSED and row.last_outcome is not None:
            return terms.call_outcome(row.last_outcome, self.language)
        return terms.status(row.status.value, self.language)

    # --- keys ---------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Narrow the list by what is typed."""
        if event.key == "backspace" and self._filter:
            self._narrow(self._filter[:-1])
        elif event.character is not None and event.is_printable:
            self._narrow(self._filter + event.character)
        else:
            return
        event.stop()

    def _narrow(self, text: str) -> None:
        self._filter = text
        self._fill()

    def tell(self, sentence: str) -> None:
        """Show a sentence in the corner."""
        self.office.tell(sentence)

    def do_clear_filter(self) -> None:
        """Show every case."""
        self._filter = ""
        self.refill()

    def do_open_case(self) -> None:
        """Open the marked case for a call; pressed again meanwhile, it opens once."""
        if self._shown and not self._is_opening:
            self._is_opening = True
            case_id = self._shown[self.query_one(ChoiceList).index].case_id
            self.start(lambda: self._open_case(case_id), "open")

    async def _open_case(self, case_id: CaseId) -> None:
        try:
            with self.telling():
                await self.unless_left(self.office.open_call(case_id, self))
        finally:
            self._is_opening = False

    def do_reload_queue(self) -> None:
        """Read the queue again."""
        self.start(self._load, "queue")

    def do_approvals(self) -> None:
        """Show the requests that wait."""
        from plan_assistant.ui.screens.approvals import ApprovalsScreen  # noqa: PLC0415  # only leads need it

        self.office.push_screen(ApprovalsScreen())

    def do_export_case(self) -> None:
        """Write the agreement of the marked case."""
        from plan_assistant.ui.screens.export import ExportScreen  # noqa: PLC0415  # only when asked for

        if self._shown:
            self.office.push_screen(
                ExportScreen(self._shown[self.query_one(ChoiceList).index].case_id)
            )

    def do_waiting(self) -> None:
        """Show what the person did that is not in the record."""
        self.start(self._show_waiting, "waiting")

    async def _show_waiting(self) -> None:
        from plan_assistant.ui.screens.waiting import WaitingScreen  # noqa: PLC0415  # rarely needed

        desk = self.desk
        with self.telling():
            found = await self.in_background(lambda: _not_in_record(desk))
            self.office.push_screen(WaitingScreen(found))

    def do_other_person(self) -> None:
        """Let another person sign in."""
        self.office.sign_out()


def _not_in_record(desk: Desk) -> JournalContent:
    """Return what of the person at the desk is not in the record; called in a thread."""
    from plan_assistant.services.deliver import own_content  # noqa: PLC0415  # rarely needed

    return own_content(desk)
