"""The plan space: which candidates the policy and the dials leave open, and the terms of each.

Not here: pricing and choosing (`search.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from plan_assistant.domain.budget import Affordability, assess
from plan_assistant.domain.calendar import Holidays, add_months, month_day, months_between
from plan_assistant.domain.case import Case, Component, Components, Debt
from plan_assistant.domain.errors import InvalidTerms
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.search_result import Wishes
from plan_assistant.domain.policy.findings import Effect, Role
from plan_assistant.domain.policy.pack import AllocationOrder, PolicyPack, Rule
from plan_assistant.domain.policy.proposal import Proposal
from plan_assistant.domain.policy.terms_tests import TERMS_TESTS
from plan_assistant.domain.schedule.terms import (
    Amortization,
    DownPayment,
    Grace,
    InterestTreatment,
    Terms,
)
from plan_assistant.domain.unknowns import at_best, at_worst, unknowns

_DEFERRALS = {
    Family.DEFERRAL: InterestTreatment.DEFER,
    Family.DEFERRAL_CAPITALISED: InterestTreatment.CAPITALISE,
}
_WITH_GRACE = frozenset({Family.INTEREST_FIRST, *_DEFERRALS})


@dataclass(frozen=True, slots=True)
class Line:
    """A run of candidates that differ only in the number of payments."""

    family: Family
    grace_months: int


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
    def blocking_rules(self) -> tuple[Rule, ...]:
        """The rules that can forbid a candidate by its terms alone."""
        return tuple(
            rule
            for rule in self.rules
            if rule.effect is not Effect.DISCLOSE and rule.test in TERMS_TESTS
        )

    @cached_property
    def wanted_grace(self) -> int:
        """Months until the hardship ends, at most the pack's longest grace; 3 when unknown."""
        longest = self.policy.space.max_grace_months
        ends = [
            reason.expected_end for reason in self.case.hardships if reason.expected_end is not None
        ]
        if not ends or max(ends) <= self.today:
            return min(3, longest)
        return max(1, min(longest, months_between(self.today, max(ends))))

    @cached_property
    def graces(self) -> tuple[int, ...]:
        """The wanted grace, and the longest that the collector may grant where that is shorter."""
        mine = self.policy.authority[Role.COLLECTOR].longest_grace_months
        return tuple(sorted({self.wanted_grace, min(self.wanted_grace, mine)}))

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every family that makes sense for this debt; a grace lasts as long as the hardship."""
        months_left = self.debt.months_to_maturity(self.today)
        lines: list[Line] = []
        for family in self.policy.space.families:
            if family is Family.EXTENSION and months_left is None:
                continue  # revolving credit has no maturity to extend
            graces = self.graces if family in _WITH_GRACE else (0,)
            lines += [Line(family, grace) for grace in graces]
        return tuple(lines)

    @cached_property
    def payments(self) -> range:
        """The numbers of payments that are searched: the dialled one, or all of the pack."""
        limits = self.policy.space
        if self.wishes.periods is not None:
            if not limits.min_periods <= self.wishes.periods <= limits.max_periods:
                reason = f"must be from {limits.min_periods} to {limits.max_periods}"
                raise InvalidTerms("periods", self.wishes.periods, reason)
            return range(self.wishes.periods, self.wishes.periods + 1)
        return range(limits.min_periods, limits.max_periods + 1)

    @cached_property
    def down_payment(self) -> Money:
        """What is paid today; raises InvalidTerms when it is more than is owed."""
        amount = self.wishes.down_payment or self.debt.currency.zero
        if amount.minor < 0 or amount >= self.debt.owed:
            raise InvalidTerms(
                "down_payment", amount, f"must be from 0 to less than the {self.debt.owed} owed"
            )
        return amount

    @cached_property
    def paid_today(self) -> dict[Component, Money]:
        """The down payment over the components, by the order in force at these days past due."""
        order = self.policy.allocation_order(self.debt.product, self.debt.days_past_due)
        return allocate(self.down_payment, self.debt.components, order)

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
    def first_due(self) -> date:
        """The dialled first payment date, or the first due day that leaves some days to prepare."""
        if self.wishes.first_due is not None:
            if self.wishes.first_due <= self.today:
                raise InvalidTerms(
                    "first_due", self.wishes.first_due, f"must be after {self.today}"
                )
            return self.wishes.first_due
        earliest = self.today + timedelta(days=self.policy.space.first_payment_min_days)
        first = month_day(earliest.year, earliest.month, self.due_day)
        return (
            first
            if first >= earliest
            else month_day(earliest.year, earliest.month + 1, self.due_day)
        )

    def terms(self, line: Line, payments: int) -> Terms:
        """Return the terms of one candidate: `payments` is how often the borrower pays."""
        deferral = _DEFERRALS.get(line.family)
        principal_paid = self.paid_today[Component.PRINCIPAL]
        return Terms(
            principal=self.debt.components.principal,
            annual_rate=Fraction(0) if line.family is Family.ZERO_RATE else self.debt.annual_rate,
            periods=payments + (line.grace_months if deferral else 0),
            start=self.case.as_of,
            first_due=self.first_due,
            due_day=self._grid_day,
            amortization=(
                Amortization.EQUAL_PRINCIPAL
                if line.family is Family.EQUAL_PRINCIPAL
                else Amortization.EQUAL_INSTALLMENT
            ),
            grace=Grace(
                principal=line.grace_months,
                interest=line.grace_months if deferral else 0,
                interest_treatment=deferral or InterestTreatment.DEFER,
            ),
            down_payment=(
                DownPayment(principal_paid, self.down_payment - principal_paid)
                if self.down_payment
                else None
            ),
            arrears=self.debt.components.non_principal or None,
            arrears_treatment=self.policy.schedule.arrears_treatment,
            conventions=self.policy.schedule.conventions,
            holidays=self.holidays,
        )

    @property
    def _grid_day(self) -> int:
        return (
            self.first_due.day
            if self.wishes.due_day is None and self.wishes.first_due
            else self.due_day
        )

    def proposal(self, line: Line, terms: Terms) -> Proposal:
        """Return the candidate as the rules see it."""
        assert terms.first_due is not None
        last = add_months(terms.first_due, (terms.periods - 1) * terms.frequency.every)
        months = months_between(self.today, last)
        return Proposal(
            case=self.case,
            debt=self.debt,
            affordability=self.affordability,
            family=line.family,
            terms=terms,
            grace_months=line.grace_months,
            months=months + (add_months(self.today, months) < last),
            today=self.today,
            role=self.role,
            holidays=self.holidays,
        )

    def is_named_rightly(self, line: Line, payments: int) -> bool:
        """Say whether the family is the right name for a plan of that length.

        Interest comes first only if level payments come after it. A contract that still runs is
        *extended* only when the plan outlives it; one that ends before is a plain installment plan.
        """
        if line.family is Family.INTEREST_FIRST and payments < line.grace_months + 2:
            return False
        maturity = self.debt.maturity
        if maturity is None or maturity < self.today:
            return True
        outlives = add_months(self.first_due, payments - 1) > maturity
        if line.family is Family.EXTENSION:
            return outlives
        return line.family is not Family.EQUAL_INSTALLMENT or not outlives


def allocate(amount: Money, owed: Components, order: AllocationOrder) -> dict[Component, Money]:
    """Settle components with an amount in the order given; the amount is at most what is owed."""
    balances = dict(owed.items())
    paid: dict[Component, Money] = {}
    for component in order.order:
        paid[component] = min(amount, balances[component])
        amount = amount - paid[component]
    if amount:
        raise InvalidTerms("down_payment", amount, "is more than is owed")
    return paid
