"""Bad packs of every kind: all that is wrong is said at once, each with its line."""

from __future__ import annotations

import pytest

from plan_assistant.domain.errors import InputRefused, Problem
from plan_assistant.domain.policy.lines import lines_of
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.policy.reading import read_pack
from tests.packs import shipped_bytes

LENDER = """\
# A lender's own pack.
format = "plan-assistant/policy@1"
pack = "my-bank"
extends = "cn-card"
version = "1"
title = { en = "My bank", zh = "我行" }

[space]
max_periods = 48

[authority.team_lead]
longest_term_months = 48

[[rules]]
id = "MY-1"
test = "longest_term"
effect = "block"
parameters = { months = 48 }
citation = "Credit committee, 12 March 2026"
confidence = "design"
title = { en = "Four years", zh = "四年" }
"""
_LINES = LENDER.splitlines()


def line_of(text: str) -> int:
    """Return the line of the lender's pack that begins with a text."""
    return next(number for number, line in enumerate(_LINES, 1) if line.startswith(text))


def read(text: str) -> PolicyPack:
    return read_pack(text.encode(), "my-bank.toml", shipped_bytes)


def refused(text: str) -> dict[str, Problem]:
    with pytest.raises(InputRefused) as caught:
        read(text)
    assert caught.value.source == "my-bank.toml"
    return {problem.path: problem for problem in caught.value.problems}


def test_a_lenders_pack_takes_everything_else_from_the_packs_it_extends() -> None:
    pack = read(LENDER)

    assert pack.lineage == ("generic", "cn", "cn-card", "my-bank")
    assert pack.space.max_periods == 48
    assert pack.jurisdictions == ("CN",)
    assert {"MY-1", "CN-CARD-02", "DES-01"} <= {rule.id for rule in pack.rules}


