"""One rule of a pack: what it asks, its limits, its source, and what breaking it does.

Not here: what its test asks (`terms_tests.py`, `plan_tests.py`, `status_tests.py`, `duties.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Annotated

from pydantic import Field, StringConstraints

from plan_assistant.domain.debt import Product
from plan_assistant.domain.policy.findings import Confidence, Effect, Role
from plan_assistant.domain.policy.parts import Bilingual, Part

RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]


class Rule(Part):
    """One rule: what it asks, its limits, its source, and what breaking it does."""

    id: RuleId
    test: str
    """Which question of `rules.py` it asks."""
    title: Bilingual
    citation: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    confidence: Confidence
    effect: Effect
    may_allow: Role | None = None
    products: Annotated[tuple[Product, ...], Field(min_length=1)] = tuple(Product)
    effective_from: date | None = None
    effective_to: date | None = None
    parameters: Mapping[str, int | str | bool] = Field(default_factory=dict)
    lender_may_loosen: bool | Annotated[tuple[str, ...], Field(min_length=1)] = False
    """Which parameters a pack that extends this one may weaken; true: the whole rule, which it may
    also remove, but for what verified law forbids."""

    @property
    def needs_counsel(self) -> bool:
        """Say whether counsel should confirm it: a rule of law whose wording was not read."""
        return self.confidence in {Confidence.SECONDARY, Confidence.MEMORY}

    def lets_loosen(self, part: str) -> bool:
        """Say whether a pack that extends this one may weaken a part: a parameter or a field.

        What verified law forbids stays forbidden, for all that it binds: only how much is let go.
        """
        if part in self.parameters and self.lender_may_loosen is not False:
            return self.lender_may_loosen is True or part in self.lender_may_loosen
        is_law = self.effect is Effect.BLOCK and self.confidence is Confidence.VERIFIED
        return self.lender_may_loosen is True and not is_law

    def overlaps(self, other: Rule) -> bool:
        """Say whether there is a day and a product that both bind."""
        first = max(self.effective_from or date.min, other.effective_from or date.min)
        last = min(self.effective_to or date.max, other.effective_to or date.max)
        return first <= last and bool(set(self.products) & set(other.products))

    def is_in_force(self, on: date) -> bool:
        """Say whether it applies on that day."""
        return (self.effective_from or on) <= on <= (self.effective_to or on)

    def exact(self, name: str) -> Fraction:
        """Return a parameter that is a share or rate."""
        return _read(str(self.parameters[name]))

    def whole(self, name: str) -> int:
        """Return a parameter that is a count of months, days or things."""
        return int(self.parameters[name])


@lru_cache(maxsize=1024)
def _read(share: str) -> Fraction:
    # Every candidate of a search asks for the same few limits.
    return Fraction(share)
