"""What each question put to terms looks at, so that a search asks it once per value.

Not here: the questions (`terms_tests.py`).
"""

from __future__ import annotations

from enum import Enum, auto


class Reads(Enum):
    """A part of a proposal; what no test reads cannot change its answer."""

    FAMILY = auto()
    LENGTH = auto()
    """The last due date, or the months to it. A test that forbids a plan by its length forbids
    every longer one."""
    GRACE = auto()
    RATE = auto()
    PAYMENTS = auto()
    """How often the borrower pays. A test that forbids so few payments forbids fewer."""
    CLAIM = auto()
    """What is waived, capitalised or paid today."""
    FIRST = auto()
    """The first due date."""
    AMOUNT = auto()
    """The principal of one installment."""
    SCHEDULE = auto()
    """The exact rows."""


READS: dict[str, frozenset[Reads]] = {
    "longest_term": frozenset({Reads.LENGTH}),
    "extension_before_maturity": frozenset({Reads.FAMILY}),
    "extension_cumulative_short": frozenset({Reads.LENGTH}),
    "extension_cumulative_long": frozenset({Reads.LENGTH}),
    "extension_general": frozenset({Reads.LENGTH}),
    "settlement_length": frozenset({Reads.CLAIM, Reads.LENGTH}),
    "rate_above_contract": frozenset({Reads.RATE}),
    "few_payments": frozenset({Reads.PAYMENTS}),
    "smallest_installment": frozenset({Reads.AMOUNT}),
    "covers_interest": frozenset({Reads.SCHEDULE}),
    "down_payment_exceeds_cash": frozenset({Reads.CLAIM}),
    "term_authority": frozenset({Reads.LENGTH}),
    "longest_grace": frozenset({Reads.GRACE}),
    "latest_first_payment": frozenset({Reads.FIRST}),
    "rate_cut": frozenset({Reads.RATE}),
    "waiver_authority": frozenset({Reads.CLAIM}),
    "down_payment_authority": frozenset({Reads.CLAIM}),
    "capitalised_interest": frozenset({Reads.FAMILY, Reads.CLAIM}),
}
"""A test that is not listed looks only at the case and answers alike for every plan of it."""
