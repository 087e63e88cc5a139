"""Erasing several cases at once: one that moved on meanwhile does not keep the others."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click import Command
from click.testing import CliRunner, Result

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.cli.closing import close
from plan_assistant.cli.personal import purge
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StaleCase
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from tests.canaries import canary_case
from tests.desks import desk_at
from tests.people import ADMINISTRATOR, NOW
from tests.recording import close_call
from tests.stores import fresh_sqlite


@pytest.mark.parametrize("json_wanted", [True, False], ids=["json", "text"])
def test_a_case_that_moved_on_meanwhile_is_named_and_the_others_are_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, json_wanted: bool
) -> None:
    store = fresh_sqlite(tmp_path)
    for name in ("K-1", "K-2"):
        open_case(desk_at(store), replace(canary_case(), case_id=CaseId(name)), new_key())
        close_call(desk_at(store), CaseId(name), "promised", new_key())
    clock = DemoClock(NOW + timedelta(days=3000))
    desk = replace(desk_at(store, ADMINISTRATOR), clock=clock)
    session = SimpleNamespace(store=store, language="en", desk=lambda: desk)
    erase = store.erase

    def moved_on(case_id: CaseId, *arguments: Any, **named: Any) -> Any:
        if case_id == "K-1":
            raise StaleCase(
                case_id, expected=2, found=3, what="revealed", by="wu.hao", at=NOW.isoformat()
            )
        return erase(case_id, *arguments, **named)

    monkeypatch.setattr(store, "erase", moved_on)
    command = ["--yes", *(["--json"] if json_wanted else [])]
    done = CliRunner().invoke(purge, command, obj=session, standalone_mode=False)

    assert done.exception is None
    assert done.return_value == 1
    assert "K-1" in done.stderr
    assert store.key_status().cases_erased == 1
    if json_wanted:
        told = json.loads(done.stdout)["cases"]
        assert {case["case_id"]: case["erased"] for case in told} == {"K-1": False, "K-2": True}
    else:
        assert "1 case was erased." in done.stdout
    store.close()


def test_a_case_that_a_command_closed_is_erased_when_it_is_kept_long_enough(
    tmp_path: Path,
) -> None:
    store = fresh_sqlite(tmp_path)
    open_case(desk_at(store), canary_case(), new_key())
    then = SimpleNamespace(store=store, language="en", desk=lambda: desk_at(store))
    clock = DemoClock(NOW + timedelta(days=3000))
    desk = replace(desk_at(store, ADMINISTRATOR), clock=clock)
    today = SimpleNamespace(store=store, language="en", desk=lambda: desk)

    def invoke(command: Command, session: SimpleNamespace, *arguments: str) -> Result:
        return CliRunner().invoke(command, arguments, obj=session, standalone_mode=False)

    still_open = invoke(purge, today, "--yes")
    closed = invoke(close, then, "K-1", "--outcome", "promised")
    erased = invoke(purge, today, "--yes")

    assert (still_open.return_value, closed.return_value, erased.return_value) == (1, 0, 0)
    assert "1 case was erased." in erased.stdout
    assert store.key_status().cases_erased == 1
    store.close()
