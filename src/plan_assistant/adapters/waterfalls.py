"""The published waterfalls that ship with the program, and files of somebody's own."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path

from plan_assistant.adapters.reading import bytes_of
from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.offers.published import Waterfall
from plan_assistant.domain.policy.waterfall_file import read_waterfall


@lru_cache(maxsize=1)
def packaged_waterfalls() -> dict[str, Waterfall]:
    """Return the waterfalls of the package by name, in the order of their names."""
    folder = resources.files("plan_assistant.policies") / "waterfalls"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=str)
    found = [read_waterfall(item.read_bytes(), item.name) for item in files]
    return {waterfall.name: waterfall for waterfall in found}


def named_waterfall(name: str) -> Waterfall:
    """Return a waterfall of the package, or the one in a TOML file at that path."""
    known = packaged_waterfalls()
    if name in known:
        return known[name]
    path = Path(name)
    if path.suffix == ".toml":
        return read_waterfall(bytes_of(path), path.name)
    raise InputRefused(
        "command line",
        [
            Problem(
                "--waterfall",
                f"there is no waterfall {name}; there are {', '.join(known)}, or give a .toml file",
            )
        ],
    )
