"""Where a recorded tree differs from the one that was computed again, cell by cell.

Not here: what is computed again (`agreement_file.py`, `amounts_owed.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from plan_assistant.domain.errors import Problem
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.raw_tree import Node


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell of an agreement that does not follow from its terms."""

    path: str
    """For example `plan.rows[3].interest`."""
    recorded: Json
    recomputed: Json

    @property
    def problem(self) -> Problem:
        """The difference as a sentence."""
        return Problem(
            self.path, f"says {_said(self.recorded)} but its terms give {_said(self.recomputed)}"
        )


def _said(value: Json) -> str:
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, bool):
        return str(value).lower()  # as the file writes it
    return "nothing" if value is None else str(value)[:40]


def json_of(node: Node) -> Json:
    """Return the value of a node of a tree that came from JSON."""
    return node.value  # type: ignore[return-value]  # the tree came from JSON


def compare(node: Node, expected: Json) -> list[Difference]:
    """Return where the recorded tree differs from the expected one; other fields are not judged."""
    if isinstance(expected, dict):
        return [
            difference
            for key, value in expected.items()
            for difference in compare(node.get(key), value)
        ]
    if isinstance(expected, list):
        recorded = node.value if isinstance(node.value, list) else []
        differences = [
            difference
            for index, value in enumerate(expected[: len(recorded)])
            for difference in compare(Node(recorded[index], f"{node.path}[{index}]"), value)
        ]
        if len(recorded) != len(expected):
            differences.append(Difference(f"{node.path}.length", len(recorded), len(expected)))
        return differences
    is_same = type(node.value) is type(expected) and node.value == expected
    return [] if is_same else [Difference(node.path, json_of(node), expected)]
