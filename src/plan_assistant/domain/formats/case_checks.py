"""What must hold between the fields of a case file, checked on the raw tree.

The tree may be broken in other places: every check looks only at fields that can be read and leaves
the rest to the models (`case_model.py`), so that one reading reports all problems. Not here: field
types.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from plan_assistant.domain.calendar import add_months
from plan_assistant.domain.debt import Component
from plan_assistant.domain.errors import Problem
from plan_assistant.domain.formats.case_model import MONTHS_OF_A_YEAR
from plan_assistant.domain.formats.notation import amount_problem, shown
from plan_assistant.domain.formats.raw_tree import Findings, Node, grouped
from plan_assistant.domain.household import Every, OutgoingKind
from plan_assistant.domain.money import Currency, Money, Rounding, round_ratio, total

_MOST_PEOPLE = 50
_TELLING = 8
"""Signs of a number that leave little doubt whose it is."""
_DEBT_KINDS = frozenset(kind.value for kind in OutgoingKind if kind.is_debt)
_MATURITY_SLACK_DAYS = 31
"""First due dates rarely lie exactly a month after opening, so a term may be off by one month."""


def check_case(raw: Mapping[str, object]) -> list[Problem]:
    """Return what is wrong between the fields of a case file, and with its amounts."""
    root = Node(raw, "")
    found = Findings()
    as_of = root.day("as_of")
    debts = root.each("debts")
    currencies = [found.currency(debt.get("currency")) for debt in debts]
    budget = root.get("budget")
    budget_currency = found.currency(budget.get("currency"))
    for debt, currency in zip(debts, currencies, strict=True):
        _check_amounts_owed(found, debt, currency)
        _check_debt_dates(found, debt, as_of)
        _check_guarantor(found, debt)
    _check_negotiated(found, root, debts, currencies, budget_currency)
    _check_ids(found, debts)
    _check_ids_tell_nobody(found, root, debts)
    _check_budget(found, budget, budget_currency)
    for outgoing in budget.each("outgoings"):
        _check_time_of(found, outgoing, as_of)
    _check_other_payments(found, debts, budget, budget_currency)
    _check_people(found, root.get("household"))
    _check_hardships(found, root, as_of)
    case_currency = next((one for one in currencies if one), budget_currency)
    found.amount(root.get("willingness").get("own_proposal"), case_currency)
    for payment in root.each("payments"):
        found.amount(payment.get("amount"), case_currency)
        _not_after(found, payment, "on", as_of, "a payment")
    for contact in root.each("contacts"):
        _not_after(found, contact, "on", as_of, "a contact")
    return found.problems


def _check_amounts_owed(found: Findings, debt: Node, currency: Currency | None) -> None:
    parts = debt.get("components")
    amounts: list[Money] = []
    is_complete = currency is not None and isinstance(parts.value, Mapping)
    for component in Component:
        node = parts.get(component.value)
        amount = found.amount(node, currency)
        if amount is not None:
            amounts.append(amount)
        elif node.value is not None or component is Component.PRINCIPAL:
            is_complete = False
    stated = found.amount(debt.get("total"), currency)
    found.amount(debt.get("contractual_payment"), currency)
    if currency is None or not is_complete:
        return
    owed = total(amounts, currency)
    if stated is not None and stated != owed:
        found.add(
            debt.get("total"),
            f"components add up to {grouped(owed)} but total says {grouped(stated)}: "
            "correct one of them",
        )
    if not owed and debt.is_true("is_negotiated", otherwise=True):
        found.add(
            debt.get("total"), "nothing is owed: leave this debt out, or set is_negotiated to false"
        )


def _check_debt_dates(found: Findings, debt: Node, as_of: date | None) -> None:
    opened, oldest, maturity = (
        debt.day("opened"),
        debt.day("oldest_unpaid_due"),
        debt.day("maturity"),
    )
    _not_after(found, debt, "opened", as_of, "the opening of the account")
    _not_after(found, debt, "oldest_unpaid_due", as_of, "the oldest unpaid due date")
    _not_after(found, debt, "last_acknowledged", as_of, "the last acknowledgement")
    if opened and as_of and opened > as_of:
        opened = None  # every other date would look wrong beside it
    for key in ("oldest_unpaid_due", "last_acknowledged"):
        day = debt.day(key)
        if opened and day and day < opened:
            found.add(
                debt.get(key),
                f"{day} is before the account was opened ({opened}): correct one of them",
            )
    for node in debt.each("restructured_on"):
        day = node.as_day
        if day and opened and not opened <= day <= (as_of or day):
            found.add(node, f"{day} is not between opening ({opened}) and as_of: correct the date")
    _check_days_past_due(found, debt, oldest, as_of)
    if opened and maturity and maturity <= opened:
        found.add(
            debt.get("maturity"),
            f"{maturity} is not after the account was opened ({opened}): correct one of them",
        )
    elif opened and maturity:
        _check_term(found, debt, opened, maturity)


def _not_after(found: Findings, node: Node, key: str, as_of: date | None, what: str) -> None:
    day = node.day(key)
    if day and as_of and day > as_of:
        found.add(node.get(key), f"{what} on {day} lies after as_of ({as_of}): correct one of them")


def _check_days_past_due(
    found: Findings, debt: Node, oldest: date | None, as_of: date | None
) -> None:
    days = debt.whole("days_past_due")
    node = debt.get("days_past_due")
    if days is None or days < 0 or as_of is None:
        return
    if debt.get("oldest_unpaid_due").value is None:
        if days != 0:
            found.add(
                node,
                f"says {days} but oldest_unpaid_due is null: give that date, or write 0",
            )
    elif oldest and oldest <= as_of and days != (as_of - oldest).days:
        found.add(
            node,
            f"says {days} but from oldest_unpaid_due ({oldest}) to as_of ({as_of}) there are "
            f"{(as_of - oldest).days} days: correct one of them",
        )


def _check_term(found: Findings, debt: Node, opened: date, maturity: date) -> None:
    months, extended = debt.whole("original_term_months"), debt.whole("extended_months", 0)
    if months is None or extended is None or not 1 <= months + extended <= 1200:
        return
    expected = add_months(opened, months + extended)
    if abs((expected - maturity).days) > _MATURITY_SLACK_DAYS:
        found.add(
            debt.get("original_term_months"),
            f"{months} months and {extended} extended from {opened} end about {expected}, but "
            f"maturity says {maturity}: correct one of them",
        )


def _check_guarantor(found: Findings, debt: Node) -> None:
    if debt.is_true("guarantor_consents", otherwise=False) and not debt.is_true(
        "has_guarantor", otherwise=False
    ):
        found.add(
            debt.get("guarantor_consents"),
            "is true but has_guarantor is not: set has_guarantor to true, or take the consent back",
        )


def _check_negotiated(
    found: Findings,
    root: Node,
    debts: list[Node],
    currencies: list[Currency | None],
    budget_currency: Currency | None,
) -> None:
    node = root.get("debts")
    if isinstance(node.value, list) and not debts:
        found.add(node, "holds no debt: give at least the debt this call is about")
        return
    negotiated = [debt.is_true("is_negotiated", otherwise=True) for debt in debts]
    if debts and not any(negotiated):
        found.add(
            node, "no debt is negotiated: set is_negotiated to true on the debt this call is about"
        )
    first: Currency | None = None
    for debt, currency, is_negotiated in zip(debts, currencies, negotiated, strict=True):
        if currency is None:
            continue
        if is_negotiated and first and currency != first:
            found.add(
                debt.get("currency"),
                f"this debt is in {currency.code}, the negotiation in {first.code}: open a case of "
                "its own for it, and set is_negotiated to false here",
            )
        elif is_negotiated:
            first = first or currency
    if first and budget_currency and first != budget_currency:
        found.add(
            Node(None, "budget.currency"),
            f"the budget is in {budget_currency.code}, the negotiated debts in {first.code}: "
            f"convert the budget into {first.code}",
        )


def _check_ids(found: Findings, debts: list[Node]) -> None:
    seen: dict[str, Node] = {}
    for debt in debts:
        name = debt.get("debt_id").value
        if not isinstance(name, str):
            continue
        if name in seen:
            found.add(
                debt.get("debt_id"),
                f"{shown(name)} is already used by {seen[name].path}: give every debt its own id",
            )
        seen.setdefault(name, debt)


def _check_ids_tell_nobody(found: Findings, root: Node, debts: list[Node]) -> None:
    """Report numbers of cases and debts with the borrower's own in them: they are shown to all."""
    borrower = root.get("borrower")
    own = [_plain(borrower.get(name).value) for name in ("id_number", "phone")]
    for node in (root.get("case_id"), *(debt.get("debt_id") for debt in debts)):
        number = _plain(node.value)
        if any(len(text) >= _TELLING and text in number for text in own):
            found.add(
                node,
                "holds the borrower's identity or telephone number, which stays off screens and "
                "file names: give it a number of its own",
            )


