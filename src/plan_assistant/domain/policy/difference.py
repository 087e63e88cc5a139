"""What differs between two packs, change by change, and which of the changes loosen.

One account of differences serves `policy diff` and the promise that a pack only tightens the one it
extends. Not here: the words (`wording/policies.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from plan_assistant.domain.debt import Product
from plan_assistant.domain.policy.directions import (
    BREACH,
    ROBUSTNESS,
    SCHEDULE,
    SPACE,
    TOP,
    Compare,
    Direction,
    affordability_directions,
    authority_directions,
    either_is_looser,
    fewer_is_looser,
    higher_is_looser,
    lower_is_looser,
    more_is_looser,
    no_direction,
    surer_is_looser,
)
from plan_assistant.domain.policy.findings import Effect, Role
from plan_assistant.domain.policy.pack import PackFile, Rule
from plan_assistant.domain.policy.parameters import PARAMETERS, Form, Looser
from plan_assistant.domain.policy.parts import Part
from plan_assistant.domain.policy.plan_tests import VERDICT_ALLOWED


class Kind(StrEnum):
    """What happened to a field or rule."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two packs."""

    place: str
    """Path of the field, such as `space.max_periods` or `rules.CN-CARD-02.parameters.months`."""
    kind: Kind
    direction: Direction
    before: object
    """The value in the first pack; the whole rule where it was removed, None where none was."""
    after: object
    rule: Rule | None = None
    """The rule it is about, as it stands in the second pack, or in the first where it is gone."""
    is_permitted: bool = False
    """Whether the first pack says that a pack which extends it may loosen this."""


_STRENGTH = (Effect.RECORD, Effect.DISCLOSE, Effect.APPROVAL, Effect.BLOCK)
_RANK = (
    Role.AGENCY_COLLECTOR,
    Role.COLLECTOR,
    Role.TEAM_LEAD,
    Role.LEGAL_REVIEWER,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
)


def differences(before: PackFile, after: PackFile) -> tuple[Change, ...]:
    """Return every difference: levers, authority, rules, then conventions and the rest."""
    return (
        *_fields(before.space, after.space, "space", SPACE, before.space.lender_may_loosen),
        *_authority(before, after),
        *_rules(before, after),
        *_fields(before.robustness, after.robustness, "robustness", ROBUSTNESS),
        *_fields(before.schedule, after.schedule, "schedule", SCHEDULE),
        *_affordability(before, after),
        *_fields(before.breach, after.breach, "breach", BREACH),
        *_fields(before, after, "", TOP, before.lender_may_loosen),
    )


def loosenings(parent: PackFile, child: PackFile) -> tuple[Change, ...]:
    """Return what a pack loosens of the one it extends without being permitted to."""
    found = [
        change
        for change in differences(parent, child)
        if change.direction is Direction.LOOSER and not change.place.startswith("rules.")
    ]
    found += _weakened_rules(parent, child)
    return tuple(change for change in found if not change.is_permitted)


def _authority(before: PackFile, after: PackFile) -> Iterator[Change]:
    for role, table in after.authority.items():
        known, place = before.authority.get(role), f"authority.{role.value}"
        if known is None:
            yield Change(place, Kind.ADDED, Direction.LOOSER, None, table)
        else:
            permitted = known.lender_may_loosen
            yield from _fields(known, table, place, authority_directions(role), permitted)


def _affordability(before: PackFile, after: PackFile) -> Iterator[Change]:
    """Return what differs in the method; who may weaken the rule it serves may loosen it."""
    served = [rule for rule in before.rules if rule.test == VERDICT_ALLOWED]
    may = bool(served) and all(rule.lender_may_loosen is True for rule in served)
    old, new = before.affordability, after.affordability
    named = (name.removeprefix("affordability.") for name in before.lender_may_loosen)
    permitted = tuple(type(old).model_fields) if may else tuple(named)
    yield from _fields(old, new, "affordability", affordability_directions(old, new), permitted)


def _fields(
    before: Part,
    after: Part,
    place: str,
    directions: Mapping[str, Compare],
    permitted: tuple[str, ...] = (),
) -> Iterator[Change]:
    for name in (each for each in type(before).model_fields if each in directions):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(
                f"{place}.{name}" if place else name,
                Kind.CHANGED,
                directions[name](old, new),
                old,
                new,
                is_permitted=name in permitted,
            )


# --- rules ------------------------------------------------------------------------------------


def _versions(pack: PackFile) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in pack.rules:
        found.setdefault(rule.id, []).append(rule)
    return found


def _key(rule: Rule) -> tuple[object, ...]:
    return rule.effective_from, rule.products


def _rules(before: PackFile, after: PackFile) -> Iterator[Change]:
    old, new = _versions(before), _versions(after)
    for rule_id in [*old, *(name for name in new if name not in old)]:
        mine, theirs = old.get(rule_id, []), new.get(rule_id, [])
        if len(mine) == len(theirs) == 1:
            yield from _of_rule(mine[0], theirs[0])
            continue
        known = {_key(rule): rule for rule in mine}
        kept = {_key(rule): rule for rule in theirs}
        place = f"rules.{rule_id}"
        for key, rule in known.items():
            if key in kept:
                yield from _of_rule(rule, kept[key])
            else:
                yield _removed(place, rule)
        for key, rule in kept.items():
            if key not in known:
                yield Change(place, Kind.ADDED, Direction.TIGHTER, None, rule, rule)


def _removed(place: str, rule: Rule) -> Change:
    may = rule.lets_loosen("id")
    return Change(place, Kind.REMOVED, Direction.LOOSER, rule, None, rule, is_permitted=may)


def _of_rule(before: Rule, after: Rule) -> Iterator[Change]:
    yield from changed_limits(before, after)
    for name, compare in ABOUT_A_RULE.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield _rule_change(before, after, name, old, new, compare(old, new))


