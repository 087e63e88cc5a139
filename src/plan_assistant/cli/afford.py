"""What a household can afford, for scripts and screen readers: `plan-assistant afford`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from plan_assistant.cli import considering
from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.facts import (
    affordability_json,
    affordability_lines,
    outlook_json,
    question_json,
    share_text,
    statement_lines,
)
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.verdict import Judgement
from plan_assistant.domain.willingness import outlook
from plan_assistant.services.negotiate import first_to_ask
from plan_assistant.wording import affordability as wording
from plan_assistant.wording.findings import advice_sentence
from plan_assistant.wording.willingness import outlook_sentences
from plan_assistant.wording.words import join, words


@click.command()
@considering.case_file
@considering.policy
@click.option(
    "--statement", is_flag=True, help="Every line, in the groups of a financial statement."
)
@considering.json_flag
@click.pass_obj
def afford(
    session: Session, case_file: Path, policy: str | None, *, statement: bool, as_json: bool
) -> int:
    """Budget, spare income, the stress the first offer stands, what to ask, and willingness."""
    case, state = considering.consider_file(session, case_file, policy, Role.COLLECTOR)
    found, language = state.affordability, session.language
    judged = state.plan.judgement if state.plan else None
    question = first_to_ask(state)
    if as_json:
        echo_json(
            {
                "case_id": case.case_id,
                **affordability_json(found, judged),
                "ask_first": question_json(question),
                "willingness": outlook_json(outlook(case, found)),
            }
        )
        return FINE
    fields = state.policy.affordability.statement_fields
    if statement and fields is not None:
        click.echo("\n".join(statement_lines(found, fields, language)))
        click.echo()
    click.echo("\n".join(affordability_lines(found, language)))
    for line in _later_lines(state, judged, language):
        click.echo(line)
    if question is not None:
        said = wording.question_sentences(question, language, has_plan=judged is not None)
        click.echo(join(said, language))
    click.echo(f"\n{words(language)('Willingness')}")
    for line in outlook_sentences(outlook(case, found), language):
        click.echo(f"  {line}")
    return ANSWER_IS_NO if found.is_deficit else FINE


def _later_lines(state: Negotiation, judged: Judgement | None, language: str) -> Iterator[str]:
    """Yield what is missing, what changes later, and how the first offer stands stress."""
    found = state.affordability
    yield from wording.gap_sentences(state.case.budget, language)
    yield from wording.later_sentences(found, language)
    if found.is_deficit:
        yield from (f"- {advice_sentence(finding, language)}" for finding in state.offers.advice)
    elif judged is not None:
        yield from _stress_lines(state, judged, language)


def _stress_lines(state: Negotiation, judged: Judgement, language: str) -> Iterator[str]:
    say, found = words(language), state.affordability
    for fall, passed in zip(found.rules.shocks, judged.shocks_passed, strict=True):
        shock = share_text(fall, language)
        yield (
            say("Income {shock} lower: the first offer is still kept up.", shock=shock)
            if passed
            else say("Income {shock} lower: the first offer is not kept up.", shock=shock)
        )
    rise = share_text(found.rules.essentials_shock, language)
    yield (
        say("Essentials {rise} dearer: the first offer is still kept up.", rise=rise)
        if judged.passes_essentials_shock
        else say("Essentials {rise} dearer: the first offer is not kept up.", rise=rise)
    )
    higher_rate = wording.rate_sentence(judged, found, language)
    if higher_rate is not None:
        yield higher_rate
    if judged.break_even_shock is not None:
        yield wording.break_even_sentence(judged.break_even_shock, language)
    ratios = wording.ratio_sentence(judged, language)
    if ratios is not None:
        yield ratios
    yield wording.residual_sentence(judged, language)
    if judged.certainty is not None:
        yield wording.certainty_sentence(judged.certainty, language)
    yield from wording.guess_sentences(state.case.budget, language)
