"""Published waterfalls, and what each of them answers for one debt.

A waterfall is data (`policies/waterfalls/*.toml`); its answer has an exact schedule like any plan,
or says what it lacks. Not here: pulling the levers (`waterfall.py`), reading the files
(`policy/waterfall_file.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.debt import Component, Debt, Product
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money, Rounding, round_ratio, total
from plan_assistant.domain.offers.levers import (
    Figure,
    Lever,
    PaymentCut,
    Situation,
    Target,
    lowest_target,
    missing_figures,
)
from plan_assistant.domain.offers.share_of_surplus import share_of_surplus_plans
from plan_assistant.domain.offers.waterfall import Outcome, run
from plan_assistant.domain.policy.contract import contract_total
from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.schedule.drafting import draft_plan, to_schedule
from plan_assistant.domain.schedule.engine import refuse_uncovered_interest
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import (
    ArrearsTreatment,
    Conventions,
    FixedFee,
    LevelPayment,
    Terms,
)
from plan_assistant.domain.schedule.validation import validate


@dataclass(frozen=True, slots=True)
class ShareOfSurplus:
    """Several plans at once: each pays a share of what is left each month, without interest."""

    shares: tuple[Fraction, ...]
    stop_when_periods_at_most: int

    @property
    def needs(self) -> tuple[Figure, ...]:
        """The figures it is computed from."""
        return (Figure.MONTHLY_SURPLUS,)


@dataclass(frozen=True, slots=True)
class Bracket:
    """The term for balances up to an amount."""

    up_to: Fraction
    """In whole units of the waterfall's currency."""
    periods: int


@dataclass(frozen=True, slots=True)
class TermByBalance:
    """The term comes from a table of balances; the payment is rounded up, without interest."""

    brackets: tuple[Bracket, ...]
    payment_multiple_of: Fraction
    """In whole units: 1 rounds payments up to whole units."""

    @property
    def needs(self) -> tuple[Figure, ...]:
        """Nothing that a situation may lack."""
        return ()


Step = Lever | ShareOfSurplus | TermByBalance


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """A published program: which levers it pulls in which order, and where that is written."""

    name: str
    title: Mapping[str, str]
    source: str
    confidence: Confidence
    note: Mapping[str, str]
    """What of it is ours, because it was not published or not read; may be empty."""
    products: tuple[Product, ...]
    """What it is compared with unasked."""
    currency: str | None
    """Its amounts bind only a debt in this currency; None where it has no amounts."""
    capitalises: tuple[Component, ...]
    """What may join the balance; other components stay outside."""
    periods_when_open: int | None
    """The term that a debt without one starts from; None: such a debt lacks a figure."""
    targets: tuple[Target, ...]
    steps: tuple[Step, ...]

    @property
    def levers(self) -> tuple[Lever, ...]:
        """The steps that change one loan."""
        whole = (ShareOfSurplus, TermByBalance)
        return tuple(step for step in self.steps if not isinstance(step, whole))


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFigures:
    """Figures of a home loan, which a case file does not hold; None is not known."""

    gross_monthly_income: Money | None = None
    other_housing_cost: Money | None = None
    property_value: Money | None = None
    modification_rate: Fraction | None = None


