"""What one person could still record to stop others, take what is theirs, or end what is kept.

No table changes its form but `case_head` on PostgreSQL, which is derived; facts and rows that are
there stay as they are.
"""

from pathlib import Path
from typing import Final

from alembic import op

from plan_assistant.adapters.store.migrations.append_only import is_postgres

revision = "0009"
down_revision = "0008"

_WALLS: Final = Path(__file__).with_name("0009_door_postgres.sql")

_DIGIT: Final = "[0-9]"
_DAY: Final = f"2{_DIGIT * 3}-[01]{_DIGIT}-[0-3]{_DIGIT}"
_TIME: Final = f"[0-2]{_DIGIT}:[0-5]{_DIGIT}:[0-5]{_DIGIT}.{_DIGIT * 6}"
_MOMENT: Final = f"{_DAY}T{_TIME}[+-]{_DIGIT * 2}:{_DIGIT * 2}"
_NO_MOMENT: Final = f"new.at not glob '{_MOMENT}' or datetime(new.at) is null"
_ROLES: Final = (
    "'collector', 'team_lead', 'legal_reviewer', 'auditor', 'administrator', 'agency_collector'"
)
_LARGEST: Final = 4 * 1024 * 1024
_UNSEEN: Final = (
    (1, 31),
    (127, 159),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x2069),
    (0xFEFF, 0xFEFF),
)
"""Controls and marks that show as nothing or turn a line around, first and last of each range."""


def upgrade() -> None:
    if is_postgres():
        # Past SQLAlchemy, as in revision 0005.
        driver = op.get_bind().connection.driver_connection
        assert driver is not None
        driver.execute(_WALLS.read_text())
        return
    # SQLite calls no JSON what is nested more than a thousand levels deep; readers stop before.
    _refuse(
        "event_body_readable",
        "event",
        f"length(cast(new.body as blob)) > {_LARGEST} or not json_valid(new.body)"
        " or json_type(new.body) <> 'object'",
    )
    for table in ("event", "approval_key", "password", "sign_in"):
        _refuse(f"{table}_moment", table, _NO_MOMENT)
    _refuse(
        "approval_key_digits",
        "approval_key",
        "new.public_key || new.endorsed_with || new.endorsement glob '*[^0-9a-f]*'"
        " or length(new.endorsed_with) <> 64",
    )
    for table in ("approval_key", "password", "sign_in"):
        _refuse(
            f"{table}_number_follows",
            table,
            f"new.number <> 1 + (select coalesce(max(number), 0) from {table}"
            f" where account = new.account) and not exists (select 1 from {table}"
            # A row that would replace another is refused as that.
            " where account = new.account and number = new.number)",
        )
    for name, rule in (
        ("account_role_known", f"new.role not in ({_ROLES})"),
        (
            "account_name_plain",
            "new.name not glob '[a-z0-9]*' or new.name glob '*[^a-z0-9._-]*'"
            " or length(new.name) > 40",
        ),
        (
            "account_shown_whole",
            f"new.display_name || new.team glob '*[' || {_ranges()} || ']*'",
        ),
    ):
        # One that is there stays, whoever writes it again.
        is_new = "not exists (select 1 from account where name = new.name)"
        _refuse(name, "account", f"({rule}) and {is_new}")


def _refuse(name: str, table: str, when: str) -> None:
    op.execute(
        f"create trigger {name} before insert on {table} when {when}"
        f" begin select raise(abort, '{name}'); end"
    )


def _ranges() -> str:
    return " || ".join(f"char({first}) || '-' || char({last})" for first, last in _UNSEEN)