def test_the_hash_covers_all_files_in_order() -> None:
    import hashlib  # noqa: PLC0415

    names = ("generic", "cn", "cn-card")
    content = b"".join(shipped_bytes(name) or b"" for name in names) + LENDER.encode()

    assert read(LENDER).sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("old", "new", "path", "at", "said"),
    [
        ("max_periods = 48", "max_periods = 1", "space.min_periods", "[space]", "is above"),
        ("max_periods = 48", "max_periods = 72", "space.max_periods", "max_periods", "60, here 72"),
        (
            "longest_term_months = 48",
            "longest_term_months = 12",
            "authority.team_lead.longest_term_months",
            "longest_term_months",
            "below the collector's",
        ),
        (
            'test = "longest_term"',
            'test = "moon_phase"',
            "rules.MY-1.test",
            "test =",
            "there is no test",
        ),
        (
            'citation = "Credit committee, 12 March 2026"',
            "",
            "rules.MY-1.citation",
            "[[rules]]",
            "required",
        ),
        (
            'citation = "Credit committee, 12 March 2026"',
            'citation = " "',
            "rules.MY-1.citation",
            "citation",
            "at least 1 character",
        ),
        (
            "parameters = { months = 48 }",
            "parameters = { monthz = 48 }",
            "rules.MY-1.parameters.monthz",
            "parameters",
            "not a parameter",
        ),
        (
            "parameters = { months = 48 }",
            "parameters = { months = 0 }",
            "rules.MY-1.parameters.months",
            "parameters",
            "from 1 on",
        ),
        (
            'effect = "block"',
            'effect = "approval"',
            "rules.MY-1.may_allow",
            "[[rules]]",
            "nobody who may allow it",
        ),
        (
            'confidence = "design"',
            'confidence = "design"\neffective_from = 2026-02-01\neffective_to = 2026-01-01',
            "rules.MY-1.effective_to",
            None,
            "before effective_from",
        ),
        ('version = "1"', 'version = "1"\nmagic = 1', "magic", None, "not permitted"),
        (
            'version = "1"',
            'version = "1"\nremove_rules = ["CN-CARD-99"]',
            "remove_rules",
            None,
            "there is no rule",
        ),
        (
            'version = "1"',
            'version = "1"\neffective_from = 2026-02-01\neffective_to = 2026-01-01',
            "effective_to",
            None,
            "before effective_from",
        ),
        (
            "max_periods = 48",
            'max_periods = 48\nlender_may_loosen = ["max_period"]',
            "space.lender_may_loosen",
            None,
            "there is no field",
        ),
        (
            "max_periods = 48",
            'max_periods = 48\nrate_step = "1/0"',
            "space.rate_step",
            None,
            "divided by zero",
        ),
        ('pack = "my-bank"', 'pack = "My Bank"', "pack", "pack", "match pattern"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    old: str, new: str, path: str, at: str | None, said: str
) -> None:
    assert old in LENDER
    text = LENDER.replace(old, new)

    problem = refused(text)[path]

    assert said in problem.sentence
    if at is not None:
        assert problem.line == line_of(at)
    else:
        field = path.rsplit(".", 1)[-1]
        assert text.splitlines()[(problem.line or 0) - 1].startswith(field)


def test_everything_wrong_comes_at_once() -> None:
    text = (
        LENDER.replace("max_periods = 48", 'max_periods = 1\ndefault_due_day = 31\nsurprise = "x"')
        .replace("longest_term_months = 48", "longest_term_months = 12")
        .replace('test = "longest_term"', 'test = "moon_phase"')
        .replace('version = "1"', "version = 1")
    )

    problems = refused(text)

    assert {
        "version",
        "space.default_due_day",
        "space.surprise",
        "authority.team_lead.longest_term_months",
        "rules.MY-1.test",
    } <= problems.keys()
    assert all(problem.line is not None for problem in problems.values())


def test_what_loosens_is_refused_by_name_with_both_values_and_all_at_once() -> None:
    text = LENDER.replace("max_periods = 48", "max_periods = 72").replace(
        'version = "1"', 'version = "1"\nremove_rules = ["CN-CARD-01"]'
    )
    text += """
[[rules]]
id = "CN-CARD-02"
test = "longest_term"
products = ["credit_card"]
effect = "approval"
may_allow = "team_lead"
parameters = { months = 72 }
citation = "wishful"
confidence = "design"
title = { en = "Six years", zh = "六年" }
"""

    problems = refused(text)

    assert problems.keys() == {
        "space.max_periods",
        "rules.CN-CARD-01",
        "rules.CN-CARD-02.effect",
        "rules.CN-CARD-02.parameters.months",
    }
    assert "there it is block, here approval" in problems["rules.CN-CARD-02.effect"].sentence
    assert "there it is 60, here 72" in problems["rules.CN-CARD-02.parameters.months"].sentence
    assert "may not remove" in problems["rules.CN-CARD-01"].sentence
    lines = text.splitlines()
    assert "months = 72" in lines[(problems["rules.CN-CARD-02.parameters.months"].line or 0) - 1]
    assert "remove_rules" in lines[(problems["rules.CN-CARD-01"].line or 0) - 1]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("max_periods = 48", "graces = [1, 12]", "space.graces"),
        ("max_periods = 48", 'rate_step = "0.04"', "space.rate_step"),
        ("max_periods = 48", 'lowest_rate = "0.01"', "space.lowest_rate"),
        ("max_periods = 48", 'families = ["extension"]', "space.families"),
        ("max_periods = 48", 'waivers = [{ interest = "0.1" }]', "space.waivers"),
        ("max_periods = 48", 'steps = [{ months = 24, share = "0.5" }]', "space.steps"),
        ("max_periods = 48", 'rhythms = ["month", "week"]', "space.rhythms"),
        ("max_periods = 48", 'old_charges = ["capitalise"]', "space.old_charges"),
        ("max_periods = 48", "min_periods = 1", "space.min_periods"),
        (
            "longest_term_months = 48",
            'verdicts = ["comfortable", "tight", "unaffordable", "deficit"]',
            "authority.team_lead.verdicts",
        ),
        (
            "longest_term_months = 48",
            'largest_owed = { CNY = "1" }',
            "authority.team_lead.largest_owed",
        ),
        (
            "longest_term_months = 48",
            'largest_waiver.cost = { share = "0.1", amount = {} }',
            "authority.team_lead.largest_waiver",
        ),
        (
            "longest_term_months = 48",
            "restructurings_12_months = 3",
            "authority.team_lead.restructurings_12_months",
        ),
        ('version = "1"', 'version = "1"\ndisclosures = ["identity"]', "disclosures"),
    ],
)
def test_wider_levers_and_authority_are_refused(old: str, new: str, place: str) -> None:
    assert place in refused(LENDER.replace(old, new))


def test_a_lender_may_loosen_what_the_pack_says() -> None:
    text = """
format = "plan-assistant/policy@1"
pack = "my-bank"
extends = "cn-loan"
version = "1"
title = { en = "My bank", zh = "我行" }
[space]
max_periods = 84
[authority.team_lead]
longest_term_months = 84
[[rules]]
id = "CN-LOAN-03"
test = "longest_term"
products = ["consumer_loan"]
effect = "block"
parameters = { months = MONTHS }
citation = "CN-LOAN-04"
confidence = "secondary"
title = { en = "Seven years", zh = "七年" }
"""

    pack = read(text.replace("MONTHS", "84"))

    assert pack.space.max_periods == 84
    assert "CN-LOAN-04" in {rule.id for rule in pack.rules}  # the seven years themselves stay


