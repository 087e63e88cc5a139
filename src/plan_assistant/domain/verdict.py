"""How the payments of a plan sit with the household: month by month, after shocks, in weak seasons.

The labels and stress tests are those of the reference method, section 3.2 (steps 8 and 9). They
have one home: `monthly_limits` says what each calendar month can carry, and `judge` compares. Not
here: what the household can afford (`budget.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate, groupby

from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.money import Money, Rounding, round_fraction
from plan_assistant.domain.outgoings import MonthMeans
from plan_assistant.domain.running_cash import Season, season_of

_A_YEAR = 12
_NONE = Fraction(0)


class Verdict(StrEnum):
    """How a payment sits with the household, best first."""

    COMFORTABLE = "comfortable"
    TIGHT = "tight"
    UNAFFORDABLE = "unaffordable"
    DEFICIT = "deficit"

    @property
    def rank(self) -> int:
        """Position in the order best to worst."""
        return list(Verdict).index(self)


class Certainty(StrEnum):
    """How far a plan depends on figures that are not known yet, best first."""

    SAFE = "safe"
    """It is kept up with every unknown figure at its worst."""
    LIKELY = "likely"
    """It is kept up with the likely figures, not with the worst."""
    FRAGILE = "fragile"
    """It fails with the likely figures and is kept up only with better ones."""
    OUT_OF_REACH = "out_of_reach"
    """It fails even with the best."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one plan's worst month sits with the household.

    The worst month is the one with the least left over. Where several debts are negotiated, amounts
    are this debt's part of the household's; ratios and the residual take the others as paid in
    proportion.
    """

    verdict: Verdict
    is_strong: bool
    """Comfortable, and still kept up with the second shock."""
    worst_payment: Money
    """What falls due in the worst month: the one in which the least is left over."""
    largest_payment: Money
    """What falls due in the month that asks for the most; the worst month may ask for less."""
    left_over: Money
    """S minus the worst payment, in the worst month."""
    payment_share: Fraction | None
    """Worst payment over surplus; None when there is no surplus."""
    payment_to_income: Fraction | None
    debt_service_ratio: Fraction | None
    shocks_passed: tuple[bool, ...]
    """For each income shock of the rules: is S after the shock still at least the payment, in every
    month, and does a seasonal household's cash last?"""
    passes_essentials_shock: bool
    """The same with essentials dearer."""
    residual_per_head: Money
    """What is left over for one weighted person of the household, rounded half up."""
    break_even_shock: Fraction | None
    """The fall in income at which nothing is left: (S - payment) / I; for a seasonal household at
    most the fall at which its cash runs out. At or below zero something is missing without a fall.
    """
    lowest_cash: Money | None
    """Lowest running cash balance, for seasonal income; None otherwise."""
    lowest_cash_on: date | None
    worst_month: date | None = None
    """First day of the worst month; None for a plan without payments."""
    passes_rate_shock: bool | None = None
    """Whether the household keeps the plan up at a higher rate; None while the rate is fixed."""
    certainty: Certainty | None = None
    """How far it depends on figures that are not known yet; None where all are known."""


@dataclass(frozen=True, slots=True)
class MonthlyLimits:
    """What each calendar month can carry; entry 0 is the month of `Affordability.as_of`.

    A plan is COMFORTABLE iff every month's payment is at most `comfortable` and what is paid up to
    and including each month is at most `comfortable_cash`; TIGHT iff it is not comfortable and the
    same holds with `tight` and `cash`. Compare up to the month of the last payment: the cash
    already looks beyond it.
    """

    comfortable: tuple[int, ...]
    """Largest total payment of a month, in minor units, with which the verdict is comfortable.

    A month that can carry nothing has 0, so that a month without payment never decides; where no
    month at all leaves anything (a deficit) every entry of both limits is below zero.
    """
    tight: tuple[int, ...]
    """The same for the verdict tight; never below `comfortable`."""
    cash: tuple[int, ...] | None
    """For a seasonal household: the largest sum of payments up to and including a month, a down
    payment today among them, that never takes the running cash below zero. None where income does
    not change with the season."""
    comfortable_cash: tuple[int, ...] | None = None
    """The same after the first income shock; never above `cash`, None with it."""


def monthly_limits(affordability: Affordability, debt_id: DebtId, *, months: int) -> MonthlyLimits:
    """Return what each of the next `months` calendar months can carry for one negotiated debt.

    For all negotiated debts together: TIGHT up to the surplus S, and up to where the debt service
    ratio is over the alarm while less than the minimum standard is left over; COMFORTABLE up to
    what is affordable, the comfortable ratio, and S after the first income shock. Each is divided
    over the debts as what is affordable is. Pure: one result serves every plan for that debt.
    """
    return _monthly_limits(affordability, debt_id, months, season_of(affordability, months))


