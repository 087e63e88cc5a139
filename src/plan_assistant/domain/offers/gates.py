"""What the rules leave open of a sheet: which lengths of each line, and which need a lead.

A rule is asked once for each value of what it reads (`policy/reads.py`), never once per candidate.
What a rule forbids on a line it forbids from some length on, so a line stays open up to a cut. Not
here: rules that need the exact schedule (`judging.py` asks them), and what the rules ask.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.space import FREQUENCIES, Space
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.pack import Rhythm, Rule
from plan_assistant.domain.policy.reads import READS, Reads
from plan_assistant.domain.policy.terms_tests import TERMS_TESTS
from plan_assistant.domain.schedule.vector_figures import Int64s
from plan_assistant.domain.schedule.vector_run import Flags, GraceKind

_AXES = (Reads.FIRST, Reads.CLAIM, Reads.RATE, Reads.GRACE)
_DIALLED = {Reads.FIRST, Reads.CLAIM}
_EFFECTS = {Effect.APPROVAL: 1, Effect.BLOCK: 2}


@dataclass(slots=True)
class Gate:
    """The open part of a sheet. Positions count lengths of the sheet from 0."""

    start: Int64s
    """First position that deserves the family's name, for each line."""
    named: Int64s
    """Position after the last one that does."""
    stop: Int64s
    """Position from which on a rule forbids the line."""
    asks_from: Int64s
    """Position from which on somebody with more authority must allow the line."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Candidates that each rule forbids, the first rule of the pack that does."""

    @property
    def candidates(self) -> int:
        """How many candidates the sheet has."""
        return int(np.maximum(self.named - self.start, 0).sum())

    @property
    def longest(self) -> int:
        """How many lengths are worth looking at: up to the last open one of any line."""
        is_open = self.stop > self.start
        return int(self.stop[is_open].max(initial=0))

    def open(self, lengths: int) -> Flags:
        """Return which candidates no rule of this gate forbids (lines x lengths)."""
        position = np.arange(lengths)[None, :]
        flags: Flags = (position >= self.start[:, None]) & (position < self.stop[:, None])
        return flags

    def beyond(self, lengths: int) -> Flags:
        """Return which candidates need more authority than the person at work has."""
        flags: Flags = np.arange(lengths)[None, :] >= self.asks_from[:, None]
        return flags


class Gatekeeper:
    """Asks the rules of a space; what two sheets have in common is asked once."""

    def __init__(self, space: Space) -> None:
        self._space = space
        # What is only to be said or kept forbids nothing and asks nobody.
        self._rules = [
            rule
            for rule in space.rules
            if rule.test in TERMS_TESTS and rule.effect in {Effect.BLOCK, Effect.APPROVAL}
        ]
        self._cuts: dict[tuple[str, Rhythm, date, Family | None], tuple[int, int]] = {}
        self._answers: dict[tuple[object, ...], int] = {}

    def gate(self, sheet: Sheet) -> Gate:
        """Return what the rules leave open of a sheet, and how many candidates each one forbids."""
        start, named = _named(sheet)
        gate = Gate(start, named, named.copy(), np.full_like(named, len(sheet.lengths)))
        for rule in self._rules:
            found = self._from(rule, sheet)
            if found is None:
                continue
            asks, forbids = found
            forbids = np.maximum(forbids, start)
            newly = int(np.maximum(gate.stop - forbids, 0).sum())
            if newly:
                gate.rejected[rule.id] += newly
                gate.stop = np.minimum(gate.stop, forbids)
            gate.asks_from = np.minimum(gate.asks_from, asks)
        return gate

    def _from(self, rule: Rule, sheet: Sheet) -> tuple[Int64s, Int64s] | None:
        """Return from which position on a rule asks for approval, and forbids, for each line.

        None where it never does either.
        """
        reads = READS.get(rule.test, frozenset())
        never = len(sheet.lengths)
        if Reads.LENGTH in reads:
            return self._by_length(rule, sheet, reads)
        if Reads.AMOUNT in reads:
            cut = _too_small_from(rule, sheet)
            nowhere = np.full_like(cut, never)
            return (nowhere, cut) if rule.effect is Effect.BLOCK else (cut, nowhere)
        if Reads.SCHEDULE in reads:
            return None
        if not reads:
            # What every plan of the case has to be allowed is no reason to prefer one of them.
            is_block = self._ask(rule, sheet, 0, (rule.id,)) == _EFFECTS[Effect.BLOCK]
            nothing = np.zeros(sheet.line_count, dtype=np.int64)
            return (nothing + never, nothing) if is_block else None
        effect = self._by_values(rule, sheet, reads)
        if not effect.any():
            return None
        return np.where(effect == 1, 0, never), np.where(effect == 2, 0, never)

    def _by_values(self, rule: Rule, sheet: Sheet, reads: frozenset[Reads]) -> NDArray[np.int64]:
        """Return the effect on each line of a rule that does not look at the length."""
        family = sheet.family if Reads.FAMILY in reads else None
        values = (sheet.firsts, sheet.claims, sheet.rates, sheet.graces)
        sizes = [
            len(each) if axis in reads else 1 for each, axis in zip(values, _AXES, strict=True)
        ]
        answers = np.zeros(sizes, dtype=np.int64)
        for at in product(*(range(size) for size in sizes)):
            # The claim itself stands for its values: hashing all its amounts would cost more.
            asked = (
                (id(each[place]) if axis is Reads.CLAIM else each[place]) if axis in reads else None
                for each, place, axis in zip(values, at, _AXES, strict=True)
            )
            index = _flat((*at, 0, 0), sheet.shape)
            answers[at] = self._ask(rule, sheet, index, (rule.id, family, *asked))
        if reads <= _DIALLED and (answers == 1).all():
            # What was dialled asks for approval in every plan: no reason to prefer one of them.
            answers[:] = 0
        where = (sheet.at_first, sheet.at_claim, sheet.at_rate, sheet.at_grace)
        picked = tuple(
            at if axis in reads else np.zeros_like(at)
            for at, axis in zip(where, _AXES, strict=True)
        )
        effects: NDArray[np.int64] = answers[picked]
        return effects

    def _ask(self, rule: Rule, sheet: Sheet, index: int, key: tuple[object, ...]) -> int:
        if key not in self._answers:
            # No rule asks about steps, and a length that they do not leave room for makes no terms.
            space, line = self._space, replace(sheet.line(index), step=None)
            proposal = space.proposal(line, space.terms(line, int(sheet.lengths[-1])))
            finding = TERMS_TESTS[rule.test](rule, proposal, space.policy)
            self._answers[key] = severity(finding)
        return self._answers[key]

    def _by_length(
        self, rule: Rule, sheet: Sheet, reads: frozenset[Reads]
    ) -> tuple[Int64s, Int64s]:
        family = sheet.family if Reads.FAMILY in reads else None
        cuts = np.array([self._cut(rule, sheet, first, family) for first in sheet.firsts])
        asks, forbids = cuts[sheet.at_first, 0], cuts[sheet.at_first, 1]
        free = sheet.grace if sheet.is_free else 0
        return (
            np.searchsorted(sheet.lengths, asks - free),
            np.searchsorted(sheet.lengths, forbids - free),
        )

    def _cut(self, rule: Rule, sheet: Sheet, first: date, family: Family | None) -> tuple[int, int]:
        """Return from how many installments on a rule asks for approval, and forbids."""
        key = (rule.id, sheet.rhythm, first, family)
        if key not in self._cuts:
            space = self._space
            index = int(
                np.ravel_multi_index((sheet.firsts.index(first), 0, 0, 0, 0, 0), sheet.shape)
            )
            line = sheet.line(index)
            plain = space.terms(
                space.line(
                    Family.EQUAL_INSTALLMENT if family is None else family, rhythm=sheet.rhythm
                ),
                2,
            ).with_(first_due=first)
            lengths = range(
                1, int(sheet.lengths[-1]) + max(sheet.space.policy.space.graces or (0,)) + 2
            )

            def ask(periods: int) -> int:
                proposal = space.proposal(line, plain.with_(periods=periods))
                return severity(TERMS_TESTS[rule.test](rule, proposal, space.policy))

            self._cuts[key] = (_first_of(lengths, ask, 1), _first_of(lengths, ask, 2))
        return self._cuts[key]


