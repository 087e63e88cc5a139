"""What rules ask about authority: may this role grant this plan, may the team lead, may nobody?

Not here: who may grant how much (the pack's authority table, `authority.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.money import Money
from plan_assistant.domain.policy.findings import (
    Count,
    Days,
    Effect,
    Finding,
    Months,
    Role,
    Share,
    Word,
)
from plan_assistant.domain.policy.pack import PolicyPack, Rule
from plan_assistant.domain.policy.proposal import (
    Proposal,
    authorities,
    beyond_authority,
    finding_of,
    most_waived,
)


def _term_authority(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = authorities(pack, ask.role)
    return beyond_authority(
        rule, mine.longest_term_months, lead.longest_term_months, ask.months, Months
    )


def _longest_grace(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = authorities(pack, ask.role)
    return beyond_authority(
        rule, mine.longest_grace_months, lead.longest_grace_months, ask.grace_months, Months
    )


def _latest_first_payment(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    """Nobody may grant a later day than the pack searches, whatever the authority table says."""
    if ask.terms.first_due is None:
        return None
    mine, lead = (
        min(each.latest_first_payment_days, pack.space.first_payment_max_days)
        for each in authorities(pack, ask.role)
    )
    return beyond_authority(rule, mine, lead, (ask.terms.first_due - ask.today).days, Days)


def _largest_owed(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    mine, lead = authorities(pack, ask.role)
    currency, owed = ask.case.currency, ask.case.owed
    if currency.code not in lead.largest_owed:
        if ask.role is Role.TEAM_LEAD:
            return None
        finding = finding_of(rule, None, Word(currency.code))
        return replace(finding, test="foreign_currency_authority")
    return beyond_authority(
        rule,
        int(mine.largest_owed.get(currency.code, "0")) * currency.units,
        int(lead.largest_owed[currency.code]) * currency.units,
        owed.minor,
        currency.money,
    )


def _rate_cut(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    contract, rate = ask.debt.annual_rate, ask.terms.annual_rate
    mine, lead = (each.lowest_rate_share * contract for each in authorities(pack, ask.role))
    if rate >= min(mine, contract):
        return None
    is_leads = rate >= lead
    lowest, effect = (mine, Effect.APPROVAL) if is_leads else (lead, Effect.BLOCK)
    return finding_of(rule, Share(lowest), Share(rate), Share(lowest - rate), effect=effect)


def _waiver_authority(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    """The component that is furthest beyond what may be given up speaks for all of them."""
    mine, lead = authorities(pack, ask.role)
    owed = dict(ask.debt.components.items())
    found = [
        beyond_authority(
            rule,
            most_waived(mine, component, owed[component]).minor,
            most_waived(lead, component, owed[component]).minor,
            waived.minor,
            waived.currency.money,
        )
        for component, waived in ask.waived.items()
    ]
    beyond_limits = [finding for finding in found if finding is not None]
    return max(beyond_limits, key=_weight, default=None)


def _weight(finding: Finding) -> tuple[bool, int]:
    excess = finding.difference
    return finding.effect is Effect.BLOCK, excess.minor if isinstance(excess, Money) else 0


def _down_payment_authority(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    down, owed = ask.terms.down_payment, ask.debt.owed
    paid = owed.currency.zero if down is None else down.principal + down.arrears
    mine, lead = (
        owed.times(each.lowest_down_payment_share) for each in authorities(pack, ask.role)
    )
    if paid >= mine:
        return None
    least, effect = (mine, Effect.APPROVAL) if paid >= lead else (lead, Effect.BLOCK)
    return finding_of(rule, least, paid, least - paid, effect=effect)


def _restructurings_authority(rule: Rule, ask: Proposal, pack: PolicyPack) -> Finding | None:
    """Count the restructurings of the last 12 and 60 months, this plan included."""
    mine, lead = authorities(pack, ask.role)
    for months, name in ((12, "restructurings_12_months"), (60, "restructurings_60_months")):
        since = add_months(ask.today, -months)
        count = 1 + sum(1 for day in ask.debt.restructured_on if day > since)
        found = beyond_authority(rule, getattr(mine, name), getattr(lead, name), count, Count)
        if found is not None:
            return found
    return None


AUTHORITY_TESTS: dict[str, Callable[[Rule, Proposal, PolicyPack], Finding | None]] = {
    "term_authority": _term_authority,
    "longest_grace": _longest_grace,
    "latest_first_payment": _latest_first_payment,
    "largest_owed": _largest_owed,
    "rate_cut": _rate_cut,
    "waiver_authority": _waiver_authority,
    "down_payment_authority": _down_payment_authority,
    "restructurings_authority": _restructurings_authority,
}