def _monthly_limits(
    affordability: Affordability, debt_id: DebtId, months: int, season: Season | None
) -> MonthlyLimits:
    known: list[tuple[int, int]] = []
    # Months alike follow each other, and share their limits.
    for means, alike in groupby(affordability.months[:months]):
        known += [_limits_of(affordability, means, debt_id)] * len(list(alike))
    known += known[-1:] * (months - len(known))
    first_shock = affordability.rules.shocks[0]
    return MonthlyLimits(
        comfortable=tuple(comfortable for comfortable, _tight in known),
        tight=tuple(tight for _comfortable, tight in known),
        cash=_cash_limits(affordability, debt_id, months, season),
        comfortable_cash=_cash_limits(affordability, debt_id, months, season, fall=first_shock),
    )


def _cash_limits(
    affordability: Affordability,
    debt_id: DebtId,
    months: int,
    season: Season | None,
    *,
    fall: Fraction = _NONE,
    rise: Fraction = _NONE,
) -> tuple[int, ...] | None:
    """Return what may be paid up to each month so that the cash lasts; None if not seasonal."""
    if season is None:
        return None
    ahead = _lowest_ahead(affordability, season.running(fall=fall, rise=rise), months)
    parts = {lowest: affordability.part_of(lowest, debt_id) for lowest in set(ahead)}
    return tuple(parts[lowest] for lowest in ahead)


def _limits_of(affordability: Affordability, means: MonthMeans, debt_id: DebtId) -> tuple[int, int]:
    """Return the comfortable and the tight limit of one month."""
    rules, income = affordability.rules, affordability.income.minor
    alarm = _share_of(income, rules.dsr_alarm) - means.debt_payments
    above_floor = means.surplus - affordability.floor.minor
    tight = min(means.surplus, max(alarm, above_floor))
    comfortable = min(
        tight,
        means.affordable,
        _share_of(income, rules.dsr_comfortable) - means.debt_payments,
        _left_after(means, income, fall=rules.shocks[0]),
    )
    if affordability.is_deficit:
        return min(comfortable, -1), min(tight, -1)
    return (
        affordability.part_of(max(comfortable, 0), debt_id),
        affordability.part_of(max(tight, 0), debt_id),
    )


def _share_of(amount: int, share: Fraction) -> int:
    """Return an exact share of an amount, rounded down."""
    return amount * share.numerator // share.denominator


def _left_after(
    means: MonthMeans, income: int, *, fall: Fraction = _NONE, rise: Fraction = _NONE
) -> int:
    """Return what is left of a month when income falls or essentials rise, rounded down once."""
    lost = fall.numerator * income * rise.denominator
    lost += rise.numerator * means.essentials * fall.denominator
    return means.surplus + -lost // (fall.denominator * rise.denominator)


def _lowest_ahead(
    affordability: Affordability, running: Sequence[int], months: int
) -> tuple[int, ...]:
    """Return for each month the lowest cash from then to the last month the cash is run to.

    That is the pack's horizon, and a year after the month where that is later.
    """
    horizon = affordability.rules.horizon_months
    to_horizon = list(accumulate(reversed(running[: horizon + 1]), min))[::-1]
    within = max(0, min(months, horizon - _A_YEAR + 1))
    beyond = (
        min(running[month : month + _A_YEAR + 1])
        if month > horizon
        else min(to_horizon[month], *running[horizon : month + _A_YEAR + 1])
        for month in range(within, months)
    )
    return (*to_horizon[:within], *beyond)


def judge(
    affordability: Affordability,
    payments: Sequence[tuple[date, Money]],
    debt_id: DebtId,
    *,
    down_payment: Money | None = None,
) -> Judgement:
    """Say how a plan sits with the household: by its worst month, after shocks, and month by month.

    `payments` are the nominal days and amounts of the plan (a holiday that moves a payment by a day
    into the next month makes no month worse); a down payment today is not among them, it lowers the
    cash in hand. With several negotiated debts, the others are taken to be paid in proportion.

    Labels (first match): DEFICIT no month has a surplus; UNAFFORDABLE a month is over its tight
    limit, or the running cash of a seasonal household goes below zero; TIGHT a month is over its
    comfortable limit, or that cash goes below zero after the first income shock; else COMFORTABLE.
    `monthly_limits` holds the limits.
    """
    due = _by_month(payments, affordability.as_of)
    months = max(due, default=0) + 1
    season = season_of(affordability, months)
    limits = _monthly_limits(affordability, debt_id, months, season)
    today = down_payment.minor if down_payment else 0
    _today, *paid_until = accumulate((due.get(month, 0) for month in range(months)), initial=today)
    if affordability.is_deficit:
        verdict = Verdict.DEFICIT
    elif any(paid > limits.tight[month] for month, paid in due.items()) or not _lasts(
        paid_until, limits.cash
    ):
        verdict = Verdict.UNAFFORDABLE
    elif any(paid > limits.comfortable[month] for month, paid in due.items()) or not _lasts(
        paid_until, limits.comfortable_cash
    ):
        verdict = Verdict.TIGHT
    else:
        verdict = Verdict.COMFORTABLE
    return _judgement(affordability, debt_id, due, verdict, paid_until, season)


