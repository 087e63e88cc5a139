"""Writes docs/reference from the program itself, so that the two cannot disagree.

`python tools/reference.py` writes; `--check` only says whether something is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from plan_assistant.adapters.policies import shipped_names, shipped_pack
from plan_assistant.cli import _root
from plan_assistant.domain.formats.case_model import CaseFile
from plan_assistant.domain.policy.findings import Confidence
from plan_assistant.domain.policy.pack import Authority, PolicyPack
from plan_assistant.ui.actions import ACTIONS
from plan_assistant.wording import terms
from plan_assistant.wording.policies import field_name, field_text, limits_text, value_text
from plan_assistant.wording.words import words

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_MADE = "<!-- Made by `make docs` from the program; do not edit. -->\n\n"


def commands_page() -> str:
    """Every command with its help."""
    root = click.Context(_root, info_name="plan-assistant")
    parts = ["# Commands\n", _fenced(_root.get_help(root))]
    for name in _root.list_commands(root):
        command = _root.get_command(root, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=root)
        parts += [f"\n## {name}\n", _fenced(command.get_help(context))]
        if isinstance(command, click.Group):
            for inner_name in command.list_commands(context):
                inner = command.get_command(context, inner_name)
                assert inner is not None
                inner_context = click.Context(inner, info_name=inner_name, parent=context)
                parts += [f"\n### {name} {inner_name}\n", _fenced(inner.get_help(inner_context))]
    return "\n".join(parts)


def _fenced(text: str) -> str:
    return f"```\n{text}\n```"


def keys_page() -> str:
    """Every key of every screen, in both languages."""
    lines = ["# Keys\n", "| Where | Keys | English | 中文 |", "|---|---|---|---|"]
    for action in ACTIONS:
        keys = " ".join(f"`{key}`" for key in action.keys)
        hints = [words(language)(action.hint) for language in ("en", "zh")]
        lines.append(f"| {action.zone.value} | {keys} | {hints[0]} | {hints[1]} |")
    return "\n".join(lines)


def policies_page() -> str:
    """Every pack: what it is chosen for, what it is made of, how much of it is to be confirmed."""
    lines = [
        "# Policy packs\n",
        "A pack is chosen by the jurisdiction and the product of a debt and by the day. One that",
        "is only chosen by name waits for `--policy NAME`. How a lender writes its own is in the",
        "[guide for administrators](../guide/administrator.md); rules of the reference list that",
        "no pack holds are in [rules left out](rules-left-out.md).\n",
        "| Pack | Title | Chosen for | Made of | Rules | Confirm with counsel |",
        "|---|---|---|---|---|---|",
    ]
    for pack in every_pack():
        counsel = sum(rule.needs_counsel for rule in pack.own_rules)
        lines.append(
            f"| [{pack.pack}](policy-{pack.pack}.md) | {pack.title['en']} · {pack.title['zh']} "
            f"| {_chosen_for(pack)} | {', '.join(pack.lineage)} "
            f"| {len(pack.own_rules)} | {counsel} |"
        )
    return "\n".join(lines)


def _chosen_for(pack: PolicyPack) -> str:
    if pack.chosen_by_name or not pack.jurisdictions:
        return "only by name"
    return f"{' '.join(pack.jurisdictions)}: {value_text(pack.products, 'en')}"


def every_pack() -> list[PolicyPack]:
    """Return every pack that ships."""
    return [shipped_pack(name) for name in shipped_names()]


def policy_page(pack: PolicyPack) -> str:
    """Levers, authority and every rule of a pack with its source and how well it was checked."""
    lines = [
        f"# Policy pack {pack.pack} {pack.version}\n",
        f"{pack.title['en']} · {pack.title['zh']}\n",
        f"Chosen for: {_chosen_for(pack)}. Made of: {', '.join(pack.lineage)}.\n",
        'Rules of confidence "secondary" or "memory" must be confirmed with counsel before use.\n',
        "## Levers\n",
        "| Lever | Value |",
        "|---|---|",
    ]
    for name in type(pack.space).model_fields:
        value = field_text(f"space.{name}", getattr(pack.space, name), "en")
        lines.append(f"| {field_name('space', name, 'en')} `{name}` | {value} |")
    lines += _convention_lines(pack)
    roles = list(pack.authority)
    heads = " | ".join(terms.role(role, "en") for role in roles)
    lines += ["\n## Authority\n", f"| May grant | {heads} |", "|---|" + "---|" * len(roles)]
    for name in Authority.model_fields:
        values = [
            field_text(f"authority.{role.value}.{name}", getattr(pack.authority[role], name), "en")
            for role in roles
        ]
        lines.append(f"| {field_name('authority', name, 'en')} `{name}` | {' | '.join(values)} |")
    lines += [
        "\n## Rules\n",
        "| Rule | What it asks | Effect | Limits | In force | Source | Confidence |",
        "|---|---|---|---|---|---|---|",
    ]
    for rule in pack.own_rules:
        effect = terms.effect(rule.effect, "en")
        if rule.may_allow is not None:
            effect = f"{effect} ({terms.role(rule.may_allow, 'en')})"
        begins, ends = rule.effective_from or "", rule.effective_to or ""
        lines.append(
            f"| {rule.id} | {rule.title['en']} {rule.title['zh']} | {effect} "
            f"| {limits_text(rule, 'en')} | {f'{begins} to {ends}' if begins or ends else ''} "
            f"| {rule.citation} | {terms.confidence(rule.confidence, 'en')} |"
        )
    lines += [
        "\n## Tables that the affordability method stands on\n",
        "| Table | What it holds | Source | Published | Confidence |",
        "|---|---|---|---|---|",
    ]
    for origin in pack.affordability.origins:
        confidence = terms.confidence(Confidence(origin.confidence), "en")
        lines.append(
            f"| {origin.name} | {origin.title['en']} {origin.title['zh']} | {origin.source} "
            f"| {origin.published.isoformat()} | {confidence} |"
        )
    return "\n".join(lines)


def _convention_lines(pack: PolicyPack) -> list[str]:
    """The conventions that decide a cent, and the order in which a payment settles components."""
    lines = ["\n## Conventions\n", "| Convention | Value |", "|---|---|"]
    for name in type(pack.schedule).model_fields:
        lines.append(f"| `{name}` | {value_text(getattr(pack.schedule, name), 'en')} |")
    lines += [
        "\n## Order in which a payment settles\n",
        "| Products | Up to days past due | Order | Rule |",
        "|---|---|---|---|",
    ]
    for order in pack.allocation:
        days = "no end" if order.max_days_past_due is None else order.max_days_past_due
        lines.append(
            f"| {value_text(order.products, 'en')} | {days} | {value_text(order.order, 'en')} "
            f"| {order.rule} |"
        )
    return lines


def case_file_page() -> str:
    """Every field of the case file."""
    schema = CaseFile.model_json_schema()
    lines = [
        "# The case file, plan-assistant/case@1\n",
        "Amounts are text in decimal notation with exactly the currency's decimals, rates text",
        'such as `"0.18"`, dates ISO 8601. Unknown fields are refused by name. The full JSON',
        "Schema: `plan-assistant schema case`; an example: any file of `plan_assistant/samples`.\n",
    ]
    parts = {"case": schema, **schema.get("$defs", {})}
    for name, part in parts.items():
        if "properties" not in part:
            continue
        lines += [f"\n## {name}\n", "| Field | Needed | Meaning |", "|---|---|---|"]
        needed = set(part.get("required", []))
        for field, facts in part["properties"].items():
            meaning = str(facts.get("description", "")).replace("\n", " ")
            lines.append(f"| `{field}` | {'yes' if field in needed else ''} | {meaning} |")
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """Every page by its file name."""
    return {
        "commands.md": commands_page(),
        "keys.md": keys_page(),
        "policies.md": policies_page(),
        **{f"policy-{pack.pack}.md": policy_page(pack) for pack in every_pack()},
        "case-file.md": case_file_page(),
    }


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check return 1 when one is out of date."""
    stale = []
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        path, content = FOLDER / name, _MADE + text.rstrip() + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            stale.append(name)
            if "--check" not in arguments:
                path.write_text(content, encoding="utf-8")
    if "--check" in arguments and stale:
        print(f"docs/reference is out of date ({', '.join(stale)}): run `make docs`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