class Relief(StrEnum):
    """What a plan does to the payment of today."""

    FALLS = "falls"
    SAME = "same"
    RISES = "rises"
    UNKNOWN = "unknown"
    """The payment of today is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a waterfall gives, with the exact schedule."""

    waterfall: Waterfall
    schedule: Schedule
    target_payment: Money
    current_payment: Money | None
    contract_total: Money | None
    """All that the running contract still asks for; None where that is not known."""
    left_out: Money
    """What is owed and not in this plan: the program waives it or collects it apart."""
    share: Fraction | None = None
    """The share of the surplus that is paid, of a waterfall that gives several plans."""
    outcome: Outcome | None = None
    """The levers one by one; None of a waterfall that pulls none."""

    @property
    def payment(self) -> Money:
        """What is paid each month until the last."""
        return self.outcome.payment if self.outcome else self.schedule.regular_payment

    @property
    def forbearance(self) -> Money:
        """What bears no interest and falls due with the last payment."""
        return self.schedule.terms.arrears or self.schedule.currency.zero

    @property
    def is_target_met(self) -> bool:
        """Say whether the payment is at most the target."""
        return self.payment <= self.target_payment

    @property
    def change(self) -> Money | None:
        """The payment less that of today; above zero it rises."""
        return None if self.current_payment is None else self.payment - self.current_payment

    @property
    def rise_in_total(self) -> Money | None:
        """By how much it asks for more in all than the running contract; None where it does not."""
        if self.contract_total is None or self.schedule.total_paid <= self.contract_total:
            return None
        return self.schedule.total_paid - self.contract_total

    @property
    def relief(self) -> Relief:
        """What it does to the payment of today."""
        if self.change is None:
            return Relief.UNKNOWN
        if not self.change:
            return Relief.SAME
        return Relief.RISES if self.change.minor > 0 else Relief.FALLS


class Why(StrEnum):
    """Why a waterfall has no answer."""

    FIGURES_MISSING = "figures_missing"
    OTHER_CURRENCY = "other_currency"
    ABOVE_TABLE = "above_table"
    """The balance is above the last bracket of its table."""
    NOTHING_LEFT = "nothing_left"
    """No surplus of which a share could be paid."""
    NOT_PRICED = "not_priced"
    """The terms it ends with describe no plan."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A waterfall without an answer, and why."""

    waterfall: Waterfall
    currency: str
    """Of the debt."""
    why: Why
    missing: tuple[Figure, ...] = ()
    limit: Money | None = None
    """The last amount of the table."""
    refused: InvalidTerms | None = None


def answers(
    waterfall: Waterfall,
    debt: Debt,
    affordability: Affordability,
    today: date,
    home: HomeFigures | None = None,
) -> tuple[Answer | Unanswered, ...]:
    """Return what a waterfall gives for a debt, or why it gives nothing; never empty."""
    if waterfall.currency not in {None, debt.currency.code}:
        return (Unanswered(waterfall, debt.currency.code, Why.OTHER_CURRENCY),)
    on = situation_of(waterfall, debt, affordability, today, home or HomeFigures())
    missing = missing_figures(waterfall.targets, waterfall.steps, on, _also_needed(waterfall))
    if missing:
        return (Unanswered(waterfall, debt.currency.code, Why.FIGURES_MISSING, missing),)
    try:
        found = tuple(_answers(waterfall, debt, on, contract_total(debt, affordability.as_of)))
    except InvalidTerms as error:
        return (Unanswered(waterfall, debt.currency.code, Why.NOT_PRICED, refused=error),)
    return found


def _also_needed(waterfall: Waterfall) -> tuple[Figure, ...]:
    """Return what a waterfall needs besides the figures of its targets and steps."""
    if waterfall.levers:
        return (Figure.REMAINING_PERIODS,)
    cuts = any(isinstance(target, PaymentCut) for target in waterfall.targets)
    return (Figure.CURRENT_PAYMENT,) if cuts else ()


def situation_of(
    waterfall: Waterfall,
    debt: Debt,
    affordability: Affordability,
    today: date,
    home: HomeFigures,
) -> Situation:
    """Return what a waterfall starts from for a debt.

    A term that has run out, like one that never was, starts as the waterfall says. Of the surplus,
    the shares of the other negotiated debts are kept free.
    """
    shares = affordability.shares
    others = total([share for key, share in shares.items() if key != debt.debt_id], debt.currency)
    owed = dict(debt.components.items())
    arrears = total([owed[component] for component in waterfall.capitalises], debt.currency)
    return Situation(
        unpaid_principal=debt.components.principal,
        arrears=arrears,
        annual_rate=debt.annual_rate,
        remaining_periods=debt.months_to_maturity(today) or waterfall.periods_when_open,
        current_payment=debt.contractual_payment,
        gross_monthly_income=home.gross_monthly_income,
        other_housing_cost=home.other_housing_cost,
        property_value=home.property_value,
        modification_rate=home.modification_rate,
        original_periods=debt.original_term_months,
        affordable_payment=affordability.share_for(debt.debt_id),
        monthly_surplus=affordability.surplus - others,
        days_past_due=debt.days_past_due,
    )


