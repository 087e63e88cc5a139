"""What is asked of a fact alone: the trigger of revision 0010 asks it as constraints did before.

And that no case is erased before the years that its approvals name, nor before those that any
policy pack keeps it for at least.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import astuple, replace
from itertools import product

import pytest
from alembic import command
from psycopg.errors import CheckViolation, InvalidTextRepresentation
from tests.office import Office
from tests.people import ADMINISTRATOR, COLLECTOR, LEAD, NOW, decided, opened, plan, spoken, whole
from tests.postgres import Database

from plan_assistant.adapters.store.preparing import prepare
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import EventType, Json, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import canonical, fingerprint
from plan_assistant.domain.policy.findings import Role
from plan_assistant.domain.stored import StoredEvent

_TYPES = (*(kind.value for kind in EventType), "zzz", None)
_ROLES = (*(role.value for role in Role), "nobody", None)
_COLUMNS = ", ".join(StoredEvent.__annotations__)
_INSERT = (
    f"insert into plan_assistant.event ({_COLUMNS.removeprefix('sequence, ')})"
    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_CHECKS = (
    "select conname, pg_get_expr(conbin, conrelid) from pg_constraint"
    " where conrelid = 'plan_assistant.{}'::regclass and contype = 'c' order by conname"
)


def _facts() -> Iterator[StoredEvent]:
    """Yield facts of every kind by everybody, right and wrong in every way, and with nulls."""
    for kind, role, version in product(_TYPES, _ROLES, (None, -1, 1, 2)):
        for body in (canonical(whole(str(kind))).decode(), "{}", "[]", None):
            fact = StoredEvent(7, "E-1", "A-1", version, "at", "sun.li", role, kind, body, "")  # type: ignore[arg-type]  # null
            hashes: list[str | None] = ["0" * 64, "short", None]
            if None not in astuple(fact):
                hashes.append(fact.expected_hash)
            for sequence, sha256 in product((0, 7), hashes):
                yield replace(fact, sequence=sequence, sha256=sha256)  # type: ignore[arg-type]  # nulls


@pytest.fixture
def before(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A store of revision 0009."""
    fully = command.upgrade
    with database.raw(autocommit=True) as connection:
        connection.execute("drop schema plan_assistant cascade")
    with monkeypatch.context() as older:
        older.setattr(command, "upgrade", lambda config, _revision: fully(config, "0009"))
        prepare(database.admin_url)
    return database


def test_each_fact_breaks_the_rule_whose_constraint_it_broke(before: Database) -> None:
    with before.raw() as connection:
        constraints = connection.execute(_CHECKS.format("event")).fetchall()
    first_broken = " ".join(f"when not ({rule}) then '{name}'" for name, rule in constraints)

    prepare(before.admin_url)

    with before.raw() as connection:
        connection.execute(
            f"create temp table fact as select {_COLUMNS} from plan_assistant.event limit 0"
        )
        with connection.cursor().copy("copy fact from stdin") as copied:
            for fact in _facts():
                copied.write_row(astuple(fact))
        rules = connection.execute(
            f"select case {first_broken} end, plan_assistant.rule_broken_by({_COLUMNS}), count(*)"
            " from fact group by 1, 2"
        ).fetchall()
    assert [(old, new) for old, new, _ in rules if old != new] == []
    assert {old for old, _, _ in rules} == {None, *(name for name, _ in constraints)}


def test_no_constraint_is_left_where_each_plan_passes(before: Database) -> None:
    prepare(before.admin_url)

    with before.raw() as connection:
        left = [
            connection.execute(_CHECKS.format(table)).fetchall() for table in ("event", "request")
        ]
    assert left == [[], []]


CASE = CaseId("A-1")
_SAID = '"debt":{},"maker":"sun.li","number":"AG-1"'


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (f'{{{_SAID},"plan":{{"rows":[]}},"policy":{{}}}}', "AG-1"),
        (f'{{{_SAID},"plan":[{{"number":"AG-2"}}],"policy":{{}}}}', "AG-1"),
        (f'{{{_SAID},"plan":{{}},"policy":{{}},"number":"AG-2"}}', "AG-2"),
        (f'{{{_SAID},"plan":{{"plan":{{}},"policy":{{}}}},"policy":{{}}}}', "AG-1"),
        (f'{{{_SAID},"plan":{{"rows":[],"policy":{{}}}},"policy":{{}}}}', "AG-1"),
        (f'{{{_SAID},"the \\"plan":1,"policy":{{}}}}', "AG-1"),
        (f'{{{_SAID},"note":"a \\"plan\\":1,\\"policy\\":","policy":{{}}}}', "AG-1"),
        (f'{{{_SAID},"plan":{{"rows":[}},"policy":{{}}}}', None),
        (f'{{{_SAID},"plan":"policy":{{}}}}', None),
        (f'{{{_SAID},"plan":,"policy":{{}}}}', None),
        (f'{{{_SAID},"note":"a"plan":1,"policy":{{}}}}', None),
        (f'{{{_SAID},"plan":"\\","policy":"}}', None),
        (f'{{{_SAID},"plan":1,"policy":', None),
        ('{"debt":{},"maker":"sun.li","plan":{"number":"AG-1"},"policy":{}}', None),
    ],
)
def test_a_plan_is_known_by_the_number_that_its_readers_find(
    emptied: Database, body: str, number: str | None
) -> None:
    """However it is written, and whatever stands in its schedule."""
    office = Office(emptied)
    office.append(
        CASE, [opened()], actor=COLLECTOR, at=NOW, expected_version=0, key=RequestKey("opened")
    )
    office.close()
    by, role = COLLECTOR.name, COLLECTOR.role.value
    fact = StoredEvent(0, "E-2", CASE, 2, moment(NOW), by, role, "plan_recorded", body, "")
    row = astuple(replace(fact, sha256=fact.expected_hash))[1:]

    with emptied.raw(by, autocommit=True) as connection:
        refused = pytest.raises((InvalidTextRepresentation, CheckViolation))
        with nullcontext() if number else refused:
            connection.execute(_INSERT, row)

    with emptied.raw() as connection:
        found = connection.execute("select number from plan_assistant.submission").fetchall()
    assert found == ([] if number is None else [(number,)])


