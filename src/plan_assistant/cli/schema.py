"""JSON Schemas of the file formats."""

from __future__ import annotations

import json
from importlib import resources

import click

from plan_assistant.cli.boundary import FINE
from plan_assistant.cli.session import echo_json
from plan_assistant.domain.events import Json


@click.command()
@click.argument("name", type=click.Choice(["case", "terms", "policy", "waterfall", "golden-case"]))
def schema(name: str) -> int:
    """JSON Schema of a file format."""
    echo_json(_schema(name))
    return FINE


def _schema(name: str) -> Json:
    from pydantic import BaseModel  # noqa: PLC0415  # pydantic models are slow to import

    from plan_assistant.domain.formats.case_model import CaseFile  # noqa: PLC0415
    from plan_assistant.domain.formats.terms_model import TermsFile  # noqa: PLC0415
    from plan_assistant.domain.policy.pack import PackFile  # noqa: PLC0415
    from plan_assistant.domain.policy.waterfall_file import WaterfallFile  # noqa: PLC0415

    if name == "golden-case":
        golden = resources.files("plan_assistant.golden") / "golden-case-2.schema.json"
        found: Json = json.loads(golden.read_text(encoding="utf-8"))
        return found
    models: dict[str, type[BaseModel]] = {
        "case": CaseFile,
        "terms": TermsFile,
        "policy": PackFile,
        "waterfall": WaterfallFile,
    }
    return models[name].model_json_schema()
