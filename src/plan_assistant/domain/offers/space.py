"""The plan space: which candidates the policy and the dials leave open, and the terms of each.

Not here: pricing and choosing (`search.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from plan_assistant.domain.budget import Affordability, assess
from plan_assistant.domain.calendar import (
    MONTHLY,
    Frequency,
    HolidayRoll,
    Holidays,
    add_months,
    month_day,
    months_between,
    year_problem,
)
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Debt
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.household import Every
from plan_assistant.domain.money import Money, Rounding
from plan_assistant.domain.offers.claim import Claim, claims_of
from plan_assistant.domain.offers.level_payments import lower_payment
from plan_assistant.domain.offers.line import (
    FREE_GRACE,
    FREQUENCIES,
    LEVEL,
    PAYMENTS_A_YEAR,
    WITH_GRACE,
    Line,
)
from plan_assistant.domain.offers.misfit import Misfit
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.policy.pack import (
    OldCharges,
    PolicyPack,
    Rhythm,
    Rule,
    StepPattern,
    Waiver,
)
from plan_assistant.domain.policy.proposal import Proposal
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import (
    Amortization,
    ArrearsTreatment,
    Conventions,
    Grace,
    InterestTreatment,
    PaymentStep,
    Terms,
)
from plan_assistant.domain.schedule.validation import check_rate
from plan_assistant.domain.unknowns import at_best, at_worst, unknowns

_OF_INTEREST = {Family.INTEREST_FIRST, Family.DEFERRAL_CAPITALISED, Family.ZERO_RATE}
_ROUNDABLE = frozenset({Family.EQUAL_INSTALLMENT, Family.EXTENSION, Family.ZERO_RATE})
"""Families that are also searched in payments of whole multiples and in other rhythms."""
_NO_INTEREST = (Fraction(0),)
_REVIEW_MONTHS = 3


@dataclass(frozen=True)
class Space:
    """Everything a search stands on, and the candidates it leaves open."""

    case: Case
    debt: Debt
    affordability: Affordability
    policy: PolicyPack
    role: Role
    today: date
    holidays: Holidays
    wishes: Wishes

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that bind this debt today."""
        return self.policy.rules_for(self.debt.product, self.today)

    @cached_property
    def corners(self) -> tuple[Affordability, Affordability] | None:
        """What is affordable with every unknown figure at its worst and at its best; None of none.

        Figures that are not known yet lie in a range.
        """
        if not unknowns(self.case.budget):
            return None
        rules = self.affordability.rules
        return assess(at_worst(self.case), rules), assess(at_best(self.case), rules)

    @cached_property
    def wanted_grace(self) -> int:
        """Months until the hardship ends, at most the pack's longest grace; 3 when unknown."""
        longest = self.policy.space.max_grace_months
        if self._hardship_ends is None:
            return min(3, longest)
        return max(1, min(longest, months_between(self.today, self._hardship_ends)))

    @property
    def _hardship_ends(self) -> date | None:
        """The day on which it is expected to be over; None where that is not known, or past."""
        ends = [reason.expected_end for reason in self.case.hardships]
        return max((end for end in ends if end is not None and self.today < end), default=None)

    @property
    def review_on(self) -> date:
        """The working day on which to look again at what is put off: the end of the hardship.

        After three months at the latest, also where nobody knows when it ends.
        """
        latest = add_months(self.today, _REVIEW_MONTHS)
        return self.holidays.roll(min(self._hardship_ends or latest, latest), HolidayRoll.NEXT)

    def due_early(self, plan: Schedule) -> int:
        """Return what a plan asks for today and before the hardship ends, in minor units."""
        ends = add_months(self.today, self.wanted_grace)
        due = (amount.minor for day, amount in plan.nominal_flows if day <= ends)
        return plan.down_payment.minor + sum(due)

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """The families that make sense for this debt.

        Revolving credit has nothing to extend; without interest none can come first, join the
        principal or be given up.
        """
        idle = set() if self.debt.annual_rate else _OF_INTEREST
        if self.debt.maturity is None:
            idle = idle | {Family.EXTENSION}
        return tuple(family for family in self.policy.space.families if family not in idle)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Every way to treat what is owed; raises InvalidTerms for an impossible down payment."""
        return self._claims(self.policy.space.old_charges)

    @cached_property
    def claims_without_interest(self) -> tuple[Claim, ...]:
        """The same where nothing bears interest: what would join the principal is spread."""
        capitalised, spread = OldCharges.CAPITALISE, OldCharges.SPREAD
        opened = self.policy.space.old_charges
        if spread in opened:
            return tuple(each for each in self.claims if each.old_charges is not capitalised)
        return self._claims(tuple(spread if each is capitalised else each for each in opened))

    def _claims(self, treatments: tuple[OldCharges, ...]) -> tuple[Claim, ...]:
        return claims_of(
            self.debt.components,
            waivers=self.policy.space.waivers.combinations,
            treatments=treatments,
            down_payments=self.down_payments,
            order=self.policy.allocation_order(self.debt.product, self.debt.days_past_due),
        )

    @cached_property
    def conventions(self) -> Conventions:
        """The conventions of every plan of the search; the order of posting is the debt's."""
        orders = self.policy.allocation_ahead(self.debt.product, self.debt.days_past_due)
        return replace(self.policy.schedule.conventions, allocation=orders)

    @cached_property
    def down_payments(self) -> tuple[Money, ...]:
        """The dialled down payment; or none, and the pack's shares of the cash that is free.

        Free is what lies above a month's outgoings, so that no plan empties the purse.
        """
        if self.wishes.down_payment is not None:
            return (self.wishes.down_payment,)
        means, zero = self.affordability, self.debt.currency.zero
        if means.currency != self.debt.currency:
            return (zero,)
        free = means.cash - means.essentials - means.priority - means.other_debts
        shares = self.policy.space.down_payment_shares
        amounts = {zero: None} | {
            free.times(share, Rounding.DOWN): None for share in shares if free.minor > 0
        }
        return tuple(amount for amount in amounts if amount < self.debt.owed)

    def rates(self, family: Family) -> tuple[Fraction, ...]:
        """Return the annual rates of a family, the contract rate first.

        Raises InvalidTerms where one of them has more decimals than a schedule takes.
        """
        return _NO_INTEREST if family is Family.ZERO_RATE else self._interest_rates

    @cached_property
    def _interest_rates(self) -> tuple[Fraction, ...]:
        contract, space = self.debt.annual_rate, self.policy.space
        rates, rate = [contract], contract
        while (
            space.rate_step and (rate := rate - space.rate_step) >= space.lowest_rate and rate > 0
        ):
            rates.append(rate)
        for each in rates:
            check_rate("annual_rate", each)
        return tuple(rates)

    def graces(self, family: Family) -> tuple[int, ...]:
        """Return the lengths of grace of a family, in months."""
        return self.policy.space.graces if family in WITH_GRACE else (0,)

    def steps(self, family: Family) -> tuple[StepPattern | None, ...]:
        """Return the step patterns of a family."""
        return self.policy.space.steps if family is Family.STEP_UP else (None,)

    def rhythms(self, family: Family) -> tuple[Rhythm, ...]:
        """Return how often a family may ask for a payment: monthly, and as income arrives."""
        if family not in _ROUNDABLE:
            return (Rhythm.MONTH,)
        arriving = {item.every for item in self.case.budget.incomes}
        return tuple(
            rhythm
            for rhythm in self.policy.space.rhythms
            if rhythm is Rhythm.MONTH or Every(rhythm.value) in arriving
        )

    def multiples(self, family: Family) -> tuple[int, ...]:
        """Return the multiples of minor units a family's payments may come in; 1 is to the cent."""
        units = self.debt.currency.units
        whole = tuple(multiple * units for multiple in self.policy.space.multiples)
        return (1, *whole) if family in _ROUNDABLE else (1,)

    def lengths(self, rhythm: Rhythm) -> range:
        """Return the numbers of payments that are searched: the dialled one, or all of the pack.

        More frequent payments are counted in whole months or fortnights of them.
        """
        limits = self.policy.space
        if self.wishes.periods is not None:
            if not limits.min_periods <= self.wishes.periods <= limits.max_periods:
                reason = f"must be from {limits.min_periods} to {limits.max_periods}"
                raise InvalidTerms("periods", self.wishes.periods, reason)
            return range(self.wishes.periods, self.wishes.periods + 1)
        if rhythm is Rhythm.MONTH:
            return range(limits.min_periods, limits.max_periods + 1)
        stride = 2 if rhythm is Rhythm.FORTNIGHT else 4
        most = limits.max_periods * PAYMENTS_A_YEAR[rhythm] // 12
        return range(stride * limits.min_periods, most + 1, stride)

    @cached_property
    def due_day(self) -> int:
        """The dialled due day, or a few days after payday, or the pack's default; at most 28."""
        if self.wishes.due_day is not None:
            if not 1 <= self.wishes.due_day <= 28:
                raise InvalidTerms("due_day", self.wishes.due_day, "must be from 1 to 28")
            return self.wishes.due_day
        payday = self.case.budget.payday
        if payday is None:
            return self.policy.space.default_due_day
        after = payday + self.policy.space.days_after_payday
        return after if after <= 28 else max(1, min(28, after - 28))

    @cached_property
    def first_dues(self) -> tuple[date, ...]:
        """The dialled first payment date, or the first due days that leave time to prepare.

        None of these days is later than the pack allows. A later one that is dialled is answered by
        the rule about first payments; an earlier one than is proposed suits the borrower.
        """
        limits, dialled = self.policy.space, self.wishes.first_due
        if dialled is not None:
            if dialled <= self.today:
                raise InvalidTerms("first_due", dialled, f"must be after {self.today}")
            outside = year_problem(dialled)
            if outside is not None:
                raise InvalidTerms("first_due", dialled, outside)
            return (dialled,)
        earliest = self.today + timedelta(days=max(1, limits.first_payment_min_days))
        latest = self.today + timedelta(days=limits.first_payment_max_days)
        first = month_day(earliest.year, earliest.month, self.due_day)
        if first < earliest:
            first = month_day(earliest.year, earliest.month + 1, self.due_day)
        later = (add_months(first, index) for index in range(1, limits.first_payments))
        # A pack leaves a due day open on every day of the year (`contradictions.py`).
        return (first, *(day for day in later if day <= latest))

    @cached_property
    def grid_day(self) -> int:
        """The day of the month of all installments."""
        first = self.wishes.first_due
        return first.day if self.wishes.due_day is None and first else self.due_day

    def line(
        self,
        family: Family,
        *,
        grace_months: int = 0,
        annual_rate: Fraction | None = None,
        waiver: Waiver | None = None,
        old_charges: OldCharges = OldCharges.SPREAD,
        step: StepPattern | None = None,
        rhythm: Rhythm = Rhythm.MONTH,
        multiple: int = 1,
    ) -> Line:
        """Return a line by its levers, also one that the pack does not open."""
        order = self.policy.allocation_order(self.debt.product, self.debt.days_past_due)
        claims = claims_of(
            self.debt.components,
            waivers=(waiver,) if waiver else (Waiver(),),
            treatments=(old_charges,),
            down_payments=self.down_payments[:1],
            order=order,
        )
        rate = self.rates(family)[0] if annual_rate is None else annual_rate
        return Line(
            family, claims[-1], rate, self.first_dues[0], grace_months, step, rhythm, multiple
        )

    def terms(self, line: Line, payments: int) -> Terms:
        """Return the terms of one candidate: `payments` is how often the borrower pays."""
        free, claim = FREE_GRACE.get(line.family), line.claim
        currency = self.debt.currency
        is_monthly = line.rhythm is Rhythm.MONTH
        terms = Terms(
            principal=claim.principal,
            annual_rate=line.annual_rate,
            periods=payments + (line.grace_months if free else 0),
            start=self.case.as_of,
            first_due=line.first_due,
            due_day=self.grid_day if is_monthly else None,
            frequency=FREQUENCIES[line.rhythm],
            amortization=(
                Amortization.EQUAL_PRINCIPAL
                if line.family is Family.EQUAL_PRINCIPAL
                else Amortization.EQUAL_INSTALLMENT
            ),
            grace=Grace(
                principal=line.grace_months,
                interest=line.grace_months if free else 0,
                interest_treatment=free or InterestTreatment.DEFER,
            ),
            down_payment=claim.down_payment,
            arrears=claim.arrears or None,
            arrears_treatment=claim.arrears_treatment,
            payment_multiple_of=currency.money(line.multiple) if line.multiple > 1 else None,
            conventions=self.conventions,
            holidays=self.holidays,
        )
        if line.step is None:
            return terms
        lower = currency.money(lower_payment(terms, line.step, payments))
        first, rest = line.step.months, payments - line.step.months
        if rest < 1:
            raise InvalidTerms("periods", payments, f"must be more than the {first} lower payments")
        return terms.with_(payment_steps=(PaymentStep(first, lower), PaymentStep(rest, None)))

    def proposal(self, line: Line, terms: Terms) -> Proposal:
        """Return the candidate as the rules see it."""
        return Proposal(
            case=self.case,
            debt=self.debt,
            affordability=self.affordability,
            family=line.family,
            terms=terms,
            waived=line.claim.waived,
            grace_months=line.grace_months,
            months=self.months_from(
                self.today, self.last_due(line.first_due, terms.frequency, terms.periods)
            ),
            today=self.today,
            role=self.role,
            holidays=self.holidays,
        )

    @staticmethod
    def last_due(first_due: date, frequency: Frequency, periods: int) -> date:
        """Return the nominal day of the last installment."""
        if frequency is MONTHLY:
            return add_months(first_due, periods - 1)
        return first_due + (periods - 1) * timedelta(weeks=frequency.every)

    @staticmethod
    def months_from(today: date, last: date) -> int:
        """Return the months from today to a day, counted as started ones."""
        months = months_between(today, last)
        return months + (add_months(today, months) < last)

    @staticmethod
    def suits(family: Family, claim: Claim, multiple: int) -> bool:
        """Say whether a family and a multiple make sense for what is repaid.

        A payment is round only where nothing is spread on top of it. Old charges alone bear no
        interest: only a level plan to the cent repays them.
        """
        if multiple > 1 and claim.carried and claim.arrears_treatment is ArrearsTreatment.SPREAD:
            return False
        return bool(claim.bearing) or (family in LEVEL and multiple == 1)

    def is_named_rightly(self, line: Line, payments: int) -> bool:
        """Say whether the family is the right name for a plan of that length."""
        return self.misfit(line, payments) is None

    def misfit(self, line: Line, payments: int) -> Misfit | None:
        """Return why the family is the wrong name for a plan of that length; None where it is not.

        Interest or a lower payment comes first only if level payments come after it. A contract
        that still runs is *extended* only when the plan outlives it; one that ends before is a
        plain installment plan.
        """
        if not self.suits(line.family, line.claim, line.multiple):
            return Misfit.UNSUITED
        if payments < self.least_payments(line):
            return Misfit.NOTHING_AFTERWARDS
        maturity = self.debt.maturity
        if maturity is None or not self.debt.is_running(self.today):
            return None
        outlives = self.last_due(line.first_due, FREQUENCIES[line.rhythm], payments) > maturity
        if line.family is Family.EXTENSION and not outlives:
            return Misfit.EXTENDS_NOTHING
        return Misfit.OUTLIVES if line.family is Family.EQUAL_INSTALLMENT and outlives else None

    @staticmethod
    def least_payments(line: Line) -> int:
        """Return how many payments leave two that are level after interest or less comes first."""
        if line.family is Family.INTEREST_FIRST:
            return line.grace_months + 2
        return 1 if line.step is None else line.step.months + 2
