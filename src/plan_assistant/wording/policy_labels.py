"""What the fields of a policy pack are called, for `policy show` and `policy diff`.

Not here: the sentences (`policies.py`).
"""

from __future__ import annotations

from plan_assistant.domain.policy.space import OldCharges, Rhythm
from plan_assistant.domain.schedule.allocation import Scope
from plan_assistant.wording.words import label

TOP = {
    "jurisdictions": label("policy field", "countries"),
    "products": label("policy field", "products"),
    "effective_from": label("policy field", "in force from"),
    "effective_to": label("policy field", "in force until"),
    "chosen_by_name": label("policy field", "only chosen by name"),
    "fallback": label("policy field", "pack for other products"),
    "calendar": label("policy field", "holiday calendar"),
    "limitation_years": label("policy field", "limitation period, years"),
    "retention_years": label("policy field", "personal data kept after the end, years"),
    "disclosures": label("policy field", "what is said in the call"),
    "return_reasons": label("policy field", "reasons to return a plan"),
    "submit_reasons": label("policy field", "reasons to ask the team lead"),
    "objections": label("policy field", "answers of borrowers"),
    "allocation": label("policy field", "order in which a payment settles"),
    "lender_may_loosen": label("policy field", "what a lender may loosen"),
}
SPACE = {
    "families": label("policy field", "kinds of plans"),
    "min_periods": label("policy field", "fewest payments"),
    "max_periods": label("policy field", "most payments"),
    "graces": label("policy field", "months of grace"),
    "rate_step": label("policy field", "step by which the rate is lowered"),
    "lowest_rate": label("policy field", "lowest rate searched"),
    "waivers": label("policy field", "shares that are waived"),
    "old_charges": label("policy field", "what becomes of old charges"),
    "down_payment_shares": label("policy field", "down payments, of spare cash"),
    "steps": label("policy field", "less in the first months"),
    "rhythms": label("policy field", "rhythms of payment"),
    "multiples": label("policy field", "round payments"),
    "first_payments": label("policy field", "due days for the first payment"),
    "discount_rate": label("policy field", "discount rate"),
    "first_payment_min_days": label("policy field", "days to prepare"),
    "first_payment_max_days": label("policy field", "days until the latest first payment"),
    "days_after_payday": label("policy field", "days after payday"),
    "default_due_day": label("policy field", "usual due day"),
    "offers": label("policy field", "offers shown"),
    "lender_may_loosen": label("policy field", "what a lender may loosen"),
}
AUTHORITY = {
    "longest_term_months": label("policy field", "longest term, months"),
    "latest_first_payment_days": label("policy field", "latest first payment, days"),
    "longest_grace_months": label("policy field", "longest grace, months"),
    "lowest_rate_share": label("policy field", "lowest rate, of the contract rate"),
    "largest_waiver": label("policy field", "largest waiver"),
    "lowest_down_payment_share": label("policy field", "lowest down payment, of what is owed"),
    "largest_owed": label("policy field", "largest debt"),
    "restructurings_12_months": label("policy field", "restructurings within 12 months"),
    "restructurings_60_months": label("policy field", "restructurings within 60 months"),
    "verdicts": label("policy field", "verdicts"),
    "lender_may_loosen": label("policy field", "what a lender may loosen"),
}
BREACH = {
    "tolerance_days": label("policy field", "days that still count as on time"),
    "cure_days": label("policy field", "days to make up after a notice"),
}
ROBUSTNESS = {
    "hazards": label("policy field", "chance a month that a plan breaks"),
    "payment_effects": label("policy field", "whether a lower payment lowers it"),
    "recoveries": label("policy field", "share that a broken plan still brings"),
    "recovery_lag_months": label("policy field", "months until it is brought in"),
    "discount_rates": label("policy field", "discount rates"),
    "source": label("policy field", "source"),
    "confidence": label("policy field", "how well the source was checked"),
}
AFFORDABILITY = {
    "reliability": label("policy field", "what an income counts for"),
    "table_currency": label("policy field", "currency of cap and least share"),
    "statement": label("policy field", "groups of the financial statement"),
    "minimum": label("policy field", "minimum living standard"),
    "floors": label("policy field", "floors of outgoings"),
    "guides": label("policy field", "usual outgoings"),
    "buffer_share": label("policy field", "buffer share"),
    "buffer_cap": label("policy field", "buffer cap"),
    "least_share": label("policy field", "least share of one debt"),
    "dsr_comfortable": label("policy field", "comfortable debt service ratio"),
    "dsr_alarm": label("policy field", "alarming debt service ratio"),
    "shocks": label("policy field", "falls of income tried"),
    "essentials_shock": label("policy field", "rise of essentials tried"),
    "rate_shock": label("policy field", "rise of the rate tried"),
    "horizon_months": label("policy field", "months of running cash"),
    "source": label("policy field", "source"),
    "confidence": label("policy field", "how well the source was checked"),
}
SCHEDULE = {
    "rounding": label("policy field", "rounding of interest"),
    "payment_rounding": label("policy field", "rounding of payments"),
    "day_count": label("policy field", "day count"),
    "period_interest": label("policy field", "interest of a period"),
    "odd_first_period": label("policy field", "first period of odd length"),
    "level_payment": label("policy field", "rule of the level payment"),
    "level_payment_basis": label("policy field", "periods of the level payment"),
    "remainder": label("policy field", "where the remainder goes"),
    "deferred_collection": label("policy field", "how deferred interest returns"),
    "month_end": label("policy field", "ends of months"),
    "holiday_roll": label("policy field", "due dates on holidays"),
    "arrears_treatment": label("policy field", "how arrears are repaid"),
}
PART = {
    "interest": label("policy field", "interest"),
    "penalty_interest": label("policy field", "penalty interest"),
    "fee": label("policy field", "fees"),
    "cost": label("policy field", "costs of enforcement"),
    "months": label("policy field", "months"),
    "share": label("policy field", "share"),
    "amount": label("policy field", "up to"),
    "table": label("policy field", "table"),
    "items": label("policy field", "items"),
    "products": label("policy field", "products"),
    "max_days_past_due": label("policy field", "up to days past due"),
    "order": label("policy field", "order"),
    "scope": label("policy field", "holds over"),
    "rule": label("policy field", "rule"),
}
"""Fields of the small tables within a field."""
OLD_CHARGES = {
    OldCharges.SPREAD: label("old charges", "spread over all payments"),
    OldCharges.FIRST_INSTALLMENT: label("old charges", "paid with the first payment"),
    OldCharges.LAST_INSTALLMENT: label("old charges", "paid with the last payment"),
    OldCharges.CAPITALISE: label("old charges", "added to the principal"),
}
SCOPE = {
    Scope.INSTALLMENT: label("order of a payment", "each installment, the oldest first"),
    Scope.ACCOUNT: label("order of a payment", "all installments due together"),
}
RHYTHM = {
    Rhythm.MONTH: label("rhythm", "every month"),
    Rhythm.FORTNIGHT: label("rhythm", "every two weeks"),
    Rhythm.WEEK: label("rhythm", "every week"),
}
RULE = {
    "test": label("policy field", "question"),
    "effect": label("policy field", "effect"),
    "may_allow": label("policy field", "who may allow it"),
    "effective_from": label("policy field", "in force from"),
    "effective_to": label("policy field", "in force until"),
    "products": label("policy field", "products"),
    "title": label("policy field", "title"),
    "citation": label("policy field", "source"),
    "confidence": label("policy field", "how well the source was checked"),
    "lender_may_loosen": label("policy field", "whether a lender may loosen it"),
}
PARAMETER = {
    "months": label("policy field", "longest term, months"),
    "original_term_months_max": label("policy field", "for loans up to, months"),
    "original_term_months_min": label("policy field", "for loans from, months"),
    "consumer_loan_months": label("policy field", "consumer loans, months"),
    "business_loan_months": label("policy field", "business loans, months"),
    "short_months": label("policy field", "short loans up to, months"),
    "medium_months": label("policy field", "medium loans up to, months"),
    "medium_share": label("policy field", "share of a medium loan's term"),
    "long_months": label("policy field", "long loans, months"),
    "payments": label("policy field", "payments"),
    "within_12_months": label("policy field", "times within 12 months"),
    "within_60_months": label("policy field", "times within 60 months"),
    "age_months": label("policy field", "age of the account, months"),
    "observation_months": label("policy field", "observation, months"),
    "observation_periods": label("policy field", "observation, payments"),
    "window_months": label("policy field", "window, months"),
    "margin_days": label("policy field", "margin, days"),
    "non_performing_days": label("policy field", "non-performing after, days past due"),
    "periods": label("policy field", "payments in a row"),
    "cure_months": label("policy field", "cure period, months"),
    "probation_months": label("policy field", "probation, months"),
    "watch_from": label("policy field", "watch from day"),
    "substandard_from": label("policy field", "substandard from day"),
    "doubtful_from": label("policy field", "doubtful from day"),
    "loss_from": label("policy field", "loss from day"),
    "charge_off_from": label("policy field", "charge-off from day"),
    "share": label("policy field", "share"),
    "uplift": label("policy field", "on top of the contract rate"),
    "years": label("policy field", "years"),
    "least_months": label("policy field", "least months"),
    "minor_units": label("policy field", "least principal a month, minor units"),
    "days": label("policy field", "days"),
    "rate": label("policy field", "rate a year"),
}
SECTION = {
    "space": label("policy field", "levers"),
    "robustness": label("policy field", "how a first place is tried"),
    "schedule": label("policy field", "conventions"),
    "affordability": label("policy field", "affordability"),
    "breach": label("policy field", "breach"),
    "authority": label("policy field", "authority"),
}
