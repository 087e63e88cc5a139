"""What commands that look at one case file share: their options, and the case as it stands."""

from __future__ import annotations

from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli.session import Session
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.policy.findings import Role
from plan_assistant.services import negotiate
from plan_assistant.services.open_case import require_past

case_file = click.argument("case_file", metavar="CASE", type=click.Path(path_type=Path))
policy = click.option(
    "--policy", metavar="NAME|FILE", help="Policy pack to use, whatever the debt."
)
debt = click.option(
    "--debt", "debt_id", metavar="ID", help="Which debt, where several are negotiated."
)
json_flag = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document instead of text."
)
language = click.option(
    "--lang",
    "language",
    type=click.Choice(["zh", "en"]),
    help="Language of the answer; default: that of the program.",
)


def consider_file(
    session: Session, path: Path, policy: str | None, role: Role, debt_id: str | None = None
) -> tuple[Case, Negotiation]:
    """Read a case file, assess it and search its offers, without touching any store."""
    case = bootstrap.load_case(path)
    today = (session.clock or bootstrap.system_clock()).now().date()
    require_past(case, today)
    wanted = DebtId(debt_id) if debt_id else None
    pack = bootstrap.policies(policy, session.policies_folder).for_case(case, today, wanted)
    state = negotiate.consider(
        case,
        policy=pack,
        holidays=bootstrap.calendars().named(pack.calendar),
        today=today,
        role=role,
        debt_id=wanted,
    )
    return case, state
