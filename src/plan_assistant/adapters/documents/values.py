"""What the clauses may say about one agreement: named conditions and named values.

Every clause text uses these names and no others. Not here: the texts (`library.py`).
"""

from __future__ import annotations

from plan_assistant.adapters.documents import figures
from plan_assistant.adapters.documents.facts import Facts
from plan_assistant.adapters.documents.figures import Language
from plan_assistant.adapters.documents.library import Library, Words
from plan_assistant.adapters.documents.plan_facts import Column, Order, PlanFacts
from plan_assistant.domain.calendar import Unit
from plan_assistant.domain.debt import Component, Product
from plan_assistant.domain.offers.plan import Family
from plan_assistant.domain.schedule.allocation import Scope

MOST_RUNS = 6
"""More runs of equal payments are not listed in a clause; the schedule annex lists every row."""
_DEFERRALS = (Family.DEFERRAL, Family.DEFERRAL_CAPITALISED)


def conditions_of(facts: Facts, *, is_bilingual: bool) -> dict[str, bool]:
    """Return every condition that a clause may ask for."""
    plan, summary = facts.plan, facts.plan.summary
    payments = plan.payments
    regular = sum(payment == summary.payment for payment in payments)
    is_level = len(set(payments[:-1])) <= 1
    has_waiver, joins = bool(plan.waived_total), bool(plan.joined)
    has_arrears = bool(summary.total_arrears)
    maturity = facts.debt.maturity
    defers = plan.family in _DEFERRALS and plan.grace_months > 0
    return {
        "card": is_card(facts),
        "cn": facts.jurisdiction == "CN",
        "bilingual": is_bilingual,
        "past_due": facts.debt.days_past_due > 0,
        "has_hardship": bool(facts.hardships),
        "has_evidence": any(hardship.evidence for hardship in facts.hardships),
        "has_maturity": maturity is not None,
        "matured": maturity is not None and maturity < facts.cut_off,
        "has_guarantor": facts.has_guarantor,
        "guarantor_consents": facts.guarantor_consents,
        "has_recording": facts.recording is not None,
        "has_due_day": plan.unit is Unit.MONTHS and plan.due_day is not None,
        "one_payment": len(payments) == 1,
        "level": is_level,
        "odd_last": is_level and len(payments) > 1 and payments[-1] != summary.payment,
        "few_runs": not is_level and len(plan.runs) <= MOST_RUNS,
        "mostly_level": not is_level and 2 * regular > len(payments),
        "steps": plan.step_payments > 0 and facts.joint is None,
        "joint": facts.joint is not None,
        "joint_flows": facts.joint is not None and facts.joint.flows_on,
        "joint_steps": plan.step_payments > 0 and facts.joint is not None,
        "has_weekday": plan.unit is Unit.WEEKS,
        "has_multiple": plan.multiple is not None,
        "has_waiver": has_waiver,
        "joins": joins,
        "charges_changed": has_waiver or joins,
        "other_charges": has_arrears and (has_waiver or joins),
        "rate_dropped": plan.annual_rate == 0 < plan.contract_rate,
        "reduced_rate": 0 < plan.annual_rate < plan.contract_rate,
        "interest_first": plan.family is Family.INTEREST_FIRST and plan.grace_months > 0,
        "deferral": defers,
        "capitalised": defers and bool(plan.column_total(Column.CAPITALISED)),
        "interest_held": defers and bool(plan.interest_held),
        "has_down_payment": plan.has_down_payment,
        "bears_interest": plan.annual_rate > 0,
        "interest_free": plan.annual_rate == 0,
        "has_arrears": has_arrears,
        "has_fees": bool(summary.total_fees),
        "settles_together": settles_together(facts),
        "costs_more": summary.added_cost.minor > 0,
        "costs_same": summary.added_cost.minor == 0,
        "costs_less": summary.added_cost.minor < 0,
    }


