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

from plan_assistant.domain.offers.axes import AXES, Axis, across, along
from plan_assistant.domain.offers.line import FREQUENCIES
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.offers.sheet import Sheet
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.policy.findings import Effect, Finding
from plan_assistant.domain.policy.pack import Rhythm, Rule
from plan_assistant.domain.policy.plan_tests import is_cost_cap
from plan_assistant.domain.policy.proposal import Proposal
from plan_assistant.domain.policy.reads import READS, Reads
from plan_assistant.domain.policy.terms_tests import TERMS_TESTS
from plan_assistant.domain.schedule.terms import Terms
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
    dialled: dict[str, Flags] = field(default_factory=dict)
    """Of rules that look at nothing but what can be dialled: the lines of which they ask
    somebody with more authority. Whether that counts, all open candidates decide together."""

    @property
    def candidates(self) -> int:
        """How many candidates the sheet has."""
        return int(np.maximum(self.named - self.start, 0).sum())

    @property
    def longest(self) -> int:
        """How many lengths are worth looking at: up to the last open one of any line."""
        is_open = self.stop > self.opens
        return int(self.stop[is_open].max(initial=0))

    def deserving(self, lengths: int) -> Flags:
        """Return which candidates deserve the family's name, forbidden or not."""
        position = np.arange(lengths)[None, :]
        flags: Flags = (position >= self.start[:, None]) & (position < self.named[:, None])
        return flags

    def open(self, lengths: int) -> Flags:
        """Return which candidates no rule of this gate forbids (lines x lengths)."""
        position = np.arange(lengths)[None, :]
        flags: Flags = (position >= self.opens[:, None]) & (position < self.stop[:, None])
        return flags

    def beyond(self, lengths: int) -> Flags:
        """Return which candidates need more authority than the person at work has."""
        position = np.arange(lengths)[None, :]
        flags: Flags = position >= self.asks_from[:, None]
        flags |= position < self.asks_below[:, None]
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
            if (rule.test in TERMS_TESTS and rule.effect in {Effect.BLOCK, Effect.APPROVAL})
            or is_cost_cap(rule)
        ]
        self._answers: dict[tuple[object, ...], Int64s] = {}
        self._values: dict[tuple[Family, Rhythm, frozenset[Reads]], _Values] = {}
        self._proposals: dict[tuple[Family, Rhythm, int], Proposal] = {}
        self._plain: dict[tuple[Family, Rhythm], Terms] = {}

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
            reads = READS.get(rule.test, frozenset())
            if reads <= _DIALLED and not is_cost_cap(rule):
                found = self._by_values(rule, sheet, reads)
                if found.any():
                    effect = sheet.by_line(found)
                    gate.forbid(rule, nowhere, np.where(effect == 2, 0, len(sheet.lengths)))
                    gate.dialled[rule.id] = effect == 1
                continue
            if Reads.PAYMENTS in reads:
                below = nowhere + _too_few_below(rule, sheet)
                if rule.effect is Effect.BLOCK:
                    gate.forbid(rule, below, gate.stop)
                else:
                    gate.asks_below = np.maximum(gate.asks_below, below)
                continue
            asks, forbids = self._from(rule, sheet)
            if forbids is not None:
                gate.forbid(rule, nowhere, sheet.by_line(forbids))
            if asks is not None:
                gate.asks_from = np.minimum(gate.asks_from, sheet.by_line(asks))
        return gate

    def _from(self, rule: Rule, sheet: Sheet) -> tuple[Int64s | None, Int64s | None]:
        """Return from which position on a rule asks for approval, and forbids, over the levers.

        None for what it never does: most rules have nothing to say to most sheets.
        """
        reads = READS.get(rule.test, frozenset())
        never = len(sheet.lengths)
        if Reads.SCHEDULE in reads:
            return None, None
        if Reads.LENGTH in reads:
            return self._by_length(rule, sheet, reads)
        if not is_cost_cap(rule) and Reads.AMOUNT not in reads:
            effect = self._by_values(rule, sheet, reads)
            return _cut_where(effect == 1, never), _cut_where(effect == 2, never)
        if is_cost_cap(rule):
            limit = rule.exact("rate")
            is_above = np.array([rate > limit for rate in sheet.rates])
            cut = _cut_where(along(Axis.RATE, is_above), never)
        else:
            cut = _too_small_from(rule, sheet)
        return (None, cut) if rule.effect is Effect.BLOCK else (cut, None)

    def _by_values(self, rule: Rule, sheet: Sheet, reads: frozenset[Reads]) -> Int64s:
        """Return the effect, over the levers, of a rule that does not look at the length."""
        values = self._values_of(sheet, reads)
        return self._answered(rule, values, (), lambda line: self._effect(rule, sheet, line))

    def _effect(self, rule: Rule, sheet: Sheet, line: int) -> int:
        proposal = self._proposal(sheet, line)
        return severity(TERMS_TESTS[rule.test](rule, proposal, self._space.policy))

    def _proposal(self, sheet: Sheet, line: int) -> Proposal:
        key = (sheet.family, sheet.rhythm, line)
        if key not in self._proposals:
            # No rule asks about steps, and a length they leave no room for makes no terms.
            space, plain = self._space, replace(sheet.line(line), step=None)
            terms = space.terms(plain, int(sheet.lengths[-1]))
            self._proposals[key] = space.proposal(plain, terms)
        return self._proposals[key]

    def _by_length(
        self, rule: Rule, sheet: Sheet, reads: frozenset[Reads]
    ) -> tuple[Int64s | None, Int64s | None]:
        # The last due date follows from the first one.
        values = self._values_of(sheet, reads | {Reads.FIRST})
        free = sheet.grace if sheet.is_free else 0

        def cuts(least: int) -> Int64s | None:
            """Return from which position on a rule has at least some effect; None for nowhere."""
            found = self._answered(
                rule,
                values,
                (sheet.rhythm, least),
                lambda line: self._cut(rule, sheet, line, values.family, least),
            )
            cut = np.searchsorted(sheet.lengths, found - free)
            return cut if cut.min() < len(sheet.lengths) else None

        forbids = cuts(2)
        # What a rule can only forbid it asks for nowhere else.
        return (forbids if rule.effect is Effect.BLOCK else cuts(1)), forbids

    def _cut(self, rule: Rule, sheet: Sheet, index: int, family: Family | None, least: int) -> int:
        """Return from how many installments on a rule has at least some effect."""
        space, line = self._space, sheet.line(index)
        named = Family.EQUAL_INSTALLMENT if family is None else family
        key = (named, sheet.rhythm)
        if key not in self._plain:
            self._plain[key] = space.terms(space.line(named, rhythm=sheet.rhythm), 2)
        plain = self._plain[key].with_(first_due=line.first_due)
        longest = int(sheet.lengths[-1]) + max(space.policy.space.graces or (0,)) + 1
        lengths = range(1, longest + 1)

        def has_effect(periods: int) -> bool:
            proposal = space.proposal(line, plain.with_(periods=periods))
            return severity(TERMS_TESTS[rule.test](rule, proposal, space.policy)) >= least

        place = bisect_left(lengths, True, key=has_effect)
        return lengths[place] if place < len(lengths) else longest + 1

    def _values_of(self, sheet: Sheet, reads: frozenset[Reads]) -> _Values:
        key = (sheet.family, sheet.rhythm, reads)
        if key not in self._values:
            self._values[key] = _Values(sheet, reads)
        return self._values[key]

    def _answered(
        self,
        rule: Rule,
        values: _Values,
        also: tuple[object, ...],
        ask: Callable[[int], int],
    ) -> Int64s:
        """Return the answer for each combination of values, as a figure over the levers.

        Sheets that have the values in common, and whatever else the answer depends on, share it.
        """
        key = (rule.id, *values.key, *also)
        if key not in self._answers:
            answers = np.zeros(values.sizes, dtype=np.int64)
            for at in values.places:
                answers[at] = ask(values.line(at))
            self._answers[key] = answers[..., None, None, None]
        return self._answers[key]


