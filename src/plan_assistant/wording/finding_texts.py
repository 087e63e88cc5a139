"""The texts of findings by the test that was asked; `findings.py` fills in the figures.

Of several texts for one test the first whose placeholders can all be filled is used; the last of a
list needs none, so a rule without figures still speaks in a whole sentence.
"""

from __future__ import annotations

from plan_assistant.wording.words import label, message

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
    "verdict_allowed": (
        message("The worst month of this plan is judged: {verdict}."),
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
            "Before any payment {difference} a month is already missing, so no fixed "
            "installment is proposed."
        ),
        message("Before any payment nothing is left over, so no fixed installment is proposed."),
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
            "authority."
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
            "The household can raise {actual} within a month and owes {limit}. This agreement is "
            "for debts beyond what the borrower can repay."
        ),
        message(
            "This agreement is for debts beyond what the borrower can repay, and that is not shown."
        ),
    ),
    "recording_kept": (
        message(
            "An oral agreement counts only with a recording that is kept until the debt is settled."
        ),
    ),
    "restructured_before": (
        message(
            "The debt was already restructured on {actual}, and the observation period runs "
            "until {limit}."
        ),
        message("The debt was already restructured and is still under observation."),
    ),
    "restructured_asset": (
        message(
            "This counts as a restructured asset; it is under observation until {limit} at least."
        ),
        message("This counts as a restructured asset under observation."),
    ),
    "interest_on_fees": (
        message("No interest runs on contractual penalties, annual fees and service fees."),
    ),
    "capitalised_interest": (
        message("Interest of the deferral is added to principal and then bears interest itself."),
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
            "The figures are {actual} old; they should be at most {limit} old. Bring them up to "
            "date."
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
    "credit_report_notice": (
        message(
            "The borrower is told before anything negative is reported to the credit reporting "
            "system."
        ),
    ),
    "cost_statement": (message("The all-in cost statement is shown before anything is signed."),),
    "no_new_card": (
        message("Until all is settled the borrower applies for no credit card at any bank."),
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
SENTENCES |= ADVICE

SHORT: dict[str, tuple[tuple[str, str], ...]] = {
    "longest_term": (label("finding", "term {actual}>{limit}"), label("finding", "term")),
    "term_authority": (label("finding", "term {actual}>{limit}"), label("finding", "term")),
    "term_of_extension": (label("finding", "ext. {actual}>{limit}"), label("finding", "extension")),
    "product_term": (label("finding", "term {actual}>{limit}"), label("finding", "term")),
    "extension_before_maturity": (label("finding", "matured"),),
    "extension_cumulative_short": (
        label("finding", "ext. {actual}>{limit}"),
        label("finding", "extension"),
    ),
    "extension_cumulative_long": (
        label("finding", "ext. {actual}>{limit}"),
        label("finding", "extension"),
    ),
    "verdict_allowed": (label("finding", "over {difference}"), label("finding", "worst month")),
    "smallest_installment": (label("finding", "too small"),),
    "down_payment_exceeds_cash": (label("finding", "beyond cash"),),
    "term_known": (label("finding", "term unknown"),),
    "deficit_no_installment": (label("finding", "no surplus"),),
    "rate_cut": (label("finding", "rate -{points}"), label("finding", "rate cut")),
    "waiver_authority": (label("finding", "waives {actual}"), label("finding", "waiver")),
    "down_payment_authority": (label("finding", "down {actual}<{limit}"), label("finding", "down")),
    "restructurings_authority": (label("finding", "restructured again"),),
    "latest_first_payment": (
        label("finding", "start {actual}>{limit}"),
        label("finding", "first day"),
    ),
    "first_payment_too_early": (
        label("finding", "start {actual}<{limit}"),
        label("finding", "first day"),
    ),
    "longest_grace": (label("finding", "grace {actual}>{limit}"), label("finding", "grace")),
    "largest_owed": (label("finding", "large debt"),),
    "foreign_currency_authority": (label("finding", "currency"),),
    "limitation_passed": (label("finding", "time-barred?"),),
    "guarantor_consent": (label("finding", "guarantor"),),
    "willingness_expressed": (label("finding", "will?"),),
    "inability_shown": (label("finding", "can repay"),),
    "recording_kept": (label("finding", "recording"),),
    "restructured_before": (label("finding", "restructured"),),
    "restructured_asset": (label("finding", "observation"),),
    "interest_on_fees": (label("finding", "fees"),),
    "capitalised_interest": (label("finding", "int. on int."),),
    "annualized_cost_alarm": (label("finding", "cost +{points}"), label("finding", "cost")),
    "annualized_cost_shown": (label("finding", "yearly rate"),),
    "four_eyes": (label("finding", "two persons"),),
    "stale_figures": (label("finding", "old {actual}>{limit}d"), label("finding", "old figures")),
    "covers_interest": (label("finding", "< interest"),),
    "payment_never_ends": (label("finding", "never ends"),),
    "down_payment_exceeds_debt": (label("finding", "down payment"),),
    "hardship_evidence": (label("finding", "no proof"),),
    "credit_report_notice": (label("finding", "credit rep."),),
    "cost_statement": (label("finding", "cost sheet"),),
    "no_new_card": (label("finding", "no new card"),),
    "relief_raises_payment": (label("finding", "+{difference}"), label("finding", "pays more")),
    "relief_raises_total": (
        label("finding", "in all +{difference}"),
        label("finding", "costs more"),
    ),
    "calendar_unpublished": (label("finding", "holidays"),),
    "token_payment": (label("finding", "token"),),
    "freeze": (label("finding", "freeze"),),
    "deferral_with_review": (label("finding", "defer, review"),),
    "referral": (label("finding", "referral"),),
}
