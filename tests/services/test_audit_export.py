"""The exported record, checked by the program that goes with it, without this one installed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from tests.older_store import store_of_0001
from tests.people import (
    ADMINISTRATOR,
    AGENT,
    AUDITOR,
    COLLEAGUE,
    COLLECTOR,
    LEAD,
    NOW,
    decided,
    opened,
    plan,
    spoken,
)
from tests.people import OTHER_LEAD as MAKER
from tests.sealing import seal_key, sealer_for
from tests.staffing import KEYS, another_first_key, signing_by
from tests.stores import filled_sqlite

from plan_assistant.adapters.files import LocalFiles
from plan_assistant.adapters.signing import SealKey
from plan_assistant.adapters.store import open_store
from plan_assistant.adapters.store.seals import SqlSeals
from plan_assistant.adapters.store.sql_store import SqlStore
from plan_assistant.domain.approval import (
    SENTENCE_HASH,
    SIGNATURE,
    ApprovalKey,
    approval_content,
    sentence_hash,
)
from plan_assistant.domain.case import CaseId
from plan_assistant.domain.errors import InputRefused, TransitionRefused
from plan_assistant.domain.event_form import moment
from plan_assistant.domain.events import Account, EventType, Json, NewEvent, RequestKey
from plan_assistant.domain.formats.canonical import fingerprint
from plan_assistant.domain.passwords import PasswordKey
from plan_assistant.domain.rights import may_record
from plan_assistant.domain.seal import Witness
from plan_assistant.handout import verifiers
from plan_assistant.services.audit import RecordExport, export_record

SENT = plan("AG-1", note="他说：\u2028“好”😀")

# The site packages of this environment hold the product; the verifier gets cryptography alone.
_ALONE = """
import runpy, sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path]

class Only:
    def __init__(self, folder):
        from importlib.machinery import PathFinder
        self.find = lambda name, path: PathFinder.find_spec(name, path or [folder])
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root in {"cryptography", "cffi", "_cffi_backend", "pycparser"}:
            return self.find(name, path)

sys.meta_path.append(Only(sys.argv[1]))
try:
    import plan_assistant
except ModuleNotFoundError:
    pass
