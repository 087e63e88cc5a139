"""`plan-assistant compare`: published waterfalls beside the offers of the whole space."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli import considering
from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.facts import plan_json
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.cli.table import table
from plan_assistant.domain.agreement import PolicyStamp
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.notation import amount_problem, exact, rate_problem
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.published import Answer, HomeFigures, Unanswered
from plan_assistant.domain.policy.findings import Role
from plan_assistant.services.call_facts import stamp_of
from plan_assistant.services.compare import Compared, Comparison, usual_waterfalls
from plan_assistant.services.compare import compare as compare_all
from plan_assistant.wording import formats, terms
from plan_assistant.wording.waterfalls import (
    answer_sentences,
    answer_title,
    title,
    unanswered_sentence,
)
from plan_assistant.wording.words import join, words


@click.command()
@considering.case_file
@click.option(
    "--waterfall",
    "names",
    metavar="NAME",
    multiple=True,
    help="A published waterfall by name, or a .toml file; repeat it for several. "
    "Default: all that are made for this kind of credit.",
)
@considering.policy
@considering.debt
@click.option("--gross-income", metavar="AMOUNT", help="Gross monthly income.")
@click.option("--housing-cost", metavar="AMOUNT", help="Taxes, insurance and dues of the home.")
@click.option("--home-value", metavar="AMOUNT", help="Value of the home.")
@click.option("--modification-rate", metavar="RATE", help="Rate for modified loans, as 0.0625.")
@click.option(
    "--discount-rate",
    metavar="RATE",
    default="0.08",
    show_default=True,
    help="Effective rate a year for present values, used to compare only.",
)
@considering.language
@considering.json_flag
@click.pass_obj
def compare(
    session: Session,
    case_file: Path,
    names: tuple[str, ...],
    policy: str | None,
    debt_id: str | None,
    gross_income: str | None,
    housing_cost: str | None,
    home_value: str | None,
    modification_rate: str | None,
    discount_rate: str,
    language: str | None,
    *,
    as_json: bool,
) -> int:
    """What published waterfalls would give, beside the offers.

    A waterfall pulls its levers in a fixed order; one that needs a figure which the case does not
    hold says which. Figures of a home loan are given as options.
    """
    session.language = language or session.language
    case, state = considering.consider_file(session, case_file, policy, Role.COLLECTOR, debt_id)
    given = _Given(state.debt.currency)
    home = HomeFigures(
        gross_monthly_income=given.amount("--gross-income", gross_income),
        other_housing_cost=given.amount("--housing-cost", housing_cost),
        property_value=given.amount("--home-value", home_value),
        modification_rate=given.rate("--modification-rate", modification_rate),
    )
    discount = given.rate("--discount-rate", discount_rate)
    given.refuse_problems()
    assert discount is not None
    waterfalls = bootstrap.waterfalls(names)
    if not names:
        waterfalls = usual_waterfalls(state, waterfalls)
    found = compare_all(state, waterfalls, discount_rate=discount, home=home)
    if as_json:
        document = _document(found, stamp_of(state.policy))
        echo_json({"case_id": case.case_id, "debt_id": state.debt_id, **document})
    else:
        click.echo("\n".join(_lines(found, session.language)))
    return FINE if found.offers or found.answers else ANSWER_IS_NO


class _Given:
    """Reads options and collects what is wrong with them."""

    def __init__(self, currency: Currency) -> None:
        self._currency = currency
        self._problems: list[Problem] = []

    def amount(self, option: str, text: str | None) -> Money | None:
        if text is None:
            return None
        problem = amount_problem(text, self._currency)
        if problem is not None:
            self._problems.append(Problem(option, problem))
            return None
        return self._currency.parse(text)

    def rate(self, option: str, text: str | None) -> Fraction | None:
        if text is None:
            return None
        problem = rate_problem(text)
        if problem is not None:
            self._problems.append(Problem(option, problem))
            return None
        return Fraction(text)

    def refuse_problems(self) -> None:
        if self._problems:
            raise InputRefused("command line", self._problems)


def _lines(found: Comparison, language: str) -> list[str]:
    say = words(language)
    lines = [
        say(
            "Affordable a month for this debt: {affordable}. "
            "Present values at {rate} a year are only for comparing.",
            affordable=formats.money_with_code(found.affordable, language),
            rate=formats.percent(found.discount_rate, language),
        )
    ]
    rows = [
        *(_row(item, str(number), language) for number, item in enumerate(found.offers, start=1)),
        *(_row(item, _letter(number), language) for number, item in enumerate(found.answers)),
    ]
    if rows:
        heads = (
            "",
            say("Plan"),
            say("Payment"),
            say("Payments"),
            say("Total to pay"),
            say.label("comparison", "Rate"),
            say("Present value"),
            say.label("comparison", "Target met"),
            say.label("comparison", "Household"),
        )
        lines += ["", table([heads, *rows], right_from=2), ""]
    for number, item in enumerate(found.answers):
        answer = item.what
        assert isinstance(answer, Answer)
        said = join(answer_sentences(answer, language), language)
        name = answer_title(answer, language)
        lines.append(say("{letter}, {name}: {said}", letter=_letter(number), name=name, said=said))
    for missing in found.unanswered:
        lines.append(
            say(
                "{name}: {said}",
                name=title(missing.waterfall, language),
                said=unanswered_sentence(missing, language),
            )
        )
    return [*lines, "", *_sources(found, language)]


def _letter(number: int) -> str:
    """Return A to Z, then AA: answers are lettered, offers numbered."""
    return (_letter(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def _row(item: Compared, mark: str, language: str) -> tuple[str, ...]:
    what = item.what
    schedule = what.schedule
    if isinstance(what, Plan):
        name, target = terms.family_short(what.family, language), "-"
    else:
        name = answer_title(what, language)
        target = _yes_or_no(language, holds=what.is_target_met)
    return (
        mark,
        name,
        formats.money(what.payment, language),
        str(schedule.number_of_payments),
        formats.money(schedule.total_paid, language),
        formats.percent(schedule.terms.annual_rate, language),
        formats.money(item.present_value, language),
        target,
        str(terms.verdict(item.verdict, language)),
    )


def _yes_or_no(language: str, *, holds: bool) -> str:
    say = words(language)
    return say.label("comparison", "yes") if holds else say.label("comparison", "no")


def _sources(found: Comparison, language: str) -> list[str]:
    """Return each waterfall's source, how well it was checked, and what of it is ours; once."""
    say, lines = words(language), []
    answered = [item.what.waterfall for item in found.answers if isinstance(item.what, Answer)]
    listed = [*answered, *(item.waterfall for item in found.unanswered)]
    for waterfall in {item.name: item for item in listed}.values():
        note = waterfall.note.get("zh" if language == "zh" else "en", "")
        line = say(
            "{name}: {source} ({confidence}).",
            name=waterfall.name,
            source=waterfall.source,
            confidence=terms.confidence(waterfall.confidence, language),
        )
        lines.append(join([line, note], language) if note else line)
    return lines


