"""What a collector does in a call, for scripts and screen readers: afford, offers, choose."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli.boundary import ANSWER_IS_NO, FINE
from plan_assistant.cli.dials import dials, read_wishes
from plan_assistant.cli.facts import (
    affordability_json,
    affordability_lines,
    plan_json,
    plans_table,
    reason_lines,
    share_text,
)
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.case import Case, CaseId, DebtId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.formats.agreement_file import written_stamp
from plan_assistant.domain.formats.plan_file import written_findings
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.search_result import Refusal, Wishes
from plan_assistant.domain.policy.findings import Finding, Role
from plan_assistant.services import negotiate
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import require_past
from plan_assistant.wording import formats, terms
from plan_assistant.wording.findings import advice_sentence, finding_sentence
from plan_assistant.wording.script import read_back
from plan_assistant.wording.words import join, words

_case_file = click.argument("case_file", metavar="CASE", type=click.Path(path_type=Path))
_policy = click.option(
    "--policy", metavar="NAME|FILE", help="Policy pack to use, whatever the debt."
)
_debt = click.option(
    "--debt", "debt_id", metavar="ID", help="Which debt, where several are negotiated."
)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")


def _consider(
    session: Session, path: Path, policy: str | None, role: Role, debt_id: str | None = None
) -> tuple[Case, Negotiation]:
    case = bootstrap.load_case(path)
    today = (session.clock or bootstrap.system_clock()).now().date()
    require_past(case, today)
    debt = DebtId(debt_id) if debt_id else None
    pack = bootstrap.policies(policy, session.policies_folder).for_case(case, today, debt)
    state = negotiate.consider(
        case,
        policy=pack,
        holidays=bootstrap.calendars().named(pack.calendar),
        today=today,
        role=role,
        debt_id=debt,
    )
    return case, state


@click.command()
@_case_file
@_policy
@_json
@click.pass_obj
def afford(session: Session, case_file: Path, policy: str | None, *, as_json: bool) -> int:
    """Budget, spare income, what is affordable, and the stress it stands."""
    case, state = _consider(session, case_file, policy, Role.COLLECTOR)
    found = state.affordability
    plan = state.plan
    if as_json:
        echo_json(
            {"case_id": case.case_id, **affordability_json(found, plan.judgement if plan else None)}
        )
        return FINE
    say, language = words(session.language), session.language
    click.echo("\n".join(affordability_lines(found, language)))
    if found.is_deficit:
        for finding in state.offers.advice:
            click.echo(f"- {advice_sentence(finding, language)}")
        return ANSWER_IS_NO
    if plan is not None:
        judged = plan.judgement
        for shock, passed in zip(found.rules.shocks, judged.shocks_passed, strict=True):
            sentence = (
                say(
                    "Income {shock} lower: the first offer is still kept up.",
                    shock=share_text(shock, language),
                )
                if passed
                else say(
                    "Income {shock} lower: the first offer is not kept up.",
                    shock=share_text(shock, language),
                )
            )
            click.echo(sentence)
        if judged.passes_rate_shock is not None:
            rise = formats.percent(found.rules.rate_shock, language)
            click.echo(
                say("The rate {rise} higher: the first offer is still kept up.", rise=rise)
                if judged.passes_rate_shock
                else say("The rate {rise} higher: the first offer is not kept up.", rise=rise)
            )
        if judged.break_even_shock is not None:
            click.echo(
                say(
                    "Nothing is left when income falls by {shock}.",
                    shock=share_text(judged.break_even_shock, language),
                )
            )
    return FINE


@click.command()
@_case_file
@_policy
@_debt
@dials
@_json
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
    as_json: bool,
) -> int:
    """The offers for a case file, and why other kinds of plans are not among them."""
    case, state = _consider(session, case_file, policy, Role.COLLECTOR, debt_id)
    wishes = read_wishes(
        case.currency, monthly=monthly, payments=payments, down=down, due_day=due_day, first=first
    )
    if wishes != Wishes():
        state = negotiate.what_if(state, wishes)
    if as_json:
        stamp = negotiate.stamp_of(state.policy)
        echo_json(
            {
                "case_id": case.case_id,
                "debt_id": state.debt_id,
                "policy": written_stamp(stamp),
                "affordability": affordability_json(state.affordability),
                "as_of": case.as_of.isoformat(),
                "today": state.today.isoformat(),
                "offers": [plan_json(plan, stamp) for plan in state.offers.plans],
                "searched": state.offers.searched,
                "rejected": dict(state.offers.rejected),
                "refusals": [
                    {
                        "family": refusal.family.value,
                        "findings": written_findings(refusal.findings),
                    }
                    for refusal in state.offers.refusals
                ],
                "advice": [finding.test for finding in state.offers.advice],
            }
        )
    else:
        click.echo("\n".join(_offer_lines(state, session.language)))
    return FINE if state.offers.plans else ANSWER_IS_NO


def _offer_lines(state: Negotiation, language: str) -> list[str]:
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
        say(
            "{searched} candidates searched under policy {pack} {version}.",
            searched=found.searched,
            pack=state.policy.pack,
            version=state.policy.version,
        ),
    ]
    if found.plans:
        lines += ["", plans_table(found.plans, language), ""]
        lines += reason_lines(found.plans, language)
    lines += [f"- {advice_sentence(finding, language)}" for finding in found.advice]
    for findings, families in _by_findings(found.refusals).items():
        lines.append(
            say(
                "Not offered: {families}. {why}",
                families="; ".join(terms.family(family, language) for family in families),
                why=join([finding_sentence(finding, language) for finding in findings], language),
            )
        )
    return lines


def _by_findings(refusals: Iterable[Refusal]) -> dict[tuple[Finding, ...], list[Family]]:
    """Put families that are kept out for the same reasons together: one reason is said once."""
    together: dict[tuple[Finding, ...], list[Family]] = {}
    for refusal in refusals:
        together.setdefault(refusal.findings, []).append(refusal.family)
    return together


@click.command()
@click.argument("case_id")
@click.option(
    "--plan", "number", type=click.IntRange(1, 5), default=1, show_default=True, help="Which offer."
)
@_debt
@dials
@click.option("--recording", metavar="REF", help="Reference of the call recording.")
@click.option(
    "--reason", metavar="CODE", help="Reason code where the plan needs a team lead's allowance."
)
@click.option("--note", default="", help="Free text for the record.")
@click.option(
    "--said-all",
    is_flag=True,
    help="I read every disclosure and every line of the read-back to the borrower.",
)
@_json
@click.pass_obj
def choose(
    session: Session,
    case_id: str,
    number: int,
    debt_id: str | None,
    monthly: str | None,
    payments: int | None,
    down: str | None,
    due_day: int | None,
    first: datetime | None,
    recording: str | None,
    reason: str | None,
    note: str,
    *,
    said_all: bool,
    as_json: bool,
) -> int:
    """Record a plan that the borrower accepted; it then waits for a team lead.

    Without --said-all the lines to read are printed and nothing is recorded.
    """
    desk, language = session.desk(), session.language
    state = negotiate.begin(desk, CaseId(case_id), DebtId(debt_id) if debt_id else None)
    wishes = read_wishes(
        state.case.currency,
        monthly=monthly,
        payments=payments,
        down=down,
        due_day=due_day,
        first=first,
    )
    if wishes != Wishes():
        state = negotiate.what_if(state, wishes)
    state = state.selecting(number - 1)
    plan = state.plan
    if plan is None or number > len(state.offers.plans):
        raise TransitionRefused(
            "no_such_offer", number=str(number), offers=str(len(state.offers.plans))
        )
    lines = read_back(plan, state.case, state.case.language)
    if not said_all:
        for disclosure in state.disclosures_left:
            click.echo(f"[ ] {terms.disclosure(disclosure, language)}")
        for line in lines:
            click.echo(f"[ ] {line}")
        click.echo(
            words(language)("Nothing was recorded. Read these lines, then add --said-all."),
            err=True,
        )
        return ANSWER_IS_NO
    negotiate.require_agreeable(desk, state, recording=recording, reason_code=reason)
    for disclosure in state.disclosures_left:
        state = negotiate.tick_disclosure(desk, state, disclosure)
    state = negotiate.mark_offered(desk, state)
    agreement = negotiate.agreement_of(
        desk, state, lines_read=lines, recording=recording, reason_code=reason, note=note
    )
    receipt = negotiate.record(desk, state, agreement, key=new_key())
    if as_json:
        echo_json({"case_id": case_id, "version": receipt.version, "agreement": agreement})
    else:
        click.echo(
            words(language)(
                "Recorded {number}: {payment} x {count}, waiting for a team lead.",
                number=str(agreement["number"]),
                payment=formats.money_with_code(plan.payment, language),
                count=plan.schedule.number_of_payments,
            )
        )
    return FINE
