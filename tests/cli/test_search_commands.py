"""What the search answers on the command line: certificate, frontier, proposals, why-not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from plan_assistant import bootstrap
from plan_assistant.samples import sample_names
from tests.cli.conftest import Run

Sample = Callable[[str], Path]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", sample_names())
def test_offers_answer_every_sample_borrower(
    run: Run, sample: Sample, name: str, lang: str
) -> None:
    ran = run("offers", sample(name), lang=lang)

    assert ran.code in {0, 1}
    assert not ran.err
    assert ("检索范围" if lang == "zh" else "Searched:") in ran.out
    assert (ran.code == 0) == (("方案1，" if lang == "zh" else "Plan 1,") in ran.out)


@pytest.mark.parametrize(
    ("lang", "sentence"), [("en", "Nothing is known of income"), ("zh", "收入和支出都还不清楚")]
)
def test_offers_without_any_budget_say_what_to_ask(
    run: Run, sample: Sample, lang: str, sentence: str
) -> None:
    path = sample("S01-job-loss")
    unknown = json.loads(path.read_text(encoding="utf-8")) | {"budget": {"currency": "CNY"}}
    path.write_text(json.dumps(unknown), encoding="utf-8")

    assert sentence in run("offers", path, lang=lang).out


def test_certificate_accounts_for_every_candidate(run: Run, sample: Sample) -> None:
    answer = json.loads(run("offers", sample("S04-card-60-days"), "--json").out)
    found = answer["certificate"]

    judged = found["comfortable"] + found["tight"] + found["unaffordable"]
    assert found["candidates"] == judged + sum(found["rejected"].values())
    assert found["best_excluded"]["rule"] == "DES-01"
    assert found["best_excluded"]["verdict"] == "tight"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            "grace periods of 0, 1, 3, 6 months; treatments of old charges 3, step patterns 2, ",
        ),
        ("zh", "宽限期0、1、3、6个月；旧息费处理3种、递增方式2种、"),
    ],
)
def test_certificate_names_every_lever(run: Run, sample: Sample, lang: str, said: str) -> None:
    ran = run("offers", sample("S03-year-end-drop"), lang=lang)

    assert said in ran.out


def test_certificate_of_one_length_is_counted_again_without_a_difference(
    run: Run, sample: Sample
) -> None:
    ran = run("offers", sample("S04-card-60-days"), "--payments", "12", "--check-certificate")

    assert ran.code == 0
    assert ran.out.endswith("; differences: 0.\n")


def test_frontier_is_told_the_cheapest_first(run: Run, sample: Sample) -> None:
    answer = json.loads(run("offers", sample("S18-guarantor-illness"), "--frontier", "--json").out)
    totals = [float(point["total"]) for point in answer["frontier"]]

    assert totals
    assert totals == sorted(totals)


def test_proposal_that_is_possible_is_answered_yes(run: Run, sample: Sample) -> None:
    ran = run(
        "counter",
        sample("S01-job-loss"),
        *("--monthly", "900.00", "--first", "2027-01-15", "--down", "0.00"),
    )

    assert ran.code == 0
    assert ran.out.startswith("Yes: CNY 900.00 a month is possible.")
    assert "It costs the lender" in ran.out


def test_proposal_that_is_too_small_is_answered_no_with_what_is_missing(
    run: Run, sample: Sample
) -> None:
    ran = run("counter", sample("S01-job-loss"), "--monthly", "300.00", "--json")

    answer = json.loads(ran.out)
    assert ran.code == 1
    assert answer["gap"] == f"{float(answer['above']['largest_payment']) - 300:.2f}"


def test_yes_says_what_must_be_allowed_and_what_the_borrower_must_hear(
    run: Run, sample: Sample
) -> None:
    down = run("counter", sample("S01-job-loss"), "--monthly", "900", "--down", "30000").out
    relief = run("counter", sample("S18-guarantor-illness"), "--monthly", "2750").out

    assert "more than the CNY 3,200.00 in hand" in down
    assert "rule DES-05-relief" in relief


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "Yes, with less: no month can carry CNY 3,000.00, only CNY 551.00;"),
        ("zh", "可以，但要少还"),
    ],
)
def test_proposal_beyond_the_household_is_answered_with_less(
    run: Run, sample: Sample, lang: str, sentence: str
) -> None:
    ran = run("counter", sample("S02-refuses-contact"), "--monthly", "3000", lang=lang)

    assert ran.out.startswith(sentence)
    assert "x " not in ran.out.splitlines()[1]


def test_proposal_without_surplus_is_answered_with_what_helps(run: Run, sample: Sample) -> None:
    ran = run("counter", sample("S10-deficit"), "--monthly", "300")

    assert ran.code == 1
    assert "A small payment for a limited time shows good will" in ran.out
    assert "free and independent help" in ran.out


def test_no_probability_of_default_is_shown(run: Run, sample: Sample) -> None:
    case = sample("S01-job-loss")
    told = [run("offers", case, lang=lang).out for lang in ("en", "zh")]
    offered = json.loads(run("offers", case, "--json").out)["offers"]

    assert not re.search("probab|likelihood|hazard|概率|违约率", " ".join(told))
    assert {key for plan in offered for key in plan["stays_first"] or ()} == {
        "settings",
        "of",
        "among_plans",
    }


def test_plan_above_the_contract_is_never_shown_without_saying_so(run: Run, sample: Sample) -> None:
    offered = run("offers", sample("S18-guarantor-illness")).out
    named = run("why-not", sample("S18-guarantor-illness"), "--payments", "20").out

    assert offered.count("(rule DES-05-relief)") == 5
    assert offered.count("(rule DES-05-total)") == 4
    assert "rule DES-05-relief" in named


def test_kind_of_plan_that_only_misses_the_dial_is_not_called_unaffordable(
    run: Run, sample: Sample
) -> None:
    ran = run("offers", sample("S06-loan-before-maturity"), "--monthly", "1000")

    assert (
        "Not offered: equal principal, payments that fall. Its least plan asks for CNY 10.62 more "
        "a month than was dialed." in ran.out
    )


def test_nothing_is_called_fitting_where_a_number_of_payments_fits_nothing(
    run: Run, sample: Sample
) -> None:
    ran = run("offers", sample("S01-job-loss"), "--payments", "3")

    assert "No plan meets both the household and the dials." in ran.out
    assert "Of all choices" not in ran.out


def test_certificate_names_the_verdict_that_puts_a_cheaper_plan_behind(
    run: Run, sample: Sample
) -> None:
    ran = run("offers", sample("S01-job-loss"))

    assert (
        "The nearest cheaper plan with a worse verdict (rule DES-01) is ! tight: "
        "equal installments, 17 payments" in ran.out
    )


def test_certificate_asks_counsel_to_confirm_what_is_not_verified(run: Run, sample: Sample) -> None:
    lines = run("offers", sample("S18-guarantor-illness")).out.splitlines()
    counted = next(line for line in lines if line.startswith("32,472 are excluded"))

    assert counted.endswith("Have counsel confirm this rule.")


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("S07-loan-after-maturity", "--payments 10", "over the 55.00 % that is the line"),
        (
            "S08-seasonal-business",
            "--payments 4",
            "cash runs out: at its lowest, in the month from",
        ),
        ("S01-job-loss", "--payments 18 --rate 0.24", "is 6.00 percentage points over"),
        ("S01-job-loss", "--payments 20 --multiple 100", "for this debt: round payments."),
    ],
    ids=["ratio", "cash", "rate", "multiple"],
)
def test_why_not_says_which_limit_decided(
    run: Run, sample: Sample, name: str, options: str, sentence: str
) -> None:
    ran = run("why-not", sample(name), *options.split())

    assert sentence in ran.out


def test_proposal_without_an_amount_is_refused_by_name(run: Run, sample: Sample) -> None:
    ran = run("counter", sample("S01-job-loss"))

    assert ran.code == 3
    assert "--monthly" in ran.err


def test_why_not_names_rule_limit_and_difference(run: Run, sample: Sample) -> None:
    ran = run("why-not", sample("S01-job-loss"), "--payments", "70")

    assert ran.code == 1
    assert "70 months; the longest term is 60 months, and the plan is 10 months over" in ran.out


def test_why_not_says_that_the_policy_does_not_open_a_plan(run: Run, sample: Sample) -> None:
    plan = ("why-not", sample("S01-job-loss"), "--payments", "24", "--old-charges", "capitalise")

    ran = run(*plan)
    answer = json.loads(run(*plan, "--json").out)

    assert ran.code == 1
    assert "does not open such a plan for this debt: what becomes of old charges." in ran.out
    assert "Nothing speaks against it" not in ran.out
    assert answer["closed_levers"] == ["old_charges"]


def test_why_not_refuses_a_rate_that_is_none(run: Run, sample: Sample) -> None:
    ran = run(
        "why-not", sample("S01-job-loss"), "--payments", "20", "--rate", "1e999", "--waive", "2"
    )

    assert ran.code == 3
    assert "--rate" in ran.err
    assert "--waive" in ran.err
    assert "Traceback" not in ran.err


def test_gap_is_told_where_nothing_fits(run: Run, sample: Sample) -> None:
    answer = json.loads(run("offers", sample("S01-job-loss"), "--monthly", "500.00", "--json").out)

    assert not answer["is_met"]
    levers = {each["lever"] for each in answer["gap"]["missing"]}
    assert "payment" in levers


def test_why_not_takes_every_lever_of_a_plan(run: Run, sample: Sample) -> None:
    ran = run(
        *("why-not", sample("S01-job-loss"), "--json", "--payments", "36", "--rate", "0.09"),
        *("--family", "step_up", "--step-months", "6", "--step-share", "0.5"),
        *("--waive", "interest=0.5", "--waive", "penalty_interest=1", "--down", "500"),
        *("--old-charges", "last_installment", "--first", "2026-12-20"),
    )

    answer = json.loads(ran.out)
    plan = answer["plan"]
    assert ran.code == 1
    assert plan["family"] == "step_up"
    assert plan["payments"] == 36
    assert plan["terms"]["payment_steps"][0]["periods"] == 6
    assert plan["terms"]["arrears_treatment"] == "last_installment"
    assert plan["down_payment"] == "500.00"
    assert plan["terms"]["first_due"] == "2026-12-20"
    assert answer["closed_levers"] == ["waivers"]


@pytest.mark.parametrize(
    ("given", "lever"),
    [
        (("--every", "week"), "rhythms"),
        (("--multiple", "37"), "multiples"),
        (
            ("--family", "step_up", "--step-months", "5", "--step-share", "0.41"),
            "steps",
        ),
    ],
    ids=["rhythm", "multiple", "step"],
)
def test_why_not_names_a_lever_that_the_pack_keeps_closed(
    run: Run, sample: Sample, given: tuple[str, ...], lever: str
) -> None:
    ran = run("why-not", sample("S01-job-loss"), "--payments", "24", "--json", *given)

    assert json.loads(ran.out)["closed_levers"] == [lever]


def test_why_not_says_all_that_is_wrong_with_its_levers_at_once(run: Run, sample: Sample) -> None:
    ran = run(
        *("why-not", sample("S01-job-loss"), "--payments", "24", "--waive", "gold=0.5"),
        *("--step-months", "3", "--multiple", "0"),
    )

    assert ran.code == 3
    assert "'gold' is not one of interest, penalty_interest, fee, cost" in ran.err
    assert "a step needs both --step-months and --step-share" in ran.err
    assert "only --family step_up has steps" in ran.err
    assert "--multiple: must be above zero" in ran.err


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "--rate: only a plan that bears interest has a rate"),
        ("zh", "只有计息的方案才有利率"),
    ],
)
def test_why_not_calls_no_plan_with_a_rate_free_of_interest(
    run: Run, sample: Sample, lang: str, said: str
) -> None:
    named = ("why-not", sample("S01-job-loss"), "--payments", "20", "--family", "zero_rate")

    ran = run(*named, "--rate", "0.1", lang=lang)

    assert ran.code == 3
    assert said in ran.err
    assert run(*named, "--rate", "0").code == 1


def test_an_amount_without_decimals_is_whole_units(run: Run, sample: Sample) -> None:
    case = sample("S01-job-loss")

    whole = run("counter", case, "--monthly", "900", "--json")
    exact = run("counter", case, "--monthly", "900.00", "--json")

    assert whole.code == exact.code == 0
    assert json.loads(whole.out) == json.loads(exact.out)


def test_an_amount_with_too_many_decimals_is_still_refused(run: Run, sample: Sample) -> None:
    ran = run("counter", sample("S01-job-loss"), "--monthly", "900.001")

    assert ran.code == 3
    assert "exactly 2 decimals" in ran.err


def test_a_plan_with_a_larger_month_is_never_told_by_its_regular_payment_alone(
    run: Run, sample: Sample
) -> None:
    """Old charges in the last installment make it the worst month of the plans on both sides."""
    case = sample("S07-loan-after-maturity")

    told = run("counter", case, "--monthly", "2500").out
    facts = json.loads(run("counter", case, "--monthly", "2500", "--json").out)

    for side in ("below", "above"):
        largest, regular = (float(facts[side][name]) for name in ("largest_payment", "payment"))
        assert largest > regular
        assert f"payments of {regular:,.2f}, up to {largest:,.2f} in a month" in told


def test_a_plan_that_brings_more_than_is_owed_is_not_said_to_cost_less_than_nothing(
    run: Run, sample: Sample
) -> None:
    asked = ("counter", sample("S07-loan-after-maturity"), "--monthly", "2500")
    cost = Decimal(json.loads(run(*asked, "--json").out)["cost"]["total"])

    assert cost < 0
    assert f"It brings the lender CNY {-cost:,.2f} more than is owed" in run(*asked).out


def test_a_first_date_beyond_all_limits_is_answered_by_its_rule(run: Run, sample: Sample) -> None:
    case, far = sample("S01-job-loss"), ("--first", "2030-01-15")

    asked = run("counter", case, "--monthly", "2500", *far)
    named = run("why-not", case, "--payments", "24", *far)

    assert (asked.code, named.code) == (1, 1)
    days = (date(2030, 1, 15) - bootstrap.system_clock().now().date()).days
    for told in (asked.out, named.out):
        assert f"The first payment is due in {days:,} days" in told
        assert "DES-02-first" in told
    assert "No plan follows from these terms (the monthly amount, " in named.out
    assert "does not cover the interest of" in named.out
    assert "Please change" not in named.out + named.err
    assert "no plan is open, whatever is paid a month" in asked.out


def test_a_limit_that_an_offer_passes_is_printed_also_where_it_is_only_kept_on_record(
    run: Run, sample: Sample
) -> None:
    path = sample("S06-loan-before-maturity")
    abroad = path.read_text(encoding="utf-8").replace('"CNY"', '"EUR"')
    path.write_text(json.dumps(json.loads(abroad) | {"jurisdiction": "DE"}), encoding="utf-8")

    told = run("offers", path).out
    offers = json.loads(run("offers", path, "--json").out)["offers"]

    for number, offer in enumerate(offers, start=1):
        lines = told.partition(f"\nPlan {number}, ")[2].partition(f"\nPlan {number + 1}, ")[0]
        passed = [one for one in offer["findings"] if one["difference"] is not None]
        assert all(f"(rule {one['rule']})" in lines for one in passed)
    freeze = told.partition("\nPlan 1, ")[2].partition("\nPlan 2, ")[0]
    assert "(rule EU-06)" in freeze
    assert "(rule IFRS-01)" in freeze
    assert "non-performing and forborne: cured on" in freeze


def test_why_not_tells_programs_which_terms_make_no_plan(run: Run, sample: Sample) -> None:
    answer = json.loads(
        run(
            *("why-not", sample("S01-job-loss"), "--payments", "24", "--json"),
            *("--first", "2030-01-15"),
        ).out
    )

    assert answer["plan"] is None
    assert "does not cover the interest" in answer["no_plan"]
    assert "DES-02-first" in {finding["rule"] for finding in answer["excluded_by"]}


@pytest.mark.parametrize(
    ("named", "lang", "sentence"),
    [
        (("--payments", "24"), "en", "before the plan does: that is an extension"),
        (("--payments", "24"), "zh", "属于展期"),
        (("--payments", "10", "--family", "extension"), "en", "it extends nothing"),
    ],
)
def test_why_not_says_that_a_plan_is_not_what_its_kind_says(
    run: Run, sample: Sample, named: tuple[str, ...], lang: str, sentence: str
) -> None:
    told = run("why-not", sample("S06-loan-before-maturity"), *named, lang=lang).out

    assert sentence in told
    assert ("Nothing speaks against it" if lang == "en" else "没有不利因素") not in told


@pytest.mark.parametrize(
    ("lang", "behind", "nothing"),
    [
        ("en", "that needs no more consent stands before it: equal inst", "Nothing speaks against"),
        ("zh", "排在它之前：等额本息分期，18期", "没有不利因素"),
    ],
)
def test_why_not_says_of_a_tight_plan_that_a_comfortable_one_stands_before_it(
    run: Run, sample: Sample, lang: str, behind: str, nothing: str
) -> None:
    told = run("why-not", sample("S01-job-loss"), "--payments", "17", lang=lang).out
    program = json.loads(run("why-not", sample("S01-job-loss"), "--payments", "17", "--json").out)

    assert behind in told
    assert nothing not in told
    assert program["behind"]["payments"] == 18


@pytest.mark.parametrize(
    ("name", "dials"), [("S02-refuses-contact", ()), ("S01-job-loss", ("--monthly", "500"))]
)
def test_a_plan_is_said_to_fit_by_its_verdict_alone(
    run: Run, sample: Sample, name: str, dials: tuple[str, ...]
) -> None:
    told = run("offers", sample(name), *dials).out
    said = run("offers", sample(name), *dials, lang="zh").out

    for other in ("that fits", "Nothing fits", "would fit", "does not fit", "from the household"):
        assert other not in told
    assert "可行方案" not in said
    assert "合适" not in said


@pytest.mark.parametrize("day", ["2200-01-01", "9990-01-01", "9996-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    "command",
    [("offers",), ("counter", "--monthly", "900"), ("why-not", "--payments", "24")],
    ids=lambda command: command[0],
)
def test_a_first_date_beyond_the_calendar_of_debts_is_refused_by_name(
    run: Run, sample: Sample, command: tuple[str, ...], day: str
) -> None:
    name, *options = command

    ran = run(name, sample("S01-job-loss"), *options, "--first", day)

    assert ran.code == 3
    assert ran.err == (
        f"Please change the first payment date, now {day}: {day} lies outside the years 1900 to "
        "2199: check the year.\n"
    )


def test_all_that_is_wrong_with_the_dials_is_said_at_once(run: Run, sample: Sample) -> None:
    ran = run(
        "offers",
        sample("S01-job-loss"),
        *("--monthly", "1", "--payments", "600", "--first", "2020-01-01", "--down", "48250"),
    )

    assert ran.code == 3
    assert "give either --monthly or --payments" in ran.err
    for option in ("--payments: must be from", "--first: must be after", "--down: must be from"):
        assert option in ran.err


@pytest.mark.parametrize("given", [("fee=0.5", "fee=0.7"), ("0.5", "fee=0.7")])
def test_a_share_that_is_given_twice_is_refused(
    run: Run, sample: Sample, given: tuple[str, str]
) -> None:
    waived = [part for share in given for part in ("--waive", share)]

    ran = run("why-not", sample("S01-job-loss"), "--payments", "24", *waived)

    assert ran.code == 3
    assert "fee: given twice" in ran.err


def test_a_debt_that_is_not_in_the_case_is_wrong_use(run: Run, sample: Sample) -> None:
    assert run("offers", sample("S01-job-loss"), "--debt", "nope").code == 2


@pytest.mark.parametrize(
    ("name", "monthly"), [("S06-loan-before-maturity", "1500"), ("S02-refuses-contact", "500")]
)
def test_plan_that_says_yes_is_not_repeated_as_the_one_below(
    run: Run, sample: Sample, name: str, monthly: str
) -> None:
    lines = run("counter", sample(name), "--monthly", monthly).out.splitlines()

    assert lines[0].startswith("Yes")
    assert f"Just below: {lines[1]}" not in lines


def test_one_payment_is_told_in_the_singular(run: Run, sample: Sample) -> None:
    told = run("why-not", sample("S01-job-loss"), "--payments", "1").out

    assert ", 1 payment of " in told


def test_a_rate_above_the_contract_is_not_called_a_step_down(run: Run, sample: Sample) -> None:
    told = run("why-not", sample("S01-job-loss"), "--payments", "24", "--rate", "0.24").out

    assert "rates above the contract's" in told
    assert "step by which the rate is lowered" not in told


def test_a_multiple_above_the_payment_is_what_no_plan_follows_from(
    run: Run, sample: Sample
) -> None:
    told = run("why-not", sample("S01-job-loss"), "--payments", "20", "--multiple", "99999").out

    assert "(the multiple of round payments, 99999.00)" in told
