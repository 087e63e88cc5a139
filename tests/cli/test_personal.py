"""Personal data on the command line: keys, find, reveal, purge, and no word of it anywhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from plan_assistant import bootstrap
from plan_assistant.adapters.keys.master import new_master_key, written
from plan_assistant.domain.events import Account
from plan_assistant.domain.formats.case_file import write_case
from plan_assistant.domain.policy.findings import Role
from tests.canaries import (
    ACCOUNT,
    ADDRESS,
    CANARIES,
    ID_NUMBER,
    NAME,
    NOTE,
    PHONE,
    SENTENCE,
    canary_case,
    found_in,
    leaks,
)
from tests.staffing import PASSWORD
from tests.warm import run_command

_ABOUT = {name: CANARIES[name] for name in ("name", "ID number", "phone", "address", "note")}
"""What tells who a case is about; the rest is read in every call."""


@dataclass
class Shell:
    """Runs commands in a home of their own and keeps everything they wrote."""

    home: Path
    environment: dict[str, str]
    written: bytes = b""

    def run(self, *arguments: object, stdin: str = "", lang: str = "en") -> tuple[int, str, str]:
        done = run_command(
            "--lang",
            lang,
            *arguments,
            folder=self.home,
            environment=self.environment,
            typed=stdin.encode(),
        )
        self.written += done.err
        return done.code, done.out.decode(), done.err.decode()

    def let_in(self, name: str, role: str) -> tuple[int, str, str]:
        """Let a person work on the default store, with the password of the tests."""
        given = f"{PASSWORD}\n"
        return self.run("staff", "add", name, role, "--password-stdin", stdin=given)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A user without keys, whose every file lies below one folder."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "TMPDIR": str(home),
        "COLUMNS": "200",
        "PLAN_ASSISTANT_PASSWORD": PASSWORD,
    }
    del environment["PLAN_ASSISTANT_MASTER_KEY"]
    yield Shell(home, environment)


def staffed(shell: Shell) -> tuple[str, ...]:
    """Let a collector, a lead and an administrator work on the default store."""
    for name, role in (("wu", "collector"), ("li", "team_lead"), ("tang", "administrator")):
        assert shell.let_in(name, role)[0] == 0
    return ("--as", "wu")


def case_file(shell: Shell) -> Path:
    path = shell.home.parent / "case.json"
    path.write_text(json.dumps(write_case(canary_case()), ensure_ascii=False), encoding="utf-8")
    return path


# --- keys
def test_a_first_store_makes_its_key_in_a_file_and_says_so_once(shell: Shell) -> None:
    code, _out, said = shell.let_in("wu", "collector")
    key = shell.home / "data" / "plan-assistant" / "master.key"

    assert code == 0
    assert f"A new master key was made in {key}." in said
    assert key.stat().st_mode & 0o777 == 0o600
    assert shell.run("staff", "list") == (0, "wu  wu  collector\n", "")


def test_without_its_key_a_store_is_refused_with_a_sentence(shell: Shell) -> None:
    staffed(shell)
    key = shell.home / "data" / "plan-assistant" / "master.key"
    key.unlink()

    code, out, said = shell.run("queue")
    wrong = {**shell.environment, "PLAN_ASSISTANT_MASTER_KEY": written(new_master_key())}
    shell.environment = wrong
    other = shell.run("queue", lang="zh")

    assert (code, out) == (4, "")
    assert "The master key" in said
    assert "is not here. Nothing was opened. Set PLAN_ASSISTANT_MASTER_KEY" in said
    assert other[:2] == (4, "")
    assert "找不到用于读取" in other[2]
    assert not key.exists()


def test_a_key_that_others_may_read_is_refused_with_a_sentence(shell: Shell) -> None:
    staffed(shell)
    key = shell.home / "data" / "plan-assistant" / "master.key"
    key.chmod(0o644)

    code, _out, said = shell.run("queue", "--json")

    assert code == 4
    assert f"others may read it (mode 0644): chmod 600 {key}" in said


def test_a_store_is_put_under_another_key_and_the_old_one_goes(shell: Shell) -> None:
    collector = staffed(shell)
    shell.run(*collector, "import", case_file(shell))
    before = json.loads(shell.run("keys", "status", "--json")[1])
    old = before["master_key_id"]

    refused = shell.run("keys", "forget", old)
    stranger, by_collector = shell.run("keys", "rotate"), shell.run(*collector, "keys", "rotate")
    code, _out, said = shell.run("--as", "tang", "keys", "rotate")
    after = json.loads(shell.run("keys", "status", "--json")[1])
    forgotten = shell.run("keys", "forget", old)
    again = shell.run("keys", "forget", old)

    assert [(code, out) for code, out, _said in (stranger, by_collector)] == [(1, ""), (1, "")]
    assert "tang" in stranger[2]
    assert by_collector[2] == stranger[2]
    assert refused[0] == 1
    assert "still stands on the master key" in refused[2]
    assert code == 0
    assert "A new master key was made" in said
    assert after["master_key_id"] != old
    assert after["cases_with_key"] == 1
    assert (forgotten[0], again[0]) == (0, 1)
    assert "张" not in shell.run(*collector, "queue")[1]
    assert "鬯**" in shell.run(*collector, "queue")[1]


def test_a_store_without_an_administrator_is_put_under_another_key_by_its_owner(
    shell: Shell,
) -> None:
    shell.let_in("wu", "collector")

    assert shell.run("keys", "rotate")[0] == 0


def test_a_printed_key_can_be_used(shell: Shell) -> None:
    code, key, _said = shell.run("keys", "new")
    shell.environment["PLAN_ASSISTANT_MASTER_KEY"] = key.strip()

    assert code == 0
    assert shell.let_in("wu", "collector")[0] == 0
    assert json.loads(shell.run("keys", "status", "--json")[1])["place"] == (
        "PLAN_ASSISTANT_MASTER_KEY"
    )
    assert not (shell.home / "data" / "plan-assistant" / "master.key").exists()


def test_the_demo_leaves_the_keys_of_the_user_alone(shell: Shell) -> None:
    code, out, said = shell.run("demo", "--no-ui")
    demo = shell.home / "demo-output"

    assert code == 0
    assert "0 differences" in out
    assert not (shell.home / "data").exists()
    assert (demo / "demo-store.sqlite.key").stat().st_mode & 0o777 == 0o600
    shell.environment["PLAN_ASSISTANT_PASSWORD"] = bootstrap.DEMO_PASSWORD
    queue = shell.run("--store", demo / "demo-store.sqlite", "--as", "wu.hao", "queue", "--json")
    assert len(json.loads(queue[1])) == 18
    assert str(demo.name) in said


# --- find and reveal
@pytest.mark.parametrize(
    ("by", "text"), [("name", NAME), ("id-number", ID_NUMBER), ("phone", f"+86 {PHONE}")]
)
def test_a_borrower_is_found_by_what_is_read_from_stdin(shell: Shell, by: str, text: str) -> None:
    collector = staffed(shell)
    shell.run(*collector, "import", case_file(shell))

    code, out, said = shell.run(*collector, "find", by, stdin=f"{text}\n")
    nobody = shell.run(*collector, "find", by, stdin="别的人 999\n")

    assert code == 0
    assert "K-1" in out
    assert not found_in((out + said).encode(), _ABOUT)
    assert nobody[0] == 1


def test_revealing_shows_everything_and_leaves_a_line(shell: Shell) -> None:
    collector = staffed(shell)
    shell.run(*collector, "import", case_file(shell))

    refused = shell.run("--as", "tang", "reveal", "K-1", "--reason", "identity")
    wordless = shell.run(*collector, "reveal", "K-1", "--reason", "other")
    code, out, _said = shell.run(*collector, "reveal", "K-1", "--reason", "document")
    as_json = json.loads(shell.run(*collector, "reveal", "K-1", "--reason", "request", "--json")[1])

    assert (refused[0], wordless[0]) == (1, 1)
    assert code == 0
    assert [text for text in (NAME, ID_NUMBER, PHONE, ADDRESS, NOTE) if text not in out] == []
    assert as_json["id_number"] == ID_NUMBER
    trail = shell.run(*collector, "show", "K-1")[1]
    told = [line.partition("personal data revealed: ")[2] for line in trail.splitlines()]
    assert [reason for reason in told if reason] == [
        "for a letter or a document",
        "the borrower asks what is kept about them",
    ]


# --- purge
def test_purging_lists_first_and_erases_only_when_told(shell: Shell) -> None:
    collector = staffed(shell)
    shell.run(*collector, "import", case_file(shell))
    administrator = ("--as", "tang")

    kept = shell.run(*administrator, "purge", "K-1")
    nothing = shell.run(*administrator, "purge")
    too_short = shell.run(*administrator, "purge", "--years", "0")

    assert kept[0] == 1
    assert "Case K-1 is kept until" in kept[2]
    assert nothing == (0, "No case is kept long enough to be erased.\n", "")
    # No policy pack keeps a case for less than a year, and nobody else may.
    assert (too_short[0], too_short[1]) == (2, "")


OPEN_LONG_AGO = """
import re, sys
from datetime import date, timedelta
from pathlib import Path

