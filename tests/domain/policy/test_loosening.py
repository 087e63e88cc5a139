"""A pack that loosens what it extends is refused by name, with both values."""

from __future__ import annotations

from fractions import Fraction

import pytest

from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.policy.difference import changed_limits, differences, loosenings
from plan_assistant.domain.policy.directions import Direction
from plan_assistant.domain.policy.findings import Confidence, Effect
from plan_assistant.domain.policy.pack import BreachTable
from plan_assistant.domain.policy.reading import read_pack
from tests.domain.policy.lender import LENDER, read, refused, rule_of_cn
from tests.packs import shipped_bytes

_CN = (shipped_bytes("cn") or b"").decode()
THE_METHOD = "[affordability]" + _CN.partition("[affordability]")[2].partition("[authority")[0]
"""The affordability section of the pack that the lender's one stands on."""


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
        ("max_periods = 48", 'waivers = { interest = ["0.1"] }', "space.waivers"),
        ("max_periods = 48", 'steps = [{ months = 24, share = "0.5" }]', "space.steps"),
        ("max_periods = 48", "multiples = [5]", "space.multiples"),
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


def test_a_rhythm_that_the_extended_pack_closed_stays_closed() -> None:
    parent = LENDER.replace("max_periods = 48", 'rhythms = ["month"]')
    child = LENDER.replace('"my-bank"', '"my-branch"').replace('"cn-card"', '"my-bank"')
    child = child.replace("max_periods = 48", 'rhythms = ["month", "week"]')

    def find(name: str) -> bytes | None:
        return parent.encode() if name == "my-bank" else shipped_bytes(name)

    with pytest.raises(InputRefused) as caught:
        read_pack(child.encode(), "my-branch.toml", find)

    assert [problem.path for problem in caught.value.problems] == ["space.rhythms"]


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


def later_and_shorter(rule: str, day: str) -> str:
    """Return the rule of five years as one of four that begins on a day."""
    return rule.replace("months = 60", "months = 48").replace("2011-01-13", day)


def test_a_rule_that_ends_and_goes_on_as_strict_is_no_loosening() -> None:
    rule, begins = rule_of_cn("CN-CARD-02"), "effective_from = 2011-01-13"
    as_it_was = rule.replace(begins, f"{begins}\neffective_to = 2026-12-31")
    tightened = as_it_was + later_and_shorter(rule, "2027-01-01")
    gap = as_it_was + later_and_shorter(rule, "2027-02-01")

    assert read(LENDER + tightened).rules
    assert "rules.CN-CARD-02.effective_from" in refused(LENDER + gap)


def test_what_loosens_is_said_together_with_whatever_else_is_wrong() -> None:
    text = (
        LENDER.replace("max_periods = 48", "max_periods = 72")
        .replace('version = "1"', 'version = "1"\nremove_rules = ["CN-CARD-01"]')
        .replace('citation = "Credit committee, 12 March 2026"', "")
        .replace("longest_term_months = 48", 'longest_term_months = "long"')
    )
    broken_rule = """
[[rules]]
id = "CN-CARD-02"
test = "longest_term"
effect = "block"
parameters = { months = "many" }
citation = "c"
confidence = "design"
title = { en = "t", zh = "t" }
"""

    assert refused(text + broken_rule).keys() == {
        "authority.team_lead.longest_term_months",
        "rules.CN-CARD-01",
        "rules.CN-CARD-02.parameters.months",
        "rules.MY-1.citation",
        "space.max_periods",
    }


@pytest.mark.parametrize(("name", "days"), [("tolerance_days", 2), ("cure_days", 0)])
def test_no_pack_gives_a_borrower_less_time_than_the_agreement_prints(name: str, days: int) -> None:
    problems = refused(f"{LENDER}\n[breach]\n{name} = {days}\n")

    assert f"breach.{name}" in problems


