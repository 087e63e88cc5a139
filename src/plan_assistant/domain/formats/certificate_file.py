"""The outside form of a search's certificate: ranges, counts, and the nearest plan excluded."""

from __future__ import annotations

from plan_assistant.domain.events import Json
from plan_assistant.domain.formats.notation import RATE_DECIMALS, exact
from plan_assistant.domain.money import Currency
from plan_assistant.domain.offers.certificate import Certificate
from plan_assistant.domain.offers.excluded import Excluded


def written_certificate(certificate: Certificate | None, currency: Currency) -> Json:
    """Return what was searched and counted; null where nothing was searched."""
    if certificate is None:
        return None
    found = certificate.searched
    return {
        "searched": {
            "families": [family.value for family in found.families],
            "payments": list(found.payments),
            "annual_rates": [exact(rate, RATE_DECIMALS) for rate in found.rates],
            "grace_months": list(found.graces),
            "waivers": found.waivers,
            "old_charges": [each.value for each in found.old_charges],
            "down_payments": [currency.money(minor).plain for minor in found.down_payments],
            "step_patterns": found.steps,
            "rhythms": [each.value for each in found.rhythms],
            "multiples": [currency.money(minor).plain for minor in found.multiples],
            "first_due": [day.isoformat() for day in found.first_dues],
        },
        "candidates": certificate.candidates,
        "rejected": dict(certificate.rejected),
        "comfortable": certificate.comfortable,
        "tight": certificate.tight,
        "unaffordable": certificate.unaffordable,
        "within_authority": certificate.within_authority,
        "best_excluded": _excluded(certificate.best_worse, currency),
        "best_forbidden": _excluded(certificate.best_forbidden, currency),
    }


def _excluded(best: Excluded | None, currency: Currency) -> Json:
    if best is None:
        return None
    return {
        "family": best.line.family.value,
        "payments": best.payments,
        "annual_rate": exact(best.line.annual_rate, RATE_DECIMALS),
        "worst_month": currency.money(best.worst).plain,
        "total": currency.money(best.total).plain,
        "rule": best.rule,
        "verdict": best.verdict.value,
    }
