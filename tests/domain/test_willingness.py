"""Willingness: five signs, explained, from what was done and never from who somebody is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.budget import assess
from plan_assistant.domain.case import (
    Case,
    Contact,
    ContactOutcome,
    PastPayment,
    Person,
    Willingness,
)
from plan_assistant.domain.household import Household
from plan_assistant.domain.money import CNY
from plan_assistant.domain.personal import Personal
from plan_assistant.domain.willingness import Quadrant, Sign, outlook, score
from tests.builders import TODAY, budget, case, debt, income, yuan
from tests.packs import CN

RULES = CN.affordability.rules


def contact(days_ago: int, outcome: ContactOutcome) -> Contact:
    return Contact(TODAY - timedelta(days=days_ago), "phone", outcome)


def paid(days_ago: int, amount: str = "500.00") -> PastPayment:
    return PastPayment(TODAY - timedelta(days=days_ago), yuan(amount))


def points(of: Case) -> dict[Sign, int | None]:
    return {part.sign: part.points for part in outlook(of, assess(of, RULES)).score.parts}


def known(**changes: object) -> Case:
    """Return a case in which every sign is known and earns all its points."""
    full = replace(
        case(),
        contacts=(contact(10, ContactOutcome.REACHED), contact(3, ContactOutcome.PROMISE)),
        payments=(paid(5), paid(35), paid(65)),
        promises_kept=3,
        promises_broken=0,
        willingness=Willingness(True, "REC-1", yuan("1800.00")),
    )
    return replace(full, **changes)  # type: ignore[arg-type]


def test_all_signs_together_earn_a_hundred_points() -> None:
    found = outlook(known(), assess(known(), RULES)).score

    assert found.points == 100
    assert found.known == 100
    assert {part.sign: part.points for part in found.parts} == {
        Sign.CONTACT: 25,
        Sign.PROMISES: 25,
        Sign.PAYMENTS: 20,
        Sign.EVIDENCE: 15,
        Sign.PROPOSAL: 15,
    }


@pytest.mark.parametrize(
    ("changes", "sign", "expected"),
    [
        ({"promises_kept": 2, "promises_broken": 1}, Sign.PROMISES, 17),  # 16.67
        ({"promises_kept": 1, "promises_broken": 1}, Sign.PROMISES, 13),  # 12.5, half up
        ({"promises_kept": 0, "promises_broken": 0}, Sign.PROMISES, None),
        ({"payments": (paid(5), paid(6), paid(7))}, Sign.PAYMENTS, 7),  # one third of the time
        ({"payments": (paid(5), paid(89))}, Sign.PAYMENTS, 13),
        ({"payments": (paid(90),)}, Sign.PAYMENTS, 0),  # 90 days ago is over
        ({"payments": (paid(5, "0.00"),)}, Sign.PAYMENTS, 0),
        ({"hardships": ()}, Sign.EVIDENCE, None),
        ({"willingness": Willingness(True, None, None)}, Sign.PROPOSAL, 0),
        ({"contacts": ()}, Sign.CONTACT, None),
        ({"contacts": (contact(200, ContactOutcome.REACHED),)}, Sign.CONTACT, None),
        ({"contacts": (contact(1, ContactOutcome.WRONG_PERSON),)}, Sign.CONTACT, None),
        (
            {
                "contacts": (
                    contact(1, ContactOutcome.NO_ANSWER),
                    contact(2, ContactOutcome.REFUSED),
                    contact(3, ContactOutcome.INVALID_NUMBER),
                    contact(4, ContactOutcome.REACHED),
                )
            },
            Sign.CONTACT,
            8,  # one of three: 8.33
        ),
    ],
)
def test_each_sign_earns_its_share(
    changes: dict[str, object], sign: Sign, expected: int | None
) -> None:
    assert points(known(**changes))[sign] == expected


def test_what_is_not_known_earns_no_points_and_costs_none() -> None:
    of = known(contacts=(), promises_kept=0)

    found = outlook(of, assess(of, RULES)).score

    assert (found.points, found.known) == (50, 50)
    assert found.is_willing is True


def test_too_little_known_says_nothing() -> None:
    of = known(contacts=(), promises_kept=0, hardships=())

    found = outlook(of, assess(of, RULES))

    assert found.score.known == 35
    assert found.quadrant is None


@pytest.mark.parametrize(
    ("contractual", "payments", "kept", "broken", "quadrant"),
    [
        ("1000.00", (paid(5), paid(35), paid(65)), 3, 0, Quadrant.CAN_WILL),
        ("1000.00", (), 0, 3, Quadrant.CAN_WONT),
        ("4000.00", (paid(5), paid(35), paid(65)), 3, 0, Quadrant.CANNOT_WILL),
        ("4000.00", (), 0, 3, Quadrant.CANNOT_WONT),
    ],
)
def test_quadrant_is_ability_by_willingness(
    contractual: str,
    payments: tuple[PastPayment, ...],
    kept: int,
    broken: int,
    quadrant: Quadrant,
) -> None:
    # S 3,400 less the buffer of 300: 3,100 is affordable.
    of = replace(
        known(
            payments=payments,
            promises_kept=kept,
            promises_broken=broken,
            willingness=Willingness(True, None, None),
            debts=(debt(contractual_payment=yuan(contractual)),),
        ),
        contacts=(contact(3, ContactOutcome.REACHED if kept else ContactOutcome.NO_ANSWER),),
    )

    assert outlook(of, assess(of, RULES)).quadrant is quadrant


def test_a_household_with_nothing_to_spare_cannot_pay_even_where_no_contract_asks() -> None:
    of = known(budget=budget((income("1000.00"),)))

    assert not outlook(of, assess(of, RULES)).can_pay


@given(
    name=st.text(max_size=20),
    address=st.none() | st.text(max_size=20),
    id_number=st.none() | st.text(max_size=20),
    note=st.text(max_size=20).map(Personal),
    language=st.sampled_from(["zh", "en"]),
    adults=st.integers(1, 6),
    is_rural=st.booleans(),
)
def test_the_score_does_not_see_who_somebody_is_or_where_they_live(
    name: str,
    address: str | None,
    id_number: str | None,
    note: Personal,
    language: str,
    adults: int,
    is_rural: bool,
) -> None:
    other = known(
        borrower=Person.of(name, id_number, None, address),
        note=note,
        language=language,
        jurisdiction="HK",
        household=Household(adults, 0, is_rural),
    )

    assert points(other) == points(known())


@given(
    kept=st.integers(0, 50),
    broken=st.integers(0, 50),
    days=st.lists(st.integers(0, 400), max_size=8),
    outcomes=st.lists(st.sampled_from(ContactOutcome), max_size=8),
    has_own_proposal=st.booleans(),
)
def test_the_score_lies_between_nothing_and_what_is_known(
    kept: int,
    broken: int,
    days: list[int],
    outcomes: list[ContactOutcome],
    has_own_proposal: bool,
) -> None:
    found = score(
        contacts=[contact(day, outcome) for day, outcome in zip(days, outcomes, strict=False)],
        payments=[PastPayment(TODAY - timedelta(days=day), CNY.money(1)) for day in days],
        promises_kept=kept,
        promises_broken=broken,
        hardships=case().hardships,
        has_own_proposal=has_own_proposal,
        as_of=TODAY,
    )

    assert 0 <= found.points <= found.known <= 100
    assert all(part.points is None or part.points <= part.sign.most for part in found.parts)