def _flat(at: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """Return the index of a line from the index of each of its levers."""
    index = 0
    for place, size in zip(at, shape, strict=True):
        index = index * size + place
    return index


def severity(finding: Finding | None) -> int:
    """Return 2 for what is forbidden, 1 for what must be allowed, else 0."""
    return 0 if finding is None else _EFFECTS.get(finding.effect, 0)


def _first_of(lengths: range, ask: Callable[[int], int], least: int) -> int:
    place = bisect_left(lengths, True, key=lambda length: ask(length) >= least)
    return lengths[place] if place < len(lengths) else lengths[-1] + 1


def _too_small_from(rule: Rule, sheet: Sheet) -> Int64s:
    """Return the position from which on an installment would be too small (DES-02).

    The twin of the test `smallest_installment`, for all lines at once.
    """
    amount = np.where(sheet.bearing > 0, sheet.bearing, sheet.carried)
    bearing = amount // rule.whole("minor_units")
    most = bearing + (sheet.grace if sheet.grace_kind is GraceKind.PAID else 0)
    return np.searchsorted(sheet.lengths, most, side="right")


def _named(sheet: Sheet) -> tuple[Int64s, Int64s]:
    """Return the positions between which a plan deserves its family's name (`is_named_rightly`)."""
    least = np.ones(sheet.line_count, dtype=np.int64)
    if sheet.family is Family.INTEREST_FIRST:
        least = sheet.grace + 2
    if sheet.step_rows.any():
        least = sheet.step_rows + 2
    start = np.searchsorted(sheet.lengths, least)
    stop = np.full(sheet.line_count, len(sheet.lengths))
    within = _within_contract(sheet)
    if within is not None and sheet.family is Family.EXTENSION:
        start = np.maximum(start, within)
    if within is not None and sheet.family is Family.EQUAL_INSTALLMENT:
        stop = np.minimum(stop, within)
    suits = np.array(
        [
            [sheet.space.suits(sheet.family, claim, multiple) for multiple in sheet.multiples]
            for claim in sheet.claims
        ]
    )
    stop = np.where(suits[sheet.at_claim, sheet.at_multiple], np.maximum(stop, start), start)
    return start, stop


def _within_contract(sheet: Sheet) -> Int64s | None:
    """Return how many lengths end by the maturity of a contract that still runs."""
    space = sheet.space
    maturity = space.debt.maturity
    if maturity is None or maturity < space.today:
        return None
    frequency = FREQUENCIES[sheet.rhythm]
    lengths: Sequence[int] = sheet.lengths.tolist()

    def within(first: date) -> int:
        return bisect_left(
            lengths, True, key=lambda length: space.last_due(first, frequency, length) > maturity
        )

    counts = [within(first) for first in sheet.firsts]
    return np.array(counts, dtype=np.int64)[sheet.at_first]
