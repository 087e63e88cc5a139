"""How long a case is kept: as long as the policy pack at hand says, and those that decided it.

A pack that became shorter, or another one for another product, does not shorten what a case was
decided under. Not here: what is erased (`purge.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from plan_assistant.domain.approved_plan import ApprovedPlan
from plan_assistant.domain.errors import InputRefused, Problem, TransitionRefused
from plan_assistant.domain.events import EventType, Json
from plan_assistant.domain.record import CaseRecord
from plan_assistant.domain.retention import years_approved
from plan_assistant.services.desk import Desk


class Period(NamedTuple):
    """How long a policy pack keeps a case."""

    years: int
    pack: str


def years_kept(desk: Desk, record: CaseRecord, given: int | None) -> int:
    """Return how long a case is kept; refuse a shorter time than that of any of its policy packs.

    Where nothing was decided and there is no pack, the time that is given holds. Raises
    InputRefused where none is, or where nobody can say what the deciding pack said.
    """
    periods = list(_of_decisions(desk, record))
    try:
        pack = desk.policies.for_case(record.case, desk.clock.now().date())
    except InputRefused:
        if given is None:
            raise
    else:
        periods.append(Period(pack.retention_years, pack.pack))
    if not periods:
        assert given is not None  # without a pack
        return given
    longest = max(periods, key=lambda period: period.years)
    if given is None:
        return longest.years
    if given < longest.years:
        raise TransitionRefused(
            "kept_longer",
            case_id=record.case_id,
            given=str(given),
            years=str(longest.years),
            pack=longest.pack,
        )
    return given


def _of_decisions(desk: Desk, record: CaseRecord) -> Iterator[Period]:
    """Yield the period of each pack under which a plan was approved.

    An approval of an older version does not say it: then the pack says so that is still the same.
    """
    approvals = [line.facts for line in record.trail if line.type is EventType.APPROVED]
    for approval, agreement in zip(approvals, record.agreements, strict=True):
        stamp = _stamp(approval, agreement)
        known = years_approved(approval)
        if known is not None:
            yield Period(known, str(stamp["pack"]))
            continue
        pack = desk.policies.with_hash(str(stamp["sha256"]))
        if pack is None:
            version, name = stamp["version"], stamp["pack"]
            sentence = (
                f"it was decided under version {version} of the policy pack {name}, which is not "
                "at hand and may keep it for longer: put that version into the folder of the "
                "policy packs"
            )
            raise InputRefused(f"case {record.case_id}", [Problem("policy", sentence)])
        yield Period(pack.retention_years, pack.pack)


def _stamp(approval: Mapping[str, Json], of: ApprovedPlan) -> Mapping[str, Json]:
    """Return under which pack a plan was approved; an older approval names that of the plan."""
    return cast("Mapping[str, Json]", approval.get("policy") or of.plan.agreement["policy"])