def is_card(facts: Facts) -> bool:
    """Say whether the debt is a card account; it sets the names of the parties and some clauses."""
    return facts.debt.product is Product.CREDIT_CARD


def values_of(facts: Facts, language: Language, library: Library, words: Words) -> dict[str, str]:
    """Return every value that a clause may name, as text in one language."""
    roles = library.roles["card" if is_card(facts) else "loan"]
    names = {
        "lender": roles.lender.in_(language),
        "borrower": roles.borrower.in_(language),
        "account_tail": facts.debt.account_tail,
        "recording": facts.recording or "",
        "currency_name": figures.currency_name(facts.currency.code, language),
        "hardships": _hardships(facts, language, words),
        "evidence": figures.listed(
            [item for hardship in facts.hardships for item in hardship.evidence], language
        ),
        "method": words.say("method", facts.plan.family.value, language),
        "day_count": words.say("day_count", facts.plan.conventions.day_count.value, language),
        "cycle": _counted(words, "cycle", facts.plan, language),
        "period_share": _counted(words, "day_share", facts.plan, language),
        "arrears_treatment": words.say(
            "arrears_treatment", facts.plan.conventions.arrears_treatment.value, language
        ),
        "weekday": words.say("weekday", str(facts.plan.weekday), language),
        "runs": _runs(facts, language, words),
        "allocation": _allocation(facts, language, library, words),
        **_joint(facts, language, words),
    }
    return (
        names
        | _amounts(facts, language)
        | _dates(facts, language)
        | _counts(facts, language, library)
    )


def _joint(facts: Facts, language: Language, words: Words) -> dict[str, str]:
    joint = facts.joint
    if joint is None:
        return {"joint_method": "", "joint_largest": "", "joint_debts": ""}
    return {
        "joint_method": words.say("joint_method", joint.method.value, language),
        "joint_largest": figures.amount(joint.largest, language),
        "joint_debts": figures.listed(list(joint.others), language),
    }


def _runs(facts: Facts, language: Language, words: Words) -> str:
    """Return the payments run by run: how many of which amount, from when to when."""
    said = []
    for run in facts.plan.runs[:MOST_RUNS]:
        amount = run[0].amounts[Column.PAYMENT]
        said.append(
            words.say(
                "sentence",
                "run" if len(run) > 1 else "run_of_one",
                language,
                count=str(len(run)),
                amount=figures.amount(amount, language),
                words=figures.in_words(amount, language),
                first=figures.day(run[0].due, language),
                last=figures.day(run[-1].due, language),
            )
        )
    return figures.sentences(said, language)


def periods_a_year(plan: PlanFacts) -> int:
    """Return how many periods a year has: 12 months, 52 weeks or 365 days by their length."""
    return {Unit.MONTHS: 12, Unit.WEEKS: 52, Unit.DAYS: 365}[plan.unit] // max(plan.every, 1)


def _amounts(facts: Facts, language: Language) -> dict[str, str]:
    plan, summary = facts.plan, facts.plan.summary
    principal = facts.debt.components[Component.PRINCIPAL]
    amounts = {
        "total": facts.debt.total,
        "principal": principal,
        "payment": summary.payment,
        "first_payment": summary.first_payment,
        "last_payment": summary.last_payment,
        "largest_payment": summary.largest_payment,
        "down_payment": summary.down_payment,
        "plan_total": summary.total,
        "cost_difference": facts.currency.money(abs(summary.added_cost.minor)),
        "total_interest": summary.total_interest,
        "total_arrears": summary.total_arrears,
        "total_fees": summary.total_fees,
        "capitalised": plan.column_total(Column.CAPITALISED),
        "held_interest": plan.interest_held,
        "waived": plan.waived_total,
        "repaid": facts.debt.total - plan.waived_total,
        "joined": plan.joined,
        "plan_principal": plan.principal,
        "multiple": plan.multiple or facts.currency.money(1),
    }
    in_words = ("total", "principal", "payment", "plan_total", "waived", "repaid", "plan_principal")
    return {name: figures.amount(value, language) for name, value in amounts.items()} | {
        f"{name}_in_words": figures.in_words(amounts[name], language) for name in in_words
    }


