"""What a search found out, as sentences: its certificate, and the answers to what is proposed.

Not here: what is missing when nothing fits (`gap_texts.py`), findings (`findings.py`), and the
plans themselves (`plan_lines.py`, `terms.py`, `speech.py`).
"""

from __future__ import annotations

from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.certificate import NO_PLAN, Certificate
from plan_assistant.domain.offers.concession import Concession
from plan_assistant.domain.offers.counter_offer import CounterOffer
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.why_not import ABOVE_CONTRACT, WhyNot
from plan_assistant.domain.verdict import Judgement
from plan_assistant.wording import formats, policy_labels, terms
from plan_assistant.wording.finding_texts import CASH_RUNS_OUT
from plan_assistant.wording.findings import (
    advice_sentence,
    finding_sentence,
    said_of_a_plan,
)
from plan_assistant.wording.plan_lines import line_name, plan_line
from plan_assistant.wording.problems import no_plan_sentence
from plan_assistant.wording.refusal_texts import misnamed_sentence, not_offered
from plan_assistant.wording.words import join, label, message, words

_WORSE = message(
    "The nearest cheaper plan with a worse verdict (rule {rule}) is {verdict}: {family}, "
    "{payments}, up to {worst} in a month, {total} in all."
)
_FORBIDDEN = message(
    "Of the plans that could be kept, rule {rule} excludes the cheapest: {family}, "
    "{payments}, up to {worst} in a month, {total} in all."
)


_COST = message(
    "It costs the lender {total} in today's money: waiver {waiver}, rate {rate}, time {time}."
)
_GAIN = message(
    "It brings the lender {total} more than is owed, in today's money. Costs: waiver {waiver}, "
    "rate {rate}, time {time}."
)
_COST_TOGETHER = message(
    "It costs the lender {total} in today's money: waiver {waiver}, rate and time together "
    "{together}; the same payments make no plan at the contract's rate."
)
_GAIN_TOGETHER = message(
    "It brings the lender {total} more than is owed, in today's money. Costs: waiver {waiver}, "
    "rate and time together {together}; the same payments make no plan at the contract's rate."
)


_LEVERS = policy_labels.SPACE | {
    ABOVE_CONTRACT: label("policy field", "rates above the contract's")
}


def certificate_lines(certificate: Certificate, currency: Money, language: str) -> list[str]:
    """Return what was searched, what was excluded by which rule, and the nearest exclusion.

    `currency` is any amount of the debt's currency.
    """
    say, found = words(language), certificate.searched

    def with_counsel(sentence: str, rule: str) -> str:
        """Add that counsel should confirm the rule, as beside a finding."""
        if rule not in certificate.unconfirmed:
            return sentence
        return join([sentence, say("Have counsel confirm this rule.")], language)

    lines = [
        say(
            "Searched: kinds of plans {families}, payments {least} to {most}, rates {rates}, ways "
            "to waive {waivers}, candidates {candidates}.",
            families=len(found.families),
            least=found.payments[0],
            most=found.payments[1],
            rates=len(found.rates),
            waivers=found.waivers,
            candidates=f"{certificate.candidates:,}",
        ),
        say(
            "Among them: grace periods of {graces} months; treatments of old charges "
            "{old_charges}, step patterns {steps}, rhythms {rhythms}, ways to round {multiples}, "
            "first dates {firsts}, down payments {downs}.",
            graces=("、" if language == "zh" else ", ").join(map(str, found.graces)),
            old_charges=len(found.old_charges),
            steps=found.steps,
            rhythms=len(found.rhythms),
            multiples=len(found.multiples),
            firsts=len(found.first_dues),
            downs=len(found.down_payments),
        ),
        say(
            "{comfortable} fit, {tight} are tight, {over} ask for too much; {own} of those that "
            "can be kept have terms within your authority.",
            comfortable=f"{certificate.comfortable:,}",
            tight=f"{certificate.tight:,}",
            over=f"{certificate.unaffordable:,}",
            own=f"{certificate.within_authority:,}",
        ),
    ]
    for rule, count in certificate.rejected.items():
        lines.append(
            say("{count} make no plan in whole payments.", count=f"{count:,}")
            if rule == NO_PLAN
            else with_counsel(
                say("{count} are excluded by rule {rule}.", count=f"{count:,}", rule=rule), rule
            )
        )
    money = currency.currency.money
    for best, sentence in (
        (certificate.best_worse, _WORSE),
        (certificate.best_forbidden, _FORBIDDEN),
    ):
        if best is not None:
            said = say(
                sentence,
                rule=best.rule,
                verdict=str(terms.verdict(best.verdict, language)),
                family=line_name(best.line, language),
                payments=formats.payments(best.payments, language),
                worst=formats.money(money(best.worst), language),
                total=formats.money(money(best.total), language),
            )
            lines.append(with_counsel(said, best.rule))
    return lines


