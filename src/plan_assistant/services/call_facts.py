"""What a call leaves in the record: the plans that were spoken, and the search they came from.

Not here: when it is recorded (`negotiate.py`).
"""

from __future__ import annotations

from fractions import Fraction

from plan_assistant import __version__
from plan_assistant.domain.agreement import PolicyStamp
from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.agreement_file import written_stamp
from plan_assistant.domain.formats.certificate_file import written_certificate
from plan_assistant.domain.formats.joint_file import JOINT, written_joint
from plan_assistant.domain.formats.notation import RATE_DECIMALS, exact
from plan_assistant.domain.formats.plan_file import written_components
from plan_assistant.domain.formats.terms_file import write_terms
from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.domain.offers.plan import Plan
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.pack import PolicyPack

_MOST_RUNS = 5
"""More runs of equal payments are not told one by one; the terms beside them give all."""


def stamp_of(policy: PolicyPack) -> PolicyStamp:
    """Return which rules plans are checked against, for offers and the record."""
    return PolicyStamp(policy.pack, policy.version, policy.sha256)


def plan_facts(plan: Plan, contract_rate: Fraction, policy: PolicyPack) -> dict[str, Json]:
    """Return what identifies a plan in the trail: enough to price it again, figures and rules."""
    terms, runs = plan.terms, plan.schedule.runs
    return {
        "family": plan.family.value,
        "payment": plan.payment.plain,
        "payments": plan.schedule.number_of_payments,
        "grace_months": plan.grace_months,
        "first_due": terms.first_due.isoformat() if terms.first_due else None,
        "down_payment": plan.schedule.down_payment.plain,
        "total": plan.total.plain,
        "currency": plan.total.currency.code,
        "first_payment": plan.schedule.first_payment.plain,
        "last_payment": plan.schedule.last_payment.plain,
        "runs": [
            {"count": count, "payment": amount.plain}
            for count, amount in (runs if len(runs) <= _MOST_RUNS else ())
        ],
        "waived": written_components(plan.waived),
        "capitalised": plan.capitalised.plain,
        "contract_rate": exact(contract_rate, RATE_DECIMALS),
        "terms": write_terms(terms),
        "policy": written_stamp(stamp_of(policy)),
        **({} if plan.joint is None else {JOINT: written_joint(plan.joint, plan.schedule)}),
    }


def shown_facts(state: Negotiation) -> dict[str, Json]:
    """Return what a search was asked and what it answered: enough to ask it again.

    Inputs are the case at its version, the dials, the pack by its hash and the engine; the answer
    is the certificate and the plans shown.
    """
    rate = state.debt.annual_rate
    return {
        "debt_id": state.debt_id,
        "case_version": state.case_version,
        "wishes": _written_wishes(state.wishes),
        "policy": written_stamp(stamp_of(state.policy)),
        "engine": f"plan-assistant {__version__}",
        "certificate": written_certificate(state.offers.certificate, state.debt.currency),
        "plans": [plan_facts(plan, rate, state.policy) for plan in state.offers.plans],
    }


def _written_wishes(wishes: Wishes) -> dict[str, Json]:
    return {
        "monthly": wishes.monthly.plain if wishes.monthly else None,
        "payments": wishes.periods,
        "down_payment": wishes.down_payment.plain if wishes.down_payment else None,
        "due_day": wishes.due_day,
        "first_due": wishes.first_due.isoformat() if wishes.first_due else None,
    }