def test_a_pack_may_give_a_borrower_more_time_but_not_less_than_the_pack_it_extends() -> None:
    generous = f"{LENDER}\n[breach]\ncure_days = 30\n"
    parent = read(generous)
    shorter = parent.model_copy(update={"breach": BreachTable(cure_days=20)})

    assert parent.breach == BreachTable(tolerance_days=3, cure_days=30)
    assert [change.place for change in loosenings(parent, shorter)] == ["breach.cure_days"]


def test_a_pack_that_gives_a_borrower_less_time_than_the_one_it_extends_is_refused() -> None:
    generous = f"{LENDER}\n[breach]\ncure_days = 30\n"
    child = LENDER.replace('"my-bank"', '"my-branch"').replace('"cn-card"', '"my-bank"')

    def find(name: str) -> bytes | None:
        return generous.encode() if name == "my-bank" else shipped_bytes(name)

    with pytest.raises(InputRefused) as caught:
        read_pack(f"{child}\n[breach]\ncure_days = 20\n".encode(), "my-branch.toml", find)

    assert [problem.path for problem in caught.value.problems] == ["breach.cure_days"]


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ('stated = "0.50"', 'stated = "0.51"', "reliability"),
        ('buffer_share = "0.10"', 'buffer_share = "0.09"', "buffer_share"),
        ('buffer_cap = "300"', 'buffer_cap = "299"', "buffer_cap"),
        ('dsr_comfortable = "0.50"', 'dsr_comfortable = "0.51"', "dsr_comfortable"),
        ('dsr_alarm = "0.55"', 'dsr_alarm = "0.56"', "dsr_alarm"),
        ('"0.20", "0.30"]', '"0.19", "0.30"]', "shocks"),
        ('"0.20", "0.30"]', '"0.20"]', "shocks"),
        ('essentials_shock = "0.10"', 'essentials_shock = "0.05"', "essentials_shock"),
        ('rate_shock = "0.01"', 'rate_shock = "0"', "rate_shock"),
        ("horizon_months = 24", "horizon_months = 12", "horizon_months"),
        ('items = ["total"]', 'items = ["total"]\nshare = "1/2"', "minimum"),
        ('items = ["food"]\nshare = "1/2"', 'items = ["food"]\nshare = "1/3"', "floors"),
    ],
)
def test_a_lender_may_not_make_a_payment_look_more_affordable(
    old: str, new: str, name: str
) -> None:
    section = THE_METHOD.replace(old, new)
    assert section != THE_METHOD

    problems = refused(LENDER + section)

    assert problems.keys() == {f"affordability.{name}"}
    assert "may only tighten it" in problems[f"affordability.{name}"].sentence


def test_a_lender_may_ask_more_of_a_household_and_name_the_table_of_its_place() -> None:
    stricter = (
        THE_METHOD.replace('stated = "0.50"', 'stated = "0"')
        .replace('buffer_share = "0.10"', 'buffer_share = "0.20"')
        .replace('dsr_comfortable = "0.50"', 'dsr_comfortable = "0.40"')
        .replace('shocks = ["0.10"', 'shocks = ["0.15"')
        .replace(
            '"cn-minimum-living-2023"\nitems = ["total"]', '"cn-consumption-2024"\nitems = ["food"]'
        )
    )
    parent, pack = read(LENDER), read(LENDER + stricter)

    changes = {change.place: change.direction for change in differences(parent, pack)}

    assert changes == {
        "affordability.reliability": Direction.TIGHTER,
        "affordability.buffer_share": Direction.TIGHTER,
        "affordability.dsr_comfortable": Direction.TIGHTER,
        "affordability.shocks": Direction.TIGHTER,
        "affordability.minimum": Direction.OTHER,
    }


def test_the_method_may_be_loosened_where_its_rule_may() -> None:
    pack = read(LENDER)
    laxer = pack.affordability.model_copy(update={"buffer_share": Fraction(0)})
    rules = tuple(
        rule.model_copy(update={"lender_may_loosen": True}) if rule.id == "DES-01" else rule
        for rule in pack.rules
    )
    parent = pack.model_copy(update={"rules": rules})

    assert [
        one.place for one in loosenings(pack, pack.model_copy(update={"affordability": laxer}))
    ] == ["affordability.buffer_share"]
    assert loosenings(parent, parent.model_copy(update={"affordability": laxer})) == ()


