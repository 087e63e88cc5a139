"""A rule's answer as a sentence: the limit, what the plan has, how far apart, who may allow it.

The word is always "may not be offered" or "needs approval": whether something is lawful is not for
this program to say. Not here: which rules there are (the pack) and how they are tested
(`domain/policy`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from plan_assistant.domain.money import Money
from plan_assistant.domain.policy.findings import (
    CLASSES,
    Confidence,
    Count,
    Days,
    Effect,
    Finding,
    Measure,
    Months,
    Role,
    Share,
    Word,
)
from plan_assistant.domain.verdict import Verdict
from plan_assistant.wording import formats, terms
from plan_assistant.wording.finding_texts import ADVICE, BLOCKED, SENTENCES
from plan_assistant.wording.short_texts import SHORT
from plan_assistant.wording.words import Words, first_fitting, join, message, placeholders, words

SHORT_CELLS = 13
"""Width of the column that holds `finding_short`."""

_NOBODY = message("Nobody here may allow it (rule {rule}).")
_MAY_ALLOW = {
    Role.COLLECTOR: message("The collector may allow it (rule {rule})."),
    Role.TEAM_LEAD: message("The team lead may allow it (rule {rule})."),
    Role.LEGAL_REVIEWER: message("The legal reviewer may allow it (rule {rule})."),
    Role.AUDITOR: message("The auditor may allow it (rule {rule})."),
    Role.ADMINISTRATOR: message("The administrator may allow it (rule {rule})."),
    Role.AGENCY_COLLECTOR: message("The agency collector may allow it (rule {rule})."),
}
_EFFECT = {
    Effect.DISCLOSE: message("Tell the borrower (rule {rule})."),
    Effect.RECORD: message("This stays on record (rule {rule})."),
}
_UNKNOWN = (
    message(
        "Asked was {test}: the limit is {limit}, the plan has {actual}, the difference is "
        "{difference}."
    ),
    message("Asked was {test}: the limit is {limit}, the plan has {actual}."),
    message("Asked was {test}: the limit is {limit}."),
    message("Asked was {test}: the plan has {actual}."),
    message("Asked was {test}."),
)


_STANDING = frozenset(
    {
        "restructured_asset",
        "overdue_rescheduled",
        "forborne_dates",
        "reaging_conditions",
        "upgrade_earliest",
        "capitalised_interest",
    }
)
"""What a plan does to the standing of a debt or its interest; it is said with every plan."""


def said_of_a_plan(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what is printed with a plan: what must be allowed, what it passes, its standing.

    What is said with every plan is read out by itself. A limit that is passed is printed whatever
    follows from it, also if it is only kept on record.
    """
    return tuple(
        finding
        for finding in findings
        if finding.effect is Effect.APPROVAL
        or finding.difference is not None
        or finding.test in _STANDING
    )


def finding_sentence(finding: Finding, language: str) -> str:
    """Return what a rule says about a plan, in whole sentences with its figures and its id."""
    say = words(language)
    choices = SENTENCES.get(finding.test, _UNKNOWN)
    if finding.effect is Effect.BLOCK and finding.test in BLOCKED:
        choices = BLOCKED[finding.test]
    said = [fill(choices, finding, say), say(_tail(finding), rule=finding.rule)]
    if finding.confidence in {Confidence.SECONDARY, Confidence.MEMORY}:
        said.append(say("Have counsel confirm this rule."))
    return join(said, language)


def finding_short(finding: Finding, language: str) -> str:
    """Return a rule's answer for a column of 13 cells: `term 72>60`.

    Where the figures do not fit, only the word stays: a cut figure is a different figure.
    """
    say = words(language)
    values = _values(finding, language, _short_measure)
    for context, choice in SHORT.get(finding.test, ()):
        if placeholders(choice) <= values.keys():
            text = say.label(context, choice, **values)
            if formats.cell_width(text) <= SHORT_CELLS:
                return text
    return finding.rule if len(finding.rule) <= SHORT_CELLS else say.label("finding", "see rule")


def advice_sentence(finding: Finding, language: str) -> str:
    """Return what to do instead, where no installment fits a household without surplus."""
    choices = ADVICE.get(finding.test)
    if choices is None:
        return finding_sentence(finding, language)
    # The search fills in the figures of the deficit; here only a payment or a day of review counts.
    actual, limit = finding.actual, finding.limit
    spoken = replace(
        finding,
        actual=actual if isinstance(actual, Money) and actual.minor > 0 else None,
        limit=None if isinstance(limit, Money) else limit,
    )
    return fill(choices, spoken, words(language))


def fill(choices: Sequence[str], finding: Finding, say: Words) -> str:
    """Return the first sentence whose every placeholder the finding can fill, with its figures.

    The last of the choices needs no figure.
    """
    return _filled(choices, _values(finding, say.language, measure), say)


def fill_spoken(choices: Sequence[str], finding: Finding, say: Words) -> str:
    """Return the same with amounts as they are said to the borrower."""
    return _filled(choices, _values(finding, say.language, _spoken_measure), say)


def _filled(choices: Sequence[str], values: dict[str, str], say: Words) -> str:
    return say(first_fitting(choices, values), **values)


def measure(value: Measure, language: str) -> str:
    """Return a rule's figure with its unit."""
    match value:
        case Money():
            text = formats.money_with_code(value, language)
        case Months():
            text = formats.months(value.count, language)
        case Days():
            text = formats.days(value.count, language)
        case Share():
            text = formats.percent(value.value, language)
        case Count():
            text = f"{value.count:,}"
        case Word():
            text = _word(value, language)
        case date():
            text = formats.long_day(value, language)
    return text


def _word(value: Word, language: str) -> str:
    if value.name in set(Verdict):
        return terms.verdict(Verdict(value.name), language).word
    if value.name in CLASSES:
        return terms.asset_class(value.name, language)
    return value.name.replace("_", " ")


def _short_measure(value: Measure, language: str) -> str:
    if isinstance(value, Money):
        return formats.short_money(value, language)
    if isinstance(value, Share):
        return formats.percent(value.value, "zh", decimals=0)  # no blank: the column is narrow
    if isinstance(value, date):
        return value.isoformat()
    return _word(value, language) if isinstance(value, Word) else str(value.count)


def _spoken_measure(value: Measure, language: str) -> str:
    if isinstance(value, Money):
        return formats.spoken_money_in_full(value, language)
    return measure(value, language)


def _values(
    finding: Finding, language: str, shown: Callable[[Measure, str], str]
) -> dict[str, str]:
    """Return the placeholders that this finding can fill; a difference of nothing fills none."""
    values = {"test": finding.test.replace("_", " ")}
    for name in ("limit", "actual", "difference"):
        value: Measure | None = getattr(finding, name)
        if value is None or (name == "difference" and isinstance(value, Money) and not value):
            continue
        values[name] = shown(value, language)
    if isinstance(finding.limit, date):
        values["day"] = shown(finding.limit, language)
    if isinstance(finding.actual, date):
        values["on"] = shown(finding.actual, language)
    if isinstance(finding.actual, Word):
        values["verdict"] = _word(finding.actual, language)
    if isinstance(finding.difference, Share):
        values["points"] = formats.points(finding.difference.value, language)
    return values


def _tail(finding: Finding) -> str:
    if finding.effect is Effect.BLOCK:
        return _NOBODY
    if finding.effect is Effect.APPROVAL:
        return _MAY_ALLOW[finding.may_allow] if finding.may_allow else _NOBODY
    return _EFFECT[finding.effect]
