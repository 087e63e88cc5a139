"""The same debt in another case: no account is promised away twice.

Two files about one debt are two cases of the record, and each holds one agreement at most. What is
asked here is asked across cases, among those that the store lets this person see. Not here: what
one case allows (`domain/transitions.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from plan_assistant.domain.case import CaseId, Person
from plan_assistant.domain.debt import DebtId
from plan_assistant.domain.errors import CaseUnreadable, TransitionRefused
from plan_assistant.domain.record import CaseRecord, fold_readable
from plan_assistant.domain.transitions import is_at_hand
from plan_assistant.ports import Lookup, Store
from plan_assistant.services.at_hand import read_from
from plan_assistant.services.desk import Desk


def require_nowhere_else(desk: Desk, record: CaseRecord, debt_id: DebtId) -> None:
    """Refuse a plan for a debt that has a plan in another case, in force or waiting.

    The borrower is known again by name, ID number or phone, the debt by `Debt.is_same_account`.
    Raises TransitionRefused, which names the other case where it is for this person.
    """
    debt = record.case.debt(debt_id)

    def standing(other: CaseRecord) -> str | None:
        """Return the number of their plan about this debt."""
        if not other.case.borrower.may_be(record.case.borrower):
            return None
        same = [theirs.debt_id for theirs in other.case.debts if theirs.is_same_account(debt)]
        if other.pending is not None and other.pending.debt_id in same:
            return other.pending.number
        in_force = (item.plan.number for item in other.in_force if item.debt_id in same)
        return next(in_force, None)

    for other in _other_cases(desk.store, record):
        try:
            number = read_from(other, standing)
        except CaseUnreadable:
            continue  # the queue names it; it keeps nobody from the others
        if number is not None:
            named = {"other": other.case_id} if is_at_hand(other, desk.account) else {}
            raise TransitionRefused(
                "debt_has_plan_elsewhere", debt_id=debt_id, number=number, **named
            )


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
