"""Rates and present values: what a plan costs a year, by the conventions of several laws.

Every figure is an exact fraction, found on a decimal grid and proved there by a change of sign; no
binary floating point takes part.
"""

from plan_assistant.domain.rates.annualized import annualized_rate, simple_annual_rate
from plan_assistant.domain.rates.apr import Flow, eu_apr, irr_rate, us_apr
from plan_assistant.domain.rates.conversion import effective_from_nominal, nominal_from_effective
from plan_assistant.domain.rates.present_value import present_value, present_value_of
from plan_assistant.domain.rates.rebate import Settlement, early_settlement
from plan_assistant.domain.rates.roots import RateUndefined

__all__ = [
    "Flow",
    "RateUndefined",
    "Settlement",
    "annualized_rate",
    "early_settlement",
    "effective_from_nominal",
    "eu_apr",
    "irr_rate",
    "nominal_from_effective",
    "present_value",
    "present_value_of",
    "simple_annual_rate",
    "us_apr",
]
