"""What became of an approved agreement, in sentences.

Not here: refusals (`follow_up_texts.py` holds them with the words of the closed lists).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from plan_assistant.domain.approved_plan import ApprovedPlan, PlanState
from plan_assistant.domain.debt import Component
from plan_assistant.domain.events import EventType, Json
from plan_assistant.domain.follow_up import BreachReason, EarlyEnd, Party, ReopenReason, Standing
from plan_assistant.domain.money import Currency, Money
from plan_assistant.domain.schedule.allocation import ARREARS
from plan_assistant.domain.schedule.position import Position
from plan_assistant.wording import follow_up_texts as texts
from plan_assistant.wording import formats, terms
from plan_assistant.wording.words import Words, words


def plan_state(state: PlanState, language: str) -> str:
    """Return the word for the state of a plan."""
    return words(language).label(*texts.PLAN_STATE[state])


def party(value: Party, language: str) -> str:
    """Return who signs."""
    return words(language).label(*texts.PARTY[value])


def breach_reason(value: BreachReason, language: str) -> str:
    """Return why a plan is declared broken."""
    return words(language)(texts.BREACH_REASON[value])


def reopen_reason(value: ReopenReason, language: str) -> str:
    """Return why a case is opened again."""
    return words(language)(texts.REOPEN_REASON[value])


def component(name: str, language: str) -> str:
    """Return the name of a component, carried arrears included."""
    if name == ARREARS:
        return words(language)("old interest and charges")
    return terms.component(Component(name), language)


def plan_lines(item: ApprovedPlan, day: date, language: str) -> list[str]:
    """Return the state of an agreement on a day: paid, next due, days late, owed by component."""
    say, standing = words(language), item.standing(day)
    if item.state is PlanState.NEVER_SIGNED:
        return [
            say(
                "{number}: {state}. It took no effect: nothing is owed under it.",
                number=item.plan.number,
                state=plan_state(item.state, language),
            )
        ]
    lines = [
        say(
            "{number}: {state}; paid {paid} of {total}, {owed} left.",
            number=item.plan.number,
            state=plan_state(item.state, language),
            paid=formats.money(standing.paid, language),
            total=formats.money_with_code(item.agreed.total, language),
            owed=formats.money(standing.owed, language),
        )
    ]
    if item.is_in_force and standing.next_unpaid is not None:
        lines.append(due_sentence(standing, say))
    if item.early_end is not None:
        lines += _early_lines(item.early_end, say)
    if standing.owed:
        lines.append(_owed_sentence(item.components(day), say))
    lines += [
        say(
            "The payment of {day} is recorded as laid over other installments than those it "
            "covers. Tell your auditor.",
            day=formats.day(payment.paid.day, language),
        )
        for payment in item.misposted
    ]
    return lines


def _early_lines(end: EarlyEnd, say: Words) -> list[str]:
    """Say what an early end saved the borrower, and what goes back to them."""
    lines = [
        say(
            "Everything owed was repaid by {day}; paying early saved {saved} of interest and fees.",
            day=formats.day(end.day, say.language),
            saved=formats.money(end.saved, say.language),
        )
    ]
    if end.overpaid:
        lines.append(
            say(
                "{amount} came in beyond what was owed on that day. Give it back to the borrower.",
                amount=formats.money(end.overpaid, say.language),
            )
        )
    return lines


def payoff_lines(item: ApprovedPlan, owed: Position, language: str) -> list[str]:
    """Return what repays an agreement early and in full on a day, and what that saves."""
    say = words(language)
    return [
        say(
            "Repaying {number} in full on {day} takes {amount}.",
            number=item.plan.number,
            day=formats.day(owed.day, language),
            amount=formats.money_with_code(owed.total, language),
        ),
        _owed_sentence(owed.components(), say),
        say(
            "The plan asks for {left} in all from then on: repaying early saves {saved}.",
            left=formats.money(item.left, language),
            saved=formats.money(item.left - owed.total, language),
        ),
    ]


def _owed_sentence(owed: Mapping[str, Money], say: Words) -> str:
    """Name what is owed, component by component."""
    parts = [
        say(
            "{component} {amount}",
            component=component(name, say.language),
            amount=formats.money(amount, say.language),
        )
        for name, amount in owed.items()
        if amount
    ]
    return say("Owed: {parts}.", parts=formats.listed(parts, say.language))


def due_sentence(standing: Standing, say: Words) -> str:
    """Return what is paid next and when, or what is late and since when."""
    following = standing.next_unpaid
    assert following is not None  # asked for only where something is left
    due, amount = (
        formats.day(following.due, say.language),
        formats.money(following.amount, say.language),
    )
    if standing.days_past_due:
        return say.plural(
            "Installment {number} of {due} is {count} day late: {amount} missing, {overdue} in "
            "all.",
            "Installment {number} of {due} is {count} days late: {amount} missing, {overdue} in "
            "all.",
            standing.days_past_due,
            number=following.number,
            due=due,
            amount=amount,
            overdue=formats.money(standing.overdue, say.language),
        )
    return say(
        "Next: installment {number}, {amount} on {due}.",
        number=following.number,
        amount=amount,
        due=due,
    )


def short_plan(item: ApprovedPlan, day: date, language: str) -> str:
    """Return the state of an agreement in a few words, for a list."""
    say, standing = words(language), item.standing(day)
    state, following = plan_state(item.state, language), standing.next_unpaid
    if not item.is_in_force or following is None:
        return state
    if standing.days_past_due:
        return say.plural(
            "{state}, {count} day late",
            "{state}, {count} days late",
            standing.days_past_due,
            state=state,
        )
    return say(
        "{state}, next {due}: {amount}",
        state=state,
        due=formats.day(following.due, language),
        amount=formats.money(following.amount, language),
    )


def fact_sentence(kind: EventType, facts: Mapping[str, Json], language: str) -> str | None:
    """Return what such a fact says, for a trail; None for facts of another kind.

    The reference of the bank is not in it: it may name an account.
    """
    say = words(language)
    number = str(facts.get("number"))
    match kind:
        case EventType.SIGNED:
            signed, named = facts["parties"], []
            if isinstance(signed, list):
                named = [party(Party(str(one)), language) for one in signed]
            return say(
                "agreement {number} signed on {day} by {parties}",
                number=number,
                day=_day(facts, "day", language),
                parties=formats.listed(named, language),
            )
        case EventType.PAYMENT_POSTED:
            amount = Currency.of(str(facts["currency"])).parse(str(facts["amount"]))
            return say(
                "payment of {amount} received on {day} for {number}",
                amount=formats.money_with_code(amount, language),
                day=_day(facts, "day", language),
                number=number,
            )
        case EventType.KEPT:
            return _kept_sentence(number, facts, say)
        case EventType.BROKEN:
            return say(
                "agreement {number} broken: {reason}; installment {installment}, {days} past due",
                number=number,
                reason=breach_reason(BreachReason(str(facts["reason"])), language),
                installment=str(facts["installment"]),
                days=formats.days(int(str(facts["days_past_due"])), language),
            )
        case EventType.REOPENED:
            return _reopened_sentence(facts, say)
        case _:
            return None


def _kept_sentence(number: str, facts: Mapping[str, Json], say: Words) -> str:
    if facts.get("early") is None:
        return say("agreement {number} kept: everything is paid", number=number)
    return say(
        "agreement {number} kept: everything owed was repaid early, by {day}",
        number=number,
        day=_day(facts, "day", say.language),
    )


def _reopened_sentence(facts: Mapping[str, Json], say: Words) -> str:
    reason = reopen_reason(ReopenReason(str(facts["reason"])), say.language)
    if "number" in facts:
        return say(
            "agreement {number} ended, case reopened: {reason}",
            number=str(facts["number"]),
            reason=reason,
        )
    return say("case reopened: {reason}", reason=reason)


def _day(facts: Mapping[str, Json], name: str, language: str) -> str:
    return formats.day(date.fromisoformat(str(facts[name])), language)