# --- what of a rule may be loosened -------------------------------------------------------------

_LEASE = LENDER.replace('"cn-card"', '"cn-loan"').replace("max_periods = 48", "max_periods = 60")
"""A lender's pack on the one whose five years a bank may make seven."""


def _own(rule_id: str, *changes: tuple[str, str]) -> str:
    """Return a lender's pack with a rule of its own, written again with changes."""
    rule = rule_of_cn(rule_id)
    for old, new in (*changes, ('citation = "', 'citation = "Our own: ')):
        assert old in rule
        rule = rule.replace(old, new)
    return _LEASE + rule


def test_a_parameter_that_is_named_may_be_loosened() -> None:
    assert read(_own("CN-LOAN-03", ("months = 60", "months = 84"))).rules


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (('effect = "block"', 'effect = "record"'), "effect"),
        (('products = ["consumer_loan"]', 'products = ["credit_card"]'), "products"),
        (("effective_from = 2024-07-01", "effective_from = 2030-01-01"), "effective_from"),
    ],
)
def test_what_is_not_named_of_a_rule_may_not_be_loosened(
    change: tuple[str, str], place: str
) -> None:
    problems = refused(_own("CN-LOAN-03", change))

    assert f"rules.CN-LOAN-03.{place}" in problems
    assert all(problem.line for problem in problems.values())


def test_a_rule_of_which_a_parameter_may_be_loosened_may_not_be_removed() -> None:
    text = _LEASE.replace('version = "1"', 'version = "1"\nremove_rules = ["CN-LOAN-03"]')

    assert "rules.CN-LOAN-03" in refused(text)


def test_another_parameter_of_the_rule_stays_as_it_is() -> None:
    wider = _own("CN-LOAN-02", ("business_loan_months = 120", "business_loan_months = 144"))

    assert "rules.CN-LOAN-02.parameters.business_loan_months" in refused(wider)
    assert read(_own("CN-LOAN-02", ("consumer_loan_months = 60", "consumer_loan_months = 84")))


def test_a_parameter_that_the_test_does_not_take_cannot_be_named() -> None:
    text = LENDER.replace("parameters = { months = 48 }", "parameters = { months = 48 }\nMAY")
    problems = refused(text.replace("MAY", 'lender_may_loosen = ["weeks"]'))

    problem = problems["rules.MY-1.lender_may_loosen"]
    assert "weeks" in problem.sentence
    assert (
        "lender_may_loosen"
        in text.replace("MAY", "lender_may_loosen").splitlines()[(problem.line or 0) - 1]
    )


@pytest.mark.parametrize(
    ("confidence", "effect", "is_free"),
    [
        (Confidence.VERIFIED, Effect.BLOCK, False),
        (Confidence.VERIFIED, Effect.DISCLOSE, True),
        (Confidence.DESIGN, Effect.BLOCK, True),
    ],
)
def test_what_verified_law_forbids_stays_forbidden_whatever_a_rule_lets_go(
    confidence: Confidence, effect: Effect, is_free: bool
) -> None:
    rule = read(LENDER).rules[0]
    changes = {"confidence": confidence, "effect": effect, "lender_may_loosen": True}
    whole = rule.model_copy(update=changes)

    assert whole.lets_loosen("months")
    assert [whole.lets_loosen(part) for part in ("id", "effect", "products", "effective_to")] == (
        [is_free] * 4
    )


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        (False, ("months",), Direction.LOOSER),
        (("months",), True, Direction.LOOSER),
        (True, ("months",), Direction.TIGHTER),
        (("months",), False, Direction.TIGHTER),
        (("months",), ("months", "weeks"), Direction.LOOSER),
    ],
)
def test_letting_others_loosen_more_is_looser(
    before: object, after: object, way: Direction
) -> None:
    rule = read(LENDER).rules[0]
    old, new = (rule.model_copy(update={"lender_may_loosen": each}) for each in (before, after))

    assert [change.direction for change in changed_limits(old, new)] == [way]
