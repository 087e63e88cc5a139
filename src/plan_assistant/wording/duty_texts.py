"""The texts of findings that only say or keep something, and of the standing of a debt.

As in `finding_texts.py` the first text whose placeholders can all be filled is used; the last of a
list needs none.
"""

from __future__ import annotations

from plan_assistant.wording.words import message

STATUS: dict[str, tuple[str, ...]] = {
    "restructured_asset": (
        message(
            "This counts as a restructured asset; it is under observation until {limit} at least."
        ),
        message("This counts as a restructured asset under observation."),
    ),
    "classification_by_days": (
        message("At {actual} past due the debt is classed at least {limit}."),
        message("The debt has a class by its days past due."),
    ),
    "financial_difficulty": (
        message("The debt is {actual} past due, which counts as financial difficulty."),
        message("A stated reason why the debt cannot be paid counts as financial difficulty."),
    ),
    "upgrade_earliest": (
        message(
            "The debt is non-performing; with every payment on time it may be upgraded on "
            "{limit} at the earliest."
        ),
        message("The debt is non-performing and may be upgraded after some payments on time."),
    ),
    "overdue_rescheduled": (
        message(
            "The contract ended on {limit}, {difference} ago: this plan is no extension, it "
            "is a restructuring of an overdue debt."
        ),
        message(
            "The contract has ended: this plan is no extension, it is a restructuring of an "
            "overdue debt."
        ),
    ),
    "limitation_after_plan": (
        message(
            "The limitation period starts again with the last installment and then runs until"
            " {limit}."
        ),
        message("The limitation period starts again with the last installment."),
    ),
    "forborne_dates": (
        message(
            "The debt is non-performing and forborne: cured on {actual} at the earliest, then"
            " under probation until {limit}."
        ),
        message("The debt is forborne: under probation until {limit} at the earliest."),
        message("The debt is forborne and under probation."),
    ),
    "reaging_conditions": (
        message(
            "The account is not brought current yet: it has {actual} of the {limit} needed, "
            "{difference} are missing."
        ),
        message("The account is not brought current yet."),
    ),
}
"""What a plan does to the standing of the debt."""

DUTY: dict[str, tuple[str, ...]] = {
    "recording_kept": (
        message(
            "An oral agreement counts only with a recording that is kept until the debt is settled."
        ),
    ),
    "interest_on_fees": (
        message("No interest runs on contractual penalties, annual fees and service fees."),
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
    "agreement_contents": (
        message("The agreement carries every group of contents that the rule names."),
    ),
    "allocation_order": (
        message(
            "A payment settles what is owed in the order of the rule; the agreement states it."
        ),
    ),
    "annual_rate_stated": (message("The rate is stated a year, never by the day alone."),),
    "collection_stops": (
        message(
            "From signature on nobody collects from the borrower, unless the plan is not kept."
        ),
    ),
    "cost_called_interest": (message("What the plan costs is called interest, not a fee."),),
    "credit_file_notice": (
        message("The borrower is told how this arrangement will show on the credit file."),
    ),
    "credit_report_consent": (
        message("Reporting to the credit database needs the borrower's written consent."),
    ),
    "credit_report_years": (
        message(
            "Negative information stays on the credit record for {limit} years after it ended."
        ),
        message("Negative information stays on the credit record for years after it ended."),
    ),
    "date_convention": (
        message(
            "Months end on the same day or at the month's end; a due date on a holiday moves "
            "to the next working day."
        ),
    ),
    "debt_advice": (
        message("The borrower is told where free and independent debt advice is to be had."),
    ),
    "debts_order": (
        message(
            "There are {actual} debts under negotiation; the borrower may name the one that a"
            " payment settles."
        ),
        message("The borrower may name the debt that a payment settles."),
    ),
    "forbearance_considered": (
        message(
            "Before recovery goes on, a pause, less interest, a lower payment and a longer "
            "term are considered."
        ),
    ),
    "free_choice": (
        message(
            "The plan was explained in plain words, with time to think, and was chosen freely."
        ),
    ),
    "human_decides": (
        message("A person decides on this plan, not a program alone; the borrower may ask why."),
    ),
    "no_limitation_waiver": (
        message("No clause changes the limitation period or gives it up in advance."),
    ),
    "no_upfront_interest": (message("No interest is taken out of the principal in advance."),),
    "observation_restarts": (
        message("A missed payment starts the observation period again on that day."),
    ),
    "penalty_rate_ceiling": (
        message("Overdue interest runs at most at {limit} a year, on a contract rate of {actual}."),
        message("Overdue interest has a ceiling above the contract rate."),
    ),
    "sensitive_hardship": (
        message(
            "The case speaks of illness, an accident or a death in the family: go gently, "
            "call less often, and name somebody who helps."
        ),
    ),
    "signature_reliable": (
        message(
            "A typed name is no reliable signature: sign on paper or through a certified service."
        ),
    ),
    "waiver_final": (
        message(
            "{actual} is given up for good, unless the borrower refuses within a reasonable time."
        ),
        message(
            "What is waived is given up for good, unless the borrower refuses within a "
            "reasonable time."
        ),
    ),
    "written_contract": (
        message("The agreement is in writing and states amount, rate, term and way of repayment."),
    ),
}
"""What must be said to the borrower or kept on record."""
