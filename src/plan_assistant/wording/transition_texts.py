"""Why a step was refused and what to do instead, by the code of the refusal.

Of several texts the first whose placeholders can all be filled is used. The codes and their details
are listed in `domain/transitions.py`; a few more come from the services, the store and the command
line.
"""

from __future__ import annotations

from plan_assistant.wording.follow_up_texts import FOLLOW_UP
from plan_assistant.wording.four_eyes_texts import FOUR_EYES
from plan_assistant.wording.personal_texts import PERSONAL
from plan_assistant.wording.sign_in_texts import SIGN_IN
from plan_assistant.wording.words import message

_CHANGED = (
    message(
        "The case has changed since it was opened. Open it again to see what is new, then "
        "repeat the step."
    ),
)
_OWN_PLAN = (message("Nobody decides a plan of their own. Another team lead has to look at it."),)
_NOTHING_PENDING = (
    message(
        "No plan of this case waits for a decision. Look at the state of the case in the queue."
    ),
)
_OTHER_CONTENT = (
    message(
        "The plan that waits is {pending}, not the {given} that was read. Open the case again "
        "and compare before deciding."
    ),
    message(
        "The plan that waits differs from the one that was read. Open the case again and compare."
    ),
)
_OTHER_ACCOUNT = (
    message("{name} is known here as: {role}. Use that role, or another name."),
    message("This account is known here with another role. Use that role, or another name."),
)

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "follows_refused": (
        message(
            "It was prepared on top of an act that the record has refused. Look at the case, then "
            "do it again."
        ),
    ),
    "no_such_refused_act": (
        message(
            "No refused act of yours, or more than one, begins with {key}. plan-assistant waiting "
            "lists them."
        ),
        message(
            "No refused act of yours, or more than one, has that name. plan-assistant waiting "
            "lists them."
        ),
    ),
    "acts_wait_under_key": (
        message(
            "Acts on this machine that are sealed under the master key {key_id}: {count}. Deliver "
            "them first, with plan-assistant deliver."
        ),
        message(
            "Acts on this machine are sealed under that master key. Deliver them first, with "
            "plan-assistant deliver."
        ),
    ),
    "another_seal_key": (
        message(
            "This store is sealed with the key {known}; the one given is {given}. Nothing was "
            "sealed. Use that key, or add --new-key to go over to the new one from here on."
        ),
        message(
            "This store is sealed with another key. Use that one, or add --new-key to go over to "
            "the new one from here on."
        ),
    ),
    "clock_behind": (
        message(
            "The clock of this machine says {today}, but case {case_id} was erased on {erased} "
            "(version {version}). Nothing was sealed: under this clock the record would say for "
            "ever that it was erased too early. Set the clock of this machine right and seal "
            "again. If it is right, the other one was ahead: seal with --clock-is-right, and the "
            "audit will name that erasing."
        ),
        message(
            "The clock of this machine is days behind an erasing in the record. Nothing was "
            "sealed. Set it right and seal again, or seal with --clock-is-right if it is right."
        ),
    ),
    "only_auditors_export": (
        message(
            "Only an auditor exports the whole record; this account works as {role}. Nothing was "
            "written. Ask an auditor, or work as one with --as."
        ),
        message("Only an auditor exports the whole record. Ask one, or work as one with --as."),
    ),
    "role_may_not": (
        message(
            "This step ({act}) is not one of the role: {role}. Ask somebody whose role includes it."
        ),
        message("Your role does not include this step. Ask somebody whose role includes it."),
    ),
    "evidence_is_not_masked": (
        message(
            "The file for checking (json) holds who the case is about, which the role {role} sees "
            "masked only. Leave json away, for instance with --format pdf, or ask the team lead."
        ),
        message("The file for checking holds who the case is about. Choose another format."),
    ),
    "not_assigned": (
        message(
            "Case {case_id} is not assigned to you. Ask the team lead to assign it, or take "
            "another."
        ),
        message("The case is not assigned to you. Ask the team lead to assign it."),
    ),
    "case_of_another_team": (
        message(
            "The case belongs to another team; nothing was recorded. Ask that team's lead to take "
            "it over."
        ),
    ),
    "not_an_agency_collector": (
        message(
            "{name} works here as {role}; only an agency collector is given cases. Name one of "
            "them."
        ),
        message("Only an agency collector is given cases. Name one of them."),
    ),
    "not_your_account": (
        message(
            "You are signed in to the database as {login}, so you cannot work as {name}. Sign in "
            "as {name}, or leave --as away."
        ),
        message("You can only work under the name you signed in to the database with."),
    ),
    "only_administrator_rotates": (
        message(
            "Only an administrator puts this store under another master key. Ask one of: {known}; "
            "the command then begins with --as NAME."
        ),
        message("Only an administrator puts this store under another master key."),
    ),
    "only_owner_rotates": (
        message(
            "The keys of this store are put under another master key by the owner of its tables; "
            "{login} may not act as {owner}. Ask whoever looks after the database."
        ),
        message(
            "The keys of this store are put under another master key by the owner of its tables. "
            "Ask whoever looks after the database."
        ),
    ),
    "sees_not_all_rows": (
        message(
            "{login} does not see all rows of this store, and what is out of sight would look as "
            "if it had been deleted. Sign in to the database as an auditor, or to seal as a member "
            "of plan_assistant_sealer."
        ),
        message(
            "You do not see all rows of this store, and what is out of sight would look as if it "
            "had been deleted. Sign in to the database as an auditor."
        ),
    ),
    "password_for_approvals": (
        message(
            "On PostgreSQL a password of this program signs approvals and nothing else: team leads "
            "and administrators set their own. {name} signs in with the password of the database "
            "login."
        ),
        message(
            "On PostgreSQL a password of this program signs approvals and nothing else: team leads "
            "and administrators set their own."
        ),
    ),
    "login_has_no_account": (
        message(
            "The database knows you as {login}, but nobody of that name works on this store. Have "
            "the account added: plan-assistant staff add {login} ROLE."
        ),
        message(
            "The database knows your login, but nobody of that name works on this store. Have the "
            "account added."
        ),
    ),
    "not_lead": (message("Only a team lead decides requests. Ask one to take this over."),),
    "not_collector": (message("Only a collector negotiates. Ask one to take this call."),),
    "auditor_reads_only": (
        message("An auditor reads and exports. To change a case, ask a collector or a team lead."),
    ),
    "own_plan": _OWN_PLAN,
    "maker_may_not_decide": _OWN_PLAN,
    "only_maker_may_cancel": (
        message(
            "Only {maker}, who sent the request, may take it back. As a team lead, return it "
            "instead."
        ),
        message(
            "Only the collector who sent the request may take it back. As a team lead, return "
            "it instead."
        ),
    ),
    "not_pending": _NOTHING_PENDING,
    "nothing_pending": _NOTHING_PENDING,
    "plan_is_pending": (
        message(
            "A plan of {maker} has waited for approval since {since}. Wait for the answer, or "
            "have it taken back."
        ),
        message(
            "A plan of {maker} waits for approval. Wait for the answer, or have it taken back."
        ),
        message("A plan waits for approval. Wait for the answer, or have it taken back."),
    ),
    "debt_has_plan_elsewhere": (
        message(
            "Plan {number} about this debt waits or is in force in case {other}. A debt has one "
            "plan at a time: work on that case."
        ),
        message(
            "Plan {number} about this debt waits or is in force in another case, which is not "
            "yours. A debt has one plan at a time: ask the team lead."
        ),
        message(
            "A plan about this debt waits or is in force in another case. A debt has one plan at a "
            "time: ask the team lead."
        ),
    ),
    "already_approved": (
        message(
            "A plan for debt {debt_id} was approved by {by} on {at}. It stays in force; nothing "
            "new is recorded for this debt."
        ),
        message(
            "A plan of this case was approved by {by} on {at}. It stays in force; nothing new "
            "is recorded."
        ),
        message(
            "A plan of this case is already approved. It stays in force; nothing new is recorded."
        ),
    ),
    "already_decided": (
        message(
            "This request was already decided by {by} on {at}: {outcome}. Open the case again "
            "to see it."
        ),
        message("This request was already decided by {by}. Open the case again to see the answer."),
        message("This request was already decided. Open the case again to see the answer."),
    ),
    "changed_since": _CHANGED,
    "not_what_is_pending": _OTHER_CONTENT,
    "fingerprint_differs": _OTHER_CONTENT,
    "plan_is_blocked": (
        message(
            "The plan may not be recorded because of: {rules}. Choose a plan that no rule forbids."
        ),
        message("A rule forbids this plan. Choose another one."),
    ),
    "case_differs": (
        message(
            "The agreement belongs to case {given}, not to {expected}. Open the right case and "
            "repeat."
        ),
        message("The agreement belongs to another case. Open the right case and repeat."),
    ),
    "maker_differs": (
        message(
            "The agreement was made by {given}, but {expected} is at work. Its maker has to "
            "record it."
        ),
        message("The agreement was made by somebody else. Its maker has to record it."),
    ),
    "disclosures_missing": (
        message("Before an agreement these have to be said in the call: {missing}."),
        message("Before an agreement every disclosure has to be said in the call."),
    ),
    "recording_missing": (
        message(
            "An oral agreement counts only with a recording. Give the reference of the call "
            "recording with {option}."
        ),
        message(
            "An oral agreement counts only with a recording. Enter the reference of the call "
            "recording."
        ),
    ),
    "reason_missing": (
        message(
            "This plan needs approval. Give the reason why you ask for it with {option}; choose "
            "one of: {known}."
        ),
        message("This plan needs approval. Choose the reason why you ask for it."),
    ),
    "reason_unknown": (
        message("There is no reason {reason}. Choose one of: {known}."),
        message("There is no such reason. Choose one of the list."),
    ),
    "outcome_unknown": (
        message("A call cannot end with the outcome {outcome}. Choose one of: {known}."),
        message("A call cannot end with this outcome. Choose one of the list."),
    ),
    "ended_otherwise": (
        message(
            "Call {call} about case {case_id} was closed with another outcome before. Nothing was "
            "recorded. Close a call that follows it under an id of its own."
        ),
        message("This call was closed with another outcome before. Nothing was recorded."),
    ),
    "no_plan_agreed": (
        message(
            "You recorded no plan in this call, so none was agreed. Record it first, or choose one "
            "of: {known}."
        ),
        message("You recorded no plan in this call, so none was agreed. Record it first."),
    ),
    "sentence_missing": (
        message(
            "The plan is outside several rules ({rules}). Say in a sentence why you approve it, "
            "with {option}."
        ),
        message(
            "The plan is outside several rules ({rules}). Write a sentence that says why you "
            "approve it."
        ),
        message(
            "The plan is outside several rules. Write a sentence that says why you approve it."
        ),
    ),
    "nothing_offered": (message("There is no plan to offer yet. Change what was dialed."),),
    "no_such_offer": (
        message("There is no offer {number}; there are {offers}. Choose one of them."),
        message("There is no such offer. Choose one of the list."),
    ),
    "no_installments": (
        message(
            "No plan of level payments at the contract's rate is open for debt {debt_id}, so there "
            "is no joint plan. Its offers say what stands in the way."
        ),
        message(
            "No plan of level payments at the contract's rate is open for one of the debts, so "
            "there is no joint plan."
        ),
    ),
    "nothing_to_share": (
        message(
            "The case has one debt that is negotiated, so there is no payment to share. Choose a "
            "plan without --joint."
        ),
    ),
    "other_debt_has_its_own": (
        message(
            "Debt {other} has an agreement of its own, {number}, so one payment cannot be shared "
            "over all debts. Choose a plan for debt {debt_id} without --joint."
        ),
        message(
            "Another debt has an agreement of its own, so one payment cannot be shared over all "
            "debts. Choose a plan without --joint."
        ),
    ),
    "sharing_leaves_out": (
        message(
            "The shared payment leaves out: {debts}. It covers every debt that is negotiated; "
            "choose the part again with --joint."
        ),
        message(
            "The shared payment leaves out a debt that is negotiated. Choose the part again with "
            "--joint."
        ),
    ),
    "part_is_too_late": (
        message(
            "The part of debt {debt_id} in agreement {number} begins on {first_due}, which is not "
            "ahead any more. Choose a plan for that debt without --joint."
        ),
        message(
            "The first payment day of that part is not ahead any more. Choose a plan without "
            "--joint."
        ),
    ),
    "part_does_not_fit": (
        message(
            "Debt {debt_id} is not what it was when agreement {number} named its part. Choose a "
            "plan for that debt without --joint."
        ),
        message(
            "The debt is not what it was when its part was named. Choose a plan without --joint."
        ),
    ),
    "no_such_debt": (
        message(
            "The case has no debt {debt_id} that is negotiated. Choose one that the case lists."
        ),
        message("The case has no such debt. Choose one that the case lists."),
    ),
    "case_exists": (
        message(
            "Case {case_id} is already in this store. Open it, or give the new case another number."
        ),
        message(
            "This case is already in this store. Open it, or give the new case another number."
        ),
    ),
    "only_budget_may_change": (
        message("Only the budget of an open case may change. Import anything else as a new case."),
    ),
    "nothing_to_export": (
        message(
            "There is no plan to print yet. Record one first; until it is approved it prints as "
            "a draft."
        ),
    ),
    "not_an_agreement": (
        message(
            "This is not an agreement of this program. Choose the agreement file that was exported."
        ),
    ),
    "number_taken": (
        message(
            "This agreement number is already taken. Record the plan again; it gets a new one."
        ),
    ),
    "no_such_account": (
        message("Nobody here is called {name}. Known are: {known}."),
        message("Nobody here has that name. Use a name of this store."),
    ),
    "account_unknown": (
        message("Nobody here is called {name}. Have the account added to this store first."),
        message("Nobody here has that name. Have the account added to this store first."),
    ),
    "account_differs": _OTHER_ACCOUNT,
    "first_due_passed": (
        message(
            "The first payment day, {first_due}, has come while the plan waited. Return it, so "
            "that it is agreed again with dates to come."
        ),
        message(
            "The first payment day has come while the plan waited. Return it, so that it is agreed "
            "again with dates to come."
        ),
    ),
    "figures_do_not_follow": (
        message(
            "{place} of this plan does not follow from its terms, so nobody approves it. Return it "
            "and have it recorded again; it was written without this program, or by another "
            "version."
        ),
        message(
            "A figure of this plan does not follow from its terms, so nobody approves it. Return "
            "it and have it recorded again; it was written without this program, or by another "
            "version."
        ),
    ),
    "nobody_works_here": (
        message(
            "Nobody works on this store yet. Add the first person: plan-assistant staff add NAME "
            "collector."
        ),
    ),
    "who_are_you": (
        message("Say who is at work with --as NAME. Known are: {known}."),
        message("Say who is at work with --as NAME."),
    ),
    **SIGN_IN,
    **FOUR_EYES,
    **FOLLOW_UP,
    **PERSONAL,
    "refused_by_store": (
        message(
            "The store refused this step ({rule}); nothing was recorded. Open the case again "
            "and repeat."
        ),
        message(
            "The store refused this step; nothing was recorded. Open the case again and repeat."
        ),
    ),
}
