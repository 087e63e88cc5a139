"""Papers of real agreements: what the search offers the sample borrowers, priced by the engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import pytest
from tests.adapters.pdf_reading import schedule_rows, text_of
from tests.agreed_rows import rows_of
from tests.packs import CN

from plan_assistant.adapters.calendars import PackagedCalendars
from plan_assistant.adapters.documents.cost_annex import cost_annex
from plan_assistant.adapters.documents.facts import read_facts
from plan_assistant.adapters.documents.figures import Language
from plan_assistant.adapters.documents.figures import listed as listing
from plan_assistant.adapters.documents.library import library, words
from plan_assistant.adapters.documents.paper import Paper, compose
from plan_assistant.adapters.documents.schedule_annex import schedule_annex
from plan_assistant.adapters.documents.values import values_of
from plan_assistant.adapters.documents.writer import PdfWriter
from plan_assistant.domain.agreement import Acceptance, Agreement, PolicyStamp
from plan_assistant.domain.debt import Product
from plan_assistant.domain.formats.agreement_file import agreement_fingerprint, write_agreement
from plan_assistant.domain.formats.case_file import read_case
from plan_assistant.domain.policy.findings import Role
from plan_assistant.services.negotiate import consider

_ACCEPTED = datetime.fromisoformat("2026-11-22T14:05:11+08:00")
_WRITER = PdfWriter()
_COMPONENTS = {
    Language.EN: {
        "cost": "costs of enforcement",
        "interest": "interest",
        "penalty_interest": "penalty interest, penalties",
        "fee": "fees",
        "principal": "principal",
    },
    Language.ZH: {
        "cost": "实现债权的费用",
        "interest": "利息",
        "penalty_interest": "罚息、违约金",
        "fee": "费用",
        "principal": "本金",
    },
}
_TWO = {
    Language.EN: "up to 90 days past due, {}; from 91 days past due, {}",
    Language.ZH: "逾期不超过90天的，{}；逾期91天起，{}",
}

_TOGETHER = {
    Language.EN: "over all installments due together, {}",
    Language.ZH: "全部到期各期合并，依次为{}",
}


@cache
def _agreements() -> tuple[Mapping[str, Any], ...]:
    """Return an agreement for every plan that a team lead could offer to a sample borrower."""
    found: list[Mapping[str, Any]] = []
    for entry in resources.files("plan_assistant.samples").iterdir():
        if not entry.name.endswith(".json"):
            continue
        case = read_case(json.loads(entry.read_text(encoding="utf-8")), entry.name)
        for debt in case.negotiated:
            state = consider(
                case,
                policy=CN,
                holidays=PackagedCalendars().named(CN.calendar),
                today=case.as_of,
                role=Role.TEAM_LEAD,
                debt_id=debt.debt_id,
            )
            found += [
                write_agreement(
                    Agreement(
                        number=f"AG-{case.case_id}-{debt.debt_id}",
                        case=case,
                        debt=debt,
                        plan=plan,
                        affordability=state.affordability,
                        policy=PolicyStamp(CN.pack, CN.version, CN.sha256),
                        engine="plan-assistant 0.1.0",
                        maker="wu.hao",
                        acceptance=Acceptance(_ACCEPTED, ("……",), "REC-1", None, ""),
                    )
                )
                for plan in state.offers.plans
            ]
    return tuple(found)


def test_every_plan_offered_to_a_sample_borrower_can_become_paper() -> None:
    agreements = _agreements()

    for agreement in agreements:
        paper = Paper.of(read_facts(agreement), None, None, (Language.ZH, Language.EN))
        content = compose(paper, schedule_annex(paper), cost_annex(paper))
        assert len(content["schedule"]["rows"]) == len(agreement["plan"]["rows"])
    assert len({(it["kind"], it["plan"]["family"]) for it in agreements}) >= 8


def test_one_paper_of_every_kind_and_family_is_typeset_with_its_exact_rows() -> None:
    one_each = {(it["kind"], it["plan"]["family"]): it for it in _agreements()}

    for agreement in one_each.values():
        approval = {
            "by": "李娜",
            "at": "2026-11-22T14:20:05+08:00",
            "fingerprint": agreement_fingerprint(agreement),
        }
        pdf = _WRITER.write(agreement, language="zh", approval=approval, checkpoint=None)

        printed = [(row[0], row[1], row[3]) for row in schedule_rows(pdf)]
        rows = rows_of(agreement)
        assert [(row[0], row[1], row[2].replace(",", "")) for row in printed] == [
            (str(row["number"]), row["due"], row["payment"]) for row in rows
        ]
        assert approval["fingerprint"] in text_of(pdf)


@pytest.mark.parametrize("language", list(Language))
def test_the_paper_names_the_order_of_application_that_the_terms_carry(language: Language) -> None:
    """Up to day 90 both orders of a card lie ahead, from day 91 one; a loan has one."""
    seen = set()
    for agreement in _agreements():
        is_card = agreement["debt"]["product"] == "credit_card"
        orders = agreement["plan"]["terms"]["conventions"]["allocation"]
        facts = read_facts(agreement)
        said = values_of(facts, language, library(), words())["allocation"]
        listed = [
            listing([_COMPONENTS[language][name] for name in item["order"]], language)
            for item in orders
        ]
        # The card rule speaks of payments on accounts: its orders hold over all installments.
        texts = [_TOGETHER[language].format(text) for text in listed] if is_card else listed
        if is_card and agreement["debt"]["days_past_due"] <= 90:
            assert said == _TWO[language].format(*texts)
        else:
            assert [said] == texts
        assert listed[-1].startswith(_COMPONENTS[language]["principal"]) is is_card
        seen.add((is_card, len(orders)))
    assert seen == {(True, 2), (True, 1), (False, 1)}


@pytest.mark.parametrize("product", list(Product))
@pytest.mark.parametrize("days_past_due", [0, 90, 91, 400])
def test_older_papers_name_the_order_that_held_on_the_day_of_signing(
    product: Product, days_past_due: int
) -> None:
    is_card = product is Product.CREDIT_CARD
    figures, orders = library().figures, library().allocation
    is_principal_first = is_card and days_past_due >= figures.principal_first_from

    order = orders["principal_first" if is_principal_first else "principal_last"]

    assert order == CN.allocation_order(product, days_past_due).order
