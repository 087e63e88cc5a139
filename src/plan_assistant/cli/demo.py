"""The demo: sample borrowers in the UI, or one whole call played and printed without a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import click

from plan_assistant import bootstrap
from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.facts import affordability_lines, plans_table, reason_lines
from plan_assistant.cli.screen import run_ui
from plan_assistant.cli.session import Session
from plan_assistant.cli.table import table
from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.formats.agreement_file import agreement_fingerprint, short_code
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Reason
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.record import fold
from plan_assistant.domain.text import clean
from plan_assistant.ports import Clock, Store
from plan_assistant.samples import sample_names, sample_text
from plan_assistant.services import decide, negotiate
from plan_assistant.services.desk import Desk
from plan_assistant.services.export import export_agreement
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import import_cases
from plan_assistant.services.queue import queue_rows
from plan_assistant.services.staff import authenticate, signing_of
from plan_assistant.services.verify import verify
from plan_assistant.wording import formats, terms
from plan_assistant.wording.problems import transition_sentence
from plan_assistant.wording.script import read_back
from plan_assistant.wording.script import say as spoken
from plan_assistant.wording.words import words

_STORE = "demo-store.sqlite"
_MONTHLY = "1800.00"
_DUE_DAY = 20


class _CallClock:
    """The clock of a played call: each look is twenty seconds later, so that two runs are alike."""

    is_demo = True

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        self._now += timedelta(seconds=20)
        return self._now


@click.command()
@click.option("--no-ui", is_flag=True, help="Play one whole call and print it, even on a terminal.")
@click.option(
    "-o",
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-output"),
    show_default=True,
    help="Where store and documents go.",
)
@click.pass_obj
def demo(session: Session, folder: Path, *, no_ui: bool) -> int:
    """Sample borrowers in the UI; without a terminal, one whole call played and printed."""
    has_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if has_terminal and not no_ui:
        clock = session.clock = bootstrap.demo_clock()
        session.keeps_quiet = True
        session.open_at(str(_fresh_store(folder)))
        _fill(session.store, clock)
        session.account_name = session.account_name or bootstrap.DEMO_COLLECTOR.name
        session.password = bootstrap.DEMO_PASSWORD
        run_ui(session)
        return FINE
    clock = session.clock = _CallClock(bootstrap.DEMO_START)
    session.open_at(str(_fresh_store(folder)))
    _Played(session, folder, clock).play()
    return FINE


def _fresh_store(folder: Path) -> Path:
    """Return the path of a store that is not there yet; what an earlier demo left is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / _STORE
    journal = Path(bootstrap.journal(str(store), beside=True).place)
    for left in [*folder.glob(f"{_STORE}*"), *folder.glob(f"{journal.stem}.*")]:
        left.unlink()
    return store


def _fill(store: Store, clock: Clock) -> list[Case]:
    """Put the people and borrowers of the demo into a store."""
    bootstrap.staff_demo(store, clock)
    desk = bootstrap.desk(store, bootstrap.DEMO_COLLECTOR, clock=clock)
    cases = [bootstrap.read_case_text(sample_text(name), name) for name in sample_names()]
    import_cases(desk, cases)
    return cases


