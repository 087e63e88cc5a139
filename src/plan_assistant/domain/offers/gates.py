"""What the rules leave open of a sheet: which lengths of each line, and which need a lead.

A rule is asked once for each value of what it reads (`policy/reads.py`), never once per candidate.
What a rule forbids on a line it forbids from some length on, or up to some number of payments, so a
line stays open between two cuts. Not here: rules that need the exact schedule (offers are asked
them when they are priced), and what the rules ask.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product

import numpy as np
from numpy.typing import NDArray

from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.space import FREQUENCIES, Space
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.pack import Rule
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
    opens: Int64s
    """First position that no rule forbids for asking too few payments."""
    stop: Int64s
    """Position from which on a rule forbids the line."""
    asks_below: Int64s
    """Position below which somebody with more authority must allow the line."""
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
        is_open = self.stop > self.opens
        return int(self.stop[is_open].max(initial=0))

    def open(self, lengths: int) -> Flags:
        """Return which candidates no rule of this gate forbids (lines x lengths)."""
        position = np.arange(lengths)[None, :]
        flags: Flags = (position >= self.opens[:, None]) & (position < self.stop[:, None])
        return flags

    def beyond(self, lines: NDArray[np.intp], positions: NDArray[np.intp]) -> Flags:
        """Return which candidates need more authority than the person at work has."""
        flags: Flags = positions >= self.asks_from[lines]
        flags |= positions < self.asks_below[lines]
        return flags

    def forbid(self, rule: Rule, below: Int64s, beyond: Int64s) -> None:
        """Close a line below one position and from another one on, and count what that closes."""
        opens = np.minimum(np.maximum(self.opens, below), self.stop)
        stop = np.maximum(np.minimum(self.stop, beyond), opens)
        newly = int((self.stop - self.opens - (stop - opens)).sum())
        if newly:
            self.rejected[rule.id] += newly
            self.opens, self.stop = opens, stop


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
        self._cuts: dict[tuple[object, ...], tuple[int, int]] = {}
        self._answers: dict[tuple[object, ...], int] = {}

    def gate(self, sheet: Sheet) -> Gate:
        """Return what the rules leave open of a sheet, and how many candidates each one forbids."""
        start, named = _named(sheet)
        nowhere = np.zeros_like(named)
        gate = Gate(
            start=start,
            named=named,
            opens=start.copy(),
            stop=named.copy(),
            asks_below=nowhere,
            asks_from=np.full_like(named, len(sheet.lengths)),
        )
        for rule in self._rules:
            if Reads.PAYMENTS in READS.get(rule.test, frozenset()):
                below = nowhere + _too_few_below(rule, sheet)
                if rule.effect is Effect.BLOCK:
                    gate.forbid(rule, below, gate.stop)
                else:
                    gate.asks_below = np.maximum(gate.asks_below, below)
                continue
            found = self._from(rule, sheet)
            if found is None:
                continue
            asks, forbids = found
            gate.forbid(rule, nowhere, forbids)
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
        values = _Values(sheet, reads)
        answers = np.zeros(values.sizes, dtype=np.int64)
        for at in values.places:
            answers[at] = self._ask(rule, sheet, values.index(at), (rule.id, *values.key(at)))
        if reads <= _DIALLED and (answers == 1).all():
            # What was dialled asks for approval in every plan: no reason to prefer one of them.
            answers[:] = 0
        effects: NDArray[np.int64] = answers[values.of_lines]
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
        # The last due date follows from the first one.
        values = _Values(sheet, reads | {Reads.FIRST})
        cuts = np.zeros((*values.sizes, 2), dtype=np.int64)
        for at in values.places:
            key = (rule.id, sheet.rhythm, *values.key(at))
            cuts[at] = self._cut(rule, sheet, values.index(at), key, values.family)
        asks, forbids = cuts[values.of_lines].T
        free = sheet.grace if sheet.is_free else 0
        return (
            np.searchsorted(sheet.lengths, asks - free),
            np.searchsorted(sheet.lengths, forbids - free),
        )

    def _cut(
        self,
        rule: Rule,
        sheet: Sheet,
        index: int,
        key: tuple[object, ...],
        family: Family | None,
    ) -> tuple[int, int]:
        """Return from how many installments on a rule asks for approval, and forbids."""
        if key not in self._cuts:
            space, line = self._space, sheet.line(index)
            plain = space.terms(
                space.line(
                    Family.EQUAL_INSTALLMENT if family is None else family, rhythm=sheet.rhythm
                ),
                2,
            ).with_(first_due=line.first_due)
            lengths = range(
                1, int(sheet.lengths[-1]) + max(sheet.space.policy.space.graces or (0,)) + 2
            )

            def ask(periods: int) -> int:
                proposal = space.proposal(line, plain.with_(periods=periods))
                return severity(TERMS_TESTS[rule.test](rule, proposal, space.policy))

            self._cuts[key] = (_first_of(lengths, ask, 1), _first_of(lengths, ask, 2))
        return self._cuts[key]


class _Values:
    """The values of a sheet that a rule reads: it is asked once for each of their combinations."""

    def __init__(self, sheet: Sheet, reads: frozenset[Reads]) -> None:
        self._sheet, self._reads = sheet, reads
        self.family = sheet.family if Reads.FAMILY in reads else None
        self._values = (sheet.firsts, sheet.claims, sheet.rates, sheet.graces)
        self.sizes = tuple(
            len(each) if axis in reads else 1
            for each, axis in zip(self._values, _AXES, strict=True)
        )

    @property
    def places(self) -> Iterator[tuple[int, ...]]:
        """Every combination, as the index of each value."""
        return product(*(range(size) for size in self.sizes))

    def index(self, at: tuple[int, ...]) -> int:
        """Return a line that has these values."""
        return _flat((*at, 0, 0), self._sheet.shape)

    def key(self, at: tuple[int, ...]) -> tuple[object, ...]:
        """Return what identifies a combination on every sheet."""
        # The claim itself stands for its values: hashing all its amounts would cost more.
        read = (
            (id(each[place]) if axis is Reads.CLAIM else each[place])
            if axis in self._reads
            else None
            for each, place, axis in zip(self._values, at, _AXES, strict=True)
        )
        return (self.family, *read)

    @property
    def of_lines(self) -> tuple[NDArray[np.intp], ...]:
        """Which combination each line has."""
        sheet = self._sheet
        where = (sheet.at_first, sheet.at_claim, sheet.at_rate, sheet.at_grace)
        return tuple(
            at if axis in self._reads else np.zeros_like(at)
            for at, axis in zip(where, _AXES, strict=True)
        )


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


def _too_few_below(rule: Rule, sheet: Sheet) -> int:
    """Return the position below which the borrower pays too few times.

    The twin of the test `few_payments`.
    """
    return bisect_left(sheet.lengths.tolist(), rule.whole("payments"))


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