class _Values:
    """The values of a sheet that a rule reads: it is asked once for each of their combinations."""

    def __init__(self, sheet: Sheet, reads: frozenset[Reads]) -> None:
        self._shape = sheet.shape
        self.family = sheet.family if Reads.FAMILY in reads else None
        levers = zip(_AXES, (sheet.firsts, sheet.claims, sheet.rates, sheet.graces), strict=True)
        self._read = tuple(values if axis in reads else None for axis, values in levers)
        self.sizes = tuple(1 if values is None else len(values) for values in self._read)
        # Levers stand for themselves: hashing all their amounts would cost more than it saves.
        # What is read is kept alive here, so no other lever can take its identity.
        self.key = (self.family, *map(id, self._read))
        """What identifies the values on every sheet of a space."""

    @property
    def places(self) -> Iterator[tuple[int, ...]]:
        """Every combination, as the index of each value."""
        return product(*(range(size) for size in self.sizes))

    def line(self, at: tuple[int, ...]) -> int:
        """Return a line that has these values."""
        index = 0
        for place, size in zip((*at, 0, 0), self._shape, strict=True):
            index = index * size + place
        return index


def severity(finding: Finding | None) -> int:
    """Return 2 for what is forbidden, 1 for what must be allowed, else 0."""
    return 0 if finding is None else _EFFECTS.get(finding.effect, 0)


def _cut_where(flags: Flags, never: int) -> Int64s | None:
    """Return a cut before the first position where flags are set; None where none is."""
    return np.where(flags, 0, never) if flags.any() else None


def _too_small_from(rule: Rule, sheet: Sheet) -> Int64s:
    """Return the position from which on an installment would be too small (DES-02).

    The twin of the test `smallest_installment`, over the levers.
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
    least = np.ones((1,) * AXES, dtype=np.int64)
    if sheet.family is Family.INTEREST_FIRST:
        least = sheet.grace + 2
    if sheet.step_rows.any():
        least = sheet.step_rows + 2
    start = np.searchsorted(sheet.lengths, sheet.by_line(least))
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
    is_suited = sheet.by_line(across((Axis.CLAIM, Axis.MULTIPLE), suits))
    stop = np.where(is_suited, np.maximum(stop, start), start)
    return start, stop


def _within_contract(sheet: Sheet) -> Int64s | None:
    """Return how many lengths end by the maturity of a contract that still runs."""
    space = sheet.space
    maturity = space.debt.maturity
    if maturity is None or not space.debt.is_running(space.today):
        return None
    frequency = FREQUENCIES[sheet.rhythm]
    lengths: Sequence[int] = sheet.lengths.tolist()

    def within(first: date) -> int:
        return bisect_left(
            lengths, True, key=lambda length: space.last_due(first, frequency, length) > maturity
        )

    counts = [within(first) for first in sheet.firsts]
    return sheet.by_line(along(Axis.FIRST, np.array(counts, dtype=np.int64)))