def _lasts(paid_until: Sequence[int], cash: Sequence[int] | None) -> bool:
    """Say whether what is paid up to each month leaves the running cash at zero or above."""
    return cash is None or all(paid <= most for paid, most in zip(paid_until, cash, strict=True))


def _judgement(
    affordability: Affordability,
    debt_id: DebtId,
    due: dict[int, int],
    verdict: Verdict,
    paid_until: Sequence[int],
    season: Season | None,
) -> Judgement:
    """Return every figure of a plan in its worst month."""
    rules, currency = affordability.rules, affordability.currency
    income, every = affordability.income.minor, affordability.months
    # Months alike share their figures: of each kind only the heaviest can be the worst.
    heaviest: dict[int, tuple[int, int]] = {}
    for month, paid in due.items():
        kind = min(month, len(every) - 1)
        heaviest[kind] = max(heaviest.get(kind, (0, 0)), (paid, -month))
    worst = [
        (affordability.part_of(every[kind].surplus, debt_id), paid, -negative, every[kind])
        for kind, (paid, negative) in (heaviest or {0: (0, 0)}).items()
    ]

    def holds(*, fall: Fraction = _NONE, rise: Fraction = _NONE) -> bool:
        """Say whether every month is still kept up after a shock, and the cash still lasts."""
        return all(
            affordability.part_of(_left_after(means, income, fall=fall, rise=rise), debt_id) >= paid
            for _surplus, paid, _month, means in worst
        ) and _lasts(
            paid_until,
            _cash_limits(affordability, debt_id, len(paid_until), season, fall=fall, rise=rise),
        )

    surplus, paid, month, _means = min(worst, key=lambda item: (item[0] - item[1], item[2]))
    whole = [(affordability.whole_of(paid, debt_id), means) for _s, paid, _m, means in worst]
    left = min(means.surplus - together for together, means in whole)
    shocks = tuple(holds(fall=shock) for shock in rules.shocks)
    lowest, lowest_on, cash_falls = _cash_left(affordability, debt_id, paid_until, season)
    return Judgement(
        verdict=verdict,
        is_strong=verdict is Verdict.COMFORTABLE and len(shocks) > 1 and shocks[1],
        worst_payment=Money(paid, currency),
        largest_payment=Money(max(due.values(), default=0), currency),
        left_over=Money(surplus - paid, currency),
        payment_share=Fraction(paid, surplus) if surplus > 0 else None,
        payment_to_income=Fraction(max(due.values(), default=0), income) if income else None,
        debt_service_ratio=(
            max(together + means.debt_payments for together, means in whole) / income
            if income
            else None
        ),
        shocks_passed=shocks,
        passes_essentials_shock=holds(rise=rules.essentials_shock),
        residual_per_head=Money(
            round_fraction(left / affordability.household.weight, Rounding.HALF_UP), currency
        ),
        break_even_shock=min((left / income, *cash_falls)) if income else None,
        lowest_cash=lowest,
        lowest_cash_on=lowest_on,
        worst_month=_first_day(affordability, month) if due else None,
    )


def _by_month(payments: Sequence[tuple[date, Money]], as_of: date) -> dict[int, int]:
    """Add up what falls due in each calendar month, counted from the month of `as_of`."""
    months: dict[int, int] = {}
    for due, amount in payments:
        month = max(0, (due.year - as_of.year) * _A_YEAR + due.month - as_of.month)
        months[month] = months.get(month, 0) + amount.minor
    return months


def _first_day(affordability: Affordability, month: int) -> date:
    years, index = divmod(affordability.as_of.month - 1 + month, _A_YEAR)
    return date(affordability.as_of.year + years, index + 1, 1)


def _cash_left(
    affordability: Affordability,
    debt_id: DebtId,
    paid_until: Sequence[int],
    season: Season | None,
) -> tuple[Money | None, date | None, list[Fraction]]:
    """Return the lowest running cash of a seasonal household after the payments, and its month.

    With it the least fall in income at which the cash of a month is used up, if there is one; 0 for
    a month in which it is below zero before anything is earned.
    """
    if season is None:
        return None, None, []
    running = season.running()
    later = [paid_until[-1]] * (len(running) - len(paid_until))
    paid = [*paid_until, *later]
    lowest, month = min(
        (affordability.part_of(cash, debt_id) - sum_, month)
        for month, (cash, sum_) in enumerate(zip(running, paid, strict=True))
    )
    wholes = {sum_: affordability.whole_of(sum_, debt_id) for sum_ in set(paid)}
    falls = []
    # Compared crosswise: a fraction for each month would cost more than all the rest.
    up, down = 1, 0
    for cash, sum_, earned in zip(running, paid, season.earned, strict=True):
        whole = wholes[sum_]
        left = cash * whole.denominator - whole.numerator
        if earned:
            parts = earned * whole.denominator
            if left * down < up * parts:
                up, down = left, parts
        elif left < 0:
            falls.append(_NONE)
    if down:
        falls.append(Fraction(up, down))
    return Money(lowest, affordability.currency), _first_day(affordability, month), falls
