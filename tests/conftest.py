"""Profiles of the property tests, and the count of their examples."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import Database, Databases, databases
from tests.properties import ExampleCounts
from tests.samples_day import work_on_the_samples_day
from tests.scratch import write_into_memory

write_into_memory()
# Stores of the tests get their keys from here; no test touches a keyring or the user's own keys.
os.environ["PLAN_ASSISTANT_MASTER_KEY"] = "cGxhbi1hc3Npc3RhbnQgdGVzdHMsIG5vdCBhIGtleSE="
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
# Nor a journal of the user's own.
_STATE = tempfile.mkdtemp(prefix="plan-assistant-tests-")
os.environ["XDG_STATE_HOME"] = _STATE
work_on_the_samples_day()

# What is collected stays to the end: looked through again and again, it takes a tenth of the time.
gc.disable()

settings.register_profile(
    "default", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "long", max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--least-examples",
        type=int,
        default=0,
        help="fail unless the properties of schedules hold on so many examples",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(ExampleCounts(config.getoption("--least-examples")))


def pytest_unconfigure() -> None:
    shutil.rmtree(_STATE, ignore_errors=True)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    # A screen that lives through a test is walked again and again at the usual thresholds.
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """A real PostgreSQL server, started once by each process that runs tests which need it."""
    with databases() as server:
        yield server


@pytest.fixture
def emptied(postgres: Databases) -> Iterator[Database]:
    """A database in which everybody works and nothing has happened, for tests that change rows."""
    with postgres.emptied() as database:
        yield database


@pytest.fixture
def database(postgres: Databases) -> Iterator[Database]:
    """A database of this test alone, in which everybody works and nothing has happened."""
    with postgres.fresh() as fresh:
        yield fresh
