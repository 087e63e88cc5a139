"""What a collector can offer in a call, for scripts and screen readers: offers."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.considering import case_file, consider_file, debt, json_flag, policy
from plan_assistant.cli.dials import dials, read_wishes
from plan_assistant.cli.facts import (
    affordability_json,
    plan_json,
    plans_table,
    reason_lines,
)
from plan_assistant.cli.search_facts import gap_json, points_json, refusals_json
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.formats.agreement_file import written_stamp
from plan_assistant.domain.formats.certificate_file import written_certificate
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.brute_force import differences, recount
from plan_assistant.domain.offers.frontier import frontier_points
from plan_assistant.domain.offers.missing import Gap
from plan_assistant.domain.offers.search import Search
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Role
from plan_assistant.services import negotiate
from plan_assistant.services.call_facts import stamp_of
from plan_assistant.wording import formats, terms
from plan_assistant.wording.affordability import (
    gap_sentences,
    guess_sentences,
    question_sentences,
)
from plan_assistant.wording.findings import advice_sentence
from plan_assistant.wording.gap_texts import gap_lines
from plan_assistant.wording.plan_lines import point_line
from plan_assistant.wording.refusal_texts import not_offered
from plan_assistant.wording.search_texts import certificate_lines
from plan_assistant.wording.words import join, words


@click.command()
@case_file
@policy
@debt
@dials
@click.option(
    "--check-certificate",
    is_flag=True,
    help="Count the whole space again, one plan after the other, and compare.",
)
@click.option(
    "--frontier",
    "with_frontier",
    is_flag=True,
    help="Every choice that no other one beats, the cheapest first.",
)
@json_flag
@click.pass_obj
def offers(
    session: Session,
    case_file: Path,
    policy: str | None,
    debt_id: str | None,
    monthly: str | None,
    payments: int | None,
    down: str | None,
    due_day: int | None,
    first: datetime | None,
    *,
    check_certificate: bool,
    with_frontier: bool,
    as_json: bool,
) -> int:
    """The offers for a case file, and why other kinds of plans are not among them."""
    case, state = consider_file(session, case_file, policy, Role.COLLECTOR, debt_id)
    wishes = read_wishes(
        case.currency,
        state=state,
        monthly=monthly,
        payments=payments,
        down=down,
        due_day=due_day,
        first=first,
    )
    if wishes != Wishes():
        state = negotiate.what_if(state, wishes)
    if check_certificate:
        return _check_certificate(state, session.language)
    if with_frontier:
        return _show_frontier(state, session.language, as_json=as_json)
    gap = negotiate.missing(state)
    if as_json:
        stamp = stamp_of(state.policy)
        echo_json(
            {
                "case_id": case.case_id,
                "debt_id": state.debt_id,
                "policy": written_stamp(stamp),
                "affordability": affordability_json(state.affordability),
                "as_of": case.as_of.isoformat(),
                "today": state.today.isoformat(),
                "offers": [plan_json(plan, stamp) for plan in state.offers.plans],
                "is_met": state.offers.is_met,
                "certificate": written_certificate(state.offers.certificate, case.currency),
                "gap": gap_json(gap, stamp),
                "refusals": refusals_json(state.offers.refusals),
                "advice": [finding.test for finding in state.offers.advice],
            }
        )
    else:
        click.echo("\n".join(_offer_lines(state, gap, session.language)))
    return FINE if state.offers.plans else ANSWER_IS_NO


def _show_frontier(state: Negotiation, language: str, *, as_json: bool) -> int:
    """Print the frontier, a plan a line; its figures are exact."""
    say = words(language)
    search = Search(negotiate.space_of(state))
    with click.progressbar(length=1, file=sys.stderr, label=say("Comparing")) as bar:

        def tell(done: int, every: int) -> None:
            bar.length = every
            bar.update(done - bar.pos)

        points = frontier_points(search, tell)
    if as_json:
        echo_json({"case_id": state.case.case_id, "frontier": points_json(points, state.debt)})
    else:
        head = say.plural(
            "{count} plan that no other one beats:",
            "{count} plans that no other one beats:",
            len(points),
        )
        click.echo(head)
        click.echo("\n".join(point_line(point, state.debt.currency, language) for point in points))
    return FINE if points else ANSWER_IS_NO


def _check_certificate(state: Negotiation, language: str) -> int:
    """Count the whole space again with the readable engine and say whether the claims hold."""
    say = words(language)
    search = Search(negotiate.space_of(state))
    with click.progressbar(
        length=search.certificate.candidates, file=sys.stderr, label=say("Counting again")
    ) as bar:
        counted = recount(search.space, lambda done, _every: bar.update(done - bar.pos))
    found = differences(search, counted)
    for each in found:
        click.echo(
            say(
                "{claim}: the certificate says {claimed}, counting again gives {counted}.",
                claim=each.claim,
                claimed=str(each.claimed),
                counted=str(each.counted),
            )
        )
    click.echo(
        say(
            "Candidates counted again with the readable engine: {count}; differences: "
            "{differences}.",
            count=f"{counted.candidates:,}",
            differences=len(found),
        )
    )
    return ANSWER_IS_NO if found else FINE


def _offer_lines(state: Negotiation, gap: Gap | None, language: str) -> list[str]:
    say, found, debt = words(language), state.offers, state.debt
    lines = [
        say(
            "Debt {debt_id}: {product} {account}, {owed}, as of {as_of}.",
            debt_id=debt.debt_id,
            product=terms.product(debt.product, language),
            account=debt.account_tail,
            owed=formats.money_with_code(debt.owed, language),
            as_of=formats.long_day(state.case.as_of, language),
        ),
        say("Policy {pack} {version}.", pack=state.policy.pack, version=state.policy.version),
        *gap_sentences(state.case.budget, language),
    ]
    if found.certificate is not None:
        lines += certificate_lines(found.certificate, debt.owed, language)
    if gap is not None:
        lines += ["", *gap_lines(gap, language)]
    if found.plans:
        lines += ["", plans_table(found.plans, language)]
        lines += [*guess_sentences(state.case.budget, language), ""]
        lines += reason_lines(found.plans, debt.annual_rate, language)
    lines += [f"- {advice_sentence(finding, language)}" for finding in found.advice]
    question = negotiate.first_to_ask(state)
    if question is not None:
        asked = question_sentences(question, language, has_plan=state.plan is not None)
        lines.append(join(asked, language))
    lines += not_offered(found.refusals, language)
    return lines
