"""A store on PostgreSQL by commands, as docs/guide/postgresql.md tells a bank to set one up."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.cli.conftest import Ran
from tests.postgres import PASSWORD, SEALING, Database, Databases
from tests.warm import run_command

FIRST_PASSWORD = "a-first-password"
_PEOPLE = ("zhao.min", "qin.lan", "agent.wu", "lei.fa")


@pytest.fixture
def bare(postgres: Databases, database: Database) -> Iterator[Database]:
    """A database as the guide's first step leaves it, with a keeper who is no superuser."""
    with database.raw(autocommit=True) as connection:
        connection.execute("drop schema plan_assistant cascade")
        connection.execute(
            sql.SQL("create role keeper login createrole password {}").format(sql.Literal(PASSWORD))
        )
        name = connection.info.dbname
        connection.execute(f"grant create on database {name} to keeper".encode())
        # The roles of ours are on this server already, made by another: as for a second database.
        connection.execute("grant plan_assistant_owner to keeper")
        for group in (
            "collector", "team_lead", "legal_reviewer", "auditor", "administrator",
            "agency_collector", "sealer",
        ):  # fmt: skip
            connection.execute(
                f"grant plan_assistant_{group} to keeper with admin true, inherit false,"
                " set false".encode()
            )
    yield database
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        for person in _PEOPLE:
            connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(person)))
        connection.execute("drop owned by keeper")
        connection.execute("reassign owned by keeper to postgres")
        connection.execute("drop role keeper")


Tell = Callable[..., Ran]


@pytest.fixture
def tell(bare: Database, tmp_path: Path) -> Tell:
    """Return a function that runs a command on the store as a person, whose password is outside."""

    def tell(
        person: str,
        *arguments: object,
        given: str = "",
        password: str = FIRST_PASSWORD,
        **variables: str,
    ) -> Ran:
        address, _, rest = bare.admin_url.partition("://")
        place = rest.rpartition("@")[2]
        done = run_command(
            *("--lang", "en", "--store", f"{address}://{person}@{place}"),
            *arguments,
            folder=tmp_path,
            environment={**os.environ, "PGPASSWORD": password, **variables},
            typed=given.encode(),
        )
        return Ran(done.code, done.out.decode(), done.err.decode())

    return tell


def test_a_bank_starts_by_the_guide(tell: Tell, sample: Callable[[str], Path]) -> None:
    before = tell("keeper", "queue", password=PASSWORD)
    assert before.code == 4
    assert "store migrate" in before.err

    made = tell("keeper", "store", "migrate", password=PASSWORD)
    assert (made.code, made.err) == (0, "")
    again = tell("keeper", "store", "migrate", password=PASSWORD)
    assert again.out == made.out

    for name, role in zip(
        _PEOPLE, ("collector", "team_lead", "agency_collector", "auditor"), strict=True
    ):
        added = tell(
            "keeper", "staff", "add", name, role, "--team", "north", "--password-stdin",
            given=FIRST_PASSWORD + "\n", password=PASSWORD,
        )  # fmt: skip
        assert added.code == 0, added.err
        assert FIRST_PASSWORD not in added.out + added.err

    checked = tell("zhao.min", "store", "check")
    assert (checked.code, "no others" in checked.out) == (0, True), checked.out
    looked = tell("zhao.min", "doctor")
    assert (looked.code, "and rights are those this program" in looked.out) == (0, True), looked.out
    keeper = tell("keeper", "store", "check", password=PASSWORD)
    assert keeper.code == 1
    assert "take the walls down" in keeper.out

    assert tell("zhao.min", "import", sample("S01-job-loss")).code == 0
    (row,) = json.loads(tell("qin.lan", "queue", "--json").out)
    case = row["case_id"]
    assert json.loads(tell("agent.wu", "queue", "--json").out) == []
    assert tell("agent.wu", "show", case).code != 0
    given = tell("qin.lan", "assign", case, "agent.wu")
    assert given.code == 0, given.err
    assert [row["case_id"] for row in json.loads(tell("agent.wu", "queue", "--json").out)] == [case]
    assert tell("qin.lan", "assign", case, "--back").code == 0
    assert json.loads(tell("agent.wu", "queue", "--json").out) == []
    assert len(json.loads(tell("lei.fa", "queue", "--json").out)) == 1

    other = tell("zhao.min", "--as", "qin.lan", "queue")
    assert other.code == 1
    assert "You are signed in to the database as zhao.min" in other.err


