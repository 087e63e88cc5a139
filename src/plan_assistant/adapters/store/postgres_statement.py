"""The one statement that records a request on PostgreSQL.

The key of the request comes first and everything else depends on it, so a repeat inserts nothing,
whatever the case has become in between.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from itertools import count
from operator import itemgetter
from typing import Final, LiteralString

from plan_assistant.adapters.store.asking import Prepared
from plan_assistant.adapters.store.schema import event

# A statement names its parameters by number only: the driver put names in order for each plan.
_CLAIM: Final = ("key", "payload_sha256", "case_id", "version", "event_ids")
_CASE: Final = f"cast(${_CLAIM.index('case_id') + 1} as text)"
_KEY: Final = ("key_id", "master_key_id", "wrapped")
_INDEX: Final = ("field", "mac")
_FACT: Final = tuple(
    column.name for column in event.c if column.name not in {"sequence", "case_id"}
)
_claimed, _found, _told = (itemgetter(*names) for names in (_CLAIM, _INDEX, _FACT))


@functools.cache
def statement_for(facts: int, is_fresh: bool, found_by: int) -> LiteralString:  # cached by position
    """Return the statement for so many facts, with a new key of the case or without.

    `found_by` is the number of hashes that the case will be found by.
    """
    numbers = count(1)
    # Nothing but our own names stands in it.
    parts = [
        f"claimed as (insert into request ({', '.join(_CLAIM)})"
        f" values ({', '.join(f'${next(numbers)}' for _ in _CLAIM)})"
        " on conflict do nothing returning key)"
    ]
    if is_fresh:
        parts.append(f"given as ({_insert('case_key', _KEY, 1, numbers)})")
    if found_by:
        parts.append(f"named as ({_insert('person_index', _INDEX, found_by, numbers)})")
    return f"with {', '.join(parts)} {_insert('event', _FACT, facts, numbers)} order by version"


def _insert(
    table: LiteralString, names: tuple[LiteralString, ...], rows: int, numbers: Iterator[int]
) -> LiteralString:
    """Return how that many rows of the case of the request get into a table."""
    types: dict[str, LiteralString] = {"version": "integer"}
    given = " union all ".join(
        f"select {_CASE} as case_id, "
        + ", ".join(
            f"cast(${next(numbers)} as {types.get(name, 'text')}) as {name}" for name in names
        )
        for _ in range(rows)
    )
    columns = ", ".join(("case_id", *names))
    return f"insert into {table} ({columns}) select {columns} from claimed, ({given}) as given"


def parameters_of(new: Prepared, *, is_fresh: bool) -> list[object]:
    """Return what the statement of a request is given, by the numbers in it."""
    given = list(_claimed(new.claim))
    if is_fresh:
        key = new.case_key
        given += key.key_id, key.master_key_id, key.wrapped
    for found in new.index_rows:
        given += _found(found)
    for fact in new.facts:
        given += _told(fact.row)
    return given
