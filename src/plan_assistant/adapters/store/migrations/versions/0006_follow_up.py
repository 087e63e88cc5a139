"""What follows an approval: who may record it, and only about an approved content.

No table changes its form: a signature, a payment and an end are facts like all others.
"""

from pathlib import Path
from typing import Final

from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres
from plan_assistant.adapters.store.migrations.checks import write_anew

revision = "0006"
down_revision = "0005"

_WALLS: Final = Path(__file__).with_name("0006_follow_up_postgres.sql")

_LAST: Final = {"event_role_purges": "type <> 'purged' or role = 'administrator'"}
"""The last constraint of revision 0005: the new ones stand behind it."""
_CHECKS: Final = {
    "event_role_ends": "type not in ('broken', 'reopened') or role = 'team_lead'",
    "event_role_posts": "type not in ('payment_posted', 'kept') or role in ('collector',"
    " 'team_lead')",
    "event_role_signs": "type <> 'signed' or role in ('collector', 'team_lead',"
    " 'agency_collector')",
}
_FOLLOWS: Final = "new.type in ('signed', 'payment_posted', 'kept', 'broken')"
_APPROVED: Final = (
    "exists (select 1 from decision where case_id = new.case_id and outcome = 'approved'"
    " and fingerprint = json_extract(new.body, '$.fingerprint'){more})"
)


def upgrade() -> None:
    if is_postgres():
        for name, rule in _CHECKS.items():
            op.create_check_constraint(name, "event", rule)
        # Past SQLAlchemy, as in revision 0005.
        driver = op.get_bind().connection.driver_connection
        assert driver is not None
        driver.execute(_WALLS.read_text())
        return
    write_anew(op.get_bind(), _LAST, {**_LAST, **_CHECKS}, "0005")
    op.execute(
        f"create trigger event_follows_approval before insert on event when {_FOLLOWS}"
        f" and not {_APPROVED.format(more='')}"
        " begin select raise(abort, 'follows_approval'); end"
    )
    op.execute(
        "create trigger event_maker_breaks before insert on event when new.type = 'broken'"
        f" and {_APPROVED.format(more=' and maker = new.actor')}"
        " begin select raise(abort, 'maker_breaks'); end"
    )