def counter_lines(answer: CounterOffer, language: str) -> list[str]:
    """Return the answer to a proposal: yes or no, the gap, both sides, and what yes costs."""
    say, lines = words(language), []
    asked = formats.money_with_code(answer.asked, language)
    if answer.plan is not None:
        lines.append(
            say("Yes: {asked} a month is possible.", asked=asked)
            if answer.asked <= answer.most
            else say(
                "Yes, with less: no month can carry {asked}, only {most}; this can be carried.",
                asked=asked,
                most=formats.money_with_code(answer.most, language),
            )
        )
        lines += _with_limits(answer.plan, language)
    elif answer.gap is not None:
        lines.append(
            say(
                "No: {asked} a month is not enough; {gap} a month is missing.",
                asked=asked,
                gap=formats.money_with_code(answer.gap, language),
            )
        )
    elif answer.uncarried is not None:
        lines.append(
            say(
                "No: of the plans within {asked} a month the household can carry none. This one "
                "asks for the least:",
                asked=asked,
            )
        )
        lines += _with_limits(answer.uncarried, language)
    elif answer.refusals:
        lines.append(say("No: with these dials no plan is open, whatever is paid a month."))
    else:
        lines.append(say("No: {asked} a month is not enough for any plan.", asked=asked))
    for sentence, plan in (
        (message("Just below: {plan}"), answer.below),
        (message("Just above: {plan}"), answer.above),
    ):
        if plan is not None and not _is_same(plan, answer.plan):
            lines.append(say(sentence, plan=plan_line(plan, language)))
    lines += [f"- {advice_sentence(finding, language)}" for finding in answer.advice]
    lines += not_offered(answer.refusals, language)
    if answer.cost is not None:
        lines.append(concession_line(answer.cost, language))
    return lines


def _is_same(plan: Plan, other: Plan | None) -> bool:
    return other is not None and plan.schedule.cash_flows == other.schedule.cash_flows


def _with_limits(plan: Plan, language: str) -> list[str]:
    """Return a plan in a line, then what somebody has to allow and what has to be said with it."""
    sentences = [finding_sentence(each, language) for each in said_of_a_plan(plan.findings)]
    return [plan_line(plan, language), *(f"- {sentence}" for sentence in sentences)]


def concession_line(cost: Concession, language: str) -> str:
    """Return what a plan costs the lender, lever by lever; or what it brings above what is owed."""
    say, is_gain = words(language), cost.total.minor < 0
    total = formats.money_with_code(-cost.total if is_gain else cost.total, language)
    waiver = formats.money(cost.waiver, language)
    if cost.rate is None or cost.time is None:
        return say(
            _GAIN_TOGETHER if is_gain else _COST_TOGETHER,
            total=total,
            waiver=waiver,
            together=formats.money(cost.rate_and_time, language),
        )
    return say(
        _GAIN if is_gain else _COST,
        total=total,
        waiver=waiver,
        rate=formats.money(cost.rate, language),
        time=formats.money(cost.time, language),
    )


def _uncarried(judgement: Judgement, language: str) -> list[str]:
    """Return that a plan cannot be carried; with the cash where not that alone has decided."""
    say, lines = words(language), []
    cash, on = judgement.lowest_cash, judgement.lowest_cash_on
    if cash is not None and on is not None and cash.minor < 0 and judgement.left_over.minor < 0:
        lines.append(
            say(
                CASH_RUNS_OUT,
                day=formats.long_day(on, language),
                difference=formats.money_with_code(-cash, language),
            )
        )
    return [*lines, say("The household cannot carry it.")]


def why_not_lines(answer: WhyNot, language: str) -> list[str]:
    """Return what speaks against a plan that somebody named."""
    say = words(language)
    lines = [] if answer.plan is None else [plan_line(answer.plan, language)]
    if answer.no_plan is not None:
        lines.append(no_plan_sentence(answer.no_plan, language))
    if answer.closed:
        names = [say.label(*_LEVERS[lever]) for lever in answer.closed]
        lines.append(
            say(
                "The policy does not open such a plan for this debt: {levers}.",
                levers=("；" if language == "zh" else "; ").join(names),
            )
        )
    if answer.misnamed is not None:
        lines.append(misnamed_sentence(answer.misnamed, language))
    lines += [finding_sentence(finding, language) for finding in answer.excluded_by]
    plan = answer.plan
    said = (*answer.asks, *answer.tells) if plan is None else said_of_a_plan(plan.findings)
    lines += [finding_sentence(each, language) for each in said if each not in answer.excluded_by]
    if answer.plan is not None and answer.rate_above_contract is not None:
        lines.append(
            say(
                "The plan runs at {actual} a year and the contract at {limit}, so the plan is "
                "{points} percentage points over.",
                actual=formats.percent(answer.plan.terms.annual_rate, language),
                limit=formats.percent(answer.contract_rate, language),
                points=formats.points(answer.rate_above_contract, language),
            )
        )
    if answer.plan is not None and not answer.is_carried:
        lines += _uncarried(answer.plan.judgement, language)
    if answer.dominated_by is not None:
        lines.append(
            say(
                "This plan is nowhere worse and better once: {plan}",
                plan=plan_line(answer.dominated_by, language),
            )
        )
    if answer.behind is not None and answer.is_carried:
        lines.append(
            say(
                "A plan that sits better with the household and that needs no more consent stands "
                "before it: {plan}",
                plan=plan_line(answer.behind, language),
            )
        )
    if answer.is_offered:
        lines.append(say("It is among the offers."))
    elif answer.is_carried and not (
        answer.closed
        or answer.misnamed
        or answer.excluded_by
        or answer.dominated_by
        or answer.behind
        or any(each.difference is not None for each in said)
    ):
        lines.append(say("Nothing speaks against it: no question asked is answered by it best."))
    return lines
