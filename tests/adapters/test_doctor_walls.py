"""The doctor and the walls of a store on PostgreSQL: whatever was done to them has its name."""

from __future__ import annotations

import pytest
from tests.people import AUDITOR, COLLECTOR, EVERYBODY, NOW
from tests.postgres import SEALING, Database

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.doctor import examine
from plan_assistant.adapters.store.preparing import prepare
from plan_assistant.adapters.store.walls import walls_made
from plan_assistant.domain.health import Check, State
from plan_assistant.wording.health import check_sentence

_ASKS_NOTHING = """
    create or replace function plan_assistant.rule_broken_by(sequence bigint, event_id text,
        case_id text, version integer, at text, actor text, role text, type text, body text,
        sha256 text) returns text language sql stable as $$ select null::text $$
"""


def _done(database: Database, *statements: str) -> None:
    with database.raw(autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _looked(database: Database, name: str = AUDITOR.name) -> list[Check]:
    return [
        check for check in examine(database.url(name), DemoClock(NOW)) if check.state is State.WRONG
    ]


def _told(checks: list[Check]) -> list[str]:
    """Return each code with what it is about, without the way out."""
    return [
        " ".join(
            [check.code, *(value for name, value in check.detail.items() if name != "sql")]
        ).replace("plan_assistant.", "")
        for check in checks
    ]


@pytest.mark.parametrize("name", [*(person.name for person in EVERYBODY), SEALING])
def test_nothing_is_wrong_with_the_walls_of_a_new_store_whoever_looks(
    database: Database, name: str
) -> None:
    checks = examine(database.url(name), DemoClock(NOW))

    (walls,) = (check for check in checks if check.code == "walls")
    assert walls.state is State.FINE
    assert int(walls.detail["count"]) > 40
    assert _looked(database, name) == []


@pytest.mark.parametrize(
    ("done", "told"),
    [
        ("drop policy team_reads on event", "policy_missing team_reads event"),
        ("alter policy team_reads on event using (true)", "policy_changed team_reads event"),
        (
            "alter policy team_reads on event to plan_assistant_collector",
            "policy_changed team_reads event",
        ),
        (
            "drop policy legal_records on event; create policy legal_records on event"
            " as restrictive for insert to plan_assistant_legal_reviewer"
            " with check (actor = session_user)",
            "policy_changed legal_records event",
        ),
        (
            "drop policy own_requests on request; create policy own_requests on request for select"
            " using (actor = session_user)",
            "policy_changed own_requests request",
        ),
        ("create policy all_see on event for select using (true)", "policy_added all_see event"),
        (
            'create policy "Any; one" on event for select using (true)',
            'policy_added "Any; one" event',
        ),
        ("alter table case_key disable row level security", "row_security_off case_key"),
        ("alter table event no force row level security", "row_security_off event"),
        ("drop trigger event_no_change on event", "trigger_missing event_no_change event"),
        ("alter table event disable trigger event_enters", "trigger_off event_enters event"),
        ("alter table event enable replica trigger event_enters", "trigger_off event_enters event"),
        (
            "create or replace trigger event_follows before insert on event for each row"
            " when (new.type = 'signed') execute function event_follows()",
            "trigger_changed event_follows event",
        ),
        (
            "create or replace trigger event_no_change before update on event for each row"
            " execute function refuse_change()",
            "trigger_changed event_no_change event",
        ),
        (
            "create trigger zz before insert on event for each row execute function keep_key()",
            "trigger_added zz event",
        ),
        ("create rule never as on insert to event do instead nothing", "rule_added never event"),
        (
            "alter table decision drop constraint four_eyes",
            "constraint_missing four_eyes decision",
        ),
        (
            "alter table decision drop constraint four_eyes;"
            " alter table decision add constraint four_eyes check (true)",
            "constraint_changed four_eyes decision",
        ),
        (
            "alter table event add constraint no_plans check (type <> 'plan_recorded')",
            "constraint_added no_plans event",
        ),
        (
            "alter table case_head owner to plan_assistant_auditor",
            "owner_changed case_head plan_assistant_auditor",
        ),
        ("grant update on event to public", "right_added public event UPDATE"),
        (
            "grant update (body, sha256) on event to plan_assistant_collector",
            "right_added plan_assistant_collector event UPDATE (body), UPDATE (sha256)",
        ),
        (
            "grant all on event to plan_assistant_agency_collector with grant option",
            None,
        ),
        # Taking it away again takes the rights over columns, too.
        (
            "grant insert on event to plan_assistant_collector",
            "right_added plan_assistant_collector event INSERT",
        ),
        (
            "grant select on event to plan_assistant_auditor with grant option",
            "right_added plan_assistant_auditor event SELECT WITH GRANT OPTION",
        ),
        (
            "grant delete, truncate on event to plan_assistant_collector with grant option",
            "right_added plan_assistant_collector event DELETE, DELETE WITH GRANT OPTION, TRUNCATE,"
            " TRUNCATE WITH GRANT OPTION",
        ),
        (
            "revoke select on account from plan_assistant_team_lead",
            "right_missing plan_assistant_team_lead account SELECT",
        ),
        (
            "revoke insert (at) on event from plan_assistant_collector",
            "right_missing plan_assistant_collector event INSERT (at)",
        ),
        (
            "revoke update on case_head from plan_assistant_owner",
            "right_missing plan_assistant_owner case_head UPDATE",
        ),
        (
            "grant execute on function passwords_of(text) to public",
            "right_added public passwords_of(text) EXECUTE",
        ),
        (
            "revoke execute on function hold_writers() from plan_assistant_sealer",
            "right_missing plan_assistant_sealer hold_writers() EXECUTE",
        ),
        (
            "grant usage on sequence sealed_up_to to plan_assistant_collector",
            "right_added plan_assistant_collector sealed_up_to USAGE",
        ),
        (
            "grant create on schema plan_assistant to public",
            "right_added public plan_assistant CREATE",
        ),
    ],
)  # fmt: skip
def test_what_was_done_is_named_and_the_sql_of_its_answer_puts_it_back(
    database: Database, done: str, told: str | None
) -> None:
    _done(database, f"set search_path = plan_assistant; {done}")

    found = _looked(database)

    _done(database, *(check.detail["sql"] for check in found))
    if told is None:
        # How many rights there are depends on the version of the server.
        assert [check.code for check in found] == ["right_added"]
    else:
        assert _told(found) == [told]
    assert all(
        check.detail["sql"] in check_sentence(check, language)
        for check in found
        for language in ("en", "zh")
    )
    assert _looked(database) == []


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (_ASKS_NOTHING, ["function_changed rule_broken_by"]),
        ("alter function event_enters() security invoker", ["function_changed event_enters()"]),
        ("alter function my_team() reset search_path", ["function_changed my_team()"]),
        ("drop function passwords_of(text)", ["function_missing passwords_of(text)"]),
        (
            "create function all_cases() returns setof event language sql security definer"
            " as $$ select * from event $$",
            ["function_added all_cases()"],
        ),
        (
            "create view seen as select * from event; grant select on seen to public",
            ["relation_added seen"],
        ),
        ("drop table sign_in", ["relation_missing sign_in"]),
        ("alter table decision disable trigger all", [
            "trigger_off decision_no_change decision",
            "trigger_off decision_no_truncate decision",
            "foreign_keys_off decision",
        ]),
        # A function of PostgreSQL's own would be printed without its schema.
        (
            "create function pg_catalog.my_team() returns text language sql"
            " as $$ select 'north' $$;"
            " alter policy team_reads on event using (team = (select pg_catalog.my_team()))",
            ["policy_changed team_reads event"],
        ),
    ],
    ids=[
        "a body", "for whom it acts", "where it looks for names", "a function gone",
        "a function more", "a view more", "a table gone", "foreign keys", "a double",
    ],
)  # fmt: skip
def test_what_sql_alone_does_not_put_back_is_named(
    database: Database, done: str, told: list[str]
) -> None:
    _done(database, f"set search_path = plan_assistant; {done}")

    found = _told(_looked(database))

    assert [one.partition("(bigint")[0] for one in found] == told


