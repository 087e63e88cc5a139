"""Policy packs: show their rules with citations, check a file."""

from __future__ import annotations

from pathlib import Path

import click

from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.session import Session
from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.wording import formats, terms
from plan_assistant.wording.words import words


@click.group()
def policy() -> None:
    """Show and check policy packs."""


def _pack(path: Path | None) -> PolicyPack:
    from plan_assistant.adapters import policies  # noqa: PLC0415  # pydantic models

    return policies.shipped_pack("cn") if path is None else policies.load_pack(path)


_file = click.argument(
    "pack_file", metavar="[FILE]", required=False, type=click.Path(path_type=Path)
)


@policy.command()
@_file
@click.pass_obj
def show(session: Session, pack_file: Path | None) -> int:
    """Every rule with its limit's source, and whether counsel should confirm it."""
    pack, language = _pack(pack_file), session.language
    say = words(language)
    title = pack.title["zh" if language == "zh" else "en"]
    click.echo(f"{pack.pack} {pack.version}  {title}  {pack.sha256[:12]}")
    for rule in pack.rules:
        click.echo(f"\n{rule.id}  {terms.effect(rule.effect, language)}")
        click.echo(f"  {rule.title['zh' if language == 'zh' else 'en']}")
        if rule.parameters:
            click.echo(
                "  " + ", ".join(f"{name} = {value}" for name, value in rule.parameters.items())
            )
        click.echo(f"  {rule.citation} ({terms.confidence(rule.confidence, language)})")
        if rule.needs_counsel:
            click.echo(f"  {say('Confirm with counsel.')}")
    click.echo(f"\n{say('Tables that the affordability method stands on')}")
    for origin in pack.affordability.origins:
        confidence = terms.confidence(Confidence(origin.confidence), language)
        click.echo(f"  {origin.title[language]}")
        click.echo(
            f"    {origin.source}, {formats.long_day(origin.published, language)} ({confidence})"
        )
    return FINE


@policy.command()
@_file
@click.pass_obj
def check(session: Session, pack_file: Path | None) -> int:
    """Read a pack and name everything wrong with it."""
    pack = _pack(pack_file)
    click.echo(
        words(session.language)(
            "{pack} {version} is fine: {count} rules.",
            pack=pack.pack,
            version=pack.version,
            count=len(pack.rules),
        )
    )
    return FINE