def _approved(office: Office, *, years: Json) -> None:
    """Record a case with a plan, and an approval that names so many years."""
    made = plan("AG-1")
    approval = decided(EventType.APPROVED, fingerprint(made.body), LEAD)
    named = NewEvent(EventType.APPROVED, {**approval.body, "retention_years": years})
    for facts, actor, version in (((opened(), made), COLLECTOR, 0), ((named,), LEAD, 2)):
        key = RequestKey(actor.name)
        office.append(CASE, facts, actor=actor, at=NOW, expected_version=version, key=key)


def _erase(office: Office) -> None:
    """Erase the case long after everything, with five years named."""
    purged = NewEvent(EventType.PURGED, whole("purged"))
    key = RequestKey("purged")
    office.erase(CASE, purged, actor=ADMINISTRATOR, at=NOW, expected_version=3, key=key)


@pytest.mark.parametrize("years", [6, 100])
def test_no_case_is_erased_before_the_years_that_its_approval_names(
    emptied: Database, years: int
) -> None:
    office = Office(emptied)
    _approved(office, years=years)

    with pytest.raises(TransitionRefused, match="purged_too_early"):
        _erase(office)

    assert office.key_status().cases_erased == 0
    office.close()


@pytest.mark.parametrize("years", [5, 0, -7, 101, 10**15, "99", None, True, {"years": 99}])
def test_years_that_no_policy_pack_can_name_keep_no_case(emptied: Database, years: Json) -> None:
    office = Office(emptied)
    _approved(office, years=years)

    _erase(office)

    assert office.key_status().cases_erased == 1
    office.close()


def _close(office: Office) -> None:
    """Record a case of which no plan was ever approved, and the end of its only call."""
    closed = NewEvent(EventType.CALL_CLOSED, whole("call_closed", outcome="refused"))
    facts, key = (opened(), spoken(), closed), RequestKey("closed")
    office.append(CASE, facts, actor=COLLECTOR, at=NOW, expected_version=0, key=key)


def _erase_after(database: Database, office: Office, *, days: int, years: Json) -> None:
    """Erase the case that many days after the last act, with years named as somebody likes."""
    with database.raw() as connection:
        # Nobody sets the clock of the server forward: what was done becomes long ago.
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "update plan_assistant.case_head set acted = acted - make_interval(days => %s)", [days]
        )
    purged = NewEvent(EventType.PURGED, whole("purged", ended="1900-01-01", retention_years=years))
    key = RequestKey("purged")
    office.of(ADMINISTRATOR).erase(
        CASE, purged, actor=ADMINISTRATOR, at=NOW, expected_version=3, key=key
    )


@pytest.mark.parametrize(
    ("days", "years"),
    [
        (2, 0),
        (2, 1),
        (365, 1),
        *((100_000, named) for named in (0, -7, 101, 999, "5", "05", None, True, [5])),
    ],
)
def test_a_case_that_was_never_approved_is_kept_as_long_as_any_pack_keeps_one(
    emptied: Database, days: int, years: Json
) -> None:
    office = Office(emptied)
    _close(office)

    with pytest.raises(TransitionRefused, match="purged_too_early"):
        _erase_after(emptied, office, days=days, years=years)

    assert office.key_status().cases_erased == 0
    office.close()


@pytest.mark.parametrize(("days", "years"), [(368, 1), (3660, 10), (36_600, 100)])
def test_a_case_that_was_never_approved_is_erased_after_any_years_that_a_pack_can_name(
    emptied: Database, days: int, years: int
) -> None:
    office = Office(emptied)
    _close(office)

    _erase_after(emptied, office, days=days, years=years)

    assert office.key_status().cases_erased == 1
    office.close()
