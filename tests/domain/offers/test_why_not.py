"""Plans that bear the name of a family without being one of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plan_assistant.domain.offers.misfit import Misfit
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.search import Search
from plan_assistant.domain.offers.sheet import sheets_of
from plan_assistant.domain.offers.why_not import why_not
from plan_assistant.domain.policy.pack import StepPattern
from tests.domain.offers.spaces import random_space, sample_space

SIX_LOWER = StepPattern.model_validate({"months": 6, "share": "0.5"})


@pytest.mark.parametrize(
    ("family", "payments", "levers", "why"),
    [
        (Family.EQUAL_INSTALLMENT, 24, {}, Misfit.OUTLIVES),
        (Family.EQUAL_INSTALLMENT, 17, {}, None),
        (Family.EXTENSION, 10, {}, Misfit.EXTENDS_NOTHING),
        (Family.EXTENSION, 24, {}, None),
        (Family.STEP_UP, 7, {"step": SIX_LOWER}, Misfit.NOTHING_AFTERWARDS),
        (Family.STEP_UP, 8, {"step": SIX_LOWER}, None),
        (Family.INTEREST_FIRST, 4, {"grace_months": 3}, Misfit.NOTHING_AFTERWARDS),
    ],
)
def test_plan_that_is_not_what_its_family_says_is_told_so(
    family: Family, payments: int, levers: dict[str, Any], why: Misfit | None
) -> None:
    space = sample_space("S06-loan-before-maturity")

    found = why_not(Search(space), space.line(family, **levers), payments)

    assert (found.misnamed and found.misnamed.why) is why


def test_contract_that_ends_is_named_with_the_day() -> None:
    space = sample_space("S06-loan-before-maturity")

    found = why_not(Search(space), space.line(Family.EXTENSION), 10)

    assert found.misnamed is not None
    assert found.misnamed.maturity == space.debt.maturity
    assert isinstance(found.misnamed.maturity, date)


def test_fewest_payments_of_a_step_up_are_said() -> None:
    space = sample_space("S06-loan-before-maturity")

    found = why_not(Search(space), space.line(Family.STEP_UP, step=SIX_LOWER), 7)

    assert found.misnamed is not None
    assert found.misnamed.least == 8


@example(seed=1866, at=0)  # a step-up with no level payment at all: not even terms follow
@example(seed=933, at=0)  # a freeze spreads what the pack would capitalise
@given(seed=st.integers(0, 2**32), at=st.integers(0, 10_000))
@settings(max_examples=25)
def test_nothing_outside_the_space_is_without_a_reason(seed: int, at: int) -> None:
    space = random_space(seed)
    sheets = sheets_of(space)
    if not sheets:
        return
    sheet = sheets[at % len(sheets)]
    line = sheet.line(at % sheet.line_count)
    payments = int(sheet.lengths[at % len(sheet.lengths)])

    found = why_not(Search(space), line, payments)

    is_inside = space.is_named_rightly(line, payments)
    assert is_inside is not bool(found.closed or found.misnamed)
