"""The same debt in another case: no account is promised twice, and nothing paid is asked again.

Two files about one debt are two cases of the record, and each holds one agreement at most. What is
asked here is asked across cases, among those that the store lets this person see. Not here: what
one case allows (`domain/transitions.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plan_assistant.domain.approved_plan import ApprovedPlan
from plan_assistant.domain.case import CaseId, Person
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.errors import CaseUnreadable, TransitionRefused
from plan_assistant.domain.record import CaseRecord, fold_readable
from plan_assistant.domain.transitions import is_at_hand, require_free, require_unpaid
from plan_assistant.ports import Lookup, Store
from plan_assistant.services.at_hand import read_from
from plan_assistant.services.desk import Desk


@dataclass(frozen=True, slots=True)
class _SameDebt:
    """What another case of the borrower holds about the debt."""

    plan: str | None
    """The number of the plan that waits or is in force."""
    agreements: tuple[ApprovedPlan, ...]


def require_free_everywhere(desk: Desk, record: CaseRecord, debt_id: DebtId) -> None:
    """Refuse a plan that this case does not allow now, or another case of the borrower."""
    require_free(record, desk.account, debt_id)
    require_nowhere_else(desk, record, debt_id)


def require_nowhere_else(desk: Desk, record: CaseRecord, debt_id: DebtId) -> None:
    """Refuse a plan for a debt that has a plan in another case, or was paid under one since.

    The borrower is known again by name, ID number or phone, the debt by `Debt.is_same_account`.
    Raises TransitionRefused, which names the other case where it is for this person.
    """
    case = record.case

    def same_debt(other: CaseRecord) -> _SameDebt:
        is_theirs = other.case.borrower.may_be(case.borrower)
        same = {
            theirs.debt_id
            for theirs in other.case.debts
            if is_theirs and theirs.is_same_account(case.debt(debt_id))
        }
        about = tuple(item for item in other.agreements if item.debt_id in same)
        standing = [item.plan.number for item in about if item.is_in_force]
        if other.pending is not None and other.pending.debt_id in same:
            standing.append(other.pending.number)
        return _SameDebt(standing[-1] if standing else None, about)

    for other in _other_cases(desk.store, record):
        try:
            found = read_from(other, same_debt)
        except CaseUnreadable:
            continue  # the queue names it; it keeps nobody from the others
        if found.plan is not None:
            named = {"other": other.case_id} if is_at_hand(other, desk.account) else {}
            raise TransitionRefused(
                "debt_has_plan_elsewhere", debt_id=debt_id, number=found.plan, **named
            )
        require_unpaid(case, debt_id, found.agreements, since=case.as_of)


def _other_cases(store: Store, record: CaseRecord) -> Iterator[CaseRecord]:
    """Yield the state of every other case found for this borrower that can be read."""
    for case_id in _cases_of(store, record.case.borrower):
        if case_id == record.case_id:
            continue
        try:
            records, _unreadable = fold_readable(store.events(case_id))
        except CaseUnreadable:
            continue
        yield from records


def _cases_of(store: Store, borrower: Person) -> Iterator[CaseId]:
    texts = {
        Lookup.ID_NUMBER: borrower.id_number,
        Lookup.PHONE: borrower.phone,
        Lookup.NAME: borrower.name,
    }
    found = (store.find(by, text.revealed) for by, text in texts.items() if text is not None)
    yield from dict.fromkeys(case_id for cases in found for case_id in cases)
