"""Stores of an older version: brought up in one transaction, with everything that is in them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from tests.people import COLLECTOR, NOW, opened
from tests.stores import fresh_file, fresh_sqlite

from plan_assistant.adapters.store import migrate, open_store, opening
from plan_assistant.adapters.store.schema import HEAD
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import StoreDamaged, StoreFailure, StoreNewer
from plan_assistant.domain.events import RequestKey

_NEXT = '''
"""A revision of the future."""
from alembic import op
revision = "{revision}"
down_revision = "{head}"

def upgrade():
    op.execute("create table note (text text) strict")
    op.execute("{statement}")
'''
_FUTURE = f"{int(HEAD) + 1:04}"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A store of this version with one case in it."""
    store = fresh_sqlite(tmp_path)
    store.append(
        CaseId("A-1"), [opened()], actor=COLLECTOR, at=NOW, expected_version=0, key=RequestKey("k")
    )
    store.close()
    return tmp_path / "store.sqlite"


def _next_version(monkeypatch: pytest.MonkeyPatch, folder: Path, statement: str) -> None:
    """Make this program one that knows a revision more."""
    shutil.copytree(migrate.MIGRATIONS, folder / "migrations")
    script = folder / "migrations" / "versions" / f"{_FUTURE}_future.py"
    script.write_text(_NEXT.format(revision=_FUTURE, head=HEAD, statement=statement))
    monkeypatch.setattr(migrate, "MIGRATIONS", folder / "migrations")
    for module in (migrate, opening):
        monkeypatch.setattr(module, "HEAD", _FUTURE)


def _schema(path: Path) -> list[tuple[str, ...]]:
    connection = dbapi2.connect(str(path))
    tables = connection.execute("select name from sqlite_schema order by name").fetchall()
    version = connection.execute("select version_num from alembic_version").fetchall()
    connection.close()
    return [*tables, *version]


def test_an_older_store_is_upgraded_and_keeps_what_is_in_it(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _next_version(monkeypatch, tmp_path, "select 1")

    store = open_store(str(older))

    assert store.case_ids() == ("A-1",)
    assert len(store.events(CaseId("A-1"))) == 1
    store.close()
    assert ("note",) in _schema(older)
    assert (_FUTURE,) in _schema(older)


def test_an_upgrade_that_fails_changes_nothing(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _schema(older)
    with monkeypatch.context() as newer:
        _next_version(newer, tmp_path, "select nonsense")
        with pytest.raises(StoreFailure, match="nonsense"):
            open_store(str(older))

    assert _schema(older) == before
    store = open_store(str(older))
    assert store.case_ids() == ("A-1",)
    store.close()


def test_the_older_program_refuses_the_upgraded_store(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        _next_version(newer, tmp_path, "select 1")
        open_store(str(older)).close()

    with pytest.raises(StoreNewer):
        open_store(str(older))


def test_a_revision_that_never_was_is_a_damage(tmp_path: Path) -> None:
    path = fresh_file(tmp_path)
    connection = dbapi2.connect(str(path))
    connection.execute("update alembic_version set version_num = '0000'")
    connection.commit()
    connection.close()

    with pytest.raises(StoreDamaged, match="0000"):
        open_store(str(path))
