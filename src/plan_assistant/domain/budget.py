"""What the household can afford.

The method is that of the reference, section 3.2 (steps 1 to 7); every weight, floor, share and
shock comes from the policy pack (`AffordabilityRules`). All figures are exact fractions of a minor
unit until the last step, where each shown amount is rounded half up once.

Not here: how a plan sits with the household (`verdict.py`), and any rule of law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.household import Household, Income, OutgoingKind, Reliability
from plan_assistant.domain.living_costs import LivingCost, by_kind
from plan_assistant.domain.money import Currency, Money, Rounding, round_fraction
from plan_assistant.domain.outgoings import (
    MonthMeans,
    a_month,
    means_of,
    month_number,
    paid_by_month,
    sums_of,
)
from plan_assistant.domain.shares import divide, whole_of


@dataclass(frozen=True, slots=True)
class AffordabilityRules:
    """The parameters of the method; a policy pack holds them."""

    reliability: Mapping[Reliability, Fraction]
    floors: tuple[LivingCost, ...]
    """Least amounts by kind: who states less is counted with them."""
    guides: tuple[LivingCost, ...]
    """Usual amounts by kind; above them a note is asked for."""
    minimum: LivingCost | None
    """Minimum living standard for all essentials together; None where none is published."""
    table_currency: str
    """The cap and the least share bind only a budget in this currency."""
    buffer_share: Fraction
    buffer_cap: Fraction
    """In units of `table_currency`."""
    least_share: Fraction
    """Least part of what is affordable for one of several debts, in units of `table_currency`."""
    dsr_comfortable: Fraction
    """Debt service ratio up to which a payment can be comfortable."""
    dsr_alarm: Fraction
    shocks: tuple[Fraction, ...]
    """Income falls to try, smallest first: 1/10, 2/10, 3/10."""
    essentials_shock: Fraction
    rate_shock: Fraction
    """Rise of a floating rate to try: 1/100 is one point."""
    horizon_months: int
    """Months of the running cash balance that seasonal income is judged by."""


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One line of the budget as it was counted, and why it differs from what was stated."""

    label: str
    kind: OutgoingKind | Reliability
    stated: Money
    """A month, as stated."""
    counted: Money
    """A month, as counted."""
    weight: Fraction | None = None
    """The reliability weight of an income."""
    is_raised_to_floor: bool = False
    is_above_guide: bool = False
    """Above the usual amount without proof: ask for a note; it is never cut in silence."""


