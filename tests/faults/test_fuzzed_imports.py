"""Case files gone wrong: each is taken or refused in sentences, at once, and tells nothing.

FAULT_ROUNDS x 200 files in the long form, 3,000 without; FAULT_SEED changes them.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan_assistant.adapters.importers.json_file import load_case, parse_case
from plan_assistant.domain.case import Case, CaseId
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.events import EventType
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.personal_fields import with_personal
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from plan_assistant.services.queue import queue_rows
from plan_assistant.wording.problems import problem_lines
from tests.canaries import CANARIES, NAME, found_in, leaks
from tests.desks import desk_at
from tests.faults.mutations import NASTY, base_trees, changed_bytes, changed_tree, paths
from tests.stores import fresh_sqlite

FILES = 200 * int(os.environ["FAULT_ROUNDS"]) if "FAULT_ROUNDS" in os.environ else 3_000
SEED = int(os.environ.get("FAULT_SEED", "20261120"))
SECONDS = 1.0
"""Of processor time for one file: what other programs do on the machine does not count."""
TREES = base_trees()
_ABOUT = {name: text for name, text in CANARIES.items() if name != "account"}
"""The tail of an account is what may be shown of it, so it may stand in a sentence."""


class TooSlow(Exception):
    """One file took longer than a person would wait."""


@contextmanager
def at_once() -> Iterator[None]:
    """Stop whatever takes too long."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def told(path: Path) -> tuple[Case | None, str]:
    """Import a file as the command does; return the case or nothing, and all that was said.

    That is the sentences in both languages, and what a traceback or a log would say of it.
    """
    try:
        with at_once():
            case = load_case(path)
    except InputRefused as refused:
        sentences = [line for lang in ("en", "zh") for line in problem_lines(refused, lang)]
        chain = "".join(traceback.format_exception(refused))
        assert sentences
        return None, "\n".join([*sentences, chain, repr(refused)])
    return case, repr(case)


def test_files_gone_wrong_are_taken_or_refused_and_tell_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    store = fresh_sqlite(tmp_path)
    desk, path = desk_at(store), tmp_path / "case.json"
    taken = refused = stored = 0

    for number in range(FILES):
        tree, other = chance.choice(TREES), chance.choice(TREES)
        content = changed_bytes(tree, other, chance) if number % 2 else changed_tree(tree, chance)
        path.write_bytes(content)
        where = f"file {number}, seed {SEED}"
        try:
            case, said = told(path)
        except Exception as error:
            pytest.fail(f"{where}: {type(error).__name__} on {content[:2_000]!r}")
        told_of = found_in(said.encode("utf-8", "surrogatepass"), _hidden(case))
        assert told_of == [], f"{where}: {said}"
        taken += case is not None
        refused += case is None
        has_room = stored < 200 and len(_hidden(case)) == len(_ABOUT)
        if case is not None and has_room and case.as_of <= desk.clock.now().date():
            unlike = Case(**{**_fields(case), "case_id": CaseId(f"F-{number}")})
            open_case(desk, unlike, new_key())
            stored += 1
    path.unlink()

    rows = queue_rows(desk)
    print(f"{FILES} files: {taken} taken, {refused} refused, {stored} stored")
    assert len(rows) == stored > 0
    assert min(taken, refused) > FILES // 50
    assert leaks(tmp_path) == {}
    store.close()
    assert leaks(tmp_path) == {}


def _hidden(case: Case | None) -> dict[str, str]:
    """Return the canaries that may not be told: all but one that has become a number of the case.

    Nobody can tell a telephone number from an amount in yen, or an identity number from the number
    of a case, where it is not the borrower's own.
    """
    if case is None:
        return _ABOUT
    rest = with_personal(EventType.CASE_OPENED, write_case(case), lambda _path, _value: None)
    numbers = set(re.findall(r"\w+", json.dumps(rest, ensure_ascii=False)))
    return {name: text for name, text in _ABOUT.items() if text not in numbers}


def _fields(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in Case.__dataclass_fields__}


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from([text for text in CANARIES.values() if text != CANARIES["account"]])
    | st.sampled_from([value for value in NASTY if not isinstance(value, list | dict)]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
_PLACES = [(number, path) for number, tree in enumerate(TREES) for path in paths(tree)]


@settings(
    max_examples=max(200, FILES // 15),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(st.sampled_from(_PLACES), _JSON), min_size=1, max_size=3))
def test_any_value_in_any_place_is_taken_or_refused_and_tells_nothing(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[tuple[int, tuple[Any, ...]], Any]]
) -> None:
    (number, _), _ = changes[0]
    tree = json.loads(json.dumps(TREES[number]))
    for (_, path), value in changes:
        _put(tree, path, value)
    file = tmp_path_factory.getbasetemp() / "hypothesis-case.json"
    file.write_bytes(json.dumps(tree).encode("utf-8", "surrogatepass"))

    case, said = told(file)

    assert found_in(said.encode("utf-8", "surrogatepass"), _hidden(case)) == []


def _put(tree: Any, path: tuple[Any, ...], value: Any) -> None:
    """Put a value at a path where the tree has it; another sample may have no such place."""
    for step in path[:-1]:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(tree, dict) or (isinstance(tree, list) and path[-1] in range(len(tree))):
        tree[path[-1]] = value


def test_the_check_notices_what_a_sentence_gives_away(tmp_path: Path) -> None:
    """Otherwise the tests above could not fail."""
    said = f"“{NAME}” is not known here"

    assert found_in(said.encode()) == ["name"]


def test_the_check_notices_a_file_that_takes_too_long() -> None:
    with pytest.raises(TooSlow), at_once():
        while True:
            pass


@pytest.mark.parametrize("value", [["month"], {"a": 1}, [], 7, None], ids=repr)
@pytest.mark.parametrize("name", ["S08-seasonal-business", "S09-several-debts"])
def test_every_value_may_be_of_another_kind(name: str, value: Any) -> None:
    """A kind that cannot stand in a set or be compared crashes where it is least expected."""
    (tree,) = (tree for tree in TREES if tree["case_id"] == name)

    for path in paths(tree):
        changed = json.loads(json.dumps(tree))
        _put(changed, path, value)
        with suppress(InputRefused):
            parse_case(json.dumps(changed).encode(), "case.json")
