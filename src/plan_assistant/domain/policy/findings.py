"""A rule's answer, as data: rule, limit, actual, difference, effect, who may allow it.

Not here: the sentences (`wording/findings.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from plan_assistant.domain.money import Money


class Effect(StrEnum):
    """What a finding does to a plan."""

    BLOCK = "block"
    """The plan may not be offered, by nobody."""
    APPROVAL = "approval"
    """Somebody with more authority may allow it."""
    DISCLOSE = "disclose"
    """It must be said to the borrower."""
    RECORD = "record"
    """It must be in the record; it changes nothing for the borrower."""


CLASSES = ("watch", "substandard", "doubtful", "loss", "charge_off")
"""Classes of a debt by its days past due, best first."""


class Confidence(StrEnum):
    """How well the source of a rule was checked."""

    VERIFIED = "verified"
    """The wording of the instrument was read."""
    SECONDARY = "secondary"
    MEMORY = "memory"
    DESIGN = "design"
    """Our recommendation, not a rule of law."""


class Role(StrEnum):
    """What a person may do here."""

    COLLECTOR = "collector"
    TEAM_LEAD = "team_lead"
    LEGAL_REVIEWER = "legal_reviewer"
    """Reads every case and exports evidence, which is put on record; changes nothing."""
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    AGENCY_COLLECTOR = "agency_collector"
    """A collector of an outside agency: only the cases that were assigned to them."""


ROLES: Final = frozenset(role.value for role in Role)
"""Every role as the record writes it."""


@dataclass(frozen=True, slots=True)
class Months:
    """A number of months."""

    count: int


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days."""

    count: int


@dataclass(frozen=True, slots=True)
class Share:
    """A share or a rate, as an exact fraction of one."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Count:
    """A number of things."""

    count: int


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is a word of a closed list, for example a verdict or a date's role."""

    name: str


Measure = Money | Months | Days | Share | Count | Word | date


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about one plan."""

    rule: str
    """Id of the rule in the pack, for example CN-CARD-02."""
    test: str
    """The question that was asked, for example `longest_term`; chooses the sentence."""
    effect: Effect
    limit: Measure | None = None
    actual: Measure | None = None
    difference: Measure | None = None
    """How far actual is beyond the limit."""
    may_allow: Role | None = None
    """Who may allow it; None when nobody may, or when nothing needs allowing."""
    confidence: Confidence = Confidence.DESIGN

    @property
    def passes_a_limit(self) -> bool:
        """Say whether it has to be told because the plan is beyond something, as a contract."""
        return self.effect is Effect.DISCLOSE and self.difference is not None

    @property
    def is_only_kept(self) -> bool:
        """Say whether there is nothing to weigh or to say: it is only kept on record."""
        return self.effect is Effect.RECORD
