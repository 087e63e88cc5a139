"""Which pack may stand in for the one that a plan was recorded under."""

from __future__ import annotations

import pytest

from plan_assistant.adapters.policies import shipped_pack
from plan_assistant.domain.agreement import PolicyStamp
from plan_assistant.domain.errors import TransitionRefused
from plan_assistant.domain.policy.pack import PolicyPack
from plan_assistant.domain.policy.reading import read_pack
from plan_assistant.domain.policy.succession import require_successor
from tests.domain.policy.lender import LENDER, read
from tests.packs import shipped_bytes, shipped_table


def stamp(pack: str, version: str) -> PolicyStamp:
    return PolicyStamp(pack, version, "0" * 64)


def refusal(pack: PolicyPack, recorded: PolicyStamp) -> TransitionRefused:
    with pytest.raises(TransitionRefused) as refused:
        require_successor(pack, recorded)
    return refused.value


def my_bank(version: str) -> PolicyPack:
    return read(LENDER.replace('version = "1"', f'version = "{version}"'))


def branch_of_my_bank() -> PolicyPack:
    """Return a pack that extends the lender's, which extends a shipped one."""
    text = (
        'format = "plan-assistant/policy@1"\npack = "my-branch"\nextends = "my-bank"\n'
        'version = "1"\ntitle = { en = "My branch", zh = "分行" }\n'
    )

    def find(name: str) -> bytes | None:
        return LENDER.encode() if name == "my-bank" else shipped_bytes(name)

    return read_pack(text.encode(), "my-branch.toml", find, shipped_table)


def test_the_recorded_pack_itself_stands_in_whatever_its_hash() -> None:
    require_successor(my_bank("1"), stamp("my-bank", "1"))


def test_a_pack_that_extends_the_recorded_one_stands_in() -> None:
    require_successor(my_bank("1"), stamp("cn-card", "2026.11.1"))


def test_a_pack_that_extends_it_through_another_stands_in() -> None:
    require_successor(branch_of_my_bank(), stamp("cn-card", "2026.11.1"))
    require_successor(branch_of_my_bank(), stamp("my-bank", "1"))


@pytest.mark.parametrize("recorded", ["my-bank", "cn-loan"], ids=["one below it", "one beside it"])
def test_any_other_pack_is_refused_and_both_are_named(recorded: str) -> None:
    refused = refusal(shipped_pack("cn-card"), stamp(recorded, "7"))

    assert refused.code == "pack_is_another"
    assert refused.detail == {
        "recorded": recorded,
        "recorded_version": "7",
        "pack": "cn-card",
        "version": "2026.11.1",
    }


@pytest.mark.parametrize(
    ("here", "recorded"),
    [("1", "2"), ("9", "10"), ("1.9", "1.10"), ("2026.11", "2026.11.1"), ("1", "1.0.1")],
)
def test_an_older_version_is_refused(here: str, recorded: str) -> None:
    refused = refusal(my_bank(here), stamp("my-bank", recorded))

    assert refused.code == "pack_is_older"
    assert refused.detail == {"pack": "my-bank", "version": here, "recorded_version": recorded}


@pytest.mark.parametrize(
    ("here", "recorded"),
    [("2", "1"), ("1.10", "1.9"), ("1", "1.0"), ("1.0", "1"), ("spring", "2"), ("2", "spring")],
)
def test_a_version_that_is_not_older_or_cannot_be_compared_stands_in(
    here: str, recorded: str
) -> None:
    require_successor(my_bank(here), stamp("my-bank", recorded))


def test_an_older_version_is_refused_where_it_is_extended_too() -> None:
    refused = refusal(my_bank("9"), stamp("cn-card", "2026.12.1"))

    assert (refused.code, refused.detail["version"]) == ("pack_is_older", "2026.11.1")
