"""On which line of a file a field stands."""

from __future__ import annotations

from plan_assistant.domain.policy.lines import lines_of


def test_lines_are_found_in_any_way_of_writing() -> None:
    text = '''# comment
a.b = 1
"quoted key" = "x # [not a table]"
many = [
    { x = 1 },   # a comment with ] in it
    "]",
]
long = """
[not.a.table]
key = 1
"""
[table.inner]
key = { deep = 2 }
[[list]]
id = 1
[[list]]
id = 2
[list.sub]
k = 3
'''

    lines = lines_of(text)

    assert lines.of(("a", "b")) == 2
    assert lines.of(("quoted key",)) == 3
    assert lines.of(("many", 1)) == 4
    assert lines.of(("long",)) == 8
    assert lines.of(("table", "inner", "key", "deep")) == 13
    assert lines.of(("list", 0, "id")) == 15
    assert lines.of(("list", 1, "sub", "k")) == 19
    assert lines.of(("key",)) is None
    assert lines.of(("nowhere", "at", "all")) is None
