"""Keys of SQLite stores go only by what is recorded, and facts are of the types there are.

No table changes its form. Stores on PostgreSQL have walls of their own and stay as they are.
"""

from typing import Final

from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres

revision = "0008"
down_revision = "0007"

_TYPES: Final = (
    "'case_opened', 'budget_changed', 'offers_shown', 'offer_spoken', 'offer_refused',"
    " 'disclosure_read', 'plan_recorded', 'approved', 'returned', 'declined', 'cancelled',"
    " 'case_assigned', 'exported', 'signed', 'payment_posted', 'kept', 'broken', 'reopened',"
    " 'call_closed', 'borrower_waits', 'revealed', 'purged'"
)
_IS_ERASED: Final = (
    "exists (select 1 from case_key where case_id = old.case_id and wrapped is null)"
)


def upgrade() -> None:
    if is_postgres():
        return
    _refuse(
        "case_key_no_silent_end",
        "update on case_key",
        "new.wrapped is null and not exists"
        " (select 1 from event where case_id = old.case_id and type = 'purged')",
        "kept: case_key",
    )
    # Only another master key wraps a key anew, and those of the whole store go first.
    _refuse(
        "case_key_no_other_key",
        "update on case_key",
        "new.wrapped is not null and (new.master_key_id = old.master_key_id or new.master_key_id"
        " not in (select master_key_id from store_key))",
        "kept: case_key",
    )
    _refuse(
        "store_key_no_other_key",
        "update on store_key",
        "new.master_key_id = old.master_key_id or length(new.wrapped) <> length(old.wrapped)",
        "kept: store_key",
    )
    _refuse(
        "person_index_no_delete",
        "delete on person_index",
        f"not {_IS_ERASED}",
        "kept: person_index",
    )
    _refuse("person_index_no_update", "update on person_index", "true", "kept: person_index")
    _refuse("alembic_version_no_delete", "delete on alembic_version", "true", "kept: revision")
    _refuse(
        "alembic_version_no_return",
        "update on alembic_version",
        "new.version_num <= old.version_num",
        "kept: revision",
    )
    _refuse(
        "alembic_version_no_replace",
        "insert on alembic_version",
        "exists (select 1 from alembic_version)",
        "kept: revision",
    )
    _refuse(
        "event_type_known", "insert on event", f"new.type not in ({_TYPES})", "event_type_known"
    )


def _refuse(name: str, act: str, when: str, answer: str) -> None:
    op.execute(
        f"create trigger {name} before {act} when {when} begin select raise(abort, '{answer}'); end"
    )
