"""What is known of the borrower in sentences: debts, history, hardship, the call so far.

Not here: the case itself (`domain/case.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Debt
from plan_assistant.domain.negotiation import Negotiation, TrailKind
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.ui import columns
from plan_assistant.ui.widgets.text import Pane, line
from plan_assistant.wording import affordability, formats, terms
from plan_assistant.wording.course import plan_changes, plan_course
from plan_assistant.wording.findings import finding_sentence
from plan_assistant.wording.words import Words, message

_HISTORY = message("History")
_HARDSHIP = message("Hardship")


def debt_sentences(debt: Debt, say: Words) -> list[str]:
    """Return a debt with what it consists of, its rate and how late it is."""
    language = say.language
    parts = [
        f"{terms.component(component, language)} {formats.money(amount, language)}"
        for component, amount in debt.components.items()
        if amount
    ]
    said = [
        say(
            "{product}, {lender}, ending in {tail}: {owed} = {parts}.",
            product=terms.product(debt.product, language),
            lender=debt.lender,
            tail=debt.account_tail,
            owed=formats.money_with_code(debt.owed, language),
            parts=" + ".join(parts) or "0",
        ),
        say(
            "Contract rate {rate} a year, {days} past due.",
            rate=formats.percent(debt.annual_rate, language),
            days=formats.days(debt.days_past_due, language),
        ),
    ]
    if debt.contractual_payment is not None:
        amount = formats.money(debt.contractual_payment, language)
        said.append(say("The contract asks {amount} a month.", amount=amount))
    if debt.maturity is not None:
        said.append(say("It matures on {day}.", day=formats.long_day(debt.maturity, language)))
    if not debt.is_negotiated:
        said.append(say("Not part of this negotiation."))
    return said


def history_sentences(case: Case, say: Words) -> list[str]:
    """Return promises, the last payment and the last contact."""
    language = say.language
    said = [
        say(
            "Promises kept {kept}, broken {broken}.",
            kept=case.promises_kept,
            broken=case.promises_broken,
        )
    ]
    if case.payments:
        last = max(case.payments, key=lambda payment: payment.on)
        said.append(
            say(
                "Last payment {amount} on {day}.",
                amount=formats.money(last.amount, language),
                day=formats.long_day(last.on, language),
            )
        )
    else:
        said.append(say("No payment so far."))
    if case.contacts:
        contact = max(case.contacts, key=lambda item: item.on)
        said.append(
            say(
                "Last contact on {day}: {outcome}.",
                day=formats.long_day(contact.on, language),
                outcome=terms.contact_outcome(contact.outcome, language),
            )
        )
    if not case.willingness.is_expressed:
        said.append(say("Has not said that they want to pay."))
    elif case.willingness.own_proposal is not None:
        said.append(
            say(
                "Proposed {amount} a month.",
                amount=formats.money(case.willingness.own_proposal, language),
            )
        )
    return said


def hardship_sentences(case: Case, say: Words) -> list[str]:
    """Return why the borrower cannot pay, since when, until when, and what shows it."""
    language = say.language
    said = []
    for reason in case.hardships:
        since = formats.long_day(reason.since, language)
        name = terms.hardship(reason.code, language)
        if reason.is_lasting:
            said.append(say("{reason} since {since}, lasting.", reason=name, since=since))
        elif reason.expected_end is not None:
            until = formats.long_day(reason.expected_end, language)
            said.append(
                say(
                    "{reason} since {since}, until about {until}.",
                    reason=name,
                    since=since,
                    until=until,
                )
            )
        else:
            said.append(say("{reason} since {since}.", reason=name, since=since))
        said.append(
            say("Shown by: {evidence}.", evidence=", ".join(reason.evidence))
            if reason.evidence
            else say("Nothing shows it yet: ask for it.")
        )
    return said or [say("No reason is known: ask.")]


def trail_sentences(call: Negotiation, say: Words) -> list[str]:
    """Return what happened in this call, newest first."""
    said = []
    for entry in reversed(call.trail):
        at = formats.clock_time(entry.at, say.language)
        if entry.kind is TrailKind.DISCLOSED:
            said.append(
                say("{time} told: {what}", time=at, what=terms.disclosure(entry.what, say.language))
            )
        elif entry.plan is not None:
            family = terms.family_short(entry.plan.family, say.language)
            figures = "; ".join(_figures(entry.plan, call.case, say.language))
            if entry.answer is None:
                said.append(
                    say(
                        "{time} offered {plan} {figures}",
                        time=at,
                        plan=family,
                        figures=figures,
                    )
                )
            else:
                answer = terms.objection(entry.answer, say.language)
                said.append(
                    say(
                        '{time} "{answer}" to {plan} {figures}',
                        time=at,
                        answer=answer,
                        plan=family,
                        figures=figures,
                    )
                )
    return said


def _figures(plan: Plan, case: Case, language: str) -> list[str]:
    """Return the payments of a plan and what it changes beside them."""
    debt = case.debt(plan.debt_id)
    return [plan_course(plan, language), *plan_changes(plan, debt.annual_rate, language)]


def joined(sentences: Sequence[str], say: Words) -> str:
    """Return sentences one after the other; Chinese puts no blank between them."""
    return ("" if say.language == "zh" else " ").join(sentences)


def plan_sentences(call: Negotiation, say: Words) -> list[str]:
    """Return why the selected plan is shown, and what every rule says about it."""
    if call.plan is None:
        return []
    judgement, found = call.plan.judgement, call.affordability
    rate = affordability.rate_sentence(judgement, found, say.language)
    ranked = sorted(call.plan.findings, key=lambda finding: finding.is_only_kept)
    return [
        *terms.reasons(call.plan, say.language),
        affordability.residual_sentence(judgement, say.language),
        *([] if rate is None else [rate]),
        *(
            []
            if judgement.certainty is None
            else [affordability.certainty_sentence(judgement.certainty, say.language)]
        ),
        *(finding_sentence(finding, say.language) for finding in ranked),
    ]


class SituationPanel(Pane):
    """Debts, history and hardship on a wide screen."""

    def __init__(self) -> None:
        super().__init__(id="situation")
        self._case: Case | None = None

    def show(self, case: Case) -> None:
        """Show what is known of a borrower."""
        self._case = case
        self.show_again()

    def titles(self) -> tuple[str, str]:
        """Return the name of the panel and the key to all of it."""
        return self.say("Situation"), self.say("^F: case file")

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return as much as has room, whole sentences wrapped."""
        if self._case is None:
            return []
        paragraphs = [
            *(joined(debt_sentences(debt, self.say), self.say) for debt in self._case.debts[:2]),
            f"{self.say(_HISTORY)}: {joined(history_sentences(self._case, self.say), self.say)}",
            f"{self.say(_HARDSHIP)}: {joined(hardship_sentences(self._case, self.say), self.say)}",
        ]
        return [
            line(f" {row}")
            for text in paragraphs
            for row in columns.wrap(text, max(width - 2, 10), "  ")
        ][:height]


class TrailPanel(Pane):
    """What happened in the call, newest first; nobody types it."""

    def __init__(self) -> None:
        super().__init__(id="trail")
        self._call: Negotiation | None = None

    def show(self, call: Negotiation) -> None:
        """Show the trail of a call."""
        self._call = call
        self.show_again()

    def titles(self) -> tuple[str, str]:
        """Return the name of the panel."""
        return self.say("Trail"), ""

    def lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the newest lines."""
        if self._call is None:
            return []
        rows = trail_sentences(self._call, self.say) or [self.say("nothing offered yet")]
        drawn = [
            line(f" {part}") for row in rows for part in columns.wrap(row, max(width - 2, 10), "  ")
        ]
        return drawn[:height]
