"""The journal of a machine: what is kept is sealed, durable, in order, and never dropped."""

from __future__ import annotations

import os
import signal
import stat
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.away import MASTER, OTHER_MASTER, Ring, journal_in
from tests.canaries import NAME, NOTE, PHONE, SENTENCE, canary_case, leaks
from tests.desks import CASE, agreement
from tests.people import COLLECTOR, LEAD, NOW
from tests.small_device import on_small_device

from plan_assistant import bootstrap
from plan_assistant.adapters.journal import JournalFile, journal_of
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import InputRefused, NotKept
from plan_assistant.domain.events import EventType, NewEvent, RequestKey
from plan_assistant.domain.waiting import Act, Refusal, read_act, written_act


def act(key: str = "k1", **more: Any) -> Act:
    fact = NewEvent(EventType.DISCLOSURE_READ, {"disclosure": key})
    return Act(RequestKey(key), CASE, COLLECTOR, NOW, (fact,), **more)


def full_act() -> Act:
    """Return an act with a canary wherever a person is named."""
    sent = agreement(case_id="K-1")
    sent["parties"]["borrower"]["name"] = NAME
    sent["acceptance"]["note"] = NOTE
    sent["acceptance"]["lines_read"] = [SENTENCE, PHONE]
    fact = NewEvent(EventType.PLAN_RECORDED, sent)
    return Act(
        RequestKey("plan"), CaseId("K-1"), COLLECTOR, NOW, (fact,), seen=1, case=canary_case()
    )


def keys_in(journal: JournalFile) -> list[str]:
    return [one.act.key for one in journal.content().acts]


def file_of(journal: JournalFile) -> Path:
    return Path(journal.place)