def _dates(facts: Facts, language: Language) -> dict[str, str]:
    summary, debt = facts.plan.summary, facts.debt
    return {
        "cut_off": figures.day(facts.cut_off, language),
        "opened": figures.day(debt.opened, language),
        "maturity": figures.day(debt.maturity, language) if debt.maturity else "",
        "first_due": figures.day(summary.first_due, language),
        "last_due": figures.day(summary.last_due, language),
        "accepted_at": figures.moment(facts.accepted_at, language),
        "known_until": _known_until(facts.plan, language),
    }


def _known_until(plan: PlanFacts, language: Language) -> str:
    return figures.day(plan.holidays_known_until, language) if plan.holidays_known_until else ""


def _counts(facts: Facts, language: Language, library: Library) -> dict[str, str]:
    house = library.figures
    return {
        "payments": str(facts.plan.summary.payments),
        "due_day": str(facts.plan.due_day),
        "grace_months": figures.months(facts.plan.grace_months, language),
        "days_past_due": figures.days(facts.debt.days_past_due, language),
        "plan_rate": figures.percent(facts.plan.annual_rate),
        "contract_rate": figures.percent(facts.plan.contract_rate),
        "step_payments": str(facts.plan.step_payments),
        "annualized_rate": figures.percent(facts.plan.summary.annualized_rate),
        "periods_a_year": str(periods_a_year(facts.plan)),
        "minor_unit": figures.amount(facts.currency.money(1), language),
        "tolerance_days": figures.days(house.tolerance_days, language),
        "cure_days": figures.days(house.cure_days, language),
        "pause_days": figures.days(house.pause_days, language),
        "dispute_days": figures.days(house.dispute_days, language),
        "quiet_from": house.quiet_from,
        "quiet_to": house.quiet_to,
    }


def _hardships(facts: Facts, language: Language, words: Words) -> str:
    said = [
        words.say(
            "sentence",
            "hardship_since",
            language,
            hardship=words.say("hardship", hardship.code.value, language),
            since=figures.day(hardship.since, language),
        )
        for hardship in facts.hardships
    ]
    return figures.listed(said, language)


def _counted(words: Words, group: str, plan: PlanFacts, language: Language) -> str:
    name = f"{plan.unit.value}_{'1' if plan.every == 1 else 'n'}"
    return words.say(group, name, language, count=str(plan.every))


def _allocation(facts: Facts, language: Language, library: Library, words: Words) -> str:
    """Say in which order a payment short of an installment settles its components."""
    orders = facts.plan.conventions.allocation or _order_of_the_product(facts, library)
    texts = []
    after = 0
    for order in orders:
        names = [words.say("component", item.value, language).lower() for item in order.components]
        end = order.max_days_past_due
        span = "always" if len(orders) == 1 else "from_day" if end is None else "up_to_day"
        days = str(after if end is None else end)
        listed = figures.listed(names, language)
        if settles_together(facts):
            listed = words.say("allocation_scope", order.scope.value, language, order=listed)
        texts.append(words.say("allocation_span", span, language, days=days, order=listed))
        after = (end or 0) + 1
    return figures.sentences(texts, language)


def settles_together(facts: Facts) -> bool:
    """Say whether an order of the agreement holds over all installments due together."""
    return any(order.scope is Scope.ACCOUNT for order in facts.plan.conventions.allocation)


def _order_of_the_product(facts: Facts, library: Library) -> tuple[Order, ...]:
    """Return the order of an agreement made before the order was part of its terms."""
    is_principal_first = (
        is_card(facts) and facts.debt.days_past_due >= library.figures.principal_first_from
    )
    name = "principal_first" if is_principal_first else "principal_last"
    return (Order(None, library.allocation[name], Scope.INSTALLMENT),)
