"""Bad packs of every kind: all that is wrong is said at once, each with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import cast

import pytest
from pydantic_core import ErrorDetails

from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.policy.authority_tests import AUTHORITY_TESTS
from plan_assistant.domain.policy.findings import Effect
from plan_assistant.domain.policy.misfits import sentence_of
from plan_assistant.domain.policy.pack import PackFile
from plan_assistant.domain.policy.reading import read_pack
from plan_assistant.domain.policy.waterfall_file import WaterfallFile
from tests.domain.policy.lender import LENDER, line_of, read, refused
from tests.packs import shipped_bytes, shipped_table


def test_a_lenders_pack_takes_everything_else_from_the_packs_it_extends() -> None:
    pack = read(LENDER)

    assert pack.lineage == ("generic", "cn", "cn-card", "my-bank")
    assert pack.space.max_periods == 48
    assert pack.jurisdictions == ("CN",)
    assert {"MY-1", "CN-CARD-02", "DES-01"} <= {rule.id for rule in pack.rules}


def test_the_hash_covers_all_files_in_order() -> None:
    names = ("generic", "cn", "cn-card")
    packs = b"".join(shipped_bytes(name) or b"" for name in names) + LENDER.encode()
    tables = ("cn-minimum-living-2023", "cn-consumption-2024", "uk-statement-fields")
    content = packs + b"".join(shipped_table(name) or b"" for name in tables)

    assert read(LENDER).sha256 == hashlib.sha256(content).hexdigest()
    assert read_pack(LENDER.encode(), "my-bank.toml", shipped_bytes).sha256 == (
        hashlib.sha256(packs).hexdigest()
    )


@pytest.mark.parametrize("test", [*AUTHORITY_TESTS, "verdict_allowed"])
@pytest.mark.parametrize("effect", ["block", "disclose", "record"])
def test_what_the_authority_table_decides_has_no_other_effect_than_approval(
    test: str, effect: str
) -> None:
    rule = LENDER.replace('test = "longest_term"', f'test = "{test}"')
    rule = rule.replace('effect = "block"', f'effect = "{effect}"')
    rule = rule.replace("parameters = { months = 48 }\n", "")

    problem = refused(rule)["rules.MY-1.effect"]

    assert "must be approval" in problem.sentence
    assert problem.line == line_of('test = "longest_term"') + 1


@pytest.mark.parametrize("test", ["debt_grows", "relief_raises_total", "classification_by_days"])
def test_what_only_a_finished_plan_answers_forbids_nothing(test: str) -> None:
    parameters = "{ watch_from = 1 }" if test == "classification_by_days" else "{}"
    rule = LENDER.replace('test = "longest_term"', f'test = "{test}"')
    rule = rule.replace("{ months = 48 }", parameters)

    problem = refused(rule)["rules.MY-1.effect"]

    assert "must not be block" in problem.sentence
    assert problem.line == line_of('test = "longest_term"') + 1


def test_a_cost_may_be_forbidden() -> None:
    rule = LENDER.replace('test = "longest_term"', 'test = "annualized_cost_alarm"')

    assert read(rule.replace("{ months = 48 }", '{ rate = "0.2" }')).rules[0].effect is Effect.BLOCK


@pytest.mark.parametrize("test", [*AUTHORITY_TESTS, "verdict_allowed"])
def test_what_the_authority_table_decides_asks_for_approval(test: str) -> None:
    rule = LENDER.replace('test = "longest_term"', f'test = "{test}"')
    rule = rule.replace('effect = "block"', 'effect = "approval"\nmay_allow = "team_lead"')

    assert read(rule.replace("parameters = { months = 48 }\n", "")).rules[0].test == test


@pytest.mark.parametrize(
    ("old", "new", "path", "at", "said"),
    [
        ("max_periods = 48", "max_periods = 1", "space.min_periods", "[space]", "is above"),
        (
            "max_periods = 48",
            "first_payment_max_days = 36",
            "space.first_payment_max_days",
            "max_periods",
            "write at least 37, or at most 6 for first_payment_min_days",
        ),
        (
            "max_periods = 48",
            "first_payment_max_days = 20",
            "space.first_payment_max_days",
            "max_periods",
            "write at least 37",
        ),
        (
            "max_periods = 48",
            "first_payment_min_days = 60",
            "space.first_payment_max_days",
            "[space]",
            "write at least 90, or at most 32 for first_payment_min_days",
        ),
        (
            "max_periods = 48",
            'max_periods = 48\n[schedule]\nrounding = "up"',
            "schedule.rounding",
            None,
            "only payment_rounding may be up",
        ),
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
            "this field is missing",
        ),
        (
            'citation = "Credit committee, 12 March 2026"',
            'citation = " "',
            "rules.MY-1.citation",
            "citation",
            "is too short: at least 1 character",
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
            "parameters = { months = 48 }",
            "parameters = { months = 200000 }",
            "rules.MY-1.parameters.months",
            "parameters",
            "at most 12000",
        ),
        (
            'version = "1"',
            'version = "1"\nlimitation_years = 9000',
            "limitation_years",
            None,
            "at most 100",
        ),
        (
            'effect = "block"',
            'effect = "approval"',
            "rules.MY-1.may_allow",
            "[[rules]]",
            "nobody who may allow it",
        ),
        (
            'effect = "block"',
            'effect = "approval"\nmay_allow = "administrator"',
            "rules.MY-1.may_allow",
            None,
            "must be team_lead",
        ),
        (
            'effect = "block"',
            'effect = "block"\nmay_allow = "team_lead"',
            "rules.MY-1.may_allow",
            None,
            "has no effect",
        ),
        (
            'confidence = "design"',
            'confidence = "design"\neffective_from = 2026-02-01\neffective_to = 2026-01-01',
            "rules.MY-1.effective_to",
            None,
            "before effective_from",
        ),
        ('version = "1"', 'version = "1"\nmagic = 1', "magic", None, "unknown field"),
        (
            "max_periods = 48",
            "max_periods = 48\ndays_after_payday = -1",
            "space.days_after_payday",
            None,
            "at least 0",
        ),
        ("max_periods = 48", "families = []", "space.families", None, "too few entries"),
        ('version = "1"', 'version = "1"\nreturn_reasons = []', "return_reasons", None, "too few"),
        ('version = "1"', 'version = "1"\nsubmit_reasons = []', "submit_reasons", None, "too few"),
        (
            'version = "1"',
            'version = "1"\neffective_from = "soon"',
            "effective_from",
            None,
            "must be a day such as 2026-01-31",
        ),
        (
            "max_periods = 48",
            'max_periods = 48\nrate_step = "1/99999"',
            "space.rate_step",
            None,
            "hundredth of a percentage point",
        ),
        (
            "max_periods = 48",
            'max_periods = 48\nrate_step = "1e9"',
            "space.rate_step",
            None,
            "is no number",
        ),
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
        (
            'pack = "my-bank"',
            'pack = "My Bank"',
            "pack",
            "pack",
            "small letters, digits and single",
        ),
        (
            "longest_term_months = 48",
            'largest_owed = { CNY = "50,000" }',
            "authority.team_lead.largest_owed.CNY",
            "longest_term_months",
            "“50,000” is no amount in whole units: write digits in quotes",
        ),
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


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("policy@2", "written for a newer version of this program"),
        ("waterfall@1", "this is a waterfall file"),
    ],
)
def test_a_file_of_another_form_is_refused_for_that_alone(form: str, said: str) -> None:
    problems = refused(LENDER.replace("policy@1", form).replace("[space]", "[spaces]"))

    assert problems.keys() == {"format"}
    assert said in problems["format"].sentence
    assert problems["format"].line == line_of("format")


def test_a_role_that_grants_nothing_has_no_authority() -> None:
    own = LENDER.replace("[authority.team_lead]", "[authority.agency_collector]")

    problem = refused(own)["authority.agency_collector"]

    assert "has no effect" in problem.sentence
    assert problem.line == line_of("[authority.team_lead]")


def test_a_list_of_nothing_but_unknown_entries_is_not_said_to_be_short() -> None:
    text = LENDER.replace("max_periods = 48", 'rhythms = ["monthly"]')

    assert refused(text).keys() == {"space.rhythms.0"}


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


def test_a_rule_without_a_source_does_not_hide_what_else_is_wrong_with_it() -> None:
    rule = LENDER.replace('citation = "Credit committee, 12 March 2026"\n', "")

    unknown = refused(rule.replace('test = "longest_term"', 'test = "moon_phase"'))
    limits = refused(rule.replace("{ months = 48 }", "{ months = 0, weeks = 3 }"))

    assert unknown.keys() == {"rules.MY-1.citation", "rules.MY-1.test"}
    assert limits.keys() == {
        "rules.MY-1.citation",
        "rules.MY-1.parameters.months",
        "rules.MY-1.parameters.weeks",
    }


def test_what_may_not_be_waived_at_all_is_called_nothing() -> None:
    waiver = 'largest_waiver.fee = { share = "1", amount = { CNY = "500" } }'

    problem = refused(LENDER + f"\n[authority.collector]\n{waiver}\n")

    assert "there it is nothing, here fee" in problem["authority.collector.largest_waiver"].sentence


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


def test_a_misfit_hides_nothing_else_of_its_section_or_rule() -> None:
    text = LENDER.replace("max_periods = 48", "min_periods = 80\nmax_periods = 72\noffers = 9")
    text = text.replace(
        "longest_term_months = 48", 'longest_term_months = 999\nlargest_owed = "much"'
    )
    text += """