@pytest.mark.parametrize(
    ("first", "second", "is_refused"),
    [
        ("effective_to = 2026-12-31", "effective_from = 2027-01-01", False),
        ("effective_to = 2027-01-01", "effective_from = 2027-01-01", True),
        ("", "effective_from = 2027-01-01", True),
    ],
)
def test_a_rule_may_have_versions_that_do_not_overlap(
    first: str, second: str, is_refused: bool
) -> None:
    rule = LENDER[LENDER.index("[[rules]]") :]
    text = LENDER.replace(rule, "") + "\n".join(
        rule.replace('confidence = "design"', f'confidence = "design"\n{dates}')
        for dates in (first, second)
    )

    if is_refused:
        problem = refused(text)["rules.MY-1"]
        assert "stands twice" in problem.sentence
        assert (
            problem.line
            == text.splitlines().index("[[rules]]", text.splitlines().index("[[rules]]") + 1) + 1
        )
    else:
        assert [one.id for one in read(text).rules].count("MY-1") == 2


def test_a_rule_that_ends_and_goes_on_as_strict_is_no_loosening() -> None:
    rule = """
[[rules]]
id = "CN-CARD-02"
test = "longest_term"
products = ["credit_card"]
effect = "block"
parameters = { months = %d }
%s
citation = "c"
confidence = "verified"
title = { en = "t", zh = "t" }
"""
    tightened = rule % (60, "effective_to = 2026-12-31") + rule % (
        48,
        "effective_from = 2027-01-01",
    )
    gap = rule % (60, "effective_to = 2026-12-31") + rule % (48, "effective_from = 2027-02-01")

    assert read(LENDER + tightened).rules
    assert "rules.CN-CARD-02.effective_from" in refused(LENDER + gap)


def test_unknown_parents_and_rings_are_refused_with_their_line() -> None:
    with pytest.raises(InputRefused) as unknown:
        read(LENDER.replace('"cn-card"', '"cn-cards"'))
    files = {"a": LENDER.replace("my-bank", "a").replace("cn-card", "b").encode()}
    files["b"] = LENDER.replace("my-bank", "b").replace("cn-card", "a").encode()
    with pytest.raises(InputRefused) as ring:
        read_pack(files["a"], "a.toml", files.get)

    assert [(item.path, item.line) for item in unknown.value.problems] == [("extends", 4)]
    assert "a -> b -> a" in ring.value.problems[0].sentence


def test_a_parent_that_is_broken_is_named_by_its_own_file() -> None:
    parent = LENDER.replace("max_periods = 48", "max_periods = 480")
    child = LENDER.replace('"my-bank"', '"my-branch"').replace('"cn-card"', '"my-bank"')

    def find(name: str) -> bytes | None:
        return parent.encode() if name == "my-bank" else shipped_bytes(name)

    with pytest.raises(InputRefused) as caught:
        read_pack(child.encode(), "my-branch.toml", find)

    assert caught.value.source == "my-bank.toml"


def test_a_file_that_holds_another_pack_than_its_name_is_refused() -> None:
    child = LENDER.replace('"cn-card"', '"other-name"')

    def find(name: str) -> bytes | None:
        wanted = "cn-card" if name == "other-name" else name
        return shipped_bytes(wanted)

    with pytest.raises(InputRefused) as caught:
        read_pack(child.encode(), "my-bank.toml", find)

    assert caught.value.problems[0].path == "extends"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"rules = [", b"[space\n"])
def test_what_is_not_toml_is_refused(content: bytes) -> None:
    with pytest.raises(InputRefused) as caught:
        read_pack(content, "x.toml")

    assert "not a TOML file" in caught.value.problems[0].sentence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rules = 3",
        'rules = [1, "x"]',
        "extends = 4",
        'authority = "all"',
        "space = []",
        "[[rules]]\nid = [1]",
        '[[rules]]\nid = "A"\nparameters = 3',
        "remove_rules = [[1]]\nrules = []",
        'allocation = [{ products = "x" }]',
        "title = 1979-05-27",
    ],
)
def test_any_toml_is_read_or_refused_in_words(text: str) -> None:
    for extends in ("", 'extends = "cn-card"\n'):
        with pytest.raises(InputRefused) as caught:
            read(extends + text if "extends" not in text else text)
        assert all(problem.sentence for problem in caught.value.problems)


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
