"""How the walls of a store on PostgreSQL differ from those of the migrations, and the way out.

Not here: what is compared (`adapters/doctor_walls.py`). Running the migrations again puts nothing
back, so each sentence says who has to look, and gives the SQL where SQL is all it takes.
"""

from __future__ import annotations

from typing import Final

from plan_assistant.wording.words import message

WALL_SENTENCES: Final = {
    "walls": message(
        "Row security and its policies, all {count} triggers, what they ask, constraints and "
        "rights are those this program makes."
    ),
    "row_security_off": message(
        "Row security of the table {table} is off, or not forced upon its owner: rows were open "
        "to people of other teams or to whoever acts as the owner. Find out who did it, run "
        "plan-assistant audit verify as an auditor, and have the keeper of the database run: {sql}"
    ),
    "policy_missing": message(
        "The policy {name} on the table {table} is missing: whom it lets through cannot see or "
        "write rows that their work needs. Find out who dropped it, and have the keeper of the "
        "database run: {sql}"
    ),
    "policy_changed": message(
        "The policy {name} on the table {table} is not as this program makes it: rows of others "
        "may have been open, or own ones hidden. Find out who changed it, run plan-assistant audit "
        "verify as an auditor, and have the keeper of the database run: {sql}"
    ),
    "policy_added": message(
        "The policy {name} on the table {table} is none of this program: it may have opened rows "
        "of others, or hidden own ones. Find out who made it, run plan-assistant audit verify as "
        "an auditor, and have the keeper of the database run: {sql}"
    ),
    "trigger_missing": message(
        "The trigger {name} on the table {table} is missing: what it asks was not asked of what "
        "was written since. Find out who dropped it, run plan-assistant audit verify as an "
        "auditor, and have the keeper of the database run: {sql}"
    ),
    "trigger_off": message(
        "The trigger {name} on the table {table} is switched off: what it asks is not asked of "
        "what is written. Find out who did it, run plan-assistant audit verify as an auditor, and "
        "have the keeper of the database run: {sql}"
    ),
    "trigger_changed": message(
        "The trigger {name} on the table {table} is not as this program makes it: what it asks "
        "may not have been asked of what was written. Find out who changed it, run plan-assistant "
        "audit verify as an auditor, and have the keeper of the database run: {sql}"
    ),
    "trigger_added": message(
        "The trigger {name} on the table {table} is none of this program: it may change or copy "
        "what is written there. Find out who made it, run plan-assistant audit verify as an "
        "auditor, and have the keeper of the database run: {sql}"
    ),
    "triggers_asleep": message(
        "The setting session_replication_role is replica for {names}: no trigger asks anything of "
        "what is written there. Find out who set it, have a superuser reset it, and run "
        "plan-assistant audit verify as an auditor."
    ),
    "foreign_keys_off": message(
        "The foreign keys of the table {table} are switched off: rows may name rows that are not "
        "there. Find out who did it, run plan-assistant audit verify as an auditor, and have a "
        "superuser run: {sql}"
    ),
    "rule_added": message(
        "The rule {name} on the table {table} is none of this program: it puts something else in "
        "place of what is asked there. Find out who made it, run plan-assistant audit verify as an "
        "auditor, and have the keeper of the database run: {sql}"
    ),
    "constraint_missing": message(
        "The constraint {name} on the table {table} is missing: rows that it refuses were let in. "
        "Find out who dropped it, run plan-assistant audit verify as an auditor, and have the "
        "keeper of the database run: {sql}"
    ),
    "constraint_changed": message(
        "The constraint {name} on the table {table} is not as this program makes it: rows that "
        "it refuses may have been let in. Find out who changed it, run plan-assistant audit verify "
        "as an auditor, and have the keeper of the database run: {sql}"
    ),
    "constraint_added": message(
        "The constraint {name} on the table {table} is none of this program: it may refuse what "
        "people have to record. Find out who made it, and have the keeper of the database run: "
        "{sql}"
    ),
    "function_missing": message(
        "The function {name} is missing: whatever asks it fails. Find out who dropped it, and have "
        "the keeper of the database make it again from the SQL of the revisions of this program."
    ),
    "function_changed": message(
        "The function {name} is not the one this program makes: triggers and policies may have "
        "asked nothing. Find out who changed it, run plan-assistant audit verify as an auditor, "
        "and have the keeper of the database make it again from the SQL of the revisions of this "
        "program."
    ),
    "function_added": message(
        "The function {name} is none of this program: it may do things that whoever calls it may "
        "not. Find out who made it and for what, and have the keeper of the database drop it."
    ),
    "relation_missing": message(
        "{name}, in which this program keeps part of the record, is missing. Let nobody record, "
        "find out who dropped it, and restore the newest dump."
    ),
    "relation_added": message(
        "{name} is no table, view or sequence of this program: it may show rows to people who may "
        "not see them. Find out who made it and for what, and have the keeper of the database "
        "drop it or move it to another schema."
    ),
    "owner_changed": message(
        "{name} belongs to {owner}, who can change and delete everything in it. Find out who did "
        "it, run plan-assistant audit verify as an auditor, and have a superuser run: {sql}"
    ),
    "right_added": message(
        "{who} (public is everybody with a login) has rights on {name} that this program does "
        "not give: {rights}. Find out who gave them, run plan-assistant audit verify as an "
        "auditor, and have the keeper of the database run: {sql}"
    ),
    "right_missing": message(
        "{who} lacks rights on {name} that their work needs: {rights}. Find out who took them, and "
        "have the keeper of the database run: {sql}"
    ),
}
"""What was found about the walls, by the code of a check."""
