"""An agreement: a plan that the borrower accepted, frozen with all that is needed to check it.

Its outside form and its fingerprint are in `formats/agreement_file.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Debt
from plan_assistant.domain.offers.plan import Plan


@dataclass(frozen=True, slots=True)
class PolicyStamp:
    """Which rules the plan was checked against."""

    pack: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How the borrower accepted: what was read to them, and where it can be heard again."""

    at: datetime
    lines_read: tuple[str, ...] = field(repr=False)
    """The sentences read back, in the language of the call, in order."""
    recording: str | None = field(repr=False)
    """Reference of the call recording; an oral agreement needs one (rule CN-CARD-06)."""
    reason_code: str | None
    """Why a plan outside the collector's authority is asked for."""
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Agreement:
    """An accepted plan."""

    number: str
    """Agreement number, unique in the store."""
    case: Case
    debt: Debt
    plan: Plan
    affordability: Affordability
    policy: PolicyStamp
    engine: str
    """Version of the program that computed the schedule."""
    maker: str
    """Login name of the collector."""
    acceptance: Acceptance
