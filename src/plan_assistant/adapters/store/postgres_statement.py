"""The one statement that records a request on PostgreSQL.

The key of the request comes first and everything else depends on it, so a repeat inserts nothing,
whatever the case has become in between.
"""

from __future__ import annotations

import functools
from typing import Final, LiteralString

from plan_assistant.adapters.store.asking import Prepared
from plan_assistant.adapters.store.schema import event

_FACT: Final = tuple(column.name for column in event.c if column.name != "sequence")
_INDEX: Final = ("case_id", "field", "mac")


@functools.cache
def statement_for(facts: int, is_fresh: bool, found_by: int) -> LiteralString:  # cached by position
    """Return the statement for so many facts, with a new key of the case or without.

    `found_by` is the number of hashes that the case will be found by.
    """
    # Nothing but our own names stands in it.
    parts = [
        "claimed as (insert into request (key, payload_sha256, case_id, version, event_ids)"
        " values (%(key)s, %(payload_sha256)s, %(case_id)s, %(version)s, %(event_ids)s)"
        " on conflict do nothing returning key)"
    ]
    if is_fresh:
        parts.append(
            "given as (insert into case_key (key_id, case_id, master_key_id, wrapped)"
            " select cast(%(key_id)s as text), cast(%(case_id)s as text),"
            " cast(%(master_key_id)s as text), cast(%(wrapped)s as text) from claimed)"
        )
    if found_by:
        parts.append(
            f"named as (insert into person_index ({', '.join(_INDEX)})"
            f" select {', '.join(_INDEX)} from claimed, ({_rows(_INDEX, 'by', found_by)}) as found)"
        )
    columns = ", ".join(_FACT)
    return (
        f"with {', '.join(parts)} insert into event ({columns})"
        f" select {columns} from claimed, ({_rows(_FACT, 'fact', facts)}) as fact order by version"
    )


def _rows(names: tuple[LiteralString, ...], mark: LiteralString, count: int) -> LiteralString:
    types: dict[str, LiteralString] = {"version": "integer"}
    return " union all ".join(
        "select "
        + ", ".join(
            f"cast(%({mark}_{name}_{number})s as {types.get(name, 'text')}) as {name}"
            for name in names
        )
        for number in range(count)
    )


def parameters_of(new: Prepared, *, is_fresh: bool) -> dict[str, object]:
    """Return what the statement of a request is given."""
    row: dict[str, object] = dict(new.claim)
    for number, fact in enumerate(new.facts):
        row |= {f"fact_{name}_{number}": value for name, value in fact.row.items()}
    for number, found in enumerate(new.index_rows):
        row |= {f"by_{name}_{number}": value for name, value in found.items()}
    if is_fresh:
        key = new.case_key
        row |= {"key_id": key.key_id, "master_key_id": key.master_key_id, "wrapped": key.wrapped}
    return row
