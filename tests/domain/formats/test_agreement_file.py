"""Agreements: their one form, their fingerprint, and the computation that checks every cell."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_assistant.domain.agreement import Acceptance, Agreement, PolicyStamp
from plan_assistant.domain.budget import assess
from plan_assistant.domain.calendar import HolidayRoll, Holidays
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Components, Product
from plan_assistant.domain.errors import InputRefused, InvalidTerms
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.agreement_file import (
    agreement_fingerprint,
    kind_of,
    recompute,
    short_code,
    write_agreement,
)
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.formats.case_file import read_case
from plan_assistant.domain.formats.plan_file import write_plan, written_measure, written_rows
from plan_assistant.domain.formats.schedule_table import COLUMNS
from plan_assistant.domain.money import CNY
from plan_assistant.domain.offers.plan import Family, Plan, Reason
from plan_assistant.domain.offers.search import search
from plan_assistant.domain.offers.space import Space
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import (
    Confidence,
    Count,
    Days,
    Effect,
    Finding,
    Measure,
    Months,
    Role,
    Share,
    Word,
)
from plan_assistant.domain.rates import annualized_rate
from plan_assistant.domain.schedule.engine import price
from plan_assistant.domain.schedule.schedule import Schedule
from plan_assistant.domain.schedule.terms import (
    Conventions,
    DeferredCollection,
    DownPayment,
    Grace,
    InterestTreatment,
    Terms,
)
from plan_assistant.domain.verdict import judge
from plan_assistant.samples import sample_names, sample_text
from tests.agreed_rows import first_version, rows_of, second_version, set_cell
from tests.builders import TODAY, case, debt, yuan
from tests.packs import CN

CALENDAR = Holidays("cn", date(2026, 12, 31), frozenset({date(2027, 1, 1)}), frozenset())
AT = datetime(2026, 11, 20, 14, 5, 11, tzinfo=timezone(timedelta(hours=8)))
FINDING = Finding(
    "CN-CARD-02",
    "longest_term",
    Effect.APPROVAL,
    limit=Months(60),
    actual=Months(61),
    difference=Months(1),
    may_allow=Role.TEAM_LEAD,
    confidence=Confidence.VERIFIED,
)


def named(_name: str) -> Holidays:
    return CALENDAR


def plan_for(of: Case, **changes: object) -> Plan:
    owed = of.lead_debt.components
    terms = Terms(
        principal=owed.principal,
        annual_rate=of.lead_debt.annual_rate,
        periods=24,
        start=TODAY,
        first_due=date(2026, 12, 15),
        arrears=owed.non_principal,
        conventions=Conventions(holiday_roll=HolidayRoll.NEXT),
        holidays=CALENDAR,
    ).with_(**changes)
    schedule = price(terms)
    means = assess(of, CN.affordability.rules)
    judged = judge(means, schedule.cash_flows, of.lead_debt.debt_id)
    return Plan(
        family=Family.EQUAL_INSTALLMENT,
        debt_id=of.lead_debt.debt_id,
        confirmed=owed,
        waived=Components.none(CNY),
        terms=terms,
        schedule=schedule,
        grace_months=0,
        annualized_rate=annualized_rate(schedule),
        judgement=judged,
        findings=(FINDING,),
        reasons=(Reason.CHEAPEST,),
    )


def agreement(of: Case | None = None, /, **changes: object) -> Agreement:
    of = of or case()
    return Agreement(
        number="PA-20261120-000001",
        case=of,
        debt=of.lead_debt,
        plan=plan_for(of, **changes),
        affordability=assess(of, CN.affordability.rules),
        policy=PolicyStamp("cn", "2026.11.1", "5b1d" * 16),
        engine="0.1.0",
        maker="wu.hao",
        acceptance=Acceptance(AT, ("每月还款……",), "REC-1", None, ""),
    )


WRITTEN = write_agreement(agreement())
"""Pricing takes a moment; the tests below change copies of this one."""


def document() -> dict[str, Any]:
    return json.loads(json.dumps(WRITTEN))  # type: ignore[no-any-return]


def keys(value: object) -> object:
    """Return the names of all fields; of a list, those of its first entry."""
    if isinstance(value, dict):
        return {name: keys(inner) for name, inner in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else None


def names(text: str) -> dict[str, None]:
    return dict.fromkeys(text.split())


def test_an_agreement_has_exactly_the_published_form() -> None:
    found = document()
    del found["plan"]["terms"]

    assert keys(found) == {
        **names("format number case_id kind jurisdiction language cut_off agreed_at currency"),
        **names("engine maker"),
        "parties": {
            **names("lender has_guarantor guarantor_consents"),
            "borrower": names("name id_number phone address"),
        },
        "debt": {
            **names("debt_id product account_tail annual_rate opened maturity days_past_due total"),
            "components": names("principal interest penalty_interest fee cost"),
        },
        "hardship": [{**names("code since expected_end"), "evidence": [None]}],
        "plan": {
            **names("family grace_months capitalised"),
            "waived": names("principal interest penalty_interest fee cost total"),
            "columns": [None],
            "rows": [[None]],
            "summary": names(
                "payment first_payment last_payment largest_payment down_payment payments "
                "first_due last_due total added_cost total_interest total_arrears total_fees "
                "annualized_rate contract_rate"
            ),
        },
        "affordability": names(
            "income essentials priority other_debts surplus buffer affordable verdict "
            "worst_payment left_over"
        ),
        "findings": [
            {
                **names("rule test effect may_allow confidence"),
                **dict.fromkeys(("limit", "actual", "difference"), names("kind value")),
            }
        ],
        "policy": names("pack version sha256"),
        "acceptance": {**names("at recording reason_code note"), "lines_read": [None]},
    }


def test_its_schedule_has_exactly_the_published_columns() -> None:
    identity = ["number", "due", "nominal_due"]
    paid = ["payment", "principal", "interest", "arrears", "fees", "penalties"]
    left = ["capitalised", "deferred", "balance", "arrears_left", "owed_after"]

    assert document()["plan"]["columns"] == [*identity, *paid, *left]


def test_its_figures_are_text_with_the_currencys_decimals() -> None:
    found = document()

    assert found["debt"]["total"] == "48250.00"
    assert found["debt"]["annual_rate"] == "0.180000"
    assert found["plan"]["summary"]["contract_rate"] == "0.180000"
    assert rows_of(found)[-1]["owed_after"] == "0.00"
    assert found["plan"]["summary"]["payments"] == 24
    assert found["findings"][0]["limit"] == {"kind": "months", "value": "60"}
    assert found["agreed_at"] == "2026-11-20T14:05:11+08:00"
    assert found["cut_off"] == "2026-11-20"


def test_personal_data_is_masked() -> None:
    text = canonical(WRITTEN).decode()

    assert "13800008000" not in text
    assert "110101199001011234" not in text
    assert document()["parties"]["borrower"] == {
        "name": "张伟",
        "id_number": "110***********1234",
        "phone": "138****8000",
        "address": "江城市****",
    }


@pytest.mark.parametrize(
    ("product", "family", "matures", "kind"),
    [
        (Product.CREDIT_CARD, Family.EQUAL_INSTALLMENT, None, "card_installment"),
        (Product.CREDIT_CARD, Family.ZERO_RATE, None, "card_installment"),
        (Product.CREDIT_CARD, Family.DEFERRAL, None, "deferral"),
        (Product.CONSUMER_LOAN, Family.DEFERRAL_CAPITALISED, 90, "deferral"),
        (Product.CONSUMER_LOAN, Family.EXTENSION, 90, "loan_extension"),
        (Product.CONSUMER_LOAN, Family.EXTENSION, -1, "loan_rescheduling"),
        (Product.BUSINESS_LOAN, Family.EQUAL_PRINCIPAL, 90, "loan_rescheduling"),
    ],
)
def test_the_kind_follows_product_family_and_maturity(
    product: Product, family: Family, matures: int | None, kind: str
) -> None:
    maturity = None if matures is None else TODAY + timedelta(days=matures)
    made = agreement(case(debt(product=product, maturity=maturity)))

    assert kind_of(replace(made, plan=replace(made.plan, family=family))) == kind


def test_the_same_agreement_has_the_same_fingerprint() -> None:
    assert agreement_fingerprint(WRITTEN) == agreement_fingerprint(document())


def test_any_change_changes_the_fingerprint() -> None:
    changed = document()
    set_cell(changed, 5, "payment", rows_of(changed)[5]["payment"] + "0")

    assert agreement_fingerprint(changed) != agreement_fingerprint(WRITTEN)


def test_the_short_code_is_what_people_compare() -> None:
    assert short_code("9f3c11ae" + "0" * 56) == "9F3C-11AE"


VARIANTS: dict[str, dict[str, object]] = {
    "level": {},
    "down payment": {"down_payment": DownPayment(yuan("1000.00"), yuan("250.00"))},
    "no interest": {"annual_rate": Fraction(0)},
    "interest first": {"grace": Grace(principal=6)},
    "deferral": {
        "grace": Grace(principal=3, interest=3),
        "conventions": Conventions(deferred_collection=DeferredCollection.SPREAD),
    },
    "capitalised": {
        "grace": Grace(principal=3, interest=3, interest_treatment=InterestTreatment.CAPITALISE)
    },
    "odd rate": {"annual_rate": Fraction(1, 7)},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_an_untouched_agreement_recomputes_to_itself(name: str) -> None:
    written = write_agreement(agreement(None, **VARIANTS[name]))
    if name == "odd rate":
        contract: Any = written
        contract["plan"]["summary"]["contract_rate"] = contract["debt"]["annual_rate"]

    assert recompute(json.loads(canonical(written)), named, price) == []


@pytest.mark.parametrize("name", sample_names())
def test_every_offer_to_every_sample_borrower_recomputes_to_itself(name: str) -> None:
    of = read_case(json.loads(sample_text(name)), name)
    means = assess(of, CN.affordability.rules)
    plans = [
        (owed, plan)
        for owed in of.negotiated
        for plan in search(
            Space(of, owed, means, CN, Role.COLLECTOR, of.as_of, CALENDAR, Wishes())
        ).plans
    ]
    stamp = PolicyStamp(CN.pack, CN.version, CN.sha256)
    accepted = Acceptance(AT, (), None, None, "")

    assert plans or means.is_deficit
    for owed, plan in plans:
        made = Agreement("PA-1", of, owed, plan, means, stamp, "0.1.0", "wu.hao", accepted)
        written = json.loads(canonical(write_agreement(made)))
        assert recompute(written, named, price) == []
        assert canonical(write_plan(plan))


@given(st.data())
def test_every_changed_cell_of_the_schedule_is_named(data: st.DataObject) -> None:
    changed = document()
    plan = changed["plan"]
    rows = [
        (f"plan.rows[{number}].{name}", row, at)
        for number, row in enumerate(plan["rows"])
        for at, name in enumerate(plan["columns"])
    ]
    summary = [(f"plan.summary.{key}", plan["summary"], key) for key in plan["summary"]]
    path, holder, key = data.draw(st.sampled_from(rows) | st.sampled_from(summary))
    old = holder[key]
    holder[key] = old + 1 if isinstance(old, int) else old[:-1] + ("1" if old[-1] != "1" else "2")

    (difference,) = recompute(changed, named, price)

    assert difference.path == path
    assert difference.recorded == holder[key]
    assert difference.recomputed == old
    assert str(difference.problem) == f"{path}: says {holder[key]} but its terms give {old}"


def test_a_row_left_out_is_named() -> None:
    changed = document()
    del changed["plan"]["rows"][-1]

    assert [
        (one.path, one.recorded, one.recomputed) for one in recompute(changed, named, price)
    ] == [("plan.rows.length", 23, 24)]


@pytest.mark.parametrize("found", [("arrears", "interest"), ("fee", "arrears")])
def test_columns_of_another_order_or_name_are_named(found: tuple[str, str]) -> None:
    changed = document()
    changed["plan"]["columns"][5:7] = found

    difference = recompute(changed, named, price)[0]

    assert (difference.path, difference.recorded) == ("plan.columns[5]", found[0])


@pytest.mark.parametrize("cells", [13, 15])
def test_a_row_of_another_length_has_no_cell_that_counts(cells: int) -> None:
    changed = document()
    changed["plan"]["rows"][3] = (changed["plan"]["rows"][3] + ["0.00"])[:cells]

    found = recompute(changed, named, price)

    assert [one.path for one in found] == [f"plan.rows[3].{name}" for name in COLUMNS]
    assert {one.recorded for one in found} == {None}


def test_a_row_that_names_its_cells_has_none_that_counts_in_a_table() -> None:
    changed = document()
    changed["plan"]["rows"][3] = rows_of(changed)[3]

    found = recompute(changed, named, price)

    assert [one.path for one in found] == [f"plan.rows[3].{name}" for name in COLUMNS]


def test_the_table_holds_all_that_is_written_of_a_row() -> None:
    (first, *_) = written_rows(agreement().plan.schedule)

    assert isinstance(first, dict)
    assert tuple(first) == COLUMNS


@pytest.mark.parametrize("older", [first_version, second_version])
def test_agreements_of_older_versions_recompute_to_themselves(older: Any) -> None:
    found = older(document())

    assert found["plan"]["rows"][0]["number"] == 1
    assert recompute(found, named, price) == []


def test_a_table_in_an_older_version_is_named() -> None:
    changed = document() | {"format": "plan-assistant/agreement@2"}

    assert [one.path for one in recompute(changed, named, price)] == ["plan.columns"]


def test_a_plan_of_two_years_is_kept_in_two_thirds_of_the_bytes_of_before() -> None:
    assert len(canonical(WRITTEN)) < len(canonical(second_version(document()))) * 2 / 3


def test_changed_terms_no_longer_give_the_rows() -> None:
    changed = document()
    changed["plan"]["terms"]["annual_rate"] = "0.170000"

    first = recompute(changed, named, price)[0]

    assert first.path == "plan.rows[0].payment"


def test_a_changed_component_no_longer_adds_up() -> None:
    changed = document()
    changed["debt"]["components"]["fee"] = "840.00"

    paths = [difference.path for difference in recompute(changed, named, price)]

    assert paths == ["debt.components", "plan.summary.added_cost"]


@pytest.mark.parametrize("part", ["rows", "summary"])
def test_a_part_of_another_kind_is_a_difference_not_a_crash(part: str) -> None:
    changed = document()
    changed["plan"][part] = "nothing"

    assert recompute(changed, named, price)


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda file: file.pop("plan"), "plan.terms"),
        (lambda file: file["plan"]["terms"].pop("periods"), "plan.terms.periods"),
        (lambda file: file["plan"]["terms"].update(periods="x"), "plan.terms.periods"),
        (lambda file: file["plan"]["terms"].update(format="x"), "plan.terms.format"),
        (lambda file: file["debt"]["components"].pop("fee"), "debt.components.fee"),
        (lambda file: file["debt"]["components"].update(fee="1"), "debt.components.fee"),
        (lambda file: file.update(format="plan-assistant/agreement@4"), "format"),
        (lambda file: file["plan"].pop("waived"), "plan.waived.fee"),
        (lambda file: file["plan"]["waived"].pop("total"), "plan.waived.total"),
        (lambda file: file["plan"]["waived"].update(cost="-1.00"), "plan.waived.cost"),
    ],
    ids=[
        *("no-plan", "no-periods", "bad-periods", "bad-format", "no-fee", "bad-fee", "newer"),
        *("no-waived", "no-waived-total", "negative-waived"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_its_place(spoil: Any, path: str) -> None:
    broken = document()
    spoil(broken)

    with pytest.raises(InputRefused) as refusal:
        recompute(broken, named, price)

    assert path in [problem.path for problem in refusal.value.problems]


def test_terms_under_which_nothing_is_paid_are_refused() -> None:
    changed = document()
    changed["plan"]["terms"] |= {"principal": "0.00", "arrears": None}

    with pytest.raises(InputRefused) as refusal:
        recompute(changed, named, price)

    assert refusal.value.problems[0].path.startswith("plan.terms")


def test_terms_without_a_schedule_are_refused() -> None:
    def cannot(_terms: Terms) -> Schedule:
        raise InvalidTerms("payment", "1.00", "it does not cover the interest")

    with pytest.raises(InputRefused) as refusal:
        recompute(WRITTEN, named, cannot)

    assert str(refusal.value.problems[0]) == (
        "plan.terms.payment: it does not cover the interest: no schedule follows"
    )


@pytest.mark.parametrize(
    ("measure", "written"),
    [
        (None, None),
        (Days(3), {"kind": "days", "value": "3"}),
        (Count(2), {"kind": "count", "value": "2"}),
        (Word("tight"), {"kind": "word", "value": "tight"}),
        (Share(Fraction(1, 4)), {"kind": "share", "value": "0.250000"}),
        (Share(Fraction(1, 3)), {"kind": "share", "value": "1/3"}),
        (CNY.money(150), {"kind": "money", "value": "1.50", "currency": "CNY"}),
        (date(2027, 1, 1), {"kind": "date", "value": "2027-01-01"}),
    ],
)
def test_measures_keep_their_kind(measure: Measure | None, written: dict[str, Json] | None) -> None:
    assert written_measure(measure) == written


def test_a_plan_is_written_with_its_judgement_and_reasons() -> None:
    plan = agreement().plan

    written = write_plan(plan)

    assert canonical(written)
    assert written["family"] == "equal_installment"
    assert written["reasons"] == ["cheapest"]
    assert written["confirmed"] == {**document()["debt"]["components"], "total": "48250.00"}
    rows = written["rows"]
    assert isinstance(rows, list)
    assert len(rows) == 24
    judgement = copy.copy(written["judgement"])
    assert isinstance(judgement, dict)
    assert judgement["verdict"] == plan.judgement.verdict.value
    assert judgement["lowest_cash"] is None
