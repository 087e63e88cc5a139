"""How far income may fall is said with as many digits as the shocks beside it need."""

from __future__ import annotations

from fractions import Fraction

import pytest

from plan_assistant.wording.affordability import break_even_sentence


@pytest.mark.parametrize(
    ("fall", "said"),
    [
        ("0.1018", "10.2 %"),
        ("0.1", "10 %"),
        ("0.2004", "20.04 %"),
        ("0.3496", "35 %"),
        ("0.0512", "5.1 %"),
        ("0.0996", "9.96 %"),
    ],
)
def test_fall_is_not_rounded_to_a_shock_that_the_plan_stands_or_not(fall: str, said: str) -> None:
    assert f"falls by {said}." in break_even_sentence(Fraction(fall), "en")
