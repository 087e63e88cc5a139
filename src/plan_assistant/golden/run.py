"""Runs golden cases and says, case by case, what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from plan_assistant.domain.errors import InputRefused, PlanAssistantError
from plan_assistant.domain.rates.roots import RateUndefined
from plan_assistant.golden.compare import Mismatch, compare
from plan_assistant.golden.expected_model import Shape
from plan_assistant.golden.files import GoldenCase, read_folder, read_shape, shipped_folder
from plan_assistant.golden.loan_model import LoanShape
from plan_assistant.golden.loan_results import loan_results
from plan_assistant.golden.negotiation_model import (
    AffordabilityShape,
    AllocationShape,
    FrontierShape,
    ShareShape,
    WaterfallShape,
)
from plan_assistant.golden.negotiation_results import (
    affordability_results,
    frontier_results,
    share_results,
    waterfall_results,
)
from plan_assistant.golden.other_kinds import (
    allocation_results,
    annuity_results,
    present_value_results,
    rate_results,
    rebate_results,
)
from plan_assistant.golden.rate_model import (
    AnnuityShape,
    PresentValueShape,
    RateShape,
    RebateShape,
)

LOAN_KINDS = (
    "equal_installment",
    "equal_principal",
    "flat",
    "interest_only_balloon",
    "single_payment",
    "grace",
    "skip_payments",
    "step_payments",
    "zero_rate",
    "month_end_due_date",
    "down_payment",
    "fee",
    "prepayment",
    "early_payoff",
    "overdue_interest",
    "interest_pause",
    "rate_change",
    "reschedule_due_date",
    "extend_term",
    "re_age",
    "re_amortize",
    "plan",
)
"""`kind` only groups loan cases; terms, conventions and events alone decide."""

S = TypeVar("S", bound=Shape)


@dataclass(frozen=True, slots=True)
class Kind(Generic[S]):
    """How cases of a kind are read and computed."""

    shape: type[S]
    results: Callable[[S], Mapping[str, Any]]


_LOAN = Kind(LoanShape, loan_results)
_RATE = Kind(RateShape, rate_results)
KINDS: dict[str, Kind[Any]] = {
    **dict.fromkeys(LOAN_KINDS, _LOAN),
    "apr_eu": _RATE,
    "apr_us": _RATE,
    "fee_to_rate": _RATE,
    "annuity_function": Kind(AnnuityShape, annuity_results),
    "early_settlement_rebate": Kind(RebateShape, rebate_results),
    "payment_allocation": Kind(AllocationShape, allocation_results),
    "present_value": Kind(PresentValueShape, present_value_results),
    "waterfall": Kind(WaterfallShape, waterfall_results),
    "share_of_surplus_plans": Kind(ShareShape, share_results),
    "affordability": Kind(AffordabilityShape, affordability_results),
    "frontier": Kind(FrontierShape, frontier_results),
}
"""A kind that is missing here is skipped and named."""


class Outcome(StrEnum):
    """Why a case or file did not pass."""

    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Remark:
    """One case or file that did not pass."""

    outcome: Outcome
    where: str
    """The id of the case, or the file that cannot be read."""
    what: str
    """The first value that differs and how many more do; or the kind that is not known."""

    def __str__(self) -> str:
        return f"{self.outcome.value.upper()} {self.where}: {self.what}"


@dataclass(slots=True)
class Report:
    """What a run of golden cases found."""

    passed: int = 0
    remarks: list[Remark] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Cases with a wrong value, and files that cannot be read."""
        return sum(remark.outcome is Outcome.FAILED for remark in self.remarks)

    @property
    def skipped(self) -> int:
        """Cases of a kind that this program does not know."""
        return sum(remark.outcome is Outcome.SKIPPED for remark in self.remarks)

    @property
    def lines(self) -> list[str]:
        """One line per case or file that did not pass."""
        return [str(remark) for remark in self.remarks]

    @property
    def summary(self) -> str:
        """The last line of a self-test; programs read it, so it is the same in every language."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run_folder(folder: Path | None = None) -> Report:
    """Run every case below a folder (default: the cases shipped with the package)."""
    report = Report()
    for case in read_folder(folder or shipped_folder()):
        if isinstance(case, InputRefused):
            problems = "; ".join(map(str, case.problems))
            report.remarks.append(Remark(Outcome.FAILED, case.source, problems))
        elif case.kind not in KINDS:
            what = f"unknown kind {case.kind}"
            report.remarks.append(Remark(Outcome.SKIPPED, case.case_id, what))
        else:
            _record(report, case)
    return report


def _record(report: Report, case: GoldenCase) -> None:
    mismatches = list(mismatches_of(case))
    if not mismatches:
        report.passed += 1
        return
    more = f" (and {len(mismatches) - 1} more)" if len(mismatches) > 1 else ""
    report.remarks.append(Remark(Outcome.FAILED, case.case_id, f"{mismatches[0]}{more}"))


def results_of(case: GoldenCase) -> Mapping[str, Any]:
    """Return what the engine makes of a case.

    Raises InputRefused with everything that is wrong with the case, and any other
    PlanAssistantError where it reads well and has no answer.
    """
    kind = KINDS[case.kind]
    return kind.results(read_shape(case, kind.shape))


def mismatches_of(case: GoldenCase) -> Iterator[Mismatch]:
    """Yield every asserted value of a case that the engine does not meet."""
    kind = KINDS[case.kind]
    try:
        shape = read_shape(case, kind.shape)
        results = kind.results(shape)
    except InputRefused as error:
        problems = "; ".join(map(str, error.problems))
        yield Mismatch("case", "numbers", f"refused: {problems}")
        return
    except RateUndefined as error:
        yield Mismatch("case", "numbers", f"refused: no single rate fits the flows, {error.reason}")
        return
    except PlanAssistantError as error:
        yield Mismatch("case", "numbers", f"refused: {error}")
        return
    if not shape.expected.checks:
        yield Mismatch("assert", "at least one field", "none: the case checks nothing")
    given = shape.expected.given
    for check in shape.expected.checks:
        expected = given.get(check.field)
        if not expected:
            yield Mismatch(check.field, "a value to compare", "none: the field checks nothing")
            continue
        if check.field == "before":
            expected = {"rows": expected["rows"]}
        yield from compare(check.field, expected, results.get(check.field), check.tolerance)