def test_what_is_made_from_its_own_sql_is_the_same_as_in_a_restored_dump(
    database: Database,
) -> None:
    made = walls_made()
    dropped = [f"drop policy {name} on {table}" for table, name in made.policies]
    dropped += [f"drop trigger {name} on {table}" for table, name in made.triggers]
    checks = {part: sql for part, sql in made.constraints.items() if " CHECK " in sql}
    dropped += [f"alter table {table} drop constraint {name}" for table, name in checks]

    _done(database, *dropped)
    _done(database, *made.policies.values(), *made.triggers.values(), *checks.values())

    assert len(dropped) > 100
    assert _looked(database) == []


@pytest.mark.parametrize("whose", ["database {}", 'role "wu.hao" in database {}'])
def test_a_setting_that_puts_all_triggers_to_sleep_is_named_with_whom_it_is_for(
    database: Database, whose: str
) -> None:
    with database.raw(autocommit=True) as connection:
        name = connection.info.dbname
        altered = f"alter {whose.format(name)} set session_replication_role = replica"
        connection.execute(altered.encode())

    found = _told(_looked(database))

    assert found == [f"triggers_asleep {COLLECTOR.name if 'role' in whose else name}"]


def test_a_right_without_which_nothing_can_be_read_is_named_all_the_same(
    database: Database,
) -> None:
    _done(database, "revoke select on plan_assistant.event from plan_assistant_auditor")

    found = _looked(database)

    assert [check.code for check in found] == ["right_missing", "store_unreadable"]


def test_making_the_tables_again_puts_nothing_back(database: Database) -> None:
    _done(database, "grant update on plan_assistant.event to public")

    prepare(database.admin_url)

    assert _told(_looked(database)) == ["right_added public event UPDATE"]


def test_one_who_gave_a_right_on_is_named_with_whom_they_gave_it_to(database: Database) -> None:
    _done(
        database,
        'grant select on plan_assistant.seal to "wu.hao" with grant option',
        'set session authorization "wu.hao"; grant select on plan_assistant.seal to "li.na"',
    )

    found = _looked(database)

    _done(database, *(check.detail["sql"] for check in found))
    assert _told(found) == [
        'right_added "li.na" seal SELECT',
        'right_added "wu.hao" seal SELECT, SELECT WITH GRANT OPTION',
    ]
    assert _looked(database) == []
