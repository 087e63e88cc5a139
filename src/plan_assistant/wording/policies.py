"""A policy pack in words: what a field is called, what its value is, and how two packs differ.

Not here: which changes loosen (`domain/policy/difference.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.household import Reliability
from plan_assistant.domain.offers.closed_levers import ClosedLever
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.policy.difference import Change, Kind
from plan_assistant.domain.policy.directions import Direction
from plan_assistant.domain.policy.findings import Confidence, Effect, Role
from plan_assistant.domain.policy.parts import Bilingual
from plan_assistant.domain.policy.rule import Rule
from plan_assistant.domain.policy.space import OldCharges, Rhythm
from plan_assistant.domain.policy.values import plain
from plan_assistant.domain.schedule.allocation import Scope
from plan_assistant.domain.verdict import Verdict
from plan_assistant.wording import formats, policy_labels, terms
from plan_assistant.wording.words import Words, label, message, words

_WAY = {
    Direction.LOOSER: label("way of a change", "loosened"),
    Direction.TIGHTER: label("way of a change", "tightened"),
    Direction.OTHER: label("way of a change", "changed"),
}
_FROM_TO = message("{way}: {what} {before} -> {after}")
_GONE = message("{way}: {what}, no longer {gone}")
_COME = message("{way}: {what}, now also {come}")
_GONE_AND_COME = message("{way}: {what}, no longer {gone}, now also {come}")
_LONG = 4
"""A list of this many entries is told by what came and what went."""
_OF_SECTION = {
    "space": policy_labels.SPACE,
    "robustness": policy_labels.ROBUSTNESS,
    "schedule": policy_labels.SCHEDULE,
    "affordability": policy_labels.AFFORDABILITY,
    "breach": policy_labels.BREACH,
}
_AMOUNTS = frozenset({"affordability.buffer_cap", "affordability.least_share"})
"""Fields that hold whole units of the tables' currency, where other fractions are shares."""
_CLOSED = message("Outside the levers of this pack: {lever} ({limit}); the plan has {actual}.")
_CLOSED_PATTERN = message("Outside the levers of this pack: {lever} ({limit}).")
_ADDED = message("added: {what}")
_REMOVED = message("removed: {what}")


def change_sentence(change: Change, language: str) -> str:
    """Return one difference in one line: which way it goes, what it is, before and after."""
    say = words(language)
    what = place_name(change.place, language)
    if change.rule is not None and change.place == f"rules.{change.rule.id}":
        what = f"{change.rule.id}  {title_of(change.rule.title, language)}"
    if change.kind is Kind.ADDED:
        return say(_ADDED, what=what)
    if change.kind is Kind.REMOVED:
        return say(_REMOVED, what=what)
    way = say.label(*_WAY[change.direction])
    gone, come = _apart(change.before, change.after)
    if gone or come:
        told = {
            "gone": field_text(change.place, gone, language) if gone else "",
            "come": field_text(change.place, come, language) if come else "",
        }
        choice = _GONE_AND_COME if gone and come else _GONE if gone else _COME
        return say(choice, way=way, what=what, **told)
    before = field_text(change.place, change.before, language)
    after = field_text(change.place, change.after, language)
    return say(_FROM_TO, way=way, what=what, before=before, after=after)


def closed_lever_sentence(closed: ClosedLever, language: str) -> str:
    """Return which lever of a pack is not open to a plan, what the pack allows and the plan has."""
    say, place = words(language), f"space.{closed.name}"
    told = {
        "lever": place_name(place, language),
        "limit": field_text(place, closed.limit, language),
    }
    if closed.actual is None:
        return say(_CLOSED_PATTERN, **told)
    return say(_CLOSED, **told, actual=field_text(place, closed.actual, language))