def _plain(value: object) -> str:
    """Return letters and digits of a text; nothing of anything else."""
    return "".join(filter(str.isalnum, value)) if isinstance(value, str) else ""


def _check_budget(found: Findings, budget: Node, currency: Currency | None) -> None:
    found.amount(budget.get("cash"), currency)
    for line in (*budget.each("incomes"), *budget.each("outgoings")):
        amount = found.figure(line.get("amount"), currency)
        own = line.get("currency").value
        if isinstance(own, str) and currency and own != currency.code:
            found.add(
                line.get("currency"),
                f"{shown(own)} is not the budget's currency: convert the amount into "
                f"{currency.code} and write {currency.code}, or leave this field out",
            )
        _check_months(found, line, amount, currency)


def _check_time_of(found: Findings, outgoing: Node, as_of: date | None) -> None:
    begins, until = outgoing.day("from"), outgoing.day("until")
    if begins and until and until < begins:
        found.add(
            outgoing.get("until"), f"{until} is before it begins ({begins}): correct one of them"
        )
    elif as_of and until and (until.year, until.month) < (as_of.year, as_of.month):
        found.add(
            outgoing.get("until"),
            f"it ended on {until}, before as_of ({as_of}): leave this outgoing out, or correct the "
            "date",
        )


def _check_other_payments(
    found: Findings, debts: list[Node], budget: Node, currency: Currency | None
) -> None:
    """A payment that the budget does not know would make a plan look affordable."""
    if currency is None:
        return
    outside = [debt for debt in debts if not debt.is_true("is_negotiated", otherwise=True)]
    if len(outside) == len(debts):
        return
    outside = [debt for debt in outside if debt.get("currency").value == currency.code]
    asked = [_readable(debt.get("contractual_payment"), currency) for debt in outside]
    needed = total([amount for amount in asked if amount is not None], currency)
    counted = currency.zero
    for line in budget.each("outgoings"):
        kind = line.get("kind").value
        if not isinstance(kind, str) or kind not in _DEBT_KINDS:
            continue
        if line.get("every").value != Every.MONTH.value:
            return  # what another rhythm makes of a month is for the budget to say
        figure = line.get("amount")
        likely = figure.get("likely") if isinstance(figure.value, Mapping) else figure
        amount = _readable(likely, currency)
        if amount is None:
            return
        counted = counted + amount
    if counted < needed:
        found.add(
            budget.get("outgoings"),
            f"debts outside the negotiation ask for {grouped(needed)} a month but the budget "
            f"counts {grouped(counted)} for debts: add their payments as mortgage, secured_loan or "
            "other_debt",
        )


