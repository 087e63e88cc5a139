"""Exporting: the files say what the record says, and the record says which files left."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import builders
from tests.desks import CASE, agreement, approve, desk_at, lead, send, waiting
from tests.people import ADMINISTRATOR, AUDITOR, COLLECTOR, NOW, REVIEWER
from tests.sealing import sealer_for
from tests.staffing import KEYS

from plan_assistant.adapters.clock import DemoClock
from plan_assistant.adapters.files import LocalFiles
from plan_assistant.domain.errors import (
    ClockBehind,
    FileNotWritten,
    InputRefused,
    KeyReused,
    RecordedNotWritten,
    StoreOutOfReach,
    TransitionRefused,
)
from plan_assistant.domain.events import Account, EventType, Json, NewEvent, RequestKey
from plan_assistant.domain.evidence import check_evidence
from plan_assistant.domain.follow_up import BreachReason, Party, ReopenReason
from plan_assistant.domain.follow_up_acts import NamedAgreement
from plan_assistant.domain.formats.agreement_file import agreement_fingerprint
from plan_assistant.domain.formats.canonical import canonical
from plan_assistant.domain.record import fold
from plan_assistant.domain.seal import Sealed, Witness
from plan_assistant.ports import Files, Sealer, Store
from plan_assistant.services.decide import cancel
from plan_assistant.services.export import Exported, export_agreement
from plan_assistant.services.follow_up import declare_broken, reopen, sign
from plan_assistant.services.open_case import open_case

KEY = RequestKey("export")


class PlainWriter:
    """A document writer whose documents are lines of text."""

    def __init__(self) -> None:
        self.parties: list[Json] = []
        """Who stood in each agreement that was written."""

    def write(
        self,
        agreement: Mapping[str, Json],
        *,
        language: str,
        approval: Mapping[str, Json] | None,
        checkpoint: Witness | None,
    ) -> bytes:
        self.parties.append(agreement["parties"])
        state = f"approved by {approval['by']}" if approval else "DRAFT"
        return f"{language} {agreement['number']} {state} {checkpoint}".encode()


def export(
    store: Store,
    folder: Path,
    *,
    by: Account = COLLECTOR,
    formats: tuple[str, ...] = ("txt", "json"),
    languages: tuple[str, ...] = ("zh", "en"),
    key: RequestKey = KEY,
    files: Files | None = None,
    sealer: Sealer | None = None,
    writer: PlainWriter | None = None,
    number: str | None = None,
) -> Exported:
    return export_agreement(
        desk_at(store, by),
        CASE,
        formats=formats,
        languages=languages,
        folder=folder,
        writers={"txt": writer or PlainWriter()},
        files=files or LocalFiles(),
        sealer=sealer or sealer_for(store),
        key=key,
        number=number,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def approved_store(store: Store) -> Store:
    """A store with one approved plan at version 3."""
    approve(lead(store), CASE, fingerprint=waiting(store), version=2, key=RequestKey("yes"))
    return store


def test_who_may_reveal_nothing_exports_a_masked_copy(
    approved_store: Store, tmp_path: Path
) -> None:
    writer, masked = PlainWriter(), PlainWriter()
    export(approved_store, tmp_path / "a", formats=("txt",), writer=writer)

    exported = export(
        approved_store,
        tmp_path / "b",
        by=REVIEWER,
        formats=("txt",),
        writer=masked,
        key=RequestKey("masked"),
    )

    name = builders.case().borrower.name
    assert name.revealed in str(writer.parties)
    assert name.revealed not in str(masked.parties)
    assert name.masked in str(masked.parties)
    assert approved_store.events(CASE)[-1].actor == REVIEWER.name
    assert not exported.is_draft


@pytest.mark.parametrize("is_draft", [True, False], ids=["a draft", "approved"])
def test_who_may_reveal_nothing_exports_no_evidence(
    store: Store, tmp_path: Path, *, is_draft: bool
) -> None:
    fingerprint = waiting(store)
    if not is_draft:
        approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("yes"))
    before = store.events(CASE)

    with pytest.raises(TransitionRefused) as refused:
        export(store, tmp_path, by=REVIEWER)

    assert refused.value.code == "evidence_is_not_masked"
    assert list(tmp_path.iterdir()) == []
    assert store.events(CASE) == before


def test_every_format_and_language_becomes_a_file(approved_store: Store, tmp_path: Path) -> None:
    exported = export(approved_store, tmp_path / "out")

    written = contents(tmp_path / "out")
    assert written["AG-1.zh.txt"] == f"zh AG-1 approved by 李娜 {exported.checkpoint}".encode()
    assert written["AG-1.en.txt"] == f"en AG-1 approved by 李娜 {exported.checkpoint}".encode()
    assert sorted(written) == ["AG-1.en.txt", "AG-1.json", "AG-1.zh.txt"]
    assert sorted(path.name for path in exported.paths) == sorted(written)
    assert not exported.is_draft


def test_the_record_says_what_left(approved_store: Store, tmp_path: Path) -> None:
    exported = export(approved_store, tmp_path)

    event = approved_store.events(CASE)[-1]
    assert event.type is EventType.EXPORTED
    assert event.body["number"] == "AG-1"
    assert event.body["is_draft"] is False
    assert exported.checkpoint is not None
    assert event.body["checkpoint"] == exported.checkpoint.facts
    assert event.body["files"] == [
        {
            "name": name,
            "sha256": hashlib.sha256((tmp_path / name).read_bytes()).hexdigest(),
            "bytes": (tmp_path / name).stat().st_size,
        }
        for name in ("AG-1.zh.txt", "AG-1.en.txt", "AG-1.json")
    ]


def test_before_approval_every_document_is_a_draft(store: Store, tmp_path: Path) -> None:
    waiting(store)

    exported = export(store, tmp_path)

    assert exported.is_draft
    assert (tmp_path / "AG-1.zh.txt").read_text().startswith("zh AG-1 DRAFT ")
    assert store.events(CASE)[-1].body["is_draft"] is True


@pytest.mark.parametrize("is_approved", [True, False], ids=["approved", "draft"])
def test_the_evidence_file_verifies(store: Store, tmp_path: Path, *, is_approved: bool) -> None:
    fingerprint = waiting(store)
    if is_approved:
        approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("yes"))

    export(store, tmp_path, formats=("json",), languages=())

    content = (tmp_path / "AG-1.json").read_bytes()
    proof = json.loads(content)
    assert check_evidence(proof, KEYS.is_signed) == ()
    assert canonical(proof) == content
    assert proof["agreement"] == agreement()
    assert proof["fingerprint"] == fingerprint
    assert proof["approval"] == fold(store.events(CASE)).approval
    assert (proof["approval"] is not None) is is_approved


def test_two_exports_of_the_same_state_are_the_same_bytes(
    approved_store: Store, tmp_path: Path
) -> None:
    export(approved_store, tmp_path / "a", key=RequestKey("a"))
    export(approved_store, tmp_path / "b", key=RequestKey("b"))

    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_the_checkpoint_on_paper_covers_the_approval(approved_store: Store, tmp_path: Path) -> None:
    sealer = sealer_for(approved_store)

    exported = export(approved_store, tmp_path, sealer=sealer)

    sealed = sealer.seal()
    assert sealed is not None
    approval = approved_store.events(CASE)[2]
    assert exported.checkpoint is not None
    assert exported.checkpoint.number == 1
    # The next one begins after the approval, with the fact of the export.
    assert (sealed.checkpoint.number, sealed.checkpoint.first) == (2, approval.sequence + 1)


class OldSealer:
    """Holds no key, and knows a checkpoint from before the plan."""

    holds_key = False

    def __init__(self, sealed: Sealed | None) -> None:
        self._sealed = sealed

    def seal(self) -> Sealed | None:
        return self._sealed

    def newest(self) -> Sealed | None:
        return self._sealed


class LateSealer(OldSealer):
    """Holds a key, on a machine whose clock is days behind an erasing."""

    holds_key = True

    def seal(self) -> Sealed | None:
        raise ClockBehind(today="2026-11-20", erased="2026-11-27", case_id="B-1", version=4)


@pytest.mark.parametrize("is_covered", [True, False])
def test_a_clock_that_may_not_seal_stops_no_print(
    approved_store: Store, tmp_path: Path, *, is_covered: bool
) -> None:
    newest = sealer_for(approved_store).seal() if is_covered else None

    exported = export(approved_store, tmp_path, sealer=LateSealer(newest))

    assert (exported.checkpoint is not None) == is_covered
    assert (tmp_path / "AG-1.zh.txt").read_text().endswith(" None") != is_covered


def test_a_checkpoint_from_before_the_plan_is_not_printed(store: Store, tmp_path: Path) -> None:
    fingerprint = waiting(store)
    old = sealer_for(store).seal()
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("yes"))

    exported = export(store, tmp_path, sealer=OldSealer(old))

    assert exported.checkpoint is None
    assert store.events(CASE)[-1].body["checkpoint"] is None
    assert (tmp_path / "AG-1.zh.txt").read_text().endswith(" None")


def test_once_it_can_be_sealed_the_next_print_is_a_witness(
    approved_store: Store, tmp_path: Path
) -> None:
    unsealed = export(approved_store, tmp_path, key=RequestKey("a"), sealer=OldSealer(None))

    sealed = export(approved_store, tmp_path, key=RequestKey("b"))

    assert unsealed.checkpoint is None
    assert sealed.checkpoint is not None


def test_the_approved_print_does_not_repeat_the_checkpoint_of_the_draft(
    store: Store, tmp_path: Path
) -> None:
    fingerprint = waiting(store)
    sealer = sealer_for(store)
    draft = export(store, tmp_path, key=RequestKey("a"), sealer=sealer)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("yes"))

    final = export(store, tmp_path, key=RequestKey("b"), sealer=sealer)

    assert draft.checkpoint is not None
    assert final.checkpoint is not None
    assert final.checkpoint.number == draft.checkpoint.number + 1


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"is_draft": False, "checkpoint": {}},
        {"is_draft": False, "checkpoint": {"number": "x", "root": 7}},
        {"is_draft": False, "checkpoint": {"number": 9, "root": "ab"}},
    ],
    ids=["says nothing", "empty", "no number", "no root"],
)
def test_an_earlier_print_that_tells_no_checkpoint_keeps_nobody_from_printing(
    approved_store: Store, tmp_path: Path, told: dict[str, Json]
) -> None:
    plan = fold(approved_store.events(CASE)).approved
    assert plan is not None
    approved_store.append(
        CASE,
        [
            NewEvent(
                EventType.EXPORTED,
                {"number": plan.number, "fingerprint": plan.fingerprint, "files": [], **told},
            )
        ],
        actor=COLLECTOR,
        at=NOW,
        expected_version=3,
        key=RequestKey("by hand"),
    )

    exported = export(approved_store, tmp_path)

    assert exported.checkpoint is not None
    assert exported.checkpoint.number == 1


def test_names_of_files_hold_nothing_personal(approved_store: Store, tmp_path: Path) -> None:
    export(approved_store, tmp_path)

    borrower = builders.case().borrower
    assert borrower.id_number is not None
    assert borrower.phone is not None
    personal = [
        borrower.name.revealed,
        borrower.id_number.revealed,
        borrower.phone.revealed,
        builders.debt().account_tail,
    ]
    names = " ".join(contents(tmp_path))
    assert not [word for word in personal if word and word in names]


def test_a_retry_records_once_and_writes_again(approved_store: Store, tmp_path: Path) -> None:
    first = export(approved_store, tmp_path)
    (tmp_path / "AG-1.zh.txt").unlink()

    second = export(approved_store, tmp_path)

    assert second.receipt == replace(first.receipt, is_repeat=True)
    assert sorted(contents(tmp_path)) == ["AG-1.en.txt", "AG-1.json", "AG-1.zh.txt"]
    assert approved_store.events(CASE)[-1].version == 4


def test_the_same_key_for_another_state_is_refused(store: Store, tmp_path: Path) -> None:
    fingerprint = waiting(store)
    export(store, tmp_path)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("yes"))

    with pytest.raises(KeyReused):
        export(store, tmp_path)

    assert (tmp_path / "AG-1.zh.txt").read_text().startswith("zh AG-1 DRAFT ")


class Meanwhile:
    """A store on which something happens when a fact is recorded."""

    def __init__(self, store: Store, happens: Callable[[], None]) -> None:
        self._store, self._happens = store, happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def append(self, *arguments: Any, **named: Any) -> Any:
        self._happens()
        return self._store.append(*arguments, **named)


def _a_file_in_place_of_the_folder(folder: Path) -> None:
    folder.write_text("x")


def _a_folder_in_place_of_the_last_file(folder: Path) -> None:
    (folder / "AG-1.json").mkdir(parents=True)


@pytest.mark.parametrize(
    "prepare", [_a_file_in_place_of_the_folder, _a_folder_in_place_of_the_last_file]
)
def test_nothing_is_recorded_of_an_export_that_cannot_be_written(
    approved_store: Store, tmp_path: Path, prepare: Callable[[Path], None]
) -> None:
    folder = tmp_path / "out"
    prepare(folder)
    before = sorted(tmp_path.rglob("*"))

    for _ in range(2):
        with pytest.raises(FileNotWritten) as refused:
            export(approved_store, folder)

    assert not isinstance(refused.value, RecordedNotWritten)
    assert approved_store.events(CASE)[-1].type is EventType.APPROVED
    assert sorted(tmp_path.rglob("*")) == before


def test_no_document_is_on_the_disk_before_it_is_recorded(
    approved_store: Store, tmp_path: Path
) -> None:
    before: dict[str, bytes] = {}
    watched: Any = Meanwhile(approved_store, lambda: before.update(contents(tmp_path)))

    export(watched, tmp_path)

    assert len(before) == 3
    after = contents(tmp_path)
    assert sorted(after) == ["AG-1.en.txt", "AG-1.json", "AG-1.zh.txt"]
    assert sorted(map(len, before.values())) == sorted(map(len, after.values()))
    assert not set(before.values()) & set(after.values())
    assert not [room for room in before.values() if b"AG-1" in room]


def test_a_store_that_fails_leaves_no_file(approved_store: Store, tmp_path: Path) -> None:
    def away() -> None:
        assert len(contents(tmp_path)) == 3
        raise StoreOutOfReach("the store is away", place="here")

    failing: Any = Meanwhile(approved_store, away)

    with pytest.raises(StoreOutOfReach):
        export(failing, tmp_path)

    assert list(tmp_path.iterdir()) == []
    assert approved_store.events(CASE)[-1].type is EventType.APPROVED


def test_a_disk_that_fails_after_the_record_is_told_with_the_record(
    approved_store: Store, tmp_path: Path
) -> None:
    blocked = tmp_path / "AG-1.json"
    failing: Any = Meanwhile(approved_store, blocked.mkdir)

    with pytest.raises(RecordedNotWritten) as failed:
        export(failing, tmp_path)

    assert (failed.value.detail["number"], failed.value.detail["path"]) == ("AG-1", str(blocked))
    assert approved_store.events(CASE)[-1].type is EventType.EXPORTED
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
    blocked.rmdir()
    assert export(approved_store, tmp_path).receipt.is_repeat
    assert len(contents(tmp_path)) == 3


def test_every_wrong_choice_is_named_at_once(approved_store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        export(approved_store, tmp_path, formats=("txt", "doc", "odt"), languages=("zh", "klingon"))

    assert [problem.path for problem in refused.value.problems] == ["format", "format", "lang"]
    assert "json, txt" in refused.value.problems[0].sentence
    assert list(tmp_path.iterdir()) == []
    assert approved_store.events(CASE)[-1].version == 3


@pytest.mark.parametrize(
    ("formats", "languages", "paths"),
    [((), ("zh",), ["format"]), (("txt",), (), ["lang"]), (("json",), (), [])],
    ids=["no format", "a document without a language", "evidence needs no language"],
)
def test_nothing_is_guessed(
    approved_store: Store,
    tmp_path: Path,
    formats: tuple[str, ...],
    languages: tuple[str, ...],
    paths: list[str],
) -> None:
    found: list[str] = []
    try:
        export(approved_store, tmp_path, formats=formats, languages=languages)
    except InputRefused as refused:
        found = [problem.path for problem in refused.problems]

    assert found == paths


def _only_opened(store: Store) -> None:
    open_case(desk_at(store), builders.case(), RequestKey("open"))


def _taken_back(store: Store) -> None:
    fingerprint = waiting(store)
    cancel(desk_at(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("back"))


@pytest.mark.parametrize(
    ("prepare", "status"),
    [(_only_opened, "open"), (_taken_back, "cancelled")],
    ids=["nothing was agreed", "taken back"],
)
def test_there_is_nothing_to_export(
    store: Store, tmp_path: Path, prepare: Callable[[Store], None], status: str
) -> None:
    prepare(store)

    with pytest.raises(TransitionRefused) as refused:
        export(store, tmp_path)

    assert (refused.value.code, refused.value.detail) == ("nothing_to_export", {"status": status})


def _broken_then_negotiated_anew(store: Store) -> None:
    """AG-1 was signed and broken, the case was reopened, and AG-2 waits: version 7."""
    fingerprint = waiting(store)
    named = NamedAgreement("AG-1", fingerprint)
    approve(lead(store), CASE, fingerprint=fingerprint, version=2, key=RequestKey("yes"))
    sign(
        desk_at(store),
        CASE,
        named,
        day=NOW.date(),
        parties=frozenset({Party.BORROWER, Party.LENDER}),
        file_sha256="ab" * 32,
        version=3,
        key=RequestKey("signed"),
    )
    declare_broken(
        replace(lead(store), clock=DemoClock(NOW + timedelta(days=60))),
        CASE,
        named,
        reason=BreachReason.STOPPED_PAYING,
        notice_on=date(2026, 12, 20),
        version=4,
        key=RequestKey("broken"),
    )
    reopen(
        lead(store), CASE, reason=ReopenReason.INCOME_CHANGED, version=5, key=RequestKey("again")
    )
    send(desk_at(store), agreement("AG-2"), version=6, key="second")


def test_what_ended_still_prints_by_its_number(store: Store, tmp_path: Path) -> None:
    _broken_then_negotiated_anew(store)

    waits = export(store, tmp_path, key=RequestKey("a"))
    ended = export(store, tmp_path, key=RequestKey("b"), number="AG-1")

    assert (waits.is_draft, ended.is_draft) == (True, False)
    assert (tmp_path / "AG-1.zh.txt").read_text().startswith("zh AG-1 approved by")
    assert (tmp_path / "AG-2.zh.txt").read_text().startswith("zh AG-2 DRAFT")
    assert store.events(CASE)[-1].body["number"] == "AG-1"
    proof = json.loads((tmp_path / "AG-1.json").read_text(encoding="utf-8"))
    assert check_evidence(proof, KEYS.is_signed) == ()


def test_what_ended_still_prints_while_the_next_one_is_in_force(
    store: Store, tmp_path: Path
) -> None:
    _broken_then_negotiated_anew(store)
    second = agreement_fingerprint(agreement("AG-2"))
    approve(lead(store), CASE, fingerprint=second, version=7, key=RequestKey("yes again"))

    for number in (None, "AG-1", "AG-2"):
        export(store, tmp_path / str(number), key=RequestKey(str(number)), number=number)

    assert "AG-2.json" in contents(tmp_path / "None")
    assert "AG-1.json" in contents(tmp_path / "AG-1")
    assert "AG-2.json" in contents(tmp_path / "AG-2")


def test_a_number_that_prints_nothing_is_refused_with_those_that_do(
    store: Store, tmp_path: Path
) -> None:
    _broken_then_negotiated_anew(store)

    with pytest.raises(TransitionRefused) as refused:
        export(store, tmp_path, number="AG-9")

    assert refused.value.code == "nothing_under_number"
    assert refused.value.detail == {"number": "AG-9", "known": "AG-1, AG-2"}
    assert list(tmp_path.iterdir()) == []
    assert len(store.events(CASE)) == 7


@pytest.mark.parametrize("person", [AUDITOR, ADMINISTRATOR], ids=lambda person: person.role.value)
def test_who_does_not_call_exports_no_agreements(
    approved_store: Store, tmp_path: Path, person: Account
) -> None:
    with pytest.raises(TransitionRefused) as refused:
        export(approved_store, tmp_path, by=person)

    assert refused.value.code == "role_may_not"
    assert list(tmp_path.iterdir()) == []


def test_the_json_of_an_agreement_has_no_floats(approved_store: Store, tmp_path: Path) -> None:
    export(approved_store, tmp_path, formats=("json",), languages=())

    def refuse(text: str) -> Any:
        raise AssertionError(f"{text} is a float")

    json.loads((tmp_path / "AG-1.json").read_text(), parse_float=refuse)