else:
    sys.exit("the product can be imported")
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def verify(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the verifier of an export in an interpreter that knows nothing of the product."""
    import cryptography  # noqa: PLC0415

    packages = Path(cryptography.__file__).parent.parent
    alone = [sys.executable, "-I", "-S", "-c", _ALONE, str(packages)]
    done = subprocess.run(
        [*alone, str(folder / "verify_record.py"), str(folder), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def _signed(store: SqlStore) -> NewEvent:
    """Return the approval of the plan that waits in case A-1, as its lead signs it."""
    approval = decided(EventType.APPROVED, fingerprint(SENT.body), LEAD)
    signing = signing_by(store, LEAD)
    body = {
        **approval.body,
        "case_version": 3,
        SENTENCE_HASH: sentence_hash(fingerprint(SENT.body), "", None),
    }
    content = approval_content(
        case_id=CaseId("A-1"), decider=LEAD, outcome=EventType.APPROVED, at=NOW, body=body
    )
    signature: Json = {
        "public_key": signing.signer.public_key,
        "value": signing.signer.sign(content),
    }
    return NewEvent(EventType.APPROVED, {**body, SIGNATURE: signature})


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    """A record of six facts under two checkpoints, and one fact that none covers."""
    return filled_sqlite(tmp_path, _fill)


def _fill(made: SqlStore) -> None:
    def record(case: str, version: int, by: Account, *facts: Any) -> None:
        key = RequestKey(f"{case} {version}")
        made.append(CaseId(case), facts, actor=by, at=NOW, expected_version=version, key=key)

    record("A-1", 0, COLLECTOR, opened("Called in the evening."), spoken())
    record("A-1", 2, COLLECTOR, SENT)
    sealer_for(made).seal()
    record("B-1", 0, COLLECTOR, opened())
    record("A-1", 3, LEAD, _signed(made))
    record("A-1", 4, COLLECTOR, spoken("1.00"))
    sealer_for(made).seal()
    record("B-1", 1, COLLECTOR, spoken())


def export(store: SqlStore, folder: Path, by: Account = AUDITOR) -> RecordExport:
    return export_record(
        SqlSeals(store),
        folder,
        by=by,
        files=LocalFiles(),
        verifiers=verifiers(),
    )


@pytest.fixture
def exported(store: SqlStore, tmp_path: Path) -> Path:
    """The folder of the exported record."""
    export(store, tmp_path / "out")
    store.close()
    return tmp_path / "out"


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    with (folder / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def put(folder: Path, name: str, content: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in content)
    (folder / name).write_text(text, "utf-8")


def newest(folder: Path) -> Witness:
    point = lines(folder, "checkpoints.jsonl")[-1]
    return Witness(point["number"], point["root"])


def test_a_sound_export_holds_without_the_product(exported: Path, tmp_path: Path) -> None:
    public = tmp_path / "key.pem"
    public.write_bytes(seal_key().public_pem)

    code, said = verify(
        exported, "--public-key", str(public), "--checkpoint", str(newest(exported))
    )

    assert (code, said) == (0, "7 facts and 2 checkpoints hold; 1 facts are not covered yet.\n")


def test_without_anything_from_outside_it_says_so(exported: Path) -> None:
    code, said = verify(exported)

    assert code == 0
    assert "Nothing from outside was compared" in said


def test_the_verifier_of_the_record_stands_alone_and_names_what_was_not_run(
    exported: Path,
) -> None:
    others = sorted(name for name in verifiers() if name != "verify_record.py")
    for name in others:
        (exported / name).unlink()

    code, said = verify(exported)

    assert code == 2, "what was not run may hold or not"
    assert said.startswith("7 facts and 2 checkpoints hold; 1 facts are not covered yet.\n")
    assert [line.split()[0] for line in said.splitlines() if "was not run" in line] == others


@pytest.mark.parametrize(
    ("program", "needs"),
    [
        ("verify_record.py", {"cryptography"}),
        ("verify_approvals.py", {"cryptography"}),
        ("verify_keys.py", {"cryptography"}),
        ("verify_people.py", set()),
        ("verify_retention.py", set()),
    ],
)
def test_the_verifier_is_short_and_shares_nothing_with_the_product(
    program: str, needs: set[str]
) -> None:
    text = verifiers()[program].decode()
    nodes = list(ast.walk(ast.parse(text)))
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    outside = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names

    assert len(text.splitlines()) <= 150
    assert max(map(len, text.splitlines())) <= 100
    assert outside == needs


def test_the_verifier_knows_the_rights_of_every_role(tmp_path: Path) -> None:
    for name, program in verifiers().items():
        (tmp_path / name).write_bytes(program)

    told = run_path(str(tmp_path / "verify_people.py"))["MAY"]

    assert told == {kind.value: {role.value for role in may_record(kind)} for kind in EventType}


def _events(change: Callable[[list[dict[str, Any]]], object]) -> Callable[[Path], None]:
    return _of("events.jsonl", change)


def _of(name: str, change: Callable[[list[dict[str, Any]]], object]) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        content = lines(folder, name)
        change(content)
        put(folder, name, content)

    return tamper


def _rehash(event: dict[str, Any], **changes: Any) -> None:
    names = ("event_id", "case_id", "version", "at", "actor", "role", "type", "body")
    event.update(changes)
    event["sha256"] = fingerprint({name: event[name] for name in names})


TAMPERED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a body": (
        _events(lambda it: it[1]["body"].update(plan={})),
        "sequence 2, case A-1, version 2",
    ),
    "an actor": (_events(lambda it: it[2].update(actor="sun.li")), "sequence 3"),
    "a hash": (_events(lambda it: it[0].update(sha256="0" * 64)), "sequence 1"),
    "a rehashed body": (_events(lambda it: _rehash(it[1], body={})), "checkpoint 1"),
    "a deleted fact": (_events(lambda it: it.pop(1)), "version 2 should come next"),
    "a deleted last fact": (_events(lambda it: it.pop(5)), "3 facts were sealed"),
    "a surplus fact": (_events(lambda it: it.insert(2, it[3])), "2 are there"),
    "a doubled fact": (_events(lambda it: it.insert(1, it[0])), "is not in order"),
    "two swapped facts": (_events(lambda it: it.insert(0, it.pop(1))), "version 1 should come"),
    "a request": (_events(lambda it: it[3]["request"].update(key="x")), "a row beside it"),
    "a request gone": (_events(lambda it: it[3].update(request=None)), "no request names it"),
    "a guard": (_events(lambda it: it[2]["submission"].update(maker="x")), "a row beside it"),
    "an unsealed fact": (_events(lambda it: it[6].update(actor="x")), "sequence 7"),
    "own approval": (
        _events(lambda it: it[4]["decision"].update(decider="wu.hao")),
        "a row beside it",
    ),
    "a root": (_of("checkpoints.jsonl", lambda it: it[0].update(root="0" * 64)), "signature"),
    "a number": (_of("checkpoints.jsonl", lambda it: it[1].update(number=3)), "2 is missing"),
    "a first": (_of("checkpoints.jsonl", lambda it: it.pop(0)), "checkpoint 1 is missing"),
    "a moment": (_of("checkpoints.jsonl", lambda it: it[1].update(at="x")), "signature"),
    "a person": (_of("people.jsonl", lambda it: it[0].update(role="auditor")), "people.jsonl"),
    "a person gone": (_of("people.jsonl", lambda it: it.pop(0)), "is not as it was sealed"),
    "a key": (_of("keys.jsonl", lambda it: it[0].update(public_key="00" * 32)), "keys.jsonl"),
    "a key gone": (_of("keys.jsonl", list.clear), "keys.jsonl does not hold its key"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_export_is_found_out(exported: Path, name: str) -> None:
    tamper, place = TAMPERED[name]
    tamper(exported)

    code, said = verify(exported)

    assert code == 1, said
    assert place in said


def _approval(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """Change the approval, hash it anew, and leave away the checkpoint that covers it."""

    def tamper(folder: Path) -> None:
        events = lines(folder, "events.jsonl")
        change(events[4])
        _rehash(events[4])
        put(folder, "events.jsonl", events)
        put(folder, "checkpoints.jsonl", lines(folder, "checkpoints.jsonl")[:1])

    return tamper


def _registry(change: Callable[[list[dict[str, Any]]], object]) -> Callable[[Path], None]:
    """Change the approval keys, and leave away the checkpoint that covers them."""

    def tamper(folder: Path) -> None:
        _of("approval_keys.jsonl", change)(folder)
        put(folder, "checkpoints.jsonl", lines(folder, "checkpoints.jsonl")[:1])

    return tamper


FORGED: dict[str, tuple[Callable[[Path], None], str]] = {
    "no signature": (_approval(lambda it: it["body"].pop("signature")), "nobody signed it"),
    "another signature": (
        _approval(lambda it: it["body"]["signature"].update(value="ab" * 64)),
        "it is not what was signed",
    ),
    "another moment": (
        _approval(lambda it: it.update(at="2026-01-01T00:00:00+08:00")),
        "it is not what was signed",
    ),
    "another reason": (
        _approval(lambda it: it["body"].update(reason="x")),
        "it is not what was signed",
    ),
    "another content": (
        _approval(lambda it: it["body"].update(fingerprint="ab" * 32)),
        "it approves something else than the plan that waited",
    ),
    "another lead": (
        _approval(lambda it: it.update(actor="sun.li")),
        "it is signed with a key that is not one of sun.li",
    ),
    "a key that nobody vouches for": (
        _registry(lambda it: it[0].update(endorsement="ab" * 64)),
        "it is signed with a key that is not one of li.na",
    ),
    "a second key that vouches for itself": (
        _registry(lambda it: it[0].update(number=2)),
        "it is signed with a key that is not one of li.na",
    ),
    "another sentence": (
        _approval(lambda it: it["body"].update(sentence="The lender waives everything.")),
        "its sentence is not what was signed",
    ),
    "a sentence that is none": (
        _approval(lambda it: it["body"].update(sentence=None)),
        "its sentence is not what was signed",
    ),
    "no sentence": (_approval(lambda it: it["body"].pop("sentence")), "it cannot be read"),
    "no registry": (_registry(list.clear), "it is signed with a key that is not one of li.na"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_approval_is_found_out(exported: Path, name: str) -> None:
    forge, fault = FORGED[name]
    forge(exported)

    code, said = verify(exported)

    assert (code, said) == (
        1,
        f"events.jsonl, sequence 5, case A-1, version 4: approval: {fault}\n",
    )


@pytest.fixture
def with_keys(store: SqlStore, tmp_path: Path) -> Path:
    """The folder of an exported record with a covered key of a lead who approved nothing."""
    signing_by(store, MAKER)
    sealer_for(store).seal()
    export(store, tmp_path / "out")
    store.close()
    assert verify(tmp_path / "out")[0] == 0
    return tmp_path / "out"


def _exchanged(keys: list[dict[str, Any]]) -> None:
    keys[0] = another_first_key(MAKER)


def _swapped(keys: list[dict[str, Any]]) -> None:
    for one, other in ((keys[0], keys[1]["account"]), (keys[1], keys[0]["account"])):
        one["account"] = other
    keys.reverse()


def _another(column: str) -> Callable[[list[dict[str, Any]]], object]:
    return lambda keys: keys[0].update({column: "x"})


KEYS_TAMPERED: dict[str, tuple[Callable[[list[dict[str, Any]]], object], str]] = {
    "the last key of who approved nothing is gone": (lambda it: it.pop(0), "he.jun 1"),
    "all keys are gone": (list.clear, "li.na 1"),
    "another first key that signs itself": (_exchanged, "he.jun 1"),
    "two keys changed places": (_swapped, "li.na 1"),
    **{f"another {column}": (_another(column), "he.jun 1") for column in ApprovalKey.__slots__},
}


@pytest.mark.parametrize("name", KEYS_TAMPERED)
def test_a_key_that_is_not_as_it_was_sealed_is_found_out(with_keys: Path, name: str) -> None:
    tamper, key = KEYS_TAMPERED[name]
    _of("approval_keys.jsonl", tamper)(with_keys)

    assert verify(with_keys) == (1, f"approval_keys.jsonl: {key} is not as it was sealed\n")


def test_a_key_that_no_checkpoint_covers_yet_holds(store: SqlStore, tmp_path: Path) -> None:
    signing_by(store, MAKER)
    export(store, tmp_path / "out")
    store.close()

    assert verify(tmp_path / "out")[0] == 0


@pytest.mark.parametrize("column", ["public_key", "endorsement"])
def test_a_changed_key_of_who_approved_nothing_is_found_out(
    store: SqlStore, tmp_path: Path, column: str
) -> None:
    signing_by(store, MAKER)
    export(store, tmp_path / "out")
    store.close()
    assert verify(tmp_path / "out")[0] == 0
    _registry(lambda it: it[0].update({column: "ab" * (len(it[0][column]) // 2)}))(tmp_path / "out")

    code, said = verify(tmp_path / "out")

    place = "approval_keys.jsonl, key 1 of he.jun: "
    assert (code, said.startswith(place)) == (1, True), said


def _tell_again(folder: Path, fact: int, version: int) -> None:
    """Put a fact of A-1 in once more as that version, behind all that a checkpoint covers."""
    events = lines(folder, "events.jsonl")
    again = json.loads(json.dumps(events[fact]))
    again["request"].update(key="again", version=version, event_ids='["again"]')
    again["sequence"] = len(events) + 1
    _rehash(again, event_id="again", version=version)
    put(folder, "events.jsonl", [*events, again])


def test_an_approval_that_is_told_again_is_found_out(exported: Path) -> None:
    _tell_again(exported, fact=4, version=6)

    code, said = verify(exported)

    place = "events.jsonl, sequence 8, case A-1, version 6: "
    assert (code, said.startswith(f"{place}approval: it approves something else")) == (1, True)
    decided = f"{place}no plan of the case waited for a decision\n"
    assert _alone("verify_people.py", exported) == (1, decided)


def test_a_plan_put_in_while_another_waits_is_found_out(exported: Path) -> None:
    _tell_again(exported, fact=2, version=6)
    assert verify(exported)[0] == 0
    _tell_again(exported, fact=2, version=7)

    code, said = verify(exported)

    fault = "the plan of wu.hao still waited for a decision"
    assert (code, said) == (1, f"events.jsonl, sequence 9, case A-1, version 7: {fault}\n")


UNREADABLE: dict[str, tuple[Callable[[list[dict[str, Any]]], object], str]] = {
    "a list that is none": (
        lambda it: it[5]["request"].update(event_ids='["x", nope, "last"]'),
        "sequence 6, case A-1, version 5: no request names it",
    ),
    "a list without end": (
        lambda it: it[5]["request"].update(event_ids='["x", ' + "[" * 9999 + '"last"]'),
        "sequence 6, case A-1, version 5: no request names it",
    ),
    "a signature that is none": (
        lambda it: it[4]["body"].update(signature="x"),
        "sequence 5, case A-1, version 4: approval: it cannot be read",
    ),
    "a signature without a key": (
        lambda it: it[4]["body"].update(signature={"value": "x"}),
        "sequence 5, case A-1, version 4: approval: it cannot be read",
    ),
    "an approval of what is none": (
        lambda it: it[4]["body"].update(fingerprint=[]),
        "sequence 5, case A-1, version 4: approval: it approves something else",
    ),
    "no version that was looked at": (
        lambda it: it[4]["body"].update(case_version="x"),
        "sequence 5, case A-1, version 4: approval: it ",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_somebody_recorded_that_nobody_can_read_is_named(exported: Path, name: str) -> None:
    spoil, place = UNREADABLE[name]
    events = lines(exported, "events.jsonl")
    spoil(events)
    _rehash(events[4])
    put(exported, "events.jsonl", events)
    put(exported, "checkpoints.jsonl", [])

    code, said = verify(exported)

    assert (code, said[: len(place) + 14]) == (1, f"events.jsonl, {place}")


def test_a_fact_about_what_is_no_content_ends_no_verifier(exported: Path) -> None:
    events = lines(exported, "events.jsonl")
    by = {"actor": LEAD.name, "role": LEAD.role.value}
    _rehash(events[5], type="broken", body={"fingerprint": []}, **by)
    put(exported, "events.jsonl", events)
    put(exported, "checkpoints.jsonl", [])

    code, said = verify(exported)

    place = "events.jsonl, sequence 6, case A-1, version 5"
    assert (code, said) == (
        1,
        f"{place}: it is about no plan of the case that was approved (broken)\n",
    )


Followed = tuple[str, Account, dict[str, Any]]
"""Kind, person and body of a fact behind an approval."""
ABOUT: dict[str, Any] = {"number": "AG-1", "fingerprint": fingerprint(SENT.body)}
SIGNED: Followed = ("signed", COLLECTOR, ABOUT)
PAID: Followed = ("payment_posted", COLLECTOR, ABOUT)
KEPT: Followed = ("kept", COLLECTOR, ABOUT)
BROKEN: Followed = ("broken", LEAD, ABOUT)


def _follow(folder: Path, *facts: Followed) -> None:
    """Put these facts behind the approval, where no checkpoint covers them."""
    events = lines(folder, "events.jsonl")
    for version, (kind, person, body) in enumerate(facts, start=6):
        new = json.loads(json.dumps(events[5]))
        new["request"].update(key=f"{version}", version=version, event_ids=f'["{version}"]')
        new["sequence"] = len(events) + 1
        by = {"actor": person.name, "role": person.role.value}
        _rehash(new, event_id=f"{version}", version=version, type=kind, body=body, **by)
        events.append(new)
    put(folder, "events.jsonl", events)


@pytest.mark.parametrize(
    "facts",
    [(SIGNED, PAID, PAID, KEPT), (PAID, SIGNED, BROKEN), (BROKEN,)],
    ids=["signed, paid and kept", "signed late and broken", "broken at once"],
)
def test_what_may_come_after_an_approval_holds(exported: Path, facts: tuple[Followed, ...]) -> None:
    _follow(exported, *facts)

    assert verify(exported)[0] == 0


FOLLOWED: dict[str, tuple[tuple[Followed, ...], int, str]] = {
    "a second signature": ((SIGNED, PAID, SIGNED), 8, "the plan was signed before"),
    "a signature under nothing": (
        (("signed", COLLECTOR, {**ABOUT, "fingerprint": "ab" * 32}),),
        6,
        "it is about no plan of the case that was approved (signed)",
    ),
    "a payment under nothing": (
        (("payment_posted", COLLECTOR, {"number": "AG-1"}),),
        6,
        "it is about no plan of the case that was approved (payment_posted)",
    ),
    "an end of nothing": (
        (("kept", COLLECTOR, {**ABOUT, "fingerprint": {}}),),
        6,
        "it is about no plan of the case that was approved (kept)",
    ),
    "another number": (
        (("signed", COLLECTOR, {**ABOUT, "number": "AG-7"}),),
        6,
        "it is about the plan AG-1, but names the number AG-7",
    ),
    "a signature after the end": (
        (BROKEN, SIGNED),
        7,
        "the plan had ended before (broken, signed)",
    ),
    "a payment after the end": (
        (SIGNED, KEPT, PAID),
        8,
        "the plan had ended before (kept, payment_posted)",
    ),
    "a second end": ((SIGNED, KEPT, BROKEN), 8, "the plan had ended before (kept, broken)"),
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_may_not_come_after_an_approval_is_found_out(exported: Path, name: str) -> None:
    facts, version, fault = FOLLOWED[name]
    _follow(exported, *facts)

    code, said = verify(exported)

    place = f"events.jsonl, sequence {version + 2}, case A-1, version {version}"
    assert (code, said) == (1, f"{place}: {fault}\n")
    assert _alone("verify_people.py", exported) == (1, said)


def test_a_maker_who_declared_their_plan_broken_is_found_out(exported: Path) -> None:
    events = lines(exported, "events.jsonl")
    _rehash(events[2], actor=MAKER.name, role=MAKER.role.value)
    events[2]["submission"].update(maker=MAKER.name)
    events[4]["decision"].update(maker=MAKER.name)
    put(exported, "events.jsonl", events)
    put(exported, "checkpoints.jsonl", [])
    _follow(exported, ("broken", MAKER, ABOUT))

    code, said = verify(exported)

    assert (code, said.partition(": ")[2]) == (
        1,
        f"{MAKER.name} may not declare this plan broken, and made it\n",
    )


def _own_key(person: Account, at: datetime = NOW, **row: str) -> Callable[[Path], None]:
    """Let a person approve at a moment with a key of their own, which their password opens."""

    def forge(folder: Path) -> None:
        signer, _ = KEYS.make(person.name, PasswordKey(bytes(32)))
        bare = ApprovalKey(
            person.name, 1, signer.public_key, NOW, person.name, person.name, signer.public_key, ""
        )
        entry = {**json.loads(bare.content), "endorsed_with": signer.public_key}
        del entry["format"]
        entry["endorsement"] = signer.sign(bare.content)
        _of("approval_keys.jsonl", lambda it: it.append(entry))(folder)

        def sign(event: dict[str, Any]) -> None:
            content = approval_content(
                case_id=CaseId("A-1"),
                decider=person,
                outcome=EventType.APPROVED,
                at=at,
                body=event["body"],
            )
            signature = {"public_key": signer.public_key, "value": signer.sign(content)}
            event.update(actor=person.name, role=person.role.value, at=moment(at))
            event["body"]["signature"] = signature
            event["decision"].update(decider=person.name, decider_role=person.role.value, **row)

        _approval(sign)(folder)

    return forge


def _alone(program: str, folder: Path) -> tuple[int, str]:
    """Run one of the other verifiers by itself."""
    done = subprocess.run(
        [sys.executable, str(folder / program)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


APPROVED_BY: dict[str, tuple[Callable[[Path], None], str]] = {
    "a collector": (_own_key(COLLEAGUE), "sun.li is no team lead"),
    "an agency": (_own_key(AGENT), "luo.bin is no team lead"),
    "a collector in another role": (
        _own_key(replace(COLLEAGUE, role=LEAD.role)),
        "sun.li is no team lead",
    ),
    "a maker beside a lying row": (_own_key(MAKER, maker="wu.hao"), "the maker of the plan gave"),
}


@pytest.mark.parametrize("name", APPROVED_BY)
def test_an_approval_that_somebody_signs_who_may_not_is_found_out(
    exported: Path, name: str
) -> None:
    forge, fault = APPROVED_BY[name]
    if "maker" in name:
        events = lines(exported, "events.jsonl")
        _rehash(events[2], actor=MAKER.name, role=MAKER.role.value)
        put(exported, "events.jsonl", events)
    forge(exported)
    put(exported, "checkpoints.jsonl", [])

    code, said = verify(exported)

    assert (code, "sequence 5, case A-1, version 4: approval: " in said) == (1, True), said
    assert fault in said
    assert _alone("verify_approvals.py", exported)[0] == 1
    assert _alone("verify_people.py", exported)[0] == 1


@pytest.mark.parametrize(("minutes", "expected"), [(4, 0), (6, 1)])
def test_an_approval_that_is_dated_before_its_plan_is_found_out(
    exported: Path, minutes: int, expected: int
) -> None:
    _own_key(MAKER, at=NOW - timedelta(minutes=minutes))(exported)
    put(exported, "checkpoints.jsonl", [])

    code, said = verify(exported)

    assert code == expected, said
    assert ("it is dated before the plan that it approves" in said) is bool(expected)
    assert _alone("verify_approvals.py", exported)[0] == expected


DONE_BY: dict[str, tuple[Callable[[list[dict[str, Any]]], object], str]] = {
    "no decision row": (
        lambda it: it[4].update(decision=None),
        "sequence 5, case A-1, version 4: the row decision beside it is missing",
    ),
    "a lying maker": (
        lambda it: it[4]["decision"].update(maker="he.jun"),
        "sequence 5, case A-1, version 4: the row decision beside it names other people",
    ),
    "a row that says a maker decided": (
        lambda it: it[4]["decision"].update(decider="wu.hao"),
        "sequence 5, case A-1, version 4: the row decision beside it names other people",
    ),
    "no row of a plan": (
        lambda it: it[2].update(submission=None),
        "sequence 3, case A-1, version 3: the row submission beside it is missing",
    ),
    "a role of another": (
        lambda it: _rehash(it[5], role="team_lead"),
        "sequence 6, case A-1, version 5: wu.hao does not work here as team_lead",
    ),
    "a stranger": (
        lambda it: _rehash(it[5], actor="nobody"),
        "sequence 6, case A-1, version 5: nobody does not work here as collector",
    ),
    "an act of a lead": (
        lambda it: _rehash(it[5], type="reopened"),
        "sequence 6, case A-1, version 5: the role collector may not record this (reopened)",
    ),
    "an erasing by a collector": (
        lambda it: _rehash(it[6], type="purged"),
        "sequence 7, case B-1, version 2: the role collector may not record this (purged)",
    ),
    "an auditor who records": (
        lambda it: _rehash(it[6], actor="qian.wen", role="auditor"),
        "sequence 7, case B-1, version 2: the role auditor may not record this (offer_spoken)",
    ),
}


@pytest.mark.parametrize("name", DONE_BY)
def test_who_did_what_they_may_not_is_found_out(exported: Path, name: str) -> None:
    forge, fault = DONE_BY[name]
    events = lines(exported, "events.jsonl")
    forge(events)
    put(exported, "events.jsonl", events)
    put(exported, "checkpoints.jsonl", [])

    code, said = verify(exported)

    assert code == 1
    assert said.startswith(f"events.jsonl, {fault}")


def test_a_case_that_was_erased_too_early_is_found_out(exported: Path) -> None:
    events = lines(exported, "events.jsonl")
    by = {"actor": ADMINISTRATOR.name, "role": ADMINISTRATOR.role.value}
    ended = events[3]["at"][:10]
    _rehash(events[6], type="purged", body={"ended": ended, "retention_years": 5}, **by)
    put(exported, "events.jsonl", events)
    put(exported, "checkpoints.jsonl", [])

    code, said = verify(exported)

    assert code == 1
    assert said.startswith("events.jsonl, sequence 7, case B-1, version 2: erased before the 5")
    assert _alone("verify_retention.py", exported)[0] == 1


@pytest.mark.parametrize("until", [5, 1_000_000])
def test_a_start_of_signatures_that_was_moved_excuses_no_approval(
    exported: Path, until: int
) -> None:
    FORGED["no signature"][0](exported)
    put(exported, "approval_start.jsonl", [{"one": 1, "unsigned_until": until}])

    code, said = verify(exported)

    assert code == 1
    assert "nobody signed it" in said


def test_a_start_behind_the_end_of_the_record_is_found_out(exported: Path) -> None:
    put(exported, "approval_start.jsonl", [{"one": 1, "unsigned_until": 8}])

    code, said = verify(exported)

    assert code == 1
    assert said.startswith("approval_start.jsonl: ")


def test_an_approval_of_before_signatures_needs_none(tmp_path: Path) -> None:
    path, sent = tmp_path / "old.sqlite", plan("AG-1")
    approval = decided(EventType.APPROVED, fingerprint(sent.body), LEAD)
    facts = [(opened(), COLLECTOR), (sent, COLLECTOR), (approval, LEAD)]
    store_of_0001(path, CaseId("A-1"), facts, NOW)
    store = open_store(str(path))
    export(store, tmp_path / "out")
    store.close()

    assert verify(tmp_path / "out")[0] == 0
    put(tmp_path / "out", "approval_start.jsonl", [{"one": 1, "unsigned_until": 2}])
    assert verify(tmp_path / "out")[0] == 1


def test_a_tail_cut_off_with_its_checkpoint_needs_the_outside_one(exported: Path) -> None:
    kept = newest(exported)
    put(exported, "checkpoints.jsonl", lines(exported, "checkpoints.jsonl")[:1])
    put(exported, "events.jsonl", lines(exported, "events.jsonl")[:3])

    assert verify(exported)[0] == 0
    code, said = verify(exported, "--checkpoint", str(kept))
    assert (code, said) == (1, "checkpoint 2 was kept outside; this record ends at 1\n")


def test_an_export_signed_by_another_key_needs_the_outside_key(
    exported: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(SealKey.make().public_pem)

    code, said = verify(exported, "--public-key", str(other))

    assert code == 1
    assert "signed with another key" in said


def test_another_root_outside_is_found(exported: Path) -> None:
    code, said = verify(exported, "--checkpoint", f"2:{'ab' * 32}")

    assert (code, said) == (1, "checkpoint 2 was kept outside with another root\n")


@pytest.mark.parametrize(
    "name",
    [
        "events.jsonl",
        "people.jsonl",
        "keys.jsonl",
        "approval_keys.jsonl",
        "approval_start.jsonl",
        "checkpoints.jsonl",
        "verify_approvals.py",
        "verify_keys.py",
        "verify_people.py",
        "verify_retention.py",
    ],
)
def test_an_export_that_broke_off_is_no_sound_one(exported: Path, name: str) -> None:
    (exported / name).unlink()

    assert verify(exported)[0] == 2


def test_every_file_is_for_its_owner_only(exported: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in exported.iterdir()} == {0o600}
    assert exported.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("by", [COLLECTOR, LEAD, ADMINISTRATOR], ids=lambda one: one.role.value)
def test_only_auditors_export(store: SqlStore, tmp_path: Path, by: Account) -> None:
    with pytest.raises(TransitionRefused) as refused:
        export(store, tmp_path / "out", by)

    assert refused.value.code == "only_auditors_export"
    assert not (tmp_path / "out").exists()
    store.close()


def test_a_folder_that_holds_something_is_refused(store: SqlStore, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "note").write_text("mine")

    with pytest.raises(InputRefused, match="1 problem"):
        export(store, tmp_path / "out")

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["note"]
    store.close()
