"""Why something about an approved agreement was not recorded, and what to do instead.

The codes and their details are listed in `domain/follow_up_acts.py`.
"""

from __future__ import annotations

from plan_assistant.domain.approved_plan import PlanState
from plan_assistant.domain.follow_up import BreachReason, Party, ReopenReason
from plan_assistant.wording.words import label, message

FOLLOW_UP: dict[str, tuple[str, ...]] = {
    "no_such_agreement": (
        message(
            "The case has no agreement {number}; in force here: {known}. Look at the case and "
            "repeat with the number that it shows."
        ),
        message("The case has no such agreement. Look at the case and repeat."),
    ),
    "plan_not_approved": (
        message(
            "Plan {number} is not approved, so nothing is signed or paid under it. Wait for the "
            "team lead."
        ),
        message(
            "The plan is not approved, so nothing is signed or paid under it. Wait for the team "
            "lead."
        ),
    ),
    "other_agreement": (
        message(
            "The approved agreement is {expected}, not the {given} that was read. Compare the "
            "paper with the case before repeating."
        ),
        message(
            "The approved agreement is not the one that was read. Compare the paper with the case "
            "before repeating."
        ),
    ),
    "agreement_over": (
        message(
            "Agreement {number} is over: {outcome}, recorded by {by} on {at}. Nothing more is "
            "recorded under it; a team lead can reopen the case."
        ),
        message(
            "The agreement is over. Nothing more is recorded under it; a team lead can reopen the "
            "case."
        ),
    ),
    "already_signed": (
        message(
            "Agreement {number} was signed on {day}, as {by} has recorded. It is signed once; "
            "nothing was recorded again."
        ),
        message("The agreement is signed already. Nothing was recorded again."),
    ),
    "signed_before_approval": (
        message(
            "The agreement was approved on {approved}; nobody can have signed it on {day}. Look "
            "at the day on the paper."
        ),
        message("Nobody can have signed before the approval. Look at the day on the paper."),
    ),
    "day_to_come": (
        message("{day} is still to come; today is {today}. Record it when it has happened."),
        message("That day is still to come. Record it when it has happened."),
    ),
    "signature_missing": (
        message(
            "These signatures are missing: {unsigned}. The agreement takes effect when everybody "
            "has signed."
        ),
        message("A signature is missing. The agreement takes effect when everybody has signed."),
    ),
    "no_guarantor": (
        message("Agreement {number} names no guarantor. Leave that signature out."),
        message("The agreement names no guarantor. Leave that signature out."),
    ),
    "payment_of_nothing": (
        message("A payment is more than zero; {amount} is not. Correct the amount."),
        message("A payment is more than zero. Correct the amount."),
    ),
    "payment_currency": (
        message(
            "The agreement is in {expected}, the payment in {given}. Post what arrived in "
            "{expected}."
        ),
        message("The payment is in another currency than the agreement. Correct it."),
    ),
    "payment_before_start": (
        message(
            "The plan starts on {start}; a payment of {day} belongs to what was owed before. "
            "Look at the day."
        ),
        message("The payment came before the plan started. Look at the day."),
    ),
    "payment_beyond_plan": (
        message(
            "The plan asks for {left} more, the payment is {amount}. Post what belongs to this "
            "plan, and give back or book elsewhere what is beyond it."
        ),
        message(
            "The payment is more than the plan still asks for. Post what belongs to this plan, and "
            "give back or book elsewhere what is beyond it."
        ),
    ),
    "payment_known": (
        message(
            "A payment of {amount} with this reference was recorded by {by} for {number}, received "
            "on {day}. Nothing was posted. If yours is another payment, enter its own reference."
        ),
        message(
            "A payment with this reference is recorded already. Nothing was posted. If yours is "
            "another payment, enter its own reference."
        ),
    ),
    "reference_missing": (
        message("Enter the reference of the bank: it keeps a payment from being posted twice."),
    ),
    "reference_too_long": (
        message("The reference has {length} characters; at most {most} are kept. Enter a part."),
        message("The reference is too long. Enter a part."),
    ),
    "not_all_paid": (
        message(
            "Agreement {number} still asks for {left}; repaying all of it on {day} takes {payoff}. "
            "It is kept when one of them is paid."
        ),
        message("The agreement still asks for money. It is kept when everything is paid."),
    ),
    "not_signed": (
        message(
            "Agreement {number} takes effect only when both parties have signed, and no signature "
            "is recorded, so there is nothing to break. Record the signature first (plan-assistant "
            "sign), or end what was never signed (plan-assistant reopen --reason never_signed)."
        ),
        message(
            "The agreement takes effect only when both parties have signed, and no signature is "
            "recorded, so there is nothing to break. Record the signature first (plan-assistant "
            "sign), or end what was never signed (plan-assistant reopen --reason never_signed)."
        ),
    ),
    "nothing_past_due": (
        message(
            "Under {number} nothing is past due for longer than counts as on time (days: "
            "{tolerance}; now: {days}). A plan that is paid is not broken."
        ),
        message(
            "Nothing is past due beyond the days that count as on time. A plan that is paid is not "
            "broken."
        ),
    ),
    "no_such_missed": (
        message("Installment {installment} is not past due; these are: {known}. Name one of them."),
        message("That installment is not past due. Name one that is."),
    ),
    "notice_too_early": (
        message(
            "A notice of {day} came before the payment was late; the first day for it was {first}. "
            "Send a notice, and wait for the days it grants."
        ),
        message(
            "The notice came before the payment was late. Send a notice, and wait for the days it "
            "grants."
        ),
    ),
    "cure_runs": (
        message("The borrower may make up the missed amount until {until}. Decide after that day."),
        message("The borrower may still make up the missed amount. Decide after that time."),
    ),
    "maker_may_not_declare": (
        message(
            "{maker} made this agreement and does not declare it broken. Another team lead has to "
            "look at it."
        ),
        message(
            "Whoever made an agreement does not declare it broken. Another team lead has to look "
            "at it."
        ),
    ),
    "nothing_to_reopen": (
        message(
            "Nothing of this case has ended (it is: {status}), so there is nothing to reopen. Look "
            "at the state of the case; a plan that nobody signed ends with the reason never_signed."
        ),
        message(
            "Nothing of this case has ended, so there is nothing to reopen. Look at the state of "
            "the case; a plan that nobody signed ends with the reason never_signed."
        ),
    ),
    "reopen_sentence_missing": (
        message(
            "Say in a sentence why the case is opened again, with {option}, or choose one of the "
            "other reasons."
        ),
        message(
            "Say in a sentence why the case is opened again, or choose one of the other reasons."
        ),
    ),
    "was_signed": (
        message(
            "Agreement {number} was signed on {day}, as {by} has recorded, so it is in effect. It "
            "ends when it is kept or broken."
        ),
        message("The agreement was signed, so it is in effect. It ends when it is kept or broken."),
    ),
    "was_paid_under": (
        message(
            "{paid} was paid under agreement {number}, so it does not end as never signed. Have it "
            "signed, and record the signature: plan-assistant sign."
        ),
        message(
            "Something was paid under the agreement, so it does not end as never signed. Have it "
            "signed, and record the signature: plan-assistant sign."
        ),
    ),
    "plan_has_ended": (
        message(
            "The plan {number} for debt {debt_id} has ended: {outcome}. Before a new one is "
            "recorded, a team lead has to reopen the case."
        ),
        message(
            "The plan for this debt has ended. Before a new one is recorded, a team lead has to "
            "reopen the case."
        ),
    ),
    "debt_was_paid": (
        message(
            "Under {number}, {paid} was paid for debt {debt_id}, and the figures of this case are "
            "those of {day}, before that: another agreement would ask for it again. Import the "
            "file with the balances of today as a case with a number of its own."
        ),
        message(
            "Something was paid for this debt under an agreement, and the figures of this case are "
            "older: another agreement would ask for it again. Import the file with the balances of "
            "today as a case with a number of its own."
        ),
    ),
    "plan_still_runs": (
        message(
            "Agreement {number} is in force, so the case has not ended. Purge it when the plan has "
            "ended and the time after that has passed."
        ),
        message(
            "An agreement is in force, so the case has not ended. Purge it when the plan has ended "
            "and the time after that has passed."
        ),
    ),
    "which_agreement": (
        message("Several agreements are in force: {known}. Name one with --number."),
        message("Several agreements are in force. Name one with --number."),
    ),
    "no_agreement": (
        message(
            "No agreement of this case is in force. Look at the state of the case in the queue."
        ),
    ),
}