def test_what_is_kept_comes_back_whole_and_in_order(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    kept = [act("k1"), full_act(), act("k3", seen=4, after=RequestKey("plan"))]
    for one in kept:
        journal.keep(one)

    again = journal_in(tmp_path).content()

    assert [one.act for one in again.acts] == kept
    assert again.damaged == ()


def test_an_act_has_one_outside_form() -> None:
    one = full_act()

    assert read_act(written_act(one)) == one
    assert written_act(read_act(written_act(one))) == written_act(one)


def test_nothing_personal_stands_in_the_file(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.keep(full_act())
    journal.note_refused(RequestKey("plan"), Refusal("x", f"{NAME} {NOTE}", {"a": SENTENCE}))
    found_before = leaks(tmp_path)
    journal.keep(act())
    journal.note_delivered(RequestKey("k1"), 3)
    journal.tidy()

    assert (found_before, leaks(tmp_path)) == ({}, {})
    content = file_of(journal).read_bytes()
    for word in (b"wu.hao", b"AG-1", b"K-1", b"plan_recorded", b"store.sqlite", b"48250"):
        assert word not in content


def test_the_length_of_a_record_does_not_tell_one_line_from_another(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    for disclosure in ("a", "a" * 40):
        journal.keep(act(disclosure))

    lengths = {len(line) for line in file_of(journal).read_bytes().splitlines()[1:]}

    assert len(lengths) == 1


def test_files_are_for_their_owner_only_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        journal = journal_in(tmp_path)
        journal.keep(act("k1"))
        journal.keep(act("k2"))
        journal.note_delivered(RequestKey("k1"), 1)
        journal.tidy()
    finally:
        os.umask(before)

    folder = file_of(journal).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}


def test_the_same_key_twice_is_one_act(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)

    journal.keep(act())
    journal.keep(act())

    assert keys_in(journal) == ["k1"]


def test_a_torn_last_line_was_never_kept_and_the_next_act_takes_its_place(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.keep(act("k1"))
    whole = file_of(journal).read_bytes()
    journal.keep(act("k2"))
    both = file_of(journal).read_bytes()

    for cut in range(len(whole), len(both) - 1, 37):
        file_of(journal).write_bytes(both[:cut])
        assert keys_in(journal) == ["k1"]
        journal.keep(act("k3"))
        assert keys_in(journal) == ["k1", "k3"]
        assert journal.content().damaged == ()


@pytest.mark.parametrize("line", [2, 3], ids=["first", "last"])
def test_a_damaged_record_is_named_and_kept_aside_and_the_others_are_read(
    tmp_path: Path, line: int
) -> None:
    journal = journal_in(tmp_path)
    journal.keep(act("k1"))
    journal.keep(act("k2"))
    lines = file_of(journal).read_bytes().splitlines(keepends=True)
    broken = bytearray(lines[line - 1])
    broken[-10] ^= 1
    lines[line - 1] = bytes(broken)
    file_of(journal).write_bytes(b"".join(lines))
    left = "k2" if line == 2 else "k1"

    assert keys_in(journal) == [left]
    assert [(one.line, one.place) for one in journal.content().damaged] == [(line, journal.place)]

    journal.note_delivered(RequestKey(left), 2)
    journal.tidy()

    (aside,) = journal.content().damaged
    assert Path(aside.place).read_bytes() == bytes(broken)
    assert keys_in(journal) == []


def test_a_record_that_was_moved_repeated_or_brought_from_elsewhere_does_not_open(
    tmp_path: Path,
) -> None:
    journal = journal_in(tmp_path)
    journal.keep(act("k1"))
    journal.keep(act("k2"))
    other = journal_in(tmp_path, store="/b/store.sqlite")
    other.keep(act("k3"))
    head, first, second = file_of(journal).read_bytes().splitlines(keepends=True)
    theirs = file_of(other).read_bytes().splitlines(keepends=True)[1]

    for lines, opened in [
        ([head, second, first], []),
        ([head, first, first], ["k1"]),
        ([head, theirs, second], ["k2"]),
    ]:
        file_of(journal).write_bytes(b"".join(lines))
        assert keys_in(journal) == opened
        assert len(journal.content().damaged) == 2 - len(opened)


def test_a_record_of_an_earlier_file_does_not_open_in_a_later_one(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.keep(act("k1"))
    old = file_of(journal).read_bytes().splitlines(keepends=True)[1]
    journal.note_delivered(RequestKey("k1"), 1)
    journal.tidy()
    journal.keep(act("k2"))
    head = file_of(journal).read_bytes().splitlines(keepends=True)[0]

    file_of(journal).write_bytes(head + old)

    assert keys_in(journal) == []
    assert len(journal.content().damaged) == 1


def test_a_file_whose_first_line_is_damaged_is_kept_aside_whole(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.keep(act("k1"))
    lost = file_of(journal).read_bytes().splitlines()[1]
    file_of(journal).write_bytes(b"{}\n" + lost + b"\n")
    assert len(journal.content().damaged) == 2

    journal.keep(act("k2"))

    assert keys_in(journal) == ["k2"]
    assert lost in Path(journal.content().damaged[0].place).read_bytes()


def test_a_record_under_a_master_key_that_is_missing_waits_until_it_is_back(tmp_path: Path) -> None:
    journal_in(tmp_path, ring=Ring((OTHER_MASTER,))).keep(act("k1"))
    journal = journal_in(tmp_path)
    assert [one.key_id for one in journal.content().damaged] == [OTHER_MASTER.key_id]

    journal.keep(act("k2"))
    journal.note_delivered(RequestKey("k2"), 2)
    journal.tidy()

    assert keys_in(journal) == []
    assert keys_in(journal_in(tmp_path, ring=Ring((MASTER, OTHER_MASTER)))) == ["k1"]


def test_acts_are_sealed_under_the_key_of_the_store_where_it_is_known(tmp_path: Path) -> None:
    ring = Ring((MASTER, OTHER_MASTER))
    journal = JournalFile(tmp_path, "/a/store.sqlite", ring, OTHER_MASTER.key_id)
    journal.keep(act("k1"))

    used = file_of(journal).read_text().splitlines()[1].split(" ")[1]

    assert used == OTHER_MASTER.key_id


def test_tidying_keeps_what_waits_what_was_refused_and_what_stands_on_a_delivered_act(
    tmp_path: Path,
) -> None:
    journal = journal_in(tmp_path)
    for one in (act("k1"), act("k2", seen=1, after=RequestKey("k1")), act("k3")):
        journal.keep(one)
    refusal = Refusal("StaleCase", "s", {"by": "sun.li"})
    journal.note_refused(RequestKey("k3"), refusal)
    journal.note_delivered(RequestKey("k1"), 7)

    journal.tidy()

    waits, refused = journal_in(tmp_path).content().acts
    assert waits.act == replace(act("k2"), seen=7)
    assert (refused.act, refused.refusal) == (act("k3"), refusal)


def test_a_record_of_a_newer_version_is_kept_and_named(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal._note({"do": "something new", "key": "k1"})
    journal.keep(act("k1"))

    assert keys_in(journal) == ["k1"]
    assert [one.line for one in journal.content().damaged] == [2]


def test_a_mark_for_an_act_that_is_settled_changes_nothing(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.keep(act("k1"))
    journal.note_delivered(RequestKey("k1"), 2)
    journal.note_refused(RequestKey("k1"), Refusal("x", "s"))
    journal.note_again(RequestKey("k1"))
    journal.note_discarded(RequestKey("k1"))

    assert (keys_in(journal), journal.content().damaged) == ([], ())


def test_settled_acts_leave_no_file(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.keep(act("k1"))
    journal.keep(act("k2"))
    journal.note_delivered(RequestKey("k1"), 1)
    journal.note_discarded(RequestKey("k2"))

    journal.tidy()

    assert not file_of(journal).exists()
    assert journal.content().acts == ()


def test_people_of_one_machine_share_a_journal(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.keep(act("k1"))
    journal.keep(replace(act("k2"), account=LEAD))

    content = journal.content()

    assert [one.key for one in content.waiting_for(COLLECTOR.name)] == ["k1"]
    assert [one.key for one in content.waiting_for(LEAD.name)] == ["k2"]


def test_several_programs_that_keep_at_once_lose_nothing(tmp_path: Path) -> None:
    def work(name: str) -> None:
        journal = journal_in(tmp_path)
        for number in range(20):
            journal.keep(act(f"{name}{number}"))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    content = journal_in(tmp_path).content()
    assert (len(content.acts), content.damaged) == (80, ())


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "journals").write_text("in the way")

    with pytest.raises(NotKept) as failed:
        journal_in(tmp_path).keep(act())

    assert failed.value.detail["reason"]


def test_a_full_device_keeps_all_of_an_act_or_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "device"
    folder.mkdir()

    def fill(device: Path) -> str:
        journal = JournalFile(device / "journals", "/a/store.sqlite", Ring())
        kept = 0
        try:
            while True:
                journal.keep(act(f"k{kept}", case=canary_case()))
                kept += 1
        except NotKept:
            content = journal.content()
            return f"{kept > 3} {len(content.acts) == kept} {content.damaged}"

    assert on_small_device(fill, folder, 64 * 1024) == "True True ()"


def test_a_writer_killed_at_any_moment_leaves_every_act_it_said_was_kept(tmp_path: Path) -> None:
    for number in range(25):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            journal = journal_in(tmp_path / f"{number}")
            count = 0
            while True:
                journal.keep(act(f"k{count}"))
                os.write(writing, b".")
                count += 1
                if count % 7 == 0:
                    journal.note_delivered(RequestKey(f"k{count - 7}"), count)
                    journal.tidy()
        os.close(writing)
        said = 0
        while said < 5 + number:
            said += len(os.read(reading, 1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := os.read(reading, 100):
            said += len(more)
        os.close(reading)

        content = journal_in(tmp_path / f"{number}").content()
        settled = len({f"k{n}" for n in range(0, said, 7)} - {one.act.key for one in content.acts})
        assert content.damaged == ()
        assert len(content.acts) + settled >= said


@pytest.mark.parametrize(
    ("one", "other"),
    [("store.sqlite", "sqlite:///store.sqlite"), ("store.sqlite", "./store.sqlite")],
    ids=["as URL", "as path"],
)
def test_every_way_to_write_a_place_is_one_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str, other: str
) -> None:
    monkeypatch.chdir(tmp_path)

    assert journal_of(one, Ring(), None).place == journal_of(other, Ring(), None).place
    assert journal_of(one, Ring(), None).place != journal_of("x.sqlite", Ring(), None).place


def test_the_password_of_a_server_is_no_part_of_its_journal() -> None:
    one = journal_of("postgresql://wu.hao:secret@db:5432/plans", Ring(), None)
    other = journal_of("postgresql+psycopg://wu.hao:changed@db:5432/plans", Ring(), None)

    assert one.place == other.place
    with pytest.raises(InputRefused):
        journal_of(":memory:", Ring(), None)


def test_a_store_and_a_link_to_it_have_one_journal(tmp_path: Path) -> None:
    (tmp_path / "real.sqlite").touch()
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "real.sqlite")

    places = {
        journal_of(str(tmp_path / name), Ring(), None).place
        for name in ("real.sqlite", "link.sqlite", "../" + tmp_path.name + "/link.sqlite")
    }

    assert len(places) == 1


@pytest.mark.parametrize(
    "spelling",
    [
        "postgresql://wu.hao@db:5432/plans",
        "postgresql+psycopg://db/plans",
        "postgresql://DB/plans?sslmode=require",
        "postgresql:///plans?host=db",
        "postgresql:///plans?host=db&port=5432",
        "postgresql://li.na:secret@db/pl%61ns",
    ],
)
def test_every_spelling_of_a_database_has_one_journal(spelling: str) -> None:
    one = journal_of("postgresql://db/plans", Ring(), None)

    assert journal_of(spelling, Ring(), None).place == one.place


@pytest.mark.parametrize(
    "other",
    ["postgresql://db:5433/plans", "postgresql://db/others", "postgresql://elsewhere/plans"],
)
def test_another_database_has_another_journal(other: str) -> None:
    one = journal_of("postgresql://db/plans", Ring(), None)

    assert journal_of(other, Ring(), None).place != one.place


@pytest.mark.parametrize(
    ("url", "older"),
    [
        ("link.sqlite", "{folder}/link.sqlite"),
        ("postgresql://wu.hao@DB/plans", "postgresql://db:None/plans"),
        ("postgresql://db:5432/plans", "postgresql://db:None/plans"),
        ("postgresql:///plans?host=db", "postgresql://None:None/plans"),
    ],
)
def test_what_waits_under_an_older_name_waits_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, older: str
) -> None:
    monkeypatch.setattr("platformdirs.user_state_path", lambda _name: tmp_path / "state")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "real.sqlite")
    folder = tmp_path / "state" / "journals"
    before = JournalFile(folder, older.format(folder=tmp_path.resolve()), Ring())
    refusal = Refusal("plan_is_pending", "A plan waits.")
    for one in (act("k1"), act("k2", seen=1), act("k3", after=RequestKey("k2"))):
        before.keep(one)
    before.note_delivered(RequestKey("k2"), 7)
    before.note_refused(RequestKey("k1"), refusal)

    now = bootstrap.journal(url, Ring())

    kept = now.content().acts
    assert [(one.act.key, one.refusal) for one in kept] == [("k1", refusal), ("k3", None)]
    assert (kept[1].act.seen, kept[1].act.after) == (7, None)
    assert not file_of(before).exists()
    assert now.place != before.place