from plan_assistant import bootstrap
from plan_assistant.adapters.clock import DemoClock
from plan_assistant.services.keys import new_key
from plan_assistant.services.open_case import open_case
from plan_assistant.services.record import call_ended, perform

LONG = timedelta(days=3000)

def earlier(found):
    return (date.fromisoformat(found[0]) - LONG).isoformat()

store = bootstrap.open_store()
clock = DemoClock(bootstrap.DEMO_START - LONG)
desk = bootstrap.desk(store, bootstrap.account_named(store, "wu"), clock=clock)
closed, *files = sys.argv[1:]
for path in files:
    text = re.sub(r"\\d{4}-\\d\\d-\\d\\d", earlier, Path(path).read_text(encoding="utf-8"))
    opened = bootstrap.read_case_text(text, "case")
    open_case(desk, opened, new_key())
    if closed:
        perform(desk, call_ended(desk, opened.case_id, "promised", new_key()))
store.close()
"""


def long_ago(shell: Shell, *files: Path, is_closed: bool = True) -> Shell:
    """Return a store whose cases were opened, and closed if told, by a clock of then."""
    staffed(shell)
    closed = "closed" if is_closed else ""
    command = [sys.executable, "-c", OPEN_LONG_AGO, closed, *map(str, files)]
    subprocess.run(command, env=shell.environment, check=True)
    return shell


@pytest.fixture
def past(shell: Shell) -> Shell:
    """A store whose one case ended long ago."""
    return long_ago(shell, case_file(shell))


@pytest.mark.parametrize("named", [(), ("K-2", "K-1")], ids=["all of them", "those named"])
def test_a_case_without_its_policy_pack_is_named_and_the_others_are_erased(
    shell: Shell, named: tuple[str, ...]
) -> None:
    other = json.loads(case_file(shell).read_text(encoding="utf-8"))
    without = shell.home.parent / "other.json"
    without.write_text(json.dumps({**other, "case_id": "K-2", "jurisdiction": "BR"}))
    long_ago(shell, case_file(shell), without)

    code, out, said = shell.run("--as", "tang", "purge", *named, "--yes")
    listed = json.loads(shell.run("--as", "tang", "purge", *named[:1], "--json")[1])
    given = shell.run("--as", "tang", "purge", "K-2", "--years", "5", "--yes", lang="zh")

    assert code == 1
    assert "1 case was erased." in out
    assert "Case K-2 was left as it is: no policy pack says how long it is kept." in said
    assert "there is no policy pack for BR" in said
    assert [case["case_id"] for case in listed["undecided"]] == ["K-2"]
    assert given[0] == 0


def test_a_period_below_that_of_the_policy_pack_erases_nothing(past: Shell) -> None:
    code, out, said = past.run("--as", "tang", "purge", "--years", "4", "--yes", "K-1")

    assert (code, out) == (1, "")
    assert "keeps it for 5 years" in said
    assert json.loads(past.run("keys", "status", "--json")[1])["cases_with_key"] == 1


def test_an_open_case_is_listed_and_not_erased(shell: Shell) -> None:
    long_ago(shell, case_file(shell), is_closed=False)

    every = shell.run("--as", "tang", "purge", "--yes")
    named = shell.run("--as", "tang", "purge", "--yes", "K-1")

    assert every[0] == 1
    assert "still open: close it first" in every[1]
    assert "0 cases were erased." in every[1]
    told = json.loads(shell.run("--as", "tang", "purge", "--yes", "--json")[1])
    assert [(case["case_id"], case["erased"]) for case in told["cases"]] == [("K-1", False)]
    assert (named[0], "is open: nobody has closed it" in named[2]) == (1, True)
    assert json.loads(shell.run("keys", "status", "--json")[1])["cases_with_key"] == 1


def test_an_expired_case_is_erased_and_every_command_still_works(past: Shell) -> None:
    administrator = ("--as", "tang")
    listed = past.run(*administrator, "purge")
    still = json.loads(past.run("keys", "status", "--json")[1])
    told = json.loads(past.run(*administrator, "purge", "--json")[1])
    erased = past.run(*administrator, "purge", "--yes")
    again = past.run(*administrator, "purge", "K-1", "--yes")

    assert listed[0] == 0
    assert "K-1" in listed[1]
    assert "Nothing was erased. Add --yes to erase." in listed[2]
    assert still["cases_with_key"] == 1
    assert [case["erased"] for case in told["cases"]] == [False]
    assert erased[0] == 0
    assert "1 case was erased." in erased[1]
    assert again[0] == 1
    assert "was erased on" in again[2]
    for lang, word in (("en", "erased"), ("zh", "已删除")):
        code, out, _said = past.run("--as", "wu", "queue", lang=lang)
        assert (code, word in out) == (0, True)
        code, out, _said = past.run("--as", "wu", "show", "K-1", lang=lang)
        assert (code, word in out) == (0, True)
    shown = json.loads(past.run("--as", "wu", "show", "K-1", "--json")[1])
    assert shown["case"]["borrower"]["name"] == "erased"
    assert shown["erased_at"]
    for command in (("choose", "K-1"), ("export", "K-1"), ("reveal", "K-1", "--reason", "request")):
        code, _out, said = past.run("--as", "wu", *command)
        assert (code, "personal data of this case was erased" in said) == (1, True), command
    assert past.run("--as", "wu", "find", "name", stdin=NAME)[0] == 1
    assert past.run("--as", "li", "pending")[0] == 0
    assert past.run("--as", "wu", "policy", "replay", "--against", "cn-card")[0] in {0, 1}
    assert leaks(past.home) == {}


# --- nothing leaks
def test_nothing_personal_is_written_by_a_whole_day_of_commands(shell: Shell) -> None:
    collector, path = staffed(shell), case_file(shell)
    said = [
        shell.run(*collector, "import", path),
        shell.run(*collector, "queue"),
        shell.run(*collector, "show", "K-1"),
        shell.run(*collector, "show", "K-1", "--json"),
        shell.run(*collector, "import", path),
        shell.run(*collector, "choose", "K-1"),
        shell.run(
            *collector,
            "choose",
            "K-1",
            "--said-all",
            "--recording",
            "R-1",
            "--note",
            SENTENCE,
            "--json",
        ),
        shell.run("--as", "li", "pending"),
    ]
    code = json.loads(shell.run("--as", "li", "pending", "--json")[1])[0]["code"]
    said += [
        shell.run("--as", "li", "approve", "K-1", "--code", code, "--sentence", SENTENCE),
        shell.run(*collector, "show", "K-1", "--json"),
        shell.run(*collector, "find", "phone", stdin=PHONE),
        shell.run("keys", "status"),
    ]

    assert [ran[0] for ran in said] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert [found_in(out.encode(), _ABOUT) for _code, out, _err in said] == [[]] * len(said)
    assert found_in(shell.written) == []
    assert leaks(shell.home) == {}
    exported = shell.run(*collector, "export", "K-1", "--format", "json", "-o", shell.home / "out")
    assert exported[0] == 0
    # The agreement is meant to carry the name, and the collector's own note.
    assert leaks(shell.home, except_for=[".json"]) == {}
    (document,) = (shell.home / "out").glob("*.json")
    assert not found_in(document.read_bytes(), {"ID": ID_NUMBER, "phone": PHONE, "note": NOTE})


def test_a_defect_says_where_and_nothing_of_what_was_in_memory(shell: Shell) -> None:
    """A failure nobody foresaw, with personal data in its text, its cause and its variables."""
    staffed(shell)
    script = (
        "import sys\n"
        "from plan_assistant.services import queue\n"
        "def broken(desk):\n"
        f"    name = {NAME!r}\n"
        "    try:\n"
        f"        raise KeyError({PHONE!r})\n"
        "    except KeyError as error:\n"
        f"        raise ValueError(f'no such borrower {{name}} {ID_NUMBER}') from error\n"
        "queue.queue_of = broken\n"
        "from plan_assistant.cli import main\n"
        "sys.argv = ['plan-assistant', '--lang', 'en', '--as', 'wu', 'queue']\n"
        "main()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], env=shell.environment, capture_output=True, check=False
    )

    said = done.stderr.decode()
    assert done.returncode == 4
    assert "The program failed in a way that was not foreseen." in said
    assert "builtins.ValueError" in said
    assert "builtins.KeyError" in said
    assert "plan_assistant/cli/cases.py:" in said
    assert found_in(done.stderr + done.stdout) == []
    assert str(Path(bootstrap.__file__).parents[3]) not in said


def test_a_refused_file_repeats_nothing_about_the_borrower(shell: Shell) -> None:
    path = case_file(shell)
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["borrower"] = {
        "name": [NAME],
        "id_number": int(ID_NUMBER),
        "phone": {"mobile": PHONE},
        "address": ADDRESS * 30,
    }
    raw["debts"][0]["account_tail"] = f"6222 0212 3456 {ACCOUNT}"
    raw["note"] = {"text": NOTE}
    raw["hardships"][0]["evidence"] = CANARIES["evidence"]
    raw["budget"]["incomes"][0]["label"] = [CANARIES["label"]]
    raw["willingness"]["recording"] = 5521
    path.write_text(json.dumps(raw), encoding="utf-8")

    code, out, said = shell.run("import", path, "--dry-run")

    assert code == 3
    assert said.count("\n") >= 8
    assert found_in((out + said).encode()) == []


def test_accounts_are_not_personal_data_of_borrowers() -> None:
    """The lender's people sign what they do; the record names them for ever."""
    assert "吴昊" in repr(Account("wu.hao", "吴昊", Role.COLLECTOR))
