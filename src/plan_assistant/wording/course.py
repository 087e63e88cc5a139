"""A plan in one short line: its payments run by run, and what the lender changes with it.

It is read, not spoken: on the answers of a borrower, in the trail and on the lead's screen. Not
here: the sentences (`speech.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from plan_assistant.domain.calendar import Frequency, Unit
from plan_assistant.domain.formats.recorded_plan import RecordedFigures
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.schedule.terms import ArrearsTreatment
from plan_assistant.wording import formats
from plan_assistant.wording.words import words

_MOST_RUNS = 5
"""More runs are not a line any more; then the first and the last stand for all."""


def course(runs: Sequence[tuple[int, Money]], frequency: Frequency, language: str) -> str:
    """Return payments run by run: `800.00 x 6, 1,210.33 x 18`, and how often if not monthly.

    A last payment that differs only by rounding to the cent is not told apart.
    """
    told = _merged(list(runs))
    if len(told) > _MOST_RUNS:
        count = sum(number for number, _ in told)
        return first_to_last(told[0][1], told[-1][1], count, frequency, language)
    text = ", ".join(f"{formats.money(amount, language)} x {count}" for count, amount in told)
    return f"{text} {rhythm_word(frequency, language)}".rstrip()


def first_to_last(
    first: Money, last: Money, count: int, frequency: Frequency, language: str
) -> str:
    """Return payments too different to be told run by run: `2,693.75 to 2,050.00 x 24`."""
    text = words(language)(
        "{first} to {last} x {count}",
        first=formats.money(first, language),
        last=formats.money(last, language),
        count=count,
    )
    return f"{text} {rhythm_word(frequency, language)}".rstrip()


def _merged(runs: list[tuple[int, Money]]) -> list[tuple[int, Money]]:
    if len(runs) < 2 or runs[-1][0] > 1:  # one run has nothing to be merged with
        return runs
    *others, (count, amount), (_, last) = runs
    payments = sum(number for number, _ in runs)
    is_rounding = count > 1 and abs(last.minor - amount.minor) <= 2 * payments
    return [*others, (count + 1, amount)] if is_rounding else runs


def plan_course(plan: Plan, language: str) -> str:
    """Return the payments of a plan run by run."""
    return course(plan.schedule.runs, plan.terms.frequency, language)


def recorded_course(figures: RecordedFigures, language: str) -> str:
    """Return the payments of a recorded plan run by run."""
    return course(figures.runs, figures.frequency, language)


def recorded_changes(figures: RecordedFigures, language: str) -> list[str]:
    """Return what a recorded plan changes beside its payments, and which payment it is part of."""
    changed = changes(
        waived=figures.waived,
        capitalised=figures.capitalised,
        rate=figures.plan_rate,
        contract_rate=figures.contract_rate,
        carried=figures.carried,
        language=language,
    )
    if figures.shares is None:
        return changed
    told = words(language)(
        "one part of at most {largest} a month, shared with {debts}",
        largest=formats.money(figures.shares.largest, language),
        debts=formats.listed([str(each) for each in figures.shares.others], language),
    )
    return [told, *changed]


def rhythm_word(frequency: Frequency, language: str) -> str:
    """Return how often a payment falls due in a word; nothing for every month."""
    say = words(language)
    known = {
        (1, Unit.MONTHS): "",
        (1, Unit.WEEKS): say.label("rhythm", "weekly"),
        (2, Unit.WEEKS): say.label("rhythm", "biweekly"),
    }
    other = {
        Unit.MONTHS: say.label("rhythm", "every {count} months", count=frequency.every),
        Unit.WEEKS: say.label("rhythm", "every {count} weeks", count=frequency.every),
        Unit.DAYS: say.label("rhythm", "every {count} days", count=frequency.every),
    }
    return known.get((frequency.every, frequency.unit), other[frequency.unit])


def changes(
    *,
    waived: Money,
    capitalised: Money,
    rate: Fraction,
    contract_rate: Fraction,
    carried: ArrearsTreatment | None,
    language: str,
) -> list[str]:
    """Return what a plan changes beside its payments, each in a few words.

    `carried` says where old charges go; None where there are none.
    """
    say, told = words(language), []
    if waived:
        told.append(say("waives {amount}", amount=formats.money(waived, language)))
    if rate < contract_rate:
        told.append(
            say(
                "{rate} a year instead of {contract}",
                rate=formats.percent(rate, language),
                contract=formats.percent(contract_rate, language),
            )
        )
    if capitalised:
        told.append(
            say("{amount} interest joins principal", amount=formats.money(capitalised, language))
        )
    if carried is ArrearsTreatment.FIRST_INSTALLMENT:
        told.append(say("old charges with the first payment"))
    elif carried is ArrearsTreatment.LAST_INSTALLMENT:
        told.append(say("old charges with the last payment"))
    return told


def plan_changes(plan: Plan, contract_rate: Fraction, language: str) -> list[str]:
    """Return what a plan changes beside its payments, each in a few words."""
    return changes(
        waived=plan.waived.total,
        capitalised=plan.capitalised,
        rate=plan.terms.annual_rate,
        contract_rate=contract_rate,
        carried=plan.terms.arrears_treatment if plan.schedule.total_arrears else None,
        language=language,
    )
