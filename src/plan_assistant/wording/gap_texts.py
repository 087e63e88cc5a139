"""What is missing when nothing fits, lever by lever, as sentences.

Not here: the other answers of a search (`search_texts.py`) and a plan in a line (`plan_lines.py`).
"""

from __future__ import annotations

from plan_assistant.domain.calendar import Frequency
from plan_assistant.domain.money import Money
from plan_assistant.domain.offers.missing import Gap, Lever, Missing
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.policy.findings import Count, Share
from plan_assistant.wording import formats, policy_labels, terms
from plan_assistant.wording.findings import finding_sentence, measure
from plan_assistant.wording.plan_lines import plan_line
from plan_assistant.wording.words import Words, join, message, words

_MISSING = {
    Lever.INCOME: message("With {change} a month more of verified income it would do."),
    Lever.PAYMENT: message("With {change} a month more than was dialed it would do."),
    Lever.RATE: message("With a rate {change} percentage points lower it would do."),
    Lever.WAIVER: message("With {change} waived it would do."),
    Lever.DOWN_PAYMENT: message("With {change} more paid today it would do."),
}
_MORE_OF_BOTH = message(
    "With {change} a month more of verified income, and {offered} a month more than was dialed, it "
    "would do."
)
_MONEY = frozenset({Lever.INCOME, Lever.PAYMENT})

_NEAREST_OF_MINE = message(
    "No plan meets both the household and the dials. The plan that asks for the least within your "
    "authority: {plan}"
)
_NEAREST_OF_ALL = message(
    "No plan meets both the household and the dials, and nothing lies within your authority. The "
    "plan that asks for the least: {plan}"
)


def gap_lines(gap: Gap, language: str) -> list[str]:
    """Return what is missing, lever by lever, and who may allow it."""
    say = words(language)
    lines = [
        say(
            _NEAREST_OF_MINE if gap.is_mine else _NEAREST_OF_ALL,
            plan=plan_line(gap.nearest, language),
        )
    ]
    lines += [f"- {_missing(each, gap.nearest, language)}" for each in gap.missing]
    if not gap.missing:
        lines.append(f"- {say('No single change is enough.')}")
    return lines


def _missing(each: Missing, nearest: Plan, language: str) -> str:
    """Return one change in a line; the plan with it, where that is another one."""
    say = words(language)
    said = [_change_sentence(each, say, language)]
    is_other = each.plan.schedule.cash_flows != nearest.schedule.cash_flows
    if (each.lever in _MONEY and is_other) or _kind(each.plan) != _kind(nearest):
        said.append(say("It is another plan: {plan}", plan=plan_line(each.plan, language)))
    return join([*said, *_who(each, say, language)], language)


def _kind(plan: Plan) -> tuple[Family, Frequency]:
    return plan.family, plan.terms.frequency


def _change_sentence(each: Missing, say: Words, language: str) -> str:
    if isinstance(each.change, Count):
        return say.plural(
            "With {count} more payment it would do: {all} in all.",
            "With {count} more payments it would do: {all} in all.",
            each.change.count,
            all=each.plan.schedule.number_of_payments,
        )
    change = _change(each, language)
    if each.beyond_dial is None:
        return say(_MISSING[each.lever], change=change)
    offered = formats.money_with_code(each.beyond_dial, language)
    return say(_MORE_OF_BOTH, change=change, offered=offered)


def _change(each: Missing, language: str) -> str:
    if isinstance(each.change, Share):
        return formats.points(each.change.value, language)
    if isinstance(each.change, Money):
        return formats.money_with_code(each.change, language)
    return measure(each.change, language)


def _who(each: Missing, say: Words, language: str) -> list[str]:
    if each.blocked_by is not None:
        why = finding_sentence(each.blocked_by, language)
        return [say("But a rule excludes it: {why}", why=why)]
    said = []
    if each.may_allow is not None:
        said.append(say("The {role} may allow it.", role=terms.role(each.may_allow, language)))
    if each.closed is not None:
        lever = say.label(*policy_labels.SPACE[each.closed])
        said.append(
            say("But the policy does not open it so far for this debt: {lever}.", lever=lever)
        )
    return said
