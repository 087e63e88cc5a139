"""One request as a team lead sees it: what is off policy first, then what was agreed, and its file.

The difference to policy is the page; agreement with policy is one folded line. Not here: the list
of requests (`approvals.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual.content import Content

from plan_assistant.domain.money import Money
from plan_assistant.domain.policy.findings import Effect, Finding, Measure
from plan_assistant.services.decide import PendingPlan
from plan_assistant.services.requests import Request, read_request
from plan_assistant.ui import columns, symbols
from plan_assistant.ui.screens.reading import Section
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import affordability, formats, terms
from plan_assistant.wording.course import recorded_changes, recorded_course
from plan_assistant.wording.findings import finding_sentence, finding_short, measure
from plan_assistant.wording.trail import record_sentences
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


def _said(findings: Sequence[Finding], say: Words, *, is_only_kept: bool) -> list[str]:
    """Return findings as sentences: those to be weighed, or those that are only kept on record."""
    chosen = [finding for finding in findings if finding.is_only_kept is is_only_kept]
    return [finding_sentence(finding, say.language) for finding in chosen]


def request_file(plan: PendingPlan, say: Words) -> list[Section]:
    """Return everything known of a request: who made it, every rule, what was read, the trail."""
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
