"""Sealing, auditing, exporting, keeping: as commands, with their exit codes."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from plan_assistant import bootstrap
from plan_assistant.adapters import outside
from plan_assistant.adapters.store import open_store
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.events import EventType, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.wording.words import LANGUAGES
from tests.cli.conftest import Run
from tests.people import ADMINISTRATOR, AUDITOR, COLLECTOR, LEAD, NOW, decided, opened, plan, whole
from tests.staffing import give_password
from tests.stores import fresh_sqlite


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The seal key of these tests, not made yet, and its passphrase in the environment."""
    path = tmp_path / "settings" / "seal-key.pem"
    monkeypatch.setenv(outside.KEY_FILE, str(path))
    monkeypatch.setenv(outside.PASSPHRASE, "correct horse battery")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one case, in which two people have a password."""
    made = fresh_sqlite(tmp_path)
    for person in (COLLECTOR, AUDITOR):
        give_password(made, person)
    made.append(
        CaseId("A-1"),
        [opened("Called in the evening.")],
        actor=COLLECTOR,
        at=NOW,
        expected_version=0,
        key=RequestKey("k"),
    )
    made.close()
    return tmp_path / "store.sqlite"


@pytest.fixture
def sealed(run: Run, store: Path) -> str:
    """What sealing that store printed: the checkpoint as it stands on paper."""
    assert run("audit", "key").code == 0
    return run("--store", store, "audit", "seal").out.strip()


def test_a_key_is_made_for_its_owner_and_its_public_half_for_others(
    run: Run, key_file: Path
) -> None:
    ran = run("audit", "key")

    assert ran.code == 0
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert key_file.with_suffix(".pub.pem").read_text().startswith("-----BEGIN PUBLIC KEY")
    assert "correct horse" not in ran.out + ran.err
    assert run("audit", "key").code == 3


@pytest.mark.parametrize("option", [False, True], ids=["beside the key", "named"])
def test_the_public_half_of_an_older_key_is_never_overwritten(
    run: Run, key_file: Path, tmp_path: Path, *, option: bool
) -> None:
    public = tmp_path / "pub.pem" if option else key_file.with_suffix(".pub.pem")
    key = ("audit", "key", *(("--public", public) if option else ()))
    assert run(*key).code == 0
    older = public.read_bytes()
    key_file.rename(tmp_path / "old.pem")

    refused = run(*key)

    assert refused.code == 3
    assert public.name in refused.err
    assert "--public" in refused.err
    assert public.read_bytes() == older
    assert not key_file.exists()
    public.rename(tmp_path / "old.pub.pem")
    assert run(*key).code == 0


def test_sealing_without_a_passphrase_or_a_key_says_what_to_do(
    run: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_key = run("--store", store, "audit", "seal")
    monkeypatch.delenv(outside.PASSPHRASE)
    no_passphrase = run("--store", store, "audit", "seal")

    assert (no_key.code, no_passphrase.code) == (3, 3)
    assert "audit key" in no_key.err
    assert outside.PASSPHRASE in no_passphrase.err


def test_what_sealing_prints_verifies(run: Run, store: Path, sealed: str, key_file: Path) -> None:
    public = key_file.with_suffix(".pub.pem")

    ran = run("--store", store, "audit", "verify", "--public-key", public, "--checkpoint", sealed)

    assert (ran.code, ran.err) == (0, "")
    assert "Facts: 1; checkpoints: 1; facts not sealed yet: 0." in ran.out


def test_the_json_of_a_checkpoint_is_a_file_to_verify_with(
    run: Run, store: Path, sealed: str, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(run("--store", store, "audit", "seal", "--json").out)

    ran = run("--store", store, "audit", "verify", "--checkpoint", kept, "--json")

    answer = json.loads(ran.out)
    assert ran.code == 0
    assert f"{answer['newest']['number']}:{answer['newest']['root']}" == sealed
    assert (answer["holds"], answer["compared_outside"]) == (True, True)


def test_without_anything_from_outside_a_verification_says_so(run: Run, store: Path) -> None:
    ran = run("--store", store, "audit", "verify")

    assert ran.code == 0
    assert "--checkpoint" in ran.err


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "event, sequence 1, case A-1, version 1: the content or the hash was changed"),
        ("zh", "事实，序号1，案件A-1，第1版：内容或哈希被改动"),
    ],
)
def test_the_first_line_names_the_first_wrong_row(
    run: Run, store: Path, sealed: str, lang: str, line: str
) -> None:
    assert sealed
    connection = dbapi2.connect(str(store), isolation_level=None)
    connection.execute("drop trigger event_no_update")
    connection.execute("update event set body = '{}'")
    connection.close()

    ran = run("--store", store, "audit", "verify", lang=lang)

    assert ran.code == 1
    assert ran.out.splitlines()[0].startswith(line)


def test_another_checkpoint_outside_is_a_no(run: Run, store: Path, sealed: str) -> None:
    other = sealed[:-1] + ("0" if sealed[-1] != "0" else "1")

    ran = run("--store", store, "audit", "verify", "--checkpoint", other)

    assert ran.code == 1
    assert ran.out.startswith("checkpoint 1: was kept outside with the root")


def test_a_checkpoint_that_is_none_is_refused(run: Run, store: Path) -> None:
    ran = run("--store", store, "audit", "verify", "--checkpoint", "7:ab")

    assert ran.code == 3
    assert "64 digits" in ran.err


def test_what_is_no_store_is_a_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("x" * 9000)

    assert run("--store", tmp_path / "text.sqlite", "audit", "verify").code == 4


def _forge_an_approval(store: Path) -> None:
    forged = open_store(str(store))
    for number, (fact, by) in enumerate(
        (
            (plan("AG-1"), COLLECTOR),
            (decided(EventType.APPROVED, fingerprint(plan("AG-1").body), LEAD), LEAD),
        ),
        start=1,
    ):
        key = RequestKey(f"k{number}")
        forged.append(CaseId("A-1"), [fact], actor=by, at=NOW, expected_version=number, key=key)
    forged.close()


def test_an_approval_that_its_lead_did_not_sign_is_found(run: Run, store: Path) -> None:
    _forge_an_approval(store)

    ran = run("--store", store, "audit", "verify")
    as_json = json.loads(run("--store", store, "audit", "verify", "--json").out)

    assert ran.code == 1
    assert "A-1" in ran.out
    assert "nobody signed it" in ran.out
    assert as_json["holds"] is False
    assert as_json["wrong_approval"] == {
        "sequence": 3,
        "case_id": "A-1",
        "version": 3,
        "decider": LEAD.name,
        "fault": "unsigned",
    }


def test_only_an_auditor_exports(run: Run, store: Path, tmp_path: Path) -> None:
    refused = run("--store", store, "--as", "wu.hao", "audit", "export", tmp_path / "out")
    done = run("--store", store, "--as", "qian.wen", "audit", "export", tmp_path / "out")

    assert (refused.code, done.code) == (1, 0)
    assert "auditor" in refused.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "approval_keys.jsonl",
        "approval_start.jsonl",
        "checkpoints.jsonl",
        "events.jsonl",
        "keys.jsonl",
        "people.jsonl",
        "verify_approvals.py",
        "verify_keys.py",
        "verify_people.py",
        "verify_record.py",
        "verify_retention.py",
    ]


def test_a_backup_comes_back(run: Run, store: Path, sealed: str, tmp_path: Path) -> None:
    copy, place = tmp_path / "b.sqlite", tmp_path / "new.sqlite"

    made = run("--store", store, "backup", copy)
    again = run("--store", store, "backup", copy)
    back = run("--store", place, "restore", copy)
    in_the_way = run("--store", place, "restore", copy)
    replaced = run("--store", place, "restore", copy, "--replace")

    assert [ran.code for ran in (made, again, back, in_the_way, replaced)] == [0, 3, 0, 3, 0]
    assert made.out == f"{copy}: 1 fact.\n"
    assert back.out == f"{place}: 1 fact.\n"
    assert "--replace" in again.err
    assert "--replace" in in_the_way.err
    assert ".before-restore-" in replaced.out
    assert run("--store", place, "audit", "verify", "--checkpoint", sealed).code == 0


def test_a_backup_that_cannot_be_written_is_told_with_its_own_folder(
    run: Run, store: Path, tmp_path: Path
) -> None:
    nowhere = tmp_path / "no-such-folder"

    told = {lang: run("--store", store, "backup", nowhere / "x", lang=lang) for lang in LANGUAGES}

    assert {ran.code for ran in told.values()} == {4}
    for ran in told.values():
        assert f"{nowhere}" in ran.err.replace(str(nowhere / "x"), "")
        assert "--store" not in ran.err
    assert not nowhere.exists()


def test_a_damaged_backup_is_told_as_such_and_another_one_is_asked_for(
    run: Run, store: Path, tmp_path: Path
) -> None:
    copy, place = tmp_path / "b.sqlite", tmp_path / "new.sqlite"
    run("--store", store, "backup", copy)
    content = bytearray(copy.read_bytes())
    content[4096 * 3 : 4096 * 4] = bytes(4096)
    copy.write_bytes(content)

    told = {lang: run("--store", place, "restore", copy, lang=lang) for lang in LANGUAGES}

    assert {ran.code for ran in told.values()} == {4}
    assert f"{copy} is not a sound backup" in told["en"].err
    assert "Use another backup" in told["en"].err
    assert "请换用另一份备份" in told["zh"].err
    assert "--store" not in told["en"].err + told["zh"].err
    assert not place.exists()


def test_the_doctor_says_no_when_something_is_wrong(run: Run, store: Path) -> None:
    fine = run("--store", store, "doctor", "--json")
    store.chmod(0o644)
    wrong = run("--store", store, "doctor", "--json")
    told = run("--store", store, "doctor")

    assert (fine.code, json.loads(fine.out)["is_fine"]) == (0, True)
    assert (wrong.code, json.loads(wrong.out)["is_fine"]) == (1, False)
    assert "WRONG" in told.out
    assert "chmod 600" in told.out


def test_a_backup_with_an_approval_that_nobody_signed_is_kept_and_not_restored(
    run: Run, store: Path, tmp_path: Path
) -> None:
    _forge_an_approval(store)
    copy, place = tmp_path / "copy.sqlite", tmp_path / "back.sqlite"

    made = run("--store", store, "backup", copy)
    back = run("--store", place, "restore", copy)

    assert (made.code, back.code) == (1, 1)
    assert "nobody signed it" in made.err
    assert "nobody signed it" in back.err
    assert copy.exists()
    assert not place.exists()


def _excuse_unsigned_approvals(store: Path, until: int) -> None:
    connection = dbapi2.connect(str(store), isolation_level=None)
    triggers = connection.execute(
        "select name, sql from sqlite_schema where type = 'trigger' and tbl_name = 'approval_start'"
    ).fetchall()
    for name, _ in triggers:
        connection.execute(f"drop trigger {name}")
    connection.execute("update approval_start set unsigned_until = ?", (until,))
    for _, made_by in triggers:
        connection.execute(made_by)
    connection.close()


@pytest.mark.parametrize("until", [3, 1_000_000])
def test_a_start_of_signatures_that_was_moved_excuses_no_approval(
    run: Run, store: Path, until: int
) -> None:
    _forge_an_approval(store)
    _excuse_unsigned_approvals(store, until)

    ran = run("--store", store, "audit", "verify")
    opened_store = open_store(str(store))
    # What a case is shown and an agreement is printed with.
    believed = opened_store.credentials.key_registry().unsigned_until
    opened_store.close()

    assert ran.code == 1
    assert believed == 0
    assert "nobody signed it" in ran.out
    assert f"start of signatures 1: excuses unsigned approvals up to sequence {until}" in ran.out


def test_an_approval_is_named_beside_everything_else_that_is_wrong(run: Run, store: Path) -> None:
    _forge_an_approval(store)
    connection = dbapi2.connect(str(store), isolation_level=None)
    connection.execute("insert into request values ('zz', 'a', 'S06', 3, '[\"nope\"]')")
    connection.close()

    ran = run("--store", store, "audit", "verify")
    as_json = json.loads(run("--store", store, "audit", "verify", "--json").out)

    assert ran.code == 1
    assert "request zz, case S06, version 3: belongs to no fact" in ran.out
    assert "nobody signed it" in ran.out
    assert as_json["wrong_approval"]["case_id"] == "A-1"
    assert [item["row"] for item in as_json["discrepancies"]] == ["zz"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "Set the clock of this machine right"), ("zh", "请先校准本机时钟")],
)
def test_a_clock_behind_an_erasing_seals_nothing_unless_it_is_said_to_be_right(
    run: Run, store: Path, sealed: str, lang: str, said: str
) -> None:
    later = bootstrap.system_clock().now() + timedelta(days=10)
    with closing(open_store(str(store))) as opened_store:
        opened_store.erase(
            CaseId("A-1"),
            NewEvent(EventType.PURGED, whole("purged")),
            actor=ADMINISTRATOR,
            at=later,
            expected_version=1,
            key=RequestKey("purged"),
        )

    refused = run("--store", store, "audit", "seal", lang=lang)
    told = run("--store", store, "audit", "seal", "--clock-is-right", lang=lang)

    assert refused.code == 1
    assert refused.out == ""
    assert said in refused.err
    assert later.date().isoformat() in refused.err
    assert sealed.startswith("1:")
    assert (told.code, told.out[:2]) == (0, "2:")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "1 row cannot be read and is written as it stands: line 1 of events.jsonl."),
        ("zh", "有1行无法读取，已按原样写出：events.jsonl第1行。"),
    ],
)
def test_an_export_with_a_row_that_cannot_be_read_says_so(
    run: Run, store: Path, tmp_path: Path, lang: str, said: str
) -> None:
    connection = dbapi2.connect(str(store), isolation_level=None)
    connection.execute("drop trigger event_no_update")
    connection.execute("update event set body = '{\"plan\":9007199254740993}'")
    connection.close()

    ran = run("--store", store, "--as", AUDITOR.name, "audit", "export", tmp_path / "o", lang=lang)

    assert ran.code == 0
    assert said in ran.err
    assert (tmp_path / "o" / "verify_record.py").exists()
