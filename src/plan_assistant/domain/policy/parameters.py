"""What every test takes from its rule: which parameters, of which form, and which way is looser.

Not here: what a test asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from plan_assistant.domain.errors import Problem
from plan_assistant.domain.policy.plan_tests import PLAN_TESTS
from plan_assistant.domain.policy.rule import Rule
from plan_assistant.domain.policy.terms_tests import TERMS_TESTS


class Form(StrEnum):
    """How a parameter is written."""

    WHOLE = "whole"
    """A whole number from 1 on."""
    WHOLE_OR_NONE = "whole_or_none"
    """A whole number from 0 on."""
    MINOR_UNITS = "minor_units"
    """An amount in minor units, from 1 on."""
    RATE = "rate"
    """A share or rate above 0 and up to 1, as text."""


class Looser(StrEnum):
    """Which way a parameter lets more plans pass."""

    HIGHER = "higher"
    LOWER = "lower"
    EITHER = "either"
    """Both: it parts two limits, or it is a figure of the law that the borrower is told."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a test."""

    looser: Looser
    form: Form = Form.WHOLE
    is_needed: bool = True


_MOST = 12_000
"""Above this a number of months leads to days that no calendar holds."""
_HIGHER, _LOWER = Parameter(Looser.HIGHER), Parameter(Looser.LOWER)
_EITHER = Parameter(Looser.EITHER)
_CLASS = Parameter(Looser.HIGHER, is_needed=False)

PARAMETERS: dict[str, dict[str, Parameter]] = {
    "longest_term": {"months": _HIGHER},
    "extension_cumulative_short": {"original_term_months_max": _LOWER},
    "extension_cumulative_long": {
        "original_term_months_min": _HIGHER,
        "consumer_loan_months": _HIGHER,
        "business_loan_months": _HIGHER,
    },
    "extension_general": {
        "short_months": _EITHER,
        "medium_months": _EITHER,
        "medium_share": Parameter(Looser.HIGHER, Form.RATE),
        "long_months": _HIGHER,
    },
    "settlement_length": {"months": _HIGHER},
    "few_payments": {"payments": _LOWER},
    "reaging_count": {"within_12_months": _HIGHER, "within_60_months": _HIGHER},
    "reaging_conditions": {"age_months": _LOWER, "payments": _LOWER},
    "restructured_asset": {"observation_months": _LOWER, "observation_periods": _LOWER},
    "restructured_before": {
        "window_months": _LOWER,
        "margin_days": Parameter(Looser.LOWER, Form.WHOLE_OR_NONE),
    },
    "upgrade_earliest": {"non_performing_days": _HIGHER, "periods": _LOWER, "least_months": _LOWER},
    "forborne_dates": {
        "non_performing_days": _HIGHER,
        "cure_months": _LOWER,
        "probation_months": _LOWER,
    },
    "classification_by_days": {
        "watch_from": _CLASS,
        "substandard_from": _CLASS,
        "doubtful_from": _CLASS,
        "loss_from": _CLASS,
        "charge_off_from": _CLASS,
    },
    "present_value_loss": {"share": Parameter(Looser.HIGHER, Form.RATE)},
    "default_by_loss": {"share": Parameter(Looser.HIGHER, Form.RATE)},
    "penalty_rate_ceiling": {"uplift": Parameter(Looser.HIGHER, Form.RATE)},
    "credit_report_years": {"years": _EITHER},
    "smallest_installment": {"minor_units": Parameter(Looser.LOWER, Form.MINOR_UNITS)},
    "stale_figures": {"days": _HIGHER},
    "annualized_cost_alarm": {"rate": Parameter(Looser.HIGHER, Form.RATE)},
}
"""What a rule gives its test; a test that is not listed takes nothing."""


def known_tests() -> frozenset[str]:
    """Return every question that a rule can ask."""
    return frozenset({*TERMS_TESTS, *PLAN_TESTS})


def problems_of(rule: Rule) -> Iterator[Problem]:
    """Say what is wrong with a rule's test, its parameters and its dates."""
    if rule.effective_from and rule.effective_to and rule.effective_from > rule.effective_to:
        yield Problem(f"rules.{rule.id}.effective_to", "is before effective_from")
    yield from problems_of_test(f"rules.{rule.id}", rule.test, rule.parameters)
    if not isinstance(rule.lender_may_loosen, bool):
        takes = PARAMETERS.get(rule.test, {})
        for name in rule.lender_may_loosen:
            if name not in takes:
                sentence = f"{name} is not a parameter of {rule.test}"
                yield Problem(f"rules.{rule.id}.lender_may_loosen", sentence)


def problems_of_test(
    place: str, test: str, parameters: Mapping[str, int | str | bool]
) -> Iterator[Problem]:
    """Say whether there is such a test, and what is wrong with the parameters it is given."""
    if test not in known_tests():
        known = ", ".join(sorted(known_tests()))
        yield Problem(f"{place}.test", f"there is no test {test!r}; known are {known}")
        return
    takes = PARAMETERS.get(test, {})
    for name in sorted(parameters.keys() - takes.keys()):
        yield Problem(f"{place}.parameters.{name}", f"is not a parameter of {test}")
    for name, parameter in takes.items():
        where = f"{place}.parameters.{name}"
        if name in parameters:
            yield from _misformed(where, parameter.form, parameters[name])
        elif parameter.is_needed:
            yield Problem(where, "is missing")
    if test == "classification_by_days" and not parameters:
        yield Problem(f"{place}.parameters", "names no class and the day it begins on")


def _misformed(place: str, form: Form, value: int | str | bool) -> Iterator[Problem]:
    if form is Form.RATE:
        if not _is_rate(value):
            yield Problem(place, 'must be a rate from 0 to 1, written as text such as "0.24"')
        return
    least = 0 if form is Form.WHOLE_OR_NONE else 1
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        yield Problem(place, f"must be a whole number from {least} on")
    elif form is not Form.MINOR_UNITS and value > _MOST:
        yield Problem(place, f"must be at most {_MOST}")


def _is_rate(value: int | str | bool) -> bool:
    try:
        return not isinstance(value, bool) and 0 < Fraction(str(value)) <= 1
    except (ValueError, ZeroDivisionError):
        return False