EARLY_END_DOUBTED = message(
    "It is recorded as repaid early, and its payments do not come to that. Tell your auditor."
)
PLAN_STATE = {
    PlanState.WAITING: label("plan state", "waiting for approval"),
    PlanState.RETURNED: label("plan state", "returned"),
    PlanState.DECLINED: label("plan state", "declined"),
    PlanState.CANCELLED: label("plan state", "taken back"),
    PlanState.APPROVED: label("plan state", "approved, not signed"),
    PlanState.SIGNED: label("plan state", "signed"),
    PlanState.KEPT: label("plan state", "kept"),
    PlanState.BROKEN: label("plan state", "broken"),
    PlanState.NEVER_SIGNED: label("plan state", "ended, never signed"),
}
PARTY = {
    Party.BORROWER: label("party", "borrower"),
    Party.GUARANTOR: label("party", "guarantor or co-debtor"),
    Party.LENDER: label("party", "lender"),
}
BREACH_REASON = {
    BreachReason.STOPPED_PAYING: message("payments have stopped"),
    BreachReason.PAYS_TOO_LITTLE: message("less is paid than was agreed"),
    BreachReason.UNREACHABLE: message("the borrower cannot be reached"),
    BreachReason.REFUSES: message("the borrower refuses to pay"),
    BreachReason.NO_LONGER_ABLE: message("the borrower can no longer pay"),
}
REOPEN_REASON = {
    ReopenReason.INCOME_CHANGED: message("the income has changed"),
    ReopenReason.HEALTH: message("illness, or somebody to care for"),
    ReopenReason.NEW_PROPOSAL: message("the borrower proposes something new"),
    ReopenReason.RECORDED_IN_ERROR: message("the end was recorded in error"),
    ReopenReason.NEVER_SIGNED: message("the agreement was not signed, or the borrower withdrew"),
    ReopenReason.OTHER: message("another reason, in a sentence"),
}
