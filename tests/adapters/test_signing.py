"""The seal key: in a file for its owner only, under a passphrase; nothing else passes for it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from plan_assistant.adapters import outside
from plan_assistant.adapters.signing import SealKey, is_signed, read_public_key
from plan_assistant.domain.errors import InputRefused
from plan_assistant.domain.seal import Witness

PASSPHRASE = "correct horse battery"
ROOT = "9f3c" * 16


@pytest.fixture
def careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def refused(path: Path, passphrase: str = PASSPHRASE) -> str:
    with pytest.raises(InputRefused) as caught:
        SealKey.load(path, passphrase)
    return caught.value.problems[0].sentence


@pytest.mark.usefixtures("careless_umask")
def test_a_key_comes_back_from_its_file_which_only_its_owner_may_read(tmp_path: Path) -> None:
    key = SealKey.make()
    path = tmp_path / "settings" / "seal-key.pem"

    key.save(path, PASSPHRASE)

    back = SealKey.load(path, PASSPHRASE)
    assert back.key_id == key.key_id
    assert is_signed(key.public_key, b"content", back.sign(b"content"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert b"ENCRYPTED" in path.read_bytes()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    SealKey.make().save(path, PASSPHRASE)
    before = path.read_bytes()

    with pytest.raises(InputRefused, match=r"1 problem"):
        SealKey.make().save(path, PASSPHRASE)

    assert path.read_bytes() == before


def test_a_short_passphrase_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as caught:
        SealKey.make().save(tmp_path / "key.pem", "elevenchars")

    assert "at least 12" in caught.value.problems[0].sentence
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_passphrase_does_not_open_it(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    SealKey.make().save(path, PASSPHRASE)

    assert "does not open with this passphrase" in refused(path, "correct horse batterz")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    SealKey.make().save(path, PASSPHRASE)
    path.chmod(0o640)

    assert "chmod 600" in refused(path)


def test_a_key_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    assert "audit key" in refused(tmp_path / "none.pem")


def test_the_passphrase_alone_does_not_open_the_pem_block(tmp_path: Path) -> None:
    """It is stretched first, with a salt of its own for each key."""
    first, second = tmp_path / "1.pem", tmp_path / "2.pem"
    for path in (first, second):
        SealKey.make().save(path, PASSPHRASE)
    heads = [path.read_bytes().partition(b"\n") for path in (first, second)]

    assert heads[0][0] != heads[1][0]
    # Once in 256 times the padding under a wrong key looks right, and its content is no key.
    with pytest.raises(ValueError, match=r"password|Could not deserialize key data"):
        load_pem_private_key(heads[0][2], PASSPHRASE.encode())
    second.write_bytes(heads[0][0] + b"\n" + heads[1][2])
    assert "does not open" in refused(second)


def test_keys_of_another_form_are_refused(tmp_path: Path) -> None:
    other = Ed448PrivateKey.generate()
    path = tmp_path / "other.pem"
    SealKey(other).save(path, PASSPHRASE)  # type: ignore[arg-type]  # of another kind on purpose

    assert "not an Ed25519 key" in refused(path)
    head, _, pem = path.read_bytes().partition(b"\n")
    for content in (pem, head[:-2] + b"\n" + pem, b"Argon2id-Salt: xx\n" + pem, b"", b"text"):
        path.write_bytes(content)
        assert "does not open" in refused(path)


def test_a_public_key_is_known_by_its_id(tmp_path: Path) -> None:
    key = SealKey.make()
    path = tmp_path / "key.pub.pem"
    path.write_bytes(key.public_pem)

    assert read_public_key(path) == key.key_id


def test_what_is_no_public_key_of_ours_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    public = generate_private_key(SECP256R1()).public_key()
    other.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "text.pem").write_text("text")

    for path in (other, tmp_path / "text.pem", tmp_path / "none.pem"):
        with pytest.raises(InputRefused):
            read_public_key(path)


@pytest.mark.parametrize(
    ("public_key", "signature"),
    [("", "00" * 64), ("zz" * 32, "00" * 64), ("00" * 32, "xx"), ("00" * 31, "00" * 64)],
    ids=["no key", "no digits", "no signature", "short key"],
)
def test_a_broken_key_or_signature_signed_nothing(public_key: str, signature: str) -> None:
    assert not is_signed(public_key, b"content", signature)


def test_the_passphrase_comes_from_the_variable_or_the_file_it_names(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_text("from a file\n")
    path.chmod(0o600)

    assert outside.passphrase({}) is None
    assert outside.passphrase({outside.PASSPHRASE: ""}) is None
    assert outside.passphrase({outside.PASSPHRASE: "said"}) == "said"
    assert outside.passphrase({outside.PASSPHRASE_FILE: str(path)}) == "from a file"


def test_a_passphrase_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_text("from a file")
    path.chmod(0o644)

    with pytest.raises(InputRefused) as caught:
        outside.passphrase({outside.PASSPHRASE_FILE: str(path)})

    assert "chmod 600" in caught.value.problems[0].sentence


@pytest.mark.parametrize(
    "content",
    [f"7:{ROOT}\n", f'{{"number": 7, "root": "{ROOT}", "at": "x"}}'],
    ids=["the line on paper", "the JSON of a checkpoint"],
)
def test_a_checkpoint_kept_in_a_file_is_read(tmp_path: Path, content: str) -> None:
    path = tmp_path / "kept"
    path.write_text(content)

    assert outside.read_witness(str(path)) == Witness(7, ROOT)
    assert outside.read_witness(f"7:{ROOT}") == Witness(7, ROOT)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "7:ab", b"\xff\xfe"], ids=["empty", "{}", "[]", "short", "binary"]
)
def test_what_holds_no_checkpoint_is_refused(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "kept"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    for given in (str(path), str(tmp_path / "none"), "7:ab", "\0"):
        with pytest.raises(InputRefused):
            outside.read_witness(given)
