"""Why no plan can be offered, as paragraphs: on an empty comparison and in the notice.

And what is said of plans that only come near.

Not here: the sentences of single rules (`wording/findings.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from plan_assistant.domain.negotiation import Negotiation
from plan_assistant.wording.findings import advice_sentence
from plan_assistant.wording.refusal_texts import refused_together
from plan_assistant.wording.words import Words


@dataclass(frozen=True, slots=True)
class NothingFits:
    """What stands in the place of plans."""

    head: str
    advice: tuple[str, ...]
    """What helps instead."""
    refused: tuple[tuple[str, tuple[str, ...]], ...]
    """Kinds of plans with the reasons that hold for them; the same reasons are said once."""

    @property
    def as_one(self) -> str:
        """All of it in one text."""
        said = [self.head, *self.advice]
        said += [f"{families}: {' '.join(reasons)}" for families, reasons in self.refused]
        return " ".join(said)


def nothing_fits(call: Negotiation, say: Words) -> NothingFits:
    """Return why nothing is offered and what to do instead."""
    return NothingFits(
        say("No plan can be offered with these dials."),
        tuple(advice_sentence(finding, say.language) for finding in call.offers.advice),
        tuple(refused_together(call.offers.refusals, say.language)),
    )


def nearest(call: Negotiation, say: Words) -> str:
    """Return why the plans in view are only the nearest: the dials, or the household."""
    certificate = call.offers.certificate
    if certificate is not None and certificate.comfortable + certificate.tight:
        return say("NEAREST: none meets the dials")
    return say("NEAREST: none can be carried")
