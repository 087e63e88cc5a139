"""The texts of findings by the test that was asked; `findings.py` fills in the figures.

Of several texts for one test the first whose placeholders can all be filled is used; the last of a
list needs none, so a rule without figures still speaks in a whole sentence.
"""

from __future__ import annotations

from plan_assistant.wording.duty_texts import DUTY, STATUS
from plan_assistant.wording.words import message

CASH_RUNS_OUT = message(
    "The household's cash runs out: at its lowest, in the month from {day}, {difference} is "
    "missing."
)
SENTENCES: dict[str, tuple[str, ...]] = {
    "longest_term": (
        message(
            "The plan runs {actual}; the longest term is {limit}, and the plan is {difference} "
            "over."
        ),
        message("The plan runs longer than the longest term."),
    ),
    "term_authority": (
        message(
            "The plan runs {actual}; a collector may grant {limit}, and the plan is "
            "{difference} over."
        ),
        message("The plan runs longer than a collector may grant."),
    ),
    "term_of_extension": (
        message(
            "The extension adds {actual}; an extension adds at most {limit}, and this is "
            "{difference} over."
        ),
        message("The extension adds more than an extension may add."),
    ),
    "product_term": (
        message(
            "The plan runs {actual}; this product runs at most {limit}, and the plan is "
            "{difference} over."
        ),
        message("The plan runs longer than this product may run."),
    ),
    "extension_before_maturity": (
        message(
            "The contract ended on {limit}, which is {difference} ago. An extension is agreed "
            "before that day; afterwards the debt can be rescheduled."
        ),
        message(
            "The contract ends today, on {limit}. An extension is agreed before that day; from "
            "then on the debt can be rescheduled."
        ),
        message(
            "An extension is agreed before the contract ends; afterwards the debt can be "
            "rescheduled."
        ),
    ),
    "extension_cumulative_short": (
        message(
            "All extensions together add {actual}; for this loan they stay within the original "
            "term of {limit}, and this is {difference} over."
        ),
        message("All extensions together add more than the original term of this loan."),
    ),
    "extension_cumulative_long": (
        message(
            "The original term and all extensions together make {actual}; this product runs at "
            "most {limit}, and this is {difference} over."
        ),
        message(
            "The original term and all extensions together are longer than this product may run."
        ),
    ),
    "extension_general": (
        message(
            "All extensions together add {actual}; for a loan of this term they add at most "
            "{limit}, and this is {difference} over."
        ),
        message(
            "The plan runs beyond the end of the contract, and the case does not give the original "
            "term, by which an extension is limited."
        ),
    ),
    "settlement_length": (
        message(
            "Principal is given up and the rest paid over {actual}; a settlement is paid within "
            "{limit}, and this is {difference} over."
        ),
        message("Principal is given up and the rest is paid over a long time."),
    ),
    "rate_above_contract": (
        message(
            "The plan runs at {actual} a year and the contract at {limit}, so the plan is "
            "{points} percentage points over."
        ),
        message("The plan runs at a higher rate than the contract."),
    ),
    "few_payments": (
        message(
            "The number of payments is {actual}, {difference} short of {limit}; fewer are only for "
            "a borrower who asks for them."
        ),
        message("The plan asks for everything in a few large payments."),
    ),
    "reaging_count": (
        message(
            "This would be time {actual} that the account is brought current in the time counted; "
            "{limit} are allowed, and this is {difference} over."
        ),
        message("The account was brought current too often in the time counted."),
    ),
    "present_value_loss": (
        message(
            "At the contract rate the payments are worth {actual} less than what is owed; the "
            "line is {limit}, and this is {points} percentage points over."
        ),
        message("At the contract rate the payments are worth much less than what is owed."),
    ),
    "default_by_loss": (
        message(
            "At the contract rate the payments are worth {actual} less than what is owed; a plan "
            "that gives up more than {limit} counts as a default, and the debt as non-performing; "
            "this is {points} percentage points over."
        ),
        message("The plan gives up so much that it counts as a default."),
    ),
    "debt_grows": (
        message(
            "In this plan the debt grows to {actual} from the {limit} owed today, {difference} "
            "more, before it falls."
        ),
        message("In this plan the debt grows before it falls."),
    ),
    "above_own_proposal": (
        message(
            "The borrower proposed {limit} a month; the plan asks for {actual} in its worst "
            "month, {difference} more."
        ),
        message("The plan asks for more a month than the borrower proposed."),
    ),
    "verdict_allowed": (
        message("The worst month of this plan is judged: {verdict}."),
        message(
            "All debt payments together take {actual} of the income in the worst month, {points} "
            "percentage points over the {limit} that is the line, and less is left over than a "
            "household needs."
        ),
        CASH_RUNS_OUT,
        message(
            "The worst month asks for {actual} and {limit} is spare, so {difference} is missing."
        ),
        message(
            "The worst month asks for {actual} of the {limit} that is spare; that is hard to keep "
            "up."
        ),
        message("The household can hardly keep up the worst month of this plan."),
    ),
    "smallest_installment": (
        message(
            "An installment would repay {actual} of the debt; the least is {limit}, and "
            "{difference} is missing."
        ),
        message("The installments would be too small."),
    ),
    "deficit_no_installment": (
        message(
            "By the figures counted {difference} a month is missing before any payment, so no "
            "fixed installment is proposed."
        ),
        message(
            "By the figures counted nothing is left over before any payment, so no fixed "
            "installment is proposed."
        ),
    ),
    "rate_cut": (
        message(
            "The plan runs at {actual} a year; the lowest rate within authority is {limit}, and "
            "this is {points} percentage points less."
        ),
        message("The plan runs at a lower rate than the authority table allows."),
    ),
    "waiver_authority": (
        message(
            "{actual} would be given up; at most {limit} is within authority, and this is "
            "{difference} more."
        ),
        message("More would be given up than the authority table allows."),
    ),
    "down_payment_authority": (
        message("{actual} is paid today; at least {limit} is asked for, {difference} is missing."),
        message("Less is paid today than the authority table asks for."),
    ),
    "restructurings_authority": (
        message(
            "This would be restructuring number {actual} in the time counted; {limit} is within "
            "authority, and this is {difference} over."
        ),
        message("There are more restructurings than the authority table allows."),
    ),
    "latest_first_payment": (
        message(
            "The first payment is due in {actual}; a collector may grant {limit}, and this is "
            "{difference} over."
        ),
        message("The first payment is due later than a collector may grant."),
    ),
    "first_payment_too_early": (
        message(
            "The first payment is due in {actual}; the borrower should have {limit} to prepare, "
            "which is {difference} more."
        ),
        message(
            "The first payment is due in {actual}; the borrower should have {limit} to prepare."
        ),
        message("The first payment is due too soon for the borrower to prepare."),
    ),
    "longest_grace": (
        message(
            "The plan begins with a grace of {actual}; a collector may grant {limit}, and this is "
            "{difference} over."
        ),
        message("The plan begins with a longer grace than a collector may grant."),
    ),
    "largest_owed": (
        message(
            "{actual} is owed; a collector decides up to {limit}, and this is {difference} over."
        ),
        message("More is owed than a collector decides alone."),
    ),
    "foreign_currency_authority": (
        message(
            "The debt of {actual} is in another currency than the limit of {limit}, so the "
            "collector does not decide alone."
        ),
        message("The debt is in a foreign currency, so the collector does not decide alone."),
    ),
    "limitation_passed": (
        message(
            "The limitation period looks as if it ended on {limit}, which is {difference} ago. "
            "Tell the borrower so before they agree."
        ),
        message(
            "The limitation period looks as if it has ended. Tell the borrower so before they "
            "agree."
        ),
    ),
    "guarantor_consent": (
        message(
            "The guarantor has not agreed in writing; the guarantee may then not cover the new "
            "plan."
        ),
    ),
    "willingness_expressed": (
        message(
            "The borrower has not yet said that they want to go on repaying; ask, and let it be "
            "recorded."
        ),
    ),
    "down_payment_exceeds_cash": (
        message(
            "{actual} today is {difference} more than the {limit} in hand; nobody should borrow "
            "elsewhere for it."
        ),
        message("The down payment is more than the household has in hand."),
    ),
    "term_known": (
        message(
            "The case does not give the original term and the maturity of the loan, so the limits "
            "of an extension cannot be checked."
        ),
    ),
    "inability_shown": (
        message(
            "The household can raise {actual} within a month, {difference} more than the {limit} "
            "it owes. This agreement is for debts beyond what the borrower can repay."
        ),
        message(
            "The household can raise {actual} within a month and owes {limit}. This agreement is "
            "for debts beyond what the borrower can repay."
        ),
        message(
            "This agreement is for debts beyond what the borrower can repay, and that is not shown."
        ),
    ),
    "restructured_before": (
        message(
            "The debt was already restructured on {actual}, and the observation period runs "
            "until {limit}."
        ),
        message("The debt was already restructured and is still under observation."),
    ),
    "capitalised_interest": (
        message("Interest is added to the principal and then bears interest itself."),
    ),
    "annualized_cost_alarm": (
        message(
            "All interest and fees together cost {actual} a year; the alarm line is {limit}, "
            "and this is {points} percentage points over."
        ),
        message("All interest and fees together cost more a year than the alarm line."),
    ),
    "annualized_cost_shown": (
        message(
            "Counted on everything owed, the annualized rate is {actual}; it is said and printed."
        ),
        message("The annualized rate on everything owed is said and printed."),
    ),
    "four_eyes": (message("A second person decides; nobody approves a plan of their own."),),
    "stale_figures": (
        message(
            "The figures are {actual} old; they should be at most {limit} old, and this is "
            "{difference} over. Bring them up to date."
        ),
        message("The figures are old. Bring them up to date."),
    ),
    "covers_interest": (
        message(
            "The payment of {actual} does not cover the {limit} of interest that a month brings; "
            "{difference} is missing."
        ),
        message(
            "The first payment is due on {on}, {difference} after the start, and does not cover "
            "the interest until then."
        ),
        message("The payment does not cover the interest that a month brings."),
    ),
    "payment_never_ends": (
        message("With {actual} a month this debt never ends; a month brings {limit} of interest."),
        message("With this payment the debt never ends."),
    ),
    "down_payment_exceeds_debt": (
        message("The down payment of {actual} is {difference} more than the {limit} that is owed."),
        message("The down payment is more than is owed."),
    ),
    "hardship_evidence": (
        message("Nothing shows the hardship yet; ask which document the borrower can send."),
    ),
    "relief_raises_payment": (
        message(
            "The plan asks for {actual} in its largest month and the contract for {limit} a month, "
            "so it asks for {difference} more."
        ),
        message("The plan asks for more a month than the contract."),
    ),
    "relief_raises_total": (
        message(
            "The plan asks for {actual} in all and the running contract for {limit}, so it asks "
            "for {difference} more."
        ),
        message("The plan asks for more in all than the running contract."),
    ),
    "calendar_unpublished": (
        message(
            "Holidays are published until {limit} and the plan ends on {actual}; a later date "
            "may still move to the next working day."
        ),
        message(
            "Holidays of later years are not published yet; a date may move to the next working "
            "day."
        ),
    ),
}

