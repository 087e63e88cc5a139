"""Services run on every implementation of the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.desks import memory_store
from tests.office import Office
from tests.stores import fresh_sqlite

from plan_assistant.ports import Store


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store in which everybody works and nothing has happened."""
    made: Store = memory_store()
    if request.param == "sqlite":
        made = fresh_sqlite(tmp_path_factory.mktemp("store"))
    elif request.param == "postgres":
        made = Office(request.getfixturevalue("emptied"))
    yield made
    made.close()
