"""Runs golden cases and says, case by case, what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from plan_assistant.domain.errors import InputRefused, PlanAssistantError
from plan_assistant.golden.compare import Mismatch, compare
from plan_assistant.golden.files import GoldenCase, read_folder, shipped_folder
from plan_assistant.golden.loan_results import loan_results
from plan_assistant.golden.other_kinds import (
    allocation_results,
    annuity_results,
    present_value_results,
    rate_results,
    rebate_results,
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

RESULTS: dict[str, Callable[[GoldenCase], Mapping[str, Any]]] = {
    **dict.fromkeys(LOAN_KINDS, loan_results),
    "apr_eu": rate_results,
    "apr_us": rate_results,
    "fee_to_rate": rate_results,
    "annuity_function": annuity_results,
    "early_settlement_rebate": rebate_results,
    "payment_allocation": allocation_results,
    "present_value": present_value_results,
}
"""How each kind is computed. A kind that is missing here is skipped and named."""


@dataclass(slots=True)
class Report:
    """What a run of golden cases found."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    lines: list[str] = field(default_factory=list)
    """One line per case or file that did not pass."""

    @property
    def summary(self) -> str:
        """The last line of a self-test."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run_folder(folder: Path | None = None) -> Report:
    """Run every case below a folder (default: the cases shipped with the package)."""
    report = Report()
    for case in read_folder(folder or shipped_folder()):
        if isinstance(case, InputRefused):
            report.failed += 1
            report.lines.append(f"FAILED {case.source}: {'; '.join(map(str, case.problems))}")
        elif case.kind not in RESULTS:
            report.skipped += 1
            report.lines.append(f"SKIPPED {case.case_id}: unknown kind {case.kind}")
        else:
            _record(report, case)
    return report


def _record(report: Report, case: GoldenCase) -> None:
    mismatches = list(mismatches_of(case))
    if not mismatches:
        report.passed += 1
        return
    report.failed += 1
    first = mismatches[0]
    more = f" (and {len(mismatches) - 1} more)" if len(mismatches) > 1 else ""
    report.lines.append(f"FAILED {case.case_id}: {first}{more}")


def mismatches_of(case: GoldenCase) -> Iterator[Mismatch]:
    """Yield every asserted value of a case that the engine does not meet."""
    try:
        results = RESULTS[case.kind](case)
        checks = case.expected["assert"]
        for check in checks:
            name = check["field"]
            expected = case.expected[name]
            if name == "before":
                expected = {"rows": expected["rows"]}
            yield from compare(name, expected, results.get(name), Fraction(check["tolerance"]))
    except PlanAssistantError as error:
        yield Mismatch("case", "numbers", f"refused: {error}")
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        # A case from outside may be malformed in any way; that is a failure of the case, named.
        yield Mismatch("case", "golden-case/2", f"{type(error).__name__}: {error}")
