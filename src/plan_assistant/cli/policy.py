"""Policy packs: list and show them with their citations, check a file, compare two.

Not here: past decisions under another pack (`policy_replay.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plan_assistant.cli.boundary import FINE, INPUT_REFUSED
from plan_assistant.cli.policy_replay import replay
from plan_assistant.cli.session import Session, echo_json
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.policy.findings import Confidence, Role
from plan_assistant.wording import formats, terms
from plan_assistant.wording.words import words

if TYPE_CHECKING:
    from plan_assistant.domain.events import Json
    from plan_assistant.domain.policy.difference import Change
    from plan_assistant.domain.policy.pack import PolicyPack

_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
_name = click.argument("name", metavar="[NAME|FILE]", required=False)


_HEAD = (
    "pack",
    "version",
    "sha256",
    "lineage",
    "title",
    "jurisdictions",
    "products",
    "effective_from",
    "effective_to",
    "chosen_by_name",
    "fallback",
)


@click.group()
def policy() -> None:
    """Show, check and compare policy packs, and run past decisions under another one."""


policy.add_command(replay)


def _packs(session: Session) -> tuple[PolicyPack, ...]:
    from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

    return bootstrap.policies(None, session.policies_folder).all


def _named(session: Session, name: str) -> PolicyPack:
    from plan_assistant import bootstrap  # noqa: PLC0415  # --help opens nothing

    return bootstrap.policies(None, session.policies_folder).named(name)


@policy.command()
@_name
@_json
@click.pass_obj
def show(session: Session, name: str | None, *, as_json: bool) -> int:
    """All packs; or one with its levers, its authority and every rule with its source."""
    if name is None:
        packs = _packs(session)
        if as_json:
            echo_json([_head_json(pack) for pack in packs])
        else:
            click.echo("\n".join(line for pack in packs for line in _list_lines(pack, session)))
        return FINE
    pack = _named(session, name)
    if as_json:
        from plan_assistant.domain.policy.values import written  # noqa: PLC0415  # only for JSON

        whole = written(pack)
        assert isinstance(whole, dict)
        echo_json({**whole, "rules": [written(rule) for rule in pack.own_rules]})
    else:
        click.echo("\n".join(_pack_lines(pack, session.language)))
    return FINE


def _head_json(pack: PolicyPack) -> dict[str, Json]:
    from plan_assistant.domain.policy.values import written  # noqa: PLC0415  # only for JSON

    return {name: written(getattr(pack, name)) for name in _HEAD} | {
        "rules": len(pack.own_rules),
        "confirm_with_counsel": sum(rule.needs_counsel for rule in pack.own_rules),
    }


def _list_lines(pack: PolicyPack, session: Session) -> list[str]:
    language = session.language
    say = words(language)
    counsel = sum(rule.needs_counsel for rule in pack.own_rules)
    return [
        _title_line(pack, language),
        f"  {_chosen_for(pack, language)}",
        "  "
        + say.plural(
            "{count} rule, {counsel} of them to confirm with counsel.",
            "{count} rules, {counsel} of them to confirm with counsel.",
            len(pack.own_rules),
            counsel=counsel,
        ),
    ]


def _title_line(pack: PolicyPack, language: str) -> str:
    from plan_assistant.wording.policies import title_of  # noqa: PLC0415  # pydantic models

    return f"{pack.pack} {pack.version}  {title_of(pack.title, language)}  {pack.sha256[:12]}"


def _chosen_for(pack: PolicyPack, language: str) -> str:
    from plan_assistant.wording.policies import value_text  # noqa: PLC0415  # pydantic models

    say = words(language)
    if pack.chosen_by_name or not pack.jurisdictions:
        return say("Only chosen by name: --policy {name}.", name=pack.pack)
    countries = " ".join(pack.jurisdictions)
    products = value_text(pack.products, language)
    if pack.effective_from is None and pack.effective_to is None:
        return say("For {countries}: {products}.", countries=countries, products=products)
    return say(
        "For {countries}: {products}; from {begins} until {ends}.",
        countries=countries,
        products=products,
        begins=value_text(pack.effective_from, language),
        ends=value_text(pack.effective_to, language),
    )


def _pack_lines(pack: PolicyPack, language: str) -> list[str]:
    from plan_assistant.wording.policies import (  # noqa: PLC0415  # pydantic models
        field_name,
        field_text,
        limits_text,
        title_of,
        value_text,
    )

    say = words(language)
    lines = [_title_line(pack, language), _chosen_for(pack, language)]
    if len(pack.lineage) > 1:
        lines.append(say("Made of {packs}, in this order.", packs=", ".join(pack.lineage)))
    lines += ["", say("Levers")]
    for name in type(pack.space).model_fields:
        value = field_text(f"space.{name}", getattr(pack.space, name), language)
        lines.append(f"  {field_name('space', name, language)}: {value}")
    for role, table in pack.authority.items():
        lines += ["", say("May grant: {role}", role=terms.role(role, language))]
        for name in type(table).model_fields:
            value = field_text(f"authority.{role.value}.{name}", getattr(table, name), language)
            lines.append(f"  {field_name('authority', name, language)}: {value}")
    for rule in pack.own_rules:
        lines += [
            "",
            f"{rule.id}  {terms.effect(rule.effect, language)}{_by(rule.may_allow, language)}",
        ]
        lines.append(f"  {title_of(rule.title, language)}")
        if rule.parameters:
            lines.append(f"  {limits_text(rule, language)}")
        if rule.effective_from or rule.effective_to:
            lines.append(
                "  "
                + say(
                    "In force from {begins} until {ends}.",
                    begins=value_text(rule.effective_from, language),
                    ends=value_text(rule.effective_to, language),
                )
            )
        lines.append(f"  {rule.citation} ({terms.confidence(rule.confidence, language)})")
        if rule.needs_counsel:
            lines.append(f"  {say('Confirm with counsel.')}")
    return [*lines, *_table_lines(pack, language)]


def _table_lines(pack: PolicyPack, language: str) -> list[str]:
    """Return the tables that the affordability method stands on, with their sources."""
    origins = pack.affordability.origins
    if not origins:
        return []
    lines = ["", words(language)("Tables that the affordability method stands on")]
    for origin in origins:
        confidence = terms.confidence(Confidence(origin.confidence), language)
        lines.append(f"  {origin.title[language]}")
        lines.append(
            f"    {origin.source}, {formats.long_day(origin.published, language)} ({confidence})"
        )
    return lines


def _by(role: Role | None, language: str) -> str:
    return "" if role is None else f" ({terms.role(role, language)})"


@policy.command()
@_name
@_json
@click.pass_obj
def check(session: Session, name: str | None, *, as_json: bool) -> int:
    """Read a pack, or all of them, and name everything wrong with its line."""
    try:
        packs = _packs(session) if name is None else (_named(session, name),)
    except InputRefused as refused:
        if not as_json:
            raise
        echo_json(
            {
                "source": refused.source,
                "problems": [
                    {"line": item.line, "path": item.path, "sentence": item.sentence}
                    for item in refused.problems
                ],
            }
        )
        return INPUT_REFUSED
    if as_json:
        echo_json([_head_json(pack) for pack in packs])
        return FINE
    for pack in packs:
        click.echo(
            words(session.language).plural(
                "{pack} {version} is fine: {count} rule.",
                "{pack} {version} is fine: {count} rules.",
                len(pack.own_rules),
                pack=pack.pack,
                version=pack.version,
            )
        )
    return FINE


@policy.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@_json
@click.pass_obj
def diff(session: Session, before: str, after: str, *, as_json: bool) -> int:
    """What B changes of A, in words: tightened, loosened, rules added and removed."""
    from plan_assistant.domain.policy.difference import differences  # noqa: PLC0415  # pydantic models

    packs = _named(session, before), _named(session, after)
    changes = differences(*packs)
    if as_json:
        echo_json(
            {
                "before": _head_json(packs[0]),
                "after": _head_json(packs[1]),
                "changes": [_change_json(change) for change in changes],
            }
        )
        return FINE
    click.echo("\n".join(_diff_lines(packs, changes, session.language)))
    return FINE


def _change_json(change: Change) -> dict[str, Json]:
    from plan_assistant.domain.policy.values import written  # noqa: PLC0415  # only for JSON

    return {
        "place": change.place,
        "kind": change.kind.value,
        "direction": change.direction.value,
        "before": written(change.before),
        "after": written(change.after),
    }


def _diff_lines(
    packs: tuple[PolicyPack, PolicyPack], changes: tuple[Change, ...], language: str
) -> list[str]:
    from plan_assistant.domain.policy.directions import Direction  # noqa: PLC0415  # pydantic models
    from plan_assistant.wording.policies import change_sentence  # noqa: PLC0415  # pydantic models

    say = words(language)
    heads = [_title_line(pack, language) for pack in packs]
    if not changes:
        return [*heads, say("The two packs hold the same rules, levers and authority.")]
    counts = {way: sum(change.direction is way for change in changes) for way in Direction}
    summary = say(
        "{looser} loosened, {tighter} tightened, {other} changed otherwise.",
        looser=counts[Direction.LOOSER],
        tighter=counts[Direction.TIGHTER],
        other=counts[Direction.OTHER],
    )
    return [*heads, "", *(change_sentence(change, language) for change in changes), "", summary]
