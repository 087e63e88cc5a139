"""Which pack decides a debt: by jurisdiction, product and day, one and only one.

Not here: where packs lie (`adapters/policies.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Debt
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.policy.inheritance import FindPack, chain, merged, source_of
from plan_assistant.domain.policy.pack import Header


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pack that may be chosen, known by its head."""

    header: Header
    lineage: tuple[str, ...]
    """Names of the packs it is made of; the last is its own."""


def candidate_of(content: bytes, source: str, find: FindPack) -> Candidate:
    """Return the head of a pack that is known to be well-formed, without reading the rest."""
    sources = chain(source_of(source, content), find)
    raw = merged(sources)
    header = Header.model_validate({name: raw[name] for name in Header.model_fields if name in raw})
    return Candidate(header, tuple(str(one.raw["pack"]) for one in sources))


def choose_pack(packs: Sequence[Candidate], case: Case, debt: Debt, on: date) -> Candidate:
    """Return the one pack that fits a debt on a day.

    A pack stands in for the one it extends: where both fit, the lender's own is meant. Where none
    fits, a pack of the jurisdiction may name one to fall back on. Raises InputRefused when none
    fits, or two that do not extend each other.
    """
    fitting = [pack for pack in packs if pack.header.fits(case.jurisdiction, debt.product, on)]
    extended = {name for pack in fitting for name in pack.lineage[:-1]}
    meant = [pack for pack in fitting if pack.header.pack not in extended] or _fallbacks(
        packs, case, on
    )
    if len(meant) == 1:
        return meant[0]
    field, source = f"debts.{debt.debt_id}.product", f"case {case.case_id}"
    if not meant:
        raise InputRefused(source, [Problem(field, _none(packs, case, debt, on))])
    names = " and ".join(pack.header.pack for pack in meant)
    sentence = (
        f"the policy packs {names} both fit a debt of {case.jurisdiction} {debt.product.value} on "
        f"{on}: end one of them (effective_to) or name one with --policy"
    )
    raise InputRefused(source, [Problem(field, sentence)])


def _fallbacks(packs: Sequence[Candidate], case: Case, on: date) -> list[Candidate]:
    """Return the packs that packs of this jurisdiction fall back on for other products."""
    names = {
        head.fallback
        for head in (pack.header for pack in packs)
        if head.fallback is not None
        and any(head.fits(case.jurisdiction, product, on) for product in head.products)
    }
    return [pack for pack in packs if pack.header.pack in names]


def _none(packs: Sequence[Candidate], case: Case, debt: Debt, on: date) -> str:
    known = ", ".join(pack.header.pack for pack in packs)
    return (
        f"there is no policy pack for {case.jurisdiction} {debt.product.value} on {on}; packs are "
        f"{known}. Name one of them or a file with --policy"
    )