def _answers(
    waterfall: Waterfall, debt: Debt, on: Situation, contract: Money | None
) -> Iterator[Answer | Unanswered]:
    base = on.unpaid_principal + on.arrears
    left_out = debt.owed - base
    if waterfall.levers:
        outcome = run(waterfall.targets, waterfall.levers, on)
        yield Answer(
            waterfall,
            _outcome_schedule(outcome),
            outcome.target_payment,
            outcome.current_payment,
            contract,
            debt.owed - outcome.balance,
            outcome=outcome,
        )
        return
    target = lowest_target(waterfall.targets, on, on.current_payment or debt.currency.zero)
    for step in waterfall.steps:
        if isinstance(step, ShareOfSurplus):
            assert on.monthly_surplus is not None
            plans = share_of_surplus_plans(
                base,
                on.monthly_surplus,
                step.shares,
                stop_when_periods_at_most=step.stop_when_periods_at_most,
            )
            for plan in plans:
                schedule = _paying(base, plan.payment, plan.periods)
                yield Answer(
                    waterfall,
                    schedule,
                    target,
                    on.current_payment,
                    contract,
                    left_out,
                    share=plan.share,
                )
            if not plans:
                yield Unanswered(waterfall, debt.currency.code, Why.NOTHING_LEFT)
        elif isinstance(step, TermByBalance):
            schedule_or_limit = _by_table(step, base)
            if isinstance(schedule_or_limit, Money):
                yield Unanswered(
                    waterfall, debt.currency.code, Why.ABOVE_TABLE, limit=schedule_or_limit
                )
            else:
                yield Answer(
                    waterfall, schedule_or_limit, target, on.current_payment, contract, left_out
                )


def _by_table(step: TermByBalance, base: Money) -> Schedule | Money:
    """Return the plan of the first bracket that holds a balance; above all, the last amount."""
    units = base.currency.units
    for bracket in step.brackets:
        if base.minor <= bracket.up_to * units:
            multiple = int(step.payment_multiple_of * units)
            parts = round_ratio(base.minor, bracket.periods * multiple, Rounding.UP)
            payment = base.currency.money(parts * multiple)
            return _paying(base, payment, -(-base.minor // payment.minor))
    return base.currency.money(int(step.brackets[-1].up_to * units))


def _paying(debt: Money, payment: Money, periods: int) -> Schedule:
    """Return the schedule of a debt without interest, repaid by one payment a month."""
    conventions = replace(Conventions(), level_payment=LevelPayment.GIVEN)
    return _priced(
        Terms(
            principal=debt,
            annual_rate=Fraction(0),
            periods=periods,
            start=None,
            first_due=None,
            payment=payment,
            conventions=conventions,
        )
    )


def _outcome_schedule(outcome: Outcome) -> Schedule:
    """Return the schedule a waterfall ends with; what is forborne falls due with the last row."""
    fees = (
        tuple(FixedFee(outcome.monthly_fee, number=k) for k in range(1, outcome.periods + 1))
        if outcome.monthly_fee
        else ()
    )
    return _priced(
        Terms(
            principal=outcome.interest_bearing,
            annual_rate=outcome.annual_rate,
            periods=outcome.periods,
            start=None,
            first_due=None,
            fees=fees,
            arrears=outcome.forbearance if outcome.forbearance else None,
            arrears_treatment=ArrearsTreatment.LAST_INSTALLMENT,
        )
    )


def _priced(terms: Terms) -> Schedule:
    """Return the exact schedule; unlike an offer it may end early where payments round to cents."""
    validate(terms)
    draft = draft_plan(terms)
    refuse_uncovered_interest(draft)
    schedule = to_schedule(draft)
    schedule.check()
    return schedule