BLOCKED: dict[str, tuple[str, ...]] = {
    # Beyond what the team lead may grant: the limit is then the lead's, not the collector's.
    "term_authority": (
        message(
            "The plan runs {actual}; a team lead may grant {limit}, and the plan is "
            "{difference} over."
        ),
        message("The plan runs longer than a team lead may grant."),
    ),
    "latest_first_payment": (
        message(
            "The first payment is due in {actual}; a team lead may grant {limit}, and this is "
            "{difference} over."
        ),
        message("The first payment is due later than a team lead may grant."),
    ),
    "longest_grace": (
        message(
            "The plan begins with a grace of {actual}; a team lead may grant {limit}, and this is "
            "{difference} over."
        ),
        message("The plan begins with a longer grace than a team lead may grant."),
    ),
    "largest_owed": (
        message(
            "{actual} is owed; a team lead decides up to {limit}, and this is {difference} over."
        ),
        message("More is owed than a team lead decides."),
    ),
}

ADVICE: dict[str, tuple[str, ...]] = {
    "token_payment": (
        message(
            "A small payment of {actual} a month for a limited time shows good will and leaves the "
            "household what it lives on."
        ),
        message(
            "A small payment for a limited time shows good will and leaves the household what "
            "it lives on."
        ),
    ),
    "freeze": (
        message(
            "Ask for the interest to be stopped, so that the debt does not grow while nothing "
            "can be paid."
        ),
    ),
    "deferral_with_review": (
        message("Put the payments off and agree to look at the budget again on {day}."),
        message("Put the payments off and agree to look at the budget again in {limit}."),
        message("Put the payments off and agree on a day to look at the budget again."),
    ),
    "referral": (
        message(
            "Point to free and independent help, such as legal aid or the local community, and "
            "call back when the borrower had time to talk to them."
        ),
    ),
}
SENTENCES |= ADVICE | STATUS | DUTY