def changed_limits(before: Rule, after: Rule) -> Iterator[Change]:
    """Return how the strictness of a rule differs on a day on which both hold."""
    if before.test != after.test:
        yield _rule_change(before, after, "test", before.test, after.test, Direction.LOOSER)
        return
    for name in sorted(before.parameters.keys() | after.parameters.keys()):
        old, new = before.parameters.get(name), after.parameters.get(name)
        if old != new:
            direction = _parameter_direction(before, after, name)
            yield _rule_change(before, after, f"parameters.{name}", old, new, direction)
    if before.effect is not after.effect:
        weaker = _STRENGTH.index(after.effect) < _STRENGTH.index(before.effect)
        direction = Direction.LOOSER if weaker else Direction.TIGHTER
        yield _rule_change(before, after, "effect", before.effect, after.effect, direction)
    elif after.effect is Effect.APPROVAL and before.may_allow is not after.may_allow:
        old_rank, new_rank = (_rank(rule.may_allow) for rule in (before, after))
        direction = Direction.LOOSER if new_rank < old_rank else Direction.TIGHTER
        yield _rule_change(before, after, "may_allow", before.may_allow, after.may_allow, direction)
    if before.lender_may_loosen != after.lender_may_loosen:
        direction = _permission(before.lender_may_loosen, after.lender_may_loosen)
        yield _rule_change(
            before,
            after,
            "lender_may_loosen",
            before.lender_may_loosen,
            after.lender_may_loosen,
            direction,
        )


def _permission(before: bool | tuple[str, ...], after: bool | tuple[str, ...]) -> Direction:
    """Letting others loosen another parameter, or the whole rule, is looser."""
    if before is True or after is False:
        return Direction.TIGHTER
    if after is True or before is False:
        return Direction.LOOSER
    return more_is_looser(before, after)


def _rank(role: Role | None) -> int:
    return len(_RANK) if role is None else _RANK.index(role)


def _parameter_direction(before: Rule, after: Rule, name: str) -> Direction:
    """A parameter that is only given on one side switches a part of the rule on or off."""
    if name not in after.parameters:
        return Direction.LOOSER
    if name not in before.parameters:
        return Direction.TIGHTER
    parameter = PARAMETERS[before.test][name]
    old, new = (
        rule.exact(name) if parameter.form is Form.RATE else rule.whole(name)
        for rule in (before, after)
    )
    return Direction.OTHER if old == new else _WAYS[parameter.looser](old, new)


def _later_is_looser(before: date | None, after: date | None) -> Direction:
    later = (after or date.min) > (before or date.min)
    return Direction.LOOSER if later else Direction.TIGHTER


def _earlier_is_looser(before: date | None, after: date | None) -> Direction:
    earlier = (after or date.max) < (before or date.max)
    return Direction.LOOSER if earlier else Direction.TIGHTER


ABOUT_A_RULE: Mapping[str, Compare] = {
    "effective_from": _later_is_looser,
    "effective_to": _earlier_is_looser,
    "products": fewer_is_looser,
    "title": no_direction,
    "citation": no_direction,
    "confidence": surer_is_looser,
}
"""What a rule says beside its limits; what a lender may not replace of it is in `sources.py`."""
_WAYS: Mapping[Looser, Compare] = {
    Looser.HIGHER: higher_is_looser,
    Looser.LOWER: lower_is_looser,
    Looser.EITHER: either_is_looser,
}


def _rule_change(
    before: Rule, after: Rule, name: str, old: object, new: object, direction: Direction
) -> Change:
    place, may = f"rules.{before.id}.{name}", before.lets_loosen(name.removeprefix("parameters."))
    return Change(place, Kind.CHANGED, direction, old, new, after, is_permitted=may)


def _weakened_rules(parent: PackFile, child: PackFile) -> list[Change]:
    """Return where some day or product is bound less than before, whatever the versions are."""
    theirs = _versions(child)
    found: dict[str, Change] = {}
    for rule in parent.rules:
        versions = theirs.get(rule.id, [])
        for product in rule.products:
            for day in _turning_days(rule, versions):
                for change in _on(rule, versions, product, day):
                    found.setdefault(change.place, change)
    return list(found.values())


def _turning_days(rule: Rule, versions: list[Rule]) -> Iterator[date]:
    """Yield the days within a rule's time on which what binds can change."""
    first, last = rule.effective_from or date.min, rule.effective_to or date.max
    days = {first, last}
    for version in versions:
        begins, ends = version.effective_from, version.effective_to
        days |= {day for day in (begins, ends) if day is not None}
        if ends is not None and ends < date.max:
            days.add(ends + timedelta(days=1))
        if begins is not None and begins > date.min:
            days.add(begins - timedelta(days=1))
    yield from sorted(day for day in days if first <= day <= last)


def _on(rule: Rule, versions: list[Rule], product: Product, day: date) -> Iterator[Change]:
    binding = [one for one in versions if product in one.products and one.is_in_force(day)]
    if binding:
        changes = changed_limits(rule, binding[0])
        yield from (change for change in changes if change.direction is Direction.LOOSER)
    elif not versions:
        yield _removed(f"rules.{rule.id}", rule)
    else:
        yield _gap(rule, versions[-1], product, day)


def _gap(rule: Rule, version: Rule, product: Product, day: date) -> Change:
    """Say that a day or a product that was bound no longer is."""
    if product in version.products:
        name = "effective_to" if day > (version.effective_to or date.max) else "effective_from"
        return _rule_change(
            rule, version, name, getattr(rule, name), getattr(version, name), Direction.LOOSER
        )
    return _rule_change(
        rule, version, "products", rule.products, version.products, Direction.LOOSER
    )