def _readable(node: Node, currency: Currency) -> Money | None:
    """Return an amount that can be read; what is wrong with another one is reported elsewhere."""
    if not isinstance(node.value, str) or amount_problem(node.value, currency):
        return None
    return currency.parse(node.value)


def _check_months(
    found: Findings, line: Node, amount: Money | None, currency: Currency | None
) -> None:
    months = line.each("by_month")
    amounts = [found.amount(month, currency) for month in months]
    if not months:
        return
    if len(months) != MONTHS_OF_A_YEAR:
        found.add(
            line.get("by_month"),
            f"needs twelve entries, January first, and has {len(months)}: write 0 for months"
            " without income",
        )
        return
    if line.get("every").value not in (None, "month"):
        found.add(
            line.get("every"), "income by month is monthly: write “month”, or leave by_month out"
        )
    known = [month for month in amounts if month is not None]
    if amount is None or currency is None or len(known) != MONTHS_OF_A_YEAR:
        return
    average = round_ratio(total(known, currency).minor, MONTHS_OF_A_YEAR, Rounding.HALF_UP)
    if average != amount.minor:
        found.add(
            line.get("amount"),
            f"says {grouped(amount)} but by_month averages "
            f"{grouped(currency.money(average))}: correct one of them",
        )


def _check_people(found: Findings, household: Node) -> None:
    adults, children = household.whole("adults"), household.whole("children", 0)
    if adults is None or children is None or adults < 1 or children < 0:
        return
    if adults <= _MOST_PEOPLE and children <= _MOST_PEOPLE and adults + children > _MOST_PEOPLE:
        found.add(
            household,
            f"{adults + children} people in one household: at most {_MOST_PEOPLE} are read; "
            "check both counts",
        )


def _check_hardships(found: Findings, root: Node, as_of: date | None) -> None:
    for hardship in root.each("hardships"):
        _not_after(found, hardship, "since", as_of, "the hardship")
        since, ends = hardship.day("since"), hardship.day("expected_end")
        if since and ends and ends <= since:
            found.add(
                hardship.get("expected_end"),
                f"{ends} is not after the hardship began ({since}): correct one of them",
            )
