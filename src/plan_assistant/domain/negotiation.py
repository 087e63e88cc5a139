"""The state of one call: immutable, so that undo is a list of earlier dials.

Not here: how offers are found (`offers/search.py`) and how acts are recorded (`services`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from plan_assistant.domain.approved_plan import ApprovedPlan
from plan_assistant.domain.budget import Affordability
from plan_assistant.domain.calendar import Holidays
from plan_assistant.domain.case import Case
from plan_assistant.domain.debt import Debt, DebtId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.offers.plan import Family, Plan
from plan_assistant.domain.offers.search_result import Offers
from plan_assistant.domain.offers.wishes import Wishes
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.policy.pack import PolicyPack


class TrailKind(StrEnum):
    """What a line of the trail says."""

    OFFERED = "offered"
    REFUSED = "refused"
    DISCLOSED = "disclosed"


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """Something that happened in the call; the trail is never undone."""

    at: datetime
    kind: TrailKind
    what: str
    """Id of the disclosure, or key of the plan."""
    plan: Plan | None = None
    answer: str | None = None
    """The borrower's objection, as a code of the pack."""


@dataclass(frozen=True, slots=True)
class Negotiation:
    """Everything the call screen shows, and everything a recorded plan needs."""

    case: Case
    case_version: int
    """Version of the case in the store when the call began. It stays: lines of the trail do not
    move it, so that a change by somebody else during the call makes recording refuse."""
    debt_id: DebtId
    """The debt this plan is for."""
    policy: PolicyPack
    holidays: Holidays
    today: date
    role: Role
    affordability: Affordability
    wishes: Wishes
    offers: Offers
    selected: int = 0
    chosen: Family | None = None
    """The kind of plan somebody selected; it stays selected wherever it is offered."""
    trail: tuple[TrailEntry, ...] = ()
    earlier: tuple[Wishes, ...] = ()
    """The dials before each what-if, newest last."""
    searched: str = ""
    """Hash of the search that the call recorded last."""
    call: str = ""
    """Id of the call: with the length of the trail it names each act, so that a retry is known."""
    from_lead: Wishes | None = None
    """The dials that the lead would grant, where the last plan was returned with some. They turn
    nothing by themselves."""
    agreements: tuple[ApprovedPlan, ...] = ()
    """The plans of the case that were approved, whatever followed, when the call began."""
    refused: TransitionRefused | None = None
    """Why no plan for this debt could be recorded when the call began: it has one, for example."""

    @property
    def is_from_lead(self) -> bool:
        """Say whether the plans in view are those of the lead's terms."""
        return self.from_lead is not None and self.wishes == self.from_lead

    @property
    def debt(self) -> Debt:
        """The debt this plan is for."""
        return self.case.debt(self.debt_id)

    @property
    def plan(self) -> Plan | None:
        """The selected plan; None when nothing is offered."""
        return self.offers.plans[self.selected] if self.offers.plans else None

    @property
    def disclosed(self) -> frozenset[str]:
        """Ids of the disclosures already read."""
        return frozenset(entry.what for entry in self.trail if entry.kind is TrailKind.DISCLOSED)

    @property
    def disclosures_left(self) -> tuple[str, ...]:
        """Ids of the mandatory disclosures not yet read, in the order of the pack."""
        return tuple(item for item in self.policy.disclosures if item not in self.disclosed)

    def what_if(self, wishes: Wishes, search: Callable[[Negotiation], Offers]) -> Negotiation:
        """Return the state after the dials were turned; every plan is priced again."""
        turned = replace(self, wishes=wishes, earlier=(*self.earlier, self.wishes))
        return _repriced(turned, search)

    def undone(self, search: Callable[[Negotiation], Offers]) -> Negotiation:
        """Return the state before the last what-if; the trail stays."""
        if not self.earlier:
            return self
        back = replace(self, wishes=self.earlier[-1], earlier=self.earlier[:-1])
        return _repriced(back, search)

    def selecting(self, index: int) -> Negotiation:
        """Return the state with another plan selected; an index without a plan changes nothing."""
        if not 0 <= index < len(self.offers.plans):
            return self
        return replace(self, selected=index, chosen=self.offers.plans[index].family)

    def noting(self, entry: TrailEntry) -> Negotiation:
        """Return the state with one more line in the trail."""
        return replace(self, trail=(*self.trail, entry))


def _repriced(state: Negotiation, search: Callable[[Negotiation], Offers]) -> Negotiation:
    """Search again, and select the kind of plan that was chosen, or else the first plan."""
    offers = search(state)
    families = [plan.family for plan in offers.plans]
    selected = families.index(state.chosen) if state.chosen in families else 0
    return replace(state, offers=offers, selected=selected)