def _document(found: Comparison, policy: PolicyStamp) -> dict[str, Json]:
    return {
        "affordable": found.affordable.plain,
        "currency": found.affordable.currency.code,
        "discount_rate": exact(found.discount_rate),
        "offers": [_compared_json(item, policy) for item in found.offers],
        "waterfalls": [_compared_json(item, policy) for item in found.answers],
        "unanswered": [_unanswered_json(item) for item in found.unanswered],
    }


def _compared_json(item: Compared, policy: PolicyStamp) -> dict[str, Json]:
    what = item.what
    facts = plan_json(what, policy) if isinstance(what, Plan) else _answer_json(what)
    return {
        **facts,
        "annual_rate": exact(what.schedule.terms.annual_rate),
        "present_value": item.present_value.plain,
        "verdict": item.verdict.value,
    }


def _answer_json(answer: Answer) -> dict[str, Json]:
    schedule, outcome = answer.schedule, answer.outcome
    return {
        "waterfall": answer.waterfall.name,
        "title": dict(answer.waterfall.title),
        "source": answer.waterfall.source,
        "confidence": answer.waterfall.confidence.value,
        "share": None if answer.share is None else exact(answer.share),
        "payment": answer.payment.plain,
        "last_payment": schedule.last_payment.plain,
        "payments": schedule.number_of_payments,
        "total": schedule.total_paid.plain,
        "target_payment": answer.target_payment.plain,
        "is_target_met": answer.is_target_met,
        "current_payment": answer.current_payment.plain if answer.current_payment else None,
        "relief": answer.relief.value,
        "contract_total": answer.contract_total.plain if answer.contract_total else None,
        "rise_in_total": answer.rise_in_total.plain if answer.rise_in_total else None,
        "forbearance": answer.forbearance.plain,
        "left_out": answer.left_out.plain,
        "steps": [
            {
                "step": step.lever,
                "annual_rate": exact(step.annual_rate),
                "periods": step.periods,
                "forbearance": step.forbearance.plain,
                "payment": step.payment.plain,
            }
            for step in (outcome.steps if outcome else ())
        ],
    }


def _unanswered_json(item: Unanswered) -> dict[str, Json]:
    return {
        "waterfall": item.waterfall.name,
        "title": dict(item.waterfall.title),
        "why": item.why.value,
        "missing": [figure.value for figure in item.missing],
        "sentence": unanswered_sentence(item, "en"),
    }
