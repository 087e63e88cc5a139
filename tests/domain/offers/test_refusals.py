"""Kinds of plans that are not offered: each is told why, in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Product
from plan_assistant.domain.offers.counter_offer import answer
from plan_assistant.domain.offers.misfit import Misfit
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.search import search
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.pack import PolicyPack, StepPattern
from plan_assistant.wording.refusal_texts import not_offered
from plan_assistant.wording.search_texts import counter_lines
from tests.builders import TODAY, case, debt, yuan
from tests.domain.offers.spaces import space_with
from tests.packs import CN, every_pack


def _loan(maturity: date) -> Case:
    return case(debt(product=Product.CONSUMER_LOAN, maturity=maturity, original_term_months=36))


@pytest.mark.parametrize(
    ("family", "longest", "why"),
    [
        (Family.EQUAL_INSTALLMENT, 60, Misfit.OUTLIVES),
        (Family.EXTENSION, 6, Misfit.EXTENDS_NOTHING),
        (Family.STEP_UP, 13, Misfit.NOTHING_AFTERWARDS),
    ],
)
def test_family_whose_name_no_open_length_deserves_is_refused_in_words(
    family: Family, longest: int, why: Misfit
) -> None:
    ends = {Family.EQUAL_INSTALLMENT: TODAY + timedelta(days=1)}.get(family, date(2029, 6, 1))
    steps = (StepPattern.model_validate({"months": 12, "share": "0.7"}),)
    opened = {"families": (family,), "max_periods": longest, "steps": steps}
    pack = CN.model_copy(update={"space": CN.space.model_copy(update=opened)})
    found = search(space_with(_loan(ends), pack=pack))

    (refusal,) = found.refusals
    assert not found.plans
    assert refusal.misnamed is not None
    assert refusal.misnamed.why is why
    assert all(not_offered(found.refusals, language) for language in ("zh", "en"))


def test_no_kind_of_plan_is_passed_over_in_silence_where_none_is_open() -> None:
    opened = {"families": (Family.INTEREST_FIRST,), "graces": ()}
    pack = CN.model_copy(update={"space": CN.space.model_copy(update=opened)})
    found = search(space_with(case(), pack=pack))

    assert [refusal.family for refusal in found.refusals] == [Family.INTEREST_FIRST]
    assert "No values of the levers" in not_offered(found.refusals, "en")[0]


def test_what_is_offered_under_its_right_name_is_not_called_refused() -> None:
    found = search(space_with(_loan(TODAY + timedelta(days=1))))

    assert Family.EXTENSION in {plan.family for plan in found.plans}
    assert Family.EQUAL_INSTALLMENT not in {refusal.family for refusal in found.refusals}


@pytest.mark.parametrize(
    "pack", [each for each in every_pack() if "consumer_loan" in each.products]
)
def test_every_pack_for_loans_opens_level_plans_beyond_a_running_contract(
    pack: PolicyPack,
) -> None:
    found = search(space_with(_loan(TODAY + timedelta(days=1)), pack=pack))

    assert Family.EXTENSION not in {refusal.family for refusal in found.refusals}
    assert not any(refusal.misnamed for refusal in found.refusals)


def test_proposal_is_not_called_too_small_where_no_amount_is_enough() -> None:
    opened = {"families": (Family.EQUAL_INSTALLMENT,)}
    pack = CN.model_copy(update={"space": CN.space.model_copy(update=opened)})
    wishes = Wishes(monthly=yuan("1500.00"))
    of = _loan(TODAY + timedelta(days=1))

    said = counter_lines(answer(space_with(of, pack=pack, wishes=wishes)), "en")

    assert said[0] == "No: with these dials no plan is open, whatever is paid a month."
    assert "that is an extension" in said[1]
