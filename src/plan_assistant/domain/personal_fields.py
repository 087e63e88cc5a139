"""Which fields of a recorded fact are personal: the one list that the store seals by.

Personal is every name, number, address and account of a borrower, and every text that somebody
wrote freely: any word of it may identify, and the lender of another debt may be a friend. Not
personal are amounts, dates, codes of closed lists, and what identifies the lender's own staff, who
sign for what they do. Case, debt and agreement
numbers are not personal either: they are the lender's, and stand in file names and on paper.

A path names its steps with dots; `[]` stands for every entry of a list. Not here: how a field is
sealed (`adapters/keys`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from plan_assistant.domain.events import Event, EventType, Json
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.personal import Personal

CASE_FIELDS: Final = (
    "borrower.name",
    "borrower.id_number",
    "borrower.phone",
    "borrower.address",
    "debts[].lender",
    "debts[].account_tail",
    "budget.incomes[].label",
    "budget.outgoings[].label",
    "hardships[].evidence[]",
    "willingness.recording",
    "contacts[].channel",
    "note",
)
"""Of plan-assistant/case@1."""

AGREEMENT_FIELDS: Final = (
    "parties.lender",
    "parties.borrower.name",
    "parties.borrower.id_number",
    "parties.borrower.phone",
    "parties.borrower.address",
    "debt.account_tail",
    "hardship[].evidence[]",
    "acceptance.lines_read[]",
    "acceptance.recording",
    "acceptance.note",
)
"""Of plan-assistant/agreement; the numbers of a borrower are masked in it already."""

_DECISION_FIELDS: Final = ("sentence",)

PERSONAL_FIELDS: Final[Mapping[EventType, tuple[str, ...]]] = {
    EventType.CASE_OPENED: CASE_FIELDS,
    EventType.BUDGET_CHANGED: CASE_FIELDS,
    EventType.OFFERS_SHOWN: (),
    EventType.OFFER_SPOKEN: (),
    EventType.OFFER_REFUSED: (),
    EventType.DISCLOSURE_READ: (),
    EventType.PLAN_RECORDED: AGREEMENT_FIELDS,
    # Whoever knows the salt can confirm a guess of the sentence: it goes with it.
    EventType.APPROVED: (*_DECISION_FIELDS, "sentence_salt"),
    EventType.RETURNED: _DECISION_FIELDS,
    EventType.DECLINED: _DECISION_FIELDS,
    EventType.CANCELLED: _DECISION_FIELDS,
    EventType.EXPORTED: (),
    EventType.SIGNED: (),
    EventType.PAYMENT_POSTED: ("reference",),
    EventType.KEPT: (),
    EventType.BROKEN: ("sentence",),
    EventType.REOPENED: ("sentence",),
    EventType.CALL_CLOSED: (),
    EventType.CASE_ASSIGNED: (),
    EventType.BORROWER_WAITS: (),
    EventType.REVEALED: ("sentence",),
    EventType.PURGED: (),
}
"""The personal fields of every kind of fact."""

CONTENT: Final = "fingerprint"
"""What the stored body of a plan has beside its fields: the fingerprint of the agreement in plain
text, so that the fact holds who agreed to what even for those who cannot open the fields."""

Change = Callable[[str, Json], Json]
"""Takes the exact path of a field, such as `debts[0].account_tail`, and its value."""


def with_personal(kind: EventType, body: Mapping[str, Json], change: Change) -> dict[str, Json]:
    """Return the body of a fact with `change` made to every personal field that holds something.

    A field that is missing, null or an empty text stays as it is; whatever else stands in the place
    of one is changed as a whole.
    """
    return _changed_in(body, _TREES[kind], "", change)


def _changed_in(
    parent: Mapping[str, Json], fields: _Tree, above: str, change: Change
) -> dict[str, Json]:
    changed: dict[str, Json] = dict(parent)
    for name, below in fields.items():
        key = name.removesuffix("[]")
        if key in parent:
            changed[key] = _changed(parent[key], name, below, f"{above}{key}", change)
    return changed


def _changed(value: Json, name: str, below: _Tree, path: str, change: Change) -> Json:
    if value is None or value == "":
        return value
    if name.endswith("[]") and isinstance(value, list):
        return [
            _changed(item, "", below, f"{path}[{number}]", change)
            for number, item in enumerate(value)
        ]
    if below and isinstance(value, dict):
        return _changed_in(value, below, f"{path}.", change)
    return value if below else change(path, value)


def sealed_form(
    kind: EventType, body: Mapping[str, Json], seal: Change, content: str | None = None
) -> dict[str, Json]:
    """Return the body of a fact as it is stored: personal fields sealed by `seal`.

    `content` is the fingerprint of the body, where that is at hand.
    """
    stored = with_personal(kind, body, seal)
    if kind is EventType.PLAN_RECORDED:
        stored[CONTENT] = fingerprint(body) if content is None else content
    return stored


def opened_form(kind: EventType, stored: Mapping[str, Json], opened: Change) -> dict[str, Json]:
    """Return the body of a fact from its stored form, sealed or not."""
    body = with_personal(kind, stored, opened)
    if kind is EventType.PLAN_RECORDED:
        body.pop(CONTENT, None)
    return body


def content_of(kind: EventType, stored: Mapping[str, Json]) -> str | None:
    """Return the fingerprint in the stored form of a plan; None where nothing is sealed."""
    carried = stored.get(CONTENT) if kind is EventType.PLAN_RECORDED else None
    return carried if isinstance(carried, str) else None


def with_masks(kind: EventType, body: Mapping[str, Json]) -> dict[str, Json]:
    """Return the body of a fact as anybody may see it: who it is about is masked.

    Not masked is what is read in every decision: budget lines, evidence, sentences.
    """

    def masked(path: str, value: Json) -> Json:
        make = _MASKED.get(path.rpartition(".")[2])
        return value if make is None or not isinstance(value, str) else make(value).masked

    return with_personal(kind, body, masked)


_MASKED: Final[Mapping[str, Callable[[str], Personal]]] = {
    "name": Personal.name,
    "id_number": Personal.id_number,
    "phone": Personal.phone,
    "address": Personal.address,
    "note": Personal,
}
"""How the last step of a path is masked."""

_Tree = Mapping[str, "_Tree"]


def _tree(paths: Iterable[str]) -> _Tree:
    """Return fields by the first step of their paths, each with what lies below it."""
    below: dict[str, list[str]] = {}
    for path in paths:
        first, _, rest = path.partition(".")
        below.setdefault(first, []).extend([rest] if rest else [])
    return {first: _tree(rests) for first, rests in below.items()}


_TREES: Final = {kind: _tree(fields) for kind, fields in PERSONAL_FIELDS.items()}
"""So that a body is copied once, and not once for each field."""


def is_personal_path(path: str, fields: tuple[str, ...] = CASE_FIELDS) -> bool:
    """Say whether an exact path of a file, such as `debts[0].account_tail`, is one of the fields.

    What lies below or above a personal field counts as well: a list of evidence, part of a name.
    """
    plain = "".join(_without_numbers(path))
    return any(
        plain == field
        or plain.startswith((f"{field}.", f"{field}["))
        or field.startswith((f"{plain}.", f"{plain}["))
        for field in fields
    )


def _without_numbers(path: str) -> list[str]:
    return [character for character in path if not character.isdigit()]


def content_fingerprint(recorded: Event) -> str:
    """Return the fingerprint of a recorded agreement, also of one whose case was erased."""
    return content_of(recorded.type, recorded.stored_body) or fingerprint(recorded.body)


def carries_its_content(recorded: Event) -> bool:
    """Say whether the fingerprint that a stored plan carries is that of its content.

    Nobody else can compute it while the fields are sealed, so it is checked where they are opened.
    """
    carried = content_of(recorded.type, recorded.stored_body)
    return carried is None or carried == fingerprint(recorded.body)