class _Played:
    """One whole call: case, offers, counter-offer, record, approval, agreement."""

    def __init__(self, session: Session, folder: Path, clock: Clock) -> None:
        self.language = session.language
        self.say = words(session.language)
        self.folder = folder
        self.cases = _fill(session.store, clock)
        self.collector = bootstrap.desk(session.store, bootstrap.DEMO_COLLECTOR, clock=clock)
        self.lead: Desk = self.collector.taken_by(bootstrap.DEMO_LEAD)
        self._step = 0

    def _head(self, text: str) -> None:
        self._step += 1
        click.echo(f"\n{self._step}. {text}")

    def play(self) -> None:
        """Play the call and print each step with its figures."""
        self._queue()
        state = self._open(self.cases[0].case_id)
        state = self._disclose(state)
        state = self._counter_offer(state)
        self._record(state)
        self._decide(state.case.case_id)
        self._export(state.case.case_id)

    def _queue(self) -> None:
        rows = queue_rows(self.collector)
        self._head(self.say("The queue: {count} invented borrowers.", count=len(rows)))
        lines = [
            (
                row.case_id,
                clean(row.masked_name, 30),
                terms.product(row.product, self.language),
                row.stage,
                str(row.days_past_due),
                formats.money_with_code(row.owed, self.language),
            )
            for row in rows
        ]
        click.echo(table(lines, right_from=4))

    def _open(self, case_id: CaseId) -> Negotiation:
        state = negotiate.begin(self.collector, case_id)
        debt = state.debt
        self._head(
            self.say(
                "Case {case_id}: {owed} owed, {days} days past due. What the household can afford:",
                case_id=case_id,
                owed=formats.money_with_code(debt.owed, self.language),
                days=debt.days_past_due,
            )
        )
        click.echo("\n".join(affordability_lines(state.affordability, self.language)))
        self._head(
            self.say(
                "{count} offers out of {searched} candidates:",
                count=len(state.offers.plans),
                searched=state.offers.searched,
            )
        )
        self._offers(state)
        return state

    def _offers(self, state: Negotiation) -> None:
        click.echo(plans_table(state.offers.plans, self.language))
        click.echo(
            "\n".join(reason_lines(state.offers.plans, state.debt.annual_rate, self.language))
        )

    def _disclose(self, state: Negotiation) -> Negotiation:
        self._head(self.say("What must be said is said:"))
        for disclosure in state.disclosures_left:
            state = negotiate.tick_disclosure(self.collector, state, disclosure)
            click.echo(f"  [x] {terms.disclosure(disclosure, self.language)}")
        return state

    def _counter_offer(self, state: Negotiation) -> Negotiation:
        state = negotiate.mark_offered(self.collector, state)
        state = negotiate.mark_refused(self.collector, state, "too_much")
        monthly = state.case.currency.parse(_MONTHLY)
        self._head(
            self.say(
                'The borrower: "too much; {amount} a month, on the {day}". Every plan again:',
                amount=formats.money(monthly, self.language),
                day=formats.day_of_month(_DUE_DAY, self.language),
            )
        )
        state = negotiate.what_if(state, Wishes(monthly=monthly, due_day=_DUE_DAY))
        self._offers(state)
        cheapest = next(
            i for i, plan in enumerate(state.offers.plans) if Reason.CHEAPEST in plan.reasons
        )
        state = negotiate.mark_offered(self.collector, state.selecting(cheapest))
        assert state.plan is not None
        click.echo(f"  » {spoken(state.plan, state.case, self.language)}")
        return state

    def _record(self, state: Negotiation) -> None:
        assert state.plan is not None
        lines = read_back(state.plan, state.case, self.language)
        self._head(self.say("Read back and accepted:"))
        for line in lines:
            click.echo(f"  [x] {line}")
        agreement = negotiate.agreement_of(
            self.collector, state, lines_read=lines, recording="REC-DEMO-0001", reason_code=None
        )
        receipt = negotiate.record(self.collector, state, agreement, key=new_key())
        self._head(
            self.say(
                "Recorded: agreement {number}, code {code}, version {version} of the case.",
                number=str(agreement["number"]),
                code=short_code(agreement_fingerprint(agreement)),
                version=receipt.version,
            )
        )

    def _decide(self, case_id: CaseId) -> None:
        record = fold(self.collector.store.events(case_id))
        plan = record.pending
        assert plan is not None

        def approve(desk: Desk) -> None:
            proof = authenticate(desk.door, desk.account.name, bootstrap.DEMO_PASSWORD)
            decide.approve(
                desk,
                case_id,
                fingerprint=plan.fingerprint,
                version=record.version,
                key=new_key(),
                signing=signing_of(desk.door, proof),
            )

        self._head(self.say("Four eyes: the collector tries to approve."))
        click.echo(f"  {_refusal_of(approve, self.collector, self.language)}")
        approve(self.lead)
        self._head(
            self.say(
                "{name} approves; the approval is signed with a key of the lead's own.",
                name=self.lead.account.display_name,
            )
        )

    def _export(self, case_id: CaseId) -> None:
        exported = export_agreement(
            self.lead,
            case_id,
            formats=("pdf", "json"),
            languages=("zh", "en", "both"),
            folder=self.folder,
            writers={"pdf": bootstrap.document_writer()},
            files=bootstrap.files(),
            sealer=bootstrap.passing_sealer(self.lead.store, self.lead.clock),
            key=new_key(),
        )
        self._head(self.say("The agreement, as files:"))
        for path in exported.paths:
            click.echo(f"  {path}  {path.stat().st_size:,}")
        assert exported.checkpoint is not None
        self._head(
            self.say(
                "The record is sealed; every page names checkpoint {number}:",
                number=exported.checkpoint.number,
            )
        )
        click.echo(f"  {exported.checkpoint.root}")
        proof = next(path for path in exported.paths if path.suffix == ".json")
        problems = verify(
            bootstrap.read_json(proof), bootstrap.calendars(), bootstrap.approval_keys()
        )
        self._head(
            self.say(
                "Verified offline from {file}: {count} differences.",
                file=proof.name,
                count=len(problems),
            )
        )
        for problem in problems:
            click.echo(f"  {problem}")


def _refusal_of(act: Callable[[Desk], None], desk: Desk, language: str) -> str:
    try:
        act(desk)
    except TransitionRefused as refused:
        return transition_sentence(refused, language)
    raise AssertionError("a maker approved their own plan")