@dataclass(frozen=True, slots=True)
class Affordability:
    """What the household can afford, step by step; all amounts a month."""

    currency: Currency
    household: Household
    income_lines: tuple[BudgetLine, ...]
    outgoing_lines: tuple[BudgetLine, ...]
    income: Money
    """Countable income I."""
    essentials: Money
    """Essentials E, floors applied."""
    priority: Money
    """Priority payments P."""
    other_debts: Money
    """Payments of debts outside this negotiation C."""
    debt_payments: Money
    """The debt part of P plus C: what the debt service ratio counts besides the plan."""
    surplus: Money
    """S = I - E - P - C."""
    buffer: Money
    """B, kept back from a positive surplus."""
    affordable: Money
    """A = max(0, S - B), for all negotiated debts together."""
    shares: Mapping[DebtId, Money]
    """A divided over the negotiated debts by contractual payment (or by amount owed)."""
    weights: Mapping[DebtId, int]
    """What every amount is divided over the negotiated debts by."""
    least_share: int
    """No part is below this many minor units while there is enough for all."""
    months: tuple[MonthMeans, ...]
    """The calendar months from the one of `as_of` on; the last holds for all that come later."""
    floor: Money
    """The least the household must keep for living: the minimum standard times its persons."""
    is_seasonal: bool
    incomes_by_month: tuple[Money, ...]
    """Countable income of each calendar month, January first."""
    cash: Money
    as_of: date
    rules: AffordabilityRules

    @property
    def is_deficit(self) -> bool:
        """Say whether no month leaves anything before any payment (入不敷出)."""
        return all(month.surplus <= 0 for month in self.months)

    @property
    def changes(self) -> tuple[tuple[date, MonthMeans], ...]:
        """The later months in which something else is left than in the month before."""
        first = month_number(self.as_of)
        return tuple(
            (date((first + offset) // 12, (first + offset) % 12 + 1, 1), means)
            for offset, means in enumerate(self.months)
            if offset and means.surplus != self.months[offset - 1].surplus
        )

    def share_for(self, debt_id: DebtId) -> Money:
        """Return what is affordable for one negotiated debt."""
        return self.shares[debt_id]

    def part_of(self, amount: int, debt_id: DebtId) -> int:
        """Return one negotiated debt's part of an amount; the others are paid in proportion."""
        if len(self.weights) == 1:
            return amount
        parts = divide(amount, tuple(self.weights.values()), self.least_share)
        return parts[tuple(self.weights).index(debt_id)]

    def undivided(self, debt_id: DebtId) -> Affordability:
        """Return the same means with nothing kept free for the other debts.

        The sum of the plans of all debts is held against them as if it were the plan of this one.
        """
        return replace(self, shares={debt_id: self.affordable}, weights={debt_id: 1}, least_share=0)

    def whole_of(self, part: int, debt_id: DebtId) -> Fraction:
        """Return what all negotiated debts are paid when this one is paid that part."""
        if len(self.weights) == 1:
            return Fraction(part)
        index = tuple(self.weights).index(debt_id)
        return whole_of(part, index, tuple(self.weights.values()), self.least_share)


def _half_up(value: Fraction, currency: Currency) -> Money:
    return Money(round_fraction(value, Rounding.HALF_UP), currency)


def assess(case: Case, rules: AffordabilityRules) -> Affordability:
    """Work out what the household can afford (reference method 3.2, steps 1 to 7).

    A kind of outgoing below its floor counts as its floor, because people under-report what they
    live on; one above its guide is marked and counted in full. Income is never invented: without
    incomes the surplus is negative. Tables bind only a budget in their currency. An amount that is
    not known yet counts with its likely figure. Figures a month are those of the month of `as_of`;
    `months` holds the later ones, as outgoings begin and end.
    """
    currency = case.budget.currency
    in_tables = currency.code == rules.table_currency
    income_lines, by_month, average = _count_incomes(case, rules, currency)
    income = _half_up(average, currency).minor
    floors = _minor(by_kind(rules.floors, case.household, currency.code), currency)
    guides = _minor(by_kind(rules.guides, case.household, currency.code), currency)
    floor = Fraction(0)
    if rules.minimum is not None and rules.minimum.currency == currency.code:
        floor = (rules.minimum.a_month(case.household) or 0) * Fraction(currency.units)
    cap = rules.buffer_cap * currency.units if in_tables else None
    months: list[MonthMeans] = []
    for paid, count in paid_by_month(case.budget.outgoings, case.as_of):
        means = means_of(
            paid, income, floors, floor, buffer_share=rules.buffer_share, buffer_cap=cap
        )
        months += [means] * count
    now = months[0]
    weights = _weights(case)
    least_share = int(rules.least_share * currency.units) if in_tables else 0
    parts = divide(now.affordable, tuple(weights.values()), least_share)
    return Affordability(
        currency=currency,
        household=case.household,
        income_lines=income_lines,
        outgoing_lines=_outgoing_lines(case, floors, guides),
        income=currency.money(income),
        essentials=currency.money(now.essentials),
        priority=currency.money(now.priority),
        other_debts=currency.money(now.other_debts),
        debt_payments=currency.money(now.debt_payments),
        surplus=currency.money(now.surplus),
        buffer=currency.money(max(now.surplus, 0) - now.affordable),
        affordable=currency.money(now.affordable),
        shares={
            debt_id: currency.money(part) for debt_id, part in zip(weights, parts, strict=True)
        },
        weights=weights,
        least_share=least_share,
        months=tuple(months),
        floor=_half_up(floor, currency),
        is_seasonal=any(item.by_month for item in case.budget.incomes),
        incomes_by_month=tuple(_half_up(amount, currency) for amount in by_month)
        * (12 // len(by_month)),
        cash=case.budget.cash,
        as_of=case.as_of,
        rules=rules,
    )


def _minor(
    amounts: Mapping[OutgoingKind, Fraction], currency: Currency
) -> dict[OutgoingKind, Fraction]:
    return {kind: amount * currency.units for kind, amount in amounts.items()}


def _outgoing_lines(
    case: Case,
    floors: Mapping[OutgoingKind, Fraction],
    guides: Mapping[OutgoingKind, Fraction],
) -> tuple[BudgetLine, ...]:
    """Return the lines as they count this month, and one for each kind raised to its floor."""
    currency, this = case.budget.currency, month_number(case.as_of)
    sums = sums_of([item for item in case.budget.outgoings if item.is_paid_in(this)])
    lines = []
    for item in case.budget.outgoings:
        stated = _half_up(a_month(item.amount, item.every), currency)
        is_paid = item.is_paid_in(this)
        above = item.kind in guides and sums.get(item.kind, Fraction(0)) > guides[item.kind]
        lines.append(
            BudgetLine(
                item.label,
                item.kind,
                stated,
                stated if is_paid else currency.zero,
                is_above_guide=above and is_paid and not item.is_proven,
            )
        )
    lines += [
        BudgetLine(
            "",
            kind,
            _half_up(sums.get(kind, Fraction(0)), currency),
            _half_up(least, currency),
            is_raised_to_floor=True,
        )
        for kind, least in floors.items()
        if sums.get(kind, Fraction(0)) < least
    ]
    return tuple(lines)


def _count_incomes(
    case: Case, rules: AffordabilityRules, currency: Currency
) -> tuple[tuple[BudgetLine, ...], tuple[Fraction, ...], Fraction]:
    """Return the income lines, what counts in each calendar month, and the average of a month."""
    steady, seasonal = Fraction(0), [Fraction(0)] * 12
    lines = []
    for item in case.budget.incomes:
        weight = rules.reliability[item.reliability]
        if item.by_month:
            stated = Fraction(sum(amount.minor for amount in item.by_month), 12)
            for index, amount in enumerate(item.by_month):
                seasonal[index] += amount.minor * weight
        else:
            stated = a_month(item.amount, item.every)
            steady += stated * weight
        lines.append(
            BudgetLine(
                item.label,
                item.reliability,
                _half_up(stated, currency),
                _half_up(stated * weight, currency),
                weight=weight,
            )
        )
    average = steady + sum(seasonal, Fraction(0)) / 12
    if not any(seasonal):
        return tuple(lines), (steady,), average
    return tuple(lines), tuple(steady + amount for amount in seasonal), average


def corrected_income(item: Income, amount: Money) -> Income:
    """Return an income with another amount; a seasonal one keeps its shape over the year.

    The twelve months average to the amount exactly, a month without income stays so, and none falls
    when the amount rises. The amount is known from now on.
    """
    if not item.by_month:
        return replace(item, amount=amount, bounds=None)
    shape = [month.minor for month in item.by_month]
    year = amount.minor * 12
    if not any(shape):
        scaled = [amount.minor] * 12
    else:
        parts = iter(divide(year, [weight for weight in shape if weight]))
        scaled = [next(parts) if weight else 0 for weight in shape]
    months = tuple(Money(minor, amount.currency) for minor in scaled)
    return replace(item, amount=amount, by_month=months, bounds=None)


def _weights(case: Case) -> dict[DebtId, int]:
    """Return what amounts are divided over the negotiated debts by (step 7).

    The contractual payments where every debt has one, else the amounts owed.
    """
    debts = case.negotiated
    contractual = [debt.contractual_payment for debt in debts]
    weights = [
        payment.minor if payment is not None and all(contractual) else debt.owed.minor
        for payment, debt in zip(contractual, debts, strict=True)
    ]
    return {debt.debt_id: max(weight, 1) for debt, weight in zip(debts, weights, strict=True)}
