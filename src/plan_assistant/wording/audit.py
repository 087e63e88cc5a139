"""What an audit found, in sentences that name the row and what differs.

Not here: what is checked (`domain/audit.py`).
"""

from __future__ import annotations

from typing import Final

from plan_assistant.domain.discrepancy import Discrepancy
from plan_assistant.domain.text import clean
from plan_assistant.wording.words import Words, message, words

_LONGEST: Final = 200

_WHAT: Final = {
    "fact_hash": message("the content or the hash was changed: they do not belong together."),
    "fact_type": message("there is no fact of the type {found}: it was put in."),
    "fact_body": message("what it says cannot be read."),
    "fact_incomplete": message("says nothing about: {missing}."),
    "fact_form": message(
        "{field} is not written as the record writes it, so the case cannot be read."
    ),
    "fact_version": message("version {expected} of this case should come here; it is missing."),
    "fact_opening": message("only the first fact of a case opens it."),
    "fact_person": message("{person} does not work here."),
    "fact_role": message("says the role {found}, the account says {known}."),
    "fact_may_not": message("the role {role} may not record this ({act})."),
    "fact_differs": message("says {field} {found}, the plan that was sent says {expected}."),
    "fact_unrequested": message("no request names it."),
    "row_differs": message("{field} is {found}; after the fact beside it, it is {expected}."),
    "guard_missing": message("the row that belongs to this fact is missing."),
    "guard_surplus": message("this fact has no such row."),
    "four_eyes": message("{person} may not decide this plan."),
    "sent_again": message("another plan of the case still waited for a decision."),
    "decided_again": message("no plan of the case waited: the last one had been decided."),
    "export_differs": message("was printed with checkpoint {number}, which is another one here."),
    "follows_nothing": message("no plan with the content {fingerprint} was approved before."),
    "follows_end": message("the plan it is about had ended before: {end}."),
    "signed_again": message("the agreement had been signed before."),
    "purged_early": message(
        "erased the case before its time: it ended on {ended} and, with the {years}-year period "
        "named, was kept until {until}."
    ),
    "purged_short": message(
        "erased the case with the {years}-year period named; the approval of its plan names "
        "{approved}."
    ),
    "purged_end": message("says that the case ended on {found}; its last fact is of {expected}."),
    "purged_ahead": message(
        "erased the case on {day}, a day that had not come when this was sealed on {sealed}: the "
        "clock of whoever erased it was ahead."
    ),
    "purged_running": message("erased a case of which a plan waited or was in force."),
    "sealed_changed": message("is not what checkpoint {checkpoint} sealed."),
    "sealed_moved": message("checkpoint {checkpoint} sealed this fact in another place."),
    "sealed_missing": message("was sealed by checkpoint {checkpoint} and is gone."),
    "sealed_surplus": message("checkpoint {checkpoint} did not seal it: it was put in later."),
    "stray": message("belongs to no fact: the fact was removed, or this row was put in."),
    "request_second": message(
        "names what request {other} names, which came with the facts or was put in itself: one of "
        "the two is false."
    ),
    "person_changed": message("is not what checkpoint {checkpoint} sealed."),
    "person_missing": message("was sealed by checkpoint {checkpoint} and is gone."),
    "person_role": message("there is no role {found}: nobody works under it."),
    "seal_missing": message("is gone."),
    "seal_unreadable": message("cannot be read ({reason})."),
    "seal_differs": message("{field} is {found}; after the rows around it, it is {expected}."),
    "seal_content": message("the content was changed: neither hash nor signature belong to it."),
    "seal_signature": message("the signature was not made with its key over this content."),
    "seal_key_unknown": message("its key {key} is not in the store."),
    "seal_foreign": message("was signed with the key {key}, not with one that was kept outside."),
    "seal_list": message("its list of leaves was changed; the facts are those that were sealed."),
    "seal_rows": message("the facts of sequences {first} to {last} are not those it sealed."),
    "key_differs": message("the id does not belong to the key."),
    "key_unused": message("signed no checkpoint: it was put in."),
    "key_destroyed": message(
        "was destroyed, and no fact says that the case was purged: what is personal in it is lost."
    ),
    "key_restored": message("is there again, though the case was purged: it was put back."),
    "key_elsewhere": message("stands under the master key {master}, the store under another one."),
    "key_unreadable": message("cannot be read: it signs nothing."),
    "key_number": message("number {expected} of this account should come here."),
    "key_person": message("{person} does not work here."),
    "key_changed": message("is not what checkpoint {checkpoint} sealed."),
    "key_gone": message("was sealed by checkpoint {checkpoint} and is gone."),
    "key_signature_wrong": message(
        "the key of {person} did not sign it as it stands here: it was changed or put in."
    ),
    "key_giver_unknown": message(
        "the key of {person} that signed it is not here: it was changed, or this one was put in."
    ),
    "key_giver_may_not": message("{person} may not give such a key: it was put in."),
    "key_circle": message(
        "the key of {person} that signed it leads back to itself, not to the first key of a person."
    ),
    "key_missing": message("is gone, and sealed fields of the case need it."),
    "start_missing": message("is gone: it says up to where approvals are older than signatures."),
    "start_late": message(
        "excuses unsigned approvals up to sequence {until}, but approvals have been signed since "
        "sequence {began} at the latest: it was changed."
    ),
    "start_beyond": message(
        "excuses unsigned approvals up to sequence {until}, but the record ends at {newest}: it "
        "was changed."
    ),
    "outside_missing": message(
        "was kept outside, but the record ends at checkpoint {newest}: its tail was cut off."
    ),
    "outside_differs": message(
        "was kept outside with the root {root}, here it is {found}: the record was replaced after "
        "checkpoint {agrees}."
    ),
}
"""What is wrong with a row, by the code of the discrepancy."""

_TABLES: Final = {
    "event": message("event"),
    "request": message("request"),
    "submission": message("submission"),
    "decision": message("decision"),
    "account": message("account"),
    "seal": message("checkpoint"),
    "seal_key": message("seal key"),
    "case_key": message("key of a case"),
    "approval_key": message("approval key"),
    "approval_start": message("start of signatures"),
}


def discrepancy_sentence(discrepancy: Discrepancy, language: str) -> str:
    """Return one line: the row, then what is wrong with it."""
    say = words(language)
    detail = {name: clean(value, _LONGEST) for name, value in discrepancy.detail.items()}
    return say(
        "{place}: {what}",
        place=_place(discrepancy, say),
        what=say(_WHAT[discrepancy.code], **detail),
    )


def _place(discrepancy: Discrepancy, say: Words) -> str:
    table = say(_TABLES[discrepancy.table])
    case = clean(discrepancy.case_id or "", _LONGEST)
    row = clean(discrepancy.row, _LONGEST)
    if discrepancy.sequence is not None and discrepancy.table == "event":
        return say(
            "{table}, sequence {sequence}, case {case}, version {version}",
            table=table,
            sequence=discrepancy.sequence,
            case=case,
            version=discrepancy.version or 0,
        )
    if discrepancy.sequence is not None:
        return say(
            "{table} beside sequence {sequence}, case {case}, version {version}",
            table=table,
            sequence=discrepancy.sequence,
            case=case,
            version=discrepancy.version or 0,
        )
    if discrepancy.version is not None:
        return say(
            "{table} {row}, case {case}, version {version}",
            table=table,
            row=row,
            case=case,
            version=discrepancy.version,
        )
    if case:
        return say("{table} {row}, case {case}", table=table, row=row, case=case)
    return say("{table} {row}", table=table, row=row)
