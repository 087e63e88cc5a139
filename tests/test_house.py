"""The house: dependencies point inwards, also at run time; start-up loads what it needs."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import pytest

import plan_assistant.domain
import plan_assistant.services

FOREIGN = (
    "textual",
    "rich",
    "sqlalchemy",
    "alembic",
    "typst",
    "babel",
    "click",
    "platformdirs",
    "pysqlite3",
)


def modules_of(package: object) -> list[str]:
    path, name = package.__path__, package.__name__  # type: ignore[attr-defined]
    return sorted(item.name for item in pkgutil.walk_packages(path, f"{name}.") if not item.ispkg)


def loaded_by(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the top-level modules it loaded."""
    tell = "import json, sys; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    report = f"{code}\n{tell}"
    done = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "package", [plan_assistant.domain, plan_assistant.services], ids=["domain", "services"]
)
def test_pure_rooms_load_nothing_from_outside(package: object) -> None:
    # One interpreter for each package: what any of its modules loads shows up.
    names = modules_of(package)

    loaded = loaded_by("\n".join(f"import {name}" for name in names))

    assert names
    assert not loaded & set(FOREIGN)


def test_help_loads_neither_the_screens_nor_the_store_nor_numbers() -> None:
    loaded = loaded_by(
        "from plan_assistant.cli import _root\n_root.main(['--help'], standalone_mode=False)"
    )

    assert not loaded & {
        "textual",
        "sqlalchemy",
        "typst",
        "numpy",
        "pydantic",
        "babel",
        "alembic",
        "cryptography",
        "keyring",
    }


def test_public_api_is_what_it_says() -> None:
    import plan_assistant  # noqa: PLC0415

    for name in plan_assistant.__all__:
        assert getattr(plan_assistant, name) is not None