def _apart(before: object, after: object) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Return what went from a long list and what came; nothing where both are told whole."""
    if not (isinstance(before, tuple) and isinstance(after, tuple)) or len(before) < _LONG:
        return (), ()
    gone = tuple(item for item in before if item not in after)
    return gone, tuple(item for item in after if item not in before)


def title_of(title: Bilingual, language: str) -> str:
    """Return a title of a pack or rule in a language."""
    return title["zh" if language == "zh" else "en"]


def place_name(place: str, language: str) -> str:
    """Return what the field at a path of a pack is called."""
    say = words(language)
    whose, table, name = "", policy_labels.TOP, place
    match place.split("."):
        case ["rules", rule_id, "parameters", name]:
            whose, table = rule_id, policy_labels.PARAMETER
        case ["rules", rule_id, name]:
            whose, table = rule_id, policy_labels.RULE
        case ["authority", role, name]:
            whose, table = terms.role(Role(role), language), policy_labels.AUTHORITY
        case ["affordability" | "robustness" | "breach" as section, name]:
            whose, table = say.label(*policy_labels.SECTION[section]), _OF_SECTION[section]
        case ["space" | "schedule" as section, name]:
            table = _OF_SECTION[section]
    named = _named(table, name, say)
    if not whose:
        return named
    return f"{whose}：{named}" if language == "zh" else f"{whose}, {named}"


def field_name(section: str, name: str, language: str) -> str:
    """Return what a field of the levers or of an authority is called."""
    table = policy_labels.SPACE if section == "space" else policy_labels.AUTHORITY
    return _named(table, name, words(language))


def parameter_name(name: str, language: str) -> str:
    """Return what a limit of a rule is called."""
    return _named(policy_labels.PARAMETER, name, words(language))


def limits_text(rule: Rule, language: str) -> str:
    """Return the limits of a rule in one line; empty where it has none."""
    return "; ".join(
        f"{parameter_name(name, language)} {value}" for name, value in rule.parameters.items()
    )


def _named(table: Mapping[str, tuple[str, str]], name: str, say: Words) -> str:
    return say.label(*table[name]) if name in table else name.replace("_", " ")


def field_text(place: str, value: object, language: str) -> str:
    """Return the value of the field at a path of a pack as people read it."""
    section, _, name = place.rpartition(".")
    if name == "lender_may_loosen" and isinstance(value, tuple):
        table = section.split(".", maxsplit=1)[0]
        if table == "rules":
            return value_text(tuple(parameter_name(each, language) for each in value), language)
        named = (
            field_name(table, each, language) if table else place_name(each, language)
            for each in value
        )
        return value_text(tuple(named), language)
    if place in _AMOUNTS and isinstance(value, Fraction):
        return plain(value)
    return value_text(value, language)


def value_text(value: object, language: str) -> str:
    """Return a value as people read it: the words of closed lists, shares in percent."""
    say = words(language)
    match value:
        case None | [] | {} if not value:
            text = say.label("policy value", "none")
        case bool():
            text = say.label("policy value", "yes") if value else say.label("policy value", "no")
        case Enum():
            text = _word(value, language)
        case Fraction():
            text = formats.percent(value, language)
        case date():
            text = formats.day(value, language)
        case BaseModel():
            told = {
                _named(policy_labels.PART, name, say): getattr(value, name)
                for name in type(value).model_fields
                if name in value.model_fields_set
            }
            text = value_text(told, language)
        case Mapping():
            pairs = (
                f"{value_text(key, language)} {value_text(item, language)}"
                for key, item in value.items()
            )
            text = ", ".join(pairs)
        case tuple() | list():
            text = ("；" if language == "zh" else "; ").join(
                value_text(item, language) for item in value
            )
        case _:
            text = plain(value)
    return text


_WORDS: tuple[tuple[type[Enum], Callable[[Any, str], str]], ...] = (
    (Family, terms.family),
    (Product, terms.product),
    (Component, terms.component),
    (OldCharges, lambda value, language: words(language).label(*policy_labels.OLD_CHARGES[value])),
    (Rhythm, lambda value, language: words(language).label(*policy_labels.RHYTHM[value])),
    (Scope, lambda value, language: words(language).label(*policy_labels.SCOPE[value])),
    (Reliability, terms.reliability),
    (Verdict, lambda value, language: terms.verdict(value, language).word),
    (Effect, terms.effect),
    (Confidence, terms.confidence),
    (Role, terms.role),
)


def _word(value: Enum, language: str) -> str:
    for kind, named in _WORDS:
        if isinstance(value, kind):
            return named(value, language)
    return str(value.value).replace("_", " ")
