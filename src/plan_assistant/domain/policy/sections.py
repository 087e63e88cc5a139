"""What is well-formed of the sections of a pack although other fields of them are not.

So that one reading names every problem: an ill-formed field counts as the extended pack has it, or
is known to be unread, and the others are judged and compared. Not here: what is wrong
(`misfits.py`, `contradictions.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError, create_model

from plan_assistant.domain.policy.affordability import AffordabilityTable
from plan_assistant.domain.policy.authority import Authority
from plan_assistant.domain.policy.directions import TOP
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.policy.pack import BreachTable, PackFile, ScheduleConventions
from plan_assistant.domain.policy.parts import Part
from plan_assistant.domain.policy.robustness import RobustnessBox
from plan_assistant.domain.policy.rule import Rule
from plan_assistant.domain.policy.space import Space

_SINGLE: Mapping[str, type[Part]] = {
    "space": Space,
    "robustness": RobustnessBox,
    "schedule": ScheduleConventions,
    "affordability": AffordabilityTable,
    "breach": BreachTable,
}
_TOP: Mapping[str, TypeAdapter[Any]] = {
    name: TypeAdapter[Any](Annotated[field.annotation, field])  # type: ignore[arg-type]  # runtime
    for name, field in PackFile.model_fields.items()
    if name in TOP
}
_UNREAD_TEXTS = {"citation": "-", "confidence": "design", "title": {"en": "-", "zh": "-"}}
"""Stand in for texts that are missing: no limit of a rule depends on them."""
_DAYS = {"effective_from", "effective_to", "products"}
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of a pack as far as they can be read."""

    single: Mapping[str, Part | None]
    """By name; None where it is no table."""
    authority: Mapping[Role, Authority]
    hidden: Mapping[str, frozenset[str]]
    """By section (`space`, `authority.collector`): required fields of which nothing is known."""
    top: Mapping[str, object]
    """The fields outside the sections that are well-formed."""
    rules: tuple[Rule, ...] | None
    """None where they are no list."""
    dated: tuple[Rule, ...]
    """Those of them whose days and products are as the file has them."""
    unread: tuple[object, ...]
    """The others, as they stand in the file."""
    named: frozenset[str]
    """Ids of all rules, read or not."""


def sections_of(raw: Mapping[str, Any], below: Mapping[str, Any]) -> Sections:
    """Read what can be read; `below` is the pack it extends, which is sound."""
    items = raw.get("rules")
    known = below.get("rules", [])
    read = [(item, _rule(item, known)) for item in items] if isinstance(items, list) else []
    single = {
        name: _read(model, raw.get(name), below.get(name, {})) for name, model in _SINGLE.items()
    }
    authority = _authority(raw.get("authority"), below.get("authority", {}))
    hidden = {name: reading.hidden for name, reading in single.items()}
    hidden |= {f"authority.{role.value}": table.hidden for role, table in authority.items()}
    return Sections(
        single={name: reading.part for name, reading in single.items()},
        authority={role: table.part for role, table in authority.items() if table.part is not None},
        hidden=hidden,
        top=dict(_top(raw)),
        rules=(
            tuple(rule.part for _item, rule in read if rule.part is not None and not rule.hidden)
            if isinstance(items, list)
            else None
        ),
        dated=tuple(
            rule.part
            for _item, rule in read
            if rule.part is not None and not rule.hides({*_DAYS, *rule.hidden & {"id"}})
        ),
        unread=tuple(item for item, rule in read if rule.part is None or rule.hidden),
        named=frozenset(
            item["id"]
            for item, _reading in read
            if isinstance(item, dict) and isinstance(item.get("id"), str)
        ),
    )


class _Reading(NamedTuple, Generic[Model]):
    part: Model | None
    broken: frozenset[str]
    """Fields that are ill-formed, missing or unknown."""
    unknown: frozenset[str]
    hidden: frozenset[str] = frozenset()
    """Of the broken ones, those that nothing stands in for; the part has None in their place."""

    def hides(self, names: set[str]) -> bool:
        """Say whether one of these fields may not be what the file means."""
        return bool(self.unknown or self.broken & names)


def _read(model: type[Model], value: object, below: Mapping[str, Any]) -> _Reading[Model]:
    try:
        return _Reading(model.model_validate(value), frozenset(), frozenset())
    except ValidationError as error:
        broken = frozenset(str(item["loc"][0]) for item in error.errors() if item["loc"])
    unknown = broken - model.model_fields.keys()
    if not isinstance(value, dict) or not broken:
        return _Reading(None, broken, unknown)
    mended = {name: item for name, item in value.items() if name not in broken}
    mended |= {name: below[name] for name in broken if name in below}
    hidden = frozenset(
        name
        for name in broken & model.model_fields.keys() - mended.keys()
        if model.model_fields[name].is_required()
    )
    nothing: dict[str, Any] = dict.fromkeys(hidden, (Any, None))
    lenient = create_model(model.__name__, __base__=model, **nothing)
    try:
        return _Reading(lenient.model_validate(mended), broken, unknown, hidden)
    except ValidationError:
        return _Reading(None, broken, unknown)


def _top(raw: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name, adapter in _TOP.items():
        field = PackFile.model_fields[name]
        try:
            if name in raw:
                yield name, adapter.validate_python(raw[name])
            elif not field.is_required():
                yield name, field.get_default()
        except ValidationError:
            continue


def _authority(value: object, below: Mapping[str, Any]) -> dict[Role, _Reading[Authority]]:
    tables = value if isinstance(value, dict) else {}
    return {
        role: _read(Authority, tables[role.value], below.get(role.value, {}))
        for role in Role
        if role.value in tables
    }


def _rule(value: object, known: list[Mapping[str, Any]]) -> _Reading[Rule]:
    """Read a rule; one of its id that is extended stands in for what is ill-formed."""
    name = value.get("id") if isinstance(value, dict) else None
    same = [rule for rule in known if rule.get("id") == name]
    return _read(Rule, value, {**_UNREAD_TEXTS, **(same[0] if len(same) == 1 else {})})
