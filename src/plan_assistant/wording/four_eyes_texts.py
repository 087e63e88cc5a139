"""Why a request was not decided, and what to do: packs of today, bulks, clocks, live requests."""

from __future__ import annotations

from plan_assistant.wording.words import message

FOUR_EYES: dict[str, tuple[str, ...]] = {
    "policy_tightened": (
        message(
            "Under the rules of today ({pack} {version}) this plan cannot be approved as it is, "
            "because of: {rules}. Return it, so that it is agreed again."
        ),
        message(
            "Under the rules of today ({pack} {version}) this plan cannot be approved as it is. "
            "Return it, so that it is agreed again."
        ),
        message("The rules have become tighter since the plan was made. Return it."),
    ),
    "pack_is_another": (
        message(
            "This plan was recorded under the policy pack {recorded} {recorded_version}; the one "
            "in force here is {pack} {version}, which does not extend it. Start the program with "
            "the folder of the lender's packs (--policies or PLAN_ASSISTANT_POLICIES) and approve "
            "again; or return the plan, so that it is agreed again."
        ),
        message(
            "This plan was recorded under a policy pack that is not in force here. Start the "
            "program with the folder of the lender's packs (--policies or PLAN_ASSISTANT_POLICIES) "
            "and approve again; or return the plan, so that it is agreed again."
        ),
    ),
    "pack_is_older": (
        message(
            "This plan was recorded under version {recorded_version} of its policy pack; here is "
            "the older {pack} {version}. Put the newer version where this program finds its packs, "
            "and approve again."
        ),
        message(
            "This plan was recorded under a newer version of its policy pack. Put that version "
            "where this program finds its packs, and approve again."
        ),
    ),
    "decision_sentence_missing": (
        message(
            "This reason says nothing by itself. Say in a sentence why you decide so, with "
            "{option}, or choose one of the other reasons."
        ),
        message(
            "This reason says nothing by itself. Say in a sentence why you decide so, or choose "
            "one of the other reasons."
        ),
    ),
    "decided_too_early": (
        message(
            "The plan was recorded at {since}, and the clock of this machine says {at}: no "
            "decision stands before its plan. Set the clock right, here or where the plan was "
            "recorded, and decide again; a plan that a wrong clock recorded is taken back by its "
            "maker and recorded again."
        ),
        message(
            "The clock of this machine is behind the moment at which the plan was recorded. Set "
            "the clock right and decide again."
        ),
    ),
    "approval_does_not_hold": (
        message(
            "The approval of {number} in the name of {by} does not hold: {fault}. Nothing was "
            "written. Tell your administrator."
        ),
        message("The approval of this plan does not hold. Nothing was written."),
    ),
    "only_maker_is_on_the_phone": (
        message("Only {maker}, who made the plan, knows who is on the phone."),
        message("Only the maker of the plan knows who is on the phone."),
    ),
    "terms_meet_no_plan": (
        message(
            "No plan that you may grant meets these terms. Change a figure, or return the request "
            "without terms."
        ),
    ),
    "no_terms_from_lead": (
        message("No terms of a team lead wait for this case. Turn the dials instead."),
    ),
    "bulk_is_empty": (message("Nothing is marked. Space marks a request."),),
    "bulk_is_too_large": (
        message("{count} requests are marked; at most {most} are approved at once. Unmark some."),
        message("Too many requests are marked. Unmark some."),
    ),
    "bulk_repeats": (message("A request is there twice. Mark each case once."),),
    "bulk_holds_own": (
        message("These are your own plans: {numbers}. Another lead decides them; unmark them."),
        message("A plan of your own is among them. Unmark it."),
    ),
    "bulk_holds_live": (
        message("A borrower waits on the phone for: {numbers}. Decide each of these by itself."),
        message("A borrower waits on the phone for one of them. Decide it by itself."),
    ),
    "bulk_not_one_rule": (
        message(
            "Only requests with exactly one rule to allow are approved at once. Decide by itself: "
            "{numbers}."
        ),
        message("Only requests with exactly one rule to allow are approved at once."),
    ),
    "bulk_rules_differ": (
        message("The marked requests break different rules ({rules}). Mark those of one rule."),
        message("The marked requests break different rules. Mark those of one rule."),
    ),
}