[affordability]
buffer_share = "0"
dsr_comfortable = "0.60"
shocks = "none"

[[rules]]
id = "DES-02-smallest"
test = "smallest_installment"
effect = "block"
parameters = { minor_units = 1 }
citation = ""
confidence = "design"
title = { en = "Less", zh = "更低" }

[[rules]]
id = "MY-2"
test = "longest_term"
effect = "approval"
citation = "Credit committee"
parameters = { years = 2 }
confidence = "sure"
title = { en = "Two years", zh = "两年" }
"""

    assert refused(text).keys() == {
        "space.offers",
        "space.min_periods",
        "space.max_periods",
        "authority.team_lead.largest_owed",
        "authority.team_lead.longest_term_months",
        "affordability.shocks",
        "affordability.buffer_share",
        "affordability.dsr_comfortable",
        "rules.DES-02-smallest.citation",
        "rules.DES-02-smallest.parameters.minor_units",
        "rules.MY-2.confidence",
        "rules.MY-2.may_allow",
        "rules.MY-2.parameters.months",
        "rules.MY-2.parameters.years",
    }


def test_rules_whose_days_are_misspelt_are_not_said_to_stand_twice() -> None:
    rule = LENDER.partition("[[rules]]")[2]
    text = f"{LENDER}from = 2026-01-01\nto = 2026-12-31\n\n[[rules]]{rule}from = 2027-01-01\n"

    assert refused(text).keys() == {"rules.MY-1.from", "rules.MY-1.to"}


WHOLE = (shipped_bytes("generic") or b"").decode()
"""A pack that extends nothing."""


@pytest.mark.parametrize(
    ("broken", "also", "said"),
    [
        (
            {"offers": "offers = 9", "default_due_day": "default_due_day = 31"},
            {"min_periods": "min_periods = 1300"},
            {"space.offers", "space.default_due_day", "space.min_periods"},
        ),
        (
            {"horizon_months": 'horizon_months = "long"'},
            {"dsr_alarm": 'dsr_alarm = "0.01"', "shocks": 'shocks = ["0.3", "0.2"]'},
            {
                "affordability.horizon_months",
                "affordability.dsr_comfortable",
                "affordability.shocks",
            },
        ),
        (
            {"largest_owed": 'largest_owed = "much"'},
            {"longest_term_months": "longest_term_months = 999"},
            {"authority.collector.largest_owed", "authority.team_lead.longest_term_months"},
        ),
        ({"max_periods": 'max_periods = "x"'}, {}, {"space.max_periods"}),
    ],
    ids=["levers", "method", "authority", "nothing is said of what is not known"],
)
def test_a_required_field_hides_nothing_in_a_pack_that_extends_nothing(
    broken: dict[str, str], also: dict[str, str], said: set[str]
) -> None:
    lines = WHOLE.splitlines()
    for field, text in {**broken, **also}.items():
        at = next(number for number, line in enumerate(lines) if line.startswith(f"{field} ="))
        lines[at] = text

    assert refused("\n".join(lines).replace('"generic"', '"my-bank"', 1)).keys() == said


def test_a_rule_without_its_effect_says_all_that_is_wrong_with_it() -> None:
    rule = """
