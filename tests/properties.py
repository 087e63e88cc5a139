"""Property tests with a name for what they hold, and the count of the examples that held it.

`holds` says how many examples a property runs in `make test` and in `make test-long`. An example
counts when the property ran to its end; one that was rejected on the way does not.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Generator
from enum import StrEnum
from typing import Any, TypeVar

import pytest
from hypothesis import settings

_Test = TypeVar("_Test", bound=Callable[..., object])


class Kind(StrEnum):
    """What a property of schedules holds."""

    INVARIANTS = "invariants of every schedule"
    VECTOR = "vector and readable engine agree to the cent"
    TWO_WAYS = "other ways to the same plan agree to the cent"
    MONOTONE = "monotone in rate, term and down payment"
    ORDER = "any order of events, one schedule"
    CANCEL = "cancelling restores"


def is_long() -> bool:
    """Say whether the long form runs."""
    return settings.get_current_profile_name() == "long"


def holds(kind: Kind, *, short: int, long: int) -> Callable[[_Test], _Test]:
    """Let a property of schedules run on `short` examples, in the long form on `long`."""

    def decorate(test: _Test) -> _Test:
        counted: _Test = pytest.mark.holds(kind)(test)
        return settings(max_examples=long if is_long() else short)(counted)

    return decorate


class ExampleCounts:
    """Counts the examples of each property, over all processes of a run, and reports them."""

    def __init__(self, least: int) -> None:
        self.least = least
        self.examples: Counter[tuple[str, str]] = Counter()
        """By kind (empty for a property of something else than schedules) and test."""

    @property
    def of_schedules(self) -> int:
        """The examples of all properties of schedules."""
        return sum(count for (kind, _), count in self.examples.items() if kind)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        handle = getattr(pyfuncitem.obj, "hypothesis", None)
        if handle is None:
            return (yield)
        test, count = handle.inner_test, 0

        @functools.wraps(test)
        def counting(*args: Any, **kwargs: Any) -> None:
            nonlocal count
            test(*args, **kwargs)
            count += 1

        handle.inner_test = counting
        try:
            return (yield)
        finally:
            handle.inner_test = test
            marker = pyfuncitem.get_closest_marker("holds")
            kind = marker.args[0].value if marker else ""
            pyfuncitem.user_properties.append(("examples", [kind, count]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for name, value in report.user_properties:
                if name == "examples" and isinstance(value, list):
                    kind, count = value
                    self.examples[kind, report.nodeid] += count

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        is_worker = hasattr(session.config, "workerinput")
        if session.exitstatus == pytest.ExitCode.OK and not is_worker and self.is_short:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @property
    def is_short(self) -> bool:
        """Say whether fewer examples ran than were asked for."""
        return self.of_schedules < self.least

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.examples:
            return
        terminalreporter.section("examples of property tests")
        for kind in Kind:
            tests = {test: n for (of, test), n in self.examples.items() if of == kind.value}
            terminalreporter.line(f"{sum(tests.values()):>11,}  {kind.value}")
            for test, count in sorted(tests.items()) if is_long() else ():
                terminalreporter.line(f"{count:>15,}  {test}")
        terminalreporter.line(f"{self.of_schedules:>11,}  properties of schedules together")
        others = sum(self.examples.values()) - self.of_schedules
        terminalreporter.line(f"{others:>11,}  all other properties")
        if self.is_short:
            asked = f"at least {self.least:,} of schedules were asked for"
            terminalreporter.line(f"{'':>11}  {asked}", red=True)