def _staffed(tell: Tell) -> None:
    assert tell("keeper", "store", "migrate", password=PASSWORD).code == 0
    roles = ("collector", "team_lead", "administrator", "auditor")
    for name, role in zip(_PEOPLE, roles, strict=True):
        added = tell(
            "keeper", "staff", "add", name, role, "--password-stdin",
            given=FIRST_PASSWORD + "\n", password=PASSWORD,
        )  # fmt: skip
        assert added.code == 0, added.err


_COLLECTOR, _LEAD, _ADMINISTRATOR, _AUDITOR = _PEOPLE
_SIGNING = "signs what she approves"
_SEAL = "passphrase of the seal key"


def test_a_plan_is_approved_sealed_and_exported_by_the_guide(
    tell: Tell, sample: Callable[[str], Path], tmp_path: Path
) -> None:
    _staffed(tell)
    case, key = "S01-job-loss", str(tmp_path / "seal-key.pem")
    assert tell(_COLLECTOR, "import", sample(case)).code == 0
    chosen = tell(_COLLECTOR, "choose", case, "--recording", "REC-1", "--said-all")
    assert chosen.code == 0, chosen.err
    (plan,) = json.loads(tell(_LEAD, "pending", "--json").out)

    # Who may not approve has no password here, and is not sent to set one.
    refused = tell(_COLLECTOR, "approve", case, "--code", plan["code"])
    assert (refused.code, "password" in refused.err) == (1, False), refused.err
    assert "collector" in refused.err
    unsigned = tell(_LEAD, "approve", case, "--code", plan["code"])
    assert unsigned.code == 1, unsigned.out
    own = tell(_LEAD, "staff", "password", _LEAD, "--password-stdin", given=_SIGNING + "\n")
    assert own.code == 0, own.err
    approved = tell(
        _LEAD, "approve", case, "--code", plan["code"], PLAN_ASSISTANT_PASSWORD=_SIGNING
    )
    assert approved.code == 0, approved.err

    seals = {"PLAN_ASSISTANT_SEAL_PASSPHRASE": _SEAL, "PLAN_ASSISTANT_SEAL_KEY": key}
    assert tell(SEALING, "audit", "key", password=PASSWORD, **seals).code == 0
    sealed = tell(SEALING, "audit", "seal", password=PASSWORD, **seals)
    assert sealed.code == 0, sealed.err
    exported = tell(_COLLECTOR, "export", case, "--format", "json", "-o", "out", **seals)
    assert exported.code == 0, exported.err
    audited = tell(_AUDITOR, "audit", "verify", "--checkpoint", sealed.out.strip())
    assert (audited.code, "facts not sealed yet: 1." in audited.out) == (0, True), audited.out
    taken = tell(_AUDITOR, "audit", "export", "record")
    assert (taken.code, len(taken.out.split())) == (0, 11), taken.err
    assert tell(_COLLECTOR, "audit", "verify").code == 1


def test_a_case_is_found_revealed_and_erased_by_the_guide(
    tell: Tell, sample: Callable[[str], Path]
) -> None:
    _staffed(tell)
    case = "S01-job-loss"
    tell(_COLLECTOR, "import", sample(case))
    name = json.loads(sample(case).read_text(encoding="utf-8"))["borrower"]["name"]

    assert tell(_COLLECTOR, "find", "name", given=f"{name}\n").code == 0
    assert name not in tell(_ADMINISTRATOR, "show", case).out
    assert name in tell(_COLLECTOR, "reveal", case, "--reason", "request").out
    assert tell(_ADMINISTRATOR, "reveal", case, "--reason", "request").code == 1
    refused = tell(_COLLECTOR, "purge")
    assert refused.code == 1
    assert "No case is kept long enough" in tell(_ADMINISTRATOR, "purge").out


def test_a_short_first_password_is_refused(tell: Tell) -> None:
    tell("keeper", "store", "migrate", password=PASSWORD)

    ran = tell(
        "keeper", "staff", "add", "zhao.min", "collector", "--password-stdin",
        given="short\n", password=PASSWORD,
    )  # fmt: skip

    assert ran.code == 1
    assert "at least 10 characters" in ran.err
    assert "short" not in ran.err


def test_a_login_that_may_do_everything_is_warned_whenever_it_opens_the_store(
    tell: Tell,
) -> None:
    tell("keeper", "store", "migrate", password=PASSWORD)

    ran = tell("postgres", "staff", "list", password=PASSWORD)

    assert ran.code == 0
    assert "postgres is a superuser of the database" in ran.err


def test_giving_and_taking_back_at_once_is_wrong_use(tell: Tell) -> None:
    for arguments in (("A-1",), ("A-1", "agent.wu", "--back")):
        assert tell("keeper", "assign", *arguments, password=PASSWORD).code == 2