[[rules]]
id = "DES-01"
test = "longest_term"
parameters = { years = 0 }
citation = "x"
confidence = "sure"
title = { en = "x", zh = "x" }
effective_from = 2026-02-01
effective_to = 2026-01-01
"""

    assert refused(WHOLE + rule + rule).keys() == {
        "rules.DES-01.effect",
        "rules.DES-01.confidence",
        "rules.DES-01.parameters.months",
        "rules.DES-01.parameters.years",
        "rules.DES-01.effective_to",
    }


def test_one_broken_order_of_allocation_does_not_hide_another() -> None:
    orders = WHOLE.replace("[[allocation]]", "[[allocation]]\nmagic = 1", 1) + (
        '\n[[allocation]]\nproducts = ["other"]\norder = ["fee"]\nrule = "X"\n'
    )

    found = refused(orders)

    assert found["allocation"].sentence == "the order of X must name every component once"
    assert "allocation.0.magic" in found


def test_every_pattern_of_a_pack_has_words() -> None:
    """Nobody is told to write what a regular expression matches."""
    schemas = (PackFile.model_json_schema(), WaterfallFile.model_json_schema())

    def patterns(tree: object) -> Iterator[str]:
        if isinstance(tree, dict):
            if isinstance(found := tree.get("pattern"), str):
                yield found
            for part in tree.values():
                yield from patterns(part)
        elif isinstance(tree, list):
            for part in tree:
                yield from patterns(part)

    error = {"type": "string_pattern_mismatch", "loc": (), "msg": "", "input": "?"}
    for pattern in {pattern for schema in schemas for pattern in patterns(schema)}:
        said = sentence_of(cast("ErrorDetails", {**error, "ctx": {"pattern": pattern}}))
        assert "write" in said, pattern
        assert pattern not in said
