"""The team lead's queue: what waits, how far it is off policy, and why it is asked for.

The difference to policy is the page; agreement with policy is one folded line. Not here: the gates
(`decision.py`) and who may decide (`services/decide.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from plan_assistant.domain.money import Money
from plan_assistant.domain.policy.findings import Effect, Finding, Measure
from plan_assistant.services.decide import PendingPlan, pending
from plan_assistant.ui import actions, columns, symbols
from plan_assistant.ui.actions import Zone
from plan_assistant.ui.requests import Request, read_request, schedule_of
from plan_assistant.ui.screens.base import BaseScreen
from plan_assistant.ui.screens.decision import Decision, DecisionScreen
from plan_assistant.ui.screens.reading import ReadingScreen, Section
from plan_assistant.ui.trail import record_sentences
from plan_assistant.ui.widgets.bars import KeyBar, TopLine
from plan_assistant.ui.widgets.choices import ChoiceList, Item
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import affordability, formats, terms
from plan_assistant.wording.course import recorded_changes, recorded_course
from plan_assistant.wording.findings import finding_sentence, finding_short, measure
from plan_assistant.wording.words import Words

_RULE, _MEASURE = 15, 12
_FIGURES = re.compile(r"\s*-?\d")
"""Where the figures of a short finding begin: they have columns of their own here."""


class RequestDetail(Pane):
    """One request: first what is off policy, then what was agreed."""

    def __init__(self) -> None:
        super().__init__(id="detail")
        self._plan: PendingPlan | None = None
        self._request: Request | None = None

    def show(self, plan: PendingPlan | None) -> None:
        """Show a request, or nothing."""
        self._plan = plan
        self._request = None if plan is None else read_request(plan.agreement)
        self.show_again()

    def titles(self) -> tuple[str, str]:
        """Return whose request it is."""
        if self._plan is None or self._request is None:
            return "", ""
        family = terms.family_short(self._request.family, self.language)
        return f"{columns.safe(self._plan.case_id)} {self._plan.masked_name}: {family}", ""

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the rules that are off, the figures, the reason and the trail."""
        if self._plan is None or self._request is None:
            return []
        request, say = self._request, self.say
        rows = [*self._rules(request, width), line("")]
        facts = [*self._why(self._plan, request), *self._facts(request)]
        rows += [
            line(f" {row}")
            for text in facts
            for row in columns.wrap(text, max(width - 2, 10), "   ")
        ]
        rows += [line((f" {say('Trail')}", "bold"))]
        for text in record_sentences(self._plan.trail, say):
            rows += [line(f" {row}") for row in columns.wrap(text, max(width - 2, 10), "   ")]
        return rows[:height]

    def _rules(self, request: Request, width: int) -> list[Content]:
        off = [finding for finding in request.findings if finding.effect is Effect.APPROVAL]
        within = len(request.findings) - len(off)
        cell = max(_MEASURE, (width - _RULE - 2) // 3)
        head = columns.left(f" {self.say('Rule')}", width - 3 * cell)
        head += "".join(
            columns.right(name, cell)
            for name in (self.say("Policy"), self.say("Plan"), self.say("Off by"))
        )
        rows = [line((head, "bold"))]
        for finding in off:
            name = _FIGURES.split(finding_short(finding, self.language), 1)[0]
            figures = [
                columns.amount("" if value is None else self._figure(value), cell - 1)
                for value in (finding.limit, finding.actual, finding.difference)
            ]
            text = columns.left(f"^ {name}", width - 3 * cell) + "".join(
                f" {figure}" for figure in figures
            )
            rows.append(line((text, "bold $verdict-tight")))
        if not off:
            rows.append(line(f" {symbols.YES} {self.say('Nothing is off policy.')}"))
        rows.append(
            line(
                f" {symbols.YES} "
                + self.say.plural("{count} other note (F5)", "{count} other notes (F5)", within)
            )
        )
        return rows

    def _figure(self, value: Measure) -> str:
        """Return a figure of the table; the currency stands below it."""
        if isinstance(value, Money):
            return formats.money(value, self.language)
        return measure(value, self.language)

    def _facts(self, request: Request) -> list[str]:
        say, language = self.say, self.language
        share = ""
        if request.spare.minor > 0:
            share = formats.percent(
                request.worst_payment.share_of(request.spare), language, decimals=0
            )
        changed = recorded_changes(request.figures, language)
        return [
            say(
                "Owes {owed}, {days} past due.",
                owed=formats.money_with_code(request.owed, language),
                days=formats.days(request.days_past_due, language),
            ),
            say(
                "{down} today, then {course}, from {first} to {last}.",
                down=formats.money(request.down_payment, language),
                course=recorded_course(request.figures, language),
                first=formats.day(request.first_due, language)
                if request.first_due
                else symbols.NOTHING,
                last=formats.day(request.last_due, language)
                if request.last_due
                else symbols.NOTHING,
            ),
            *([say("Changed: {changes}.", changes="; ".join(changed))] if changed else []),
            say(
                "Total {total}, added cost {added}, rate {rate} a year.",
                total=formats.money(request.total, language),
                added=formats.money(request.added_cost, language),
                rate=formats.percent(request.rate, language),
            ),
            say(
                "Spare {surplus}, the largest payment takes {share}: {verdict}, {left} left over.",
                surplus=formats.money(request.spare, language),
                share=share or symbols.NOTHING,
                verdict=str(terms.verdict(request.verdict, language)),
                left=formats.money(request.left_over, language),
            ),
            *(
                []
                if request.certainty is None
                else [affordability.certainty_sentence(request.certainty, language)]
            ),
        ]

    def _why(self, plan: PendingPlan, request: Request) -> list[str]:
        say = self.say
        told = []
        if request.reason_code is not None:
            told.append(
                say(
                    "Reason: {reason}.",
                    reason=terms.submit_reason(request.reason_code, self.language),
                )
            )
        if request.note:
            told.append(say('{maker}: "{note}"', maker=plan.maker, note=request.note))
        return told


class ApprovalsScreen(BaseScreen):
    """The requests that wait, and what is needed to decide them."""

    ZONE = Zone.APPROVALS
    BINDINGS = actions.bindings(Zone.APPROVALS)

    def __init__(self) -> None:
        super().__init__()
        self._plans: tuple[PendingPlan, ...] | None = None
        self._notice = ""

    def compose(self) -> ComposeResult:
        """Compose the queue and the detail."""
        yield TopLine(id="top")
        with Horizontal(id="main"):
            yield ChoiceList(
                id="requests", title=lambda: self.say("Waiting"), nothing=self._nothing
            )
            yield RequestDetail()
        yield _Notice()
        yield KeyBar(Zone.APPROVALS, self.role, self.refusal)

    def on_mount(self) -> None:
        """Show the frame, then read what waits."""
        self.query_one(ChoiceList).focus()
        self.refill()
        self.start(self._load, "approvals")

    def refill(self) -> None:
        """Show everything again."""
        self.query_one(TopLine).show(self._top)
        self._fill()
        super().refill()

    async def _load(self) -> None:
        with self.telling():
            self._plans = await self.in_background(lambda: pending(self.desk))
            self.refill()

    def _fill(self) -> None:
        requests = self.query_one(ChoiceList)
        requests.show([self._line(plan) for plan in self._plans or ()])
        self.query_one(RequestDetail).show(self._marked())
        self.query_one(KeyBar).show_again()

    def _marked(self) -> PendingPlan | None:
        index = self.query_one(ChoiceList).index
        return self._plans[index] if self._plans and 0 <= index < len(self._plans) else None

    def _top(self, _width: int) -> tuple[str, str]:
        account = self.desk.account
        who = f"{account.display_name}, {terms.role(account.role, self.language)}"
        waiting = self.say.plural("{count} waiting", "{count} waiting", len(self._plans or ()))
        return f"{self.say('Approvals')}   {waiting}   {who}", self.date_line()

    def _nothing(self) -> str:
        return (
            self.say("Reading ...")
            if self._plans is None
            else self.say("Nothing waits for a decision.")
        )

    def _line(self, plan: PendingPlan) -> Item:
        def draw(width: int) -> str:
            waited = self._waited(plan)
            marks = "^" * len(plan.needs_approval)
            own = self.say("own") if plan.is_own else ""
            end = f"{marks} {own} {waited}".replace("  ", " ")
            return columns.ends(f" {plan.masked_name}", end, width)

        return draw

    def _waited(self, plan: PendingPlan) -> str:
        minutes = int((self.desk.clock.now() - plan.since).total_seconds()) // 60
        if minutes >= 24 * 60:
            return formats.days(minutes // (24 * 60), self.language)
        if minutes >= 60:
            return self.say("{count} h", count=minutes // 60)
        return self.say("{count} min", count=minutes)

    def on_choice_list_marked(self, event: ChoiceList.Marked) -> None:
        """Show the request that is marked now."""
        event.stop()
        self._notice = ""
        self.query_one(RequestDetail).show(self._marked())
        self.query_one(_Notice).show("")
        self.query_one(KeyBar).show_again()

    def tell(self, sentence: str) -> None:
        """Show a sentence under the lists."""
        self.query_one(_Notice).show(sentence)

    # --- deciding -------------------------------------------------------------------------------

    def refusal(self, action_id: str) -> str | None:
        """Say why a request cannot be decided now; a lead never decides their own."""
        refused = super().refusal(action_id)
        if refused is not None or action_id == "leave_approvals":
            return refused
        plan = self._marked() if self.is_mounted else None
        if plan is None:
            return self.say("Nothing is marked.")
        if action_id in {"approve", "return", "decline"} and plan.is_own:
            return self.say(
                "This is your own plan: another team lead decides it. F8 takes it back."
            )
        if action_id == "take_back" and not plan.is_own:
            return self.say("Only its maker can take a request back.")
        return None

    def _decide(self, decision: Decision) -> None:
        plan = self._marked()
        if plan is not None:
            self.office.push_screen(DecisionScreen(plan, decision), self._decided)

    def _decided(self, sentence: str | None) -> None:
        if sentence:
            self.tell(sentence)
            self.start(self._load, "approvals")

    def do_approve(self) -> None:
        """Approve the marked request."""
        self._decide(Decision.APPROVE)

    def do_return(self) -> None:
        """Return the marked request."""
        self._decide(Decision.RETURN)

    def do_decline(self) -> None:
        """Decline the marked request."""
        self._decide(Decision.DECLINE)

    def do_take_back(self) -> None:
        """Take the own request back."""
        self._decide(Decision.TAKE_BACK)

    # --- looking --------------------------------------------------------------------------------

    def do_request_schedule(self) -> None:
        """Show every payment of the request."""
        from plan_assistant.ui.screens.schedule import ScheduleScreen  # noqa: PLC0415  # when asked for

        plan = self._marked()
        if plan is None:
            return
        with self.telling():
            request = read_request(plan.agreement)
            schedule = schedule_of(plan.agreement, self.desk.calendars)
            self.office.push_screen(
                ScheduleScreen(
                    schedule,
                    lambda: terms.family_short(request.family, self.language),
                    request.rate,
                )
            )

    def do_request_file(self) -> None:
        """Show what was read, what every rule said, and the trail."""
        plan = self._marked()
        if plan is not None:
            self.office.push_screen(
                ReadingScreen(
                    lambda say: say("Request {number}", number=plan.number),
                    lambda say: _file(plan, say),
                )
            )

    def do_request_export(self) -> None:
        """Write the agreement of the marked request."""
        from plan_assistant.ui.screens.export import ExportScreen  # noqa: PLC0415  # when asked for

        plan = self._marked()
        if plan is not None:
            self.office.push_screen(ExportScreen(plan.case_id))

    def do_leave_approvals(self) -> None:
        """Back to the queue."""
        self.dismiss(None)


class _Notice(Pane):
    """One line under the lists."""

    DEFAULT_CSS = "_Notice { height: 2; }"

    def __init__(self) -> None:
        super().__init__(id="notice")
        self._sentence = ""

    def show(self, sentence: str) -> None:
        """Show a sentence; nothing clears it."""
        self._sentence = sentence
        self.show_again()

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the sentence, wrapped."""
        return [
            line((f" {row}", "bold $verdict-tight"))
            for row in columns.wrap(self._sentence, max(width - 2, 10))
        ]


def _said(findings: Sequence[Finding], say: Words, *, is_only_kept: bool) -> list[str]:
    """Return findings as sentences: those to be weighed, or those that are only kept on record."""
    chosen = [finding for finding in findings if finding.is_only_kept is is_only_kept]
    return [finding_sentence(finding, say.language) for finding in chosen]


def _file(plan: PendingPlan, say: Words) -> list[Section]:
    request = read_request(plan.agreement)
    facts = [
        say(
            "Made by {maker}, {time}.",
            maker=plan.maker,
            time=formats.moment(plan.since, say.language),
        ),
        say("Fingerprint {code}.", code=plan.fingerprint[:16]),
        say("Recording {reference}.", reference=request.recording or symbols.NOTHING),
    ]
    return [
        (say("Request"), facts),
        (say("Rules"), _said(request.findings, say, is_only_kept=False)),
        (say("Read to the borrower"), request.lines_read),
        (say("Trail"), record_sentences(plan.trail, say)),
        (say("Kept on record"), _said(request.findings, say, is_only_kept=True)),
    ]
