"""What an inherited rule says of its source: a pack that extends another takes it from there.

Whoever keeps a limit keeps the law it stands on, with its words and its days; who sets another
limit says whose it is. How well the law was checked is never improved on the way, also where the
limit may be loosened: that counsel has confirmed a rule is noted where the rule stands. Not here:
whether a limit is looser (`difference.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from plan_assistant.domain.policy.difference import Change, Kind, changed_limits
from plan_assistant.domain.policy.directions import Direction, surer_is_looser
from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.policy.pack import PackFile
from plan_assistant.domain.policy.rule import Rule

_WORDS = ("citation", "title")


def replaced_sources(parent: PackFile, child: PackFile) -> tuple[Change, ...]:
    """Return what a pack says otherwise of the sources of rules that it takes from another."""
    found: dict[str, Change] = {}
    for rule in child.rules:
        origins = [one for one in parent.rules if one.id == rule.id]
        for change in _replaced(rule, origins):
            found.setdefault(change.place, change)
    return tuple(found.values())


def _replaced(rule: Rule, origins: list[Rule]) -> Iterator[Change]:
    for origin in origins:
        if origin.confidence is not rule.confidence:
            way = surer_is_looser(origin.confidence, rule.confidence)
            if way is Direction.LOOSER:
                yield _change(origin, rule, "confidence", way)
    kept = [origin for origin in origins if _has_the_limits_of(rule, origin)]
    if not kept:
        return
    # Of several versions with one limit, the one that binds on the same days is meant.
    origin = next((one for one in kept if one.overlaps(rule)), kept[0])
    yield from (
        _change(origin, rule, name, Direction.OTHER)
        for name in _WORDS
        if getattr(origin, name) != getattr(rule, name)
    )
    if (rule.confidence is Confidence.DESIGN) is not (origin.confidence is Confidence.DESIGN):
        yield _change(origin, rule, "confidence", Direction.OTHER)
    if (rule.effective_from or date.min) < (origin.effective_from or date.min):
        yield _change(origin, rule, "effective_from", Direction.OTHER)
    if (rule.effective_to or date.max) > (origin.effective_to or date.max):
        yield _change(origin, rule, "effective_to", Direction.OTHER)


def _has_the_limits_of(rule: Rule, origin: Rule) -> bool:
    names = {change.place.rpartition(".")[2] for change in changed_limits(origin, rule)}
    return names <= {"lender_may_loosen"}


def _change(origin: Rule, rule: Rule, name: str, way: Direction) -> Change:
    before, after = getattr(origin, name), getattr(rule, name)
    return Change(f"rules.{rule.id}.{name}", Kind.CHANGED, way, before, after, rule)
